//! Statistics for spreadsheets: CSV, one number a line, and a workbook.
//!
//! A text that a spreadsheet would take for a formula is guarded: in CSV by an apostrophe before it, in the workbook by
//! the type of its cell. The same statistics give the same bytes.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::view::statistics::{NumberView, StatisticRow, StatisticsTable, StatisticsView};
use crate::diagnostic::{Language, Text};
use crate::failure::Failure;
use crate::say;

/// What a spreadsheet may take for the beginning of a formula, full-width forms included.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// A spreadsheet keeps this many digits of a number; one that has more is written as text.
const DIGITS: usize = 15;

/// A number of which a spreadsheet keeps every digit.
pub(super) fn exact(number: &Decimal) -> Option<f64> {
    let digits = number.normalize().mantissa().unsigned_abs().to_string().len();
    number.to_f64().filter(|_| digits <= DIGITS)
}

/// A text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The groups of a number: those of the table and of the column.
fn groups<'v>(view: &StatisticsView, table: &'v StatisticsTable, column: usize) -> Vec<&'v str> {
    let own = [table.name.as_str(), table.columns[column].name.as_str()];
    own[2 - view.by.len().min(2)..].to_vec()
}

/// Every number of every table.
fn numbers(view: &StatisticsView) -> impl Iterator<Item = (Vec<&str>, &StatisticRow, &NumberView)> {
    view.tables.iter().flat_map(move |table| {
        table
            .rows
            .iter()
            .flat_map(move |row| row.numbers.iter().enumerate().map(move |(nth, number)| (groups(view, table, nth), row, number)))
    })
}

/// One number a line, with its groups and the records behind it: UTF-8 with a mark at its start, quoted where needed.
pub fn csv(view: &StatisticsView, language: Language) -> Result<Vec<u8>, Failure> {
    let failed = |e: csv::Error| Failure::new(say!("写不成 CSV", "cannot write CSV"), e);
    let say = |text: Text| text.in_language(language).to_owned();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    let mut head: Vec<String> = view.by_names.clone();
    head.extend([say!("指标编号", "id"), say!("类", "heading"), say!("指标", "statistic"), say!("单位", "unit")].map(say));
    head.extend([say!("数值", "number"), say!("记录", "records")].map(say));
    writer.write_record(&head).map_err(failed)?;
    for (groups, row, number) in numbers(view) {
        let mut line: Vec<String> = groups.iter().map(|group| guarded(group)).collect();
        line.extend([row.id.as_str(), row.heading.as_deref().unwrap_or_default(), &row.name, &row.unit].map(guarded));
        line.push(if number.value.is_some() || number.veiled { number.text.clone() } else { String::new() });
        line.push(guarded(&number.records.iter().map(|link| link.text.as_str()).collect::<Vec<_>>().join(" ")));
        writer.write_record(&line).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| Failure::new(say!("写不成 CSV", "cannot write CSV"), e.error()))
}

/// A workbook: the tables, the records behind each number, and how far targets are reached. It is dated `today`.
pub fn xlsx(view: &StatisticsView, today: NaiveDate, language: Language) -> Result<Vec<u8>, Failure> {
    workbook(view, today, language).map_err(|e| Failure::new(say!("写不成工作簿", "cannot write the workbook"), e))
}

/// Where the next row goes.
struct Sheet<'w> {
    sheet: &'w mut Worksheet,
    row: u32,
    bold: Format,
}

impl Sheet<'_> {
    fn head<'t>(&mut self, cells: impl IntoIterator<Item = &'t str>) -> Result<(), XlsxError> {
        for (column, text) in (0u16..).zip(cells) {
            self.sheet.write_string_with_format(self.row, column, text, &self.bold)?;
        }
        self.row += 1;
        Ok(())
    }

    fn text(&mut self, column: u16, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row, column, text)?;
        Ok(())
    }

    /// A number as a number where a spreadsheet keeps all its digits, otherwise as text.
    fn number(&mut self, column: u16, number: &NumberView) -> Result<(), XlsxError> {
        match number.value.as_ref().and_then(exact) {
            Some(value) => self.sheet.write_number(self.row, column, value)?,
            None => self.sheet.write_string(self.row, column, &number.text)?,
        };
        Ok(())
    }
}

