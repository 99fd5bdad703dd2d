//! A workbook put into the text of a record: bytes change where it says something else, and nowhere besides.

use super::ENCRYPTED;
use super::layout::Filling;
use crate::archive::Record;
use crate::archive::workbook::Cell;
use crate::diagnostic::Diagnostic;
use crate::rulebook::entry::Filled;
use crate::rulebook::form::{Field, Form, Kind};
use crate::rulebook::value::{Data, Row};
use crate::say;
use crate::source::{SharedSource, Source, Span};
use crate::yaml::Node;

/// A record, and what a workbook makes of it.
pub(super) struct Merge<'m> {
    pub form: &'m Form,
    /// The record as it is, and its values.
    pub before: &'m Record,
    pub old: &'m [Option<Filled>],
    /// The record as the workbook has it, and its values.
    pub after: &'m Record,
    pub new: &'m [Option<Filled>],
    pub filling: &'m Filling,
    /// Whether what is empty in the workbook is to go.
    pub whole: bool,
}

/// Bytes that become others.
struct Change {
    span: Span,
    text: String,
}

impl Merge<'_> {
    /// What the record has and the workbook has no place for, though it would be written over.
    pub(super) fn lost(&self) -> Vec<Diagnostic> {
        let mut lost = Vec::new();
        for (at, field) in self.form.fields.iter().enumerate().filter(|(at, _)| self.differs(*at)) {
            let (Some(columns), Some(Data::Rows(rows))) = (self.filling.columns.get(&field.name.value), data(self.old, at)) else {
                continue;
            };
            let now = data(self.new, at).map_or(0, |data| if let Data::Rows(rows) = data { rows.len() } else { 0 });
            if !self.whole && now < rows.len() {
                let (table, then) = (&field.name.value, rows.len());
                let message = say!(
                    "记录里「{table}」有 {then} 行，表格里只有 {now} 行",
                    "the record has {then} rows of `{table}`, the workbook {now}"
                );
                let help = say!("把行补全；确实以表格为准，加 --replace", "add the others, or let the workbook count with --replace");
                lost.push(Diagnostic::error("F206", None, message).key(table).help(help));
            }
            let has = |column: &Field| {
                let name = &column.name.value;
                columns.iter().any(|own| own == name || own.split_once('.').is_some_and(|(own, _)| own == name))
            };
            let filled = |nth: usize| rows.iter().any(|row| row.cells.get(nth).is_some_and(Option::is_some));
            let missing =
                field.columns.iter().enumerate().filter(|(nth, column)| column.computed.is_none() && filled(*nth) && !has(column));
            lost.extend(missing.map(|(_, column)| {
                let (table, column) = (&field.name.value, &column.name.value);
                let message = say!(
                    "记录里「{table}」的「{column}」有内容，表格里没有这一列",
                    "the record has something under `{column}` of `{table}`, and the workbook has no such column"
                );
                Diagnostic::error("F206", None, message)
                    .key(table)
                    .help(say!("补上这一列，或重新用 anjuan excel 输出", "add the column, or make the workbook again with `anjuan excel`"))
            }));
        }
        lost
    }

    /// Whether the record says already what the workbook says.
    pub(super) fn changes_nothing(&self) -> bool {
        let field = (0..self.form.fields.len()).any(|at| self.differs(at));
        !field && (0..self.form.sections.len()).all(|at| self.section(at).is_none())
    }

    /// The text of the record, and what has another content than before.
    pub(super) fn text(&self) -> (SharedSource, Vec<String>) {
        let (mut changes, mut changed) = (Vec::new(), Vec::new());
        for at in (0..self.form.fields.len()).filter(|at| self.differs(*at)) {
            changes.push(self.field(at));
            changed.push(self.form.fields[at].name.value.clone());
        }
        for at in 0..self.form.sections.len() {
            if let Some(change) = self.section(at) {
                changes.push(change);
                changed.push(self.form.sections[at].name.value.clone());
            }
        }
        // Stable: what is put at one place keeps the order of the form.
        changes.sort_by_key(|change| change.span.start);
        let text = self.before.source.text();
        let (mut out, mut end) = (String::with_capacity(text.len() + 256), 0);
        for change in changes {
            out.push_str(text.get(end..change.span.start).unwrap_or_default());
            out.push_str(&if text.contains("\r\n") { change.text.replace('\n', "\r\n") } else { change.text });
            end = change.span.end;
        }
        out.push_str(text.get(end..).unwrap_or_default());
        (Source::new(self.before.path(), out), changed)
    }

    /// Whether the workbook has a place for a field.
    fn has(&self, field: &Field) -> bool {
        let name = &field.name.value;
        let own = |(slot, (_, cell)): (&String, &(_, Option<Cell>))| {
            let is_own = slot == name || slot.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            (is_own, cell.as_ref().and_then(|cell| cell.text()) == Some(ENCRYPTED))
        };
        let cells: Vec<bool> = self.filling.cells.iter().map(own).filter(|(own, _)| *own).map(|(_, encrypted)| encrypted).collect();
        (!cells.is_empty() || self.filling.tables.contains_key(name)) && !cells.contains(&true)
    }

    /// Whether the field with that index becomes another one.
    fn differs(&self, at: usize) -> bool {
        let field = &self.form.fields[at];
        if field.computed.is_some() || !self.has(field) {
            return false;
        }
        let said = |record: &Record| record.fields.get(&field.name.value).filter(|node| !node.is_empty()).cloned();
        match (said(self.before), said(self.after)) {
            (old, None) => self.whole && old.is_some(),
            (None, Some(_)) => true,
            (Some(before), Some(after)) => match (data(self.old, at), data(self.new, at)) {
                (Some(old), Some(new)) => !same(field, old, new),
                // What is no value of its kind is a text.
                (None, None) => before.as_str() != after.as_str(),
                _ => true,
            },
        }
    }

    /// The change by which a field becomes what the workbook has.
    fn field(&self, at: usize) -> Change {
        let name = &self.form.fields[at].name.value;
        let node = self.after.fields.get(name);
        let rows = node.filter(|node| is_block(&self.after.source, node)).map(|node| lines(&self.after.source, node));
        let value = node.map(|node| self.after.source.slice(node.span).trim_end());
        let text = self.before.source.text();
        let Some((key, old)) = self.before.fields.entry(name) else {
            let whole = match (rows, value) {
                (Some(rows), _) => format!("{name}:\n{}\n", self.after.source.slice(rows)),
                (None, value) => format!("{name}: {}\n", value.unwrap_or_default()),
            };
            return Change { span: Span::at(self.behind(at)), text: whole };
        };
        let colon = text[key.span.end..].find(':').map_or(key.span.end, |colon| key.span.end + colon + 1);
        match (is_block(&self.before.source, old), rows, value) {
            (true, Some(rows), _) => Change { span: lines(&self.before.source, old), text: self.after.source.slice(rows).to_owned() },
            (block, rows, value) => {
                let end = end_of(&self.before.source, old).max(if block { 0 } else { colon });
                let value = match (rows, value) {
                    (Some(rows), _) => format!("\n{}", self.after.source.slice(rows)),
                    (None, Some(value)) => format!(" {value}"),
                    (None, None) => String::new(),
                };
                Change { span: Span::new(colon, end), text: value }
            }
        }
    }

    /// Where a field goes that is not there: behind the one before it in the form.
    fn behind(&self, at: usize) -> usize {
        let pairs = self.before.fields.as_map().unwrap_or_default();
        let earlier = self.form.fields[..at].iter().rev().find_map(|field| self.before.fields.entry(&field.name.value));
        let Some((key, node)) = earlier.or_else(|| pairs.first().map(|(key, _)| key).and_then(|key| self.before.fields.entry(&key.text)))
        else {
            return self.before.front.start;
        };
        let source = &self.before.source;
        let end = end_of(source, node).max(key.span.end);
        source.text()[end..].find('\n').map_or(source.text().len(), |line| end + line + 1)
    }

    /// The change by which a section becomes what the workbook has, if it does.
    fn section(&self, at: usize) -> Option<Change> {
        let name = &self.form.sections[at].name.value;
        let (_, cell) = self.filling.cells.get(name)?;
        if cell.as_ref().and_then(|cell| cell.text()) == Some(ENCRYPTED) {
            return None;
        }
        let unix = |text: &str| text.replace("\r\n", "\n").lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        let (old, new) = (self.before.section_text(name).unwrap_or_default(), self.after.section_text(name).unwrap_or_default());
        let (old, as_typed) = (unix(&old), unix(&new));
        // Where nobody breaks lines within paragraphs, a line break of a cell begins another one.
        let new = if paragraphs(&old) == old { paragraphs(&as_typed) } else { as_typed.clone() };
        if old == new || old == as_typed || new.is_empty() && !self.whole {
            return None;
        }
        let text = self.before.source.text();
        if let Some(section) = self.before.section(name) {
            let gap = if section.body.end < text.len() { "\n" } else { "" };
            let body = if new.is_empty() { format!("\n{gap}") } else { format!("\n\n{new}\n{gap}") };
            // The heading's line ends where the body begins, with or without its line break.
            let start = section.body.start - usize::from(text[..section.body.start].ends_with('\n'));
            let start = start - usize::from(text[..start].ends_with('\r'));
            return Some(Change { span: Span::new(start, section.body.end), text: body });
        }
        let later = self.form.sections[at + 1..].iter().find_map(|later| self.before.section(&later.name.value));
        Some(match later {
            Some(later) => Change { span: Span::at(later.heading.start), text: format!("## {name}\n\n{new}\n\n") },
            None => {
                let gap = if text.ends_with('\n') { "" } else { "\n" };
                Change { span: Span::at(text.len()), text: format!("{gap}\n## {name}\n\n{new}\n") }
            }
        })
    }
}

