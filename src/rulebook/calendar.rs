//! Working days: the official calendar, local closures, and counting with both.
//!
//! `calendar/*.yaml` in the rulebook lists per year the days off and the weekend days that are
//! worked. A day is a working day when it is listed as worked, or when it is Monday to Friday and
//! not listed as off. A year that is not listed is not guessed at: counting through it goes by
//! weekends and says that the result is *provisional*. The day of the event itself never counts
//! (Civil Code of the PRC, articles 201 and 202).
//!
//! A closure may name projects; then it holds for their dossiers only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::{self, Node, de};

/// The calendar of a rulebook.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeSet<i32>,
    /// Days off with the name of the holiday, empty where the file gives none.
    off: BTreeMap<NaiveDate, String>,
    worked: BTreeSet<NaiveDate>,
    closed: BTreeMap<NaiveDate, String>,
    /// Closures of single projects.
    own: Vec<(String, NaiveDate, String)>,
    /// The calendar of every project that has closures of its own.
    projects: BTreeMap<String, Calendar>,
}

/// A count of days: where it ends and how it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What was counted.
    pub unit: Unit,
    /// The last day.
    pub end: NaiveDate,
    /// The days that counted, in order.
    pub days: Vec<NaiveDate>,
    /// Days passed over that are not ordinary weekends: holidays and closures.
    pub skipped: Vec<NaiveDate>,
    /// Whether a year without data was touched.
    pub provisional: bool,
}

/// What a day is for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// A day from Monday to Friday that is worked.
    Worked,
    /// A Saturday or Sunday.
    Weekend,
    /// A holiday or a closure.
    Off,
    /// A Saturday or Sunday that is worked instead of another day.
    MadeUp,
}

/// A length of time as the rulebook writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Term {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// What a term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days worked (工作日).
    WorkingDays,
    /// Calendar days (天).
    Days,
    /// Calendar months; without a corresponding day, the last of the month.
    Months,
}

impl TryFrom<String> for Term {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("`{text}`: write `5 working days`, `14 days` or `3 months`");
        let (count, unit) = text.split_once(' ').ok_or_else(bad)?;
        let unit = match unit.trim() {
            "working day" | "working days" => Unit::WorkingDays,
            "day" | "days" => Unit::Days,
            "month" | "months" => Unit::Months,
            _ => return Err(bad()),
        };
        Ok(Self { count: count.parse().map_err(|_| bad())?, unit })
    }
}

