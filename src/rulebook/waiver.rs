//! Waivers: exceptions that the procedure allows somebody to grant.
//!
//! ```yaml
//! waivers:
//!   - { rule: R31-3a, subject: NS-C2026-003, reason: …, approval: 2026-12 号, from: 2026-03-01, until: 2026-12-31 }
//! ```
//!
//! The subject is a record, a dossier, or a project with all its dossiers. Before `from`, where that is written, and after
//! `until` an entry has no effect.
//!
//! Where the rulebook names `waived-by` roles, an entry counts only if it entered the main branch in these
//! very words by a merge that one of them approved.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

/// The name of the file.
pub const FILE: &str = "waivers.yaml";

/// One exception.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waiver {
    /// The rule that is waived.
    pub rule: Spanned<String>,
    /// The record, dossier or project it is waived for.
    pub subject: Spanned<String>,
    /// Why.
    pub reason: String,
    /// Reference of the approval.
    pub approval: String,
    /// First day; from its approval on when none is written.
    #[serde(default)]
    pub from: Option<Spanned<NaiveDate>>,
    /// Last day.
    pub until: Spanned<NaiveDate>,
}

impl Waiver {
    /// Whether it is for a subject of that rule: the record `id` where there is one, in a dossier of that number and project.
    pub fn is_for(&self, rule: &str, id: Option<&str>, number: &str, project: Option<&str>) -> bool {
        let subject = self.subject.value.as_str();
        self.rule.value == rule && (id == Some(subject) || subject == number || project == Some(subject))
    }

    /// Whether two entries say the same, wherever they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let words = |waiver: &Self| {
            let Self { rule, subject, reason, approval, from, until } = waiver.clone();
            (rule.value, subject.value, reason, approval, from.map(|from| from.value), until.value)
        };
        words(self) == words(other)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waivers: Option<Node>,
}

/// Reads the file and names what is unknown or has run out.
pub fn read(source: &SharedSource, today: NaiveDate, rules: &dyn Fn(&str) -> bool) -> (Vec<Waiver>, Vec<Diagnostic>) {
    let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
    let list = match de::read::<File>(&node, source, "W101") {
        Ok(file) => file.waivers.unwrap_or_else(Node::empty_map),
        Err(d) => {
            found.push(d);
            return (Vec::new(), found);
        }
    };
    if list.is_empty() {
        return (Vec::new(), found);
    }
    let mut waivers: Vec<Waiver> = de::read_each(&list, source, "W101", &mut found);
    waivers.retain(|waiver| {
        let (rule, until) = (&waiver.rule.value, waiver.until.value);
        if !rules(rule) {
            found.push(
                Diagnostic::error("W101", Place::new(source, waiver.rule.span), say!("没有规则 {rule}", "there is no rule {rule}"))
                    .key(rule),
            );
            return false;
        }
        if let Some(from) = &waiver.from {
            if from.value > until {
                let (from, place) = (from.value, Place::new(source, from.span));
                found.push(
                    Diagnostic::error(
                        "W101",
                        place,
                        say!("豁免自 {from} 起、至 {until} 止，起晚于止", "the waiver begins on {from} and ends on {until}"),
                    )
                    .key(rule),
                );
                return false;
            }
            if from.value > today {
                return false;
            }
        }
        if until < today {
            found.push(
                Diagnostic::warning(
                    "W101",
                    Place::new(source, waiver.until.span),
                    say!("对 {rule} 的豁免已于 {until} 到期", "the waiver of {rule} ran out on {until}"),
                )
                .help(say!("续报批准，或删去这一条", "have it renewed or delete it"))
                .key(rule),
            );
            return false;
        }
        true
    });
    (waivers, found)
}
