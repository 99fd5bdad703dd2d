//! Everything that a build writes, as paths and bytes.

use std::path::PathBuf;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::feed;
use super::paper::{Attachment, Job, Press, Tray};
use super::proof::Proof;
use super::search::{Search, Words};
use super::sieve;
use super::site::{self, DossierPages, Menu, Pages, Site};
use super::theme::Theme;
use super::view::{self, Basis, Frame, Later, Link, RecordView, SheetView, Viewer};
use super::workbook;
use super::write::{Digest, Sink};
use crate::archive::{Archive, config, people};
use crate::diagnostic::{Diagnostic, Language, Text};
use crate::rulebook::form::{ExtractSpec, Form, Nature};
use crate::rulebook::mentions::{code_shapes, is_whole};
use crate::rulebook::workbook::Origin;
use crate::rulebook::{Judgement, Rulebook, statistic};
use crate::source::SharedSource;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The audience, as an index.
    pub level: usize,
    /// Language of the site.
    pub language: Language,
    /// Whether to typeset papers.
    pub papers: bool,
    /// Threads; 0: as many as there are.
    pub jobs: usize,
    /// Whether pages reload themselves when the server says so.
    pub live: bool,
}

/// The archive's own theme, over the built-in one.
pub fn theme(archive: &Archive) -> Theme {
    let own = archive.root.join("theme");
    Theme::read(own.is_dir().then_some(own.as_path()))
}

/// The press with the archive's fonts and the rulebook's templates.
pub fn press(archive: &Archive, rulebook: &Rulebook, theme: &Theme) -> (Press, Vec<Diagnostic>) {
    let forms: Vec<(String, String)> = rulebook.templates.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    let fonts: Vec<PathBuf> = vec![archive.root.join("theme/fonts")];
    Press::new(&|name| theme.text(name), &forms, &fonts)
}

/// The pages of the guide that lies in the archive.
pub fn guide(archive: &Archive) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let Ok(entries) = std::fs::read_dir(archive.root.join("guide")) else { return pages };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md")
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            pages.push((name, text));
        }
    }
    pages.sort();
    pages
}

/// The texts that everybody may read: the rulebook, the theme that comes along, the register of staff. What stands in them
/// tells nobody from others. The archive's own theme and guide are not among them: a name may have got into those too.
fn open_texts(archive: &Archive, rulebook: &Rulebook) -> Vec<String> {
    let theme = Theme::built_in();
    let mut texts: Vec<String> = theme.files().filter_map(|name| theme.text(name)).collect();
    let mut law: Vec<&SharedSource> = rulebook.forms.iter().map(|form| &form.source).collect();
    law.extend(rulebook.rules.iter().map(|rule| &rule.source));
    law.extend(rulebook.settings.source.as_ref());
    law.sort_by_key(|source| source.path());
    law.dedup_by_key(|source| source.path().to_owned());
    texts.extend(law.into_iter().map(|source| source.text().to_owned()));
    let folder = &archive.config.rulebook;
    let lists = ["articles.yaml", "readings.yaml", statistic::FILE].map(|name| format!("{folder}/{name}"));
    let own = [people::FILE, config::FILE].map(str::to_owned);
    texts.extend(lists.into_iter().chain(own).filter_map(|path| std::fs::read_to_string(archive.root.join(path)).ok()));
    texts.extend(rulebook.settings.common_words.iter().cloned());
    texts
}

/// The search for every identity that is above the audience at `level`.
pub fn proof(archive: &Archive, rulebook: &Rulebook, judgement: &Judgement<'_>, level: usize) -> Proof {
    let shapes = code_shapes(rulebook);
    let is_code = |value: &str| shapes.iter().any(|(pattern, audience)| *audience <= level && is_whole(pattern, value));
    Proof::new(judgement.world.identities(), level, &open_texts(archive, rulebook), &is_code)
}

/// What came of a build besides its files.
#[derive(Debug)]
pub struct Made {
    /// What is to be said about templates and papers.
    pub found: Vec<Diagnostic>,
    /// What stands on every page.
    pub shown: Shown,
}

