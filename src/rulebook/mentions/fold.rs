//! One spelling for all: texts as they are compared with names.
//!
//! Letters and digits are kept, in their plain width and lower case, Han characters in their simplified form. What stands
//! between them is dropped, but not forgotten: how far apart two letters are and whether a sentence was cut between them
//! decides whether they can be one name.

use std::collections::HashMap;
use std::sync::OnceLock;

use hanconv::RawDictionary;
use unicode_normalization::UnicodeNormalization as _;

use crate::source::Span;

/// More other characters than this between two letters, and they are no name.
pub const APART: usize = 3;

/// Stands where letters are too far apart.
pub const BREAK: char = '\0';

/// A text in its one spelling.
pub struct Folded {
    /// The letters and digits.
    pub text: String,
    signs: Vec<Sign>,
}

/// One letter or digit of a folded text.
struct Sign {
    /// Where it begins in the folded text.
    at: usize,
    /// Where it stands in the original.
    span: Span,
    /// How often a sentence was cut before it.
    cuts: u32,
    /// Whether something else stands before it.
    apart: bool,
    /// Whether it is a letter or digit of ASCII.
    ascii: bool,
}

/// Some signs of a folded text that stand together.
pub struct Run<'f> {
    folded: &'f Folded,
    first: usize,
    last: usize,
}

impl Folded {
    /// The signs that begin in these bytes of the folded text.
    pub fn run(&self, start: usize, end: usize) -> Run<'_> {
        let first = self.signs.partition_point(|sign| sign.at < start);
        let last = self.signs.partition_point(|sign| sign.at < end).saturating_sub(1);
        Run { folded: self, first, last }
    }
}

impl Run<'_> {
    /// Where they stand in the original.
    pub fn span(&self) -> Span {
        Span::new(self.folded.signs[self.first].span.start, self.folded.signs[self.last].span.end)
    }

    /// Whether nothing stands between them.
    pub fn is_tight(&self) -> bool {
        self.folded.signs[self.first + 1..=self.last].iter().all(|sign| !sign.apart)
    }

    /// Whether a sentence was cut between them.
    pub fn is_cut(&self) -> bool {
        self.folded.signs[self.first].cuts != self.folded.signs[self.last].cuts
    }

    /// Whether no letter or digit of ASCII touches them from outside.
    pub fn stands_alone(&self) -> bool {
        let signs = &self.folded.signs;
        let before = self.first.checked_sub(1).is_some_and(|before| signs[before].ascii && !signs[self.first].apart);
        !before && signs.get(self.last + 1).is_none_or(|after| !after.ascii || after.apart)
    }
}

/// A text in its one spelling.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), signs: Vec::with_capacity(text.len() / 3 + 1) };
    let (mut between, mut cuts) = (0, 0);
    each(text, |span, c| {
        if !c.is_alphanumeric() {
            between += 1;
            cuts += u32::from(cuts_sentences(c));
            return;
        }
        if between > APART {
            folded.signs.push(Sign { at: folded.text.len(), span: Span::at(span.start), cuts, apart: true, ascii: false });
            folded.text.push(BREAK);
        }
        folded.signs.push(Sign { at: folded.text.len(), span, cuts, apart: between > 0, ascii: c.is_ascii() });
        between = 0;
        spell(c, &mut folded.text);
    });
    folded
}

/// Shows every letter and digit of a text in its one spelling, and nothing else, until one is enough; whether one was. Whoever
/// is in [`fold`] is in this too.
pub fn each_letter(text: &str, mut enough: impl FnMut(char) -> bool) -> bool {
    text.chars().any(|c| match plain(c) {
        Some(c) => (in_table(c) || c.is_alphanumeric()) && spelled(c, &mut enough),
        None => [c].into_iter().nfkc().any(|c| c.is_alphanumeric() && spelled(c, &mut enough)),
    })
}

/// Shows a letter or digit in its one spelling.
fn spelled(c: char, enough: &mut impl FnMut(char) -> bool) -> bool {
    match simplified(c) {
        c if c.is_ascii() => enough(c.to_ascii_lowercase()),
        c if in_table(c) => enough(c),
        c => c.to_lowercase().any(enough),
    }
}

