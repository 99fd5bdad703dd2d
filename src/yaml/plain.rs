//! The plain part of YAML, read without the parser: what nearly every line of nearly every record is.
//!
//! `key: value` lines, one-line lists and mappings, nested blocks of these. Anything else (a quote
//! with escapes, a text over several lines, a comment behind a value, an anchor, a key written
//! twice, whatever is wrong) is left to the parser: then nothing is said here and it reads the text
//! from the beginning. A property and all records of the demo hold both readings to the same tree.
//! It takes a sixth of the parser's time.

use super::{Key, Node, Value, is_normal};
use crate::source::Span;

/// Deepest nesting that is read here.
const DEPTH: usize = 16;
/// Most keys of a mapping that are compared with one another; longer ones are the parser's.
const KEYS: usize = 256;

/// Reads `text`, whose first byte has the offset `base` in its file. None: ask the parser.
pub(super) fn read(text: &str, base: usize) -> Option<Node> {
    if !text.chars().all(|c| c >= ' ' && !matches!(c, '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}') || c == '\n') {
        return None;
    }
    let mut reader = Reader { text, base, lines: lines(text), at: 0 };
    let node = reader.map(0, 0)?;
    (reader.at == reader.lines.len()).then_some(node)
}

/// A line that says something: where its content starts and ends, and how far it is set in.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    indent: usize,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split('\n') {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if !content.is_empty() && !content.starts_with('#') {
            lines.push(Line { start: at + indent, end: at + line.trim_end_matches(' ').len(), indent });
        }
        at += line.len() + 1;
    }
    lines
}

struct Reader<'t> {
    text: &'t str,
    base: usize,
    lines: Vec<Line>,
    /// The line that comes next.
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Line> {
        self.lines.get(self.at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    /// A block ends where the next thing begins.
    fn block(&self, start: usize, value: Value) -> Node {
        let end = self.peek().map_or(self.text.len(), |line| line.start);
        Node { span: self.span(start, end), value }
    }

    /// The lines `key: value` that are set in so far.
    fn map(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let start = self.peek().filter(|line| line.indent == indent && depth < DEPTH)?.start;
        let mut pairs: Vec<(Key, Node)> = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent || is_item(&self.text[line.start..line.end]) || pairs.len() == KEYS {
                return None;
            }
            let content = &self.text[line.start..line.end];
            let colon = content.find(": ").or_else(|| content.len().checked_sub(1).filter(|&at| content.as_bytes()[at] == b':'))?;
            let key = plain(&content[..colon]).filter(|key| is_normal(key))?;
            if pairs.iter().any(|(own, _)| own.text == key) {
                return None;
            }
            let key = Key { text: key.to_owned(), span: self.span(line.start, line.start + colon) };
            let value = line.start + colon + 1;
            let value = value + self.text[value..line.end].len() - self.text[value..line.end].trim_start_matches(' ').len();
            self.at += 1;
            let node = if value < line.end { self.inline(value, line.end)? } else { self.below(line, colon, depth)? };
            pairs.push((key, node));
        }
        pairs.shrink_to_fit();
        Some(self.block(start, Value::Map(pairs)))
    }

    /// What stands below `key:`, or nothing.
    fn below(&mut self, line: Line, colon: usize, depth: usize) -> Option<Node> {
        match self.peek() {
            Some(next) if next.indent > line.indent => {
                if is_item(&self.text[next.start..next.end]) {
                    self.list(next.indent, depth + 1)
                } else {
                    self.map(next.indent, depth + 1)
                }
            }
            Some(next) if next.indent == line.indent && is_item(&self.text[next.start..next.end]) => None,
            _ => {
                let at = line.start + colon;
                Some(Node { span: self.span(at, at), value: Value::Scalar { text: "~".to_owned(), plain: true } })
            }
        }
    }

    /// The lines `- item` that are set in so far.
    fn list(&mut self, indent: usize, depth: usize) -> Option<Node> {
        let start = self.peek().filter(|_| depth < DEPTH)?.start;
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent >= indent) {
            let content = &self.text[line.start..line.end];
            if line.indent > indent || !is_item(content) {
                return None;
            }
            let item = content.get(2..)?.trim_start_matches(' ');
            let at = line.end - item.len();
            let pair = !item.starts_with(['[', '{', '\'', '"']) && (item.contains(": ") || item.ends_with(':'));
            items.push(if pair {
                // `- key: value`: the mapping is set in as far as its first key.
                let column = line.indent + at - line.start;
                self.lines[self.at] = Line { start: at, end: line.end, indent: column };
                self.map(column, depth + 1)?
            } else {
                self.at += 1;
                self.inline(at, line.end)?
            });
        }
        items.shrink_to_fit();
        Some(self.block(start, Value::List(items)))
    }

    /// A value on one line.
    fn inline(&self, start: usize, end: usize) -> Option<Node> {
        let mut flow = Flow { reader: self, at: start, end };
        let content = &self.text[start..end];
        match content.as_bytes().first()? {
            b'[' | b'{' | b'\'' | b'"' => {
                let node = flow.value(0)?;
                (flow.at == end).then_some(node)
            }
            _ => {
                let text = plain(content).filter(|text| !text.contains(": "))?.to_owned();
                Some(Node { span: self.span(start, end), value: Value::Scalar { text, plain: true } })
            }
        }
    }
}

