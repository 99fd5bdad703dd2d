//! The one place that writes outputs.
//!
//! A whole tree takes the place of the one before, or nothing happens: it is built in a folder
//! beside the output (so on the same disk), then swapped in by renaming. Files that did not
//! change are linked, not written, and keep their times; when nothing changed, nothing is touched.
//! Only a folder that carries [`MARKER`] is ever replaced, so no `--out` can cost anybody a file.
//!
//! Files come one at a time, from any thread, so that no build holds more than it works on. Whoever
//! can say what a file is made from gives its [`Digest`]; the marker keeps it, and the next build
//! asks [`Sink::keep`] first and need not make the file again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use tempfile::TempDir;

use crate::failure::Failure;
use crate::say;

mod folder;
mod kept;
#[cfg(test)]
pub mod memory;

use kept::Kept;

pub use kept::Digest;

/// The file by which an output folder is known as ours.
pub const MARKER: &str = ".anjuan-site";
/// What it says to whoever opens it; what the files were made from follows.
const MARKER_TEXT: &str = "这个文件夹由 anjuan 生成,每次生成时整个替换;请勿在此存放文件。\n\
    This folder is made by anjuan and replaced as a whole each time; keep nothing of your own in it.\n";

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Pages (`.html`) in the output.
    pub pages: usize,
    /// Files in the output, pages included.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already with the same content.
    pub unchanged: usize,
    /// Files of the output before that are no longer part of it.
    pub removed: usize,
    /// Files that are new or have another content, sorted.
    pub changed: Vec<String>,
}

