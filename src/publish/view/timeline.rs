//! What happened to a record, as one audience may read it.

use chrono::{NaiveDateTime, Timelike};
use serde::Serialize;

use super::Link;
use super::change::{Part, parts};
use super::viewer::Viewer;
use crate::archive::encryption;
use crate::archive::history::{Commit, Position};
use crate::archive::timeline::{self, Event, FieldChange, Kind};
use crate::diagnostic::Text;
use crate::rulebook::encryption::is_marked;
use crate::rulebook::form::Form;
use crate::say;

/// Something that happened, read from git.
#[derive(Debug, Clone, Serialize)]
pub struct EventView {
    /// Date and time.
    pub when: String,
    /// Name of the person, or the bare address when nobody is known under it.
    pub who: String,
    /// Role on that day.
    pub role: Option<String>,
    /// `created`, `changed`, `removed`, `entered`, `approved`.
    pub kind: &'static str,
    /// What happened, in words.
    pub what: String,
    /// The record, linked.
    pub subject: Link,
    /// Other records to which the same commit did the same.
    pub more: Vec<Link>,
    /// Short commit.
    pub commit: String,
    /// First line of its message.
    pub summary: String,
    /// Fields changed.
    pub changes: Vec<ChangeView>,
}

/// One changed field or section.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeView {
    /// Field or section.
    pub name: String,
    /// Old value; empty when it was not there; `None` when this audience may not see it.
    pub from: Option<String>,
    /// New value.
    pub to: Option<String>,
    /// What changed between the two, in the order of the text; none where they read better one beside the other.
    pub parts: Vec<Part>,
}

/// A time as it is printed, to the minute.
pub(super) fn minute(at: NaiveDateTime) -> String {
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// Longest text of one side of a change, in characters.
const CHANGE: usize = 160;

impl Viewer<'_> {
    /// Who changed what in a record, oldest first. Old values are values too.
    pub fn timeline(&self, at: (usize, usize)) -> Vec<EventView> {
        timeline::of(self.archive, self.judgement.world.entry(at).index).map(|event| self.event(at, &event)).collect()
    }

    /// One thing that happened to a record.
    pub(super) fn event(&self, at: (usize, usize), event: &Event) -> EventView {
        let form = self.form(self.judgement.world.entry(at));
        let project = self.judgement.world.dossiers[at.0].project.as_deref();
        let commit = &self.archive.history.commits[event.commit as usize];
        let when = commit.author.at.local(self.archive.config.zone());
        let person = self.archive.people.addressed(&commit.author.email);
        let what = match event.kind {
            Kind::Created => say!("写成", "written"),
            Kind::Changed => say!("修改", "changed"),
            Kind::Removed => say!("删除", "removed"),
            Kind::Entered => say!("合并进主分支", "merged into the main branch"),
        };
        let direct = matches!(commit.position, Position::Main(_)) && event.kind != Kind::Entered;
        let what = if direct { say!("{what}（直接进入主分支）", "{what} (directly on the main branch)"; what) } else { what };
        let unknown = || if self.highest() { commit.author.email.clone() } else { "—".to_owned() };
        EventView {
            when: minute(when),
            who: person.map_or_else(unknown, |person| person.name.value.clone()),
            role: person.and_then(|person| person.roles_on(when.date(), project).next().map(str::to_owned)),
            kind: event.kind.word(),
            what: self.say(&what),
            subject: self.record_link(at),
            more: Vec::new(),
            commit: commit.id.short(),
            summary: self.summary(at.0, commit),
            changes: event.changes.iter().filter_map(|change| self.change(at.0, form, change)).collect(),
        }
    }

    /// What a commit says of itself. That is free text; who reads it is decided by the rulebook, and is only the highest
    /// audience where it is not.
    fn summary(&self, dossier: usize, commit: &Commit) -> String {
        if !self.sees(self.judgement.world.rulebook.settings.messages) {
            return String::new();
        }
        self.disguised(dossier, commit.summary().to_owned())
    }

    /// Whether what changed is encrypted, or is by now: history may hold it in clear from before.
    fn is_secret(&self, dossier: usize, form: &Form, change: &FieldChange) -> bool {
        let marked = is_marked(form, &change.name, change.section);
        let sides = [&change.from, &change.to].into_iter().flatten();
        marked && self.archive.keys.public.contains_key(&self.judgement.world.dossiers[dossier].path)
            || sides.into_iter().any(|text| encryption::shown(text).is_some())
    }

    /// A changed field or section; nothing for those who may not see it.
    fn change(&self, dossier: usize, form: &Form, change: &FieldChange) -> Option<ChangeView> {
        let audience = if change.section {
            form.sections.iter().find(|s| s.name.value == change.name).map(|s| s.audience)
        } else {
            form.field(&change.name).map(|(_, f)| f.audience)
        };
        if !audience.map_or(self.highest(), |audience| self.sees(audience)) {
            return None;
        }
        // A table is told as one text, in which its columns cannot be kept apart.
        let columns = form.field(&change.name).filter(|_| !change.section).map_or(&[][..], |(_, field)| &field.columns);
        if columns.iter().any(|column| !self.sees(column.audience)) {
            return Some(ChangeView { name: change.name.clone(), from: None, to: None, parts: Vec::new() });
        }
        if self.is_secret(dossier, form, change) {
            let shown = |text: &Option<String>, words: Text| text.is_some().then(|| self.say(&words));
            let to = if change.from.is_some() {
                say!("（已加密，内容有改动）", "(encrypted, its content changed)")
            } else {
                encryption::placeholder()
            };
            let from = shown(&change.from, encryption::placeholder());
            return Some(ChangeView { name: change.name.clone(), from, to: shown(&change.to, to), parts: Vec::new() });
        }
        let text = |text: &Option<String>| self.disguised(dossier, text.clone().unwrap_or_default());
        let (from, to) = (text(&change.from), text(&change.to));
        Some(ChangeView { name: change.name.clone(), parts: parts(&from, &to), from: Some(short(&from)), to: Some(short(&to)) })
    }
}

