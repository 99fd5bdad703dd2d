//! Lines that mean something: parallel, zigzag, cut, with arrow heads — along any polyline.

use super::geometry::{Point, along, at, length};
use super::svg::{Ink, Svg};

/// A polyline beside the given one, to its right in drawing direction.
pub(crate) fn beside(line: &[Point], distance: f64) -> Vec<Point> {
    let normal = |a: Point, b: Point| {
        let h = a.heading(b);
        at(-h.y, h.x)
    };
    (0..line.len())
        .map(|i| {
            let here = line[i];
            let before = if i > 0 { Some(normal(line[i - 1], here)) } else { None };
            let after = line.get(i + 1).map(|next| normal(here, *next));
            let (n, m) = match (before, after) {
                (Some(n), Some(m)) => (n, m),
                (Some(n), None) | (None, Some(n)) => (n, n),
                (None, None) => (at(0.0, 1.0), at(0.0, 1.0)),
            };
            // The mitre: longer at corners, never more than double.
            let scale = 1.0 / (1.0 + n.x * m.x + n.y * m.y).max(0.5);
            here.plus((n.x + m.x) * scale * distance, (n.y + m.y) * scale * distance)
        })
        .collect()
}

/// A zigzag along the line; both ends stay on it.
pub(crate) fn zigzag(line: &[Point], amplitude: f64, wave: f64) -> Vec<Point> {
    let total = length(line);
    let quarters = ((total / (wave / 4.0)).round().clamp(4.0, 4000.0) / 4.0).floor() * 4.0;
    let step = total / quarters;
    let mut points = vec![along(line, 0.0).0];
    let mut side = 1.0;
    let mut i = 1.0;
    while i < quarters {
        let (p, heading) = along(line, step * i);
        points.push(p.plus(-heading.y * amplitude * side, heading.x * amplitude * side));
        side = -side;
        i += 2.0;
    }
    points.push(along(line, total).0);
    points
}

/// The line with a piece left out around its middle: the two ends, and a bar across each cut.
pub(crate) fn cut(line: &[Point], gap: f64, bar: f64) -> ([Vec<Point>; 2], [[Point; 2]; 2]) {
    let total = length(line);
    let gap = gap.min(total * 0.6);
    let (one, two) = ((total - gap) / 2.0, (total + gap) / 2.0);
    let across = |distance: f64| {
        let (p, h) = along(line, distance);
        [p.plus(-h.y * bar, h.x * bar), p.plus(h.y * bar, -h.x * bar)]
    };
    ([part(line, 0.0, one), part(line, two, total)], [across(one), across(two)])
}

/// The part of the line between two distances from its start.
pub(crate) fn part(line: &[Point], from: f64, to: f64) -> Vec<Point> {
    let mut points = vec![along(line, from).0];
    let mut walked = 0.0;
    for pair in line.windows(2) {
        walked += pair[0].distance(pair[1]);
        if walked > from + 1e-6 && walked < to - 1e-6 {
            points.push(pair[1]);
        }
    }
    points.push(along(line, to).0);
    points
}

/// A filled arrow head with its tip at the end of the line.
pub(crate) fn arrow(svg: &mut Svg, line: &[Point], size: f64, colour: &str) {
    let total = length(line);
    let (tip, _) = along(line, total);
    let (base, _) = along(line, (total - size).max(0.0));
    let h = base.heading(tip);
    let back = tip.plus(-h.x * size, -h.y * size);
    let wing = size * 0.45;
    svg.polygon(&[tip, back.plus(-h.y * wing, h.x * wing), back.plus(h.y * wing, -h.x * wing)], Ink::filled(colour));
}

/// The line without its last piece, so that an arrow head's tip stays sharp.
pub(crate) fn shortened(line: &[Point], start: f64, end: f64) -> Vec<Point> {
    let total = length(line);
    if total <= start + end + 1.0 { line.to_vec() } else { part(line, start, total - end) }
}

/// The line in opposite direction.
pub(crate) fn reversed(line: &[Point]) -> Vec<Point> {
    line.iter().rev().copied().collect()
}

/// A quadratic curve as a polyline; straight where the bend is nothing.
pub(crate) fn curve(from: Point, to: Point, bend: f64) -> Vec<Point> {
    if bend.abs() < 0.01 {
        return vec![from, to];
    }
    let h = from.heading(to);
    let control = from.towards(to, 0.5).plus(-h.y * bend * 2.0, h.x * bend * 2.0);
    quadratic(from, control, to)
}

/// A quadratic Bézier curve as a polyline.
pub(crate) fn quadratic(from: Point, control: Point, to: Point) -> Vec<Point> {
    let steps = ((from.distance(control) + control.distance(to)) / 12.0).clamp(8.0, 40.0).round();
    let count = steps as usize;
    (0..=count)
        .map(|i| {
            let t = i as f64 / steps;
            from.towards(control, t).towards(control.towards(to, t), t)
        })
        .collect()
}

/// A cubic Bézier curve as a polyline.
pub(crate) fn cubic(from: Point, one: Point, two: Point, to: Point) -> Vec<Point> {
    let steps = ((from.distance(one) + one.distance(two) + two.distance(to)) / 12.0).clamp(8.0, 48.0).round();
    let count = steps as usize;
    (0..=count)
        .map(|i| {
            let t = i as f64 / steps;
            let (a, b, c) = (from.towards(one, t), one.towards(two, t), two.towards(to, t));
            a.towards(b, t).towards(b.towards(c, t), t)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: [Point; 2] = [at(0.0, 0.0), at(40.0, 0.0)];

    #[test]
    fn parallels_keep_their_distance() {
        assert_eq!(beside(&LINE, 2.0), [at(0.0, 2.0), at(40.0, 2.0)]);
        let corner = beside(&[at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0)], 1.0);
        assert!(corner[1].distance(at(9.0, 1.0)) < 1e-9);
        assert!(beside(&[], 1.0).is_empty());
    }

    #[test]
    fn zigzags_start_and_end_on_the_line() {
        let z = zigzag(&LINE, 4.0, 8.0);
        assert_eq!((z[0], z[z.len() - 1]), (LINE[0], LINE[1]));
        assert!(z.iter().any(|p| p.y == 4.0) && z.iter().any(|p| p.y == -4.0));
        assert!(zigzag(&[at(0.0, 0.0), at(0.0, 0.0)], 4.0, 8.0).len() < 10);
    }

    #[test]
    fn a_cut_leaves_two_halves_and_two_bars() {
        let (halves, bars) = cut(&LINE, 8.0, 5.0);
        assert_eq!(halves[0], [at(0.0, 0.0), at(16.0, 0.0)]);
        assert_eq!(halves[1], [at(24.0, 0.0), at(40.0, 0.0)]);
        assert_eq!(bars[0], [at(16.0, 5.0), at(16.0, -5.0)]);
    }

    #[test]
    fn curves_end_where_they_should() {
        let c = curve(at(0.0, 0.0), at(100.0, 0.0), 20.0);
        assert_eq!(c[0], at(0.0, 0.0));
        assert!(c[c.len() - 1].distance(at(100.0, 0.0)) < 1e-9);
        assert!((c[c.len() / 2].y - 20.0).abs() < 1.0);
        assert_eq!(curve(at(0.0, 0.0), at(1.0, 0.0), 0.0).len(), 2);
    }
}
