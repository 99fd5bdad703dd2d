//! The course of a dossier: what was written, approved and due on which day, a lane for each form.

use chrono::{Datelike, Months, NaiveDate};

use super::geometry::{Point, Rect, at};
use super::legend::Legend;
use super::svg::{Anchor, Ink, Svg, Text, wrap};
use super::words::words;
use super::{Table, colour};

/// A lane and what happened in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its name.
    pub label: String,
    /// What happened, in any order.
    pub marks: Vec<Mark>,
}

/// Something on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: Kind,
    /// What it is about, in words.
    pub title: String,
    /// Where it leads from the page that shows it.
    pub href: Option<String>,
}

/// What a mark stands for; each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A last day that was kept.
    Met,
    /// A last day that is still to come.
    Open,
    /// A last day that was not kept.
    Late,
    /// A record.
    Record,
    /// An approval.
    Approved,
    /// An approval that a later change made void.
    Void,
}

words! {
    /// The words on the course.
    {
        record = "course-record",
        approved = "course-approved",
        void = "course-void",
        met = "course-met",
        open = "course-open",
        late = "course-late",
        day = "course-day",
        what = "course-what",
        whose = "course-whose",
        about = "course-about",
    }
}

impl Kind {
    const ALL: [Self; 6] = [Self::Record, Self::Approved, Self::Void, Self::Met, Self::Open, Self::Late];

    fn word(self, words: &Words) -> &str {
        match self {
            Self::Record => &words.record,
            Self::Approved => &words.approved,
            Self::Void => &words.void,
            Self::Met => &words.met,
            Self::Open => &words.open,
            Self::Late => &words.late,
        }
    }

    /// How far below its line it is drawn: what happened stands above, what was due below, since they are often days apart.
    fn below(self) -> f64 {
        match self {
            Self::Record | Self::Approved | Self::Void => -5.0,
            Self::Met | Self::Open | Self::Late => 6.0,
        }
    }

    fn draw(self, svg: &mut Svg, p: Point) {
        let diamond = [p.plus(0.0, -6.0), p.plus(6.0, 0.0), p.plus(0.0, 6.0), p.plus(-6.0, 0.0)];
        let square = Rect::new(p.x - 4.5, p.y - 4.5, p.x + 4.5, p.y + 4.5);
        match self {
            Self::Record => svg.circle(p, 4.5, Ink::line(1.0).coloured(colour::BLUE).with_fill(colour::BLUE)),
            Self::Approved => svg.rect(square, 0.0, Ink::line(1.0).coloured(colour::GREEN).with_fill(colour::GREEN)),
            Self::Void => {
                svg.rect(square, 0.0, Ink::line(1.4).coloured(colour::RED).with_fill(colour::PAPER));
                svg.line(p.plus(-4.5, -4.5), p.plus(4.5, 4.5), Ink::line(1.4).coloured(colour::RED));
                svg.line(p.plus(-4.5, 4.5), p.plus(4.5, -4.5), Ink::line(1.4).coloured(colour::RED));
            }
            Self::Met => svg.polygon(&diamond, Ink::line(1.2).coloured(colour::GREEN).with_fill(colour::PAPER)),
            Self::Open => svg.polygon(&diamond, Ink::line(1.2).coloured(colour::BLUE).with_fill(colour::PAPER).dashed(&[2.0, 1.6])),
            Self::Late => svg.polygon(&diamond, Ink::line(1.2).coloured(colour::RED).with_fill(colour::RED)),
        }
    }
}

const FONT: f64 = 12.0;
const ROW: f64 = 28.0;
const LABEL: f64 = 190.0;
const WIDTH: f64 = 800.0;
/// Marks of a kind that are nearer to each other than this are one.
const APART: f64 = 3.0;