/// Events in the same order, where one commit did the same to several records and there is no more to say, as one.
pub(super) fn joined(events: impl IntoIterator<Item = EventView>) -> Vec<EventView> {
    let mut out: Vec<EventView> = Vec::new();
    let step = |event: &EventView| !event.commit.is_empty() && event.changes.is_empty();
    for event in events {
        match out.last_mut() {
            Some(last)
                if step(last) && step(&event) && (&last.commit, last.kind, &last.what) == (&event.commit, event.kind, &event.what) =>
            {
                last.more.push(event.subject);
            }
            _ => out.push(event),
        }
    }
    out
}

/// One side of a change, cut where it is long.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() > CHANGE { text.chars().take(CHANGE - 1).chain(['…']).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_commit_did_to_several_records_is_one_event() {
        let event = |subject: &str, commit: &str, what: &str, changed: bool| EventView {
            when: "2026-06-17 09:05".into(),
            who: "甲".into(),
            role: None,
            kind: "entered",
            what: what.into(),
            subject: Link { text: subject.into(), url: None },
            more: Vec::new(),
            commit: commit.into(),
            summary: String::new(),
            changes: if changed { vec![ChangeView { name: String::new(), from: None, to: None, parts: Vec::new() }] } else { Vec::new() },
        };
        let events = [
            event("C01", "a", "合并", false),
            event("C02", "a", "合并", false),
            event("C03", "a", "合并", true),
            event("C04", "a", "合并", false),
            event("C05", "a", "审批", false),
            event("C06", "b", "审批", false),
            event("C07", "", "写成", false),
            event("C08", "", "写成", false),
        ];
        let said = |event: EventView| {
            let names: Vec<String> = std::iter::once(event.subject).chain(event.more).map(|link| link.text).collect();
            names.join(" ")
        };
        let said: Vec<String> = joined(events).into_iter().map(said).collect();
        assert_eq!(said, ["C01 C02", "C03", "C04", "C05", "C06", "C07", "C08"]);
    }
}
