//! A record as one audience sees it, and the blank paper of a form.

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::field::{options, spec};
use super::long::{EVENTS, events_of};
use super::viewer::Viewer;
use super::{
    ApprovalView, Badge, ColumnView, Counts, EventView, Excerpt, FieldView, FigureView, FindingView, Link, OptionView, PendingRule,
    SettledView, SignatureView, ValueView,
};
use crate::archive::history::Oid;
use crate::archive::record::uncommented;
use crate::archive::{Committed, encryption};
use crate::diagnostic::Diagnostic;
use crate::publish::markdown::{self, Block};
use crate::rulebook::context::Entry;
use crate::rulebook::form::{Field, Form, Kind, Orientation};
use crate::rulebook::{Rulebook, verification};

/// One line in a list of records.
#[derive(Debug, Clone, Serialize)]
pub struct RecordRow {
    /// Record id, linked.
    pub link: Link,
    /// Form code and name, linked to the form's page.
    pub form: Link,
    /// Filled on.
    pub filled_on: Option<String>,
    /// Worker.
    pub worker: Option<String>,
    /// State of its approval in words, with the class of the badge.
    pub approval: Badge,
    /// Findings in it.
    pub counts: Counts,
    /// Whether the file differs from the head commit.
    pub uncommitted: bool,
    /// Its PDF, if typeset.
    pub paper: Option<String>,
}

/// A record's page and paper.
#[derive(Debug, Clone, Serialize)]
pub struct RecordView {
    /// The same facts as in the list.
    pub row: RecordRow,
    /// Path in the archive.
    pub path: String,
    /// Form code.
    pub form: String,
    /// Form name.
    pub name: String,
    /// Articles the form rests on, linked.
    pub articles: Vec<Link>,
    /// The dossier, linked.
    pub dossier: Option<Link>,
    /// Project code and name.
    pub project: Option<Link>,
    /// Edition in force on the record's date.
    pub edition: Option<String>,
    /// Why that edition judges nothing; none when it does.
    pub unjudged: Option<String>,
    /// Fields in the form's order.
    pub fields: Vec<FieldView>,
    /// Sections in the form's order.
    pub sections: Vec<SectionView>,
    /// Figures drawn from its tables.
    pub figures: Vec<FigureView>,
    /// Signature blocks.
    pub signatures: Vec<SignatureView>,
    /// Approvals, one per slot or attempt.
    pub approvals: Vec<ApprovalView>,
    /// Duties about this record that are not settled, most urgent first.
    pub pending: Vec<PendingRule>,
    /// Those that are, of a record that lies in no dossier.
    pub settled: SettledView,
    /// How many settled ones the dossier's page shows.
    pub settled_there: usize,
    /// Who changed what, oldest first.
    pub timeline: Excerpt<EventView>,
    /// Findings in this record that are not shown at a field.
    pub findings: Vec<FindingView>,
    /// Short id of the commit that the shown text comes from.
    pub commit: Option<String>,
    /// The code by which the text is found again; none where it is not committed.
    pub code: Option<String>,
    /// SHA-256 of the record's file, hexadecimal; only for the highest audience.
    pub digest: Option<String>,
    /// How many values this audience does not see.
    pub hidden: usize,
    /// Papers that show a part of it, if typeset.
    pub extracts: Vec<Link>,
    /// How the paper is laid out.
    pub paper: PaperView,
}

/// How a form's paper looks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaperView {
    /// `grid`, `letter`, `list` or `cover`.
    pub layout: String,
    /// Whether the page lies on its side.
    pub landscape: bool,
    /// The form's own template file beside the form, if it has one.
    pub template: Option<String>,
    /// Empty rows to print in tables of a blank paper.
    pub rows: usize,
    /// Whether this is a blank paper for handwriting.
    pub blank: bool,
}

/// One prose section.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// Heading.
    pub name: String,
    /// Short guide for the writer.
    pub guide: Option<String>,
    /// Whether this audience does not see it.
    pub hidden: bool,
    /// As HTML, safe to print.
    pub html: String,
    /// As blocks, where papers are typeset.
    pub blocks: Vec<Block>,
    /// Findings about it.
    pub findings: Vec<FindingView>,
}

