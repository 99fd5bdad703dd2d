//! What is proven of a record: its approvals, and the signatures that stand on its paper.

use serde::Serialize;

use super::timeline::minute;
use super::viewer::{Viewer, agreed};
use super::{Link, ValueView};
use crate::diagnostic::Text;
use crate::rulebook::State;
use crate::rulebook::evidence::Who;
use crate::rulebook::form::SignedBy;
use crate::say;

/// A signature block of the paper.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignatureView {
    /// Whose signature.
    pub label: String,
    /// `proven` (git shows it), `recorded` (a field of the record says so) or `ink` (blank lines).
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Date and time.
    pub time: String,
    /// Short commit.
    pub commit: String,
    /// What the evidence is, in words.
    pub evidence: String,
}

/// What history says about one approval of a record.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalView {
    /// `good`, `bad` or `wait`.
    pub class: &'static str,
    /// State in words.
    pub state: String,
    /// Who approved, if anybody.
    pub who: Option<Link>,
    /// In which role.
    pub role: Option<String>,
    /// When it entered.
    pub when: String,
    /// Short merge commit.
    pub commit: String,
    /// Strength in words.
    pub strength: String,
    /// Contributors of the version.
    pub contributors: Vec<String>,
    /// Why it does not count, in words.
    pub reasons: Vec<String>,
    /// Fields changed since (only those this audience may see are named).
    pub changed: Vec<String>,
}

impl Viewer<'_> {
    /// What history says about the approvals of a record, one for each rule that asks for one.
    pub(super) fn approvals(&self, at: (usize, usize)) -> Vec<ApprovalView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let visible = |name: &str| {
            let field = form.field(name).map(|(_, f)| f.audience);
            let section = form.sections.iter().find(|s| s.name.value == name).map(|s| s.audience);
            field.or(section).map_or(self.highest(), |audience| self.sees(audience))
        };
        let mut out = Vec::new();
        for o in self.duties_at(at) {
            let Some(verdict) = &o.outcome.approval else { continue };
            let class = match o.outcome.state {
                State::Met => "good",
                State::Open => "wait",
                _ => "bad",
            };
            let newest = entry.evidence.current();
            // What holds is told slot by slot.
            let held = if o.outcome.state == State::Met { verdict.given.len().max(1) } else { 1 };
            for nth in 0..held {
                let given = verdict.given.get(nth);
                let state = match (o.outcome.state, given) {
                    (State::Met, Some(given)) => agreed(given.proof, verdict.report),
                    (state, _) => approval_state(state),
                };
                out.push(ApprovalView {
                    class,
                    state: self.say(&state),
                    who: given.map(|g| self.person_link(&g.name)),
                    role: given.map(|g| g.role.clone()),
                    when: given.map(|g| g.at).or_else(|| newest.map(|v| v.at)).map(minute).unwrap_or_default(),
                    commit: given.map(|g| g.commit.clone()).or_else(|| newest.map(|v| v.commit.clone())).unwrap_or_default(),
                    strength: given.map(|g| self.say(&g.strength)).unwrap_or_default(),
                    contributors: verdict.contributors.clone(),
                    reasons: verdict.reasons.iter().map(|r| self.say(r)).collect(),
                    changed: verdict.changed.iter().filter(|(name, ..)| visible(name)).map(|(name, ..)| name.clone()).collect(),
                });
            }
        }
        out
    }

    /// The signatures of its form, each with the strongest proof of it that there is; ink where there is none.
    pub(super) fn signatures(&self, at: (usize, usize), approvals: &[ApprovalView]) -> Vec<SignatureView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let mut out = Vec::new();
        for spec in &form.signatures {
            let ink = SignatureView { label: spec.label.clone(), kind: "ink", ..SignatureView::default() };
            out.push(match spec.by {
                SignedBy::Ink => ink,
                SignedBy::Worker => self.submitter(at, &spec.label).unwrap_or(ink),
                SignedBy::Approval => {
                    let proven = approvals.iter().filter(|a| a.class == "good").find_map(|a| Some((a, a.who.as_ref()?)));
                    proven.map_or(ink, |(approval, who)| SignatureView {
                        label: spec.label.clone(),
                        kind: "proven",
                        name: who.text.clone(),
                        role: approval.role.clone().unwrap_or_default(),
                        time: approval.when.clone(),
                        commit: approval.commit.clone(),
                        evidence: approval.strength.clone(),
                    })
                }
                SignedBy::Field => {
                    let found = spec.field.as_ref().and_then(|name| form.field(name)).filter(|(_, f)| self.sees(f.audience));
                    let value = found.and_then(|(index, field)| entry.value(index).map(|filled| self.value(at, field, Some(&filled.data))));
                    match value {
                        Some(ValueView::Signature { name, role, date, form, place }) => {
                            let evidence = [form, place].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("  ");
                            SignatureView {
                                label: spec.label.clone(),
                                kind: "recorded",
                                name,
                                role,
                                time: date,
                                commit: String::new(),
                                evidence,
                            }
                        }
                        _ => ink,
                    }
                }
            });
        }
        out
    }

    /// Who submitted a record, from the commit in which it was complete for the first time.
    fn submitter(&self, at: (usize, usize), label: &str) -> Option<SignatureView> {
        let entry = self.judgement.world.entry(at);
        let submission = entry.evidence.submission.as_ref()?;
        let Who::Person(id) = &submission.who else { return None };
        let person = self.archive.people.by_id(id)?;
        let project = self.judgement.world.dossiers[at.0].project.as_deref();
        Some(SignatureView {
            label: label.to_owned(),
            kind: "proven",
            name: person.name.value.clone(),
            role: person.roles_on(submission.at.date(), project).next().unwrap_or_default().to_owned(),
            time: minute(submission.at),
            commit: submission.commit.clone(),
            evidence: self.say(&say!("提交记录", "commit")),
        })
    }
}

/// How an approval stands for which nobody is to be named.
fn approval_state(state: State) -> Text {
    match state {
        State::Met => say!("建库时已有（基线）", "present from the beginning (baseline)"),
        State::Void => say!("审批失效：其后又改过", "void: changed since"),
        State::Open => say!("待审批", "waiting"),
        State::Unknown => say!("无从得知", "unknown"),
        _ => say!("审批不成立", "not approved"),
    }
}
