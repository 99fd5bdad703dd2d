//! Papers: views to tagged PDF/A-3a, typeset in process by typst.
//!
//! A paper is a [`Frame`] and some [`RecordView`]s, handed to a template as one virtual JSON file.
//! The general template belongs to the theme (`paper/general.typ`), a form may have its own beside
//! it in the rulebook. What a template gets is a view, so it cannot print what the audience may not
//! see; what goes wrong in it is a finding about the template, never a failure.
//!
//! Same views, same templates and same fonts give the same bytes: the document id and the
//! timestamp come from the job, and `datetime.today()` is the job's date, not the clock's.

mod data;
mod fonts;
mod glyphs;
mod templates;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Datelike, NaiveDate};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Value, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source as Template, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World, WorldExt};
use typst_as_lib::{TypstEngine, TypstTemplateCollection, TypstWorld};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use self::fonts::{Faces, no_font, system_font_dirs};
use self::glyphs::Glyphs;
use super::view::{Frame, RecordView, SheetView};
use super::write::Digest;
use crate::diagnostic::{Diagnostic, Severity};
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};

/// The theme's general layout.
const GENERAL: &str = "paper/general.typ";

/// The theme's evidence sheet.
const EVIDENCE: &str = "paper/evidence.typ";

/// The document around every template: language, title and attachment are the same for all of them.
/// A template is a module with a function `form(frame, record, place)`.
const MAIN: &str = r#"#let job = json("/job.json")
#set document(title: job.title, author: job.frame.organisation)
#set text(lang: "zh", region: "cn", font: job.fonts.text)
#if job.attachment != none {
  pdf.attach(job.attachment, read("/attachment", encoding: none), relationship: "source", mime-type: if job.sheet == none { "text/markdown" } else { "application/json" }, description: job.title)
}
#if job.sheet != none {
  import "/paper/evidence.typ": evidence
  evidence(job.frame, job.sheet, job.fonts)
}
#for (number, record) in job.records.enumerate() {
  import if record.paper.template == none { "/paper/general.typ" } else { "/forms/" + record.paper.template }: form
  form(job.frame, record, (number: number, of: job.records.len(), fonts: job.fonts))
}
"#;

/// typst recurses deeply; rayon's default of 2 MiB overflows.
const STACK: usize = 32 << 20;

/// typst's cache grows by about 1.5 MB per paper. After this many papers, what was not used since
/// the last time but one is dropped: few enough to stay small, many enough to keep threads from
/// waiting for each other.
const PAPERS_PER_EVICTION: usize = 32;

/// Fonts and templates, loaded once, for any number of papers.
pub struct Press {
    engine: TypstEngine<TypstTemplateCollection>,
    ids: Ids,
    templates: BTreeMap<String, SharedSource>,
    fonts: Value,
    faces: usize,
    glyphs: Glyphs,
    standards: PdfStandards,
    pool: Option<ThreadPool>,
    printed: AtomicUsize,
    unusable: Option<Diagnostic>,
}

/// One paper to typeset.
pub struct Job<'a> {
    /// What stands in head and foot.
    pub frame: &'a Frame,
    /// The records, each starting a page.
    pub records: Vec<&'a RecordView>,
    /// Title of the document.
    pub title: String,
    /// What identifies the document for good, such as archive and record id.
    pub ident: String,
    /// Day of the document, never the clock's.
    pub date: Option<NaiveDate>,
    /// What is shown instead of records: an evidence sheet.
    pub sheet: Option<&'a SheetView>,
    /// The record as it was written. It holds everything, so it is given for the highest audience only.
    pub attachment: Option<Attachment>,
}

/// A file inside the PDF.
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The names under which typst asks for what is not a template.
#[derive(Clone, Copy)]
struct Ids {
    main: FileId,
    job: FileId,
    attachment: FileId,
}

/// A paper, if it could be made, and what is to be said about it.
pub type Printed = (Option<Vec<u8>>, Vec<Diagnostic>);

/// Where papers go as they are made, by the number of their job. A function that takes the PDF will do.
pub trait Tray: Sync {
    /// Whether there is such a paper from an earlier time, made from the same; then it need not be made.
    fn keep(&self, _number: usize, _from: Digest) -> bool {
        false
    }
    /// Takes a paper, and what it was made from if there is nothing to be said about it.
    fn put(&self, number: usize, pdf: Vec<u8>, from: Option<Digest>);
}

impl<F: Fn(usize, Vec<u8>) + Sync> Tray for F {
    fn put(&self, number: usize, pdf: Vec<u8>, _: Option<Digest>) {
        self(number, pdf);
    }
}

