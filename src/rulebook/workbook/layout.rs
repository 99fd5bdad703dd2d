//! Where things stand in a workbook: the names of a form are looked for, whoever made the sheet.
//!
//! A table, and a form of which every row is a record, has its names in one row; a single record has them in one column with its
//! values beside them. At least half of the names must be there.

use std::collections::{BTreeMap, HashMap};

use super::names::{Head, Of, is_part_total, is_total};
use crate::archive::Record;
use crate::archive::workbook::{Cell, Row, Sheet, Workbook, column};
use crate::diagnostic::Diagnostic;
use crate::rulebook::Rulebook;
use crate::rulebook::form::Form;
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};
use crate::yaml::de::nearest;

/// Where a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The sheet, as an index into those of the workbook.
    pub sheet: usize,
    /// The row, from 1.
    pub row: u32,
    /// The column, from 0.
    pub column: u32,
}

/// A workbook with a text for every sheet, so that findings can show the row that they speak of.
pub struct Grid<'w> {
    book: &'w Workbook,
    shown: Vec<Shown>,
}

/// A sheet as a text, a line for each row, and where in it each cell is, by row (from 1) and column (from 0).
struct Shown {
    source: SharedSource,
    spans: HashMap<(u32, u32), Span>,
}

/// What a workbook says of one record.
#[derive(Debug, Clone)]
pub struct Filling {
    /// The record that it says it is of.
    pub key: Option<String>,
    /// Where it stands.
    pub at: At,
    /// Its fields, parts of fields and sections by name; those that the workbook has and nobody filled have no cell.
    pub cells: BTreeMap<String, (At, Option<Cell>)>,
    /// Its tables.
    pub tables: BTreeMap<String, Vec<Line>>,
    /// The columns that the workbook has of its tables.
    pub columns: BTreeMap<String, Vec<String>>,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it begins.
    pub at: At,
    /// Its cells by column.
    pub cells: BTreeMap<String, (At, Cell)>,
}

impl<'w> Grid<'w> {
    /// Of a workbook.
    pub fn of(book: &'w Workbook) -> Self {
        let shown = book.sheets.iter().map(|sheet| shown(&book.name, sheet)).collect();
        Self { book, shown }
    }

    /// A finding about a cell.
    pub fn told(&self, mut finding: Diagnostic, at: At) -> Diagnostic {
        let Some(Shown { source, spans }) = self.shown.get(at.sheet) else { return finding };
        let line = usize::try_from(at.row).unwrap_or(1);
        let span = spans.get(&(at.row, at.column)).copied().unwrap_or_else(|| Span::at(source.line(line).start));
        let (row, column, message) = (at.row, column(at.column), finding.message);
        finding.message = say!("第 {row} 行 {column} 列：{message}", "row {row}, column {column}: {message}"; message);
        finding.place = Some(Place::new(source, span));
        // What would be changed is a text that nobody has seen.
        (finding.fixes, finding.label, finding.labels) = (Vec::new(), None, Vec::new());
        finding
    }

    /// What the workbook says of records of a form, and what of it has no place there.
    pub fn fillings(&self, rulebook: &Rulebook, form: &Form) -> (Vec<Filling>, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let heads: Vec<Head<'_>> =
            self.book.sheets.iter().enumerate().filter_map(|(at, sheet)| Head::of(rulebook, form, at, sheet)).collect();
        let mut fillings = Vec::new();
        for head in &heads {
            match head.of {
                Of::Record => fillings.push(self.beside(head)),
                Of::Records => fillings.extend(self.lines(head).into_iter().map(|(key, line)| Filling::of_line(head, key, line))),
                Of::Table(_) => {}
            }
            found.extend(self.unknown(head));
            found.extend(self.unread(head));
        }
        let single = !heads.iter().any(|head| matches!(head.of, Of::Records));
        if single && fillings.is_empty() && !heads.is_empty() {
            let at = At { sheet: heads[0].sheet, row: heads[0].line, column: 0 };
            fillings.push(Filling::new(None, at));
        }
        for head in &heads {
            let Of::Table(table) = head.of else { continue };
            let columns: Vec<String> = head.names.iter().map(|(_, name)| name.clone()).collect();
            for filling in &mut fillings {
                filling.tables.entry(table.name.value.clone()).or_default();
                filling.columns.insert(table.name.value.clone(), columns.clone());
            }
            for (key, line) in self.lines(head) {
                let owner = match (&key, single) {
                    (_, true) => fillings.first_mut(),
                    (Some(key), _) => fillings.iter_mut().find(|filling| filling.key.as_ref() == Some(key)),
                    (None, _) => None,
                };
                match owner {
                    Some(filling) => filling.tables.entry(table.name.value.clone()).or_default().push(line),
                    None => {
                        let message = say!("这一行没有写明属于哪份记录", "this row does not say which record it belongs to");
                        found.push(self.told(Diagnostic::error("F206", None, message), line.at));
                    }
                }
            }
        }
        (fillings, found)
    }

