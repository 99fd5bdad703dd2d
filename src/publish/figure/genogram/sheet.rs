//! The layout of a family: where every symbol, word and structural line goes.

use super::super::geometry::{Point, Rect, at};
use super::super::svg::Text;
use super::bond::{self, BondLine, Draughtsman, Leg, Route, SINK};
use super::descent::{Descent, arrival, births, descent};
use super::family::Family;
use super::generation::{Generations, generations};
use super::kin::{Kin, Source};
use super::label::{Labels, Stem};
use super::order::{Order, order};
use super::place::{Row, Wish, place};
use super::symbol::{Symbol, U};
use super::track::tracks;
use super::unit::Units;
use super::words::Words;

/// The distance between two bars in one gap.
const TRACK: f64 = 10.0;
/// The least space around a bar.
const AIR: f64 = 9.0;

/// A family laid out.
#[derive(Clone, Debug)]
pub(crate) struct Sheet<'a> {
    pub kin: Kin<'a>,
    pub symbols: Vec<Symbol>,
    pub centre: Vec<Point>,
    pub labels: Vec<Labels>,
    pub bonds: Vec<BondLine>,
    pub descents: Vec<Descent>,
    /// The size of the words.
    pub font: f64,
}

impl<'a> Sheet<'a> {
    /// Lays the family out as of a year, with words of a size.
    pub fn of(family: &'a Family, year: i32, words: &Words, font: f64) -> Sheet<'a> {
        let kin = Kin::of(family);
        let generations = generations(&kin);
        let units = Units::of(&kin, &generations.rows);
        let order = order(&kin, &generations, &units);
        let plan = Plan { kin: &kin, generations: &generations, units: &units, order: &order, words, font };
        let symbols: Vec<Symbol> = family.people.iter().map(|p| Symbol::of(p, year)).collect();
        let labels = plan.labels(&symbols);
        let (routes, levels) = bond::routes(&kin, &generations.rows, &units, generations.count);
        let x = plan.columns(&symbols, &labels, &routes);
        let (centre, bonds, descents) = plan.lines(&symbols, &labels, &routes, &levels, &x);
        Sheet { symbols, centre, labels, bonds, descents, font, kin }
    }

    /// The box of a person's symbol.
    pub fn symbol(&self, person: usize) -> Rect {
        self.symbols[person].area(self.centre[person])
    }

    /// The box of a person's symbol and words.
    pub fn area(&self, person: usize) -> Rect {
        let area = self.labels[person].area(self.symbols[person].half());
        let c = self.centre[person];
        Rect::new(area.left + c.x, area.top + c.y, area.right + c.x, area.bottom + c.y)
    }

    /// All words: of people, of pairs, and the numbers of siblings.
    pub fn texts(&self) -> Vec<Text> {
        let people = (0..self.centre.len()).flat_map(|p| self.labels[p].at(self.centre[p]));
        let bonds = self.bonds.iter().flat_map(|b| b.texts.iter().cloned());
        people.chain(bonds).chain(self.descents.iter().flat_map(|d| d.numbers.iter().cloned())).collect()
    }

    /// All structural lines, each with the number of the family it belongs to.
    pub fn structure(&self) -> Vec<(usize, Vec<Point>)> {
        let source = |pair: usize| self.kin.sibships.iter().position(|s| s.source == Source::Pair(pair));
        let mut lines: Vec<(usize, Vec<Point>)> = Vec::new();
        for bond in &self.bonds {
            lines.push((source(bond.pair).unwrap_or(self.kin.sibships.len() + bond.pair), bond.path.clone()));
        }
        for (i, descent) in self.descents.iter().enumerate() {
            lines.extend(descent.trunk.iter().map(|l| (i, l.clone())));
            lines.extend(descent.branches.iter().map(|(_, l)| (i, l.clone())));
        }
        lines
    }

    /// The box of everything laid out so far.
    pub fn bounds(&self) -> Option<Rect> {
        let people = (0..self.centre.len()).map(|p| self.area(p));
        let lines = self.structure().into_iter().flat_map(|(_, l)| l).map(|p| Rect::new(p.x, p.y, p.x, p.y));
        people.chain(self.texts().iter().map(Text::area)).chain(lines).reduce(Rect::joined)
    }
}

struct Plan<'p, 'a> {
    kin: &'p Kin<'a>,
    generations: &'p Generations,
    units: &'p Units,
    order: &'p Order,
    words: &'p Words,
    font: f64,
}

impl Plan<'_, '_> {
    fn labels(&self, symbols: &[Symbol]) -> Vec<Labels> {
        let label = |person: usize| {
            let hung = self.kin.sibships.iter().any(|s| s.source == Source::One(person));
            Labels::of(self.kin.person(person), &symbols[person], self.stem(person), hung, self.font)
        };
        (0..self.kin.count()).map(label).collect()
    }

