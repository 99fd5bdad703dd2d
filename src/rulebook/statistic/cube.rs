//! Numbers for a period: every statistic, for every group and for all together, with what each rests on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::{By, Edge, Grouping, Measure, Question, Statistic, Statistics, Take};
use crate::rulebook::Judgement;
use crate::rulebook::condition::Condition;
use crate::rulebook::context::{Blind, Context, DossierFacts, Member, Seen, World};
use crate::rulebook::derived::Source;
use crate::rulebook::derived::numbers;
use crate::rulebook::derived::source::{all_of, first_of};
use crate::rulebook::reference::{Ref, Refs};
use crate::rulebook::value::Value;

/// Periods are listed one after the other up to this many; beyond it only those in which something happened.
const MAX_PERIODS: usize = 60;

/// What a number rests on: a record, or a dossier as a whole.
pub type Basis = (usize, Option<usize>);

/// The answer to a question: a line for each statistic.
#[derive(Debug, Clone)]
pub struct Cube {
    /// What was asked.
    pub question: Question,
    /// The groupings with their groups.
    pub axes: Vec<Axis>,
    /// One for each statistic of the rulebook, in its order.
    pub lines: Vec<Line>,
}

/// A grouping.
#[derive(Debug, Clone)]
pub struct Axis {
    /// By what.
    pub by: By,
    /// The groups in order.
    pub groups: Vec<Group>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name; none for what belongs to no group.
    pub name: Option<String>,
    /// First and last day, for periods.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// The numbers of one statistic.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// By group; of two groupings the second runs faster; all together comes last each time.
    pub cells: Vec<Cell>,
    /// Of how many records or rows nobody can say whether and how they count, since what was asked of them is encrypted.
    pub encrypted: usize,
}

/// One number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The number; none where there is none: a division by nought, more digits than a number has.
    pub value: Option<Decimal>,
    /// What it rests on.
    pub basis: BTreeSet<Basis>,
}

/// How far a target is reached.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The statistic, as an index.
    pub statistic: usize,
    /// The year.
    pub year: i32,
    /// The project.
    pub project: String,
    /// The target.
    pub target: Decimal,
    /// The number so far.
    pub actual: Cell,
    /// The number in hundredths of the target.
    pub percent: Option<Decimal>,
    /// The record that sets the target.
    pub set_by: Basis,
}

/// One thing that is counted.
struct Item {
    /// Its day; for what stands, the day since which.
    day: NaiveDate,
    /// The day on which it ends.
    until: Option<NaiveDate>,
    take: Taken,
    basis: BTreeSet<Basis>,
    project: Option<String>,
    category: Option<String>,
    project_type: Option<String>,
    worker: Option<String>,
}

enum Taken {
    One,
    Number(Option<Decimal>),
    Words(Vec<String>),
}

/// What has come together in one cell.
struct Heap {
    sum: Option<Decimal>,
    words: BTreeSet<String>,
    basis: BTreeSet<Basis>,
}

impl Cube {
    /// Answers a question.
    pub fn of(judgement: &Judgement<'_>, question: &Question) -> Self {
        Self::some(judgement, question, &|_| true)
    }

    /// Answers a question with some of the statistics and what they rest on; the others have no numbers.
    fn some(judgement: &Judgement<'_>, question: &Question, wanted: &dyn Fn(&Statistic) -> bool) -> Self {
        let statistics = &judgement.world.rulebook.statistics;
        let list = &statistics.list;
        let mut needed: Vec<bool> = list.iter().map(wanted).collect();
        let mut waiting: Vec<usize> = (0..list.len()).filter(|at| needed[*at]).collect();
        while let Some(at) = waiting.pop() {
            for part in list[at].measure.rests_on() {
                if !std::mem::replace(&mut needed[part], true) {
                    waiting.push(part);
                }
            }
        }
        let facts = Facts::of(judgement, statistics);
        let of = |(at, statistic): (usize, &Statistic)| if needed[at] { facts.items(statistic, question) } else { Default::default() };
        let (items, encrypted): (Vec<Vec<Item>>, Vec<usize>) = list.par_iter().enumerate().map(of).unzip();
        let axes: Vec<Axis> = question.by.iter().map(|&by| axis(by, question, &items, &facts)).collect();
        let base: Vec<Line> = list.par_iter().zip(&items).map(|(statistic, items)| line(statistic, items, question, &axes)).collect();
        let mut cube = Self { question: question.clone(), axes, lines: base };
        for (line, encrypted) in cube.lines.iter_mut().zip(encrypted) {
            line.encrypted = encrypted;
        }
        cube.formulas(list);
        cube
    }

