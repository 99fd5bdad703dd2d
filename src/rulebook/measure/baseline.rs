//! One case measured before and during the intervention (an AB design).
//!
//! ```text
//! mean   M = Σx / n                      spread S = √(Σ(x − M)² / (n − 1))
//! change = (M_B − M_A) / |M_A|           band   = M_A ± 2 S_A
//! PND    = share of B better than the best of A
//! NAP    = share of all pairs (a, b) in which b is better, ties half
//! ```
//!
//! The design cannot exclude other causes: say "compared with the baseline", never "because of".

use super::decimal::{count, fits, mean, percent, root, sum};
use super::{Measured, Why};
use rust_decimal::Decimal;

/// Which way a measure should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lower the better.
    Lower,
    /// The higher the better.
    Higher,
}

impl Better {
    /// Whether `value` is strictly better than `than`.
    pub fn prefers(self, value: Decimal, than: Decimal) -> bool {
        match self {
            Better::Lower => value < than,
            Better::Higher => value > than,
        }
    }
}

/// The customary reading of the share of non-overlapping data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// 90 % and more: very effective.
    Strong,
    /// 70 % and more: effective.
    Effective,
    /// 50 % and more: questionable.
    Questionable,
    /// Less: ineffective.
    Ineffective,
}

impl Reading {
    /// Reads a percentage.
    pub fn of(percent: Decimal) -> Reading {
        let at_least = |limit: i64| percent >= Decimal::from(limit);
        match () {
            () if at_least(90) => Reading::Strong,
            () if at_least(70) => Reading::Effective,
            () if at_least(50) => Reading::Questionable,
            () => Reading::Ineffective,
        }
    }

    /// The key under which the words for this reading are kept.
    pub fn key(self) -> &'static str {
        match self {
            Reading::Strong => "strong",
            Reading::Effective => "effective",
            Reading::Questionable => "questionable",
            Reading::Ineffective => "ineffective",
        }
    }
}

/// Everything that is computed from the two phases.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The number of values in the baseline phase.
    pub count_a: usize,
    /// The number of values in the intervention phase.
    pub count_b: usize,
    /// The mean of the baseline.
    pub mean_a: Measured<Decimal>,
    /// The mean of the intervention phase.
    pub mean_b: Measured<Decimal>,
    /// The standard deviation of the baseline (sample).
    pub spread_a: Measured<Decimal>,
    /// The standard deviation of the intervention phase (sample).
    pub spread_b: Measured<Decimal>,
    /// The difference of the means.
    pub difference: Measured<Decimal>,
    /// The change of the mean in percent of the baseline.
    pub change: Measured<Decimal>,
    /// The percentage of non-overlapping data.
    pub pnd: Measured<Decimal>,
    /// Whether the baseline already touched the floor, so that [`Comparison::pnd`] misleads and
    /// [`Comparison::nap`] is to be read.
    pub floor: bool,
    /// The non-overlap of all pairs, in percent.
    pub nap: Measured<Decimal>,
    /// The lower and upper end of the band of two standard deviations.
    pub band: Measured<(Decimal, Decimal)>,
    /// The longest run of values beyond the band on the good side.
    pub run: Measured<usize>,
    /// Whether two or more values in a row lie beyond the band on the good side.
    pub significant: Measured<bool>,
    /// The slope of the baseline per time point (least squares).
    pub slope: Measured<Decimal>,
    /// Whether the baseline was already getting better by itself.
    pub trend: bool,
}