    fn stem(&self, person: usize) -> Stem {
        let Some(origin) = self.kin.origins[person].first() else { return Stem::None };
        let sibship = &self.kin.sibships[*origin];
        let place = sibship.children.iter().position(|c| c.person == person).unwrap_or(0);
        let group = births(sibship).into_iter().find(|g| g.contains(&place)).unwrap_or_default();
        // Twins stand as the row has them, which may be against their age.
        let spot = |p: usize| self.order.rows[self.generations.rows[p]].iter().position(|q| *q == p);
        let own = spot(person);
        let before = group.iter().filter(|i| spot(sibship.children[**i].person) < own).count();
        match (group.len(), before * 2 + 1) {
            (0 | 1, _) => Stem::Above,
            (all, twice) if twice < all => Stem::FromRight,
            (all, twice) if twice > all => Stem::FromLeft,
            _ => Stem::Above,
        }
    }

    /// Where everybody stands from left to right.
    fn columns(&self, symbols: &[Symbol], labels: &[Labels], routes: &[Route]) -> Vec<f64> {
        let areas: Vec<Rect> = (0..self.kin.count()).map(|p| labels[p].area(symbols[p].half())).collect();
        let mut wishes = Vec::new();
        let mut rows = Vec::new();
        let small = |p: usize| symbols[p].half() < U * 0.45;
        for people in &self.order.rows {
            let mut gaps = Vec::new();
            for pair in people.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                let slot = |p: usize| if small(p) { U / 2.0 } else { U };
                let mut gap = (slot(a) + slot(b)).max(areas[a].right - areas[b].left + 6.0);
                let mut weight = 0.004;
                if self.units.unit_of[a] != self.units.unit_of[b] {
                    let siblings = self.kin.origins[a].first() == self.kin.origins[b].first() && !self.kin.origins[a].is_empty();
                    gap += if siblings { 0.0 } else { U * 0.35 };
                    weight = if siblings { 0.02 } else { weight };
                }
                for (i, route) in routes.iter().enumerate() {
                    let p = &self.kin.pairs[i];
                    let tied = self.units.gap(self.kin, i) == Some((a, b));
                    let both = (p.a == a && p.b == b) || (p.a == b && p.b == a);
                    let legs = matches!(route, Route::Under { .. }) && (p.a == a || p.b == a || p.a == b || p.b == b);
                    if tied || both {
                        let leg = if legs { 14.0 } else { 0.0 };
                        let beside = (-areas[b].left).max(areas[a].right);
                        gap = gap.max(bond::room(self.kin, i, self.words, self.font, beside) + leg);
                        weight = 0.06;
                    } else if legs {
                        gap = gap.max(2.8 * U);
                    }
                }
                wishes.push(Wish { parts: vec![(a, -1.0), (b, 1.0)], goal: gap, weight });
                gaps.push(gap);
            }
            rows.push(Row { people: people.clone(), gaps });
        }
        for sibship in &self.kin.sibships {
            let (Some(first), Some(last)) = (sibship.children.first(), sibship.children.last()) else { continue };
            let ends = self.ends(sibship.children.iter().map(|c| c.person)).unwrap_or((first.person, last.person));
            let mut parts = match sibship.source {
                Source::One(person) => vec![(person, 1.0)],
                Source::Pair(pair) => {
                    let (a, b) = self.units.gap(self.kin, pair).unwrap_or((self.kin.pairs[pair].a, self.kin.pairs[pair].b));
                    vec![(a, 0.5), (b, 0.5)]
                }
            };
            parts.extend([(ends.0, -0.5), (ends.1, -0.5)]);
            wishes.push(Wish { parts, goal: 0.0, weight: 30.0 });
        }
        place(self.kin.count(), &rows, &wishes)
    }

    /// The outermost two of some people.
    fn ends(&self, people: impl Iterator<Item = usize>) -> Option<(usize, usize)> {
        let spot = |p: &usize| self.order.rows[self.generations.rows[*p]].iter().position(|q| q == p);
        let people: Vec<usize> = people.collect();
        Some((*people.iter().min_by_key(|p| spot(p))?, *people.iter().max_by_key(|p| spot(p))?))
    }

