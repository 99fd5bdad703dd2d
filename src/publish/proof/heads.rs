//! Very many values looked for in very many bytes.
//!
//! An automaton of all spellings is larger than the caches of a processor, and it takes a step for every byte. Here the first
//! bytes of every value are one number; a bit says whether a place in a text may begin any of them, and only there values are
//! compared.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use crate::rulebook::mentions::Marks;

/// So many bytes are a head: two Han characters in UTF-8, one as JSON escapes it.
const HEAD: usize = 6;

/// So many bits say which heads there are: of twenty thousand heads one place in a hundred looks like one.
const BITS: u32 = 21;

/// Values by their first bytes, each with a number.
pub struct Heads {
    /// Which bytes come first: of a page, which is markup for the most part, few do.
    first: [bool; 256],
    marks: Marks<BITS>,
    values: HashMap<u64, Vec<(Vec<u8>, usize)>>,
    /// Those that are too short to have a head, and their numbers.
    short: Option<AhoCorasick>,
    numbers: Vec<usize>,
}

impl Heads {
    /// A search for some values.
    pub fn of(values: Vec<(Vec<u8>, usize)>) -> Self {
        let mut heads = Self { first: [false; 256], marks: Marks::default(), values: HashMap::new(), short: None, numbers: Vec::new() };
        let (long, short): (Vec<_>, Vec<_>) = values.into_iter().partition(|(value, _)| value.len() >= HEAD);
        for (value, number) in long {
            let head = head(&value);
            heads.first[usize::from(value[0])] = true;
            heads.marks.set(head);
            heads.values.entry(head).or_default().push((value, number));
        }
        heads.short = AhoCorasick::new(short.iter().map(|(value, _)| value)).ok().filter(|_| !short.is_empty());
        heads.numbers = short.into_iter().map(|(_, number)| number).collect();
        heads
    }

    /// Shows the number of every value in some bytes, with its length, as often as it is there.
    pub fn find(&self, bytes: &[u8], mut show: impl FnMut(usize, usize)) {
        for hit in self.short.iter().flat_map(|short| short.find_overlapping_iter(bytes)) {
            show(self.numbers[hit.pattern().as_usize()], hit.len());
        }
        for (at, window) in bytes.windows(HEAD).enumerate().filter(|(_, window)| self.first[usize::from(window[0])]) {
            let head = head(window);
            if !self.marks.may_have(head) {
                continue;
            }
            for (value, number) in self.values.get(&head).into_iter().flatten().filter(|(value, _)| bytes[at..].starts_with(value)) {
                show(*number, value.len());
            }
        }
    }
}

/// The first bytes as a number.
fn head(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b, c, d, e, f, ..] => u64::from_le_bytes([a, b, c, d, e, f, 0, 0]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(values: &[&str], text: &str) -> Vec<(usize, usize)> {
        let heads = Heads::of(values.iter().enumerate().map(|(nth, value)| (value.as_bytes().to_vec(), nth)).collect());
        let mut all = Vec::new();
        heads.find(text.as_bytes(), |number, length| all.push((number, length)));
        all.sort_unstable();
        all
    }

    #[test]
    fn values_are_found_at_both_ends_and_in_one_another() {
        let values = ["陈静", "陈静静", "éa", "13800000001"];
        assert_eq!(found(&values, "陈静静和陈静"), [(0, 6), (0, 6), (1, 9)]);
        assert_eq!(found(&values, "éa13800000001"), [(2, 3), (3, 11)]);
        assert_eq!(found(&values, "陈"), []);
        assert_eq!(found(&[], "陈静"), []);
    }

    proptest! {
        #[test]
        fn nothing_is_found_that_is_not_there_and_nothing_missed(
            text in "[ab陈静é]{0,40}", values in proptest::collection::btree_set("[ab陈静é]{1,5}", 0..6)
        ) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let wanted = |(nth, value): (usize, &&str)| {
                let count = text.char_indices().filter(|(at, _)| text[*at..].starts_with(*value)).count();
                vec![(nth, value.len()); count]
            };
            let wanted: Vec<_> = values.iter().enumerate().flat_map(wanted).collect();
            prop_assert_eq!(found(&values, &text), wanted);
        }
    }
}