/// Makes `files` (path inside the output, with `/`, and content) the whole content of `out`.
pub fn write(out: &Path, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Written, Failure> {
    let output = Output::open(out)?;
    for (path, content) in files {
        output.put(&path, None, &content);
    }
    output.finish()
}

/// Where files go as they are made, from any thread.
pub trait Sink: Sync {
    /// The file of that path, if it was made from the same before. A sink that remembers nothing has none.
    fn before(&self, _path: &str, _digest: Digest) -> Option<Vec<u8>> {
        None
    }
    /// Takes over the file of that path if it was made from the same before; if not, it is for the caller to make it.
    fn keep(&self, _path: &str, _digest: Digest) -> bool {
        false
    }
    /// Hands over a file, and what it was made from if that can be told.
    fn put(&self, path: &str, digest: Option<Digest>, content: &[u8]);
}

/// An output that is being made.
#[derive(Debug)]
pub struct Output {
    out: PathBuf,
    /// What lies there now.
    before: BTreeMap<String, File>,
    made: Mutex<Made>,
}

/// A file of the output before.
#[derive(Debug)]
struct File {
    bytes: u64,
    /// What it was made from, if that is known.
    kept: Option<Kept>,
    /// Whether it was found to hold what the marker says.
    seen: AtomicBool,
}

impl File {
    /// Whether it holds that. It is read only if it was not before.
    fn holds(&self, at: &Path, content: &[u8], digest: Digest) -> bool {
        if self.bytes != content.len() as u64 {
            return false;
        }
        match self.kept.filter(|_| self.seen.load(Ordering::Relaxed)) {
            Some(kept) => kept.content == digest,
            None => fs::read(at).is_ok_and(|old| old == content),
        }
    }
}

/// What has been handed over so far.
#[derive(Debug, Default)]
struct Made {
    files: BTreeMap<String, New>,
    /// Dropped on every way out, which removes it and whatever was half written.
    aside: Option<TempDir>,
    folders: BTreeSet<String>,
    /// Paths that are not allowed.
    wrong: Vec<Failure>,
    /// What the disk refused, by path.
    refused: BTreeMap<String, Failure>,
}

/// A file of the output to be.
#[derive(Debug, Clone, Copy)]
struct New {
    bytes: u64,
    same: bool,
    kept: Option<Kept>,
}

impl Output {
    /// Looks at what is there. Nothing is written yet.
    ///
    /// # Errors
    /// A folder that is not ours, or cannot be read.
    pub fn open(out: &Path) -> Result<Self, Failure> {
        let out = folder::resolved(out)?;
        let mut before = folder::existing(&out)?;
        let marker = fs::read_to_string(out.join(MARKER)).unwrap_or_default();
        for (path, kept) in kept::read(&marker) {
            if let Some(file) = before.get_mut(path) {
                file.kept = Some(kept);
            }
        }
        Ok(Self { out, before, made: Mutex::default() })
    }

    /// Looks at every file that was handed over, from several threads, before any of it is in its place.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn each<T: Send>(&self, look: impl Fn(&str, &[u8]) -> Vec<T> + Sync) -> Result<Vec<T>, Failure> {
        let made = self.made();
        let new = made.aside.as_ref().map(|aside| aside.path().join("new")).unwrap_or_default();
        let files: Vec<(&String, &New)> = made.files.iter().collect();
        let one = |(path, file): &(&String, &New)| {
            let at = if file.same { self.out.join(path) } else { new.join(path) };
            let content = fs::read(&at).map_err(|error| Failure::io("读不到", "cannot read", &at, error))?;
            Ok(look(path, &content))
        };
        let seen: Result<Vec<Vec<T>>, Failure> = files.par_iter().map(one).collect();
        seen.map(|seen| seen.into_iter().flatten().collect())
    }

    /// Puts everything that was handed over in the place of what was there.
    ///
    /// # Errors
    /// Paths that are not allowed, and a disk that refuses: then what was there is untouched.
    pub fn finish(self) -> Result<Written, Failure> {
        let Made { files, aside, wrong, refused, .. } = std::mem::take(&mut *self.made());
        if let Some(wrong) = wrong.into_iter().chain(nested(&files)).next() {
            return Err(wrong);
        }
        let mut written = Written { files: files.len(), ..Written::default() };
        written.removed = self.before.keys().filter(|path| *path != MARKER && !files.contains_key(*path)).count();
        for (path, new) in &files {
            written.pages += usize::from(path.ends_with(".html"));
            written.bytes += new.bytes;
            written.unchanged += usize::from(new.same);
        }
        written.changed = files.iter().filter(|(_, new)| !new.same).map(|(path, _)| path.clone()).collect();
        if self.before.contains_key(MARKER) && written.unchanged == written.files && written.removed == 0 {
            self.remember(&files);
            return Ok(written);
        }
        if let Some((_, refused)) = refused.into_iter().next() {
            return Err(refused);
        }
        let aside = aside.map_or_else(|| self.beside(), Ok)?;
        let new = aside.path().join("new");
        self.complete(&new, &files)?;
        folder::swap(&new, &self.out, &aside.path().join("old"))?;
        let kept = aside.path().to_owned();
        aside.close().map_err(|error| {
            Failure::io(
                "新的输出已就位，但旧的一份无法删除：",
                "the new output is in place, but the old one cannot be removed:",
                &kept,
                error,
            )
        })?;
        Ok(written)
    }

    /// Where the same files are made from something else now, by another version of the program for instance, the marker says
    /// so, or they would be made again each time. Where that is refused they are.
    fn remember(&self, files: &BTreeMap<String, New>) {
        let as_before = |(path, new): (&String, &New)| self.before.get(path).is_some_and(|old| old.kept == new.kept);
        if files.iter().all(as_before) {
            return;
        }
        if let Ok(aside) = self.beside() {
            let new = aside.path().join(MARKER);
            drop(fs::write(&new, marker(files)).and_then(|()| fs::rename(&new, self.out.join(MARKER))));
        }
    }

    /// Adds what did not change, and the marker.
    fn complete(&self, new: &Path, files: &BTreeMap<String, New>) -> Result<(), Failure> {
        let mut folder = PathBuf::new();
        for (path, file) in files {
            let failed = |error| self.cannot_write(path, error);
            let target = new.join(path);
            if file.same {
                // The list is sorted, so a folder's files follow one another.
                if folder::parent(&target) != folder {
                    folder = folder::parent(&target).to_owned();
                    fs::create_dir_all(&folder).map_err(failed)?;
                }
                // Where links are not possible an unchanged file is written like any other.
                let old = self.out.join(path);
                fs::hard_link(&old, &target).or_else(|_| fs::copy(&old, &target).map(drop)).map_err(failed)?;
            }
        }
        fs::write(new.join(MARKER), marker(files)).map_err(|error| self.cannot_write(MARKER, error))
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a file into the list; not one whose path would leave the folder or is taken.
    fn note(&self, path: &str, new: New) -> bool {
        let plain = !path.is_empty()
            && !path.contains(['\\', '\0', '\n'])
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
            && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let mut made = self.made();
        if !plain || path == MARKER {
            made.wrong.push(Failure::plain(say!("输出路径“{path}”不合法", "the output path `{path}` is not allowed")));
            return false;
        }
        if made.files.insert(path.to_owned(), new).is_some() {
            made.wrong.push(Failure::plain(say!("两个输出的路径都是“{path}”", "two outputs have the path `{path}`")));
            return false;
        }
        true
    }

    /// Where a new file is written; its folder is made.
    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let mut made = self.made();
        if made.aside.is_none() {
            made.aside = Some(self.beside()?);
        }
        let new = made.aside.as_ref().map(|aside| aside.path().join("new")).unwrap_or_default();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !made.folders.contains(folder) {
            fs::create_dir_all(new.join(folder)).map_err(|error| self.cannot_write(path, error))?;
            made.folders.insert(folder.to_owned());
        }
        Ok(new.join(path))
    }

    /// The folder beside the output in which the new one grows.
    fn beside(&self) -> Result<TempDir, Failure> {
        let made = tempfile::Builder::new().prefix(".anjuan-").tempdir_in(folder::parent(&self.out));
        let made = made.and_then(|aside| fs::create_dir(aside.path().join("new")).map(|()| aside));
        made.map_err(|error| Failure::io("无法在输出文件夹旁新建临时文件夹", "cannot make a temporary folder beside", &self.out, error))
    }

    fn cannot_write(&self, path: &str, error: std::io::Error) -> Failure {
        Failure::io("写不下去，原有输出未动：", "cannot write, the output before is untouched:", &self.out.join(path), error)
    }
}

