//! Law: what should be, as data, and its comparison with the facts.
//!
//! [`Rulebook::read`] reads the folder; [`Rulebook::judge`] compares. Nothing here prints or
//! renders, and nothing but `read` touches the disk.

pub mod article;
pub mod audit;
pub mod calendar;
pub mod charge;
pub mod check;
pub mod condition;
mod conformity;
pub mod consent;
pub mod context;
mod counted;
pub mod derived;
mod disclosure;
pub mod encryption;
pub mod entry;
pub mod evidence;
pub mod examples;
pub mod figure;
pub mod form;
pub mod gate;
pub mod gone;
pub mod grant;
pub mod identities;
pub mod identity;
pub mod judge;
pub mod kinds;
pub mod line;
pub mod lookup;
pub mod measure;
pub mod mend;
pub mod mentions;
pub mod needed;
pub mod obligation;
pub mod owners;
pub mod pseudonyms;
pub mod reading;
pub mod reference;
mod ring;
pub mod rule;
pub mod settings;
pub mod slips;
pub mod statistic;
pub mod then;
pub mod value;
pub mod verification;
pub mod waiting;
pub mod waiver;
pub mod workbook;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rayon::prelude::*;

use crate::archive::{self, Archive};
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::say;
use crate::source::{Place, SharedSource};

pub use article::Article;
pub use calendar::Calendar;
pub use consent::Consents;
pub use form::Form;
pub use judge::Judgement;
pub use obligation::{Obligation, State};
pub use reading::Reading;
pub use rule::Rule;
pub use settings::Settings;
pub use statistic::Statistics;

/// The procedure as data.
#[derive(Default)]
pub struct Rulebook {
    /// Names and lists.
    pub settings: Settings,
    /// Forms, sorted by file name.
    pub forms: Vec<Form>,
    /// Rules, sorted by file, then in their order.
    pub rules: Vec<Rule>,
    /// Articles in order.
    pub articles: Vec<Article>,
    /// How ambiguous sentences are read, in order.
    pub readings: Vec<Reading>,
    /// Working days.
    pub calendar: Calendar,
    /// Consents, and who outside needs which.
    pub consents: Consents,
    /// Statistics.
    pub statistics: Statistics,
    /// Own templates of papers, by file name.
    pub templates: BTreeMap<String, String>,
    /// What is wrong with the rulebook itself.
    pub findings: Vec<Diagnostic>,
    /// Forms by code.
    codes: HashMap<String, usize>,
    /// Rules by id.
    ids: HashMap<String, usize>,
    /// Articles by number; by that of a chapter, where no article has it, its first.
    numbers: HashMap<String, usize>,
    rings: BTreeSet<(usize, usize)>,
}

impl Rulebook {
    /// Reads the rulebook in `folder` of the archive at `root`. What is wrong with it is found, not
    /// failed on; a missing folder is an empty rulebook.
    pub fn read(root: &Path, folder: &str) -> Result<Self, Failure> {
        let mut book = Self::default();
        let mut found = Vec::new();
        let base = root.join(folder);
        if !base.is_dir() {
            let at = base.display();
            return Err(Failure::plain(say!("没有规则文件夹 {at}", "there is no rulebook folder {at}")).help(say!(
                "用 anjuan init 新建档案库，或在 anjuan.yaml 里写明 rulebook",
                "make an archive with anjuan init, or name the folder in anjuan.yaml"
            )));
        }
        if let Some(source) = Archive::text(root, &format!("{folder}/{}", settings::FILE), &mut found) {
            let (settings, mut said) = Settings::read(&source);
            book.settings = settings;
            found.append(&mut said);
        }
        let (forms, rules) = (files(root, &format!("{folder}/forms"))?, files(root, &format!("{folder}/rules"))?);
        for path in forms.iter().filter(|path| path.ends_with(".typ")) {
            let name = path.rsplit('/').next().unwrap_or(path);
            if let Some(source) = Archive::text(root, path, &mut found) {
                book.templates.insert(name.to_owned(), source.text().to_owned());
            }
        }
        // Most of the time goes into these, and none of them needs another.
        let (forms, rules) =
            rayon::join(|| each(root, &forms, |source| Form::read(source, &book.settings)), || each(root, &rules, rule::read));
        book.forms = forms.0.into_iter().flatten().collect();
        book.rules = rules.0.into_iter().flatten().collect();
        found.extend(forms.1.into_iter().chain(rules.1));
        if root.join(folder).join("readings.yaml").is_file()
            && let Some(source) = Archive::text(root, &format!("{folder}/readings.yaml"), &mut found)
        {
            let (readings, mut said) = reading::read(&source);
            book.readings = readings;
            found.append(&mut said);
        }
        if root.join(folder).join("articles.yaml").is_file()
            && let Some(source) = Archive::text(root, &format!("{folder}/articles.yaml"), &mut found)
        {
            let (articles, mut said) = article::read(&source);
            book.articles = articles;
            found.append(&mut said);
            book.index(&mut found);
            book.check_articles(&source, &mut found);
        } else {
            book.index(&mut found);
        }
        for path in files(root, &format!("{folder}/calendar"))?.iter().filter(|p| p.ends_with(".yaml")) {
            if let Some(source) = Archive::text(root, path, &mut found) {
                found.extend(book.calendar.add(&source));
            }
        }
        book.calendar.settle();
        if root.join(folder).join(consent::FILE).is_file()
            && let Some(source) = Archive::text(root, &format!("{folder}/{}", consent::FILE), &mut found)
        {
            book.consents = Consents::read(&source, &mut found);
        }
        book.rings = check::forms(&book, &mut found);
        encryption::check(&book, &mut found);
        book.check_settings(&mut found);
        book.check_readings(&mut found);
        book.consents.check(&book, &mut found);
        book.check_rules(&mut found);
        let statistics = format!("{folder}/{}", statistic::FILE);
        if root.join(&statistics).is_file()
            && let Some(source) = Archive::text(root, &statistics, &mut found)
        {
            book.statistics = Statistics::read(&source, &book, &mut found);
        }
        book.findings = found;
        Ok(book)
    }

