//! What people are called before those who may not know them: `家属-1` instead of a name.
//!
//! A pseudonym is the word of the form for whom a field identifies, and a number: people are counted in the order in which
//! the dossier's history first names them. Nothing in it comes from the name; and it stays, since history only grows: what is
//! corrected, moved or taken away later takes no number from anybody. (Who is named only on a branch is counted after
//! everybody on the main branch, and may be counted anew once others have entered before them.) Where the form has a code of
//! its own for somebody (`stands-for`), that is the pseudonym for all who may see the code.
//!
//! Of a day that identifies somebody, which is when they were born, the ten years are told in which it lies.
//!
//! A pseudonym means somebody within one dossier only; elsewhere the same person has none, so that nobody can tell from it who
//! has to do with whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use chrono::Datelike;

use super::context::World;
use super::entry::Filled;
use super::form::{Field, Form};
use super::identities::{groups, respelled, written};
use super::judge::reading;
use super::mentions::fold;
use super::value::{Data, Value};
use crate::archive::history::Oid;
use crate::archive::{Archive, timeline};

/// The pseudonyms of an archive; those of a dossier are worked out when the first of them is asked for.
pub struct Pseudonyms<'w> {
    world: &'w World<'w>,
    archive: &'w Archive,
    dossiers: Vec<OnceLock<Numbered>>,
    /// Every path that ever was, by its folder.
    paths: OnceLock<BTreeMap<&'w str, Vec<&'w str>>>,
}

/// What is read instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alias<'p> {
    /// Who is meant.
    Name(&'p str),
    /// The first of the ten years in which the day lies, such as 1950.
    Years(i32),
}

/// The people of one dossier.
#[derive(Default)]
struct Numbered {
    /// The first of ten years by the days in them, in their one spelling.
    years: HashMap<String, i32>,
    /// Who is meant by a value, in its one spelling.
    by_value: HashMap<String, usize>,
    /// Who is meant by the plain fields of a record, by its path and the form's word.
    by_record: HashMap<(String, String), usize>,
    /// How many there are of each word.
    counts: HashMap<String, usize>,
    people: Vec<Person>,
}

struct Person {
    pseudonym: String,
    /// The code that the form has for them, with the lowest audience that sees it.
    code: Option<(String, usize)>,
}

impl<'w> Pseudonyms<'w> {
    /// The pseudonyms of an archive.
    pub fn new(world: &'w World<'w>, archive: &'w Archive) -> Self {
        let dossiers = world.dossiers.iter().map(|_| OnceLock::new()).collect();
        Self { world, archive, dossiers, paths: OnceLock::new() }
    }

    /// What those at `level` read in a dossier instead of a value (in its one spelling); none where the value names nobody of
    /// that dossier. `may_show` says whether they may read a code.
    pub fn of(&self, dossier: usize, value: &str, level: usize, may_show: &dyn Fn(&str) -> bool) -> Option<Alias<'_>> {
        let numbered = self.dossiers.get(dossier)?.get_or_init(|| self.number(dossier));
        if let Some(years) = numbered.years.get(value) {
            return Some(Alias::Years(*years));
        }
        let person = &numbered.people[*numbered.by_value.get(value)?];
        let code = person.code.as_ref().filter(|(code, audience)| *audience <= level && may_show(code));
        Some(Alias::Name(code.map_or(&person.pseudonym, |(code, _)| code)))
    }

    /// Counts the people of a dossier through its history, then through what lies there now.
    fn number(&self, dossier: usize) -> Numbered {
        let (book, facts) = (self.world.rulebook, &self.world.dossiers[dossier]);
        let mut numbered = Numbered::default();
        for (path, blob) in self.versions(&facts.path) {
            let Some(record) = timeline::version(&self.archive.blobs, path, blob) else { continue };
            if let (Some((form, filled)), _) = reading(book, &record) {
                numbered.add(self.world, path, &book.forms[form], &filled);
            }
        }
        for entry in &facts.entries {
            numbered.add(self.world, entry.record.path(), self.world.form(entry), &entry.filled);
        }
        numbered
    }

    /// Every text that ever stood in a dossier, oldest first.
    fn versions(&self, folder: &str) -> Vec<(&'w str, Oid)> {
        let history = &self.archive.history;
        let paths = self.paths.get_or_init(|| {
            let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for path in history.paths().filter(|path| path.ends_with(".md")) {
                // A record that stands alone is its own dossier.
                let folder = path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at]);
                paths.entry(folder).or_default().push(path);
            }
            paths
        });
        let mut versions: Vec<(u32, &str, Oid)> = Vec::new();
        for path in paths.get(folder).into_iter().flatten() {
            let mut seen: BTreeSet<Oid> = BTreeSet::new();
            for change in history.changes(path) {
                if let Some(blob) = change.new.filter(|blob| seen.insert(*blob)) {
                    versions.push((change.commit, path, blob));
                }
            }
        }
        versions.sort_by_key(|&(commit, path, _)| (commit, path));
        versions.into_iter().map(|(_, path, blob)| (path, blob)).collect()
    }
}

impl Numbered {
    /// Whom a version of a record names.
    fn add(&mut self, world: &World<'_>, path: &str, form: &Form, filled: &[Option<Filled>]) {
        for group in groups(world.rulebook, form, filled) {
            for (.., datum) in &group.values {
                if let Value::Date(day) = &datum.value {
                    let spellings = respelled(&datum.value).into_iter().chain([written(datum)]);
                    self.years.extend(spellings.map(|spelling| (fold(&spelling).text, day.year() - day.year().rem_euclid(10))));
                }
            }
            // Of whom the form does not say who they are nothing can be said instead.
            let Some(word) = group.word else { continue };
            let values: Vec<String> = group.values.iter().map(|(.., datum)| fold(&written(datum)).text).collect();
            let record = (path.to_owned(), word.to_owned());
            let known = self.by_value.get(&values[0]).or_else(|| self.by_record.get(&record).filter(|_| group.row.is_none()));
            let person = known.copied().unwrap_or_else(|| {
                let count = self.counts.entry(word.to_owned()).or_default();
                *count += 1;
                self.people.push(Person { pseudonym: format!("{word}-{count}"), code: None });
                self.people.len() - 1
            });
            for value in values {
                self.by_value.entry(value).or_insert(person);
            }
            if group.row.is_none() {
                self.by_record.insert(record, person);
            }
            if let Some(code) = code(form, filled, word, group.row) {
                self.people[person].code = Some(code);
            }
        }
    }
}

/// The code that stands for whom the word means: in the record, or in the row.
fn code(form: &Form, filled: &[Option<Filled>], word: &str, row: Option<(usize, usize)>) -> Option<(String, usize)> {
    let stands = |field: &Field| field.stands_for.as_ref().is_some_and(|own| own.value == word);
    let (data, audience) = match row {
        None => {
            let (at, field) = form.fields.iter().enumerate().find(|(_, field)| stands(field))?;
            (&filled.get(at)?.as_ref()?.data, field.audience)
        }
        Some((index, nth)) => {
            let table = &form.fields[index];
            let (at, column) = table.columns.iter().enumerate().find(|(_, column)| stands(column))?;
            let Data::Rows(rows) = &filled.get(index)?.as_ref()?.data else { return None };
            (rows.get(nth)?.cells.get(at)?.as_ref()?, column.audience.max(table.audience))
        }
    };
    data.first().map(|value| (value.to_string(), audience)).filter(|(code, _)| !code.trim().is_empty())
}
