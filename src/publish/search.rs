//! Full-text search: an index made with the site, which a page searches without a server.
//!
//! # Why our own
//!
//! Records are Chinese, and what is looked for most are names, numbers and fragments. Chinese has no spaces.
//!
//! - Pagefind, like everything that rests on a dictionary (jieba, ICU), cuts texts into words. Whether a name that is in no
//!   dictionary is found, or the end of one word with the beginning of the next, depends on how the cut happens to fall, and
//!   several words are found apart where one phrase was meant: of our sample pages 25 for 2. It also fetches WebAssembly and
//!   chunks, which a page opened from a folder may not, and brings some 200 crates.
//! - lunr, elasticlunr and their successors split at spaces, so that a Chinese sentence is one word, and hold the index in one
//!   piece that every search must load.
//!
//! Here every two neighbouring characters are a piece ([`plain`]), which finds every part of a text exactly as it is written.
//!
//! # How
//!
//! [`Search::follow`] looks on while pages are made: the view of a record becomes a [`Document`] and its pieces, and is not
//! made twice for it. Documents are numbered in the order in which hits are shown: the newest dossier first, behind it its
//! records, then the rulebook and the guide. [`Search::put`] hands over small scripts ([`chunk`](super::chunk)): lists of documents by piece
//! ([`lists`]), the texts ([`texts`]), and a manifest that says where they are and has the facets ([`columns`]). A page loads
//! what a question needs. The lists tell which documents may have what is asked for; their texts prove it, and the words
//! around the hit are shown.
//!
//! What is in the index is what this audience's pages show, since it is made from their views. The texts stand there in plain,
//! so the [proof](super::proof) covers them; the lists hold no text at all.

mod bits;
mod columns;
mod document;
mod lists;
mod plain;
mod texts;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

pub use document::{Document, FACETS, Words};
pub use plain::{Class, class, fold, hash, pieces};

use super::chunk::Chunk;
use super::site::{Page, Pages, url};
use super::view::{DossierRow, Later, RecordView};
use super::write::Sink;
use lists::Lists;

/// Where the files of the search lie.
const FOLDER: &str = "search";

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
    /// Bytes of what tells where all is, facets included.
    pub manifest: usize,
    /// The biggest file.
    pub biggest: usize,
    /// How many files.
    pub files: usize,
}

/// A chunk in the output: its first key or document, its stamp; and how many bytes it has.
#[derive(Debug, Serialize)]
struct Placed(u32, String, #[serde(skip)] usize);

impl Placed {
    fn put(first: u32, chunk: Chunk, sink: &dyn Sink) -> Self {
        sink.put(&chunk.path, None, &chunk.content);
        Self(first, chunk.stamp(), chunk.content.len())
    }
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
        for (slot, (_, view)) in self.records.iter().zip(&pages.records) {
            if slot.get().is_none() {
                drop(view.get());
            }
        }
        let dossiers: Vec<(&DossierRow, Entry)> = self.in_order(pages);
        let entries = self.entries(&dossiers);
        let documents: Vec<&Document> = entries.iter().map(|entry| &entry.document).collect();
        let marks: Vec<&[u32]> = entries.iter().map(|entry| entry.marks.as_slice()).collect();

        let lists = Lists::of(&marks);
        let list =
            |(at, (first, bits)): (usize, &(u32, String))| Placed::put(*first, Chunk::new(FOLDER, &format!("lists-{at:03}"), bits), sink);
        let in_lists: Vec<Placed> = lists.chunks.par_iter().enumerate().map(list).collect();
        let ranges = texts::ranges(&documents);
        let text = |(at, range): (usize, &Range<usize>)| Placed::put(range.start as u32, texts::chunk(at, &documents[range.clone()]), sink);
        let in_texts: Vec<Placed> = ranges.par_iter().enumerate().map(text).collect();
        let facets: Vec<Vec<&str>> =
            (0..FACETS.len()).map(|at| documents.iter().map(|document| document.facets[at].as_str()).collect()).collect();
        let columns: Vec<_> = FACETS.iter().zip(&facets).filter_map(|(name, of)| columns::column(name, of)).collect();
        let manifest = json!({
            "documents": documents.len(), "shift": lists.shift, "rice": lists.rice, "lists": in_lists, "texts": in_texts, "columns": columns,
        });
        let manifest = Placed::put(0, Chunk::new(FOLDER, "manifest", &manifest), sink);

        let sum = |placed: &[Placed]| placed.iter().map(|one| one.2).sum();
        Size {
            documents: documents.len(),
            text: documents.iter().map(|document| texts::weight(document)).sum(),
            lists: sum(&in_lists),
            texts: sum(&in_texts),
            manifest: manifest.2,
            biggest: in_lists.iter().chain(&in_texts).map(|one| one.2).fold(manifest.2, usize::max),
            files: in_lists.len() + in_texts.len() + 1,
        }
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
