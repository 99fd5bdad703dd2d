//! When things happened to records. An event is long and a page shows few of them, so only its moment is kept, and the event
//! is told when a page wants it.

use std::cmp::Reverse;

use chrono::{NaiveDateTime, Timelike};
use rayon::prelude::*;

use super::EventView;
use super::timeline::minute;
use super::viewer::Viewer;
use crate::archive::timeline::{self, Event, FieldChange, Kind};

/// One thing that happened to a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The minute, in the archive's zone.
    pub(super) when: NaiveDateTime,
    /// The record, by dossier and entry.
    pub(super) at: (usize, usize),
    /// Which of its events.
    pub(super) nth: usize,
    /// The commit, as an index into the history.
    commit: u32,
    kind: Kind,
    /// About how many bytes the event takes on a page.
    pub(super) weight: usize,
}

/// Everything that happened to records, record by record.
pub(super) fn moments(viewer: &Viewer<'_>) -> Vec<Moment> {
    let dossiers = viewer.judgement.world.dossiers.par_iter().enumerate();
    let records = dossiers.flat_map_iter(|(d, dossier)| (0..dossier.entries.len()).map(move |e| (d, e)));
    records.flat_map_iter(|at| of_record(viewer, at)).collect()
}

impl Viewer<'_> {
    /// The newest events among these moments, the newest first.
    pub(super) fn newest(&self, moments: &[Moment], count: usize) -> Vec<EventView> {
        let mut moments: Vec<&Moment> = moments.iter().collect();
        let name = |moment: &Moment| self.judgement.world.entry(moment.at).id.as_str();
        moments.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| name(a).cmp(name(b))));
        moments.into_iter().take(count).filter_map(|moment| self.told(moment)).collect()
    }

    /// The events of the newest steps among these moments: what one commit did to records in one way is one step.
    pub(super) fn newest_steps(&self, mut moments: Vec<&Moment>, count: usize) -> Vec<EventView> {
        let step = |moment: &Moment| (moment.when, self.archive.history.commits[moment.commit as usize].id, moment.kind.word());
        moments.sort_by_key(|moment| Reverse(step(moment)));
        let steps = moments.chunk_by(|a, b| step(a) == step(b));
        steps.take(count).flatten().filter_map(|moment| self.told(moment)).collect()
    }

    /// The event of a moment.
    pub(super) fn told(&self, moment: &Moment) -> Option<EventView> {
        let event = timeline::nth(self.archive, self.judgement.world.entry(moment.at).index, moment.nth)?;
        Some(self.event(moment.at, &event))
    }
}

impl Moment {
    /// The minute as events print it.
    pub(super) fn minute(&self) -> String {
        minute(self.when)
    }
}

fn of_record(viewer: &Viewer<'_>, at: (usize, usize)) -> Vec<Moment> {
    let (history, zone) = (&viewer.archive.history, viewer.archive.config.zone());
    let moment = |(nth, event): (usize, Event)| {
        let commit = &history.commits[event.commit as usize];
        let when = commit.author.at.local(zone);
        let when = when.with_second(0).and_then(|when| when.with_nanosecond(0)).unwrap_or(when);
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        // A part of the audiences sees less of it.
        let change = |change: &FieldChange| change.name.len() + text(&change.from) + text(&change.to);
        let weight = weight(commit.summary(), event.changes.iter().map(change));
        Moment { when, at, nth, commit: event.commit, kind: event.kind, weight }
    };
    timeline::of(viewer.archive, viewer.judgement.world.entry(at).index).enumerate().map(moment).collect()
}

/// Of a long text only the stretches that changed are told, so its change hardly takes more bytes than this.
const TOLD: usize = 4_000;

/// About how many bytes an event takes on a page, by the texts of its changes in bytes.
pub(super) fn weight(summary: &str, changes: impl Iterator<Item = usize>) -> usize {
    500 + summary.len() + changes.map(|bytes| 180 + bytes.min(TOLD)).sum::<usize>()
}
