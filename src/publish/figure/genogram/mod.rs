//! The genogram: a family over generations.
//!
//! ```text
//! Family ─▶ Kin ─▶ Generations ─▶ Units ─▶ Order ─▶ place ─▶ Sheet ─▶ households, ties ─▶ SVG
//! ```
//!
//! The index person is generation 0. Partners stand side by side, the man left; children hang below
//! the middle of their parents' line, the eldest left. Symbols follow McGoldrick and Gerson.

mod bond;
mod descent;
mod household;
mod key;
mod label;
mod order;
mod place;
mod relation;
mod sheet;
mod split;
mod symbol;
mod tie;
mod track;
mod unit;
mod words;

#[cfg(test)]
mod tests;

pub use crate::rulebook::figure::family::*;

use crate::rulebook::figure::{check, family, generation, kin};
pub use split::{Part, split};
pub use words::Words;

pub(crate) use sheet::Sheet;

use super::Table;
use super::colour;
use super::geometry::{Point, Rect, at};
use super::svg::{Anchor, Ink, Svg, Text, rounded_data};
use household::{Border, border};
use relation::{TiePath, ties};

/// The words are this high, or higher on wide sheets.
const FONT: f64 = 12.0;
/// The width that a landscape A4 page leaves, in CSS pixels; and the least height of words on it.
const PAGE: f64 = 1000.0;
const LEAST: f64 = 9.0;
/// More people than one drawing can show.
const MOST: usize = 200;
/// The dashes of a household's border.
const DASH: [f64; 2] = [8.0, 4.0];

/// What is written around the drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// The title, for readers who hear it.
    pub title: String,
    /// What is to be seen, likewise.
    pub description: String,
    /// The day as of which it is drawn, as it is to be printed.
    pub drawn_on: String,
    /// The year from which ages are counted.
    pub year: i32,
}

/// Draws the family; none where there is nobody, or more people than a drawing can show.
pub fn draw(family: &Family, caption: &Caption, words: &Words) -> Option<String> {
    Some(Picture::of(family, caption.year, words)?.finish(caption, words))
}

/// A family laid out with everything on it.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    pub sheet: Sheet<'a>,
    pub borders: Vec<(usize, Border, Option<Text>)>,
    pub ties: Vec<TiePath>,
    pub bounds: Rect,
}

