//! The walk of an earlier run, kept in the repository as `anjuan/history-1.bin`.
//!
//! Only whole repositories are kept (nothing shallow, grafted or damaged), so the ids of head and
//! main tip decide whether it still holds. A file that is damaged or foreign is no file. Whoever can
//! write into the git folder can forge it; an audit therefore walks anew.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Facts, Position};

/// Raised, here and in the name of the file, whenever [`Facts`] or the walk changes.
const MAGIC: &[u8] = b"anjuan history 1\n";

/// The file of one archive.
pub(super) struct File {
    path: PathBuf,
    prefix: Vec<String>,
}

impl File {
    /// The file for the archive at `prefix` in the repository with this common folder.
    pub(super) fn new(commondir: &Path, prefix: &[String]) -> Self {
        Self { path: commondir.join("anjuan").join("history-1.bin"), prefix: prefix.to_vec() }
    }

    /// What it holds, if it holds anything for this archive.
    pub(super) fn read(&self) -> Option<Facts> {
        let bytes = std::fs::read(&self.path).ok()?;
        let (digest, body) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
        if *digest != checksum(body) {
            return None;
        }
        let (prefix, facts): (Vec<String>, Facts) = postcard::from_bytes(body).ok()?;
        (prefix == self.prefix && sound(&facts)).then_some(facts)
    }

    /// Keeps `facts`. That it cannot be written is nobody's concern: the next run walks again.
    pub(super) fn write(&self, facts: &Facts) {
        let _ = self.try_write(facts);
    }

    fn try_write(&self, facts: &Facts) -> Option<()> {
        let body = postcard::to_extend(&(&self.prefix, facts), Vec::new()).ok()?;
        let folder = self.path.parent()?;
        std::fs::create_dir_all(folder).ok()?;
        let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
        [MAGIC, &checksum(&body), &body].iter().try_for_each(|part| file.write_all(part)).ok()?;
        file.persist(&self.path).ok().map(drop)
    }
}

/// Finds damage, not malice. The standard hasher may change with the compiler; then the file is rebuilt.
fn checksum(body: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    hasher.finish().to_le_bytes()
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