fn workbook(view: &StatisticsView, today: NaiveDate, language: Language) -> Result<Vec<u8>, XlsxError> {
    let say = |text: Text| text.in_language(language).to_owned();
    let mut book = Workbook::new();
    let year = u16::try_from(today.year().clamp(1900, 9999)).unwrap_or(1900);
    let made = ExcelDateTime::from_ymd(year, today.month() as u8, today.day() as u8)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let bold = Format::new().set_bold();

    let sheet = book.add_worksheet().set_name(say(say!("统计", "Statistics")))?;
    sheet.set_freeze_panes(1, 0)?;
    let mut out = Sheet { sheet, row: 0, bold: bold.clone() };
    let two = view.by.len() == 2;
    let labels = [say!("类", "heading"), say!("指标", "statistic"), say!("单位", "unit")].map(say);
    for table in &view.tables {
        let first: Option<&str> = two.then_some(view.by_names[0].as_str());
        let columns = table.columns.iter().map(|column| column.name.as_str());
        out.head(first.into_iter().chain(labels.iter().map(String::as_str)).chain(columns))?;
        for row in &table.rows {
            let start = if two { 1 } else { 0 };
            if two {
                out.text(0, &table.name)?;
            }
            out.text(start, row.heading.as_deref().unwrap_or_default())?;
            out.text(start + 1, &row.name)?;
            out.text(start + 2, &row.unit)?;
            for (column, number) in (start + 3..).zip(&row.numbers) {
                out.number(column, number)?;
            }
            out.row += 1;
        }
        out.row += 1;
    }
    let period = format!("{} – {}", view.from, view.to);
    out.text(0, &period)?;
    out.sheet.autofit();

    let sheet = book.add_worksheet().set_name(say(say!("记录", "Records")))?;
    sheet.set_freeze_panes(1, 0)?;
    let mut out = Sheet { sheet, row: 0, bold: bold.clone() };
    let labels = [say!("指标编号", "id"), say!("指标", "statistic"), say!("数值", "number"), say!("记录", "record")].map(say);
    out.head(view.by_names.iter().chain(&labels).map(String::as_str))?;
    for (groups, row, number) in numbers(view) {
        for record in &number.records {
            let mut column = 0;
            for text in groups.iter().copied().chain([row.id.as_str(), &row.name]) {
                out.text(column, text)?;
                column += 1;
            }
            out.number(column, number)?;
            out.text(column + 1, &record.text)?;
            out.row += 1;
        }
    }
    out.sheet.autofit();

    if !view.targets.is_empty() {
        let sheet = book.add_worksheet().set_name(say(say!("指标完成", "Targets")))?;
        let mut out = Sheet { sheet, row: 0, bold };
        let labels = [say!("年度", "year"), say!("项目", "project"), say!("指标", "statistic"), say!("单位", "unit")].map(say);
        let more = [say!("目标", "target"), say!("完成", "done"), say!("完成率%", "per cent")].map(say);
        out.head(labels.iter().chain(&more).map(String::as_str))?;
        for target in &view.targets {
            for (column, text) in (0u16..).zip([target.year.to_string().as_str(), &target.project.text, &target.name, &target.unit]) {
                out.text(column, text)?;
            }
            for (column, number) in (4u16..).zip([&target.target, &target.actual, &target.percent]) {
                out.number(column, number)?;
            }
            out.row += 1;
        }
        out.sheet.autofit();
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_begins_a_formula() {
        for text in ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r\n=1", "\u{ff1d}1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "新开个案数", "NS-C2026-001/C03", "1=1"] {
            assert_eq!(guarded(text), text);
        }
    }
}
