//! The site: views in, pages out. The only home of the template engine.
//!
//! Templates come from the [`Theme`] and get views only, so they can show no more than the
//! audience may see; every value is escaped, whatever the file is called. A template that fails
//! is a finding (`T101`) about the theme, and every other page is rendered all the same.
//!
//! Every template gets `frame`, `words`, `nav` (the entries of the menu), `here` (the menu entry
//! it belongs to), `url` (its own path in the output), `root` (the way from it to the root of the
//! site, such as `../`), `page` (its view), and as HTML `masthead`, `colophon` and `demands`, which are
//! alike on many pages and made once for them ([`around`]). Fields of records and rows of long lists are
//! made once too ([`pieces`]). What changes with every commit or day is in `late`, as HTML ([`late`]).
//! Addresses in views are paths in the output; the filter `href` makes them relative, so the site works
//! from a folder and below any path.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;
use tera::{Context, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

use self::around::Around;
use self::late::Late;
pub use self::pages::{DossierPages, Page, Pages, Sheet};
use self::pieces::{Maker, Pieces, RecordPage};
use super::address::encoded;
use super::theme::Theme;
use super::view::{ArticleView, Basis, FormView, Frame, Later, Link, Listed, RecordView, RuleRow};
use super::write::{Digest, Sink};
use crate::diagnostic::{Diagnostic, Language};
use crate::say;
use crate::source::{Place, Span};

/// Where the lists are: the start page and one index per kind of thing.
pub mod url {
    /// The start page.
    pub const START: &str = "index.html";
    /// Projects.
    pub const PROJECTS: &str = "projects/index.html";
    /// Dossiers.
    pub const DOSSIERS: &str = "dossiers/index.html";
    /// Forms.
    pub const FORMS: &str = "forms/index.html";
    /// Rules.
    pub const RULES: &str = "rules/index.html";
    /// Articles.
    pub const ARTICLES: &str = "articles/index.html";
    /// People.
    pub const PEOPLE: &str = "people/index.html";
    /// Findings.
    pub const FINDINGS: &str = "findings/index.html";
    /// Deadlines of the current month.
    pub const DEADLINES: &str = "deadlines/index.html";
    /// What waits for somebody's opinion.
    pub const QUEUE: &str = "queue/index.html";
    /// What waits on branches.
    pub const BRANCHES: &str = "branches/index.html";
    /// The log of the whole archive.
    pub const LOG: &str = "log/index.html";
    /// Statistics.
    pub const STATISTICS: &str = "statistics/index.html";
    /// The search.
    pub const SEARCH: &str = "search/index.html";
    /// The guide, and what the site rests on.
    pub const GUIDE: &str = "guide/index.html";
}

/// Renders all pages and the theme's own files (under `assets/`) into `sink`, on `jobs` threads
/// (0: as many as there are). `program` stands for what renders them: pages that the same program
/// made from the same view and theme are kept. Findings speak of the theme.
pub fn render(
    theme: &Theme,
    frame: &Frame,
    menu: &Menu,
    pages: &Pages<'_>,
    jobs: usize,
    program: Option<Digest>,
    sink: &dyn Sink,
) -> Vec<Diagnostic> {
    let (site, mut found) = Site::new(theme, frame, menu, &pages.basis, program);
    let all = || site.render(pages, sink);
    found.extend(match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
        Ok(pool) => pool.install(all),
        Err(_) => all(),
    });
    assets(theme, sink);
    found
}

/// The entries of the menu, from left to right: names and addresses.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Menu(Vec<Entry>);

#[derive(Debug, Clone, Serialize)]
struct Entry {
    name: String,
    url: String,
}

impl Menu {
    /// Whether an entry leads to that page.
    fn leads_to(&self, url: &str) -> bool {
        self.0.iter().any(|entry| entry.url == url)
    }

