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

/// Which rows go into which chunk; `row` has the name of each and about how many bytes it takes. It is the name that decides
/// where a chunk may end: what is added or changed then moves the border of its own chunk, and the others stay as they are.
pub fn ranges<'r>(rows: impl IntoIterator<Item = (&'r str, usize)>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut size, mut count) = (0, 0, 0);
    for (at, (name, own)) in rows.into_iter().enumerate() {
        count = at + 1;
        if at > start && size + own > MOST {
            out.push(start..at);
            (start, size) = (at, 0);
        }
        size += own;
        if size >= LEAST && Sha256::digest(name)[0].is_multiple_of(ONE_IN) {
            out.push(start..count);
            (start, size) = (count, 0);
        }
    }
    if start < count {
        out.push(start..count);
    }
    out
}
