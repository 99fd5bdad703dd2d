//! Prose: CommonMark to safe HTML and to blocks for papers.
//!
//! Raw HTML is shown as text and never passed on; links lead only to `http`, `https`, `mailto`
//! or into the archive. Nothing in prose is ever a template.

use crate::rulebook::mentions::decoded;
use crate::source::Span;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde::Serialize;

/// A block of prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "shape", rename_all = "kebab-case")]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Its runs.
        runs: Vec<Run>,
    },
    /// A heading; level from 2.
    Heading {
        /// Level.
        level: u8,
        /// Its runs.
        runs: Vec<Run>,
    },
    /// A list.
    List {
        /// First number of an ordered list.
        start: Option<u64>,
        /// Items, each a list of blocks.
        items: Vec<Vec<Block>>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// Preformatted text.
    Code {
        /// The text.
        text: String,
    },
    /// A table, the first row its head.
    Table {
        /// Rows of cells.
        rows: Vec<Vec<Vec<Run>>>,
    },
    /// A rule.
    Rule,
}

/// A run of text in one style.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The text; `\n` is a line break.
    pub text: String,
    /// Strong.
    pub strong: bool,
    /// Emphasised.
    pub emphasis: bool,
    /// Struck out.
    pub strike: bool,
    /// Code.
    pub code: bool,
    /// Where it links to, if that is allowed.
    pub link: Option<String>,
}

/// Reads prose as blocks.
pub fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut builder = Builder::default();
    for event in Parser::new_ext(text, options) {
        builder.event(event);
    }
    builder.flush();
    builder.done
}

/// Blocks as HTML.
pub fn html(blocks: &[Block]) -> String {
    let mut out = String::new();
    write_blocks(&mut out, blocks);
    out
}

/// Writes something else in place of what `find` finds, also where it runs over a change of style. A link whose address holds
/// any of it leads nowhere.
pub fn replace(blocks: &mut [Block], find: &dyn Fn(&str) -> Vec<(Span, String)>) {
    for block in blocks {
        match block {
            Block::Paragraph { runs } | Block::Heading { runs, .. } => replace_in(runs, find),
            Block::List { items, .. } => items.iter_mut().for_each(|item| replace(item, find)),
            Block::Quote { blocks } => replace(blocks, find),
            Block::Code { text } => *text = replaced(text, &find(text)),
            Block::Table { rows } => rows.iter_mut().flatten().for_each(|runs| replace_in(runs, find)),
            Block::Rule => {}
        }
    }
}

/// A text with something else in place of some of its parts, which stand in order and apart.
pub fn replaced(text: &str, parts: &[(Span, String)]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (span, instead) in parts {
        out.push_str(&text[at..span.start]);
        out.push_str(instead);
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}

fn replace_in(runs: &mut [Run], find: &dyn Fn(&str) -> Vec<(Span, String)>) {
    for run in runs.iter_mut() {
        run.link = run.link.take().filter(|link| find(&decoded(link)).is_empty());
    }
    let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
    let found = find(&whole);
    if found.is_empty() {
        return;
    }
    let mut start = 0;
    for run in runs {
        let end = start + run.text.len();
        let mut parts = Vec::new();
        for (span, instead) in found.iter().filter(|(span, _)| span.start < end && span.end > start) {
            // It is written where it begins, and taken out of all runs that it runs over.
            let text = if span.start >= start { instead.clone() } else { String::new() };
            parts.push((Span::new(span.start.max(start) - start, span.end.min(end) - start), text));
        }
        run.text = replaced(&run.text, &parts);
        start = end;
    }
}

/// Escapes text for HTML content and attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

fn escape_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Whether a link may be followed: a scheme that cannot run anything, or none.
fn allowed(link: &str) -> bool {
    let link = link.trim();
    match link.split_once(':') {
        Some((scheme, _)) if !scheme.contains(['/', '#', '?']) => {
            matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "mailto" | "tel")
        }
        _ => !link.starts_with("//"),
    }
}

