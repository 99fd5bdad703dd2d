//! A large archive: no page grows with it, and nothing is lost between the pages of a list.

use std::collections::BTreeMap;

use crate::support::{anjuan, pages};

#[allow(dead_code, reason = "the benchmark uses the rest")]
#[path = "support/generate.rs"]
mod generate;

/// Records; the lists of a thousand dossiers have several pages each.
const RECORDS: usize = 10_000;
/// No page may be larger, in bytes.
const MOST: usize = 500_000;

#[test]
fn no_page_of_ten_thousand_records_is_large_and_every_dossier_is_on_one_page_of_the_list() {
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let root = dir.path().join("archive");
    generate::archive(&root, RECORDS).unwrap();
    let today = generate::TODAY.to_string();
    let out = anjuan(&["-C", root.to_str().unwrap(), "--today", &today, "build", "--audience", "保密", "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let site = pages(&root.join("site"));
    let large: Vec<(&String, usize)> = site.iter().map(|(url, html)| (url, html.len())).filter(|(_, size)| *size > MOST).collect();
    assert!(large.is_empty(), "{} pages are too large, such as {:?}", large.len(), &large[..large.len().min(12)]);

    // Whoever turns the pages of a list sees every dossier once.
    let dossiers = std::fs::read_dir(root.join("cases")).unwrap().count() + std::fs::read_dir(root.join("projects")).unwrap().count();
    for first in ["dossiers/index.html", "dossiers/by/next_due.html", "dossiers/by/opened.html"] {
        let seen = turned(&site, first, "<td class=\"key\"><a href=\"");
        assert_eq!(seen.len(), dossiers, "{first}");
        assert!(seen.values().all(|count| *count == 1), "{first}");
    }
}

#[test]
fn a_dossier_of_many_sessions_is_told_in_parts_and_loses_none() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("archive");
    generate::archive(&root, 10).unwrap();
    let folder = std::fs::read_dir(root.join("cases")).unwrap().next().unwrap().unwrap().path();
    let number = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let session = std::fs::read_to_string(folder.join("C07-01.md")).unwrap();
    for nth in 100..600 {
        std::fs::write(folder.join(format!("C07-{nth}.md")), &session).unwrap();
    }
    for words in [&["add", "."][..], &["-c", "user.name=somebody", "-c", "user.email=s@example.org", "commit", "-qm", "会谈"]] {
        assert!(generate::git(&root).args(words).status().unwrap().success());
    }
    let today = generate::TODAY.to_string();
    let out = anjuan(&["-C", root.to_str().unwrap(), "--today", &today, "build", "--audience", "保密", "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let site = pages(&root.join("site"));
    assert!(site.values().all(|html| html.len() < MOST));

    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let records = files.filter(|path| path.extension().is_some_and(|end| end == "md")).count();
    let page = &site[&format!("dossiers/{number}.html")];
    assert!(page.len() < MOST / 2, "{} bytes", page.len());
    let inside = format!("records/{number}/");
    for (what, begins, least) in [
        ("records", "<td class=\"key\"><a href=\"", records),
        ("findings", "<div class=\"finding ", records / 2),
        ("timeline", &inside, records),
    ] {
        let first = format!("dossiers/{number}/{what}.html");
        let rows: usize = turned(&site, &first, begins).values().sum();
        assert!(page.contains(&format!("<a href=\"../{first}\">全部 {rows} 项</a>")), "{rows} {what}");
        assert!(rows >= least, "{rows} {what}");
    }
    let listed = turned(&site, &format!("dossiers/{number}/records.html"), "<td class=\"key\"><a href=\"");
    assert!(listed.len() == records && listed.keys().all(|url| site.contains_key(url)), "{listed:?}");
}

/// What whoever turns the pages of a list sees behind those words, up to the next quote, and how often.
fn turned(site: &BTreeMap<String, String>, first: &str, begins: &str) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut url = Some(first.to_owned());
    while let Some(at) = url {
        for row in site[&at].split(begins).skip(1) {
            *seen.entry(row.split('"').next().unwrap().replace("../", "")).or_default() += 1;
        }
        url = site[&at].split_once("<a rel=\"next\" href=\"").map(|(_, rest)| rest.split('"').next().unwrap().replace("../", ""));
    }
    seen
}
