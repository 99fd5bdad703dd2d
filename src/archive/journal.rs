//! A file in the repository's git folder that answers by key and only grows. Its answers stay on the disk until they are asked
//! for, so what a run holds does not grow with the history.
//!
//! The file is [`kept`](super::kept)'s kin: damage makes an answer unknown, and that nothing can be written is nobody's concern.
//! Several runs may read and write it at once. It lies beside the objects that it was made from and is nowhere else, as
//! it holds what they hold.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::kept::checksum;

/// What is asked for: two ids of git.
pub(super) type Key = [u8; 40];

/// Begins every file; raised, here and in the names of the files, whenever what they hold changes.
const MAGIC: &[u8] = b"anjuan journal 1\n";

/// Before every answer: its key, its length, its checksum, and a checksum of these three.
const HEADER: usize = 40 + 4 + 8 + 8;

/// New answers are written when they come to so many bytes.
const BATCH: usize = 8 << 20;

/// Answers of earlier runs, and new ones.
#[derive(Default)]
pub(super) struct Journal {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The file, once it was looked for and while it is of use.
    file: Option<File>,
    is_open: bool,
    /// Where the file ends as far as it was read.
    end: u64,
    places: HashMap<Key, Place>,
    /// What is not written yet.
    fresh: BTreeMap<Key, Vec<u8>>,
    /// Bytes of it.
    weight: usize,
}

/// Where an answer lies.
#[derive(Clone, Copy)]
struct Place {
    at: u64,
    length: u32,
    checksum: [u8; 8],
}

impl Journal {
    /// The answers of the file at `path`; without one, the newest are remembered.
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self { path, state: Mutex::default() }
    }

    /// The answer to a key, if it is known.
    pub(super) fn get<V: DeserializeOwned>(&self, key: &Key) -> Option<V> {
        let body = self.state.lock().unwrap_or_else(PoisonError::into_inner).body(self.path.as_deref(), key)?;
        postcard::from_bytes(&body).ok()
    }

    /// Keeps an answer.
    pub(super) fn put<V: Serialize>(&self, key: Key, value: &V) {
        let Ok(body) = postcard::to_extend(value, Vec::new()) else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.weight += HEADER + body.len();
        state.fresh.insert(key, body);
        if state.weight >= BATCH {
            state.write(self.path.as_deref());
        }
    }

    /// Writes down what is left. A journal that is merely dropped loses it.
    pub(super) fn keep(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).write(self.path.as_deref());
    }
}

impl State {
    fn body(&mut self, path: Option<&Path>, key: &Key) -> Option<Vec<u8>> {
        if let Some(body) = self.fresh.get(key) {
            return Some(body.clone());
        }
        self.open(path?);
        let place = self.places.get(key)?;
        let file = self.file.as_mut()?;
        let mut body = vec![0; place.length as usize];
        file.seek(SeekFrom::Start(place.at)).and_then(|_| file.read_exact(&mut body)).ok()?;
        (checksum(&body) == place.checksum).then_some(body)
    }

    /// Looks for the file, once.
    fn open(&mut self, path: &Path) {
        if !std::mem::replace(&mut self.is_open, true) {
            let writable = File::options().read(true).write(true).open(path);
            self.file = writable.or_else(|_| File::open(path)).ok().filter(|file| begins(file).unwrap_or(false));
            self.end = MAGIC.len() as u64;
            if self.scan().is_err() {
                (self.file, self.places) = (None, HashMap::new());
            }
        }
    }

    /// Learns what stands in the file behind what is known of it. What a run left half written ends it.
    fn scan(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(self.end))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut header = [0; HEADER];
        while size.saturating_sub(self.end) >= HEADER as u64 {
            reader.read_exact(&mut header)?;
            let Some((key, length, checksum)) = understood(&header) else { break };
            let at = self.end + HEADER as u64;
            let end = at + u64::from(length);
            if end > size {
                break;
            }
            self.places.insert(key, Place { at, length, checksum });
            reader.seek_relative(length.into())?;
            self.end = end;
        }
        Ok(())
    }

    /// Writes what is new, or forgets it where that cannot be done.
    fn write(&mut self, path: Option<&Path>) {
        self.weight = 0;
        let fresh = std::mem::take(&mut self.fresh);
        let Some(path) = path.filter(|_| !fresh.is_empty()) else { return };
        if self.file.is_none() {
            // Another run may have begun it since.
            self.is_open = false;
        }
        self.open(path);
        if self.file.is_none() {
            self.file = begin(path).ok();
        }
        // Another run that is writing has the same to say.
        if self.file.as_ref().is_some_and(|file| file.try_lock().is_ok()) {
            let written = self.append(fresh);
            let Some(file) = &self.file else { return };
            if written.is_err() {
                let _ = file.set_len(self.end);
            }
            let _ = file.unlock();
        }
    }

    /// Puts answers behind all that is in the file by now.
    fn append(&mut self, fresh: BTreeMap<Key, Vec<u8>>) -> io::Result<()> {
        self.scan()?;
        let Some(file) = &mut self.file else { return Ok(()) };
        file.set_len(self.end)?;
        file.seek(SeekFrom::Start(self.end))?;
        let mut places = Vec::with_capacity(fresh.len());
        let (mut writer, mut end) = (io::BufWriter::with_capacity(1 << 16, file), self.end);
        for (key, body) in fresh {
            let Ok(length) = u32::try_from(body.len()) else { continue };
            let checksum = checksum(&body);
            writer.write_all(&header(&key, length, checksum))?;
            writer.write_all(&body)?;
            places.push((key, Place { at: end + HEADER as u64, length, checksum }));
            end += (HEADER + body.len()) as u64;
        }
        writer.flush()?;
        drop(writer);
        self.places.extend(places);
        self.end = end;
        Ok(())
    }
}

/// A new file. It appears as a whole, and only its owner may read it.
fn begin(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    aside.write_all(MAGIC)?;
    Ok(aside.persist(path)?)
}

fn begins(mut file: &File) -> io::Result<bool> {
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic)?;
    Ok(magic == MAGIC)
}

fn header(key: &Key, length: u32, body: [u8; 8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..40].copy_from_slice(key);
    header[40..44].copy_from_slice(&length.to_le_bytes());
    header[44..52].copy_from_slice(&body);
    let own = checksum(&header[..52]);
    header[52..].copy_from_slice(&own);
    header
}

fn understood(header: &[u8; HEADER]) -> Option<(Key, u32, [u8; 8])> {
    let (key, rest) = header.split_first_chunk::<40>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (body, own) = rest.split_first_chunk::<8>()?;
    (*own == checksum(&header[..52])).then_some((*key, u32::from_le_bytes(*length), *body))
}

#[cfg(test)]
mod tests;