/// Draws the course; none where nothing has a day.
pub fn draw(lanes: &[Lane], title: &str, description: &str, words: &Words) -> Option<String> {
    let days = || lanes.iter().flat_map(|lane| &lane.marks).map(|mark| mark.day);
    let (first, last) = (days().min()?, days().max()?);
    // A course of a day or two is not stretched over the whole width.
    let span = (last - first).num_days().max(14) as f64;
    let mut svg = Svg::default();
    let area = Rect::new(LABEL, 18.0, LABEL + WIDTH, 18.0 + ROW * lanes.len() as f64);
    let x = |day: NaiveDate| area.left + 12.0 + (day - first).num_days() as f64 / span * (WIDTH - 24.0);
    for (day, label) in ticks(first, last) {
        svg.line(at(x(day), area.top), at(x(day), area.bottom), Ink::line(0.5).coloured(colour::PALE));
        // A whole date at the end would stand half outside.
        let half = label.len() as f64 * (FONT - 1.0) * 0.3;
        let (end, anchor) = if x(day) + half > area.right { (area.right, Anchor::End) } else { (x(day), Anchor::Middle) };
        svg.text(&Text::new(at(end, area.top - 6.0), label, FONT - 1.0, anchor).coloured(colour::SOFT));
    }
    for (nth, lane) in lanes.iter().enumerate() {
        let y = area.top + ROW * (nth as f64 + 0.5);
        let lines = wrap(&lane.label, FONT, LABEL - 26.0);
        let label = lines.first().map(|line| if lines.len() > 1 { format!("{line}…") } else { line.clone() });
        svg.text(&Text::new(at(area.left - 10.0, y + FONT * 0.36), label.unwrap_or_default(), FONT, Anchor::End));
        svg.line(at(area.left, y), at(area.right, y), Ink::line(0.75).coloured(colour::PALE));
        let mut marks: Vec<&Mark> = lane.marks.iter().collect();
        marks.sort_by_key(|mark| (mark.kind, mark.day));
        let mut before: Option<(Kind, f64)> = None;
        for mark in marks {
            // Of a long course many would lie on top of one another.
            if before.is_some_and(|(kind, drawn)| kind == mark.kind && x(mark.day) - drawn < APART) {
                continue;
            }
            before = Some((mark.kind, x(mark.day)));
            let title = format!("{} {} {}", mark.day, mark.kind.word(words), mark.title);
            svg.linked(mark.href.as_deref(), &title, |svg| mark.kind.draw(svg, at(x(mark.day), y + mark.kind.below())));
        }
    }
    let mut legend = Legend::default();
    for kind in Kind::ALL {
        if lanes.iter().flat_map(|lane| &lane.marks).any(|mark| mark.kind == kind) {
            legend.add_narrow(kind.word(words), move |svg, from, to| kind.draw(svg, from.towards(to, 0.6)));
        }
    }
    let below = legend.draw(&mut svg, 0.0, area.right, area.bottom + 8.0, FONT, "");
    Some(svg.finish(Rect::new(0.0, 0.0, area.right, area.bottom).joined(below).grown(10.0), title, description))
}

/// Days named along the top: beginnings of months, of quarters or of years; of a short course its ends.
fn ticks(first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, String)> {
    let months = (last.year() - first.year()) * 12 + last.month() as i32 - first.month() as i32;
    let step = match months {
        ..=11 => 1,
        12..=35 => 3,
        _ => 12,
    };
    let start = first.with_day(1).unwrap_or(first);
    let all = (0..=months).filter_map(|n| start.checked_add_months(Months::new(n.unsigned_abs())));
    let named = all.filter(|day| *day >= first && *day <= last && day.month0() % step == 0);
    let ticks: Vec<_> = named.map(|day| (day, day.format(if step == 12 { "%Y" } else { "%Y-%m" }).to_string())).collect();
    if ticks.len() > 1 {
        return ticks;
    }
    let mut ends = vec![(first, first.to_string())];
    if (last - first).num_days() > 5 {
        ends.push((last, last.to_string()));
    }
    ends
}

