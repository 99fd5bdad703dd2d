//! One measure before and during the intervention, as a line chart.
//!
//! The phases are parted by an upright dashed line and not connected; a missing measurement leaves a
//! gap. Each phase has its mean as a level line; the band of two standard deviations of the baseline
//! lies in grey under both.

use super::axis::{Scale, heading};
use super::geometry::{Point, Rect, at};
use super::legend::Legend;
use super::svg::{Anchor, Ink, Svg, Text, text_width};
use super::words::words;
use super::{Table, colour};
use crate::rulebook::measure::{Better, Comparison, rounded};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

pub use crate::rulebook::figure::series::*;

words! {
    /// The words on the chart of a measure.
    {
        lower_better = "lower-better",
        higher_better = "higher-better",
        before = "phase-a",
        during = "phase-b",
        after = "phase-a2",
        mean = "mean",
        band = "band",
        value = "value",
        time = "time",
        phase = "phase",
        missing = "missing",
    }
}

const FONT: f64 = 12.0;
const HEIGHT: f64 = 260.0;

/// Draws the chart; none where there is no measurement.
pub fn draw(series: &Series, title: &str, description: &str, words: &Words) -> Option<String> {
    if series.points.is_empty() {
        return None;
    }
    let mut svg = Svg::default();
    let comparison = series.comparison();
    let step = (640.0 / series.points.len() as f64).clamp(16.0, 56.0);
    let area = Rect::new(46.0, 66.0, 46.0 + (step * series.points.len() as f64).max(440.0), 66.0 + HEIGHT);
    let step = area.width() / series.points.len() as f64;
    let mut values: Vec<f64> = series.points.iter().filter_map(|p| p.value.and_then(|v| v.to_f64())).collect();
    if let Ok((low, high)) = comparison.band {
        values.extend([low, high].iter().filter_map(|v| v.to_f64()).map(|v| if series.better == Better::Lower { v.max(0.0) } else { v }));
    }
    let scale = Scale::of(&values);
    heading(&mut svg, at(0.0, 0.0), &series.measure, &headline(series, &comparison, words));
    let x = |i: usize| area.left + step * (i as f64 + 0.5);
    let spans = spans(series);
    let band = draw_band(&mut svg, area, &scale, &comparison);
    scale.draw_up(&mut svg, area, FONT);
    svg.text(&Text::new(at(area.left - 7.0, area.top - 8.0), series.unit.clone(), FONT, Anchor::End).coloured(colour::SOFT));
    svg.line(at(area.left, area.bottom), at(area.right, area.bottom), Ink::line(1.0));
    for (phase, first, last) in &spans {
        draw_phase(&mut svg, area, &scale, series, (*phase, *first, *last), &x, words);
    }
    times(&mut svg, area, series, step, &x);
    let mut legend = Legend::default();
    legend.add(&words.value, |svg, from, to| {
        svg.line(from, to, Ink::line(1.5));
        svg.circle(from.towards(to, 0.5), 3.5, Ink::filled(colour::INK));
    });
    legend.add(&words.mean, |svg, from, to| svg.line(from, to, Ink::line(1.5).coloured(colour::BLUE).dashed(&[9.0, 3.0])));
    if band {
        legend.add(&words.band, |svg, from, to| {
            svg.rect(
                Rect::new(from.x, from.y - 7.0, to.x, to.y + 7.0),
                0.0,
                Ink::line(0.5).coloured(colour::PALE).with_fill(colour::SHADE),
            );
        });
    }
    let below = legend.draw(&mut svg, 0.0, area.right, area.bottom + 46.0, FONT, "");
    let wide = text_width(&headline(series, &comparison, words), FONT).max(text_width(&series.measure, 15.0) * 1.05);
    Some(svg.finish(below.joined(Rect::new(0.0, 0.0, area.right.max(wide), 10.0)).grown(14.0), title, description))
}

fn headline(series: &Series, comparison: &Comparison, words: &Words) -> String {
    let way = if series.better == Better::Lower { &words.lower_better } else { &words.higher_better };
    format!("{way} · n_A = {}, n_B = {}", comparison.count_a, comparison.count_b)
}

/// The runs of one phase, with their first and last place.
fn spans(series: &Series) -> Vec<(Phase, usize, usize)> {
    let mut found: Vec<(Phase, usize, usize)> = Vec::new();
    for (i, point) in series.points.iter().enumerate() {
        match found.last_mut() {
            Some(span) if span.0 == point.phase => span.2 = i,
            _ => found.push((point.phase, i, i)),
        }
    }
    found
}

fn draw_band(svg: &mut Svg, area: Rect, scale: &Scale, comparison: &Comparison) -> bool {
    let Ok((low, high)) = comparison.band else { return false };
    let (Some(low), Some(high)) = (low.to_f64(), high.to_f64()) else { return false };
    let (top, bottom) = (scale.y(area, high), scale.y(area, low));
    svg.rect(Rect::new(area.left, top, area.right, bottom), 0.0, Ink::filled(colour::SHADE));
    for (y, value) in [(top, high), (bottom, low)] {
        if value > scale.low && value < scale.high {
            svg.line(at(area.left, y), at(area.right, y), Ink::line(0.75).coloured(colour::SOFT).dashed(&[2.0, 3.0]));
        }
    }
    bottom > top
}

