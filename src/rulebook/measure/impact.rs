//! Differential impact: how much changed, and how much of it the client puts down to the service.

use super::decimal::{percent, sum};
use super::{Measured, Why};
use rust_decimal::Decimal;

/// One change as the client tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// How much changed, −5 to +5.
    pub degree: Option<i64>,
    /// The share put down to the service, 0 to 100 percent.
    pub share: Option<Decimal>,
}

/// The changes taken together. The shares are the client's own estimate, which a report must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impact {
    /// The net effect of the service: Σ degree × share.
    pub net: Measured<Decimal>,
    /// The net effect in percent of all change: Σ degree × share / Σ |degree|.
    pub ratio: Measured<Decimal>,
}

/// Sums the changes.
pub fn impact(changes: &[Change]) -> Impact {
    let net = effects(changes).map(|e| sum(&e));
    let moved = changes.iter().filter_map(|c| c.degree).fold(0u64, |sum, d| sum.saturating_add(d.unsigned_abs()));
    Impact { net, ratio: net.and_then(|n| percent(n, Decimal::from(moved))) }
}

fn effects(changes: &[Change]) -> Measured<Vec<Decimal>> {
    if changes.is_empty() {
        return Err(Why::Empty);
    }
    changes
        .iter()
        .map(|change| {
            let (degree, share) = (change.degree.ok_or(Why::Missing)?, change.share.ok_or(Why::Missing)?);
            if (-5..=5).contains(&degree) && share >= Decimal::ZERO && share <= Decimal::ONE_HUNDRED {
                Ok(Decimal::from(degree) * share / Decimal::ONE_HUNDRED)
            } else {
                Err(Why::OutOfRange)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(degree: i64, share: i64) -> Change {
        Change { degree: Some(degree), share: Some(Decimal::from(share)) }
    }

    #[test]
    fn the_worked_example() {
        let i = impact(&[change(4, 70), change(3, 50), change(2, 25), change(-1, 0)]);
        assert_eq!(i.net, Ok(Decimal::new(48, 1)));
        assert_eq!(i.ratio, Ok(Decimal::from(48)));
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        assert_eq!(impact(&[]).net, Err(Why::Empty));
        assert_eq!(impact(&[Change { degree: Some(1), share: None }]).net, Err(Why::Missing));
        assert_eq!(impact(&[change(6, 10)]).ratio, Err(Why::OutOfRange));
        assert_eq!(impact(&[change(1, 101)]).net, Err(Why::OutOfRange));
        assert_eq!(impact(&[change(i64::MIN, 1), change(i64::MIN, 1), change(i64::MIN, 1)]).net, Err(Why::OutOfRange));
        let still = impact(&[change(0, 80)]);
        assert_eq!((still.net, still.ratio), (Ok(Decimal::ZERO), Err(Why::ZeroBase)));
    }

    #[test]
    fn a_turn_for_the_worse_counts_against() {
        assert_eq!(impact(&[change(2, 50), change(-2, 100)]).net, Ok(Decimal::from(-1)));
    }
}