/// Makes the whole output: pages, search, assets, papers. `step` is told of every paper that is done.
pub fn make(
    archive: &Archive,
    rulebook: &Rulebook,
    judgement: &Judgement<'_>,
    options: Options,
    sink: &dyn Sink,
    step: &(dyn Fn() + Sync),
) -> Made {
    let theme = theme(archive);
    let viewer = Viewer::new(archive, judgement, options.level, options.language, options.papers).with_words(theme.words(options.language));
    let frame = Frame { live: options.live, ..view::frame(&viewer) };
    let (pages, program) = rayon::join(|| view::all(&viewer, &guide(archive)), program);
    let sift = || sieve::put(&pages.dossiers.iter().map(|dossier| &dossier.row).collect::<Vec<_>>(), sink);
    let (search, ()) = rayon::join(|| Search::of(&pages, Words::new(theme.words(options.language)), sink), sift);
    let pages = search.follow(pages);
    let menu = Menu::of(&theme, &frame, &pages);
    let mut found = site::render(&theme, &frame, &menu, &pages, options.jobs, program, sink);
    search.put(&pages);
    feed::put(&pages.feeds, sink);
    if options.papers {
        let (press, mut said) = press(archive, rulebook, &theme);
        found.append(&mut said);
        found.extend(print(&press, &viewer, &frame, &pages, program, sink, step));
        found.extend(workbooks(&viewer, sink));
    }
    Made { found, shown: Shown { menu, basis: pages.basis, frame } }
}

/// What a site needs besides its pages, kept from the last whole build.
#[derive(Debug)]
pub struct Shown {
    frame: Frame,
    menu: Menu,
    basis: Basis,
}

impl Shown {
    /// The templates, ready for [`preview`].
    pub fn site<'t>(&self, theme: &'t Theme) -> Site<'t> {
        Site::new(theme, &self.frame, &self.menu, &self.basis, None).0
    }
}

/// Makes the pages of dossiers and their records only, of an archive that was narrowed to them
/// ([`Archive::narrowed`]). What such a page says of other dossiers may be missing until the next whole build.
pub fn preview(archive: &Archive, judgement: &Judgement<'_>, theme: &Theme, site: &Site<'_>, options: Options, sink: &dyn Sink) {
    let viewer = Viewer::new(archive, judgement, options.level, options.language, options.papers).with_words(theme.words(options.language));
    // What is wrong with the theme the whole build says.
    let (dossiers, alone) = view::dossiers(&viewer);
    drop(site.render_dossiers(&dossiers, &alone, sink));
}

/// The program that runs: another one may make other files from the same views.
fn program() -> Option<Digest> {
    let file = std::env::current_exe().ok()?;
    Digest::of_all(std::fs::File::open(file).ok()?).ok()
}

/// How many papers a build has: one per record and extract of it, one per dossier, one blank per form.
pub fn papers(rulebook: &Rulebook, judgement: &Judgement<'_>) -> usize {
    let world = &judgement.world;
    let kept = world.dossiers.iter().filter(|d| d.kind.is_some() && !d.entries.is_empty()).count();
    let of = |entry: &crate::rulebook::context::Entry<'_>| 1 + rulebook.forms[entry.form].extracts.len();
    world.dossiers.iter().flat_map(|d| &d.entries).map(of).sum::<usize>() + kept + rulebook.forms.len()
}

