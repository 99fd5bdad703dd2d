//! YAML as a tree in which every value knows its place.
//!
//! The only file that names the YAML crate. Nothing is guessed here: a scalar is its text, and
//! whoever asks says what it should be. Anchors, aliases and tags are findings and are never
//! expanded, so no input can grow. Slips of the pen that would make the parser blame an innocent
//! line, or read something else than was meant, are recognised before it runs ([`shadow`]); a
//! line that the parser refuses is set aside and the rest is read all the same.

pub mod de;
mod plain;
mod shadow;
pub mod write;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use shadow::Shadow;

/// Largest YAML text that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Largest text that may be read without the parser, in bytes; it has fewer nodes than [`MAX_EVENTS`].
const MAX_PLAIN: usize = 64 << 10;
/// Most events (values, keys, brackets) in one text.
const MAX_EVENTS: usize = 200_000;
/// Deepest nesting that is read.
const MAX_DEPTH: usize = 64;
/// How many refused lines are set aside before the rest is given up.
const MAX_REFUSED: usize = 20;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The bytes of the value in its file.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text; `plain` when it was written without quotes.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// Whether it stood without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written, keys unique.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub text: String,
    /// Its bytes in the file.
    pub span: Span,
}

impl Node {
    /// An empty mapping at the start of a file.
    pub fn empty_map() -> Self {
        Self { span: Span::default(), value: Value::Map(Vec::new()) }
    }

    /// A plain text without a place, for values that come from elsewhere.
    pub fn text(text: impl Into<String>) -> Self {
        Self { span: Span::default(), value: Value::Scalar { text: text.into(), plain: true } }
    }

    /// The text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs of a mapping.
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The value under `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key and value under `key` of a mapping.
    pub fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        self.as_map()?.iter().find(|(k, _)| k.text == key)
    }

    /// Whether nothing was written: an empty value, `~`, `null`, or an empty list or mapping.
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain } => text.trim().is_empty() || *plain && matches!(text.as_str(), "~" | "null"),
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
        }
    }
}

/// Reads the part `range` of `source`. Returns what could be read and everything that was wrong.
pub fn parse(source: &SharedSource, range: Span) -> (Node, Vec<Diagnostic>) {
    let text = source.slice(range);
    if text.len() <= MAX_PLAIN
        && let Some(node) = plain::read(text, range.start)
    {
        return (node, Vec::new());
    }
    parse_whole(source, range)
}

/// Reads with the parser, which knows all of YAML.
fn parse_whole(source: &SharedSource, range: Span) -> (Node, Vec<Diagnostic>) {
    let text = source.slice(range);
    let mut found = Vec::new();
    let empty = Node { span: Span::at(range.start), value: Value::Map(Vec::new()) };
    if text.len() > MAX_BYTES {
        let (size, most) = (text.len(), MAX_BYTES);
        found.push(
            Diagnostic::error(
                "Y007",
                Place::new(source, Span::at(range.start)),
                say!("内容有 {size} 字节，超过上限 {most}", "{size} bytes of YAML, the limit is {most}"),
            )
            .help(say!("长文字写进“## 段落”，附件放进 originals/", "put prose into `##` sections and attachments into originals/")),
        );
        return (empty, found);
    }
    let mut shadow = Shadow::of(source, range, &mut found);
    for round in 0.. {
        let mut reader = Reader { source, shadow: &shadow, found: Vec::new(), stack: Vec::new(), root: None, events: 0 };
        let refused = reader.read();
        let root = reader.finish();
        let mut said = reader.found;
        match refused {
            // Of an attempt that is repeated only the refusal is kept; the rest comes again.
            Some(line) if round < MAX_REFUSED && shadow.set_aside(line) => found.extend(said.drain(..).filter(|d| d.code == "Y001")),
            _ => {
                found.append(&mut said);
                let root = root.filter(|node| !(node.as_str().is_some() && node.is_empty()));
                return (root.unwrap_or(empty), found);
            }
        }
    }
    (empty, found)
}

struct Reader<'a> {
    source: &'a SharedSource,
    shadow: &'a Shadow,
    found: Vec<Diagnostic>,
    stack: Vec<Open>,
    root: Option<Node>,
    events: usize,
}

enum Open {
    List(usize, Vec<Node>),
    Map(usize, Vec<(Key, Node)>, HashMap<String, Span>, Option<Key>),
}

