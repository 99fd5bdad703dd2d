//! The few operations on decimals that the formulas need.

use super::{Measured, Why};
use rust_decimal::{Decimal, RoundingStrategy};

/// The largest absolute value taken as a score: squares and sums of such values stay exact.
pub const LIMIT: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Rounds to `digits` decimals, halves away from zero.
pub fn rounded(value: Decimal, digits: u32) -> Decimal {
    let mut value = value.round_dp_with_strategy(digits.min(28), RoundingStrategy::MidpointAwayFromZero);
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value
}

/// `part / whole` in percent, unless the whole is zero.
pub fn percent(part: Decimal, whole: Decimal) -> Measured<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED).and_then(|p| p.checked_div(whole)).ok_or(Why::ZeroBase)
}

/// The arithmetic mean, unless there are no values.
pub fn mean(values: &[Decimal]) -> Measured<Decimal> {
    if values.is_empty() {
        return Err(Why::Empty);
    }
    Ok(sum(values) / count(values.len()))
}

/// The sum of values within [`LIMIT`].
pub(super) fn sum(values: &[Decimal]) -> Decimal {
    values.iter().fold(Decimal::ZERO, |a, b| a.saturating_add(*b))
}

/// A number of things.
pub(super) fn count(number: usize) -> Decimal {
    Decimal::from(u64::try_from(number).unwrap_or(u64::MAX))
}

/// Whether the value may enter a formula.
pub(super) fn fits(value: Decimal) -> bool {
    value.abs() <= LIMIT
}

/// The square root by Newton's method, to the last digit a decimal holds; zero for negatives.
pub(super) fn root(value: Decimal) -> Decimal {
    if value <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    let mut guess = if value > Decimal::ONE { value } else { Decimal::ONE };
    // Halving from 10^28 takes about 47 steps, then the digits double.
    for _ in 0..200 {
        let Some(quotient) = value.checked_div(guess) else { return guess };
        let Some(next) = guess.checked_add(quotient).map(|s| s / Decimal::TWO) else { return guess };
        if next >= guess {
            return guess;
        }
        guess = next;
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(rounded(d("98.75"), 1), d("98.8"));
        assert_eq!(rounded(d("-46.65"), 1), d("-46.7"));
        assert_eq!(rounded(d("0.005"), 2), d("0.01"));
        assert_eq!(rounded(d("-0.001"), 2).to_string(), "0.00");
    }

    #[test]
    fn roots_are_exact_to_the_last_digits() {
        assert_eq!(root(d("4")), d("2"));
        assert_eq!(rounded(root(d("0.7")), 6), d("0.836660"));
        assert_eq!(rounded(root(d("20.6")), 6), d("4.538722"));
        assert_eq!(rounded(root(d("0.0001")), 10), d("0.01"));
        assert_eq!(rounded(root(d("1000000000000000000000000")), 3), d("1000000000000"));
        assert_eq!(root(d("0")), d("0"));
        assert_eq!(root(d("-1")), d("0"));
        assert!(root(Decimal::MAX) > d("281474976710655"));
        assert!(root(d("0.0000000000000000000000000001")) < d("0.0001"));
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(percent(d("1"), d("0")), Err(Why::ZeroBase));
        assert_eq!(mean(&[]), Err(Why::Empty));
        assert_eq!(percent(d("1"), d("8")), Ok(d("12.5")));
    }
}
