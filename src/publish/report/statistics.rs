//! Statistics for a terminal, and as JSON, version 1.
//!
//! `{version, archive, head, today, audience, from, to, by, suppress_below, tables: [{key, columns: [{key, total}], rows:
//! [{id, name, heading, unit, note, article, encrypted, numbers: [{value, veiled, records}]}]}], targets: [{year, project, id, name,
//! unit, target, actual, percent, veiled, records}]}`. Days are ISO. Numbers are decimal text, exact; null where there is
//! none or it is veiled. `key` is the group: null for all together (`total` is then true) and for what belongs to no group.
//! With two groupings the first table is for all together, and one for each group of the first follows. `records` are ids
//! of records, or numbers of dossiers for duties about a whole dossier; empty for audiences below the highest.
//! `encrypted` is of how many records or rows nobody can say whether they count; it is told of all together only.

use serde_json::{Value, json};

use super::columns::{GAP, cut, left, right, width};
use crate::diagnostic::Language;
use crate::publish::view::statistics::{NumberView, StatisticRow, StatisticsTable, StatisticsView, VEILED};
use crate::publish::view::{Basis, Frame};
use crate::say;

/// A longer label of a row is cut.
const LABEL: usize = 52;
/// All tables, aligned for wide characters; with the records behind every number where they are wanted.
pub fn table(view: &StatisticsView, records: bool, language: Language) -> String {
    let mut out = String::new();
    let (from, to) = (&view.from, &view.to);
    out.push_str(say!("统计 {from} 至 {to}\n", "Statistics {from} to {to}\n").in_language(language));
    for one in &view.tables {
        out.push('\n');
        if view.by.len() == 2 {
            out.push_str(&format!("{}\n", one.name));
        }
        block(one, records, &mut out);
    }
    if !view.targets.is_empty() {
        let title =
            say!("\n指标完成（年度 项目 指标 目标 完成 百分比）\n", "\nTargets (year, project, statistic, target, done, per cent)\n");
        out.push_str(title.in_language(language));
        targets(view, &mut out);
    }
    for row in view.tables.iter().flat_map(|table| &table.rows).filter(|row| row.encrypted > 0) {
        let (name, count) = (&row.name, row.encrypted);
        let note = say!(
            "\n「{name}」另有 {count} 项已加密，是否计入无从得知。\n",
            "\n{name}: {count} more are encrypted, so nobody can say whether they count.\n"
        );
        out.push_str(note.in_language(language));
    }
    if let Some(below) = view.suppress_below {
        let note = say!(
            "\n{VEILED} 不足 {below} 人，或由它可以推出不足 {below} 人的数。\n",
            "\n{VEILED} fewer than {below} persons, or a number from which such a one would come out.\n"
        );
        out.push_str(note.in_language(language));
    }
    out
}

fn label(row: &StatisticRow) -> String {
    let unit = if row.unit.is_empty() { String::new() } else { format!(" ({})", row.unit) };
    format!("  {}{unit}", cut(&row.name, LABEL.saturating_sub(width(&unit) + 2)))
}

fn block(table: &StatisticsTable, records: bool, out: &mut String) {
    let labels: Vec<String> = table.rows.iter().map(label).collect();
    let wide = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    let of = |nth: usize| table.rows.iter().map(move |row| width(&row.numbers[nth].text));
    let widths: Vec<usize> =
        table.columns.iter().enumerate().map(|(nth, column)| of(nth).chain([width(&column.name)]).max().unwrap_or(0)).collect();
    let mut line = |first: &str, cells: &mut dyn Iterator<Item = &str>| {
        let mut text = left(first, wide);
        for (cell, width) in cells.zip(&widths) {
            text.push_str(GAP);
            text.push_str(&right(cell, *width));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line("", &mut table.columns.iter().map(|column| column.name.as_str()));
    let mut heading = None;
    for (row, label) in table.rows.iter().zip(&labels) {
        if row.heading != heading {
            heading.clone_from(&row.heading);
            line(heading.as_deref().unwrap_or_default(), &mut std::iter::empty());
        }
        line(label, &mut row.numbers.iter().map(|number| number.text.as_str()));
        if records {
            for (column, number) in table.columns.iter().zip(&row.numbers).filter(|(_, number)| !number.records.is_empty()) {
                line(&format!("    {}: {}", column.name, ids(number).join(" ")), &mut std::iter::empty());
            }
        }
    }
}

fn targets(view: &StatisticsView, out: &mut String) {
    let rows: Vec<[String; 6]> = view
        .targets
        .iter()
        .map(|t| {
            let percent = if t.percent.value.is_some() { format!("{}%", t.percent.text) } else { t.percent.text.clone() };
            let name = format!("{} ({})", t.name, t.unit);
            [t.year.to_string(), t.project.text.clone(), name, t.target.text.clone(), t.actual.text.clone(), percent]
        })
        .collect();
    let widest = |nth: usize| rows.iter().map(|row| width(&row[nth])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(widest).collect();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(nth, cell)| if nth < 3 { left(cell, widths[nth]) } else { right(cell, widths[nth]) });
        out.push_str(&format!("  {}\n", cells.collect::<Vec<_>>().join(GAP).trim_end()));
    }
}

/// The records behind a number.
fn ids(number: &NumberView) -> Vec<&str> {
    number.records.iter().map(|link| link.text.as_str()).collect()
}

/// Everything as JSON, ending with a newline.
pub fn json(view: &StatisticsView, frame: &Frame, basis: &Basis, archive: &str) -> String {
    let number = |n: &NumberView| json!({ "value": n.value.map(|v| v.to_string()), "veiled": n.veiled, "records": ids(n) });
    let row = |row: &StatisticRow| {
        json!({
            "id": row.id,
            "name": row.name,
            "heading": row.heading,
            "unit": row.unit,
            "note": row.note,
            "encrypted": row.encrypted,
            "article": row.article.as_ref().map(|link| &link.text),
            "numbers": row.numbers.iter().map(number).collect::<Vec<_>>(),
        })
    };
    let table = |table: &StatisticsTable| {
        let columns = table.columns.iter().map(|column| json!({ "key": column.key, "total": column.total }));
        json!({
            "key": table.key,
            "columns": columns.collect::<Vec<_>>(),
            "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
        })
    };
    let targets = view.targets.iter().map(|t| {
        json!({
            "year": t.year,
            "project": t.project.text,
            "id": t.id,
            "name": t.name,
            "unit": t.unit,
            "target": t.target.value.map(|v| v.to_string()),
            "actual": t.actual.value.map(|v| v.to_string()),
            "percent": t.percent.value.map(|v| v.to_string()),
            "veiled": t.actual.veiled,
            "records": ids(&t.actual),
        })
    });
    let report: Value = json!({
        "version": 1,
        "archive": archive,
        "head": basis.head,
        "today": basis.today,
        "audience": frame.audience,
        "from": view.from,
        "to": view.to,
        "by": view.by,
        "suppress_below": view.suppress_below,
        "tables": view.tables.iter().map(table).collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(left("案卷", 6), "案卷  ");
        assert_eq!(right("12", 4), "  12");
        assert_eq!(cut("期初在案个数", 8), "期初在…");
        assert_eq!(cut("abc", 8), "abc");
    }
}
