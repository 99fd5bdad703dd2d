//! What people read of a text: of markup what stands between the tags and in their attributes.

use std::borrow::Cow;

use memchr::memchr;

/// A number has this many gaps at most: `138-0000-0001`, `110105 19491231 002X`.
const GAPS: usize = 4;

/// What people read of a text.
pub struct Words<'t> {
    /// The words. Every tag is one sign that no name has in it.
    pub words: Cow<'t, str>,
    /// Whether the text is markup and ends between its tags: what follows it is read as if it stood alone.
    pub closed: bool,
}

/// The words of a text.
pub fn of(text: &str) -> Words<'_> {
    if !text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') {
        return Words { words: Cow::Borrowed(text), closed: false };
    }
    let mut out = String::with_capacity(text.len() / 2);
    let (mut rest, mut closed) = (text, true);
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        decode(&rest[..at], &mut out);
        let tag = &rest[at..];
        // Of a tag without an end, what comes before the next one.
        let end = end(tag).unwrap_or_else(|| (closed = false, tag[1..].find('<').map_or(tag.len(), |at| at + 1)).1);
        out.push('<');
        attributes(&tag[..end], &mut out);
        rest = &tag[end..];
    }
    decode(rest, &mut out);
    Words { words: Cow::Owned(out), closed }
}

/// Whether a number is written with a single space or stroke here and there, and nothing else between its signs. Numbers of
/// a list, of a drawing or of a table make any number when they are read as one.
pub fn is_spaced(number: &str) -> bool {
    let mut gaps = number.split(|c: char| c.is_alphanumeric()).filter(|gap| !gap.is_empty());
    let count = gaps.clone().count();
    count <= GAPS && gaps.all(|gap| matches!(gap, " " | "\u{A0}" | "\u{3000}" | "-" | "‐" | "‑" | "–" | "—" | "－" | "." | "·" | "/" | "@"))
}

/// Where a tag ends: behind the bracket outside quotes.
fn end(tag: &str) -> Option<usize> {
    // Of nearly every tag it is the first bracket, since none stands in quotes.
    if let Some(at) = memchr(b'>', tag.as_bytes()) {
        let quotes = |quote: u8| tag.as_bytes()[..at].iter().filter(|byte| **byte == quote).count();
        if quotes(b'"').is_multiple_of(2) && quotes(b'\'') == 0 {
            return Some(at + 1);
        }
    }
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// What the attributes of a tag say, if it is not ASCII: lengths, addresses and the like are.
fn attributes(tag: &str, out: &mut String) {
    if tag.is_ascii() {
        return;
    }
    for value in tag.split(['"', '\'']).skip(1).step_by(2).filter(|value| !value.is_ascii()) {
        decode(value, out);
        out.push('<');
    }
}

/// Adds a text with its characters written out; one that cannot be is a space.
fn decode(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(end) = rest.bytes().take(12).position(|byte| byte == b';') else {
            out.push('&');
            continue;
        };
        let name = &rest[..end];
        let code = match name.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
            Some(decimal) => decimal.parse().ok(),
            None => None,
        };
        out.push(code.and_then(char::from_u32).unwrap_or(' '));
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_signs_and_characters_are_written_out() {
        let read = |text| {
            let Words { words, closed } = of(text);
            (words.into_owned(), closed)
        };
        let is = |words: &str, closed| (words.to_owned(), closed);
        assert_eq!(read("陈 & 静"), is("陈 & 静", false));
        assert_eq!(read("<p>陈<b>小</b>&#26126;&#x660E;&nbsp;&amp</p>"), is("<陈<小<明明 &amp<", true));
        assert_eq!(read("<a title=\"陈 小>明\" href='x' alt='a'>b</a"), is("<陈 小>明<b<", false));
        assert_eq!(read("<a title=\"陈<b>c"), is("<陈<<c", false));
        assert_eq!(read("<"), is("<", false));
    }

    #[test]
    fn numbers_are_spaced_by_single_signs() {
        for yes in ["13800000001", "138 0000 0001", "138-0000-0001", "１３８　００００", "110105-1949-1231-002X"] {
            assert!(is_spaced(yes), "{yes}");
        }
        for no in ["1,3800000001", "1 3 8 0 0 0", "138  0000", "138</td", "13800, 000001"] {
            assert!(!is_spaced(no), "{no}");
        }
    }
}
