//! The words around a symbol: years above, the role below.

use super::super::geometry::{Point, Rect, at};
use super::super::svg::{Anchor, Text, text_width, wrap};
use super::family::{Kind, Person};
use super::symbol::{Symbol, U};

/// The space between a symbol and its words.
const PAD: f64 = 4.0;

/// Where a line from the parents comes down on a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stem {
    /// No line.
    None,
    /// From straight above.
    Above,
    /// Slanting, from the left.
    FromLeft,
    /// Slanting, from the right.
    FromRight,
}

/// The words of one person, with places relative to the symbol's centre.
#[derive(Clone, Debug)]
pub(crate) struct Labels {
    pub texts: Vec<Text>,
}

impl Labels {
    /// `hung`: children hang straight from the symbol, so that the role stands beside the line.
    pub fn of(person: &Person, symbol: &Symbol, stem: Stem, hung: bool, font: f64) -> Labels {
        let half = symbol.half();
        let mut texts = Vec::new();
        let year = |year: Option<i32>| year.map_or_else(|| "?".to_owned(), |y| y.to_string());
        let dead = person.is_dead() && (person.born.is_some() || person.died.is_some());
        let (first, second) = match (dead, person.born) {
            (true, _) => (format!("{}–", year(person.born)), year(person.died)),
            (false, Some(born)) => (born.to_string(), String::new()),
            (false, None) => (String::new(), String::new()),
        };
        let small = person.kind != Kind::Person;
        let above = -half - PAD - font * 0.14;
        let mut add = |x: f64, y: f64, text: String, anchor: Anchor| {
            if !text.is_empty() {
                texts.push(Text::new(at(x, y), text, font, anchor));
            }
        };
        let mut below = half + PAD + font * 0.86;
        if small {
            add(0.0, below, format!("{first}{second}"), Anchor::Middle);
            below += if first.is_empty() && second.is_empty() { 0.0 } else { font * 1.1 };
        } else {
            match stem {
                Stem::None => add(0.0, above, format!("{first}{second}"), Anchor::Middle),
                Stem::Above => {
                    add(-PAD, above, first, Anchor::End);
                    add(PAD, above, second, Anchor::Start);
                }
                Stem::FromLeft | Stem::FromRight => {
                    let (x, anchor) = if stem == Stem::FromLeft { (PAD, Anchor::Start) } else { (-PAD, Anchor::End) };
                    let lift = if second.is_empty() { 0.0 } else { font * 1.05 };
                    add(x, above - lift, first, anchor);
                    add(x, above, second, anchor);
                }
            }
        }
        let (x, anchor) = if hung { (PAD + 1.0, Anchor::Start) } else { (0.0, Anchor::Middle) };
        for line in wrap(&person.label, font, (U * 1.9).max(font * 5.0)) {
            add(x, below, line, anchor);
            below += font * 1.15;
        }
        Labels { texts }
    }

    /// The texts around a centre.
    pub fn at(&self, centre: Point) -> impl Iterator<Item = Text> + '_ {
        self.texts.iter().map(move |t| Text { at: t.at.plus(centre.x, centre.y), ..t.clone() })
    }

    /// The box of symbol and words together, relative to the centre.
    pub fn area(&self, half: f64) -> Rect {
        let symbol = Rect::around(at(0.0, 0.0), half, half);
        self.texts.iter().fold(symbol, |area, text| area.joined(text.area()))
    }
}

/// The width of the widest of some lines.
pub(crate) fn widest(lines: &[String], font: f64) -> f64 {
    lines.iter().map(|l| text_width(l, font)).fold(0.0, f64::max)
}
