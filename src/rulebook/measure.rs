//! Measurements of change: what can be computed from scores, exactly, and why something cannot.
//!
//! Every result is a [`Measured`]: the number, or the reason for its absence. A missing score is
//! never taken for a zero, and no number here says what caused a change.
//!
//! Decimals are exact; [`rounded`] rounds for print, halves away from zero. Inputs beyond
//! [`LIMIT`] are refused, so that no sum can overflow.

pub mod baseline;
pub mod decimal;
pub mod goals;
pub mod impact;
pub mod network;

pub use baseline::{Better, Comparison, Reading, compare};
pub use decimal::{LIMIT, percent, rounded};
pub use goals::{Attainment, Goal, attainment};
pub use impact::{Change, Impact, impact};
pub use network::{Contact, Direction, Indicators, Sector, indicators};

/// A number, or why there is none.
pub type Measured<T> = Result<T, Why>;

/// Why a number is not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// There is nothing to compute from.
    Empty,
    /// The baseline phase has no value.
    NoBaseline,
    /// The intervention phase has no value.
    NoIntervention,
    /// There are too few values.
    TooFew,
    /// All values are equal: there is no spread to compare with.
    NoSpread,
    /// The divisor is zero.
    ZeroBase,
    /// A score is missing.
    Missing,
    /// A score is off its scale or a number beyond [`LIMIT`].
    OutOfRange,
}

impl Why {
    /// All reasons.
    pub const ALL: [Why; 8] =
        [Why::Empty, Why::NoBaseline, Why::NoIntervention, Why::TooFew, Why::NoSpread, Why::ZeroBase, Why::Missing, Why::OutOfRange];

    /// The key under which the words for this reason are kept.
    pub fn key(self) -> &'static str {
        match self {
            Why::Empty => "empty",
            Why::NoBaseline => "no-baseline",
            Why::NoIntervention => "no-intervention",
            Why::TooFew => "too-few",
            Why::NoSpread => "no-spread",
            Why::ZeroBase => "zero-base",
            Why::Missing => "missing",
            Why::OutOfRange => "out-of-range",
        }
    }
}
