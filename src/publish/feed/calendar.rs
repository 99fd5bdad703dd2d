//! Deadlines as iCalendar (RFC 5545): every last day an event of that whole day, which keeps nobody busy.

use chrono::{Days, NaiveDateTime};

use super::uuid;
use crate::publish::address::encoded;
use crate::publish::view::{CalendarView, Deadline, FeedBasis};

/// Longest line in octets, without its end.
const LINE: usize = 75;

/// A calendar, its lines ended by CR LF.
pub fn render(calendar: &CalendarView, about: &FeedBasis) -> String {
    let mut out = Lines::default();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN"] {
        out.line(line);
    }
    out.line(&format!("PRODID:-//anjuan//anjuan//{}", if about.language == "zh-CN" { "ZH" } else { "EN" }));
    // The name twice: as RFC 7986 has it, and as everybody had it before. The same of how often to look again.
    for name in ["NAME", "X-WR-CALNAME"] {
        out.line(&format!("{name}:{}", escaped(&calendar.title)));
    }
    out.line("REFRESH-INTERVAL;VALUE=DURATION:PT6H");
    out.line("X-PUBLISHED-TTL:PT6H");
    if calendar.deadlines.is_empty() {
        // A calendar holds at least one component; a zone says nothing of anybody.
        zone(&mut out, about.zone);
    }
    for deadline in &calendar.deadlines {
        event(&mut out, deadline, about);
    }
    out.line("END:VCALENDAR");
    out.0
}