    /// How many cells a line has.
    pub fn cells(&self) -> usize {
        self.axes.iter().map(|axis| axis.groups.len() + 1).product()
    }

    /// The group of a cell along each grouping; none for all together.
    pub fn groups(&self, cell: usize) -> Vec<Option<usize>> {
        let mut rest = cell;
        let mut groups = Vec::new();
        for axis in self.axes.iter().rev() {
            let size = axis.groups.len() + 1;
            groups.push(Some(rest % size).filter(|at| *at < axis.groups.len()));
            rest /= size;
        }
        groups.reverse();
        groups
    }

    /// The cell of some groups.
    pub fn cell(&self, groups: &[Option<usize>]) -> usize {
        self.axes.iter().zip(groups).fold(0, |at, (axis, group)| at * (axis.groups.len() + 1) + group.unwrap_or(axis.groups.len()))
    }

    /// Computes the statistics that are made of others.
    fn formulas(&mut self, list: &[Statistic]) {
        let mut done: Vec<bool> = list.iter().map(|statistic| statistic.measure.rests_on().is_empty()).collect();
        // Each round settles at least one; what rests on itself was taken out when it was read.
        while let Some(at) = (0..list.len()).find(|&at| !done[at] && list[at].measure.rests_on().iter().all(|&part| done[part])) {
            let cells = (0..self.cells()).map(|cell| self.formula(&list[at], cell)).collect();
            // The parts may rest on the same records, so their numbers do not add up.
            let encrypted = list[at].measure.rests_on().into_iter().map(|part| self.lines[part].encrypted).max().unwrap_or(0);
            self.lines[at] = Line { cells, encrypted };
            done[at] = true;
        }
    }

    fn formula(&self, statistic: &Statistic, cell: usize) -> Cell {
        if !self.allows(statistic, cell) {
            return Cell::default();
        }
        let value = |at: usize| self.lines[at].cells.get(cell).and_then(|cell| cell.value);
        let result = match &statistic.measure {
            Measure::Total(parts, less) => {
                let sum = parts.iter().try_fold(Decimal::ZERO, |sum, &part| sum.checked_add(value(part)?));
                less.iter().fold(sum, |sum, &part| sum?.checked_sub(value(part)?))
            }
            Measure::Share(a, b) => value(*a).zip(value(*b)).and_then(|(a, b)| a.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(b)),
            Measure::Ratio(a, b) => value(*a).zip(value(*b)).and_then(|(a, b)| a.checked_div(b)),
            _ => None,
        };
        let basis = statistic.measure.rests_on().into_iter().filter_map(|at| self.lines[at].cells.get(cell));
        Cell { value: result.and_then(|n| statistic.rounding.finish(n)), basis: basis.flat_map(|c| c.basis.iter().copied()).collect() }
    }

    /// Whether the statistic has a number for the groups of a cell.
    fn allows(&self, statistic: &Statistic, cell: usize) -> bool {
        let groups = self.groups(cell);
        self.axes.iter().zip(groups).all(|(axis, group)| group.is_none() || allowed(statistic, axis.by))
    }
}

fn allowed(statistic: &Statistic, by: By) -> bool {
    statistic.by.is_empty() || statistic.by.contains(&by.grouping())
}

