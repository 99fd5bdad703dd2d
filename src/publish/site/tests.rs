use crate::publish::figure::{baseline, course, ecomap, genogram, goals, network};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use super::super::view::*;
use super::super::write::{self, memory::Memory};
use super::*;

type Files = BTreeMap<String, String>;

fn rendered(theme: &Theme, frame: &Frame, pages: &Pages<'_>) -> (Files, Vec<Diagnostic>) {
    let memory = Memory::default();
    let found = render(theme, frame, &Menu::of(theme, frame, pages), pages, 2, None, &memory);
    (memory.files(), found)
}

fn sample() -> Files {
    let (files, found) = rendered(&Theme::built_in(), &sample::frame(), &sample::pages());
    assert!(found.is_empty(), "{:#?}", found.iter().map(|d| (&d.message.en, d.place.as_ref().map(Place::start))).collect::<Vec<_>>());
    files
}

fn own(files: &[(&str, &str)]) -> Theme {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    Theme::read(Some(folder.path()))
}

/// The values of an attribute, unescaped.
fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let start = format!(" {name}=\"");
    let html = html.to_owned();
    html.match_indices(&start)
        .map(|(at, _)| html[at + start.len()..].split('"').next().unwrap_or_default().replace("&amp;", "&"))
        .collect::<Vec<_>>()
        .into_iter()
}

fn resolved(page: &str, address: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            ".." => drop(parts.pop().expect("no link leaves the site")),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_somewhere() {
    let files = sample();
    let mut there: BTreeSet<String> = files.keys().cloned().collect();
    there.extend(sample::papers());
    let mut links = 0;
    for (path, html) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let addresses: Vec<String> = ["href", "src"].iter().flat_map(|name| attributes(html, name)).collect();
        for address in addresses.iter().filter(|address| !address.contains("://")) {
            let (file, fragment) = address.split_once('#').unwrap_or((address, ""));
            let target = if file.is_empty() { path.clone() } else { resolved(path, file) };
            // What can be subscribed to is no part of these pages; `#facet=value` asks a script for something.
            if target.starts_with("feeds/") {
                continue;
            }
            let fragment = if fragment.contains("%3D") { "" } else { fragment };
            assert!(there.contains(&target), "{path}: {address} → {target}");
            assert!(fragment.is_empty() || attributes(&files[&target], "id").any(|id| id == fragment), "{path}: #{fragment}");
            links += 1;
        }
        for name in ["aria-labelledby", "for"] {
            for id in attributes(html, name) {
                assert!(attributes(html, "id").any(|other| other == id), "{path}: {name}={id}");
            }
        }
        let ids: Vec<String> = attributes(html, "id").collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}: an id is used twice");
    }
    assert!(links > 1000, "{links}");
}

#[test]
fn pages_are_well_built() {
    for (path, html) in sample().iter().filter(|(path, _)| path.ends_with(".html")) {
        assert!(html.starts_with("<!doctype html>\n<html lang=\"zh-CN\">"), "{path}");
        assert!(!html.contains("<script>") && !html.contains("style=\"") && !html.contains("<style") && !html.contains(" on"), "{path}");
        assert!(html.contains("Content-Security-Policy") && html.contains("9c41f07") && html.contains("2026-06-30"), "{path}");
        let digits = html.match_indices("<h").map(|(at, _)| html.as_bytes()[at + 2]).filter(u8::is_ascii_digit);
        let levels: Vec<u8> = digits.map(|digit| digit - b'0').collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{path}: one main heading");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{path}: headings in order: {levels:?}");
        for tag in ["div", "section", "table", "ul", "ol", "dl", "details", "span", "td", "tr", "article", "aside", "p", "a"] {
            let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{path}: <{tag}>");
        }
    }
}

#[test]
fn the_same_views_give_the_same_bytes() {
    let (theme, frame, pages) = (Theme::built_in(), sample::frame(), sample::pages());
    assert_eq!(rendered(&theme, &frame, &pages).0, rendered(&theme, &frame, &pages).0);
}

#[test]
fn values_are_escaped_everywhere() {
    let evil = "<script>alert(1)</script>\"'&{{ 1234*5 }}";
    let mut frame = sample::frame();
    frame.site_title = evil.into();
    frame.notices = vec![evil.into()];
    let mut row = sample::record_rows().remove(1);
    row.worker = Some(evil.into());
    let mut view = sample::record(row);
    view.name = evil.into();
    view.fields[0].value = ValueView::Text { text: evil.into() };
    view.fields[1].value = ValueView::Link { link: Link { text: evil.into(), url: Some("javascript:alert(1)".into()) } };
    let mut pages = sample::pages();
    pages.alone = vec![("records/x.html".into(), Later::new(move || view.clone()))];
    let (files, found) = rendered(&Theme::built_in(), &frame, &pages);
    assert!(found.is_empty());
    let html = &files["records/x.html"];
    assert!(
        !html.contains("<script>")
            && !html.contains("6170")
            && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;{{ 1234*5 }}")
    );
    assert!(html.contains("href=\"../javascript%3Aalert%281%29\""));
}

