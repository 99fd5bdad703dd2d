//! The social network map: the people around one person, by sector and closeness.
//!
//! Three rings, the innermost the closest; seven sectors, each as wide as its people need. The
//! numbers are those of the grid, which [`rows`] gives in full.

use super::geometry::{Point, Rect, at};
use super::legend::Legend;
use super::line::zigzag;
use super::svg::{Anchor, Ink, Svg, Text, wrap};
use super::words::words;
use super::{Table, colour};
use crate::rulebook::measure::{Contact, Direction, Measured, Sector, indicators, rounded};
use rust_decimal::Decimal;

pub use crate::rulebook::figure::network::*;
use std::f64::consts::{PI, TAU};

words! {
    /// The words on a network map and its grid.
    {
        household = "sector-household",
        relatives = "sector-relatives",
        work_or_school = "sector-work-or-school",
        clubs = "sector-clubs",
        friends = "sector-friends",
        neighbours = "sector-neighbours",
        services = "sector-services",
        supporting = "supporting",
        criticising = "criticising",
        gives = "help-received",
        takes = "help-given",
        mutual = "help-mutual",
        very_close = "ring-very-close",
        fairly_close = "ring-close",
        not_close = "ring-not-close",
        size = "network-size",
        mean_closeness = "network-mean-closeness",
        emotional_sources = "network-emotional-sources",
        formal_ratio = "network-formal-ratio",
        reciprocity = "network-reciprocity",
        critics = "network-critics",
        number = "number",
        name = "name",
        sector = "sector",
        practical = "practical-help",
        emotional = "emotional-support",
        advice = "advice",
        criticism = "criticism",
        direction = "help-direction",
        closeness = "closeness",
        frequency = "frequency",
        known = "known-for",
    }
}

impl Words {
    /// The word for a sector.
    pub fn sector_word(&self, sector: Sector) -> &str {
        match sector {
            Sector::Household => &self.household,
            Sector::Relatives => &self.relatives,
            Sector::WorkOrSchool => &self.work_or_school,
            Sector::Clubs => &self.clubs,
            Sector::Friends => &self.friends,
            Sector::Neighbours => &self.neighbours,
            Sector::Services => &self.services,
        }
    }
}

const FONT: f64 = 12.0;
const DOT: f64 = 12.0;
/// The room for a dot and its word along a ring.
const ROOM: f64 = 50.0;
const CENTRE: f64 = 30.0;
/// The widths of the rings, from the inside.
const RING: f64 = 66.0;
/// The least angle of a sector.
const LEAST: f64 = 0.42;
/// More people than one map can show.
const MOST: usize = 60;

/// A member's place on the map.
#[derive(Clone, Debug)]
struct Spot {
    centre: Point,
    angle: f64,
    words: Vec<Text>,
}

#[derive(Clone, Debug)]
struct Layout {
    spots: Vec<Spot>,
    /// Each sector's beginning and end.
    sectors: Vec<(Sector, f64, f64)>,
    radii: [f64; 4],
}

/// The ring of a member: 0 is the closest; who is not rated stands outside.
fn ring(member: &Member) -> usize {
    match member.contact.closeness {
        Some(3) => 0,
        Some(2) => 1,
        _ => 2,
    }
}