/// What is wrong with a file is said by [`Output::finish`].
impl Sink for Output {
    fn before(&self, path: &str, digest: Digest) -> Option<Vec<u8>> {
        let file = self.before.get(path)?;
        let kept = file.kept.filter(|kept| kept.from == digest)?;
        let content = fs::read(self.out.join(path)).ok()?;
        let whole = Digest::of_bytes(&content) == kept.content;
        file.seen.store(whole, Ordering::Relaxed);
        whole.then_some(content)
    }

    fn keep(&self, path: &str, digest: Digest) -> bool {
        let Some(content) = self.before(path, digest) else { return false };
        let kept = self.before.get(path).and_then(|file| file.kept);
        self.note(path, New { bytes: content.len() as u64, same: true, kept })
    }

    fn put(&self, path: &str, digest: Option<Digest>, content: &[u8]) {
        let own = Digest::of_bytes(content);
        let same = self.before.get(path).is_some_and(|file| file.holds(&self.out.join(path), content, own));
        let kept = digest.map(|from| Kept { from, content: own });
        if !self.note(path, New { bytes: content.len() as u64, same, kept }) || same {
            return;
        }
        let written = self.place(path).and_then(|target| fs::write(target, content).map_err(|error| self.cannot_write(path, error)));
        if let Err(failure) = written {
            self.made().refused.insert(path.to_owned(), failure);
        }
    }
}

/// The marker of these files.
fn marker(files: &BTreeMap<String, New>) -> String {
    let mut text = MARKER_TEXT.to_owned();
    for (path, file) in files {
        if let Some(kept) = file.kept {
            text.push_str(&kept::line(path, kept));
        }
    }
    text
}

/// A path that would have to be a file and a folder.
fn nested(files: &BTreeMap<String, New>) -> Option<Failure> {
    let mut folders = files.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at]));
    let folder = folders.find(|folder| files.contains_key(*folder))?;
    Some(Failure::plain(say!("“{folder}”既是文件又是文件夹", "`{folder}` is both a file and a folder")))
}

#[cfg(test)]
mod tests;
