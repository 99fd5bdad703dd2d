//! A copy of a text in which known slips of the pen are repaired before the parser sees it, so that it blames no innocent line;
//! with the way back to the true offsets. Each slip is a finding that says how to correct it.

use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{Place, SharedSource, Span};

/// Marks that people use for the items of a list.
const MARKS: [char; 5] = ['-', '—', '－', '•', '·'];

/// What begins something else than the name of a field.
const SIGNS: &str = "#-'\"[]{}&*!|>%@`?,";

/// The longest name of a field that is looked for, in characters.
const LONGEST: usize = 24;

/// White space that indents nothing in YAML.
const ODD: [char; 3] = ['\t', '\u{3000}', '\u{a0}'];

/// The repaired copy.
pub(super) struct Shadow {
    /// Its text.
    pub text: String,
    base: usize,
    /// From which offset in `text` on how many bytes are missing there, or too many where that is negative.
    moved: Vec<(usize, isize)>,
}

impl Shadow {
    /// Repairs a part of a text.
    pub fn of(source: &SharedSource, range: Span, found: &mut Vec<Diagnostic>) -> Self {
        let mut shadow = Self { text: String::new(), base: range.start, moved: Vec::new() };
        let mut at = range.start;
        let (mut before, mut item, mut column) = ("", None, None);
        for line in source.slice(range).split_inclusive('\n') {
            shadow.line(source, at, (before, line), item, column, found);
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                before = line;
                // A line at the margin ends a list, one that leaves its value to others ends what is sure of the row.
                let inside = line.starts_with(char::is_whitespace);
                (item, column) = (item.filter(|_| inside), column.filter(|_| inside && !leaves_open(line)));
                if line.trim_start().starts_with("- ") {
                    let indent = right_indent(line, item);
                    (item, column) = (Some(indent), column_of(line).filter(|_| !leaves_open(line)).map(|column| indent + column));
                }
            }
            at += line.len();
        }
        shadow
    }

    /// Takes a line, after another that said something; `item` tells how far the items of the list before it are set in, `column`
    /// how far the names in the last of them.
    fn line(
        &mut self,
        source: &SharedSource,
        at: usize,
        (before, line): (&str, &str),
        item: Option<usize>,
        column: Option<usize>,
        found: &mut Vec<Diagnostic>,
    ) {
        let indent = indent_of(line);
        if line[..indent].contains(ODD) && !line.trim().is_empty() {
            let span = Span::new(at, at + indent);
            let spaces = " ".repeat(right_indent(line, item));
            found.push(
                slip("Y006", source, span, say!("行首缩进用了制表符或全角空格", "a tab or full-width space in the indentation"))
                    .help(say!("请改用半角空格", "use half-width spaces"))
                    .fix(span, spaces.clone(), say!("换成空格", "replace with spaces")),
            );
            let missing = indent as isize - spaces.len() as isize;
            self.text.push_str(&spaces);
            self.moves(missing);
            self.text.push_str(&line[indent..]);
            return;
        }
        if let Some((column, item)) = column.zip(item).filter(|(column, item)| is_askew(line, *column, *item)) {
            let (span, spaces) = (Span::new(at, at + indent), " ".repeat(column));
            let message = say!("这一行没有和本行的其他栏目对齐", "this line does not stand under the others of its row");
            found.push(
                slip("Y010", source, Span::new(at + indent, at + line.trim_end().len()), message)
                    .help(say!("行首空 {column} 格（“-”在第 {item} 格之后）", "{column} spaces before it (the `-` comes after {item})"))
                    .fix(span, spaces.clone(), say!("对齐", "set it under the others")),
            );
            self.text.push_str(&spaces);
            self.moves(indent as isize - column as isize);
            self.text.push_str(&line[indent..]);
            return;
        }
        if let Some(comment) = slip_of_comment(line) {
            let value = comment.value.start..comment.value.end;
            let span = Span::new(at + value.start, at + value.end);
            let lost = &line[comment.sign..value.end];
            found.push(
                Diagnostic::warning(
                    "Y009",
                    Place::new(source, Span::new(at + comment.sign, at + value.end)),
                    say!("“{lost}”被当作注释，没有读进来", "`{lost}` is taken for a comment and was not read"),
                )
                .help(say!(
                    "内容里有“ #”的要用引号括起来；真是注释的在 # 后面空一格",
                    "put the value in quotes; after the # of a comment comes a space"
                ))
                .fix(span, quoted(&line[value]), say!("用引号括起来", "put it in quotes")),
            );
        }
        if let Some(mark) = slip_of_mark(before, line) {
            let span = Span::new(at + indent, at + indent + mark.len_utf8());
            let spaced = line[indent + mark.len_utf8()..].starts_with(' ');
            found.push(
                slip("Y008", source, span, say!("列表每一项以半角“-”加一个空格开头", "an item of a list begins with `-` and a space"))
                    .help(say!("改成“- ”", "write `- `"))
                    .fix(span, if spaced { "-" } else { "- " }, say!("改成“- ”", "write `- `")),
            );
            self.text.push_str(&line[..indent]);
            self.text.push('-');
            match mark.len_utf8() {
                // No offset moves where the mark has several bytes.
                1 => {
                    self.text.push(' ');
                    self.moves(-1);
                }
                bytes => self.text.extend(std::iter::repeat_n(' ', bytes - 1)),
            }
            self.text.push_str(&line[indent + mark.len_utf8()..]);
            return;
        }
        match slip_of_colon(line) {
            Some(Slip::FullWidth(colon)) => {
                let span = Span::new(at + colon, at + colon + '：'.len_utf8());
                let key = line[..colon].trim();
                found.push(
                    slip("Y005", source, span, say!("「{key}」后面用了全角冒号“：”", "`{key}` is followed by a full-width colon"))
                        .help(say!("请改为半角冒号加一个空格", "write a half-width colon and a space"))
                        .fix(span, ": ", say!("改为半角冒号", "use a half-width colon"))
                        .key(key),
                );
                // The full-width colon has three bytes, so no offset moves.
                self.text.push_str(&line[..colon]);
                self.text.push_str(":  ");
                self.text.push_str(&line[colon + '：'.len_utf8()..]);
            }
            Some(Slip::NoSpace(colon)) => {
                let span = Span::new(at + colon, at + colon + 1);
                let key = line[..colon].trim();
                found.push(
                    slip("Y005", source, span, say!("「{key}：」后面要有一个半角空格", "`{key}:` must be followed by a space"))
                        .help(say!("在冒号后加一个空格", "add a space after the colon"))
                        .fix(span, ": ", say!("加空格", "add a space"))
                        .key(key),
                );
                self.text.push_str(&line[..=colon]);
                self.text.push(' ');
                self.moves(-1);
                self.text.push_str(&line[colon + 1..]);
            }
            None => self.text.push_str(line),
        }
    }

    /// From here on so many more bytes are missing.
    fn moves(&mut self, missing: isize) {
        let before = self.moved.last().map_or(0, |(_, missing)| *missing);
        self.moved.push((self.text.len(), before + missing));
    }

    /// The true offset in the file of an offset in the repaired text.
    pub fn back(&self, offset: usize) -> usize {
        let before = self.moved.partition_point(|(at, _)| *at <= offset);
        let missing = before.checked_sub(1).map_or(0, |last| self.moved[last].1);
        (self.base + offset).saturating_add_signed(missing)
    }

    /// Blanks a line (from 1) so that the next attempt passes over it.
    pub fn set_aside(&mut self, line: usize) -> bool {
        let mut start = 0;
        for (number, text) in self.text.split_inclusive('\n').enumerate() {
            let end = start + text.trim_end_matches(['\n', '\r']).len();
            if number + 1 == line {
                if self.text[start..end].trim().is_empty() {
                    return false;
                }
                let blank = " ".repeat(end - start);
                self.text.replace_range(start..end, &blank);
                return true;
            }
            start += text.len();
        }
        false
    }
}

