//! Where circles and lines of an ecomap go.

use super::super::geometry::{Point, Rect, along, at, length};
use super::super::line::{curve, part};
use super::super::route::{Obstacles, beside, path};
use super::super::svg::{Anchor, Svg, Text, text_width, wrap_evenly};
use super::super::{colour, genogram};
use super::{Domain, Ecomap, FONT, Flow, Quality, circle_area};
use std::f64::consts::{PI, TAU};

const U: f64 = 40.0;

/// A system's circle.
#[derive(Clone, Debug)]
pub(crate) struct Circle {
    pub centre: Point,
    pub radius: f64,
    pub lines: Vec<String>,
}

/// A tie's line from the centre outwards.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The number of the system's circle.
    pub circle: usize,
    pub path: Vec<Point>,
    pub quality: Quality,
    pub flow: Flow,
    pub note: Vec<Text>,
}

/// The arc and word outside the systems of one domain.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub domain: Domain,
    pub arc: Vec<Point>,
    pub word_at: Point,
    pub anchor: Anchor,
}

/// The family inside the centre.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub drawing: Svg,
    pub origin: Point,
    pub scale: f64,
    /// Each person's id, place and reach.
    people: Vec<(String, Point, f64)>,
    words: Vec<Rect>,
    lines: Vec<Vec<Point>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub centre: (Point, f64),
    pub centre_lines: Vec<String>,
    pub inner: Option<Inner>,
    /// Where the name of the family stands on its circle.
    pub name: Text,
    pub circles: Vec<Circle>,
    pub groups: Vec<Group>,
    pub ties: Vec<Line>,
    pub bounds: Rect,
}

pub(crate) fn layout(ecomap: &Ecomap, year: i32, words: &genogram::Words) -> Layout {
    let middle = at(0.0, 0.0);
    let inner = ecomap.family.as_ref().and_then(|f| inner(f, year, words));
    let centre_lines = wrap_evenly(&ecomap.centre, FONT + 2.0, 2.2 * U);
    let least = fitting(&centre_lines, FONT + 2.0).max(1.4 * U);
    let (inner, core) = match inner {
        Some((inner, radius)) => (Some(inner), radius),
        None => (None, least),
    };
    let mut sequence: Vec<usize> = (0..ecomap.systems.len()).collect();
    sequence.sort_by_key(|i| (ecomap.systems[*i].domain, *i));
    let sizes: Vec<(f64, Vec<String>)> = ecomap
        .systems
        .iter()
        .map(|s| {
            let base = U * (0.8 + 0.3 * (s.importance.unwrap_or(2).clamp(1, 3) - 1) as f64);
            let lines = wrap_evenly(&s.label, FONT, (base * 1.6).max(FONT * 4.2));
            (base.max(fitting(&lines, FONT)), lines)
        })
        .collect();
    let largest = sizes.iter().map(|s| s.0).fold(0.0, f64::max);
    let outwards = |i: usize| {
        let mut ties = ecomap.ties.iter().filter(|t| t.system == ecomap.systems[i].id).peekable();
        let any = ties.peek().is_some();
        if any && ties.all(|t| matches!(t.quality, Quality::Weak | Quality::Broken)) { U } else { 0.0 }
    };
    let count = sequence.len() as f64;
    // Wide enough that even the largest neighbours stand apart.
    let chord = 2.0 * largest + 0.5 * U;
    let needed = if count > 1.5 { chord / 2.0 / (PI / count).sin().max(1e-3) } else { 0.0 };
    let ring = (5.0 * U).max(core + 2.2 * U + largest).max(needed);
    let mut circles: Vec<Circle> = sizes.into_iter().map(|(radius, lines)| Circle { centre: middle, radius, lines }).collect();
    let angle = |place: usize| -PI / 2.0 + TAU * place as f64 / count;
    for (place, i) in sequence.iter().enumerate() {
        let out = ring + outwards(*i);
        circles[*i].centre = at(out * angle(place).cos(), out * angle(place).sin());
    }
    let groups = groups(ecomap, &sequence, &circles, angle);
    let mut bounds = circles.iter().fold(circle_area(middle, core), |b, c| b.joined(circle_area(c.centre, c.radius)));
    bounds = groups.iter().flat_map(|g| &g.arc).fold(bounds, |b, p| b.with(*p));
    for group in &groups {
        bounds = bounds.joined(Text::new(group.word_at, "四字宽阔", FONT, group.anchor).area());
    }
    let ties = ties(ecomap, &circles, (middle, core), inner.as_ref());
    bounds = ties.iter().flat_map(|t| &t.note).fold(bounds, |b, n| b.joined(n.area()));
    let name = name(&ecomap.centre, core, &ties, &circles);
    Layout { name, centre: (middle, core), centre_lines, inner, circles, groups, ties, bounds: bounds.grown(4.0) }
}