    /// The menu of these pages: an entry for every kind of page that the words know.
    pub fn of(theme: &Theme, frame: &Frame, pages: &Pages<'_>) -> Self {
        let words = theme.words(Language::from_tag(&frame.language).unwrap_or_default());
        let mut entries: Vec<Entry> = Vec::new();
        for task in tasks(pages).iter().filter(|task| words.get(format!("nav_{}", task.here)).is_some()) {
            if entries.iter().all(|entry| entry.name != task.here) {
                entries.push(Entry { name: task.here.to_owned(), url: task.url.to_owned() });
            }
        }
        // What the menu does not know stands at its end, in the order in which it came.
        entries.sort_by_key(|entry| MENU.iter().position(|own| *own == entry.name).unwrap_or(MENU.len()));
        Self(entries)
    }
}

/// The menu from left to right: what is to be done today, what there is, what it rests on.
const MENU: &[&str] = &[
    "start",
    "search",
    "deadlines",
    "queue",
    "branches",
    "projects",
    "dossiers",
    "people",
    "findings",
    "statistics",
    "log",
    "forms",
    "rules",
    "articles",
    "guide",
];

/// What of the theme stays at home: templates of pages and papers, words, and fonts for papers.
const AT_HOME: &[&str] = &[".html", ".typ", ".yaml", ".otf", ".ttf", ".ttc"];

/// The theme's files for the output: style, script, pictures, fonts of the site (WOFF).
fn assets(theme: &Theme, sink: &dyn Sink) {
    for name in theme.files().filter(|name| !AT_HOME.iter().any(|end| name.ends_with(end))) {
        if let Some(bytes) = theme.bytes(name) {
            sink.put(&format!("assets/{name}"), None, bytes);
        }
    }
}

/// Components that make what many pages show; see [`pieces`] and [`around`].
const COMPONENTS: [&str; 5] = [pieces::CELL, pieces::DOSSIER, pieces::DUTY, pieces::FINDING, around::DEMAND];

/// One page to render.
struct Task<'a> {
    url: &'a str,
    template: &'a str,
    here: &'a str,
    /// Shows the view to whoever asks; it is made when its turn comes, and gone afterwards.
    show: Show<'a>,
}

type Show<'a> = Box<dyn Fn(Seer<'_>) -> TeraResult<()> + Send + Sync + 'a>;

type Seer<'s> = &'s dyn Fn(&dyn View) -> TeraResult<()>;

/// Anything that a template may show.
trait View {
    fn digest(&self) -> Option<Digest>;
    /// Puts it where the template looks for it: what is said of it is `page`.
    fn show(&self, maker: Maker<'_>, context: &mut Context) -> TeraResult<()>;
}

impl<T: Serialize> View for T {
    fn digest(&self) -> Option<Digest> {
        Digest::of(self)
    }

    fn show(&self, _: Maker<'_>, context: &mut Context) -> TeraResult<()> {
        context.insert_value("page", Value::try_from_serializable(self)?);
        Ok(())
    }
}

impl<'a> Task<'a> {
    fn new(url: &'a str, template: &'a str, here: &'a str, view: impl Serialize + Send + Sync + 'a) -> Self {
        Self { url, template, here, show: Box::new(move |seer| seer(&view)) }
    }

    fn record(url: &'a str, here: &'a str, view: &'a Later<'_, RecordView>) -> Self {
        Self { url, template: "record.html", here, show: Box::new(move |seer| seer(&RecordPage::of(view.get()))) }
    }

    fn later<T: Serialize>(url: &'a str, template: &'a str, here: &'a str, view: &'a Later<'_, T>) -> Self {
        Self { url, template, here, show: Box::new(move |seer| seer(&view.get())) }
    }

    fn sheet(sheet: &'a Sheet<'_>) -> Self {
        Self { url: &sheet.url, template: sheet.template, here: sheet.here, show: Box::new(|seer| (sheet.show)(seer)) }
    }
}

/// What a page that lists things gets.
#[derive(Serialize)]
struct Rows<T> {
    rows: T,
}

#[derive(Serialize)]
struct FormRow<'a> {
    link: &'a Link,
    code: &'a str,
    name: &'a str,
    dossiers: &'a [String],
    stage: &'a Option<String>,
    per: &'a str,
    nature: &'a str,
    filled_by: &'a Option<String>,
    records: usize,
    blank: &'a Option<String>,
    workbook: &'a Option<String>,
}

