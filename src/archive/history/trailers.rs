//! The lines `Approved-by: Name <address>` at the end of a commit message.
//!
//! Read here rather than by libgit2, which stops at any line `---` and keeps carriage returns, so
//! that the result is git's own (`git log --format=%(trailers)`) wherever every line is a trailer.

/// The trailers of a message in their order, keys as written (compare them without ASCII case).
///
/// They are the lines of the last paragraph, unless that is the subject. Every line of it must be
/// a trailer, the continuation of one, or `(cherry picked from commit …)`; otherwise the paragraph
/// is prose and holds none.
pub fn trailers(message: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = message.lines().collect();
    fn blank(line: &&str) -> bool {
        line.trim_ascii().is_empty()
    }
    let Some(last) = lines.iter().rposition(|line| !blank(line)) else { return Vec::new() };
    let Some(gap) = lines[..last].iter().rposition(blank) else { return Vec::new() };
    if lines[..gap].iter().all(blank) {
        return Vec::new();
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in &lines[gap + 1..=last] {
        if line.starts_with([' ', '\t']) {
            let Some((_, value)) = found.last_mut().filter(|_| open) else { return Vec::new() };
            *value = format!("{value} {}", line.trim()).trim().to_owned();
        } else if line.starts_with("(cherry picked from commit ") {
            open = false;
        } else if let Some((key, value)) = trailer(line) {
            found.push((key.to_owned(), value.to_owned()));
            open = true;
        } else {
            return Vec::new();
        }
    }
    found
}

/// `Key: value`, the key of ASCII letters, digits and hyphens; spaces before the colon are allowed.
fn trailer(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end_matches([' ', '\t']);
    let good = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, message, trailers.
    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

    #[test]
    fn table() {
        let cases: &[Case] = &[
            ("one", "Subject\n\nReviewed-by: 王芳 <wang@example.org>\n", &[("Reviewed-by", "王芳 <wang@example.org>")]),
            ("several, text before", "S\n\ntext\n\nA-b: 1\nC:2\n", &[("A-b", "1"), ("C", "2")]),
            ("carriage returns", "S\r\n\r\nA: 1\r\nB: 2\r\n\r\n", &[("A", "1"), ("B", "2")]),
            ("a divider in the body", "S\n\nabove\n---\nbelow\n\nApproved-by: w <w@x>\n", &[("Approved-by", "w <w@x>")]),
            ("a divider paragraph", "S\n\n---\n\nApproved-by: w <w@x>\n", &[("Approved-by", "w <w@x>")]),
            ("a divider in the block", "S\n\nApproved-by: w <w@x>\n---\n", &[]),
            ("continuation", "S\n\nA: one\n two\n\tthree\nB: x\n", &[("A", "one two three"), ("B", "x")]),
            ("continuation of an empty value", "S\n\nA:\n two\n", &[("A", "two")]),
            ("continuation of nothing", "S\n\n A: one\n", &[]),
            ("cherry pick", "S\n\nA: 1\n(cherry picked from commit 0123456)\nB: 2\n", &[("A", "1"), ("B", "2")]),
            ("subject only", "Approved-by: w <w@x>\n", &[]),
            ("subject only, of two lines", "Fix\nApproved-by: w <w@x>\n", &[]),
            ("subject only, after blank lines", "\n\nApproved-by: w <w@x>\n", &[]),
            ("Chinese key spoils the paragraph", "S\n\n审批人: 王芳\nApproved-by: w <w@x>\n", &[]),
            ("full-width colon is prose", "S\n\nApproved-by\u{ff1a}w <w@x>\n", &[]),
            ("prose spoils the paragraph", "S\n\nApproved-by: w <w@x>\nthanks\n", &[]),
            ("not the last paragraph", "S\n\nApproved-by: w <w@x>\n\nthanks\n", &[]),
            ("spaces before the colon", "S\n\nA : 1\n", &[("A", "1")]),
            ("a space in the key", "S\n\nA b: 1\n", &[]),
            ("empty value", "S\n\nA:\n", &[("A", "")]),
            ("a blank line of spaces parts", "S\n \t\nA: 1\n", &[("A", "1")]),
            ("an address counts as git has it", "S\n\nhttps://example.org/1\nA: 1\n", &[("https", "//example.org/1"), ("A", "1")]),
            ("nothing", "", &[]),
        ];
        for (name, message, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            assert_eq!(trailers(message), expected, "{name}");
        }
    }
}
