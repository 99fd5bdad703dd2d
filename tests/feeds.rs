//! Calendars and news as other programs read them: every feed of two archives' builds, held to RFC 5545 line by line, and
//! read with Python's icalendar and feedparser.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Place, anjuan};

/// The system's own, for which Debian's packages are made.
const PYTHON: &str = "/usr/bin/python3";

const ARTICLES: &str = "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n";
const RULES: &str = "
- { id: T1, article: '1', title: '借书单须经组长审批，逗号,分号;反斜杠\\', applies: { form: L1 }, severity: error, owner: 组长,
    must: { approval: { by: [组长], not: [author], covers: all } } }
- { id: T3, article: '1', title: 十个工作日内还书——还书以还书单所写的日期为准不以口头约定为准, applies: { form: L1 }, severity: error,
    help: 填写还书单并提交,
    must: { deadline: { from: 借出日期, within: 10 working days, until: L2.还书日期 } } }
";

/// Reads every feed below a folder and says what it has, a line of JSON for each.
const READ: &str = r"
import sys, json, pathlib, re, time, icalendar, feedparser
import xml.etree.ElementTree as tree
ATOM = '{http://www.w3.org/2005/Atom}'

def atom(path):
    '''What RFC 4287 asks of a feed and of every entry, where feedparser is lenient.'''
    wrong, root = [], tree.parse(path).getroot()
    entries = root.findall(ATOM + 'entry')
    for one in [root, *entries]:
        for name in ['id', 'title', 'updated']:
            if len(one.findall(ATOM + name)) != 1: wrong.append(name)
        if not re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d', one.findtext(ATOM + 'updated')): wrong.append('time')
        if not all(author.findtext(ATOM + 'name') for author in one.findall(ATOM + 'author')): wrong.append('author')
        if len([link for link in one.findall(ATOM + 'link') if link.get('rel') == 'alternate']) != 1: wrong.append('link')
    if not root.findall(ATOM + 'author'): wrong.append('author of the feed')
    if len([link for link in root.findall(ATOM + 'link') if link.get('rel') == 'self']) != 1: wrong.append('self')
    if len({entry.findtext(ATOM + 'id') for entry in entries}) != len(entries): wrong.append('ids')
    return ' '.join(wrong)

root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob('*')):
    name = path.relative_to(root).as_posix()
    if path.suffix == '.ics':
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        events = [dict(uid=str(e['UID']), day=e['DTSTART'].dt.isoformat(), end=e['DTEND'].dt.isoformat(), summary=str(e['SUMMARY']),
                       text=str(e['DESCRIPTION']), stamp=e['DTSTAMP'].dt.isoformat(), url=str(e.get('URL', '')), errors=[str(x) for x in e.errors])
                  for e in calendar.walk('VEVENT')]
        print(json.dumps(dict(name=name, title=str(calendar['X-WR-CALNAME']), parts=len(calendar.subcomponents), events=events)))
    if path.suffix == '.atom':
        feed = feedparser.parse(str(path))
        entries = [dict(id=e.id, title=e.title, link=e.link, who=e.author, updated=time.strftime('%Y-%m-%dT%H:%MZ', e.updated_parsed),
                        text=e.content[0].value, kind=e.content[0].type) for e in feed.entries]
        print(json.dumps(dict(name=name, wrong=atom(path) or str(feed.bozo and feed.bozo_exception), version=feed.version, id=feed.feed.id,
                              title=feed.feed.title, updated=feed.feed.updated, entries=entries)))
";

fn has_readers() -> bool {
    let there = Command::new(PYTHON).args(["-c", "import icalendar, feedparser"]).output().is_ok_and(|out| out.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "python3-icalendar or python3-feedparser is missing: sh .ci/setup tests");
    if !there {
        eprintln!("python3-icalendar or python3-feedparser is missing (sh .ci/setup tests): feeds not read by others");
    }
    there
}

fn build(root: &Path, audience: &str, out: &Path) {
    let words = ["-C", root.to_str().unwrap(), "--today", "2026-05-19", "build", "--audience", audience, "--no-papers", "--out"];
    let said = anjuan(&[&words[..], &[out.to_str().unwrap()]].concat());
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.code() == Some(0) && !text.contains("T101"), "{text}");
}