/// A paper that is to be made.
enum Plan<'p, 'v> {
    Record(&'p Later<'v, RecordView>),
    Dossier(&'p DossierPages<'v>),
    Blank(&'p Form),
}

/// What a paper shows; it is made when its lot comes.
struct Set {
    path: String,
    whose: Whose,
    views: Vec<RecordView>,
}

enum Whose {
    Record,
    Extract,
    Dossier { number: String, kind: String },
    Blank,
}

/// So many papers are made ready at a time: enough to keep all threads busy, few enough to hold.
const LOT: usize = 500;

/// Typesets every paper into `sink`.
fn print(
    press: &Press,
    viewer: &Viewer<'_>,
    frame: &Frame,
    pages: &Pages<'_>,
    program: Option<Digest>,
    sink: &dyn Sink,
    step: &(dyn Fn() + Sync),
) -> Vec<Diagnostic> {
    let mut plans: Vec<Plan<'_, '_>> = pages.records().map(|(_, view)| Plan::Record(view)).collect();
    plans.extend(pages.dossiers.iter().map(Plan::Dossier));
    plans.extend(viewer.judgement.world.rulebook.forms.iter().map(Plan::Blank));
    let mut found = Vec::new();
    for lot in plans.chunks(LOT) {
        let sets: Vec<Set> = lot.par_iter().flat_map_iter(|plan| sets(viewer, plan)).collect();
        let jobs: Vec<Job<'_>> = sets.iter().filter_map(|set| job(viewer, frame, set)).collect();
        found.extend(press.typeset_all(&jobs, &Papers { sets: &sets, program, sink, step }));
    }
    found
}

/// Papers on their way into the output.
struct Papers<'p> {
    sets: &'p [Set],
    program: Option<Digest>,
    sink: &'p dyn Sink,
    step: &'p (dyn Fn() + Sync),
}

impl Tray for Papers<'_> {
    fn keep(&self, number: usize, from: Digest) -> bool {
        let kept = self.program.is_some_and(|program| self.sink.keep(&self.sets[number].path, program.and(from)));
        if kept {
            (self.step)();
        }
        kept
    }

    fn put(&self, number: usize, pdf: Vec<u8>, from: Option<Digest>) {
        (self.step)();
        self.sink.put(&self.sets[number].path, self.program.zip(from).map(|(program, from)| program.and(from)), &pdf);
    }
}

fn sets(viewer: &Viewer<'_>, plan: &Plan<'_, '_>) -> Vec<Set> {
    let one = match plan {
        Plan::Record(view) => {
            let view = view.get();
            let Some(path) = view.row.paper.clone() else { return Vec::new() };
            let mut sets = extracts(viewer, &view);
            sets.push(Set { path, whose: Whose::Record, views: vec![view] });
            return sets;
        }
        Plan::Dossier(DossierPages { row, records, order, paper, .. }) => {
            let views: Vec<RecordView> = order.iter().filter_map(|&at| records.get(at)).map(|(_, view)| view.get()).collect();
            let whose = Whose::Dossier { number: row.link.text.clone(), kind: row.kind.clone() };
            paper.clone().filter(|_| !views.is_empty()).map(|path| Set { path, whose, views })
        }
        Plan::Blank(form) => {
            let blank = view::blank(viewer.judgement.world.rulebook, form);
            Some(Set { path: format!("papers/blank/{}.pdf", blank.form), whose: Whose::Blank, views: vec![blank] })
        }
    };
    one.into_iter().collect()
}

/// The papers that show a part of a record.
fn extracts(viewer: &Viewer<'_>, view: &RecordView) -> Vec<Set> {
    let Some(at) = viewer.at(&view.path).filter(|_| !view.extracts.is_empty()) else { return Vec::new() };
    let specs = &viewer.judgement.world.rulebook.forms[viewer.judgement.world.entry(at).form].extracts;
    let one = |(spec, link): (&ExtractSpec, &Link)| {
        Some(Set { path: link.url.clone()?, whose: Whose::Extract, views: vec![viewer.extract(at, spec)] })
    };
    specs.iter().zip(&view.extracts).filter_map(one).collect()
}

fn job<'v>(viewer: &Viewer<'_>, frame: &'v Frame, set: &'v Set) -> Option<Job<'v>> {
    let first = set.views.first()?;
    Some(match &set.whose {
        Whose::Record => record_job(viewer, frame, first),
        Whose::Extract => extract_job(viewer, frame, first),
        Whose::Blank => blank_job(viewer, frame, first),
        Whose::Dossier { number, kind } => dossier_job(viewer, frame, (number, kind), set.views.iter().collect()),
    })
}

