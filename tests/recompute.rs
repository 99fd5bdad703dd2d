//! Whoever reads the statistics tries to recompute what is veiled: with every sum that holds, over all groups, periods and
//! statistics together, and with what they know of a veiled number. The attack is a linear program of its own and shares
//! nothing with the code that veils.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::Path;

use anjuan::archive::Archive;
use anjuan::diagnostic::Language;
use anjuan::publish::report::statistics::json;
use anjuan::publish::spreadsheet;
use anjuan::publish::view::statistics::StatisticsView;
use anjuan::publish::view::{self, Viewer, statistics};
use anjuan::rulebook::derived::Rounding;
use anjuan::rulebook::statistic::{Axis, By, Cell, Cube, Group, Line, Measure, Question, Statistic, Statistics, veil};
use anjuan::rulebook::{Judgement, Rulebook};
use anjuan::yaml::de::Spanned;
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::{anjuan, day, open};

/// What a reader knows: numbers, some of them shown, and sums of them that make nought.
#[derive(Default)]
pub struct Knowledge {
    /// By name: the number where it is shown, and the least that it may be where it is not.
    numbers: BTreeMap<String, (Option<f64>, f64)>,
    sums: Vec<Vec<(String, f64)>>,
}

/// The least and the greatest that a number may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub least: f64,
    pub most: f64,
}

impl Range {
    /// Whether it holds one whole number only.
    pub fn tells(self) -> bool {
        (self.most + NEAR).floor() - (self.least - NEAR).ceil() < 0.5
    }
}

/// Floating numbers closer than this are the same.
const NEAR: f64 = 1e-6;

impl Knowledge {
    /// A number that is shown, or veiled and at least so much.
    pub fn number(&mut self, name: &str, shown: Option<f64>, least: f64) {
        self.numbers.insert(name.to_owned(), (shown, least));
    }

    /// Numbers that make nought, each with its sign.
    pub fn sum(&mut self, terms: Vec<(String, f64)>) {
        if terms.iter().all(|(name, _)| self.numbers.contains_key(name)) {
            self.sums.push(terms);
        }
    }

    /// What each of some veiled numbers may be.
    pub fn ranges(&self, wanted: &BTreeSet<String>) -> BTreeMap<String, Range> {
        let mut out = BTreeMap::new();
        for part in self.parts() {
            let own: Vec<&String> = part.iter().filter(|name| wanted.contains(**name)).copied().collect();
            if own.is_empty() {
                continue;
            }
            let at = |name: &str| part.iter().position(|other| *other == name);
            let (mut rows, mut right) = (Vec::new(), Vec::new());
            for sum in self.sums.iter().filter(|sum| sum.iter().any(|(name, _)| at(name).is_some())) {
                let (mut row, mut rest) = (vec![0.0; part.len()], 0.0);
                for (name, sign) in sum {
                    let (shown, least) = self.numbers[name];
                    // Counted from the least that it may be, so that nothing is below nought.
                    rest -= sign * shown.unwrap_or(least);
                    if let Some(at) = at(name) {
                        row[at] += sign;
                    }
                }
                rows.push(row);
                right.push(rest);
            }
            let program = Program::new(rows, right);
            for name in own {
                let (at, least) = (at(name).unwrap(), self.numbers[name].1);
                let range = Range { least: least - program.greatest(at, -1.0), most: least + program.greatest(at, 1.0) };
                out.insert(name.clone(), range);
            }
        }
        out
    }

    /// Veiled numbers that have to do with each other.
    fn parts(&self) -> Vec<Vec<&String>> {
        let veiled: BTreeSet<&String> = self.numbers.iter().filter(|(_, (shown, _))| shown.is_none()).map(|(name, _)| name).collect();
        let mut of: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
        for (nth, sum) in self.sums.iter().enumerate() {
            sum.iter().filter(|(name, _)| veiled.contains(name)).for_each(|(name, _)| of.entry(name).or_default().push(nth));
        }
        let (mut parts, mut seen) = (Vec::new(), BTreeSet::new());
        for first in &veiled {
            let (mut part, mut open) = (Vec::new(), vec![*first]);
            while let Some(name) = open.pop() {
                if seen.insert(name) {
                    part.push(name);
                    for &sum in of.get(name).into_iter().flatten() {
                        open.extend(self.sums[sum].iter().map(|(name, _)| name).filter(|name| veiled.contains(name)));
                    }
                }
            }
            if !part.is_empty() {
                parts.push(part);
            }
        }
        parts
    }
}

