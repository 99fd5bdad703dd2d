//! The ways in which a value may be written in an output.

use std::collections::BTreeSet;

use encoding_rs::GBK;

/// Every spelling of a value in texts, each once: as it is, escaped for HTML, for JSON of both kinds and for addresses.
pub fn of(value: &str) -> Vec<Vec<u8>> {
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    all.insert(value.as_bytes().to_vec());
    for quotes in [false, true] {
        all.insert(html(value, quotes).into_bytes());
    }
    for ascii in [false, true] {
        all.insert(json(value, ascii).into_bytes());
    }
    all.insert(address(value, false).into_bytes());
    all.insert(address(value, true).into_bytes());
    all.into_iter().collect()
}

/// In UTF-16 of both kinds.
pub fn utf16(value: &str) -> [Vec<u8>; 2] {
    let units = || value.encode_utf16();
    [units().flat_map(u16::to_be_bytes).collect(), units().flat_map(u16::to_le_bytes).collect()]
}

/// As old programs for Chinese write it; none where that is plain ASCII or cannot be.
pub fn gbk(value: &str) -> Option<Vec<u8>> {
    let (bytes, _, failed) = GBK.encode(value);
    (!failed && !value.is_ascii()).then(|| bytes.into_owned())
}

fn html(value: &str, quotes: bool) -> String {
    let text = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if quotes { text.replace('"', "&quot;").replace('\'', "&#39;") } else { text }
}

/// As JSON writes it, in pure ASCII or with everything in plain that may be.
fn json(value: &str, ascii: bool) -> String {
    let mut out = String::new();
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if !ascii && !c.is_control() => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

/// As an address has it, everything escaped that may be, or only what is not ASCII.
fn address(value: &str, plain: bool) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') || plain && byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
