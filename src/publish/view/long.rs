//! What a long dossier has too much of for its page: records, findings, events; and events of a record that was written on for
//! years. The page shows some of them, and a list of its own has all, in pages, so that no page grows without end.

use std::ops::Range;

use serde::Serialize;

use super::chronicle::Moment;
use super::paging::{self, Pager};
use super::timeline::joined;
use super::viewer::Viewer;
use super::{EventView, FindingView, Link, RecordRow, dossier, log};
use crate::publish::site::Sheet;

/// Most records that the page of a dossier shows; of more the newest.
pub(super) const RECORDS: usize = 100;
/// Most findings.
pub(super) const FINDINGS: usize = 50;
/// Most events that the page of a dossier or of a record shows; of more the newest.
pub(super) const EVENTS: usize = 80;
/// Records or findings on a page of their list.
const PER: usize = 150;

/// What a page shows of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Excerpt<T> {
    /// The rows that it shows.
    pub rows: Vec<T>,
    /// How many there are.
    pub total: usize,
    /// The list that has all of them, where these are not all.
    pub all: Option<String>,
}

impl<T> Excerpt<T> {
    /// The whole of a list that is short enough.
    pub fn whole(rows: Vec<T>) -> Self {
        Self { total: rows.len(), rows, all: None }
    }

    /// The last of these rows, `most` of them, of a list at that address.
    pub(super) fn last(mut rows: Vec<T>, most: usize, all: String) -> Self {
        let total = rows.len();
        rows.drain(..total.saturating_sub(most));
        Self { rows, total, all: (total > most).then_some(all) }
    }
}

/// A page of such a list.
#[derive(Debug, Clone, Serialize)]
pub struct LongList {
    /// The dossier or record.
    pub of: Link,
    /// `records`, `findings` or `timeline`.
    pub what: &'static str,
    /// Where this page of it stands.
    pub pager: Pager,
    /// Records in the order of the forms.
    pub records: Vec<RecordRow>,
    /// Findings in the order of the records.
    pub findings: Vec<FindingView>,
    /// Events, oldest first.
    pub events: Vec<EventView>,
}

/// The address of a list of a dossier.
pub(super) fn list(number: &str, what: &str) -> String {
    format!("dossiers/{number}/{what}.html")
}

/// The address of the list of what happened to a record, which has that address.
pub(super) fn events_of(record: &str) -> String {
    format!("{}/timeline.html", record.strip_suffix(".html").unwrap_or(record))
}

/// An event whose record is called as in its dossier.
pub(super) fn named_inside(mut event: EventView, number: &str) -> EventView {
    if let Some(name) = event.subject.text.strip_prefix(number).and_then(|rest| rest.strip_prefix('/')) {
        event.subject.text = name.to_owned();
    }
    event
}

/// The lists of long dossiers and records, of which these are all moments, record by record.
pub(super) fn lists<'v>(viewer: &'v Viewer<'_>, moments: &[Moment]) -> Vec<Sheet<'v>> {
    let world = &viewer.judgement.world;
    let kept: Vec<usize> = (0..world.dossiers.len()).filter(|&d| world.dossiers[d].kind.is_some()).collect();
    let here = if kept.is_empty() { "forms" } else { "dossiers" };
    let mut sheets = Vec::new();
    for d in kept {
        sheets.extend(records(viewer, d));
        sheets.extend(findings(viewer, d));
    }
    for own in moments.chunk_by(|a, b| a.at.0 == b.at.0) {
        let facts = &world.dossiers[own[0].at.0];
        if facts.kind.is_some() {
            let of = viewer.dossier_link(own[0].at.0).unwrap_or_default();
            sheets.extend(events(viewer, List { of, what: "timeline", first: list(&facts.number, "timeline"), here }, own));
        }
        for own in own.chunk_by(|a, b| a.at == b.at) {
            let url = viewer.record_url(own[0].at);
            let of = Link { text: world.entry(own[0].at).id.clone(), url: Some(url.clone()) };
            sheets.extend(events(viewer, List { of, what: "timeline", first: events_of(&url), here }, own));
        }
    }
    sheets
}

