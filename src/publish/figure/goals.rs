//! Goals from start to end on the scale −2 to +2: one line per goal, an open ring where it began, a
//! full dot where it ended.

use super::axis::heading;
use super::geometry::{Rect, at};
use super::legend::Legend;
use super::line::arrow;
use super::svg::{Anchor, Ink, Svg, Text, text_width, wrap};
use super::words::words;
use super::{Table, colour};
use crate::rulebook::measure::{Goal, Measured, attainment, rounded};
use rust_decimal::Decimal;

/// A goal on the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalLine {
    /// Its number and words.
    pub label: String,
    /// Its scores.
    pub goal: Goal,
}

words! {
    /// The words on the chart of goals.
    {
        much_less = "much-less",
        less = "less",
        expected = "expected",
        more = "more",
        much_more = "much-more",
        start = "goal-start",
        end = "goal-end",
        goal = "goal",
        weight = "weight",
        unrated = "unrated",
        dropped = "dropped",
        score = "t-score",
    }
}

const FONT: f64 = 12.0;
const ROW: f64 = 40.0;
const LINE: f64 = FONT * 1.2;
const COLUMN: f64 = 96.0;

/// Draws the chart; none where there are no goals.
pub fn draw(goals: &[GoalLine], title: &str, description: &str, words: &Words) -> Option<String> {
    if goals.is_empty() {
        return None;
    }
    let mut svg = Svg::default();
    let label = 230.0;
    let labels: Vec<Vec<String>> = goals.iter().map(|g| wrap(&g.label, FONT, label - 20.0)).collect();
    let heights: Vec<f64> = labels.iter().map(|l| ROW.max(LINE * l.len() as f64 + 12.0)).collect();
    let area = Rect::new(label, 92.0, label + COLUMN * 5.0, 92.0 + heights.iter().sum::<f64>());
    let below = scores(goals, words);
    heading(&mut svg, at(0.0, 0.0), title, &below);
    let x = |level: i64| area.left + COLUMN * (level as f64 + 2.5);
    let levels = [&words.much_less, &words.less, &words.expected, &words.more, &words.much_more];
    svg.rect(Rect::new(x(0) - COLUMN / 2.0, area.top, x(0) + COLUMN / 2.0, area.bottom), 0.0, Ink::filled(colour::SHADE));
    for (level, word) in (-2..=2i64).zip(levels) {
        let sign = if level > 0 { format!("+{level}") } else { level.to_string().replace('-', "−") };
        svg.text(&Text::new(at(x(level), area.top - 24.0), sign, FONT + 1.0, Anchor::Middle).bold());
        svg.text(&Text::new(at(x(level), area.top - 8.0), word.clone(), FONT, Anchor::Middle).coloured(colour::SOFT));
        let ink = Ink::line(if level == 0 { 1.5 } else { 0.5 }).coloured(if level == 0 { colour::SOFT } else { colour::PALE });
        svg.line(at(x(level), area.top), at(x(level), area.bottom), ink);
    }
    let mut bottom = area.top;
    for ((line, label), height) in goals.iter().zip(&labels).zip(heights) {
        bottom += height;
        svg.line(at(0.0, bottom), at(area.right, bottom), Ink::line(0.5).coloured(colour::PALE));
        let y = bottom - height / 2.0;
        for (i, text) in label.iter().enumerate() {
            let up = (i as f64 - (label.len() as f64 - 1.0) / 2.0) * LINE;
            let shade = if line.goal.dropped { colour::SOFT } else { colour::INK };
            svg.text(&Text::new(at(0.0, y + up + FONT * 0.36), text.clone(), FONT, Anchor::Start).coloured(shade));
        }
        draw_goal(&mut svg, line, y, area, &x, words);
    }
    let mut legend = Legend::default();
    legend.add_narrow(&words.start, |svg, from, to| svg.circle(from.towards(to, 0.5), 6.0, Ink::line(1.5).with_fill(colour::PAPER)));
    legend.add_narrow(&words.end, |svg, from, to| svg.circle(from.towards(to, 0.5), 6.0, Ink::filled(colour::INK)));
    let legend = legend.draw(&mut svg, 0.0, area.right, area.bottom + 14.0, FONT, "");
    let wide = text_width(title, 15.0).max(text_width(&below, FONT));
    Some(svg.finish(legend.joined(Rect::new(0.0, 0.0, area.right.max(wide), 10.0)).grown(14.0), title, description))
}

