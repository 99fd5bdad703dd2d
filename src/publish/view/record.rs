//! A record as one audience sees it, and the blank paper of a form.

use std::borrow::Cow;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::change::parts;
use super::settled::is_settled;
use super::viewer::{Viewer, agreed};
use super::{
    ApprovalView, ChangeView, ColumnView, EventView, FieldView, FindingView, Link, OptionView, PaperView, RecordRow, RecordView,
    SectionView, SettledView, SignatureView, ValueView,
};
use crate::archive::history::{Oid, Position};
use crate::archive::record::uncommented;
use crate::archive::{Committed, encryption, timeline};
use crate::diagnostic::{Diagnostic, Text};
use crate::publish::markdown;
use crate::rulebook::context::Entry;
use crate::rulebook::encryption::is_marked;
use crate::rulebook::evidence::Who;
use crate::rulebook::form::{Field, Form, Kind, Orientation, Requirement, SignedBy};
use crate::rulebook::value::{Data, Datum, Value};
use crate::rulebook::{Rulebook, State, verification};
use crate::say;

/// How times are printed.
pub(super) const MINUTE: &str = "%Y-%m-%d %H:%M";

/// Longest text of one side of a change, in characters.
const CHANGE: usize = 160;

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

    /// The same, by somebody who knows its timeline already.
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
            obligations: self.obligations(duties, |o| !is_settled(o)),
            settled: if elsewhere { SettledView::default() } else { self.settled(duties) },
            settled_there: if elsewhere { self.settled_count(duties) } else { 0 },
            timeline,
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
    fn take(&self, findings: &mut Vec<&Diagnostic>, name: &str, span: Option<crate::source::Span>) -> Vec<FindingView> {
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

    fn field(&self, at: (usize, usize), index: usize, findings: &mut Vec<&Diagnostic>, hidden: &mut usize) -> Option<FieldView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let field = &form.fields[index];
        let context = world.context(at.0, Some(at.1));
        let data = context.data(at, index);
        let found = self.take(findings, &field.name, entry.value(index).map(|f| f.span));
        // A remark is something only when there is one.
        if field.remark && data.is_none() && found.is_empty() {
            return None;
        }
        let value = if self.sees(field.audience) {
            self.value(at, field, data.as_deref())
        } else {
            // Hidden whether or not something is written: that it is written may say enough.
            *hidden += 1;
            ValueView::Hidden
        };
        let required = match &field.required {
            Requirement::Never => false,
            Requirement::Always => true,
            Requirement::When(condition) => condition.holds(&context),
        };
        Some(FieldView { findings: found, value, required, computed: entry.value(index).is_none() && data.is_some(), ..spec(field) })
    }

    /// A value in the shape in which it is shown.
    fn value(&self, at: (usize, usize), field: &Field, data: Option<&Data>) -> ValueView {
        self.disguised_value(at.0, field.kind, self.plain_value(at, field, data))
    }

    fn plain_value(&self, at: (usize, usize), field: &Field, data: Option<&Data>) -> ValueView {
        let Some(data) = data else {
            return if matches!(field.kind, Kind::Choice | Kind::Multichoice | Kind::Scale) {
                options(field, &[])
            } else {
                ValueView::Empty
            };
        };
        if *data == Data::Encrypted {
            return ValueView::Text { text: self.say(&encryption::placeholder()) };
        }
        let text = || ValueView::Text { text: data.words() };
        match (field.kind, data) {
            (Kind::Choice | Kind::Multichoice | Kind::Scale, _) => {
                let chosen: Vec<String> = data.values().map(|d| d.value.to_string()).collect();
                if chosen.iter().all(|c| field.options.contains(c)) || field.kind == Kind::Scale { options(field, &chosen) } else { text() }
            }
            (Kind::Table, Data::Rows(rows)) => self.table(at, field, rows),
            (Kind::Signature, Data::Parts(parts)) => {
                let keys = &self.judgement.world.rulebook.settings.value_keys.signature;
                let part = |key: &str| parts.iter().find(|(k, _)| k == key).map(|(_, d)| d.value.to_string()).unwrap_or_default();
                ValueView::Signature {
                    name: part(&keys.name),
                    role: part(&keys.role),
                    date: part(&keys.date),
                    form: part(&keys.form),
                    place: part(&keys.place),
                }
            }
            (Kind::Attachment, Data::Parts(parts)) => {
                let keys = &self.judgement.world.rulebook.settings.value_keys.attachment;
                let part = |key: &str| parts.iter().find(|(k, _)| k == key).map(|(_, d)| d.value.to_string());
                let words = [part(&keys.title), part(&keys.path), part(&keys.place)].into_iter().flatten().collect::<Vec<_>>().join("  ");
                ValueView::Link { link: Link { text: words, url: None } }
            }
            (Kind::Ref, Data::One(datum)) => ValueView::Link { link: self.reference(at, field, &datum.value.to_string()) },
            (Kind::Person, Data::One(datum)) => ValueView::Link { link: self.person_link(&datum.value.to_string()) },
            (Kind::Url, Data::One(datum)) => {
                ValueView::Link { link: Link { text: datum.value.to_string(), url: Some(datum.value.to_string()) } }
            }
            (Kind::IdCard, Data::Parts(parts)) => {
                ValueView::Text { text: parts.iter().map(|(_, d)| d.value.to_string()).collect::<Vec<_>>().join(" ") }
            }
            (Kind::Money, Data::One(Datum { value: Value::Number(number), .. })) => ValueView::Text { text: money(*number) },
            (_, Data::One(datum)) => ValueView::Text { text: datum.value.to_string() },
            _ => text(),
        }
    }

    fn table(&self, at: (usize, usize), field: &Field, rows: &[crate::rulebook::value::Row]) -> ValueView {
        let cell = |column: &Field, data: Option<&Data>| match data {
            _ if !self.sees(column.audience) => ValueView::Hidden,
            None => ValueView::Empty,
            Some(data) if *data != Data::Encrypted && matches!(column.kind, Kind::Choice | Kind::Multichoice | Kind::Scale) => {
                ValueView::Text { text: self.disguised(at.0, data.words()) }
            }
            Some(data) => self.value(at, column, Some(data)),
        };
        let columns = field.columns.iter().map(|c| ColumnView { name: c.name.value.clone(), kind: c.kind.word().to_owned() }).collect();
        let rows = rows
            .iter()
            .map(|row| field.columns.iter().zip(&row.cells).map(|(column, data)| cell(column, data.as_ref())).collect())
            .collect();
        ValueView::Table { columns, rows }
    }

    /// The record that a reference names.
    fn reference(&self, at: (usize, usize), field: &Field, target: &str) -> Link {
        let world = &self.judgement.world;
        let (number, name) = target.rsplit_once('/').map_or((None, target), |(number, name)| (Some(number), name));
        let dossier = number.map_or(Some(at.0), |number| world.by_number.get(number).copied());
        let named = dossier.and_then(|d| world.dossiers[d].entries.iter().position(|e| e.record.stem() == name).map(|e| (d, e)));
        let whole = || {
            let d = *world.by_number.get(target)?;
            let allowed = |form: usize| field.refers.iter().any(|own| world.rulebook.form_index(own) == Some(form));
            world.dossiers[d].entries.iter().position(|e| allowed(e.form)).map(|e| (d, e))
        };
        let found = named.or_else(whole);
        Link { text: target.to_owned(), url: found.map(|at| self.record_url(at)) }
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

    /// What history says about the approvals of a record, one for each rule that asks for one.
    fn approvals(&self, at: (usize, usize)) -> Vec<ApprovalView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let visible = |name: &str| {
            let field = form.field(name).map(|(_, f)| f.audience);
            let section = form.sections.iter().find(|s| s.name.value == name).map(|s| s.audience);
            field.or(section).map_or(self.highest(), |audience| self.sees(audience))
        };
        let mut out = Vec::new();
        for o in self.duties_at(at) {
            let Some(verdict) = &o.outcome.approval else { continue };
            let class = match o.outcome.state {
                State::Met => "good",
                State::Open => "wait",
                _ => "bad",
            };
            let newest = entry.evidence.current();
            // What holds is told slot by slot.
            let held = if o.outcome.state == State::Met { verdict.given.len().max(1) } else { 1 };
            for nth in 0..held {
                let given = verdict.given.get(nth);
                let state = match (o.outcome.state, given) {
                    (State::Met, Some(given)) => agreed(given.proof, verdict.report),
                    (state, _) => approval_state(state),
                };
                out.push(ApprovalView {
                    class,
                    state: self.say(&state),
                    who: given.map(|g| self.person_link(&g.name)),
                    role: given.map(|g| g.role.clone()),
                    when: given.map(|g| g.at).or_else(|| newest.map(|v| v.at)).map(|at| at.format(MINUTE).to_string()).unwrap_or_default(),
                    commit: given.map(|g| g.commit.clone()).or_else(|| newest.map(|v| v.commit.clone())).unwrap_or_default(),
                    strength: given.map(|g| self.say(&g.strength)).unwrap_or_default(),
                    contributors: verdict.contributors.clone(),
                    reasons: verdict.reasons.iter().map(|r| self.say(r)).collect(),
                    changed: verdict.changed.iter().filter(|(name, ..)| visible(name)).map(|(name, ..)| name.clone()).collect(),
                });
            }
        }
        out
    }

    fn signatures(&self, at: (usize, usize), approvals: &[ApprovalView]) -> Vec<SignatureView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let mut out = Vec::new();
        for spec in &form.signatures {
            let ink = SignatureView { label: spec.label.clone(), kind: "ink", ..SignatureView::default() };
            out.push(match spec.by {
                SignedBy::Ink => ink,
                SignedBy::Worker => self.submitter(at, &spec.label).unwrap_or(ink),
                SignedBy::Approval => {
                    let proven = approvals.iter().filter(|a| a.class == "good").find_map(|a| Some((a, a.who.as_ref()?)));
                    proven.map_or(ink, |(approval, who)| SignatureView {
                        label: spec.label.clone(),
                        kind: "proven",
                        name: who.text.clone(),
                        role: approval.role.clone().unwrap_or_default(),
                        time: approval.when.clone(),
                        commit: approval.commit.clone(),
                        evidence: approval.strength.clone(),
                    })
                }
                SignedBy::Field => {
                    let found = spec.field.as_ref().and_then(|name| form.field(name)).filter(|(_, f)| self.sees(f.audience));
                    let value = found.and_then(|(index, field)| entry.value(index).map(|filled| self.value(at, field, Some(&filled.data))));
                    match value {
                        Some(ValueView::Signature { name, role, date, form, place }) => {
                            let evidence = [form, place].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("  ");
                            SignatureView {
                                label: spec.label.clone(),
                                kind: "recorded",
                                name,
                                role,
                                time: date,
                                commit: String::new(),
                                evidence,
                            }
                        }
                        _ => ink,
                    }
                }
            });
        }
        out
    }

    /// Who submitted a record, from the commit in which it was complete for the first time.
    fn submitter(&self, at: (usize, usize), label: &str) -> Option<SignatureView> {
        let entry = self.judgement.world.entry(at);
        let submission = entry.evidence.submission.as_ref()?;
        let Who::Person(id) = &submission.who else { return None };
        let person = self.archive.people.by_id(id)?;
        let project = self.judgement.world.dossiers[at.0].project.as_deref();
        Some(SignatureView {
            label: label.to_owned(),
            kind: "proven",
            name: person.name.value.clone(),
            role: person.roles_on(submission.at.date(), project).next().unwrap_or_default().to_owned(),
            time: submission.at.format(MINUTE).to_string(),
            commit: submission.commit.clone(),
            evidence: self.say(&say!("提交记录", "commit")),
        })
    }

    /// Who changed what in a record, oldest first. Old values are values too.
    pub fn timeline(&self, at: (usize, usize)) -> Vec<EventView> {
        let entry = self.judgement.world.entry(at);
        let form = self.form(entry);
        let history = &self.archive.history;
        let zone = self.archive.config.zone();
        let project = self.judgement.world.dossiers[at.0].project.as_deref();
        let mut out = Vec::new();
        for event in timeline::of(self.archive, entry.index) {
            let commit = &history.commits[event.commit as usize];
            let when = commit.author.at.local(zone);
            let person = self.archive.people.addressed(&commit.author.email);
            let (kind, what) = match event.kind {
                timeline::Kind::Created => ("created", say!("写成", "written")),
                timeline::Kind::Changed => ("changed", say!("修改", "changed")),
                timeline::Kind::Removed => ("removed", say!("删除", "removed")),
                timeline::Kind::Entered => ("entered", say!("合并进主分支", "merged into the main branch")),
            };
            let changes = event.changes.iter().filter_map(|c| self.change(at.0, form, c)).collect();
            let direct = matches!(commit.position, Position::Main(_)) && event.kind != timeline::Kind::Entered;
            let what = if direct { say!("{what}（直接进入主分支）", "{what} (directly on the main branch)"; what) } else { what };
            out.push(EventView {
                when: when.format(MINUTE).to_string(),
                who: person
                    .map_or_else(|| if self.highest() { commit.author.email.clone() } else { "—".to_owned() }, |p| p.name.value.clone()),
                role: person.and_then(|p| p.roles_on(when.date(), project).next().map(str::to_owned)),
                kind,
                what: self.say(&what),
                subject: self.record_link(at),
                commit: commit.id.short(),
                // A message is free text; who reads it is decided by the rulebook, and is only the highest audience where it is not.
                summary: if self.sees(self.judgement.world.rulebook.settings.messages) {
                    self.disguised(at.0, commit.summary().to_owned())
                } else {
                    String::new()
                },
                changes,
            });
        }
        out
    }

    /// Whether what changed is encrypted, or is by now: history may hold it in clear from before.
    fn is_secret(&self, dossier: usize, form: &Form, change: &timeline::FieldChange) -> bool {
        let marked = is_marked(form, &change.name, change.section);
        let sides = [&change.from, &change.to].into_iter().flatten();
        marked && self.archive.keys.public.contains_key(&self.judgement.world.dossiers[dossier].path)
            || sides.into_iter().any(|text| encryption::shown(text).is_some())
    }

    /// A changed field or section; nothing for those who may not see it.
    fn change(&self, dossier: usize, form: &Form, change: &timeline::FieldChange) -> Option<ChangeView> {
        let audience = if change.section {
            form.sections.iter().find(|s| s.name.value == change.name).map(|s| s.audience)
        } else {
            form.field(&change.name).map(|(_, f)| f.audience)
        };
        if !audience.map_or(self.highest(), |audience| self.sees(audience)) {
            return None;
        }
        // A table is told as one text, in which its columns cannot be kept apart.
        let columns = form.field(&change.name).filter(|_| !change.section).map_or(&[][..], |(_, field)| &field.columns);
        if columns.iter().any(|column| !self.sees(column.audience)) {
            return Some(ChangeView { name: change.name.clone(), from: None, to: None, parts: Vec::new() });
        }
        if self.is_secret(dossier, form, change) {
            let shown = |text: &Option<String>, words: Text| text.is_some().then(|| self.say(&words));
            let to = if change.from.is_some() {
                say!("（已加密，内容有改动）", "(encrypted, its content changed)")
            } else {
                encryption::placeholder()
            };
            let from = shown(&change.from, encryption::placeholder());
            return Some(ChangeView { name: change.name.clone(), from, to: shown(&change.to, to), parts: Vec::new() });
        }
        let text = |text: &Option<String>| self.disguised(dossier, text.clone().unwrap_or_default());
        let (from, to) = (text(&change.from), text(&change.to));
        Some(ChangeView { name: change.name.clone(), parts: parts(&from, &to), from: Some(short(&from)), to: Some(short(&to)) })
    }
}

