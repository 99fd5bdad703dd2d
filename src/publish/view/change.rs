//! What changed in a text, told by the parts that changed and a little around them.
//!
//! Compared word by word, where a Han character is a word of its own; what stays between two changes and is shorter than a
//! word or two is counted as changed with them, so that a rewritten sentence reads as one. Long stretches that stayed are cut.

use serde::Serialize;
use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// A stretch of a changed text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `same`, `old` or `new`.
    pub kind: &'static str,
    /// What stands there; `…` within what stayed marks what was cut.
    pub text: String,
}

/// What stays between two changes and has no more characters than this is told as changed.
const BRIDGE: usize = 2;
/// So many characters of what stayed are told before and after a change.
const AROUND: usize = 12;
/// Values of no more characters are told whole.
const SHORT: usize = 12;
/// Longest text of one stretch that is told whole, in characters.
const LONGEST: usize = 400;
/// Words beyond this are not compared: the texts are told as old and new.
const MOST: usize = 20_000;

/// The stretches of a change, in the order of the text: of each change first what was there, then what is. None for short
/// values and for what came or went as a whole, which read better one beside the other.
pub fn parts(old: &str, new: &str) -> Vec<Part> {
    if old.is_empty() || new.is_empty() || old.chars().count().max(new.chars().count()) <= SHORT {
        return Vec::new();
    }
    runs(old, new).map_or_else(|| vec![part("old", cut(old)), part("new", cut(new))], |runs| told(&bridged(runs)))
}

/// What stayed, went and came, in the order of the text; none where there are too many words to compare.
fn runs(old: &str, new: &str) -> Option<Vec<(ChangeTag, String)>> {
    let (head, tail) = ends(old, new);
    let (before, after) = (words(&old[head..old.len() - tail]), words(&new[head..new.len() - tail]));
    if before.len().max(after.len()) > MOST {
        return None;
    }
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    let mut add = |tag, text: &str| match runs.last_mut() {
        Some((last, run)) if *last == tag => run.push_str(text),
        _ if text.is_empty() => {}
        _ => runs.push((tag, text.to_owned())),
    };
    add(ChangeTag::Equal, &old[..head]);
    for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
        op.iter_changes(&before, &after).for_each(|change| add(change.tag(), change.value()));
    }
    add(ChangeTag::Equal, &old[old.len() - tail..]);
    Some(runs)
}

/// How many bytes of whole words both texts have in common at the beginning, and at the end of what is left. Most of a text
/// stays, and this is found without taking it to pieces.
fn ends(old: &str, new: &str) -> (usize, usize) {
    let word = |c: char| c.is_ascii_alphanumeric();
    let same = |(a, b): &(char, char)| a == b;
    let bytes = |(c, _): (char, char)| c.len_utf8();
    let mut head: usize = old.chars().zip(new.chars()).take_while(same).map(bytes).sum();
    if old[head..].starts_with(word) || new[head..].starts_with(word) {
        head = old[..head].trim_end_matches(word).len();
    }
    let (old, new) = (&old[head..], &new[head..]);
    let mut tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(same).map(bytes).sum();
    let before = |text: &str| text[..text.len() - tail].ends_with(word);
    if before(old) || before(new) {
        tail = old[old.len() - tail..].trim_start_matches(word).len();
    }
    (head, tail)
}

/// One place of the text: what stayed, or what was replaced by what.
enum Piece {
    Same(String),
    Changed(String, String),
}

/// Changes with next to nothing between them as one.
fn bridged(runs: Vec<(ChangeTag, String)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let count = runs.len();
    for (at, (tag, text)) in runs.into_iter().enumerate() {
        let inner = at > 0 && at + 1 < count;
        match (tag, pieces.last_mut()) {
            (ChangeTag::Equal, Some(Piece::Changed(old, new))) if inner && text.chars().count() <= BRIDGE => {
                old.push_str(&text);
                new.push_str(&text);
            }
            (ChangeTag::Equal, _) => pieces.push(Piece::Same(text)),
            (ChangeTag::Delete, Some(Piece::Changed(old, _))) => old.push_str(&text),
            (ChangeTag::Delete, _) => pieces.push(Piece::Changed(text, String::new())),
            (ChangeTag::Insert, Some(Piece::Changed(_, new))) => new.push_str(&text),
            (ChangeTag::Insert, _) => pieces.push(Piece::Changed(String::new(), text)),
        }
    }
    pieces
}