    /// A single record: values stand beside their names.
    fn beside(&self, head: &Head<'_>) -> Filling {
        let column = head.line + 1;
        let mut filling = Filling::new(None, At { sheet: head.sheet, row: head.names.first().map_or(1, |(row, _)| *row), column });
        for (number, name) in &head.names {
            let cell = self.book.sheets[head.sheet].row(*number).and_then(|row| row.at(column)).cloned();
            // A heading may be called as a field is.
            if cell.is_some() || !filling.cells.contains_key(name) {
                filling.cells.insert(name.clone(), (At { sheet: head.sheet, row: *number, column }, cell));
            }
        }
        filling
    }

    /// The rows below the names that say something, with the records that they belong to; down to the row that sums them up.
    fn lines(&self, head: &Head<'_>) -> Vec<(Option<String>, Line)> {
        let below = self.below(head).take_while(|row| !is_total(row)).filter(|row| !is_part_total(row));
        let line = |row: &Row| {
            let cell = |(column, name): &(u32, String)| {
                let at = At { sheet: head.sheet, row: row.number, column: *column };
                Some((name.clone(), (at, row.at(*column)?.clone())))
            };
            let cells: BTreeMap<String, (At, Cell)> = head.names.iter().filter_map(cell).collect();
            let at = cells.values().map(|(at, _)| *at).min()?;
            let key = head.key.and_then(|key| row.at(key)).map(Cell::shown);
            Some((key, Line { at, cells }))
        };
        below.filter_map(line).collect()
    }

    fn below(&self, head: &Head<'_>) -> impl Iterator<Item = &'w Row> {
        let line = head.line;
        self.book.sheets[head.sheet].rows.iter().filter(move |row| row.number > line)
    }

    /// A row below the total that looks like another of those above it.
    fn unread(&self, head: &Head<'_>) -> Option<Diagnostic> {
        let held = |row: &&Row| head.names.iter().filter(|(column, _)| row.at(*column).is_some()).count() > 1;
        let row = self.below(head).skip_while(|row| !is_total(row)).skip(1).find(held).filter(|_| !matches!(head.of, Of::Record))?;
        let message = say!("合计以下的行没有读入", "rows below the total were not read");
        let help = say!("要读入的行移到合计以上", "move rows that belong to the table above it");
        let at = At { sheet: head.sheet, row: row.number, column: row.cells.first().map_or(0, |(column, _)| *column) };
        Some(self.told(Diagnostic::warning("F206", None, message).help(help), at))
    }

    /// What stands among the names, is none and has something below it, or beside it.
    fn unknown(&self, head: &Head<'_>) -> Vec<Diagnostic> {
        let sheet = &self.book.sheets[head.sheet];
        let named: Vec<u32> = head.names.iter().chain(&head.computed).map(|(at, _)| *at).collect();
        let strange: Vec<(u32, u32, &Cell)> = if matches!(head.of, Of::Record) {
            let first = named.iter().min().copied().unwrap_or(0);
            let rows = sheet.rows.iter().filter(|row| row.number > first && !named.contains(&row.number));
            rows.filter(|row| row.at(head.line + 1).is_some()).filter_map(|row| Some((row.number, head.line, row.at(head.line)?))).collect()
        } else {
            let cells = sheet.row(head.line).map(|row| row.cells.as_slice()).unwrap_or_default().iter();
            let is_used = |column: u32| sheet.rows.iter().any(|row| row.number > head.line && row.at(column).is_some());
            let strange = cells.filter(|(column, _)| is_used(*column) && !named.contains(column) && head.key != Some(*column));
            strange.map(|(column, cell)| (head.line, *column, cell)).collect()
        };
        let told = |(row, column, cell): (u32, u32, &Cell)| {
            let word = cell.shown();
            let d = Diagnostic::warning("F201", None, say!("没有「{word}」这一栏，没有读入", "there is no `{word}`; it was not read"));
            let d = match nearest(&word, head.known.iter().map(String::as_str)) {
                Some(near) => d.help(say!("是不是「{near}」?", "did you mean `{near}`?")),
                None => d,
            };
            self.told(d.key(&word), At { sheet: head.sheet, row, column })
        };
        strange.into_iter().map(told).collect()
    }
}

impl Filling {
    /// Fills a field that the workbook leaves empty.
    pub fn assume(&mut self, name: &str, value: &str) {
        let (_, cell) = self.cells.entry(name.to_owned()).or_insert((self.at, None));
        if !value.is_empty() {
            cell.get_or_insert_with(|| Cell::Text(value.to_owned()));
        }
    }