/// A list that is to be laid out.
struct List {
    of: Link,
    what: &'static str,
    /// The address of its first page.
    first: String,
    /// The entry of the menu.
    here: &'static str,
}

impl List {
    /// A page of it.
    fn sheet<'v>(&self, pager: Pager, fill: impl Fn(&mut LongList) + Send + Sync + 'v) -> Sheet<'v> {
        let (of, what) = (self.of.clone(), self.what);
        Sheet::new(paging::address(&self.first, pager.at), "long-list.html", self.here, move || {
            let (of, pager) = (of.clone(), pager.clone());
            let mut list = LongList { of, what, pager, records: Vec::new(), findings: Vec::new(), events: Vec::new() };
            fill(&mut list);
            list
        })
    }

    /// All pages of so many rows.
    fn sheets<'v>(&self, count: usize, mut page: impl FnMut(&Self, Range<usize>, Pager) -> Sheet<'v>) -> Vec<Sheet<'v>> {
        paging::pages(&self.first, count, PER).into_iter().map(|(rows, pager)| page(self, rows, pager)).collect()
    }
}

/// All records of a dossier.
fn records<'v>(viewer: &'v Viewer<'_>, d: usize) -> Vec<Sheet<'v>> {
    let facts = &viewer.judgement.world.dossiers[d];
    if facts.entries.len() <= RECORDS {
        return Vec::new();
    }
    let of = viewer.dossier_link(d).unwrap_or_default();
    let order = dossier::order(viewer, d);
    List { of, what: "records", first: list(&facts.number, "records"), here: "dossiers" }.sheets(order.len(), |list, rows, pager| {
        let own = order[rows].to_vec();
        list.sheet(pager, move |list| list.records = own.iter().map(|&e| viewer.record_row((d, e))).collect())
    })
}

/// All findings in a dossier.
fn findings<'v>(viewer: &'v Viewer<'_>, d: usize) -> Vec<Sheet<'v>> {
    let facts = &viewer.judgement.world.dossiers[d];
    let found: Vec<_> = viewer.findings_below(&format!("{}/", facts.path)).collect();
    if found.len() <= FINDINGS {
        return Vec::new();
    }
    let of = viewer.dossier_link(d).unwrap_or_default();
    List { of, what: "findings", first: list(&facts.number, "findings"), here: "dossiers" }.sheets(found.len(), |list, rows, pager| {
        let own = found[rows].to_vec();
        list.sheet(pager, move |list| list.findings = own.iter().map(|f| viewer.finding(f)).collect())
    })
}

/// All that happened to something, oldest first, so that a page once full stays as it is.
fn events<'v>(viewer: &'v Viewer<'_>, list: List, moments: &[Moment]) -> Vec<Sheet<'v>> {
    if moments.len() <= EVENTS {
        return Vec::new();
    }
    let name = |moment: &Moment| viewer.judgement.world.entry(moment.at).id.as_str();
    let mut moments = moments.to_vec();
    moments.sort_by(|a, b| (a.minute(), name(a)).cmp(&(b.minute(), name(b))));
    let ranges = log::cut(&moments.iter().map(|moment| moment.weight).collect::<Vec<_>>());
    let of = ranges.len();
    let page = |(nth, rows): (usize, Range<usize>)| {
        let pager = Pager::new(nth + 1, of, rows.clone(), moments.len(), &|nth| paging::address(&list.first, nth));
        let own = moments[rows].to_vec();
        list.sheet(pager, move |list| {
            let events = own.iter().filter_map(|moment| viewer.told(moment));
            list.events = joined(events.map(|event| named_inside(event, &list.of.text)));
        })
    };
    ranges.into_iter().enumerate().map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rows_of_a_long_list_are_shown_and_lead_to_all() {
        let all = || "a/b.html".to_owned();
        let said = |excerpt: Excerpt<u8>| (excerpt.rows, excerpt.total, excerpt.all);
        assert_eq!(said(Excerpt::last(vec![1, 2, 3], 2, all())), (vec![2, 3], 3, Some(all())));
        assert_eq!(said(Excerpt::last(vec![1, 2], 2, all())), (vec![1, 2], 2, None));
    }
}
