//! The comparison of facts and law: `rulebook.judge(&archive, today)`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::Rulebook;
use super::conformity;
use super::context::{Blind, Context, DossierFacts, Entry, Made, World};
use super::disclosure;
use super::encryption;
use super::entry::{self, Filled};
use super::evidence::{Evidence, Moment, entries};
use super::form::Requirement;
use super::gone::{self, Gone};
use super::grant::Grant;
use super::kinds::Turn;
use super::line::Line;
use super::mentions::Mentions;
use super::obligation::{Obligation, Outcome, State};
use super::rule::Rule;
use super::waiver::{self, Waiver};
use crate::archive::{Archive, Outline, People, Record, home};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};
use crate::yaml::de::nearest;

/// What came of the comparison.
pub struct Judgement<'a> {
    /// The facts as the law sees them.
    pub world: World<'a>,
    /// All duties, by rule and subject.
    pub obligations: Vec<Obligation>,
    /// All findings: of reading, of forms, of rules.
    pub findings: Diagnostics,
    /// The main line, its clock and what was in force on it.
    pub line: Line,
    /// Records that were taken away.
    pub gone: Vec<Gone>,
    /// Everybody whom not all may know.
    pub mentions: Mentions,
}

impl Rulebook {
    /// The form of a record, as an index: named in it, or claiming its path.
    pub fn form_of(&self, record: &Record) -> Option<usize> {
        form_of(self, record).ok()
    }

    /// Compares the archive with this rulebook as of `today`.
    pub fn judge<'a>(&'a self, archive: &'a Archive, today: NaiveDate) -> Judgement<'a> {
        let mut findings = archive.findings.clone();
        findings.extend(self.findings.iter().cloned());
        let (mut world, mut said) = build(self, archive, today);
        findings.append(&mut said);
        let line = Line::of(archive, self);
        world.settle_evidence(archive, &line);
        findings.extend(line.findings(archive));
        let gone = gone::of(archive, self, &line);
        findings.extend(gone::findings(&gone, self));
        let waivers = waivers(&world, archive, &line, &mut findings);
        let obligations = obligations(&mut world, &waivers);
        let read = || (0..world.dossiers.len()).into_par_iter().map(|at| conformity::of_dossier(&world, archive, at));
        let (read, mentions) = rayon::join(|| read().collect::<Vec<Vec<Diagnostic>>>(), || disclosure::mentions(&world, archive));
        findings.extend(read.into_iter().flatten());
        findings.extend(encryption::of(&world, archive));
        findings.extend(disclosure::of(&world, archive, &mentions));
        let missing = said_missing(&findings);
        findings.par_extend(obligations.par_iter().filter_map(|o| finding(&world, o, &missing)));
        Judgement { world, obligations, findings: Diagnostics::sorted(findings), line, gone, mentions }
    }
}

fn waivers(world: &World<'_>, archive: &Archive, line: &Line, findings: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    if !archive.files.contains_key(waiver::FILE) {
        return Vec::new();
    }
    let Some(source) = Archive::text(&archive.root, waiver::FILE, findings) else { return Vec::new() };
    let (waivers, mut said) = waiver::read(&source, world.today, &|id| world.rulebook.rule(id).is_some());
    findings.append(&mut said);
    let waivers = granted(world, archive, line, &source, waivers, findings);
    for waiver in &waivers {
        let subject = &waiver.subject.value;
        let project = || world.dossiers.iter().any(|d| d.project.as_ref() == Some(subject));
        let known =
            world.by_number.contains_key(subject) || project() || world.dossiers.iter().any(|d| d.entries.iter().any(|e| e.id == *subject));
        if !known {
            let place = Place::new(&source, waiver.subject.span);
            findings.push(
                Diagnostic::error(
                    "W101",
                    place,
                    say!("没有项目、案卷或记录 {subject}", "there is no project, dossier or record {subject}"),
                )
                .key(subject),
            );
        }
    }
    waivers
}