/// Equations of numbers that are not below nought, as a simplex tableau at one of its corners.
struct Program {
    /// A row for each basic number; the right side comes last.
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    width: usize,
}

impl Program {
    fn new(mut rows: Vec<Vec<f64>>, right: Vec<f64>) -> Self {
        let width = rows.first().map_or(0, Vec::len);
        let height = rows.len();
        for (nth, (row, right)) in rows.iter_mut().zip(right).enumerate() {
            let sign = if right < 0.0 { -1.0 } else { 1.0 };
            row.iter_mut().for_each(|n| *n *= sign);
            row.extend((0..height).map(|other| f64::from(u8::from(other == nth))));
            row.push(right * sign);
        }
        let mut program = Self { rows, basis: (width..width + height).collect(), width: width + height };
        // First the helpers are driven out.
        let cost: Vec<f64> = (0..width + height).map(|at| if at < width { 0.0 } else { -1.0 }).collect();
        let left = program.climb(&cost);
        assert!(left > -1e-4, "what is shown contradicts itself by {left}");
        for row in 0..height {
            if program.basis[row] >= width
                && let Some(column) = (0..width).find(|&column| program.rows[row][column].abs() > NEAR)
            {
                program.pivot(row, column);
            }
        }
        let keep: Vec<usize> = (0..height).filter(|&row| program.basis[row] < width).collect();
        program.rows =
            keep.iter().map(|&row| program.rows[row][..width].iter().copied().chain(program.rows[row].last().copied()).collect()).collect();
        program.basis = keep.iter().map(|&row| program.basis[row]).collect();
        program.width = width;
        program
    }

    /// The greatest that a number, or its negative, may be.
    fn greatest(&self, at: usize, sign: f64) -> f64 {
        let mut program = Self { rows: self.rows.clone(), basis: self.basis.clone(), width: self.width };
        let cost: Vec<f64> = (0..self.width).map(|own| if own == at { sign } else { 0.0 }).collect();
        program.climb(&cost)
    }

    /// Goes from corner to corner as long as a sum gets greater (Bland's rule); how great it gets.
    fn climb(&mut self, cost: &[f64]) -> f64 {
        loop {
            let gain =
                |column: usize| cost[column] - self.basis.iter().zip(&self.rows).map(|(&own, row)| cost[own] * row[column]).sum::<f64>();
            let Some(column) = (0..self.width).find(|column| !self.basis.contains(column) && gain(*column) > NEAR) else {
                return self.basis.iter().zip(&self.rows).map(|(&own, row)| cost[own] * row[self.width]).sum();
            };
            let ratio = |row: &usize| self.rows[*row][self.width] / self.rows[*row][column];
            let steps: Vec<usize> = (0..self.rows.len()).filter(|&row| self.rows[row][column] > NEAR).collect();
            let Some(least) = steps.iter().map(ratio).min_by(f64::total_cmp) else { return f64::INFINITY };
            let ties = steps.into_iter().filter(|row| ratio(row) <= least + 1e-12);
            let row = ties.min_by_key(|&row| self.basis[row]).unwrap();
            self.pivot(row, column);
        }
    }

    fn pivot(&mut self, at: usize, column: usize) {
        let first = self.rows[at][column];
        self.rows[at].iter_mut().for_each(|n| *n /= first);
        let own = self.rows[at].clone();
        for (_, row) in self.rows.iter_mut().enumerate().filter(|(nth, _)| *nth != at) {
            let factor = row[column];
            if factor != 0.0 {
                row.iter_mut().zip(&own).for_each(|(n, own)| *n -= factor * own);
            }
        }
        self.basis[at] = column;
    }
}

