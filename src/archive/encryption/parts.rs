//! Where the values and sections of a record stand as text, and how one is put in the place of another.
//!
//! What is encrypted is the very text: behind the colon of a field to the end of its value, comments included, or a section
//! between its blank lines. So a record that is decrypted again is the same to the byte.

use super::armour;
use crate::archive::Record;
use crate::archive::record::Section;
use crate::source::Span;
use crate::yaml::{Key, Node};

/// Fences around the armour of a section; ours is the first.
const FENCES: [&str; 2] = ["```", "~~~"];

/// A field or section as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Whether it is a section.
    pub section: bool,
    /// What is encrypted or decrypted: the text, or the armour with what belongs to it.
    pub span: Span,
    /// Whether the text holds armour.
    pub encrypted: bool,
    /// Whether something stands beside the armour.
    pub mixed: bool,
}

/// The parts of a record that say something. A field that does not begin a line of its own, as in a front matter in braces, is
/// none.
pub fn of(record: &Record) -> Vec<Part> {
    let mut pairs: Vec<&(Key, Node)> = record.fields.as_map().unwrap_or_default().iter().collect();
    pairs.sort_by_key(|(key, _)| key.span.start);
    let text = record.source.text();
    let begins_line = |at: usize| at == record.front.start || text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\n');
    let mut parts = Vec::new();
    for (nth, (key, node)) in pairs.iter().enumerate() {
        let until = pairs.get(nth + 1).map_or(record.front.end, |(next, _)| next.span.start);
        let Some(colon) = text.get(key.span.end..until).and_then(|rest| rest.find(':')) else { continue };
        if node.is_empty() || !begins_line(key.span.start) || !begins_line(until) {
            continue;
        }
        let start = key.span.end + colon + 1;
        let span = Span::new(start, start + value_of(&text[start..until]).len());
        let encrypted = armour::find(record.source.slice(span)).is_some();
        parts.push(Part { name: key.text.clone(), section: false, span, encrypted, mixed: false });
    }
    for section in record.sections.iter().filter(|section| record.says(&section.name)) {
        parts.push(section_part(text, section));
    }
    parts
}

/// A value without the blank lines and the comments of their own that stand before the next field.
fn value_of(text: &str) -> &str {
    let mut rest = text.trim_end();
    while let Some((before, _)) = rest.rsplit_once('\n').filter(|(_, last)| last.starts_with('#')) {
        rest = before.trim_end();
    }
    rest
}

fn section_part(text: &str, section: &Section) -> Part {
    let body = &text[section.body.start..section.body.end];
    let whole = Span::new(section.body.start + (body.len() - body.trim_start().len()), section.body.start + body.trim_end().len());
    let part = |span: Span, encrypted, mixed| Part { name: section.name.clone(), section: true, span, encrypted, mixed };
    let Some(begin) = armour::find(&text[whole.start..whole.end]).map(|at| whole.start + at) else { return part(whole, false, false) };
    let mut span = Span::new(begin, armour::read(&text[begin..whole.end]).map_or(whole.end, |sealed| begin + sealed.span.end));
    let before = text[whole.start..span.start].trim_end();
    let opening = before.rsplit('\n').next().unwrap_or_default();
    if let Some(fence) = FENCES.iter().find(|fence| opening.trim_start().starts_with(**fence)) {
        span.start = whole.start + before.len() - opening.len();
        let behind = &text[span.end..whole.end];
        if behind.trim_start().lines().next().is_some_and(|line| line.trim_end() == *fence) {
            span.end += behind.len() - behind.trim_start().len() + fence.len();
        }
    }
    part(span, true, span != whole)
}

impl Part {
    /// What takes the place of the part when it is encrypted.
    pub fn armoured(&self, file: &[u8], line_end: &str) -> String {
        let lines = armour::lines(file);
        if self.section {
            let [fence, _] = FENCES;
            return format!("{fence}age{line_end}{}{line_end}{fence}", lines.join(line_end));
        }
        lines.into_iter().fold(" |".to_owned(), |out, line| out + line_end + "  " + &line)
    }
}

/// How lines of a text end.
pub fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A text with some parts replaced.
pub fn replaced(text: &str, mut changes: Vec<(Span, String)>) -> String {
    changes.sort_by_key(|(span, _)| span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new) in changes {
        out.push_str(&text[at..span.start]);
        out.push_str(&new);
        at = span.end;
    }
    out + &text[at..]
}

#[cfg(test)]
mod tests {
    use super::super::cipher::{self, DossierKey};
    use super::*;
    use crate::source::Source;

    fn record(text: &str) -> Record {
        Record::parse(&Source::new("cases/A/C03.md", text)).0
    }

    /// Everything encrypted, then decrypted.
    fn there_and_back(text: &str) -> (String, String) {
        let key = DossierKey::generate();
        let before = record(text);
        let seal = |part: &Part| {
            let file = cipher::encrypt(&key.public(), before.source.slice(part.span)).expect("encrypted");
            (part.span, part.armoured(&file, line_end(text)))
        };
        let encrypted = replaced(text, of(&before).iter().map(seal).collect());
        let after = record(&encrypted);
        assert!(!after.unreadable, "{encrypted}");
        let open = |part: &Part| {
            assert!(part.encrypted && !part.mixed, "{part:?}\n{encrypted}");
            let sealed = armour::read(after.source.slice(part.span)).expect("armour");
            (part.span, key.decrypt(&sealed).expect("decrypted"))
        };
        let plain = replaced(&encrypted, of(&after).iter().map(open).collect());
        (encrypted, plain)
    }

    #[test]
    fn a_record_comes_back_to_the_byte() {
        let text = "---\n甲: 陈某某  # 化名\n乙:\n  - { 姓名: 张三 }\n  # 里面的\n  - 姓名: |\n      两\n\n      行\n# 外面的\n\n丙: [一, 二]\n丁: \"a: b\"\n戊:\n---\n\n## 一\n\n正文<!-- 注 -->\n\n```\n## 不是\n```\n\n\n## 二\n尾";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let (encrypted, plain) = there_and_back(&text);
            assert_eq!(plain, text);
            for word in ["陈某某", "化名", "张三", "里面的", "正文", "尾"] {
                assert!(!encrypted.contains(word), "{word} in\n{encrypted}");
            }
            assert!(encrypted.contains("# 外面的") && encrypted.contains("戊:"));
        }
    }

    #[test]
    fn fields_in_braces_are_no_parts() {
        assert_eq!(of(&record("---\n{甲: 1, 乙: 2}\n---\n")), []);
    }

    #[test]
    fn what_stands_beside_armour_is_seen() {
        let key = DossierKey::generate();
        let file = cipher::encrypt(&key.public(), "甲").expect("encrypted");
        let block = format!("```age\n{}\n```", armour::lines(&file).join("\n"));
        let mixed = |body: &str| of(&record(&format!("---\n甲: 1\n---\n## 一\n\n{body}\n"))).pop().expect("a section").mixed;
        assert!(!mixed(&block));
        assert!(!mixed(&block.replace("```", "~~~")));
        assert!(!mixed(&armour::lines(&file).join("\n")));
        assert!(mixed(&format!("{block}\n\n后来补的")));
        assert!(mixed(&format!("先写的\n\n{block}")));
    }
}
