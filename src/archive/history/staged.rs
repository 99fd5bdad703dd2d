//! What the user is about to commit: the index, as git gives it to a hook (which may be another than the repository's own).

use std::path::{Path, PathBuf};

use super::layout::{self, failed};
use super::{own_path, prefix};
use crate::failure::Failure;
use crate::say;

/// The index of the repository around an archive.
pub struct Staged {
    repo: git2::Repository,
    prefix: Vec<String>,
    /// The paths of the archive that differ from the checked-out commit and still exist, sorted.
    pub changed: Vec<String>,
}

impl Staged {
    /// Reads it.
    pub fn read(root: &Path) -> Result<Self, Failure> {
        let refused = |error: git2::Error| Failure::new(say!("读不到暂存区", "cannot read the index"), error.message());
        let from_env = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
        let repo = git2::Repository::discover(root).map_err(refused)?;
        let prefix = prefix(&repo, root);
        let mut index = match &from_env {
            // Relative to where git runs hooks: the top of the working tree.
            Some(file) => git2::Index::open(&repo.workdir().unwrap_or(root).join(file)).map_err(refused)?,
            None => repo.index().map_err(refused)?,
        };
        repo.set_index(&mut index).map_err(refused)?;
        let head = repo.head().ok().and_then(|head| head.peel_to_tree().ok());
        let mut changed: Vec<String> = {
            let diff = repo.diff_tree_to_index(head.as_ref(), Some(&index), None).map_err(refused)?;
            let kept = diff.deltas().filter(|delta| delta.status() != git2::Delta::Deleted);
            kept.filter_map(|delta| own_path(&prefix, delta.new_file().path()?.to_str()?)).collect()
        };
        changed.sort();
        changed.dedup();
        drop(head);
        Ok(Self { repo, prefix, changed })
    }

    /// Lays out those of `paths` (files or folders of the archive) that are staged below `into`.
    pub fn lay_out(&self, paths: &[String], into: &Path) -> Result<(), Failure> {
        let refused = |error: git2::Error| Failure::new(say!("读不到暂存区", "cannot read the index"), error.message());
        let index = self.repo.index().map_err(refused)?;
        for entry in index.iter() {
            let Some(path) = std::str::from_utf8(&entry.path).ok().and_then(|path| own_path(&self.prefix, path)) else { continue };
            let wanted = paths.iter().any(|own| path == *own || path.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('/')));
            let is_file = entry.mode & 0o170_000 == 0o100_000;
            if wanted && is_file && path.split('/').all(layout::is_plain) {
                layout::file_at(&self.repo, entry.id, &path, into).map_err(|error| failed(into, error))?;
            }
        }
        Ok(())
    }
}
