//! What counts as the same text, and the pieces by which a text is found.
//!
//! `themes/default/search-terms.js` does the same with what is asked for; a test runs one table through both. That is why
//! every character is folded by itself and why classes are ranges written out: nothing here depends on the neighbours, on a
//! dictionary or on which characters some version of Unicode calls letters.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How characters stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Ends a piece: white space, punctuation, symbols.
    Between,
    /// Written without spaces, such as Han: pieces of two.
    Wide,
    /// Letters and digits of words and numbers: pieces of two and of three.
    Narrow,
}

/// The class of a folded character.
pub fn class(c: char) -> Class {
    match c {
        // Nearly all of a Chinese text; it comes first because it is asked for every character.
        '\u{4e00}'..='\u{9fff}' => Class::Wide,
        // The hyphen holds days, numbers of dossiers and telephone numbers together; without it all days would look alike.
        'a'..='z' | '0'..='9' | '-' => Class::Narrow,
        '\0'..='\u{bf}' | '×' | '÷' => Class::Between,
        // Punctuation, arrows, mathematics, boxes and pictures.
        '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => Class::Between,
        '\u{3030}' | '\u{303d}'..='\u{303f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe6f}' => Class::Between,
        '\u{ff00}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{10ffff}' => Class::Between,
        '\u{2e80}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Class::Wide,
        _ => Class::Narrow,
    }
}

/// The text as it is compared: composed, then every character by itself in its compatible form and lower case.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let Some(folded) = simple(c) else { return fold_any(text) };
        out.push(folded);
    }
    out
}

/// The same of a text that has other characters than those of everyday. Most are composed already, and composing them again
/// would take longer than all the rest.
fn fold_any(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(|c| fold_one(c, &mut out));
    } else {
        text.nfc().for_each(|c| fold_one(c, &mut out));
    }
    out
}

fn fold_one(c: char, out: &mut String) {
    match simple(c) {
        Some(folded) => out.push(folded),
        None => out.extend(std::iter::once(c).nfkc().flat_map(char::to_lowercase)),
    }
}

/// What a character of everyday texts is folded to. None of these is ever composed with a neighbour.
fn simple(c: char) -> Option<char> {
    match c {
        '\u{4e00}'..='\u{9fff}' => Some(c),
        '\t'..='\r' | '\u{3000}' => Some(' '),
        ' '..='~' => Some(c.to_ascii_lowercase()),
        '、' | '。' | '《' | '》' | '“' | '”' | '‘' | '’' | '—' | '·' => Some(c),
        // Full-width forms stand in the order of ASCII.
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

/// Hands over every piece of a folded text: each pair of neighbours that nothing stands between, and each three of which all
/// are narrow. A pair may be mixed, so that `3月` is found.
pub fn pieces(folded: &str, mut take: impl FnMut(&[char])) {
    // The last two, and whether they are narrow.
    let mut last: [Option<(char, bool)>; 2] = [None, None];
    for c in folded.chars() {
        let narrow = match class(c) {
            Class::Between => {
                last = [None, None];
                continue;
            }
            class => class == Class::Narrow,
        };
        if let Some((b, narrow_too)) = last[1] {
            take(&[b, c]);
            if let Some((a, true)) = last[0]
                && narrow
                && narrow_too
            {
                take(&[a, b, c]);
            }
        }
        last = [last[1], Some((c, narrow))];
    }
}

/// How many bits [`hash`] has.
pub const HASH_BITS: u32 = 29;

/// The number by which a piece is kept: FNV-1a over its characters, stirred, so that all bits depend on all.
pub fn hash(piece: &[char]) -> u32 {
    let mut h = piece.iter().fold(0x811c_9dc5_u32, |h, &c| (h ^ u32::from(c)).wrapping_mul(0x0100_0193));
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    (h ^ (h >> 16)) >> (32 - HASH_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        pieces(&fold(text), |piece| out.push(piece.iter().collect()));
        out
    }

    #[test]
    fn han_falls_into_pairs_and_words_into_pairs_and_threes() {
        assert_eq!(all("危机个案"), ["危机", "机个", "个案"]);
        assert_eq!(all("C2026-003"), ["c2", "20", "c20", "02", "202", "26", "026", "6-", "26-", "-0", "6-0", "00", "-00", "03", "003"]);
        assert_eq!(all("3月，A区"), ["3月", "a区"]);
        assert_eq!(all("好"), [""; 0]);
    }

    #[test]
    fn what_is_simple_is_folded_as_everything_is() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            if let Some(folded) = simple(c).filter(|_| !c.is_ascii_control()) {
                let slowly: String = std::iter::once(c).nfkc().flat_map(char::to_lowercase).collect();
                assert_eq!(slowly, folded.to_string(), "{c:?}");
                assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{c:?}");
            }
        }
    }

    #[test]
    fn width_case_and_composition_do_not_matter() {
        assert_eq!(fold("ＮＳ－Ｃ２０２６　①"), "ns-c2026 1");
        assert_eq!(fold("Cafe\u{301}"), fold("CAFÉ"));
        assert_eq!(fold("一\n二\t三"), "一 二 三");
        assert_eq!(fold("ΟΔΟΣ"), "οδοσ", "no character depends on where it stands");
        assert_eq!(fold("⼈"), "人");
    }

    proptest! {
        /// Whatever is part of a text has pieces that the text has.
        #[test]
        fn pieces_of_a_part_are_pieces_of_the_whole(text in "[案主a-cA-C0-3，。 ①é]{0,24}", from in 0_usize..24, long in 0_usize..8) {
            let part: String = text.chars().skip(from).take(long).collect();
            let whole = all(&text);
            prop_assert!(all(&part).iter().all(|piece| whole.contains(piece)));
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,24}") {
            // A few characters of Unicode have a lower case that has another compatible form; none of ours.
            let han: String = text.chars().filter(|c| c.is_ascii() || ('\u{3000}'..='\u{9fff}').contains(c)).collect();
            prop_assert_eq!(fold(&fold(&han)), fold(&han));
        }
    }
}