fn data(filled: &[Option<Filled>], at: usize) -> Option<&Data> {
    filled.get(at)?.as_ref().map(|filled| &filled.data)
}

/// A text in which each line of plain words is a paragraph of its own.
fn paragraphs(text: &str) -> String {
    let is_plain = |line: &str| {
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = number.len() < line.len() && number.starts_with(['.', ')']);
        !(line.is_empty() || numbered || line.starts_with(['-', '*', '+', '>', '|', '#', ' ', '\t']))
    };
    if text.contains("```") {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (nth, line) in lines.iter().enumerate() {
        if nth > 0 {
            out.push_str(if is_plain(lines[nth - 1]) && is_plain(line) { "\n\n" } else { "\n" });
        }
        out.push_str(line);
    }
    out
}

/// Where a value ends: a text over several lines has its last line break to itself.
fn end_of(source: &Source, node: &Node) -> usize {
    if is_block(source, node) { lines(source, node).end } else { source.text()[..node.span.end].trim_end().len() }
}

/// Whether a value stands in lines of its own below its key.
fn is_block(source: &Source, node: &Node) -> bool {
    (node.as_list().is_some() || node.as_map().is_some()) && !source.slice(node.span).starts_with(['[', '{'])
}

/// The lines of a value below its key, without what follows it: blank lines and notes.
fn lines(source: &Source, node: &Node) -> Span {
    let text = source.text();
    let start = text[..node.span.start].rfind('\n').map_or(0, |line| line + 1);
    let mut end = node.span.end;
    loop {
        let kept = text[start..end].trim_end().len() + start;
        let line = text[..kept].rfind('\n').map_or(0, |line| line + 1);
        if line <= start || !text[line..kept].trim_start().starts_with('#') {
            return Span::new(start, kept);
        }
        end = line;
    }
}

/// What a workbook says, with the parts of values that the record has and the workbook leaves open: all that it has no cell for,
/// and unless it is `whole`, those whose cells are empty.
pub(super) fn completed(form: &Form, old: &[Option<Filled>], filling: &Filling, whole: bool) -> Filling {
    let mut all = filling.clone();
    for (field, filled) in form.fields.iter().zip(old) {
        let Some(Data::Parts(parts)) = filled.as_ref().map(|filled| &filled.data) else { continue };
        let slot = |part: &str| format!("{}.{part}", field.name.value);
        if !parts.iter().any(|(part, _)| filling.cells.get(&slot(part)).is_some_and(|(_, cell)| cell.is_some())) {
            continue;
        }
        for (part, datum) in parts.iter().filter(|(part, _)| !whole || !filling.cells.contains_key(&slot(part))) {
            all.assume(&slot(part), &datum.value.to_string());
        }
    }
    all
}

/// Whether two values say the same, wherever they stand. What is computed does not count.
fn same(field: &Field, one: &Data, other: &Data) -> bool {
    match (one, other) {
        (Data::Rows(one), Data::Rows(other)) => {
            let same_cell = |nth: usize, one: &Row, other: &Row| match (one.cells.get(nth), other.cells.get(nth)) {
                (Some(Some(one)), Some(Some(other))) => same(&field.columns[nth], one, other),
                (one, other) => one.is_some_and(Option::is_some) == other.is_some_and(Option::is_some),
            };
            let written: Vec<usize> = (0..field.columns.len()).filter(|nth| field.columns[*nth].computed.is_none()).collect();
            let same_row = |(one, other): (&Row, &Row)| written.iter().all(|nth| same_cell(*nth, one, other));
            one.len() == other.len() && one.iter().zip(other).all(same_row)
        }
        (Data::Parts(one), Data::Parts(other)) => {
            one.len() == other.len() && one.iter().all(|(key, datum)| other.iter().any(|(own, its)| own == key && its.value == datum.value))
        }
        _ if field.kind == Kind::Table => false,
        _ => one.values().map(|datum| &datum.value).eq(other.values().map(|datum| &datum.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::paragraphs;

    #[test]
    fn lines_of_words_are_paragraphs_and_lists_stay_together() {
        assert_eq!(paragraphs("甲。\n乙。\n\n丙"), "甲。\n\n乙。\n\n丙");
        for same in ["", "甲", "甲\n\n乙", "- 甲\n- 乙", "1. 甲\n2. 乙", "| 甲 |\n|---|\n| 乙 |", "如下：\n- 甲", "```\na\nb\n```"]
        {
            assert_eq!(paragraphs(same), same);
        }
    }
}