impl Completion {
    /// How far the targets of the years in question are reached.
    pub fn of(judgement: &Judgement<'_>, question: &Question) -> Vec<Self> {
        let world = &judgement.world;
        let statistics = &world.rulebook.statistics;
        let Some(targets) = &statistics.targets else { return Vec::new() };
        let Some(form) = targets.from.parts.first().and_then(|code| world.rulebook.form_index(code)) else { return Vec::new() };
        let Some(table) = targets.from.parts.get(1) else { return Vec::new() };
        let years = question.from.year()..=question.to.year();
        // (year, project) with the row and the record that holds it.
        let mut rows = BTreeMap::new();
        for &at in world.all_of(form) {
            let view = world.context(at.0, Some(at.1));
            let project = world.dossiers[at.0].project.clone().unwrap_or_else(|| world.dossiers[at.0].number.clone());
            for (columns, row, _) in view.rows_of(at, table) {
                let number = |name: &str| row.cell(columns, name)?.first()?.number();
                let year = number(&targets.year).and_then(|year| i32::try_from(year.round().mantissa()).ok());
                let Some(year) = year.filter(|year| years.contains(year)) else { continue };
                for (statistic, column) in statistics.list.iter().enumerate().filter_map(|(at, s)| Some((at, s.target.as_ref()?))) {
                    if let Some(target) = number(column) {
                        rows.entry((year, statistic, project.clone())).or_insert((target, (at.0, Some(at.1))));
                    }
                }
            }
        }
        let mut by_year: BTreeMap<i32, Cube> = BTreeMap::new();
        let mut all = Vec::new();
        for ((year, statistic, project), (target, set_by)) in rows {
            let whole = || {
                let from = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(question.from);
                let to = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(question.to).min(question.to);
                Cube::some(judgement, &Question { from, to, by: vec![By::Project] }, &|s| s.target.is_some())
            };
            let cube = by_year.entry(year).or_insert_with(whole);
            let group = cube.axes[0].groups.iter().position(|group| group.name.as_ref() == Some(&project));
            let none = || Cell { value: Some(Decimal::ZERO), basis: BTreeSet::new() };
            let actual = group.map_or_else(none, |group| cube.lines[statistic].cells[cube.cell(&[Some(group)])].clone());
            let percent = actual.value.and_then(|n| n.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(target));
            let rounding = numbers::Rounding { divide: None, digits: Some(1) };
            let percent = percent.and_then(|n| rounding.finish(n));
            all.push(Self { statistic, year, project, target, actual, percent, set_by });
        }
        all.sort_by(|a, b| (a.year, &a.project, a.statistic).cmp(&(b.year, &b.project, b.statistic)));
        all
    }
}

/// The facts, with what every statistic asks of a dossier looked up once.
struct Facts<'j, 'a> {
    judgement: &'j Judgement<'a>,
    categories: Sorts,
    project_types: Sorts,
    projects: Vec<Option<String>>,
    /// By rule the duties that have a last day, as indices: hundreds of numbers ask for the duties of a rule or two.
    dated: Vec<Vec<usize>>,
}

/// What a field says of every dossier.
struct Sorts {
    of: Vec<Option<String>>,
    /// The choices of the field, in order.
    order: Vec<String>,
}

impl Sorts {
    fn of(world: &World<'_>, refs: Option<&Refs>) -> Self {
        let refs = refs.map_or(&[][..], |refs| refs.0.as_slice());
        let first = |dossier: usize| -> Option<String> {
            let context = world.context(dossier, None);
            refs.iter().find_map(|r| context.resolve(r).first().map(|cell| cell.value.to_string()))
        };
        let options = |r: &Ref| -> Option<Vec<String>> {
            let form = world.rulebook.form_index(r.parts.first()?)?;
            Some(world.rulebook.forms[form].field(r.parts.get(1)?)?.1.options.clone())
        };
        Self {
            of: (0..world.dossiers.len()).into_par_iter().map(first).collect(),
            order: refs.iter().filter_map(options).flatten().collect(),
        }
    }
}

impl<'j, 'a> Facts<'j, 'a> {
    fn of(judgement: &'j Judgement<'a>, statistics: &Statistics) -> Self {
        let world = &judgement.world;
        // The dossier of a project belongs to itself.
        let codes: BTreeSet<&String> = world.dossiers.iter().filter_map(|dossier| dossier.project.as_ref()).collect();
        let own_code = |facts: &DossierFacts<'_>| (facts.kind.is_some() && codes.contains(&facts.number)).then(|| facts.number.clone());
        let mut dated = vec![Vec::new(); world.rulebook.rules.len()];
        for (nth, duty) in judgement.obligations.iter().enumerate().filter(|(_, duty)| duty.outcome.due.is_some()) {
            dated[duty.rule].push(nth);
        }
        Self {
            judgement,
            dated,
            projects: world.dossiers.iter().map(|facts| facts.project.clone().or_else(|| own_code(facts))).collect(),
            categories: Sorts::of(world, statistics.category.as_ref()),
            project_types: Sorts::of(world, statistics.project_type.as_ref()),
        }
    }

    fn world(&self) -> &'j World<'a> {
        &self.judgement.world
    }