/// Compares the phases; a missing measurement is `None`, it keeps its place in time and breaks runs.
pub fn compare(better: Better, a: &[Option<Decimal>], b: &[Option<Decimal>]) -> Comparison {
    let (values_a, values_b): (Vec<Decimal>, Vec<Decimal>) = (a.iter().flatten().copied().collect(), b.iter().flatten().copied().collect());
    let readable = values_a.iter().chain(&values_b).all(|v| fits(*v));
    let checked = |values: &[Decimal], none: Why| match (readable, values.is_empty()) {
        (false, _) => Err(Why::OutOfRange),
        (true, true) => Err(none),
        (true, false) => Ok(()),
    };
    let (some_a, some_b) = (checked(&values_a, Why::NoBaseline), checked(&values_b, Why::NoIntervention));
    let mean_a = some_a.and_then(|()| mean(&values_a));
    let mean_b = some_b.and_then(|()| mean(&values_b));
    let spread_a = mean_a.and_then(|m| spread(&values_a, m));
    let spread_b = mean_b.and_then(|m| spread(&values_b, m));
    let both = some_a.and(some_b);
    let difference = mean_a.and_then(|a| mean_b.map(|b| b - a));
    // One division only, of sums: a third is no exact decimal, and a half must round as one.
    let change = difference.and_then(|_| {
        let (a, b) = (sum(&values_a), sum(&values_b));
        let (n, m) = (count(values_a.len()), count(values_b.len()));
        percent(b * n - a * m, m * a.abs())
    });
    let pnd = both.and_then(|()| beyond_best(better, &values_a, &values_b));
    let nap = both.and_then(|()| all_pairs(better, &values_a, &values_b));
    let band = match (spread_a, mean_a) {
        (Ok(s), Ok(m)) => Ok((m - s * Decimal::TWO, m + s * Decimal::TWO)),
        (s, m) => Err(m.err().or(s.err()).unwrap_or(Why::NoBaseline)),
    };
    let run = judged_band(band, spread_a, values_a.len()).and_then(|band| some_b.map(|()| longest_run(better, band, b)));
    let slope = some_a.and_then(|()| slope(a));
    Comparison {
        count_a: values_a.len(),
        count_b: values_b.len(),
        mean_a,
        mean_b,
        spread_a,
        spread_b,
        difference,
        change,
        pnd,
        floor: better == Better::Lower && values_a.iter().min().is_some_and(Decimal::is_zero),
        nap,
        band,
        run,
        significant: run.map(|r| r >= 2),
        slope,
        trend: drifting(better, slope, spread_a, values_a.len()),
    }
}

fn spread(values: &[Decimal], mean: Decimal) -> Measured<Decimal> {
    if values.len() < 2 {
        return Err(Why::TooFew);
    }
    let squares: Vec<Decimal> = values.iter().map(|x| (*x - mean) * (*x - mean)).collect();
    Ok(root(sum(&squares) / count(values.len() - 1)))
}

fn beyond_best(better: Better, a: &[Decimal], b: &[Decimal]) -> Measured<Decimal> {
    let best = match better {
        Better::Lower => a.iter().min(),
        Better::Higher => a.iter().max(),
    };
    let best = *best.ok_or(Why::NoBaseline)?;
    percent(count(b.iter().filter(|x| better.prefers(**x, best)).count()), count(b.len()))
}

fn all_pairs(better: Better, a: &[Decimal], b: &[Decimal]) -> Measured<Decimal> {
    // Twice the sum, so that ties count one.
    let twice = |x: &Decimal| -> usize { a.iter().map(|y| usize::from(x == y) + 2 * usize::from(better.prefers(*x, *y))).sum() };
    percent(count(b.iter().map(twice).sum()), count(2 * a.len() * b.len()))
}

/// The band, where a verdict may be built on it.
fn judged_band(band: Measured<(Decimal, Decimal)>, spread: Measured<Decimal>, values: usize) -> Measured<(Decimal, Decimal)> {
    let band = band?;
    match spread? {
        _ if values < 3 => Err(Why::TooFew),
        s if s.is_zero() => Err(Why::NoSpread),
        _ => Ok(band),
    }
}

