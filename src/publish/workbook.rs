//! Workbooks to be filled in, for Excel and WPS.
//!
//! Every cell knows what it may hold: numbers that are names (telephones, documents) are text, so that nothing is rounded; days are
//! days; choices drop down. Whoever types something else is told at once. Sheets whose names begin with an underline are for the
//! program: what can be chosen, and what the workbook was made from.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, Workbook, Worksheet, XlsxError,
};

use super::spreadsheet::exact;
use super::view::workbook::{CellView, SheetView, WorkbookView};
use crate::archive::workbook::column;
use crate::diagnostic::{Language, Text};
use crate::failure::Failure;
use crate::rulebook::form::Kind;
use crate::rulebook::workbook::{HIDDEN, Origin};
use crate::say;

/// The longest message that a cell can have.
const MESSAGE: usize = 250;
/// The row (from 0) that holds the names.
const NAMES: u32 = 2;

/// The workbook, with what it was made from.
///
/// # Errors
/// If it is more than a workbook can hold.
pub fn xlsx(view: &WorkbookView, origin: &Origin, today: NaiveDate, language: Language) -> Result<Vec<u8>, Failure> {
    book(view, origin, today, language).map_err(|error| Failure::new(say!("写不成工作簿", "cannot write the workbook"), error))
}

fn book(view: &WorkbookView, origin: &Origin, today: NaiveDate, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::parse_from_str(&today.to_string())?));
    let mut lists = Lists::default();
    for own in &view.sheets {
        let mut sheet = Worksheet::new();
        sheet.set_name(&own.name)?.set_paper_size(9).set_freeze_panes(NAMES + 1, 0)?;
        if own.beside || own.cells.len() <= COLUMNS {
            sheet.set_print_fit_to_pages(1, 0);
        }
        sheet.set_repeat_rows(NAMES, NAMES)?.set_footer("&L&A&R&P / &N");
        let title = if own.title.is_empty() { view.title.clone() } else { format!("{} · {}", view.title, own.title) };
        sheet.write_string_with_format(0, 0, title, &font().set_bold().set_font_size(14))?;
        sheet.write_string_with_format(1, 0, &own.guide, &font().set_font_color(GREY))?;
        let mut writer = Writer { sheet: &mut sheet, lists: &mut lists, language, computed: own.computed };
        if own.beside {
            writer.beside(own, &view.heads)?
        } else {
            writer.across(own)?
        }
        book.push_worksheet(sheet);
    }
    let sheet = book.add_worksheet().set_name(format!("{HIDDEN}lists"))?;
    sheet.set_hidden(true);
    for (at, list) in (0u16..).zip(&lists.all) {
        for (row, option) in (0u32..).zip(list) {
            sheet.write_string(row, at, option)?;
        }
    }
    let sheet = book.add_worksheet().set_name(Origin::sheet())?;
    sheet.set_hidden(true);
    for (row, line) in (0u32..).zip(origin.rows()) {
        for (at, text) in (0u16..).zip(line) {
            sheet.write_string(row, at, text)?;
        }
    }
    book.save_to_buffer()
}

/// A sheet with more columns is not made smaller to be printed on one page.
const COLUMNS: usize = 16;
/// Lines that are left for a section.
const PROSE: usize = 6;

const GREY: Color = Color::RGB(0x80_80_80);
const RED: Color = Color::RGB(0xB0_20_20);
const BAND: Color = Color::RGB(0xEE_EE_EA);

/// What can be chosen, each list once.
#[derive(Default)]
struct Lists {
    all: Vec<Vec<String>>,
}

impl Lists {
    /// The cells that hold a list.
    fn formula(&mut self, options: &[String]) -> Formula {
        let at = self.all.iter().position(|own| own == options).unwrap_or_else(|| {
            self.all.push(options.to_vec());
            self.all.len() - 1
        });
        let column = column(u32::try_from(at).unwrap_or_default());
        Formula::new(format!("={HIDDEN}lists!${column}$1:${column}${}", options.len()))
    }
}

struct Writer<'w> {
    sheet: &'w mut Worksheet,
    lists: &'w mut Lists,
    language: Language,
    /// Whether all of the sheet is computed; then nothing in it is set apart by that.
    computed: bool,
}