fn layout(members: &[Member]) -> Layout {
    let cell = |sector: Sector, r: usize| members.iter().filter(|m| m.contact.sector == sector && ring(m) == r).count();
    // The rings grow until all sectors fit around the circle.
    let mut grown = 1.0;
    let (radii, angles) = loop {
        let radii = [CENTRE, CENTRE + RING * grown, CENTRE + 2.0 * RING * grown, CENTRE + 3.0 * RING * grown];
        let need = |sector: Sector| {
            let of = |r: usize| {
                let middle = (radii[r] + radii[r + 1]) / 2.0 + if r == 0 { 6.0 } else { 0.0 };
                cell(sector, r) as f64 * ROOM / middle
            };
            (0..3).map(of).fold(LEAST, f64::max)
        };
        let needs = Sector::ALL.map(need);
        let total: f64 = needs.iter().sum();
        if total <= TAU || grown > 8.0 {
            break (radii, needs.map(|n| n * TAU / total));
        }
        grown *= 1.12;
    };
    let mut sectors = Vec::new();
    let mut from = -PI / 2.0;
    for (sector, angle) in Sector::ALL.iter().zip(angles) {
        sectors.push((*sector, from, from + angle));
        from += angle;
    }
    let mut used = std::collections::BTreeMap::new();
    let spots = members
        .iter()
        .map(|member| {
            let (r, sector) = (ring(member), member.contact.sector);
            let place = used.entry((sector, r)).or_insert(0usize);
            let count = cell(sector, r) as f64;
            let (from, to) = sectors.iter().find(|s| s.0 == sector).map_or((0.0, TAU), |s| (s.1, s.2));
            let angle = from + (to - from) * (*place as f64 + 0.5) / count;
            *place += 1;
            let radius = (radii[r] + radii[r + 1]) / 2.0 + if r == 0 { 6.0 } else { 0.0 };
            let centre = at(radius * angle.cos(), radius * angle.sin() + if angle.sin() < 0.0 { 5.0 } else { -5.0 });
            let lines = wrap(&member.label, FONT - 1.0, ROOM - 2.0);
            // On the side away from the middle, clear of the arrow.
            let gap = DOT + if member.contact.criticism == Some(3) { 7.0 } else { 2.0 };
            let top = if angle.sin() < 0.0 { -gap - FONT * (lines.len() as f64 - 0.8) } else { gap + FONT * 0.9 };
            let word =
                |(i, line): (usize, String)| Text::new(at(centre.x, centre.y + top + FONT * i as f64), line, FONT - 1.0, Anchor::Middle);
            let words = lines.into_iter().enumerate().map(word).collect();
            Spot { centre, angle, words }
        })
        .collect();
    Layout { spots, sectors, radii }
}

/// Draws the map; none where there is nobody, or more people than a map can show.
pub fn draw(members: &[Member], centre: &str, title: &str, description: &str, words: &Words) -> Option<String> {
    if members.is_empty() || members.len() > MOST {
        return None;
    }
    let layout = layout(members);
    let mut svg = Svg::default();
    let middle = at(0.0, 0.0);
    let outer = layout.radii[3];
    for (i, radius) in layout.radii.iter().enumerate().rev() {
        let ink = Ink::line(if i == 3 { 1.2 } else { 0.8 }).coloured(if i == 3 { colour::SOFT } else { colour::PALE });
        svg.circle(middle, *radius, ink.with_fill(if i == 1 { "#f4f4f4" } else { colour::PAPER }));
    }
    let mut bounds = Rect::around(middle, outer, outer);
    for (sector, from, to) in &layout.sectors {
        let ray = |radius: f64| at(radius * from.cos(), radius * from.sin());
        svg.line(ray(CENTRE), ray(outer), Ink::line(0.8).coloured(colour::PALE));
        let count = members.iter().filter(|m| m.contact.sector == *sector).count();
        let mid = (from + to) / 2.0;
        let (x, y) = (mid.cos(), mid.sin());
        let anchor = if x > 0.25 {
            Anchor::Start
        } else if x < -0.25 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        let drop = if y > 0.5 {
            FONT * 0.9
        } else if y < -0.5 {
            0.0
        } else {
            FONT * 0.36
        };
        let place = at((outer + 9.0) * x, (outer + 9.0) * y + drop);
        let word = Text::new(place, format!("{} {count}", words.sector_word(*sector)), FONT, anchor).bold();
        bounds = bounds.joined(word.area());
        svg.text(&word);
    }
    // The rings' words stand on the ray that has most room: the one at the top.
    for (radius, word) in
        [(layout.radii[1], &words.very_close), (layout.radii[2], &words.fairly_close), (layout.radii[3], &words.not_close)]
    {
        let angle = -PI / 2.0;
        svg.text_on_paper(
            &Text::new(at(radius * angle.cos(), radius * angle.sin() + 3.5), word.clone(), FONT - 2.0, Anchor::Middle)
                .coloured(colour::SOFT),
        );
    }
    svg.circle(middle, CENTRE, Ink::line(2.0).with_fill(colour::PAPER));
    let lines = wrap(centre, FONT, CENTRE * 1.7);
    for (i, line) in lines.iter().enumerate() {
        let up = (i as f64 - (lines.len() as f64 - 1.0) / 2.0) * FONT * 1.1;
        svg.text(&Text::new(at(0.0, up + FONT * 0.36), line.clone(), FONT, Anchor::Middle).bold());
    }
    for (member, spot) in members.iter().zip(&layout.spots) {
        dot(&mut svg, member, spot.centre, spot.angle);
        for word in &spot.words {
            bounds = bounds.joined(word.area());
            svg.text(word);
        }
    }
    for line in numbers(members, words) {
        let place = at(bounds.left, bounds.bottom + FONT * 1.6);
        let text = Text::new(place, line, FONT, Anchor::Start);
        bounds = bounds.joined(text.area());
        svg.text(&text);
    }
    let legend = legend(members, words).draw(&mut svg, bounds.left, bounds.right, bounds.bottom + 12.0, FONT, "");
    Some(svg.finish(bounds.joined(legend).grown(14.0), title, description))
}

