//! The facts as the rulebook sees them: records read by their forms, dossiers with their project,
//! and how a [`Ref`] finds its values among them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;

use super::Rulebook;
use super::derived;
use super::entry::Filled;
use super::evidence::{Evidence, Moment};
use super::form::{Field, Form};
use super::obligation::State;
use super::reference::{Event, Pick, Ref, Refs, Target};
use super::value::{Data, Row, Value};
use crate::archive::{People, Record};
use crate::source::{Place, Span};

/// All facts of one archive (or of one example of a rule), read by one rulebook.
pub struct World<'a> {
    /// The law.
    pub rulebook: &'a Rulebook,
    /// The day as of which everything is judged.
    pub today: NaiveDate,
    /// Everybody.
    pub people: &'a People,
    /// Dossiers, sorted by path; records that stand alone each form one without a kind.
    pub dossiers: Vec<DossierFacts<'a>>,
    /// Dossier by number.
    pub by_number: HashMap<String, usize>,
    /// Entries by form: (dossier, entry), in order.
    pub by_form: BTreeMap<usize, Vec<(usize, usize)>>,
    /// Days on which entries were approved, by (dossier, entry); known once approvals are judged.
    pub approved: BTreeMap<(usize, usize), Moment>,
    /// Records by the values of some fields, for rules that compare all with all.
    pub shared: Mutex<BTreeMap<String, Shared>>,
    /// States of deadlines by (rule, dossier, entry); known once all is judged.
    pub states: BTreeMap<(usize, usize, Option<usize>), State>,
}

/// Places of records, (dossier, entry), by the values of some fields.
pub type Shared = Arc<HashMap<Vec<String>, Vec<(usize, usize)>>>;

/// One dossier.
pub struct DossierFacts<'a> {
    /// Its folder, such as `cases/NS-C2026-003`; for a record that stands alone, its path.
    pub path: String,
    /// Its number, such as `NS-C2026-003`.
    pub number: String,
    /// Its kind, as an index into the settings.
    pub kind: Option<usize>,
    /// Code of the project, from the number.
    pub project: Option<String>,
    /// Its records in order of their names.
    pub entries: Vec<Entry<'a>>,
}

/// One record read by its form.
pub struct Entry<'a> {
    /// The record.
    pub record: &'a Record,
    /// Its index in the archive.
    pub index: usize,
    /// Its id: `NS-C2026-003/C07-01`.
    pub id: String,
    /// Its form, as an index into the rulebook.
    pub form: usize,
    /// Values aligned with the form's fields.
    pub filled: Vec<Option<Filled>>,
    /// What history knows of it.
    pub evidence: Evidence,
}

/// A value that a reference found.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The value; for events the claimed day.
    pub value: Value,
    /// Where it stands.
    pub place: Option<Place>,
    /// For events, how far the day is proven.
    pub moment: Option<Moment>,
}

/// A point of view: one dossier, perhaps one record of it, perhaps one row of a table.
#[derive(Clone, Copy)]
pub struct Context<'w, 'a> {
    /// All facts.
    pub world: &'w World<'a>,
    /// The dossier.
    pub dossier: usize,
    /// The record.
    pub own: Option<usize>,
    /// All records of one form instead of one record (rows made per form).
    pub group: Option<usize>,
    /// A row of a table with its columns.
    pub row: Option<(&'w [Field], &'w Row)>,
    /// How many computed fields deep we are.
    pub depth: u8,
}

/// A row of a table with its columns and the place of its record; owned where it was computed.
pub type RowOf<'w> = (&'w [Field], Cow<'w, Row>, (usize, usize));

/// Computed fields may rest on others this deep.
const MAX_DEPTH: u8 = 6;

impl<'a> Entry<'a> {
    /// The value of the field with that index.
    pub fn value(&self, index: usize) -> Option<&Filled> {
        self.filled.get(index).and_then(Option::as_ref)
    }

    /// A place in the record.
    pub fn place(&self, span: Span) -> Place {
        Place::new(&self.record.source, span)
    }
}

