//! Feeds: what people subscribe to in a calendar or a reader, made from the same views as the pages.
//!
//! | feed | what | standard |
//! |---|---|---|
//! | [`calendar`] | last days, each an event of a whole day | iCalendar, RFC 5545 |
//! | [`news`] | what was written, changed and approved | Atom, RFC 4287 |
//!
//! The same commit and the same day give the same bytes: times are those of the data. What identifies an event or an entry is
//! made from the organisation, the rule and the record, so it stays when a deadline moves, and is the same in every
//! calendar that has it. A page opened from a folder has no address that a calendar could lead to: where the archive does not say at which
//! address its site is served (`site-url`), events lead nowhere and name the record; links of news are relative to the feed.

pub mod calendar;
pub mod news;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::view::Feeds;
use super::write::Sink;

/// Hands over all feeds.
pub fn put(feeds: &Feeds<'_>, sink: &dyn Sink) {
    feeds.calendars.par_iter().for_each(|(url, view)| sink.put(url, None, calendar::render(&view.get(), &feeds.about).as_bytes()));
    feeds.news.par_iter().for_each(|(url, view)| sink.put(url, None, news::render(url, view, &feeds.about).as_bytes()));
}

/// A UUID that is always the same for the same words (RFC 9562, version 8).
fn uuid(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word);
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_the_same_thing() {
        let one = uuid(&["机构", "R1", "A-01"]);
        assert_eq!(one, uuid(&["机构", "R1", "A-01"]));
        assert!(one != uuid(&["机构", "R1A", "-01"]) && one != uuid(&["机构", "R1", "A-02"]));
        assert!(one.len() == 36 && one.as_bytes()[14] == b'8' && b"89ab".contains(&one.as_bytes()[19]), "{one}");
    }
}
