//! Statistics as one audience may see them.
//!
//! Lower audiences get no small numbers of persons, nothing from which these come out, and no list of the records behind
//! a number: which records were counted may say what they hold.

mod sheets;

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{FigureView, Link, Viewer};
use crate::publish::figure::Table;
use crate::publish::figure::bar::{self, Bar, Bars};
use crate::publish::figure::trend::{self, Series, Trend};
use crate::rulebook::statistic::{By, Cell, Chart, Completion, Cube, Group, Question, Veil, veil};
use crate::say;

pub(super) use sheets::sheets;

/// What stands for a number that this audience does not see.
pub const VEILED: &str = "*";

/// Statistics of one period.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticsView {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The groupings, in words for programs.
    pub by: Vec<&'static str>,
    /// The groupings, in words for people.
    pub by_names: Vec<String>,
    /// Numbers of persons below this are veiled; none when everything is shown.
    pub suppress_below: Option<u32>,
    /// A table for all together, and with two groupings one for each group of the first.
    pub tables: Vec<StatisticsTable>,
    /// How far targets are reached.
    pub targets: Vec<TargetView>,
    /// The charts of all together.
    pub charts: Vec<FigureView>,
}

/// One table: a row for each statistic, a column for each group.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticsTable {
    /// The group of the first of two groupings; none for all together.
    pub key: Option<String>,
    /// The same for people.
    pub name: String,
    /// Where the group has a page.
    pub link: Option<Link>,
    /// Groups, all together last.
    pub columns: Vec<ColumnView>,
    /// Statistics.
    pub rows: Vec<StatisticRow>,
}

/// A group as a column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnView {
    /// The group; none for all together and for what belongs to no group.
    pub key: Option<String>,
    /// The same for people.
    pub name: String,
    /// Whether it is all together.
    pub total: bool,
}

/// One statistic.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The heading that it stands under.
    pub heading: Option<String>,
    /// Unit.
    pub unit: String,
    /// How it is to be read.
    pub note: Option<String>,
    /// Article, linked.
    pub article: Option<Link>,
    /// Of how many records or rows nobody can say whether they count, since they are encrypted; of all together only.
    pub encrypted: usize,
    /// Numbers aligned with the columns.
    pub numbers: Vec<NumberView>,
}

/// One number.
#[derive(Debug, Clone, Serialize)]
pub struct NumberView {
    /// As it is shown: `12`, `—` where there is none, `*` where it is veiled.
    pub text: String,
    /// The number, exact; none where there is none or it is veiled.
    #[serde(serialize_with = "plain")]
    pub value: Option<Decimal>,
    /// Whether it is veiled.
    pub veiled: bool,
    /// The records behind it; none for lower audiences.
    pub records: Vec<Link>,
    /// The page that lists them, where they are too many to be named beside it.
    pub list: Option<String>,
}

/// A target and how far it is reached.
#[derive(Debug, Clone, Serialize)]
pub struct TargetView {
    /// Year.
    pub year: i32,
    /// Project, linked.
    pub project: Link,
    /// Id of the statistic.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// The target.
    pub target: NumberView,
    /// The number so far.
    pub actual: NumberView,
    /// In hundredths of the target.
    pub percent: NumberView,
}

/// Exact decimals travel as text.
fn plain<S: serde::Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(number) => serializer.serialize_some(&number.to_string()),
        None => serializer.serialize_none(),
    }
}

impl NumberView {
    fn of(viewer: &Viewer<'_>, cell: &Cell, veiled: bool) -> Self {
        if veiled {
            return Self { text: VEILED.to_owned(), value: None, veiled, records: Vec::new(), list: None };
        }
        let text = cell.value.map_or_else(|| "—".to_owned(), |number| number.to_string());
        Self { text, value: cell.value, veiled, records: records(viewer, cell), list: None }
    }
}

/// The records behind a number, for the highest audience.
fn records(viewer: &Viewer<'_>, cell: &Cell) -> Vec<Link> {
    if !viewer.highest() {
        return Vec::new();
    }
    let link = |&(dossier, entry): &(usize, Option<usize>)| match entry {
        Some(entry) => viewer.record_link((dossier, entry)),
        None => viewer.dossier_link(dossier).unwrap_or_default(),
    };
    cell.basis.iter().map(link).collect()
}

/// The year up to today, which is what the site shows.
pub fn this_year(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today), today)
}

