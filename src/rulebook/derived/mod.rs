//! Computed fields and tables: values that nobody types.
//!
//! Each form declares where a value comes from; where somebody typed it all the same, the two are
//! compared. The vocabulary is closed, one variant of [`Computed`] each.

mod measures;
mod names;
pub mod numbers;
mod read;
pub mod source;
pub mod tables;
mod value;

pub use measures::{Baseline, Compared, Effect};
pub use numbers::Rounding;
pub use source::{Asked, Source};
pub use tables::{Rows, Selection, Tally};
pub use value::{completed, compute, in_written};

use super::condition::Condition;
use super::reference::Refs;
use crate::yaml::de::Spanned;

/// How a value is computed.
#[derive(Debug, Clone)]
pub enum Computed {
    /// `copy: C03.开案日期`: the same value elsewhere; of several sources the first that has one.
    Copy(Vec<Source>),
    /// `value: 缺`: a text as it stands.
    Literal(String),
    /// `age: [出生日期, 开案日期]`: full years between two days.
    Age(Source, Source),
    /// `minutes: [开始, 结束]`: between two times, or between two clock times of one day.
    Minutes(Source, Source),
    /// `count: C07`: records of a form, rows of a table or values of a field; equal values once if `different`.
    Count(Vec<Source>, bool),
    /// `sum: […]`, divided and rounded.
    Sum(Vec<Source>, Rounding),
    /// `mean: […]`, nothing below `least` values.
    Mean(Vec<Source>, Rounding, usize),
    /// `first: […]`: the smallest number or earliest day.
    First(Vec<Source>),
    /// `last: […]`: the largest number or latest day.
    Last(Vec<Source>),
    /// `product: [单价, 数量]`: everything multiplied; nothing if one is missing.
    Product(Vec<Source>, Rounding),
    /// `difference: [A, B]`, `quotient: [A, B]`, `percent: [A, B]`.
    Between(Operation, Source, Source, Rounding),
    /// `goal-score: [目标结果.终点尺度, 目标结果.权重, 目标结果]`: the T score of goals from their levels and weights, given the
    /// table that has them; nothing while a goal has no level or no weight.
    GoalScore(Box<[Source; 3]>, Rounding),
    /// `impact: net, of: [变化.程度, 变化.归因, 变化]` or `ratio`: the differential impact, from how much changed and the share
    /// in percent that is put down to the service, given the table that has them; nothing while a row lacks one.
    Impact(Effect, Box<[Source; 3]>, Rounding),
    /// `baseline: pnd, figure: …, of: 指标`: a number of a series that a figure of the form shows.
    Baseline(Box<Baseline>, Rounding),
    /// `newest: …`: the value in the last row of the last record, in the order of their names.
    Newest(Vec<Source>),
    /// `words: 合计`: yuan in words.
    Words(Source),
    /// `span: [A, B]`: a text "A 至 B".
    Span(Source, Source),
    /// `join: [A, B], with: ' '`: texts one after the other, repetitions left out.
    Join(Vec<Vec<Source>>, String),
    /// `format: '{} / {}', of: [A, B]`: a text with blanks.
    Format(String, Vec<Source>),
    /// `dossier: number` or `project`.
    Dossier(Part),
    /// `person: [负责社工, …]`: the supervisor of the person named in a field.
    Supervisor(Source),
    /// `choose: [{ when: …, value: … }, { value: … }]`: the first whose condition holds.
    Choose(Vec<(Option<Condition>, Computed)>),
    /// `deadline: R31-2a`: the state of that duty in words.
    Deadline(Spanned<String>),
    /// `text: §本节目的, length: 50`: the first sentence, at most so many characters.
    Text(Vec<Source>, usize),
    /// `number: 1`: the number of the row.
    Number(usize),
    /// `running: 时长`: the sum of a column's source up to this row.
    Running(Vec<Source>, Rounding),
    /// `form: code`, `name` or `count`, in rows made per form.
    Form(FormFact),
    /// `rows: { from, … }`: a table, or several one below the other.
    Rows(Vec<Rows>),
    /// `tally: { from, rows, columns }`: a cross table of counts.
    Tally(Box<Tally>),
}

/// What is made of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The first minus the second; of two days, the days between.
    Difference,
    /// The first divided by the second.
    Quotient,
    /// The same in hundredths.
    Percent,
}

/// A part of the dossier's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its number.
    Number,
    /// Its project's code.
    Project,
}

/// A fact about the form of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFact {
    /// Its code.
    Code,
    /// Its name.
    Name,
    /// How many records of it the dossier has.
    Count,
}

impl Computed {
    /// The references whose place a reader should look at for this value.
    pub fn origin(&self) -> Option<Refs> {
        match self {
            Self::Copy(sources) => source::plain(sources),
            Self::Age(born, _) => born.plain().map(|r| Refs(vec![r.clone()])),
            Self::First(sources) | Self::Last(sources) => source::plain(sources).map(|Refs(mut refs)| {
                refs.truncate(1);
                Refs(refs)
            }),
            _ => None,
        }
    }

    /// The sources of one value; a table has none of its own.
    pub fn sources(&self) -> Vec<&Source> {
        match self {
            Self::Copy(list)
            | Self::Count(list, _)
            | Self::Sum(list, _)
            | Self::Mean(list, ..)
            | Self::Newest(list)
            | Self::First(list)
            | Self::Last(list)
            | Self::Product(list, _)
            | Self::Format(_, list)
            | Self::Text(list, _)
            | Self::Running(list, _) => list.iter().collect(),
            Self::Age(a, b) | Self::Minutes(a, b) | Self::Span(a, b) | Self::Between(_, a, b, _) => vec![a, b],
            Self::GoalScore(three, _) | Self::Impact(_, three, _) => three.iter().collect(),
            Self::Baseline(baseline, _) => vec![&baseline.of],
            Self::Words(source) | Self::Supervisor(source) => vec![source],
            Self::Join(parts, _) => parts.iter().flatten().collect(),
            Self::Choose(branches) => branches.iter().flat_map(|(_, computed)| computed.sources()).collect(),
            Self::Literal(_) | Self::Dossier(_) | Self::Deadline(_) | Self::Number(_) | Self::Form(_) | Self::Rows(_) | Self::Tally(_) => {
                Vec::new()
            }
        }
    }
}