    /// Everything that a statistic counts up to the last day of the period, and how many records or rows might be among it
    /// if they were not encrypted.
    fn items(&self, statistic: &Statistic, question: &Question) -> (Vec<Item>, usize) {
        let within = |day: &NaiveDate| (question.from..=question.to).contains(day);
        match &statistic.measure {
            Measure::Each { over, filter, at, take } => {
                let may = |view: &Context<'_, 'a>| day(at, view).is_none_or(|day| within(&day));
                self.members(over, filter.as_ref(), &may, |member, view| {
                    let day = day(at, view).filter(within)?;
                    let (taken, seen) = taken(take, view)?;
                    Some(self.item(member, day, None, taken, seen))
                })
            }
            Measure::Standing { over, filter, from, until, .. } => {
                let may = |view: &Context<'_, 'a>| day(from, view).is_none_or(|since| since <= question.to);
                self.members(over, filter.as_ref(), &may, |member, view| {
                    let since = day(from, view).filter(|since| *since <= question.to)?;
                    let until = day(until, view);
                    // What ended before the period plays no part in it.
                    let plays = until.is_none_or(|until| until >= question.from);
                    plays.then(|| self.item(member, since, until, Taken::One, BTreeSet::new()))
                })
            }
            Measure::Duties { rules, states } => {
                let world = self.world();
                let mut duties: Vec<usize> = rules.iter().flat_map(|&rule| &self.dated[rule]).copied().collect();
                duties.sort_unstable();
                duties.dedup();
                let duties = duties.into_iter().map(|nth| &self.judgement.obligations[nth]);
                let counted = duties
                    .filter(|o| states.contains(&o.outcome.state))
                    .filter_map(|o| {
                        // A duty that is not due yet says nothing about punctuality, however it stands.
                        let day = o.outcome.due.filter(|due| within(due) && *due <= world.today)?;
                        let worker = world.worker_for(o);
                        Some(Item {
                            day,
                            until: None,
                            take: Taken::One,
                            basis: BTreeSet::from([(o.dossier, o.entry)]),
                            project: self.projects[o.dossier].clone(),
                            category: self.categories.of[o.dossier].clone(),
                            project_type: self.project_types.of[o.dossier].clone(),
                            worker,
                        })
                    })
                    .collect();
                (counted, 0)
            }
            Measure::Total(..) | Measure::Share(..) | Measure::Ratio(..) | Measure::Nothing => Default::default(),
        }
    }

    fn item(&self, member: &Member<'_>, day: NaiveDate, until: Option<NaiveDate>, take: Taken, seen: BTreeSet<(usize, usize)>) -> Item {
        let world = self.world();
        let own = (member.at.0, Some(member.at.1));
        // A number from elsewhere rests on those records; one of the record's own on itself.
        let elsewhere: BTreeSet<Basis> = seen.into_iter().map(|(d, e)| (d, Some(e))).collect();
        let basis = if elsewhere.is_empty() { BTreeSet::from([own]) } else { elsewhere };
        let worker = world.worker(member.at).or_else(|| world.dossier_worker(member.at.0));
        Item {
            day,
            until,
            take,
            basis,
            project: self.projects[member.at.0].clone(),
            category: self.categories.of[member.at.0].clone(),
            project_type: self.project_types.of[member.at.0].clone(),
            worker,
        }
    }

    /// What is made of the records or rows under some references that are no drafts and pass the filter; and of how many
    /// others that cannot be said, since what was asked of them is encrypted, though as far as their days are known they `may`
    /// belong to the period.
    fn members<T>(
        &self,
        over: &[Ref],
        filter: Option<&Condition>,
        may: &dyn Fn(&Context<'_, 'a>) -> bool,
        make: impl Fn(&Member<'_>, &Context<'_, 'a>) -> Option<T>,
    ) -> (Vec<T>, usize) {
        let world = self.world();
        let (mut made, mut encrypted) = (Vec::new(), 0);
        let mut add = |member: &Member<'_>| {
            let blind = Blind::new(false);
            let view = world.context(member.at.0, Some(member.at.1)).on_member(member);
            let asked = Context { blind: Some(&blind), ..view };
            if filter.is_none_or(|filter| filter.holds(&asked)) {
                made.extend(make(member, &asked));
            }
            encrypted += usize::from(blind.get() && may(&view));
        };
        for r in over {
            let Some(form) = r.parts.first().and_then(|code| world.rulebook.form_index(code)) else { continue };
            for &at in world.all_of(form) {
                let entry = world.entry(at);
                // What has not entered the main branch is a draft.
                if entry.record.unreadable || entry.evidence.known && entry.evidence.versions.is_empty() {
                    continue;
                }
                match r.parts.get(1) {
                    None => add(&Member { at, row: None, pivot: None }),
                    Some(table) => {
                        for (columns, row, at) in world.context(at.0, Some(at.1)).rows_of(at, table) {
                            add(&Member { at, row: Some((columns, row)), pivot: None });
                        }
                    }
                }
            }
        }
        (made, encrypted)
    }
}