#[derive(Serialize)]
struct GuideView<'a> {
    title: &'a str,
    html: Cow<'a, str>,
    contents: Vec<Link>,
}

/// All pages, lists included. A list of nothing has no page and no entry in the menu.
fn tasks<'a>(pages: &'a Pages<'_>) -> Vec<Task<'a>> {
    let mut tasks = vec![Task::new(url::START, "start.html", "start", &pages.start)];
    if !pages.forms.is_empty() {
        let rows: Vec<_> = pages.forms.iter().map(|(_, view)| form_row(view)).collect();
        tasks.push(Task::new(url::FORMS, "forms.html", "forms", Rows { rows }));
    }
    if !pages.rules.is_empty() {
        let rows: Vec<&RuleRow> = pages.rules.iter().map(|(_, view)| &view.row).collect();
        tasks.push(Task::new(url::RULES, "rules.html", "rules", Rows { rows }));
    }
    if !pages.articles.is_empty() {
        let rows: Vec<&ArticleView> = pages.articles.iter().map(|(_, view)| view).collect();
        tasks.push(Task::new(url::ARTICLES, "articles.html", "articles", Rows { rows }));
    }
    tasks.push(Task::new(url::GUIDE, "guides.html", "guide", Rows { rows: contents(pages) }));

    tasks.extend(pages.sheets.iter().map(Task::sheet));
    tasks.extend(pages.projects.iter().map(|(url, view)| Task::new(url, "project.html", "projects", view)));

    tasks.extend(kept(&pages.dossiers, &pages.alone));
    tasks.extend(pages.forms.iter().map(|(url, view)| Task::new(url, "form.html", "forms", view)));
    tasks.extend(pages.rules.iter().map(|(url, view)| Task::new(url, "rule.html", "rules", view)));
    tasks.extend(pages.articles.iter().map(|(url, view)| Task::new(url, "article.html", "articles", view)));
    tasks.extend(pages.people.iter().map(|(url, view)| Task::new(url, "person.html", "people", view)));
    tasks.extend(pages.guide.iter().map(|(url, title, html)| {
        Task::new(url, "guide.html", "guide", GuideView { title, html: raised(html), contents: contents(pages) })
    }));
    tasks.extend(pages.more.iter().map(|page| Task::new(&page.url, page.template, stem(page), &page.context)));
    tasks
}

fn form_row(view: &FormView) -> FormRow<'_> {
    let FormView { link, code, name, dossiers, stage, per, nature, filled_by, blank, workbook, .. } = view;
    FormRow { link, code, name, dossiers, stage, per, nature, filled_by, records: view.records.len(), blank, workbook }
}

/// The pages of dossiers, each before those of its records, and of records that lie in none. Where there are no dossiers the
/// menu shows records under forms.
fn kept<'a>(dossiers: &'a [DossierPages<'_>], alone: &'a Listed<'_, RecordView>) -> impl Iterator<Item = Task<'a>> {
    let home = if dossiers.is_empty() { "forms" } else { "dossiers" };
    let record = move |(url, view): &'a (String, Later<'_, RecordView>)| Task::record(url, home, view);
    let whole = dossiers.iter().flat_map(move |dossier| {
        let own = Task::later(&dossier.url, "dossier.html", "dossiers", &dossier.view);
        std::iter::once(own).chain(dossier.records.iter().map(record))
    });
    whole.chain(alone.iter().map(record))
}

fn contents(pages: &Pages<'_>) -> Vec<Link> {
    pages.guide.iter().map(|(url, title, _)| Link { text: title.clone(), url: Some(url.clone()) }).collect()
}

