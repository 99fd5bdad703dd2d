//! Reports: the findings of a run for people and for programs. A renderer each over one model.

pub mod human;
pub mod json;