/// The network in numbers, in two lines; what cannot be computed is left out.
fn numbers(members: &[Member], words: &Words) -> [String; 2] {
    let contacts: Vec<Contact> = members.iter().map(|member| member.contact).collect();
    let found = indicators(&contacts);
    let number = |word: &str, value: Measured<Decimal>, digits: u32, unit: &str| {
        value.ok().map(|value| format!("{word} {:.*}{unit}", digits as usize, rounded(value, digits)))
    };
    let first = [
        Some(format!("{} {}", words.size, found.size)),
        number(&words.mean_closeness, found.closeness, 2, ""),
        Some(format!("{} {}", words.emotional_sources, found.emotional_sources)),
    ];
    let second = [
        number(&words.formal_ratio, found.formal_ratio, 2, ""),
        number(&words.reciprocity, found.reciprocity, 1, "%"),
        number(&words.critics, found.criticism, 1, "%"),
    ];
    [first, second].map(|parts| parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// A member's dot with its number, the direction of help and criticism.
fn dot(svg: &mut Svg, member: &Member, centre: Point, angle: f64) {
    let supporting = member.contact.emotional.is_some_and(|e| e >= 2);
    if member.contact.criticism == Some(3) {
        let ring: Vec<Point> = (0..=48)
            .map(|i| TAU * f64::from(i) / 48.0)
            .map(|a| at(centre.x + (DOT + 3.5) * a.cos(), centre.y + (DOT + 3.5) * a.sin()))
            .collect();
        svg.polyline(&zigzag(&ring, 2.2, 7.0), Ink::line(1.1).coloured(colour::RED));
    }
    let fill = if supporting { colour::BLUE } else { colour::PAPER };
    svg.circle(centre, DOT, Ink::line(1.4).with_fill(fill));
    let number = member.id.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = if number.is_empty() { member.id.as_str() } else { number };
    let text = Text::new(centre.plus(0.0, FONT * 0.36), number, FONT, Anchor::Middle);
    svg.text(&if supporting { text.coloured(colour::PAPER) } else { text });
    let inwards = matches!(member.contact.direction, Some(Direction::Received | Direction::Both));
    let outwards = matches!(member.contact.direction, Some(Direction::Given | Direction::Both));
    let gap = DOT + if member.contact.criticism == Some(3) { 7.0 } else { 3.0 };
    let (x, y) = (-angle.cos(), -angle.sin());
    if inwards || outwards {
        let line = [centre.plus(x * gap, y * gap), centre.plus(x * (gap + 16.0), y * (gap + 16.0))];
        svg.line(line[0], line[1], Ink::line(1.1));
        if inwards {
            super::line::arrow(svg, &line, 7.0, colour::INK);
        }
        if outwards {
            super::line::arrow(svg, &super::line::reversed(&line), 7.0, colour::INK);
        }
    }
}

fn legend<'a>(members: &[Member], words: &'a Words) -> Legend<'a> {
    let mut legend = Legend::default();
    let sample = |emotional: i64, criticism: i64, direction: Option<Direction>| {
        let contact =
            Contact { sector: Sector::Friends, emotional: Some(emotional), criticism: Some(criticism), closeness: None, direction };
        let member =
            Member { id: String::new(), label: String::new(), contact, practical: None, advice: None, frequency: None, known: None };
        move |svg: &mut Svg, from: Point, to: Point| {
            let mut inner = Svg::default();
            // The arrow points to the left, where the middle would be.
            dot(&mut inner, &member, at(0.0, 0.0), 0.0);
            let shift = if member.contact.direction.is_some() { 8.0 } else { 0.0 };
            svg.nested(&inner, from.towards(to, 0.5).plus(shift, 0.0), 0.72);
        }
    };
    if members.iter().any(|m| m.contact.emotional.is_some_and(|e| e >= 2)) {
        legend.add_narrow(&words.supporting, sample(3, 1, None));
    }
    if members.iter().any(|m| m.contact.criticism == Some(3)) {
        legend.add_narrow(&words.criticising, sample(1, 3, None));
    }
    for (direction, word) in [(Direction::Received, &words.gives), (Direction::Given, &words.takes), (Direction::Both, &words.mutual)] {
        if members.iter().any(|m| m.contact.direction == Some(direction)) {
            legend.add(word, sample(1, 1, Some(direction)));
        }
    }
    legend
}

