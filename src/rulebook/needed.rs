//! What is still needed before a branch may enter the main branch: which approvals, of which those that somebody signed on the
//! branch itself are already there.

use std::collections::BTreeSet;

use super::evidence::proposed;
use super::grant::Grant;
use super::judge::Judgement;
use super::kinds::Turn;
use super::obligation::{Given, State};
use super::waiver;
use crate::archive::{Archive, config, people};
use crate::yaml::de::Spanned;

/// One record or file that waits.
#[derive(Debug)]
pub struct Needed {
    /// The record by its id, or the path of a file that the policy is made of.
    pub subject: String,
    /// Its path.
    pub path: String,
    /// The rule that asks; none where it is the policy itself.
    pub rule: Option<String>,
    /// Of each slot that nobody fills yet the roles of which one must.
    pub slots: Vec<Vec<String>>,
    /// Who has agreed already, by a signed commit on the branch.
    pub given: Vec<Given>,
}

/// Everything that waits, in the order of the records, then of the files of the policy that `touched` names.
pub fn of(archive: &Archive, judgement: &Judgement<'_>, touched: &BTreeSet<String>) -> Vec<Needed> {
    let world = &judgement.world;
    let waits = judgement.obligations.iter().filter(|o| o.outcome.state == State::Open);
    let record = |o: &super::Obligation| {
        let rule = &world.rulebook.rules[o.rule];
        let at = (o.dossier, o.entry?);
        let slots = judgement.line.newest().asks(&rule.id, Some(world.entry(at).form), rule.must.slots())?;
        if rule.must.turn() != Turn::First || slots.is_empty() {
            return None;
        }
        let entry = world.entry(at);
        let version = proposed(archive, &judgement.line, entry.record.path(), world.worker(at).as_deref(), world.today);
        let grant = version.map(|version| Grant::of(world.dossiers[o.dossier].project.as_deref(), &version, &slots));
        let missing = grant.as_ref().map_or_else(|| (0..slots.len()).collect(), |grant| grant.missing.clone());
        Some(Needed {
            subject: entry.id.clone(),
            path: entry.record.path().to_owned(),
            rule: Some(rule.id.value.clone()),
            slots: missing.into_iter().map(|slot| names(slots[slot])).collect(),
            given: grant.map(|grant| grant.given).unwrap_or_default(),
        })
    };
    let mut all: Vec<Needed> = waits.filter_map(record).collect();
    let policy = judgement.line.newest();
    let below = format!("{}/", archive.config.rulebook);
    for path in touched {
        let by = match path.as_str() {
            waiver::FILE => &policy.law.waived_by,
            people::FILE | config::FILE => &policy.law.policy_by,
            _ if path.starts_with(&below) => &policy.law.policy_by,
            _ => continue,
        };
        if by.is_empty() {
            continue;
        }
        let version = proposed(archive, &judgement.line, path, None, world.today);
        let grant = version.map(|version| Grant::of(None, &version, &[by.as_slice()]));
        let open = grant.as_ref().is_none_or(|grant| !grant.missing.is_empty());
        all.push(Needed {
            subject: path.clone(),
            path: path.clone(),
            rule: None,
            slots: open.then(|| names(by)).into_iter().collect(),
            given: grant.map(|grant| grant.given).unwrap_or_default(),
        });
    }
    all
}

fn names(slot: &[Spanned<String>]) -> Vec<String> {
    slot.iter().map(|role| role.value.clone()).collect()
}
