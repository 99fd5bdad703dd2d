//! Columns of a terminal, in which a Chinese character takes two places.

use unicode_width::UnicodeWidthStr;

/// Between two columns.
pub(super) const GAP: &str = "  ";

/// The places that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text filled up with blanks to a width.
pub(super) fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The same with the blanks before it.
pub(super) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// A text cut to a width.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if short.width() + UnicodeWidthStr::width(c.encode_utf8(&mut [0; 4]) as &str) + 1 > width {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}
