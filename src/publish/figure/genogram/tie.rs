//! How the quality of a tie is drawn along a path.

use super::super::colour;
use super::super::geometry::Point;
use super::super::line::{arrow, beside, cut, reversed, shortened, zigzag};
use super::super::svg::{Ink, Svg};
use super::family::{Quality, Toward};
use super::symbol::U;

const WIDTH: f64 = 1.4;
/// The zigzag's height and length.
const AMPLITUDE: f64 = 0.1 * U;
const WAVE: f64 = 0.2 * U;
const ARROW: f64 = 10.0;
const DOTS: [f64; 2] = [2.0, 4.0];

/// The colour of a tie, a help on screens; the shape alone tells all.
pub(crate) fn shade(quality: Quality) -> &'static str {
    match quality {
        Quality::Close | Quality::VeryClose => colour::GREEN,
        Quality::Distant => colour::SOFT,
        Quality::Conflict | Quality::Abuse => colour::RED,
        Quality::Enmeshed => colour::BROWN,
        Quality::CutOff => colour::PURPLE,
        Quality::Focused => colour::BLUE,
    }
}

/// How far the drawing reaches to either side of its path.
pub(crate) fn half_width(quality: Quality) -> f64 {
    match quality {
        Quality::Distant | Quality::CutOff | Quality::Focused => 1.0,
        Quality::Close => 2.5,
        Quality::VeryClose | Quality::Conflict | Quality::Abuse => 4.0,
        Quality::Enmeshed => 6.0,
    }
}

/// Draws the tie along the path from a to b.
pub(crate) fn draw(svg: &mut Svg, path: &[Point], quality: Quality, toward: Toward) {
    let shade = shade(quality);
    let ink = Ink::line(WIDTH).coloured(shade);
    match quality {
        Quality::Close => {
            svg.polyline(&beside(path, 2.0), ink);
            svg.polyline(&beside(path, -2.0), ink);
        }
        Quality::VeryClose | Quality::Enmeshed => {
            let apart = if quality == Quality::Enmeshed { 5.5 } else { 3.6 };
            svg.polyline(&beside(path, apart), ink);
            svg.polyline(path, ink);
            svg.polyline(&beside(path, -apart), ink);
            if quality == Quality::Enmeshed {
                svg.polyline(&zigzag(path, AMPLITUDE, WAVE), Ink::line(WIDTH).coloured(colour::RED));
            }
        }
        Quality::Distant => svg.polyline(path, Ink { width: WIDTH + 0.4, ..ink }.dashed(&DOTS)),
        Quality::Conflict => svg.polyline(&zigzag(path, AMPLITUDE, WAVE), ink),
        Quality::CutOff => {
            let (halves, bars) = cut(path, 9.0, 7.0);
            for line in halves.iter().map(Vec::as_slice).chain(bars.iter().map(|b| &b[..])) {
                svg.polyline(line, Ink { width: WIDTH + 0.3, ..ink });
            }
        }
        Quality::Focused | Quality::Abuse => {
            let (to_b, to_a) = (toward != Toward::A, toward != Toward::B);
            let end = |there: bool| if there { ARROW } else { 0.0 };
            let body = shortened(path, end(to_a), end(to_b));
            svg.polyline(&if quality == Quality::Abuse { zigzag(&body, AMPLITUDE, WAVE) } else { body }, ink);
            if to_b {
                arrow(svg, path, ARROW, shade);
            }
            if to_a {
                arrow(svg, &reversed(path), ARROW, shade);
            }
        }
    }
}
