//! What a dossier that is judged by itself cannot know.
//!
//! It does not see the others, so what rests on them looks broken: the project is not registered, numbers are left out. What by
//! itself is the same before and after somebody saves did not come of that: it is told as the last whole build knew it.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use crate::archive::Archive;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rulebook::context::DossierFacts;
use crate::rulebook::obligation::Outcome;
use crate::rulebook::{Judgement, Obligation, Rulebook};

use super::Shell;
use crate::failure::Failure;

/// An archive that was read and judged as a whole.
pub(super) struct Known {
    /// The facts.
    pub archive: Archive,
    /// The law.
    pub rulebook: Rulebook,
    /// Every duty, sorted by dossier.
    pub obligations: Vec<Obligation>,
    /// The dossiers (by folder) that duties belong to, each with the paths of its records.
    pub dossiers: Vec<(String, Vec<String>)>,
    /// All findings.
    pub findings: Diagnostics,
    /// The day as of which it was judged.
    pub today: NaiveDate,
}

impl Known {
    /// Of the archive at `root`.
    pub(super) fn read(shell: &Shell, root: &Path) -> Result<Self, Failure> {
        let (archive, rulebook) = shell.open_at(root)?;
        let today = shell.today(&archive.config);
        let judgement = rulebook.judge(&archive, today);
        let dossiers = Self::dossiers_of(&judgement);
        let Judgement { obligations, findings, .. } = judgement;
        Ok(Self { archive, rulebook, obligations, dossiers, findings, today })
    }

    /// The dossiers of a judgement, each with the paths of its records.
    pub(super) fn dossiers_of(judgement: &Judgement<'_>) -> Vec<(String, Vec<String>)> {
        let paths = |dossier: &DossierFacts<'_>| dossier.entries.iter().map(|entry| entry.record.path().to_owned()).collect();
        judgement.world.dossiers.iter().map(|dossier| (dossier.path.clone(), paths(dossier))).collect()
    }

    /// The duties of a dossier.
    pub(super) fn duties(&self, dossier: &str) -> &[Obligation] {
        let at = self.dossiers.iter().position(|(own, _)| own == dossier).unwrap_or(usize::MAX);
        let from = self.obligations.partition_point(|duty| duty.dossier < at);
        let to = self.obligations.partition_point(|duty| duty.dossier <= at);
        &self.obligations[from..to]
    }

    /// A dossier by itself, as of this reading.
    pub(super) fn alone(&self, dossier: &str, today: NaiveDate) -> Alone {
        Alone::of(&self.archive, &self.rulebook, today, dossier, self.duties(dossier), &self.findings)
    }
}

/// The records of a dossier in the paths of findings.
pub(super) fn is_of(dossier: &str, path: &str) -> bool {
    path.strip_prefix(dossier).is_some_and(|rest| rest.starts_with('/'))
}

/// Which of several duties of a rule about the same record: its id (none for the dossier), the rule as an index, from 0.
type Key = (Option<String>, usize, usize);

/// A dossier as of the last whole build: judged by itself, and as it truly stood.
pub(super) struct Alone {
    duties: BTreeMap<Key, (Outcome, Outcome)>,
    findings: Vec<Diagnostic>,
    truly: Vec<Diagnostic>,
}

impl Alone {
    /// Of the dossier in a folder; `truly` and `duties` are everything that the whole build found, the latter of that dossier.
    pub(super) fn of(
        archive: &Archive,
        rulebook: &Rulebook,
        today: NaiveDate,
        dossier: &str,
        duties: &[Obligation],
        truly: &Diagnostics,
    ) -> Self {
        let archive = archive.remembered(dossier);
        let judgement = rulebook.judge(&archive, today);
        // The same records were read by the same rulebook, so they stand in the same order.
        let known = keyed(&judgement, duties);
        let pair = |(key, own): (Key, &Outcome)| Some((key.clone(), (own.clone(), (*known.get(&key)?).clone())));
        let duties = keyed(&judgement, &judgement.obligations).into_iter().filter_map(pair).collect();
        let own = |findings: &Diagnostics| findings.iter().filter(|finding| is_of(dossier, finding.path())).cloned().collect();
        Self { duties, findings: own(&judgement.findings), truly: own(truly) }
    }

    /// Sets right what is told of the dossier now.
    pub(super) fn settle(&self, now: &mut Judgement<'_>) {
        let told: BTreeMap<Key, Outcome> = keyed(now, &now.obligations)
            .into_iter()
            .filter_map(|(key, own)| {
                let (alone, truly) = self.duties.get(&key)?;
                let same = (alone.state, alone.due, &alone.message) == (own.state, own.due, &own.message);
                // Where it ended is a place among all dossiers, which are not here.
                same.then(|| (key, Outcome { ended: None, ..truly.clone() }))
            })
            .collect();
        let keys: Vec<Key> = keys(now, &now.obligations);
        for (key, duty) in keys.iter().zip(&mut now.obligations) {
            if let Some(outcome) = told.get(key) {
                duty.outcome = outcome.clone();
            }
        }
        let has = |list: &[Diagnostic], one: &Diagnostic| list.iter().any(|other| alike(one, other));
        let here: Vec<Diagnostic> = now.findings.iter().cloned().collect();
        let lasting = here.iter().filter(|one| !has(&self.findings, one) || has(&self.truly, one));
        // What only the whole sees is still so.
        let beyond = self.truly.iter().filter(|one| !has(&self.findings, one) && !has(&here, one));
        now.findings = Diagnostics::sorted(lasting.chain(beyond).cloned().collect());
    }
}

/// Whether two findings say the same of the same thing; it may have moved.
fn alike(one: &Diagnostic, other: &Diagnostic) -> bool {
    (&one.code, one.path(), &one.key, &one.message) == (&other.code, other.path(), &other.key, &other.message)
}

fn keyed<'o>(judgement: &Judgement<'_>, duties: &'o [Obligation]) -> BTreeMap<Key, &'o Outcome> {
    keys(judgement, duties).into_iter().zip(duties.iter().map(|duty| &duty.outcome)).collect()
}

fn keys(judgement: &Judgement<'_>, duties: &[Obligation]) -> Vec<Key> {
    let mut seen: BTreeMap<(Option<usize>, usize), usize> = BTreeMap::new();
    let key = |duty: &Obligation| {
        let nth = seen.entry((duty.entry, duty.rule)).and_modify(|nth| *nth += 1).or_insert(0);
        let entries = judgement.world.dossiers.first().map_or(&[][..], |dossier| dossier.entries.as_slice());
        let id = duty.entry.map(|entry| entries.get(entry).map_or_else(String::new, |entry| entry.id.clone()));
        (id, duty.rule, *nth)
    };
    duties.iter().map(key).collect()
}
