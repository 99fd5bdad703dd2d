//! What a branch is about: what it changes since it left another, and what that touches.

use std::collections::BTreeSet;

use super::aside;
use crate::archive::{Archive, Committed, config, home, people};
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::rulebook::Rulebook;
use crate::say;

/// What changed since a revision, in commits and in the working tree.
pub(super) struct Since {
    /// The changed files, sorted.
    pub files: BTreeSet<String>,
    /// The dossiers that they belong to.
    dossiers: BTreeSet<String>,
    /// Whether it touches what everything is judged by.
    pub whole: bool,
    /// The rulebook as it stands there, where this one differs from it.
    pub base: Option<Rulebook>,
}

impl Since {
    /// Compares with the revision `name`, from where the two parted.
    pub(super) fn of(archive: &Archive, name: &str) -> Result<Self, Failure> {
        let (blobs, history) = (&archive.blobs, &archive.history);
        let unknown = || {
            Failure::plain(say!("没有提交或分支“{name}”", "there is no commit or branch `{name}`"))
                .help(say!("先取回它：git fetch origin；CI 里要取完整历史", "fetch it first: git fetch origin; CI needs the whole history"))
        };
        let other = blobs.resolve(name).ok_or_else(unknown)?;
        let head = history.head.ok_or_else(unknown)?;
        let parted = blobs.parted(other, head).ok_or_else(unknown)?;
        let mut files: BTreeSet<String> = blobs.differing(parted, head).ok_or_else(unknown)?.into_iter().collect();
        let uncommitted = archive.records.iter().zip(&archive.committed).filter(|(_, committed)| **committed != Committed::Committed);
        files.extend(uncommitted.map(|(record, _)| record.path().to_owned()));
        let below = format!("{}/", archive.config.rulebook);
        let is_law = |path: &String| path.starts_with(&below);
        let base = if files.iter().any(is_law) { law(archive, other)? } else { None };
        let whole = files.iter().any(|path| is_law(path) || *path == config::FILE || *path == people::FILE);
        let dossiers = files.iter().filter_map(|path| home(path)).map(|(folder, number)| format!("{folder}/{number}/")).collect();
        Ok(Self { files, dossiers, whole, base })
    }

    /// Whether a finding is about what changed, or about the dossier in which it changed.
    pub(super) fn concerns(&self, finding: &Diagnostic) -> bool {
        self.whole || self.touches(finding.path()) || finding.place.is_none()
    }

    /// Whether a file, or the dossier it belongs to, changed.
    pub(super) fn touches(&self, path: &str) -> bool {
        self.files.contains(path) || self.dossiers.iter().any(|dossier| path.starts_with(dossier.as_str()))
    }
}

/// The rulebook as of a commit; none where there is none.
fn law(archive: &Archive, commit: crate::archive::history::Oid) -> Result<Option<Rulebook>, Failure> {
    let dir = aside()?;
    let folder = &archive.config.rulebook;
    archive.blobs.lay_out(commit, std::slice::from_ref(folder), dir.path())?;
    if dir.path().join(folder).is_dir() { Rulebook::read(dir.path(), folder).map(Some) } else { Ok(None) }
}
