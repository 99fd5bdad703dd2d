//! What is wrong with records by themselves: what can be said before anything around them is known.
//!
//! Not that something is still missing or late: a draft may be kept and a late record must be, but what cannot be read, or is no
//! value at all, helps nobody wherever it is kept. What must be encrypted and stands in clear must not get into history either.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Rulebook;
use super::encryption;
use super::judge::reading;
use crate::archive::Archive;
use crate::diagnostic::{Diagnostic, Severity};

/// The errors of reading in some files of an archive, and of the forms of these records.
pub fn of(archive: &Archive, rulebook: &Rulebook, paths: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = archive.findings.iter().filter(|d| paths.contains(d.path())).cloned().collect();
    let records = archive.records.par_iter().filter(|record| paths.contains(record.path()));
    let of_record = |record| {
        let (read, mut said) = reading(rulebook, record);
        said.extend(read.into_iter().flat_map(|(form, _)| encryption::of_staged(archive, rulebook, record, form)));
        said
    };
    let said: Vec<Vec<Diagnostic>> = records.map(of_record).collect();
    found.extend(said.into_iter().flatten());
    found.retain(|d| d.severity == Severity::Error);
    found
}
