//! The worked example: exactly the planted faults, the same repository twice, an empty archive that is clean.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Place, anjuan, git};

const TODAY: &str = "2026-06-18";

/// The rows of `expected.md`: (path or dossier, code, severity).
fn expected() -> Vec<(String, String, String)> {
    let text = include_str!("../archive-template/demo/expected.md");
    let rows = text.lines().filter(|l| l.starts_with("| ") && l.chars().nth(2).is_some_and(|c| c.is_ascii_digit()));
    let mut out: Vec<_> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(|c| c.trim().trim_matches('`')).collect();
            (cells[1].to_owned(), cells[2].to_owned(), cells[3].to_owned())
        })
        .collect();
    out.sort();
    out
}

#[test]
fn check_finds_exactly_the_planted_faults() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let at = demo.to_str().unwrap();
    let out = anjuan(&["demo", at, "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let out = anjuan(&["-C", at, "--today", TODAY, "check", "--format", "json"]);
    assert_eq!(out.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let mut found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap_or_default().to_owned();
            (text("path"), text("code"), text("severity"))
        })
        .collect();
    found.sort();
    assert_eq!(found, expected());
    // Every finding has an article or a remedy, a line, and a fingerprint of its own.
    let mut prints = BTreeMap::new();
    for f in report["findings"].as_array().unwrap() {
        assert!(f["start"]["line"].as_u64().unwrap() >= 1 && f["help"].is_string(), "{f}");
        *prints.entry(f["fingerprint"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert!(prints.values().all(|n| *n == 1));
    // The cached history says the same as the walk.
    let again = anjuan(&["-C", at, "--today", TODAY, "check", "--format", "json"]);
    assert_eq!(again.stdout, out.stdout);
    // And the same repository comes out a second time, and the same site.
    let second = dir.path().join("second");
    anjuan(&["demo", second.to_str().unwrap(), "--no-papers"]);
    assert_eq!(git(&demo, &["rev-parse", "HEAD"]), git(&second, &["rev-parse", "HEAD"]));
    let same = std::process::Command::new("diff").arg("-rq").arg(demo.join("site")).arg(second.join("site")).output().unwrap();
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stdout));
    // Every audience gets a site that holds up to the proof.
    for audience in ["公开", "项目组"] {
        let out = anjuan(&["-C", at, "--today", TODAY, "build", "--no-papers", "--audience", audience, "--out", "other"]);
        assert_eq!(out.status.code(), Some(0), "{audience}: {}", String::from_utf8_lossy(&out.stdout));
    }
    // What the lower audience gets holds no name of a client.
    let names: Vec<String> =
        git(&demo, &["grep", "-hE", "^案主姓名: "]).lines().filter_map(|l| Some(l.split_once(": ")?.1.trim().to_owned())).collect();
    assert!(names.len() > 5);
    for folder in ["dossiers", "records", "people", "findings", "projects"] {
        for name in &names {
            let out = std::process::Command::new("grep").args(["-rlF", name]).arg(demo.join("site-shared").join(folder)).output().unwrap();
            assert!(out.stdout.is_empty(), "{name} in {}", String::from_utf8_lossy(&out.stdout));
        }
    }
}

#[test]
fn figures_are_drawn_for_those_who_may_see_what_they_show() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    anjuan(&["demo", demo.to_str().unwrap(), "--no-papers"]);
    let page = |site: &str, record: &str| std::fs::read_to_string(demo.join(site).join("records").join(record)).unwrap();
    let drawings = |page: &str| page.matches("<svg").count();
    // Family, systems around it, network; goals and a measure; the answers of a group.
    for (record, drawn, says) in [
        ("NS-C2026-001/C05.html", 3, "社会网络图"),
        ("NS-C2026-001/C13.html", 2, "GAS T 分 32.5"),
        ("NS-C2026-001/C13.html", 2, "均值 3.38"),
        ("NS-G2026-001/G10.html", 1, "各题答卷分布"),
    ] {
        let page = page("site", record);
        assert!(drawings(&page) == drawn && page.contains(says), "{record}: {} {says}", drawings(&page));
    }
    // The whole staff sees numbers of a group and nothing of a case.
    assert_eq!(drawings(&page("site-shared", "NS-C2026-001/C05.html")), 0);
    assert_eq!(drawings(&page("site-shared", "NS-C2026-001/C13.html")), 0);
    assert_eq!(drawings(&page("site-shared", "NS-G2026-001/G10.html")), 1);
}

