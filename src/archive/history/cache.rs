//! The walk of an earlier run, kept in the repository as `anjuan/history-1.bin`.
//!
//! Only whole repositories are kept (nothing shallow, grafted or damaged), so the ids of head and
//! main tip decide whether it still holds.

use std::path::{Path, PathBuf};

use super::{Facts, Position};
use crate::archive::kept;

/// Raised, here and in the name of the file, whenever [`Facts`] or the walk changes.
const MAGIC: &[u8] = b"anjuan history 1\n";

/// The file of one archive.
pub(super) struct File {
    path: PathBuf,
    prefix: Vec<String>,
}

impl File {
    /// The file for the archive at `prefix`, in the folder where such things are kept.
    pub(super) fn new(folder: &Path, prefix: &[String]) -> Self {
        Self { path: folder.join("history-1.bin"), prefix: prefix.to_vec() }
    }

    /// What it holds, if it holds anything for this archive.
    pub(super) fn read(&self) -> Option<Facts> {
        let (prefix, facts): (Vec<String>, Facts) = kept::read(&self.path, MAGIC)?;
        (prefix == self.prefix && sound(&facts)).then_some(facts)
    }

    /// Keeps `facts`.
    pub(super) fn write(&self, facts: &Facts) {
        kept::write(&self.path, MAGIC, &(&self.prefix, facts));
    }
}

/// Whether every index points at something, so that nobody who relies on it can stumble.
fn sound(facts: &Facts) -> bool {
    let (commits, line) = (facts.commits.len(), facts.main.len());
    rising(facts.main.iter().copied(), commits)
        && facts.files.values().all(|file| rising(file.changes.iter().map(|change| change.commit), commits))
        && facts.commits.iter().all(|commit| match commit.position {
            Position::Main(place) | Position::Side { entered: place } => (place as usize) < line,
            Position::Pending => true,
        })
}

fn rising(mut indices: impl Iterator<Item = u32>, end: usize) -> bool {
    let mut least = 0;
    indices.all(|index| std::mem::replace(&mut least, index.saturating_add(1)) <= index && (index as usize) < end)
}