fn stem(page: &Page) -> &str {
    page.template.strip_suffix(".html").unwrap_or(page.template)
}

/// Prose of a section begins at the third level; as a page of its own it begins at the second.
fn raised(html: &str) -> Cow<'_, str> {
    if html.contains("<h2") || !html.contains("<h3") {
        return Cow::Borrowed(html);
    }
    let levels = [("3", "2"), ("4", "3"), ("5", "4"), ("6", "5")];
    let raise = |html: String, (from, to): (&str, &str)| {
        html.replace(&format!("<h{from}>"), &format!("<h{to}>")).replace(&format!("</h{from}>"), &format!("</h{to}>"))
    };
    Cow::Owned(levels.into_iter().fold(html.to_owned(), raise))
}

/// So many pages are given to all threads at a time.
const BLOCK: usize = 256;

thread_local! {
    /// The page that a thread makes.
    static PAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The templates, ready to render.
pub struct Site<'a> {
    theme: &'a Theme,
    tera: Tera,
    /// Templates of which the built-in version is used because the archive's own does not parse.
    replaced: Vec<String>,
    /// What all pages are made from besides their views; nothing where that cannot be told.
    common: Option<Digest>,
    late: Late,
    around: Around,
    pieces: Pieces,
}

impl<'a> Site<'a> {
    /// Reads the templates of a theme. `basis` is what the build rests on.
    pub fn new(theme: &'a Theme, frame: &Frame, menu: &Menu, basis: &Basis, program: Option<Digest>) -> (Self, Vec<Diagnostic>) {
        let mut found = theme.found().to_vec();
        let mut site = Self {
            theme,
            tera: engine(),
            replaced: Vec::new(),
            common: None,
            late: Late::default(),
            around: Around::of(menu, &basis.demands),
            pieces: Pieces::default(),
        };
        site.load(&mut found);
        let words = theme.words(Language::from_tag(&frame.language).unwrap_or_default());
        site.common = program.zip(Digest::of(&(frame, &words, &menu, &basis.demands))).map(|(program, given)| {
            let files = theme.files().filter_map(|name| theme.bytes(name)).map(Digest::of_bytes);
            files.fold(program.and(given), Digest::and)
        });
        site.late = Late::of(basis, &words);
        let late = site.late.context();
        for (name, value) in [("frame", json!(frame)), ("words", words), ("nav", json!(menu)), ("late", late)] {
            match Value::try_from_serializable(&value) {
                Ok(value) => site.tera.global_context().insert_value(name, value),
                Err(error) => found.push(site.failure(&error, &format!("`{name}`"))),
            }
        }
        (site, found)
    }

    /// Loads all templates. One of the archive's own that does not fit is set aside with a
    /// finding, its built-in version stands in, and the rest is tried again.
    fn load(&mut self, found: &mut Vec<Diagnostic>) {
        let mut templates: BTreeMap<&str, String> = BTreeMap::new();
        for name in self.theme.files().filter(|name| name.ends_with(".html")) {
            templates.insert(name, self.theme.text(name).unwrap_or_default());
        }
        let mut own: Vec<&str> = templates.keys().copied().filter(|name| self.theme.is_own(name)).collect();
        loop {
            let (blame, blamed) = match self.tera.add_raw_templates(&templates) {
                Ok(()) => match self.lacking(&own) {
                    Some((name, blame)) => (blame, Some(name)),
                    None => return,
                },
                Err(error) => (blame(&error), culprit(&error, &own)),
            };
            found.push(self.blamed(blame, ""));
            // Where nobody in particular is to blame, none of the archive's own is used.
            let aside: Vec<&str> = blamed.map_or_else(|| own.clone(), |name| vec![name]);
            if aside.is_empty() {
                return;
            }
            for name in aside {
                own.retain(|other| *other != name);
                match self.theme.built_in_text(name) {
                    Some(text) => drop(templates.insert(name, text)),
                    None => drop(templates.remove(name)),
                }
                self.replaced.push(name.to_owned());
            }
        }
    }