#[test]
fn the_attack_finds_what_can_be_found() {
    let mut known = Knowledge::default();
    let wanted: BTreeSet<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
    for name in &wanted {
        known.number(name, None, 1.0);
    }
    for (name, shown) in [("ab", 2.0), ("cd", 9.0), ("ce", 4.0), ("de", 7.0)] {
        known.number(name, Some(shown), 0.0);
    }
    for (x, y) in [("a", "b"), ("c", "d"), ("c", "e"), ("d", "e")] {
        known.sum(vec![(x.to_owned(), 1.0), (y.to_owned(), 1.0), (format!("{x}{y}"), -1.0)]);
    }
    let ranges = known.ranges(&wanted);
    // By bounds both are one; by solving three sums together three numbers come out.
    for (name, value) in [("a", 1.0), ("b", 1.0), ("c", 3.0), ("d", 6.0), ("e", 1.0)] {
        assert!(ranges[name].tells() && (ranges[name].least - value).abs() < 1e-6, "{name} {:?}", ranges[name]);
    }
    let mut known = Knowledge::default();
    for name in ["a", "b", "c"] {
        known.number(name, None, 1.0);
    }
    known.number("all", Some(5.0), 0.0);
    known.sum(["a", "b", "c"].map(|name| (name.to_owned(), 1.0)).into_iter().chain([("all".to_owned(), -1.0)]).collect());
    assert_eq!(known.ranges(&wanted)["a"], Range { least: 1.0, most: 3.0 });
}

/// The parts of a published report by name: `statistic|group|column`, each with what is shown of it.
fn cells(report: &Value) -> BTreeMap<(String, String, String), Value> {
    let mut out = BTreeMap::new();
    for (nth, table) in report["tables"].as_array().unwrap().iter().enumerate() {
        let group = if nth == 0 { "all".to_owned() } else { format!("={}", table["key"].as_str().unwrap_or_default()) };
        for row in table["rows"].as_array().unwrap() {
            for (column, number) in table["columns"].as_array().unwrap().iter().zip(row["numbers"].as_array().unwrap()) {
                let name =
                    if column["total"] == true { "all".to_owned() } else { format!("={}", column["key"].as_str().unwrap_or_default()) };
                out.insert((row["id"].as_str().unwrap().to_owned(), group.clone(), name), number.clone());
            }
        }
    }
    out
}

fn value(number: &Value) -> Option<f64> {
    number["value"].as_str().map(|text| text.parse().unwrap())
}