    fn index(&mut self, found: &mut Vec<Diagnostic>) {
        for (at, form) in self.forms.iter().enumerate() {
            let code = &form.code.value;
            if self.codes.insert(code.clone(), at).is_some() {
                found.push(
                    Diagnostic::error(
                        "R104",
                        Place::new(&form.source, form.code.span),
                        say!("表单 {code} 写了两次", "the form {code} occurs twice"),
                    )
                    .key(code),
                );
            }
        }
        for (at, rule) in self.rules.iter().enumerate() {
            self.ids.entry(rule.id.value.clone()).or_insert(at);
        }
        let numbers = || self.articles.iter().enumerate().map(|(at, article)| (at, article.article.value.as_str()));
        let chapters = || numbers().flat_map(|(at, number)| number.match_indices('.').map(move |(end, _)| (at, &number[..end])));
        for (at, number) in numbers().chain(chapters()) {
            self.numbers.entry(number.to_owned()).or_insert(at);
        }
    }

    /// The table that a figure of a form names: a field of that form, or `CODE.FIELD` of another, whose index comes with it.
    pub fn figure_table(&self, form: &Form, name: &str) -> Option<(Option<usize>, &form::Field)> {
        if let Some((index, _)) = form.field(name) {
            let own = self.form_index(&form.code)?;
            return Some((None, &self.forms[own].fields[index]));
        }
        let (code, name) = name.split_once('.')?;
        let other = self.form_index(code)?;
        let (_, field) = self.forms[other].field(name)?;
        Some((Some(other), field))
    }

    /// The form with that code.
    pub fn form_index(&self, code: &str) -> Option<usize> {
        self.codes.get(code).copied()
    }

    /// The form with that code or name.
    pub fn form_named(&self, name: &str) -> Option<usize> {
        self.form_index(name).or_else(|| self.forms.iter().position(|f| f.name == name || f.aliases.iter().any(|a| a == name)))
    }

    /// The article with that number; `22` also finds a chapter of paragraphs `22.1`, `22.2`.
    pub fn article(&self, number: &str) -> Option<&Article> {
        self.numbers.get(number).map(|&at| &self.articles[at])
    }

    /// Whether a rule stands under the readings that are chosen.
    pub fn in_force(&self, rule: &Rule) -> bool {
        reading::in_force(&self.readings, &rule.under)
    }

