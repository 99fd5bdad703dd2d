//! Where texts mention somebody whom not all of their readers may know.
//!
//! Every value that identifies somebody is looked for in one pass, also where it is written with spaces or marks between its
//! characters, in full width or in traditional characters. Not found are pieces of a name, nicknames, names in pinyin or with
//! other letters in between; nor, of names of two characters, those with a comma or a full stop in them, which would be found
//! in too many innocent sentences.

mod encoded;
mod fold;
mod marks;
mod sieve;

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization as _;

use super::Rulebook;
use super::identities::{Identity, telling};
use crate::source::Span;

use sieve::Sieve;

pub use encoded::decoded;
pub use fold::{APART, fold};
pub use marks::Marks;

/// Values of ASCII with fewer signs are meant only as they are written, with nothing in between.
const LONG: usize = 8;

/// Names of so many signs may have anything between them.
const TELLING: usize = 3;

/// A search for everybody in an archive, made once.
pub struct Mentions {
    search: AhoCorasick,
    values: Vec<Known>,
    sieve: Sieve,
}

/// One value that is looked for.
struct Known {
    identity: Identity,
    /// The value in its one spelling.
    folded: String,
    /// Its signs.
    signs: usize,
    /// Whether it is ASCII only, and then whether it is so short that nothing may stand between its signs.
    ascii: Option<bool>,
    /// The lowest audience that sees codes of its shape, if any does.
    code_from: Option<usize>,
}

/// Somebody is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Where in the text.
    pub span: Span,
    /// By which value.
    pub value: usize,
}

impl Mentions {
    /// Prepares the search. `open` is what everybody may read: values that occur in it tell nobody from others.
    pub fn of(identities: Vec<Identity>, rulebook: &Rulebook, open: &[&str]) -> Self {
        let mut all: BTreeMap<String, Identity> = BTreeMap::new();
        for identity in identities.into_iter().filter(|identity| identity.audience > 0 && telling(&identity.value)) {
            // Of two who are called the same, the one whom fewer may know.
            match all.get_mut(&identity.value) {
                Some(known) if known.audience >= identity.audience => {}
                Some(known) => *known = identity,
                None => _ = all.insert(identity.value.clone(), identity),
            }
        }
        let common = common(all.keys(), open);
        let shapes = code_shapes(rulebook);
        let mut values: BTreeMap<String, Known> = BTreeMap::new();
        for (at, (value, identity)) in all.into_iter().enumerate() {
            let folded = fold(&value).text;
            if common.contains(&at) || folded.is_empty() {
                continue;
            }
            let known = Known {
                signs: folded.chars().count(),
                ascii: value.is_ascii().then(|| value.len() < LONG && value.bytes().all(|byte| byte.is_ascii_alphanumeric())),
                code_from: shapes.iter().filter(|(pattern, _)| is_whole(pattern, &value)).map(|(_, audience)| *audience).min(),
                identity,
                folded: folded.clone(),
            };
            match values.get(&folded) {
                Some(other) if other.identity.audience >= known.identity.audience => {}
                _ => _ = values.insert(folded, known),
            }
        }
        let values: Vec<Known> = values.into_values().collect();
        let search = search(values.iter().map(|known| &known.folded));
        let sieve = Sieve::of(values.iter().map(|known| known.folded.as_str()));
        Self { search, values, sieve }
    }

