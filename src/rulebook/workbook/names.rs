//! What the sheets of a workbook are about, by the names in them.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization as _;

use super::{HIDDEN, key, slots};
use crate::archive::workbook::{Cell, Row, Sheet};
use crate::diagnostic::Text;
use crate::rulebook::Rulebook;
use crate::rulebook::form::{Field, Form, Kind};

/// The names stand in one of so many rows, or columns, from the first that holds something.
const FIRST: usize = 10;

/// What a sheet is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'f> {
    /// One record, a name in each row.
    Record,
    /// Records, one in each row.
    Records,
    /// A table.
    Table(&'f Field),
}

/// The names of a sheet.
pub(super) struct Head<'f> {
    pub sheet: usize,
    pub of: Of<'f>,
    /// The row that they stand in; of a single record, the column.
    pub line: u32,
    /// Each with its column; of a single record, with its row.
    pub names: Vec<(u32, String)>,
    /// The same of what is computed, which is not read.
    pub computed: Vec<(u32, String)>,
    /// The column that names records.
    pub key: Option<u32>,
    /// All names that could stand there.
    pub known: Vec<String>,
}

impl<'f> Head<'f> {
    /// What the sheet is about, by the names in it.
    pub fn of(rulebook: &'f Rulebook, form: &'f Form, at: usize, sheet: &Sheet) -> Option<Self> {
        if sheet.name.starts_with(HIDDEN) {
            return None;
        }
        let own = Known::of(rulebook.names_of(form), form.fields.iter().filter(|field| field.kind != Kind::Table));
        let tables = form.fields.iter().filter(|field| field.kind == Kind::Table);
        let table = |field: &'f Field| {
            let names = slots(&field.columns, &rulebook.settings).into_iter().map(|slot| slot.name);
            (Of::Table(field), Known::of(names, &field.columns))
        };
        let known = [(Of::Records, own.clone()), (Of::Record, own)].into_iter().chain(tables.map(table));
        let best = known.filter_map(|(of, known)| {
            let named = matches!(of, Of::Table(field) if sheet.name == sheet_name(&field.name.value));
            let is_record = matches!(of, Of::Record);
            let (line, names) = if is_record { known.down(sheet) } else { known.across(sheet) }?;
            let hits = names.len();
            let key = if is_record { None } else { key_column(sheet, line) };
            let (computed, names) = names.into_iter().partition(|(_, name)| known.computed.contains(name));
            let head = Self { sheet: at, of, line, names, computed, key, known: known.names.into_values().collect() };
            (named || hits >= known.enough).then_some(((named, hits), head))
        });
        // Of two that fit alike, the first.
        let (_, head) = best.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        // What is computed is not read.
        (!matches!(head.of, Of::Table(field) if field.computed.is_some())).then_some(head)
    }
}

/// Names that are looked for.
#[derive(Clone)]
struct Known {
    /// As they are compared, with each as it is.
    names: HashMap<String, String>,
    /// Those that are computed.
    computed: Vec<String>,
    /// How many of them must be there.
    enough: usize,
}

impl Known {
    fn of<'f>(names: impl IntoIterator<Item = String>, fields: impl IntoIterator<Item = &'f Field>) -> Self {
        let (computed, written): (Vec<&Field>, Vec<&Field>) = fields.into_iter().partition(|field| field.computed.is_some());
        let computed = computed.into_iter().map(|field| field.name.value.clone()).collect();
        let names = names.into_iter().map(|name| (normal(&name), name)).collect();
        Self { names, computed, enough: written.len().div_ceil(2).max(written.len().min(2)).max(1) }
    }

    fn name(&self, cell: &Cell) -> Option<&String> {
        self.names.get(&normal(cell.text()?))
    }

    /// The row that holds most of the names, and which in which column.
    fn across(&self, sheet: &Sheet) -> Option<(u32, Vec<(u32, String)>)> {
        let names = |row: &Row| {
            let mut found: Vec<(u32, String)> = Vec::new();
            for (column, cell) in &row.cells {
                if let Some(name) = self.name(cell).filter(|name| !found.iter().any(|(_, own)| own == *name)) {
                    found.push((*column, name.clone()));
                }
            }
            (row.number, found)
        };
        most(sheet.rows.iter().take(FIRST).map(names))
    }

    /// The column that holds most of the names, and which in which row.
    fn down(&self, sheet: &Sheet) -> Option<(u32, Vec<(u32, String)>)> {
        let mut found: BTreeMap<u32, Vec<(u32, String)>> = BTreeMap::new();
        for row in &sheet.rows {
            for (column, cell) in row.cells.iter().take(FIRST) {
                found.entry(*column).or_default().extend(self.name(cell).map(|name| (row.number, name.clone())));
            }
        }
        most(found.into_iter())
    }
}

/// The line with most names; of several, the first.
fn most(lines: impl Iterator<Item = (u32, Vec<(u32, String)>)>) -> Option<(u32, Vec<(u32, String)>)> {
    lines.filter(|(_, names)| !names.is_empty()).reduce(|best, next| if next.1.len() > best.1.len() { next } else { best })
}

/// A name as names are compared: without spaces, marks and full-width forms.
fn normal(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace() && *c != '*').collect()
}

/// What a sheet for a table is called: spreadsheets allow 31 characters and not all of them.
pub fn sheet_name(name: &str) -> String {
    let name: String = name.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\')).take(31).collect();
    name.trim_matches(['\'', ' ']).to_owned()
}

/// The column that names records.
fn key_column(sheet: &Sheet, row: u32) -> Option<u32> {
    let Text { zh, en } = key();
    sheet.row(row)?.cells.iter().find(|(_, cell)| cell.text().is_some_and(|text| text == zh || text == en)).map(|(column, _)| *column)
}

/// Whether a row sums up all above it.
pub(super) fn is_total(row: &Row) -> bool {
    matches!(first(row).as_str(), "合计" | "总计" | "Total" | "Sum")
}

/// Whether a row sums up some of those above it.
pub(super) fn is_part_total(row: &Row) -> bool {
    matches!(first(row).as_str(), "小计" | "Subtotal")
}

fn first(row: &Row) -> String {
    row.cells.first().and_then(|(_, cell)| cell.text()).map(normal).unwrap_or_default()
}
