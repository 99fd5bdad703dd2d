//! Numbers by category: level bars, one per category, of one part or several parts in a row.

use super::axis::{Scale, heading};
use super::geometry::{Rect, at};
use super::hatch::Hatch;
use super::legend::Legend;
use super::svg::{Anchor, Ink, Svg, Text, text_width, wrap};
use super::{Table, colour};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// A bar chart; with several parts the bars are stacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bars {
    /// The unit of the numbers.
    pub unit: String,
    /// The word for the categories, the head of their column.
    pub category: String,
    /// The names of the parts.
    pub parts: Vec<String>,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// One category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// The number of each part; what is missing or negative is not drawn.
    pub values: Vec<Option<Decimal>>,
}

const FONT: f64 = 12.0;
const ROW: f64 = 30.0;
const LABEL: f64 = 150.0;
const WIDTH: f64 = 360.0;

/// Draws the chart; none where there are no bars.
pub fn draw(chart: &Bars, title: &str, description: &str) -> Option<String> {
    if chart.bars.is_empty() {
        return None;
    }
    let mut svg = Svg::default();
    let top = heading(&mut svg, at(0.0, 0.0), title, &chart.unit) + 8.0;
    let size = |v: &Option<Decimal>| v.and_then(|v| v.to_f64()).filter(|v| *v > 0.0).unwrap_or(0.0);
    let totals: Vec<f64> = chart.bars.iter().map(|b| b.values.iter().map(size).sum()).collect();
    let most = totals.iter().copied().fold(0.0, f64::max);
    let scale = Scale::of(&[0.0, most]);
    let area = Rect::new(LABEL, top, LABEL + WIDTH, top + ROW * chart.bars.len() as f64);
    for tick in scale.ticks() {
        let x = scale.x(area, tick);
        svg.line(at(x, area.top), at(x, area.bottom), Ink::line(0.5).coloured(colour::PALE));
        svg.text(&Text::new(at(x, area.bottom + 16.0), super::svg::number(tick), FONT, Anchor::Middle));
    }
    let mut right = area.right;
    for (i, (bar, total)) in chart.bars.iter().zip(&totals).enumerate() {
        let (y, half) = (area.top + ROW * (i as f64 + 0.5), ROW * 0.32);
        let lines = wrap(&bar.label, FONT, LABEL - 16.0);
        let shown = lines.len().min(2);
        for (n, line) in lines.iter().take(2).enumerate() {
            let up = (n as f64 - (shown as f64 - 1.0) / 2.0) * FONT * 1.1;
            let line = if n == 1 && lines.len() > 2 { format!("{line}…") } else { line.clone() };
            svg.text(&Text::new(at(area.left - 8.0, y + up + FONT * 0.36), line, FONT, Anchor::End));
        }
        let mut sum = 0.0;
        for (part, value) in bar.values.iter().enumerate() {
            let from = scale.x(area, sum);
            sum += size(value);
            let to = scale.x(area, sum);
            Hatch::nth(part).draw(&mut svg, Rect::new(from, y - half, to, y + half));
            let word = value.map_or_else(String::new, |v| v.normalize().to_string());
            if bar.values.len() > 1 && to - from > text_width(&word, FONT) + 8.0 {
                let text = Text::new(at((from + to) / 2.0, y + FONT * 0.36), word, FONT, Anchor::Middle);
                if Hatch::nth(part) == Hatch::Solid { svg.text(&text.coloured(colour::PAPER)) } else { svg.text_on_paper(&text) }
            }
        }
        let known: Vec<Decimal> = bar.values.iter().flatten().copied().collect();
        let total_word = if known.is_empty() {
            "–".to_owned()
        } else {
            known.iter().fold(Decimal::ZERO, |a, b| a.saturating_add(*b)).normalize().to_string()
        };
        let text = Text::new(at(scale.x(area, *total) + 6.0, y + FONT * 0.36), total_word, FONT, Anchor::Start).bold();
        right = right.max(text.area().right * 1.02);
        svg.text(&text);
    }
    svg.line(at(area.left, area.top), at(area.left, area.bottom), Ink::line(1.0));
    let mut below = Rect::new(0.0, 0.0, right, area.bottom + 22.0);
    if chart.parts.len() > 1 {
        let mut legend = Legend::default();
        for (i, part) in chart.parts.iter().enumerate() {
            legend.add(part, move |svg, from, to| Hatch::nth(i).draw(svg, Rect::new(from.x, from.y - 7.0, to.x, to.y + 7.0)));
        }
        below = below.joined(legend.draw(&mut svg, 0.0, area.right, area.bottom + 32.0, FONT, ""));
    }
    let wide = Rect::new(0.0, 0.0, text_width(title, 15.0) * 1.05, 10.0);
    Some(svg.finish(below.joined(wide).grown(14.0), title, description))
}

/// The numbers as a table.
pub fn rows(chart: &Bars) -> Table {
    let parts = chart.bars.iter().map(|b| b.values.len()).max().unwrap_or(0).max(chart.parts.len());
    let name = |i: usize| chart.parts.get(i).cloned().unwrap_or_else(|| chart.unit.clone());
    let mut head = vec![chart.category.clone()];
    head.extend((0..parts).map(name));
    let cell = |v: Option<&Option<Decimal>>| v.copied().flatten().map_or_else(String::new, |v| v.normalize().to_string());
    let row = |b: &Bar| {
        let mut row = vec![b.label.clone()];
        row.extend((0..parts).map(|i| cell(b.values.get(i))));
        row
    };
    Table { head, rows: chart.bars.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{bars, stacked};
    use super::*;

    #[test]
    fn bars_and_their_table() {
        for chart in [bars(), stacked()] {
            let svg = draw(&chart, "图", "").unwrap();
            assert_eq!(svg, draw(&chart, "图", "").unwrap());
            let table = rows(&chart);
            assert!(table.rows.iter().all(|r| r.len() == table.head.len()));
            assert_eq!(table.rows.len(), chart.bars.len());
        }
    }

    #[test]
    fn odd_numbers_are_survived() {
        let bar = |v: Option<Decimal>| Bar { label: "长".repeat(60), values: vec![v, None, Some(Decimal::MAX)] };
        let chart = Bars { bars: vec![bar(Some(Decimal::MIN)), bar(None), Bar::default()], ..Bars::default() };
        assert!(draw(&chart, "", "").is_some());
        assert_eq!(rows(&chart).head.len(), 4);
        assert_eq!(draw(&Bars::default(), "", ""), None);
    }
}
