//! What earlier versions of records say, read once.
//!
//! A version never changes, so what was read of it is kept in the repository's git folder and found
//! there by the next run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use super::history::{Blobs, Oid};
use super::journal::{Journal, Key};
use super::kept;
use super::record::Record;
use super::timeline::{self, FieldChange};

/// Begins the file of outlines; raised, here and in its name, whenever what it holds changes.
const MAGIC: &[u8] = b"anjuan outlines 3\n";

/// Which fields and sections of a version say anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Whether part of the text could not be understood.
    pub unreadable: bool,
    /// Names, one a line; those of sections behind a mark.
    names: Box<str>,
    /// What the first field says: a record begins with the name of its form.
    first: Box<str>,
}

/// Stands before the name of a section.
const SECTION: char = '§';

impl Outline {
    /// The outline of a record.
    pub fn of(record: &Record) -> Self {
        let mut names = String::new();
        for (key, _) in record.fields.as_map().unwrap_or_default().iter().filter(|(_, node)| !node.is_empty()) {
            names.extend([key.text.as_str(), "\n"]);
        }
        for section in record.sections.iter().filter(|section| record.says(&section.name)) {
            names.push(SECTION);
            names.extend([section.name.as_str(), "\n"]);
        }
        let mut fields = record.fields.as_map().unwrap_or_default().iter();
        let first = fields.find(|(_, node)| !node.is_empty()).and_then(|(_, node)| node.as_str()).unwrap_or_default();
        Self { unreadable: record.unreadable, names: names.into(), first: first.into() }
    }

    /// What a field says that stands first; none where another does.
    pub fn first(&self, name: &str) -> Option<&str> {
        (self.names.lines().next() == Some(name)).then_some(&self.first)
    }

    /// The names, for many questions.
    pub fn said(&self) -> Said<'_> {
        Said(self.names.lines().collect())
    }
}

/// The fields and sections of a version that say anything.
#[derive(Debug)]
pub struct Said<'o>(HashSet<&'o str>);

impl Said<'_> {
    /// Whether the field has a value.
    pub fn has_field(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether the section says something.
    pub fn has_section(&self, name: &str) -> bool {
        self.0.contains(format!("{SECTION}{name}").as_str())
    }
}

/// Reads versions, and writes down what it learnt.
pub struct Versions {
    outlines: Outlines,
    changes: Journal,
}

impl Versions {
    /// The versions of a repository. `folder` is where earlier runs kept what they read, if that may be used.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        let file = |name: &str| folder.map(|folder| folder.join(name));
        Self { outlines: Outlines::new(file("outlines-3.bin")), changes: Journal::new(file("changes-3.bin")) }
    }

    /// The outline of a version; none where its text cannot be had.
    pub fn outline(&self, blobs: &Blobs, path: &str, blob: Oid) -> Option<Arc<Outline>> {
        self.outlines.get(blob, || timeline::version(blobs, path, blob).map(|record| Outline::of(&record)))
    }

    /// What differs between two versions. `newest` is the record at hand, where the later version is its text.
    pub fn between(&self, blobs: &Blobs, path: &str, old: Oid, new: Oid, newest: Option<&Record>) -> Vec<FieldChange> {
        let key = key(old, new);
        if let Some(known) = self.changes.get(&key) {
            return known;
        }
        let before = timeline::version(blobs, path, old);
        let read = newest.is_none().then(|| timeline::version(blobs, path, new)).flatten();
        let after = newest.or(read.as_ref());
        let changes = timeline::between(before.as_ref(), after);
        // A text that cannot be had today may be fetched tomorrow.
        if before.is_some() && after.is_some() {
            self.changes.put(key, &changes);
        }
        changes
    }

    /// Writes down what was learnt; done at the end in any case, unless the end is that of the process.
    pub(super) fn keep(&self) {
        self.outlines.keep();
        self.changes.keep();
    }
}

impl Drop for Versions {
    fn drop(&mut self) {
        self.keep();
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Versions")
    }
}

fn key(old: Oid, new: Oid) -> Key {
    let mut key = [0; 40];
    key[..20].copy_from_slice(&old.bytes());
    key[20..].copy_from_slice(&new.bytes());
    key
}

/// Outlines by version. They are short and many are asked for again and again, so those of earlier runs are read at once.
struct Outlines {
    file: Option<PathBuf>,
    kept: OnceLock<HashMap<Oid, Arc<Outline>>>,
    new: Mutex<BTreeMap<Oid, Arc<Outline>>>,
}

impl Outlines {
    fn new(file: Option<PathBuf>) -> Self {
        Self { file, kept: OnceLock::new(), new: Mutex::default() }
    }

    fn get(&self, version: Oid, make: impl FnOnce() -> Option<Outline>) -> Option<Arc<Outline>> {
        if let Some(known) = self.kept.get_or_init(|| self.read().unwrap_or_default()).get(&version) {
            return Some(Arc::clone(known));
        }
        let made = Arc::new(make()?);
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(version, Arc::clone(&made));
        Some(made)
    }

    fn read(&self) -> Option<HashMap<Oid, Arc<Outline>>> {
        let entries: Vec<(Oid, Outline)> = kept::read(self.file.as_ref()?, MAGIC)?;
        Some(entries.into_iter().map(|(version, outline)| (version, Arc::new(outline))).collect())
    }

    fn keep(&self) {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = self.file.as_ref().filter(|_| !new.is_empty()) else { return };
        let all = self.kept.get().into_iter().flatten().chain(new.iter());
        let mut entries: Vec<(&Oid, &Outline)> = all.map(|(version, outline)| (version, outline.as_ref())).collect();
        entries.sort_by_key(|(version, _)| **version);
        kept::write(file, MAGIC, &entries);
    }
}
