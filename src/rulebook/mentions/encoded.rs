//! Addresses (RFC 3986), in which every name is written with percent signs.

use super::{Mention, Mentions};
use crate::source::Span;

/// What an address says once nothing in it is encoded; what is no text stays as it is.
pub fn decoded(address: &str) -> String {
    let digit = |at: usize| address.as_bytes().get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(address.len()), 0);
    while let Some(&byte) = address.as_bytes().get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| address.to_owned())
}

impl Mentions {
    /// The first who is mentioned, also in an address in which names are encoded: then where that address stands.
    pub fn first(&self, text: &str, level: usize) -> Option<Mention> {
        self.find(text, level).into_iter().next().or_else(|| self.first_encoded(text, level))
    }

    fn first_encoded(&self, text: &str, level: usize) -> Option<Mention> {
        if !text.contains('%') {
            return None;
        }
        let mut at = 0;
        text.split_inclusive(char::is_whitespace).find_map(|word| {
            let span = Span::new(at, at + word.trim_end().len());
            at += word.len();
            let plain = word.contains('%').then(|| decoded(word)).filter(|plain| plain != word)?;
            let mention = self.find(&plain, level).into_iter().next()?;
            Some(Mention { span, ..mention })
        })
    }
}