    /// Whether nothing stands in it besides these values of fields.
    pub fn says_nothing_but(&self, known: &[(&str, String)]) -> bool {
        let said = self.cells.iter().filter_map(|(name, (_, cell))| Some((name, cell.as_ref()?)));
        let mut others = said.filter(|(name, cell)| !known.iter().any(|(own, value)| own == name && cell.shown() == *value));
        others.next().is_none() && self.tables.values().all(Vec::is_empty)
    }

    fn new(key: Option<String>, at: At) -> Self {
        Self { key, at, cells: BTreeMap::new(), tables: BTreeMap::new(), columns: BTreeMap::new() }
    }

    fn of_line(head: &Head<'_>, key: Option<String>, line: Line) -> Self {
        let mut filling = Self::new(key, line.at);
        for (column, name) in &head.names {
            filling.cells.insert(name.clone(), (At { column: *column, ..line.at }, None));
        }
        filling.cells.extend(line.cells.into_iter().map(|(name, (at, cell))| (name, (at, Some(cell)))));
        filling
    }
}

fn shown(name: &str, sheet: &Sheet) -> Shown {
    let (mut text, mut spans, mut line) = (String::new(), HashMap::new(), 1);
    for row in &sheet.rows {
        while line < row.number {
            text.push('\n');
            line += 1;
        }
        for (nth, (column, cell)) in row.cells.iter().enumerate() {
            if nth > 0 {
                text.push_str(" | ");
            }
            let start = text.len();
            text.push_str(&cell.shown());
            spans.insert((row.number, *column), Span::new(start, text.len()));
        }
    }
    Shown { source: Source::new(format!("{name}[{}]", sheet.name), text), spans }
}

/// The cell that a place in the text of a record came from.
pub(super) fn locate(record: &Record, filling: &Filling, offset: usize) -> Option<At> {
    let of_section = || {
        let section = record.sections.iter().rev().find(|section| section.heading.start <= offset)?;
        filling.cells.get(&section.name).map(|(at, _)| *at)
    };
    let holds = |key: Span, value: Span| key.start <= offset && offset <= value.end.max(key.end);
    let pairs = record.fields.as_map()?;
    let Some((key, value)) = pairs.iter().rev().find(|(key, value)| holds(key.span, value.span)) else { return of_section() };
    let Some(lines) = filling.tables.get(&key.text) else {
        let part = value.as_map().unwrap_or_default().iter().rev().find(|(part, value)| holds(part.span, value.span));
        let name = part.map_or_else(|| key.text.clone(), |(part, _)| format!("{}.{}", key.text, part.text));
        return filling.cells.get(&name).map(|(at, _)| *at);
    };
    let rows = value.as_list()?;
    let nth = rows.iter().position(|row| row.span.start <= offset && offset <= row.span.end)?;
    let line = lines.get(nth)?;
    let column = rows[nth].as_map().unwrap_or_default().iter().rev().find(|(column, value)| holds(column.span, value.span));
    let Some((column, value)) = column else { return Some(line.at) };
    let part = value.as_map().unwrap_or_default().iter().rev().find(|(part, value)| holds(part.span, value.span));
    let name = part.map_or_else(|| column.text.clone(), |(part, _)| format!("{}.{}", column.text, part.text));
    Some(line.cells.get(&name).map_or(line.at, |(at, _)| *at))
}
