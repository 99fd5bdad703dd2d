//! The texts of the documents, in chunks: for proving a hit and for showing it.

use std::ops::Range;

use serde::Serialize;

use super::FOLDER;
use super::document::Document;
use crate::publish::chunk::{self, Chunk};

/// Several documents, one after another.
#[derive(Debug, Serialize)]
struct Texts<'d> {
    /// Labels, each once.
    labels: Vec<&'d str>,
    documents: Vec<Row<'d>>,
}

/// Address, title, day, then texts, each behind the number of its label.
#[derive(Debug, Serialize)]
struct Row<'d>(&'d str, &'d str, &'d str, Vec<(usize, &'d str)>);

/// Which documents go into which chunk.
pub fn ranges(documents: &[&Document]) -> Vec<Range<usize>> {
    chunk::ranges(documents.iter().map(|document| (document.url.as_str(), size_of(document))))
}

/// The bytes of what can be found in a document.
pub fn weight(document: &Document) -> usize {
    document.title.len() + document.texts.iter().map(|(_, text)| text.len()).sum::<usize>()
}

/// What a document takes in a chunk, with room for labels that it is the first to have, and for escapes.
fn size_of(document: &Document) -> usize {
    let escaped = |text: &str| text.len() + text.bytes().filter(|b| matches!(b, b'"' | b'\\')).count() + 8;
    let texts = document.texts.iter().map(|(_, text)| escaped(text)).sum::<usize>();
    document.url.len() + escaped(&document.title) + texts + 40
}

/// A chunk, of that number.
pub fn chunk(number: usize, documents: &[&Document]) -> Chunk {
    let mut labels: Vec<&str> = Vec::new();
    let rows = documents.iter().map(|document| {
        let texts = document.texts.iter().map(|(label, text)| {
            let at = labels.iter().position(|own| own == label).unwrap_or_else(|| {
                labels.push(label);
                labels.len() - 1
            });
            (at, text.as_str())
        });
        Row(&document.url, &document.title, &document.day, texts.collect())
    });
    let documents = rows.collect();
    Chunk::new(FOLDER, &format!("texts-{number:03}"), &Texts { labels, documents })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(documents: &[Document]) -> Vec<(usize, Chunk)> {
        let all: Vec<&Document> = documents.iter().collect();
        ranges(&all).into_iter().enumerate().map(|(nth, range)| (range.start, chunk(nth, &all[range]))).collect()
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