/// What of a published report can be told though it is veiled, with all sums that hold in the true one.
fn told(low: &Value, high: &Value, book: &Rulebook) -> Vec<String> {
    let (shown, real) = (cells(low), cells(high));
    assert!(shown.keys().eq(real.keys()));
    let list = &book.statistics.list;
    let of = |id: &str| list.iter().find(|statistic| statistic.id.value == id).unwrap();
    let below = f64::from(book.statistics.suppress_below);
    let name = |key: &(String, String, String)| format!("{}|{}|{}", key.0, key.1, key.2);
    let mut known = Knowledge::default();
    let mut wanted = BTreeSet::new();
    for (key, number) in &shown {
        let people = of(&key.0).people;
        let truth = value(&real[key]);
        if number["veiled"] == true || value(number).is_some() {
            known.number(&name(key), value(number), f64::from(u8::from(people)));
        }
        if people && truth.is_some_and(|n| n > 0.0 && n < below) {
            assert!(number["veiled"] == true, "{key:?} is small and shown");
            wanted.insert(name(key));
        }
    }
    let mut sum = |terms: Vec<(&(String, String, String), f64)>| {
        let total: Option<f64> = terms.iter().map(|(key, sign)| value(real.get(*key)?).map(|n| n * sign)).sum();
        if total.is_some_and(|total| total.abs() < 1e-9) {
            known.sum(terms.into_iter().map(|(key, sign)| (name(key), sign)).collect());
        }
    };
    for key in real.keys() {
        let (id, group, column) = key;
        match &of(id).measure {
            Measure::Share(a, b) | Measure::Ratio(a, b) => {
                // A share of a veiled number, or by one, would say how large it is.
                let hidden = |at: &usize| {
                    shown.get(&(list[*at].id.value.clone(), group.clone(), column.clone())).is_some_and(|n| n["veiled"] == true)
                };
                let open = value(&shown[key]).is_some();
                assert!(!open || !(hidden(a) || hidden(b)), "{key:?} is shown, and of what it is made is not");
                continue;
            }
            Measure::Total(parts, less) => {
                let at = |part: &usize| (list[*part].id.value.clone(), group.clone(), column.clone());
                let parts: Vec<_> = parts.iter().map(|part| (at(part), 1.0)).chain(less.iter().map(|part| (at(part), -1.0))).collect();
                sum(parts.iter().map(|(key, sign)| (key, *sign)).chain([(key, -1.0)]).collect());
            }
            _ => {}
        }
        if group == "all" {
            let parts = real.keys().filter(|own| own.0 == *id && own.1 != "all" && own.2 == *column);
            sum(parts.map(|own| (own, 1.0)).chain([(key, -1.0)]).collect());
        }
        if column == "all" {
            let parts = real.keys().filter(|own| own.0 == *id && own.1 == *group && own.2 != "all");
            sum(parts.map(|own| (own, 1.0)).chain([(key, -1.0)]).collect());
        }
    }
    // What stands at the end of a period stands at the start of the next one.
    for (start, end) in [("cases-at-start", "cases-at-end")] {
        let columns: BTreeSet<&String> = real.keys().filter(|key| key.2 != "all").map(|key| &key.2).collect();
        let columns: Vec<&String> = columns.into_iter().collect();
        for (group, pair) in real
            .keys()
            .map(|key| &key.1)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .flat_map(|group| columns.windows(2).map(move |pair| (group, pair)))
        {
            let (a, b) = ((end.to_owned(), group.clone(), pair[0].clone()), (start.to_owned(), group.clone(), pair[1].clone()));
            if low["by"].as_array().unwrap().last().is_some_and(|by| ["month", "quarter", "year"].contains(&by.as_str().unwrap())) {
                sum(vec![(&a, 1.0), (&b, -1.0)]);
            }
        }
    }
    // What a project has done of its target is a number of its table where both are of the same days.
    for target in low["targets"].as_array().unwrap() {
        let key = (target["id"].as_str().unwrap().to_owned(), format!("={}", target["project"].as_str().unwrap()), "all".to_owned());
        let open = target["actual"].as_str().or(target["percent"].as_str());
        if let (Some(_), Some(number)) = (open, shown.get(&key)) {
            assert!(number["veiled"] == false, "the target tells {key:?}");
        }
    }
    known.ranges(&wanted).into_iter().filter(|(_, range)| range.tells()).map(|(name, range)| format!("{name} is {range:?}")).collect()
}

/// A report as an audience gets it, in process.
fn report(judgement: &Judgement<'_>, archive: &Archive, level: usize, question: &Question) -> Value {
    let viewer = Viewer::new(archive, judgement, level, Language::Zh, false);
    let view = statistics::statistics(&viewer, question).unwrap();
    let text = json(&view, &view::frame(&viewer), &view::basis(&viewer), "a");
    let report: Value = serde_json::from_str(&text).unwrap();
    // The workbook, the table for programs and the charts say nothing that the report does not.
    same_in_other_formats(&report, &view, question.to);
    report
}