/// What the readers say of each feed; nothing where there are none.
fn read(site: &Path) -> Vec<Value> {
    strict(&site.join("feeds"));
    if !has_readers() {
        return Vec::new();
    }
    let out = Command::new(PYTHON).args(["-c", READ]).arg(site.join("feeds")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every calendar keeps to RFC 5545 where readers are lenient: CR LF, 75 octets, whole characters, properties once, no empty
/// calendar.
fn strict(folder: &Path) {
    let mut places = vec![folder.to_path_buf()];
    let mut calendars = 0;
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        if place.extension().is_none_or(|own| own != "ics") {
            continue;
        }
        calendars += 1;
        let at = place.display();
        let bytes = std::fs::read(&place).unwrap();
        let lines: Vec<&[u8]> = bytes.strip_suffix(b"\r\n").unwrap().split(|byte| *byte == b'\n').collect();
        let last = lines.len() - 1;
        for (nth, line) in lines.iter().enumerate() {
            let line = if nth == last { line } else { line.strip_suffix(b"\r").unwrap_or_else(|| panic!("{at}:{nth}: no CR LF")) };
            assert!(line.len() <= 75 && std::str::from_utf8(line).is_ok() && !line.contains(&b'\r'), "{at}:{nth}: {} octets", line.len());
        }
        let text = String::from_utf8(bytes).unwrap().replace("\r\n ", "");
        let whole: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!((whole[0], whole[whole.len() - 1]), ("BEGIN:VCALENDAR", "END:VCALENDAR"), "{at}");
        assert!(whole.iter().filter(|line| line.starts_with("BEGIN:")).count() > 1, "{at}: a calendar has a component");
        for event in text.split("BEGIN:VEVENT\r\n").skip(1) {
            let names: Vec<&str> =
                event.split("END:VEVENT").next().unwrap().lines().map(|line| line.split([':', ';']).next().unwrap()).collect();
            for one in ["UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CLASS", "STATUS", "TRANSP"] {
                assert_eq!(names.iter().filter(|name| **name == one).count(), 1, "{at}: {one} in {event}");
            }
        }
    }
    assert!(calendars > 3, "{calendars}");
}

fn feed<'f>(feeds: &'f [Value], name: &str) -> &'f Value {
    feeds.iter().find(|feed| feed["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

/// Loans that wait on a branch of each project.
fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", ARTICLES).write("rulebook/rules/t.yaml", RULES);
    place.commit("main", "li", "2026-01-01");
    for (number, day, name, who, when) in [
        ("A-01", "2026-05-08", "李娜", "li", "2026-05-18"),
        ("A-02", "2026-05-15", "王芳", "wang", "2026-05-14"),
        ("B-01", "2026-01-05", "李娜", "li", "2026-05-19"),
    ] {
        place.write(&format!("loans/{number}/L1.md"), &format!("---\n表单: L1\n借出日期: {day}\n经手人: {name}\n读者: 欧阳小测\n---\n"));
        place.commit("main", who, when);
    }
    place.checkout();
    place
}

#[test]
fn calendars_and_news_are_read_by_others() {
    let place = place();
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    build(&place.root, "保密", &site);
    let feeds = read(&site);
    if feeds.is_empty() {
        return;
    }
    let all = feed(&feeds, "deadlines.ics");
    let own = |name: &str| feed(&feeds, name)["events"].clone();
    let row = |list: &Value, number: &str| {
        list.as_array().unwrap().iter().find(|e| e["summary"].as_str().unwrap().starts_with(number)).cloned().unwrap()
    };
    assert!(all["title"].as_str().unwrap().contains("期限"));
    let event = row(&all["events"], "A-01");
    // Ten working days from the 8th of May, of which the 9th is worked; the day after is the end of a whole day.
    assert_eq!((event["day"].as_str(), event["end"].as_str()), (Some("2026-05-21"), Some("2026-05-22")));
    assert_eq!(event["summary"], "A-01 十个工作日内还书——还书以还书单所写的日期为准不以口头约定为准");
    let text = event["text"].as_str().unwrap();
    assert!(text.lines().any(|line| line == "办法：填写还书单并提交") && text.contains("责任人：李娜"), "{text}");
    assert!(all["events"].as_array().unwrap().iter().all(|e| e["errors"].as_array().unwrap().is_empty() && e["url"] == ""));
    // The moment is that of the data: the head commit, or the day that was asked about.
    assert!(texts(&all["events"], "stamp").iter().all(|stamp| stamp.starts_with("2026-05-1")), "{all}");
    // The same event in every calendar that has it, in no calendar twice, and nothing of others.
    let (li, wang, project) = (own("people/li.ics"), own("people/wang.ics"), own("projects/A.ics"));
    assert_eq!(row(&li, "A-01")["uid"], event["uid"]);
    assert_eq!(row(&project, "A-01")["uid"], event["uid"]);
    assert!(
        texts(&wang, "summary").iter().all(|text| !text.starts_with("A-01 十"))
            && texts(&project, "summary").iter().all(|text| text.starts_with("A-"))
    );
    let mut uids = texts(&all["events"], "uid");
    let count = uids.len();
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), count);
    // What was due in January is for the site, not for a calendar.
    assert!(!texts(&all["events"], "summary").iter().any(|text| text.starts_with("B-01 十")), "{all}");
    // Who has nothing to do has a calendar all the same.
    let he = feed(&feeds, "people/he.ics");
    assert_eq!((he["events"].as_array().unwrap().len(), he["parts"].as_u64()), (0, Some(1)));

    let news = feed(&feeds, "changes.atom");
    assert_eq!((news["version"].as_str(), news["wrong"].as_str()), (Some("atom10"), Some("False")), "{news}");
    let entries = news["entries"].as_array().unwrap();
    // Three loans, and what the archive began with.
    assert_eq!(entries.len(), 4);
    assert!(entries[3]["title"].as_str().unwrap().contains("基线"), "{news}");
    let newest = &entries[0];
    assert!(newest["title"].as_str().unwrap().contains("B-01/L1") && newest["who"] == "李娜", "{newest}");
    assert!(newest["updated"].as_str().unwrap().starts_with("2026-05-1") && newest["kind"] == "text/html");
    let link = newest["link"].as_str().unwrap();
    assert!(site.join("feeds").join(link).is_file() || link.ends_with("records/B-01/L1.html"), "{link}");
    assert!(site.join("feeds").join("../records/B-01/L1.html").is_file());
    assert_eq!(feed(&feeds, "projects/A.atom")["entries"].as_array().unwrap().len(), 2);
    let mut ids = texts(&news["entries"], "id");
    ids.push(news["id"].as_str().unwrap().to_owned());
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:")), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[test]
fn a_site_with_an_address_is_led_to_and_identifiers_outlive_a_changed_day() {
    let mut place = place();
    let out = tempfile::tempdir().unwrap();
    let (before, after) = (out.path().join("before"), out.path().join("after"));
    build(&place.root, "保密", &before);
    let config = std::fs::read_to_string(place.root.join("anjuan.yaml")).unwrap();
    place.write("anjuan.yaml", &format!("{config}\nsite-url: https://a.example/b\n")).replace(
        "loans/A-01/L1.md",
        "2026-05-08",
        "2026-05-11",
    );
    place.commit("main", "li", "2026-05-19");
    place.checkout();
    build(&place.root, "保密", &after);
    let (before, after) = (read(&before), read(&after));
    if before.is_empty() {
        return;
    }
    let event = |feeds: &[Value]| {
        let all = feed(feeds, "deadlines.ics")["events"].clone();
        all.as_array().unwrap().iter().find(|e| e["summary"].as_str().unwrap().starts_with("A-01 十")).unwrap().clone()
    };
    let (old, new) = (event(&before), event(&after));
    assert_eq!(old["uid"], new["uid"]);
    assert_ne!(old["day"], new["day"]);
    assert_eq!((old["url"].as_str(), new["url"].as_str()), (Some(""), Some("https://a.example/b/records/A-01/L1.html")));
    let entries = feed(&after, "changes.atom")["entries"].as_array().unwrap().clone();
    let told = |entry: &&Value| entry["text"].as_str().unwrap().contains("<del>2026-05-08</del> → <ins>2026-05-11</ins>");
    assert_eq!(entries.iter().find(told).unwrap()["link"], "https://a.example/b/records/A-01/L1.html");
}

