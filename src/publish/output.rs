//! Everything that a build writes, as paths and bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use super::paper::{Attachment, Job, Press};
use super::site::{self, Pages};
use super::theme::Theme;
use super::view::{self, Frame, RecordView, Viewer};
use crate::archive::Archive;
use crate::diagnostic::{Diagnostic, Language};
use crate::rulebook::{Judgement, Rulebook};

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

/// Makes the whole output: pages, assets, papers. `step` is told of every paper that is done.
pub fn make(
    archive: &Archive,
    rulebook: &Rulebook,
    judgement: &Judgement<'_>,
    options: Options,
    step: &(dyn Fn() + Sync),
) -> (Vec<(String, Vec<u8>)>, Vec<Diagnostic>) {
    let theme = theme(archive);
    let viewer = Viewer::new(archive, judgement, options.level, options.language, options.papers).with_words(theme.words(options.language));
    let frame = Frame { live: options.live, ..view::frame(&viewer) };
    let pages = view::all(&viewer, &guide(archive));
    let (mut files, mut found) = site::render(&theme, &frame, &pages, options.jobs);
    if options.papers {
        let (press, mut said) = press(archive, rulebook, &theme);
        found.append(&mut said);
        let blanks: Vec<RecordView> = rulebook.forms.iter().map(|form| view::blank(rulebook, form)).collect();
        let jobs = jobs(&viewer, &frame, &pages, &blanks);
        let done = Mutex::new(Vec::new());
        let (paths, list): (Vec<String>, Vec<Job<'_>>) = jobs.into_iter().unzip();
        found.extend(press.typeset_all(&list, |nth, pdf| {
            step();
            if let Ok(mut done) = done.lock() {
                done.push((paths[nth].clone(), pdf));
            }
        }));
        files.extend(done.into_inner().unwrap_or_default());
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    (files, found)
}

/// How many papers a build has: one per record, one per dossier, one blank per form.
pub fn papers(rulebook: &Rulebook, judgement: &Judgement<'_>) -> usize {
    let world = &judgement.world;
    let kept = world.dossiers.iter().filter(|d| d.kind.is_some() && !d.entries.is_empty()).count();
    world.dossiers.iter().map(|d| d.entries.len()).sum::<usize>() + kept + rulebook.forms.len()
}

fn jobs<'v>(viewer: &Viewer<'_>, frame: &'v Frame, pages: &'v Pages, blanks: &'v [RecordView]) -> Vec<(String, Job<'v>)> {
    let mut out = Vec::new();
    let by_id: BTreeMap<&str, &RecordView> = pages.records.iter().map(|(_, r)| (r.row.link.text.as_str(), r)).collect();
    for (_, record) in &pages.records {
        let Some(path) = &record.row.paper else { continue };
        out.push((path.clone(), record_job(viewer, frame, record)));
    }
    for (_, dossier) in &pages.dossiers {
        let (Some(path), number) = (&dossier.paper, &dossier.row.link.text) else { continue };
        let own: Vec<&RecordView> = dossier.records.iter().filter_map(|row| by_id.get(row.link.text.as_str()).copied()).collect();
        if !own.is_empty() {
            let title = format!("{number} {}", dossier.row.kind);
            out.push((
                path.clone(),
                Job { frame, records: own, title, ident: number.clone(), date: Some(viewer.judgement.world.today), attachment: None },
            ));
        }
    }
    for blank in blanks {
        let path = format!("papers/blank/{}.pdf", blank.form);
        out.push((path, blank_job(frame, blank)));
    }
    out
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
        date: Some(viewer.judgement.world.today),
        attachment,
    }
}

/// The blank paper of one form.
pub fn blank_job<'v>(frame: &'v Frame, blank: &'v RecordView) -> Job<'v> {
    let today = frame.today.parse().ok();
    Job { frame, records: vec![blank], title: blank.name.clone(), ident: format!("blank {}", blank.form), date: today, attachment: None }
}