/// The first day that some sources have.
fn day(sources: &[Source], view: &Context<'_, '_>) -> Option<NaiveDate> {
    first_of(sources, view).first().and_then(Value::day)
}

/// What is taken of a record or row, and the records that it was read from where those are others.
fn taken(take: &Take, view: &Context<'_, '_>) -> Option<(Taken, BTreeSet<(usize, usize)>)> {
    let (Take::Sum(source) | Take::Different(source)) = take else { return Some((Taken::One, BTreeSet::new())) };
    let seen = Seen::default();
    let elsewhere = match source {
        Source::Of(asked) => asked.of.parts.first().is_some_and(|first| view.world.rulebook.form_index(first).is_some()),
        Source::Literal(_) => false,
        Source::Made(_) => matches!(take, Take::Sum(_)),
    };
    let values = all_of(std::slice::from_ref(source), &Context { seen: elsewhere.then_some(&seen), ..*view });
    let taken = match take {
        Take::Sum(_) => {
            let numbers: Vec<Decimal> = values.iter().filter_map(Value::number).collect();
            (!numbers.is_empty()).then(|| Taken::Number(numbers::total(&numbers)))?
        }
        _ => (!values.is_empty()).then(|| Taken::Words(values.iter().map(Value::to_string).collect()))?,
    };
    Some((taken, seen.into_inner()))
}

/// The days of a period's month, quarter or year.
fn span(by: By, day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let (first, months) = match by {
        By::Year => (1, 12),
        By::Quarter => ((day.month0() / 3) * 3 + 1, 3),
        _ => (day.month(), 1),
    };
    let start = NaiveDate::from_ymd_opt(day.year(), first, 1).unwrap_or(day);
    let end = start.checked_add_months(Months::new(months)).and_then(|next| next.checked_sub_days(Days::new(1)));
    (start, end.unwrap_or(NaiveDate::MAX))
}

/// The groups of a grouping, in order.
fn axis(by: By, question: &Question, items: &[Vec<Item>], facts: &Facts<'_, '_>) -> Axis {
    let all = || items.iter().flatten();
    let plain = |name: Option<String>| Group { name, days: None };
    let groups = match by {
        By::Month | By::Quarter | By::Year => {
            let mut starts: BTreeSet<NaiveDate> = BTreeSet::new();
            let mut next = Some(span(by, question.from).0);
            while let Some(start) = next.filter(|start| *start <= question.to) {
                starts.insert(start);
                if starts.len() > MAX_PERIODS {
                    starts = all().map(|item| span(by, item.day.max(question.from)).0).collect();
                    break;
                }
                next = span(by, start).1.checked_add_days(Days::new(1));
            }
            let clip = |start: NaiveDate| (start.max(question.from), span(by, start).1.min(question.to));
            starts.into_iter().map(|start| Group { name: Some(by.period(start)), days: Some(clip(start)) }).collect()
        }
        By::Project | By::ProjectType | By::Category | By::Worker => {
            let order = match by {
                By::Category => facts.categories.order.as_slice(),
                By::ProjectType => &facts.project_types.order,
                _ => &[],
            };
            let rank = |name: &Option<String>| match name {
                Some(name) => order.iter().position(|own| own == name).unwrap_or(order.len()),
                None => usize::MAX,
            };
            let names: BTreeSet<(usize, Option<String>)> = all().map(|item| (rank(item.of(by)), item.of(by).clone())).collect();
            names.into_iter().map(|(_, name)| plain(name)).collect()
        }
    };
    Axis { by, groups }
}

impl Item {
    /// The name of its group.
    fn of(&self, by: By) -> &Option<String> {
        match by {
            By::Category => &self.category,
            By::ProjectType => &self.project_type,
            By::Worker => &self.worker,
            _ => &self.project,
        }
    }