/// The grid.
pub fn rows(members: &[Member], words: &Words) -> Table {
    let head = [
        &words.number,
        &words.name,
        &words.sector,
        &words.practical,
        &words.emotional,
        &words.advice,
        &words.criticism,
        &words.direction,
        &words.closeness,
        &words.frequency,
        &words.known,
    ];
    let score = |s: Option<i64>| s.map_or_else(String::new, |s| s.to_string());
    let direction = |d: Option<Direction>| match d {
        Some(Direction::Received) => words.gives.clone(),
        Some(Direction::Given) => words.takes.clone(),
        Some(Direction::Both) => words.mutual.clone(),
        None => String::new(),
    };
    let row = |m: &Member| {
        let c = &m.contact;
        vec![
            m.id.clone(),
            m.label.clone(),
            words.sector_word(c.sector).to_owned(),
            score(m.practical),
            score(c.emotional),
            score(m.advice),
            score(c.criticism),
            direction(c.direction),
            score(c.closeness),
            score(m.frequency),
            score(m.known),
        ]
    };
    Table { head: head.map(Clone::clone).into(), rows: members.iter().map(row).collect() }
}

/// The width of a member's words, for tests of overlap.
#[cfg(test)]
fn boxes(layout: &Layout) -> Vec<Rect> {
    let dots = layout.spots.iter().map(|s| Rect::around(s.centre, DOT, DOT));
    dots.chain(layout.spots.iter().flat_map(|s| s.words.iter().map(Text::area))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{network, zh};
    use super::*;

    #[test]
    fn nobody_overlaps() {
        let layout = layout(&network());
        let boxes = boxes(&layout);
        for (i, a) in boxes.iter().enumerate() {
            assert!(boxes[..i].iter().all(|b| !a.grown(-1.0).meets(b.grown(-1.0))), "{a:?}");
        }
    }

    #[test]
    fn the_same_bytes_twice_and_a_grid() {
        let words = Words::read(zh);
        let svg = draw(&network(), "案主", "网络", "", &words).unwrap();
        assert_eq!(svg, draw(&network(), "案主", "网络", "", &words).unwrap());
        let table = rows(&network(), &words);
        assert!(table.rows.iter().all(|r| r.len() == table.head.len()));
        assert_eq!(draw(&[], "案主", "", "", &words), None);
    }

    #[test]
    fn checks() {
        assert!(check(&network()).is_empty());
        assert_eq!(check(&[])[0].code, "N-01");
        let mut members = network();
        members[1].id = members[0].id.clone();
        members[2].frequency = Some(9);
        members.push(members[3].clone());
        let codes: Vec<&str> = check(&members).iter().map(|p| p.code).collect();
        assert_eq!(codes, ["N-02", "N-02", "N-03", "N-04"]);
    }

    #[test]
    fn crowds_fit() {
        let words = Words::read(zh);
        let crowd: Vec<Member> = (0..60).map(|i| Member { id: format!("N{i}"), ..network()[i % 3].clone() }).collect();
        assert!(draw(&crowd, "案主", "", "", &words).is_some());
        let layout = layout(&crowd);
        let dots: Vec<Rect> = layout.spots.iter().map(|s| Rect::around(s.centre, DOT, DOT)).collect();
        assert!(dots.iter().enumerate().all(|(i, a)| dots[..i].iter().all(|b| !a.meets(*b))));
    }
}
