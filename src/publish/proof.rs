//! The proof that an output holds nothing that identifies anybody whom its audience may not know.
//!
//! Views decide what an audience sees; this does not trust them. After everything is made, every file of the output is
//! searched for every identity of the archive above the audience, in all the ways in which it may be written: as it is, escaped
//! for HTML, JSON and addresses, in UTF-16 and GBK; in names of files; in the text, the properties, the strings and the
//! attachments of PDFs; in what PNG and JPEG pictures say of themselves; in ZIP files, which workbooks and documents are, and
//! in gzip. What people read of it is searched again in one spelling for all, as texts are when they are written
//! ([`Mentions`]): with spaces or marks between the characters, in full width, in traditional characters. One hit, and nothing
//! is published. A finding names the output, the record and the field, never the value.
//!
//! Scans and other originals of the archive are never copied into an output, so there is nothing in them to search; pictures
//! and files of the archive's own theme are. Not looked into are what is encrypted, packed otherwise or shown as pixels only.
//!
//! What cannot be evidence is not searched: a value of one character or of a few letters and digits, and words that everybody sees anyway
//! because the rulebook, the built-in theme or the register of staff has them, or that are codes of a shape that they see. The rulebook may name more
//! (`common-words`). How many those are is said.

mod heads;
mod inside;
mod pieces;
mod spellings;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

use aho_corasick::AhoCorasick;

use crate::diagnostic::Diagnostic;
use crate::rulebook::Rulebook;
use crate::rulebook::identities::{Identity, telling};
use crate::rulebook::mentions::{Mentions, common, search};
use crate::say;
use heads::Heads;
use pieces::{Edges, Pieces, Searched};
use words::Words;

/// In bytes that are no text a shorter hit is chance: of compressed data there are hundreds of megabytes.
const CHANCE: usize = 6;

/// Most findings that are told one by one.
const TOLD: usize = 50;

/// A search for identities, made once for an output.
pub struct Proof {
    /// The values as texts have them, by their index in `values`.
    texts: Heads,
    /// The same in the encodings of what is no UTF-8, made when the first such file comes.
    others: OnceLock<Others>,
    /// What is searched for, each value once, in order, with where it stands.
    values: Vec<(String, Identity)>,
    /// The same values in one spelling for all.
    mentions: Mentions,
    /// Values that cannot be evidence.
    passed_over: usize,
    /// What was searched already and is clean, of every thread that is not searching now.
    known: Mutex<Vec<Pieces>>,
    /// Whether no value goes on where a page may be cut.
    cuttable: bool,
}

/// The values as they are written where there is no UTF-8.
struct Others {
    search: AhoCorasick,
    /// The value of each pattern, as an index, and whether it is GBK.
    of: Vec<(usize, bool)>,
}

impl Others {
    fn of(values: &[(String, Identity)]) -> Self {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (nth, (value, _)) in values.iter().enumerate() {
            let encoded = spellings::utf16(value).map(|own| (own, false)).into_iter().chain(spellings::gbk(value).map(|own| (own, true)));
            for (pattern, gbk) in encoded {
                patterns.push(pattern);
                of.push((nth, gbk));
            }
        }
        Self { search: search(patterns), of }
    }
}

/// A value in an output where it must not be: the path, and the value as an index.
pub type Leak = (String, usize);

impl Proof {
    /// Prepares the search for what is above `level`. `open` is what everybody may read: a value that occurs in it proves
    /// nothing; nor does one that has the shape of a code that the audience sees.
    pub fn new(identities: Vec<Identity>, level: usize, open: &[String], is_code: &dyn Fn(&str) -> bool) -> Self {
        let mut values: BTreeMap<String, Identity> = BTreeMap::new();
        let mut weak: BTreeSet<String> = BTreeSet::new();
        for identity in identities.into_iter().filter(|identity| identity.audience > level) {
            if telling(&identity.value) && !is_code(&identity.value) {
                values.entry(identity.value.clone()).or_insert(identity);
            } else {
                weak.insert(identity.value);
            }
        }
        let common = common(values.keys(), open);
        let mut at = 0;
        let values: Vec<(String, Identity)> = values.into_iter().filter(|_| (!common.contains(&at), at += 1).0).collect();
        let spelled = |(nth, (value, _)): (usize, &(String, Identity))| spellings::of(value).into_iter().map(move |own| (own, nth));
        let texts = || Heads::of(values.iter().enumerate().flat_map(spelled).collect());
        let mentions = || Mentions::of(values.iter().map(|(_, identity)| identity.clone()).collect(), &Rulebook::default(), &[]);
        let (texts, mentions) = rayon::join(texts, mentions);
        let cuttable = values.iter().all(|(value, _)| !value.contains(">\n"));
        let passed_over = weak.len() + common.len();
        Self { texts, others: OnceLock::new(), values, mentions, passed_over, known: Mutex::default(), cuttable }
    }