fn same_in_other_formats(report: &Value, view: &StatisticsView, today: NaiveDate) {
    let all: Vec<&Value> = report["tables"].as_array().unwrap().iter().collect();
    let numbers = || all.iter().flat_map(|table| table["rows"].as_array().unwrap()).flat_map(|row| row["numbers"].as_array().unwrap());
    let veiled = numbers().filter(|number| number["veiled"] == true).count();
    let csv = String::from_utf8(spreadsheet::csv(view, Language::Zh).unwrap()).unwrap();
    let shown = |text: &str| numbers().any(|number| number["value"].as_str() == Some(text));
    let mut stars = 0;
    for line in csv.lines().skip(1) {
        let columns: Vec<&str> = line.rsplitn(3, ',').collect();
        stars += usize::from(columns[1] == "*");
        assert!(columns[1] == "*" || columns[1].is_empty() || shown(columns[1]), "{line}");
    }
    assert_eq!(stars, veiled, "in the table for programs");
    let xlsx = spreadsheet::xlsx(view, today, Language::Zh).unwrap();
    let mut zip = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (sheet, strings) = (part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"));
    let star = strings.split("<si>").skip(1).position(|string| string.contains(">*<"));
    let star = star.map(|at| sheet.matches(&format!("t=\"s\"><v>{at}</v>")).count());
    assert_eq!(star.unwrap_or(0), veiled, "in the workbook");
    for number in sheet.split("<c ").skip(1).filter(|cell| !cell.contains("t=\"s\"")).filter_map(|cell| cell.split_once("<v>")) {
        let number: f64 = number.1.split('<').next().unwrap().parse().unwrap();
        assert!(numbers().any(|own| value(own).is_some_and(|own| (own - number).abs() < 1e-9)), "{number} is only in the workbook");
    }
    // A bar is drawn where every number that it is made of is shown.
    let totals = &all[0];
    let column = |label: &str| totals["columns"].as_array().unwrap().iter().position(|column| column["name"] == label);
    for chart in &view.charts {
        for row in &chart.rows {
            let Some(at) = column(&row[0]) else { continue };
            let parts: Vec<&Value> = chart.head[1..]
                .iter()
                .filter_map(|head| totals["rows"].as_array().unwrap().iter().find(|row| head.contains(row["name"].as_str().unwrap())))
                .map(|row| &row["numbers"][at])
                .collect();
            if parts.iter().any(|part| part["veiled"] == true) {
                assert!(row[1..].iter().all(|text| text.parse::<f64>().is_err()), "{} draws {row:?}", chart.title);
            }
        }
    }
}

fn attack(root: &Path, today: &str, questions: &[Question]) -> usize {
    let (archive, book) = open(root);
    let judgement = book.judge(&archive, day(today));
    let (low, high) = (book.settings.audience("内部").unwrap(), book.settings.audiences.len() - 1);
    let mut tried = 0;
    for question in questions {
        let (published, real) = (report(&judgement, &archive, low, question), report(&judgement, &archive, high, question));
        let told = told(&published, &real, &book);
        assert!(told.is_empty(), "{question:?}: {told:#?}");
        tried += cells(&published).values().filter(|number| number["veiled"] == true).count();
    }
    tried
}

fn question(from: &str, to: &str, by: &[By]) -> Question {
    Question { from: day(from), to: day(to), by: by.to_vec() }
}

const GROUPINGS: [&[By]; 11] = [
    &[By::Project],
    &[By::Quarter],
    &[By::Month],
    &[By::Category],
    &[By::Worker],
    &[By::Project, By::Quarter],
    &[By::Project, By::Month],
    &[By::Project, By::Worker],
    &[By::Category, By::Quarter],
    &[By::Worker, By::Month],
    &[By::Category, By::Project],
];

#[test]
fn no_small_number_of_the_example_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("demo");
    assert_eq!(anjuan(&["demo", root.to_str().unwrap(), "--no-papers"]).status.code(), Some(0));
    let mut questions = GROUPINGS.map(|by| question("2026-01-01", "2026-06-18", by)).to_vec();
    questions.extend(["2026-04-30", "2026-02-28"].map(|to| question("2026-01-01", to, &[By::Project, By::Month])));
    let tried = attack(&root, "2026-06-18", &questions);
    assert!(tried > 1000, "{tried}");
}

