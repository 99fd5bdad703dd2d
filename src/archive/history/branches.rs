//! What branches hold that the main branch does not: the work that waits to be merged.

use std::collections::BTreeMap;

use super::{Blobs, Oid, Signature};

/// So many branches are looked at, the newest first; whoever has more does not read a list of them either.
const MOST: usize = 200;

/// So many commits of one branch are looked at, the newest first.
const DEEPEST: usize = 500;

/// A file that would change if a branch were merged now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its path in the archive.
    pub path: String,
    /// The branch, without the name of a remote.
    pub branch: String,
    /// The commit on the branch that last touched it.
    pub commit: Oid,
    /// Who wrote that commit, and when.
    pub author: Signature,
    /// What would stand there; none where it would be removed.
    pub new: Option<Oid>,
    /// Whether something stands there on the main branch.
    pub stands: bool,
}

impl Blobs {
    /// Everything that waits on branches of this clone and those last fetched, sorted by path and branch. `main` is the tip of the
    /// main branch called `name`; a branch at `head` is not asked, since what it holds is read from the folder.
    pub fn waiting(&self, name: &str, main: Oid, head: Option<Oid>) -> Vec<Waiting> {
        let mut all = self.with(|repo| Ok(self.of_branches(repo, name, main, head))).unwrap_or_default();
        all.sort_by(|a, b| (&a.path, &a.branch).cmp(&(&b.path, &b.branch)));
        all.dedup_by(|a, b| (&a.path, &a.branch) == (&b.path, &b.branch));
        all
    }

    fn of_branches(&self, repo: &git2::Repository, name: &str, main: Oid, head: Option<Oid>) -> Vec<Waiting> {
        let Ok(branches) = repo.branches(None) else { return Vec::new() };
        let mut tips: Vec<(i64, String, git2::Oid)> = Vec::new();
        for (branch, kind) in branches.flatten() {
            let Ok(Some(full)) = branch.name() else { continue };
            let own = match kind {
                git2::BranchType::Local => full,
                git2::BranchType::Remote => full.split_once('/').map_or(full, |(_, own)| own),
            };
            if own == name || own == "HEAD" {
                continue;
            }
            let Some(tip) = branch.get().target().and_then(|id| repo.find_commit(id).ok()) else { continue };
            if head != Some(Oid::of(tip.id())) && tips.iter().all(|(_, _, known)| *known != tip.id()) {
                tips.push((tip.time().seconds(), own.to_owned(), tip.id()));
            }
        }
        tips.sort_by(|a, b| b.cmp(a));
        tips.truncate(MOST);
        // Of a branch that was pushed and worked on since, the newer state waits.
        let mut seen: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for (_, branch, tip) in &tips {
            if !seen.contains(&branch.as_str()) {
                seen.push(branch);
                found.extend(self.of_branch(repo, branch, *tip, main.git()).unwrap_or_default());
            }
        }
        found
    }

    fn of_branch(&self, repo: &git2::Repository, branch: &str, tip: git2::Oid, main: git2::Oid) -> Result<Vec<Waiting>, git2::Error> {
        let mut walk = repo.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL)?;
        walk.push(tip)?;
        walk.hide(main)?;
        let mut touched: BTreeMap<String, git2::Oid> = BTreeMap::new();
        for id in walk.take(DEEPEST) {
            let commit = repo.find_commit(id?)?;
            // A merge brings what others wrote; theirs are looked at themselves.
            if commit.parent_count() > 1 {
                continue;
            }
            let before = commit.parent(0).ok().and_then(|parent| parent.tree().ok());
            for path in self.differing_trees(repo, before.as_ref(), &commit.tree()?)? {
                touched.entry(path).or_insert_with(|| commit.id());
            }
        }
        if touched.is_empty() {
            return Ok(Vec::new());
        }
        let tree = |id: git2::Oid| repo.find_commit(id)?.tree();
        let (there, here) = (tree(tip)?, tree(main)?);
        let base = repo.merge_base(tip, main).and_then(tree).ok();
        let mut found = Vec::new();
        for (path, id) in touched {
            let full = self.full(&path);
            let at = |tree: &git2::Tree<'_>| tree.get_path(full.as_ref()).ok().map(|entry| entry.id());
            let (new, stands) = (at(&there), at(&here));
            // It is there already, by a squash say, or the branch took it back.
            if new == stands || base.as_ref().is_some_and(|base| new == at(base)) {
                continue;
            }
            let commit = super::Commit::from(&repo.find_commit(id)?);
            found.push(Waiting {
                path,
                branch: branch.to_owned(),
                commit: commit.id,
                author: commit.author,
                new: new.map(Oid::of),
                stands: stands.is_some(),
            });
        }
        Ok(found)
    }
}
