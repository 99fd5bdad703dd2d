//! What lies between two commits.

use std::path::Path;

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
        let mut paths = self.with(|repo| {
            let (before, after) = (repo.find_commit(one.git())?.tree()?, repo.find_commit(other.git())?.tree()?);
            let diff = repo.diff_tree_to_tree(Some(&before), Some(&after), None)?;
            let both = diff.deltas().flat_map(|delta| [delta.old_file().path(), delta.new_file().path()]);
            let text = |path: Option<&Path>| own_path(&self.prefix, path?.to_str()?);
            Ok(both.filter_map(text).collect::<Vec<_>>())
        })?;
        paths.sort();
        paths.dedup();
        Some(paths)
    }
}
