//! A record on its page, with the fields of its form as cells.
//!
//! Most of what a form holds is said alike in many records: a choice, a day, that nothing was filled in. So a cell is made once
//! for all pages that show the same and lie equally deep, by the theme's component `cell`, which gets the field as `it`. Beside
//! `page`, the template of a record gets all of them as HTML in `cells`, and in `groups` how they stand under headings.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tera::{Context, Tera, TeraResult, Value};

use super::View;
use crate::publish::view::{FieldView, RecordView};
use crate::publish::write::Digest;

/// The component of the theme that makes a cell.
const COMPONENT: &str = "cell";

/// So many cells are remembered, and as many of those that were asked for before them.
const MANY: usize = 4096;

/// What a cell was made from, and how long the way from its page to the root of the site is, in bytes.
type Key = (Digest, usize);

/// Cells that were made.
#[derive(Debug, Default)]
pub struct Cells(Mutex<Made>);

#[derive(Debug, Default)]
struct Made {
    now: HashMap<Key, Value>,
    before: HashMap<Key, Value>,
}

impl Made {
    fn get(&mut self, key: Key) -> Option<Value> {
        if let Some(made) = self.now.get(&key) {
            return Some(made.clone());
        }
        let made = self.before.remove(&key)?;
        self.keep(key, made.clone());
        Some(made)
    }

    fn keep(&mut self, key: Key, made: Value) {
        if self.now.len() >= MANY {
            self.before = mem::take(&mut self.now);
        }
        self.now.insert(key, made);
    }
}

impl Cells {
    fn made(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cell(&self, tera: &Tera, around: &Context, field: &FieldView, key: Option<Key>) -> TeraResult<Value> {
        if let Some(made) = key.and_then(|key| self.made().get(key)) {
            return Ok(made);
        }
        let mut given = Context::new();
        given.insert_value("it", Value::try_from_serializable(field)?);
        let made = Value::safe_string(&tera.render_component_with_implicits(COMPONENT, &given, around, None, true)?);
        if let Some(key) = key {
            self.made().keep(key, made.clone());
        }
        Ok(made)
    }
}

/// Cells under one heading.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Group<'v> {
    /// The heading; none where the form has none.
    name: Option<&'v str>,
    /// The first cell, counted from nought.
    from: usize,
    /// The one behind the last.
    to: usize,
}

fn groups(fields: &[FieldView]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let name = field.group.as_deref();
        match groups.last_mut().filter(|group| group.name == name) {
            Some(group) => group.to = at + 1,
            None => groups.push(Group { name, from: at, to: at + 1 }),
        }
    }
    groups
}

/// A record on its page.
pub struct RecordPage {
    /// Without its fields.
    record: RecordView,
    fields: Vec<FieldView>,
    digests: Vec<Option<Digest>>,
}

impl RecordPage {
    /// The page of that record.
    pub fn of(mut record: RecordView) -> Self {
        let fields = mem::take(&mut record.fields);
        let digests = fields.iter().map(Digest::of).collect();
        Self { record, fields, digests }
    }
}

impl View for RecordPage {
    fn digest(&self) -> Option<Digest> {
        self.digests.iter().try_fold(Digest::of(&self.record)?, |whole, cell| Some(whole.and((*cell)?)))
    }

    fn show(&self, tera: &Tera, cells: &Cells, context: &mut Context) -> TeraResult<()> {
        let deep = context.get("root").and_then(Value::as_str).map_or(0, str::len);
        let made = self
            .fields
            .iter()
            .zip(&self.digests)
            .map(|(field, digest)| cells.cell(tera, context, field, digest.map(|digest| (digest, deep))));
        let made = made.collect::<TeraResult<Vec<Value>>>()?;
        context.insert_value("cells", Value::from(made));
        context.insert_value("groups", Value::try_from_serializable(&groups(&self.fields))?);
        context.insert_value("page", Value::try_from_serializable(&self.record)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_one_heading_stand_together() {
        let fields = |groups: &[Option<&str>]| -> Vec<FieldView> {
            let mut one = super::super::sample::record(super::super::sample::record_rows().remove(0)).fields.remove(0);
            groups
                .iter()
                .map(|group| {
                    one.group = group.map(str::to_owned);
                    one.clone()
                })
                .collect()
        };
        let of = |list: &[Option<&str>]| -> Vec<(Option<String>, usize, usize)> {
            groups(&fields(list)).into_iter().map(|group| (group.name.map(str::to_owned), group.from, group.to)).collect()
        };
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(of(&[]), []);
        assert_eq!(
            of(&[None, None, Some("甲"), Some("乙"), Some("乙"), None]),
            [(None, 0, 2), (named("甲"), 2, 3), (named("乙"), 3, 5), (None, 5, 6)]
        );
    }

    #[test]
    fn what_was_asked_for_lately_is_remembered_and_no_more_than_twice_as_much() {
        let key = |n: usize| (Digest::of_bytes(&n.to_le_bytes()), 3);
        let mut made = Made::default();
        for n in 0..3 * MANY {
            made.keep(key(n), Value::safe_string(&n.to_string()));
            assert!(made.get(key(0)).is_some(), "{n}: always asked for again");
        }
        assert!(made.now.len() + made.before.len() <= 2 * MANY);
        assert!(made.get(key(1)).is_none() && made.get(key(3 * MANY - 1)).is_some());
        assert!(made.get((key(0).0, 6)).is_none(), "other pages have another way to the root");
    }
}