impl<'a> Picture<'a> {
    pub fn of(family: &'a Family, year: i32, words: &Words) -> Option<Picture<'a>> {
        if family.people.is_empty() || family.people.len() > MOST {
            return None;
        }
        let mut sheet = Sheet::of(family, year, words, FONT);
        for _ in 0..4 {
            let width = sheet.bounds()?.width() + 2.0 * symbol::U;
            let needed = width * LEAST / PAGE;
            if needed <= sheet.font {
                break;
            }
            sheet = Sheet::of(family, year, words, needed * 1.03);
        }
        let mut bounds = sheet.bounds()?;
        let borders = borders(&sheet);
        let mut lines = Vec::new();
        for (_, border, _) in &borders {
            match border {
                Border::Around(corners) => lines.push(closed(corners)),
                Border::Each(boxes) => lines.extend(boxes.iter().map(|b| closed(&corners_of(*b)))),
            }
        }
        let titles: Vec<Rect> = borders.iter().filter_map(|b| b.2.as_ref().map(Text::area)).collect();
        let ties = ties(&sheet, &lines, &titles);
        bounds = titles.iter().fold(bounds, |b, t| b.joined(*t));
        bounds = lines.iter().flatten().fold(bounds, |b, p| b.with(*p));
        bounds = ties.iter().flat_map(|t| &t.path).fold(bounds, |b, p| b.joined(Rect::around(*p, 6.0, 6.0)));
        bounds = ties.iter().flat_map(|t| &t.note).fold(bounds, |b, t| b.joined(t.area()));
        let mut picture = Picture { sheet, borders, ties, bounds };
        picture.dodge();
        Some(picture)
    }

    /// Draws all but the legend.
    pub fn draw(&self, svg: &mut Svg) {
        for (_, border, title) in &self.borders {
            draw_border(svg, border);
            if let Some(title) = title {
                svg.text_on_paper(title);
            }
        }
        for bond in &self.sheet.bonds {
            bond.draw(svg);
        }
        for descent in &self.sheet.descents {
            descent.draw(svg);
        }
        for (person, symbol) in self.sheet.symbols.iter().enumerate() {
            symbol.draw(svg, self.sheet.centre[person], self.sheet.font + 1.0);
        }
        for tie in &self.ties {
            tie::draw(svg, &tie.path, tie.quality, tie.toward);
            for note in &tie.note {
                svg.text_on_paper(&note.clone().coloured(tie::shade(tie.quality)));
            }
        }
        for person in 0..self.sheet.centre.len() {
            for text in self.sheet.labels[person].at(self.sheet.centre[person]) {
                // A tie that could not keep clear passes behind.
                if struck(&self.ties, text.area()) { svg.text_on_paper(&text) } else { svg.text(&text) }
            }
        }
    }

    /// Moves years that a tie strikes to the other side of their line, where there is room.
    fn dodge(&mut self) {
        for person in 0..self.sheet.centre.len() {
            let centre = self.sheet.centre[person];
            for i in 0..self.sheet.labels[person].texts.len() {
                let text = self.sheet.labels[person].texts[i].clone();
                let other = match text.anchor {
                    Anchor::End => Anchor::Start,
                    Anchor::Start => Anchor::End,
                    Anchor::Middle => continue,
                };
                let moved = Text { at: at(-text.at.x, text.at.y), anchor: other, ..text.clone() };
                let place = |t: &Text| Text { at: t.at.plus(centre.x, centre.y), ..t.clone() }.area();
                let room = place(&moved).grown(1.0);
                let free = || {
                    !self.sheet.texts().iter().any(|t| t.area() != place(&text) && t.area().meets(room))
                        && !(0..self.sheet.centre.len()).any(|p| self.sheet.symbol(p).meets(room))
                        && !self.sheet.structure().iter().flat_map(|(_, l)| l.windows(2)).any(|w| room.crossed_by(w[0], w[1]))
                };
                if struck(&self.ties, place(&text)) && !struck(&self.ties, room) && free() {
                    self.sheet.labels[person].texts[i] = moved;
                }
            }
        }
    }

    fn finish(&self, caption: &Caption, words: &Words) -> String {
        let mut svg = Svg::default();
        self.draw(&mut svg);
        let middle = self.bounds.centre().x;
        let half = (self.bounds.width() / 2.0).max(230.0);
        let note = if caption.drawn_on.is_empty() { String::new() } else { format!("{}{}", words.drawn_on, caption.drawn_on) };
        let legend = key::legend(self, words);
        let below = legend.draw(&mut svg, middle - half, middle + half, self.bounds.bottom + 18.0, self.sheet.font, &note);
        svg.finish(self.bounds.joined(below).grown(14.0), &caption.title, &caption.description)
    }
}

/// Whether a tie runs through a box.
fn struck(ties: &[TiePath], area: Rect) -> bool {
    ties.iter().any(|tie| {
        let area = area.grown(tie::half_width(tie.quality) - 1.0);
        tie.path.windows(2).any(|w| area.crossed_by(w[0], w[1]))
    })
}

/// The borders of all households with the words on them.
fn borders(sheet: &Sheet<'_>) -> Vec<(usize, Border, Option<Text>)> {
    let people = kin::ids(sheet.kin.family.people.iter().map(|p| p.id.as_str()));
    let mut found = Vec::new();
    for (i, household) in sheet.kin.family.households.iter().enumerate() {
        let mut members: Vec<usize> = household.members.iter().filter_map(|id| people.get(id.as_str()).copied()).collect();
        members.sort_unstable();
        members.dedup();
        let Some(border) = border(sheet, &members) else { continue };
        let title = title(sheet, &border, &household.name, i + 1);
        found.push((i, border, title));
    }
    found
}

/// The household's name on a level piece of its border, where it covers least.
fn title(sheet: &Sheet<'_>, border: &Border, name: &str, number: usize) -> Option<Text> {
    let font = sheet.font;
    let edges: Vec<(Point, Point)> = match border {
        Border::Around(corners) => corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| (*a, *b)).collect(),
        Border::Each(boxes) => boxes.iter().map(|b| (at(b.left, b.top), at(b.right.max(b.left + 60.0), b.top))).collect(),
    };
    let word = if matches!(border, Border::Each(_)) { format!("{number} {name}") } else { name.to_owned() };
    if word.trim().is_empty() {
        return None;
    }
    let texts: Vec<Rect> = sheet.texts().iter().map(Text::area).collect();
    let structure = sheet.structure();
    let mut best: Option<(f64, Text)> = None;
    for (a, b) in edges.iter().filter(|(a, b)| (a.y - b.y).abs() < 0.5) {
        let (left, right) = (a.x.min(b.x), a.x.max(b.x));
        for part in [0.0, 0.5, 1.0, 0.25, 0.75] {
            let width = super::svg::text_width(&word, font);
            let x = left + 8.0 + (right - left - width - 16.0) * part;
            let text = Text::new(at(x, a.y + font * 0.36), word.clone(), font, Anchor::Start).coloured(colour::SOFT);
            let area = text.area().grown(1.0);
            let mut cost = (width + 12.0 - (right - left)).max(0.0) * 3.0 + part + (a.y * 0.01);
            cost += if a.x > b.x { 12.0 } else { 0.0 };
            cost += 80.0 * texts.iter().filter(|t| t.meets(area)).count() as f64;
            cost += 120.0 * (0..sheet.centre.len()).filter(|p| sheet.symbol(*p).meets(area)).count() as f64;
            let crossed = structure.iter().flat_map(|(_, l)| l.windows(2)).filter(|w| area.crossed_by(w[0], w[1])).count();
            cost += 40.0 * crossed as f64;
            if best.as_ref().is_none_or(|b| cost < b.0) {
                best = Some((cost, text));
            }
        }
    }
    best.map(|b| b.1)
}

