//! What the files of an output were made from, kept in its marker after the text for people.
//!
//! One line a file: digest of what it was made from, digest of its content, path. A line counts only
//! while the file still has that content, so a file that somebody changed is made again.

use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};

use foldhash::quality::FixedState;
use serde::Serialize;

/// Bytes of a value that most have room in.
const ROOM: usize = 1 << 10;

/// So many bytes of a file are read at once.
const BLOCK: usize = 1 << 16;

/// A digest of everything that a file is made from. It is compared only with one that the same
/// program made for the same path, so 64 bits of a hash that is quick over whole pages are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(u64);

impl Digest {
    /// The digest of a value; nothing for one that cannot be written as bytes.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Option<Self> {
        Some(Self::of_bytes(&postcard::to_extend(value, Vec::with_capacity(ROOM)).ok()?))
    }

    /// The digest of this and of another thing.
    pub fn and(self, other: Self) -> Self {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write_u64(self.0);
        hasher.write_u64(other.0);
        Self(hasher.finish())
    }

    /// The digest of everything that can be read from something, which need not fit into memory.
    pub fn of_all(mut from: impl Read) -> io::Result<Self> {
        let mut hasher = FixedState::default().build_hasher();
        let mut block = Vec::with_capacity(BLOCK);
        // Blocks are full whatever one call gives, since where they end is part of the digest.
        while from.by_ref().take(BLOCK as u64).read_to_end(&mut block)? > 0 {
            hasher.write(&block);
            block.clear();
        }
        Ok(Self(hasher.finish()))
    }

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(bytes);
        Self(hasher.finish())
    }
}

/// A file as the marker knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// What it was made from.
    pub from: Digest,
    /// What it holds.
    pub content: Digest,
}

/// The files that a marker names, by path. Lines that do not fit are passed over: their files are made again.
pub fn read(text: &str) -> impl Iterator<Item = (&str, Kept)> {
    text.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut digest = || Some(Digest(u64::from_str_radix(parts.next()?, 16).ok()?));
        let (from, content) = (digest()?, digest()?);
        Some((parts.next()?, Kept { from, content }))
    })
}

/// The line of a file.
pub fn line(path: &str, kept: Kept) -> String {
    format!("{:016x} {:016x} {path}\n", kept.from.0, kept.content.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written_and_others_passed_over() {
        let kept = Kept { from: Digest::of_bytes(b"x"), content: Digest::of_bytes(b"y") };
        let text = format!("这个文件夹\nzz 1 a\n1 2\n{}", line("a b/c.html", kept));
        assert_eq!(read(&text).collect::<Vec<_>>(), [("a b/c.html", kept)]);
        assert_ne!(Digest::of("甲").unwrap(), Digest::of("乙").unwrap());
    }

    #[test]
    fn a_digest_does_not_depend_on_how_much_is_read_at_once() {
        /// Gives a byte at a time.
        struct Slow<'b>(&'b [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(into.len()).min(1);
                self.0.read(&mut into[..count])
            }
        }
        let bytes: Vec<u8> = (0..2 * BLOCK + 7).map(|at| (at % 251) as u8).collect();
        assert_eq!(Digest::of_all(Slow(&bytes)).unwrap(), Digest::of_all(bytes.as_slice()).unwrap());
        assert_ne!(Digest::of_all(&bytes[1..]).unwrap(), Digest::of_all(bytes.as_slice()).unwrap());
    }
}
