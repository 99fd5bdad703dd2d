//! Documents on their way into chunks. Pages are made side by side, and which documents share a chunk depends on their order;
//! so whoever is early waits until its turn, and a chunk leaves as soon as it is full.

use std::collections::BTreeMap;

use super::columns;
use super::document::{Document, FACETS};
use super::texts;
use crate::publish::chunk::Cutter;

/// The documents that came, and what has become of them.
#[derive(Debug, Default)]
pub struct Line {
    /// Whose turn it is, which is how many had theirs.
    next: usize,
    /// Those who are early.
    waiting: BTreeMap<usize, Document>,
    cutter: Cutter,
    /// The chunk that is open.
    open: Vec<Document>,
    /// Chunks that left.
    left: usize,
    /// The facets of those who had their turn.
    pub facets: [columns::Facet; FACETS.len()],
    /// Bytes of their texts, titles included, labels and addresses not.
    pub text: usize,
}

/// A chunk that is full.
#[derive(Debug)]
pub struct Full {
    /// Its number.
    pub number: usize,
    /// The number of its first document.
    pub first: usize,
    /// Its documents.
    pub documents: Vec<Document>,
}

impl Line {
    /// The document of that number comes; every number comes once. Returns the chunks that are full by it.
    pub fn take(&mut self, number: usize, document: Document) -> Vec<Full> {
        let mut full = Vec::new();
        self.waiting.insert(number, document);
        while let Some(document) = self.waiting.remove(&self.next) {
            self.facets.iter_mut().zip(&document.facets).for_each(|(facet, value)| facet.push(value));
            self.text += texts::weight(&document);
            let cut = self.cutter.next(&document.url, texts::size_of(&document));
            if cut.before {
                full.extend(self.end());
            }
            self.next += 1;
            self.open.push(document);
            if cut.behind {
                full.extend(self.end());
            }
        }
        full
    }

    /// The chunk that is open, as it is; none when nothing is in it.
    pub fn end(&mut self) -> Option<Full> {
        let documents = std::mem::take(&mut self.open);
        if documents.is_empty() {
            return None;
        }
        self.left += 1;
        Some(Full { number: self.left - 1, first: self.next - documents.len(), documents })
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;
    use crate::publish::chunk::Chunk;

    fn chunks(documents: &[Document]) -> Vec<(usize, Chunk)> {
        let mut line = Line::default();
        // The second of every two comes first.
        let order = (0..documents.len()).map(|at| at ^ 1).filter(|at| *at < documents.len());
        let mut full: Vec<Full> = order.flat_map(|at| line.take(at, documents[at].clone())).collect();
        full.extend(line.end());
        assert!(full.iter().map(|full| full.number).eq(0..full.len()));
        full.into_iter().map(|full| (full.first, texts::chunk(full.number, &full.documents))).collect()
    }

    fn document(n: usize, length: usize) -> Document {
        Document {
            url: format!("records/A/{n}.html"),
            title: format!("A/{n}"),
            texts: vec![("栏".into(), "字".repeat(length / 3))],
            ..Document::default()
        }
    }

    #[test]
    fn chunks_hold_everything_once_and_stay_below_their_limit() {
        let documents: Vec<Document> = (0..400).map(|n| document(n, 500 + n * 37 % 4000)).collect();
        let chunks = chunks(&documents);
        assert!(chunks.len() > 5 && chunks[0].0 == 0);
        assert!(chunks.iter().all(|(_, chunk)| chunk.content.len() < 100_000));
        let text: String = chunks.iter().map(|(_, chunk)| String::from_utf8(chunk.content.clone()).unwrap()).collect();
        for document in documents {
            assert_eq!(text.matches(&format!("\"{}\"", document.url)).count(), 1);
        }
    }

    #[test]
    fn a_new_document_leaves_most_chunks_as_they_are() {
        let mut documents: Vec<Document> = (0..1000).map(|n| document(n, 2000)).collect();
        let before: Vec<Chunk> = chunks(&documents).into_iter().map(|(_, chunk)| chunk).collect();
        documents[500].texts.push(("栏".into(), "更".repeat(50)));
        let after: Vec<Chunk> = chunks(&documents).into_iter().map(|(_, chunk)| chunk).collect();
        let same = after.iter().filter(|chunk| before.contains(chunk)).count();
        assert!(same + 2 >= after.len(), "{same} of {}", after.len());
    }

    #[test]
    fn one_document_that_is_too_big_has_a_chunk_of_its_own() {
        let documents = [document(0, 1000), document(1, 150_000), document(2, 1000)];
        let starts: Vec<usize> = chunks(&documents).into_iter().map(|(start, _)| start).collect();
        assert_eq!((starts[0], starts[1]), (0, 1));
    }
}