/// The radius that holds some lines of words.
fn fitting(lines: &[String], font: f64) -> f64 {
    let height = lines.len() as f64 * font * 1.15;
    lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let y = ((i as f64 + 0.5) * font * 1.15 - height / 2.0).abs() + font * 0.4;
            let x = text_width(line, font) / 2.0;
            (x * x + y * y).sqrt() + 4.0
        })
        .fold(0.0, f64::max)
}

fn inner(family: &genogram::Family, year: i32, words: &genogram::Words) -> Option<(Inner, f64)> {
    let quiet = genogram::Family { relations: Vec::new(), households: Vec::new(), ..family.clone() };
    let picture = genogram::Picture::of(&quiet, year, words)?;
    let half = at(picture.bounds.left, picture.bounds.top).distance(picture.bounds.centre());
    // Never smaller than can be read; a large family makes a large circle.
    let scale = (3.2 * U / half).clamp(0.75, 1.0);
    let origin = at(-picture.bounds.centre().x * scale, -picture.bounds.centre().y * scale);
    let mut drawing = Svg::default();
    picture.draw(&mut drawing);
    let people = (0..family.people.len())
        .map(|p| {
            let c = picture.sheet.centre[p];
            (family.people[p].id.clone(), at(origin.x + c.x * scale, origin.y + c.y * scale), picture.sheet.symbols[p].half() * scale)
        })
        .collect();
    let moved = |p: Point| at(origin.x + p.x * scale, origin.y + p.y * scale);
    let words = picture.sheet.texts().into_iter().map(|text| text.area()).map(|r| {
        let (a, b) = (moved(at(r.left, r.top)), moved(at(r.right, r.bottom)));
        Rect::new(a.x, a.y, b.x, b.y)
    });
    let lines = picture.sheet.structure().into_iter().map(|(_, line)| line.into_iter().map(moved).collect());
    let (words, lines) = (words.collect(), lines.collect());
    Some((Inner { drawing, origin, scale, people, words, lines }, half * scale + 14.0))
}

fn groups(ecomap: &Ecomap, sequence: &[usize], circles: &[Circle], angle: impl Fn(usize) -> f64) -> Vec<Group> {
    let half = PI / sequence.len().max(1) as f64;
    let mut found: Vec<(Domain, usize, usize)> = Vec::new();
    for (place, i) in sequence.iter().enumerate() {
        let domain = ecomap.systems[*i].domain;
        match found.last_mut() {
            Some(group) if group.0 == domain => group.2 = place,
            _ => found.push((domain, place, place)),
        }
    }
    let out = |first: usize, last: usize| {
        let middle = at(0.0, 0.0);
        sequence[first..=last].iter().map(|i| circles[*i].centre.distance(middle) + circles[*i].radius).fold(0.0, f64::max) + 10.0
    };
    found
        .into_iter()
        .map(|(domain, first, last)| {
            let radius = out(first, last);
            let inset = (half * 0.85).min(half - 4.0 / radius).max(0.0);
            let (from, to) = (angle(first) - inset, angle(last) + inset);
            let steps = ((to - from) * radius / 10.0).clamp(4.0, 200.0).ceil();
            let arc = (0..=steps as usize)
                .map(|i| from + (to - from) * i as f64 / steps)
                .map(|a| at(radius * a.cos(), radius * a.sin()))
                .collect();
            let mid = (from + to) / 2.0;
            let (x, y) = (mid.cos(), mid.sin());
            let anchor = if x > 0.3 {
                Anchor::Start
            } else if x < -0.3 {
                Anchor::End
            } else {
                Anchor::Middle
            };
            let lift = if y > 0.0 { FONT * 0.86 * y } else { FONT * 0.14 * y };
            let word_at = at((radius + 7.0) * x, (radius + 7.0) * y + lift.max(if anchor == Anchor::Middle { lift } else { FONT * 0.36 }));
            Group { domain, arc, word_at, anchor }
        })
        .collect()
}

