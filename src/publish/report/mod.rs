//! Reports: findings and statistics for people and for programs. A renderer each over one model.

pub mod audit;
pub mod forge;
pub mod human;
pub mod json;
pub mod junit;
pub mod needed;
pub mod sarif;
pub mod statistics;
