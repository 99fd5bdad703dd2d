//! Who changed what: the revisions of a record as events with field changes.

use serde::{Deserialize, Serialize};

use super::history::{Blobs, Change, Oid};
use super::{Archive, Record};
use crate::source::Source;
use crate::yaml::{Node, Value};

/// One commit's effect on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Index of the commit in the history.
    pub commit: u32,
    /// What happened to the file.
    pub kind: Kind,
    /// What changed in it, in the order of the record; empty when it is new or merely merged.
    pub changes: Vec<FieldChange>,
}

/// What happened to a record's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It appeared.
    Created,
    /// Its text changed.
    Changed,
    /// It went away.
    Removed,
    /// A merge brought it to the main branch, or an earlier state of it.
    Entered,
}

impl Kind {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Entered => "entered",
        }
    }
}

/// A field or section that differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name.
    pub name: String,
    /// Whether it is a section.
    pub section: bool,
    /// The old text, if it was there.
    pub from: Option<String>,
    /// The new text, if it is there.
    pub to: Option<String>,
}

/// The events of one record, oldest first. Reads the contents of its old versions, each when its event is asked for.
pub fn of(archive: &Archive, index: usize) -> impl Iterator<Item = Event> {
    let record = &archive.records[index];
    archive.history.changes(record.path()).iter().map(move |change| event(archive, index, record, change))
}

/// One event of a record, by its place among them.
pub fn nth(archive: &Archive, index: usize, nth: usize) -> Option<Event> {
    let record = &archive.records[index];
    archive.history.changes(record.path()).get(nth).map(|change| event(archive, index, record, change))
}

fn event(archive: &Archive, index: usize, record: &Record, change: &Change) -> Event {
    let history = &archive.history;
    let merged = history.commits[change.commit as usize].parents.len() > 1;
    let kind = match (change.old, change.new) {
        _ if merged => Kind::Entered,
        (None, _) => Kind::Created,
        (Some(_), None) => Kind::Removed,
        _ => Kind::Changed,
    };
    // What is new altogether needs no comparison, and most records are written once.
    let changes = match (kind, change.old, change.new) {
        (Kind::Changed, Some(old), Some(new)) => archive.changed(index, record, old, new),
        _ => Vec::new(),
    };
    Event { commit: change.commit, kind, changes }
}

/// The record as it stood in one version.
pub fn version(blobs: &Blobs, path: &str, blob: Oid) -> Option<Record> {
    let bytes = blobs.text(blob)?;
    let text = String::from_utf8_lossy(&bytes);
    Some(Record::parse(&Source::new(path, text.trim_start_matches('\u{feff}'))).0)
}

/// What differs between two versions of a record.
pub fn between(old: Option<&Record>, new: Option<&Record>) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let pairs = |record: Option<&Record>| -> Vec<(String, bool, String)> {
        let Some(record) = record else { return Vec::new() };
        let fields = record.fields.as_map().unwrap_or_default().iter();
        let fields = fields.filter(|(_, node)| !node.is_empty()).map(|(key, node)| (key.text.clone(), false, flat(node)));
        let sections = record.sections.iter().map(|s| (s.name.clone(), true, record.source.slice(s.body).trim().replace("\r\n", "\n")));
        fields.chain(sections.filter(|(.., text)| !text.is_empty())).collect()
    };
    let (before, after) = (pairs(old), pairs(new));
    let find = |list: &[(String, bool, String)], name: &str, section: bool| {
        list.iter().find(|(n, s, _)| n == name && *s == section).map(|(.., text)| text.clone())
    };
    for (name, section, text) in &after {
        let from = find(&before, name, *section);
        if from.as_ref() != Some(text) {
            changes.push(FieldChange { name: name.clone(), section: *section, from, to: Some(text.clone()) });
        }
    }
    for (name, section, text) in &before {
        if find(&after, name, *section).is_none() {
            changes.push(FieldChange { name: name.clone(), section: *section, from: Some(text.clone()), to: None });
        }
    }
    changes
}

/// A value on one line, independent of how it was written.
pub fn flat(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, .. } => text.trim().to_owned(),
        Value::List(items) => items.iter().map(flat).collect::<Vec<_>>().join("; "),
        Value::Map(pairs) => pairs.iter().map(|(key, node)| format!("{}: {}", key.text, flat(node))).collect::<Vec<_>>().join(", "),
    }
}