fn ties(ecomap: &Ecomap, circles: &[Circle], centre: (Point, f64), inner: Option<&Inner>) -> Vec<Line> {
    // Symbols by number: the circles, the people inside, and last the centre itself, no obstacle.
    let everyone: &[(String, Point, f64)] = inner.map_or(&[], |i| &i.people);
    let people = || everyone.iter();
    let boxes = circles.iter().map(|c| circle_area(c.centre, c.radius)).chain(people().map(|p| circle_area(p.1, p.2)));
    let mut obstacles = Obstacles {
        symbols: boxes.enumerate().collect(),
        words: inner.map(|i| i.words.clone()).unwrap_or_default(),
        lines: inner.map(|i| i.lines.clone()).unwrap_or_default(),
        ..Obstacles::default()
    };
    let mut found: Vec<Line> = Vec::new();
    let mut words = Vec::new();
    for tie in &ecomap.ties {
        let Some(circle) = ecomap.systems.iter().position(|s| s.id == tie.system) else { continue };
        let person = tie.who.as_ref().and_then(|who| people().position(|p| p.0 == *who));
        let start = person.and_then(|p| people().nth(p)).map_or(centre, |p| (p.1, p.2 + 3.0));
        let to = &circles[circle];
        let again = person.is_none() && found.iter().any(|t| t.circle == circle);
        let ends = (circles.len() + person.unwrap_or(usize::MAX - circles.len()), circle);
        let clip = |line: &[Point]| clipped(line, start, (to.centre, to.radius));
        // A second line to the centre has to leave the first.
        let path = if again { clip(&curve(start.0, to.centre, 26.0)) } else { path(&obstacles, (start.0, to.centre), ends, 7.0, clip) };
        obstacles.ties.push(path.clone());
        words.push(tie.note.as_str());
        found.push(Line { circle, path, quality: tie.quality, flow: tie.flow, note: Vec::new() });
    }
    for (i, word) in words.iter().enumerate() {
        let note: Vec<Text> = beside(&found[i].path, word, FONT, &obstacles).into_iter().map(|t| t.coloured(colour::SOFT)).collect();
        obstacles.words.extend(note.iter().map(Text::area));
        found[i].note = note;
    }
    found
}

/// The part of a line outside both circles.
fn clipped(line: &[Point], from: (Point, f64), to: (Point, f64)) -> Vec<Point> {
    let total = length(line);
    let steps = total.ceil().clamp(1.0, 4000.0) as usize;
    let start = (0..steps).map(|i| i as f64).find(|d| along(line, *d).0.distance(from.0) >= from.1 + 2.0);
    let end = (0..steps).map(|i| total - i as f64).find(|d| along(line, *d).0.distance(to.0) >= to.1 + 2.0);
    match (start, end) {
        (Some(start), Some(end)) if start < end => part(line, start, end),
        _ => line.to_vec(),
    }
}

/// A name on the circle of the centre, where no tie passes: at the top, else elsewhere.
fn name(word: &str, radius: f64, ties: &[Line], circles: &[Circle]) -> Text {
    let place = |step: i32| {
        let angle = -PI / 2.0 + TAU * f64::from(step) / 36.0;
        Text::new(at(radius * angle.cos(), radius * angle.sin() + FONT * 0.36), word, FONT, Anchor::Middle)
    };
    let blocked = |text: &Text| {
        let area = text.area().grown(6.0);
        let tied = ties.iter().filter(|t| t.path.windows(2).any(|w| area.crossed_by(w[0], w[1]))).count();
        let noted = ties.iter().flat_map(|t| &t.note).filter(|n| n.area().meets(area)).count();
        tied + noted + circles.iter().filter(|c| circle_area(c.centre, c.radius).meets(area)).count()
    };
    // 0, 1, −1, 2, −2 … around the circle.
    let turns = (0..=18).flat_map(|i| [i, -i]);
    turns.map(place).min_by_key(blocked).unwrap_or_else(|| place(0))
}