    /// The heights of the rows, and all structural lines.
    fn lines(
        &self,
        symbols: &[Symbol],
        labels: &[Labels],
        routes: &[Route],
        levels: &[usize],
        x: &[f64],
    ) -> (Vec<Point>, Vec<BondLine>, Vec<Descent>) {
        let row_of = &self.generations.rows;
        let count = self.generations.count;
        let arrivals: Vec<Vec<f64>> = self
            .kin
            .sibships
            .iter()
            .enumerate()
            .map(|(i, s)| {
                let one = |p: usize| {
                    let lines = &self.kin.origins[p];
                    arrival(at(x[p], 0.0), lines.iter().position(|l| *l == i).unwrap_or(0), lines.len())
                };
                s.children.iter().map(|c| one(c.person)).collect()
            })
            .collect();
        let drops: Vec<f64> = self
            .kin
            .sibships
            .iter()
            .map(|s| match s.source {
                Source::One(person) => x[person],
                Source::Pair(pair) => {
                    let (a, b) = self.units.gap(self.kin, pair).unwrap_or((self.kin.pairs[pair].a, self.kin.pairs[pair].b));
                    (x[a] + x[b]) / 2.0
                }
            })
            .collect();
        let source_row = |i: usize| self.kin.parents_in(self.kin.sibships[i].source).iter().map(|p| row_of[*p]).max().unwrap_or(0);
        let mut track = vec![0; self.kin.sibships.len()];
        let mut tracks_in = Vec::with_capacity(count);
        for row in 0..count {
            let here: Vec<usize> = (0..self.kin.sibships.len()).filter(|i| source_row(*i) == row).collect();
            let bars: Vec<(f64, Vec<f64>)> = here.iter().map(|i| (drops[*i], arrivals[*i].clone())).collect();
            let (found, needed) = tracks(&bars);
            for (i, t) in here.iter().zip(found) {
                track[*i] = t;
            }
            tracks_in.push(needed.max(1));
        }
        let extent = |row: usize, of: fn(Rect) -> f64| {
            let people = self.order.rows.get(row).map(Vec::as_slice).unwrap_or_default();
            people.iter().map(|p| of(labels[*p].area(symbols[*p].half()))).fold(U / 2.0, f64::max)
        };
        let numbered = |row: usize| {
            (0..self.kin.sibships.len())
                .any(|i| self.order.moved[i] && self.kin.sibships[i].children.iter().any(|c| row_of[c.person] == row))
        };
        let (mut y, mut heights, mut floors, mut middles) = (0.0, Vec::new(), Vec::new(), Vec::new());
        for row in 0..count {
            heights.push(y);
            let below = extent(row, |a| a.bottom);
            floors.push(y + below + 8.0);
            let under = if levels[row] > 0 { 8.0 + SINK * (levels[row] - 1) as f64 } else { 0.0 };
            let above = extent(row + 1, |a| -a.top) + if numbered(row + 1) { self.font * 1.1 } else { 0.0 };
            let bars = TRACK * (tracks_in[row] - 1) as f64;
            let pitch = (3.0 * U).max(below + under + bars + above + 2.0 * AIR);
            middles.push(y + (below + under + pitch - above) / 2.0);
            y += pitch;
        }
        let centre: Vec<Point> = (0..self.kin.count()).map(|p| at(x[p], heights[row_of[p]])).collect();
        let leg = |person: usize, lane: usize| {
            let hung = labels[person].texts.iter().filter(|t| t.at.y > 0.0).map(|t| t.area().right.max(-t.area().left));
            Leg { offset: hung.fold(U / 2.0 + 6.0, f64::max) + 4.0 + 5.0 * lane as f64 }
        };
        let draughtsman = Draughtsman { kin: self.kin, units: self.units, centre: &centre, symbols, words: self.words, font: self.font };
        let bonds: Vec<BondLine> = (0..self.kin.pairs.len())
            .map(|i| {
                let pair = &self.kin.pairs[i];
                let legs = match routes[i] {
                    Route::Under { lane_a, lane_b, .. } => (leg(pair.a, lane_a), leg(pair.b, lane_b)),
                    _ => (leg(pair.a, 0), leg(pair.b, 0)),
                };
                draughtsman.bond(i, routes[i], floors[row_of[pair.a]], legs)
            })
            .collect();
        let descents = (0..self.kin.sibships.len())
            .map(|i| {
                let sibship = &self.kin.sibships[i];
                let drop = match sibship.source {
                    Source::One(person) => centre[person].plus(0.0, symbols[person].half()),
                    Source::Pair(pair) => bonds[pair].drop,
                };
                let row = source_row(i);
                let bar = middles[row] + TRACK * (track[i] as f64 - (tracks_in[row] - 1) as f64 / 2.0);
                let found = descent(sibship, (drop, bar), &arrivals[i], &centre, symbols);
                if self.order.moved[i] { found.numbered(sibship, &arrivals[i], &centre, symbols, self.font) } else { found }
            })
            .collect();
        (centre, bonds, descents)
    }
}
