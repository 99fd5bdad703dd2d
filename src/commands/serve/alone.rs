//! What a dossier that is judged by itself cannot know.
//!
//! It does not see the others, so what rests on them looks broken: the project is not registered, numbers are left out. What by
//! itself is the same before and after somebody saves did not come of that: it is told as the last whole build knew it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::archive::Archive;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rulebook::obligation::Outcome;
use crate::rulebook::{Judgement, Obligation, Rulebook};

use super::fresh::is_of;

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