#[test]
fn a_lower_audience_gets_feeds_of_what_it_may_see() {
    let mut place = place();
    place.replace("loans/A-01/L1.md", "欧阳小测", "上官小例").commit("main", "li", "2026-05-19");
    place.checkout();
    let out = tempfile::tempdir().unwrap();
    for (audience, told) in [("保密", true), ("公开", false)] {
        let site = out.path().join(audience);
        build(&place.root, audience, &site);
        strict(&site.join("feeds"));
        let news = std::fs::read_to_string(site.join("feeds/changes.atom")).unwrap();
        assert_eq!((news.contains("欧阳小测"), news.contains("上官小例")), (told, told), "{audience}");
        let calendar = std::fs::read_to_string(site.join("feeds/deadlines.ics")).unwrap();
        assert!(calendar.contains("A-01") && !calendar.contains("欧阳") && !calendar.contains("上官"), "{audience}");
    }
}

/// The demo has duties of every kind, and what people wrote in it.
#[test]
fn the_demo_has_feeds_that_others_read() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let out = anjuan(&["demo", demo.to_str().unwrap(), "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    for (site, least) in [("site", 10), ("site-shared", 10)] {
        let feeds = read(&demo.join(site));
        if feeds.is_empty() {
            return;
        }
        assert!(feed(&feeds, "deadlines.ics")["events"].as_array().unwrap().len() >= least, "{site}");
        assert!(
            feeds.iter().filter(|feed| feed["wrong"].is_string()).all(|feed| feed["wrong"] == "False" && feed["version"] == "atom10"),
            "{site}"
        );
    }
}
