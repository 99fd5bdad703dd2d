//! `approval`: somebody with the right role, who had no hand in it, agreed to exactly this text.
//!
//! ```yaml
//! approval: { by: [初级督导, 督导], not: [author], covers: all }
//! approval: { slots: [[项目主管], [督导]], act: report }
//! approval: { by: [项目主管, 督导助理], covers: { except: [筹备日程, §审核意见] } }
//! ```
//!
//! Read from merges on the main branch (see [`crate::rulebook::evidence`]). One person fills one
//! slot. A later change of what the approval covers makes it void.

use serde::Deserialize;

use super::{Must, Turn};
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::evidence::{Version, Who};
use crate::rulebook::form::Form;
use crate::rulebook::grant::Grant;
use crate::rulebook::obligation::{Approval as Verdict, Given, Outcome, State};
use crate::say;
use crate::yaml::Node;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Approval {
    #[serde(default)]
    by: Vec<Spanned<String>>,
    #[serde(default)]
    slots: Option<Vec<Vec<Spanned<String>>>>,
    /// Who may not approve; contributors never may, `author` says so in words.
    #[serde(default)]
    not: Vec<Excluded>,
    #[serde(default)]
    covers: Covers,
    #[serde(default)]
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Excluded {
    Author,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    #[default]
    Approve,
    Report,
}

#[derive(Default, Deserialize)]
#[serde(try_from = "Node")]
enum Covers {
    #[default]
    All,
    Fields(Vec<String>),
    Except(Vec<String>),
}

impl TryFrom<Node> for Covers {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        let names = |node: &Node| Some(node.as_list()?.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect());
        match node.as_str() {
            Some("all") => Ok(Self::All),
            _ => names(&node)
                .map(Self::Fields)
                .or_else(|| names(node.get("except")?).map(Self::Except))
                .ok_or_else(|| "`covers` is all, a list of fields or { except: [fields] }".to_owned()),
        }
    }
}

impl Approval {
    fn all_slots(&self) -> Vec<&[Spanned<String>]> {
        let one = (!self.by.is_empty()).then_some(self.by.as_slice());
        one.into_iter().chain(self.slots.iter().flatten().map(Vec::as_slice)).collect()
    }

    /// Judges an entry by what was asked for before it; none where nothing was.
    fn version(&self, context: &Context<'_, '_>, version: &Version) -> Option<Grant> {
        let dossier = &context.world.dossiers[context.dossier];
        let (project, form) = (dossier.project.as_deref(), context.own.map(|own| dossier.entries[own].form));
        let slots = version.policy.asks(context.rule, form, self.all_slots())?;
        Some(Grant::of(project, version, &slots))
    }

    /// Fields and sections changed after an entry, of those covered.
    fn changed(&self, form: &Form, version: &Version) -> Vec<(String, Option<String>, Option<String>)> {
        let named = |list: &[String], name: &str| list.iter().any(|own| own.trim_start_matches('§') == name);
        let remark = |name: &str| form.field(name).is_some_and(|(_, field)| field.remark);
        let covered = |name: &str| match &self.covers {
            Covers::All => !remark(name),
            Covers::Fields(list) => named(list, name),
            Covers::Except(list) => !named(list, name) && !remark(name),
        };
        version
            .changed_since
            .iter()
            .filter(|change| covered(&change.name))
            .map(|change| (change.name.clone(), change.from.clone(), change.to.clone()))
            .collect()
    }
}