impl<'a> World<'a> {
    /// The form of an entry.
    pub fn form(&self, entry: &Entry<'_>) -> &'a Form {
        &self.rulebook.forms[entry.form]
    }

    /// The entry at (dossier, entry).
    pub fn entry(&self, at: (usize, usize)) -> &Entry<'a> {
        &self.dossiers[at.0].entries[at.1]
    }

    /// The dossier of the project that a dossier belongs to, if it is another one.
    pub fn project_of(&self, dossier: usize) -> Option<usize> {
        let code = self.dossiers[dossier].project.as_deref()?;
        self.by_number.get(code).copied().filter(|&at| at != dossier)
    }

    /// The point of view of a record or of a dossier as a whole.
    pub fn context(&self, dossier: usize, own: Option<usize>) -> Context<'_, 'a> {
        Context { world: self, dossier, own, group: None, row: None, depth: 0 }
    }

    /// The records of a form by the values of some fields, made once for all rules that compare all with all.
    pub fn sharing(&self, form: usize, fields: &[Ref]) -> Shared {
        let name = fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let mut known = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let mut index: HashMap<Vec<String>, Vec<(usize, usize)>> = HashMap::new();
            for &at in self.by_form.get(&form).map_or(&[][..], Vec::as_slice) {
                if let Some(key) = self.context(at.0, Some(at.1)).values(fields) {
                    index.entry(key).or_default().push(at);
                }
            }
            Arc::new(index)
        };
        Arc::clone(known.entry(format!("{form} {name}")).or_insert_with(make))
    }

    /// Entries of a form in one dossier, in order.
    pub fn of_form(&self, dossier: usize, form: usize) -> impl Iterator<Item = usize> + '_ {
        self.dossiers[dossier].entries.iter().enumerate().filter(move |(_, e)| e.form == form).map(|(at, _)| at)
    }
}

impl<'w, 'a> Context<'w, 'a> {
    /// The record, if the view is on one.
    pub fn entry(&self) -> Option<&'w Entry<'a>> {
        self.own.map(|own| self.world.entry((self.dossier, own)))
    }

    /// The same view on a row of a table.
    pub fn on_row(self, columns: &'w [Field], row: &'w Row) -> Self {
        Self { row: Some((columns, row)), ..self }
    }

