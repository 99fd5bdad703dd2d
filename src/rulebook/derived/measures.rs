//! Measures of change as computed values: goals, differential impact, a baseline.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::source::all_of;
use super::{Rounding, Source};
use crate::rulebook::context::Context;
use crate::rulebook::figure::Rows;
use crate::rulebook::figure::series::Series;
use crate::rulebook::form::FigureKind;
use crate::rulebook::measure::{Change, Goal, attainment, impact};
use crate::rulebook::value::Value;
use crate::yaml::de::Spanned;

/// `baseline: pnd, figure: 基线测量, of: 指标`: a number of a series, read from the tables that a figure of the form is
/// drawn from.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Which number.
    pub what: Compared,
    /// The title of the figure.
    pub figure: Spanned<String>,
    /// Names the measure.
    pub of: Source,
    /// For [`Compared::Significant`]: what is said if it is, if it is not, and if nobody can tell.
    pub words: Option<[String; 3]>,
}

/// A number of a comparison of two phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The mean before.
    MeanBefore,
    /// The mean during.
    MeanDuring,
    /// The spread before.
    SpreadBefore,
    /// The difference of the means.
    Difference,
    /// The change in percent.
    Change,
    /// The percentage of non-overlapping data.
    Pnd,
    /// The non-overlap of all pairs.
    Nap,
    /// Whether two or more in a row lie beyond two standard deviations.
    Significant,
}

impl Compared {
    /// All of them with their words.
    pub const WORDS: &[(&'static str, Self)] = &[
        ("mean-before", Self::MeanBefore),
        ("mean-during", Self::MeanDuring),
        ("spread-before", Self::SpreadBefore),
        ("difference", Self::Difference),
        ("change", Self::Change),
        ("pnd", Self::Pnd),
        ("nap", Self::Nap),
        ("significant", Self::Significant),
    ];
}

/// A number of the differential impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The net effect.
    Net,
    /// The net effect in percent of all change.
    Ratio,
}

impl Baseline {
    /// The number, rounded, or the verdict in words; none where it cannot be told.
    pub fn value(&self, rounding: Rounding, context: &Context<'_, '_>) -> Option<Value> {
        let series = self.series(context)?;
        let compared = series.comparison();
        let number = match self.what {
            Compared::MeanBefore => compared.mean_a,
            Compared::MeanDuring => compared.mean_b,
            Compared::SpreadBefore => compared.spread_a,
            Compared::Difference => compared.difference,
            Compared::Change => compared.change,
            Compared::Pnd => compared.pnd,
            Compared::Nap => compared.nap,
            Compared::Significant => {
                let [yes, no, unknown] = self.words.as_ref()?;
                let word = compared.significant.map_or(unknown, |significant| if significant { yes } else { no });
                return Some(Value::Text(word.clone()));
            }
        };
        rounding.finish(number.ok()?).map(Value::Number)
    }

    fn series(&self, context: &Context<'_, '_>) -> Option<Series> {
        let at = context.home?;
        let form = context.world.form(context.world.entry(at));
        let figure = form.figures.iter().find(|figure| figure.title == self.figure.value && figure.kind == FigureKind::Baseline)?;
        let measure = self.of.first(context)?.to_string();
        let rows = Rows { world: context.world, at, figure };
        rows.records().into_iter().for_each(|at| context.mark(at));
        rows.series().into_iter().find(|series| series.measure == measure)
    }
}

/// Two columns of a table as whole numbers, row by row. None where a row lacks one: it would put all later ones beside the
/// wrong row.
fn columns([a, b, table]: &[Source; 3], context: &Context<'_, '_>) -> Option<Vec<(Option<i64>, Option<i64>)>> {
    let whole = |source: &Source| -> Vec<Option<i64>> {
        let numbers = all_of(std::slice::from_ref(source), context);
        numbers.iter().map(|value| value.number().and_then(|number| number.to_i64())).collect()
    };
    let (a, b) = (whole(a), whole(b));
    (a.len() == table.count(context) && b.len() == a.len()).then(|| a.into_iter().zip(b).collect())
}

/// The T score of goals, from their levels and weights.
pub(super) fn goal_score(three: &[Source; 3], context: &Context<'_, '_>) -> Option<Decimal> {
    let goal = |(level, weight): (Option<i64>, Option<i64>)| Goal { weight: weight.unwrap_or(0), start: None, end: level, dropped: false };
    let goals: Vec<Goal> = columns(three, context)?.into_iter().map(goal).collect();
    attainment(&goals).end.ok()
}

/// What a service did, from how much changed and the share of it that the client puts down to the service.
pub(super) fn impact_of(effect: Effect, three: &[Source; 3], context: &Context<'_, '_>) -> Option<Decimal> {
    let change = |(degree, share): (Option<i64>, Option<i64>)| Change { degree, share: share.map(Decimal::from) };
    let changes: Vec<Change> = columns(three, context)?.into_iter().map(change).collect();
    let sums = impact(&changes);
    match effect {
        Effect::Net => sums.net.ok(),
        Effect::Ratio => sums.ratio.ok(),
    }
}
