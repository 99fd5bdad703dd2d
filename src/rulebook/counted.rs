//! How the days of a deadline were counted, day by day, in words.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::calendar::{Calendar, Count, Unit, is_weekend};
use crate::diagnostic::Text;
use crate::say;

impl Count {
    /// The days that counted, the days of rest that were worked among them, and the holidays and closures that were
    /// passed over, each with its name. Only working days are told one by one.
    pub fn told(&self, calendar: &Calendar) -> Vec<Text> {
        if self.unit != Unit::WorkingDays {
            return Vec::new();
        }
        let days = short(&self.days);
        let mut told = vec![say!("数法：{days}", "counted: {days}")];
        let worked: Vec<NaiveDate> = self.days.iter().copied().filter(|day| is_weekend(*day)).collect();
        if !worked.is_empty() {
            let worked = short(&worked);
            told.push(say!("其中调休上班：{worked}", "of these, weekend days that are worked: {worked}"));
        }
        let mut by_reason: BTreeMap<NaiveDate, (&str, Vec<NaiveDate>)> = BTreeMap::new();
        for &day in &self.skipped {
            let why = calendar.why_off(day);
            match by_reason.values_mut().find(|(reason, _)| *reason == why) {
                Some((_, days)) => days.push(day),
                None => {
                    by_reason.insert(day, (why, vec![day]));
                }
            }
        }
        let reasons: Vec<String> = by_reason.values().map(|(why, days)| format!("{why} {}", short(days)).trim().to_owned()).collect();
        if !reasons.is_empty() {
            let reasons = reasons.join("；");
            told.push(say!("节假日与停工日不计：{reasons}", "holidays and closures not counted: {reasons}"));
        }
        if self.provisional {
            told.push(say!("日历缺此年度的数据，末日为暂估", "the calendar has no data for that year; the last day is provisional"));
        }
        told
    }
}

fn short(days: &[NaiveDate]) -> String {
    days.iter().map(|day| format!("{:02}-{:02}", day.month(), day.day())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::calendar::Term;
    use crate::source::Source;

    #[test]
    fn holidays_closures_and_worked_weekends_are_told_by_name() {
        let mut calendar = Calendar::default();
        let holidays =
            "2026:\n  holidays: { 劳动节: [2026-05-01, 2026-05-02, 2026-05-03, 2026-05-04, 2026-05-05] }\n  workdays: [2026-05-09]\n";
        let closures = "closures: [ { date: 2026-05-07, reason: 暴雨停工, projects: [NS] } ]\n";
        let found: Vec<_> = [holidays, closures].into_iter().flat_map(|text| calendar.add(&Source::new("c.yaml", text))).collect();
        assert!(found.is_empty(), "{found:?}");
        calendar.settle();
        let told = |project| {
            let calendar = calendar.of(project);
            let from = "2026-04-30".parse().expect("a day");
            let term = Term { count: 4, unit: Unit::WorkingDays };
            calendar.after(from, term).told(calendar).into_iter().map(|text| text.zh).collect::<Vec<_>>()
        };
        assert_eq!(
            told(Some("NS")),
            ["数法：05-06 05-08 05-09 05-11", "其中调休上班：05-09", "节假日与停工日不计：劳动节 05-01 05-04 05-05；暴雨停工 05-07"]
        );
        assert_eq!(
            told(Some("LG")),
            ["数法：05-06 05-07 05-08 05-09", "其中调休上班：05-09", "节假日与停工日不计：劳动节 05-01 05-04 05-05"]
        );
    }
}
