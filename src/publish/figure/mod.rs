//! Figures: plain data in, an SVG drawing out, the same bytes on the page and on paper.
//!
//! Each figure has its own input structs, its checks, its `draw` and its `rows` (the same facts as a
//! table, for readers who do not see the drawing). Words are passed in; nothing here knows a form, a
//! language or today's date.
//!
//! | figure | shows |
//! |---|---|
//! | [`genogram`] | a family over generations, its ties and households |
//! | [`ecomap`] | a family among the systems around it |
//! | [`network`] | the people around one person, by sector and closeness |
//! | [`baseline`] | one measure before and during the intervention |
//! | [`goals`] | goals from start to end on the scale −2 to +2 |
//! | [`bar`] | numbers by category, plain or stacked |
//! | [`trend`] | numbers over time, a line for each series |
//! | [`course`] | what happened to a dossier on which day |

pub mod bar;
pub mod baseline;
pub mod course;
pub mod ecomap;
pub mod genogram;
pub mod goals;
pub mod network;
pub mod trend;

mod axis;
mod geometry;
mod hatch;
mod legend;
mod line;
mod route;
mod svg;
mod words;

#[cfg(test)]
pub(crate) mod samples;

/// A colour-blind-safe palette; every use is also told apart by shape or pattern.
pub(crate) mod colour {
    pub(crate) const INK: &str = "#1a1a1a";
    pub(crate) const SOFT: &str = "#5a5a5a";
    pub(crate) const PALE: &str = "#bdbdbd";
    pub(crate) const PAPER: &str = "#ffffff";
    pub(crate) const SHADE: &str = "#ececec";
    pub(crate) const GREEN: &str = "#1b6e4b";
    pub(crate) const RED: &str = "#a8322a";
    pub(crate) const BLUE: &str = "#2a5b8c";
    pub(crate) const PURPLE: &str = "#6b3f87";
    pub(crate) const BROWN: &str = "#7a5a17";
}

/// The facts of a figure as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The column heads.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}