/// One side of a change, cut where it is long.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() > CHANGE { text.chars().take(CHANGE - 1).chain(['…']).collect() } else { text.to_owned() }
}

/// An amount as accounts print it: two decimal places, thousands apart. More places, which are a finding, stay.
fn money(amount: Decimal) -> String {
    let text = if amount.scale() > 2 { amount.to_string() } else { format!("{amount:.2}") };
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut out = sign.to_owned();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out}.{rest}")
}

/// SHA-256 of some bytes, hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How an approval stands for which nobody is to be named.
fn approval_state(state: State) -> Text {
    match state {
        State::Met => say!("建库时已有（基线）", "present from the beginning (baseline)"),
        State::Void => say!("审批失效：其后又改过", "void: changed since"),
        State::Open => say!("待审批", "waiting"),
        State::Unknown => say!("无从得知", "unknown"),
        _ => say!("审批不成立", "not approved"),
    }
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

fn options(field: &Field, chosen: &[String]) -> ValueView {
    let names: Vec<String> = match (field.kind, field.min, field.max) {
        (Kind::Scale, Some(min), Some(max)) => {
            let bound = |d: Decimal| d.to_string().parse::<i64>().unwrap_or(0);
            (bound(min)..=bound(max)).map(|n| n.to_string()).collect()
        }
        _ => field.options.clone(),
    };
    let options = names.into_iter().map(|name| OptionView { chosen: chosen.contains(&name), name }).collect();
    ValueView::Choice { options }
}

fn spec(field: &Field) -> FieldView {
    FieldView {
        name: field.name.value.clone(),
        kind: field.kind.word().to_owned(),
        group: field.group.clone(),
        note: field.note.clone(),
        unit: field.unit.clone(),
        required: field.required == Requirement::Always,
        computed: false,
        value: ValueView::Empty,
        findings: Vec::new(),
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
            approval: super::Badge::default(),
            counts: super::Counts::default(),
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
        obligations: Vec::new(),
        settled: SettledView::default(),
        settled_there: 0,
        timeline: Vec::new(),
        findings: Vec::new(),
        commit: None,
        code: None,
        digest: None,
        hidden: 0,
        extracts: Vec::new(),
        paper: paper(form),
    }
}

/// Whether a value is a text worth a line; used where a list shows one value of a record.
pub(super) fn first_text(value: Option<&Value>) -> Option<String> {
    value.map(ToString::to_string).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_places_and_thousands_apart() {
        let said = |text: &str| money(text.parse().expect("a number"));
        for (written, printed) in [
            ("0", "0.00"),
            ("800", "800.00"),
            ("33.5", "33.50"),
            ("1679", "1,679.00"),
            ("1234567.8", "1,234,567.80"),
            ("-53000.1", "-53,000.10"),
            ("0.123", "0.123"),
        ] {
            assert_eq!(said(written), printed);
        }
    }
}