/// The waivers that somebody with the right approved in the very words in which they stand; the others are findings.
fn granted(
    world: &World<'_>,
    archive: &Archive,
    line: &Line,
    source: &SharedSource,
    waivers: Vec<Waiver>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Waiver> {
    let roles = &world.rulebook.settings.waived_by;
    let Some(entries) = (!roles.is_empty()).then(|| entries(archive, line, waiver::FILE)).flatten() else {
        return waivers;
    };
    let mut approved: Vec<Waiver> = Vec::new();
    for entry in entries.iter().filter(|entry| Grant::of(None, entry, &[roles.as_slice()]).approved) {
        let text = entry.blob.and_then(|blob| archive.blobs.text(blob)).unwrap_or_default();
        let source = Source::new(waiver::FILE, String::from_utf8_lossy(&text));
        approved.extend(waiver::read(&source, world.today, &|_| true).0);
    }
    let words = roles.iter().map(|role| role.value.as_str()).collect::<Vec<_>>().join("或");
    let counts = |waiver: &Waiver| {
        let granted = approved.iter().any(|other| other.says_the_same(waiver));
        if !granted {
            let (rule, place) = (&waiver.rule.value, Place::new(source, waiver.rule.span));
            found.push(
                Diagnostic::error(
                    "W102",
                    place,
                    say!(
                        "对 {rule} 的豁免没有获得 {words} 批准，不生效",
                        "the waiver of {rule} is not approved by {words} and has no effect"
                    ),
                )
                .help(say!("在分支上登记，由 {words} 合并并署名", "enter it on a branch and let {words} merge it by name"))
                .key(rule),
            );
        }
        granted
    };
    waivers.into_iter().filter(counts).collect()
}

/// The form of a record: named in it, or claiming its path.
pub(super) fn form_of(book: &Rulebook, record: &Record) -> Result<usize, Option<Diagnostic>> {
    let key = &book.settings.form_key;
    if let Some(node) = record.fields.get(key) {
        let name = node.as_str().unwrap_or_default().trim();
        return book.form_named(name).ok_or_else(|| {
            let near = nearest(name, book.forms.iter().map(|f| f.code.as_str()));
            let help = match near {
                Some(near) => say!("是不是 {near}?", "did you mean {near}?"),
                None => say!("表单代码见“表单”页", "see the list of forms"),
            };
            Some(
                Diagnostic::error("F100", Place::new(&record.source, node.span), say!("没有表单“{name}”", "there is no form `{name}`"))
                    .help(help)
                    .key(name),
            )
        });
    }
    if let Some(at) = book.forms.iter().position(|f| f.claims_path(record.path())) {
        return Ok(at);
    }
    if record.unreadable {
        return Err(None);
    }
    Err(Some(
        Diagnostic::error(
            "F100",
            Place::new(&record.source, Span::at(record.front.start)),
            say!("没有写明「{key}」", "`{key}` is missing"),
        )
        .help(say!("在第一行写 {key}: 表单代码", "write {key}: and the form's code")),
    ))
}

/// A record read by its form: the form and the values aligned with its fields, and what was found.
pub(super) type Reading = (Option<(usize, Vec<Option<Filled>>)>, Vec<Diagnostic>);

/// Reads a record by its form.
pub(super) fn reading(book: &Rulebook, record: &Record) -> Reading {
    match form_of(book, record) {
        Ok(form) => {
            let (filled, said) = entry::read(record, &book.forms[form], &book.settings);
            (Some((form, filled)), said)
        }
        Err(said) => (None, said.into_iter().collect()),
    }
}

fn build<'a>(book: &'a Rulebook, archive: &'a Archive, today: NaiveDate) -> (World<'a>, Vec<Diagnostic>) {
    let read: Vec<Reading> = archive.records.par_iter().map(|record| reading(book, record)).collect();
    let mut found = Vec::new();
    let mut dossiers: BTreeMap<String, DossierFacts<'a>> = BTreeMap::new();
    for (index, (entry, mut said)) in read.into_iter().enumerate() {
        found.append(&mut said);
        let record = &archive.records[index];
        let (path, number, kind) = match home(record.path()) {
            Some((folder, number)) if book.settings.kind_in(folder).is_some() => {
                (format!("{folder}/{number}"), number.to_owned(), book.settings.kind_in(folder))
            }
            _ => (record.path().to_owned(), record.stem().to_owned(), None),
        };
        let dossier = dossiers.entry(path.clone()).or_insert_with(|| DossierFacts {
            project: kind.and_then(|kind| book.project_of(kind, &number)),
            path,
            number,
            kind,
            entries: Vec::new(),
        });
        if let Some((form, filled)) = entry {
            let id = book.record_id(record.path());
            dossier.entries.push(Entry { record, index, id, form, filled, evidence: Evidence::default() });
        }
    }
    let mut dossiers: Vec<DossierFacts<'a>> = dossiers.into_values().collect();
    for dossier in &mut dossiers {
        dossier.entries.sort_by(|a, b| numbered(a.record.stem()).cmp(&numbered(b.record.stem())));
    }
    (assemble(book, &archive.people, dossiers, today), found)
}

