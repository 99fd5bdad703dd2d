//! Workbooks that people filled in: what stands in their cells. The only file that names the reader of workbooks.
//!
//! A cell is what the program that wrote it kept: a number is a number whatever it was typed as, a date is one where the cell is
//! formatted as one. Whoever asks says what it should be.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

use crate::failure::Failure;
use crate::say;

/// Largest workbook that is read, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;
/// Most cells with content in one workbook.
const MAX_CELLS: usize = 500_000;

/// A workbook.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// Its file name.
    pub name: String,
    /// Its sheets, hidden ones too.
    pub sheets: Vec<Sheet>,
}

/// A sheet.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The rows that hold something, in order.
    pub rows: Vec<Row>,
}

/// A row of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its number, from 1.
    pub number: u32,
    /// The cells that hold something, with their columns (from 0), in order.
    pub cells: Vec<(u32, Cell)>,
}

/// What a cell holds; never an empty text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text, without spaces around it.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, or a minute of one, in a cell that is formatted as such.
    Moment(NaiveDateTime),
    /// A time of day, in a cell that is formatted as such.
    Clock(NaiveTime),
    /// Yes or no.
    Bool(bool),
    /// A formula that failed, such as `#N/A`.
    Broken(&'static str),
}

impl Workbook {
    /// Reads a workbook.
    ///
    /// # Errors
    /// If it cannot be read, is no workbook (`.xlsx`), is locked with a password or is far too large.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let failed = |error: XlsxError| not_read(&name, error);
        let file = File::open(path).map_err(|error| Failure::io("打不开", "cannot open", path, error))?;
        let size = fs::metadata(path).map_or(0, |meta| meta.len());
        if size > MAX_BYTES {
            return Err(Failure::plain(say!(
                "{name} 有 {size} 字节，超过上限 {MAX_BYTES}",
                "{name} has {size} bytes; the limit is {MAX_BYTES}"
            ))
            .help(say!("去掉里面的图片再存一次", "take the pictures out and save it again")));
        }
        let mut book: Xlsx<BufReader<File>> = Xlsx::new(BufReader::new(file)).map_err(failed)?;
        let (mut sheets, mut count) = (Vec::new(), 0);
        for sheet in book.sheet_names() {
            let mut rows: Vec<Row> = Vec::new();
            let mut cells = match book.worksheet_cells_reader(&sheet) {
                Ok(cells) => cells,
                // Charts stand among the sheets and have no cells.
                Err(XlsxError::NotAWorksheet(_)) => continue,
                Err(error) => return Err(failed(error)),
            };
            while let Some(cell) = cells.next_cell().map_err(failed)? {
                let (row, column) = cell.get_position();
                let Some(content) = content(cell.get_value()) else { continue };
                count += 1;
                if count > MAX_CELLS {
                    return Err(Failure::plain(say!(
                        "{name} 的单元格超过 {MAX_CELLS} 个，没有读入",
                        "{name} has more than {MAX_CELLS} cells and was not read"
                    )));
                }
                match rows.last_mut().filter(|last| last.number == row + 1) {
                    Some(last) => last.cells.push((column, content)),
                    None => rows.push(Row { number: row + 1, cells: vec![(column, content)] }),
                }
            }
            rows.sort_by_key(|row| row.number);
            rows.iter_mut().for_each(|row| row.cells.sort_by_key(|(column, _)| *column));
            sheets.push(Sheet { name: sheet, rows });
        }
        Ok(Self { name, sheets })
    }

    /// The sheet of that name.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }
}

impl Sheet {
    /// The row of that number, if it holds something.
    pub fn row(&self, number: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().map(|at| &self.rows[at])
    }
}

impl Row {
    /// What stands in a column.
    pub fn at(&self, column: u32) -> Option<&Cell> {
        self.cells.binary_search_by_key(&column, |(own, _)| *own).ok().map(|at| &self.cells[at].1)
    }
}

impl Cell {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a person sees, roughly.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.replace(['\r', '\n', '\t'], " "),
            Self::Number(number) => number.to_string(),
            Self::Moment(moment) if moment.time() == NaiveTime::MIN => moment.date().to_string(),
            Self::Moment(moment) => moment.format("%Y-%m-%d %H:%M").to_string(),
            Self::Clock(time) => time.format("%H:%M").to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::Broken(what) => (*what).to_owned(),
        }
    }
}

/// A column as spreadsheets name it: 0 is `A`, 26 is `AA`.
pub fn column(at: u32) -> String {
    let letter = char::from(b'A' + (at % 26) as u8);
    if at < 26 { letter.to_string() } else { format!("{}{letter}", column(at / 26 - 1)) }
}

/// The moment of a number in a cell that is not formatted as a date: days since the end of 1899. Nothing outside 1954–2119, where
/// it is hardly a date.
pub fn moment(number: f64) -> Option<NaiveDateTime> {
    let moment = ExcelDateTime::new(number, ExcelDateTimeType::DateTime, false);
    (20_000.0..80_000.0).contains(&number).then(|| minute(&moment)).flatten()
}

fn content(data: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| {
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
        (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
    };
    match data {
        DataRef::Empty => None,
        DataRef::String(own) => text(own),
        DataRef::SharedString(own) => text(own),
        DataRef::DateTimeIso(own) | DataRef::DurationIso(own) => text(own),
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets keep every number as a float")]
        DataRef::Int(number) => Some(Cell::Number(*number as f64)),
        DataRef::Float(number) => Some(Cell::Number(*number)),
        DataRef::Bool(yes) => Some(Cell::Bool(*yes)),
        DataRef::Error(error) => Some(Cell::Broken(broken(error))),
        DataRef::DateTime(own) => Some(match minute(own) {
            Some(moment) if (0.0..1.0).contains(&own.as_f64()) => Cell::Clock(moment.time()),
            Some(moment) => Cell::Moment(moment),
            None => Cell::Number(own.as_f64()),
        }),
    }
}

/// The nearest minute: what a spreadsheet computes with times is a hair beside it.
fn minute(moment: &ExcelDateTime) -> Option<NaiveDateTime> {
    // The library knows from which of two epochs days are counted.
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let exact = day.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())?;
    (exact + TimeDelta::seconds(30)).with_second(0)?.with_nanosecond(0)
}

fn broken(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#DATA!",
    }
}

fn not_read(name: &str, error: XlsxError) -> Failure {
    let failure = match error {
        XlsxError::Password => Failure::plain(say!("{name} 有密码，读不了", "{name} is locked with a password"))
            .help(say!("在表格软件里去掉密码再存一次", "take the password off and save it again")),
        error => Failure::new(say!("{name} 不是能读的表格", "{name} is no workbook that can be read"), error),
    };
    if name.to_lowercase().ends_with(".xlsx") {
        return failure;
    }
    failure.help(say!(
        "只读 .xlsx；.xls、.et、.ods、.csv 请在表格软件里“另存为” .xlsx",
        "only .xlsx is read; save .xls, .et, .ods and .csv as .xlsx"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        for (at, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column(at), name);
        }
    }

    #[test]
    fn a_number_is_a_date_where_it_can_be_one() {
        let written = |number| moment(number).map(|moment| moment.format("%Y-%m-%d %H:%M").to_string());
        assert_eq!(written(46_121.0).as_deref(), Some("2026-04-09 00:00"));
        assert_eq!(written(46_121.395_833_333).as_deref(), Some("2026-04-09 09:30"));
        assert_eq!(written(46_121.999_999).as_deref(), Some("2026-04-10 00:00"));
        assert_eq!(written(3.0), None);
    }
}
