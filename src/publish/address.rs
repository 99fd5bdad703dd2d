//! Paths as parts of an address (RFC 3986): what is not unreserved is percent-encoded, `/` stays.

use std::borrow::Cow;

/// A path, percent-encoded.
pub fn encoded(path: &str) -> Cow<'_, str> {
    if path.bytes().all(stays) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(out)
}

fn stays(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/')
}
