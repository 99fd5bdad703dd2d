//! The page of a dossier.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::long::{EVENTS, Excerpt, FINDINGS, RECORDS, list, named_inside};
use super::timeline::joined;
use super::viewer::Viewer;
use super::{DossierRow, EventView, FigureView, FindingView, Link, PendingRule, RecordRow, RecordView, SettledView, StageView, course};
use crate::rulebook::form::Form;

/// A dossier's page.
#[derive(Debug, Clone, Serialize)]
pub struct DossierView {
    /// The same facts as in the list.
    pub row: DossierRow,
    /// All stages of the kind, the reached ones marked.
    pub stages: Vec<StageView>,
    /// Records, approvals and last days along the time, drawn.
    pub course: Option<FigureView>,
    /// Records in the order of the forms.
    pub records: Excerpt<RecordRow>,
    /// Forms of the kind that have no record here yet.
    pub absent: Vec<Link>,
    /// Duties that are not settled, most urgent first.
    pub pending: Vec<PendingRule>,
    /// Those that are.
    pub settled: SettledView,
    /// Who did what, oldest first.
    pub timeline: Excerpt<EventView>,
    /// Findings in this dossier.
    pub findings: Excerpt<FindingView>,
    /// The dossier's paper (all records in one PDF), if it was typeset.
    pub paper: Option<String>,
}

/// The records of a dossier in the order of the forms.
pub(super) fn order(viewer: &Viewer<'_>, d: usize) -> Vec<usize> {
    let entries = &viewer.judgement.world.dossiers[d].entries;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&e| entries[e].form);
    order
}

/// The page of a dossier.
pub(super) fn page(viewer: &Viewer<'_>, row: DossierRow, d: usize, told: &Told) -> DossierView {
    let world = &viewer.judgement.world;
    let facts = &world.dossiers[d];
    let kind = facts.kind.map(|k| world.rulebook.settings.dossiers[k].kind.as_str());
    let present = |form: usize| facts.entries.iter().any(|e| e.form == form);
    let belongs = |form: &Form| form.dossiers.iter().any(|own| Some(own.as_str()) == kind);
    let absent =
        world.rulebook.forms.iter().enumerate().filter(|(at, form)| belongs(form) && !present(*at)).map(|(_, form)| viewer.form_link(form));
    let mut timeline = told.events(viewer, d);
    timeline.sort_by(|a, b| a.when.cmp(&b.when).then_with(|| a.subject.text.cmp(&b.subject.text)));
    let timeline = timeline.into_iter().map(|event| named_inside(event, &facts.number)).collect();
    let timeline = Excerpt::last(timeline, EVENTS, list(&facts.number, "timeline"));
    let found: Vec<_> = viewer.findings_below(&format!("{}/", facts.path)).collect();
    let (shown, found) = (found.iter().take(FINDINGS).map(|f| viewer.finding(f)).collect(), found.len());
    DossierView {
        row,
        stages: stages(viewer, d),
        course: course::of(viewer, d),
        records: records(viewer, d),
        absent: absent.collect(),
        pending: viewer.pending(viewer.duties_of(d)),
        settled: viewer.settled(viewer.duties_of(d)),
        timeline: Excerpt { rows: joined(timeline.rows), ..timeline },
        findings: Excerpt { rows: shown, total: found, all: (found > FINDINGS).then(|| list(&facts.number, "findings")) },
        paper: viewer.papers.then(|| paper(&facts.number)),
    }
}

/// Where the paper of a whole dossier is.
pub(super) fn paper(number: &str) -> String {
    format!("papers/{number}.pdf")
}

fn records(viewer: &Viewer<'_>, d: usize) -> Excerpt<RecordRow> {
    let world = &viewer.judgement.world;
    let (mut order, number) = (order(viewer, d), &world.dossiers[d].number);
    let total = order.len();
    if total > RECORDS {
        let dated = |e: usize| world.dated(world.entry((d, e)));
        let mut newest = order.clone();
        newest.sort_by_key(|&e| Reverse((dated(e), e)));
        newest.truncate(RECORDS);
        newest.sort_unstable();
        order.retain(|e| newest.binary_search(e).is_ok());
    }
    let rows = order.into_iter().map(|e| viewer.record_row((d, e))).collect();
    Excerpt { rows, total, all: (total > RECORDS).then(|| list(number, "records")) }
}

/// The stages of a dossier.
pub(super) fn stages(viewer: &Viewer<'_>, d: usize) -> Vec<StageView> {
    let world = &viewer.judgement.world;
    let Some(kind) = world.dossiers[d].kind else { return Vec::new() };
    let names = &world.rulebook.settings.dossiers[kind].stages;
    let has = |name: &str| world.dossiers[d].entries.iter().any(|e| viewer.form(e).stage.as_ref().is_some_and(|s| s.value == name));
    let last = names.iter().rposition(|name| has(name));
    names.iter().enumerate().map(|(at, name)| StageView { name: name.clone(), reached: has(name), current: last == Some(at) }).collect()
}

/// What happened to the records of a dossier: told for its page, and kept for theirs, which are made next.
#[derive(Default)]
pub(super) struct Told(Mutex<BTreeMap<usize, Vec<EventView>>>);

impl Told {
    fn known(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<EventView>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The view of a record.
    pub(super) fn record(&self, viewer: &Viewer<'_>, at: (usize, usize)) -> RecordView {
        let told = self.known().remove(&at.1);
        viewer.record_with(at, told.unwrap_or_else(|| viewer.timeline(at)))
    }

    /// What happened to all records of the dossier.
    fn events(&self, viewer: &Viewer<'_>, d: usize) -> Vec<EventView> {
        let entries = viewer.judgement.world.dossiers[d].entries.len();
        let told: BTreeMap<usize, Vec<EventView>> = (0..entries).map(|e| (e, viewer.timeline((d, e)))).collect();
        let events = told.values().flatten().cloned().collect();
        *self.known() = told;
        events
    }
}