fn write_blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Paragraph { runs } => wrapped(out, "p", runs),
            Block::Heading { level, runs } => wrapped(out, ["h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(&2, &6) - 2)], runs),
            Block::List { start, items } => {
                let tag = if start.is_some() { "ol" } else { "ul" };
                match start {
                    Some(first) if *first != 1 => out.push_str(&format!("<ol start=\"{first}\">")),
                    _ => out.push_str(&format!("<{tag}>")),
                }
                for item in items {
                    out.push_str("<li>");
                    match item.as_slice() {
                        [Block::Paragraph { runs }] => write_runs(out, runs),
                        blocks => write_blocks(out, blocks),
                    }
                    out.push_str("</li>");
                }
                out.push_str(&format!("</{tag}>\n"));
            }
            Block::Quote { blocks } => {
                out.push_str("<blockquote>");
                write_blocks(out, blocks);
                out.push_str("</blockquote>\n");
            }
            Block::Code { text } => out.push_str(&format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(text))),
            Block::Table { rows } => write_table(out, rows),
            Block::Rule => out.push_str("<hr>\n"),
        }
    }
}

/// A table that is named by its own head and scrolls by itself where it is wider than the text.
fn write_table(out: &mut String, rows: &[Vec<Vec<Run>>]) {
    let head = rows.first().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = head.iter().map(|cell| cell.iter().map(|run| run.text.as_str()).collect()).collect();
    let label = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" · ");
    out.push_str(&format!("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>", escape(&label)));
    for (nth, row) in rows.iter().enumerate() {
        let (open, close) = if nth == 0 { ("<th scope=\"col\">", "</th>") } else { ("<td>", "</td>") };
        out.push_str(match nth {
            0 => "<thead><tr>",
            1 => "<tbody><tr>",
            _ => "<tr>",
        });
        for cell in row {
            out.push_str(open);
            write_runs(out, cell);
            out.push_str(close);
        }
        out.push_str(if nth == 0 { "</tr></thead>" } else { "</tr>" });
    }
    out.push_str(if rows.len() > 1 { "</tbody></table></div>\n" } else { "</table></div>\n" });
}

fn wrapped(out: &mut String, tag: &str, runs: &[Run]) {
    out.push_str(&format!("<{tag}>"));
    write_runs(out, runs);
    out.push_str(&format!("</{tag}>\n"));
}

fn write_runs(out: &mut String, runs: &[Run]) {
    for run in runs {
        let marks = [(run.strong, "strong"), (run.emphasis, "em"), (run.strike, "s"), (run.code, "code")];
        if let Some(link) = &run.link {
            out.push_str(&format!("<a href=\"{}\" rel=\"noopener noreferrer\">", escape(link)));
        }
        for (_, tag) in marks.iter().filter(|(on, _)| *on) {
            out.push_str(&format!("<{tag}>"));
        }
        for (nth, line) in run.text.split('\n').enumerate() {
            if nth > 0 {
                out.push_str("<br>");
            }
            escape_into(line, out);
        }
        for (_, tag) in marks.iter().rev().filter(|(on, _)| *on) {
            out.push_str(&format!("</{tag}>"));
        }
        if run.link.is_some() {
            out.push_str("</a>");
        }
    }
}

#[derive(Default)]
struct Builder {
    done: Vec<Block>,
    open: Vec<Frame>,
    runs: Vec<Run>,
    strong: usize,
    emphasis: usize,
    strike: usize,
    link: Vec<Option<String>>,
    code: Option<String>,
}

enum Frame {
    List(Option<u64>, Vec<Vec<Block>>),
    Item(Vec<Block>),
    Quote(Vec<Block>),
    Table(Vec<Vec<Vec<Run>>>),
}