fn slip(code: &str, source: &SharedSource, span: Span, message: Text) -> Diagnostic {
    Diagnostic::error(code, Place::new(source, span), message)
}

/// How many spaces belong before a line: those that are there, where they are spaces. Otherwise an item stands where the items
/// before it do, which is `item`, and what belongs to an item two further on; elsewhere each sign counts for two.
fn right_indent(line: &str, item: Option<usize>) -> usize {
    let (space, rest) = line.split_at(indent_of(line));
    match item {
        _ if !space.contains(ODD) => space.len(),
        Some(item) => item + if rest.starts_with("- ") { 0 } else { 2 },
        None => space.chars().map(|c| if ODD.contains(&c) { 2 } else { 1 }).sum(),
    }
}

/// How far behind its dash the first name of a row is set in, where the row is written line by line.
fn column_of(line: &str) -> Option<usize> {
    let row = line.trim_start();
    let content = row.strip_prefix("- ")?.trim_start_matches(' ');
    names_value(content).then_some(row.len() - content.len())
}

/// Whether the value of a line may go on in the next.
fn leaves_open(line: &str) -> bool {
    let line = line.trim_end();
    let value = line.split_once(": ").map_or("", |(_, value)| value.trim_start());
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let quoted = quote.is_some_and(|quote| value.len() == 1 || !value.ends_with(quote));
    quoted || value.starts_with(['|', '>']) || line.ends_with([':', '[', '{', ','])
}

