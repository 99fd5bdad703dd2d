//! What a push takes along: commits that the other side does not have, with their messages and the names in them.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Commit, Oid};
use crate::failure::Failure;
use crate::say;

/// A commit that is about to leave.
#[derive(Debug)]
pub struct Outgoing {
    /// Its id, short.
    pub commit: String,
    /// What it says.
    pub message: String,
    /// The paths that it changes, as the repository has them.
    pub paths: BTreeSet<String>,
}

/// The commits that `new` reaches and neither `old` nor anything last fetched from `remote` does, oldest first.
pub fn outgoing(root: &Path, remote: &str, old: Option<Oid>, new: Oid) -> Result<Vec<Outgoing>, Failure> {
    let read = || -> Result<Vec<Outgoing>, git2::Error> {
        let repo = git2::Repository::discover(root)?;
        let mut walk = repo.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)?;
        walk.push(new.git())?;
        walk.hide_glob(&format!("refs/remotes/{remote}/*"))?;
        if let Some(old) = old.filter(|old| repo.find_commit(old.git()).is_ok()) {
            walk.hide(old.git())?;
        }
        walk.map(|id| one(&repo, &repo.find_commit(id?)?)).collect()
    };
    read().map_err(|error| Failure::new(say!("读不到要推送的提交", "cannot read the commits that are to be pushed"), error.message()))
}

fn one(repo: &git2::Repository, commit: &git2::Commit<'_>) -> Result<Outgoing, git2::Error> {
    let before = commit.parent(0).ok().and_then(|parent| parent.tree().ok());
    let diff = repo.diff_tree_to_tree(before.as_ref(), Some(&commit.tree()?), None)?;
    let paths = diff.deltas().filter_map(|delta| Some(delta.new_file().path()?.to_string_lossy().into_owned())).collect();
    let Commit { id, message, .. } = Commit::from(commit);
    Ok(Outgoing { commit: id.short(), message, paths })
}
