//! What changed, as Atom (RFC 4287): an entry for what one commit did.

use chrono::{NaiveDateTime, TimeDelta};

use super::uuid;
use crate::publish::address::encoded;
use crate::publish::markdown;
use crate::publish::view::{ChangeView, EventView, FeedBasis, Link, NewsView};
use crate::publish::xml::escaped;

/// So many records are named in a title, and each in its own line of the content.
const NAMED: usize = 3;
/// So many records stand in an entry.
const RECORDS: usize = 40;

/// The feed that is found at `url`.
pub fn render(url: &str, news: &NewsView, about: &FeedBasis) -> String {
    let up = "../".repeat(url.matches('/').count());
    let address = |path: &str| format!("{}{}", about.site_url.as_deref().unwrap_or(&up), encoded(path));
    let own = about.site_url.as_deref().map_or_else(|| url.rsplit('/').next().unwrap_or(url).to_owned(), |site| format!("{site}{url}"));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
        about.language
    );
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("<id>urn:uuid:{}</id>", uuid(&["feed", &about.organisation, url])));
    line(format!("<title>{}</title>", escaped(&news.title)));
    let newest = news.steps.first().and_then(|step| step.first()).and_then(|event| moment(&event.when, about.zone));
    line(format!("<updated>{}</updated>", newest.unwrap_or_else(|| at_zone(about.at + TimeDelta::minutes(about.zone.into()), about.zone))));
    line(format!("<author><name>{}</name></author>", escaped(&about.organisation)));
    line(format!("<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>", escaped(&own)));
    line(format!("<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", escaped(&address(&news.page))));
    line("<generator>anjuan</generator>".to_owned());
    for step in &news.steps {
        let Some(first) = step.first() else { continue };
        let Some(updated) = moment(&first.when, about.zone) else { continue };
        let to = |link: &Link| link.url.as_ref().map(|url| address(url));
        line("<entry>".to_owned());
        line(format!("<id>urn:uuid:{}</id>", uuid(&["change", &about.organisation, url, &first.commit, first.kind, &first.subject.text])));
        line(format!("<title>{}</title>", escaped(&title(step))));
        line(format!("<updated>{updated}</updated>"));
        // Where nobody is named it is by the organisation, as the feed is.
        if !first.who.is_empty() {
            line(format!("<author><name>{}</name></author>", escaped(&first.who)));
        }
        line(format!(
            "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
            escaped(&to(&first.subject).unwrap_or_else(|| address(&news.page)))
        ));
        line(format!("<content type=\"html\">{}</content>", escaped(&content(step, &to))));
        line("</entry>".to_owned());
    }
    out.push_str("</feed>\n");
    out
}

/// What happened, to what.
fn title(step: &[EventView]) -> String {
    let names: Vec<&str> = step.iter().take(NAMED).map(|event| event.subject.text.as_str()).collect();
    let more = if step.len() > NAMED { format!(" … ({})", step.len()) } else { String::new() };
    format!("{} {}{more}", step[0].what, names.join(" "))
}

/// The records with what changed in them, as HTML.
fn content(step: &[EventView], to: &dyn Fn(&Link) -> Option<String>) -> String {
    let mut out = String::new();
    if !step[0].summary.is_empty() {
        out.push_str(&format!("<p>{}</p>", markdown::escape(&step[0].summary)));
    }
    out.push_str("<ul>");
    for event in step.iter().take(RECORDS) {
        let name = markdown::escape(&event.subject.text);
        let linked = to(&event.subject).map_or_else(|| name.clone(), |url| format!("<a href=\"{}\">{name}</a>", markdown::escape(&url)));
        let changes: String = event.changes.iter().map(|change| format!("<br/>{}", changed(change))).collect();
        out.push_str(&format!("<li>{linked}{changes}</li>"));
    }
    out.push_str("</ul>");
    if step.len() > RECORDS {
        out.push_str(&format!("<p>… {}</p>", step.len() - RECORDS));
    }
    out
}