impl Viewer<'_> {
    /// One line about a record.
    pub fn record_row(&self, at: (usize, usize)) -> RecordRow {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let path = entry.record.path();
        RecordRow {
            link: self.record_link(at),
            form: self.form_link(self.form(entry)),
            filled_on: world.dated(entry).map(|d| d.to_string()),
            worker: world.worker(at),
            approval: self.approval_badge(at),
            counts: self.counts(self.findings_at(path).iter().copied()),
            uncommitted: matches!(entry.evidence.committed, Committed::Modified | Committed::Untracked),
            paper: self.papers.then(|| self.paper_url(at)),
        }
    }

    /// The whole record.
    pub fn record(&self, at: (usize, usize)) -> RecordView {
        self.record_with(at, self.timeline(at))
    }

    /// The same, by somebody who knows already what happened to it.
    pub(super) fn record_with(&self, at: (usize, usize), timeline: Vec<EventView>) -> RecordView {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let path = entry.record.path();
        let mut findings: Vec<&Diagnostic> = self.findings_at(path).to_vec();
        let mut hidden = 0;
        // What is said of a record afterwards stands after what it says.
        let (said, remarks): (Vec<usize>, Vec<usize>) = (0..form.fields.len()).partition(|&index| !form.fields[index].remark);
        let fields = said.into_iter().chain(remarks).filter_map(|index| self.field(at, index, &mut findings, &mut hidden)).collect();
        let sections = self.sections(at.0, entry, form, &mut findings, &mut hidden);
        let edition = world.dated(entry).and_then(|day| world.rulebook.settings.edition(day));
        let approvals = self.approvals(at);
        let duties = self.duties_at(at);
        let elsewhere = self.dossier_link(at.0).is_some();
        let dossier = &world.dossiers[at.0];
        let project = dossier.project.as_ref().map(|code| {
            let known = world.by_number.get(code).and_then(|&d| self.dossier_link(d));
            known.unwrap_or_else(|| Link { text: code.clone(), url: None })
        });
        let settled = entry.evidence.committed == Committed::Committed;
        RecordView {
            row: self.record_row(at),
            path: path.to_owned(),
            form: form.code.value.clone(),
            name: form.name.clone(),
            articles: form.articles.iter().map(|a| self.article_link(a)).collect(),
            dossier: self.dossier_link(at.0),
            project,
            edition: edition.map(|edition| edition.name.clone()),
            unjudged: edition.filter(|edition| !edition.judged).map(|edition| edition.note.clone().unwrap_or_else(|| edition.name.clone())),
            fields,
            sections,
            figures: super::figure::of(self, at),
            signatures: self.signatures(at, &approvals),
            approvals,
            pending: self.pending(duties),
            settled: if elsewhere { SettledView::default() } else { self.settled(duties) },
            settled_there: if elsewhere { self.settled_count(duties) } else { 0 },
            timeline: Excerpt::last(timeline, EVENTS, events_of(&self.record_url(at))),
            findings: findings.into_iter().map(|d| self.finding(d)).collect(),
            commit: self.newest_commit(path).map(|id| id.short()),
            code: self.newest_commit(path).filter(|_| settled).map(|id| verification::code(&entry.id, id)),
            digest: self.highest().then(|| digest(entry.record.source.text().as_bytes())),
            hidden,
            extracts: if self.papers { self.extract_links(at) } else { Vec::new() },
            paper: PaperView { blank: false, ..paper(form) },
        }
    }

    fn newest_commit(&self, path: &str) -> Option<Oid> {
        let history = &self.archive.history;
        history.changes(path).last().map(|change| history.commits[change.commit as usize].id)
    }

    /// The findings whose place lies in `span` or whose key is `name`, taken out of the list.
    pub(super) fn take(&self, findings: &mut Vec<&Diagnostic>, name: &str, span: Option<crate::source::Span>) -> Vec<FindingView> {
        if findings.is_empty() {
            return Vec::new();
        }
        let (here, rest): (Vec<&Diagnostic>, Vec<&Diagnostic>) = findings.drain(..).partition(|d| {
            let inside = span
                .zip(d.place.as_ref())
                .is_some_and(|(span, place)| span.end > span.start && place.span.start >= span.start && place.span.start < span.end);
            inside || d.key == name || d.key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        });
        *findings = rest;
        here.into_iter().map(|d| self.finding(d)).collect()
    }

    fn sections(
        &self,
        dossier: usize,
        entry: &Entry<'_>,
        form: &Form,
        findings: &mut Vec<&Diagnostic>,
        hidden: &mut usize,
    ) -> Vec<SectionView> {
        let mut out = Vec::new();
        for section in &form.sections {
            let name = &section.name.value;
            let text = entry.record.section_text(name).filter(|t| !t.is_empty()).map(|text| self.readable(text));
            let sees = self.sees(section.audience);
            let found = self.take(findings, name, None);
            if !sees {
                *hidden += 1;
            }
            let blocks = if sees { text.as_deref().map(markdown::blocks).unwrap_or_default() } else { Vec::new() };
            let blocks = self.disguised_prose(dossier, blocks);
            let html = markdown::html(&blocks);
            out.push(SectionView {
                name: name.clone(),
                guide: section.guide.clone(),
                hidden: !sees,
                html,
                blocks: if self.papers { blocks } else { Vec::new() },
                findings: found,
            });
        }
        if self.highest() {
            for section in entry.record.sections.iter().filter(|s| !form.sections.iter().any(|own| own.name.value == s.name)) {
                let blocks = markdown::blocks(&self.readable(uncommented(entry.record.source.slice(section.body))));
                let findings = self.take(findings, &section.name, None);
                let html = markdown::html(&blocks);
                out.push(SectionView {
                    name: section.name.clone(),
                    guide: None,
                    hidden: false,
                    html,
                    blocks: if self.papers { blocks } else { Vec::new() },
                    findings,
                });
            }
        }
        out
    }

    /// Prose, or that it is encrypted.
    fn readable<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        match encryption::shown(&text) {
            Some(shown) => Cow::Owned(self.say(&shown)),
            None => text,
        }
    }
}