#[test]
fn an_empty_archive_is_clean_and_its_rules_hold() {
    let dir = tempfile::tempdir().unwrap();
    let out = anjuan(&["-C", dir.path().to_str().unwrap(), "init", "mine"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let mine = dir.path().join("mine");
    let mine = mine.to_str().unwrap();
    let out = anjuan(&["-C", mine, "--lang", "en", "check", "--deny", "warning"]);
    assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stdout).as_ref()), (Some(0), "nothing found\n"));
    let out = anjuan(&["-C", mine, "--lang", "en", "check", "--rulebook", "--deny", "warning"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(text.starts_with("nothing found\n") && text.contains("rules, ") && !text.contains(" 0 examples"), "{text}");
    // Nothing is written over what is there.
    assert_eq!(anjuan(&["init", mine]).status.code(), Some(2));
    assert_eq!(anjuan(&["demo", mine]).status.code(), Some(2));
}

#[test]
fn exit_codes_and_languages() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().to_str().unwrap();
    let out = anjuan(&["-C", nowhere, "--lang", "en", "check"]);
    assert_eq!(out.status.code(), Some(2));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("no anjuan.yaml") && said.contains("help: "), "{said}");
    assert_eq!(anjuan(&["check", "--nonsense"]).status.code(), Some(2));
    assert_eq!(anjuan(&["--version"]).status.code(), Some(0));
}

#[test]
fn every_command_of_daily_work() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let at = demo.to_str().unwrap();
    anjuan(&["demo", at, "--no-papers"]);
    let run = |args: &[&str]| {
        let all: Vec<&str> = ["-C", at, "--today", TODAY, "--lang", "zh"].iter().chain(args).copied().collect();
        let out = anjuan(&all);
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
    };
    let (code, text) = run(&["explain", "R31-3a", "--record", "NS-C2026-004"]);
    assert!(code == Some(0) && text.contains("06-03 06-04 06-05 06-08 06-09") && text.contains("逾期"), "{text}");
    for name in ["C03", "31.3", "F101"] {
        assert_eq!(run(&["explain", name]).0, Some(0), "{name}");
    }
    let (code, text) = run(&["explain", "C0"]);
    assert!(code == Some(2) && text.contains("是不是"), "{text}");
    let (code, text) = run(&["log", "NS-C2026-008/C03"]);
    assert!(code == Some(0) && text.contains("居住状况: 租住 → 借住") && text.contains("审批失效"), "{text}");
    let (code, text) = run(&["new", "C07", "--dossier", "NS-C2026-005"]);
    let path = text.lines().next().unwrap().to_owned();
    assert!(code == Some(0) && demo.join(&path).is_file(), "{text}");
    // The scaffold is a readable record: only what is still to be written is missing.
    let (_, text) = run(&["check", &path]);
    assert!(text.contains("F101") && !text.contains("Y001") && !text.contains("F206"), "{text}");
    assert_eq!(run(&["new", "C03", "--dossier", "NS-C2026-005"]).0, Some(2));
    assert_eq!(run(&["new", "C03", "--dossier", "乱写"]).0, Some(2));
}

#[test]
fn a_record_of_an_edition_without_text_says_that_no_rule_applies() {
    let mut place = Place::new();
    place.write("loans/A-01/L1.md", "---\n表单: L1\n填表日期: 2015-03-06\n---\n");
    place.write("loans/A-02/L1.md", "---\n表单: L1\n填表日期: 2026-03-06\n---\n");
    place.commit("main", "li", "2026-01-01").checkout();
    let root = place.root.to_str().unwrap();
    let out = anjuan(&["-C", root, "--today", "2026-06-30", "build", "--audience", "保密", "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let page = |number: &str| std::fs::read_to_string(place.root.join(format!("site/records/{number}/L1.html"))).unwrap();
    assert!(page("A-01").contains("试行：没有这一版的文本") && page("A-01").contains("规则不适用"));
    assert!(!page("A-02").contains("规则不适用"));
}

#[test]
fn the_keys_of_the_example_are_those_that_it_signs_with() {
    let people = include_str!("../archive-template/demo/casework/001/people.yaml");
    let settings = include_str!("../archive-template/demo/casework/001/anjuan.yaml");
    let line = |word: &str| anjuan::archive::history::signature::ExampleKey::of(word).line();
    for (text, word) in [(people, "wangfang"), (people, "chenjing"), (settings, "forge")] {
        assert!(text.contains(&line(word)), "{word}: {}", line(word));
    }
}
