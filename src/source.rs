//! A text and the places in it.
//!
//! Offsets are bytes everywhere inside; people and editors get lines and columns, both from 1,
//! columns in characters and in UTF-16 units.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// A file's text together with its path inside the archive (always with `/`).
pub struct Source {
    path: String,
    text: String,
    lines: OnceLock<Vec<usize>>,
}

/// A shared [`Source`]; findings keep one so that they can show the line they speak of.
pub type SharedSource = Arc<Source>;

impl Source {
    /// Wraps `text` as the content of `path`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> SharedSource {
        Arc::new(Self { path: path.into(), text: text.into(), lines: OnceLock::new() })
    }

    /// The path inside the archive.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that `span` covers; empty when the span does not lie on characters of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// Line and column of a byte offset; offsets past the end mean the end.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset) - 1;
        let before = &self.text[starts[line]..offset];
        Position { line: line + 1, column: before.chars().count() + 1, utf16: before.encode_utf16().count() + 1 }
    }

    /// The span of a whole line (from 1), without its line end; an empty span past the last line.
    pub fn line(&self, number: usize) -> Span {
        let starts = self.line_starts();
        let Some(&start) = starts.get(number.saturating_sub(1)) else {
            return Span::at(self.text.len());
        };
        let end = starts.get(number).map_or(self.text.len(), |next| next - 1);
        let text = &self.text[start..end.max(start)];
        Span::new(start, start + text.trim_end_matches('\r').len())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.path, self.text.len())
    }
}

/// A half-open range of bytes in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`; never negative.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty range at `offset`.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// The same range, `by` bytes further on.
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}

/// Where a byte is, in the terms of people and editors. All count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters (Unicode scalar values).
    pub column: usize,
    /// Column in UTF-16 code units, as editors count.
    pub utf16: usize,
}

/// A span of one source: what a finding points at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: SharedSource,
    /// The part of it.
    pub span: Span,
}

impl Place {
    /// The part `span` of `source`.
    pub fn new(source: &SharedSource, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// The beginning of a file, for findings about the file as a whole.
    pub fn file(source: &SharedSource) -> Self {
        Self::new(source, Span::at(0))
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        self.source.path()
    }

    /// Where it starts.
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where it ends (one past the last character).
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_utf16_units() {
        let source = Source::new("a.md", "甲：𠀀乙\r\n丙");
        let at = source.text().find('乙').expect("present");
        assert_eq!(source.position(at), Position { line: 1, column: 4, utf16: 5 });
        assert_eq!(source.position(999), Position { line: 2, column: 2, utf16: 2 });
        assert_eq!(source.slice(source.line(1)), "甲：𠀀乙");
        assert_eq!(source.slice(source.line(2)), "丙");
        assert_eq!(source.slice(source.line(3)), "");
    }
}