impl Press {
    /// Loads templates, and fonts from `font_dirs` (the archive's `theme/fonts`) and the system's folders.
    ///
    /// `theme` gives a file of the theme by name, such as `paper/general.typ`; `forms` are the
    /// rulebook's own templates by file name. Without a usable Chinese font the press is made all
    /// the same, and every paper ends in the finding that says what to install.
    pub fn new(theme: &dyn Fn(&str) -> Option<String>, forms: &[(String, String)], font_dirs: &[PathBuf]) -> (Self, Vec<Diagnostic>) {
        Self::with_fonts(theme, forms, font_dirs, &system_font_dirs())
    }

    /// The same with the system's font folders given.
    fn with_fonts(
        theme: &dyn Fn(&str) -> Option<String>,
        forms: &[(String, String)],
        own_dirs: &[PathBuf],
        system_dirs: &[PathBuf],
    ) -> (Self, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let templates = templates::collect(theme, forms);
        if !templates.contains_key(&format!("/{GENERAL}")) {
            found.push(Diagnostic::error("T101", None, say!("主题里没有 {GENERAL}", "The theme has no {GENERAL}")).key(GENERAL));
        }
        let mut sources = vec![Template::new(virtual_id("/main.typ"), MAIN.to_owned())];
        for (path, source) in &templates {
            match VirtualPath::new(path) {
                Ok(path) => {
                    sources.push(Template::new(RootedPath::new(VirtualRoot::Project, path).intern(), source.text().to_owned()));
                }
                Err(_) => found.push(
                    Diagnostic::error("T101", Place::file(source), say!("模板的文件名不能用", "The template's file name cannot be used"))
                        .key(path),
                ),
            }
        }
        let faces = Faces::find(own_dirs, system_dirs);
        let glyphs = Glyphs::of(&faces.fonts);
        let fonts = json!({ "text": faces.text(), "heading": faces.heading() });
        let count = faces.fonts.len();
        let unusable = faces.fonts.is_empty().then(|| no_font(&faces.variable));
        let press = Self {
            engine: TypstEngine::builder().fonts(faces.fonts).with_static_source_file_resolver(sources).comemo_evict_max_age(None).build(),
            ids: Ids { main: virtual_id("/main.typ"), job: virtual_id("/job.json"), attachment: virtual_id("/attachment") },
            templates,
            fonts,
            faces: count,
            glyphs,
            standards: PdfStandards::new(&[PdfStandard::A_3a]).expect("one standard does not contradict itself"),
            pool: pool(rayon::current_num_threads()),
            printed: AtomicUsize::new(0),
            unusable,
        };
        (press, found)
    }

    /// Typesets one paper.
    pub fn typeset(&self, job: &Job<'_>) -> Printed {
        match &self.pool {
            Some(pool) => pool.install(|| self.print(job, &|_| false).0),
            None => self.print(job, &|_| false).0,
        }
    }

