//! The facets of all documents. Every question needs them, so they travel in the manifest.

use serde::Serialize;

use super::bits::Bits;

/// A facet: its values, and which document has which.
#[derive(Debug, Serialize)]
pub struct Column<'d> {
    /// Its name.
    name: &'d str,
    /// In the order in which they are offered.
    values: Vec<&'d str>,
    /// Bits of a code.
    width: u32,
    /// Runs: how many documents (gamma), and their code, 0 for none, from 1 for a value. Neighbours are mostly of one dossier,
    /// so there are few.
    runs: String,
}

/// A facet with the value of every document; none where no document has one.
pub fn column<'d>(name: &'d str, of: &[&'d str]) -> Option<Column<'d>> {
    let mut values: Vec<&str> = of.iter().copied().filter(|value| !value.is_empty()).collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() {
        return None;
    }
    let width = values.len().ilog2() + 1;
    let mut bits = Bits::default();
    for run in of.chunk_by(|a, b| a == b) {
        bits.gamma(run.len() as u32);
        bits.number(values.binary_search(&run[0]).map_or(0, |at| at as u32 + 1), width);
    }
    Some(Column { name, values, width, runs: bits.text() })
}

#[cfg(test)]
mod tests {
    use super::super::bits::Reader;
    use super::*;

    #[test]
    fn columns_are_read_as_they_were_written() {
        let of = ["乙", "乙", "", "甲", "甲", "甲", "丙"];
        let column = column("kind", &of).unwrap();
        let mut reader = Reader::new(&column.runs);
        let mut read = Vec::new();
        while read.len() < of.len() {
            let (run, code) = (reader.gamma(), reader.number(column.width));
            read.extend((0..run).map(|_| code.checked_sub(1).map_or("", |at| column.values[at as usize])));
        }
        assert_eq!(read, of);
        assert!(super::column("kind", &["", ""]).is_none());
    }
}
