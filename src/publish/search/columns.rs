//! The facets of all documents. Every question needs them, so they travel in the manifest.

use std::collections::BTreeSet;

use serde::Serialize;

use super::bits::Bits;

/// A facet on its way: how many documents, one after another, have the same value. Neighbours are mostly of one dossier, so
/// there are few such runs.
#[derive(Debug, Default)]
pub struct Facet(Vec<(u32, String)>);

impl Facet {
    /// The value of the next document; empty where it has none.
    pub fn push(&mut self, value: &str) {
        match self.0.last_mut() {
            Some((count, last)) if last == value => *count += 1,
            _ => self.0.push((1, value.to_owned())),
        }
    }

    /// The facet as pages get it; none where no document has a value.
    pub fn column<'f>(&'f self, name: &'f str) -> Option<Column<'f>> {
        let values: BTreeSet<&str> = self.0.iter().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()).collect();
        let values: Vec<&str> = values.into_iter().collect();
        let width = values.len().checked_ilog2()? + 1;
        let mut bits = Bits::default();
        for (count, value) in &self.0 {
            bits.gamma(*count);
            bits.number(values.binary_search(&value.as_str()).map_or(0, |at| at as u32 + 1), width);
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
