//! The calendar of deadlines: months with their working days, holidays and what falls due.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;

use super::paging::{self, Pager};
use super::viewer::Viewer;
use super::{Link, ObligationView};
use crate::publish::site::{Sheet, url};
use crate::rulebook::calendar::Day;
use crate::rulebook::{Obligation, State};
use crate::say;

/// So many duties stand in the box of a day.
const IN_BOX: usize = 4;
/// So many stand below a month for each day; the day's own page has them all.
const IN_MONTH: usize = 12;
/// Duties on one page of a day.
const ON_PAGE: usize = 200;

/// A month.
#[derive(Debug, Clone, Serialize)]
pub struct MonthView {
    /// Its name.
    pub title: String,
    /// Whether its holidays are not known yet.
    pub provisional: bool,
    /// How many days are worked.
    pub worked: usize,
    /// How many duties fall due in it.
    pub total: usize,
    /// Weeks from Monday to Sunday.
    pub weeks: Vec<Vec<DayView>>,
    /// Days on which something falls due.
    pub days: Vec<DueView>,
    /// The month before.
    pub previous: Option<Link>,
    /// The month after.
    pub next: Option<Link>,
    /// All months by year.
    pub years: Vec<YearView>,
}

/// The months of a year that have a page.
#[derive(Debug, Clone, Serialize)]
pub struct YearView {
    /// The year.
    pub year: i32,
    /// Its months.
    pub months: Vec<MonthLink>,
}

/// A month among others.
#[derive(Debug, Clone, Serialize)]
pub struct MonthLink {
    /// Its page.
    pub url: String,
    /// Number, from 1.
    pub month: u32,
    /// How many duties fall due in it.
    pub total: usize,
}

/// A box of the grid.
#[derive(Debug, Clone, Serialize)]
pub struct DayView {
    /// The day.
    pub date: String,
    /// Its number in the month.
    pub number: u32,
    /// Whether it belongs to the month before or after.
    pub outside: bool,
    /// Whether it is today.
    pub today: bool,
    /// `worked`, `weekend`, `off` or `made-up`.
    pub kind: &'static str,
    /// Name of the holiday or reason of the closure, where the calendar gives one.
    pub name: String,
    /// What projects close for: project and reason.
    pub closed: Vec<(String, String)>,
    /// The most urgent duties.
    pub duties: Vec<ObligationView>,
    /// How many more there are.
    pub more: usize,
}

/// A day on which something falls due.
#[derive(Debug, Clone, Serialize)]
pub struct DueView {
    /// The day, with what it is.
    pub day: DayView,
    /// Day of the week, 1 for Monday.
    pub weekday: u32,
    /// The most urgent duties.
    pub duties: Vec<ObligationView>,
    /// How many there are.
    pub total: usize,
    /// The page with all of them, where these are not all.
    pub all: Option<String>,
}

/// A page of all duties of a day.
#[derive(Debug, Clone, Serialize)]
pub struct DutiesOfDay {
    /// The day.
    pub date: String,
    /// The page of its month.
    pub month: Link,
    /// Where it stands among the pages of the day.
    pub pager: Pager,
    /// Duties, most urgent first.
    pub duties: Vec<ObligationView>,
}

/// Open duties by their last day.
type Due<'a> = BTreeMap<NaiveDate, Vec<&'a Obligation>>;

/// The pages: this month first, then every month with a deadline and the months next to one, and the days with very many.
pub(super) fn sheets<'v>(viewer: &'v Viewer<'_>) -> Vec<Sheet<'v>> {
    let due = due(viewer);
    let today = first_of(viewer.judgement.world.today);
    let months: BTreeSet<NaiveDate> = due.keys().map(|day| first_of(*day)).chain([today]).flat_map(around).collect();
    let all = std::sync::Arc::new(Calendar { viewer, today, due, months });
    let mut sheets = Vec::new();
    for month in [today].into_iter().chain(all.months.iter().copied().filter(|month| *month != today)) {
        let shared = std::sync::Arc::clone(&all);
        sheets.push(Sheet::new(all.address(month), "deadlines.html", "deadlines", move || shared.month(month)));
    }
    for (&day, duties) in all.due.iter().filter(|(_, duties)| duties.len() > IN_MONTH) {
        for (rows, pager) in paging::pages(&day_url(day), duties.len(), ON_PAGE) {
            let shared = std::sync::Arc::clone(&all);
            let url = paging::address(&day_url(day), pager.at);
            sheets.push(Sheet::new(url, "day.html", "deadlines", move || DutiesOfDay {
                date: day.to_string(),
                month: shared.link(first_of(day)),
                pager: pager.clone(),
                duties: shared.due[&day][rows.clone()].iter().map(|o| shared.viewer.obligation(o)).collect(),
            }));
        }
    }
    sheets
}

