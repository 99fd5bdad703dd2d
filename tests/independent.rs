//! The example, built for those who may know nobody, searched by means of its own: forms and records are read here line by
//! line, outputs by `pdftotext`, `unzip` and `strings`. Nothing of the library takes part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;

use crate::support::anjuan;

const TODAY: &str = "2026-06-18";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// The fields and columns of a form that identify somebody, by their names; with the columns of shared tables.
fn telling(text: &str, shared: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let (mut found, mut name) = (BTreeSet::new(), String::new());
    for line in text.lines() {
        let line = line.split(" # ").next().unwrap();
        if let Some(at) = line.find("name: ") {
            name = line[at + 6..].split([',', '}']).next().unwrap().trim().to_owned();
        }
        let kind = ["type: phone", "type: id-card", "type: email", "identifies: "].iter().any(|kind| line.contains(kind));
        if kind && !line.contains("audience: 内部") && !line.contains("audience: 公开") {
            found.insert(name.clone());
        }
        if let Some(at) = line.find("columns: ")
            && let Some(columns) = shared.get(line[at + 9..].split([',', '}']).next().unwrap().trim())
        {
            found.extend(columns.iter().cloned());
        }
    }
    found
}

/// The shared tables of the rulebook by name.
fn shared(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    let mut own = None;
    for line in text.split("\nstructures:").nth(1).unwrap().lines() {
        match line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#'])).and_then(|rest| rest.strip_suffix(':')) {
            Some(name) => own = Some(name.to_owned()),
            None if line.starts_with("    ") => tables.entry(own.clone().unwrap()).or_default().push_str(&format!("{line}\n")),
            None => {}
        }
    }
    tables.into_iter().map(|(name, text)| (name, telling(&text, &BTreeMap::new()))).collect()
}

/// What stands in these fields and columns of a record.
fn values(record: &str, names: &BTreeSet<String>) -> BTreeSet<String> {
    let front = record.split("\n---").next().unwrap();
    let mut found = BTreeSet::new();
    for name in names {
        let key = format!("{name}: ");
        for (at, _) in front.match_indices(&key) {
            // Not the end of a longer name.
            if front[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric()) {
                continue;
            }
            let rest = front[at + key.len()..].lines().next().unwrap();
            let value = match rest.strip_prefix('{') {
                // A signature or a document: who signed, its number.
                Some(parts) => ["签名人: ", "号码: "].iter().find_map(|key| Some(parts.split_once(key)?.1)).unwrap_or_default(),
                None => rest,
            };
            let inside = front[..at].lines().last().is_some_and(|line| line.contains('{')) || rest.starts_with('{');
            let value = if inside { value.split([',', '}']).next().unwrap() } else { value };
            found.insert(value.split(" #").next().unwrap().trim().trim_matches(['\'', '"']).to_owned());
        }
    }
    found
}

/// Everybody in the records of an archive whom its staff at large may not know.
fn everybody(root: &Path) -> BTreeSet<String> {
    let book = std::fs::read_to_string(root.join("rulebook/rulebook.yaml")).unwrap();
    let shared = shared(&book);
    let mut found = BTreeSet::new();
    for folder in ["cases", "consultations", "groups", "activities", "projects"] {
        for path in files(&root.join(folder)).into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let form = root.join(format!("rulebook/forms/{}.yaml", stem.split('-').next().unwrap()));
            let names = telling(&std::fs::read_to_string(form).unwrap(), &shared);
            found.extend(values(&std::fs::read_to_string(path).unwrap(), &names));
        }
    }
    found
}

/// A text as it stands there and as people read it: without tags, with characters of HTML and of JSON written out, addresses
/// decoded, lines of a calendar joined.
fn readings(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = text.clone().into_owned();
    if text.starts_with("BEGIN:VCALENDAR") {
        out.push_str(&text.replace("\r\n ", ""));
    }
    for part in text.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    if text.contains('&') {
        out.push_str(&text.replace("&amp;", "&").replace("&lt;", "<").replace("&quot;", "\"").replace("&#39;", "'"));
    }
    if text.contains("\\u") {
        for part in text.split("\\u") {
            let code = part.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
            out.extend(code);
            out.push_str(if code.is_some() { &part[4..] } else { part });
        }
    }
    if text.contains("%E") || text.contains("%e") {
        let mut decoded: Vec<u8> = Vec::new();
        for (nth, part) in bytes.split(|byte| *byte == b'%').enumerate() {
            let hex = part.get(..2).filter(|_| nth > 0).and_then(|hex| std::str::from_utf8(hex).ok());
            let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            decoded.extend(byte);
            decoded.extend_from_slice(if byte.is_some() { &part[2..] } else { part });
        }
        out.push_str(&String::from_utf8_lossy(&decoded));
    }
    out
}

