//! Identities for tests.

use super::Identity;
use crate::source::{Place, Source, Span};

/// A value of somebody in a record.
pub fn identity(value: &str, audience: usize) -> Identity {
    let place = Place::new(&Source::new("cases/A/C03.md", "案主姓名: x"), Span::at(0));
    let (record, field) = ("A/C03".to_owned(), "案主姓名".to_owned());
    Identity { value: value.to_owned(), dossier: 0, record, field, place, audience, respelled: false }
}
