//! Bars, stacked from the columns of a table: `label` names the bars, every other column is a part, in the order of
//! what the figure calls them.

use super::Source;
use crate::publish::figure::bar::{Bar, Bars};

impl Source<'_, '_> {
    /// The bars.
    pub(super) fn bars(&self) -> Bars {
        let Some(part) = self.rows.figure.parts.get("bars") else { return Bars::default() };
        let keys: Vec<&str> = part.columns.keys().map(String::as_str).filter(|key| *key != "label").collect();
        let name = |key: &str| part.columns.get(key).map(|name| name.value.clone()).unwrap_or_default();
        let lines = self.rows.lines("bars");
        let unit =
            lines.first().and_then(|line| line.columns.iter().find(|c| c.name.value == name(keys.first().copied().unwrap_or_default())));
        Bars {
            unit: unit.and_then(|column| column.unit.clone()).unwrap_or_default(),
            category: name("label"),
            parts: keys.iter().map(|key| name(key)).collect(),
            bars: lines
                .iter()
                .map(|line| Bar { label: line.text("label"), values: keys.iter().map(|key| line.decimal(key)).collect() })
                .collect(),
        }
    }
}
