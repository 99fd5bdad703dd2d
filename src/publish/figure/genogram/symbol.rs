//! The symbols of people.

use super::super::colour;
use super::super::geometry::{Point, Rect, at};
use super::super::svg::{Anchor, Ink, Svg, Text};
use super::family::{Kind, Person, Sex};

/// The unit of all sizes.
pub(crate) const U: f64 = 40.0;
/// The width of lines.
pub(crate) const LINE: f64 = 1.5;
/// How far the index person's second outline stands off.
const OUTER: f64 = 4.0;

/// A symbol to draw.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub sex: Sex,
    pub kind: Kind,
    pub index: bool,
    pub dead: bool,
    /// The age written inside.
    pub age: String,
}

impl Symbol {
    /// The symbol of a person as of a year.
    pub fn of(person: &Person, year: i32) -> Symbol {
        let until = if person.is_dead() { person.died } else { Some(year) };
        let age = match (person.born, until, person.kind) {
            (Some(born), Some(until), Kind::Person) => i64::from(until) - i64::from(born),
            _ => -1,
        };
        let age = if (0..=150).contains(&age) { age.to_string() } else { String::new() };
        Symbol { sex: person.sex, kind: person.kind, index: person.index, dead: person.is_dead(), age }
    }

    pub fn plain(sex: Sex) -> Symbol {
        Symbol { sex, kind: Kind::Person, index: false, dead: false, age: String::new() }
    }

    /// Half the width and height of its outline.
    pub fn half(&self) -> f64 {
        let half = match self.kind {
            Kind::Person => U / 2.0,
            Kind::Pregnancy => U * 0.3,
            Kind::Miscarriage | Kind::Abortion => U * 0.125,
            Kind::Stillbirth => U * 0.25,
        };
        if self.index { half + OUTER } else { half }
    }

    pub fn area(&self, centre: Point) -> Rect {
        Rect::around(centre, self.half(), self.half())
    }

    /// The distance from the centre to the outline in a direction.
    pub fn reach(&self, heading: Point) -> f64 {
        let half = self.half();
        let (x, y) = (heading.x.abs(), heading.y.abs());
        let round = self.kind == Kind::Person || self.kind == Kind::Stillbirth;
        match self.sex {
            Sex::Male if round => half / x.max(y).max(1e-9),
            Sex::Unknown if round => half / (x + y).max(1e-9),
            _ => half,
        }
    }

    pub fn draw(&self, svg: &mut Svg, centre: Point, text: f64) {
        let ink = Ink::line(LINE).with_fill(colour::PAPER);
        match self.kind {
            Kind::Person => {
                if self.index {
                    self.outline(svg, centre, U / 2.0 + OUTER, ink);
                }
                self.outline(svg, centre, U / 2.0, ink);
                if self.dead {
                    cross(svg, centre, U / 2.0, LINE);
                }
                self.inside(svg, centre, text);
            }
            Kind::Pregnancy => {
                let half = U * 0.3;
                let corners = [centre.plus(0.0, -half), centre.plus(half, half), centre.plus(-half, half)];
                svg.polygon(&corners, ink);
                if self.index {
                    let wide = half + OUTER;
                    svg.polygon(&[centre.plus(0.0, -wide), centre.plus(wide, wide), centre.plus(-wide, wide)], Ink::line(LINE));
                }
            }
            Kind::Miscarriage => svg.circle(centre, U * 0.125, Ink::filled(colour::INK)),
            Kind::Abortion => cross(svg, centre, U * 0.125, LINE + 0.5),
            Kind::Stillbirth => {
                self.outline(svg, centre, U * 0.25, ink);
                cross(svg, centre, U * 0.25, LINE);
            }
        }
    }

    fn inside(&self, svg: &mut Svg, centre: Point, text: f64) {
        let inside = if self.sex == Sex::Unknown { "?" } else { self.age.as_str() };
        if inside.is_empty() {
            return;
        }
        let text = Text::new(at(centre.x, centre.y + text * 0.36), inside, text, Anchor::Middle);
        if self.dead {
            svg.rect(text.area().grown(0.5), 3.0, Ink::filled(colour::PAPER));
        }
        svg.text(&text);
    }

    fn outline(&self, svg: &mut Svg, centre: Point, half: f64, ink: Ink<'_>) {
        match self.sex {
            Sex::Male => svg.rect(Rect::around(centre, half, half), 0.0, ink),
            Sex::Female => svg.circle(centre, half, ink),
            Sex::Unknown => {
                let corners = [centre.plus(0.0, -half), centre.plus(half, 0.0), centre.plus(0.0, half), centre.plus(-half, 0.0)];
                svg.polygon(&corners, ink);
            }
        }
    }
}

fn cross(svg: &mut Svg, centre: Point, half: f64, width: f64) {
    svg.line(centre.plus(-half, -half), centre.plus(half, half), Ink::line(width));
    svg.line(centre.plus(-half, half), centre.plus(half, -half), Ink::line(width));
}