/// The answer to a question; none for audiences that get no statistics, or where the rulebook has none.
pub fn statistics(viewer: &Viewer<'_>, question: &Question) -> Option<StatisticsView> {
    let judgement = viewer.judgement;
    let book = &judgement.world.rulebook.statistics;
    if book.list.is_empty() || !viewer.sees(book.audience) {
        return None;
    }
    let cube = Cube::of(judgement, question);
    let hidden = if viewer.highest() { Veil::default() } else { veil(&cube, book) };
    let pages = Pages { viewer, cube: &cube, hidden: &hidden };
    let first = if cube.axes.len() == 2 { cube.axes[0].groups.len() } else { 0 };
    let tables = [None].into_iter().chain((0..first).map(Some)).map(|group| pages.table(group));
    let suppress_below = (!viewer.highest() && book.suppress_below > 0).then_some(book.suppress_below);
    Some(StatisticsView {
        from: question.from.to_string(),
        to: question.to.to_string(),
        by: question.by.iter().map(|by| by.word()).collect(),
        by_names: question.by.iter().map(|by| viewer.say(&by.text())).collect(),
        suppress_below,
        tables: tables.collect(),
        targets: pages.targets(&Completion::of(judgement, question), suppress_below),
        charts: pages.charts(question.to),
    })
}

struct Pages<'v, 'a> {
    viewer: &'v Viewer<'a>,
    cube: &'v Cube,
    hidden: &'v Veil,
}

/// The numbers of twelve months.
struct Monthly {
    cube: Cube,
    hidden: Veil,
}

impl Monthly {
    /// Those that end with a day.
    fn of(viewer: &Viewer<'_>, to: NaiveDate) -> Self {
        let first = to.with_day(1).and_then(|day| day.checked_sub_months(Months::new(11))).unwrap_or(to);
        let cube = Cube::of(viewer.judgement, &Question { from: first, to, by: vec![By::Month] });
        let book = &viewer.judgement.world.rulebook.statistics;
        let hidden = if viewer.highest() { Veil::default() } else { veil(&cube, book) };
        Self { cube, hidden }
    }
}

impl Pages<'_, '_> {
    /// The table of one group of the first of two groupings, or of all together.
    fn table(&self, group: Option<usize>) -> StatisticsTable {
        let (viewer, cube) = (self.viewer, self.cube);
        let all = viewer.say(&say!("合计", "all"));
        let two = cube.axes.len() == 2;
        let columns_of = cube.axes.last().map_or(&[][..], |axis| axis.groups.as_slice());
        let column = |group: &Group| ColumnView { key: group.name.clone(), name: self.name(group), total: false };
        let total = ColumnView { key: None, name: all.clone(), total: true };
        let places: Vec<usize> = (0..columns_of.len())
            .map(Some)
            .chain([None])
            .map(|column| match cube.axes.len() {
                0 => 0,
                1 => cube.cell(&[column]),
                _ => cube.cell(&[group, column]),
            })
            .collect();
        let own = group.filter(|_| two).map(|at| &cube.axes[0].groups[at]);
        let list = &viewer.judgement.world.rulebook.statistics.list;
        let rows = list.iter().enumerate().filter(|(_, statistic)| statistic.shown).filter_map(|(line, statistic)| {
            let cells = places.iter().map(|&cell| (cell, &cube.lines[line].cells[cell]));
            // What has no number anywhere says nothing: a rule under which nothing was due.
            let some = cube.lines[line].cells.iter().any(|cell| cell.value.is_some()) || cube.lines[line].encrypted > 0;
            some.then(|| StatisticRow {
                id: statistic.id.value.clone(),
                name: statistic.name.clone(),
                heading: statistic.heading.clone(),
                unit: statistic.unit.clone(),
                note: statistic.note.clone(),
                article: statistic.article.as_ref().map(|article| viewer.article_link(article)),
                encrypted: if own.is_none() { cube.lines[line].encrypted } else { 0 },
                numbers: cells.map(|(at, cell)| NumberView::of(viewer, cell, self.hidden.hides(line, at))).collect(),
            })
        });
        StatisticsTable {
            key: own.and_then(|group| group.name.clone()),
            name: own.map_or(all, |group| self.name(group)),
            link: own.filter(|_| cube.axes[0].by == By::Project).and_then(|group| self.project(group.name.as_deref()?)),
            columns: columns_of.iter().map(column).chain([total]).collect(),
            rows: rows.collect(),
        }
    }

    /// The charts in the order of the rulebook.
    fn charts(&self, to: NaiveDate) -> Vec<FigureView> {
        let book = &self.viewer.judgement.world.rulebook.statistics;
        let months = book.charts.iter().any(|chart| chart.over.is_some()).then(|| Monthly::of(self.viewer, to));
        let one = |chart: &Chart| match (&months, chart.over) {
            (Some(months), Some(_)) => self.trend(chart, months),
            _ => self.chart(chart),
        };
        book.charts.iter().filter_map(one).collect()
    }