/// The same as a table, by day.
pub fn rows(lanes: &[Lane], words: &Words) -> Table {
    let mut marks: Vec<(&Mark, &Lane)> = lanes.iter().flat_map(|lane| lane.marks.iter().map(move |mark| (mark, lane))).collect();
    marks.sort_by_key(|(mark, _)| mark.day);
    let row =
        |(mark, lane): (&Mark, &Lane)| vec![mark.day.to_string(), mark.kind.word(words).to_owned(), lane.label.clone(), mark.title.clone()];
    Table {
        head: vec![words.day.clone(), words.what.clone(), words.whose.clone(), words.about.clone()],
        rows: marks.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(day: &str, kind: Kind, title: &str, href: Option<&str>) -> Mark {
        Mark { day: day.parse().unwrap(), kind, title: title.to_owned(), href: href.map(str::to_owned) }
    }

    fn words() -> Words {
        Words::read(str::to_owned)
    }

    #[test]
    fn a_course_shows_every_mark_once_and_leads_to_records() {
        let lanes = [
            Lane { label: "案卷".into(), marks: vec![mark("2026-06-20", Kind::Open, "结案<", None)] },
            Lane {
                label: "C03 个案开案记录表".into(),
                marks: vec![
                    mark("2026-03-11", Kind::Record, "C03", Some("../records/A/C03.html?a&b")),
                    mark("2026-03-13", Kind::Met, "R31", None),
                    mark("2026-03-12", Kind::Approved, "王芳", None),
                ],
            },
        ];
        let svg = draw(&lanes, "经过", "", &words()).unwrap();
        assert_eq!(svg, draw(&lanes, "经过", "", &words()).unwrap());
        assert_eq!(svg.matches("<title>2026-").count(), 4);
        assert!(svg.contains("<a href=\"../records/A/C03.html?a&amp;b\">") && svg.contains("结案&lt;"));
        assert!(svg.contains("role=\"group\""), "links are not to be hidden from those who do not see");
        assert!(!svg.contains("style="));
        let table = rows(&lanes, &words());
        let days: Vec<&str> = table.rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(days, ["2026-03-11", "2026-03-12", "2026-03-13", "2026-06-20"]);
        assert!(table.rows.iter().all(|row| row.len() == table.head.len()));
    }

    #[test]
    fn nothing_makes_no_course_and_a_single_day_makes_one() {
        assert_eq!(draw(&[], "", "", &words()), None);
        assert_eq!(draw(&[Lane { label: "空".into(), marks: vec![] }], "", "", &words()), None);
        let one = [Lane { label: "一".into(), marks: vec![mark("2026-03-11", Kind::Late, "", None)] }];
        assert!(draw(&one, "", "", &words()).is_some());
    }

    #[test]
    fn a_whole_date_at_the_end_stands_inside() {
        let days = ["2026-06-10", "2026-07-08"].map(|day| mark(day, Kind::Record, "", None));
        let svg = draw(&[Lane { label: "一".into(), marks: days.to_vec() }], "", "", &words()).unwrap();
        assert!(svg.contains(r##"<text x="990" y="12" font-size="11" text-anchor="end" fill="#5a5a5a">2026-07-08</text>"##), "{svg}");
    }

    #[test]
    fn days_along_the_top_keep_apart() {
        let ticks = |a: &str, b: &str| {
            let ticks = super::ticks(a.parse().unwrap(), b.parse().unwrap());
            ticks.into_iter().map(|(_, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(ticks("2026-03-11", "2026-06-20"), ["2026-04", "2026-05", "2026-06"]);
        assert_eq!(ticks("2026-03-11", "2026-03-20"), ["2026-03-11", "2026-03-20"]);
        assert_eq!(ticks("2025-03-11", "2026-06-20"), ["2025-04", "2025-07", "2025-10", "2026-01", "2026-04"]);
        assert_eq!(ticks("2019-03-11", "2026-06-20").len(), 7);
        assert_eq!(ticks("2026-03-11", "2026-03-11"), ["2026-03-11"]);
    }
}
