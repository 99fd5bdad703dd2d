//! Numbers over time: a line for each series, told apart by marker and dashes as well as by colour.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::axis::{Scale, heading};
use super::geometry::{Point, Rect, at};
use super::legend::Legend;
use super::svg::{Anchor, Ink, Svg, Text, text_width};
use super::{Table, colour};

/// Series over the same periods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    /// The unit of the numbers.
    pub unit: String,
    /// The word for the periods, the head of their column.
    pub category: String,
    /// The periods from left to right.
    pub periods: Vec<String>,
    /// The series.
    pub series: Vec<Series>,
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its number in each period; where there is none the line has a gap.
    pub values: Vec<Option<Decimal>>,
}

const FONT: f64 = 12.0;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 200.0;
const LABEL: f64 = 46.0;

/// How a series looks: its colour, its dashes, the shape of its marker.
fn look(nth: usize) -> (&'static str, &'static [f64], usize) {
    const COLOURS: [&str; 6] = [colour::BLUE, colour::RED, colour::GREEN, colour::PURPLE, colour::BROWN, colour::INK];
    const DASHES: [&[f64]; 4] = [&[], &[7.0, 3.0], &[2.0, 2.5], &[9.0, 3.0, 2.0, 3.0]];
    (COLOURS[nth % COLOURS.len()], DASHES[nth % DASHES.len()], nth % 6)
}

fn mark(svg: &mut Svg, p: Point, nth: usize) {
    let (colour, _, shape) = look(nth);
    let ink = |fill| Ink::line(1.5).coloured(colour).with_fill(fill);
    let square = Rect::new(p.x - 3.6, p.y - 3.6, p.x + 3.6, p.y + 3.6);
    match shape {
        0 => svg.circle(p, 3.8, ink(colour)),
        1 => svg.rect(square, 0.0, ink(colour::PAPER)),
        2 => svg.polygon(&[p.plus(0.0, -5.0), p.plus(4.8, 3.6), p.plus(-4.8, 3.6)], ink(colour)),
        3 => svg.polygon(&[p.plus(0.0, -5.2), p.plus(5.2, 0.0), p.plus(0.0, 5.2), p.plus(-5.2, 0.0)], ink(colour::PAPER)),
        4 => {
            svg.line(p.plus(-4.0, -4.0), p.plus(4.0, 4.0), Ink::line(2.0).coloured(colour));
            svg.line(p.plus(-4.0, 4.0), p.plus(4.0, -4.0), Ink::line(2.0).coloured(colour));
        }
        _ => svg.circle(p, 3.8, ink(colour::PAPER)),
    }
}

/// Draws the lines; none where there is not a single number.
pub fn draw(trend: &Trend, title: &str, description: &str) -> Option<String> {
    let value = |value: &Option<Decimal>| value.and_then(|value| value.to_f64());
    let known: Vec<f64> = trend.series.iter().flat_map(|series| series.values.iter().filter_map(value)).collect();
    if known.is_empty() || trend.periods.is_empty() {
        return None;
    }
    let mut svg = Svg::default();
    let top = heading(&mut svg, at(0.0, 0.0), title, &trend.unit) + 12.0;
    let scale = Scale::of(&known);
    let area = Rect::new(LABEL, top, LABEL + WIDTH, top + HEIGHT);
    scale.draw_up(&mut svg, area, FONT);
    let band = WIDTH / trend.periods.len() as f64;
    let x = |nth: usize| area.left + band * (nth as f64 + 0.5);
    svg.line(at(area.left, area.bottom), at(area.right, area.bottom), Ink::line(1.0));
    // Names of periods keep apart, and the last is always there.
    let widest = trend.periods.iter().map(|period| text_width(period, FONT)).fold(0.0, f64::max) + 6.0;
    let every = (widest / band).ceil().max(1.0) as usize;
    for (nth, period) in trend.periods.iter().enumerate() {
        svg.line(at(x(nth), area.bottom), at(x(nth), area.bottom + 4.0), Ink::line(1.0));
        if (trend.periods.len() - 1 - nth).is_multiple_of(every) {
            svg.text(&Text::new(at(x(nth), area.bottom + 17.0), period.clone(), FONT, Anchor::Middle));
        }
    }
    for (nth, series) in trend.series.iter().enumerate() {
        let (colour, dashes, _) = look(nth);
        let points: Vec<Option<Point>> =
            series.values.iter().map(value).enumerate().map(|(nth, v)| Some(at(x(nth), scale.y(area, v?)))).collect();
        for run in points.split(Option::is_none) {
            let line: Vec<Point> = run.iter().flatten().copied().collect();
            svg.polyline(&line, Ink::line(1.8).coloured(colour).dashed(dashes));
        }
        for (point, number) in points.iter().zip(&series.values) {
            let (Some(point), Some(number)) = (point, number) else { continue };
            mark(&mut svg, *point, nth);
            // The numbers of one line can be read beside it; those of several would lie upon each other.
            if trend.series.len() == 1 {
                svg.text(&Text::new(point.plus(0.0, -9.0), number.normalize().to_string(), FONT, Anchor::Middle));
            }
        }
    }
    let mut below = Rect::new(0.0, 0.0, area.right, area.bottom + 24.0);
    if trend.series.len() > 1 {
        let mut legend = Legend::default();
        for (nth, series) in trend.series.iter().enumerate() {
            let (colour, dashes, _) = look(nth);
            legend.add(&series.name, move |svg, from, to| {
                svg.line(from, to, Ink::line(1.8).coloured(colour).dashed(dashes));
                mark(svg, from.towards(to, 0.5), nth);
            });
        }
        below = below.joined(legend.draw(&mut svg, 0.0, area.right, area.bottom + 34.0, FONT, ""));
    }
    let wide = Rect::new(0.0, 0.0, text_width(title, 15.0) * 1.05, 10.0);
    Some(svg.finish(below.joined(wide).grown(14.0), title, description))
}