    /// The rules that ask for an approval of records of a form, as indices.
    pub fn rules_for_approval(&self, form: usize) -> impl Iterator<Item = usize> + '_ {
        let asks = move |at: &usize| {
            let rule = &self.rules[*at];
            rule.must.turn() == kinds::Turn::First && self.in_force(rule) && rule.applies.forms(self).contains(&form)
        };
        (0..self.rules.len()).filter(asks)
    }

    /// The rule with that id.
    pub fn rule(&self, id: &str) -> Option<(usize, &Rule)> {
        self.ids.get(id).map(|&at| (at, &self.rules[at]))
    }

    /// The code of the project in a dossier's number, by the kind of dossier.
    pub fn project_of(&self, kind: usize, number: &str) -> Option<String> {
        let pattern = self.settings.dossiers[kind].number.as_ref()?;
        Some(pattern.captures(number)?.name("project")?.as_str().to_owned())
    }

    /// The same by the folder of the kind.
    pub fn project_in(&self, folder: &str, number: &str) -> Option<String> {
        self.project_of(self.settings.kind_in(folder)?, number)
    }

    /// The id of the record at a path: `NUMBER/NAME` in a dossier, else the file's name without its end.
    pub fn record_id(&self, path: &str) -> String {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.strip_suffix(".md").unwrap_or(name);
        match archive::home(path) {
            Some((folder, number)) if self.settings.kind_in(folder).is_some() => format!("{number}/{stem}"),
            _ => stem.to_owned(),
        }
    }

    /// Whether a computed field rests on itself, so that it has no value.
    pub fn in_ring(&self, form: usize, field: usize) -> bool {
        self.rings.contains(&(form, field))
    }

    fn check_settings(&self, found: &mut Vec<Diagnostic>) {
        let Some(source) = &self.settings.source else { return };
        for role in self.settings.waived_by.iter().chain(&self.settings.policy_by) {
            check::Checker::new(self, source, role.span, Vec::new(), found).role(role);
        }
        for role in &self.settings.encryption.holders {
            check::Checker::new(self, source, role.span, Vec::new(), found).role(role);
        }
        for kind in &self.settings.dossiers {
            for r in [&kind.opened, &kind.closed, &kind.worker, &kind.title].into_iter().flatten() {
                check::Checker::new(self, source, r.span, Vec::new(), found).reference(r);
            }
        }
    }

    fn check_readings(&self, found: &mut Vec<Diagnostic>) {
        for reading in &self.readings {
            let mut checker = check::Checker::new(self, &reading.source, reading.id.span, Vec::new(), found);
            reading.articles.iter().for_each(|article| checker.article(article));
        }
    }

    fn check_rules(&self, found: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in &self.rules {
            let id = rule.id.value.as_str();
            if seen.insert(id, 1).is_some() {
                found.push(
                    Diagnostic::error(
                        "R104",
                        Place::new(&rule.source, rule.id.span),
                        say!("规则 {id} 写了两次", "the rule {id} occurs twice"),
                    )
                    .key(id),
                );
            }
            found.extend(reading::check(&self.readings, &rule.under, &rule.source));
            let subjects = rule.applies.forms(self);
            let mut checker = check::Checker::new(self, &rule.source, rule.id.span, subjects, found);
            match &rule.applies {
                rule::Applies::EveryForm => {}
                rule::Applies::Forms(forms) => forms.iter().for_each(|form| checker.form(form)),
                rule::Applies::Dossier(kind) => checker.dossier(kind),
            }
            checker.article(&rule.article);
            if let Some(owner) = &rule.owner {
                checker.role(owner);
            }
            if let Some(when) = &rule.when {
                checker.condition(when);
            }
            let before = checker.found.len();
            rule.must.check(&mut checker);
            if rule.kind == "filled" {
                // Whether something is filled shows though it is encrypted.
                let said = checker.found.split_off(before);
                checker.found.extend(said.into_iter().filter(|d| d.code != "R107"));
            }
        }
    }

    fn check_articles(&self, source: &crate::source::SharedSource, found: &mut Vec<Diagnostic>) {
        for article in &self.articles {
            for rule in article.rules.iter().filter(|rule| self.rule(rule).is_none()) {
                let id = &rule.value;
                found
                    .push(Diagnostic::error("R102", Place::new(source, rule.span), say!("没有规则 {id}", "there is no rule {id}")).key(id));
            }
            if !article.pending {
                for form in article.forms.iter().filter(|form| self.form_index(form).is_none()) {
                    let code = &form.value;
                    found.push(
                        Diagnostic::warning("R102", Place::new(source, form.span), say!("没有表单 {code}", "there is no form {code}"))
                            .key(code),
                    );
                }
            }
        }
    }
}

/// What the YAML files among some hold, read side by side, in their order, and what was found in them.
fn each<T: Send>(root: &Path, paths: &[String], read: impl Fn(&SharedSource) -> (T, Vec<Diagnostic>) + Sync) -> (Vec<T>, Vec<Diagnostic>) {
    let one = |path: &String| {
        let mut found = Vec::new();
        let held = Archive::text(root, path, &mut found).map(|source| {
            let (held, mut said) = read(&source);
            found.append(&mut said);
            held
        });
        (held, found)
    };
    let (held, found): (Vec<_>, Vec<_>) = paths.par_iter().filter(|path| path.ends_with(".yaml")).map(one).unzip();
    (held.into_iter().flatten().collect(), found.into_iter().flatten().collect())
}

/// The files of a folder, sorted; none when there is no such folder.
fn files(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let dir = root.join(folder);
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |e: std::io::Error| Failure::io("读不到文件夹", "cannot list folder", &dir, e);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            names.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    Ok(names)
}
