//! The legend of a figure: samples with words, in lines as wide as the figure.

use super::colour;
use super::geometry::{Point, Rect, at};
use super::svg::{Anchor, Ink, Svg, Text, text_width};

/// The room for a sample.
pub(crate) const SAMPLE: f64 = 34.0;
/// The room for a symbol.
pub(crate) const NARROW: f64 = 24.0;

type Draw<'a> = Box<dyn Fn(&mut Svg, Point, Point) + 'a>;

/// The legend in the making; samples are drawn between two points on their middle line.
#[derive(Default)]
pub(crate) struct Legend<'a> {
    entries: Vec<(Draw<'a>, f64, String)>,
}

impl<'a> Legend<'a> {
    pub fn add(&mut self, word: &str, draw: impl Fn(&mut Svg, Point, Point) + 'a) {
        self.entries.push((Box::new(draw), SAMPLE, word.to_owned()));
    }

    /// Adds a sample that needs less room than a line.
    pub fn add_narrow(&mut self, word: &str, draw: impl Fn(&mut Svg, Point, Point) + 'a) {
        self.entries.push((Box::new(draw), NARROW, word.to_owned()));
    }

    /// Draws the entries below `top` between `left` and `right`, and a note at the end; returns the box taken.
    pub fn draw(&self, svg: &mut Svg, left: f64, right: f64, top: f64, font: f64, note: &str) -> Rect {
        let gap = font * 1.3;
        let room = (font * 2.2).max(26.0);
        let width = |i: usize| self.entries[i].1 + 6.0 + text_width(&self.entries[i].2, font) + gap;
        let mut lines: Vec<Vec<usize>> = vec![Vec::new()];
        let mut used = 0.0;
        for i in 0..self.entries.len() {
            if used + width(i) > right - left + gap && used > 0.0 {
                lines.push(Vec::new());
                used = 0.0;
            }
            used += width(i);
            if let Some(line) = lines.last_mut() {
                line.push(i);
            }
        }
        let note_width = text_width(note, font);
        if used + note_width > right - left && !note.is_empty() && used > 0.0 {
            lines.push(Vec::new());
        }
        svg.line(at(left, top), at(right, top), Ink::line(0.75).coloured(colour::PALE));
        let mut y = top + room * 0.8;
        for line in &lines {
            let mut x = left;
            for i in line {
                let (draw, sample, word) = &self.entries[*i];
                draw(svg, at(x, y), at(x + sample, y));
                svg.text(&Text::new(at(x + sample + 6.0, y + font * 0.36), word.clone(), font, Anchor::Start));
                x += width(*i);
            }
            y += room;
        }
        svg.text(&Text::new(at(right, y - room + font * 0.36), note, font, Anchor::End).coloured(colour::SOFT));
        Rect::new(left, top, right, y - room * 0.4)
    }
}