/// A name by which the hundredth session comes behind the ninety-ninth.
fn numbered(name: &str) -> (&str, u64, &str) {
    let number = name.rsplit_once('-').and_then(|(front, number)| Some((front, number.parse().ok()?)));
    number.map_or((name, 0, name), |(front, number)| (front, number, name))
}

/// Puts the indices over the dossiers.
pub(super) fn assemble<'a>(book: &'a Rulebook, people: &'a People, dossiers: Vec<DossierFacts<'a>>, today: NaiveDate) -> World<'a> {
    let mut by_number = HashMap::new();
    let mut by_form: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (d, dossier) in dossiers.iter().enumerate() {
        by_number.insert(dossier.number.clone(), d);
        for (e, entry) in dossier.entries.iter().enumerate() {
            by_form.entry(entry.form).or_default().push((d, e));
        }
    }
    let made = Made::of(&dossiers);
    World {
        rulebook: book,
        today,
        people,
        dossiers,
        by_number,
        by_form,
        approved: BTreeMap::new(),
        shared: Mutex::default(),
        states: BTreeMap::new(),
        late: BTreeMap::new(),
        made,
    }
}

impl World<'_> {
    /// Fills in what history knows of every record.
    fn settle_evidence(&mut self, archive: &Archive, line: &Line) {
        if archive.history.head.is_none() {
            return;
        }
        let approvable: BTreeSet<usize> = self
            .rulebook
            .rules
            .iter()
            .filter(|rule| rule.must.turn() == Turn::First)
            .flat_map(|rule| rule.applies.forms(self.rulebook))
            .collect();
        let world = &*self;
        let places: Vec<(usize, usize)> = world.by_form.values().flatten().copied().collect();
        let evidence: Vec<((usize, usize), Evidence)> = places
            .into_par_iter()
            .map(|at| {
                let entry = world.entry(at);
                let complete = |version: &Outline| world.complete(at, version);
                (at, Evidence::of(archive, line, entry.index, world.worker(at).as_deref(), approvable.contains(&entry.form), &complete))
            })
            .collect();
        for (at, evidence) in evidence {
            self.dossiers[at.0].entries[at.1].evidence = evidence;
        }
        self.forget();
    }

    /// Takes down how deadlines stand.
    fn settle_deadlines(&mut self, obligations: &[Obligation]) {
        let rules = &self.rulebook.rules;
        let deadlines = || obligations.iter().filter(|o| rules[o.rule].kind == "deadline");
        self.states = deadlines().map(|o| ((o.rule, o.dossier, o.entry), o.outcome.state)).collect();
        self.late.clear();
        for o in deadlines().filter(|o| o.outcome.state == State::MetLate) {
            if let Some(record) = o.outcome.ended {
                self.late.entry(record).or_default().insert(o.rule);
            }
        }
        self.forget();
    }

    /// The worker that a record names.
    pub fn worker(&self, at: (usize, usize)) -> Option<String> {
        let entry = self.entry(at);
        let (index, _) = self.form(entry).field(self.rulebook.settings.worker_field.as_deref()?)?;
        entry.value(index).and_then(|filled| filled.data.values().next().map(|d| d.value.to_string()))
    }

    /// The worker of a dossier, by its kind.
    pub fn dossier_worker(&self, dossier: usize) -> Option<String> {
        let facts = &self.dossiers[dossier];
        let worker = self.rulebook.settings.dossiers[facts.kind?].worker.as_ref()?;
        let named = self.context(dossier, None).bare(worker, false).first().map(ToString::to_string);
        named.or_else(|| (0..facts.entries.len()).find_map(|entry| self.worker((dossier, entry))))
    }

    /// The worker of the record, or of the dossier.
    pub fn worker_for(&self, duty: &Obligation) -> Option<String> {
        duty.entry.and_then(|entry| self.worker((duty.dossier, entry))).or_else(|| self.dossier_worker(duty.dossier))
    }

    /// Who owes a duty, by name or role.
    pub fn owner(&self, duty: &Obligation) -> Option<String> {
        match &self.rulebook.rules[duty.rule].owner {
            Some(role) => Some(role.value.clone()),
            None => self.worker_for(duty),
        }
    }

    /// The day that decides the edition of a record.
    pub fn dated(&self, entry: &Entry<'_>) -> Option<NaiveDate> {
        let (index, _) = self.form(entry).field(self.rulebook.settings.date_field.as_deref()?)?;
        entry.value(index)?.data.values().next()?.value.day()
    }

    /// Whether a version of a record has everything its form requires.
    fn complete(&self, at: (usize, usize), version: &Outline) -> bool {
        if version.unreadable {
            return false;
        }
        let entry = self.entry(at);
        let form = self.form(entry);
        let context = self.context(at.0, Some(at.1));
        // What is never required is most of a form, and a condition costs more than a look at the names.
        let given = |requirement: &Requirement, there: &dyn Fn() -> bool| match requirement {
            Requirement::Never => true,
            Requirement::Always => there(),
            Requirement::When(condition) => there() || !condition.holds(&context),
        };
        let said = version.said();
        let mut fields = form.fields.iter().filter(|field| field.computed.is_none());
        fields.all(|field| given(&field.required, &|| said.has_field(&field.name)))
            && form.sections.iter().all(|section| given(&section.required, &|| said.has_section(&section.name)))
    }

    /// Whether the edition in force on the record's day has rules.
    pub(super) fn is_judged(&self, entry: &Entry<'_>) -> bool {
        self.dated(entry).and_then(|day| self.rulebook.settings.edition(day)).is_none_or(|edition| edition.judged)
    }
}

