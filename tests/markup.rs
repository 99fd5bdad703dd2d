//! Every page of the demo's sites is valid HTML, and every link and anchor in them leads somewhere.

mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use crate::support::{anjuan, pages};
use tree::Node;

#[test]
fn every_page_is_valid_and_leads_somewhere() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let out = anjuan(&["demo", demo.to_str().unwrap(), "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    for site in ["site", "site-shared"] {
        let wrong = look_at(&demo.join(site));
        let lines: Vec<String> = wrong.iter().map(|(what, pages)| format!("{} × {what}, as in {}", pages.len(), pages[0])).collect();
        assert!(wrong.is_empty(), "{site}:\n{}", lines.join("\n"));
    }
}

/// The checks can fail: a page with a fault of each kind.
#[test]
fn faults_are_found() {
    let page = |body: &str| format!("<!doctype html><html lang=\"zh\"><head><title>题</title></head><body><h1>题</h1>{body}</body></html>");
    let said = |html: &str| Page::read(html).wrong.join("; ");
    assert_eq!(said(&page("<p id=\"a\"><a href=\"#a\">一</a></p><ul><li>二</li></ul>")), "");
    for (body, words) in [
        ("<p>一</div>", "line 1"),
        ("<div><p>一</p>", "line 1"),
        ("<p id=a></p><p id=a></p>", "id a twice"),
        ("<p id=\"a\" id=\"b\"></p>", "attribute"),
        ("<p><b>一</p></b>", "line 1"),
        ("<a href=\"x.html\"> <span></span></a>", "link without words"),
        ("<table><tbody><tr><td>1</td></tr></tbody></table>", "table without a label"),
        ("<table aria-label=\"表\"><tbody><tr><th>1</th></tr></tbody></table>", "th without scope"),
        ("<section aria-labelledby=\"none\">一</section>", "aria-labelledby none"),
        ("<span><div>一</div></span>", "<div> in <span>"),
        ("<ul><p>一</p></ul>", "<p> in <ul>"),
        ("<dl><dt>一</dt><p>二</p></dl>", "<p> in <dl>"),
        ("<p style=\"color: red\">一</p>", "style"),
        ("<script>1</script>", "<script> with its text in the page"),
        ("<img src=\"a.png\">", "<img> without alt"),
        ("<h3>一</h3>", "<h3> below <h1>"),
        ("<h1>一</h1>", "2 × <h1>"),
        ("<img src=\"https://example.org/a.png\" alt=\"\">", "from elsewhere"),
        ("<time datetime=\"2026-6-1\">六月一日</time>", "datetime 2026-6-1"),
        ("<button><a href=\"a.html\">一</a></button>", "<a> in <button>"),
    ] {
        let found = said(&page(body));
        assert!(found.contains(words), "{body}: {words}: {found}");
    }
    assert!(said("<html><body><h1>题</h1></body></html>").contains("doctype"));
    assert!(said("<!doctype html><html><head><title>题</title></head><body><h1>题</h1></body></html>").contains("no language"));
}

/// Elements that hold words and elements among words only.
const PHRASES: &[&str] = &[
    "p", "h1", "h2", "h3", "h4", "span", "b", "strong", "em", "i", "code", "time", "label", "button", "output", "s", "del", "ins", "mark",
    "pre", "summary", "small",
];
/// Elements that stand in none of them.
const BLOCKS: &[&str] = &[
    "div",
    "p",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "section",
    "article",
    "aside",
    "nav",
    "header",
    "footer",
    "main",
    "figure",
    "details",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "pre",
    "blockquote",
    "hr",
];

/// What one page says of itself.
struct Page {
    ids: BTreeSet<String>,
    links: Vec<String>,
    wrong: Vec<String>,
}

impl Page {
    fn read(html: &str) -> Self {
        let (document, wrong) = tree::parse(html);
        let mut page = Self { ids: BTreeSet::new(), links: Vec::new(), wrong };
        let (mut named, mut headings, mut title) = (Vec::new(), Vec::new(), String::new());
        document.walk(&mut Vec::new(), &mut |node, above| {
            if let Some(id) = node.attribute("id") {
                if id.is_empty() || id.contains(char::is_whitespace) {
                    page.wrong.push(format!("id {id:?}"));
                }
                if !page.ids.insert(id.clone()) {
                    page.wrong.push(format!("id {id} twice"));
                }
            }
            for attribute in ["aria-labelledby", "aria-describedby", "aria-controls", "for", "headers"] {
                let names = node.attribute(attribute).unwrap_or_default();
                named.extend(names.split_whitespace().map(|name| (attribute, name.to_owned())));
            }
            match node.name() {
                "html" if node.attribute("lang").is_none_or(|lang| lang.is_empty()) => page.wrong.push("no language".to_owned()),
                "title" if above.last().is_some_and(|parent| parent.name() == "head") => title = node.text(),
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => headings.push((node.name().to_owned(), node.text())),
                _ => {}
            }
            page.element(node, above);
        });
        for (attribute, name) in named {
            if !page.ids.contains(&name) {
                page.wrong.push(format!("{attribute} {name}"));
            }
        }
        page.headings(&headings, &title);
        page
    }

    fn headings(&mut self, headings: &[(String, String)], title: &str) {
        if title.trim().is_empty() {
            self.wrong.push("no title".to_owned());
        }
        let first = headings.iter().filter(|(name, _)| name == "h1").count();
        if first != 1 {
            self.wrong.push(format!("{first} × <h1>"));
        }
        for pair in headings.windows(2) {
            if pair[1].0.as_bytes()[1] > pair[0].0.as_bytes()[1] + 1 {
                self.wrong.push(format!("<{}> below <{}>", pair[1].0, pair[0].0));
            }
        }
        self.wrong.extend(headings.iter().filter(|(_, text)| text.trim().is_empty()).map(|(name, _)| format!("empty <{name}>")));
    }

