//! Part of a commit, or of what is staged, as files in a folder, so that it is read like any archive.
//!
//! Texts are written; of everything else there is a file of the right size with nothing in it, since its existence and size are
//! all that is ever asked. Links and submodules are left out: nothing is to be reached through them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Blobs, Oid};
use crate::archive::{MAX_TEXT, encryption};
use crate::failure::Failure;

/// Deepest folder that is laid out.
const MAX_DEPTH: usize = 64;

impl Blobs {
    /// Lays out those of `paths` (files or folders of the archive) that a commit holds below `into`.
    pub fn lay_out(&self, commit: Oid, paths: &[String], into: &Path) -> Result<(), Failure> {
        let done = self.with(|repo| {
            let tree = repo.find_commit(commit.git())?.tree()?;
            for path in paths {
                let Ok(entry) = tree.get_path(Path::new(&self.full(path))) else { continue };
                let laid = entry_at(repo, entry.id(), entry.filemode(), path, into, 0);
                if laid.is_err() {
                    return Ok(laid);
                }
            }
            Ok(Ok(()))
        });
        done.unwrap_or_else(|| Err(io::Error::other("object missing"))).map_err(|error| failed(into, error))
    }
}

fn entry_at(repo: &git2::Repository, id: git2::Oid, mode: i32, path: &str, into: &Path, depth: usize) -> io::Result<()> {
    match mode {
        0o040_000 if depth < MAX_DEPTH => {
            let tree = repo.find_tree(id).map_err(io::Error::other)?;
            for entry in &tree {
                let Ok(name) = entry.name() else { continue };
                if is_plain(name) {
                    entry_at(repo, entry.id(), entry.filemode(), &format!("{path}/{name}"), into, depth + 1)?;
                }
            }
            Ok(())
        }
        0o100_644 | 0o100_755 | 0o100_664 => file_at(repo, id, path, into),
        _ => Ok(()),
    }
}

/// Writes one blob.
pub(super) fn file_at(repo: &git2::Repository, id: git2::Oid, path: &str, into: &Path) -> io::Result<()> {
    let odb = repo.odb().map_err(io::Error::other)?;
    let (size, _) = odb.read_header(id).map_err(io::Error::other)?;
    let to = into.join(path);
    fs::create_dir_all(to.parent().unwrap_or(into))?;
    if size as u64 <= MAX_TEXT && is_text(path) {
        return fs::write(to, odb.read(id).map_err(io::Error::other)?.data());
    }
    fs::File::create(to)?.set_len(size as u64)
}

/// Whether a name in a tree is the name of a file and nothing else.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', ':', '\0']) && !name.eq_ignore_ascii_case(".git")
}

fn is_text(path: &str) -> bool {
    [".md", ".yaml", ".yml", ".typ", encryption::PUBLIC].iter().any(|end| path.ends_with(end))
}

pub(super) fn failed(into: &Path, error: io::Error) -> Failure {
    Failure::io("展开不到临时文件夹", "cannot lay out into", &PathBuf::from(into), error)
}
