//! Files in the repository's git folder that spare the next run some work.
//!
//! A file that is damaged or of another make is no file, and that one cannot be written is nobody's
//! concern. Whoever can write into the git folder can forge them; an audit therefore reads none.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the file holds, if it begins with `magic` and is whole.
pub(super) fn read<T: DeserializeOwned>(file: &Path, magic: &[u8]) -> Option<T> {
    let bytes = std::fs::read(file).ok()?;
    let (digest, body) = bytes.strip_prefix(magic)?.split_first_chunk::<8>()?;
    (*digest == checksum(body)).then(|| postcard::from_bytes(body).ok())?
}

/// Writes the file as a whole or not at all.
pub(super) fn write<T: Serialize>(file: &Path, magic: &[u8], what: &T) {
    let _ = try_write(file, magic, what);
}

fn try_write<T: Serialize>(file: &Path, magic: &[u8], what: &T) -> Option<()> {
    let body = postcard::to_extend(what, Vec::new()).ok()?;
    let folder = file.parent()?;
    std::fs::create_dir_all(folder).ok()?;
    let mut aside = tempfile::NamedTempFile::new_in(folder).ok()?;
    [magic, &checksum(&body), &body].iter().try_for_each(|part| aside.write_all(part)).ok()?;
    aside.persist(file).ok().map(drop)
}

/// Finds damage, not malice. The standard hasher may change with the compiler; then the file is made anew.
pub(super) fn checksum(body: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    hasher.finish().to_le_bytes()
}
