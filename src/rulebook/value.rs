//! Typed values: what a field says once the form has said what it should be.

use std::cmp::Ordering;
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use super::form::Field;
use crate::source::Span;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, choice, name or reference.
    Text(String),
    /// A number: integer, decimal, scale point or yuan.
    Number(Decimal),
    /// A day.
    Date(NaiveDate),
    /// A minute.
    Time(NaiveDateTime),
    /// Yes or no.
    Bool(bool),
}

/// A value and the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datum {
    /// The value.
    pub value: Value,
    /// Where it stands in the record.
    pub span: Span,
}

/// What one field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// One value.
    One(Datum),
    /// Several values (a multiple choice).
    Many(Vec<Datum>),
    /// Named parts (a signature, an identity document, an attachment).
    Parts(Vec<(String, Datum)>),
    /// Rows of a table, cells aligned with the field's columns.
    Rows(Vec<Row>),
    /// Something that only those know who hold the key, or what rests on it.
    Encrypted,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's bytes.
    pub span: Span,
    /// Cells aligned with the columns.
    pub cells: Vec<Option<Data>>,
}

impl Value {
    /// The day of a date or time.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(day) => Some(*day),
            Self::Time(time) => Some(time.date()),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    /// Whether it says what a rule's literal says.
    pub fn is(&self, literal: &str) -> bool {
        match self {
            Self::Number(n) => literal.parse::<Decimal>().is_ok_and(|other| *n == other),
            Self::Bool(b) => matches!((b, literal), (true, "是" | "true") | (false, "否" | "false")),
            Self::Text(text) => text == literal,
            _ => self.to_string() == literal,
        }
    }

    /// Compares two dates, times or numbers; a date against a time by day. None for other pairs.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => Some(self.day()?.cmp(&other.day()?)),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(day) => write!(f, "{day}"),
            Self::Time(time) => write!(f, "{}", time.format("%Y-%m-%d %H:%M")),
            Self::Bool(true) => f.write_str("是"),
            Self::Bool(false) => f.write_str("否"),
        }
    }
}

impl Row {
    /// What stands in the column of that name.
    pub fn cell(&self, columns: &[Field], name: &str) -> Option<&Data> {
        let at = columns.iter().position(|column| column.name.value == name)?;
        self.cells.get(at)?.as_ref()
    }
}

impl Data {
    /// One value without a place, for what was computed.
    pub fn computed(value: Value) -> Self {
        Self::One(Datum { value, span: Span::default() })
    }

    /// All values at the top: the value, the chosen ones, the parts. Rows have none of their own.
    pub fn values(&self) -> impl Iterator<Item = &Datum> {
        let (list, parts): (&[Datum], &[(String, Datum)]) = match self {
            Self::One(datum) => (std::slice::from_ref(datum), &[]),
            Self::Many(list) => (list, &[]),
            Self::Parts(parts) => (&[], parts),
            Self::Rows(_) | Self::Encrypted => (&[], &[]),
        };
        list.iter().chain(parts.iter().map(|(_, datum)| datum))
    }

    /// Whether it says something though it has no single value: rows, or what is encrypted.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Rows(rows) => !rows.is_empty(),
            Self::Encrypted => true,
            _ => false,
        }
    }

    /// Its first value.
    pub fn first(&self) -> Option<&Value> {
        self.values().next().map(|datum| &datum.value)
    }

    /// The values on one line, for comparison and for plain output.
    pub fn words(&self) -> String {
        match self {
            Self::Rows(rows) => rows
                .iter()
                .map(|row| row.cells.iter().flatten().map(Data::words).collect::<Vec<_>>().join(", "))
                .collect::<Vec<_>>()
                .join("; "),
            _ => self.values().map(|d| d.value.to_string()).collect::<Vec<_>>().join("、"),
        }
    }
}
