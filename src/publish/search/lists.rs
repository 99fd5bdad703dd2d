//! The index: for every piece the documents that have it, cut into chunks.
//!
//! A chunk is one string of bits: lists by rising key. Each list is the step from the key before (Rice), the number of
//! documents (gamma), and the steps from document to document, in whichever of the two codes is shorter, which one bit says.
//! The pieces themselves are not in it, which would take more room than all the lists: a key is a part of the hash of a piece,
//! just so long that few pieces share one. Lists may therefore name a document too many, never one too few, and the texts
//! decide. Nothing can be read out of the index that is not in the texts beside it.

use rayon::prelude::*;

use super::bits::{Bits, gamma_width, rice_for, rice_width};
use super::plain::HASH_BITS;

/// A chunk is closed when it has so many characters. The longest list that is possible for ten thousand documents has 4 kB.
const CHUNK: usize = 60_000;

/// Bits of a key beyond those that number the pieces: of 128 pieces that are nowhere one seems to be somewhere.
const SPARE: u32 = 7;

/// Into so many parts all marks are cut by their highest bits; keys have more of them.
const PARTS: u32 = 16;

/// The mark of a piece in a document: twice its hash, and one more where the piece stands in the title.
pub fn mark(hash: u32, in_title: bool) -> u32 {
    hash << 1 | u32::from(in_title)
}

/// The whole index.
#[derive(Debug, Default)]
pub struct Lists {
    /// How many bits of a hash are left out of its key, which is twice what remains, and one more for titles.
    pub shift: u32,
    /// The parameter of the steps from key to key.
    pub rice: u32,
    /// The first key and the bits of each chunk.
    pub chunks: Vec<(u32, String)>,
}

impl Lists {
    /// The index of documents, each given as its sorted marks. Marks are brought together a part at a time, so that they are not
    /// held twice.
    pub fn of(documents: &[&[u32]]) -> Self {
        let (shift, keys) = shift(documents);
        let key = |mark: u32| mark >> 1 >> shift << 1 | mark & 1;
        let rice = rice_for(1 << (HASH_BITS + 1 - shift), keys);
        let count = documents.len() as u32;
        let mut made = Self { shift, rice, chunks: Vec::new() };
        let (mut bits, mut first, mut before) = (Bits::default(), 0, 0);
        let mut rest = documents.to_vec();
        // All pairs of a key and a document whose marks lie below `end`.
        let mut part = |end: u32| {
            let mut part: Vec<u64> = Vec::new();
            for (at, marks) in rest.iter_mut().enumerate() {
                let (own, after) = marks.split_at(marks.partition_point(|mark| *mark < end));
                part.extend(own.iter().map(|&mark| u64::from(key(mark)) << 32 | at as u64));
                *marks = after;
            }
            part.par_sort_unstable();
            part.dedup();
            part
        };
        let mut take = |part: Vec<u64>| {
            for list in part.chunk_by(|a, b| a >> 32 == b >> 32) {
                let key = (list[0] >> 32) as u32;
                // A piece in titles is looked for in the chunk in which it is looked for in texts.
                if bits.len() >= CHUNK && key >> 1 != before >> 1 {
                    made.chunks.push((first, std::mem::take(&mut bits).text()));
                    (first, before) = (key, key);
                }
                bits.rice(key - before, rice);
                before = key;
                write(&mut bits, list.iter().map(|entry| *entry as u32), list.len() as u32, count);
            }
        };
        let ends = (1..=PARTS).map(|nth| nth << (HASH_BITS + 1 - PARTS.ilog2()));
        // While one part is written the next is brought together.
        let last = ends.fold(Vec::new(), |before, end| rayon::join(|| take(before), || part(end)).1);
        take(last);
        made.chunks.push((first, bits.text()));
        made
    }
}

/// How many bits of a hash can be spared, and about how many keys there are. One piece of 64 is looked at to know it.
fn shift(documents: &[&[u32]]) -> (u32, u64) {
    let mut some: Vec<u32> = documents.iter().flat_map(|marks| marks.iter().filter(|mark| *mark >> 1 & 63 == 0)).copied().collect();
    some.par_sort_unstable();
    some.dedup();
    let pieces = some.chunk_by(|a, b| a >> 1 == b >> 1).count() as u32;
    let spared = HASH_BITS.saturating_sub(((pieces + 1) * 64).ilog2() + 1 + SPARE);
    (spared, some.len() as u64 * 64 + 1)
}

