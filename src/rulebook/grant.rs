//! Who agreed to one entry into the main branch, slot by slot.
//!
//! A slot is a choice of roles of which somebody must hold one. One person fills one slot, and nobody who
//! had a hand in the text fills any.

use std::collections::BTreeSet;

use super::evidence::{Endorsement, Version, Who};
use super::obligation::Given;
use super::rule::Rule;
use crate::archive::config::Strength;
use crate::diagnostic::Text;
use crate::say;
use crate::yaml::de::Spanned;

/// What came of one entry.
#[derive(Debug)]
pub struct Grant {
    /// The agreements that count, in the order of the slots.
    pub given: Vec<Given>,
    /// Why it is not granted.
    pub reasons: Vec<Text>,
    /// Whether every slot is filled and nothing stands against it.
    pub approved: bool,
    /// Whether anybody tried at all.
    pub tried: bool,
    /// The slots that nobody fills, as indices.
    pub missing: Vec<usize>,
}

impl Grant {
    /// Judges an entry of a record of `form` by what a rule asked for before it; none where it asked for nothing yet.
    pub fn under(rule: &Rule, form: usize, project: Option<&str>, version: &Version) -> Option<Self> {
        let slots = version.policy.asks(&rule.id, Some(form), rule.must.slots())?;
        Some(Self::of(project, version, &slots))
    }

    /// Judges an entry. The roles that count are those of `project` and of the whole organisation on its day.
    pub fn of(project: Option<&str>, version: &Version, slots: &[&[Spanned<String>]]) -> Self {
        let people = &version.policy.people;
        let day = version.at.date();
        let mut reasons: Vec<Text> = version.flaws.iter().map(|flaw| flaw.text()).collect();
        for who in &version.contributors {
            if let Who::Unknown(email) = who {
                reasons.push(say!(
                    "参与者 {email} 不在人员登记中，无法说明审批人与填写人不是同一人",
                    "contributor {email} is not registered: separation of duties cannot be shown"
                ));
            }
        }
        let mut explained = Vec::new();
        let mut candidates: Vec<(&str, Vec<&str>, &Endorsement)> = Vec::new();
        let least = version.policy.settings.strength;
        // Of several of one person the strongest counts.
        let mut endorsements: Vec<&Endorsement> = version.endorsements.iter().collect();
        endorsements.sort_by_key(|endorsement| std::cmp::Reverse(endorsement.strength));
        for endorsement in endorsements {
            match &endorsement.who {
                Who::Unknown(email) => explained.push(say!("审批人 {email} 不在人员登记中", "approver {email} is not registered")),
                Who::Person(id) => {
                    let Some(person) = people.by_id(id) else { continue };
                    let name = &person.name.value;
                    if version.contributors.contains(&endorsement.who) {
                        explained.push(say!("{name} 自己参与了填写，不能审批", "{name} had a hand in it and cannot approve it"));
                    } else if endorsement.strength < least {
                        if !candidates.iter().any(|(own, ..)| own == id) {
                            explained.push(too_weak(name, endorsement.strength, least));
                        }
                    } else if !candidates.iter().any(|(own, ..)| own == id) {
                        candidates.push((id, person.roles_on(day, project).collect(), endorsement));
                    }
                }
            }
        }
        let fits = |roles: &[&str], slot: &[Spanned<String>]| -> Option<String> {
            slot.iter()
                .find_map(|wanted| roles.iter().find(|held| version.policy.law.stands_in(held, wanted)).map(|held| (*held).to_owned()))
        };
        let fitting: Vec<Vec<usize>> =
            slots.iter().map(|slot| (0..candidates.len()).filter(|&c| fits(&candidates[c].1, slot).is_some()).collect()).collect();
        let chosen = assign(&fitting);
        let mut given = Vec::new();
        for (slot, filler) in slots.iter().zip(&chosen) {
            match filler {
                Some(at) => {
                    let (id, roles, by) = &candidates[*at];
                    given.push(Given {
                        name: people.by_id(id).map_or_else(String::new, |p| p.name.value.clone()),
                        role: fits(roles, slot).unwrap_or_default(),
                        commit: version.commit.clone(),
                        at: version.at,
                        proof: by.strength,
                        strength: by.words(),
                    });
                }
                None => {
                    let roles = slot.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("或");
                    for (_, (id, held, _)) in candidates.iter().enumerate().filter(|(at, _)| !chosen.contains(&Some(*at))) {
                        let name = people.by_id(id).map_or(*id, |p| p.name.value.as_str());
                        let held = if held.is_empty() { "—".to_owned() } else { held.join("、") };
                        explained.push(say!("{name} 当日的角色是 {held}，不是 {roles}", "{name} was {held} on that day, not {roles}"));
                    }
                    explained.push(say!("缺 {roles} 的审批", "the approval of {roles} is missing"));
                }
            }
        }
        let approved = version.baseline || chosen.iter().all(Option::is_some) && reasons.is_empty();
        if !approved {
            reasons.append(&mut explained);
        }
        let missing = (0..slots.len()).filter(|&slot| chosen[slot].is_none()).collect();
        Self { given, reasons, approved, tried: !version.endorsements.is_empty(), missing }
    }
}

/// Why an agreement does not count that is only said by others.
fn too_weak(name: &str, strength: Strength, least: Strength) -> Text {
    let words = |strength: Strength| match strength {
        Strength::Claimed => say!("合并者所称", "the merger's word"),
        Strength::ForgeSigned => say!("平台签名", "the forge's signature"),
        Strength::PersonSigned => say!("本人签名", "their own signature"),
    };
    let (has, wants) = (words(strength), words(least));
    Text {
        zh: format!("{name} 的同意只凭{}，这里要凭{}", has.zh, wants.zh),
        en: format!("the agreement of {name} rests on {}, and {} is asked for", has.en, wants.en),
    }
}

/// Gives each slot one person, nobody two slots, as many slots as possible (augmenting paths).
fn assign(fitting: &[Vec<usize>]) -> Vec<Option<usize>> {
    fn place(slot: usize, fitting: &[Vec<usize>], holder: &mut Vec<Option<usize>>, seen: &mut BTreeSet<usize>) -> bool {
        for &person in &fitting[slot] {
            if !seen.insert(person) {
                continue;
            }
            let other = holder.iter().position(|h| *h == Some(person));
            if other.is_none_or(|other| place(other, fitting, holder, seen)) {
                holder[slot] = Some(person);
                return true;
            }
        }
        false
    }
    let mut holder = vec![None; fitting.len()];
    for slot in 0..fitting.len() {
        place(slot, fitting, &mut holder, &mut BTreeSet::new());
    }
    // A person moved to another slot leaves the old one; keep the last holder only.
    let mut seen = BTreeSet::new();
    for slot in (0..holder.len()).rev() {
        if let Some(person) = holder[slot]
            && !seen.insert(person)
        {
            holder[slot] = None;
        }
    }
    holder
}

#[cfg(test)]
mod tests {
    use super::assign;

    #[test]
    fn one_person_fills_one_slot() {
        assert_eq!(assign(&[vec![0], vec![0]]).iter().flatten().count(), 1);
        assert_eq!(assign(&[vec![0, 1], vec![0]]), [Some(1), Some(0)]);
        assert_eq!(assign(&[]), []);
    }
}