/// Judges every rule on everything it applies to.
fn obligations(world: &mut World<'_>, waivers: &[Waiver]) -> Vec<Obligation> {
    let rules = &world.rulebook.rules;
    let mut all = unjudged(world);
    let judge = |world: &World<'_>, turn: Turn, all: &mut [Obligation]| {
        all.par_iter_mut()
            .filter(|o| rules[o.rule].must.turn() == turn)
            .for_each(|o| *o = judge_one(world, o.rule, &rules[o.rule], o.dossier, o.entry, waivers));
    };
    judge(world, Turn::First, &mut all);
    for obligation in &all {
        if let (State::Met, Some(day), Some(entry)) = (obligation.outcome.state, obligation.outcome.done, obligation.entry) {
            world.approved.insert((obligation.dossier, entry), Moment::certain(day));
        }
    }
    world.forget();
    judge(world, Turn::Between, &mut all);
    world.settle_deadlines(&all);
    judge(world, Turn::Last, &mut all);
    all
}

/// All duties before anybody knows how they stand, in the order in which they are kept: dossier by dossier, of each as a whole
/// and then record by record, by the rules in their order.
fn unjudged(world: &World<'_>) -> Vec<Obligation> {
    let book = world.rulebook;
    let scopes: Vec<Scope> = (0..book.rules.len()).filter(|&at| book.in_force(&book.rules[at])).map(|at| Scope::of(book, at)).collect();
    let of_form = |form: usize| scopes.iter().filter(move |scope| scope.forms.contains(&form));
    let by_form: Vec<Vec<usize>> = (0..book.forms.len()).map(|form| of_form(form).map(|scope| scope.rule).collect()).collect();
    let mut places = Vec::new();
    for (dossier, facts) in world.dossiers.iter().enumerate() {
        let judged: Vec<bool> = facts.entries.iter().map(|entry| world.is_judged(entry)).collect();
        let whole = |scope: &&Scope| scope.kind.is_some() && scope.kind == facts.kind && judged.iter().all(|judged| *judged);
        places.extend(scopes.iter().filter(whole).map(|scope| (scope.rule, dossier, None)));
        for (at, entry) in facts.entries.iter().enumerate().filter(|(at, _)| judged[*at]) {
            places.extend(by_form[entry.form].iter().map(|&rule| (rule, dossier, Some(at))));
        }
    }
    // They take much room, and growing would take it twice.
    places.into_iter().map(|(rule, dossier, entry)| Obligation::unjudged(rule, dossier, entry)).collect()
}

/// What a rule applies to, its names looked up.
struct Scope {
    rule: usize,
    forms: Vec<usize>,
    kind: Option<usize>,
}

