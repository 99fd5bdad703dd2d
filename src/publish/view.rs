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
mod extract;
mod feed;
mod field;
mod figure;
mod law;
pub mod lists;
mod log;
mod month;
mod pages;
mod paging;
mod queue;
mod record;
mod settled;
mod sheet;
mod signed;
pub mod statistics;
mod timeline;
mod viewer;

use serde::Serialize;

use super::markdown::Block;

pub use agenda::{AgendaView, LoadView, PartView};
pub use branches::BranchRow;
pub use catalogue::{CatalogueView, ChoiceView, FacetView};
pub use change::{Part, parts};
pub use feed::{CalendarView, Deadline, FeedBasis, Feeds, NewsView};
pub use log::LogView;
pub use month::MonthView;
pub use pages::{Listed, all, basis, dossiers, frame};
pub use paging::{Pager, PagerLink};
pub use queue::QueueRow;
pub use record::{blank, digest};
pub use settled::{SettledCase, SettledRule, SettledView};
pub use sheet::{Check, SheetApproval, SheetEntry, SheetRecord, SheetView};
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

/// A dossier's page.
#[derive(Debug, Clone, Serialize)]
pub struct DossierView {
    /// The same facts as in the list.
    pub row: DossierRow,
    /// All stages of the kind, the reached ones marked.
    pub stages: Vec<StageView>,
    /// Records, approvals and last days along the time, drawn.
    pub course: Option<FigureView>,
    /// Records in the order of the forms.
    pub records: Vec<RecordRow>,
    /// Forms of the kind that have no record here yet.
    pub absent: Vec<Link>,
    /// Duties that are not settled, most urgent first.
    pub obligations: Vec<ObligationView>,
    /// Those that are.
    pub settled: SettledView,
    /// Who did what, oldest first.
    pub timeline: Vec<EventView>,
    /// Findings in this dossier.
    pub findings: Vec<FindingView>,
    /// The dossier's paper (all records in one PDF), if it was typeset.
    pub paper: Option<String>,
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
    pub obligations: Vec<ObligationView>,
    /// Those that are, of a record that lies in no dossier.
    pub settled: SettledView,
    /// How many settled ones the dossier's page shows.
    pub settled_there: usize,
    /// Who changed what.
    pub timeline: Vec<EventView>,
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

/// One field of a record.
#[derive(Debug, Clone, Serialize)]
pub struct FieldView {
    /// Name.
    pub name: String,
    /// Type word of the form: text, date, table …
    pub kind: String,
    /// Heading it stands under.
    pub group: Option<String>,
    /// Short hint.
    pub note: Option<String>,
    /// Unit printed after the value.
    pub unit: Option<String>,
    /// Whether it must be filled here.
    pub required: bool,
    /// Whether it was computed.
    pub computed: bool,
    /// The value.
    pub value: ValueView,
    /// Findings about it.
    pub findings: Vec<FindingView>,
}

/// A value as it is shown.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ValueView {
    /// Nothing is written.
    #[default]
    Empty,
    /// Something is written, this audience does not see it.
    Hidden,
    /// A text, number or date.
    Text {
        /// As printed.
        text: String,
    },
    /// A choice among options, on paper printed with boxes.
    Choice {
        /// All options in order.
        options: Vec<OptionView>,
    },
    /// A signature recorded in the record.
    Signature {
        /// Who.
        name: String,
        /// As what.
        role: String,
        /// When.
        date: String,
        /// 纸质 or 电子, as the record says.
        form: String,
        /// Where the original is kept.
        place: String,
    },
    /// A link: an attachment, another record, an address.
    Link {
        /// Where to.
        link: Link,
    },
    /// Rows and columns.
    Table {
        /// Column heads.
        columns: Vec<ColumnView>,
        /// Rows of values, one per column.
        rows: Vec<Vec<ValueView>>,
    },
}

/// One option of a choice.
#[derive(Debug, Clone, Serialize)]
pub struct OptionView {
    /// Its name.
    pub name: String,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// One column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnView {
    /// Name.
    pub name: String,
    /// Type word.
    pub kind: String,
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

/// A signature block of the paper.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignatureView {
    /// Whose signature.
    pub label: String,
    /// `proven` (git shows it), `recorded` (a field of the record says so) or `ink` (blank lines).
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
    /// Date and time.
    pub time: String,
    /// Short commit.
    pub commit: String,
    /// What the evidence is, in words.
    pub evidence: String,
}

/// What history says about one approval of a record.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalView {
    /// `good`, `bad` or `wait`.
    pub class: &'static str,
    /// State in words.
    pub state: String,
    /// Who approved, if anybody.
    pub who: Option<Link>,
    /// In which role.
    pub role: Option<String>,
    /// When it entered.
    pub when: String,
    /// Short merge commit.
    pub commit: String,
    /// Strength in words.
    pub strength: String,
    /// Contributors of the version.
    pub contributors: Vec<String>,
    /// Why it does not count, in words.
    pub reasons: Vec<String>,
    /// Fields changed since (only those this audience may see are named).
    pub changed: Vec<String>,
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

