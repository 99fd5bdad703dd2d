//! Files that a page loads when it needs them: scripts that hand one value to one function.
//!
//! `fetch` reads nothing from a folder, a script element does, and the pages' policy allows scripts of the site. Everything
//! that was written by people stands in them as it is, in JSON, so that the proof after a build can read it.
//! `themes/default/chunks.js` loads them.

use std::ops::Range;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A chunk is as small as this before it may end.
const LEAST: usize = 40_000;
/// And not bigger than this, unless one row is.
const MOST: usize = 95_000;
/// Of so many rows one may end a chunk.
const ONE_IN: u8 = 8;

/// A file on its way into the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Path in the output.
    pub path: String,
    /// Content.
    pub content: Vec<u8>,
}

impl Chunk {
    /// The file of that name in a folder which hands over `value`.
    pub fn new(folder: &str, name: &str, value: &impl Serialize) -> Self {
        let json = serde_json::to_string(value).unwrap_or_default();
        Self { path: format!("{folder}/{name}.js"), content: format!("anjuanChunk(\"{name}\",{json});\n").into_bytes() }
    }

    /// What changes with its content: pages ask for the file under it, so that no browser takes an old one for it.
    pub fn stamp(&self) -> String {
        Sha256::digest(&self.content).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where chunks end, told row after row. It is the name of a row that decides where a chunk may end: what is added or changed
/// then moves the border of its own chunk, and the others stay as they are.
#[derive(Debug, Default)]
pub struct Cutter {
    /// Bytes of the chunk that is open, as far as it has rows.
    size: usize,
}

/// Whether a chunk ends before a row, and whether one ends behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Before it.
    pub before: bool,
    /// Behind it.
    pub behind: bool,
}

impl Cutter {
    /// The next row: its name, and about how many bytes it takes.
    pub fn next(&mut self, name: &str, bytes: usize) -> Cut {
        let before = self.size > 0 && self.size + bytes > MOST;
        self.size = if before { bytes } else { self.size + bytes };
        let behind = self.size >= LEAST && Sha256::digest(name)[0].is_multiple_of(ONE_IN);
        if behind {
            self.size = 0;
        }
        Cut { before, behind }
    }
}

/// Which rows go into which chunk; `row` has the name of each and about how many bytes it takes.
pub fn ranges<'r>(rows: impl IntoIterator<Item = (&'r str, usize)>) -> Vec<Range<usize>> {
    let (mut out, mut cutter) = (Vec::new(), Cutter::default());
    let (mut start, mut count) = (0, 0);
    for (at, (name, bytes)) in rows.into_iter().enumerate() {
        let cut = cutter.next(name, bytes);
        count = at + 1;
        for end in [cut.before.then_some(at), cut.behind.then_some(count)].into_iter().flatten() {
            out.push(start..end);
            start = end;
        }
    }
    if start < count {
        out.push(start..count);
    }
    out
}
