//! The facts as the rulebook sees them: records read by their forms, dossiers with their project,
//! and the points of view from which a [`Ref`](super::reference::Ref) finds its values among them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::NaiveDate;

use super::Rulebook;
use super::calendar::Calendar;
use super::entry::Filled;
use super::evidence::{Evidence, Moment};
use super::form::{Field, Form};
use super::obligation::State;
use super::reference::Ref;
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
    /// States of deadlines by (rule, dossier, entry); known once they are judged.
    pub states: BTreeMap<(usize, usize, Option<usize>), State>,
    /// Rules whose deadlines ended late, by the record with which they ended; known once they are judged.
    pub late: BTreeMap<(usize, usize), BTreeSet<usize>>,
    /// Values computed so far; forgotten whenever more of the above becomes known.
    pub made: Made,
}

/// Computed values by dossier, entry and field, each made when it is first asked for.
#[derive(Default)]
pub struct Made(Vec<Vec<OnceLock<Fields>>>);

/// Computed values of one entry, by field.
type Fields = Box<[OnceLock<Option<Data>>]>;

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
    /// Its records in order of their names, and of numbers at their ends.
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
    /// The record it stands in, (dossier, entry).
    pub at: Option<(usize, usize)>,
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
    /// Several records or rows instead of one record (grouped rows).
    pub group: Option<Group<'w>>,
    /// A row of a table with its columns.
    pub row: Option<(&'w [Field], &'w Row)>,
    /// One of the fields that a record is laid out by: its name and its value.
    pub pivot: Option<(&'w str, Option<&'w Data>)>,
    /// The row that is being made.
    pub making: Option<&'w Making<'w, 'a>>,
    /// The name of the column that is being computed.
    pub column: Option<&'w str>,
    /// The record that the view began with: the one whose value is computed or whose duty is judged.
    pub home: Option<(usize, usize)>,
    /// Where the records that were read are noted.
    pub seen: Option<&'w Seen>,
    /// Where it is noted that something was asked for that is encrypted.
    pub blind: Option<&'w Blind>,
    /// How many computed fields deep we are.
    pub depth: u8,
    /// The id of the rule that is judged.
    pub rule: &'w str,
}

/// Whether something was asked for that only those know who hold the key.
pub type Blind = std::cell::Cell<bool>;

/// Places of records, (dossier, entry), that a value was computed from.
pub type Seen = RefCell<BTreeSet<(usize, usize)>>;

/// What a grouped row is made from.
#[derive(Clone, Copy)]
pub struct Group<'w> {
    /// The form, in rows made per form.
    pub form: Option<usize>,
    /// The records or rows.
    pub members: &'w [Member<'w>],
}

/// A record, perhaps a row of a table of it, perhaps one field of it.
#[derive(Clone)]
pub struct Member<'w> {
    /// The record.
    pub at: (usize, usize),
    /// The row with its columns.
    pub row: Option<(&'w [Field], Cow<'w, Row>)>,
    /// The field by which it is laid out: name and value.
    pub pivot: Option<(&'w str, Option<Cow<'w, Data>>)>,
}

/// A row that is being made, column by column.
pub struct Making<'w, 'a> {
    /// The columns of its table.
    pub columns: &'w [Field],
    /// The cells so far.
    pub row: &'w Row,
    /// The number of rows before it.
    pub nth: usize,
    /// What it is made from.
    pub from: Context<'w, 'a>,
}

/// A row of a table with its columns and the place of its record; owned where it was computed.
pub type RowOf<'w> = (&'w [Field], Cow<'w, Row>, (usize, usize));

impl Made {
    /// Room for the values of so many entries in each dossier.
    pub fn of(dossiers: &[DossierFacts<'_>]) -> Self {
        Self(dossiers.iter().map(|d| d.entries.iter().map(|_| OnceLock::new()).collect()).collect())
    }

    /// The room for one value.
    pub fn slot(&self, at: (usize, usize), index: usize, fields: usize) -> Option<&OnceLock<Option<Data>>> {
        let entry = self.0.get(at.0)?.get(at.1)?;
        entry.get_or_init(|| (0..fields).map(|_| OnceLock::new()).collect()).get(index)
    }
}

impl DossierFacts<'_> {
    /// Whether somebody who says `name` means this dossier: by its number or its path.
    pub fn is_called(&self, name: &str) -> bool {
        self.number == name || self.path == name.trim_start_matches("./").trim_end_matches('/')
    }
}

impl<'a> Entry<'a> {
    /// Whether somebody who says `name` means this record: by its id or its path.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.record.path() == name.trim_start_matches("./")
    }

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
    /// The record that somebody means by its id or its path.
    pub fn record_named(&self, name: &str) -> Option<(usize, usize)> {
        let of = |(d, dossier): (usize, &DossierFacts<'_>)| Some((d, dossier.entries.iter().position(|entry| entry.is_called(name))?));
        self.dossiers.iter().enumerate().find_map(of)
    }

    /// The form of an entry.
    pub fn form(&self, entry: &Entry<'_>) -> &'a Form {
        &self.rulebook.forms[entry.form]
    }

    /// The calendar by which a dossier counts: that of its project.
    pub fn calendar(&self, dossier: usize) -> &'a Calendar {
        let dossier = &self.dossiers[dossier];
        self.rulebook.calendar.of(dossier.project.as_deref().or(Some(&dossier.number)))
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
        Context {
            world: self,
            dossier,
            own,
            group: None,
            row: None,
            pivot: None,
            making: None,
            column: None,
            home: own.map(|own| (dossier, own)),
            seen: None,
            blind: None,
            depth: 0,
            rule: "",
        }
    }

    /// Forgets what was computed, because more is known now.
    pub fn forget(&mut self) {
        self.made = Made::of(&self.dossiers);
    }

    /// The records of some forms by the values of some fields.
    pub fn sharing(&self, forms: &[usize], fields: &[Ref]) -> Shared {
        let name = fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        self.indexed(format!("{forms:?} {name}"), || {
            let records = forms.iter().flat_map(|&form| self.all_of(form));
            records.filter_map(|&at| Some((self.context(at.0, Some(at.1)).values(fields)?, at))).collect()
        })
    }

    /// An index of that name, made once for all rules that compare all with all.
    pub fn indexed(&self, name: String, make: impl FnOnce() -> Vec<(Vec<String>, (usize, usize))>) -> Shared {
        let mut known = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let index = || {
            let mut index: HashMap<Vec<String>, Vec<(usize, usize)>> = HashMap::new();
            for (key, at) in make() {
                index.entry(key).or_default().push(at);
            }
            Arc::new(index)
        };
        Arc::clone(known.entry(name).or_insert_with(index))
    }

    /// Entries of a form in the whole archive, (dossier, entry), in order.
    pub fn all_of(&self, form: usize) -> &[(usize, usize)] {
        self.by_form.get(&form).map_or(&[], Vec::as_slice)
    }

    /// Entries of a form in one dossier, in order.
    pub fn of_form(&self, dossier: usize, form: usize) -> impl Iterator<Item = usize> + '_ {
        self.dossiers[dossier].entries.iter().enumerate().filter(move |(_, e)| e.form == form).map(|(at, _)| at)
    }
}
