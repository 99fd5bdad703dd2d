//! All integration tests in one binary. What they are and how to add one: `tests/README.md`.
#![allow(clippy::unwrap_used, missing_docs)]

mod architecture;
mod audit;
mod bad_input;
mod browser;
mod completeness;
mod computed;
mod confidential;
mod consent;
mod demo;
mod formats;
mod hook;
mod independent;
mod large;
mod markup;
mod opinion;
mod owners;
mod pages;
mod readme;
mod recompute;
mod since;
mod statistics;
mod suite;
mod support;
mod verify;
