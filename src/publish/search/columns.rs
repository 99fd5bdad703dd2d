//! The facets of all documents. Every question needs them, so they travel in the manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bits::Bits;

/// A facet on its way: the values of the documents, one after another. Neighbours are mostly of one dossier, so there are few
/// runs of the same.
#[derive(Debug, Default)]
pub struct Facet {
    /// Values by the order in which they came.
    values: BTreeMap<String, u32>,
    /// How many documents have the same, and which.
    runs: Vec<(u32, u32)>,
}

impl Facet {
    /// The value of the next document; empty where it has none.
    pub fn push(&mut self, value: &str) {
        let fresh = self.values.len() as u32;
        let code = self.values.get(value).copied().unwrap_or_else(|| *self.values.entry(value.to_owned()).or_insert(fresh));
        match self.runs.last_mut() {
            Some((count, last)) if *last == code => *count += 1,
            _ => self.runs.push((1, code)),
        }
    }

    /// The facet as pages get it; none where no document has a value.
    pub fn column<'f>(&'f self, name: &'f str) -> Option<Column<'f>> {
        let values: Vec<&str> = self.values.keys().map(String::as_str).filter(|value| !value.is_empty()).collect();
        if values.is_empty() {
            return None;
        }
        // Codes by the order in which values are offered; 0 is for none.
        let first = usize::from(!self.values.contains_key(""));
        let mut codes = vec![0; self.values.len()];
        for (at, came) in self.values.values().enumerate() {
            codes[*came as usize] = (at + first) as u32;
        }
        let width = values.len().ilog2() + 1;
        let mut bits = Bits::default();
        for (count, came) in &self.runs {
            bits.gamma(*count);
            bits.number(codes[*came as usize], width);
        }
        Some(Column { name, values, width, runs: bits.text() })
    }
}

/// A facet: its values, and which document has which.
#[derive(Debug, Serialize)]
pub struct Column<'f> {
    /// Its name.
    name: &'f str,
    /// In the order in which they are offered.
    values: Vec<&'f str>,
    /// Bits of a code.
    width: u32,
    /// Runs: how many documents (gamma), and their code, 0 for none, from 1 for a value.
    runs: String,
}

#[cfg(test)]
mod tests {
    use super::super::bits::Reader;
    use super::*;

    fn facet(of: &[&str]) -> Facet {
        let mut facet = Facet::default();
        of.iter().for_each(|value| facet.push(value));
        facet
    }

    #[test]
    fn columns_are_read_as_they_were_written() {
        for of in [&["乙", "乙", "", "甲", "甲", "甲", "丙"][..], &["乙", "甲", "乙"]] {
            let facet = facet(of);
            let column = facet.column("kind").unwrap();
            assert!(column.values.is_sorted());
            let mut reader = Reader::new(&column.runs);
            let mut read = Vec::new();
            while read.len() < of.len() {
                let (run, code) = (reader.gamma(), reader.number(column.width));
                read.extend((0..run).map(|_| code.checked_sub(1).map_or("", |at| column.values[at as usize])));
            }
            assert_eq!(read, of);
        }
        assert!(facet(&["", ""]).column("kind").is_none());
    }
}
