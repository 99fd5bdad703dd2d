//! The list of all dossiers for a page that narrows it down by several things at once.
//!
//! The pages of the list are laid out when the site is made, each for one thing that its dossiers have in common
//! ([`lists`](super::view::lists)); which of them somebody will combine cannot be laid out. So the rows of the list are handed
//! over a second time, in small scripts ([`chunk`](super::chunk)) that `themes/default/sieve.js` loads when somebody asks for
//! something. They are the rows that the pages show, with what this audience sees there and nothing else, in plain, so that
//! the [proof](super::proof) covers them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::chunk::{Chunk, ranges};
use super::view::DossierRow;
use super::write::Sink;

/// Where the scripts lie: beside the page of the list.
const FOLDER: &str = "dossiers";

/// What a dossier may have in common with others. The words of the theme have a word for each.
pub const FACETS: [&str; 6] = ["project", "worker", "kind", "stage", "state", "due"];

/// Where the rows are, and by what they can be told apart.
#[derive(Serialize)]
struct Manifest<'r> {
    rows: usize,
    /// Whether anybody may see when a dossier began.
    days: bool,
    /// Stamps of the chunks, in the order of the list.
    chunks: Vec<String>,
    columns: [&'static str; 13],
    /// By facet each value, and how many rows have it.
    values: BTreeMap<&'static str, BTreeMap<&'r str, usize>>,
}

/// Names of the columns of [`Row`], in order.
const COLUMNS: [&str; 13] =
    ["number", "url", "kind", "project", "worker", "stage", "title", "opened", "closed", "records", "overdue", "open", "next_due"];

/// A row; the last column is left out where nothing is due, which is so of most that are closed.
#[derive(Serialize)]
struct Row<'r>(
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    &'r str,
    usize,
    usize,
    usize,
    #[serde(skip_serializing_if = "Option::is_none")] Option<&'r str>,
);

fn plain(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

impl<'r> Row<'r> {
    fn of(row: &'r DossierRow) -> Self {
        Self(
            &row.link.text,
            plain(&row.link.url),
            &row.kind,
            &row.project,
            plain(&row.worker),
            plain(&row.stage),
            plain(&row.title),
            plain(&row.opened),
            plain(&row.closed),
            row.records,
            row.overdue,
            row.open,
            row.next_due.as_deref(),
        )
    }
}

/// The values of a facet that a row has.
fn values<'r>(facet: &str, row: &'r DossierRow) -> Vec<&'r str> {
    let one = match facet {
        "project" => &row.project,
        "worker" => plain(&row.worker),
        "kind" => &row.kind,
        "stage" => plain(&row.stage),
        "state" => {
            if row.closed.is_some() {
                "closed"
            } else {
                "running"
            }
        }
        _ => {
            return match (row.overdue > 0, row.open > 0) {
                (true, true) => vec!["overdue", "open"],
                (true, false) => vec!["overdue"],
                (false, true) => vec!["open"],
                (false, false) => vec!["nothing"],
            };
        }
    };
    if one.is_empty() { Vec::new() } else { vec![one] }
}

/// About how many bytes a row takes.
fn weight(row: &DossierRow) -> usize {
    let texts = [&row.worker, &row.stage, &row.title, &row.opened, &row.closed, &row.next_due, &row.link.url];
    row.link.text.len() + row.kind.len() + row.project.len() + texts.into_iter().map(|text| plain(text).len()).sum::<usize>() + 56
}