#[test]
fn addresses_become_relative_and_encoded() {
    let tera = engine();
    let of = |address: &str| {
        let mut context = tera::Context::new();
        context.insert("a", address);
        context.insert("root", "../../");
        tera.render_str("{{ a | href }}", &context, true).unwrap()
    };
    assert_eq!(of("a/李 娜.html"), "../../a/%E6%9D%8E%20%E5%A8%9C.html");
    assert_eq!(of("a.html#第 1"), "../../a.html#%E7%AC%AC%201");
    assert_eq!(of("#s1"), "#s1");
    assert_eq!(of("//evil.example/x"), "../../evil.example/x");
    assert_eq!(of("https://example.org/?a=1&b=2"), "https://example.org/?a=1&amp;b=2");
    assert_eq!(of("JavaScript:alert(1)"), "../../JavaScript%3Aalert%281%29");
    assert_eq!(of("data:text/html,x"), "../../data%3Atext/html%2Cx");
}

#[test]
fn a_broken_template_is_a_finding_and_the_rest_is_rendered() {
    // It does not parse: the built-in one stands in.
    let theme = own(&[("rule.html", "{% extends \"base.html\" %}\n{% block main %}\n{% if page.x }\n{% endblock %}\n")]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    assert_eq!(
        found.iter().map(|d| (d.code.as_str(), d.path(), d.place.as_ref().unwrap().start().line)).collect::<Vec<_>>(),
        [("T101", "theme/rule.html", 3)]
    );
    assert_eq!(files, sample());

    // It names what is not there: the same, by the engine's report.
    let theme = own(&[
        ("rule.html", "{% extends \"base.html\" %}\n{% block main %}{{ page.x | nix }}{% endblock %}"),
        ("new.html", "{% extends \"gone.html\" %}"),
    ]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    let mut said: Vec<_> = found.iter().map(|d| (d.path(), d.place.as_ref().unwrap().start().line)).collect();
    said.sort();
    assert_eq!(said, [("theme/new.html", 1), ("theme/rule.html", 2)]);
    assert_eq!(files, sample());

    // It lacks a component that no template calls: the same.
    let parts = Theme::built_in().text("parts.html").unwrap();
    for component in COMPONENTS {
        let theme = own(&[("parts.html", &parts.replace(&format!("component {component}"), "component own_one"))]);
        let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
        assert_eq!(found.len(), 1, "{component}: {found:?}");
        assert!(found[0].path() == "theme/parts.html" && found[0].message.zh.contains(component), "{component}: {found:?}");
        assert_eq!(files, sample());
    }

    // It fails while rendering: one finding for all pages that need it, none of them is written.
    let theme = own(&[("rule.html", "{% extends \"base.html\" %}\n{% block main %}\n{{ page.nix }}{% endblock %}")]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].path(), found[0].place.as_ref().unwrap().start().line), ("theme/rule.html", 3));
    assert!(found[0].message.en.contains("nix") && found[0].facts[0].zh.contains("13 页"), "{:?}", found[0]);
    assert_eq!(sample().len() - files.len(), 13);

    // So it is where a component fails.
    let theme = own(&[(
        "parts.html",
        &parts.replace("{% component cell(it, @words, @root) -%}", "{% component cell(it, @words, @root) -%}\n{{ it.nix }}"),
    )]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    let line = 1 + parts.lines().position(|line| line.contains("component cell(")).unwrap();
    assert_eq!(
        found.iter().map(|d| (d.path(), d.place.as_ref().unwrap().start().line)).collect::<Vec<_>>(),
        [("theme/parts.html", line + 1)]
    );
    assert!(files.keys().all(|path| !path.starts_with("records/") || path.contains("/timeline")), "{:?}", files.keys());
}

#[test]
fn an_own_template_takes_the_place_of_the_built_in_one() {
    let theme = own(&[
        (
            "person.html",
            "{% extends \"base.html\" %}{% block title %}x{% endblock %}{% block main %}<h1>我们的 {{ page.link.text }}</h1>{% endblock %}",
        ),
        ("logo.svg", "<svg/>"),
        ("own.ttf", "a font for papers"),
        ("own.woff2", "a font for the site"),
    ]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    assert!(found.is_empty() && files["people/lina.html"].contains("<h1>我们的 李娜</h1>"));
    let assets: Vec<&str> = files.keys().filter_map(|path| path.strip_prefix("assets/")).collect();
    assert_eq!(
        assets,
        [
            "chunks.js",
            "logo.svg",
            "mark.svg",
            "own.woff2",
            "reload.js",
            "script.js",
            "search-terms.js",
            "search.js",
            "sieve.js",
            "style.css"
        ]
    );

    // A component of the built-in theme, redefined in a page, cannot be told apart: the page is set aside.
    let theme = own(&[("person.html", "{% component link(link) %}{% endcomponent link %}")]);
    let (files, found) = rendered(&theme, &sample::frame(), &sample::pages());
    assert_eq!((found.len(), files), (1, sample()));
}

#[test]
fn english_is_complete_and_nothing_may_be_there() {
    let frame = Frame { language: "en".into(), edition: None, ..sample::frame() };
    let (files, found) = rendered(&Theme::built_in(), &frame, &sample::pages());
    assert!(found.is_empty() && files["index.html"].contains("Due soon"));
    let words = Theme::built_in().words(Language::Zh);
    for (path, html) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        for word in ["skip", "imprint", "as_of", "nav_findings"] {
            assert!(!html.contains(words[word].as_str().unwrap()), "{path}: {word}");
        }
    }

    let none = Pages {
        basis: Basis { today: "2026-06-30".into(), head: None, counts: Counts::default(), demands: vec![] },
        start: StartView {
            agenda: AgendaView::default(),
            people: vec![],
            people_total: 0,
            projects: vec![],
            projects_total: 0,
            recent: vec![],
        },
        projects: vec![],
        dossiers: vec![],
        alone: vec![],
        forms: vec![],
        rules: vec![],
        articles: vec![],
        people: vec![],
        guide: vec![],
        sheets: vec![],
        feeds: sample::feeds(),
        more: vec![Page {
            url: "statistics.html".into(),
            template: "guide.html",
            context: serde_json::json!({"title": "统", "html": "", "contents": []}),
        }],
    };
    let (files, found) = rendered(&Theme::built_in(), &frame, &none);
    assert!(found.is_empty());
    let pages: Vec<&str> = files.keys().map(String::as_str).filter(|path| path.ends_with(".html")).collect();
    assert_eq!(pages, ["guide/index.html", "index.html", "statistics.html"]);
    assert_eq!(files["index.html"].matches("<li><a href").count(), 2);
    assert!(files["guide/index.html"].contains("no git history"));
}

#[test]
fn templates_use_every_word_and_hold_no_text_of_their_own() {
    let theme = Theme::built_in();
    let words = theme.words(Language::Zh);
    let dynamic = [
        "head_none",
        "nav_",
        "weekday_",
        "severity_",
        "signature_",
        "search_",
        "no_",
        "today",
        "overdue",
        "due_soon",
        "waiting",
        "open",
        "late",
        "submitted",
        "facet_",
        "order_",
        "would_be_",
        "sieve_by_",
    ];
    let templates: Vec<(String, String)> =
        theme.files().filter(|name| name.ends_with(".html")).map(|name| (name.to_owned(), theme.text(name).unwrap())).collect();
    for (name, text) in &templates {
        let han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect::<String>();
        assert_eq!(han, "", "{name}");
        for (at, _) in text.match_indices("words.") {
            let key: String = text[at + 6..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(words.get(&key).is_some(), "{name}: words.{key}");
        }
    }
    let drawn =
        [genogram::Words::KEYS, ecomap::Words::KEYS, network::Words::KEYS, baseline::Words::KEYS, goals::Words::KEYS, course::Words::KEYS]
            .concat();
    for key in &drawn {
        assert!(words.get(format!("figure_{}", key.replace('-', "_"))).is_some(), "the figures' word `{key}`");
    }
    let in_figure = |key: &str| key.strip_prefix("figure_").is_some_and(|key| drawn.iter().any(|own| own.replace('-', "_") == key));
    for key in words.as_object().unwrap().keys() {
        let used = in_figure(key)
            || dynamic.iter().any(|start| key.starts_with(start))
            || templates.iter().any(|(_, text)| text.contains(&format!("words.{key}")));
        assert!(used, "the word `{key}` is used nowhere");
    }
}

/// Writes the sample to `/tmp/site-sample` for eyes: `cargo test -- --ignored for_eyes`.
#[test]
#[ignore = "writes outside the build"]
fn for_eyes() {
    let theme = Theme::built_in();
    for (language, out) in [("zh", "/tmp/site-sample"), ("en", "/tmp/site-sample-en")] {
        let frame = Frame { language: language.into(), ..sample::frame() };
        let output = write::Output::open(Path::new(out)).unwrap();
        let pages = sample::pages();
        let found = render(&theme, &frame, &Menu::of(&theme, &frame, &pages), &pages, 0, None, &output);
        assert!(found.is_empty());
        for path in BTreeSet::from_iter(sample::papers()) {
            output.put(&path, None, b"%PDF");
        }
        println!("{:?}", output.finish().unwrap());
    }
}

#[test]
fn a_page_is_made_again_only_when_what_it_shows_changes() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("site");
    // The pages that were made, not taken over.
    let build = |theme: &Theme, pages: &Pages<'_>, program: &str| {
        let output = write::Output::open(&out).unwrap();
        let kept = Counting(&output, Mutex::default());
        let frame = sample::frame();
        assert!(render(theme, &frame, &Menu::of(theme, &frame, pages), pages, 2, Digest::of(program), &kept).is_empty());
        let kept = kept.1.into_inner().unwrap();
        output.finish().unwrap();
        let (fresh, found) = rendered(theme, &sample::frame(), pages);
        assert!(found.is_empty());
        for (path, text) in &fresh {
            assert_eq!(&fs::read_to_string(out.join(path)).unwrap(), text, "{path}");
        }
        fresh.into_keys().filter(|path| path.ends_with(".html") && !kept.contains(path)).collect::<Vec<_>>()
    };
    let theme = Theme::built_in();
    let all = build(&theme, &sample::pages(), "1").len();
    assert!(all > 50);
    assert_eq!(build(&theme, &sample::pages(), "1"), [""; 0]);
    // Another day or commit stands on every page, and none is made for it; another record is its own page's matter.
    let mut pages = sample::pages();
    pages.basis = Basis { today: "2026-07-01".into(), head: Some("0000000".into()), counts: Counts::default(), ..pages.basis };
    assert_eq!(build(&theme, &pages, "1"), [""; 0]);
    let (url, view) = pages.dossiers.iter_mut().find_map(|dossier| dossier.records.first_mut()).unwrap();
    let (url, other) = (url.clone(), RecordView { name: "另一份".into(), ..view.get() });
    *view = Later::new(move || other.clone());
    assert_eq!(build(&theme, &pages, "1"), [url]);
    // Another program or theme concerns them all.
    assert_eq!(build(&theme, &pages, "2").len(), all);
    assert_eq!(build(&own(&[("style.css", "body { color: red }")]), &pages, "2").len(), all);
}