/// Whether a line stands a little beside the column in which the names of its row do. Nothing in YAML can be meant by that.
fn is_askew(line: &str, column: usize, item: usize) -> bool {
    let indent = indent_of(line);
    indent > item && indent != column && indent.abs_diff(column) <= 2 && names_value(&line[indent..])
}

/// Whether a text is `name: value` with nothing about it that could be something else.
fn names_value(text: &str) -> bool {
    let Some((name, value)) = text.split_once(": ") else { return false };
    let sign = |c: char| SIGNS.contains(c);
    let named = !name.is_empty() && name.chars().count() <= LONGEST && !name.starts_with(sign) && !name.contains([':', '：']);
    named && !value.trim().is_empty() && !value.trim_start().starts_with(['|', '>'])
}

/// Bytes of white space before a line says something.
fn indent_of(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace() && *c != '\n' && *c != '\r').map(char::len_utf8).sum()
}

enum Slip {
    FullWidth(usize),
    NoSpace(usize),
}

/// A line at the margin that was meant as `key: value` but has no colon that YAML knows.
fn slip_of_colon(line: &str) -> Option<Slip> {
    let first = line.chars().next()?;
    if first.is_whitespace() || SIGNS.contains(first) {
        return None;
    }
    let line = line.trim_end();
    if line.contains(": ") || line.ends_with(':') {
        return None;
    }
    let at = line.find([':', '：'])?;
    let key = &line[..at];
    if key.chars().count() > LONGEST || key.contains(['。', ',', ' ', '/']) && key.contains("//") {
        return None;
    }
    if line[at..].starts_with('：') { Some(Slip::FullWidth(at)) } else { Some(Slip::NoSpace(at)) }
}

/// The mark of a line that was meant as the item of a list: below a key that has no value on its line, or below another item.
fn slip_of_mark(before: &str, line: &str) -> Option<char> {
    let mut rest = line.trim_start().chars();
    let mark = rest.next().filter(|mark| MARKS.contains(mark))?;
    let next = rest.next()?;
    let right = mark == '-' && (next.is_whitespace() || next == '-' || next.is_ascii_digit());
    let begun = before.trim_start().chars().next().is_some_and(|first| MARKS.contains(&first)) && indent_of(before) == indent_of(line);
    let below_key = before.trim_end().ends_with([':', '：']) && indent_of(before) <= indent_of(line);
    (!right && !next.is_control() && (begun || below_key)).then_some(mark)
}

/// A value behind which something stands that is taken for a comment.
struct Comment {
    value: std::ops::Range<usize>,
    /// Where the sign is.
    sign: usize,
}

/// What was hardly meant as a comment: a sign with no space after it, behind a value without quotes.
fn slip_of_comment(line: &str) -> Option<Comment> {
    let end = line.trim_end().len();
    let value = value_of(&line[..end])?;
    let sign = line[value..end].find(" #").map(|at| value + at + 1)?;
    let next = line[sign + 1..end].chars().next()?;
    let plain = !line[value..].starts_with(['\'', '"', '[', '{', '#']) && !next.is_whitespace() && next != '#';
    plain.then_some(Comment { value: value..end, sign })
}

