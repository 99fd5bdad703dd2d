//! The text of a record from the cells of a workbook.

use chrono::NaiveTime;

use super::layout::{At, Filling, Grid, Line};
use super::{ENCRYPTED, Slot, slots};
use crate::archive::workbook::{Cell, moment};
use crate::diagnostic::{Diagnostic, Text};
use crate::rulebook::Rulebook;
use crate::rulebook::form::{Field, Form, Kind};
use crate::say;
use crate::yaml::write::{scalar, typed};

/// From here on a spreadsheet does not keep the last digits of a whole number.
const INEXACT: f64 = 1e15;

/// The text of a record with everything that the cells say, one line for each field and each row, and what cannot be said.
pub(super) fn of(book: &Rulebook, form: &Form, grid: &Grid<'_>, filling: &Filling) -> (String, Vec<Diagnostic>) {
    let mut writer = Writer { book, grid, wrong: Vec::new() };
    let mut out = format!("---\n{}: {}\n", book.settings.form_key, scalar(&form.code.value));
    let all = slots(&form.fields, &book.settings);
    for field in form.fields.iter().filter(|field| field.computed.is_none()) {
        let name = &field.name.value;
        if let Some(lines) = filling.tables.get(name) {
            let rows: Vec<String> = lines.iter().map(|line| format!("  - {{ {} }}\n", writer.row(field, line))).collect();
            if !rows.is_empty() {
                out.push_str(&format!("{name}:\n{}", rows.concat()));
            }
            continue;
        }
        let own = all.iter().filter(|slot| std::ptr::eq(slot.field, field));
        if let Some(value) = writer.value(own, |name| filling.cells.get(name).and_then(|(at, cell)| Some((*at, cell.as_ref()?)))) {
            out.push_str(&format!("{name}: {value}\n"));
        }
    }
    out.push_str("---\n");
    for section in &form.sections {
        let name = &section.name.value;
        let Some((at, Some(cell))) = filling.cells.get(name) else { continue };
        if let Some(text) = writer.prose(*at, cell) {
            out.push_str(&format!("\n## {name}\n\n{text}\n"));
        }
    }
    (out, writer.wrong)
}

struct Writer<'w> {
    book: &'w Rulebook,
    grid: &'w Grid<'w>,
    wrong: Vec<Diagnostic>,
}

impl Writer<'_> {
    /// The pairs of a row of a table.
    fn row(&mut self, table: &Field, line: &Line) -> String {
        let all = slots(&table.columns, &self.book.settings);
        let mut pairs = Vec::new();
        for column in table.columns.iter().filter(|column| column.computed.is_none()) {
            let own = all.iter().filter(|slot| std::ptr::eq(slot.field, column));
            if let Some(value) = self.value(own, |name| line.cells.get(name).map(|(at, cell)| (*at, cell))) {
                pairs.push(format!("{}: {value}", column.name.value));
            }
        }
        pairs.join(", ")
    }

    /// The value of a field from its cells, if any of them says something.
    fn value<'c, 's>(
        &mut self,
        slots: impl Iterator<Item = &'s Slot<'s>>,
        cell: impl Fn(&str) -> Option<(At, &'c Cell)>,
    ) -> Option<String> {
        let mut parts = Vec::new();
        for slot in slots {
            let Some((at, cell)) = cell(&slot.name) else { continue };
            match raw(cell, slot) {
                _ if cell.text() == Some(ENCRYPTED) => {}
                Ok(raw) => match slot.part {
                    None => return Some(literal(slot, &raw)),
                    Some(part) => parts.push(format!("{part}: {}", literal(slot, &raw))),
                },
                Err(why) => {
                    let name = &slot.name;
                    let message = say!("「{name}」{why}", "`{name}` {why}"; why);
                    self.wrong.push(self.grid.told(Diagnostic::error("F204", None, message).key(name), at));
                }
            }
        }
        (!parts.is_empty()).then(|| format!("{{ {} }}", parts.join(", ")))
    }

    /// The text of a section. It does not begin another one.
    fn prose(&mut self, at: At, cell: &Cell) -> Option<String> {
        match cell {
            Cell::Broken(what) => {
                let message = say!("单元格里的公式出错：{what}", "the formula of this cell fails: {what}");
                self.wrong.push(self.grid.told(Diagnostic::error("F204", None, message), at));
                None
            }
            Cell::Text(text) if text == ENCRYPTED => None,
            Cell::Text(text) => {
                let line = |line: &str| if line.starts_with("## ") { format!("#{line}") } else { line.to_owned() };
                Some(text.replace("\r\n", "\n").lines().map(|own| line(own.trim_end())).collect::<Vec<_>>().join("\n"))
            }
            other => Some(other.shown()),
        }
    }
}

