//! What people read of a text: of markup what stands between the tags and in their attributes.

use std::borrow::Cow;

use memchr::memchr;

/// A number has this many gaps at most: `138-0000-0001`, `110105 19491231 002X`.
const GAPS: usize = 4;

/// The words of a text. Every tag is one sign that no name has in it.
pub fn of(text: &str) -> Cow<'_, str> {
    if !text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() / 2);
    let mut rest = text;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        decode(&rest[..at], &mut out);
        let tag = &rest[at..];
        let end = end(tag);
        out.push('<');
        attributes(&tag[..end], &mut out);
        rest = &tag[end..];
    }
    decode(rest, &mut out);
    Cow::Owned(out)
}

/// Whether a number is written with a single space or stroke here and there, and nothing else between its signs. Numbers of
/// a list, of a drawing or of a table make any number when they are read as one.
pub fn is_spaced(number: &str) -> bool {
    let mut gaps = number.split(|c: char| c.is_alphanumeric()).filter(|gap| !gap.is_empty());
    let count = gaps.clone().count();
    count <= GAPS && gaps.all(|gap| matches!(gap, " " | "\u{A0}" | "\u{3000}" | "-" | "‐" | "‑" | "–" | "—" | "－" | "." | "·" | "/" | "@"))
}

/// Where a tag ends: at the bracket outside quotes, or at the next tag where there is none.
fn end(tag: &str) -> usize {
    // Of nearly every tag it is the first bracket, since none stands in quotes.
    if let Some(at) = memchr(b'>', tag.as_bytes()) {
        let quotes = |quote: u8| tag.as_bytes()[..at].iter().filter(|byte| **byte == quote).count();
        if quotes(b'"').is_multiple_of(2) && quotes(b'\'') == 0 {
            return at + 1;
        }
    }
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag[1..].find('<').map_or(tag.len(), |at| at + 1)
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
        assert_eq!(of("陈 & 静"), "陈 & 静");
        assert_eq!(of("<p>陈<b>小</b>&#26126;&#x660E;&nbsp;&amp</p>"), "<陈<小<明明 &amp<");
        assert_eq!(of("<a title=\"陈 小>明\" href='x' alt='a'>b</a"), "<陈 小>明<b<");
        assert_eq!(of("<a title=\"陈<b>c"), "<陈<<c");
        assert_eq!(of("<"), "<");
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
