//! The lines between partners.

use super::super::geometry::{Point, Rect, at};
use super::super::svg::{Anchor, Ink, Svg, Text};
use super::family::{Bond, Status};
use super::kin::{Kin, Source};
use super::label::widest;
use super::symbol::{LINE, Symbol, U};
use super::unit::Units;
use super::words::Words;

/// How much lower each further line of a person runs.
pub(crate) const SINK: f64 = 0.4 * U;
/// The dashes of a partnership without marriage.
const DASH: [f64; 2] = [6.0, 4.0];

/// How far words stand above slashes.
const LIFT: f64 = 11.0;

/// How a pair's line runs, as far as the order alone decides it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Route {
    /// Straight between neighbours, this much below their centres.
    Straight(f64),
    /// Under the people between, on this level (from 0).
    Under { level: usize, lane_a: usize, lane_b: usize },
    /// Between two rows.
    Slant,
}

/// The line of a pair.
#[derive(Clone, Debug)]
pub(crate) struct BondLine {
    pub pair: usize,
    pub path: Vec<Point>,
    /// Where children hang.
    pub drop: Point,
    pub slashes: usize,
    /// The middle of the slashes.
    pub slash: Point,
    pub bond: Bond,
    pub texts: Vec<Text>,
}

/// The routes of all pairs, and for each row how many levels run under it.
pub(crate) fn routes(kin: &Kin<'_>, rows: &[usize], units: &Units, count: usize) -> (Vec<Route>, Vec<usize>) {
    let mut found = vec![Route::Slant; kin.pairs.len()];
    let mut levels = vec![0; count];
    let mut under: Vec<(usize, usize, usize, usize)> = Vec::new();
    let mut neighbours: Vec<(usize, usize)> = Vec::new();
    for (i, pair) in kin.pairs.iter().enumerate() {
        if units.unit_of[pair.a] != units.unit_of[pair.b] {
            continue;
        }
        let (low, high) = (units.place_of[pair.a].min(units.place_of[pair.b]), units.place_of[pair.a].max(units.place_of[pair.b]));
        let unit = units.unit_of[pair.a];
        if high == low + 1 && !neighbours.contains(&(unit, low)) {
            neighbours.push((unit, low));
            let earlier = [pair.a, pair.b].iter().any(|p| kin.pairs_in_time(*p).last() != Some(&i));
            found[i] = Route::Straight(if earlier { SINK } else { 0.0 });
        } else {
            under.push((high - low, unit, low, i));
        }
    }
    under.sort_unstable();
    let mut taken: Vec<(usize, usize, usize, usize)> = Vec::new();
    let mut legs: Vec<(usize, bool)> = Vec::new();
    for (span, unit, low, i) in under {
        let high = low + span;
        let meets = |t: &&(usize, usize, usize, usize)| t.0 == unit && t.1 < high && low < t.2;
        let level = taken.iter().filter(meets).map(|t| t.3 + 1).max().unwrap_or(0);
        taken.push((unit, low, high, level));
        let pair = &kin.pairs[i];
        let mut lane = |person: usize| {
            let leg = (person, units.place_of[person] == low);
            let lane = legs.iter().filter(|l| **l == leg).count();
            legs.push(leg);
            lane
        };
        found[i] = Route::Under { level, lane_a: lane(pair.a), lane_b: lane(pair.b) };
        let row = rows[pair.a];
        levels[row] = levels[row].max(level + 1);
        // Whoever has a leg beside a straight line needs both apart.
        for route in neighbours_of(kin, units, pair.a).into_iter().chain(neighbours_of(kin, units, pair.b)) {
            if let Route::Straight(sink) = &mut found[route] {
                *sink = sink.min(0.15 * U);
            }
        }
    }
    (found, levels)
}

fn neighbours_of(kin: &Kin<'_>, units: &Units, person: usize) -> Vec<usize> {
    let near = |p: &usize| {
        let pair = &kin.pairs[*p];
        units.unit_of[pair.a] == units.unit_of[pair.b] && units.place_of[pair.a].abs_diff(units.place_of[pair.b]) == 1
    };
    kin.pairs_of[person].iter().copied().filter(near).collect()
}

/// The words on a pair's line, from top to bottom.
pub(crate) fn words_of(kin: &Kin<'_>, pair: usize, words: &Words) -> Vec<String> {
    let union = &kin.family.unions[kin.pairs[pair].union];
    let mut lines = Vec::new();
    if let Some(from) = union.from {
        let mark = if union.bond == Bond::Marriage { &words.married_mark } else { &words.cohabiting_mark };
        lines.push(format!("{mark}{from}"));
    }
    if let Some(to) = union.to {
        match union.status {
            Status::Divorced => lines.push(format!("{}{to}", words.divorced_mark)),
            Status::Separated => lines.push(format!("{}{to}", words.separated_mark)),
            Status::Widowed => {}
            Status::Current => {
                if let Some(line) = lines.last_mut() {
                    *line = format!("{line}–{to}");
                }
            }
        }
    }
    lines
}

/// How far apart two neighbours with this pair's line between them have to stand; `beside` is how
/// far the words above them reach towards each other.
pub(crate) fn room(kin: &Kin<'_>, pair: usize, words: &Words, font: f64, beside: f64) -> f64 {
    let lines = words_of(kin, pair, words);
    let width = widest(&lines, font);
    // Several lines of words, or large ones, rise to the height of the years.
    let top = LIFT + font * (0.86 + 1.05 * (lines.len() as f64 - 1.0));
    let high = if top > U / 2.0 + 3.0 { width + 2.0 * beside + 8.0 } else { 0.0 };
    (2.4 * U).max(U + width + 16.0).max(high)
}

