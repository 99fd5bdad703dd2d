//! Changes as a patch that `git apply` takes.

use similar::TextDiff;

/// What becomes of a file, by its path in the archive; `old` is what it holds, if it is there.
pub fn render(path: &str, old: Option<&str>, new: &str) -> String {
    let from = old.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
    TextDiff::from_lines(old.unwrap_or_default(), new).unified_diff().context_radius(3).header(&from, &format!("b/{path}")).to_string()
}
