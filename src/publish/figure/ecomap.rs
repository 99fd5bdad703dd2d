//! The ecomap: a family, or a person, among the systems around it.
//!
//! Systems stand in a ring, grouped by domain; weak and broken ones stand farther out. Lines show the
//! quality of a tie, arrows the flow of energy or resources.

mod layout;

use super::geometry::{Point, Rect, at};
use super::legend::Legend;
use super::line::{arrow, cut, reversed, shortened, zigzag};
use super::svg::{Anchor, Ink, Svg, Text};
use super::words::words;
use super::{Table, colour, genogram};

pub use crate::rulebook::figure::ecomap::*;

words! {
    /// The words on an ecomap.
    {
        strong = "strong",
        normal = "normal",
        weak = "weak",
        stress = "stress",
        broken = "broken",
        flow = "flow",
        flow_in = "flow-in",
        flow_out = "flow-out",
        flow_both = "flow-both",
        flow_none = "flow-none",
        family = "domain-family",
        education = "domain-education",
        work = "domain-work",
        health = "domain-health",
        community = "domain-community",
        services = "domain-services",
        leisure = "domain-leisure",
        economy = "domain-economy",
        system = "system",
        domain = "domain",
        whom = "whom",
        tie = "tie",
        note = "note",
    }
}

impl Words {
    fn domain(&self, domain: Domain) -> &str {
        match domain {
            Domain::Family => &self.family,
            Domain::Education => &self.education,
            Domain::Work => &self.work,
            Domain::Health => &self.health,
            Domain::Community => &self.community,
            Domain::Services => &self.services,
            Domain::Leisure => &self.leisure,
            Domain::Economy => &self.economy,
        }
    }

    fn quality(&self, quality: Quality) -> &str {
        match quality {
            Quality::Strong => &self.strong,
            Quality::Normal => &self.normal,
            Quality::Weak => &self.weak,
            Quality::Stress => &self.stress,
            Quality::Broken => &self.broken,
        }
    }

    fn flow_word(&self, flow: Flow) -> &str {
        match flow {
            Flow::None => &self.flow_none,
            Flow::In => &self.flow_in,
            Flow::Out => &self.flow_out,
            Flow::Both => &self.flow_both,
        }
    }
}

const FONT: f64 = 12.0;
const ARROW: f64 = 11.0;
const DASH: [f64; 2] = [6.0, 4.0];
/// More systems than one ring can show.
const MOST: usize = 60;

/// Draws the ecomap; none where there are no systems, or more than a ring can show.
pub fn draw(ecomap: &Ecomap, caption: &genogram::Caption, words: &Words, family_words: &genogram::Words) -> Option<String> {
    if ecomap.systems.is_empty() || ecomap.systems.len() > MOST {
        return None;
    }
    let layout = layout::layout(ecomap, caption.year, family_words);
    let mut svg = Svg::default();
    for group in &layout.groups {
        svg.polyline(&group.arc, Ink::line(1.0).coloured(colour::PALE));
        svg.text(&Text::new(group.word_at, words.domain(group.domain), FONT, group.anchor).coloured(colour::SOFT));
    }
    for tie in &layout.ties {
        draw_tie(&mut svg, &tie.path, tie.quality, tie.flow);
    }
    svg.circle(layout.centre.0, layout.centre.1, Ink::line(if layout.inner.is_some() { 1.5 } else { 2.0 }).with_fill("none"));
    match &layout.inner {
        Some(inner) => svg.nested(&inner.drawing, inner.origin, inner.scale),
        None => words_in(&mut svg, layout.centre.0, &layout.centre_lines, FONT + 2.0),
    }
    for circle in &layout.circles {
        svg.circle(circle.centre, circle.radius, Ink::line(1.5).with_fill(colour::PAPER));
        words_in(&mut svg, circle.centre, &circle.lines, FONT);
    }
    for tie in &layout.ties {
        for note in &tie.note {
            svg.text_on_paper(note);
        }
    }
    let mut bounds = layout.bounds;
    if layout.inner.is_some() {
        svg.text_on_paper(&layout.name);
    }
    let legend = legend(ecomap, words);
    let note = if caption.drawn_on.is_empty() { String::new() } else { format!("{}{}", family_words.drawn_on, caption.drawn_on) };
    let below = legend.draw(&mut svg, bounds.left, bounds.right, bounds.bottom + 14.0, FONT, &note);
    bounds = bounds.joined(below);
    Some(svg.finish(bounds.grown(14.0), &caption.title, &caption.description))
}

fn words_in(svg: &mut Svg, centre: Point, lines: &[String], font: f64) {
    for (i, line) in lines.iter().enumerate() {
        let up = (i as f64 - (lines.len() as f64 - 1.0) / 2.0) * font * 1.15;
        svg.text(&Text::new(at(centre.x, centre.y + up + font * 0.36), line.clone(), font, Anchor::Middle));
    }
}

