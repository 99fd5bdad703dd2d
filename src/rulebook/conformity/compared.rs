//! What somebody typed although it is computed, against the computed value; tables cell by cell.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Text};
use crate::rulebook::context::{Context, Seen, World};
use crate::rulebook::derived;
use crate::rulebook::entry::Filled;
use crate::rulebook::form::Field;
use crate::rulebook::value::{Data, Row};
use crate::say;
use crate::source::Span;

/// So many records are named in a finding; of more, how many there are.
const NAMED: usize = 8;

/// What differs in one field.
struct Differing<'f> {
    field: &'f Field,
    /// The number of the row and its column, in tables.
    cell: Option<(usize, &'f Field)>,
    span: Span,
    typed: String,
    right: String,
}

/// The findings about one field of a record.
pub(super) fn of_field(world: &World<'_>, at: (usize, usize), index: usize, field: &Field, found: &mut Vec<Diagnostic>) {
    let entry = world.entry(at);
    let Some(filled) = entry.value(index) else { return };
    if world.rulebook.in_ring(entry.form, index) {
        return;
    }
    let plain = world.context(at.0, Some(at.1));
    let differing = all(field, filled, &plain);
    if differing.is_empty() {
        return;
    }
    // Computed once more, noting what is read.
    let seen: Seen = RefCell::new(BTreeSet::new());
    all(field, filled, &Context { seen: Some(&seen), ..plain });
    let from = records(world, &seen.into_inner());
    found.extend(differing.iter().map(|one| finding(world, at, one, from.as_ref())));
}

fn all<'f>(field: &'f Field, filled: &Filled, context: &Context<'_, '_>) -> Vec<Differing<'f>> {
    let mut differing = Vec::new();
    let right = field.computed.as_ref().and_then(|computed| derived::compute(computed, field, context));
    match (&filled.data, right) {
        (Data::Rows(typed), Some(Data::Rows(right))) if typed.len() != right.len() => differing.push(Differing {
            field,
            cell: None,
            span: filled.span,
            typed: typed.len().to_string(),
            right: right.len().to_string(),
        }),
        (Data::Rows(typed), Some(Data::Rows(right))) => {
            for (nth, (typed, right)) in typed.iter().zip(&right).enumerate() {
                let cell = |at: usize| right.cells.get(at).cloned().flatten();
                differing.extend(of_row(field, nth, typed, &cell));
            }
        }
        (Data::Encrypted, _) | (_, Some(Data::Encrypted)) => {}
        (typed, Some(right)) if !same(typed, &right) => {
            differing.push(Differing { field, cell: None, span: filled.span, typed: typed.words(), right: right.words() });
        }
        _ => {}
    }
    if let (Data::Rows(typed), Data::Rows(complete)) = (&filled.data, derived::completed(&filled.data, field, context)) {
        for (nth, (typed, row)) in typed.iter().zip(&complete).enumerate() {
            let cell = |at: usize| derived::in_written(&field.columns[at], nth, &field.columns, row, context);
            differing.extend(of_row(field, nth, typed, &cell));
        }
    }
    differing
}

/// The typed cells of one row against the computed ones.
fn of_row<'f>(field: &'f Field, nth: usize, typed: &Row, right: &dyn Fn(usize) -> Option<Data>) -> Vec<Differing<'f>> {
    let cells = field.columns.iter().zip(&typed.cells).enumerate();
    let differing = cells.filter_map(|(at, (column, typed_cell))| {
        let (typed_cell, right) = (typed_cell.as_ref()?, right(at)?);
        let span = typed_cell.values().next().map_or(typed.span, |datum| datum.span);
        let cell = Some((nth + 1, column));
        (!same(typed_cell, &right)).then(|| Differing { field, cell, span, typed: typed_cell.words(), right: right.words() })
    });
    differing.collect()
}

fn same(typed: &Data, right: &Data) -> bool {
    match (typed, right) {
        (Data::One(a), Data::One(b)) => {
            a.value == b.value || a.value.compare(&b.value).is_some_and(|o| o.is_eq()) || a.value.to_string() == b.value.to_string()
        }
        (Data::Encrypted, _) | (_, Data::Encrypted) => true,
        (a, b) => a.words() == b.words(),
    }
}

fn finding(world: &World<'_>, at: (usize, usize), one: &Differing<'_>, from: Option<&Text>) -> Diagnostic {
    let (name, typed, right) = (&one.field.name.value, &one.typed, &one.right);
    let rows = matches!((one.cell, one.field.kind), (None, crate::rulebook::form::Kind::Table));
    let (message, key) = match one.cell {
        _ if rows => {
            let message = say!(
                "「{name}」由程序计算，应有 {right} 行，这里写了 {typed} 行",
                "`{name}` is computed and has {right} rows, but {typed} are written"
            );
            (message, name.clone())
        }
        None if one.field.identifies.is_some() => {
            (say!("「{name}」由程序计算，与手填的值不一致", "`{name}` is computed and differs from what is written"), name.clone())
        }
        None => (
            say!("「{name}」由程序计算，应为 {right}，这里写的是 {typed}", "`{name}` is computed: {right}, but {typed} is written"),
            name.clone(),
        ),
        Some((nth, column)) => {
            let column_name = &column.name.value;
            let message = if one.field.identifies.is_some() || column.identifies.is_some() {
                say!(
                    "「{name}」第 {nth} 行「{column_name}」由程序计算，与手填的值不一致",
                    "`{column_name}` in row {nth} of `{name}` is computed and differs from what is written"
                )
            } else {
                say!(
                    "「{name}」第 {nth} 行「{column_name}」由程序计算，应为 {right}，这里写的是 {typed}",
                    "`{column_name}` in row {nth} of `{name}` is computed: {right}, but {typed} is written"
                )
            };
            (message, format!("{name}.{nth}.{column_name}"))
        }
    };
    let mut d = Diagnostic::error("F110", world.entry(at).place(one.span), message)
        .help(say!("删去这一栏，或改正它所依据的记录", "delete the field, or correct what it rests on"))
        .key(key);
    d.facts.extend(from.cloned());
    d
}

/// The records that a value was computed from, in words.
fn records(world: &World<'_>, seen: &BTreeSet<(usize, usize)>) -> Option<Text> {
    let named: Vec<&str> = seen.iter().take(NAMED).map(|&at| world.entry(at).id.as_str()).collect();
    let (ids, all) = (named.join("、"), seen.len());
    match all {
        0 => None,
        _ if all > NAMED => Some(say!("算自 {ids} 等 {all} 份记录", "computed from {ids} and others, {all} records")),
        _ => Some(say!("算自 {ids}", "computed from {ids}")),
    }
}
