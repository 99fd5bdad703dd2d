//! What is owed, as a list for a terminal or a program and as a calendar.

use super::agenda::Agenda;
use super::feed::{self, CalendarView, FeedBasis};
use super::viewer::Viewer;
use super::{ObligationView, Urgency};
use crate::rulebook::charge::Hands;

/// Whose duties are asked for; everybody's where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whose<'q> {
    /// Those in the hands of the person of this name.
    pub person: Option<&'q str>,
    /// Those of the project with this code.
    pub project: Option<&'q str>,
}

/// A duty that somebody has to see to.
#[derive(Debug, Clone)]
pub struct Owed {
    /// How urgent it is.
    pub urgency: Urgency,
    /// Its state, in the word for programs.
    pub state: &'static str,
    /// The dossier, as an index into the world.
    pub dossier: usize,
    /// In whose hands it is.
    pub hands: Hands,
    /// The duty.
    pub duty: ObligationView,
}

/// What is owed, the most urgent first. What was done too late is owed no more.
pub fn owed(viewer: &Viewer<'_>, whose: Whose<'_>) -> Vec<Owed> {
    let agenda = Agenda::of(viewer);
    let rows = agenda.of_whom(whose);
    rows.into_iter().map(|at| agenda.owed(at)).collect()
}

/// The last days among it, with what all calendars share.
pub fn calendar(viewer: &Viewer<'_>, whose: Whose<'_>) -> (CalendarView, FeedBasis) {
    let agenda = Agenda::of(viewer);
    let rows = agenda.of_whom(whose);
    feed::one(viewer, &agenda, whose, &rows)
}