/// Where a leg of a line under others leaves the person.
pub(crate) struct Leg {
    /// How far from the centre it runs down.
    pub offset: f64,
}

/// What the lines of pairs are drawn up from.
pub(crate) struct Draughtsman<'d, 'a> {
    pub kin: &'d Kin<'a>,
    pub units: &'d Units,
    pub centre: &'d [Point],
    pub symbols: &'d [Symbol],
    pub words: &'d Words,
    pub font: f64,
}

impl Draughtsman<'_, '_> {
    /// Draws up the line of a pair. `floor` is the height of level 0 under the row; `legs` are those of a and b.
    pub fn bond(&self, pair: usize, route: Route, floor: f64, legs: (Leg, Leg)) -> BondLine {
        let Draughtsman { kin, units, centre, symbols, words, font } = *self;
        let union = &kin.family.unions[kin.pairs[pair].union];
        let (a, b) = (kin.pairs[pair].a, kin.pairs[pair].b);
        let (left, right, left_leg, right_leg) = if centre[a].x <= centre[b].x { (a, b, legs.0, legs.1) } else { (b, a, legs.1, legs.0) };
        let (l, r) = (centre[left], centre[right]);
        let (path, drop) = match route {
            Route::Straight(sink) => {
                let from = at(l.x + side(&symbols[left], sink), l.y + sink);
                let to = at(r.x - side(&symbols[right], sink), r.y + sink);
                (vec![from, to], at((l.x + r.x) / 2.0, l.y + sink))
            }
            Route::Under { level, lane_a, lane_b } => {
                let exit = 0.42 * U;
                let depth = floor + SINK * level as f64;
                let (lane_l, lane_r) = if left == a { (lane_a, lane_b) } else { (lane_b, lane_a) };
                let exit = |lane: usize| exit - 2.0 * lane as f64;
                let (xl, xr) = (l.x + left_leg.offset, r.x - right_leg.offset);
                let (yl, yr) = (l.y + exit(lane_l), r.y + exit(lane_r));
                let path = vec![
                    at(l.x + side(&symbols[left], yl - l.y), yl),
                    at(xl, yl),
                    at(xl, depth),
                    at(xr, depth),
                    at(xr, yr),
                    at(r.x - side(&symbols[right], yr - r.y), yr),
                ];
                let middle = units.gap(kin, pair).map_or((xl + xr) / 2.0, |(p, q)| (centre[p].x + centre[q].x) / 2.0);
                (path, at(middle.clamp(xl, xr.max(xl)), depth))
            }
            Route::Slant => {
                let heading = l.heading(r);
                let (start, end) = (symbols[left].reach(heading), symbols[right].reach(heading));
                let from = l.plus(heading.x * start, heading.y * start);
                let to = r.plus(-heading.x * end, -heading.y * end);
                (vec![from, to], from.towards(to, 0.5))
            }
        };
        let lines = words_of(kin, pair, words);
        let slashes = match union.status {
            Status::Separated => 1,
            Status::Divorced => 2,
            Status::Current | Status::Widowed => 0,
        };
        let lift = if slashes > 0 { LIFT } else { 4.0 };
        let count = lines.len();
        let texts = lines.into_iter().enumerate().map(|(i, line)| {
            let up = (count - 1 - i) as f64 * font * 1.05 + lift;
            Text::new(drop.plus(0.0, -up), line, font, Anchor::Middle)
        });
        // Beside the drop, so that the slashes are not taken for part of it.
        let has_children = kin.sibships.iter().any(|s| s.source == Source::Pair(pair));
        let slash = if has_children { drop.plus(if slashes == 2 { 11.0 } else { 9.0 }, 0.0) } else { drop };
        BondLine { pair, path, drop, slashes, slash, bond: union.bond, texts: texts.collect() }
    }
}

/// Where a symbol's outline is, this far below its centre.
fn side(symbol: &Symbol, below: f64) -> f64 {
    let half = symbol.half();
    let below = below.abs().min(half);
    match (symbol.kind, symbol.sex) {
        (super::family::Kind::Person, super::family::Sex::Male) => half,
        (super::family::Kind::Person, super::family::Sex::Unknown) => half - below,
        _ => (half * half - below * below).max(0.0).sqrt(),
    }
}

impl BondLine {
    pub fn draw(&self, svg: &mut Svg) {
        let ink = Ink::line(LINE);
        svg.polyline(&self.path, if self.bond == Bond::Cohabitation { ink.dashed(&DASH) } else { ink });
        slashes(svg, self.slash, self.slashes);
        for text in &self.texts {
            svg.text(text);
        }
    }

    /// The boxes of its words.
    pub fn areas(&self) -> Vec<Rect> {
        self.texts.iter().map(Text::area).collect()
    }
}

/// One slash for separation, two for divorce.
pub(crate) fn slashes(svg: &mut Svg, middle: Point, count: usize) {
    for i in 0..count {
        let x = middle.x + (i as f64 - (count as f64 - 1.0) / 2.0) * 6.0;
        svg.line(at(x - 4.0, middle.y + 8.0), at(x + 4.0, middle.y - 8.0), Ink::line(LINE));
    }
}

/// A partnership's line for the legend.
pub(crate) fn sample(svg: &mut Svg, from: Point, to: Point, bond: Bond, marks: usize) {
    let ink = Ink::line(LINE);
    svg.line(from, to, if bond == Bond::Cohabitation { ink.dashed(&DASH) } else { ink });
    slashes(svg, from.towards(to, 0.5), marks);
}
