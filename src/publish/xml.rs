//! Text as XML 1.0 has it.

use super::markdown;

/// Text for an element or an attribute; characters that XML cannot hold are left out, white space is a space.
pub fn escaped(text: &str) -> String {
    let known = text.chars().filter_map(|c| match c {
        '\t' | '\n' | '\r' => Some(' '),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => None,
        c => Some(c),
    });
    markdown::escape(&known.collect::<String>())
}