    /// Lines of all together. A statistic of which any number is veiled, by month or in the tables, has none: the months add
    /// up to what the tables show, and what is left out of one could be worked out from the other.
    fn trend(&self, chart: &Chart, months: &Monthly) -> Option<FigureView> {
        let (viewer, cube) = (self.viewer, &months.cube);
        let list = &viewer.judgement.world.rulebook.statistics.list;
        let axis = cube.axes.first()?;
        let shown = chart.of.iter().copied().filter(|&line| !self.hidden.touches(line) && !months.hidden.touches(line));
        let series = shown.map(|line| Series {
            name: list[line].name.clone(),
            values: (0..axis.groups.len()).map(|at| cube.lines[line].cells[cube.cell(&[Some(at)])].value).collect(),
        });
        let trend = Trend {
            unit: list[*chart.of.first()?].unit.clone(),
            category: viewer.say(&axis.by.text()),
            periods: axis.groups.iter().map(|group| self.name(group)).collect(),
            series: series.collect(),
        };
        let said = trend.series.iter().map(|series| series.name.as_str()).collect::<Vec<_>>().join(" ");
        let Table { head, rows } = trend::rows(&trend);
        Some(FigureView { svg: trend::draw(&trend, &chart.title, &said)?, title: chart.title.clone(), head, rows })
    }

    /// The bars of all together, a bar for each group of the last grouping. A bar of which a part is veiled is not drawn:
    /// the others would say how long it is.
    fn chart(&self, chart: &Chart) -> Option<FigureView> {
        let (viewer, cube) = (self.viewer, self.cube);
        let list = &viewer.judgement.world.rulebook.statistics.list;
        let axis = cube.axes.last()?;
        let bar = |(at, group): (usize, &Group)| {
            let cell = if cube.axes.len() == 1 { cube.cell(&[Some(at)]) } else { cube.cell(&[None, Some(at)]) };
            let veiled = chart.of.iter().any(|&line| self.hidden.hides(line, cell));
            let number = |&line: &usize| cube.lines[line].cells[cell].value.filter(|_| !veiled);
            Bar { label: self.name(group), values: chart.of.iter().map(number).collect() }
        };
        let bars = Bars {
            unit: list[*chart.of.first()?].unit.clone(),
            category: viewer.say(&axis.by.text()),
            parts: chart.of.iter().map(|&line| list[line].name.clone()).collect(),
            bars: axis.groups.iter().enumerate().map(bar).collect(),
        };
        if bars.bars.iter().all(|bar| bar.values.iter().all(Option::is_none)) {
            return None;
        }
        let said = bars.bars.iter().map(|bar| bar.label.as_str()).collect::<Vec<_>>().join(" ");
        let Table { head, rows } = bar::rows(&bars);
        Some(FigureView { svg: bar::draw(&bars, &chart.title, &said)?, title: chart.title.clone(), head, rows })
    }

    fn name(&self, group: &Group) -> String {
        group.name.clone().unwrap_or_else(|| self.viewer.say(&say!("未注明", "none")))
    }

    fn project(&self, code: &str) -> Option<Link> {
        let dossier = self.viewer.judgement.world.by_number.get(code).copied()?;
        self.viewer.dossier_link(dossier)
    }

    /// Targets. The numbers of a year add up over the projects, and may be the total of a row of the tables: where one
    /// of them is veiled, all of that statistic are.
    fn targets(&self, all: &[Completion], suppress_below: Option<u32>) -> Vec<TargetView> {
        let list = &self.viewer.judgement.world.rulebook.statistics.list;
        let small = |one: &Completion| {
            let number = one.actual.value.filter(|n| *n > Decimal::ZERO);
            let below = |below: u32| number.is_some_and(|n| n < Decimal::from(below));
            list[one.statistic].people && suppress_below.is_some_and(below)
        };
        let veiled = |one: &Completion| {
            self.hidden.touches(one.statistic) || all.iter().any(|other| other.statistic == one.statistic && small(other))
        };
        all.iter().map(|one| self.target(one, veiled(one))).collect()
    }

    fn target(&self, one: &Completion, veiled: bool) -> TargetView {
        let viewer = self.viewer;
        let statistic = &viewer.judgement.world.rulebook.statistics.list[one.statistic];
        let number = |value: Option<Decimal>| NumberView::of(viewer, &Cell { value, ..one.actual.clone() }, veiled);
        let set_by = Cell { value: Some(one.target), basis: [one.set_by].into() };
        TargetView {
            year: one.year,
            project: self.project(&one.project).unwrap_or_else(|| Link { text: one.project.clone(), url: None }),
            id: statistic.id.value.clone(),
            name: statistic.name.clone(),
            unit: statistic.unit.clone(),
            target: NumberView::of(viewer, &set_by, false),
            actual: number(one.actual.value),
            percent: number(one.percent),
        }
    }
}