/// Every character of a text in its plain width, with the place of the one that it comes from.
fn each(text: &str, mut add: impl FnMut(Span, char)) {
    for (start, c) in text.char_indices() {
        let span = Span::new(start, start + c.len_utf8());
        match plain(c) {
            Some(c) => add(span, c),
            None => [c].into_iter().nfkc().for_each(|c| add(span, c)),
        }
    }
}

/// A character in its plain width, where that is one character and nothing need be looked up (NFKC).
fn plain(c: char) -> Option<char> {
    match c {
        c if c.is_ascii() || in_table(c) => Some(c),
        // Quotes, and what ends sentences and parts of them in Chinese.
        '\u{2018}'..='\u{201D}' | '\u{3001}'..='\u{3035}' => Some(c),
        '\u{3000}' => Some(' '),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

/// Writes a letter or digit in its one spelling.
fn spell(c: char, out: &mut String) {
    spelled(c, &mut |c| {
        out.push(c);
        false
    });
}

/// Whether a sign ends a sentence or a part of one, so that what stands on both sides is rarely one name.
fn cuts_sentences(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '|' | '/' | '\\' | '<' | '>')
        || matches!(c, '。' | '、' | '「' | '」' | '『' | '』' | '《' | '》' | '〈' | '〉' | '【' | '】' | '“' | '”' | '‘' | '’')
}

/// Where most Han characters are.
const HAN: std::ops::RangeInclusive<char> = '\u{4E00}'..='\u{9FFF}';

fn in_table(c: char) -> bool {
    HAN.contains(&c)
}

/// The simplified form of a Han character; of several the commonest. Anything else is its own.
fn simplified(c: char) -> char {
    static TABLE: OnceLock<(Vec<char>, HashMap<char, char>)> = OnceLock::new();
    if c.is_ascii() {
        return c;
    }
    let (common, rare) = TABLE.get_or_init(|| {
        let (mut common, mut rare): (Vec<char>, HashMap<char, char>) = (HAN.collect(), HashMap::new());
        for (from, to) in RawDictionary::TSCharacters.iter() {
            let (Some(from), Some(to)) = (from.chars().next(), to.chars().next()) else { continue };
            match (u32::from(from)).checked_sub(u32::from(*HAN.start())).and_then(|at| common.get_mut(at as usize)) {
                Some(own) => *own = to,
                None => _ = rare.insert(from, to),
            }
        }
        (common, rare)
    });
    let near = u32::from(c).checked_sub(u32::from(*HAN.start())).and_then(|at| common.get(at as usize));
    near.or_else(|| rare.get(&c)).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_folds_to_one() {
        for text in ["陈静", "陈 静", "陈·静", "陈\u{200B}静", "陈　静", "陳靜", "**陈**静", "陈\n静"] {
            assert_eq!(fold(text).text, "陈静", "{text}");
        }
        for text in ["138-0000-0001", "１３８　００００　０００１", "138 0000 0001"] {
            assert_eq!(fold(text).text, "13800000001", "{text}");
        }
        assert_eq!(fold("Ａnna").text, "anna");
        assert_eq!(fold("陈 ---- 静").text, "陈\0静");
        assert_eq!(fold("").text, "");
    }

    #[test]
    fn plain_characters_are_what_nfkc_makes_of_them() {
        for c in ('\0'..=char::MAX).filter(|c| plain(*c).is_some()) {
            assert_eq!([c].into_iter().nfkc().collect::<String>(), plain(c).into_iter().collect::<String>(), "{c:?}");
        }
    }

    #[test]
    fn runs_know_where_they_stand_and_what_lies_between() {
        let text = "见陈。静坐 1380";
        let folded = fold(text);
        let run = folded.run(3, 9);
        assert_eq!((&text[run.span().start..run.span().end], run.is_cut(), run.is_tight()), ("陈。静", true, false));
        let number = folded.run(12, 15);
        assert!(!number.stands_alone() && number.is_tight());
        assert!(folded.run(12, 16).stands_alone());
    }

    #[test]
    fn odd_characters_have_places() {
        // One character that becomes several, and several that become none.
        let text = "㍿陈\u{FE0F}静";
        let folded = fold(text);
        let at = folded.text.find("陈静").expect("it is there");
        let span = folded.run(at, at + 6).span();
        assert_eq!(&text[span.start..span.end], "陈\u{FE0F}静");
    }
}
