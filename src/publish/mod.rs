//! Publication: how what was found is shown, and to whom. Decides nothing about right and wrong.

pub mod markdown;
pub mod report;
pub mod view;
