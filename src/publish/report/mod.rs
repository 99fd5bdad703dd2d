//! Reports: findings and statistics for people and for programs. A renderer each over one model.

pub mod audit;
mod columns;
pub mod due;
pub mod forge;
pub mod human;
pub mod json;
pub mod junit;
pub mod needed;
pub mod patch;
pub mod sarif;
pub mod statistics;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A list whose elements are made one by one, as they are written: a report may have very many.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = Value>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
