//! Service statistics: what is counted, on which day, for which groups.
//!
//! ```yaml
//! suppress-below: 3
//! audience: 内部
//! category: [C03.服务类别, C02.服务类别]
//! project-type: S1.项目类型
//! targets: { from: S1.年度指标, year: 年度 }
//! statistics:
//!   - { id: new-cases, name: 新开个案数, unit: 个, people: true, count: C03, where: { '@approved': present }, at: 开案日期, target: 个案 }
//!   - { id: attendances, name: 会谈人次, unit: 人次, people: true, over: C07, sum: { count: 参加者 }, at: 开始 }
//!   - { id: in-crisis, name: 危机个案数, unit: 个, people: true, over: C07.危机块, different: { dossier: number }, at: [发现时间, 开始] }
//!   - { id: at-start, name: 期初在案, unit: 个, people: true, standing: C03, from: 开案日期, until: C13.结案日期, on: start }
//!   - { id: in-time, name: 按时办理的期限, unit: 项, duties: deadline, states: [met, met-claimed] }
//!   - { id: served, name: 服务个案数, unit: 个, people: true, total: [at-start, new-cases] }
//!   - { id: per-case, name: 平均每案人次, unit: 人次, ratio: [attendances, served] }
//! ```
//!
//! Charts name statistics: `charts: [ { title: 会谈节数, of: sessions } ]`; several are parts of a whole, one upon the other.
//! With `over: months` they are lines over the last twelve months, each statistic for itself.
//!
//! Exactly one measure each: `count`, `sum` or `different` with `over`, `standing`, `duties`; or one made of others:
//! `total` (with `less`), `share` (in hundredths), `ratio`. `duties` with `among` makes a share for each rule. What no commit
//! on the main branch holds is a draft and is not counted. `people` marks numbers of persons: below `suppress-below` only the highest audience sees them.

mod cube;
mod read;
mod veil;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::condition::Condition;
use super::derived::{Rounding, Source};
use super::obligation::State;
use super::reference::{Ref, Refs};
use crate::diagnostic::Text;
use crate::say;
use crate::yaml::de::Spanned;

pub use cube::{Axis, Basis, Cell, Completion, Cube, Group, Line};
pub use veil::{Veil, veil};

/// The file in the rulebook's folder.
pub const FILE: &str = "statistics.yaml";

/// The statistics of a rulebook.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Numbers of persons below this are for the highest audience only; 0 hides nothing.
    pub suppress_below: u32,
    /// Lowest audience that gets statistics at all, as an index.
    pub audience: usize,
    /// The field whose first value is the category of a dossier.
    pub category: Option<Refs>,
    /// The field that says of which type the project of a dossier is.
    pub project_type: Option<Refs>,
    /// Where the targets stand that a contract sets.
    pub targets: Option<Targets>,
    /// The statistics in order.
    pub list: Vec<Statistic>,
    /// The charts of the page of statistics.
    pub charts: Vec<Chart>,
}

/// A chart: a bar for each group, of one statistic, or of several that are parts of a whole; or a line over months for each
/// statistic.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// The statistics, as indices.
    pub of: Vec<usize>,
    /// What lines run over; none: bars.
    pub over: Option<Over>,
}

/// What the lines of a chart run over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// The twelve months that end with the last day that is asked about.
    Months,
}

/// Where targets stand: a table with a row for each year, in the dossier of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Targets {
    /// The table.
    pub from: Ref,
    /// Its column with the year.
    pub year: Spanned<String>,
}

/// One statistic.
#[derive(Debug, Clone)]
pub struct Statistic {
    /// Its id.
    pub id: Spanned<String>,
    /// Its name.
    pub name: String,
    /// The heading that it stands under.
    pub heading: Option<String>,
    /// The article that it serves.
    pub article: Option<Spanned<String>>,
    /// Unit of its numbers.
    pub unit: String,
    /// How it is to be read.
    pub note: Option<String>,
    /// What is counted.
    pub measure: Measure,
    /// How its numbers are finished.
    pub rounding: Rounding,
    /// Whether it counts persons, so that small numbers may tell who they are.
    pub people: bool,
    /// Whether it is shown; if not, others rest on it.
    pub shown: bool,
    /// Groupings that make sense for it; none named: all.
    pub by: Vec<Grouping>,
    /// The column with its target.
    pub target: Option<Spanned<String>>,
}