fn said(program: &str, args: &[&str], path: &Path) -> Vec<u8> {
    let (before, after) = args.split_at(args.iter().position(|arg| *arg == "-").unwrap_or(args.len()));
    let out = Command::new(program).args(before).arg(path).args(after).output().unwrap();
    assert!(out.status.success(), "{program} {}: {}", path.display(), String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Everything that a file says.
fn text(path: &Path) -> String {
    let mut out = path.to_string_lossy().into_owned();
    match path.extension().and_then(|end| end.to_str()).unwrap_or_default() {
        "pdf" => {
            let words = String::from_utf8_lossy(&said("pdftotext", &["-raw", "-"], path)).into_owned();
            out.push_str(&words);
            out.push_str(&words.replace('\n', ""));
            out.push_str(&String::from_utf8_lossy(&said("pdfinfo", &["-meta"], path)));
        }
        "xlsx" => {
            // The names of cells look like codes of people.
            let cells = regex::Regex::new(r#" (r|ref|sqref)="[A-Z0-9: ]+""#).unwrap();
            out.push_str(&cells.replace_all(&readings(&said("unzip", &["-p"], path)), ""));
        }
        "html" | "js" | "json" | "css" | "svg" | "csv" | "ics" | "txt" | "xml" => out.push_str(&readings(&std::fs::read(path).unwrap())),
        _ => {
            for width in ["-es", "-eS", "-el", "-eb"] {
                out.push_str(&String::from_utf8_lossy(&said("strings", &[width], path)));
            }
        }
    }
    out
}

/// Which of some values a text holds.
fn held(values: &BTreeSet<String>, text: &str) -> BTreeSet<String> {
    let all: Vec<&String> = values.iter().collect();
    let search = AhoCorasick::new(&all).unwrap();
    // A number of three signs is one only where it stands by itself: codes and digests hold any three.
    let stands = |hit: &aho_corasick::Match| {
        let value = all[hit.pattern().as_usize()];
        let beside = [text[..hit.start()].chars().next_back(), text[hit.end()..].chars().next()];
        let part = beside.into_iter().flatten().any(|c| c.is_ascii_alphanumeric());
        !(value.is_ascii() && value.len() < 6 && part)
    };
    search.find_overlapping_iter(text).filter(stands).map(|hit| all[hit.pattern().as_usize()].clone()).collect()
}

#[test]
fn nobody_of_the_example_is_in_what_lower_audiences_get() {
    let has = |program: &str| Command::new(program).arg("-v").output().is_ok();
    if !["pdftotext", "pdfinfo", "unzip", "strings"].into_iter().all(has) {
        eprintln!("pdftotext, pdfinfo, unzip or strings is missing: outputs are not searched");
        assert!(std::env::var_os("CI").is_none(), "install poppler-utils, unzip and binutils");
        return;
    }
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let root = dir.path().join("demo");
    assert_eq!(anjuan(&["demo", root.to_str().unwrap(), "--no-papers"]).status.code(), Some(0));
    let run = |args: &[&str]| {
        let out = anjuan(&[&["-C", root.to_str().unwrap(), "--today", TODAY], args].concat());
        assert!(matches!(out.status.code(), Some(0 | 1)), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    // Everybody is in what the highest audience gets, so that the search finds them where they are.
    let all: BTreeSet<String> = everybody(&root).into_iter().filter(|value| value.chars().count() > 1).collect();
    let full: String =
        files(&root.join("site")).iter().filter(|path| path.extension().is_some_and(|end| end == "html")).map(|path| text(path)).collect();
    let there = held(&all, &full);
    let missed: Vec<&String> = all.difference(&there).collect();
    assert!(all.len() > 150 && missed.len() * 20 < all.len(), "{} of {}: {missed:?}", missed.len(), all.len());

    // What the rules, the guide, the theme and the register of staff say anyway says nothing of anybody.
    let mut open = String::new();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [root.join("rulebook"), root.join("guide"), repository.join("themes")] {
        files(&folder).iter().for_each(|path| open.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap())));
    }
    for file in ["people.yaml", "anjuan.yaml"] {
        open.push_str(&std::fs::read_to_string(root.join(file)).unwrap());
    }
    let common = held(&all, &open);
    let secret: BTreeSet<String> = all.difference(&common).cloned().collect();
    let examples: BTreeSet<String> = common.iter().filter(|value| value.ends_with('某')).cloned().collect();
    assert!(secret.len() > 100 && common.len() < 30, "{} {common:?}", secret.len());

    for audience in ["公开", "内部"] {
        let site = dir.path().join(audience);
        let out = site.to_str().unwrap();
        let staff = audience == "内部";
        run(&[&["build", "--audience", audience, "--out", out][..], if staff { &[] } else { &["--no-papers"] }].concat());
        if staff {
            for format in ["xlsx", "json", "csv"] {
                let file = site.join(format!("stats.{format}"));
                run(&["stats", "--audience", audience, "--by", "project,month", "--format", format, "--out", file.to_str().unwrap()]);
            }
            for dossier in ["NS-C2026-001", "LG-G2026-001", "NS-A2026-002"] {
                run(&["evidence", dossier, "--audience", audience, "--out", out]);
            }
        }
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for path in files(&site) {
            let text = text(&path);
            let end = path.extension().map_or_else(String::new, |end| end.to_string_lossy().into_owned());
            *kinds.entry(end).or_default() += 1;
            let at = path.strip_prefix(&site).unwrap().display().to_string();
            let found = held(&secret, &text);
            assert!(found.is_empty(), "{audience}: {found:?} in {at}");
            // Clients whose names are examples in the rules are at least in nothing that is about records.
            let about =
                ["dossiers/", "records/", "people/", "findings/", "projects/", "papers/"].iter().any(|folder| at.starts_with(folder));
            if about && !at.contains("blank") {
                let found = held(&examples, &text);
                assert!(found.is_empty(), "{audience}: {found:?} in {at}");
            }
        }
        let wanted: &[&str] = if staff { &["html", "js", "css", "pdf", "xlsx", "json", "csv"] } else { &["html", "js", "css"] };
        assert!(wanted.iter().all(|end| kinds.contains_key(*end)), "{audience}: {kinds:?}");
    }
}
