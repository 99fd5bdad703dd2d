//! The facets of all documents, one column a file.

use serde::Serialize;

use super::bits::Bits;
use super::chunk::Chunk;

/// A facet: its values, and which document has which.
#[derive(Debug, Serialize)]
struct Column<'d> {
    /// In the order in which they are offered.
    values: Vec<&'d str>,
    /// Bits of a code.
    width: u32,
    /// Runs: how many documents (gamma), and their code, 0 for none, from 1 for a value. Neighbours are mostly of one dossier,
    /// so there are few.
    runs: String,
}

/// The file of a facet; none where no document has a value.
pub fn column(name: &str, of: &[&str]) -> Option<Chunk> {
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
    Some(Chunk::new(&format!("column-{name}"), &Column { values, width, runs: bits.text() }))
}

#[cfg(test)]
mod tests {
    use super::super::bits::Reader;
    use super::*;

    #[test]
    fn columns_are_read_as_they_were_written() {
        let of = ["乙", "乙", "", "甲", "甲", "甲", "丙"];
        let text = String::from_utf8(column("kind", &of).unwrap().content).unwrap();
        let json = text.strip_prefix("anjuanSearch(\"column-kind\",").unwrap().strip_suffix(");\n").unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let mut reader = Reader::new(json["runs"].as_str().unwrap());
        let mut read = Vec::new();
        while read.len() < of.len() {
            let (run, code) = (reader.gamma(), reader.number(json["width"].as_u64().unwrap() as u32));
            read.extend((0..run).map(|_| code.checked_sub(1).map_or("", |at| json["values"][at as usize].as_str().unwrap())));
        }
        assert_eq!(read, of);
        assert!(column("kind", &["", ""]).is_none());
    }
}