fn is_item(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}

/// A text without quotes, if every reading takes it for one.
pub(super) fn plain(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let first = text.chars().next()?;
    let sign = |next: Option<&u8>| next.is_some_and(|next| next.is_ascii_alphanumeric() || *next >= 0x80);
    let begins = match first {
        '-' | '?' | ':' => sign(bytes.get(1)),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' | '.' | ' ' => false,
        _ => true,
    };
    let ends = !matches!(bytes.last(), Some(b':' | b' '));
    (begins && ends && !text.contains(" #")).then_some(text)
}

/// Lists and mappings in brackets.
struct Flow<'r, 't> {
    reader: &'r Reader<'t>,
    at: usize,
    end: usize,
}

impl Flow<'_, '_> {
    fn rest(&self) -> &str {
        &self.reader.text[self.at..self.end]
    }

    fn next(&self) -> Option<u8> {
        self.rest().as_bytes().first().copied()
    }

    fn spaces(&mut self) {
        self.at = self.end - self.rest().trim_start_matches(' ').len();
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth == DEPTH {
            return None;
        }
        match self.next()? {
            b'[' => self.list(depth),
            b'{' => self.map(depth),
            quote @ (b'\'' | b'"') => self.quoted(quote),
            _ => {
                let (start, text) = (self.at, self.word()?.to_owned());
                Some(Node { span: self.reader.span(start, self.at), value: Value::Scalar { text, plain: true } })
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Option<Node> {
        let rest = &self.rest()[1..];
        let length = rest.bytes().position(|byte| byte == quote)?;
        let (text, behind) = (&rest[..length], &rest[length + 1..]);
        let whole = quote == b'\'' && !behind.starts_with('\'') || quote == b'"' && !text.contains('\\');
        if !whole || !matches!(behind.bytes().find(|byte| *byte != b' '), None | Some(b',' | b']' | b'}')) {
            return None;
        }
        let (start, text) = (self.at, text.to_owned());
        self.at += length + 2;
        Some(Node { span: self.reader.span(start, self.at), value: Value::Scalar { text, plain: false } })
    }

    /// A text without quotes, up to a comma, a bracket or the colon of a key.
    fn word(&mut self) -> Option<&str> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let ends = |at: usize| match bytes[at] {
            b',' | b'[' | b']' | b'{' | b'}' => true,
            b':' => !bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next >= 0x80),
            _ => false,
        };
        let length = (0..bytes.len()).find(|&at| ends(at)).unwrap_or(bytes.len());
        let start = self.at;
        self.at += rest[..length].trim_end_matches(' ').len();
        plain(&self.reader.text[start..self.at])
    }

    fn list(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        self.spaces();
        let mut items = Vec::new();
        while self.next()? != b']' {
            items.push(self.value(depth + 1)?);
            self.comma(b']')?;
        }
        self.at += 1;
        items.shrink_to_fit();
        Some(Node { span: self.reader.span(start, self.at), value: Value::List(items) })
    }

    fn map(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        self.spaces();
        let mut pairs: Vec<(Key, Node)> = Vec::new();
        while self.next()? != b'}' {
            let from = self.at;
            let key = self.word().filter(|key| is_normal(key))?.to_owned();
            if pairs.len() == KEYS || pairs.iter().any(|(own, _)| own.text == key) || !self.rest().starts_with(": ") {
                return None;
            }
            let key = Key { text: key, span: self.reader.span(from, self.at) };
            self.at += 1;
            self.spaces();
            let value = self.value(depth + 1)?;
            pairs.push((key, value));
            self.comma(b'}')?;
        }
        self.at += 1;
        pairs.shrink_to_fit();
        Some(Node { span: self.reader.span(start, self.at), value: Value::Map(pairs) })
    }

    /// After an item: a comma and another item, or the end.
    fn comma(&mut self, close: u8) -> Option<()> {
        self.spaces();
        match self.next()? {
            b',' => {
                self.at += 1;
                self.spaces();
                (self.next()? != close).then_some(())
            }
            byte => (byte == close).then_some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse_whole, tests::sources};
    use super::*;
    use crate::source::Source;

    /// What is read here is what the parser reads, and it finds nothing wrong.
    fn agrees(text: &str, shift: usize) -> bool {
        let whole = format!("{}{text}", " ".repeat(shift));
        let source = Source::new("a", whole.as_str());
        let Some(node) = read(text, shift) else { return false };
        let (other, found) = parse_whole(&source, Span::new(shift, whole.len()));
        assert!(found.is_empty(), "{text:?}: {found:?}");
        assert_eq!(node, other, "{text:?}");
        true
    }

    #[test]
    fn both_readings_of_the_demo_agree() {
        let texts = sources();
        let plain = texts.iter().filter(|text| agrees(text, 0)).count();
        assert!(plain * 10 > texts.len() * 8, "only {plain} of {} are plain", texts.len());
    }

    #[test]
    fn both_readings_of_odd_texts_agree() {
        for text in [
            "a: 1\nb:\nc: [x,  {k: v, w: 'q'}]\nd:\n  - { a: 1 }\n  - z\ne: end\n",
            "a: 1\nd:\n  - k: v\n    w: \n  - k: 2\n\n# c\n",
            "d:\n  x:  1  \n  y:\n    - 1\n# foo\nz: 'q q'  \n",
            "\n\na: 1",
            "a: {}\nb: []\nc: { }\n",
            "a: -1\nb: {x: -1, y: 10:30}\nc: 甲：乙\n",
            "a: ''\nb: \"x y\"\nc: it's\n",
        ] {
            assert!(agrees(text, 5), "{text:?} is plain");
        }
        for text in
            ["a: 1\na: 2\n", "a: x\n  y\n", "a: b: c\n", "a: 'x''y'\n", "- a\n", "a:\n- b\n", "a: |\n  x\n", "a: 1 # c\n", "", "...\n"]
        {
            assert!(read(text, 0).is_none(), "{text:?} is the parser's");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 4000, failure_persistence: None, ..Default::default() })]
        #[test]
        fn both_readings_agree(text in "([ ]{0,4}([甲a]{1,2}: )?(- )?[甲a1:,'\"#{}\\[\\] \\-.]{0,8}\n){1,5}") {
            agrees(&text, 3);
        }

        #[test]
        fn both_readings_of_blocks_agree(text in "(( {0,2}){0,2}(- )?([甲乙a]: )?(\\{ a: [1x]{1,2}(, b: '?q'?)? \\}|\\[x( ,)?(, y)?\\]|[a:\\-]{1,3})?\n){1,6}") {
            agrees(&text, 0);
        }
    }
}