/// Draws a tie along its path from the centre to the system.
fn draw_tie(svg: &mut Svg, path: &[Point], quality: Quality, flow: Flow) {
    let (shade, width) = match quality {
        Quality::Strong => (colour::GREEN, 3.0),
        Quality::Normal => (colour::INK, 1.0),
        Quality::Weak => (colour::SOFT, 1.3),
        Quality::Stress => (colour::RED, 1.4),
        Quality::Broken => (colour::PURPLE, 1.6),
    };
    let (inwards, outwards) = (matches!(flow, Flow::In | Flow::Both), matches!(flow, Flow::Out | Flow::Both));
    let end = |there: bool| if there { ARROW * 0.8 } else { 0.0 };
    let body = shortened(path, end(inwards), end(outwards));
    let ink = Ink::line(width).coloured(shade);
    match quality {
        Quality::Strong | Quality::Normal => svg.polyline(&body, ink),
        Quality::Weak => svg.polyline(&body, ink.dashed(&DASH)),
        Quality::Stress => svg.polyline(&zigzag(&body, 4.0, 8.0), ink),
        Quality::Broken => {
            let (halves, bars) = cut(&body, 9.0, 7.0);
            for line in halves.iter().map(Vec::as_slice).chain(bars.iter().map(|b| &b[..])) {
                svg.polyline(line, ink);
            }
        }
    }
    if outwards {
        arrow(svg, path, ARROW, shade);
    }
    if inwards {
        arrow(svg, &reversed(path), ARROW, shade);
    }
}

fn legend<'a>(ecomap: &'a Ecomap, words: &'a Words) -> Legend<'a> {
    let mut legend = Legend::default();
    for quality in Quality::ALL {
        if ecomap.ties.iter().any(|t| t.quality == quality) {
            legend.add(words.quality(quality), move |svg, from, to| draw_tie(svg, &[from, to], quality, Flow::None));
        }
    }
    if ecomap.ties.iter().any(|t| t.flow != Flow::None) {
        legend.add(&words.flow, |svg, from, to| draw_tie(svg, &[to, from], Quality::Normal, Flow::In));
    }
    legend
}

/// The systems and their ties as a table.
pub fn rows(ecomap: &Ecomap, words: &Words) -> Table {
    let head = [&words.system, &words.domain, &words.whom, &words.tie, &words.flow, &words.note].map(Clone::clone).into();
    let mut rows = Vec::new();
    let person = |id: &str| {
        let people = ecomap.family.iter().flat_map(|f| &f.people);
        people.into_iter().find(|p| p.id == id).map_or_else(|| id.to_owned(), |p| p.label.clone())
    };
    for system in &ecomap.systems {
        let start = [system.label.clone(), words.domain(system.domain).to_owned()];
        let before = rows.len();
        for tie in ecomap.ties.iter().filter(|t| t.system == system.id) {
            let whom = tie.who.as_deref().map_or_else(|| ecomap.centre.clone(), person);
            let rest = [whom, words.quality(tie.quality).to_owned(), words.flow_word(tie.flow).to_owned(), tie.note.clone()];
            rows.push(start.iter().cloned().chain(rest).collect());
        }
        if rows.len() == before {
            rows.push(start.into_iter().chain(std::iter::repeat_n(String::new(), 4)).collect());
        }
    }
    Table { head, rows }
}

/// The box of a circle.
pub(crate) fn circle_area(centre: Point, radius: f64) -> Rect {
    Rect::around(centre, radius, radius)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{caption, ecomap, words as family_words, zh};
    use super::*;

    #[test]
    fn circles_stay_apart() {
        for family in [false, true] {
            let map = ecomap(family);
            let layout = layout::layout(&map, 2024, &family_words());
            for (i, a) in layout.circles.iter().enumerate() {
                assert!(a.centre.distance(layout.centre.0) > a.radius + layout.centre.1 + 10.0);
                for b in &layout.circles[..i] {
                    assert!(a.centre.distance(b.centre) > a.radius + b.radius + 2.0);
                }
            }
            assert_eq!(layout.ties.len(), map.ties.len());
            // No line runs through a circle it does not end at.
            for tie in &layout.ties {
                for (i, circle) in layout.circles.iter().enumerate() {
                    let through = tie.path.windows(2).any(|w| circle.centre.off_segment(w[0], w[1]) < circle.radius);
                    assert!(i == tie.circle || !through);
                }
            }
        }
    }

    #[test]
    fn the_same_bytes_twice_and_a_table() {
        let words = Words::read(zh);
        let map = ecomap(true);
        let one = draw(&map, &caption("生态图"), &words, &family_words()).unwrap();
        assert_eq!(one, draw(&map, &caption("生态图"), &words, &family_words()).unwrap());
        assert!(one.contains("缺课") && one.contains("绘制日期"));
        assert_eq!(rows(&map, &words).rows.len(), map.ties.len());
        assert_eq!(draw(&Ecomap::default(), &caption(""), &words, &family_words()), None);
    }

    #[test]
    fn many_systems_and_nonsense() {
        let words = Words::read(zh);
        for count in [1, 2, 3, 12, 30, 60] {
            let mut map = ecomap(false);
            let one = map.systems[0].clone();
            map.systems =
                (0..count).map(|i| System { id: format!("s{i}"), label: "很长很长的系统名称".repeat(i % 4), ..one.clone() }).collect();
            let layout = layout::layout(&map, 2024, &family_words());
            for (i, a) in layout.circles.iter().enumerate() {
                assert!(layout.circles[..i].iter().all(|b| a.centre.distance(b.centre) > a.radius + b.radius));
            }
            assert!(draw(&map, &caption(""), &words, &family_words()).is_some());
        }
    }
}