fn told(pieces: &[Piece]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Same(text) => parts.push(part("same", around(text, at > 0, at + 1 < pieces.len()))),
            Piece::Changed(old, new) => {
                parts.extend((!old.is_empty()).then(|| part("old", cut(old))));
                parts.extend((!new.is_empty()).then(|| part("new", cut(new))));
            }
        }
    }
    parts
}

fn part(kind: &'static str, text: String) -> Part {
    Part { kind, text }
}

/// The ends of what stayed that touch a change.
fn around(text: &str, after: bool, before: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = (if after { AROUND } else { 0 }, if before { AROUND } else { 0 });
    if chars.len() <= head + tail + 2 {
        return text.to_owned();
    }
    chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST - 1).chain(['…']).collect() }
}

/// Runs of letters and digits, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            words.push(&text[from..at]);
        }
        words.push(&text[at..at + c.len_utf8()]);
    }
    words.extend(start.map(|from| &text[from..]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Both texts are told whole, and as much stays as when all of both is compared.
        #[test]
        fn nothing_is_lost_and_no_less_stays(old in "[甲乙丙ab1，é]{0,16}", new in "[甲乙丙ab1，é]{0,16}", end in "[甲乙ab1]{0,6}") {
            let (old, new) = (format!("{old}{end}"), format!("{new}{end}"));
            let runs = runs(&old, &new).unwrap();
            let without = |tag| runs.iter().filter(|run| run.0 != tag).map(|run| run.1.as_str()).collect::<String>();
            proptest::prop_assert_eq!((without(ChangeTag::Insert), without(ChangeTag::Delete)), (old.clone(), new.clone()));
            let stays: usize = runs.iter().filter(|run| run.0 == ChangeTag::Equal).map(|run| words(&run.1).len()).sum();
            let (before, after) = (words(&old), words(&new));
            let all = capture_diff_slices(Algorithm::Myers, &before, &after);
            let kept = |op: &similar::DiffOp| op.iter_changes(&before, &after).filter(|change| change.tag() == ChangeTag::Equal).count();
            proptest::prop_assert_eq!(stays, all.iter().map(kept).sum::<usize>());
        }
    }

    fn said(old: &str, new: &str) -> String {
        let mark = |part: &Part| match part.kind {
            "old" => format!("[-{}-]", part.text),
            "new" => format!("{{+{}+}}", part.text),
            _ => part.text.clone(),
        };
        parts(old, new).iter().map(mark).collect()
    }

    #[test]
    fn changes_read_well() {
        for (old, new, wanted) in [
            ("2026-03-06", "2026-03-07", ""),
            ("", "内部资料不得对外提供的情形", ""),
            ("案主自上月起每周外出两次", "案主自上月起每周外出四次", ""),
            ("案主自上个月起每周外出两次", "案主自上个月起每周外出四次", "案主自上个月起每周外出[-两-]{+四+}次"),
            ("会谈中他说近来睡得不好", "会谈中她讲近日睡眠一直很好", "会谈中[-他说近来睡得不-]{+她讲近日睡眠一直很+}好"),
            ("陈静 13800000001", "陈静 13800000002", "陈静 [-13800000001-]{+13800000002+}"),
        ] {
            assert_eq!(said(old, new), wanted);
        }
    }

    #[test]
    fn what_stayed_is_cut_to_what_stands_around_a_change() {
        let long = "案主和女儿约定每周日晚上通话并且每次都写下一件好事再读给对方听";
        assert_eq!(said(&format!("{long}。"), &format!("{long}；")), "…写下一件好事再读给对方听[-。-]{+；+}");
        let both = |a: &str| format!("甲{a}乙");
        let around = said(&both(long), &both(long).replace('甲', "丙").replace('乙', "丁"));
        assert!(around.starts_with("[-甲-]{+丙+}案主和女儿约定每周日晚上…") && around.ends_with("[-乙-]{+丁+}"), "{around}");
        let huge = "字".repeat(30_000);
        assert_eq!(parts(&huge, "词").iter().map(|part| part.text.chars().count()).collect::<Vec<_>>(), [LONGEST, 1]);
    }
}