/// Two statistics of persons and their sum, by two groupings.
fn cube(grids: &[Vec<Vec<u32>>; 2]) -> (Cube, Statistics) {
    let group = |nth: usize| Group { name: Some(nth.to_string()), days: None };
    let (rows, columns) = (grids[0].len(), grids[0][0].len());
    let axes = vec![
        Axis { by: By::Project, groups: (0..rows).map(group).collect() },
        Axis { by: By::Worker, groups: (0..columns).map(group).collect() },
    ];
    let value = |grid: &[Vec<u32>], row: usize, column: usize| -> u32 {
        let rows = if row == rows { 0..rows } else { row..row + 1 };
        rows.flat_map(|row| if column == columns { grid[row].clone() } else { vec![grid[row][column]] }).sum()
    };
    let cells = || (0..=rows).flat_map(|row| (0..=columns).map(move |column| (row, column)));
    let line = |grids: &[&Vec<Vec<u32>>]| {
        let cell = |(row, column)| grids.iter().map(|grid| value(grid, row, column)).sum::<u32>();
        Line { cells: cells().map(|at| Cell { value: Some(Decimal::from(cell(at))), ..Cell::default() }).collect(), encrypted: 0 }
    };
    let statistic = |id: &str, measure| Statistic {
        id: Spanned { value: id.to_owned(), ..Spanned::default() },
        name: String::new(),
        heading: None,
        article: None,
        unit: String::new(),
        note: None,
        measure,
        rounding: Rounding::default(),
        people: true,
        shown: true,
        by: vec![],
        target: None,
    };
    let list = vec![statistic("a", Measure::Nothing), statistic("b", Measure::Nothing), statistic("c", Measure::Total(vec![0, 1], vec![]))];
    let lines = vec![line(&[&grids[0]]), line(&[&grids[1]]), line(&[&grids[0], &grids[1]])];
    let question = question("2026-01-01", "2026-12-31", &[By::Project, By::Worker]);
    (Cube { question, axes, lines }, Statistics { suppress_below: 3, list, ..Statistics::default() })
}

/// What the linear program tells of small numbers in a cube.
fn told_of(cube: &Cube, list: &Statistics) -> Vec<(String, Range)> {
    let veil = veil(cube, list);
    let name = |line: usize, cell: usize| format!("{line}|{cell}");
    let (mut known, mut wanted) = (Knowledge::default(), BTreeSet::new());
    for (line, own) in cube.lines.iter().enumerate() {
        for (cell, number) in own.cells.iter().enumerate() {
            let value = number.value.unwrap().to_string().parse::<f64>().unwrap();
            known.number(&name(line, cell), (!veil.hides(line, cell)).then_some(value), 1.0);
            if value > 0.0 && value < 3.0 {
                assert!(veil.hides(line, cell));
                wanted.insert(name(line, cell));
            }
        }
    }
    for cell in 0..cube.cells() {
        known.sum(vec![(name(0, cell), 1.0), (name(1, cell), 1.0), (name(2, cell), -1.0)]);
        let groups = cube.groups(cell);
        for (axis, own) in cube.axes.iter().enumerate().filter(|(axis, _)| groups[*axis].is_none()) {
            let part = |group: usize| {
                let mut place = groups.clone();
                place[axis] = Some(group);
                cube.cell(&place)
            };
            for line in 0..3 {
                let parts = (0..own.groups.len()).map(|group| (name(line, part(group)), 1.0));
                known.sum(parts.chain([(name(line, cell), -1.0)]).collect());
            }
        }
    }
    known.ranges(&wanted).into_iter().filter(|(_, range)| range.tells()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn no_small_number_of_several_statistics_comes_out(
        a in proptest::collection::vec(proptest::collection::vec(0u32..7, 3), 3),
        b in proptest::collection::vec(proptest::collection::vec(0u32..4, 3), 3),
    ) {
        let (cube, list) = cube(&[a, b]);
        let told = told_of(&cube, &list);
        // Where everything that is not nought is veiled nothing more can be.
        let veil = veil(&cube, &list);
        let nothing_left = cube.lines.iter().enumerate().all(|(line, own)| {
            own.cells.iter().enumerate().all(|(cell, number)| number.value == Some(Decimal::ZERO) || veil.hides(line, cell))
        });
        prop_assert!(told.is_empty() || nothing_left, "{told:?}");
    }
}