fn longest_run(better: Better, (lower, upper): (Decimal, Decimal), b: &[Option<Decimal>]) -> usize {
    let edge = if better == Better::Lower { lower } else { upper };
    let (mut longest, mut current) = (0, 0);
    for value in b {
        current = if value.is_some_and(|x| better.prefers(x, edge)) { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest
}

fn slope(a: &[Option<Decimal>]) -> Measured<Decimal> {
    let points: Vec<(Decimal, Decimal)> = a.iter().enumerate().filter_map(|(t, x)| x.map(|x| (count(t), x))).collect();
    if points.len() < 2 {
        return Err(Why::TooFew);
    }
    let times: Vec<Decimal> = points.iter().map(|p| p.0).collect();
    let values: Vec<Decimal> = points.iter().map(|p| p.1).collect();
    let (t, x) = (mean(&times)?, mean(&values)?);
    let rise: Vec<Decimal> = points.iter().map(|p| (p.0 - t) * (p.1 - x)).collect();
    let run: Vec<Decimal> = times.iter().map(|p| (*p - t) * (*p - t)).collect();
    sum(&rise).checked_div(sum(&run)).ok_or(Why::ZeroBase)
}

fn drifting(better: Better, slope: Measured<Decimal>, spread: Measured<Decimal>, values: usize) -> bool {
    let (Ok(slope), Ok(spread)) = (slope, spread) else { return false };
    better.prefers(slope, Decimal::ZERO) && slope.abs() * count(values.saturating_sub(1)) >= spread
}

#[cfg(test)]
mod tests {
    use super::super::rounded;
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn row(values: &[i64]) -> Vec<Option<Decimal>> {
        values.iter().map(|v| Some(Decimal::from(*v))).collect()
    }

    #[test]
    fn a_half_stays_a_half_over_a_third() {
        let c = compare(Better::Higher, &row(&[0, 1, 1]), &row(&[2, 3, 3, 3, 4, 4, 4, 4]));
        assert_eq!(rounded(c.change.unwrap(), 1), d("406.3"));
    }

    #[test]
    fn the_worked_example() {
        let c = compare(Better::Lower, &row(&[8, 9, 7, 8, 9]), &row(&[7, 6, 5, 5, 4, 3, 3, 2]));
        assert_eq!((c.count_a, c.count_b), (5, 8));
        assert_eq!(c.mean_a, Ok(d("8.2")));
        assert_eq!(c.mean_b, Ok(d("4.375")));
        assert_eq!(rounded(c.spread_a.unwrap(), 3), d("0.837"));
        let (lower, upper) = c.band.unwrap();
        assert_eq!((rounded(lower, 2), rounded(upper, 2)), (d("6.53"), d("9.87")));
        assert_eq!(c.difference, Ok(d("-3.825")));
        assert_eq!(rounded(c.change.unwrap(), 1), d("-46.6"));
        assert_eq!(c.pnd, Ok(d("87.5")));
        assert_eq!(Reading::of(c.pnd.unwrap()), Reading::Effective);
        assert_eq!(c.nap, Ok(d("98.75")));
        assert_eq!(rounded(c.nap.unwrap(), 1), d("98.8"));
        assert_eq!(c.run, Ok(7));
        assert_eq!(c.significant, Ok(true));
        assert!(!c.floor && !c.trend);
    }

    #[test]
    fn empty_phases_give_reasons() {
        let c = compare(Better::Lower, &[], &row(&[1]));
        assert_eq!(c.mean_a, Err(Why::NoBaseline));
        assert_eq!(c.pnd, Err(Why::NoBaseline));
        assert_eq!(c.significant, Err(Why::NoBaseline));
        assert_eq!(c.mean_b, Ok(d("1")));
        let c = compare(Better::Lower, &row(&[3, 4, 5]), &[None, None]);
        assert_eq!(c.count_b, 0);
        assert_eq!(c.pnd, Err(Why::NoIntervention));
        assert_eq!(c.nap, Err(Why::NoIntervention));
        assert_eq!(c.change, Err(Why::NoIntervention));
        assert_eq!(c.significant, Err(Why::NoIntervention));
        assert_eq!(c.spread_a, Ok(d("1")));
    }

    #[test]
    fn a_zero_baseline_has_a_difference_and_no_rate() {
        let c = compare(Better::Higher, &row(&[0, 0, 0]), &row(&[2, 4]));
        assert_eq!(c.difference, Ok(d("3")));
        assert_eq!(c.change, Err(Why::ZeroBase));
        assert_eq!(c.significant, Err(Why::NoSpread));
        assert_eq!(c.spread_a, Ok(d("0")));
        let negative = compare(Better::Higher, &row(&[-2, -2]), &row(&[-1]));
        assert_eq!(negative.change, Ok(d("50")));
    }

    #[test]
    fn ties_do_not_count_as_better() {
        let c = compare(Better::Lower, &row(&[5, 5, 5]), &row(&[5, 5]));
        assert_eq!(c.pnd, Ok(d("0")));
        assert_eq!(c.nap, Ok(d("50")));
        assert_eq!(Reading::of(d("50")), Reading::Questionable);
        assert_eq!(Reading::of(d("49.9")), Reading::Ineffective);
        assert_eq!(Reading::of(d("90")), Reading::Strong);
    }

    #[test]
    fn higher_is_the_mirror_of_lower() {
        let c = compare(Better::Higher, &row(&[-8, -9, -7, -8, -9]), &row(&[-7, -6, -5, -5, -4, -3, -3, -2]));
        assert_eq!(c.pnd, Ok(d("87.5")));
        assert_eq!(c.nap, Ok(d("98.75")));
        assert_eq!(c.run, Ok(7));
    }

    #[test]
    fn a_missing_value_breaks_the_run() {
        let mut b = row(&[1, 9, 1]);
        b[1] = None;
        let c = compare(Better::Lower, &row(&[8, 9, 7, 8, 9]), &b);
        assert_eq!(c.run, Ok(1));
        assert_eq!(c.significant, Ok(false));
    }

    #[test]
    fn short_baselines_are_not_judged() {
        let c = compare(Better::Lower, &row(&[8]), &row(&[1, 1]));
        assert_eq!(c.spread_a, Err(Why::TooFew));
        assert_eq!(c.band, Err(Why::TooFew));
        let c = compare(Better::Lower, &row(&[8, 9]), &row(&[1, 1]));
        assert!(c.spread_a.is_ok());
        assert_eq!(c.significant, Err(Why::TooFew));
    }

    #[test]
    fn a_baseline_on_its_way_is_flagged() {
        let c = compare(Better::Lower, &row(&[9, 8, 7, 6]), &row(&[5, 5]));
        assert_eq!(c.slope, Ok(d("-1")));
        assert!(c.trend);
        assert!(!compare(Better::Higher, &row(&[9, 8, 7, 6]), &row(&[5])).trend);
        assert!(!compare(Better::Lower, &row(&[6, 6, 6]), &row(&[5])).trend);
        let gap = compare(Better::Lower, &[Some(d("9")), None, Some(d("7"))], &row(&[5]));
        assert_eq!(gap.slope, Ok(d("-1")));
    }

    #[test]
    fn the_floor_is_noticed() {
        assert!(compare(Better::Lower, &row(&[0, 3]), &row(&[0])).floor);
        assert!(!compare(Better::Higher, &row(&[0, 3]), &row(&[0])).floor);
    }

    #[test]
    fn monstrous_values_are_refused() {
        let c = compare(Better::Lower, &[Some(Decimal::MAX)], &[Some(Decimal::MIN)]);
        assert_eq!(c.mean_a, Err(Why::OutOfRange));
        assert_eq!(c.nap, Err(Why::OutOfRange));
        assert_eq!(c.slope, Err(Why::OutOfRange));
        let fine = d("0.0000000000000000000000000001");
        assert!(compare(Better::Lower, &[Some(fine); 4], &[Some(super::super::LIMIT); 4]).nap.is_ok());
    }
}
