//! Scales of charts.

use super::geometry::{Rect, at};
use super::svg::{Anchor, Ink, Svg, Text, number};
use super::{colour, geometry::Point};

/// A scale of numbers along one side of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Scale {
    /// A scale with round steps for the values: from zero, unless they lie close together far from it.
    pub fn of(values: &[f64]) -> Scale {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (low, high) = (finite().fold(f64::MAX, f64::min), finite().fold(f64::MIN, f64::max));
        if low > high {
            return Scale { low: 0.0, high: 1.0, step: 1.0 };
        }
        let close = low > 0.0 && high - low < high * 0.15 && high - low > 0.0;
        let from = if close { low - (high - low) * 0.5 } else { low.min(0.0) };
        let to = if high <= from { from + 1.0 } else { high };
        let rough = (to - from) / 5.0;
        let power = 10f64.powi(rough.log10().floor().clamp(-12.0, 30.0) as i32);
        let step = [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(power * 10.0);
        Scale { low: (from / step + 1e-9).floor() * step, high: (to / step - 1e-9).ceil() * step, step }
    }

    /// Where a value lies, 0 to 1.
    pub fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round().clamp(0.0, 50.0) as usize;
        (0..=count).map(|i| self.low + self.step * i as f64).collect()
    }

    /// Draws the scale up the left side of an area with lines across it.
    pub fn draw_up(&self, svg: &mut Svg, area: Rect, font: f64) {
        for tick in self.ticks() {
            let y = self.y(area, tick);
            svg.line(at(area.left, y), at(area.right, y), Ink::line(0.5).coloured(colour::PALE));
            svg.line(at(area.left - 4.0, y), at(area.left, y), Ink::line(1.0));
            svg.text(&Text::new(at(area.left - 7.0, y + font * 0.36), number(tick), font, Anchor::End));
        }
        svg.line(at(area.left, area.top), at(area.left, area.bottom), Ink::line(1.0));
    }

    pub fn y(&self, area: Rect, value: f64) -> f64 {
        area.bottom - self.part(value) * area.height()
    }

    pub fn x(&self, area: Rect, value: f64) -> f64 {
        area.left + self.part(value) * area.width()
    }
}

/// The title of a chart and a line below it; returns the height taken.
pub(crate) fn heading(svg: &mut Svg, left: Point, title: &str, below: &str) -> f64 {
    svg.text(&Text::new(left.plus(0.0, 14.0), title, 15.0, Anchor::Start).bold());
    if below.is_empty() {
        return 28.0;
    }
    svg.text(&Text::new(left.plus(0.0, 33.0), below, 12.0, Anchor::Start).coloured(colour::SOFT));
    46.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_start_at_zero() {
        assert_eq!(Scale::of(&[2.0, 9.0]), Scale { low: 0.0, high: 10.0, step: 2.0 });
        assert_eq!(Scale::of(&[]), Scale { low: 0.0, high: 1.0, step: 1.0 });
        assert!(Scale::of(&[0.0]).ticks().len() == 6);
        let close = Scale::of(&[96.0, 100.0]);
        assert!(close.low > 90.0 && close.high >= 100.0);
        let odd = Scale::of(&[f64::NAN, f64::INFINITY, -3.0, 1e27]);
        assert!(odd.ticks().len() < 20);
        assert_eq!(Scale::of(&[-4.0, 4.0]).low, -4.0);
    }
}