    /// How many values are searched for, each in all its spellings, and how many cannot be evidence.
    pub fn counts(&self) -> (usize, usize) {
        (self.values.iter().filter(|(_, identity)| !identity.respelled).count(), self.passed_over)
    }

    /// What a leak is of.
    pub fn identity(&self, value: usize) -> &Identity {
        &self.values[value].1
    }

    /// Whether there is nothing to search for.
    pub fn is_idle(&self) -> bool {
        self.values.is_empty()
    }

    /// The values that a file of the output holds.
    pub fn leaks(&self, path: &str, content: &[u8]) -> Vec<Leak> {
        let mut found = BTreeSet::new();
        self.look(path.as_bytes(), true, &mut found);
        match self.look_piecewise(content) {
            Some(mut own) => found.append(&mut own),
            None => self.look(content, false, &mut found),
        }
        for piece in inside::of(content) {
            self.look(&piece.bytes, piece.says, &mut found);
        }
        found.into_iter().map(|value| (path.to_owned(), value)).collect()
    }

    /// Notes the values in some bytes; in those that are there to say something, and in texts, also short ones.
    fn look(&self, bytes: &[u8], says: bool, found: &mut BTreeSet<usize>) {
        match std::str::from_utf8(bytes) {
            Ok(text) => drop(self.look_at_text(text, found)),
            Err(_) => self.look_for_bytes(bytes, if says { 0 } else { CHANCE }, false, found),
        }
    }

