//! How a [`Ref`] finds its values among the facts, from one point of view.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use super::calendar::Calendar;
use super::context::{Blind, Cell, Context, Entry, Group, Making, Member, RowOf};
use super::derived;
use super::encryption;
use super::form::Field;
use super::reference::{Event, Pick, Ref, Refs, Target};
use super::value::{Data, Row, Value};
use crate::source::{Place, Span};

/// Computed fields may rest on others this deep; deeper only where they rest on each other.
const MAX_DEPTH: u8 = 24;

/// The record whose value is being computed, or whose duty is judged.
pub const THIS: &str = "this";
/// The row that is being made.
pub const ROW: &str = "row";
/// The column that is being computed.
pub const COLUMN: &str = "column";
/// The name of the field by which a record is laid out.
pub const FIELD: &str = "field";
/// Its value.
pub const VALUE: &str = "value";

impl<'w, 'a> Context<'w, 'a> {
    /// The record, if the view is on one.
    pub fn entry(&self) -> Option<&'w Entry<'a>> {
        self.own.map(|own| self.world.entry((self.dossier, own)))
    }

    /// The calendar by which the dossier counts: that of its project.
    pub fn calendar(&self) -> &'w Calendar {
        self.world.calendar(self.dossier)
    }

    /// The same view on a row of a table.
    pub fn on_row(self, columns: &'w [Field], row: &'w Row) -> Self {
        Self { row: Some((columns, row)), ..self }
    }

    /// The view on a record or row.
    pub fn on_member<'m>(&self, member: &'m Member<'_>) -> Context<'m, 'a>
    where
        'w: 'm,
    {
        Context {
            dossier: member.at.0,
            own: Some(member.at.1),
            group: None,
            row: member.row.as_ref().map(|(columns, row)| (*columns, row.as_ref())),
            pivot: member.pivot.as_ref().map(|(name, data)| (*name, data.as_deref())),
            ..*self
        }
    }

    /// The view on several records or rows together.
    pub fn on_group(self, group: Group<'w>) -> Self {
        Self { own: None, group: Some(group), row: None, pivot: None, ..self }
    }

    /// What is in view: the members of a group, or the record with its row.
    pub fn members(&self) -> Vec<Member<'w>> {
        match (self.group, self.own) {
            (Some(group), _) => group.members.to_vec(),
            (None, Some(own)) => vec![Member {
                at: (self.dossier, own),
                row: self.row.map(|(columns, row)| (columns, Cow::Borrowed(row))),
                pivot: self.pivot.map(|(name, data)| (name, data.map(Cow::Borrowed))),
            }],
            (None, None) => Vec::new(),
        }
    }

    /// Notes that a record was read.
    pub fn mark(&self, at: (usize, usize)) {
        if let Some(seen) = self.seen {
            seen.borrow_mut().insert(at);
        }
    }

    /// Notes that something was asked for that is encrypted.
    pub fn note_encrypted(&self) {
        if let Some(blind) = self.blind {
            blind.set(true);
        }
    }

    /// Whether a bare name is a column of the row in view.
    pub fn has_column(&self, name: &str) -> bool {
        let has = |columns: &[Field]| columns.iter().any(|c| c.name.value == name);
        match self.group {
            Some(group) => group.members.iter().any(|m| m.pivot.is_some() && is_pivot(name) || m.row.as_ref().is_some_and(|(c, _)| has(c))),
            None => self.pivot.is_some() && is_pivot(name) || self.row.is_some_and(|(columns, _)| has(columns)),
        }
    }

    /// `this.…` and `row.…` look from another point of view: which, and what there.
    pub fn turned<'r>(&self, r: &'r Ref) -> (Self, Cow<'r, Ref>) {
        let Some(first) = r.parts.first() else { return (*self, Cow::Borrowed(r)) };
        let longer = r.parts.len() > 1 || r.target != Target::Value;
        if !longer || self.world.rulebook.form_index(first).is_some() {
            return (*self, Cow::Borrowed(r));
        }
        let rest = || Cow::Owned(Ref { parts: r.parts[1..].to_vec(), ..r.clone() });
        match (first.as_str(), self.making) {
            (THIS, _) => match self.home {
                Some((dossier, own)) => {
                    let plain = self.world.context(dossier, Some(own));
                    (Self { seen: self.seen, blind: self.blind, depth: self.depth, ..plain }, rest())
                }
                None => (*self, Cow::Borrowed(r)),
            },
            (ROW, Some(Making { columns, row, from, .. })) => {
                let made = r.target == Target::Value && columns.iter().any(|c| Some(&c.name.value) == r.parts.get(1));
                let view = if made { Self { row: Some((columns, row)), group: None, pivot: None, ..*from } } else { *from };
                (Self { seen: self.seen, blind: self.blind, ..view }, rest())
            }
            _ => (*self, Cow::Borrowed(r)),
        }
    }

    /// The form that a reference begins with, and the parts after it.
    pub fn form_of<'r>(&self, r: &'r Ref) -> (Option<usize>, &'r [String]) {
        match r.parts.first().and_then(|first| self.world.rulebook.form_index(first)) {
            Some(form) => (Some(form), &r.parts[1..]),
            None => (None, &r.parts),
        }
    }

    /// The dossiers in view, each once.
    fn dossiers(&self) -> Vec<usize> {
        let mut all: Vec<usize> = match self.group {
            Some(group) if !group.members.is_empty() => group.members.iter().map(|m| m.at.0).collect(),
            _ => vec![self.dossier],
        };
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The records of a form, in the dossiers in view; never those of the project.
    pub fn records(&self, r: &Ref) -> Vec<(usize, usize)> {
        let Some(form) = self.form_of(r).0 else { return Vec::new() };
        self.dossiers().into_iter().flat_map(|d| self.world.of_form(d, form).map(move |e| (d, e))).collect()
    }

    /// The records that a reference speaks of, all of them.
    pub fn entries_of(&self, r: &Ref) -> Vec<(usize, usize)> {
        self.entries(r, true)
    }

    /// The entries that a reference speaks of.
    fn entries(&self, r: &Ref, all: bool) -> Vec<(usize, usize)> {
        let (form, _) = self.form_of(r);
        let Some(form) = form else {
            let Some(group) = self.group else { return self.own.map(|own| (self.dossier, own)).into_iter().collect() };
            let mut seen = HashSet::new();
            return group.members.iter().map(|member| member.at).filter(|at| seen.insert(*at)).collect();
        };
        if !all
            && let Some(entry) = self.entry()
            && entry.form == form
        {
            return self.own.map(|own| (self.dossier, own)).into_iter().collect();
        }
        let mut found: Vec<(usize, usize)> = Vec::new();
        for dossier in self.dossiers() {
            let before = found.len();
            found.extend(self.world.of_form(dossier, form).map(|at| (dossier, at)));
            if found.len() == before
                && let Some(project) = self.world.project_of(dossier)
            {
                found.extend(
                    self.world
                        .of_form(project, form)
                        .map(|at| (project, at))
                        .filter(|at| !found[..before].contains(at))
                        .collect::<Vec<_>>(),
                );
            }
        }
        if !all && self.group.is_none() {
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

    /// Whether a value that a reference means passes a test. All are asked, so that what was read is known.
    pub fn any(&self, r: &Ref, test: impl Fn(&Value) -> bool) -> bool {
        if r.pick != Pick::Own {
            return self.resolve(r).iter().any(|cell| test(&cell.value));
        }
        let mut passed = false;
        self.each(r, self.group.is_some(), &mut |value| passed |= test(value));
        passed
    }

    /// The values that a reference means, over all records and rows or as it says, without their places.
    pub fn bare(&self, r: &Ref, all: bool) -> Vec<Value> {
        if r.pick != Pick::Own {
            return self.resolve(r).into_iter().map(|cell| cell.value).collect();
        }
        let mut values = Vec::new();
        self.each(r, all || self.group.is_some(), &mut |value| values.push(value.clone()));
        values
    }

    /// The value under each reference, in words; none unless all have one.
    pub fn values(&self, refs: &[Ref]) -> Option<Vec<String>> {
        refs.iter().map(|r| self.bare(r, false).first().map(Value::to_string)).collect()
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
        let (view, r) = self.turned(r);
        let (form, rest) = view.form_of(&r);
        if form.is_some() && rest.is_empty() && r.target == Target::Value {
            let entries = view.entries(&r, true);
            entries.iter().for_each(|&at| view.mark(at));
            return !entries.is_empty();
        }
        if let [name] = rest
            && r.target == Target::Value
            && view.row.is_none()
            && !view.has_column(name)
            && name != COLUMN
        {
            // A whole table or composed value counts although it has no single value of its own.
            return view.entries(&r, r.pick != Pick::Own).iter().any(|&at| {
                let entry = view.world.entry(at);
                view.world.form(entry).field(name).is_some_and(|(index, _)| view.data(at, index).is_some())
            });
        }
        if let (Target::Section, Some(name)) = (r.target, rest.last()) {
            // An encrypted section says something, though nobody knows what.
            let entries = view.entries(&r, r.pick != Pick::Own || view.group.is_some());
            entries.iter().for_each(|&at| view.mark(at));
            return entries.iter().any(|&at| view.world.entry(at).record.says(name));
        }
        view.any(&r, |_| true)
    }

    /// How many values or records a reference has.
    pub fn count(&self, r: &Ref) -> usize {
        let (view, r) = self.turned(r);
        let (form, rest) = view.form_of(&r);
        if form.is_some() && rest.is_empty() {
            // Counting a form never borrows from the project: a case without sessions has none.
            let records = view.records(&r);
            records.iter().for_each(|&at| view.mark(at));
            return records.len();
        }
        if let [name] = rest
            && (form.is_some() || !view.has_column(name))
        {
            let rows = view.entries(&r, true).into_iter().filter_map(|at| {
                let (index, _) = view.world.form(view.world.entry(at)).field(name)?;
                match view.data(at, index)?.as_ref() {
                    Data::Rows(rows) => Some(rows.len()),
                    Data::Encrypted => {
                        view.note_encrypted();
                        None
                    }
                    data => Some(data.values().count()),
                }
            });
            return rows.sum();
        }
        view.resolve_all(&r).len()
    }

    /// The rows of the tables under a reference to a table field: (columns, row, place of the record).
    pub fn rows(&self, r: &Ref) -> Vec<RowOf<'w>> {
        let (view, r) = self.turned(r);
        let (_, rest) = view.form_of(&r);
        let [name] = rest else { return Vec::new() };
        view.entries(&r, true).into_iter().flat_map(|at| view.rows_of(at, name)).collect()
    }

    /// The rows of one record's table.
    pub fn rows_of(&self, at: (usize, usize), name: &str) -> Vec<RowOf<'w>> {
        let form = self.world.form(self.world.entry(at));
        let Some((index, field)) = form.field(name) else { return Vec::new() };
        let columns = field.columns.as_slice();
        match self.data(at, index) {
            Some(Cow::Borrowed(Data::Rows(rows))) => rows.iter().map(|row| (columns, Cow::Borrowed(row), at)).collect(),
            Some(Cow::Owned(Data::Rows(rows))) => rows.into_iter().map(|row| (columns, Cow::Owned(row), at)).collect(),
            Some(data) if *data == Data::Encrypted => {
                self.note_encrypted();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// The value of a field of an entry: written, or else computed.
    pub fn data(&self, at: (usize, usize), index: usize) -> Option<Cow<'w, Data>> {
        let entry = self.world.entry(at);
        let form = self.world.form(entry);
        let field = form.fields.get(index)?;
        let written = entry.value(index);
        if written.is_some() {
            self.mark(at);
        }
        let partly = field.columns.iter().any(|column| column.computed.is_some());
        let computed = match written {
            Some(filled) if !partly => return Some(Cow::Borrowed(&filled.data)),
            Some(_) => true,
            None => field.computed.is_some(),
        };
        if !computed || self.depth >= MAX_DEPTH || self.world.rulebook.in_ring(entry.form, index) {
            return written.map(|filled| Cow::Borrowed(&filled.data));
        }
        let make = || {
            let blind = Blind::new(false);
            let plain = self.world.context(at.0, Some(at.1));
            let context = Context { seen: self.seen, blind: Some(&blind), depth: self.depth + 1, ..plain };
            let made = match written {
                Some(filled) => Some(derived::completed(&filled.data, field, &context)),
                None => derived::compute(field.computed.as_ref()?, field, &context),
            };
            if blind.get() { Some(Data::Encrypted) } else { made }
        };
        match self.world.made.slot(at, index, form.fields.len()) {
            Some(slot) if self.seen.is_none() => {
                // Not `get_or_init`: making a value may ask for the value itself where a form is wrong.
                if slot.get().is_none() {
                    let _ = slot.set(make());
                }
                slot.get().and_then(Option::as_ref).map(Cow::Borrowed)
            }
            _ => make().map(Cow::Owned),
        }
    }

    /// Where a computed field's value comes from, if that is one place.
    fn origin(&self, at: (usize, usize), field: &Field) -> Option<Place> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let context = Context { depth: self.depth + 1, ..self.world.context(at.0, Some(at.1)) };
        context.resolve_first(&field.computed.as_ref()?.origin()?).into_iter().next()?.place
    }

    fn cells(&self, r: &Ref, all: bool) -> Vec<Cell> {
        let (view, r) = self.turned(r);
        let (form, rest) = view.form_of(&r);
        if let Some(cells) = view.beside(form, rest, r.target) {
            return cells;
        }
        view.entries(&r, all).into_iter().flat_map(|at| view.cells_of(at, rest, r.target)).collect()
    }

    /// What a bare name means that is no field: the column that is computed, or one of the row in view.
    fn beside(&self, form: Option<usize>, rest: &[String], target: Target) -> Option<Vec<Cell>> {
        let [name] = rest else { return None };
        if form.is_some() || target != Target::Value {
            return None;
        }
        if name == COLUMN
            && let Some(column) = self.column
        {
            return Some(vec![Cell { value: column_value(column), place: None, moment: None, at: None }]);
        }
        self.has_column(name).then(|| match self.group {
            Some(group) => group.members.iter().flat_map(|member| self.on_member(member).in_row(name)).collect(),
            None => self.in_row(name),
        })
    }

    /// Shows every value under a reference, for whoever need not know where it stands.
    fn each(&self, r: &Ref, all: bool, see: &mut dyn FnMut(&Value)) {
        if r.target != Target::Value {
            return self.cells(r, all).iter().for_each(|cell| see(&cell.value));
        }
        let (view, r) = self.turned(r);
        let (form, rest) = view.form_of(&r);
        match view.beside(form, rest, r.target) {
            Some(cells) => cells.iter().for_each(|cell| see(&cell.value)),
            None => view.entries(&r, all).into_iter().for_each(|at| view.each_value(at, rest, &mut |value, _| see(value))),
        }
    }

    /// The values of a column of the row in view, or of the field by which it is laid out.
    fn in_row(&self, name: &str) -> Vec<Cell> {
        let place = |span| self.entry().map(|e| Place::new(&e.record.source, span));
        let of = |data: Option<&Data>| {
            if data == Some(&Data::Encrypted) {
                self.note_encrypted();
            }
            let values = data.map(|data| data.values().map(|d| (d.value.clone(), d.span)).collect::<Vec<_>>()).unwrap_or_default();
            if !values.is_empty()
                && let Some(own) = self.own
            {
                self.mark((self.dossier, own));
            }
            let at = self.own.map(|own| (self.dossier, own));
            values.into_iter().map(|(value, span)| Cell { value, place: place(span), moment: None, at }).collect()
        };
        match (self.pivot, name) {
            (Some((field, _)), FIELD) => vec![Cell { value: Value::Text(field.to_owned()), place: None, moment: None, at: None }],
            (Some((_, data)), VALUE) => of(data),
            _ => {
                let Some((columns, row)) = self.row else { return Vec::new() };
                of(row.cell(columns, name))
            }
        }
    }

    fn cells_of(&self, at: (usize, usize), rest: &[String], target: Target) -> Vec<Cell> {
        let entry = self.world.entry(at);
        match target {
            Target::Event(event) => {
                self.mark(at);
                let moment = match event {
                    Event::Submitted => entry.evidence.submitted,
                    Event::Approved => self.world.approved.get(&at).copied(),
                    Event::Returned => entry.evidence.returned,
                    Event::Reviewed => entry.evidence.reviewed,
                };
                let place = entry.place(entry.record.front);
                moment
                    .into_iter()
                    .map(|m| Cell {
                        value: Value::Date(m.claimed),
                        place: Some(Place { span: Span::at(place.span.start), ..place.clone() }),
                        moment: Some(m),
                        at: Some(at),
                    })
                    .collect()
            }
            Target::Section => {
                let Some(name) = rest.last() else { return Vec::new() };
                self.mark(at);
                if encryption::is_encrypted(entry.record, name) {
                    self.note_encrypted();
                    return Vec::new();
                }
                let text = entry.record.section_text(name).filter(|text| crate::archive::record::says_something(text));
                let place = entry.record.section(name).map(|s| entry.place(s.heading));
                let cell =
                    |text: Cow<'_, str>| Cell { value: Value::Text(text.into_owned()), place: place.clone(), moment: None, at: Some(at) };
                text.into_iter().map(cell).collect()
            }
            Target::Value => {
                // A computed value has no bytes of its own: it is shown where it comes from.
                let made =
                    rest.first().and_then(|name| self.world.form(entry).field(name)).filter(|(index, _)| entry.value(*index).is_none());
                let origin = OnceCell::new();
                let mut cells = Vec::new();
                self.each_value(at, rest, &mut |value, span| {
                    let origin = origin.get_or_init(|| made.and_then(|(_, field)| self.origin(at, field)));
                    let place = origin.clone().or_else(|| Some(entry.place(span)));
                    cells.push(Cell { value: value.clone(), place, moment: None, at: Some(at) });
                });
                cells
            }
        }
    }

    /// Shows every value that these parts of a reference mean in a record, with its bytes.
    fn each_value(&self, at: (usize, usize), rest: &[String], see: &mut dyn FnMut(&Value, Span)) {
        let entry = self.world.entry(at);
        let form = self.world.form(entry);
        let Some(name) = rest.first() else { return see(&Value::Text(form.code.value.clone()), Span::at(0)) };
        let Some((index, field)) = form.field(name) else { return };
        let Some(data) = self.data(at, index) else { return };
        match (data.as_ref(), rest.get(1)) {
            (Data::Encrypted, _) => self.note_encrypted(),
            (data, None) => data.values().for_each(|d| see(&d.value, d.span)),
            (Data::Parts(parts), Some(part)) => parts.iter().filter(|(k, _)| k == part).for_each(|(_, d)| see(&d.value, d.span)),
            (Data::Rows(rows), Some(part)) => {
                let Some(column) = field.columns.iter().position(|c| c.name.value == *part) else { return };
                for data in rows.iter().filter_map(|row| row.cells.get(column).and_then(Option::as_ref)) {
                    match (data, rest.get(2)) {
                        (Data::Encrypted, _) => self.note_encrypted(),
                        (Data::Parts(parts), Some(key)) => {
                            parts.iter().filter(|(k, _)| k == key).for_each(|(_, d)| see(&d.value, d.span));
                        }
                        (data, _) => data.values().for_each(|d| see(&d.value, d.span)),
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_pivot(name: &str) -> bool {
    name == FIELD || name == VALUE
}

/// What `column` stands for: the number in the column's name where there is one, otherwise the name.
fn column_value(name: &str) -> Value {
    let mut numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    match (numbers.next().map(str::parse), numbers.next()) {
        (Some(Ok(number)), None) => Value::Number(number),
        _ => Value::Text(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_stands_for_the_one_number_in_its_name() {
        assert_eq!(column_value("第12节"), Value::Number(12.into()));
        assert_eq!(column_value("5"), Value::Number(5.into()));
        assert_eq!(column_value("6-18"), Value::Text("6-18".to_owned()));
        assert_eq!(column_value("合计"), Value::Text("合计".to_owned()));
        assert_eq!(column_value("99999999999999999999999999999999"), Value::Text("99999999999999999999999999999999".to_owned()));
    }
}
