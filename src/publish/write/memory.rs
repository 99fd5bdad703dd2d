//! An output in memory, for tests.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Digest, Sink};

/// Files by path. It remembers nothing of earlier builds, and takes no path twice.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, String>>);

impl Memory {
    /// What was handed over.
    pub fn files(self) -> BTreeMap<String, String> {
        self.0.into_inner().unwrap()
    }
}

impl Sink for Memory {
    fn put(&self, path: &str, _: Option<Digest>, content: &[u8]) {
        let text = String::from_utf8(content.to_vec()).unwrap();
        assert!(self.0.lock().unwrap().insert(path.to_owned(), text).is_none(), "{path} twice");
    }
}
