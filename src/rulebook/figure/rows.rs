//! The rows that a figure is drawn from: of its own record, or of all records of another form in the dossier.

use rust_decimal::Decimal;

use crate::rulebook::context::World;
use crate::rulebook::form::{Field, FigureSpec, Form};
use crate::rulebook::value::{Data, Row, Value};
use crate::source::{Place, Span};

/// A figure and the record it is drawn from.
#[derive(Clone, Copy)]
pub struct Rows<'s, 'v> {
    /// The archive.
    pub world: &'s World<'v>,
    /// The record, by dossier and entry.
    pub at: (usize, usize),
    /// What is drawn.
    pub figure: &'s FigureSpec,
}

/// A row of one of its tables.
pub struct Line<'s, 'v> {
    rows: Rows<'s, 'v>,
    at: (usize, usize),
    part: &'s str,
    /// The columns of the table.
    pub columns: &'v [Field],
    row: Row,
}

impl Line<'_, '_> {
    fn cell(&self, column: &str) -> Option<&Data> {
        let name = self.rows.figure.parts.get(self.part).and_then(|part| part.columns.get(column))?;
        self.row.cell(self.columns, name)
    }

    /// What stands in the column that the figure calls so.
    pub fn text(&self, column: &str) -> String {
        self.cell(column).map(Data::words).unwrap_or_default()
    }

    /// What that means to the figure.
    pub fn word(&self, column: &str) -> String {
        let text = self.text(column);
        self.rows.figure.values.get(&text).cloned().unwrap_or(text)
    }

    /// A year or the like.
    pub fn number(&self, column: &str) -> Option<i32> {
        self.text(column).parse().ok()
    }

    /// A score.
    pub fn score(&self, column: &str) -> Option<i64> {
        self.text(column).parse().ok()
    }

    /// A number with decimal places.
    pub fn decimal(&self, column: &str) -> Option<Decimal> {
        match self.cell(column)?.first()? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether the column says yes.
    pub fn yes(&self, column: &str) -> bool {
        matches!(self.cell(column).and_then(Data::first), Some(Value::Bool(true)))
    }

    /// What stands there, unless nothing does.
    pub fn some(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Where that stands.
    pub fn place(&self, column: &str) -> Option<Place> {
        let datum = self.cell(column)?.values().next()?;
        (datum.span != Span::default()).then(|| self.rows.world.entry(self.at).place(datum.span))
    }
}

impl<'s, 'v> Rows<'s, 'v> {
    fn form(&self) -> &'v Form {
        self.world.form(self.world.entry(self.at))
    }

    /// The table that the figure calls so, and the records that have one, in the order of their names.
    fn table(&self, part: &str) -> Option<(Vec<(usize, usize)>, &'v Field)> {
        let spec = self.figure.parts.get(part)?;
        let (other, field) = self.world.rulebook.figure_table(self.form(), &spec.table)?;
        let Some(other) = other else { return Some((vec![self.at], field)) };
        let entries = self.world.dossiers[self.at.0].entries.iter().enumerate();
        let mut own: Vec<_> = entries.filter(|(_, entry)| entry.form == other).map(|(e, entry)| (entry.record.stem(), e)).collect();
        own.sort_unstable();
        Some((own.into_iter().map(|(_, e)| (self.at.0, e)).collect(), field))
    }

    /// The records whose tables it is drawn from.
    pub fn records(&self) -> Vec<(usize, usize)> {
        self.figure.parts.keys().filter_map(|part| self.table(part)).flat_map(|(records, _)| records).collect()
    }

    /// The rows of the table that the figure calls so.
    pub fn lines(&self, part: &'s str) -> Vec<Line<'s, 'v>> {
        let world: &'s World<'v> = self.world;
        let Some((entries, field)) = self.table(part) else { return Vec::new() };
        let mut lines = Vec::new();
        for at in entries {
            let Some((index, _)) = world.form(world.entry(at)).field(&field.name) else { continue };
            let data = world.context(at.0, Some(at.1)).data(at, index);
            let Some(Data::Rows(rows)) = data.map(std::borrow::Cow::into_owned) else { continue };
            lines.extend(rows.into_iter().map(|row| Line { rows: *self, at, part, columns: &field.columns, row }));
        }
        lines
    }

    /// The day as of which it is drawn.
    pub fn day(&self) -> Option<Value> {
        let (index, _) = self.form().field(self.figure.drawn.as_ref()?)?;
        self.world.context(self.at.0, Some(self.at.1)).data(self.at, index)?.first().cloned()
    }
}
