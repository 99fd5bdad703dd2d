//! What identifies people in an archive: the values of fields and columns that are marked so, and of every identity
//! document, telephone and e-mail.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::Rulebook;
use super::context::World;
use super::entry::Filled;
use super::form::{Field, Form, Kind};
use super::value::{Data, Datum, Value};
use crate::source::Place;

/// One value that identifies somebody.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What stands there.
    pub value: String,
    /// The dossier, as an index.
    pub dossier: usize,
    /// The record, by its id.
    pub record: String,
    /// The field, with its column where it is a table's.
    pub field: String,
    /// Where it stands.
    pub place: Place,
    /// The lowest audience that may see it, as an index.
    pub audience: usize,
    /// Whether this is another spelling of a value that is among the others too.
    pub respelled: bool,
}

/// What one record says of one person: in its fields, or in a row of a table.
pub struct Group<'d> {
    /// Who that is towards the dossier, in the form's word; none where the form does not say.
    pub word: Option<&'d str>,
    /// The field and the row, where it is a table's.
    pub row: Option<(usize, usize)>,
    /// The values, in the order of the form.
    pub values: Vec<Named<'d>>,
}

/// A value that names somebody: its field, its column, the lowest audience that sees it, and what stands there.
pub type Named<'d> = (&'d Field, Option<&'d Field>, usize, &'d Datum);

impl World<'_> {
    /// Every identity that somebody wrote, in the order of the records.
    pub fn identities(&self) -> Vec<Identity> {
        let mut found = Vec::new();
        for (dossier, facts) in self.dossiers.iter().enumerate() {
            for entry in &facts.entries {
                for (field, column, audience, datum) in
                    groups(self.rulebook, self.form(entry), &entry.filled).into_iter().flat_map(|g| g.values)
                {
                    let name = &field.name.value;
                    let one = |value: String, respelled: bool| Identity {
                        value,
                        dossier,
                        record: entry.id.clone(),
                        field: column.map_or_else(|| name.clone(), |column| format!("{name}.{}", column.name.value)),
                        place: entry.place(datum.span),
                        audience,
                        respelled,
                    };
                    found.push(one(written(datum), false));
                    found.extend(respelled(&datum.value).into_iter().map(|value| one(value, true)));
                }
            }
        }
        found
    }
}

/// What stands in a field, as it is looked for.
pub fn written(datum: &Datum) -> String {
    datum.value.to_string().trim().to_owned()
}

/// The other ways in which people write a value: a day with 年月日, with other marks, with fewer noughts than ISO 8601 has.
pub fn respelled(value: &Value) -> Vec<String> {
    let Value::Date(day) = value else { return Vec::new() };
    let year = day.year();
    let plain = (day.month().to_string(), day.day().to_string());
    let padded = (format!("{:02}", day.month()), format!("{:02}", day.day()));
    let spelled = |(month, date): &(String, String)| {
        let marked = ["-", "/", "."].map(|mark| [&year.to_string(), month, date].map(String::as_str).join(mark));
        marked.into_iter().chain(["日", "号"].map(|last| format!("{year}年{month}月{date}{last}"))).collect::<Vec<_>>()
    };
    let all: BTreeSet<String> = [plain, padded].iter().flat_map(spelled).collect();
    all.into_iter().filter(|spelling| *spelling != value.to_string()).collect()
}

/// Whom the fields of a record name: those of one word in plain fields are one person, and so is every row of a table.
pub fn groups<'d>(rulebook: &'d Rulebook, form: &'d Form, filled: &'d [Option<Filled>]) -> Vec<Group<'d>> {
    let mut groups: Vec<Group<'d>> = Vec::new();
    let mut of_rows: Vec<Group<'d>> = Vec::new();
    // Groups of one row stand together, so only the last few are looked at.
    let add = |groups: &mut Vec<Group<'d>>, word: Option<&'d str>, row, value: Named<'d>| {
        if written(value.3).is_empty() {
            return;
        }
        let mut own = groups.iter_mut().rev().take_while(|group| group.row == row);
        match own.find(|group| group.word == word || row.is_some() && word.is_none()) {
            Some(group) => group.values.push(value),
            None => groups.push(Group { word, row, values: vec![value] }),
        }
    };
    for (index, field) in form.fields.iter().enumerate() {
        let Some(filled) = filled.get(index).and_then(Option::as_ref) else { continue };
        let Data::Rows(rows) = &filled.data else {
            if identifies(field) {
                let values = named(rulebook, field, &filled.data);
                values.for_each(|datum| add(&mut groups, field.identifies.as_deref(), None, (field, None, field.audience, datum)));
            }
            continue;
        };
        for (nth, row) in rows.iter().enumerate() {
            // Whoever the row names comes first, so that a telephone belongs to somebody.
            let columns = || field.columns.iter().zip(&row.cells).filter(|(column, _)| identifies(column));
            let (worded, other): (Vec<_>, Vec<_>) = columns().partition(|(column, _)| column.identifies.is_some());
            for (column, cell) in worded.into_iter().chain(other) {
                let audience = column.audience.max(field.audience);
                let values = cell.iter().flat_map(|data| named(rulebook, column, data));
                values.for_each(|datum| {
                    add(&mut of_rows, column.identifies.as_deref(), Some((index, nth)), (field, Some(column), audience, datum))
                });
            }
        }
    }
    groups.append(&mut of_rows);
    groups
}

/// The values of a field that name somebody: of a signature who signed, of a document its number.
fn named<'d>(rulebook: &Rulebook, field: &Field, data: &'d Data) -> Box<dyn Iterator<Item = &'d Datum> + 'd> {
    let keys = &rulebook.settings.value_keys;
    let key = match field.kind {
        Kind::Signature => keys.signature.name.clone(),
        Kind::IdCard => keys.id_card.number.clone(),
        _ => return Box::new(data.values()),
    };
    match data {
        Data::Parts(parts) => Box::new(parts.iter().filter(move |(name, _)| *name == key).map(|(_, datum)| datum)),
        _ => Box::new(data.values()),
    }
}

/// Whether what stands in a field identifies somebody.
pub(super) fn identifies(field: &Field) -> bool {
    field.identifies.is_some() || matches!(field.kind, Kind::IdCard | Kind::Phone | Kind::Email)
}

/// Whether a value can tell somebody from others: not one character, not a few letters or digits such as `P10`, which stand
/// in many a code.
pub fn telling(value: &str) -> bool {
    let signs = value.chars().filter(|c| c.is_alphanumeric()).count();
    if value.is_ascii() { signs >= 5 } else { signs >= 2 }
}

#[cfg(test)]
pub mod sample;
