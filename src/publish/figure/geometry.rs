//! Points, boxes and segments.

/// A place on the drawing; y grows downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
}

/// Shorthand for a [`Point`].
pub(crate) const fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

impl Point {
    pub fn plus(self, dx: f64, dy: f64) -> Point {
        at(self.x + dx, self.y + dy)
    }

    pub fn distance(self, other: Point) -> f64 {
        ((self.x - other.x) * (self.x - other.x) + (self.y - other.y) * (self.y - other.y)).sqrt()
    }

    /// The point `part` of the way to `other`.
    pub fn towards(self, other: Point, part: f64) -> Point {
        at(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)
    }

    /// The unit vector to `other`, to the right where both coincide.
    pub fn heading(self, other: Point) -> Point {
        let length = self.distance(other);
        if length < 1e-9 { at(1.0, 0.0) } else { at((other.x - self.x) / length, (other.y - self.y) / length) }
    }

    /// The distance to the segment from `a` to `b`.
    pub fn off_segment(self, a: Point, b: Point) -> f64 {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let square = dx * dx + dy * dy;
        let part = if square < 1e-12 { 0.0 } else { (((self.x - a.x) * dx + (self.y - a.y) * dy) / square).clamp(0.0, 1.0) };
        self.distance(a.towards(b, part))
    }
}

/// An upright box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub const fn new(left: f64, top: f64, right: f64, bottom: f64) -> Rect {
        Rect { left, top, right, bottom }
    }

    pub fn around(centre: Point, half_width: f64, half_height: f64) -> Rect {
        Rect::new(centre.x - half_width, centre.y - half_height, centre.x + half_width, centre.y + half_height)
    }

    pub fn grown(self, by: f64) -> Rect {
        Rect::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    pub fn joined(self, other: Rect) -> Rect {
        Rect::new(self.left.min(other.left), self.top.min(other.top), self.right.max(other.right), self.bottom.max(other.bottom))
    }

    pub fn with(self, point: Point) -> Rect {
        self.joined(Rect::new(point.x, point.y, point.x, point.y))
    }

    pub fn width(self) -> f64 {
        self.right - self.left
    }

    pub fn height(self) -> f64 {
        self.bottom - self.top
    }

    pub fn centre(self) -> Point {
        at((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    pub fn holds(self, p: Point) -> bool {
        p.x > self.left && p.x < self.right && p.y > self.top && p.y < self.bottom
    }

    pub fn meets(self, other: Rect) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// The part of the segment inside the box, as parts of its length (Liang–Barsky).
    pub fn clip(self, a: Point, b: Point) -> Option<(f64, f64)> {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        for (step, room) in [(-dx, a.x - self.left), (dx, self.right - a.x), (-dy, a.y - self.top), (dy, self.bottom - a.y)] {
            if step == 0.0 {
                if room <= 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                from = from.max(room / step);
            } else {
                to = to.min(room / step);
            }
        }
        (from < to).then_some((from, to))
    }

    pub fn crossed_by(self, a: Point, b: Point) -> bool {
        self.clip(a, b).is_some()
    }
}

/// Where two segments cross properly: at inner points of both.
pub(crate) fn crossing(a: Point, b: Point, c: Point, d: Point) -> Option<Point> {
    let side = |p: Point, q: Point, r: Point| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    let (c_side, d_side) = (side(a, b, c), side(a, b, d));
    let (a_side, b_side) = (side(c, d, a), side(c, d, b));
    let apart = |one: f64, other: f64| (one > 1e-6 && other < -1e-6) || (one < -1e-6 && other > 1e-6);
    (apart(c_side, d_side) && apart(a_side, b_side)).then(|| a.towards(b, a_side / (a_side - b_side)))
}

/// The number of crossings of two polylines.
pub(crate) fn crossings(one: &[Point], other: &[Point]) -> usize {
    let pairs = |line: &[Point]| line.windows(2).map(|w| (w[0], w[1])).collect::<Vec<_>>();
    let other = pairs(other);
    pairs(one).iter().map(|(a, b)| other.iter().filter(|(c, d)| crossing(*a, *b, *c, *d).is_some()).count()).sum()
}

/// The length of a polyline.
pub(crate) fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| w[0].distance(w[1])).sum()
}

/// The point at a distance along the polyline, and the direction there.
pub(crate) fn along(line: &[Point], distance: f64) -> (Point, Point) {
    let mut left = distance.max(0.0);
    for pair in line.windows(2) {
        let step = pair[0].distance(pair[1]);
        if step > 1e-9 && left <= step {
            return (pair[0].towards(pair[1], left / step), pair[0].heading(pair[1]));
        }
        left -= step;
    }
    let end = line.last().copied().unwrap_or_default();
    let before = line.iter().rev().find(|p| p.distance(end) > 1e-9).copied().unwrap_or(end);
    (end, before.heading(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_cross_at_inner_points_only() {
        assert_eq!(crossing(at(0.0, 0.0), at(2.0, 2.0), at(0.0, 2.0), at(2.0, 0.0)), Some(at(1.0, 1.0)));
        assert_eq!(crossing(at(0.0, 0.0), at(2.0, 0.0), at(1.0, 0.0), at(1.0, 2.0)), None);
        assert_eq!(crossing(at(0.0, 0.0), at(2.0, 0.0), at(0.0, 0.0), at(2.0, 0.0)), None);
        assert_eq!(crossings(&[at(0.0, 0.0), at(4.0, 0.0)], &[at(1.0, -1.0), at(1.0, 1.0), at(2.0, 1.0), at(2.0, -1.0)]), 2);
    }

    #[test]
    fn boxes_clip_segments() {
        let r = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert_eq!(r.clip(at(-10.0, 5.0), at(10.0, 5.0)), Some((0.5, 1.0)));
        assert!(!r.crossed_by(at(-1.0, -1.0), at(11.0, -1.0)));
        assert!(r.holds(at(1.0, 1.0)) && !r.holds(at(0.0, 0.0)));
        assert!(!r.meets(Rect::new(10.0, 0.0, 20.0, 10.0)));
    }

    #[test]
    fn walking_along_a_line() {
        let line = [at(0.0, 0.0), at(3.0, 0.0), at(3.0, 4.0)];
        assert_eq!(length(&line), 7.0);
        assert_eq!(along(&line, 5.0), (at(3.0, 2.0), at(0.0, 1.0)));
        assert_eq!(along(&line, 99.0), (at(3.0, 4.0), at(0.0, 1.0)));
        assert_eq!(along(&[], 1.0).0, at(0.0, 0.0));
    }
}
