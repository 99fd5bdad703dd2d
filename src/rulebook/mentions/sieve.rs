//! A quick look whether a text can name anybody at all: most texts name nobody.
//!
//! Only the first few letters of each value are compared, as numbers, while the letters of a text go by.

use std::collections::HashSet;

use super::fold::each_letter;
use super::marks::Marks;

/// So many bits say which beginnings there are; with some ten thousand one in a hundred is set.
const BITS: u32 = 20;

/// Letters of ASCII in a long and a short beginning: many numbers begin alike.
const LONG: usize = 8;
const SHORT: usize = 5;

/// The beginnings of values.
#[derive(Default)]
pub struct Sieve {
    marks: Marks<BITS>,
    beginnings: HashSet<u64>,
    /// Which lengths occur: two or three letters, few or many of ASCII.
    pairs: bool,
    triples: bool,
    short: bool,
    long: bool,
    /// Whether a value has one letter only, so that every text may hold it.
    single: bool,
}

/// The letters that went by last, packed.
#[derive(Default)]
struct Window {
    /// Three letters, 21 bits each.
    wide: u64,
    /// Eight letters of ASCII, each with a bit that says that it is there.
    ascii: u64,
}

impl Window {
    fn push(&mut self, c: char) {
        self.wide = (self.wide << 21 | u64::from(u32::from(c))) & ((1 << 63) - 1);
        self.ascii = if c.is_ascii() { self.ascii << 8 | u64::from(u32::from(c)) | 0x80 } else { 0 };
    }

    /// The last two, three, five and eight letters, each kind told from the others; none of ASCII where there are not so many.
    fn pair(&self) -> u64 {
        self.wide & ((1 << 42) - 1)
    }

    fn triple(&self) -> u64 {
        self.wide | 1 << 63
    }

    fn ascii(&self, letters: usize) -> Option<u64> {
        let own = if letters == LONG { self.ascii } else { self.ascii & ((1 << (8 * letters)) - 1) };
        (own >> (8 * letters - 1) & 1 == 1).then(|| own.rotate_left(3))
    }
}

impl Sieve {
    /// The beginnings of some values in their one spelling.
    pub fn of<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        let mut sieve = Self::default();
        for value in values {
            let letters: Vec<char> = value.chars().filter(|c| c.is_alphanumeric()).collect();
            let ascii = letters.iter().take_while(|c| c.is_ascii()).count();
            let of = |count: usize| {
                let mut window = Window::default();
                letters.iter().take(count).for_each(|c| window.push(*c));
                window
            };
            let (beginning, there) = match (ascii, letters.len()) {
                (LONG.., _) => (of(LONG).ascii(LONG), &mut sieve.long),
                (SHORT.., _) => (of(SHORT).ascii(SHORT), &mut sieve.short),
                (_, 3..) => (Some(of(3).triple()), &mut sieve.triples),
                (_, 2) => (Some(of(2).pair()), &mut sieve.pairs),
                // One letter begins too much to be asked for.
                _ => (None, &mut sieve.single),
            };
            *there = true;
            if let Some(beginning) = beginning {
                sieve.marks.set(beginning);
                sieve.beginnings.insert(beginning);
            }
        }
        sieve
    }

    /// Whether a text holds the beginning of a value, whatever stands between its letters.
    pub fn may_hold(&self, text: &str) -> bool {
        let mut window = Window::default();
        self.single
            || each_letter(text, |c| {
                window.push(c);
                self.triples && self.has(window.triple())
                    || self.pairs && self.has(window.pair())
                    || c.is_ascii()
                        && (self.long && window.ascii(LONG).is_some_and(|own| self.has(own))
                            || self.short && window.ascii(SHORT).is_some_and(|own| self.has(own)))
            })
    }

    fn has(&self, beginning: u64) -> bool {
        self.marks.may_have(beginning) && self.beginnings.contains(&beginning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_found_whatever_stands_between() {
        let sieve = Sieve::of(["陈静", "欧阳小测", "13800000001", "anna1", "湖澄辛坊72栋", "a陈"].into_iter());
        for text in ["见陳 靜", "歐-陽-小", "138-0000-0", "Ａnna 1", "湖澄 辛", "ａ 陈", "x13800000"] {
            assert!(sieve.may_hold(text), "{text}");
        }
        for text in ["", "陈", "静陈", "欧阳", "1380000", "anna", "湖澄坊", "13800陈0000"] {
            assert!(!sieve.may_hold(text), "{text}");
        }
        assert!(!Sieve::of([].into_iter()).may_hold("陈静"));
    }
}