fn event(out: &mut Lines, deadline: &Deadline, about: &FeedBasis) {
    let Deadline { day, nth, duty, lines } = deadline;
    let nth = if *nth == 0 { String::new() } else { nth.to_string() };
    let after = day.checked_add_days(Days::new(1)).unwrap_or(*day);
    out.line("BEGIN:VEVENT");
    out.line(&format!("UID:{}", uuid(&["deadline", &about.organisation, &duty.rule.text, &duty.subject.text, &nth])));
    out.line(&format!("DTSTAMP:{}", utc(about.at)));
    out.line(&format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d")));
    out.line(&format!("DTEND;VALUE=DATE:{}", after.format("%Y%m%d")));
    let whose = duty.dossier.as_ref().unwrap_or(&duty.subject);
    out.line(&format!("SUMMARY:{}", escaped(&format!("{} {}", whose.text, duty.title))));
    out.line(&format!("DESCRIPTION:{}", escaped(&lines.join("\n"))));
    out.line(&format!("CATEGORIES:{}", escaped(&duty.state.text)));
    if let (Some(site), Some(url)) = (&about.site_url, &duty.subject.url) {
        out.line(&format!("URL:{site}{}", encoded(url)));
    }
    out.line(if duty.provisional { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
    out.line("TRANSP:TRANSPARENT");
    out.line("CLASS:PRIVATE");
    out.line("END:VEVENT");
}

/// The archive's zone, in which it is always the same time.
fn zone(out: &mut Lines, minutes: i32) {
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60);
    out.line("BEGIN:VTIMEZONE");
    out.line(&format!("TZID:UTC{offset}"));
    out.line("BEGIN:STANDARD");
    out.line("DTSTART:19700101T000000");
    out.line(&format!("TZOFFSETFROM:{offset}"));
    out.line(&format!("TZOFFSETTO:{offset}"));
    out.line("END:STANDARD");
    out.line("END:VTIMEZONE");
}

fn utc(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Text as a value: backslash, semicolon, comma and the ends of lines are escaped, other control characters left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Content lines, folded.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Adds a line, cut into pieces of at most [`LINE`] octets, each between two characters.
    fn line(&mut self, line: &str) {
        let mut rest = line;
        let mut room = LINE;
        while rest.len() > room {
            let mut cut = room;
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            self.0.push_str(&rest[..cut]);
            self.0.push_str("\r\n ");
            rest = &rest[cut..];
            // The space at the beginning counts.
            room = LINE - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::publish::view::{Badge, Link, ObligationView};

    fn about() -> FeedBasis {
        FeedBasis {
            organisation: "机构".into(),
            language: "zh-CN",
            site_url: Some("https://anjuan.example.org/".into()),
            at: "2026-06-18T01:30:00".parse().unwrap(),
            zone: 480,
        }
    }

    fn deadline(title: &str, lines: &[&str]) -> Deadline {
        let link = |text: &str, url: &str| Link { text: text.into(), url: Some(url.into()) };
        let duty = ObligationView {
            rule: link("R1", "rules/R1.html"),
            title: title.into(),
            article: None,
            subject: link("NS-C2026-001/C03", "records/NS-C2026-001/表.html"),
            form: None,
            dossier: Some(link("NS-C2026-001", "dossiers/NS-C2026-001.html")),
            project: None,
            owner: None,
            state: Badge { text: "将到期".into(), ..Badge::default() },
            due: None,
            left: None,
            provisional: false,
            facts: Vec::new(),
            help: None,
            proposed: false,
        };
        Deadline { day: "2026-12-31".parse().unwrap(), nth: 0, duty, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    /// The lines as a reader has them: what was folded is one line again.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_deadline_is_an_event_of_a_whole_day() {
        let view = CalendarView {
            title: "王芳 期限".into(),
            deadlines: vec![deadline("提交；审批,归档;\\", &["状态：将到期", "数法：一"])],
        };
        let lines = unfolded(&render(&view, &about()));
        for line in [
            "X-WR-CALNAME:王芳 期限",
            "DTSTAMP:20260618T013000Z",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "SUMMARY:NS-C2026-001 提交；审批\\,归档\\;\\\\",
            "DESCRIPTION:状态：将到期\\n数法：一",
            "URL:https://anjuan.example.org/records/NS-C2026-001/%E8%A1%A8.html",
            "TRANSP:TRANSPARENT",
        ] {
            assert!(lines.contains(&line.to_owned()), "{line}: {lines:#?}");
        }
        let elsewhere = FeedBasis { site_url: None, ..about() };
        assert!(!render(&view, &elsewhere).contains("URL:"), "an address that leads nowhere is none");
    }

    #[test]
    fn what_identifies_an_event_stays_when_its_day_moves() {
        let uid = |deadline: &Deadline| {
            let view = CalendarView { title: String::new(), deadlines: vec![deadline.clone()] };
            unfolded(&render(&view, &about())).into_iter().find(|line| line.starts_with("UID:")).unwrap()
        };
        let one = deadline("提交", &[]);
        let moved = Deadline { day: "2027-01-04".parse().unwrap(), ..deadline("改名", &["另"]) };
        let second = Deadline { nth: 1, ..one.clone() };
        assert_eq!(uid(&one), uid(&moved));
        assert_ne!(uid(&one), uid(&second));
    }

    #[test]
    fn a_calendar_without_deadlines_is_one() {
        let lines = unfolded(&render(&CalendarView { title: String::new(), deadlines: Vec::new() }, &about()));
        assert!(lines.contains(&"BEGIN:VTIMEZONE".to_owned()) && lines.contains(&"TZOFFSETTO:+0800".to_owned()), "{lines:#?}");
        assert!(!lines.contains(&"BEGIN:VEVENT".to_owned()));
    }

    proptest! {
        #[test]
        fn lines_are_short_and_say_what_was_said(text in "[ -~\u{e9}\u{4e00}-\u{4eff}\u{1f600}-\u{1f64f}\n]{0,300}") {
            let mut lines = Lines::default();
            lines.line(&format!("SUMMARY:{}", escaped(&text)));
            for line in lines.0.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE && !line.contains(['\r', '\n']), "{line}");
            }
            let whole = unfolded(&lines.0).concat();
            let value = whole.strip_prefix("SUMMARY:").unwrap();
            let plain = value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";");
            // `\\n` is a backslash and an n: only a text without backslashes is read back this simply.
            prop_assert!(text.contains('\\') || plain == text);
        }
    }
}
