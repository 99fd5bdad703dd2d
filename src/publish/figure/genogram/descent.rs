//! The lines from parents to children.

use super::super::geometry::{Point, at};
use super::super::svg::{Anchor, Ink, Svg, Text};
use super::family::ParentKind;
use super::kin::Sibship;
use super::symbol::{LINE, Symbol};

/// The dashes of foster care.
const DASH: [f64; 2] = [5.0, 3.5];
/// Half the distance between the two lines of an adoption.
const PARALLEL: f64 = 2.5;
/// How far apart two lines to one child come down.
const SEVERAL: f64 = 12.0;

/// The lines of one sibship.
#[derive(Clone, Debug)]
pub(crate) struct Descent {
    /// From the parents down, and along the siblings.
    pub trunk: Vec<Vec<Point>>,
    /// To each child.
    pub branches: Vec<(ParentKind, Vec<Point>)>,
    /// The bars between identical twins.
    pub bars: Vec<[Point; 2]>,
    /// The places by age, where the children do not stand in that order.
    pub numbers: Vec<Text>,
}

/// Where the line to one child arrives; several lines to one child arrive side by side.
pub(crate) fn arrival(centre: Point, line: usize, lines: usize) -> f64 {
    centre.x + (line as f64 - (lines as f64 - 1.0) / 2.0) * SEVERAL
}

/// Groups of twins, as ranges of the children's places; every other child is a group of one.
pub(crate) fn births(sibship: &Sibship) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, child) in sibship.children.iter().enumerate() {
        let same = |g: &&mut Vec<usize>| child.twin.is_some() && g.first().is_some_and(|first| sibship.children[*first].twin == child.twin);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(i),
            None => groups.push(vec![i]),
        }
    }
    groups
}

/// Draws up the lines: from the place where the children hang down to the height of the bar, along
/// it, and down to the children.
pub(crate) fn descent(sibship: &Sibship, (mut drop, bar): (Point, f64), arrivals: &[f64], centre: &[Point], symbols: &[Symbol]) -> Descent {
    let groups = births(sibship);
    let stem = |group: &[usize]| {
        let xs: Vec<f64> = group.iter().filter_map(|i| arrivals.get(*i).copied()).collect();
        (xs.iter().copied().fold(f64::MAX, f64::min) + xs.iter().copied().fold(f64::MIN, f64::max)) / 2.0
    };
    let stems: Vec<f64> = groups.iter().map(|g| stem(g)).collect();
    if let [only] = stems[..]
        && (only - drop.x).abs() < 2.0
    {
        drop.x = only;
    }
    let (low, high) = stems.iter().fold((drop.x, drop.x), |(l, h), x| (l.min(*x), h.max(*x)));
    let mut found = Descent { trunk: vec![vec![drop, at(drop.x, bar)]], branches: Vec::new(), bars: Vec::new(), numbers: Vec::new() };
    if high - low > 0.01 {
        found.trunk.push(vec![at(low, bar), at(high, bar)]);
    }
    for (group, x) in groups.iter().zip(&stems) {
        let apex = at(*x, bar);
        let mut ends = Vec::new();
        for i in group {
            let child = &sibship.children[*i];
            let c = centre[child.person];
            let half = symbols[child.person].half();
            let end = at(arrivals[*i], if c.y > bar { c.y - half } else { c.y + half });
            found.branches.push((child.kind, vec![apex, end]));
            ends.push((end, child.identical));
        }
        for pair in ends.windows(2) {
            if pair[0].1 && pair[1].1 {
                found.bars.push([apex.towards(pair[0].0, 0.55), apex.towards(pair[1].0, 0.55)]);
            }
        }
    }
    found
}

fn circled(number: usize) -> String {
    let circled = u32::try_from(number).ok().filter(|n| (1..=20).contains(n)).and_then(|n| char::from_u32(0x2460 + n - 1));
    circled.map_or_else(|| number.to_string(), String::from)
}

impl Descent {
    /// With the places by age beside the children.
    pub fn numbered(mut self, sibship: &Sibship, arrivals: &[f64], centre: &[Point], symbols: &[Symbol], font: f64) -> Descent {
        for (i, (child, x)) in sibship.children.iter().zip(arrivals).enumerate() {
            let y = centre[child.person].y - symbols[child.person].half() - 4.0 - font * 1.25;
            self.numbers.push(Text::new(at(x + 3.0, y), circled(i + 1), font, Anchor::Start));
        }
        self
    }

    pub fn draw(&self, svg: &mut Svg) {
        for line in &self.trunk {
            svg.polyline(line, Ink::line(LINE));
        }
        for (kind, line) in &self.branches {
            branch(svg, *kind, line);
        }
        for [from, to] in &self.bars {
            svg.line(*from, *to, Ink::line(LINE));
        }
        for number in &self.numbers {
            svg.text(number);
        }
    }
}

/// The line to one child: plain, dashed, or both side by side.
pub(crate) fn branch(svg: &mut Svg, kind: ParentKind, line: &[Point]) {
    let ink = Ink::line(LINE);
    let beside = |by: f64| line.iter().map(|p| p.plus(by, 0.0)).collect::<Vec<_>>();
    match kind {
        ParentKind::Birth | ParentKind::Step => svg.polyline(line, ink),
        ParentKind::Fostered => svg.polyline(line, ink.dashed(&DASH)),
        ParentKind::Adopted => {
            svg.polyline(&beside(-PARALLEL), ink);
            svg.polyline(&beside(PARALLEL), ink.dashed(&DASH));
        }
    }
}