impl Builder {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.run(&text, false),
            },
            Event::Code(text) => self.run(&text, true),
            // Raw HTML is what somebody typed; it is shown as typed.
            Event::Html(text) | Event::InlineHtml(text) => self.run(text.trim_end_matches('\n'), false),
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak => self.run("\n", false),
            Event::Rule => {
                self.flush();
                self.push(Block::Rule);
            }
            _ => {}
        }
    }

    /// Chinese lines are joined without a space, others with one.
    fn soft_break(&mut self) {
        let last = self.runs.last().and_then(|run| run.text.chars().last());
        if last.is_some_and(|c| c.is_ascii()) {
            self.run(" ", false);
        }
    }

    fn run(&mut self, text: &str, code: bool) {
        let run = Run {
            text: text.to_owned(),
            strong: self.strong > 0,
            emphasis: self.emphasis > 0,
            strike: self.strike > 0,
            code,
            link: self.link.last().cloned().flatten(),
        };
        match self.runs.last_mut() {
            Some(last) if Run { text: String::new(), ..last.clone() } == Run { text: String::new(), ..run.clone() } => {
                last.text.push_str(text)
            }
            _ => self.runs.push(run),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.link.push(allowed(&dest_url).then(|| dest_url.into_string()));
            }
            Tag::List(start) => {
                self.flush();
                self.open.push(Frame::List(start, Vec::new()));
            }
            Tag::Item => self.open.push(Frame::Item(Vec::new())),
            Tag::BlockQuote(_) => {
                self.flush();
                self.open.push(Frame::Quote(Vec::new()));
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::Table(_) => {
                self.flush();
                self.open.push(Frame::Table(Vec::new()));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(Frame::Table(rows)) = self.open.last_mut() {
                    rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => {
                self.link.pop();
            }
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(level) => {
                let runs = std::mem::take(&mut self.runs);
                self.push(Block::Heading { level: (level as u8).max(2), runs });
            }
            TagEnd::CodeBlock => {
                let text = self.code.take().unwrap_or_default();
                self.push(Block::Code { text });
            }
            TagEnd::TableCell => {
                let runs = std::mem::take(&mut self.runs);
                if let Some(Frame::Table(rows)) = self.open.last_mut()
                    && let Some(row) = rows.last_mut()
                {
                    row.push(runs);
                }
            }
            TagEnd::Item | TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::Table => self.close(),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.flush();
        match self.open.pop() {
            Some(Frame::Item(blocks)) => {
                if let Some(Frame::List(_, items)) = self.open.last_mut() {
                    items.push(blocks);
                }
            }
            Some(Frame::List(start, items)) => self.push(Block::List { start, items }),
            Some(Frame::Quote(blocks)) => self.push(Block::Quote { blocks }),
            Some(Frame::Table(rows)) => self.push(Block::Table { rows }),
            None => {}
        }
    }

    fn flush(&mut self) {
        if !self.runs.is_empty() && !matches!(self.open.last(), Some(Frame::Table(_))) {
            let runs = std::mem::take(&mut self.runs);
            self.push(Block::Paragraph { runs });
        }
    }

    fn push(&mut self, block: Block) {
        match self.open.last_mut() {
            Some(Frame::Item(blocks) | Frame::Quote(blocks)) => blocks.push(block),
            _ => self.done.push(block),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_prose_is_shown_as_text() {
        let out = html(&blocks(
            "<script>alert(1)</script>\n\n一 <b onclick=x>二</b> [三](javascript:alert(1)) {{ tera }} [四](https://example.org)",
        ));
        assert!(!out.contains("<script") && !out.contains("<b ") && !out.contains("javascript"), "{out}");
        assert!(out.contains("&lt;script&gt;") && out.contains("{{ tera }}") && out.contains("href=\"https://example.org\""), "{out}");
    }

    #[test]
    fn lists_quotes_and_tables_nest() {
        let out = html(&blocks("1. 一\n   - 二\n2. 三\n\n> 引\n\n| 甲 | 乙 |\n|---|---|\n| 1 | **2** |\n"));
        assert_eq!(
            out,
            "<ol><li><p>一</p>\n<ul><li>二</li></ul>\n</li><li>三</li></ol>\n<blockquote><p>引</p>\n</blockquote>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"甲 · 乙\"><table><thead><tr><th scope=\"col\">甲</th><th scope=\"col\">乙</th></tr></thead><tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table></div>\n"
        );
    }
}
