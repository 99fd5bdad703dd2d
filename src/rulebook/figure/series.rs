//! One measure over time, before and during an intervention.

use rust_decimal::Decimal;

use crate::rulebook::measure::{Better, Comparison, compare};

/// A measure over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What is measured.
    pub measure: String,
    /// The unit of the values.
    pub unit: String,
    /// Which way it should go.
    pub better: Better,
    /// The measurements in the order of time.
    pub points: Vec<Measurement>,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The time, as it is printed.
    pub time: String,
    /// The value; none where the measurement is missing.
    pub value: Option<Decimal>,
    /// The phase.
    pub phase: Phase,
}

/// A phase of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the intervention (A).
    Before,
    /// During the intervention (B).
    During,
    /// After it (A2).
    After,
}

impl Phase {
    /// All phases, in the order of time.
    pub const ALL: [Phase; 3] = [Phase::Before, Phase::During, Phase::After];
}

impl Series {
    /// The values of a phase.
    pub fn values(&self, phase: Phase) -> Vec<Option<Decimal>> {
        self.points.iter().filter(|p| p.phase == phase).map(|p| p.value).collect()
    }

    /// What the two phases say.
    pub fn comparison(&self) -> Comparison {
        compare(self.better, &self.values(Phase::Before), &self.values(Phase::During))
    }
}
