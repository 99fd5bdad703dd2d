//! What a workbook was made from, as a hidden sheet of it keeps it.

use std::collections::BTreeMap;

use super::HIDDEN;
use crate::archive::workbook::{Cell, Workbook};

/// Which version of these workbooks this is.
const VERSION: &str = "1";

const FORM: &str = "form";
const FOLDER: &str = "folder";
const RECORD: &str = "record";

/// What a workbook was made from.
#[derive(Debug, Default)]
pub struct Origin {
    /// The code of the form.
    pub form: Option<String>,
    /// The folder of the dossier; empty for none.
    pub folder: Option<String>,
    /// Digests of the texts that records had then, by their names; empty for those that were not there.
    pub records: BTreeMap<String, String>,
}

impl Origin {
    /// The name of the sheet.
    pub fn sheet() -> String {
        format!("{HIDDEN}anjuan")
    }

    /// What a workbook says of itself; nothing where it came from elsewhere.
    pub fn of(book: &Workbook) -> Self {
        let mut origin = Self::default();
        for row in book.sheet(&Self::sheet()).map(|sheet| sheet.rows.as_slice()).unwrap_or_default() {
            let text = |column: u32| row.at(column).and_then(Cell::text).unwrap_or_default().to_owned();
            match text(0).as_str() {
                FORM => origin.form = Some(text(1)),
                FOLDER => origin.folder = Some(text(1)),
                RECORD => drop(origin.records.insert(text(1), text(2))),
                _ => {}
            }
        }
        origin
    }

    /// The rows of the sheet.
    pub fn rows(&self) -> impl Iterator<Item = [&str; 3]> {
        let form = self.form.as_deref().map(|form| [FORM, form, ""]);
        let folder = self.folder.as_deref().map(|folder| [FOLDER, folder, ""]);
        let records = self.records.iter().map(|(record, text)| [RECORD, record.as_str(), text.as_str()]);
        std::iter::once(["anjuan", VERSION, ""]).chain(form).chain(folder).chain(records)
    }
}