    /// Which of the archive's own templates lacks a component that its built-in version has and no template calls.
    fn lacking<'n>(&self, own: &[&'n str]) -> Option<(&'n str, Blame)> {
        let absent = COMPONENTS.iter().find(|component| self.tera.get_component_definition(component).is_none())?;
        let defines = |name: &&&str| self.theme.built_in_text(name).is_some_and(|text| text.contains(&format!("component {absent}(")));
        let name = own.iter().find(defines)?;
        let message = format!("the component `{absent}` is missing");
        Some((name, Blame { file: Some((*name).to_owned()), line: 1, range: None, message }))
    }

    /// Renders pages into `sink`. Findings speak of the theme.
    pub fn render(&self, pages: &Pages<'_>, sink: &dyn Sink) -> Vec<Diagnostic> {
        self.rendered(&tasks(pages), sink)
    }

    /// Renders the pages of dossiers and of their records only.
    pub fn render_dossiers(&self, dossiers: &[DossierPages<'_>], alone: &Listed<'_, RecordView>, sink: &dyn Sink) -> Vec<Diagnostic> {
        self.rendered(&kept(dossiers, alone).collect::<Vec<_>>(), sink)
    }

    /// Pages are made about in the order of the list, so that what belongs to a dossier is made at about the same time.
    fn rendered(&self, tasks: &[Task<'_>], sink: &dyn Sink) -> Vec<Diagnostic> {
        let failed = tasks.par_iter().by_uniform_blocks(BLOCK).filter_map(|task| Some((task.url, self.page(task, sink).err()?)));
        let failed: Vec<_> = failed.collect();
        self.failures(&failed)
    }

    fn page(&self, task: &Task<'_>, sink: &dyn Sink) -> TeraResult<()> {
        (task.show)(&|view| {
            let own = Digest::of(&(task.url, task.template, task.here)).zip(view.digest()).map(|(task, view)| task.and(view));
            let digest = self.common.zip(own).map(|(common, own)| common.and(own));
            let before = digest.and_then(|digest| sink.before(task.url, digest));
            if let Some(page) = before.and_then(|page| self.late.renewed(&page)) {
                sink.put(task.url, digest, &page);
                return Ok(());
            }
            let root = "../".repeat(task.url.matches('/').count());
            let mut context = self.around.context(&self.tera, task.url, task.here, &root)?;
            view.show(Maker::new(&self.tera, &self.pieces, &root), &mut context)?;
            context.insert_value("url", Value::normal_string(task.url));
            // One page after another is made in the same place.
            PAGE.with_borrow_mut(|page| {
                page.clear();
                self.tera.render_to(task.template, &context, &mut *page)?;
                sink.put(task.url, digest, page);
                Ok(())
            })
        })
    }

    /// One finding per place in the theme, however many pages failed there.
    fn failures(&self, failed: &[(&str, tera::Error)]) -> Vec<Diagnostic> {
        let mut list: Vec<(Diagnostic, &str, usize)> = Vec::new();
        for (url, error) in failed {
            let one = self.failure(error, "");
            let at = |d: &Diagnostic| (d.path().to_owned(), d.place.as_ref().map(|place| place.span), d.message.en.clone());
            match list.iter_mut().find(|(other, ..)| at(other) == at(&one)) {
                Some((_, _, count)) => *count += 1,
                None => list.push((one, url, 1)),
            }
        }
        list.into_iter()
            .map(|(one, url, count)| {
                one.fact(say!("未能生成的页面：{count} 页，首见于 {url}", "pages that could not be made: {count}, first {url}"))
            })
            .collect()
    }

    /// A failure of the engine as a finding about the theme.
    fn failure(&self, error: &tera::Error, about: &str) -> Diagnostic {
        self.blamed(blame(error), about)
    }

    fn blamed(&self, blame: Blame, about: &str) -> Diagnostic {
        let place = blame.file.as_deref().and_then(|name| {
            let source = if self.replaced.iter().any(|other| other == name) { None } else { self.theme.source(name) };
            source.map(|source| Place::new(&source, blame.span(&source)))
        });
        let reason = if about.is_empty() { blame.message } else { format!("{about}: {}", blame.message) };
        let key = blame.file.unwrap_or_default();
        Diagnostic::error("T101", place, say!("模板出错：{reason}", "a template failed: {reason}")).key(key).help(say!(
            "改正主题里的这个文件；删去它就恢复内置的样式",
            "mend this file of the theme; deleting it brings back the built-in one"
        ))
    }
}

/// The engine: everything is escaped, whatever the template is called, and two filters are added.
fn engine() -> Tera {
    let mut tera = Tera::new();
    tera.autoescape_on([""]);
    tera.register_filter("href", href);
    tera.register_filter("fill", fill);
    tera
}

/// An address as it goes into `href`: a path in the output becomes relative and percent-encoded;
/// of others only those pass that can run nothing. The way to the root is `root` where the filter stands: to hand it over
/// would cost more than all the rest.
fn href(address: &str, _: Kwargs, state: &State<'_>) -> TeraResult<String> {
    let root = state.get::<String>("root")?.ok_or_else(|| tera::Error::message("`href` needs `root`: `@root` in a component"))?;
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("http" | "https" | "mailto" | "tel")) {
        return Ok(address.to_owned());
    }
    let (path, fragment) = match address.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (address, None),
    };
    let mut out = String::with_capacity(root.len() + address.len());
    if !path.is_empty() {
        out.push_str(&root);
    }
    out.push_str(&encoded(path.trim_start_matches('/')));
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(&encoded(fragment));
    }
    Ok(out)
}

