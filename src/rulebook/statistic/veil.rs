//! Which numbers must not be seen, so that nobody can be recognised in a small one.
//!
//! A number of persons that is small is veiled. What was veiled must not come out of the others: groups add up to all
//! together, and some statistics are made of others. Each such sum is an equation that a reader may solve, together with the
//! others and with what is known of a veiled number of persons: that it is whole, and 1 or more. So a small number counts as
//! hidden only where another set of whole numbers is found that fits every sum and has another number in its place: then
//! nobody can tell. Where none is found, the next smallest of a sum that it stands in is veiled too, until there is one. A
//! nought is no person and stays.

mod other;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Cube, Edge, Measure, Statistics};

/// A number, as (line, cell).
pub type Place = (usize, usize);

/// What is veiled.
#[derive(Debug, Clone, Default)]
pub struct Veil {
    places: BTreeSet<Place>,
}

impl Veil {
    /// Whether a number is veiled.
    pub fn hides(&self, line: usize, cell: usize) -> bool {
        self.places.contains(&(line, cell))
    }

    /// Whether any number of a line is veiled.
    pub fn touches(&self, line: usize) -> bool {
        self.places.range((line, 0)..=(line, usize::MAX)).next().is_some()
    }

    /// How many numbers are veiled.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// Numbers that make nought together, each with its sign.
#[derive(Debug, Clone)]
struct Equation {
    terms: Vec<(Place, bool)>,
}

/// What a reader knows of a veiled number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    low: Decimal,
    high: Option<Decimal>,
}

/// Sums are added to a bound this often before the rest is left to the search.
const MAX_ROUNDS: usize = 64;
/// So many steps are taken in search of other numbers that fit; a number for which none are found by then counts as known.
const MAX_STEPS: usize = 3000;
/// Of more numbers than this none is looked at twice.
const MAX_SPARED: usize = 200;

/// What must be veiled in a cube.
pub fn veil(cube: &Cube, statistics: &Statistics) -> Veil {
    let mut work = Work::of(cube, statistics);
    while !work.small.is_empty() {
        let known = work.known();
        if known.is_empty() || !work.veil_beside(&known) {
            work.spare();
            break;
        }
    }
    Veil { places: work.veiled }
}

struct Work<'c> {
    cube: &'c Cube,
    statistics: &'c Statistics,
    equations: Vec<Equation>,
    by_place: BTreeMap<Place, Vec<usize>>,
    small: BTreeSet<Place>,
    /// Veiled beside the small ones.
    beside: BTreeSet<Place>,
    /// All that is veiled.
    veiled: BTreeSet<Place>,
}

impl<'c> Work<'c> {
    fn of(cube: &'c Cube, statistics: &'c Statistics) -> Self {
        let threshold = Decimal::from(statistics.suppress_below);
        let mut small = BTreeSet::new();
        for line in (0..statistics.list.len()).filter(|line| statistics.list[*line].people) {
            for (cell, number) in cube.lines[line].cells.iter().enumerate() {
                if number.value.is_some_and(|n| n > Decimal::ZERO && n < threshold) {
                    small.insert((line, cell));
                }
            }
        }
        let mut work = Self {
            cube,
            statistics,
            equations: Vec::new(),
            by_place: BTreeMap::new(),
            beside: BTreeSet::new(),
            veiled: BTreeSet::new(),
            small,
        };
        work.sums();
        for (at, equation) in work.equations.iter().enumerate() {
            for (place, _) in &equation.terms {
                work.by_place.entry(*place).or_default().push(at);
            }
        }
        work.settle();
        work
    }

    fn value(&self, (line, cell): Place) -> Option<Decimal> {
        self.cube.lines[line].cells.get(cell)?.value
    }