impl Reader<'_> {
    /// Reads until the end or the first refusal; returns the refused line.
    fn read(&mut self) -> Option<usize> {
        for event in Parser::new_from_str(&self.shadow.text) {
            let (event, span) = match event {
                Ok(pair) => pair,
                Err(error) => return Some(self.refused(&error)),
            };
            self.events += 1;
            let span = self.span(span.byte_range().unwrap_or(0..0));
            if self.events > MAX_EVENTS || self.stack.len() > MAX_DEPTH {
                self.found.push(Diagnostic::error(
                    "Y007",
                    Place::new(self.source, span),
                    say!("内容过多或嵌套过深，自此处起未读", "too much content or too deep a nesting; nothing is read from here on"),
                ));
                return None;
            }
            if event.anchor_id().is_some() && !event.is_alias() || event.tag().is_some() {
                self.no_references(span);
            }
            match event {
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.no_references(span);
                    self.add(Node { span, value: Value::Scalar { text: String::new(), plain: true } });
                }
                Event::Scalar(text, style, ..) => {
                    let plain = style == ScalarStyle::Plain;
                    self.add(Node { span, value: Value::Scalar { text: text.into_owned(), plain } });
                }
                Event::SequenceStart(..) => self.stack.push(Open::List(span.start, Vec::new())),
                Event::MappingStart(..) => self.stack.push(Open::Map(span.start, Vec::new(), HashMap::new(), None)),
                Event::SequenceEnd | Event::MappingEnd => self.close(span.end),
                Event::DocumentEnd => break,
                _ => {}
            }
        }
        None
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.shadow.back(range.start), self.shadow.back(range.end))
    }

    fn no_references(&mut self, span: Span) {
        let d = Diagnostic::error(
            "Y002",
            Place::new(self.source, span),
            say!("以“&”“*”“!”开头会被 YAML 当作引用或标签，这里不使用", "anchors, aliases and tags of YAML are not used here"),
        );
        let d = self.in_quotes(d, self.source.position(span.start).line);
        self.found.push(d.help(say!("如果是文字，请用引号括起来", "if it is text, put it in quotes")));
    }

    /// The finding, with quotes round the value of its line as the correction.
    fn in_quotes(&self, d: Diagnostic, line: usize) -> Diagnostic {
        match shadow::put_in_quotes(self.source, line) {
            Some((span, text)) => d.fix(span, text, say!("用引号括起来", "put it in quotes")),
            None => d,
        }
    }

    fn refused(&mut self, error: &granit_parser::ScanError) -> usize {
        let line = error.marker().line().max(1);
        let at = error.marker().byte_offset().unwrap_or(0).min(self.shadow.text.len());
        let place = Place::new(self.source, Span::at(self.shadow.back(at)));
        let info = error.info();
        if info.contains("anchor") {
            self.no_references(place.span);
        } else {
            let why = explain(&info);
            let line = place.start().line;
            let d = Diagnostic::error("Y001", place, say!("这一行不符合 YAML 格式（{why}）", "this line is not YAML ({info})"));
            self.found.push(self.in_quotes(d, line).help(say!(
                "检查冒号后的空格、缩进与引号；含“: ”“#”“@”的文字请用引号括起来",
                "check the space after the colon, the indentation and the quotes; text with `: `, `#` or `@` needs quotes"
            )));
        }
        line
    }

    fn close(&mut self, end: usize) {
        match self.stack.pop() {
            Some(Open::List(start, items)) => self.add(Node { span: Span::new(start, end), value: Value::List(items) }),
            Some(Open::Map(start, pairs, ..)) => self.add(Node { span: Span::new(start, end), value: Value::Map(pairs) }),
            None => {}
        }
    }

    fn add(&mut self, node: Node) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, _, seen, key @ None)) => {
                let (text, normal) = names(node.as_str().unwrap_or_default());
                if let Some(first) = seen.get(&normal) {
                    let line = self.source.position(first.start).line;
                    self.found.push(
                        Diagnostic::error(
                            "Y004",
                            Place::new(self.source, node.span),
                            say!("「{text}」写了两次（第一次在第 {line} 行）", "`{text}` is written twice (first on line {line})"),
                        )
                        .help(say!("保留正确的一处，删去另一处", "keep the right one and delete the other"))
                        .key(&text),
                    );
                } else {
                    seen.insert(normal, node.span);
                }
                *key = Some(Key { text, span: node.span });
            }
            Some(Open::Map(_, pairs, _, key)) => {
                if let Some(key) = key.take()
                    && !pairs.iter().any(|(k, _)| k.text == key.text)
                {
                    pairs.push((key, node));
                }
            }
        }
    }

    /// Closes what is still open after a refusal, so that what was read is kept.
    fn finish(&mut self) -> Option<Node> {
        while !self.stack.is_empty() {
            let end = self.shadow.back(self.shadow.text.len());
            self.close(end);
        }
        self.root.take()
    }
}