fn draw_phase(
    svg: &mut Svg,
    area: Rect,
    scale: &Scale,
    series: &Series,
    (phase, first, last): (Phase, usize, usize),
    x: &impl Fn(usize) -> f64,
    words: &Words,
) {
    let half = (x(1) - x(0)) / 2.0;
    let (left, right) = (x(first) - half, x(last) + half);
    let word = match phase {
        Phase::Before => &words.before,
        Phase::During => &words.during,
        Phase::After => &words.after,
    };
    svg.text(&Text::new(at((left + right) / 2.0, area.top - 8.0), word.clone(), FONT, Anchor::Middle).bold());
    if first > 0 {
        svg.line(at(left, area.top - 16.0), at(left, area.bottom), Ink::line(1.2).dashed(&[5.0, 4.0]));
    }
    let points: Vec<Option<Point>> = (first..=last)
        .map(|i| series.points.get(i).and_then(|p| p.value).and_then(|v| v.to_f64()).map(|v| at(x(i), scale.y(area, v))))
        .collect();
    let values: Vec<Decimal> = series.points.iter().take(last + 1).skip(first).filter_map(|p| p.value).collect();
    if let Ok(mean) = crate::rulebook::measure::decimal::mean(&values)
        && let Some(y) = mean.to_f64().map(|m| scale.y(area, m))
    {
        svg.line(at(left + 3.0, y), at(right - 3.0, y), Ink::line(1.5).coloured(colour::BLUE).dashed(&[9.0, 3.0]));
        let text = Text::new(at(right - 5.0, y - 4.0), format!("{} {}", words.mean, rounded(mean, 2)), FONT, Anchor::End);
        // Where the line of values passes, the word goes below.
        let text = [y - 4.0, y + FONT + 1.0]
            .into_iter()
            .flat_map(|y| {
                let width = text_width(&text.text, FONT);
                [(right - 5.0, y), (left + 5.0 + width, y)]
            })
            .map(|(x, y)| Text { at: at(x, y), ..text.clone() })
            .min_by_key(|t| {
                let box_of = t.area().grown(2.0);
                let hit = |w: &&[Option<Point>]| matches!(w, [Some(a), Some(b)] if box_of.crossed_by(*a, *b));
                points.windows(2).filter(hit).count() + points.iter().flatten().filter(|p| box_of.grown(3.0).holds(**p)).count()
            })
            .unwrap_or(text);
        svg.text(&text.coloured(colour::BLUE));
    }
    for pair in points.windows(2) {
        if let [Some(a), Some(b)] = pair {
            svg.line(*a, *b, Ink::line(1.5));
        }
    }
    for point in points.iter().flatten() {
        svg.circle(*point, 3.5, Ink::line(1.0).with_fill(if phase == Phase::During { colour::INK } else { colour::PAPER }));
    }
}

/// The times below the chart, as many as there is room for.
fn times(svg: &mut Svg, area: Rect, series: &Series, step: f64, x: &impl Fn(usize) -> f64) {
    let widest = series.points.iter().map(|p| text_width(&p.time, FONT)).fold(1.0, f64::max) + 8.0;
    let every = (widest / step).ceil().max(1.0) as usize;
    for (i, point) in series.points.iter().enumerate() {
        svg.line(at(x(i), area.bottom), at(x(i), area.bottom + 4.0), Ink::line(1.0));
        if i % every == 0 {
            svg.text(&Text::new(at(x(i), area.bottom + 18.0), point.time.clone(), FONT, Anchor::Middle));
        }
        if point.value.is_none() {
            svg.text(&Text::new(at(x(i), area.bottom - 4.0), "×", FONT, Anchor::Middle).coloured(colour::SOFT));
        }
    }
}

/// The measurements as a table.
pub fn rows(series: &Series, words: &Words) -> Table {
    let phase = |p: Phase| match p {
        Phase::Before => &words.before,
        Phase::During => &words.during,
        Phase::After => &words.after,
    };
    let value = |v: Option<Decimal>| v.map_or_else(|| words.missing.clone(), |v| v.normalize().to_string());
    let mut table = Table { head: vec![words.time.clone(), words.phase.clone(), words.value.clone()], rows: Vec::new() };
    table.rows.extend(series.points.iter().map(|p| vec![p.time.clone(), phase(p.phase).clone(), value(p.value)]));
    for one in Phase::ALL {
        let values: Vec<Decimal> = series.values(one).into_iter().flatten().collect();
        if let Ok(mean) = crate::rulebook::measure::decimal::mean(&values) {
            table.rows.push(vec![words.mean.clone(), phase(one).clone(), rounded(mean, 2).normalize().to_string()]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::samples::{ab_series, zh};
    use super::*;

    #[test]
    fn the_worked_example_is_drawn() {
        let words = Words::read(zh);
        let series = ab_series();
        let svg = draw(&series, "图", "述", &words).unwrap();
        assert_eq!(svg, draw(&series, "图", "述", &words).unwrap());
        assert!(svg.contains("n_A = 5, n_B = 8") && svg.contains("均值 8.20") && svg.contains("均值 4.38"));
        assert_eq!(svg.matches("<circle").count(), 14);
        assert_eq!(rows(&series, &words).rows.len(), 15);
    }

    #[test]
    fn gaps_and_emptiness() {
        let words = Words::read(zh);
        let mut series = ab_series();
        series.points[2].value = None;
        let svg = draw(&series, "图", "述", &words).unwrap();
        assert!(svg.contains(">×<"));
        assert_eq!(rows(&series, &words).rows[2][2], "缺测");
        series.points.iter_mut().for_each(|p| p.value = None);
        assert!(draw(&series, "图", "述", &words).is_some());
        series.points.iter_mut().for_each(|p| p.value = Some(Decimal::MAX));
        assert!(draw(&series, "图", "述", &words).is_some());
        series.points.clear();
        assert_eq!(draw(&series, "图", "述", &words), None);
    }
}
