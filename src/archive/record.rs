//! A record: one Markdown file, understood from its own text alone.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::{self, Node};

/// One record as its text gives it; the form is applied later.
#[derive(Debug, Clone)]
pub struct Record {
    /// The text.
    pub source: SharedSource,
    /// The front matter.
    pub fields: Node,
    /// The bytes between the fences.
    pub front: Span,
    /// The `##` sections in order.
    pub sections: Vec<Section>,
    /// Whether part of the text could not be understood, so that an absent value means nothing.
    pub unreadable: bool,
}

/// One `##` section.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading.
    pub name: String,
    /// The heading's line.
    pub heading: Span,
    /// The text below it, up to the next `##`.
    pub body: Span,
}

impl Record {
    /// Reads a text. Never fails: what could be read is there, what could not is a finding.
    pub fn parse(source: &SharedSource) -> (Self, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let text = source.text();
        let mut record =
            Self { source: source.clone(), fields: Node::empty_map(), front: Span::at(0), sections: Vec::new(), unreadable: false };
        if let Some(marker) = conflict(text) {
            record.unreadable = true;
            found.push(
                Diagnostic::error(
                    "A105",
                    Place::new(source, marker),
                    say!("文件里有未解决的合并冲突", "the file holds an unresolved merge conflict"),
                )
                .help(say!(
                    "在 <<<<<<< 与 >>>>>>> 之间保留正确的内容，删去标记行",
                    "keep the right text between <<<<<<< and >>>>>>> and delete the marker lines"
                )),
            );
            return (record, found);
        }
        let Some((front, body)) = fences(text) else {
            record.unreadable = true;
            found.push(
                Diagnostic::error("A106", Place::file(source), say!("没有以“---”围起的栏目区", "there is no front matter fenced by `---`"))
                    .help(say!(
                        "第一行写 ---，其后每行“栏目: 内容”，再以一行 --- 结束",
                        "start with a line `---`, then one `field: value` a line, then a line `---`"
                    )),
            );
            return (record, found);
        };
        record.front = front;
        let (fields, mut said) = yaml::parse(source, front);
        record.unreadable = said.iter().any(|d| !matches!(d.code.as_str(), "Y004" | "Y005" | "Y006" | "Y008" | "Y009" | "Y010"));
        found.append(&mut said);
        match fields.as_map() {
            Some(_) => record.fields = fields,
            None => {
                record.unreadable = true;
                found.push(
                    Diagnostic::error(
                        "Y001",
                        Place::new(source, fields.span),
                        say!("栏目区应是一行一个“栏目: 内容”", "the front matter should be one `field: value` a line"),
                    )
                    .help(say!("检查每个栏目名后面是否有半角冒号加空格", "check that every field name is followed by a colon and a space")),
                );
            }
        }
        if let Some(second) = second_fence(text, body) {
            found.push(
                Diagnostic::error(
                    "A107",
                    Place::new(source, second),
                    say!("栏目区之后又有一个栏目区，其中的内容不会被读取", "a second front matter follows; it is not read"),
                )
                .help(say!("把两个栏目区合并成一个", "merge the two into one")),
            );
        }
        record.sections = sections(text, body);
        let mut seen: Vec<&str> = Vec::new();
        for section in &record.sections {
            if seen.contains(&section.name.as_str()) {
                let name = &section.name;
                found.push(
                    Diagnostic::warning(
                        "A109",
                        Place::new(source, section.heading),
                        say!("段落「{name}」写了两次", "the section `{name}` occurs twice"),
                    )
                    .help(say!("合并成一段", "merge them"))
                    .key(name),
                );
            }
            seen.push(&section.name);
        }
        (record, found)
    }

    /// Path in the archive.
    pub fn path(&self) -> &str {
        self.source.path()
    }

    /// File name without its ending.
    pub fn stem(&self) -> &str {
        let name = self.path().rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".md").unwrap_or(name)
    }

    /// The section of that name; of two, the first.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.name == name)
    }

    /// Whether the section of that name says something.
    pub fn says(&self, name: &str) -> bool {
        self.section_text(name).is_some_and(|text| says_something(&text))
    }

    /// The text of a section without surrounding blank lines and without comments (`<!-- … -->`), which
    /// are notes to the writer.
    pub fn section_text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.section(name).map(|s| uncommented(self.source.slice(s.body)))
    }
}