/// SHA-256 of some bytes, hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn paper(form: &Form) -> PaperView {
    PaperView {
        layout: form.paper.layout.word().to_owned(),
        landscape: form.paper.orientation == Orientation::Landscape,
        template: form.paper.template.as_ref().map(|t| t.value.clone()),
        rows: form.paper.rows,
        blank: true,
    }
}

/// The blank paper of a form.
pub fn blank(book: &Rulebook, form: &Form) -> RecordView {
    let value = |field: &Field| match field.kind {
        Kind::Choice | Kind::Multichoice | Kind::Scale => options(field, &[]),
        Kind::Bool => ValueView::Choice { options: ["是", "否"].map(|name| OptionView { name: name.to_owned(), chosen: false }).into() },
        Kind::Table => ValueView::Table {
            columns: field.columns.iter().map(|c| ColumnView { name: c.name.value.clone(), kind: c.kind.word().to_owned() }).collect(),
            rows: Vec::new(),
        },
        _ => ValueView::Empty,
    };
    let sections = form.sections.iter().map(|s| SectionView {
        name: s.name.value.clone(),
        guide: s.guide.clone(),
        hidden: false,
        html: String::new(),
        blocks: Vec::new(),
        findings: Vec::new(),
    });
    let ink = form.signatures.iter().map(|s| SignatureView { label: s.label.clone(), kind: "ink", ..SignatureView::default() });
    RecordView {
        row: RecordRow {
            link: Link { text: form.code.value.clone(), url: None },
            form: Link { text: format!("{} {}", form.code.value, form.name), url: None },
            filled_on: None,
            worker: None,
            approval: Badge::default(),
            counts: Counts::default(),
            uncommitted: false,
            paper: None,
        },
        path: String::new(),
        form: form.code.value.clone(),
        name: form.name.clone(),
        articles: Vec::new(),
        dossier: None,
        project: None,
        edition: book.settings.editions.last().map(|e| e.name.clone()),
        unjudged: None,
        fields: form.fields.iter().filter(|field| !field.remark).map(|field| FieldView { value: value(field), ..spec(field) }).collect(),
        sections: sections.collect(),
        figures: Vec::new(),
        signatures: ink.collect(),
        approvals: Vec::new(),
        pending: Vec::new(),
        settled: SettledView::default(),
        settled_there: 0,
        timeline: Excerpt::whole(Vec::new()),
        findings: Vec::new(),
        commit: None,
        code: None,
        digest: None,
        hidden: 0,
        extracts: Vec::new(),
        paper: paper(form),
    }
}
