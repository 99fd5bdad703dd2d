//! The branch that is checked out, by name: it leaves with every push.

use std::fs;
use std::path::{Path, PathBuf};

/// The name of the branch that is checked out around `root`; none for a bare commit, and where there is no repository.
pub(super) fn checked_out(root: &Path) -> Option<String> {
    let root = root.canonicalize().ok()?;
    let git = root.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    let head = fs::read_to_string(folder(&git)?.join("HEAD")).ok()?;
    Some(head.strip_prefix("ref: refs/heads/")?.trim_end().to_owned())
}

/// The folder of a repository: `.git` itself, or what it names in a further working tree.
fn folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = fs::read_to_string(git).ok()?;
    Some(git.parent()?.join(text.strip_prefix("gitdir: ")?.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_is_read_where_git_keeps_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("a/.git/worktrees/b")).expect("a folder");
        fs::create_dir_all(at("a/archive")).expect("a folder");
        fs::create_dir_all(at("b")).expect("a folder");
        fs::write(at("a/.git/HEAD"), "ref: refs/heads/case/甲\n").expect("written");
        fs::write(at("a/.git/worktrees/b/HEAD"), "0123456789012345678901234567890123456789\n").expect("written");
        fs::write(at("b/.git"), "gitdir: ../a/.git/worktrees/b\n").expect("written");
        assert_eq!(checked_out(&at("a")).as_deref(), Some("case/甲"));
        assert_eq!(checked_out(&at("a/archive")).as_deref(), Some("case/甲"));
        assert_eq!(checked_out(&at("b")), None);
        assert_eq!(checked_out(&at("c")), None);
    }
}