/// A key as it is kept (NFC), and as two spellings of one name compare (NFKC).
fn names(key: &str) -> (String, String) {
    if is_normal(key) {
        return (key.to_owned(), key.to_owned());
    }
    let text: String = key.nfc().collect();
    let normal = text.nfkc().collect();
    (text, normal)
}

/// Whether a name is spelt as names are compared (NFKC).
fn is_normal(name: &str) -> bool {
    // Nearly every name is ASCII and common Han, which need no table.
    name.chars().all(|c| c.is_ascii() || ('\u{4e00}'..='\u{9fff}').contains(&c)) || is_nfkc_quick(name.chars()) == IsNormalized::Yes
}

/// The parser's reasons in the words of people who do not know YAML.
fn explain(info: &str) -> &'static str {
    let info = info.to_ascii_lowercase();
    for (part, zh) in [
        ("tab", "缩进不能用制表符"),
        ("mapping values are not allowed", "一行里有两个“: ”，或缩进不齐"),
        ("mapping", "缩进不齐，或少了冒号"),
        ("simple key", "少了冒号加空格"),
        ("did not find expected", "缺了配对的符号或缩进不齐"),
        ("quoted", "引号没有配对"),
        ("quote", "引号没有配对"),
        ("bracket", "方括号或花括号没有配对"),
        ("flow", "方括号或花括号没有配对"),
        ("unexpected character", "这个符号不能放在开头，整项用引号括起来"),
        ("cannot start", "这个符号不能放在开头"),
        ("control", "含有控制字符"),
        ("indent", "缩进不齐"),
    ] {
        if info.contains(part) {
            return zh;
        }
    }
    "解析不了"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// The front matter of every record of the demo, as it was first written.
    pub(super) fn sources() -> Vec<String> {
        let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/archive-template/demo");
        let files = walkdir::WalkDir::new(demo).sort_by_file_name().into_iter().filter_map(Result::ok);
        let records = files.filter(|f| f.path().extension().is_some_and(|e| e == "md"));
        let text = records.map(|f| std::fs::read_to_string(f.path()).expect("text"));
        text.filter_map(|text| Some(text.strip_prefix("---\n")?.split_once("\n---\n")?.0.to_owned() + "\n")).collect()
    }

    fn read(text: &str) -> (Node, Vec<String>) {
        let source = Source::new("a.yaml", text);
        let (node, found) = parse(&source, Span::new(0, text.len()));
        let said = found.iter().map(|d| format!("{}@{}", d.code, d.place.as_ref().map_or(0, |p| p.start().line))).collect();
        (node, said)
    }

    #[test]
    fn slips_are_found_and_the_value_is_read_all_the_same() {
        let (node, said) = read("甲: 1\n姓名：张三\n电话：0755-1\n乙: 2\n");
        assert_eq!(said, ["Y005@2", "Y005@3"]);
        assert_eq!(node.get("姓名").and_then(Node::as_str), Some("张三"));
        assert_eq!(node.get("电话").and_then(Node::as_str), Some("0755-1"));
        assert_eq!(node.get("乙").and_then(Node::as_str), Some("2"));
    }

    #[test]
    fn a_refused_line_does_not_hide_the_others() {
        let (node, said) = read("甲: 1\n乙: @x\n丙: '3'\n");
        assert_eq!(said, ["Y001@2"]);
        assert_eq!(node.get("丙").and_then(Node::as_str), Some("3"));
    }

    #[test]
    fn references_never_expand() {
        let (_, said) = read("甲: &x [1, 2]\n乙: *x\n");
        assert_eq!(said, ["Y002@1", "Y002@2"]);
    }

    #[test]
    fn duplicate_keys_are_named_with_both_lines() {
        let (node, said) = read("甲: 1\n乙: 2\n甲: 3\n");
        assert_eq!(said, ["Y004@3"]);
        assert_eq!(node.get("甲").and_then(Node::as_str), Some("1"));
    }

    #[test]
    fn spans_point_at_the_text() {
        let text = "甲: 一\n乙：\n  - 名: 二\n";
        let source = Source::new("a", text);
        let (node, _) = parse(&source, Span::new(0, text.len()));
        let row = &node.get("乙").and_then(Node::as_list).expect("list")[0];
        assert_eq!(source.slice(row.get("名").expect("名").span), "二");
        assert_eq!(source.slice(node.as_map().expect("map")[0].0.span), "甲");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\x00-\\x7f：、甲乙\u{3000}]{0,60}") {
            read(&text);
        }
    }
}