fn due<'a>(viewer: &Viewer<'a>) -> Due<'a> {
    let mut due: Due<'a> = BTreeMap::new();
    for duty in &viewer.judgement.obligations {
        if let (State::Open | State::DueSoon | State::Overdue, Some(day)) = (duty.outcome.state, duty.outcome.due) {
            due.entry(day).or_default().push(duty);
        }
    }
    for duties in due.values_mut() {
        duties.sort_by_key(|o| (o.outcome.state, o.dossier, o.entry, o.rule));
    }
    due
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn around(month: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    [month.checked_sub_months(Months::new(1)), Some(month), month.checked_add_months(Months::new(1))].into_iter().flatten()
}

fn day_url(day: NaiveDate) -> String {
    format!("deadlines/day/{day}.html")
}

struct Calendar<'v, 'a> {
    viewer: &'v Viewer<'a>,
    /// First day of the current month.
    today: NaiveDate,
    due: Due<'a>,
    /// First days of the months that have a page.
    months: BTreeSet<NaiveDate>,
}

impl Calendar<'_, '_> {
    fn address(&self, month: NaiveDate) -> String {
        if month == self.today { url::DEADLINES.to_owned() } else { format!("deadlines/{}.html", month.format("%Y-%m")) }
    }

    fn title(&self, month: NaiveDate) -> String {
        let (year, number, name) = (month.year(), month.month(), month.format("%B"));
        self.viewer.say(&say!("{year} 年 {number} 月", "{name} {year}"))
    }

    fn link(&self, month: NaiveDate) -> Link {
        Link { text: self.title(month), url: Some(self.address(month)) }
    }

    fn month(&self, month: NaiveDate) -> MonthView {
        let calendar = &self.viewer.judgement.world.rulebook.calendar;
        let after = month.checked_add_months(Months::new(1)).unwrap_or(month);
        let monday = month - Days::new(month.weekday().num_days_from_monday().into());
        let days: Vec<NaiveDate> = monday.iter_days().take_while(|day| *day < after || day.weekday().num_days_from_monday() > 0).collect();
        let inside = || month.iter_days().take_while(|day| *day < after);
        MonthView {
            title: self.title(month),
            provisional: !calendar.knows(month),
            worked: inside().filter(|day| calendar.is_workday(*day)).count(),
            total: self.total(month),
            weeks: days.chunks(7).map(|week| week.iter().map(|day| self.day(*day, month)).collect()).collect(),
            days: self.due.range(month..after).map(|(day, duties)| self.due_on(*day, month, duties)).collect(),
            previous: self.months.range(..month).next_back().map(|month| self.link(*month)),
            next: self.months.range(after..).next().map(|month| self.link(*month)),
            years: self.years(),
        }
    }

    fn total(&self, month: NaiveDate) -> usize {
        let after = month.checked_add_months(Months::new(1)).unwrap_or(month);
        self.due.range(month..after).map(|(_, duties)| duties.len()).sum()
    }

    fn years(&self) -> Vec<YearView> {
        let mut years: Vec<YearView> = Vec::new();
        for &month in &self.months {
            let link = MonthLink { url: self.address(month), month: month.month(), total: self.total(month) };
            match years.last_mut() {
                Some(year) if year.year == month.year() => year.months.push(link),
                _ => years.push(YearView { year: month.year(), months: vec![link] }),
            }
        }
        years
    }

    fn day(&self, day: NaiveDate, month: NaiveDate) -> DayView {
        let calendar = &self.viewer.judgement.world.rulebook.calendar;
        let outside = first_of(day) != month;
        let duties = self.due.get(&day).filter(|_| !outside).map_or(&[][..], Vec::as_slice);
        DayView {
            date: day.to_string(),
            number: day.day(),
            outside,
            today: day == self.viewer.judgement.world.today,
            kind: match calendar.day(day) {
                Day::Worked => "worked",
                Day::Weekend => "weekend",
                Day::Off => "off",
                Day::MadeUp => "made-up",
            },
            name: calendar.why_off(day).to_owned(),
            closed: calendar.closed_projects(day).map(|(project, reason)| (project.to_owned(), reason.to_owned())).collect(),
            duties: duties.iter().take(IN_BOX).map(|o| self.viewer.obligation(o)).collect(),
            more: duties.len().saturating_sub(IN_BOX),
        }
    }

    fn due_on(&self, day: NaiveDate, month: NaiveDate, duties: &[&Obligation]) -> DueView {
        DueView {
            day: DayView { duties: Vec::new(), ..self.day(day, month) },
            weekday: day.weekday().number_from_monday(),
            duties: duties.iter().take(IN_MONTH).map(|o| self.viewer.obligation(o)).collect(),
            total: duties.len(),
            all: (duties.len() > IN_MONTH).then(|| day_url(day)),
        }
    }
}
