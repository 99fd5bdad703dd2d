//! What one audience may see: plain structs between the facts and every renderer.
//!
//! Who may see a value is decided here and nowhere else, from the form. Site, papers and every
//! other output take these structs only, so a template cannot print what it was never given.
//! All texts are in the language of the build; dates are ISO (`2026-03-09`), times carry the
//! archive's zone (`2026-03-09 10:12`).

mod agenda;
mod article;
mod branches;
mod catalogue;
mod change;
mod chronicle;
mod course;
mod disguise;
mod dossier;
mod extract;
mod feed;
mod field;
mod figure;
mod form;
mod law;
pub mod lists;
mod log;
mod long;
mod month;
mod owed;
mod pages;
mod paging;
mod pending;
mod queue;
mod record;
mod rule;
mod settled;
mod sheet;
mod signed;
pub mod statistics;
mod timeline;
mod viewer;
pub mod workbook;

use serde::Serialize;

pub use agenda::{AgendaView, LoadView, PartView, Urgency};
pub use article::{ArticleView, ComplianceRow, ReadingOption, ReadingView};
pub use branches::BranchRow;
pub use catalogue::{CatalogueView, ChoiceView, FacetView};
pub use change::{Part, parts};
pub use dossier::DossierView;
pub use feed::{CalendarView, Deadline, FeedBasis, Feeds, NewsView};
pub use field::{ColumnView, FieldView, OptionView, ValueView};
pub use form::{FieldSpec, FormView};
pub use log::LogView;
pub use long::{Excerpt, LongList};
pub use month::MonthView;
pub use owed::{Due, Owed, Whose};
pub use pages::{Listed, all, basis, dossiers, frame};
pub use paging::{Pager, PagerLink};
pub use pending::{PendingCase, PendingRule, by_rule};
pub use queue::QueueRow;
pub use record::{PaperView, RecordRow, RecordView, SectionView, blank, digest};
pub use rule::{RuleRow, RuleView};
pub use settled::{Demand, SettledCase, SettledRule, SettledState, SettledView};
pub use sheet::{Check, SheetApproval, SheetEntry, SheetRecord, SheetView};
pub use signed::{ApprovalView, SignatureView};
pub use timeline::{ChangeView, EventView};
pub use viewer::Viewer;

/// What stands in every page's head and foot.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// The organisation.
    pub organisation: String,
    /// Title of the site.
    pub site_title: String,
    /// `zh` or `en`.
    pub language: String,
    /// The audience that this build is for.
    pub audience: String,
    /// Whether that is the highest audience, which sees everything.
    pub highest: bool,
    /// Number of the procedure, such as `SLFWGL-009`.
    pub procedure: String,
    /// Title of the procedure.
    pub procedure_title: String,
    /// Name of the edition in force.
    pub edition: Option<String>,
    /// Whether pages reload themselves when the server says so.
    pub live: bool,
    /// Warnings about the archive as a whole (shallow clone, calendar without a year …).
    pub notices: Vec<String>,
}

/// What a build rests on and found. It changes with every commit and day, so it is kept apart from the
/// views, which mostly do not.
#[derive(Debug, Clone, Serialize)]
pub struct Basis {
    /// As-of date.
    pub today: String,
    /// Short id of the head commit, if there is one.
    pub head: Option<String>,
    /// All findings.
    pub counts: Counts,
    /// What the rules demand, in the order of the rulebook.
    pub demands: Vec<Demand>,
}

/// A view that is made when its turn comes, so that no build holds all of them at once.
pub struct Later<'v, T>(Box<dyn Fn() -> T + Send + Sync + 'v>);

impl<'v, T> Later<'v, T> {
    /// A view that `make` makes.
    pub fn new(make: impl Fn() -> T + Send + Sync + 'v) -> Self {
        Self(Box::new(make))
    }

    /// Makes it.
    pub fn get(&self) -> T {
        (self.0)()
    }
}

impl<T> std::fmt::Debug for Later<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Later")
    }
}

/// Numbers of findings by severity.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Counts {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Advice.
    pub advice: usize,
}

/// A link: what to print and where it leads (relative to the site's root, `None` when there is no page).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Link {
    /// Text.
    pub text: String,
    /// Address relative to the root of the site.
    pub url: Option<String>,
}

/// The start page.
#[derive(Debug, Clone, Serialize)]
pub struct StartView {
    /// What is to be done by everybody.
    pub agenda: AgendaView,
    /// How much is to be done by people, those with the most urgent first.
    pub people: Vec<LoadView>,
    /// How many people have something to do.
    pub people_total: usize,
    /// How much is to be done in projects.
    pub projects: Vec<LoadView>,
    /// How many projects there are.
    pub projects_total: usize,
    /// The newest events of the archive.
    pub recent: Vec<EventView>,
}