    /// Typesets many papers on as many threads as rayon's global pool has, into `tray` in no order.
    /// The findings are in the order of the jobs, each said once.
    pub fn typeset_all(&self, jobs: &[Job<'_>], tray: &(impl Tray + ?Sized)) -> Vec<Diagnostic> {
        if let Some(unusable) = &self.unusable {
            return if jobs.is_empty() { Vec::new() } else { vec![unusable.clone()] };
        }
        let next = AtomicUsize::new(0);
        // typst and the PDF writer start parallel work of their own and wait for it. In one pool for all,
        // a waiting thread would take up another paper, and another within that: deep stacks, many
        // papers in memory. So every lane has a pool of one thread, and papers do not nest.
        let lane = |_| {
            let mut found = Vec::new();
            let pool = pool(1);
            while let number = next.fetch_add(1, Ordering::Relaxed)
                && let Some(job) = jobs.get(number)
            {
                let keep = |from| tray.keep(number, from);
                let ((pdf, said), from) = match &pool {
                    Some(pool) => pool.install(|| self.print(job, &keep)),
                    None => self.print(job, &keep),
                };
                if let Some(pdf) = pdf {
                    tray.put(number, pdf, from);
                }
                found.extend(said.into_iter().map(|finding| (number, finding)));
            }
            found
        };
        let lanes = rayon::current_num_threads().min(jobs.len());
        let mut found: Vec<(usize, Diagnostic)> = std::thread::scope(|scope| {
            let lane = &lane;
            let lanes: Vec<_> = (0..lanes).map(|n| scope.spawn(move || lane(n))).collect();
            lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        comemo::evict(0);
        found.sort_by_key(|(number, _)| *number);
        let mut said = BTreeSet::new();
        let at = |d: &Diagnostic| (d.code.clone(), d.path().to_owned(), d.place.as_ref().map(|p| p.span), d.message.zh.clone());
        found.into_iter().map(|(_, d)| d).filter(|d| said.insert(at(d))).collect()
    }

    /// Typesets on this thread, which must have a large stack, unless `keep` has the paper; with what it is made from.
    /// A paper with findings is made each time, so that they are said each time.
    fn print(&self, job: &Job<'_>, keep: &dyn Fn(Digest) -> bool) -> (Printed, Option<Digest>) {
        if let Some(unusable) = &self.unusable {
            return ((None, vec![unusable.clone()]), None);
        }
        let (data, mut found) = self.data(job);
        let from = self.from(job, &data);
        if found.is_empty() && from.is_some_and(keep) {
            return ((None, found), from);
        }
        let pdf = catch_unwind(AssertUnwindSafe(|| self.compile(job, data, &mut found))).unwrap_or_else(|panic| {
            let cause = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            let cause = cause.unwrap_or("?").to_owned();
            found.push(Diagnostic::error("T101", None, say!("排版程序中断：{cause}", "The typesetter broke off: {cause}")).key(&job.ident));
            None
        });
        if (self.printed.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(PAPERS_PER_EVICTION) {
            comemo::evict(1);
        }
        let from = from.filter(|_| found.is_empty());
        ((pdf, found), from)
    }

    /// Everything that a paper is made from, besides the program.
    fn from(&self, job: &Job<'_>, data: &[u8]) -> Option<Digest> {
        let head = Digest::of(&(&job.ident, job.date, job.attachment.as_ref().map(|file| &file.name)))?;
        let attached = Digest::of_bytes(job.attachment.as_ref().map_or(&[], |file| &file.bytes));
        let templates =
            self.templates.iter().map(|(name, source)| Digest::of_bytes(name.as_bytes()).and(Digest::of_bytes(source.text().as_bytes())));
        Some(templates.fold(head.and(attached).and(Digest::of_bytes(data)), Digest::and))
    }

    /// The job as the templates read it, with glyphs that are missing replaced and found.
    fn data(&self, job: &Job<'_>) -> (Vec<u8>, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let mut records = Vec::with_capacity(job.records.len());
        for record in &job.records {
            let mut value = serde_json::to_value(record).unwrap_or_default();
            data::leave_out(&mut value);
            let mut missing = BTreeSet::new();
            self.glyphs.mend(&mut value, 0, &mut missing);
            data::measure(&mut value, &self.glyphs);
            if !missing.is_empty() {
                found.push(self.missing_glyphs(job, record, &missing));
            }
            records.push(value);
        }
        let mut head = json!({
            "title": job.title,
            "attachment": job.attachment.as_ref().map(|file| &file.name),
            "frame": job.frame,
        });
        data::leave_out_of_frame(&mut head["frame"]);
        self.glyphs.mend(&mut head, 0, &mut BTreeSet::new());
        head["sheet"] = serde_json::to_value(job.sheet).unwrap_or_default();
        self.glyphs.mend(&mut head["sheet"], 0, &mut BTreeSet::new());
        head["fonts"] = self.fonts.clone();
        head["records"] = Value::Array(records);
        (serde_json::to_vec(&head).unwrap_or_default(), found)
    }

    fn missing_glyphs(&self, job: &Job<'_>, record: &RecordView, missing: &BTreeSet<char>) -> Diagnostic {
        let written = job.attachment.as_ref().and_then(|file| std::str::from_utf8(&file.bytes).ok()).unwrap_or("");
        let source = Source::new(record.path.as_str(), written);
        let first = written.char_indices().find(|(_, c)| missing.contains(c));
        let span = first.map_or(Span::at(0), |(at, c)| Span::new(at, at + c.len_utf8()));
        let list: Vec<String> = missing.iter().take(20).map(|&c| format!("{c}(U+{:04X})", u32::from(c))).collect();
        let (list, shown) = (list.join(" "), self.glyphs.substitute);
        Diagnostic::warning(
            "T102",
            Place::new(&source, span),
            say!("字体里没有这些字：{list}；纸上印作“{shown}”", "The fonts lack these characters: {list}; the paper shows `{shown}`"),
        )
        .help(say!(
            "把收有这些字的静态字体放进 theme/fonts，或换用通行的写法",
            "Put a static font that has them into theme/fonts, or write them otherwise"
        ))
        .key("glyph")
    }

    fn compile(&self, job: &Job<'_>, data: Vec<u8>, found: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
        let today = job.date.and_then(|day| Datetime::from_ymd(day.year(), u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?));
        let world = match self.engine.world_builder(self.ids.main).build() {
            Ok(world) => world,
            Err(error) => {
                found.push(Diagnostic::error("T101", None, say!("排版不能开始：{error}", "Typesetting cannot start: {error}")));
                return None;
            }
        };
        let sheet = Sheet {
            world,
            templates: &self.templates,
            faces: self.faces,
            ids: self.ids,
            today,
            data: Bytes::new(data),
            attachment: job.attachment.as_ref().map(|file| Bytes::new(file.bytes.clone())),
        };
        let Warned { output, warnings } = typst::compile::<PagedDocument>(&sheet);
        found.extend(warnings.iter().map(|said| self.finding(job, &sheet, said, Severity::Advice)));
        let options = PdfOptions {
            ident: Smart::Custom(job.ident.clone()),
            creator: Smart::Custom(Some("anjuan".to_owned())),
            timestamp: today.and_then(|day| Datetime::from_ymd_hms(day.year()?, day.month()?, day.day()?, 0, 0, 0)).map(Timestamp::new_utc),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        match output.and_then(|document| typst_pdf::pdf(&document, &options)) {
            Ok(pdf) => Some(pdf),
            Err(errors) => {
                found.extend(errors.iter().map(|said| self.finding(job, &sheet, said, Severity::Error)));
                None
            }
        }
    }

    /// What typst says about a template, as a finding about that file.
    fn finding(&self, job: &Job<'_>, sheet: &Sheet<'_>, said: &SourceDiagnostic, severity: Severity) -> Diagnostic {
        let calls = said.trace.iter().map(|call| (call.span.id(), sheet.range(call.span)));
        let places = std::iter::once((said.span.id(), sheet.range(said.span))).chain(calls);
        let place = places
            .filter_map(|(id, range)| Some((self.templates.get(id?.vpath().get_with_slash())?, range)))
            .map(|(source, range)| Place::new(source, range.map_or(Span::at(0), |range| Span::new(range.start, range.end))))
            .next();
        // What went wrong between the files, such as a template without `form`, is said of the first form's own.
        let own = || job.records.iter().find_map(|record| self.templates.get(&format!("/forms/{}", record.paper.template.as_ref()?)));
        let place = place.or_else(|| own().map(Place::file));
        let message = &said.message;
        let mut finding = Diagnostic::new(
            "T101",
            severity,
            place,
            match severity {
                Severity::Error => say!("纸张模板出错：{message}", "A paper template failed: {message}"),
                _ => say!("纸张模板有提醒：{message}", "About a paper template: {message}"),
            },
        )
        .key(message.as_str());
        for hint in &said.hints {
            let hint = &hint.v;
            finding = finding.fact(say!("{hint}", "{hint}"));
        }
        if severity == Severity::Error {
            finding = finding.help(say!(
                "改正模板；删去主题里的同名文件即回到自带的版式",
                "Mend the template; without the file of that name in the theme the built-in layout is used"
            ));
        }
        finding
    }
}

/// The id of a path that is known to be valid.
fn virtual_id(path: &'static str) -> FileId {
    let path = VirtualPath::new(path).expect("a constant path without special parts");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// What typst sees while it sets one paper: the press's templates and fonts, the job's data and day.
struct Sheet<'a> {
    world: TypstWorld<'a>,
    templates: &'a BTreeMap<String, SharedSource>,
    faces: usize,
    ids: Ids,
    today: Option<Datetime>,
    data: Bytes,
    attachment: Option<Bytes>,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.world.library()
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.world.book()
    }

    fn main(&self) -> FileId {
        self.ids.main
    }

    fn source(&self, id: FileId) -> FileResult<Template> {
        self.world.source(id)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_with_slash();
        match (&self.attachment, self.templates.get(path)) {
            _ if id == self.ids.job => Ok(self.data.clone()),
            (Some(bytes), _) if id == self.ids.attachment => Ok(bytes.clone()),
            (_, Some(source)) => Ok(Bytes::from_string(source.text().to_owned())),
            _ => Err(FileError::NotFound(PathBuf::from(path))),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        // typst-as-lib indexes without looking, typst may ask past the end.
        if index < self.faces { self.world.font(index) } else { None }
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// Threads with stacks that are large enough.
fn pool(threads: usize) -> Option<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().ok()
}

#[cfg(test)]
mod tests;
