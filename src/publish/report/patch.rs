//! Changes as a patch that `git apply` takes.

use similar::TextDiff;

/// What becomes of a file, by its path in the archive.
pub fn render(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}