    /// The sums that hold: groups and all together, parts and their total. A sum that does not hold tells nothing.
    fn sums(&mut self) {
        let mut equations = Vec::new();
        for line in 0..self.cube.lines.len() {
            if matches!(self.statistics.list[line].measure, Measure::Share(..) | Measure::Ratio(..)) {
                continue;
            }
            for (axis, groups) in self.cube.axes.iter().enumerate() {
                for cell in (0..self.cube.cells()).filter(|&cell| self.cube.groups(cell)[axis].is_none()) {
                    let of = |group: usize| {
                        let mut place = self.cube.groups(cell);
                        place[axis] = Some(group);
                        ((line, self.cube.cell(&place)), true)
                    };
                    equations.push((0..groups.groups.len()).map(of).chain([((line, cell), false)]).collect::<Vec<_>>());
                }
            }
        }
        for (line, statistic) in self.statistics.list.iter().enumerate() {
            let Measure::Total(parts, less) = &statistic.measure else { continue };
            for cell in 0..self.cube.cells() {
                let parts = parts.iter().map(|&part| ((part, cell), true));
                let less = less.iter().map(|&part| ((part, cell), false));
                equations.push(parts.chain(less).chain([((line, cell), false)]).collect());
            }
        }
        self.handed_on(&mut equations);
        let holds = |terms: &Vec<(Place, bool)>| {
            let sum = terms.iter().try_fold(Decimal::ZERO, |sum, &(place, plus)| {
                let value = self.value(place)?;
                if plus { sum.checked_add(value) } else { sum.checked_sub(value) }
            });
            sum == Some(Decimal::ZERO)
        };
        equations.retain(holds);
        self.equations = equations.into_iter().map(|terms| Equation { terms }).collect();
    }

    /// What stands at the end of one period stands at the start of the next: two names for one number.
    fn handed_on(&self, equations: &mut Vec<Vec<(Place, bool)>>) {
        let Some(axis) = self.cube.axes.iter().position(|axis| axis.groups.iter().any(|group| group.days.is_some())) else { return };
        let groups = self.cube.axes[axis].groups.len();
        let stands = |line: usize, edge: Edge| matches!(&self.statistics.list[line].measure, Measure::Standing { on, .. } if *on == edge);
        let lines = 0..self.cube.lines.len();
        let starts: Vec<usize> = lines.clone().filter(|&line| stands(line, Edge::Start)).collect();
        let ends = lines.filter(|&line| {
            let rests =
                matches!(&self.statistics.list[line].measure, Measure::Total(parts, _) if parts.iter().any(|part| starts.contains(part)));
            rests || stands(line, Edge::End)
        });
        for end in ends {
            for &start in &starts {
                for cell in (0..self.cube.cells()).filter(|&cell| self.cube.groups(cell)[axis].is_none()) {
                    let at = |group: usize| {
                        let mut place = self.cube.groups(cell);
                        place[axis] = Some(group);
                        self.cube.cell(&place)
                    };
                    let next = (1..groups).map(|group| ((end, at(group - 1)), (start, at(group))));
                    let whole = groups.checked_sub(1).map(|last| [((end, at(last)), (end, cell)), ((start, at(0)), (start, cell))]);
                    equations.extend(next.chain(whole.into_iter().flatten()).map(|(a, b)| vec![(a, true), (b, false)]));
                }
            }
        }
    }

    /// Gathers what is veiled; what is made of a veiled number by division is veiled too.
    fn settle(&mut self) {
        self.veiled = self.small.union(&self.beside).copied().collect();
        for (line, statistic) in self.statistics.list.iter().enumerate() {
            let (Measure::Share(a, b) | Measure::Ratio(a, b)) = &statistic.measure else { continue };
            for cell in 0..self.cube.cells() {
                let hidden = |at: usize| self.veiled.contains(&(at, cell));
                if (hidden(*a) || hidden(*b)) && self.value((line, cell)).is_some() {
                    self.veiled.insert((line, cell));
                }
            }
        }
    }

    /// Small numbers that a reader can tell all the same, as far as anybody could show the contrary.
    fn known(&self) -> BTreeSet<Place> {
        let bound = self.by_bounds();
        let open: Vec<Place> = self.small.iter().copied().filter(|place| !bound.contains(place)).collect();
        let sums = other::Sums::of(self);
        let mut safe: BTreeSet<Place> = BTreeSet::new();
        for place in &open {
            if !safe.contains(place) {
                // Whatever has another number in it there is safe along with this one.
                safe.extend(sums.other(*place, MAX_STEPS).into_iter().flatten());
            }
        }
        bound.into_iter().chain(open.into_iter().filter(|place| !safe.contains(place))).collect()
    }