/// The paper of one record; for the highest audience with the record itself attached.
pub fn record_job<'v>(viewer: &Viewer<'_>, frame: &'v Frame, record: &'v RecordView) -> Job<'v> {
    let source = viewer.at(&record.path).filter(|_| viewer.highest()).map(|at| viewer.judgement.world.entry(at).record);
    let attachment = source.map(|r| Attachment {
        name: record.path.rsplit('/').next().unwrap_or_default().to_owned(),
        bytes: r.source.text().as_bytes().to_vec(),
    });
    Job {
        frame,
        records: vec![record],
        title: format!("{} {}", record.name, record.row.link.text),
        ident: record.row.link.text.clone(),
        date: Some(last_day(viewer, record)),
        sheet: None,
        attachment,
    }
}

/// The paper of a part of a record. The record itself is not attached: it has more in it.
pub fn extract_job<'v>(viewer: &Viewer<'_>, frame: &'v Frame, extract: &'v RecordView) -> Job<'v> {
    let title = format!("{} {}", extract.name, extract.row.link.text);
    Job { frame, records: vec![extract], ident: title.clone(), title, date: Some(last_day(viewer, extract)), sheet: None, attachment: None }
}

/// The paper of a whole dossier, of that number and kind.
pub fn dossier_job<'v>(viewer: &Viewer<'_>, frame: &'v Frame, (number, kind): (&str, &str), records: Vec<&'v RecordView>) -> Job<'v> {
    let date = records.iter().map(|record| last_day(viewer, record)).max();
    Job { frame, records, title: format!("{number} {kind}"), ident: number.to_owned(), date, sheet: None, attachment: None }
}

/// The blank paper of one form; its day is that of the edition, since it changes with the rulebook only.
pub fn blank_job<'v>(viewer: &Viewer<'_>, frame: &'v Frame, blank: &'v RecordView) -> Job<'v> {
    let ident = format!("blank {}", blank.form);
    Job { frame, records: vec![blank], title: blank.name.clone(), ident, date: Some(edition_day(viewer)), sheet: None, attachment: None }
}

/// Workbooks of forms, to be filled in for any dossier.
fn workbooks(viewer: &Viewer<'_>, sink: &dyn Sink) -> Vec<Diagnostic> {
    let world = &viewer.judgement.world;
    let day = edition_day(viewer);
    let forms = world.rulebook.forms.par_iter().enumerate().filter(|(_, form)| form.nature != Nature::Derived);
    let made = forms.filter_map(|(at, form)| {
        let code = &form.code.value;
        let view = view::workbook::blank(world, at, viewer.language);
        match workbook::xlsx(&view, &Origin { form: Some(code.clone()), ..Origin::default() }, day, viewer.language) {
            Ok(bytes) => sink.put(&view::workbook::blank_url(code), None, &bytes),
            Err(failure) => {
                let (zh, en) = (failure.message(Language::Zh), failure.message(Language::En));
                return Some(Diagnostic::error("T101", None, Text::new(zh, en)).key(code));
            }
        }
        None
    });
    made.collect()
}

/// The day of the edition in force: that of what changes with the rulebook only.
fn edition_day(viewer: &Viewer<'_>) -> NaiveDate {
    let world = &viewer.judgement.world;
    world.rulebook.settings.edition(world.today).map_or(world.today, |edition| edition.from)
}

/// The day on which something last happened to a record; today for one that is in no history.
fn last_day(viewer: &Viewer<'_>, record: &RecordView) -> NaiveDate {
    let days = record.timeline.rows.iter().filter_map(|event| event.when.get(..10)?.parse().ok());
    days.max().unwrap_or(viewer.judgement.world.today)
}

/// The paper of an evidence sheet, with the same for programs attached.
pub fn sheet_job<'v>(frame: &'v Frame, sheet: &'v SheetView, json: Vec<u8>) -> Job<'v> {
    let title = format!("{} {}", sheet.title, sheet.number);
    let attachment = Some(Attachment { name: format!("{}-evidence.json", sheet.number), bytes: json });
    Job {
        frame,
        records: Vec::new(),
        ident: format!("evidence {} {}", sheet.number, sheet.tip),
        title,
        date: sheet.day,
        sheet: Some(sheet),
        attachment,
    }
}