/// The numbers as a table, a row for each period.
pub fn rows(trend: &Trend) -> Table {
    let mut head = vec![trend.category.clone()];
    head.extend(trend.series.iter().map(|series| series.name.clone()));
    let cell =
        |series: &Series, nth: usize| series.values.get(nth).copied().flatten().map_or_else(String::new, |v| v.normalize().to_string());
    let row = |(nth, period): (usize, &String)| {
        let mut row = vec![period.clone()];
        row.extend(trend.series.iter().map(|series| cell(series, nth)));
        row
    };
    Table { head, rows: trend.periods.iter().enumerate().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(values: &[&[Option<i64>]]) -> Trend {
        let series = |(nth, values): (usize, &&[Option<i64>])| Series {
            name: format!("系列{nth}<"),
            values: values.iter().map(|value| value.map(Decimal::from)).collect(),
        };
        let periods = (1..=values.first().map_or(0, |values| values.len())).map(|n| format!("2026-{n:02}")).collect();
        Trend { unit: "人次".into(), category: "月份".into(), periods, series: values.iter().enumerate().map(series).collect() }
    }

    #[test]
    fn series_differ_in_shape_and_dashes() {
        let looks: Vec<_> = (0..6).map(look).collect();
        for (nth, one) in looks.iter().enumerate() {
            assert!(looks.iter().skip(nth + 1).all(|other| other.2 != one.2 && other.0 != one.0), "{nth}");
        }
        let two = draw(&trend(&[&[Some(1), Some(3)], &[Some(2), Some(5)]]), "图", "").unwrap();
        assert!(two.contains("stroke-dasharray=\"7 3\"") && two.contains("系列1&lt;"));
        assert_eq!(two, draw(&trend(&[&[Some(1), Some(3)], &[Some(2), Some(5)]]), "图", "").unwrap());
    }

    #[test]
    fn where_there_is_no_number_the_line_has_a_gap() {
        let lines = |svg: &str| svg.matches(&format!("stroke=\"{}\" stroke-width=\"1.8\"", colour::BLUE)).count();
        let whole = draw(&trend(&[&[Some(1), Some(2), Some(3), Some(4), Some(5)]]), "", "").unwrap();
        let cut = draw(&trend(&[&[Some(1), Some(2), None, Some(4), Some(5)]]), "", "").unwrap();
        assert_eq!((lines(&whole), lines(&cut)), (1, 2));
        assert!(cut.contains(">5</text>"), "one line says its numbers");
        let table = rows(&trend(&[&[Some(1), None]]));
        assert_eq!(table.rows, [["2026-01", "1"], ["2026-02", ""]]);
    }

    #[test]
    fn odd_numbers_are_survived() {
        assert_eq!(draw(&Trend::default(), "", ""), None);
        assert_eq!(draw(&trend(&[&[None, None]]), "", ""), None);
        let series = Series { name: "长".repeat(90), values: vec![Some(Decimal::MAX), Some(Decimal::MIN), None] };
        let long =
            Trend { periods: (0..100).map(|n| format!("第 {n} 期")).collect(), series: vec![series.clone(), series], ..Trend::default() };
        assert!(draw(&long, &"题".repeat(100), "").is_some());
        assert!(rows(&long).rows.iter().all(|row| row.len() == 3));
    }
}
