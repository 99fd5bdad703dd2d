//! What identifies people in an archive: the values of fields and columns that are marked so, and of every identity
//! document, telephone and e-mail.

use super::context::World;
use super::form::{Field, Kind};
use super::value::{Data, Datum};
use crate::source::Place;

/// One value that identifies somebody.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What stands there.
    pub value: String,
    /// The record, by its id.
    pub record: String,
    /// The field, with its column where it is a table's.
    pub field: String,
    /// Where it stands.
    pub place: Place,
    /// The lowest audience that may see it, as an index.
    pub audience: usize,
}

impl World<'_> {
    /// Every identity that somebody wrote, in the order of the records.
    pub fn identities(&self) -> Vec<Identity> {
        let mut found = Vec::new();
        for entry in self.dossiers.iter().flat_map(|dossier| &dossier.entries) {
            let form = self.form(entry);
            let mut note = |datum: &Datum, field: String, audience: usize| {
                let value = datum.value.to_string().trim().to_owned();
                if !value.is_empty() {
                    found.push(Identity { value, record: entry.id.clone(), field, place: entry.place(datum.span), audience });
                }
            };
            for (index, field) in form.fields.iter().enumerate() {
                let Some(filled) = entry.value(index) else { continue };
                if let Data::Rows(rows) = &filled.data {
                    for (at, column) in field.columns.iter().enumerate().filter(|(_, column)| identifies(column)) {
                        let name = format!("{}.{}", field.name.value, column.name.value);
                        for data in rows.iter().filter_map(|row| row.cells.get(at)?.as_ref()) {
                            self.named(column, data).for_each(|datum| note(datum, name.clone(), column.audience.max(field.audience)));
                        }
                    }
                } else if identifies(field) {
                    self.named(field, &filled.data).for_each(|datum| note(datum, field.name.value.clone(), field.audience));
                }
            }
        }
        found
    }

    /// The values of a field that name somebody: of a signature who signed, of a document its number.
    fn named<'d>(&self, field: &Field, data: &'d Data) -> Box<dyn Iterator<Item = &'d Datum> + 'd> {
        let keys = &self.rulebook.settings.value_keys;
        let key = match field.kind {
            Kind::Signature => keys.signature.name.clone(),
            Kind::IdCard => keys.id_card.number.clone(),
            _ => return data.values(),
        };
        match data {
            Data::Parts(parts) => Box::new(parts.iter().filter(move |(name, _)| *name == key).map(|(_, datum)| datum)),
            _ => data.values(),
        }
    }
}

/// Whether what stands in a field identifies somebody.
fn identifies(field: &Field) -> bool {
    field.identifies.is_some() || matches!(field.kind, Kind::IdCard | Kind::Phone | Kind::Email)
}
