//! The log of the whole archive: everything that happened to any record, newest first.
//!
//! Pages are cut from the oldest event on, so that a page once full stays as it is; the newest events and those of the last
//! full page stand on the first.

use std::sync::Arc;

use serde::Serialize;

use super::pages::Timelines;
use super::paging::Pager;
use super::viewer::Viewer;
use super::{EventView, Link};
use crate::publish::site::{Sheet, url};
use crate::rulebook::evidence::Who;
use crate::rulebook::gone::Gone;
use crate::say;

/// Events on a full page.
const ON_PAGE: usize = 120;
/// About how many bytes of events fill a page before that.
const BYTES: usize = 150_000;

/// A page of the log.
#[derive(Debug, Clone, Serialize)]
pub struct LogView {
    /// Where it stands.
    pub pager: Pager,
    /// Events, newest first.
    pub events: Vec<EventView>,
}

/// Where an event is found: in the timeline of a record, or among the records that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Gone(usize),
    Record((usize, usize), usize),
}

/// The pages of the log; none without events.
pub(super) fn sheets<'v>(viewer: &Viewer<'_>, timelines: &Arc<Timelines>) -> Vec<Sheet<'v>> {
    let gone: Arc<[EventView]> = viewer.judgement.gone.iter().map(|gone| removal(viewer, gone)).collect();
    let mut events: Vec<(&EventView, Place)> = gone.iter().enumerate().map(|(nth, event)| (event, Place::Gone(nth))).collect();
    for (&at, list) in timelines.iter() {
        events.extend(list.iter().enumerate().map(|(nth, event)| (event, Place::Record(at, nth))));
    }
    events.sort_by(|(a, at), (b, other)| (&a.when, at).cmp(&(&b.when, other)));
    if events.is_empty() {
        return Vec::new();
    }
    let mut pages = cut(&events.iter().map(|(event, _)| weight(event)).collect::<Vec<_>>());
    let places: Arc<[Place]> = events.into_iter().map(|(_, place)| place).collect();
    let of = pages.len();
    // The nth page from the newest: a full one keeps its number, counted from the oldest.
    let address = move |nth: usize| if nth == 1 { url::LOG.to_owned() } else { format!("log/{}.html", of - nth + 1) };
    pages.reverse();
    let mut sheets = Vec::new();
    for (nth, rows) in pages.into_iter().enumerate() {
        let newest = places.len() - rows.end;
        let pager = Pager::new(nth + 1, of, newest..newest + rows.len(), places.len(), &address);
        let (places, timelines, gone) = (Arc::clone(&places), Arc::clone(timelines), Arc::clone(&gone));
        sheets.push(Sheet::new(address(nth + 1), "log.html", "log", move || LogView {
            pager: pager.clone(),
            events: places[rows.clone()]
                .iter()
                .rev()
                .filter_map(|place| match place {
                    Place::Gone(nth) => gone.get(*nth).cloned(),
                    Place::Record(at, nth) => timelines.get(at)?.get(*nth).cloned(),
                })
                .collect(),
        }));
    }
    sheets
}

/// Ranges of events for pages, oldest first; the last holds the last full page and what came after.
fn cut(weights: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut pages = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, weight) in weights.iter().enumerate() {
        if at > from && (at - from == ON_PAGE || bytes + weight > BYTES) {
            pages.push(from..at);
            (from, bytes) = (at, 0);
        }
        bytes += weight;
    }
    match pages.last_mut() {
        Some(last) => last.end = weights.len(),
        None => pages.push(0..weights.len()),
    }
    pages
}

/// About how many bytes an event takes on a page.
fn weight(event: &EventView) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let change = |change: &super::ChangeView| {
        let parts: usize = change.parts.iter().map(|part| part.text.len() + 12).sum();
        180 + change.name.len() + if parts > 0 { parts } else { text(&change.from) + text(&change.to) }
    };
    500 + event.summary.len() + event.changes.iter().map(change).sum::<usize>()
}

/// What took a record away that is there no more.
fn removal(viewer: &Viewer<'_>, gone: &Gone) -> EventView {
    let people = &viewer.archive.people;
    let name = |who: &Who| match who {
        Who::Person(id) => people.by_id(id).map_or_else(|| id.clone(), |person| person.name.value.clone()),
        Who::Unknown(email) if viewer.highest() => email.clone(),
        Who::Unknown(_) => "—".to_owned(),
    };
    EventView {
        when: gone.version.at.format("%Y-%m-%d %H:%M").to_string(),
        who: gone.version.contributors.iter().map(name).collect::<Vec<_>>().join(if viewer.language.tag() == "zh" { "、" } else { ", " }),
        role: None,
        kind: "removed",
        what: viewer.say(&say!("删除", "removed")),
        subject: Link { text: gone.id.clone(), url: None },
        commit: gone.version.commit.clone(),
        summary: String::new(),
        changes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_pages_stay_when_events_are_added() {
        let cuts = |count: usize| cut(&vec![600; count]).into_iter().map(|page| (page.start, page.end)).collect::<Vec<_>>();
        assert_eq!(cuts(50), [(0, 50)]);
        assert_eq!(cuts(130), [(0, 130)], "ten events alone make no page");
        assert_eq!(cuts(370), [(0, 120), (120, 240), (240, 370)]);
        assert_eq!(cuts(470)[..2], cuts(370)[..2]);
    }

    #[test]
    fn heavy_events_fill_a_page_sooner() {
        let pages = cut(&[100_000, 100_000, 100_000, 40_000, 10]);
        assert_eq!(pages, [0..1, 1..5]);
    }
}