/// Whether a text says something: not empty and not merely a word that stands for nothing.
pub fn says_something(text: &str) -> bool {
    // The longest placeholder has four letters; what is longer says something.
    let mut letters = text.chars().filter(|c| c.is_alphanumeric()).take(5);
    let mut bare = [0; 20];
    let mut length = 0;
    for letter in &mut letters {
        length += letter.encode_utf8(&mut bare[length..]).len();
    }
    let bare = std::str::from_utf8(&bare[..length]).unwrap_or_default();
    !bare.is_empty() && !matches!(bare, "略" | "无" | "同上" | "同前" | "暂无" | "没有" | "待补" | "待填" | "TODO" | "todo" | "na" | "NA")
}

/// A text without comments and surrounding blank lines. A comment that is never closed is text.
pub fn uncommented(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if !text.contains('<') || !text.contains("<!--") {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((_, behind)) = after.split_once("-->") else { break };
        out.push_str(before);
        rest = behind;
    }
    out.push_str(rest);
    Cow::Owned(out.trim().to_owned())
}

/// The first conflict marker, if there are both an opening and a closing one.
fn conflict(text: &str) -> Option<Span> {
    let at = |mark: &str| text.match_indices(mark).map(|(at, _)| at).find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n');
    let (start, _) = (at("<<<<<<< ")?, at(">>>>>>> ")?);
    Some(Span::new(start, start + 7))
}

/// The bytes between the first two fences, and those after them.
fn fences(text: &str) -> Option<(Span, Span)> {
    let is_fence = |line: &str| line.trim_end() == "---";
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if !is_fence(first) {
        return None;
    }
    let mut at = first.len();
    for line in lines {
        if is_fence(line) {
            return Some((Span::new(first.len(), at), Span::new(at + line.len(), text.len())));
        }
        at += line.len();
    }
    None
}

/// A further fenced block of `field: value` lines at the top of the body.
fn second_fence(text: &str, body: Span) -> Option<Span> {
    let rest = &text[body.start..];
    let trimmed = rest.trim_start();
    let start = body.start + rest.len() - trimmed.len();
    let (front, _) = fences(trimmed)?;
    trimmed[front.start..front.end].lines().any(|l| l.contains(": ") || l.contains('：')).then(|| Span::new(start, start + 3))
}

fn sections(text: &str, body: Span) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let mut at = body.start;
    let mut fence: Option<&str> = None;
    for line in text[body.start..body.end].split_inclusive('\n') {
        let bare = line.trim_end();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|m| bare.trim_start().starts_with(m)) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
        } else if fence.is_none()
            && let Some(name) = bare.strip_prefix("## ")
        {
            if let Some(last) = out.last_mut() {
                last.body.end = at;
            }
            let name = name.trim().trim_end_matches('#').trim_end().to_owned();
            out.push(Section { name, heading: Span::new(at, at + bare.len()), body: Span::new(at + line.len(), body.end) });
        }
        at += line.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn read(text: &str) -> (Record, Vec<String>) {
        let (record, found) = Record::parse(&Source::new("cases/A/C03.md", text));
        (record, found.into_iter().map(|d| d.code).collect())
    }

    #[test]
    fn fields_and_sections() {
        let (record, said) = read("---\r\n甲: 1\r\n---\r\n前言\r\n## 一\r\n正文\r\n```\r\n## 不是\r\n```\r\n## 二 ##\r\n");
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(record.stem(), "C03");
        assert_eq!(record.fields.get("甲").and_then(Node::as_str), Some("1"));
        assert_eq!(record.sections.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["一", "二"]);
        assert_eq!(record.section_text("一").as_deref(), Some("正文\r\n```\r\n## 不是\r\n```"));
    }

    #[test]
    fn comments_are_notes_to_the_writer() {
        assert_eq!(uncommented("<!-- 写事实 -->\n\n正文<!-- x -->。\n"), "正文。");
        assert_eq!(uncommented("<!-- 没有结束"), "<!-- 没有结束");
    }

    #[test]
    fn broken_files_are_findings() {
        assert_eq!(read("没有").1, ["A106"]);
        assert_eq!(read("---\n甲: 1\n").1, ["A106"]);
        assert_eq!(read("---\n甲: 1\n---\n\n---\n乙: 2\n---\n").1, ["A107"]);
        assert_eq!(read("---\n甲: 1\n<<<<<<< HEAD\n乙: 2\n=======\n乙: 3\n>>>>>>> x\n---\n").1, ["A105"]);
        assert_eq!(read("").1, ["A106"]);
        assert_eq!(read("---\n- 甲\n---\n").1, ["Y001"]);
    }
}