/// Where the value begins in a line `key: value`, `- value` or `- key: value`; what is no such line has none.
fn value_of(line: &str) -> Option<usize> {
    let item = line.trim_start().strip_prefix("- ").map_or(line.trim_start(), str::trim_start);
    let start = line.len() - item.len();
    if item.starts_with(['\'', '"', '[', '{', '#', '|', '>']) {
        return None;
    }
    let value = match item.find(": ") {
        Some(colon) => start + colon + 2,
        None if start > 0 && line.trim_start().starts_with('-') => start,
        None => return None,
    };
    Some(value + line[value..].len() - line[value..].trim_start().len()).filter(|value| *value < line.len())
}

/// A text in single quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A line whose value the parser refused, with the value in quotes: the bytes of the value and what they become. Nothing where
/// the line is none with a value, or where the value is in quotes.
pub(super) fn put_in_quotes(source: &SharedSource, line: usize) -> Option<(Span, String)> {
    let span = source.line(line);
    let text = source.slice(span).trim_end();
    let value = value_of(text)?;
    (!text[value..].starts_with('\'')).then(|| (Span::new(span.start + value, span.start + text.len()), quoted(&text[value..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_lists_are_known_below_keys_and_items_only() {
        for (before, line, mark) in [
            ("参加者:\n", "-张三\n", Some('-')),
            ("参加者:\n", "  — 张三\n", Some('—')),
            ("  - 张三\n", "  •李四\n", Some('•')),
            ("参加者:\n", "- 张三\n", None),
            ("参加者:\n", "-5\n", None),
            ("姓名: 张三\n", "-李四\n", None),
            ("- 张三\n", "  -李四\n", None),
            ("", "-张三\n", None),
        ] {
            assert_eq!(slip_of_mark(before, line), mark, "{before}{line}");
        }
    }

    #[test]
    fn a_line_beside_the_names_of_its_row_is_askew() {
        let askew = |text: &str| {
            let source = crate::source::Source::new("a.md", text);
            let mut found = Vec::new();
            let shadow = Shadow::of(&source, Span::new(0, text.len()), &mut found);
            (found.iter().filter(|d| d.code == "Y010").count(), shadow.text)
        };
        let right = "书目:\n  - 书名: 甲\n    价: 3\n    类: 文学\n";
        assert_eq!(askew("书目:\n  - 书名: 甲\n   价: 3\n     类: 文学\n"), (2, right.to_owned()));
        for fine in [
            right,
            "书目:\n  - 书名: 甲\n  - 书名: 乙\n",
            "书目:\n  -   书名: 甲\n      价: 3\n",
            "书目:\n  - 书名: 甲\n    扫描件:\n      名称: 乙\n",
            "书目:\n  - 书名: |\n      价: 3\n",
            "书目:\n  - { 书名: 甲,\n     价: 3 }\n",
            "书目:\n  - 书名: 甲\n册数: 3\n",
            "a:\n  - b: c\n    d: [\n     e: f ]\n",
            "a:\n  - b: \"c\n     e: f\"\n",
            "a:\n  - b: c\n    d: |-\n     e: f\n",
        ] {
            assert_eq!(askew(fine).0, 0, "{fine}");
        }
    }

    #[test]
    fn a_sign_without_a_space_is_hardly_a_comment() {
        let lost = |line: &str| slip_of_comment(line).map(|comment| (line[comment.value].to_owned(), line[comment.sign..].to_owned()));
        assert_eq!(lost("地点: 三号楼 #1 号"), Some(("三号楼 #1 号".to_owned(), "#1 号".to_owned())));
        assert_eq!(lost("  - 三号楼 #1 号"), Some(("三号楼 #1 号".to_owned(), "#1 号".to_owned())));
        for fine in ["地点: 三号楼 # 注", "地点: '三 #1'", "# 注 #1", "地点: 三号楼#1", "地点: [甲] #1", "地点: #1", "地点:"]
        {
            assert_eq!(lost(fine), None, "{fine}");
        }
    }

    #[test]
    fn what_is_refused_is_put_in_quotes() {
        let source = crate::source::Source::new("a.md", "备注: @他说: '好'\n- %50\n甲\n乙: 'x' y\n");
        let quoted = |line| put_in_quotes(&source, line).map(|(span, text)| (source.slice(span).to_owned(), text));
        assert_eq!(quoted(1), Some(("@他说: '好'".to_owned(), "'@他说: ''好'''".to_owned())));
        assert_eq!(quoted(2), Some(("%50".to_owned(), "'%50'".to_owned())));
        assert_eq!([quoted(3), quoted(4), quoted(9)], [None, None, None]);
    }
}
