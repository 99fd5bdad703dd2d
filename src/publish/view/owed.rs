//! What is owed, as a list for a terminal or a program and as a calendar.

use std::collections::BTreeSet;

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
    /// In whose hands it is.
    pub hands: Hands,
    /// The duty.
    pub duty: ObligationView,
}

/// What is owed by whoever is asked for. What was done too late is owed no more.
pub struct Due<'v, 'a> {
    viewer: &'v Viewer<'a>,
    whose: Whose<'v>,
    agenda: Agenda<'v, 'a>,
    rows: Vec<usize>,
}

impl<'v, 'a> Due<'v, 'a> {
    /// Looks for it.
    pub fn of(viewer: &'v Viewer<'a>, whose: Whose<'v>) -> Self {
        let agenda = Agenda::of(viewer);
        let rows = agenda.of_whom(whose);
        Self { viewer, whose, agenda, rows }
    }

    /// The dossiers in which it is owed, as indices into the world.
    pub fn dossiers(&self) -> BTreeSet<usize> {
        self.rows.iter().map(|&at| self.agenda.dossier(at)).collect()
    }

    /// The duties, the most urgent first.
    pub fn owed(&self) -> Vec<Owed> {
        self.rows.iter().map(|&at| self.agenda.owed(at)).collect()
    }

    /// The last days among them, with what all calendars share.
    pub fn calendar(&self) -> (CalendarView, FeedBasis) {
        feed::one(self.viewer, &self.agenda, self.whose, &self.rows)
    }
}