/// Hands over the scripts; none where there are no dossiers.
pub fn put(rows: &[&DossierRow], sink: &dyn Sink) {
    if rows.is_empty() {
        return;
    }
    let parts = ranges(rows.iter().map(|row| (row.link.text.as_str(), weight(row))));
    let part = |(at, range): (usize, &std::ops::Range<usize>)| {
        let part: Vec<Row<'_>> = rows[range.clone()].iter().map(|row| Row::of(row)).collect();
        let chunk = Chunk::new(FOLDER, &format!("rows-{at:03}"), &part);
        sink.put(&chunk.path, None, &chunk.content);
        chunk.stamp()
    };
    let chunks = parts.par_iter().enumerate().map(part).collect();
    let mut all: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for facet in FACETS {
        let counts = all.entry(facet).or_default();
        for value in rows.iter().flat_map(|row| values(facet, row)) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let manifest = Chunk::new(
        FOLDER,
        "rows",
        &Manifest { rows: rows.len(), days: rows.iter().any(|row| row.opened.is_some()), chunks, columns: COLUMNS, values: all },
    );
    sink.put(&manifest.path, None, &manifest.content);
}

#[cfg(test)]
mod tests {
    use super::super::view::Link;
    use super::super::write::memory::Memory;
    use super::*;

    fn row(n: usize) -> DossierRow {
        DossierRow {
            link: Link { text: format!("NS-C{n:05}"), url: Some(format!("dossiers/NS-C{n:05}.html")) },
            kind: "个案".into(),
            project: "NS".into(),
            title: Some(format!("案主-{n}</script>")),
            worker: (!n.is_multiple_of(7)).then(|| format!("社工{}", n % 7)),
            stage: None,
            opened: Some("2026-03-09".into()),
            closed: n.is_multiple_of(3).then(|| "2026-06-01".into()),
            records: n,
            overdue: n % 2,
            open: n % 5,
            next_due: (!n.is_multiple_of(5)).then(|| "2026-07-01".into()),
        }
    }

    fn made(rows: &[DossierRow]) -> BTreeMap<String, String> {
        let memory = Memory::default();
        put(&rows.iter().collect::<Vec<_>>(), &memory);
        memory.files()
    }

    fn value(script: &str) -> serde_json::Value {
        let json = script.split_once(',').unwrap().1.strip_suffix(");\n").unwrap();
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_row_is_handed_over_once_in_small_pieces() {
        let rows: Vec<DossierRow> = (0..3000).map(row).collect();
        let files = made(&rows);
        assert!(files.len() > 3 && files.values().all(|text| text.len() <= 100_000), "{:?}", files.keys());
        let manifest = value(&files["dossiers/rows.js"]);
        assert_eq!((&manifest["rows"], manifest["chunks"].as_array().unwrap().len()), (&3000.into(), files.len() - 1));
        let numbers: Vec<String> = files
            .iter()
            .filter(|(path, _)| path.contains("rows-"))
            .flat_map(|(_, text)| value(text).as_array().unwrap().clone())
            .map(|row| row[0].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(numbers, rows.iter().map(|row| row.link.text.clone()).collect::<Vec<_>>());
        let counts = &manifest["values"];
        assert_eq!((&counts["state"]["closed"], &counts["state"]["running"]), (&1000.into(), &2000.into()));
        // What is late and has more to come counts with both.
        assert_eq!(
            (&counts["due"]["overdue"], &counts["due"]["open"], &counts["due"]["nothing"]),
            (&1500.into(), &2400.into(), &300.into())
        );
        assert_eq!(counts["worker"].as_object().unwrap().len(), 6, "nobody is no worker");
        assert!(counts["stage"].as_object().unwrap().is_empty());
    }

    #[test]
    fn a_row_has_its_columns() {
        let files = made(&[row(1), row(5)]);
        let rows = value(&files["dossiers/rows-000.js"]);
        assert_eq!(
            rows[0],
            serde_json::json!([
                "NS-C00001",
                "dossiers/NS-C00001.html",
                "个案",
                "NS",
                "社工1",
                "",
                "案主-1</script>",
                "2026-03-09",
                "",
                1,
                1,
                1,
                "2026-07-01"
            ])
        );
        assert_eq!(rows[1].as_array().unwrap().len(), COLUMNS.len() - 1, "no next day, no column");
        assert!(made(&[]).is_empty());
    }

    #[test]
    fn a_new_dossier_leaves_most_pieces_as_they_are() {
        let mut rows: Vec<DossierRow> = (0..3000).map(row).collect();
        let before = made(&rows);
        rows.insert(1500, DossierRow { link: Link { text: "NS-C01499a".into(), url: None }, ..row(9) });
        let after = made(&rows);
        let changed = after.iter().filter(|(path, text)| before.get(*path) != Some(text)).count();
        assert!(changed <= 2 + after.len() / 2, "{changed} of {}", after.len());
    }
}