/// One list of documents, of which there are `count` altogether.
fn write(bits: &mut Bits, list: impl Iterator<Item = u32> + Clone, len: u32, count: u32) {
    bits.gamma(len);
    let k = rice_for(u64::from(count), u64::from(len));
    let steps = || {
        let mut next = 0;
        list.clone().map(move |document| {
            let step = document - next;
            next = document + 1;
            step
        })
    };
    let gamma = len > 1 && steps().map(|step| gamma_width(step + 1)).sum::<u32>() < steps().map(|step| rice_width(step, k)).sum();
    if len > 1 {
        bits.number(u32::from(gamma), 1);
    }
    for step in steps() {
        if gamma { bits.gamma(step + 1) } else { bits.rice(step, k) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::super::bits::Reader;
    use super::*;

    /// Reads an index back: documents by key.
    fn read(lists: &Lists, count: u32) -> BTreeMap<u32, Vec<u32>> {
        let mut out = BTreeMap::new();
        for (nth, (first, text)) in lists.chunks.iter().enumerate() {
            let end = lists.chunks.get(nth + 1).map_or(u32::MAX, |next| next.0);
            let (mut reader, mut key, mut fresh) = (Reader::new(text), *first, true);
            while !reader.is_done() {
                let step = reader.rice(lists.rice);
                key += step;
                assert!(key < end && (fresh || step > 0), "{key}");
                fresh = false;
                let len = reader.gamma();
                let k = rice_for(u64::from(count), u64::from(len));
                let gamma = len > 1 && reader.bit() == 1;
                let mut next = 0;
                let mut list = Vec::new();
                for _ in 0..len {
                    let step = if gamma { reader.gamma() - 1 } else { reader.rice(k) };
                    list.push(next + step);
                    next += step + 1;
                }
                out.insert(key, list);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn an_index_is_read_as_it_was_written(documents in proptest::collection::vec(proptest::collection::btree_set(0_u32..1 << 30, 0..40), 1..40), common in 0_u32..1 << 30) {
            let documents: Vec<Vec<u32>> = documents.into_iter().enumerate().map(|(at, mut keys): (usize, BTreeSet<u32>)| {
                if at % 3 > 0 {
                    keys.insert(common);
                }
                keys.into_iter().collect()
            }).collect();
            let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
            let mut wanted: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for (at, keys) in documents.iter().enumerate() {
                for mark in keys {
                    wanted.entry(*mark).or_default().push(at as u32);
                }
            }
            let lists = Lists::of(&slices);
            let read = read(&lists, documents.len() as u32);
            for (mark, list) in wanted {
                let key = mark >> 1 >> lists.shift << 1 | mark & 1;
                // What shares a key shares a list, which is rare.
                prop_assert!(list.iter().all(|document| read[&key].contains(document)));
                prop_assert!(read[&key].is_sorted());
            }
        }
    }

    #[test]
    fn chunks_stay_below_their_limit_and_keep_titles_beside_texts() {
        // Every tenth key twice, once for the title, in documents that share a third of their keys.
        let documents: Vec<Vec<u32>> = (0..300_u32)
            .map(|d| {
                let mut keys: Vec<u32> = (0..900)
                    .map(|n| {
                        super::super::plain::hash(&[
                            'a',
                            char::from_u32(0x4e00 + (n * if n % 3 == 0 { 1 } else { d + 1 }) % 20_000).unwrap(),
                        ])
                    })
                    .flat_map(|h| [mark(h, false), mark(h, true)])
                    .collect();
                keys.sort_unstable();
                keys.dedup();
                keys
            })
            .collect();
        let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
        let lists = Lists::of(&slices);
        assert!(lists.chunks.len() > 3);
        assert!(lists.chunks.iter().all(|(first, text)| text.len() < 70_000 && first % 2 == 0));
        // Few pieces share a key.
        let (read, given) = (read(&lists, 300).values().map(Vec::len).sum::<usize>(), documents.iter().map(Vec::len).sum::<usize>());
        assert!(read <= given && read * 50 > given * 49, "{read} of {given}");
    }
}