    /// Whether it stands on the eve of a period or at its end.
    fn stands(&self, on: Edge, (from, to): (NaiveDate, NaiveDate)) -> bool {
        match on {
            Edge::Start => self.day < from && self.until.is_none_or(|until| until >= from),
            Edge::End => self.day <= to && self.until.is_none_or(|until| until > to),
        }
    }

    /// The groups of an axis that it belongs to, all together included.
    fn groups(&self, axis: &Axis, names: &BTreeMap<Option<&str>, usize>) -> Vec<usize> {
        let all = axis.groups.len();
        match axis.by {
            // What stands, stands in every period; the cell decides.
            By::Month | By::Quarter | By::Year => {
                let within = |group: &Group| group.days.is_some_and(|(from, to)| (from..=to).contains(&self.day));
                (0..all).filter(|at| within(&axis.groups[*at])).chain([all]).collect()
            }
            by => names.get(&self.of(by).as_deref()).copied().into_iter().chain([all]).collect(),
        }
    }
}

/// The numbers of a statistic that counts.
fn line(statistic: &Statistic, items: &[Item], question: &Question, axes: &[Axis]) -> Line {
    let size = |axis: &Axis| axis.groups.len() + 1;
    let mut heaps: Vec<Heap> = (0..axes.iter().map(size).product::<usize>()).map(|_| Heap::new()).collect();
    let names: Vec<BTreeMap<Option<&str>, usize>> =
        axes.iter().map(|axis| axis.groups.iter().enumerate().map(|(at, group)| (group.name.as_deref(), at)).collect()).collect();
    let standing = match &statistic.measure {
        Measure::Standing { on, .. } => Some(*on),
        _ => None,
    };
    let is_period = |axis: &Axis| axis.by.grouping() == Grouping::Period;
    for item in items {
        let mut places: Vec<(usize, (NaiveDate, NaiveDate))> = vec![(0, (question.from, question.to))];
        for (axis, names) in axes.iter().zip(&names) {
            let own = match standing {
                Some(_) if is_period(axis) => (0..size(axis)).collect(),
                _ => item.groups(axis, names),
            };
            let next = |&(at, (from, to)): &(usize, (NaiveDate, NaiveDate))| {
                let days = move |group: usize| axis.groups.get(group).and_then(|group| group.days);
                let narrow = move |group| days(group).map_or((from, to), |(first, last)| (first.max(from), last.min(to)));
                own.iter().map(move |&group| (at * size(axis) + group, narrow(group))).collect::<Vec<_>>()
            };
            places = places.iter().flat_map(next).collect();
        }
        for (place, days) in places {
            if standing.is_none_or(|on| item.stands(on, days)) {
                heaps[place].add(item);
            }
        }
    }
    let different = matches!(&statistic.measure, Measure::Each { take: Take::Different(_), .. });
    let nothing = matches!(statistic.measure, Measure::Nothing);
    let mut line = Line { cells: heaps.into_iter().map(|heap| heap.cell(statistic, different)).collect(), encrypted: 0 };
    // A cell that the statistic does not allow is empty; so is every one of a statistic that could not be read.
    let shape = Cube { question: question.clone(), axes: axes.to_vec(), lines: Vec::new() };
    for (at, cell) in line.cells.iter_mut().enumerate() {
        if nothing || !shape.allows(statistic, at) {
            *cell = Cell::default();
        }
    }
    line
}

impl Heap {
    fn new() -> Self {
        Self { sum: Some(Decimal::ZERO), words: BTreeSet::new(), basis: BTreeSet::new() }
    }

    fn add(&mut self, item: &Item) {
        match &item.take {
            Taken::One => self.sum = self.sum.and_then(|sum| sum.checked_add(Decimal::ONE)),
            Taken::Number(number) => self.sum = self.sum.zip(*number).and_then(|(sum, number)| sum.checked_add(number)),
            Taken::Words(words) => self.words.extend(words.iter().cloned()),
        }
        self.basis.extend(item.basis.iter().copied());
    }

    fn cell(self, statistic: &Statistic, different: bool) -> Cell {
        let number = if different { Some(Decimal::from(self.words.len())) } else { self.sum };
        Cell { value: number.and_then(|number| statistic.rounding.finish(number)), basis: self.basis }
    }
}
