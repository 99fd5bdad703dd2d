//! Exact numbers: nothing is rounded unasked, and what would overflow has no value.

use chinese_number::{ChineseCase, ChineseCountMethod, ChineseVariant, NumberToChinese};
use chrono::{Datelike, NaiveDate};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// How a number is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rounding {
    /// Divided by this.
    pub divide: Option<Decimal>,
    /// Decimal places, halves away from zero.
    pub digits: Option<u32>,
}

impl Rounding {
    /// The number as it is shown.
    pub fn finish(self, number: Decimal) -> Option<Decimal> {
        let number = match self.divide {
            Some(by) => number.checked_div(by)?,
            None => number,
        };
        Some(match self.digits {
            Some(digits) => {
                let mut rounded = number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
                rounded.rescale(digits);
                rounded
            }
            None => number.normalize(),
        })
    }
}

/// Everything added up.
pub fn total(numbers: &[Decimal]) -> Option<Decimal> {
    numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number))
}

/// The arithmetic mean; of nothing there is none.
pub fn mean(numbers: &[Decimal]) -> Option<Decimal> {
    total(numbers)?.checked_div(Decimal::from(numbers.len()))
}

/// Full years from a day of birth to another day.
pub fn full_years(born: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i32::from(!had_birthday)
}

/// An amount of yuan in the words of cheques and receipts, to the fen. None beyond what has words.
pub fn in_words(amount: Decimal) -> Option<String> {
    let digit = |n: u64| n.to_chinese(ChineseVariant::Simple, ChineseCase::Upper, ChineseCountMethod::TenThousand).ok();
    let fen = Rounding { divide: None, digits: Some(2) }.finish(amount)?.checked_mul(Decimal::ONE_HUNDRED)?;
    let sign = if fen.is_sign_negative() && !fen.is_zero() { "负" } else { "" };
    let fen = fen.abs().to_u64()?;
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut words = sign.to_owned();
    if yuan > 0 || jiao == 0 && fen == 0 {
        words.push_str(&digit(yuan)?);
        words.push('元');
    }
    match (jiao, fen) {
        (0, 0) => words.push('整'),
        (0, _) if yuan > 0 => words.push('零'),
        (0, _) => {}
        (_, _) => words.push_str(&format!("{}角", digit(jiao)?)),
    }
    if fen > 0 {
        words.push_str(&format!("{}分", digit(fen)?));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_count_full_years() {
        let day = |text: &str| text.parse().expect("a date");
        assert_eq!(full_years(day("1951-04-02"), day("2026-04-01")), 74);
        assert_eq!(full_years(day("1951-04-02"), day("2026-04-02")), 75);
        assert_eq!(full_years(day("2008-02-29"), day("2026-02-28")), 17);
    }

    #[test]
    fn halves_round_away_from_zero() {
        let rounding = Rounding { divide: Some(Decimal::from(60)), digits: Some(1) };
        assert_eq!(rounding.finish(Decimal::from(75)).map(|n| n.to_string()).as_deref(), Some("1.3"));
        assert_eq!(rounding.finish(Decimal::from(60)).map(|n| n.to_string()).as_deref(), Some("1.0"));
        assert_eq!(Rounding { divide: Some(Decimal::ZERO), digits: None }.finish(Decimal::ONE), None);
    }

    #[test]
    fn what_overflows_has_no_value() {
        assert_eq!(total(&[Decimal::MAX, Decimal::MAX]), None);
        assert_eq!(mean(&[Decimal::MAX, Decimal::MAX]), None);
        assert_eq!(mean(&[]), None);
        assert_eq!(Rounding { divide: Some(Decimal::new(1, 28)), digits: None }.finish(Decimal::MAX), None);
        assert_eq!(in_words(Decimal::MAX), None);
    }

    #[test]
    fn amounts_are_written_out() {
        for (amount, words) in [
            ("0", "零元整"),
            ("0.00", "零元整"),
            ("20", "贰拾元整"),
            ("0.5", "伍角"),
            ("0.05", "伍分"),
            ("1.05", "壹元零伍分"),
            ("1.50", "壹元伍角"),
            ("1234.56", "壹仟贰佰叁拾肆元伍角陆分"),
            ("1004.00", "壹仟零肆元整"),
            ("10010.10", "壹万零壹拾元壹角"),
            ("100000000", "壹亿元整"),
            ("-1", "负壹元整"),
            ("-0.00", "零元整"),
            ("2.005", "贰元零壹分"),
        ] {
            assert_eq!(in_words(amount.parse().expect(amount)).as_deref(), Some(words), "{amount}");
        }
    }
}
