//! The paths of lines between symbols: around symbols and words, crossing as little as possible.
//!
//! Every line tries many curves, the best few are improved by small steps; the cheapest wins.

use super::geometry::{Point, Rect, along, at, crossings, length};
use super::line::cubic;
use super::svg::{Anchor, Text, text_width, wrap_evenly};

/// The unit of all sizes.
const U: f64 = 40.0;

/// What a tie should keep clear of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Obstacles {
    pub symbols: Vec<(usize, Rect)>,
    pub words: Vec<Rect>,
    pub lines: Vec<Vec<Point>>,
    pub borders: Vec<Vec<Point>>,
    pub ties: Vec<Vec<Point>>,
}

/// The best path between two places; `ends` are the numbers of the symbols there, `clip` cuts a curve
/// to the part outside them, `clear` is the room the line takes to either side.
pub(crate) fn path(
    obstacles: &Obstacles,
    (from, to): (Point, Point),
    ends: (usize, usize),
    clear: f64,
    clip: impl Fn(&[Point]) -> Vec<Point>,
) -> Vec<Point> {
    let near = obstacles.near(Rect::new(from.x, from.y, from.x, from.y).with(to).grown(4.0 * U));
    let price = |bow: &Bow, limit: f64| {
        let path = clip(&bow.line(from, to));
        (near.cost(&path, ends, from.distance(to), clear, limit), path)
    };
    cheapest(candidates(from, to), price).unwrap_or_else(|| vec![from, to])
}

/// A curve between two symbols, by the two handles that pull it aside.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bow {
    one: Point,
    two: Point,
}

impl Bow {
    fn line(&self, from: Point, to: Point) -> Vec<Point> {
        if self.one.off_segment(from, to) < 0.5 && self.two.off_segment(from, to) < 0.5 {
            return vec![from, to];
        }
        cubic(from, self.one, self.two, to)
    }
}

/// The curves to try, plain ones first.
fn candidates(from: Point, to: Point) -> Vec<Bow> {
    let distance = from.distance(to);
    let h = from.heading(to);
    let mut found = Vec::new();
    for bend in [0.0, 0.2, -0.2, 0.35, -0.35, 0.5, -0.5, 0.7, -0.7, 1.0, -1.0, 1.4, -1.4, 1.9, -1.9, 2.5, -2.5] {
        let bend: f64 = bend * U * 4.0 / 3.0;
        if bend.abs() <= distance.max(U) {
            let aside = |part: f64| from.towards(to, part).plus(-h.y * bend, h.x * bend);
            found.push(Bow { one: aside(1.0 / 3.0), two: aside(2.0 / 3.0) });
        }
    }
    let ways = [(1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7), (-1.0, 0.0), (-0.7, -0.7), (0.0, -1.0), (0.7, -0.7)];
    for reach in [0.3, 0.55] {
        let reach = (reach * distance).clamp(1.4 * U, 4.5 * U);
        for (ax, ay) in ways {
            for (bx, by) in ways {
                found.push(Bow { one: from.plus(ax * reach, ay * reach), two: to.plus(bx * reach, by * reach) });
            }
        }
    }
    found
}

/// The best of the candidates, the best few improved by small steps of their handles.
fn cheapest(candidates: Vec<Bow>, price: impl Fn(&Bow, f64) -> (f64, Vec<Point>)) -> Option<Vec<Point>> {
    let mut best: Vec<(f64, Bow, Vec<Point>)> = Vec::new();
    for bow in candidates {
        let limit = best.get(KEPT - 1).map_or(f64::MAX, |b| b.0);
        let (cost, path) = price(&bow, limit);
        if cost < limit {
            // Of curves much alike only the best is worth improving.
            let alike = |b: &Bow| b.one.distance(bow.one) + b.two.distance(bow.two) < 1.5 * U;
            if best.iter().any(|b| b.0 <= cost && alike(&b.1)) {
                continue;
            }
            best.retain(|b| !alike(&b.1));
            let place = best.iter().position(|b| cost < b.0).unwrap_or(best.len());
            best.insert(place, (cost, bow, path));
            best.truncate(KEPT);
        }
    }
    for (cost, bow, path) in &mut best {
        for step in [0.8 * U, 0.4 * U, 0.15 * U] {
            for _ in 0..4 {
                let before = *cost;
                for (ax, ay, bx, by) in STEPS {
                    let tried = Bow { one: bow.one.plus(ax * step, ay * step), two: bow.two.plus(bx * step, by * step) };
                    let (c, p) = price(&tried, *cost);
                    if c < *cost - 0.01 {
                        (*cost, *bow, *path) = (c, tried, p);
                    }
                }
                if *cost >= before {
                    break;
                }
            }
        }
    }
    best.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|b| b.2)
}

/// How many candidates are improved.
const KEPT: usize = 6;
/// The ways to move the two handles.
const STEPS: [(f64, f64, f64, f64); 12] = [
    (1.0, 0.0, 0.0, 0.0),
    (-1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, -1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, -1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, -1.0),
    (1.0, 0.0, 1.0, 0.0),
    (-1.0, 0.0, -1.0, 0.0),
    (0.0, 1.0, 0.0, 1.0),
    (0.0, -1.0, 0.0, -1.0),
];

