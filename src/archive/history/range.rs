//! What lies between two commits.

use super::{Blobs, Oid, own_path};

impl Blobs {
    /// The commit that a person means by a branch, a tag or an id.
    pub fn resolve(&self, name: &str) -> Option<Oid> {
        self.with(|repo| Ok(Oid::of(repo.revparse_single(name)?.peel_to_commit()?.id())))
    }

    /// Where two lines of work parted.
    pub fn parted(&self, one: Oid, other: Oid) -> Option<Oid> {
        self.with(|repo| repo.merge_base(one.git(), other.git()).map(Oid::of))
    }

    /// The paths of the archive in which two commits differ, sorted; one that moved is there twice.
    pub fn differing(&self, one: Oid, other: Oid) -> Option<Vec<String>> {
        self.with(|repo| {
            let (before, after) = (repo.find_commit(one.git())?.tree()?, repo.find_commit(other.git())?.tree()?);
            self.differing_trees(repo, Some(&before), &after)
        })
    }

    /// The same for two trees; everything in the other where there is no one.
    pub(super) fn differing_trees(
        &self,
        repo: &git2::Repository,
        one: Option<&git2::Tree<'_>>,
        other: &git2::Tree<'_>,
    ) -> Result<Vec<String>, git2::Error> {
        let diff = repo.diff_tree_to_tree(one, Some(other), None)?;
        let both = diff.deltas().flat_map(|delta| [delta.old_file().path(), delta.new_file().path()]);
        let mut paths: Vec<String> = both.filter_map(|path| own_path(&self.prefix, path?.to_str()?)).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}
