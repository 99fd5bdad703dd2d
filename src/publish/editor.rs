//! What an editor shows while somebody writes a record: what can stand at the cursor, and what stands there.
//!
//! A text that is being written is rarely right, so the place of the cursor is found from its lines, not from what could be read.

mod about;
mod place;
mod suggest;

use chrono::NaiveDate;

use crate::archive::{Archive, Record};
use crate::diagnostic::{Language, Text};
use crate::rulebook::Rulebook;
use crate::rulebook::form::{Field, Form};
use crate::source::{SharedSource, Source, Span};

pub use place::Spot;

/// A record that is being written.
pub struct Draft<'d> {
    /// The facts around it.
    pub archive: &'d Archive,
    /// The law.
    pub rulebook: &'d Rulebook,
    /// The language of what is said.
    pub language: Language,
    /// The day as of which somebody writes.
    pub today: NaiveDate,
    source: SharedSource,
    record: Record,
    form: Option<usize>,
}

/// Something that can stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What it is called.
    pub label: String,
    /// What there is to say of it, on one line.
    pub detail: String,
    /// The bytes that it takes the place of.
    pub span: Span,
    /// What is written.
    pub text: String,
    /// What it is.
    pub kind: Suggested,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggested {
    /// The name of a field, a part or a column.
    Name,
    /// A value.
    Value,
    /// A record or a form.
    Reference,
    /// A section.
    Section,
}

impl<'d> Draft<'d> {
    /// Of the text at `path`.
    pub fn new(archive: &'d Archive, rulebook: &'d Rulebook, language: Language, today: NaiveDate, path: &str, text: &str) -> Self {
        let source = Source::new(path, text);
        let (record, _) = Record::parse(&source);
        let form = rulebook.form_of(&record);
        Self { archive, rulebook, language, today, source, record, form }
    }

    /// Its text.
    pub fn source(&self) -> &SharedSource {
        &self.source
    }

    fn form(&self) -> Option<&'d Form> {
        self.form.map(|form| &self.rulebook.forms[form])
    }

    fn say(&self, text: Text) -> String {
        text.in_language(self.language).to_owned()
    }

    /// The field of a name, or the column `TABLE.COLUMN`.
    fn field(&self, name: &str) -> Option<&'d Field> {
        self.form()?.field(name).map(|(_, field)| field)
    }

    fn column(&self, table: &str, name: &str) -> Option<&'d Field> {
        self.field(table)?.columns.iter().find(|column| column.name.value == name)
    }

    /// The records of the same dossier, with their names.
    fn neighbours(&self) -> impl Iterator<Item = (&'d Record, &'d str)> + '_ {
        let folder = self.source.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = self.archive.records.iter().filter(move |record| record.path().rsplit_once('/').is_some_and(|(own, _)| own == folder));
        own.map(|record| (record, record.stem()))
    }

    /// The record that a reference means.
    fn referred(&self, name: &str) -> Option<&'d Record> {
        let beside = self.neighbours().find(|(_, stem)| *stem == name).map(|(record, _)| record);
        beside.or_else(|| self.archive.records.iter().find(|record| self.rulebook.record_id(record.path()) == name))
    }
}
