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
//! records, then the rulebook and the guide. Pages are made in the same order, and what is handed over are small scripts
//! ([`chunk`](super::chunk)): the texts ([`texts`]) as soon as a chunk of them is full ([`line`]), at the end the lists of
//! documents by piece ([`lists`]), and a manifest that says where they are and has the facets ([`columns`]). A page loads what
//! a question needs. The lists tell which documents may have what is asked for; their texts prove it, and the words around the
//! hit are shown.
//!
//! What is in the index is what this audience's pages show, since it is made from their views. The texts stand there in plain,
//! so the [proof](super::proof) covers them; the lists hold no text at all.

mod bits;
mod columns;
mod document;
mod line;
mod lists;
mod plain;
mod texts;

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

pub use document::{Document, FACETS, Words};
pub use plain::{Class, class, fold, hash, pieces};

use super::chunk::Chunk;
use super::site::{Page, Pages, url};
use super::view::{Later, RecordView};
use super::write::Sink;
use line::{Full, Line};
use lists::Lists;

/// Where the files of the search lie.
const FOLDER: &str = "search";

/// What can be found on a site.
pub struct Search<'s> {
    words: Words,
    sink: &'s dyn Sink,
    /// The marks of the pieces of each document, sorted, once it was looked at.
    marks: Vec<OnceLock<Vec<u32>>>,
    line: Mutex<Line>,
    /// The chunks of texts that left.
    texts: Mutex<Vec<Placed>>,
    /// All other pages.
    others: Vec<Document>,
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

impl<'s> Search<'s> {
    /// A search for these pages, in these words, with its files for `sink`.
    pub fn of(pages: &Pages<'_>, words: Words, sink: &'s dyn Sink) -> Self {
        let mut others: Vec<Document> = Vec::new();
        others.extend(pages.forms.iter().map(|(url, view)| Document::of_form(url, view, &words)));
        others.extend(pages.articles.iter().map(|(url, view)| Document::of_article(url, view, &words)));
        others.extend(pages.rules.iter().map(|(url, view)| Document::of_rule(url, view, &words)));
        others.extend(pages.people.iter().map(|(url, view)| Document::of_person(url, view, &words)));
        others.extend(pages.guide.iter().map(|(url, title, html)| Document::of_guide(url, title, html, &words)));
        let count = pages.dossiers.len() + pages.records().count() + others.len();
        let marks = (0..count).map(|_| OnceLock::new()).collect();
        Self { words, sink, marks, line: Mutex::default(), texts: Mutex::default(), others }
    }

    /// The same pages, in the order in which hits are shown, and the one with the search. Whoever makes a record's view from
    /// now on shows it to the search too.
    pub fn follow(&'s self, mut pages: Pages<'s>) -> Pages<'s> {
        pages.dossiers.sort_by(|a, b| (Reverse(&a.row.opened), &a.row.link.text).cmp(&(Reverse(&b.row.opened), &b.row.link.text)));
        let mut numbers = 0..self.marks.len();
        for dossier in &mut pages.dossiers {
            let document = Document::of_dossier(&dossier.url, &dossier.row, &self.words);
            let state: Arc<str> = document.state().into();
            if let Some(at) = numbers.next() {
                self.take(at, document);
            }
            let records = std::mem::take(&mut dossier.records).into_iter();
            dossier.records = records.zip(numbers.by_ref()).map(|(page, at)| self.watched(at, page, Arc::clone(&state))).collect();
        }
        pages.alone = pages.alone.into_iter().zip(numbers).map(|(page, at)| self.watched(at, page, "".into())).collect();
        pages.more.push(Page { url: url::SEARCH.to_owned(), template: "search.html", context: json!({ "facets": FACETS }) });
        pages
    }

    /// A record's page, whose view is shown to the search as the document of that number; `state` is that of its dossier.
    fn watched(&'s self, at: usize, (url, view): (String, Later<'s, RecordView>), state: Arc<str>) -> (String, Later<'s, RecordView>) {
        let own = url.clone();
        let look = move || {
            let view = view.get();
            if self.marks[at].get().is_none() {
                self.take(at, Document::of_record(&own, &view, &state, &self.words));
            }
            view
        };
        (url, Later::new(look))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the document of that number, once.
    fn take(&self, at: usize, document: Document) {
        if self.marks[at].set(marks(&document)).is_ok() {
            let full = self.line().take(at, document);
            self.leave(full);
        }
    }

    /// Hands over chunks of texts.
    fn leave(&self, full: impl IntoIterator<Item = Full>) {
        for Full { number, first, documents } in full {
            let placed = Placed::put(first as u32, texts::chunk(number, &documents), self.sink);
            self.texts.lock().unwrap_or_else(PoisonError::into_inner).push(placed);
        }
    }

    /// Hands over the rest. A record whose page was not made is looked at now.
    pub fn put(&self, pages: &Pages<'_>) -> Size {
        let views = pages.dossiers.iter().flat_map(|dossier| std::iter::once(None).chain(dossier.records.iter().map(Some)));
        for (marks, page) in self.marks.iter().zip(views.chain(pages.alone.iter().map(Some))) {
            if let (None, Some((_, view))) = (marks.get(), page) {
                drop(view.get());
            }
        }
        let first = self.marks.len() - self.others.len();
        self.others.par_iter().enumerate().for_each(|(nth, document)| self.take(first + nth, document.clone()));
        let last = self.line().end();
        self.leave(last);

        let marks: Vec<&[u32]> = self.marks.iter().map(|of| of.get().map_or(&[][..], Vec::as_slice)).collect();
        let lists = Lists::of(&marks);
        let list = |(at, (first, bits)): (usize, &(u32, String))| {
            Placed::put(*first, Chunk::new(FOLDER, &format!("lists-{at:03}"), bits), self.sink)
        };
        let in_lists: Vec<Placed> = lists.chunks.par_iter().enumerate().map(list).collect();
        let mut in_texts = std::mem::take(&mut *self.texts.lock().unwrap_or_else(PoisonError::into_inner));
        in_texts.sort_by_key(|placed| placed.0);
        let line = self.line();
        let columns: Vec<_> = FACETS.iter().zip(&line.facets).filter_map(|(name, facet)| facet.column(name)).collect();
        let manifest = json!({
            "documents": marks.len(), "shift": lists.shift, "rice": lists.rice, "lists": in_lists, "texts": in_texts, "columns": columns,
        });
        let manifest = Placed::put(0, Chunk::new(FOLDER, "manifest", &manifest), self.sink);

        let sum = |placed: &[Placed]| placed.iter().map(|one| one.2).sum();
        Size {
            documents: marks.len(),
            text: line.text,
            lists: sum(&in_lists),
            texts: sum(&in_texts),
            manifest: manifest.2,
            biggest: in_lists.iter().chain(&in_texts).map(|one| one.2).fold(manifest.2, usize::max),
            files: in_lists.len() + in_texts.len() + 1,
        }
    }
}

/// The marks of the pieces of a document, sorted.
fn marks(document: &Document) -> Vec<u32> {
    // A text has about as many pieces as characters.
    let mut marks = Vec::with_capacity(document.texts.iter().map(|(_, text)| text.len() / 2).sum());
    pieces(&fold(&document.title), |piece| {
        marks.extend([false, true].map(|in_title| lists::mark(hash(piece), in_title)));
    });
    for (_, text) in &document.texts {
        pieces(&fold(text), |piece| marks.push(lists::mark(hash(piece), false)));
    }
    radsort::sort(&mut marks);
    marks.dedup();
    marks.shrink_to_fit();
    marks
}