    /// The form that a reference begins with, and the parts after it.
    fn form_of<'r>(&self, r: &'r Ref) -> (Option<usize>, &'r [String]) {
        match r.parts.first().and_then(|first| self.world.rulebook.form_index(first)) {
            Some(form) => (Some(form), &r.parts[1..]),
            None => (None, &r.parts),
        }
    }

    /// The entries that a reference speaks of.
    fn entries(&self, r: &Ref, all: bool) -> Vec<(usize, usize)> {
        let (form, _) = self.form_of(r);
        let Some(form) = form else {
            return match (self.own, self.group) {
                (_, Some(group)) => self.world.of_form(self.dossier, group).map(|at| (self.dossier, at)).collect(),
                (Some(own), None) => vec![(self.dossier, own)],
                (None, None) => Vec::new(),
            };
        };
        if !all
            && let Some(entry) = self.entry()
            && entry.form == form
        {
            return self.own.map(|own| (self.dossier, own)).into_iter().collect();
        }
        let mut found: Vec<_> = self.world.of_form(self.dossier, form).map(|at| (self.dossier, at)).collect();
        if found.is_empty()
            && let Some(project) = self.world.project_of(self.dossier)
        {
            found = self.world.of_form(project, form).map(|at| (project, at)).collect();
        }
        if !all {
            found.truncate(1);
        }
        found
    }

    /// The values that a reference means.
    pub fn resolve(&self, r: &Ref) -> Vec<Cell> {
        if r.pick == Pick::Own {
            return self.cells(r, self.group.is_some());
        }
        let mut cells = self.cells(r, true);
        cells.retain(|cell| cell.value.compare(&cell.value).is_some());
        let by = |a: &Cell, b: &Cell| a.value.compare(&b.value).unwrap_or(std::cmp::Ordering::Equal);
        let best = match r.pick {
            Pick::First => cells.into_iter().min_by(by),
            _ => cells.into_iter().max_by(by),
        };
        best.into_iter().collect()
    }

    /// The value under each reference, in words; none unless all have one.
    pub fn values(&self, refs: &[Ref]) -> Option<Vec<String>> {
        refs.iter().map(|r| self.resolve(r).first().map(|c| c.value.to_string())).collect()
    }

    /// All values under a reference, over all records and rows.
    pub fn resolve_all(&self, r: &Ref) -> Vec<Cell> {
        self.cells(r, true)
    }

    /// The values of the first reference that has any.
    pub fn resolve_first(&self, refs: &Refs) -> Vec<Cell> {
        refs.0.iter().map(|r| self.resolve(r)).find(|cells| !cells.is_empty()).unwrap_or_default()
    }

    /// Whether a reference has a value; a bare form, whether there is a record of it; a section,
    /// whether it says something.
    pub fn present(&self, r: &Ref) -> bool {
        let (form, rest) = self.form_of(r);
        if form.is_some() && rest.is_empty() && r.target == Target::Value {
            return !self.entries(r, true).is_empty();
        }
        if let [name] = rest
            && r.target == Target::Value
            && self.row.is_none()
        {
            // A whole table or composed value counts although it has no single value of its own.
            return self.entries(r, r.pick != Pick::Own).iter().any(|&at| {
                let entry = self.world.entry(at);
                self.world.form(entry).field(name).is_some_and(|(index, _)| self.data(at, index).is_some())
            });
        }
        !self.resolve(r).is_empty()
    }

    /// How many values or records a reference has.
    pub fn count(&self, r: &Ref) -> usize {
        let (form, rest) = self.form_of(r);
        if form.is_some() && rest.is_empty() {
            // Counting a form never borrows from the project: a case without sessions has none.
            return form.map_or(0, |form| self.world.of_form(self.dossier, form).count());
        }
        if let [name] = rest {
            let rows = self.entries(r, true).into_iter().filter_map(|at| {
                let (index, _) = self.world.form(self.world.entry(at)).field(name)?;
                match self.data(at, index)?.as_ref() {
                    Data::Rows(rows) => Some(rows.len()),
                    data => Some(data.values().count()),
                }
            });
            return rows.sum();
        }
        self.resolve_all(r).len()
    }

    /// The rows of the tables under a reference to a table field: (columns, row, place of the record).
    pub fn rows(&self, r: &Ref) -> Vec<RowOf<'w>> {
        let (_, rest) = self.form_of(r);
        let [name] = rest else { return Vec::new() };
        let mut out = Vec::new();
        for at in self.entries(r, true) {
            let entry = self.world.entry(at);
            let Some((index, field)) = self.world.form(entry).field(name) else { continue };
            match entry.value(index) {
                Some(Filled { data: Data::Rows(rows), .. }) => {
                    out.extend(rows.iter().map(|row| (field.columns.as_slice(), Cow::Borrowed(row), at)))
                }
                _ => {
                    if let Some(Data::Rows(rows)) = self.data(at, index).map(Cow::into_owned) {
                        out.extend(rows.into_iter().map(|row| (field.columns.as_slice(), Cow::Owned(row), at)));
                    }
                }
            }
        }
        out
    }

    /// The value of a field of an entry: written, or else computed.
    pub fn data(&self, at: (usize, usize), index: usize) -> Option<Cow<'w, Data>> {
        let entry = self.world.entry(at);
        if let Some(filled) = entry.value(index) {
            return Some(Cow::Borrowed(&filled.data));
        }
        let field = &self.world.form(entry).fields[index];
        let computed = field.computed.as_ref()?;
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let context = Context { dossier: at.0, own: Some(at.1), group: None, row: None, depth: self.depth + 1, world: self.world };
        derived::compute(computed, field, &context).map(Cow::Owned)
    }

    /// Where a computed field's value comes from, if that is one place.
    fn origin(&self, at: (usize, usize), field: &Field) -> Option<Place> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let context = Context { dossier: at.0, own: Some(at.1), group: None, row: None, depth: self.depth + 1, world: self.world };
        context.resolve_first(&field.computed.as_ref()?.origin()?).into_iter().next()?.place
    }

    fn cells(&self, r: &Ref, all: bool) -> Vec<Cell> {
        let (form, rest) = self.form_of(r);
        if form.is_none()
            && r.target == Target::Value
            && let (Some((columns, row)), [name]) = (self.row, rest)
            && let Some(at) = columns.iter().position(|c| c.name.value == *name)
        {
            let source = self.entry().map(|e| &e.record.source);
            return row.cells[at]
                .iter()
                .flat_map(|data| {
                    data.values()
                        .map(|d| Cell { value: d.value.clone(), place: source.map(|s| Place::new(s, d.span)), moment: None })
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        self.entries(r, all).into_iter().flat_map(|at| self.cells_of(at, rest, r.target)).collect()
    }

    fn cells_of(&self, at: (usize, usize), rest: &[String], target: Target) -> Vec<Cell> {
        let entry = self.world.entry(at);
        match target {
            Target::Event(event) => {
                let moment = match event {
                    Event::Submitted => entry.evidence.submitted,
                    Event::Approved => self.world.approved.get(&at).copied(),
                    Event::Returned => entry.evidence.returned,
                };
                let place = entry.place(entry.record.front);
                moment
                    .into_iter()
                    .map(|m| Cell {
                        value: Value::Date(m.claimed),
                        place: Some(Place { span: Span::at(place.span.start), ..place.clone() }),
                        moment: Some(m),
                    })
                    .collect()
            }
            Target::Section => {
                let Some(name) = rest.last() else { return Vec::new() };
                let text = entry.record.section_text(name).filter(|text| crate::archive::record::says_something(text));
                let place = entry.record.section(name).map(|s| entry.place(s.heading));
                text.into_iter().map(|text| Cell { value: Value::Text(text.into_owned()), place: place.clone(), moment: None }).collect()
            }
            Target::Value => {
                let Some(name) = rest.first() else {
                    let form = self.world.form(entry);
                    return vec![Cell { value: Value::Text(form.code.value.clone()), place: Some(entry.place(Span::at(0))), moment: None }];
                };
                let Some((index, field)) = self.world.form(entry).field(name) else { return Vec::new() };
                let Some(data) = self.data(at, index) else { return Vec::new() };
                // A computed value has no bytes of its own: it is shown where it comes from.
                let origin = (entry.value(index).is_none()).then(|| self.origin(at, field)).flatten();
                let cell = |value: &Value, span: Span| Cell {
                    value: value.clone(),
                    place: origin.clone().or_else(|| Some(entry.place(span))),
                    moment: None,
                };
                match rest.get(1) {
                    None => data.values().map(|d| cell(&d.value, d.span)).collect(),
                    Some(part) => match data.as_ref() {
                        Data::Parts(parts) => parts.iter().filter(|(k, _)| k == part).map(|(_, d)| cell(&d.value, d.span)).collect(),
                        Data::Rows(rows) => {
                            let Some(column) = field.columns.iter().position(|c| c.name.value == *part) else { return Vec::new() };
                            let inner = rest.get(2);
                            let mut out = Vec::new();
                            for data in rows.iter().filter_map(|row| row.cells.get(column).and_then(Option::as_ref)) {
                                match (data, inner) {
                                    (Data::Parts(parts), Some(key)) => {
                                        out.extend(parts.iter().filter(|(k, _)| k == key).map(|(_, d)| cell(&d.value, d.span)))
                                    }
                                    _ => out.extend(data.values().map(|d| cell(&d.value, d.span))),
                                }
                            }
                            out
                        }
                        _ => Vec::new(),
                    },
                }
            }
        }
    }
}
