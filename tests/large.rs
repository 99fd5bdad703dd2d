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
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut url = Some(first.to_owned());
        while let Some(at) = url {
            for row in site[&at].split("<td class=\"key\"><a href=\"").skip(1) {
                *seen.entry(row.split('"').next().unwrap().replace("../", "")).or_default() += 1;
            }
            let next = site[&at].split_once("<a rel=\"next\" href=\"").map(|(_, rest)| rest.split('"').next().unwrap().replace("../", ""));
            url = next;
        }
        assert_eq!(seen.len(), dossiers, "{first}");
        assert!(seen.values().all(|count| *count == 1), "{first}");
    }
}