fn changed(change: &ChangeView) -> String {
    let name = markdown::escape(&change.name);
    let (Some(from), Some(to)) = (&change.from, &change.to) else { return name };
    let (from, to) = (markdown::escape(from), markdown::escape(to));
    match (from.is_empty(), to.is_empty()) {
        (true, _) => format!("{name} <ins>{to}</ins>"),
        (_, true) => format!("{name} <del>{from}</del>"),
        _ => format!("{name} <del>{from}</del> → <ins>{to}</ins>"),
    }
}

/// `2026-03-09 10:12` in a zone, as RFC 3339 has it.
fn moment(when: &str, zone: i32) -> Option<String> {
    NaiveDateTime::parse_from_str(when, "%Y-%m-%d %H:%M").ok().map(|at| at_zone(at, zone))
}

fn at_zone(at: NaiveDateTime, zone: i32) -> String {
    let sign = if zone < 0 { '-' } else { '+' };
    format!("{}{sign}{:02}:{:02}", at.format("%Y-%m-%dT%H:%M:%S"), zone.abs() / 60, zone.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(subject: &str, changes: Vec<ChangeView>) -> EventView {
        EventView {
            when: "2026-06-17 09:05".into(),
            who: "王芳".into(),
            role: None,
            kind: "changed",
            what: "修改".into(),
            subject: Link { text: subject.into(), url: Some(format!("records/{subject}.html")) },
            more: Vec::new(),
            commit: "abc1234".into(),
            summary: "改 <b>&".into(),
            changes,
        }
    }

    fn about(site_url: Option<&str>) -> FeedBasis {
        let at = "2026-06-18T01:30:00".parse().unwrap();
        FeedBasis { organisation: "机构".into(), language: "zh-CN", site_url: site_url.map(str::to_owned), at, zone: 480 }
    }

    fn news() -> NewsView {
        let change = |from: Option<&str>, to: Option<&str>| ChangeView {
            name: "开案日期".into(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            parts: Vec::new(),
        };
        let steps = vec![vec![
            event("A-01/L1", vec![change(Some("旧<"), Some("新")), change(None, None)]),
            event("A-02/L1", vec![change(Some(""), Some("新"))]),
        ]];
        NewsView { title: "机构 动态".into(), page: "log/index.html".into(), steps }
    }

    #[test]
    fn a_commit_is_one_entry_with_its_records() {
        let feed = render("feeds/projects/A.atom", &news(), &about(None));
        assert_eq!(feed.matches("<entry>").count(), 1);
        for words in [
            "<updated>2026-06-17T09:05:00+08:00</updated>",
            "<title>修改 A-01/L1 A-02/L1</title>",
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"A.atom\"/>",
            "href=\"../../records/A-01/L1.html\"",
            "&lt;p&gt;改 &amp;lt;b&amp;gt;&amp;amp;&lt;/p&gt;",
            "开案日期 &lt;del&gt;旧&amp;lt;&lt;/del&gt; → &lt;ins&gt;新&lt;/ins&gt;&lt;br/&gt;开案日期&lt;/li&gt;",
        ] {
            assert!(feed.contains(words), "{words}: {feed}");
        }
        let served = render("feeds/projects/A.atom", &news(), &about(Some("https://a.example/b/")));
        assert!(
            served.contains("href=\"https://a.example/b/records/A-01/L1.html\"")
                && served.contains("href=\"https://a.example/b/feeds/projects/A.atom\"")
        );
    }

    #[test]
    fn news_of_nothing_has_the_time_of_the_data() {
        let feed = render("feeds/changes.atom", &NewsView { steps: Vec::new(), ..news() }, &about(None));
        assert!(feed.contains("<updated>2026-06-18T09:30:00+08:00</updated>") && !feed.contains("<entry>"), "{feed}");
    }
}