fn corners_of(b: Rect) -> Vec<Point> {
    vec![at(b.left, b.top), at(b.right, b.top), at(b.right, b.bottom), at(b.left, b.bottom)]
}

fn closed(corners: &[Point]) -> Vec<Point> {
    corners.iter().chain(corners.first()).copied().collect()
}

fn draw_border(svg: &mut Svg, border: &Border) {
    let ink = Ink::line(1.2).coloured(colour::SOFT).dashed(&DASH);
    match border {
        Border::Around(corners) => svg.path(&rounded_data(corners, 9.0), ink),
        Border::Each(boxes) => boxes.iter().for_each(|b| svg.rect(*b, 6.0, ink)),
    }
}

/// The people and ties of a family as a table.
pub fn rows(family: &Family, words: &Words) -> Table {
    let kin = kin::Kin::of(family);
    let label = |p: &usize| kin.person(*p).label.clone();
    let names = |people: Vec<usize>| people.iter().map(label).collect::<Vec<_>>().join(" ");
    let year = |y: Option<i32>| y.map_or_else(String::new, |y| y.to_string());
    let mut table = Table {
        head: [&words.person, &words.sex, &words.years, &words.partners, &words.parents, &words.tie].map(Clone::clone).into(),
        rows: Vec::new(),
    };
    for (i, person) in family.people.iter().enumerate() {
        let sex = match (person.kind, person.sex) {
            (Kind::Pregnancy, _) => &words.pregnancy,
            (Kind::Miscarriage, _) => &words.miscarriage,
            (Kind::Abortion, _) => &words.abortion,
            (Kind::Stillbirth, _) => &words.stillbirth,
            (_, Sex::Male) => &words.male,
            (_, Sex::Female) => &words.female,
            (_, Sex::Unknown) => &words.unknown,
        };
        let years = if person.is_dead() { format!("{}–{}", year(person.born), year(person.died)) } else { year(person.born) };
        let partners = kin.pairs_in_time(i).iter().map(|p| kin.pairs[*p].other(i)).collect();
        let parents = kin.origins[i].iter().flat_map(|s| kin.parents_in(kin.sibships[*s].source)).collect();
        let ties: Vec<String> = family
            .relations
            .iter()
            .filter_map(|r| {
                let other = if r.a == person.id {
                    &r.b
                } else if r.b == person.id {
                    &r.a
                } else {
                    return None;
                };
                let other = family.people.iter().find(|p| p.id == *other)?;
                Some(format!("{} {}", other.label, words.quality(r.quality)))
            })
            .collect();
        table.rows.push(vec![person.label.clone(), sex.clone(), years, names(partners), names(parents), ties.join("; ")]);
    }
    table
}
