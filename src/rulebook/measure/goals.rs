//! Goal attainment scaling after Kiresuk and Sherman, with ρ = 0.3:
//!
//! ```text
//! T = 50 + 10 Σ(w x) / √((1 − ρ) Σw² + ρ (Σw)²)
//! ```
//!
//! 50 is exactly what was expected. Without a score for every goal there is no T.

use super::decimal::{root, sum};
use super::{Measured, Why};
use rust_decimal::Decimal;

/// One goal with its scale of five levels, −2 to +2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The weight, 1 to 5.
    pub weight: i64,
    /// The level at the start.
    pub start: Option<i64>,
    /// The level at the end.
    pub end: Option<i64>,
    /// Whether the goal was given up on the way; it then counts neither at the start nor at the end.
    pub dropped: bool,
}

/// The two scores and their difference, unrounded; shown with one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attainment {
    /// The score at the start.
    pub start: Measured<Decimal>,
    /// The score at the end.
    pub end: Measured<Decimal>,
    /// The end less the start.
    pub change: Measured<Decimal>,
    /// The goals that count.
    pub goals: usize,
    /// The goals that were given up.
    pub dropped: usize,
}

/// Scores the goals.
pub fn attainment(goals: &[Goal]) -> Attainment {
    let kept: Vec<&Goal> = goals.iter().filter(|g| !g.dropped).collect();
    let start = score(&kept, |g| g.start);
    let end = score(&kept, |g| g.end);
    let change = start.and_then(|s| end.map(|e| e - s));
    Attainment { start, end, change, goals: kept.len(), dropped: goals.len() - kept.len() }
}

fn score(goals: &[&Goal], level: impl Fn(&Goal) -> Option<i64>) -> Measured<Decimal> {
    if goals.is_empty() {
        return Err(Why::Empty);
    }
    let (mut products, mut squares, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for goal in goals {
        let level = level(goal).ok_or(Why::Missing)?;
        if !(-2..=2).contains(&level) || !(1..=5).contains(&goal.weight) {
            return Err(Why::OutOfRange);
        }
        products.push(Decimal::from(goal.weight * level));
        squares.push(Decimal::from(goal.weight * goal.weight));
        weights.push(Decimal::from(goal.weight));
    }
    let rho = Decimal::new(3, 1);
    let total = sum(&weights);
    let under = root((Decimal::ONE - rho) * sum(&squares) + rho * total * total);
    let ratio = (Decimal::TEN * sum(&products)).checked_div(under).ok_or(Why::ZeroBase)?;
    Ok(Decimal::from(50) + ratio)
}

#[cfg(test)]
mod tests {
    use super::super::rounded;
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn goal(weight: i64, start: i64, end: i64) -> Goal {
        Goal { weight, start: Some(start), end: Some(end), dropped: false }
    }

    #[test]
    fn the_worked_example() {
        let a = attainment(&[goal(3, -1, 0), goal(2, -2, 1), goal(1, -1, -1)]);
        assert_eq!(rounded(a.start.unwrap(), 1), d("32.4"));
        assert_eq!(rounded(a.end.unwrap(), 1), d("52.2"));
        assert_eq!(rounded(a.change.unwrap(), 1), d("19.8"));
        let even = attainment(&[goal(1, -1, 0), goal(1, -1, 1), goal(1, -1, -1)]);
        assert_eq!(even.end, Ok(d("50")));
    }

    #[test]
    fn unrated_goals_leave_no_score() {
        let half = attainment(&[goal(1, -1, 0), Goal { end: None, ..goal(1, -1, 0) }]);
        assert!(half.start.is_ok());
        assert_eq!(half.end, Err(Why::Missing));
        assert_eq!(half.change, Err(Why::Missing));
        assert_eq!(attainment(&[]).start, Err(Why::Empty));
    }

    #[test]
    fn dropped_goals_leave_both_ends() {
        let with = attainment(&[goal(2, -1, 1), Goal { dropped: true, ..goal(5, -2, 2) }]);
        let without = attainment(&[goal(2, -1, 1)]);
        assert_eq!((with.start, with.end), (without.start, without.end));
        assert_eq!((with.goals, with.dropped), (1, 1));
        assert_eq!(attainment(&[Goal { dropped: true, ..goal(1, 0, 0) }]).end, Err(Why::Empty));
    }

    #[test]
    fn levels_and_weights_keep_to_their_scales() {
        assert_eq!(attainment(&[goal(1, -3, 0)]).start, Err(Why::OutOfRange));
        assert_eq!(attainment(&[goal(1, i64::MIN, i64::MAX)]).end, Err(Why::OutOfRange));
        assert_eq!(attainment(&[goal(0, -1, 0)]).start, Err(Why::OutOfRange));
        assert_eq!(attainment(&[goal(6, -1, 0)]).start, Err(Why::OutOfRange));
    }
}