/// Something that happened, read from git.
#[derive(Debug, Clone, Serialize)]
pub struct EventView {
    /// Date and time.
    pub when: String,
    /// Name of the person, or the bare address when nobody is known under it.
    pub who: String,
    /// Role on that day.
    pub role: Option<String>,
    /// `created`, `changed`, `removed`, `entered`, `approved`.
    pub kind: &'static str,
    /// What happened, in words.
    pub what: String,
    /// The record, linked.
    pub subject: Link,
    /// Short commit.
    pub commit: String,
    /// First line of its message.
    pub summary: String,
    /// Fields changed.
    pub changes: Vec<ChangeView>,
}

/// One changed field or section.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeView {
    /// Field or section.
    pub name: String,
    /// Old value; empty when it was not there; `None` when this audience may not see it.
    pub from: Option<String>,
    /// New value.
    pub to: Option<String>,
    /// What changed between the two, in the order of the text; none where they read better one beside the other.
    pub parts: Vec<Part>,
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

/// A form's page.
#[derive(Debug, Clone, Serialize)]
pub struct FormView {
    /// Code, linked.
    pub link: Link,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Dossier kinds.
    pub dossiers: Vec<String>,
    /// Stage.
    pub stage: Option<String>,
    /// How many per dossier, in words.
    pub per: String,
    /// Written, mixed or derived, in words.
    pub nature: String,
    /// Who fills it.
    pub filled_by: Option<String>,
    /// When and how.
    pub guide: Option<String>,
    /// Articles.
    pub articles: Vec<Link>,
    /// Rules about it.
    pub rules: Vec<RuleRow>,
    /// Its fields and columns with types and audiences.
    pub fields: Vec<FieldSpec>,
    /// Its sections.
    pub sections: Vec<FieldSpec>,
    /// The blank paper, if typeset.
    pub blank: Option<String>,
    /// The newest of its records.
    pub records: Vec<RecordRow>,
    /// How many there are.
    pub total: usize,
    /// The list of all of them, where these are not all.
    pub all: Option<String>,
}

/// A field as the form defines it.
#[derive(Debug, Clone, Serialize)]
pub struct FieldSpec {
    /// Name.
    pub name: String,
    /// Type in words.
    pub kind: String,
    /// Heading.
    pub group: Option<String>,
    /// Required, in words (是 / 否 / the condition).
    pub required: String,
    /// Choices or bounds, in words.
    pub values: String,
    /// Lowest audience that sees it.
    pub audience: String,
    /// Whether it identifies somebody.
    pub identifies: Option<String>,
    /// Hint.
    pub note: Option<String>,
    /// Columns of a table.
    pub columns: Vec<FieldSpec>,
}

/// One line in a list of rules.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// Id, linked.
    pub link: Link,
    /// Title.
    pub title: String,
    /// Article, linked.
    pub article: Option<Link>,
    /// Severity word.
    pub severity: &'static str,
    /// Kind of rule.
    pub kind: String,
    /// Whether it is a proposal of ours.
    pub proposed: bool,
    /// How many duties are met (claimed ones included), running, and overdue / void / broken.
    pub met: usize,
    /// Running.
    pub open: usize,
    /// Overdue, void or broken.
    pub bad: usize,
}

/// A rule's page.
#[derive(Debug, Clone, Serialize)]
pub struct RuleView {
    /// The same facts as in the list.
    pub row: RuleRow,
    /// What it says, sentence by sentence.
    pub says: Vec<String>,
    /// Remedy.
    pub help: Option<String>,
    /// Where it applies.
    pub applies: String,
    /// Its own YAML.
    pub source: String,
    /// The most urgent of the open duties that came of it.
    pub obligations: Vec<ObligationView>,
    /// How many there are.
    pub total: usize,
    /// The list of all of them, where these are not all.
    pub all: Option<String>,
}

/// An article's page.
#[derive(Debug, Clone, Serialize)]
pub struct ArticleView {
    /// Number such as `31.3`, linked.
    pub link: Link,
    /// Number in words.
    pub number: String,
    /// Chapter.
    pub chapter: String,
    /// Gist.
    pub gist: String,
    /// How it is enforced, in words.
    pub enforced: String,
    /// The reading chosen where the source is ambiguous.
    pub reading: Option<String>,
    /// The questions that the source leaves open here, with the answers.
    pub readings: Vec<ReadingView>,
    /// How the duties of its rules were met, by project and quarter; by quarter only where there are very many.
    pub compliance: Vec<ComplianceRow>,
    /// The list by project, where they are by quarter only.
    pub all: Option<String>,
    /// Rules.
    pub rules: Vec<RuleRow>,
    /// Forms.
    pub forms: Vec<Link>,
}

/// A question that the source leaves open.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingView {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answers with what each means; the one in force is marked.
    pub options: Vec<ReadingOption>,
}

/// One answer.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingOption {
    /// Its name.
    pub name: String,
    /// What it means.
    pub means: String,
    /// Whether it is in force.
    pub chosen: bool,
}

/// How duties of one project in one quarter stand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ComplianceRow {
    /// Project code; empty where there is none.
    pub project: String,
    /// Quarter such as `2026-Q1`; empty where no day is known.
    pub quarter: String,
    /// Met (in time).
    pub met: usize,
    /// Met late.
    pub late: usize,
    /// Running.
    pub open: usize,
    /// Overdue, void or broken.
    pub bad: usize,
    /// Waived.
    pub waived: usize,
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