    fn element(&mut self, node: &Rc<Node>, above: &[Rc<Node>]) {
        let name = node.name();
        let parent = above.last().map_or("", |parent| parent.name());
        let drawn = above.iter().any(|own| own.name() == "svg");
        let mut say = |what: String| self.wrong.push(what);
        // The policy of the pages forbids what would be written into them.
        for attribute in node.attributes() {
            if attribute == "style" || attribute.starts_with("on") {
                say(format!("<{name} {attribute}>"));
            }
        }
        if matches!(name, "script" | "style") && !node.text().is_empty() {
            say(format!("<{name}> with its text in the page"));
        }
        if let Some(phrase) = above.iter().rev().take_while(|own| own.name() != "svg").find(|own| PHRASES.contains(&own.name()))
            && BLOCKS.contains(&name)
            && !(phrase.name() == "summary" && name.starts_with('h'))
        {
            say(format!("<{name}> in <{}>", phrase.name()));
        }
        if let Some(outer) = above.iter().find(|own| matches!(own.name(), "a" | "button"))
            && matches!(name, "a" | "button" | "input" | "select" | "details")
        {
            say(format!("<{name}> in <{}>", outer.name()));
        }
        let fits = match parent {
            "ul" | "ol" => name == "li",
            "dl" => matches!(name, "dt" | "dd" | "div"),
            _ => match name {
                "li" => false,
                "dt" | "dd" => parent == "div",
                _ => true,
            },
        };
        if !fits {
            say(format!("<{name}> in <{parent}>"));
        }
        let labelled =
            |own: &Node| own.attribute("aria-label").is_some_and(|text| !text.is_empty()) || own.attribute("aria-labelledby").is_some();
        match name {
            "a" if node.attribute("href").is_some() && !spoken(node) => say("link without words".to_owned()),
            "button" | "summary" if !spoken(node) => say(format!("<{name}> without words")),
            "table" => {
                let caption = node.children().iter().any(|child| child.name() == "caption" && !child.text().trim().is_empty());
                let region = above.last().is_some_and(|own| own.attribute("role").as_deref() == Some("region") && labelled(own));
                if !caption && !region && !labelled(node) {
                    say(format!("table without a label, class {:?}", node.attribute("class").unwrap_or_default()));
                }
            }
            "th" if node.attribute("scope").is_none() => say("th without scope".to_owned()),
            "img" if node.attribute("alt").is_none() => say("<img> without alt".to_owned()),
            "svg" if !drawn => {
                let titled = node.children().iter().any(|child| child.name() == "title");
                if !labelled(node) && !titled && node.attribute("aria-hidden").is_none() {
                    say("<svg> without a label".to_owned());
                }
            }
            "time" => {
                let day = node.attribute("datetime").unwrap_or_else(|| node.text());
                if !is_time(&day) {
                    say(format!("datetime {day}"));
                }
            }
            _ => {}
        }
        let source = node.attribute("src");
        if name == "link" || source.is_some() {
            let from = source.clone().or_else(|| node.attribute("href")).unwrap_or_default();
            if from.contains(':') && !from.starts_with("data:") {
                say(format!("{from} from elsewhere"));
            }
        }
        let links = [node.attribute("href"), source, node.attribute("action")];
        self.links.extend(links.into_iter().flatten());
    }
}

/// Whether there is something to be read aloud.
fn spoken(node: &Rc<Node>) -> bool {
    let mut said = !node.text().trim().is_empty() || node.attribute("aria-label").is_some_and(|text| !text.is_empty());
    node.walk(&mut Vec::new(), &mut |own, _| said |= own.attribute("alt").is_some_and(|text| !text.is_empty()));
    said
}

/// A day, with a time of day or without, or a month, as HTML writes them.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let (day, rest) = shape.split_at_checked(10).unwrap_or((&shape, ""));
    matches!(day, "0000-00-00" | "0000-00") && matches!(rest, "" | "T00:00" | "T00:00:00" | "T00:00:00+00:00" | "T00:00+00:00")
}

/// What is wrong, and on which pages.
fn look_at(site: &Path) -> BTreeMap<String, Vec<String>> {
    let read: BTreeMap<String, Page> = pages(site).into_iter().map(|(url, html)| (url, Page::read(&html))).collect();
    assert!(read.len() > 500, "{}", read.len());
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (url, page) in &read {
        let dead = page.links.iter().filter(|link| !resolves(site, &read, url, link)).map(|link| format!("dead link {link}"));
        for what in page.wrong.iter().cloned().chain(dead) {
            wrong.entry(what).or_default().push(url.clone());
        }
    }
    wrong
}

/// Whether a link of a page leads to a file of the site, and what stands behind `#` to an element of it.
fn resolves(site: &Path, read: &BTreeMap<String, Page>, url: &str, link: &str) -> bool {
    if link.contains(':') {
        return true;
    }
    let (address, fragment) = link.split_once('#').unwrap_or((link, ""));
    let address = address.split('?').next().unwrap_or_default();
    let mut parts: Vec<&str> = url.split('/').collect();
    if !address.is_empty() {
        parts.pop();
        for part in address.split('/') {
            match part {
                ".." if parts.pop().is_none() => return false,
                ".." | "." => {}
                part => parts.push(part),
            }
        }
    }
    let target = parts.join("/");
    match read.get(&target) {
        // `#facet=value` asks the script of a list for something.
        Some(page) => fragment.is_empty() || fragment.contains("%3D") || page.ids.contains(fragment),
        None => fragment.is_empty() && site.join(&target).is_file(),
    }
}