/// What is counted.
#[derive(Debug, Clone)]
pub enum Measure {
    /// Records or rows, dated by the first of some sources that has a day.
    Each {
        /// Forms, or tables of forms.
        over: Vec<Ref>,
        /// Which of them.
        filter: Option<Condition>,
        /// Their day.
        at: Vec<Source>,
        /// What of each.
        take: Take,
    },
    /// Records that have begun and not ended, on the eve of the period or at its end.
    Standing {
        /// Forms, or tables of forms.
        over: Vec<Ref>,
        /// Which of them.
        filter: Option<Condition>,
        /// The day since which they stand.
        from: Vec<Source>,
        /// The day on which they end.
        until: Vec<Source>,
        /// When.
        on: Edge,
    },
    /// Duties by their last day.
    Duties {
        /// Of these rules, as indices.
        rules: Vec<usize>,
        /// That stand so.
        states: Vec<State>,
    },
    /// Other statistics added up, others taken away.
    Total(Vec<usize>, Vec<usize>),
    /// The first in hundredths of the second.
    Share(usize, usize),
    /// The first divided by the second.
    Ratio(usize, usize),
    /// Nothing: what it rests on is not there.
    Nothing,
}

/// What is taken of each record or row.
#[derive(Debug, Clone)]
pub enum Take {
    /// One.
    One,
    /// A number.
    Sum(Source),
    /// A word; equal words count once.
    Different(Source),
}

/// An edge of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// Before its first day.
    Start,
    /// After its last day.
    End,
}

/// Groupings that a statistic may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grouping {
    /// By project or by its type.
    Project,
    /// By month, quarter or year.
    Period,
    /// By category.
    Category,
    /// By worker.
    Worker,
}

/// What numbers are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The project of the dossier.
    Project,
    /// The month of the day.
    Month,
    /// Its quarter.
    Quarter,
    /// Its year.
    Year,
    /// The type of that project.
    ProjectType,
    /// The category of the dossier.
    Category,
    /// The worker of the record.
    Worker,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Project, Self::Month, Self::Quarter, Self::Year, Self::ProjectType, Self::Category, Self::Worker];

    /// The one that goes by this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }

    /// The name of the month, quarter or year that a day lies in: `2026-03`, `2026-Q1`, `2026`.
    pub fn period(self, day: NaiveDate) -> String {
        match self {
            Self::Year => day.format("%Y").to_string(),
            Self::Quarter => format!("{}-Q{}", day.format("%Y"), day.month0() / 3 + 1),
            _ => day.format("%Y-%m").to_string(),
        }
    }

    /// The grouping that allows it.
    pub fn grouping(self) -> Grouping {
        match self {
            Self::Project | Self::ProjectType => Grouping::Project,
            Self::Month | Self::Quarter | Self::Year => Grouping::Period,
            Self::Category => Grouping::Category,
            Self::Worker => Grouping::Worker,
        }
    }

    /// The word on the command line and in the JSON form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::ProjectType => "project-type",
            Self::Category => "category",
            Self::Worker => "worker",
        }
    }

    /// The words for people.
    pub fn text(self) -> Text {
        match self {
            Self::Project => say!("项目", "project"),
            Self::Month => say!("月份", "month"),
            Self::Quarter => say!("季度", "quarter"),
            Self::Year => say!("年度", "year"),
            Self::ProjectType => say!("项目的类型", "project type"),
            Self::Category => say!("类别", "category"),
            Self::Worker => say!("社工", "worker"),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Up to two groupings.
    pub by: Vec<By>,
}

impl Measure {
    /// The statistics that it is made of.
    pub fn rests_on(&self) -> Vec<usize> {
        match self {
            Self::Total(parts, less) => parts.iter().chain(less).copied().collect(),
            Self::Share(a, b) | Self::Ratio(a, b) => vec![*a, *b],
            _ => Vec::new(),
        }
    }
}
