//! Pages of one dossier, made again the moment that a record of it is saved.
//!
//! A whole build of a large archive takes seconds. Whoever writes wants to see one page, so the dossier is read, judged and
//! rendered by itself first; the whole build follows and sets right what reaches further. Where the audience is not the highest
//! this is left out: whose names must not be seen only the whole archive knows.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::archive::home;
use crate::commands::replace;
use crate::failure::Failure;
use crate::publish::write::{Digest, Sink};
use crate::rulebook::Rulebook;

/// What a set of changed files means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing that the site shows.
    Nothing,
    /// Files of this dossier only: its folder, such as `cases/NS-C2026-003`.
    Dossier(String),
    /// More than that.
    Whole,
}

impl Change {
    /// Of files somewhere below `root`.
    pub(super) fn of<'p>(root: &Path, rulebook: &Rulebook, paths: impl Iterator<Item = &'p Path>) -> Self {
        let mut found = Self::Nothing;
        for path in paths.filter(|path| matters(root, path)) {
            let inside = path.strip_prefix(root).ok().map(|path| path.to_string_lossy().replace('\\', "/")).unwrap_or_default();
            let own = match home(&inside) {
                Some((folder, number)) if rulebook.settings.kind_in(folder).is_some() => Self::Dossier(format!("{folder}/{number}")),
                _ => Self::Whole,
            };
            if found == Self::Nothing {
                found = own;
            } else if found != own {
                return Self::Whole;
            }
        }
        found
    }
}

/// Whether a changed path can change the site: not git's own files, not an output folder.
fn matters(root: &Path, path: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(root) else { return false };
    let first = inside.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    match first.as_str() {
        ".git" => inside.ends_with("HEAD") || inside.starts_with(".git/refs"),
        _ if root.join(&first).join(".anjuan-site").exists() => false,
        _ => !first.starts_with('.'),
    }
}

/// Writes single pages into an output that is there, each in one step, and remembers which of them changed.
pub(super) struct Pages {
    out: PathBuf,
    changed: Mutex<Vec<String>>,
}

impl Pages {
    /// Into the output at `out`.
    pub(super) fn new(out: &Path) -> Self {
        Self { out: out.to_owned(), changed: Mutex::default() }
    }

    /// The pages that have another content now, sorted.
    pub(super) fn changed(self) -> Vec<String> {
        let mut changed = self.changed.into_inner().unwrap_or_default();
        changed.sort();
        changed
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<(), Failure> {
        let target = self.out.join(path);
        if std::fs::read(&target).is_ok_and(|old| old == content) {
            return Ok(());
        }
        let folder = target.parent().unwrap_or(&self.out);
        std::fs::create_dir_all(folder).map_err(|error| Failure::io("建不了文件夹", "cannot make the folder", folder, error))?;
        replace(&target, content)?;
        self.changed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(path.to_owned());
        Ok(())
    }
}

impl Sink for Pages {
    fn put(&self, path: &str, _: Option<Digest>, content: &[u8]) {
        // A page that cannot be written is written by the whole build, which says so if it cannot either.
        drop(self.write(path, content));
    }
}
