//! Patterns that fill a box: drawn line by line, so that they need no definitions and no colour.

use super::colour;
use super::geometry::{Rect, at};
use super::svg::{Ink, Svg};

/// The fills in the order of their use, each apart from its neighbours without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hatch {
    Solid,
    Rising,
    Dots,
    Level,
    Falling,
    Cross,
    Upright,
    Empty,
}

impl Hatch {
    pub fn nth(i: usize) -> Hatch {
        use Hatch::{Cross, Dots, Empty, Falling, Level, Rising, Solid, Upright};
        [Solid, Rising, Dots, Level, Falling, Cross, Upright, Empty][i % 8]
    }

    fn shade(self) -> &'static str {
        match self {
            Hatch::Solid => "#3d5a80",
            Hatch::Rising => "#9a4a2f",
            Hatch::Dots => colour::GREEN,
            Hatch::Level => colour::PURPLE,
            Hatch::Falling => colour::BROWN,
            Hatch::Cross => colour::SOFT,
            Hatch::Upright => colour::BLUE,
            Hatch::Empty => colour::INK,
        }
    }

    /// Fills the box.
    pub fn draw(self, svg: &mut Svg, area: Rect) {
        if area.width() <= 0.0 || area.height() <= 0.0 {
            return;
        }
        let shade = self.shade();
        let ground = if self == Hatch::Solid { shade } else { colour::PAPER };
        svg.rect(area, 0.0, Ink::line(1.0).coloured(shade).with_fill(ground));
        let mut data = String::new();
        let mut strokes = |dx: f64, dy: f64, gap: f64| {
            for (a, b) in stripes(area, dx, dy, gap) {
                data.push_str(&super::svg::polyline_data(&[a, b]));
            }
        };
        match self {
            Hatch::Solid | Hatch::Empty => {}
            Hatch::Rising => strokes(1.0, -1.0, 6.0),
            Hatch::Falling => strokes(1.0, 1.0, 6.0),
            Hatch::Level => strokes(1.0, 0.0, 4.0),
            Hatch::Upright => strokes(0.0, 1.0, 4.0),
            Hatch::Cross => {
                strokes(1.0, 1.0, 7.0);
                strokes(1.0, -1.0, 7.0);
            }
            Hatch::Dots => {
                for (i, (a, b)) in stripes(area, 1.0, 0.0, 5.0).into_iter().enumerate() {
                    let mut x = a.x + if i % 2 == 0 { 2.5 } else { 5.0 };
                    while x < b.x - 1.0 {
                        data.push_str(&super::svg::polyline_data(&[at(x - 0.8, a.y), at(x + 0.8, a.y)]));
                        x += 5.0;
                    }
                }
            }
        }
        if !data.is_empty() {
            svg.path(&data, Ink::line(if self == Hatch::Dots { 1.6 } else { 1.1 }).coloured(shade));
        }
    }
}

/// Parallel lines in a direction, cut at the box; at most 400.
fn stripes(area: Rect, dx: f64, dy: f64, gap: f64) -> Vec<(super::geometry::Point, super::geometry::Point)> {
    let length: f64 = (dx * dx + dy * dy).sqrt();
    let (dx, dy) = (dx / length, dy / length);
    let centre = area.centre();
    let reach = area.width() + area.height();
    let count = (reach / gap / 2.0).ceil().clamp(1.0, 200.0);
    let mut found = Vec::new();
    let mut i = -count;
    while i <= count {
        let middle = centre.plus(-dy * gap * (i + 0.5), dx * gap * (i + 0.5));
        let (a, b) = (middle.plus(-dx * reach, -dy * reach), middle.plus(dx * reach, dy * reach));
        if let Some((from, to)) = area.clip(a, b) {
            found.push((a.towards(b, from), a.towards(b, to)));
        }
        i += 1.0;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_stay_in_the_box() {
        let area = Rect::new(0.0, 0.0, 40.0, 20.0);
        for (dx, dy) in [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)] {
            let lines = stripes(area, dx, dy, 5.0);
            assert!(lines.len() >= 4);
            assert!(lines.iter().all(|(a, b)| area.grown(0.001).holds(*a) && area.grown(0.001).holds(*b)));
        }
    }
}
