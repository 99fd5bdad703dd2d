//! A small SVG writer: the subset that browsers and typst draw alike, byte for byte the same.
//!
//! Plain attributes only: no style sheets, no variables, no ids, no fonts but the family names.

use super::colour;
use super::geometry::{Point, Rect};
use crate::publish::xml::escaped;
use std::fmt::Write as _;

/// The families tried in turn, the same as on the papers.
const FONTS: &str = "Noto Serif CJK SC, Noto Sans CJK SC, sans-serif";

/// How a shape is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink<'a> {
    pub stroke: &'a str,
    pub width: f64,
    pub dash: &'a [f64],
    pub fill: &'a str,
}

impl<'a> Ink<'a> {
    pub const fn line(width: f64) -> Ink<'static> {
        Ink { stroke: colour::INK, width, dash: &[], fill: "none" }
    }

    pub const fn filled(fill: &'a str) -> Ink<'a> {
        Ink { stroke: "none", width: 0.0, dash: &[], fill }
    }

    pub const fn with_fill(self, fill: &'a str) -> Ink<'a> {
        Ink { fill, ..self }
    }

    pub const fn coloured(self, stroke: &'a str) -> Ink<'a> {
        Ink { stroke, ..self }
    }

    pub const fn dashed(self, dash: &'a [f64]) -> Ink<'a> {
        Ink { dash, ..self }
    }
}

/// Where a text stands in relation to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text on its baseline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub at: Point,
    pub text: String,
    pub size: f64,
    pub anchor: Anchor,
    pub fill: &'static str,
    pub bold: bool,
}

impl Text {
    pub fn new(at: Point, text: impl Into<String>, size: f64, anchor: Anchor) -> Text {
        Text { at, text: text.into(), size, anchor, fill: colour::INK, bold: false }
    }

    pub fn coloured(self, fill: &'static str) -> Text {
        Text { fill, ..self }
    }

    pub fn bold(self) -> Text {
        Text { bold: true, ..self }
    }

    /// The box the text takes.
    pub fn area(&self) -> Rect {
        let width = text_width(&self.text, self.size);
        let left = match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - width / 2.0,
            Anchor::End => self.at.x - width,
        };
        Rect::new(left, self.at.y - self.size * 0.86, left + width, self.at.y + self.size * 0.14)
    }
}

/// The width of a text, rather too wide than too narrow.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'l' | 'j' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '!' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.92,
        'A'..='Z' => 0.68,
        '\u{0}'..='\u{24f}' => 0.56,
        '–' | '−' => 0.62,
        _ => 1.0,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// Breaks a text into lines no wider than `width`, at spaces where there are any.
pub(crate) fn wrap(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in text.trim().chars() {
        line.push(c);
        if text_width(&line, size) > width && line.chars().count() > 1 {
            let cut = match line.trim_end().rfind(' ') {
                // A space far to the left would leave the line nearly empty.
                Some(space) if text_width(&line[..space], size) > width * 0.4 => space,
                _ => line.char_indices().next_back().map_or(0, |(i, _)| i),
            };
            let rest = line.split_off(cut);
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Breaks a text like [`wrap`] with the lines as even as they go.
pub(crate) fn wrap_evenly(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut best = wrap(text, size, width);
    let count = best.len();
    let mut narrower = width;
    for _ in 0..40 {
        narrower -= size * 0.5;
        let tried = wrap(text, size, narrower);
        if narrower < size || tried.len() > count {
            break;
        }
        best = tried;
    }
    best
}

/// A drawing in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Svg {
    body: String,
    /// Whether anything in it leads somewhere.
    leads: bool,
}

impl Svg {
    pub fn line(&mut self, from: Point, to: Point, ink: Ink<'_>) {
        self.polyline(&[from, to], ink);
    }

    pub fn polyline(&mut self, points: &[Point], ink: Ink<'_>) {
        if points.len() < 2 {
            return;
        }
        self.path(&polyline_data(points), ink);
    }

    pub fn polygon(&mut self, points: &[Point], ink: Ink<'_>) {
        if points.len() < 3 {
            return;
        }
        self.path(&format!("{}Z", polyline_data(points)), ink);
    }

    /// Draws path data written by [`polyline_data`] and its like.
    pub fn path(&mut self, data: &str, ink: Ink<'_>) {
        let _ = write!(self.body, "<path d=\"{data}\"");
        self.ink(ink);
    }

    pub fn circle(&mut self, centre: Point, radius: f64, ink: Ink<'_>) {
        let _ = write!(self.body, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", number(centre.x), number(centre.y), number(radius));
        self.ink(ink);
    }

    pub fn rect(&mut self, area: Rect, radius: f64, ink: Ink<'_>) {
        let _ = write!(self.body, "<rect x=\"{}\" y=\"{}\"", number(area.left), number(area.top));
        let _ = write!(self.body, " width=\"{}\" height=\"{}\"", number(area.width().max(0.0)), number(area.height().max(0.0)));
        if radius > 0.0 {
            let _ = write!(self.body, " rx=\"{}\"", number(radius));
        }
        self.ink(ink);
    }

    pub fn text(&mut self, text: &Text) {
        if text.text.is_empty() {
            return;
        }
        let _ = write!(self.body, "<text x=\"{}\" y=\"{}\" font-size=\"{}\"", number(text.at.x), number(text.at.y), number(text.size));
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str(" text-anchor=\"end\""),
        }
        if text.bold {
            self.body.push_str(" font-weight=\"bold\"");
        }
        let _ = writeln!(self.body, " fill=\"{}\">{}</text>", text.fill, escaped(&text.text));
    }

    /// A text on a patch of paper, readable across lines.
    pub fn text_on_paper(&mut self, text: &Text) {
        let area = text.area();
        self.rect(Rect::new(area.left - 1.5, area.top, area.right + 1.5, area.bottom), 2.0, Ink::filled(colour::PAPER));
        self.text(text);
    }

    /// Adds a drawing, moved and scaled.
    pub fn nested(&mut self, inner: &Svg, origin: Point, scale: f64) {
        let _ = writeln!(self.body, "<g transform=\"translate({} {}) scale({})\">", number(origin.x), number(origin.y), number(scale));
        self.body.push_str(&inner.body);
        self.body.push_str("</g>\n");
    }

    /// Draws something that has a title of its own and may lead somewhere.
    pub fn linked(&mut self, href: Option<&str>, title: &str, draw: impl FnOnce(&mut Self)) {
        let tag = if href.is_some() { "a" } else { "g" };
        let _ = write!(self.body, "<{tag}");
        if let Some(href) = href {
            let _ = write!(self.body, " href=\"{}\"", escaped(href));
            self.leads = true;
        }
        let _ = writeln!(self.body, "><title>{}</title>", escaped(title));
        draw(self);
        let _ = writeln!(self.body, "</{tag}>");
    }

    fn ink(&mut self, ink: Ink<'_>) {
        let _ = write!(self.body, " fill=\"{}\"", ink.fill);
        if ink.stroke != "none" {
            let _ = write!(self.body, " stroke=\"{}\" stroke-width=\"{}\"", ink.stroke, number(ink.width));
            if !ink.dash.is_empty() {
                let dashes: Vec<String> = ink.dash.iter().map(|d| number(*d)).collect();
                let _ = write!(self.body, " stroke-dasharray=\"{}\"", dashes.join(" "));
            }
        }
        self.body.push_str("/>\n");
    }

    /// The finished document, showing `view`.
    pub fn finish(&self, view: Rect, title: &str, description: &str) -> String {
        let (title, description) = (escaped(title), escaped(description));
        let (width, height) = (number(view.width().max(1.0)), number(view.height().max(1.0)));
        // The parts of a picture are not told to those who do not see it; links are.
        let role = if self.leads { "group" } else { "img" };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"{role}\" aria-label=\"{title}\" font-family=\"{FONTS}\" stroke-linecap=\"butt\" stroke-linejoin=\"round\">\n\
             <title>{title}</title>\n<desc>{description}</desc>\n<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" \
             fill=\"{}\"/>\n{}</svg>\n",
            number(view.left),
            number(view.top),
            number(view.left),
            number(view.top),
            colour::PAPER,
            self.body
        )
    }
}

/// Path data through the points.
pub(crate) fn polyline_data(points: &[Point]) -> String {
    let mut data = String::new();
    for (i, p) in points.iter().enumerate() {
        let _ = write!(data, "{}{} {}", if i == 0 { "M" } else { "L" }, number(p.x), number(p.y));
    }
    data
}

/// Path data around the corners, each rounded.
pub(crate) fn rounded_data(corners: &[Point], radius: f64) -> String {
    let mut data = String::new();
    let count = corners.len();
    for (i, corner) in corners.iter().enumerate() {
        let (Some(before), Some(after)) = (corners.get((i + count - 1) % count), corners.get((i + 1) % count)) else { continue };
        let cut = |to: &Point| {
            let length = corner.distance(*to);
            if length < 1e-9 { *corner } else { corner.towards(*to, (radius / length).min(0.5)) }
        };
        let (start, end) = (cut(before), cut(after));
        let _ = write!(data, "{}{} {}", if i == 0 { "M" } else { "L" }, number(start.x), number(start.y));
        let _ = write!(data, "Q{} {} {} {}", number(corner.x), number(corner.y), number(end.x), number(end.y));
    }
    data.push('Z');
    data
}

/// At most two decimals; whatever is no number is zero.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let hundredths = (value * 100.0).round_ties_even() as i64;
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let sign = if hundredths < 0 { "-" } else { "" };
    match rest {
        0 => format!("{sign}{whole}"),
        _ if rest % 10 == 0 => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::at;
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(1.256), "1.26");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(f64::NAN), "0");
        assert_eq!(number(f64::INFINITY), "0");
        assert_eq!(number(100.10), "100.1");
    }

    #[test]
    fn text_is_escaped() {
        let mut svg = Svg::default();
        svg.text(&Text::new(at(0.0, 0.0), "<a href=\"x\">&\u{0}\u{8}", 12.0, Anchor::Middle));
        let out = svg.finish(Rect::new(0.0, 0.0, 10.0, 10.0), "a<b", "c\"d");
        assert!(out.contains("&lt;a href=&quot;x&quot;&gt;&amp;</text>"));
        assert!(out.contains("<title>a&lt;b</title>") && out.contains("<desc>c&quot;d</desc>"));
        assert!(out.contains("viewBox=\"0 0 10 10\"") && out.contains("role=\"img\""));
        assert!(!out.contains("style=") && !out.contains("id="));
    }

    #[test]
    fn lines_break_at_spaces_or_anywhere() {
        assert_eq!(wrap("社区党群服务中心", 10.0, 45.0), ["社区党群", "服务中心"]);
        assert_eq!(wrap("family service centre", 10.0, 80.0).len(), 2);
        assert_eq!(wrap("", 10.0, 80.0), Vec::<String>::new());
        assert_eq!(wrap_evenly("社区党群服务中心", 10.0, 75.0), ["社区党群", "服务中心"]);
        assert_eq!(wrap("宽", 10.0, 1.0), ["宽"]);
        assert_eq!(wrap("甲乙", 10.0, 1.0), ["甲", "乙"]);
    }

    #[test]
    fn the_same_corners_give_the_same_path() {
        let square = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0), at(0.0, 10.0)];
        assert!(rounded_data(&square, 2.0).starts_with("M0 2Q0 0 2 0L8 0Q10 0 10 2"));
    }
}