    /// Who is mentioned in a text that those at `level` read, and must not be known to them: from left to right, each
    /// character in one mention at most.
    pub fn find(&self, text: &str, level: usize) -> Vec<Mention> {
        if self.values.is_empty() || !self.sieve.may_hold(text) {
            return Vec::new();
        }
        let folded = fold(text);
        // Hits come by their ends. Those that overlap are one from the first on, so that there are never more than the text is long.
        let mut apart: Vec<Mention> = Vec::new();
        let mut longest: Vec<usize> = Vec::new();
        for hit in self.search.find_overlapping_iter(&folded.text) {
            let value = hit.pattern().as_usize();
            let known = &self.values[value];
            let run = folded.run(hit.start(), hit.end());
            if !known.is_secret(level) || !known.fits(&run, text) {
                continue;
            }
            let mut mention = Mention { span: run.span(), value };
            let mut length = mention.span.end - mention.span.start;
            while let Some(before) = apart.pop_if(|before| before.span.end > mention.span.start) {
                mention.span = Span::new(before.span.start.min(mention.span.start), before.span.end.max(mention.span.end));
                // Who is named by more of it is meant.
                if let Some(own) = longest.pop().filter(|own| *own >= length) {
                    (mention.value, length) = (before.value, own);
                }
            }
            apart.push(mention);
            longest.push(length);
        }
        apart
    }

    /// Whose value it is.
    pub fn identity(&self, value: usize) -> &Identity {
        &self.values[value].identity
    }

    /// A value in its one spelling.
    pub fn folded(&self, value: usize) -> &str {
        &self.values[value].folded
    }

    /// How many values are looked for.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is nobody to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Known {
    /// Whether those at `level` must not know it.
    fn is_secret(&self, level: usize) -> bool {
        self.identity.audience > level && self.code_from.is_none_or(|from| from > level)
    }

    /// Whether what was found is this value and not by chance.
    fn fits(&self, run: &fold::Run<'_>, text: &str) -> bool {
        match self.ascii {
            // Few figures of a day stand in many a number; only the marks between them make them a day.
            Some(_) if self.identity.respelled => {
                let span = run.span();
                let marked = |c: char| if matches!(c, '.' | '/') { '-' } else { c };
                run.stands_alone() && text[span.start..span.end].nfkc().map(marked).eq(self.identity.value.chars().map(marked))
            }
            Some(short) => run.stands_alone() && (!short || run.is_tight()),
            None => self.signs >= TELLING || !run.is_cut(),
        }
    }
}

/// Whether a pattern fits a value from end to end.
pub fn is_whole(pattern: &regex::Regex, value: &str) -> bool {
    pattern.find(value).is_some_and(|found| found.as_str() == value)
}

/// The shapes of codes, such as the numbers of participants, with the lowest audience that sees a field of such a shape.
pub fn code_shapes(rulebook: &Rulebook) -> Vec<(&regex::Regex, usize)> {
    let fields = rulebook.forms.iter().flat_map(|form| &form.fields);
    let all = fields.flat_map(|field| std::iter::once(field).chain(&field.columns));
    let mut shapes: BTreeMap<&str, (&regex::Regex, usize)> = BTreeMap::new();
    for field in all.filter(|field| field.identifies.is_none()) {
        let Some(pattern) = &field.pattern else { continue };
        let shape = shapes.entry(pattern.as_str()).or_insert((pattern, field.audience));
        shape.1 = shape.1.min(field.audience);
    }
    shapes.into_values().collect()
}

/// A search for all of some values at once.
pub fn search(values: impl IntoIterator<Item: AsRef<[u8]>>) -> AhoCorasick {
    // Only a value too long for an index of 32 bits could fail here; then there is nothing that could hold it either.
    AhoCorasick::new(values).or_else(|_| AhoCorasick::new::<_, Vec<u8>>([])).expect("an empty search is one")
}

/// Which of some values, by their number, occur in texts that everybody may read.
pub fn common<'v, T: AsRef<str>>(values: impl Iterator<Item = &'v String>, open: &[T]) -> BTreeSet<usize> {
    if open.is_empty() {
        return BTreeSet::new();
    }
    let Ok(search) = AhoCorasick::new(values) else { return BTreeSet::new() };
    open.iter().flat_map(|text| search.find_overlapping_iter(text.as_ref()).map(|hit| hit.pattern().as_usize())).collect()
}

#[cfg(test)]
mod tests;