impl Scope {
    fn of(book: &Rulebook, rule: usize) -> Self {
        let applies = &book.rules[rule].applies;
        Self { rule, forms: applies.forms(book), kind: applies.kind(book) }
    }
}

pub(super) fn judge_one(world: &World<'_>, at: usize, rule: &Rule, dossier: usize, entry: Option<usize>, waivers: &[Waiver]) -> Obligation {
    let blind = Blind::new(false);
    let context = Context { rule: &rule.id.value, blind: Some(&blind), ..world.context(dossier, entry) };
    let applies = rule.when.as_ref().is_none_or(|when| when.holds(&context));
    let mut outcome = if applies { rule.must.judge(&context) } else { Outcome::of(State::NotApplicable) };
    if blind.get() {
        let unread = say!("所依据的内容已加密，没有钥匙无从判断", "it rests on what is encrypted, and nobody can judge it without the key");
        outcome = Outcome::of(State::Unknown).fact(unread);
    }
    let facts = &world.dossiers[dossier];
    let id = entry.map(|entry| facts.entries[entry].id.as_str());
    let waived = waivers.iter().find(|waiver| waiver.is_for(&rule.id.value, id, &facts.number, facts.project.as_deref()));
    if let Some(waiver) = waived.filter(|_| outcome.state.is_bad()) {
        let (reason, approval, until) = (&waiver.reason, &waiver.approval, waiver.until.value);
        outcome.facts.push(say!("豁免至 {until}：{reason}（{approval}）", "waived until {until}: {reason} ({approval})"));
        outcome.state = State::Waived;
    }
    Obligation { rule: at, dossier, entry, outcome }
}

/// (path, name) of every field and section that is already reported as missing.
fn said_missing(findings: &[Diagnostic]) -> BTreeSet<(String, String)> {
    findings.iter().filter(|d| matches!(d.code.as_str(), "F101" | "F102")).map(|d| (d.path().to_owned(), d.key.clone())).collect()
}

/// The finding that an obligation makes, if it makes one.
fn finding(world: &World<'_>, obligation: &Obligation, missing: &BTreeSet<(String, String)>) -> Option<Diagnostic> {
    let outcome = &obligation.outcome;
    if !outcome.state.is_bad() {
        return None;
    }
    let rule = &world.rulebook.rules[obligation.rule];
    let dossier = &world.dossiers[obligation.dossier];
    let entry = obligation.entry.map(|e| &dossier.entries[e]);
    if let Some(entry) = entry {
        let path = entry.record.path();
        // What the form itself demands is said once, at the form.
        if !outcome.missing.is_empty() && outcome.missing.iter().all(|name| missing.contains(&(path.to_owned(), name.clone()))) {
            return None;
        }
        if entry.record.unreadable {
            return None;
        }
    }
    let home = entry.map(|e| e.place(Span::at(e.record.front.start))).or_else(|| dossier.entries.first().map(|e| e.place(Span::at(0))));
    let place = outcome.place.as_deref().cloned().or(home);
    let (title, number) = (&rule.title, &dossier.number);
    let what = outcome.said();
    let message = if entry.is_some() {
        say!("{title}：{what}", "{title}: {what}"; what)
    } else {
        say!("{number} {title}：{what}", "{number} {title}: {what}"; what)
    };
    let mut d = Diagnostic::new(rule.id.value.clone(), rule.severity, place, message).key(entry.map_or(number.as_str(), |e| e.id.as_str()));
    d.label = outcome.label.as_deref().cloned();
    d.article = Some(rule.article.value.clone());
    let words = world.rulebook.article(&rule.article).map_or_else(|| rule.article.value.clone(), |a| a.number.clone());
    d.facts.push(say!("依据：{words}", "article: {words}"));
    d.facts.extend(outcome.told(world.calendar(obligation.dossier)));
    if rule.proposed {
        d.facts.push(say!("这是建议，原文没有规定", "a proposal; the source does not demand it"));
    }
    d.help = rule.help.as_ref().map(|help| say!("{help}", "{help}"));
    Some(d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hundredth_session_comes_behind_the_ninety_ninth() {
        let mut names = ["C07-100", "C07-99", "C08", "C07", "C07-010", "C07-10", "C07-99b"];
        names.sort_by_key(|name| numbered(name));
        assert_eq!(names, ["C07", "C07-010", "C07-10", "C07-99", "C07-100", "C07-99b", "C08"]);
    }
}