    /// Notes the values in a text; what people read of it.
    fn look_at_text<'t>(&self, text: &'t str, found: &mut BTreeSet<usize>) -> Words<'t> {
        let read = words::of(text);
        self.look_for_bytes(text.as_bytes(), 0, true, found);
        self.look_for_words(&read.words, found);
        read
    }

    /// The values in a page, of which most was searched before; none where it cannot be searched by pieces.
    fn look_piecewise(&self, page: &[u8]) -> Option<BTreeSet<usize>> {
        if !self.cuttable || page.first() != Some(&b'<') {
            return None;
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut pieces, mut all) = (known().pop().unwrap_or_default(), BTreeSet::new());
        let done = pieces.search(page, |piece| {
            let text = std::str::from_utf8(piece).ok().filter(|text| !text.contains('\0'))?;
            let mut here = BTreeSet::new();
            let read = self.look_at_text(text, &mut here);
            let clean = here.is_empty();
            all.append(&mut here);
            Some(Searched { clean, edges: read.closed.then(|| Edges::of(&read.words)) })
        });
        known().push(pieces);
        done.then_some(all)
    }

    /// Notes the values in what people read, however they are spelled.
    fn look_for_words(&self, text: &str, found: &mut BTreeSet<usize>) {
        for mention in self.mentions.find(text, 0) {
            let value = &self.mentions.identity(mention.value).value;
            if value.is_ascii() && !words::is_spaced(&text[mention.span.start..mention.span.end]) {
                continue;
            }
            found.extend(self.values.binary_search_by(|(own, _)| own.cmp(value)));
        }
    }

    /// Notes the values in some bytes, of hits with at least so many. What is UTF-8 is nothing else; only that UTF-16 of plain
    /// digits and letters is UTF-8 too, with noughts between.
    fn look_for_bytes(&self, bytes: &[u8], least: usize, is_utf8: bool, found: &mut BTreeSet<usize>) {
        self.texts.find(bytes, |value, length| {
            if length >= least {
                found.insert(value);
            }
        });
        if is_utf8 && !bytes.contains(&0) {
            return;
        }
        let others = self.others.get_or_init(|| Others::of(&self.values));
        for hit in others.search.find_overlapping_iter(bytes).filter(|hit| hit.len() >= least) {
            let (value, gbk) = others.of[hit.pattern().as_usize()];
            if !(gbk && is_utf8) {
                found.insert(value);
            }
        }
    }

    /// The findings: where in the archive stands what is in which output.
    pub fn findings(&self, leaks: &[Leak]) -> Vec<Diagnostic> {
        let one = |(path, value): &Leak| {
            let Identity { record, field, place, .. } = self.identity(*value);
            let mut d = Diagnostic::error(
                "E101",
                place.clone(),
                say!(
                    "输出 {path} 里有 {record} 的「{field}」，这一级受众不得看到",
                    "{path} holds `{field}` of {record}, which this audience must not see"
                ),
            )
            .help(say!(
                "查明是模板、填写还是级别的缘故；各处都看得到的词，由制度写进 common-words",
                "find out whether a template, a record or an audience is the cause; a word that everybody sees goes into `common-words`"
            ))
            .key(format!("{path} {record} {field}"));
            d.private = true;
            d
        };
        leaks.iter().take(TOLD).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rulebook::identities::sample::identity;

    #[test]
    fn values_are_found_however_they_are_written() {
        let proof = Proof::new(vec![identity("陈小明<A&B>", 3), identity("13800000001", 3)], 1, &[], &|_| false);
        let utf16: Vec<u8> = "陈小明<A&B>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let texts: [&[u8]; 6] = [
            "<p>陈小明<A&B></p>".as_bytes(),
            "<p>陈小明&lt;A&amp;B&gt;</p>".as_bytes(),
            br#"{"a":"\u9648\u5c0f\u660e<A&B>"}"#,
            b"href=\"%E9%99%88%E5%B0%8F%E6%98%8E%3CA%26B%3E\"",
            &utf16,
            "电话 13800000001。".as_bytes(),
        ];
        for text in texts {
            assert_eq!(proof.leaks("a.html", text).len(), 1, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(proof.leaks("records/13800000001.html", b"").len(), 1, "in the name of a file");
        assert!(proof.leaks("a.html", "陈小明 1380000000".as_bytes()).is_empty());
        let quoted = Proof::new(vec![identity("陈\"小明", 3)], 1, &[], &|_| false);
        assert_eq!(quoted.leaks("search/texts-000.js", br#"f("t",["\u9648\"\u5c0f\u660e"])"#).len(), 1);
        assert_eq!(quoted.leaks("search/texts-000.js", r#"f("t",["陈\"小明"])"#.as_bytes()).len(), 1);
        // A calendar breaks its lines where it likes, in the middle of a number too.
        let folded = "BEGIN:VCALENDAR\r\nSUMMARY:回访 1380\r\n 0000001\r\nEND:VCALENDAR\r\n";
        assert_eq!(proof.leaks("feeds/all.ics", folded.as_bytes()).len(), 1);
        // Four bytes of compressed data may be anything.
        let short = Proof::new(vec![identity("陈明", 3)], 1, &[], &|_| false);
        let chance: Vec<u8> = [0xFF, 0xFE].into_iter().chain("陈明".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert!(short.leaks("a.png", &chance).is_empty());
        assert_eq!(short.leaks("a.png", &[&chance, "陈明".as_bytes()].concat()).len(), 1);
    }

    proptest! {
        #[test]
        fn pages_searched_by_pieces_hold_what_they_hold_as_a_whole(pages in proptest::collection::vec(page(), 1..4)) {
            let people = ["陈小明", "欧阳静", "13800000001", "a陈", "静>\n<"].map(|value| identity(value, 3));
            for people in [&people[..4], &people[..]] {
                let proof = Proof::new(people.to_vec(), 1, &[], &|_| false);
                for page in pages.iter().chain(&pages) {
                    let mut whole = BTreeSet::new();
                    proof.look(page.as_bytes(), false, &mut whole);
                    let found: BTreeSet<usize> = proof.leaks("a.html", page.as_bytes()).into_iter().map(|(_, value)| value).collect();
                    prop_assert_eq!(found, whole, "{}", page);
                }
            }
        }
    }

    /// A page in which names begin and end anywhere.
    fn page() -> impl Strategy<Value = String> {
        let bits = ["陈", "小", "明", "欧", "阳", "静", "a", "138", "0000", "0001", "小明", "&#26126;", "。", " ", "\0"];
        let tags = ["<b>", "</b>\n", ">\n<", "</td>\n<td>", "</b></td>\n <td>", "<a title=\"", "\">\n", "<i title='陈'>\n", "<", "\n"];
        let bit = prop_oneof![proptest::sample::select(bits.to_vec()), proptest::sample::select(tags.to_vec())];
        proptest::collection::vec(bit, 0..24).prop_map(|bits| format!("<p>{}", bits.concat()))
    }

    #[test]
    fn what_proves_nothing_is_passed_over_and_counted() {
        let open = ["家属、居委会、其他".to_owned()];
        let values = ["报", "", "居委会", "V12", "陈小明", "公开的", "P07号"];
        let all = values.iter().map(|value| identity(value, if *value == "公开的" { 1 } else { 3 })).collect();
        let proof = Proof::new(all, 1, &open, &|value| value.starts_with('P'));
        assert_eq!(proof.counts(), (1, 5));
        assert!(proof.leaks("a", "报 居委会 V12 公开的".as_bytes()).is_empty());
        assert_eq!(proof.leaks("a", "陈小明".as_bytes()).len(), 1);
    }

    #[test]
    fn overlapping_values_are_each_found_and_findings_do_not_say_them() {
        let proof = Proof::new(vec![identity("陈小明", 3), identity("陈小明明", 3), identity("小明明", 3)], 1, &[], &|_| false);
        let leaks = proof.leaks("a.html", "陈小明明".as_bytes());
        assert_eq!(leaks.len(), 3);
        let found = proof.findings(&leaks);
        assert!(found.iter().all(|d| d.private && !d.message.zh.contains("小明") && d.message.zh.contains("案主姓名")));
    }
}
