//! What waits for somebody's opinion, by the working days that are left to give it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::catalogue::{Catalogue, Facet};
use super::viewer::Viewer;
use super::{Link, ObligationView};
use crate::publish::site::{Sheet, url};
use crate::rulebook::charge::Charges;
use crate::rulebook::{Obligation, State};

/// Records on one page.
const ON_PAGE: usize = 150;

/// A record that waits.
#[derive(Debug, Clone, Serialize)]
pub struct QueueRow {
    /// The record, linked.
    pub subject: Link,
    /// Name of its form.
    pub form: Option<String>,
    /// The dossier, linked.
    pub dossier: Option<Link>,
    /// Who wrote it.
    pub worker: Option<Link>,
    /// The day on which it was submitted.
    pub since: Option<String>,
    /// In whose hands it is.
    pub hands: Vec<Link>,
    /// What they owe: the approvals, and the answers with a last day.
    pub duties: Vec<ObligationView>,
    /// The nearest last day.
    pub due: Option<String>,
    /// Working days left until then.
    pub left: Option<i64>,
    /// Whether that day may still move.
    pub provisional: bool,
}

struct Waiting<'a> {
    duties: Vec<&'a Obligation>,
    hands: Vec<String>,
    since: Option<NaiveDate>,
}

impl Waiting<'_> {
    /// The most pressing of its duties that has a last day.
    fn nearest(&self) -> Option<&Obligation> {
        let dated = self.duties.iter().copied().filter(|duty| duty.outcome.left.is_some());
        dated.min_by_key(|duty| (duty.outcome.left, duty.outcome.due))
    }
}

/// The pages of the queue: all, by person, by project.
pub(super) fn sheets<'v>(viewer: &'v Viewer<'_>) -> Vec<Sheet<'v>> {
    let world = &viewer.judgement.world;
    let waiting = Arc::new(waiting(viewer));
    let all: Vec<usize> = (0..waiting.len()).collect();
    let mut by_person: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &at in &all {
        for name in &waiting[at].hands {
            by_person.entry(name).or_default().push(at);
        }
    }
    let people = by_person.into_iter().map(|(name, rows)| (name.to_owned(), rows));
    let facets = vec![
        Facet::grouped("person", people.collect::<Vec<_>>()).called(|name| viewer.person_id(name)),
        Facet::of("project", &all, |at| world.dossiers[waiting[at].duties[0].dossier].project.clone()),
    ];
    let list = Catalogue {
        home: Some(url::QUEUE),
        folder: "queue",
        template: "queue.html",
        row_by: None,
        here: "queue",
        per: ON_PAGE,
        facets,
        orders: vec![("urgency", all)],
        row: Arc::new(move |at| row(viewer, &waiting[at])),
    };
    list.sheets()
}

/// Everything that waits, the one with the fewest days left first, then the one that waits longest.
fn waiting<'a>(viewer: &Viewer<'a>) -> Vec<Waiting<'a>> {
    let world = &viewer.judgement.world;
    let mut charges = Charges::new(world);
    let mut records: BTreeMap<(usize, Option<usize>), Vec<&Obligation>> = BTreeMap::new();
    for duty in &viewer.judgement.obligations {
        let due = matches!(duty.outcome.state, State::Open | State::DueSoon | State::Overdue);
        if due && world.rulebook.rules[duty.rule].must.asks_for_opinion() {
            records.entry((duty.dossier, duty.entry)).or_default().push(duty);
        }
    }
    let mut all: Vec<Waiting<'_>> = Vec::new();
    for ((dossier, entry), duties) in records {
        let mut hands: Vec<String> = duties.iter().flat_map(|duty| charges.of(duty).to_vec()).collect();
        hands.sort();
        hands.dedup();
        let since = entry.and_then(|entry| world.entry((dossier, entry)).evidence.submitted).map(|moment| moment.claimed);
        all.push(Waiting { duties, hands, since });
    }
    all.sort_by_key(|one| {
        let left = one.nearest().and_then(|duty| duty.outcome.left);
        (left.is_none(), left, one.since.unwrap_or(NaiveDate::MAX), one.duties[0].dossier, one.duties[0].entry)
    });
    all
}

fn row(viewer: &Viewer<'_>, waiting: &Waiting<'_>) -> QueueRow {
    let world = &viewer.judgement.world;
    let first = waiting.duties[0];
    let seen = viewer.obligation(first);
    let nearest = waiting.nearest();
    let worker = first.entry.and_then(|entry| world.worker((first.dossier, entry)));
    QueueRow {
        subject: seen.subject,
        form: seen.form,
        dossier: seen.dossier,
        worker: worker.map(|name| viewer.person_link(&name)),
        since: waiting.since.map(|day| day.to_string()),
        hands: waiting.hands.iter().map(|name| viewer.person_link(name)).collect(),
        duties: waiting.duties.iter().map(|duty| viewer.obligation(duty)).collect(),
        due: nearest.and_then(|duty| duty.outcome.due).map(|day| day.to_string()),
        left: nearest.and_then(|duty| duty.outcome.left),
        provisional: nearest.is_some_and(|duty| duty.outcome.provisional),
    }
}
