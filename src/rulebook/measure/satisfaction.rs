//! Satisfaction: answers from 1 to 5, counted. Satisfaction is not effect; report them apart.

use super::decimal::percent;
use super::{Measured, Why};
use rust_decimal::Decimal;

/// The answers to one question, and the sheets behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Satisfaction {
    /// How many answered 1, 2, 3, 4, 5.
    pub answers: [u32; 5],
    /// The sheets handed out, where known.
    pub handed_out: Option<u32>,
    /// The sheets that came back, where known.
    pub returned: Option<u32>,
}

impl Satisfaction {
    /// Counts single answers; answers off the scale are returned as their number.
    pub fn of(answers: &[i64]) -> (Self, usize) {
        let mut all = Self::default();
        let mut odd = 0;
        for answer in answers {
            match usize::try_from(*answer).ok().and_then(|a| a.checked_sub(1)).and_then(|a| all.answers.get_mut(a)) {
                Some(number) => *number = number.saturating_add(1),
                None => odd += 1,
            }
        }
        (all, odd)
    }

    /// The valid answers.
    pub fn count(&self) -> u64 {
        self.answers.iter().map(|n| u64::from(*n)).sum()
    }

    /// The mean answer.
    pub fn mean(&self) -> Measured<Decimal> {
        let total: u64 = self.answers.iter().zip(1u64..).map(|(n, score)| u64::from(*n) * score).sum();
        Decimal::from(total).checked_div(Decimal::from(self.count())).ok_or(Why::Empty)
    }

    /// The 4 and 5 in percent of the valid answers.
    pub fn rate(&self) -> Measured<Decimal> {
        let [.., four, five] = self.answers;
        percent(Decimal::from(u64::from(four) + u64::from(five)), Decimal::from(self.count())).map_err(|_| Why::Empty)
    }

    /// The sheets returned in percent of those handed out.
    pub fn return_rate(&self) -> Measured<Decimal> {
        match (self.returned, self.handed_out) {
            (Some(returned), Some(out)) if returned <= out => percent(Decimal::from(returned), Decimal::from(out)),
            (Some(_), Some(_)) => Err(Why::OutOfRange),
            _ => Err(Why::Missing),
        }
    }

    /// Several surveys as one, by head count: means are never averaged. The return rate stays known
    /// only where it is known of all.
    pub fn merged(several: &[Self]) -> Self {
        let mut all = Self::default();
        for one in several {
            for (sum, n) in all.answers.iter_mut().zip(one.answers) {
                *sum = sum.saturating_add(n);
            }
        }
        let total = |of: fn(&Self) -> Option<u32>| several.iter().map(of).try_fold(0u32, |sum, n| n.map(|n| sum.saturating_add(n)));
        if !several.is_empty() {
            all.handed_out = total(|s| s.handed_out);
            all.returned = total(|s| s.returned);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::rounded;
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_worked_example() {
        let s = Satisfaction { answers: [0, 1, 3, 9, 12], handed_out: Some(28), returned: Some(25) };
        assert_eq!(s.count(), 25);
        assert_eq!(s.mean(), Ok(d("4.28")));
        assert_eq!(s.rate(), Ok(d("84")));
        assert_eq!(rounded(s.return_rate().unwrap(), 1), d("89.3"));
    }

    #[test]
    fn merging_goes_by_heads() {
        let few = Satisfaction { answers: [1, 0, 0, 0, 0], handed_out: Some(1), returned: Some(1) };
        let many = Satisfaction { answers: [0, 0, 0, 0, 9], handed_out: None, returned: Some(9) };
        let all = Satisfaction::merged(&[few, many]);
        assert_eq!(all.mean(), Ok(d("4.6")));
        assert_eq!(all.return_rate(), Err(Why::Missing));
        assert_eq!(Satisfaction::merged(&[]).mean(), Err(Why::Empty));
    }

    #[test]
    fn blanks_and_odd_answers() {
        let (s, odd) = Satisfaction::of(&[5, 4, 0, 6, -1, i64::MIN, 3]);
        assert_eq!((s.count(), odd), (3, 4));
        assert_eq!(s.mean(), Ok(d("4")));
        let none = Satisfaction::default();
        assert_eq!((none.mean(), none.rate()), (Err(Why::Empty), Err(Why::Empty)));
        assert_eq!(Satisfaction { handed_out: Some(0), returned: Some(0), ..none }.return_rate(), Err(Why::ZeroBase));
        assert_eq!(Satisfaction { handed_out: Some(1), returned: Some(2), ..none }.return_rate(), Err(Why::OutOfRange));
        let full = Satisfaction { answers: [u32::MAX; 5], handed_out: Some(u32::MAX), returned: Some(u32::MAX) };
        assert_eq!(Satisfaction::merged(&[full, full]).mean(), Ok(d("3")));
    }
}
