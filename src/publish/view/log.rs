//! The log of the whole archive: everything that happened to any record, to the register and to the rulebook, newest first;
//! and what happened to the last two by itself.
//!
//! Pages are cut from the oldest event on, so that a page once full stays as it is; the newest events and those of the last
//! full page stand on the first.

use std::sync::Arc;

use serde::Serialize;

use super::chronicle::{Moment, weight};
use super::paging::Pager;
use super::timeline::{joined, minute};
use super::viewer::Viewer;
use super::{EventView, Link};
use crate::publish::site::{Sheet, url};
use crate::rulebook::gone::Gone;
use crate::say;

/// Events on a full page.
const ON_PAGE: usize = 120;
/// About how many bytes of events fill a page before that.
const BYTES: usize = 150_000;

/// The list of what happened to the register, the settings and the rulebook only.
const LAW: &str = "log/law.html";

/// A page of the log.
#[derive(Debug, Clone, Serialize)]
pub struct LogView {
    /// Whether it is about the register, the settings and the rulebook only.
    pub law: bool,
    /// The other list: of those only, or the whole log.
    pub other: Option<String>,
    /// Where it stands.
    pub pager: Pager,
    /// Events, newest first.
    pub events: Vec<EventView>,
}

/// Where an event is found: among the records that are gone, among what happened to the register and the rulebook, or among
/// the moments of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Gone(usize),
    Law(usize),
    Record(usize),
}

/// When something happened, where it is found, and about how many bytes it takes on a page.
type Line = (String, Place, usize);

/// All events; those of records are told when their page is made.
struct Log<'v, 'a> {
    viewer: &'v Viewer<'a>,
    moments: Arc<[Moment]>,
    gone: Vec<EventView>,
    law: Vec<EventView>,
}

impl Log<'_, '_> {
    fn event(&self, place: Place) -> Option<EventView> {
        match place {
            Place::Gone(nth) => self.gone.get(nth).cloned(),
            Place::Law(nth) => self.law.get(nth).cloned(),
            Place::Record(nth) => self.viewer.told(self.moments.get(nth)?),
        }
    }
}

/// The pages of the log; none without events. `law` is what happened to the register and the rulebook.
pub(super) fn sheets<'v>(viewer: &'v Viewer<'_>, moments: &Arc<[Moment]>, law: Vec<EventView>) -> Vec<Sheet<'v>> {
    let gone: Vec<EventView> = viewer.judgement.gone.iter().map(|gone| removal(viewer, gone)).collect();
    let line = |place: Place, event: &EventView| (event.when.clone(), place, weight_of(event));
    let laws: Vec<Line> = law.iter().enumerate().map(|(nth, event)| line(Place::Law(nth), event)).collect();
    let mut lines: Vec<Line> = gone.iter().enumerate().map(|(nth, event)| line(Place::Gone(nth), event)).collect();
    lines.extend(laws.iter().cloned());
    lines.extend(moments.iter().enumerate().map(|(nth, moment)| (moment.minute(), Place::Record(nth), moment.weight)));
    lines.sort_unstable();
    let both = !laws.is_empty();
    let log = Arc::new(Log { viewer, moments: Arc::clone(moments), gone, law });
    let mut sheets = laid_out(&log, &lines, url::LOG, false, both.then(|| LAW.to_owned()));
    sheets.extend(laid_out(&log, &laws, LAW, true, Some(url::LOG.to_owned())));
    sheets
}

/// The pages of some events, which come oldest first.
fn laid_out<'v>(log: &Arc<Log<'v, '_>>, lines: &[Line], first: &'static str, law: bool, other: Option<String>) -> Vec<Sheet<'v>> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut pages = cut(&lines.iter().map(|(.., weight)| *weight).collect::<Vec<_>>());
    let places: Arc<[Place]> = lines.iter().map(|(_, place, _)| *place).collect();
    let of = pages.len();
    // The nth page from the newest: a full one keeps its number, counted from the oldest.
    let folder = if law { "log/law" } else { "log" };
    let address = move |nth: usize| if nth == 1 { first.to_owned() } else { format!("{folder}/{}.html", of - nth + 1) };
    pages.reverse();
    let mut sheets = Vec::new();
    for (nth, rows) in pages.into_iter().enumerate() {
        let newest = places.len() - rows.end;
        let pager = Pager::new(nth + 1, of, newest..newest + rows.len(), places.len(), &address);
        let (places, log, other) = (Arc::clone(&places), Arc::clone(log), other.clone());
        sheets.push(Sheet::new(address(nth + 1), "log.html", "log", move || LogView {
            law,
            other: other.clone(),
            pager: pager.clone(),
            events: joined(places[rows.clone()].iter().rev().filter_map(|place| log.event(*place))),
        }));
    }
    sheets
}

/// Ranges of events for pages, oldest first; the last holds the last full page and what came after.
pub(super) fn cut(weights: &[usize]) -> Vec<std::ops::Range<usize>> {
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
fn weight_of(event: &EventView) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let change = |change: &super::ChangeView| {
        let parts: usize = change.parts.iter().map(|part| part.text.len() + 12).sum();
        change.name.len() + if parts > 0 { parts } else { text(&change.from) + text(&change.to) }
    };
    weight(&event.summary, event.changes.iter().map(change))
}

/// What took a record away that is there no more.
fn removal(viewer: &Viewer<'_>, gone: &Gone) -> EventView {
    EventView {
        when: minute(gone.version.at),
        who: gone.version.contributors.iter().map(|who| viewer.who(who)).collect::<Vec<_>>().join(if viewer.language.tag() == "zh" {
            "、"
        } else {
            ", "
        }),
        role: None,
        kind: "removed",
        what: viewer.say(&say!("删除", "removed")),
        subject: Link { text: gone.id.clone(), url: None },
        more: Vec::new(),
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
