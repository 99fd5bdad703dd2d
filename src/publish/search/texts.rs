//! The texts of the documents, in chunks: for proving a hit and for showing it.

use serde::Serialize;

use super::FOLDER;
use super::document::Document;
use crate::publish::chunk::Chunk;

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

/// The bytes of what can be found in a document.
pub fn weight(document: &Document) -> usize {
    document.title.len() + document.texts.iter().map(|(_, text)| text.len()).sum::<usize>()
}

/// What a document takes in a chunk, with room for labels that it is the first to have, and for escapes.
pub fn size_of(document: &Document) -> usize {
    // Every byte of every text is counted: without a check for overflow many at a time.
    let escapes = |text: &str| text.bytes().fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(matches!(byte, b'"' | b'\\'))));
    let escaped = |text: &str| text.len() + escapes(text) + 8;
    let texts = document.texts.iter().map(|(_, text)| escaped(text)).sum::<usize>();
    document.url.len() + escaped(&document.title) + texts + 40
}

/// A chunk, of that number.
pub fn chunk(number: usize, documents: &[Document]) -> Chunk {
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