impl Obstacles {
    /// What lies near enough to matter.
    fn near(&self, area: Rect) -> Obstacles {
        let box_of = |line: &Vec<Point>| line.iter().map(|p| Rect::new(p.x, p.y, p.x, p.y)).reduce(Rect::joined);
        let meets = |line: &&Vec<Point>| box_of(line).is_some_and(|b| b.grown(0.1).meets(area));
        let lines = |from: &[Vec<Point>]| from.iter().filter(meets).cloned().collect::<Vec<_>>();
        Obstacles {
            symbols: self.symbols.iter().filter(|s| s.1.meets(area)).copied().collect(),
            words: self.words.iter().filter(|w| w.meets(area)).copied().collect(),
            lines: lines(&self.lines),
            borders: lines(&self.borders),
            ties: lines(&self.ties),
        }
    }

    /// What a path costs; given up once it is over the limit.
    fn cost(&self, path: &[Point], ends: (usize, usize), straight: f64, clear: f64, limit: f64) -> f64 {
        if path.len() < 2 {
            return f64::MAX;
        }
        let total = length(path);
        let mut cost = (total - straight).max(0.0) * 0.12 + total * 0.01;
        let samples: Vec<(Point, Point)> = {
            let count = (total / 5.0).ceil().clamp(4.0, 400.0) as usize;
            (0..=count).map(|i| along(path, total * i as f64 / count as f64)).collect()
        };
        // Sharp turns look like something they are not.
        cost += samples
            .windows(2)
            .map(|w| (w[0].1.x * w[1].1.y - w[0].1.y * w[1].1.x).abs())
            .map(|turn| turn * turn * 40.0 + turn)
            .sum::<f64>()
            * 2.0;
        let reach = path.iter().fold(Rect::around(path[0], 1.0, 1.0), |r, p| r.with(*p)).grown(14.0);
        let far = |a: Point, b: Point| !Rect::new(a.x, a.y, a.x, a.y).with(b).grown(0.1).meets(reach);
        for (person, area) in self.symbols.iter().filter(|s| s.1.meets(reach)) {
            let own = *person == ends.0 || *person == ends.1;
            let area = area.grown(if own { -2.0 } else { clear + 2.0 });
            let hits = samples.iter().filter(|s| area.holds(s.0)).count();
            if hits > 0 {
                cost += if own { 25.0 } else { 300.0 } + 20.0 * hits as f64;
            }
            if cost > limit {
                return cost;
            }
        }
        for word in self.words.iter().filter(|w| w.meets(reach)) {
            let hits = samples.iter().filter(|s| word.grown(clear).holds(s.0)).count();
            if hits > 0 {
                cost += 140.0 + 12.0 * hits as f64;
            }
            if cost > limit {
                return cost;
            }
        }
        for line in &self.lines {
            cost += 10.0 * crossings(path, line) as f64;
            for pair in line.windows(2).filter(|w| !far(w[0], w[1])) {
                let heading = pair[0].heading(pair[1]);
                let alongside = samples
                    .iter()
                    .filter(|(p, h)| (h.x * heading.x + h.y * heading.y).abs() > 0.85 && p.off_segment(pair[0], pair[1]) < 4.0 + clear);
                cost += 9.0 * alongside.count() as f64;
            }
        }
        if cost > limit {
            return cost;
        }
        for line in &self.borders {
            cost += 4.0 * crossings(path, line) as f64;
        }
        for tie in &self.ties {
            cost += 70.0 * crossings(path, tie) as f64;
            let close = samples.iter().filter(|(p, _)| tie.windows(2).any(|w| !far(w[0], w[1]) && p.off_segment(w[0], w[1]) < 9.0));
            cost += 12.0 * close.count() as f64;
        }
        cost
    }
}

/// A word beside a path, where most room is; long ones in several lines.
pub(crate) fn beside(path: &[Point], note: &str, font: f64, all: &Obstacles) -> Vec<Text> {
    let total = length(path);
    let lines = wrap_evenly(note, font, font * 6.5);
    let half_width = lines.iter().map(|l| text_width(l, font)).fold(0.0, f64::max) / 2.0;
    let half_height = lines.len() as f64 * font * 0.55;
    let crossed =
        |area: Rect, lines: &[Vec<Point>]| lines.iter().flat_map(|l| l.windows(2)).filter(|w| area.crossed_by(w[0], w[1])).count();
    let mut best: Option<(f64, Point)> = None;
    for part in [0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.2, 0.8] {
        for side in [1.0, -1.0] {
            let (p, h) = along(path, total * part);
            // As far out as the box needs in this direction.
            let away = 7.0 + h.y.abs() * half_width + h.x.abs() * half_height;
            let middle = at(p.x - h.y * side * away, p.y + h.x * side * away);
            let area = Rect::around(middle, half_width + 1.5, half_height + 1.5);
            let symbols = all.symbols.iter().filter(|s| s.1.meets(area)).count();
            let words = all.words.iter().filter(|w| w.meets(area)).count();
            let lines = crossed(area, &all.lines) * 3 + crossed(area, &all.ties) * 3 + crossed(area, &all.borders);
            let cost = (symbols * 100 + words * 80 + lines * 20) as f64 + (part - 0.5f64).abs() * 10.0;
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, middle));
            }
        }
    }
    let middle = best.map_or_else(Point::default, |b| b.1);
    let line = |(i, line): (usize, String)| {
        let up = (i as f64 - (half_height / font / 0.55 - 1.0) / 2.0) * font * 1.1;
        Text::new(at(middle.x, middle.y + up + font * 0.36), line, font, Anchor::Middle)
    };
    lines.into_iter().enumerate().map(line).collect()
}
