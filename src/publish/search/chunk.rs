//! Files that a page loads when it needs them: scripts that hand one value to one function.
//!
//! `fetch` reads nothing from a folder, a script element does, and the pages' policy allows scripts of the site. Everything
//! that was written by people stands in them as it is, in JSON, so that the proof after a build can read it.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Where they lie.
pub const FOLDER: &str = "search";

/// A file on its way into the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Path in the output.
    pub path: String,
    /// Content.
    pub content: Vec<u8>,
}

impl Chunk {
    /// The file of that name which hands over `value`.
    pub fn new(name: &str, value: &impl Serialize) -> Self {
        let json = serde_json::to_string(value).unwrap_or_default();
        Self { path: format!("{FOLDER}/{name}.js"), content: format!("anjuanSearch(\"{name}\",{json});\n").into_bytes() }
    }

    /// What changes with its content: pages ask for the file under it, so that no browser takes an old one for it.
    pub fn stamp(&self) -> String {
        Sha256::digest(&self.content).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}
