//! What figures are drawn from: families, systems around them, networks; read from the tables that a form names, and
//! checked for contradictions.

pub mod check;
pub mod ecomap;
pub mod family;
pub mod generation;
pub mod kin;
pub mod network;
mod of_ecomap;
mod of_family;
mod of_network;
mod of_series;
mod problems;
mod rows;
pub mod series;

pub(super) use problems::of_record;
pub use rows::{Line, Rows};

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The data contradict themselves.
    Error,
    /// The data are unlikely.
    Warning,
    /// Something to think about.
    Hint,
}

/// Something wrong with the data of a figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The code of the check, such as `G-03`.
    pub code: &'static str,
    /// How bad it is.
    pub gravity: Gravity,
    /// The ids involved, in the order of the data.
    pub ids: Vec<String>,
}

impl Problem {
    pub(super) fn new(code: &'static str, gravity: Gravity, ids: &[&str]) -> Self {
        Problem { code, gravity, ids: ids.iter().map(|id| (*id).to_owned()).collect() }
    }
}
