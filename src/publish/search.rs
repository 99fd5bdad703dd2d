//! Full-text search: an index made with the site, which a page searches without a server.
//!
//! # Why our own
//!
//! Records are Chinese, and what is looked for most are names, numbers and fragments. Chinese has no spaces. Pagefind and the
//! engines built on a dictionary (jieba, ICU) cut a text into words and find whole words only: a name that no dictionary knows,
//! or the end of one word with the beginning of the next, is not found, and index and question may be cut differently.
//! Pagefind also fetches WebAssembly, which no page opened from a folder may. lunr, elasticlunr and their successors split at
//! spaces, so that a Chinese sentence is one word, and keep the index in one piece. Here every two neighbouring characters are
//! a piece ([`plain`]), which finds every part of a text, exactly as it is written.
//!
//! # How
//!
//! [`Search::follow`] looks on while pages are made: the view of a record becomes a [`Document`] and its pieces, and is not
//! made twice for it. Documents are numbered in the order in which hits are shown: the newest dossier first, behind it its
//! records, then the rulebook and the guide. [`Search::chunks`] are small scripts under `search/` ([`chunk`]), and a page loads
//! those that a question needs: lists of documents by piece ([`lists`]), facets ([`columns`]), texts ([`texts`]). A list tells
//! who may have what is asked for; the text proves it, and the words around the hit are shown.
//!
//! What is in the index is what this audience's pages show, since it is made from their views. The texts stand there in plain,
//! so the [proof](super::proof) covers them; lists hold no text at all.

mod bits;
mod chunk;
mod columns;
mod document;
mod lists;
mod plain;
mod texts;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::json;

pub use chunk::Chunk;
pub use document::{Document, FACETS, Words};
pub use plain::{Class, class, fold, hash, pieces};

use super::site::{Page, Pages, url};
use super::view::{DossierRow, Later, RecordView};
use super::write::Sink;
use lists::Lists;

/// What can be found on a site.
#[derive(Debug)]
pub struct Search {
    words: Words,
    /// Dossiers by number.
    dossiers: BTreeMap<String, DossierRow>,
    /// What became of each record, once its page was made; in the order of the pages.
    records: Vec<OnceLock<Found>>,
    /// All other pages.
    others: Vec<Entry>,
}

/// A record that was looked at, with the number of its dossier.
#[derive(Debug)]
struct Found {
    dossier: Option<String>,
    entry: Entry,
}

/// A document with the marks of its pieces, sorted.
#[derive(Debug)]
struct Entry {
    document: Document,
    marks: Vec<u32>,
}

/// Sizes, for whoever wants to know whether the index is small enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Documents.
    pub documents: usize,
    /// Bytes of the texts in which is searched, titles included, labels and addresses not.
    pub text: usize,
    /// Bytes of the lists, as files.
    pub lists: usize,
    /// Bytes of the files with texts.
    pub texts: usize,
    /// Bytes of the files with facets.
    pub columns: usize,
    /// The biggest file.
    pub biggest: usize,
    /// How many files.
    pub files: usize,
}

impl Search {
    /// A search for these pages, in these words. Records come later.
    pub fn of(pages: &Pages<'_>, words: Words) -> Self {
        let dossiers = pages.rows.iter().map(|row| (row.link.text.clone(), row.clone())).collect();
        let mut others: Vec<Document> = Vec::new();
        others.extend(pages.forms.iter().map(|(url, view)| Document::of_form(url, view, &words)));
        others.extend(pages.articles.iter().map(|(url, view)| Document::of_article(url, view, &words)));
        others.extend(pages.rules.iter().map(|(url, view)| Document::of_rule(url, view, &words)));
        others.extend(pages.people.iter().map(|(url, view)| Document::of_person(url, view, &words)));
        others.extend(pages.guide.iter().map(|(url, title, html)| Document::of_guide(url, title, html, &words)));
        let others = others.into_iter().map(Entry::new).collect();
        Self { words, dossiers, records: pages.records.iter().map(|_| OnceLock::new()).collect(), others }
    }

    /// The same pages, and the one with the search. Whoever makes a record's view from now on shows it to the search too.
    pub fn follow<'s>(&'s self, mut pages: Pages<'s>) -> Pages<'s> {
        let seen = self.records.iter().zip(pages.records).map(|(slot, (url, view))| {
            let own = url.clone();
            let look = move || {
                let view = view.get();
                slot.get_or_init(|| self.found(&own, &view));
                view
            };
            (url, Later::new(look))
        });
        pages.records = seen.collect();
        pages.more.push(Page { url: url::SEARCH.to_owned(), template: "search.html", context: json!({ "facets": FACETS }) });
        pages
    }