/// One project (the dossier kind whose numbers are the prefixes of the others) as a line of a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProjectRow {
    /// Its page.
    pub link: Link,
    /// Short code, such as `NS`.
    pub code: String,
    /// Name.
    pub name: String,
    /// How many dossiers are running.
    pub running: usize,
    /// How many are closed.
    pub closed: usize,
    /// How many duties are overdue, void or broken.
    pub overdue: usize,
}

/// A project's page.
#[derive(Debug, Clone, Serialize)]
pub struct ProjectView {
    /// The same facts as in the list.
    pub row: ProjectRow,
    /// Its own dossier.
    pub own: Link,
    /// The list of its dossiers.
    pub dossiers_url: Option<String>,
    /// Its deadlines as a calendar.
    pub calendar: String,
    /// What changed in it as a feed, if anything did.
    pub news: Option<String>,
    /// What is to be done in it.
    pub agenda: AgendaView,
}

/// One line of a dossier list.
#[derive(Debug, Clone, Serialize)]
pub struct DossierRow {
    /// Number, linked to its page.
    pub link: Link,
    /// Kind, such as 个案.
    pub kind: String,
    /// Project code.
    pub project: String,
    /// What this audience may call it (a pseudonym), if anything.
    pub title: Option<String>,
    /// Worker's name.
    pub worker: Option<String>,
    /// Stage reached.
    pub stage: Option<String>,
    /// Opened on.
    pub opened: Option<String>,
    /// Closed on.
    pub closed: Option<String>,
    /// Number of records.
    pub records: usize,
    /// Duties overdue, void or broken.
    pub overdue: usize,
    /// Duties running or due soon.
    pub open: usize,
    /// The next day on which something is due.
    pub next_due: Option<String>,
}

/// One stage of a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct StageView {
    /// Name.
    pub name: String,
    /// Whether a record of that stage exists.
    pub reached: bool,
    /// Whether it is the furthest one reached.
    pub current: bool,
}

/// A word with a class for its colour: `good`, `wait`, `soon`, `bad`, `none`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Badge {
    /// What it says.
    pub text: String,
    /// Its class.
    pub class: &'static str,
    /// What stands behind it, one sentence.
    pub title: String,
}

/// A figure and what it shows.
#[derive(Debug, Clone, Serialize)]
pub struct FigureView {
    /// Its title.
    pub title: String,
    /// The drawing as SVG, made by us from escaped texts.
    pub svg: String,
    /// Column heads of the same facts as a table.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// A duty and its state.
#[derive(Debug, Clone, Serialize)]
pub struct ObligationView {
    /// The rule, linked to its page.
    pub rule: Link,
    /// What is demanded.
    pub title: String,
    /// The article, linked.
    pub article: Option<Link>,
    /// The record or dossier it is about, linked.
    pub subject: Link,
    /// The form of the subject, if it is a record.
    pub form: Option<String>,
    /// The dossier, linked.
    pub dossier: Option<Link>,
    /// Project code.
    pub project: Option<String>,
    /// Who owes it.
    pub owner: Option<String>,
    /// State word and colour.
    pub state: Badge,
    /// Last day.
    pub due: Option<String>,
    /// Working days left (negative: late).
    pub left: Option<i64>,
    /// Whether the day may still move because a calendar year is missing.
    pub provisional: bool,
    /// How it was counted and what it rests on.
    pub facts: Vec<String>,
    /// Remedy.
    pub help: Option<String>,
    /// Whether it rests on a proposal of ours rather than on the source.
    pub proposed: bool,
}

/// A finding as a page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct FindingView {
    /// Code or rule, linked to its explanation.
    pub code: Link,
    /// `error`, `warning`, `advice`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// Path and line.
    pub path: String,
    /// Line from 1; 0 for the whole archive.
    pub line: usize,
    /// The record, linked.
    pub subject: Link,
    /// Facts behind it.
    pub facts: Vec<String>,
    /// Remedy.
    pub help: Option<String>,
}

/// One line of the register.
#[derive(Debug, Clone, Serialize)]
pub struct PersonRow {
    /// Name, linked.
    pub link: Link,
    /// Roles with their terms.
    pub roles: Vec<RoleView>,
    /// Whether they hold any role today.
    pub in_service: bool,
    /// How much is to be done: today, soon, overdue, waiting.
    pub counts: Vec<usize>,
}

/// A person's page.
#[derive(Debug, Clone, Serialize)]
pub struct PersonView {
    /// Name, linked.
    pub link: Link,
    /// Roles with their terms.
    pub roles: Vec<RoleView>,
    /// How much is to be done: today, soon, overdue, waiting.
    pub counts: Vec<usize>,
    /// Their deadlines as a calendar.
    pub calendar: String,
    /// What is to be done.
    pub agenda: AgendaView,
    /// What waits for the approval of others.
    pub submitted: PartView,
}

/// A role held by somebody.
#[derive(Debug, Clone, Serialize)]
pub struct RoleView {
    /// Role.
    pub role: String,
    /// From.
    pub from: String,
    /// Until, if it ended.
    pub until: Option<String>,
    /// Projects, empty for all.
    pub projects: Vec<String>,
}