fn draw_goal(svg: &mut Svg, line: &GoalLine, y: f64, area: Rect, x: &impl Fn(i64) -> f64, words: &Words) {
    let shade = if line.goal.dropped { colour::SOFT } else { colour::INK };
    let on_scale = |level: Option<i64>| level.filter(|l| (-2..=2).contains(l));
    let (start, end) = (on_scale(line.goal.start), on_scale(line.goal.end));
    if let (Some(s), Some(e)) = (start, end)
        && s != e
    {
        let (from, to) = (at(x(s), y), at(x(e), y));
        let ahead = if e > s { -7.0 } else { 7.0 };
        let ink = Ink::line(2.0).coloured(shade);
        svg.line(from, to.plus(ahead, 0.0), if line.goal.dropped { ink.dashed(&[4.0, 3.0]) } else { ink });
        arrow(svg, &[from, to.plus(ahead, 0.0)], 10.0, shade);
    }
    if let Some(s) = start {
        let radius = if start == end { 10.0 } else { 6.0 };
        svg.circle(at(x(s), y), radius, Ink::line(1.5).coloured(shade).with_fill(colour::PAPER));
    }
    if let Some(e) = end {
        svg.circle(at(x(e), y), 6.0, Ink::filled(shade));
    }
    let remark = match (line.goal.dropped, start, end) {
        (true, _, _) => &words.dropped,
        (false, Some(_), Some(_)) => return,
        _ => &words.unrated,
    };
    svg.text(&Text::new(at(area.right - 4.0, y - 6.0), remark.clone(), FONT, Anchor::End).coloured(colour::SOFT));
}

fn scores(goals: &[GoalLine], words: &Words) -> String {
    let result = attainment(&goals.iter().map(|g| g.goal).collect::<Vec<_>>());
    let one = |score: Measured<Decimal>| score.ok().map(|s| format!("{:.1}", rounded(s, 1)));
    match (one(result.start), one(result.end)) {
        (Some(start), Some(end)) => format!("{} {start} → {end}", words.score),
        (Some(start), None) => format!("{} {start} → {}", words.score, words.unrated),
        _ => String::new(),
    }
}

/// The goals as a table.
pub fn rows(goals: &[GoalLine], words: &Words) -> Table {
    let level = |l: Option<i64>| l.map_or_else(|| words.unrated.clone(), |l| l.to_string());
    let head = [&words.goal, &words.weight, &words.start, &words.end].map(Clone::clone).into();
    let row = |g: &GoalLine| {
        let label = if g.goal.dropped { format!("{}({})", g.label, words.dropped) } else { g.label.clone() };
        vec![label, g.goal.weight.to_string(), level(g.goal.start), level(g.goal.end)]
    };
    Table { head, rows: goals.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{goal_lines, zh};
    use super::*;

    #[test]
    fn the_worked_example_is_drawn() {
        let words = Words::read(zh);
        let goals = goal_lines();
        let three = &goals[..3];
        let svg = draw(three, "目标", "", &words).unwrap();
        assert!(svg.contains("32.4 → 52.2"));
        assert_eq!(svg, draw(three, "目标", "", &words).unwrap());
        assert_eq!(rows(three, &words).rows[1], ["O2 每周按时上学四天以上", "2", "-2", "1"]);
        assert!(draw(&goals, "目标", "", &words).unwrap().contains("未评"));
        assert_eq!(draw(&[], "目标", "", &words), None);
    }

    #[test]
    fn odd_levels_are_not_drawn() {
        let words = Words::read(zh);
        let odd = GoalLine { label: "x".into(), goal: Goal { weight: i64::MAX, start: Some(i64::MIN), end: Some(9), dropped: false } };
        assert!(draw(&[odd], "", "", &words).unwrap().contains("未评"));
    }
}