    /// By bounds alone: what the sums leave for each veiled number.
    fn by_bounds(&self) -> BTreeSet<Place> {
        let mut bounds: BTreeMap<Place, Bounds> =
            self.veiled.iter().map(|&place| (place, Bounds { low: self.least(place.0), high: None })).collect();
        let touched: Vec<&Equation> = self.touched().map(|at| &self.equations[at]).collect();
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for equation in &touched {
                changed |= self.narrow(equation, &mut bounds);
            }
            if !changed {
                break;
            }
        }
        self.small.iter().copied().filter(|place| bounds.get(place).is_some_and(|b| b.high == Some(b.low))).collect()
    }

    /// The least that a veiled number of a line may be: a nought of persons is not veiled.
    fn least(&self, line: usize) -> Decimal {
        if self.statistics.list[line].people { Decimal::ONE } else { Decimal::ZERO }
    }

    /// Equations that hold a veiled number.
    fn touched(&self) -> impl Iterator<Item = usize> {
        let all: BTreeSet<usize> = self.veiled.iter().filter_map(|place| self.by_place.get(place)).flatten().copied().collect();
        all.into_iter()
    }

    /// Draws from one sum what it says of each of its veiled numbers.
    fn narrow(&self, equation: &Equation, bounds: &mut BTreeMap<Place, Bounds>) -> bool {
        let mut changed = false;
        for &(place, plus) in equation.terms.iter().filter(|(place, _)| self.veiled.contains(place)) {
            // The others on its own side are taken away from those on the other side.
            let (mut low, mut high) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
            for &(other, sign) in equation.terms.iter().filter(|(other, _)| *other != place) {
                let (least, most) = match bounds.get(&other) {
                    Some(b) => (Some(b.low), b.high),
                    None => (self.value(other), self.value(other)),
                };
                let add = |sum: Option<Decimal>, n: Option<Decimal>| sum.zip(n).and_then(|(sum, n)| sum.checked_add(n));
                let take = |sum: Option<Decimal>, n: Option<Decimal>| sum.zip(n).and_then(|(sum, n)| sum.checked_sub(n));
                if sign == plus {
                    (low, high) = (take(low, most), take(high, least));
                } else {
                    (low, high) = (add(low, least), add(high, most));
                }
            }
            let Some(own) = bounds.get_mut(&place) else { continue };
            let before = *own;
            own.low = low.map_or(own.low, |low| low.max(own.low));
            own.high = match (own.high, high) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            changed |= before != *own;
        }
        changed
    }

    /// Veils one more number beside each of those that a reader can tell. Whether there was one.
    fn veil_beside(&mut self, known: &BTreeSet<Place>) -> bool {
        let mut more: BTreeSet<Place> = BTreeSet::new();
        for place in known {
            let near = self.by_place.get(place).into_iter().flatten().copied().collect::<BTreeSet<usize>>();
            if near.iter().any(|&at| self.equations[at].terms.iter().any(|(place, _)| more.contains(place))) {
                // What was just veiled may be enough; the next round tells.
                continue;
            }
            more.extend(self.smallest(near));
        }
        if more.is_empty() {
            return false;
        }
        self.beside.extend(more);
        self.settle();
        true
    }

    /// Shows again what turned out not to be needed, the largest first.
    fn spare(&mut self) {
        if self.beside.len() > MAX_SPARED {
            return;
        }
        let mut largest: Vec<Place> = self.beside.iter().copied().collect();
        largest.sort_by_key(|place| std::cmp::Reverse((self.value(*place), *place)));
        for place in largest {
            self.beside.remove(&place);
            self.settle();
            if !self.known().is_empty() {
                self.beside.insert(place);
            }
        }
        self.settle();
    }

    /// The smallest visible number in some sums, or in those that touch them, and so on; totals last, noughts never.
    fn smallest(&self, mut near: BTreeSet<usize>) -> Option<Place> {
        loop {
            let terms = near.iter().flat_map(|&at| self.equations[at].terms.iter().map(|(place, _)| *place));
            let free = terms.filter(|place| !self.veiled.contains(place) && self.value(*place).is_some_and(|n| !n.is_zero()));
            let rank = |place: &Place| {
                let together = self.cube.groups(place.1).iter().filter(|group| group.is_none()).count();
                let value = self.value(*place).unwrap_or_default();
                (together, value, *place)
            };
            if let Some(best) = free.min_by_key(rank) {
                return Some(best);
            }
            let places = near.iter().flat_map(|&at| self.equations[at].terms.iter().map(|(place, _)| *place));
            let wider: BTreeSet<usize> = places.filter_map(|place| self.by_place.get(&place)).flatten().copied().collect();
            if wider.len() == near.len() {
                return None;
            }
            near = wider;
        }
    }
}
