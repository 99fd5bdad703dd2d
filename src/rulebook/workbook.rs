//! Records in a spreadsheet: which cells a form has, and what becomes of a workbook that people filled in.
//!
//! One value stands in one cell: a field, a part of a field (`签名.日期`), a column of a table, a section. What a cell says is
//! written as a record would have it and read as every record is, so a value is right in a workbook exactly where it is right in a
//! record, and safe corrections are made on the way ([`mend`](super::mend)). A record that is there already is changed where the
//! workbook says something else, and nowhere besides.

mod layout;
mod merge;
mod names;
mod origin;
mod text;

use std::collections::BTreeSet;

use super::Rulebook;
use super::entry::Filled;
use super::form::{Field, Form, Kind};
use super::judge::reading;
use super::mend::Mended;
use super::settings::Settings;
use crate::archive::Record;
use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::say;
use crate::source::{SharedSource, Source};

pub use layout::{At, Filling, Grid, Line};
pub use names::sheet_name;
pub use origin::Origin;

/// Sheets that are for programs have names that begin so.
pub const HIDDEN: &str = "_";

/// What stands in place of a value that only those can read who hold the key.
pub const ENCRYPTED: &str = "🔒";

/// What the column is called that says which record a row belongs to.
pub fn key() -> Text {
    say!("记录", "record")
}

/// One cell of a form.
#[derive(Debug, Clone)]
pub struct Slot<'f> {
    /// What it is called: the field, or `FIELD.PART`.
    pub name: String,
    /// The field or column that it belongs to.
    pub field: &'f Field,
    /// The part of that field.
    pub part: Option<&'f str>,
    /// What it holds.
    pub kind: Kind,
}

/// The cells of some fields or columns, without tables, which have sheets of their own. What is said of a record afterwards comes
/// last.
pub fn slots<'f>(fields: &'f [Field], settings: &'f Settings) -> Vec<Slot<'f>> {
    let of = |field: &'f Field| -> Vec<Slot<'f>> {
        let name = &field.name.value;
        let parts = settings.value_keys.parts(field.kind);
        if parts.is_empty() {
            return vec![Slot { name: name.clone(), field, part: None, kind: field.kind }];
        }
        let part = |(part, kind): (&'f str, Kind)| Slot { name: format!("{name}.{part}"), field, part: Some(part), kind };
        parts.into_iter().map(part).collect()
    };
    let (afterwards, first): (Vec<&Field>, Vec<&Field>) =
        fields.iter().filter(|field| field.kind != Kind::Table).partition(|field| field.remark);
    first.into_iter().chain(afterwards).flat_map(of).collect()
}

/// A record as a workbook has it.
#[derive(Debug)]
pub struct Entered {
    /// The text of the record.
    pub source: SharedSource,
    /// The fields and sections that have another content than before.
    pub changed: Vec<String>,
    /// What keeps it from being written, at cells of the workbook.
    pub wrong: Vec<Diagnostic>,
}

/// What a workbook says, as a record that says nothing else.
struct Draft {
    record: Record,
    values: Vec<Option<Filled>>,
    /// What is wrong with the record.
    left: Vec<Diagnostic>,
    /// What cannot be said in a record at all.
    wrong: Vec<Diagnostic>,
}

impl Rulebook {
    /// The record of a form that the workbook fills, at `path`. `before` is the record that is there; where `whole`, the workbook
    /// was made from it, so that a cell that is empty means that its value is to go.
    pub fn entered(&self, form: usize, grid: &Grid<'_>, filling: &Filling, path: &str, before: Option<&Record>, whole: bool) -> Entered {
        let own = &self.forms[form];
        let blank;
        let before = match before {
            Some(record) => record,
            None => {
                let text = format!("---\n{}: {}\n---\n", self.settings.form_key, own.code.value);
                blank = Record::parse(&Source::new(path, text)).0;
                &blank
            }
        };
        let (old, said) = self.values_of(before);
        let filling = &merge::completed(own, &old, filling, whole);
        let Draft { record, values, left, mut wrong } = self.draft(own, grid, filling, path);
        let at = |d: &Diagnostic| d.place.as_ref().and_then(|place| layout::locate(&record, filling, place.span.start));
        // What was wrong before is not the workbook's.
        let is_old = |d: &Diagnostic| said.iter().any(|own| (&own.code, &own.key, &own.message) == (&d.code, &d.key, &d.message));
        let in_cells = left.iter().filter(|d| d.severity == Severity::Error && !is_old(d));
        wrong.extend(in_cells.map(|d| grid.told(d.clone(), at(d).unwrap_or(filling.at))));
        let merge = merge::Merge { form: own, before, old: &old, after: &record, new: &values, filling, whole };
        wrong.extend(merge.lost().into_iter().map(|d| grid.told(d, filling.at)));
        let (source, changed) = merge.text();
        Entered { source, changed, wrong }
    }

    /// The first of some records that says already what the workbook says.
    pub fn said_by<'r>(
        &self,
        form: usize,
        grid: &Grid<'_>,
        filling: &Filling,
        mut records: impl Iterator<Item = &'r Record>,
    ) -> Option<&'r Record> {
        let own = &self.forms[form];
        let Draft { record, values, wrong, .. } = self.draft(own, grid, filling, "");
        let says = |before: &&Record| {
            let (old, _) = self.values_of(before);
            merge::Merge { form: own, before, old: &old, after: &record, new: &values, filling, whole: false }.changes_nothing()
        };
        records.find(|before| wrong.is_empty() && says(before))
    }

    /// What the workbook says, as a record that says nothing else.
    fn draft(&self, form: &Form, grid: &Grid<'_>, filling: &Filling, path: &str) -> Draft {
        let (text, wrong) = text::of(self, form, grid, filling);
        let Mended { source, left, .. } = self.mended(&Source::new(path, text));
        let (record, _) = Record::parse(&source);
        Draft { values: self.values_of(&record).0, record, left, wrong }
    }

    /// The values of a record by its form, and what is wrong with them.
    fn values_of(&self, record: &Record) -> (Vec<Option<Filled>>, Vec<Diagnostic>) {
        let (read, said) = reading(self, record);
        (read.map(|(_, filled)| filled).unwrap_or_default(), said)
    }

    /// The names of everything that a form can hold in cells, for whoever looks for them in a workbook.
    fn names_of<'f>(&'f self, form: &'f Form) -> BTreeSet<String> {
        let sections = form.sections.iter().map(|section| section.name.value.clone());
        slots(&form.fields, &self.settings).into_iter().map(|slot| slot.name).chain(sections).collect()
    }
}