impl Must for Approval {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let Some(entry) = context.entry() else { return Outcome::of(State::NotApplicable) };
        let (evidence, form) = (&entry.evidence, context.world.form(entry));
        if !evidence.known {
            return Outcome::of(State::Unknown);
        }
        let report = self.act == Act::Report;
        let people = |version: &Version| {
            let name = |who: &Who| match who {
                Who::Person(id) => context.world.people.by_id(id).map_or_else(|| id.clone(), |p| p.name.value.clone()),
                Who::Unknown(email) => email.clone(),
            };
            version.contributors.iter().map(name).collect::<Vec<_>>()
        };
        let Some(newest) = evidence.current() else {
            return Outcome { approval: Some(Box::new(Verdict { report, ..Verdict::default() })), ..Outcome::of(State::Open) };
        };
        // The rule came later than the text.
        let Some(judged) = self.version(context, newest) else { return Outcome::of(State::NotApplicable) };
        let mut verdict = Verdict {
            report,
            given: judged.given.clone(),
            reasons: judged.reasons.clone(),
            contributors: people(newest),
            changed: Vec::new(),
        };
        let at = |given: &Given| {
            let (name, role, commit, when, strength) =
                (&given.name, &given.role, &given.commit, given.at.format("%Y-%m-%d %H:%M"), &given.strength);
            Text {
                zh: format!("{name}（{role}）于 {when} {}，提交 {commit}，{}", if report { "收到" } else { "审批" }, strength.zh),
                en: format!(
                    "{} by {name} ({role}) at {when}, commit {commit}, {}",
                    if report { "received" } else { "approved" },
                    strength.en
                ),
            }
        };
        let baseline = say!("建库时已有，审批以纸质为准（基线）", "present when the archive began (baseline)");
        // The approval that stands is the first since which nothing that it covers has changed.
        let versions = &evidence.versions;
        let all: Vec<(&Version, Grant)> =
            versions.iter().filter_map(|v| Some((v, self.version(context, v)?))).filter(|(_, j)| j.approved).collect();
        if let Some((version, judged)) = all.iter().find(|(version, _)| self.changed(form, version).is_empty()) {
            verdict.given.clone_from(&judged.given);
            let mut outcome = Outcome { done: Some(version.at.date()), approval: Some(Box::new(verdict)), ..Outcome::of(State::Met) };
            outcome.facts = judged.given.iter().map(at).collect();
            if version.baseline {
                outcome.facts.push(baseline);
            }
            if version.commit != newest.commit || evidence.pending {
                outcome.facts.push(say!("其后的修改不在审批范围内", "what changed since is not covered by the approval"));
            }
            return outcome;
        }
        if let Some((earlier, before)) = all.last() {
            let changed = self.changed(form, earlier);
            verdict.given.clone_from(&before.given);
            let waits = if judged.approved && evidence.pending {
                // What stands on the main branch is approved; the change is on its way.
                Some(say!("主分支上的版本已批，之后的改动尚待审批", "the version on the main branch is approved, the change since waits"))
            } else {
                // What stands there is not, and a branch brings another text to be approved instead.
                evidence.proposed.then(|| {
                    say!(
                        "主分支上的版本审批已失效，分支上的版本待审批",
                        "the approval on the main branch is void, the version on the branch waits"
                    )
                })
            };
            if let Some(waits) = waits {
                verdict.changed = changed;
                return Outcome { approval: Some(Box::new(verdict)), ..Outcome::of(State::Open) }.fact(waits);
            }
            let names = changed.iter().map(|(name, ..)| format!("「{name}」")).collect::<Vec<_>>().join("、");
            let when = earlier.at.date();
            let mut outcome = Outcome::of(State::Void);
            let changed_after =
                say!("{when} 审批之后又改了 {names}，原审批失效", "{names} changed after the approval of {when}, which is void");
            outcome.message = Some(Box::new(changed_after));
            outcome.facts = before.given.iter().map(at).chain(judged.reasons).collect();
            verdict.changed = changed;
            outcome.approval = Some(Box::new(verdict));
            return outcome;
        }
        if evidence.pending {
            return Outcome { approval: Some(Box::new(verdict)), ..Outcome::of(State::Open) };
        }
        let mut outcome = Outcome::of(State::Broken);
        outcome.message = Some(Box::new(match judged.reasons.first() {
            Some(reason) if judged.tried => say!("审批不成立，{reason}", "the approval does not hold: {reason}"; reason),
            _ => say!("已进入主分支，但没有审批的证据", "on the main branch without evidence of approval"),
        }));
        outcome.facts.clone_from(&judged.reasons);
        outcome.approval = Some(Box::new(verdict));
        outcome
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for role in self.all_slots().into_iter().flatten() {
            checker.role(role);
        }
        if let Covers::Fields(fields) | Covers::Except(fields) = &self.covers {
            for field in fields {
                checker.own_field(field);
            }
        }
        // An empty list of slots is meant: it must arrive by a merge, whoever makes it.
        if self.all_slots().is_empty() && self.slots.is_none() {
            checker.wrong(say!("要写 by 或 slots", "write by or slots"));
        }
        let _ = &self.not;
    }

    fn says(&self) -> Vec<Text> {
        let slots = self
            .all_slots()
            .iter()
            .map(|slot| slot.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("或"))
            .collect::<Vec<_>>()
            .join("，以及 ");
        let mut says = vec![match self.act {
            _ if slots.is_empty() => say!("须经合并请求进入主分支", "to enter the main branch by a merge"),
            Act::Approve => say!("须经 {slots} 审批；同线更高级可代", "to be approved by {slots}; a higher rank of the line may stand in"),
            Act::Report => say!("须报 {slots} 收悉", "to be received by {slots}"),
        }];
        says.push(say!("填写过的人不能审批；一人只算一个审批", "nobody who had a hand in it can approve; one person counts once"));
        says.push(match &self.covers {
            Covers::All => say!("审批之后再改任何栏目，审批即失效", "any later change makes the approval void"),
            Covers::Fields(fields) => {
                let list = fields.join("、");
                say!("审批之后再改这些栏目，审批即失效：{list}", "a later change of these makes the approval void: {list}")
            }
            Covers::Except(fields) => {
                let list = fields.join("、");
                say!(
                    "审批之后再改其他栏目，审批即失效；可改的是：{list}",
                    "a later change of anything but these makes the approval void: {list}"
                )
            }
        });
        says
    }

    fn slots(&self) -> Vec<&[Spanned<String>]> {
        self.all_slots()
    }

    fn asks_for_opinion(&self) -> bool {
        true
    }

    fn turn(&self) -> Turn {
        Turn::First
    }
}
