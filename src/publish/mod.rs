//! Publication: how what was found is shown, and to whom. Decides nothing about right and wrong.

pub mod address;
pub mod chunk;
pub mod editor;
pub mod feed;
pub mod figure;
pub mod markdown;
pub mod output;
pub mod paper;
pub mod pdf;
pub mod proof;
pub mod report;
pub mod schema;
pub mod search;
pub mod sieve;
pub mod site;
pub mod spreadsheet;
pub mod theme;
pub mod view;
pub mod workbook;
pub mod write;
pub mod xml;