impl Writer<'_> {
    /// One record: names, values and notes in three columns.
    fn beside(&mut self, own: &SheetView, heads: &[String; 3]) -> Result<(), XlsxError> {
        const WIDTHS: [u16; 3] = [24, 44, 60];
        for (at, width) in (0u16..).zip(WIDTHS) {
            self.sheet.set_column_width(at, width)?;
        }
        for (at, head) in (0u16..).zip(heads) {
            self.sheet.write_string_with_format(NAMES, at, head, &cell().set_bold().set_background_color(BAND))?;
        }
        let (mut row, mut group) = (NAMES + 1, None);
        for (nth, field) in own.cells.iter().enumerate() {
            if field.group.is_some() && field.group != group {
                group.clone_from(&field.group);
                let band = cell().set_bold().set_background_color(BAND);
                self.sheet.merge_range(row, 0, row, 2, field.group.as_deref().unwrap_or_default(), &band)?;
                row += 1;
            }
            self.sheet.write_string_with_format(row, 0, &field.name, &self.name(field))?;
            let value = own.rows.first().and_then(|values| values.get(nth)).map_or("", String::as_str);
            self.value(row, 1, field, value)?;
            self.sheet.write_string_with_format(row, 2, &field.note, &cell().set_text_wrap().set_font_color(GREY))?;
            let texts = [&field.name, value, &field.note];
            let most = texts.iter().zip(WIDTHS).map(|(text, width)| lines(text, width.into())).max().unwrap_or(1);
            self.high(row, if field.kind.is_none() { most.max(PROSE) } else { most })?;
            if let Some(rule) = self.rule(field)? {
                self.sheet.add_data_validation(row, 1, row, 1, &rule)?;
            }
            row += 1;
        }
        Ok(())
    }

    /// A row high enough for so many lines; not every program finds that by itself.
    fn high(&mut self, row: u32, lines: usize) -> Result<(), XlsxError> {
        if lines > 1 {
            self.sheet.set_row_height(row, f64::from(u32::try_from(lines).unwrap_or(u32::MAX)).mul_add(14.0, 2.0).min(409.0))?;
        }
        Ok(())
    }

    /// Names in a row, and rows below them.
    fn across(&mut self, own: &SheetView) -> Result<(), XlsxError> {
        self.sheet.set_landscape();
        let mut widths = Vec::new();
        let from = NAMES + 1;
        let last = from + u32::try_from((own.rows.len() + own.blank).max(1)).unwrap_or(1) - 1;
        for (at, field) in (0u16..).zip(&own.cells) {
            let longest = own.rows.iter().filter_map(|row| row.get(usize::from(at))).map(|text| wide(text)).max().unwrap_or(0);
            let width = longest.max(wide(&field.name)).clamp(8, 40) + 2;
            widths.push(width);
            self.sheet.set_column_width(at, u32::try_from(width).unwrap_or(u32::MAX))?;
            self.sheet.write_string_with_format(NAMES, at, &field.name, &self.name(field).set_background_color(BAND))?;
            self.sheet.set_column_format(at, &self.format(field).set_border(FormatBorder::None))?;
            if let Some(rule) = self.rule(field)? {
                self.sheet.add_data_validation(from, at, last, at, &rule)?;
            }
        }
        for (row, values) in (from..).zip(&own.rows) {
            for ((at, field), value) in (0u16..).zip(&own.cells).zip(values) {
                self.value(row, at, field, value)?;
            }
            self.high(row, values.iter().zip(&widths).map(|(text, width)| lines(text, *width)).max().unwrap_or(1))?;
        }
        for row in (from..=last).skip(own.rows.len()) {
            for (at, field) in (0u16..).zip(&own.cells) {
                self.sheet.write_blank(row, at, &self.format(field))?;
            }
        }
        Ok(())
    }

    /// A value as what it is: a text that is no such thing stays a text.
    fn value(&mut self, row: u32, at: u16, field: &CellView, value: &str) -> Result<(), XlsxError> {
        let format = self.format(field);
        if value.is_empty() {
            self.sheet.write_blank(row, at, &format)?;
            return Ok(());
        }
        match field.kind {
            Some(Kind::Date) if value.parse::<NaiveDate>().is_ok() => {
                self.sheet.write_datetime_with_format(row, at, ExcelDateTime::parse_from_str(value)?, &format)?;
            }
            Some(Kind::Datetime) if NaiveDateTime::parse_from_str(value, "%Y-%m-%d %H:%M").is_ok() => {
                self.sheet.write_datetime_with_format(row, at, ExcelDateTime::parse_from_str(value)?, &format)?;
            }
            _ => {
                match number(field, value) {
                    Some(number) => self.sheet.write_number_with_format(row, at, number, &format)?,
                    None => self.sheet.write_string_with_format(row, at, value, &format)?,
                };
            }
        }
        Ok(())
    }

    /// A name: red where something must be written, grey where nothing is.
    fn name(&self, field: &CellView) -> Format {
        let format = cell().set_bold().set_text_wrap();
        match (field.written, field.required) {
            (false, _) if !self.computed => format.set_font_color(GREY),
            (true, true) => format.set_font_color(RED),
            _ => format,
        }
    }

    /// How a value is shown and kept.
    fn format(&self, field: &CellView) -> Format {
        let format = cell().set_text_wrap();
        let format = if field.written || self.computed { format } else { format.set_font_color(GREY) };
        match field.kind {
            Some(Kind::Date) => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            Some(Kind::Datetime) => format.set_num_format("yyyy-mm-dd hh:mm").set_align(FormatAlign::Left),
            Some(Kind::Integer | Kind::Scale) => format.set_num_format("0").set_align(FormatAlign::Left),
            Some(Kind::Money) => format.set_num_format("0.00").set_align(FormatAlign::Left),
            Some(Kind::Decimal) => format.set_num_format("General").set_align(FormatAlign::Left),
            _ => format.set_num_format("@"),
        }
    }

    /// What a cell may hold.
    fn rule(&mut self, field: &CellView) -> Result<Option<DataValidation>, XlsxError> {
        if !field.written {
            return Ok(None);
        }
        let say = |text: Text| text.in_language(self.language).to_owned();
        let rule = DataValidation::new();
        let bound = |bound: Option<Decimal>, other: i32| bound.and_then(|bound| bound.to_i32()).unwrap_or(other);
        let (rule, told) = match field.kind {
            _ if !field.options.is_empty() => {
                let told = say!("请从下拉的选项里选", "choose one of the list");
                (rule.allow_list_formula(self.lists.formula(&field.options)), told)
            }
            Some(Kind::Date | Kind::Datetime) => {
                let days = DataValidationRule::Between(ExcelDateTime::from_ymd(1900, 1, 1)?, ExcelDateTime::from_ymd(2199, 12, 31)?);
                (rule.allow_date(days), say!("请写日期，如 2026-03-05", "a date, such as 2026-03-05"))
            }
            Some(Kind::Integer | Kind::Scale) => {
                let (low, high) = (bound(field.min, 0), bound(field.max, i32::MAX));
                let told = say!("请写整数，{low} 至 {high}", "a whole number from {low} to {high}");
                (rule.allow_whole_number(DataValidationRule::Between(low, high)), told)
            }
            Some(kind @ (Kind::Decimal | Kind::Money)) => {
                let float = |bound: Option<Decimal>, other: f64| bound.and_then(|bound| bound.to_f64()).unwrap_or(other);
                let money = if kind == Kind::Money { 0.0 } else { -1e12 };
                let (low, high) = (float(field.min, money), float(field.max, 1e12));
                (rule.allow_decimal_number(DataValidationRule::Between(low, high)), say!("请写数", "a number"))
            }
            Some(kind) if field.length > 0 && kind != Kind::Multichoice => {
                let length = field.length;
                let longest = DataValidationRule::LessThanOrEqualTo(u32::try_from(length).unwrap_or(u32::MAX));
                (rule.allow_text_length(longest), say!("不超过 {length} 字", "at most {length} characters"))
            }
            _ => return Ok(None),
        };
        let told = say(told);
        let note: String = field.note.chars().take(MESSAGE).collect();
        let style = if field.open { DataValidationErrorStyle::Warning } else { DataValidationErrorStyle::Stop };
        let rule = rule.set_error_title(field.name.chars().take(30).collect::<String>())?.set_error_message(told)?.set_error_style(style);
        Ok(Some(if note.is_empty() { rule } else { rule.set_input_message(note)? }))
    }
}

/// The letters that every Chinese installation of Excel and WPS has.
fn font() -> Format {
    Format::new().set_font_name("宋体")
}

fn cell() -> Format {
    font().set_border(FormatBorder::Hair).set_align(FormatAlign::VerticalCenter)
}

/// A number where the cell is one and a spreadsheet keeps all its digits.
fn number(field: &CellView, value: &str) -> Option<f64> {
    let is_number = matches!(field.kind, Some(Kind::Integer | Kind::Scale | Kind::Decimal | Kind::Money));
    let number: Decimal = value.parse().ok().filter(|_| is_number)?;
    exact(&number)
}

/// How many lines a text takes in a column of that width.
fn lines(text: &str, width: usize) -> usize {
    text.lines().map(|line| wide(line).div_ceil(width.max(3) - 2).max(1)).sum()
}

/// How wide a text is, in letters; Chinese ones count twice.
fn wide(text: &str) -> usize {
    text.lines().map(|line| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()).max().unwrap_or(0)
}