/// Puts a number or name where `{n}` stands in a word.
fn fill(text: &str, kwargs: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let value = kwargs.must_get::<Value>("n")?;
    Ok(text.replace("{n}", &value.to_string()))
}

/// What the engine complains of, and where.
struct Blame {
    file: Option<String>,
    line: usize,
    range: Option<std::ops::Range<usize>>,
    message: String,
}

impl Blame {
    fn span(&self, source: &crate::source::Source) -> Span {
        match &self.range {
            Some(range) if range.end <= source.text().len() => Span::new(range.start, range.end),
            _ => source.line(self.line.max(1)),
        }
    }
}

fn blame(error: &tera::Error) -> Blame {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => Blame {
            file: Some(report.filename().to_owned()),
            line: report.span().start_line,
            range: Some(report.span().range.clone()),
            message: report.message().to_owned(),
        },
        ErrorKind::MissingParent { current: file, .. }
        | ErrorKind::CircularExtend { tpl: file, .. }
        | ErrorKind::CircularInclude { tpl: file, .. } => {
            Blame { file: Some(file.clone()), line: 1, range: None, message: error.to_string() }
        }
        _ => blame_of_report(&error.to_string()),
    }
}

/// Some complaints come as a printed report only: `error: WHAT`, then ` --> FILE:LINE:COLUMN`.
fn blame_of_report(report: &str) -> Blame {
    let message = report.lines().next().unwrap_or(report).trim_start_matches("error: ").to_owned();
    let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let mut parts = place.unwrap_or_default().rsplitn(3, ':');
    let (_column, line, file) = (parts.next(), parts.next(), parts.next());
    Blame { file: file.map(str::to_owned), line: line.and_then(|line| line.parse().ok()).unwrap_or(0), range: None, message }
}

/// Which of the archive's own templates the engine complains of.
fn culprit<'a>(error: &tera::Error, own: &[&'a str]) -> Option<&'a str> {
    let blame = blame(error);
    let named = |name: &&&str| match &blame.file {
        Some(file) => file == **name,
        None => blame.message.contains(&format!("`{name}`")),
    };
    own.iter().find(named).copied()
}

mod around;
mod late;
mod pages;
pub mod pieces;

#[cfg(test)]
mod sample;

#[cfg(test)]
mod tests;
