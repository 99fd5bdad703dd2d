//! What a push to the main branch must have before the branch moves: every record that it changes readable, and approved where
//! the rulebook asks for that; every change of the policy approved and sound.
//!
//! Deadlines and what is missing do not stand in the way: what is late has to be kept all the same.

use std::collections::BTreeSet;

use super::judge::Judgement;
use super::kinds::Turn;
use super::line::Refused;
use super::obligation::State;
use crate::archive::Archive;
use crate::archive::history::Entry;
use crate::diagnostic::{Diagnostic, Language, Text};
use crate::say;

/// Why something of a push is refused.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The record by its id, the path of another file, or the place of what is wrong.
    pub subject: String,
    /// The rule or code.
    pub code: String,
    /// What is wrong.
    pub message: Text,
}

impl Refusal {
    fn new(subject: &str, code: &str, message: Text) -> Self {
        Self { subject: subject.to_owned(), code: code.to_owned(), message }
    }

    /// The refusal for a finding.
    pub fn of(finding: &Diagnostic) -> Self {
        let place = finding.place.as_ref().map_or_else(String::new, |place| {
            let at = place.source.position(place.span.start);
            format!("{}:{}:{}", place.path(), at.line, at.column)
        });
        Self::new(&place, &finding.code, finding.message.clone())
    }
}

/// The records and files among `touched`, changed by commits of the main line after the place `since`, that may not enter as they
/// are, sorted.
pub fn refusals(archive: &Archive, judgement: &Judgement<'_>, touched: &BTreeSet<String>, since: u32) -> Vec<Refusal> {
    let (world, history) = (&judgement.world, &archive.history);
    let mut found: Vec<Refusal> = Vec::new();
    for path in touched {
        let last = history.changes(path).last().filter(|change| change.new.is_some());
        if last.is_some_and(|change| matches!(change.entry, Entry::Link | Entry::Module)) {
            let text = say!("符号链接或子模块，档案里只放真实文件", "a link or submodule; an archive holds real files");
            found.push(Refusal::new(path, "A104", text));
        }
    }
    for o in &judgement.obligations {
        let rule = &world.rulebook.rules[o.rule];
        let Some(entry) = o.entry.map(|entry| world.entry((o.dossier, entry))) else { continue };
        if rule.must.turn() != Turn::First || !touched.contains(entry.record.path()) {
            continue;
        }
        if matches!(o.outcome.state, State::Broken | State::Void) {
            found.push(Refusal::new(&entry.id, &rule.id, told(o.outcome.said(), &o.outcome.facts)));
        }
    }
    for gone in judgement.gone.iter().filter(|gone| touched.contains(&gone.path)) {
        if let Some((at, grant)) = gone.grants.iter().find(|(_, grant)| !grant.approved) {
            let text = match gone.relabelled {
                None => say!("被删除，没有审批", "removed without approval"),
                Some(_) => say!("改成了另一种表，没有审批", "made a record of another form without approval"),
            };
            found.push(Refusal::new(&gone.id, &world.rulebook.rules[*at].id, told(text, &grant.reasons)));
        }
    }
    for decided in judgement.line.decided.iter().filter(|decided| decided.place > since) {
        let text = match &decided.refused {
            None => continue,
            Some(Refused::Unapproved(reasons)) => told(say!("改动没有获得批准", "the change is not approved"), reasons),
            Some(Refused::Unreadable(why)) => why.clone(),
        };
        found.push(Refusal::new(&decided.path, "P101", text));
    }
    found.sort_by(|a, b| (&a.subject, &a.code).cmp(&(&b.subject, &b.code)));
    found.dedup();
    found
}

/// What is wrong, with the reasons that it does not name itself.
fn told(what: Text, reasons: &[Text]) -> Text {
    let more = |language: Language| {
        let said = what.in_language(language);
        let new = reasons.iter().map(|reason| reason.in_language(language)).filter(|reason| !said.contains(reason));
        std::iter::once(said).chain(new).collect::<Vec<_>>().join(language.semicolon())
    };
    Text { zh: more(Language::Zh), en: more(Language::En) }
}