/// A value as a record has it.
fn literal(slot: &Slot<'_>, raw: &str) -> String {
    match slot.kind {
        Kind::Multichoice => format!("[{}]", chosen(slot.field, raw).iter().map(|own| scalar(own)).collect::<Vec<_>>().join(", ")),
        Kind::Date | Kind::Datetime | Kind::Integer | Kind::Decimal | Kind::Money | Kind::Scale | Kind::Bool => typed(raw),
        _ => scalar(raw),
    }
}

/// The items of a multiple choice in one cell. An option may itself hold what stands between options.
fn chosen<'t>(field: &Field, text: &'t str) -> Vec<&'t str> {
    let mut items = Vec::new();
    let mut rest = text;
    let between = |c: char| matches!(c, ',' | '、' | ';' | '\n' | '\u{ff0c}' | '\u{ff1b}');
    while !rest.is_empty() {
        rest = rest.trim_start_matches(|c: char| between(c) || c.is_whitespace());
        let whole =
            |option: &&String| rest.strip_prefix(option.as_str()).is_some_and(|after| after.is_empty() || after.starts_with(between));
        let length = field.options.iter().filter(whole).map(String::len).max();
        let length = length.unwrap_or_else(|| rest.find(between).unwrap_or(rest.len()));
        let item = rest[..length].trim_end();
        if !item.is_empty() {
            items.push(item);
        }
        rest = &rest[length..];
    }
    items
}

/// What a cell says, in the notation of records where the kind of value leaves no doubt.
fn raw(cell: &Cell, slot: &Slot<'_>) -> Result<String, Text> {
    let clock = |time: NaiveTime| time.format("%H:%M").to_string();
    let day_only = |moment: &chrono::NaiveDateTime| moment.time() == NaiveTime::MIN;
    Ok(match cell {
        Cell::Text(text) if slot.kind == Kind::Multichoice => text.clone(),
        Cell::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Cell::Bool(yes) if slot.kind == Kind::Bool => if *yes { "是" } else { "否" }.to_owned(),
        Cell::Bool(yes) => yes.to_string().to_uppercase(),
        Cell::Clock(time) => clock(*time),
        Cell::Moment(moment) if slot.kind != Kind::Datetime && day_only(moment) => moment.date().to_string(),
        Cell::Moment(moment) if matches!(slot.kind, Kind::Date | Kind::Datetime) => moment.format("%Y-%m-%dT%H:%M").to_string(),
        Cell::Moment(moment) => moment.format("%Y-%m-%d %H:%M").to_string(),
        Cell::Number(number) => return of_number(*number, slot),
        Cell::Broken(what) => return Err(say!("的公式出错：{what}", "holds a formula that fails: {what}")),
    })
}

fn of_number(number: f64, slot: &Slot<'_>) -> Result<String, Text> {
    let plain = if number.fract() == 0.0 { format!("{number:.0}") } else { decimal(number) };
    match slot.kind {
        Kind::Date => Ok(moment(number).map_or(plain, |moment| moment.date().to_string())),
        Kind::Datetime => Ok(moment(number).map_or(plain, |moment| moment.format("%Y-%m-%dT%H:%M").to_string())),
        Kind::Integer | Kind::Decimal | Kind::Money | Kind::Scale => Ok(plain),
        _ if number.abs() >= INEXACT => Err(say!(
            "是作为数字输入的，末几位已经丢失；把单元格设为“文本”，再重新输入",
            "was typed as a number, and its last digits are lost; format the cell as text and type it again"
        )),
        // A time in a cell that is formatted as a number.
        _ if (0.0..1.0).contains(&number)
            && slot.field.pattern.as_ref().is_some_and(|p| !p.is_match(&plain) && p.is_match(&time(number))) =>
        {
            Ok(time(number))
        }
        _ => Ok(plain),
    }
}

/// A part of a day as a time.
fn time(part: f64) -> String {
    let minutes = (part * 24.0 * 60.0).round();
    format!("{:02.0}:{:02.0}", (minutes / 60.0).floor(), minutes % 60.0)
}

/// A number as a spreadsheet shows it: so many digits as it keeps, without what a float adds to them.
fn decimal(number: f64) -> String {
    let whole = number.abs().log10().floor().max(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 15")]
    let places = (14.0 - whole).clamp(0.0, 15.0) as usize;
    let text = format!("{number:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_seen() {
        for (number, text) in [(0.1 + 0.2, "0.3"), (12.5, "12.5"), (-3.25, "-3.25"), (1234.1, "1234.1"), (0.000_1, "0.0001")] {
            assert_eq!(decimal(number), text);
        }
        assert_eq!((time(0.395_833_333), time(0.812_5)), ("09:30".to_owned(), "19:30".to_owned()));
    }
}