/// An output, and what was taken over into it.
struct Counting<'o>(&'o write::Output, Mutex<BTreeSet<String>>);

impl Sink for Counting<'_> {
    fn before(&self, path: &str, digest: Digest) -> Option<Vec<u8>> {
        let before = self.0.before(path, digest);
        if before.is_some() {
            self.1.lock().unwrap().insert(path.to_owned());
        }
        before
    }

    fn keep(&self, path: &str, digest: Digest) -> bool {
        self.0.keep(path, digest)
    }

    fn put(&self, path: &str, digest: Option<Digest>, content: &[u8]) {
        self.0.put(path, digest, content);
    }
}

#[test]
fn very_many_values_stand_on_the_pages_of_the_whole_list_only() {
    let like = sample::dossier_rows().remove(0);
    let row = |n: usize| DossierRow { project: format!("P{n:03}"), ..like.clone() };
    let sheets = lists::dossier_pages((0..150).map(row).collect(), ["在办", "已结"], &|name| name.to_owned());
    let (files, found) = rendered(&Theme::built_in(), &sample::frame(), &Pages { sheets, ..sample::pages() });
    assert!(found.is_empty());
    let links = |path: &str| attributes(&files[path], "href").filter(|address| address.contains("project/P")).count();
    assert_eq!((links("dossiers/index.html"), links("dossiers/by/opened.html")), (150, 150));
    assert_eq!(links("dossiers/project/P007.html"), 0);
    assert!(attributes(&files["dossiers/index.html"], "id").any(|id| id == "by-project"));
    assert!(attributes(&files["dossiers/project/P007.html"], "href").any(|address| address == "../../dossiers/index.html#by-project"));
    // What has few values stands everywhere.
    assert!(files["dossiers/project/P007.html"].contains("dossiers/state/"));
}
