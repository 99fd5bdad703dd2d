//! What earlier versions of records say, read once.
//!
//! A version never changes, so what was read of it is kept in the repository's git folder and found
//! there by the next run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::history::{Blobs, Oid};
use super::kept;
use super::record::Record;
use super::timeline::{self, FieldChange};

/// Begins every file; raised, here and in the names of the files, whenever what they hold changes.
const MAGIC: &[u8] = b"anjuan versions 2\n";

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

/// Reads versions; what is new is written down in the end.
#[derive(Default)]
pub struct Versions {
    outlines: Shelf<Oid, Option<Outline>>,
    changes: Shelf<(Oid, Oid), Vec<FieldChange>>,
}

impl Versions {
    /// The versions of a repository. `folder` is where earlier runs kept what they read, if that may be used.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        let shelf = |name: &str| folder.map(|folder| folder.join(name));
        Self { outlines: Shelf::new(shelf("outlines-2.bin")), changes: Shelf::new(shelf("changes-2.bin")) }
    }

    /// The outline of a version; none where its text cannot be had.
    pub fn outline(&self, blobs: &Blobs, path: &str, blob: Oid) -> Arc<Option<Outline>> {
        self.outlines.get(blob, || timeline::version(blobs, path, blob).map(|record| Outline::of(&record)))
    }

    /// What differs between two versions. `newest` is the record at hand, where the later version is its text.
    pub fn between(&self, blobs: &Blobs, path: &str, old: Oid, new: Oid, newest: Option<&Record>) -> Arc<Vec<FieldChange>> {
        self.changes.get((old, new), || {
            let before = timeline::version(blobs, path, old);
            let read = newest.is_none().then(|| timeline::version(blobs, path, new)).flatten();
            timeline::between(before.as_ref(), newest.or(read.as_ref()))
        })
    }
}

impl Drop for Versions {
    fn drop(&mut self) {
        self.outlines.keep();
        self.changes.keep();
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Versions")
    }
}

/// Answers by key; those of earlier runs are read when the first one is asked for.
struct Shelf<K, V> {
    file: Option<PathBuf>,
    kept: OnceLock<HashMap<K, Arc<V>>>,
    new: Mutex<BTreeMap<K, Arc<V>>>,
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self { file: None, kept: OnceLock::new(), new: Mutex::default() }
    }
}

impl<K, V> Shelf<K, V>
where
    K: Copy + Ord + Hash + Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    fn new(file: Option<PathBuf>) -> Self {
        Self { file, ..Self::default() }
    }

    fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(known) = self.kept.get_or_init(|| self.read().unwrap_or_default()).get(&key) {
            return Arc::clone(known);
        }
        let made = Arc::new(make());
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&made));
        made
    }

    fn read(&self) -> Option<HashMap<K, Arc<V>>> {
        let entries: Vec<(K, V)> = kept::read(self.file.as_ref()?, MAGIC)?;
        Some(entries.into_iter().map(|(key, value)| (key, Arc::new(value))).collect())
    }

    /// Writes down what is new.
    fn keep(&self) {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = self.file.as_ref().filter(|_| !new.is_empty()) else { return };
        let all = self.kept.get().into_iter().flatten().chain(new.iter());
        let mut entries: Vec<(&K, &V)> = all.map(|(key, value)| (key, value.as_ref())).collect();
        entries.sort_by_key(|(key, _)| **key);
        kept::write(file, MAGIC, &entries);
    }
}