    fn found(&self, url: &str, view: &RecordView) -> Found {
        let dossier = view.dossier.as_ref().map(|link| link.text.clone());
        let row = dossier.as_ref().and_then(|number| self.dossiers.get(number));
        Found { entry: Entry::new(Document::of_record(url, view, row, &self.words)), dossier }
    }

    /// Hands over the files of the search. A record whose page was not made is looked at now.
    pub fn put(&self, pages: &Pages<'_>, sink: &dyn Sink) -> Size {
        let (chunks, size) = self.chunks(pages);
        for Chunk { path, content } in chunks {
            sink.put(&path, None, &content);
        }
        size
    }

    /// The files of the search.
    pub fn chunks(&self, pages: &Pages<'_>) -> (Vec<Chunk>, Size) {
        for (slot, (_, view)) in self.records.iter().zip(&pages.records) {
            if slot.get().is_none() {
                drop(view.get());
            }
        }
        let dossiers: Vec<(&DossierRow, Entry)> = self.in_order(pages);
        let entries = self.entries(&dossiers);
        let documents: Vec<&Document> = entries.iter().map(|entry| &entry.document).collect();
        let marks: Vec<&[u32]> = entries.iter().map(|entry| entry.marks.as_slice()).collect();
        let mut size = Size { documents: documents.len(), ..Size::default() };
        size.text = documents.iter().map(|document| texts::weight(document)).sum();

        let mut chunks = Vec::new();
        let mut add = |chunk: Chunk, bytes: &mut usize| {
            *bytes += chunk.content.len();
            size.biggest = size.biggest.max(chunk.content.len());
            let stamp = chunk.stamp();
            chunks.push(chunk);
            stamp
        };
        let lists = Lists::of(&marks);
        let lists_at: Vec<_> = lists
            .chunks
            .iter()
            .enumerate()
            .map(|(at, (first, bits))| (first, add(Chunk::new(&format!("lists-{at:03}"), bits), &mut size.lists)))
            .collect();
        let texts_at: Vec<_> = texts::chunks(&documents).into_iter().map(|(first, chunk)| (first, add(chunk, &mut size.texts))).collect();
        let columns = FACETS.iter().enumerate().filter_map(|(at, name)| {
            let of: Vec<&str> = documents.iter().map(|document| document.facets[at].as_str()).collect();
            Some((name, add(columns::column(name, &of)?, &mut size.columns)))
        });
        let columns_at: Vec<_> = columns.collect();
        let manifest = json!({
            "documents": documents.len(), "shift": lists.shift, "rice": lists.rice, "lists": lists_at, "texts": texts_at, "columns": columns_at,
        });
        chunks.push(Chunk::new("manifest", &manifest));
        size.files = chunks.len();
        (chunks, size)
    }

    /// Dossiers, the newest first.
    fn in_order(&self, pages: &Pages<'_>) -> Vec<(&DossierRow, Entry)> {
        let mut rows: Vec<(&str, &DossierRow)> = Vec::new();
        for ((url, _), row) in pages.dossiers.iter().zip(&pages.rows) {
            rows.extend(self.dossiers.get(&row.link.text).map(|row| (url.as_str(), row)));
        }
        rows.sort_by(|(_, a), (_, b)| b.opened.cmp(&a.opened).then_with(|| a.link.text.cmp(&b.link.text)));
        rows.into_iter().map(|(url, row)| (row, Entry::new(Document::of_dossier(url, row, &self.words)))).collect()
    }

    /// Everything in the order in which it is shown.
    fn entries<'s>(&'s self, dossiers: &'s [(&DossierRow, Entry)]) -> Vec<&'s Entry> {
        let mut of: BTreeMap<Option<&str>, Vec<&Entry>> = BTreeMap::new();
        for found in self.records.iter().filter_map(OnceLock::get) {
            of.entry(found.dossier.as_deref()).or_default().push(&found.entry);
        }
        let mut out = Vec::new();
        for (row, entry) in dossiers {
            out.push(entry);
            out.extend(of.remove(&Some(row.link.text.as_str())).unwrap_or_default());
        }
        out.extend(of.into_values().flatten());
        out.extend(&self.others);
        out
    }
}

impl Entry {
    fn new(document: Document) -> Self {
        let mut marks = Vec::new();
        pieces(&fold(&document.title), |piece| {
            marks.extend([false, true].map(|in_title| lists::mark(hash(piece), in_title)));
        });
        for (_, text) in &document.texts {
            pieces(&fold(text), |piece| marks.push(lists::mark(hash(piece), false)));
        }
        marks.sort_unstable();
        marks.dedup();
        marks.shrink_to_fit();
        Self { document, marks }
    }
}
