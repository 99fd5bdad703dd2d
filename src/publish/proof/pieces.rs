//! Pieces of pages that were searched before.
//!
//! Most lines of a page stand on many others too: masthead, menus, headings of tables, the words of the rulebook. A page is cut
//! where one tag ends a line and another begins the next, and a piece that is known, byte for byte, is not searched again.
//!
//! Nothing is missed by it that is found in the whole. A piece begins and ends between tags as [`super::words`] reads them, so
//! reading it alone is reading it in its place. A name may go on over a tag or two ([`APART`]), so pieces whose letters
//! stand that near to each other are searched together as well.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use memchr::memchr_iter;

use crate::rulebook::mentions::APART;

/// So many pieces are remembered; one more takes the place of another.
const MOST: usize = 1 << 16;

/// A longer piece hardly comes twice.
const LONGEST: usize = 1024;

/// Pieces in which nobody is mentioned.
pub struct Pieces(Vec<(Box<[u8]>, Edges)>);

/// How many signs stand before the first letter or digit of a piece and after the last, as far as that matters. What is not
/// ASCII is a letter here: it may stand for one.
#[derive(Clone, Copy, Default)]
pub struct Edges {
    before: u8,
    after: u8,
    /// Whether there are signs only.
    blank: bool,
}

impl Edges {
    /// The edges of what people read of a piece.
    pub fn of(words: &str) -> Self {
        let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        let count = |bytes: &mut dyn Iterator<Item = u8>| bytes.take(APART + 1).take_while(is_sign).count() as u8;
        let (before, after) = (count(&mut words.bytes()), count(&mut words.bytes().rev()));
        Self { before, after, blank: words.as_bytes().iter().all(is_sign) }
    }
}

/// What came of a search.
pub struct Searched {
    /// Whether nobody is mentioned.
    pub clean: bool,
    /// The edges, if it ends between tags.
    pub edges: Option<Edges>,
}

impl Default for Pieces {
    fn default() -> Self {
        Self(vec![Default::default(); MOST])
    }
}

impl Pieces {
    /// Searches a page piece by piece; whether that was possible. `search` gives nothing for what it cannot read.
    pub fn search(&mut self, page: &[u8], mut search: impl FnMut(&[u8]) -> Option<Searched>) -> bool {
        // The pieces whose letters stand near to each other, how many they are, and how many signs came after the last letter.
        let (mut run, mut count, mut signs) = (0..0, 0, APART + 1);
        let mut begin = 0;
        for end in cuts(page).chain([page.len()]) {
            let piece = std::mem::replace(&mut begin, end)..end;
            let Some(edges) = self.edges(&page[piece.clone()], &mut search) else { return false };
            if edges.blank {
                signs += usize::from(edges.before);
                continue;
            }
            if signs + usize::from(edges.before) > APART {
                self.finish(page, std::mem::replace(&mut run, piece.clone()), std::mem::take(&mut count), &mut search);
            }
            (run.end, count, signs) = (piece.end, count + 1, usize::from(edges.after));
        }
        self.finish(page, run, count, &mut search);
        true
    }

    /// Searches several pieces together.
    fn finish(&mut self, page: &[u8], run: Range<usize>, count: usize, search: &mut impl FnMut(&[u8]) -> Option<Searched>) {
        if count > 1 {
            self.edges(&page[run], search);
        }
    }

    /// Searches a piece unless it is known; its edges, if it has any.
    fn edges(&mut self, piece: &[u8], search: &mut impl FnMut(&[u8]) -> Option<Searched>) -> Option<Edges> {
        let place = FixedState::default().hash_one(piece) as usize % MOST;
        let known = &mut self.0[place];
        if *known.0 == *piece {
            return Some(known.1);
        }
        let searched = search(piece)?;
        if let Some(edges) = searched.edges.filter(|_| searched.clean && piece.len() <= LONGEST) {
            *known = (piece.into(), edges);
        }
        searched.edges
    }
}

/// Where a page may be cut: before every line that begins with a tag, behind one that ends with one.
fn cuts(page: &[u8]) -> impl Iterator<Item = usize> {
    let begins = |at: usize| page[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
    memchr_iter(b'\n', page).filter(|&at| at > 0 && page[at - 1] == b'>').map(|at| at + 1).filter(move |&at| begins(at))
}