impl Term {
    /// `5 个工作日`, `5 working days`.
    pub fn words(self) -> crate::diagnostic::Text {
        let n = self.count;
        match self.unit {
            Unit::WorkingDays => say!("{n} 个工作日", "{n} working days"),
            Unit::Days => say!("{n} 天", "{n} days"),
            Unit::Months => say!("{n} 个月", "{n} months"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    #[serde(default)]
    holidays: Option<Node>,
    #[serde(default)]
    workdays: Vec<de::Spanned<NaiveDate>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Closures {
    #[serde(default)]
    closures: Vec<Closure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Closure {
    date: NaiveDate,
    reason: String,
    #[serde(default)]
    projects: Vec<String>,
}

impl Calendar {
    /// Adds one file: either years of holidays or a list of closures.
    pub fn add(&mut self, source: &SharedSource) -> Vec<Diagnostic> {
        let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
        if node.get("closures").is_some() {
            match de::read::<Closures>(&node, source, "R105") {
                Ok(file) => file.closures.into_iter().for_each(|closure| self.close(closure)),
                Err(d) => found.push(d),
            }
            return found;
        }
        for (key, value) in node.as_map().unwrap_or_default() {
            let Ok(year) = key.text.parse::<i32>() else {
                let name = &key.text;
                found.push(Diagnostic::error("R105", Place::new(source, key.span), say!("“{name}”不是年份", "`{name}` is not a year")));
                continue;
            };
            match de::read::<Year>(value, source, "R105") {
                Ok(days) => self.year(year, days, source, value, &mut found),
                Err(d) => found.push(d),
            }
        }
        found
    }

    fn close(&mut self, closure: Closure) {
        let Closure { date, reason, projects } = closure;
        if projects.is_empty() {
            self.closed.insert(date, reason);
        } else {
            self.own.extend(projects.into_iter().map(|project| (project, date, reason.clone())));
        }
    }

    /// Makes the calendars of projects once all files are added.
    pub fn settle(&mut self) {
        let whole = Self { projects: BTreeMap::new(), own: Vec::new(), ..self.clone() };
        for (project, date, reason) in &self.own {
            let own = self.projects.entry(project.clone()).or_insert_with(|| whole.clone());
            own.closed.insert(*date, reason.clone());
        }
    }

    /// The calendar of a project; where it has no closures of its own, that of all.
    pub fn of(&self, project: Option<&str>) -> &Self {
        project.and_then(|project| self.projects.get(project)).unwrap_or(self)
    }

    /// Why nobody works on a day: the closure's reason or the holiday's name; empty where the files give none.
    pub fn why_off(&self, day: NaiveDate) -> &str {
        self.closed.get(&day).or_else(|| self.off.get(&day)).map_or("", String::as_str)
    }

    fn year(&mut self, year: i32, days: Year, source: &SharedSource, node: &Node, found: &mut Vec<Diagnostic>) {
        if !self.years.insert(year) {
            found.push(Diagnostic::error("R105", Place::new(source, node.span), say!("{year} 年写了两次", "the year {year} occurs twice")));
        }
        let mut holidays: Vec<(de::Spanned<NaiveDate>, &str)> = Vec::new();
        let mut read = |list: &Node, name| {
            let days: Vec<de::Spanned<NaiveDate>> = de::read_each(list, source, "R105", found);
            holidays.extend(days.into_iter().map(|day| (day, name)));
        };
        match &days.holidays {
            None => {}
            Some(list) if list.as_map().is_none() => read(list, ""),
            Some(named) => named.as_map().unwrap_or_default().iter().for_each(|(name, list)| read(list, name.text.as_str())),
        }
        for day in holidays.iter().map(|(day, _)| day).chain(&days.workdays).filter(|day| day.value.year() != year) {
            let date = day.value;
            found.push(Diagnostic::error("R105", Place::new(source, day.span), say!("{date} 不在 {year} 年", "{date} is not in {year}")));
        }
        for day in days.workdays.iter().filter(|day| !is_weekend(day.value)) {
            let date = day.value;
            found.push(Diagnostic::error(
                "R105",
                Place::new(source, day.span),
                say!("{date} 不是周末，不必列为调休上班", "{date} is no weekend day and need not be listed as worked"),
            ));
        }
        self.off.extend(holidays.into_iter().map(|(day, name)| (day.value, name.to_owned())));
        self.worked.extend(days.workdays.iter().map(|d| d.value));
    }

    /// Whether `day` is worked.
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        !self.closed.contains_key(&day) && (self.worked.contains(&day) || !is_weekend(day) && !self.off.contains_key(&day))
    }

    /// Whether the year of `day` has data.
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.years.contains(&day.year())
    }

    /// Whether `day` is a holiday (not merely a weekend), a closure, or a weekend day that is worked.
    pub fn is_special(&self, day: NaiveDate) -> bool {
        self.closed.contains_key(&day) || self.worked.contains(&day) || self.off.contains_key(&day) && !is_weekend(day)
    }

    /// What a day is, but for the closures of single projects.
    pub fn day(&self, day: NaiveDate) -> Day {
        match (self.is_workday(day), is_weekend(day)) {
            (true, false) => Day::Worked,
            (true, true) => Day::MadeUp,
            (false, _) if self.closed.contains_key(&day) || self.off.contains_key(&day) => Day::Off,
            (false, _) => Day::Weekend,
        }
    }

    /// The projects that close on a day for reasons of their own, with the reasons.
    pub fn closed_projects(&self, day: NaiveDate) -> impl Iterator<Item = (&str, &str)> {
        self.own.iter().filter(move |(_, own, _)| *own == day).map(|(project, _, reason)| (project.as_str(), reason.as_str()))
    }

    /// `from` plus `term`, the day itself not counted.
    pub fn after(&self, from: NaiveDate, term: Term) -> Count {
        let mut count = Count { unit: term.unit, end: from, days: Vec::new(), skipped: Vec::new(), provisional: false };
        match term.unit {
            Unit::Days => count.end = from.checked_add_days(Days::new(term.count.into())).unwrap_or(from),
            Unit::Months => count.end = from.checked_add_months(Months::new(term.count)).unwrap_or(from),
            Unit::WorkingDays => {
                while count.days.len() < term.count as usize {
                    let Some(next) = count.end.succ_opt() else { break };
                    count.end = next;
                    count.provisional |= !self.knows(next);
                    if self.is_workday(next) {
                        count.days.push(next);
                    } else if self.is_special(next) {
                        count.skipped.push(next);
                    }
                }
            }
        }
        count
    }

    /// `from` minus `term`: the last day that is at least `term` earlier.
    pub fn before(&self, from: NaiveDate, term: Term) -> Count {
        let mut count = Count { unit: term.unit, end: from, days: Vec::new(), skipped: Vec::new(), provisional: false };
        match term.unit {
            Unit::Days => count.end = from.checked_sub_days(Days::new(term.count.into())).unwrap_or(from),
            Unit::Months => count.end = from.checked_sub_months(Months::new(term.count)).unwrap_or(from),
            Unit::WorkingDays => {
                while count.days.len() < term.count as usize {
                    let Some(prev) = count.end.pred_opt() else { break };
                    count.end = prev;
                    count.provisional |= !self.knows(prev);
                    if self.is_workday(prev) {
                        count.days.push(prev);
                    }
                }
            }
        }
        count
    }

    /// `day`, or the next working day where it is none.
    pub fn workday_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_workday(*day)).unwrap_or(day)
    }

    /// Working days from `from` (not counted) to `to` (counted); negative when `to` lies earlier.
    pub fn working_days(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let (low, high, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let inside = (Bound::Excluded(low), Bound::Included(high));
        let off = self.off.range(inside).chain(self.closed.range(inside)).map(|(day, _)| day);
        let listed = off.chain(self.worked.range(inside));
        // Monday to Friday, and then every listed day once where it makes a difference.
        let mut days = weekdays(low, high);
        let mut seen = BTreeSet::new();
        for day in listed.filter(|day| seen.insert(**day)) {
            days += i64::from(self.is_workday(*day)) - i64::from(!is_weekend(*day));
        }
        sign * days
    }
}

/// Days from Monday to Friday after `low` up to `high`.
fn weekdays(low: NaiveDate, high: NaiveDate) -> i64 {
    let days = (high - low).num_days();
    let rest = low.iter_days().skip(1).take((days % 7) as usize).filter(|day| !is_weekend(*day)).count();
    days / 7 * 5 + rest as i64
}

/// Whether `day` is a Saturday or Sunday.
pub fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn china() -> Calendar {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/archive-template/rulebook/calendar/cn.yaml");
        let mut calendar = Calendar::default();
        let found = calendar.add(&Source::new("cn.yaml", std::fs::read_to_string(path).expect("calendar")));
        assert!(found.is_empty(), "{found:?}");
        calendar
    }

    fn term(text: &str) -> Term {
        Term::try_from(text.to_owned()).expect("a term")
    }

    /// The vectors of the calendar's specification, each with what it tests.
    #[test]
    fn known_counts() {
        let calendar = china();
        for (from, how, end) in [
            ("2026-02-10", "5 working days", "2026-02-24"), // over spring festival, one make-up Saturday
            ("2026-02-13", "3 working days", "2026-02-25"), // the next day is a make-up Saturday
            ("2026-04-30", "5 working days", "2026-05-11"),
            ("2026-04-30", "10 working days", "2026-05-18"),
            ("2026-09-18", "5 working days", "2026-09-24"), // a Sunday that is worked
            ("2026-09-30", "10 working days", "2026-10-20"),
            ("2025-01-23", "5 working days", "2025-02-06"),
            ("2025-09-26", "10 working days", "2025-10-16"), // eight days of holidays
            ("2024-09-13", "5 working days", "2024-09-23"),
            ("2020-01-20", "5 working days", "2020-02-04"), // the prolonged holiday
            ("2026-03-07", "5 working days", "2026-03-13"), // starts on a weekend
            ("2026-01-04", "3 working days", "2026-01-07"), // starts on a worked Sunday, which does not count
            ("2025-11-30", "3 months", "2026-02-28"),       // no such day
            ("2026-01-31", "3 months", "2026-04-30"),
            ("2026-10-03", "2 days", "2026-10-05"), // calendar days run through holidays
        ] {
            assert_eq!(calendar.after(day(from), term(how)).end, day(end), "{from} + {how}");
        }
        assert_eq!(calendar.before(day("2026-06-20"), term("14 days")).end, day("2026-06-06"));
    }

    #[test]
    fn years_have_as_many_working_days_as_announced() {
        let calendar = china();
        for (year, days) in
            [(2018, 250), (2019, 250), (2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
        {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
            let count = first.iter_days().take_while(|d| d.year() == year).filter(|d| calendar.is_workday(*d)).count();
            assert_eq!(count, days, "{year}");
        }
    }

    #[test]
    fn a_year_without_data_makes_the_count_provisional() {
        let calendar = china();
        assert!(!calendar.after(day("2026-12-21"), term("5 working days")).provisional);
        assert!(calendar.after(day("2026-12-28"), term("5 working days")).provisional);
    }

    #[test]
    fn days_are_what_the_calendar_says() {
        let mut calendar = china();
        let own = "closures:\n  - { date: 2026-06-17, reason: 台风 }\n  - { date: 2026-06-16, reason: 装修, projects: [NS] }\n";
        assert!(calendar.add(&Source::new("closures.yaml", own)).is_empty());
        calendar.settle();
        for (text, is) in [
            ("2026-06-18", Day::Worked),
            ("2026-06-17", Day::Off),    // a closure
            ("2026-06-16", Day::Worked), // a closure of one project only
            ("2026-06-19", Day::Off),
            ("2026-06-20", Day::Off), // a Saturday within a holiday
            ("2026-06-27", Day::Weekend),
            ("2026-02-14", Day::MadeUp),
            ("2031-06-18", Day::Worked), // a year without data
        ] {
            assert_eq!(calendar.day(day(text)), is, "{text}");
        }
        assert_eq!(calendar.closed_projects(day("2026-06-16")).collect::<Vec<_>>(), [("NS", "装修")]);
    }

    proptest::proptest! {
        /// Counting n working days forward and measuring the way gives n again.
        #[test]
        fn counting_and_measuring_agree(offset in 0u64..3000, n in 0u32..40) {
            let calendar = china_once();
            let from = day("2018-01-01") + Days::new(offset);
            let count = calendar.after(from, Term { count: n, unit: Unit::WorkingDays });
            proptest::prop_assert_eq!(calendar.working_days(from, count.end), i64::from(n));
            proptest::prop_assert!(n == 0 || calendar.is_workday(count.end));
        }
    }

    fn china_once() -> &'static Calendar {
        static ONCE: std::sync::OnceLock<Calendar> = std::sync::OnceLock::new();
        ONCE.get_or_init(china)
    }
}
