//! The formats that forges read, on the worked example.

use serde_json::Value;

use crate::support::anjuan;

/// What `check` says of the demo in a format; the exit code must be that of findings.
fn check(root: &str, more: &[&str]) -> String {
    let mut words = vec!["-C", root, "--today", "2026-06-18", "check"];
    words.extend(more);
    let out = anjuan(&words);
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn every_format_tells_the_same_findings() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let root = demo.to_str().unwrap();
    assert_eq!(anjuan(&["demo", root, "--no-papers"]).status.code(), Some(0));
    let json: Value = serde_json::from_str(&check(root, &["--format", "json"])).unwrap();
    let count = json["findings"].as_array().unwrap().len();
    let errors = json["summary"]["error"].as_u64().unwrap();

    let sarif: Value = serde_json::from_str(&check(root, &["--format", "sarif"])).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), count);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            ["shortDescription", "fullDescription", "help"].iter().all(|key| rule[key]["text"].as_str().is_some_and(|t| !t.is_empty()))
        );
        assert!(prints.insert(result["partialFingerprints"]["anjuan/v1"].as_str().unwrap()), "fingerprints are unique");
        if let Some(place) = result["locations"].get(0) {
            let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.starts_with('/') && !uri.contains(' '), "{uri}");
            assert!(place["physicalLocation"]["region"]["startLine"].as_u64().unwrap() >= 1);
        }
    }

    let gitlab: Value = serde_json::from_str(&check(root, &["--format", "gitlab"])).unwrap();
    for finding in gitlab.as_array().unwrap() {
        assert!(["info", "minor", "critical"].contains(&finding["severity"].as_str().unwrap()));
        assert!(finding["location"]["lines"]["begin"].as_u64().unwrap() >= 1 && !finding["location"]["path"].as_str().unwrap().is_empty());
    }
    assert_eq!(gitlab.as_array().unwrap().len(), count);

    let github = check(root, &["--format", "github"]);
    let annotated = |level: &str| github.lines().filter(|line| line.starts_with(&format!("::{level} "))).count();
    assert_eq!(annotated("error"), 10, "ten of {errors}");
    assert!(github.lines().filter(|line| line.starts_with("::")).all(|line| line.matches("::").count() >= 2));

    let junit = check(root, &["--format", "junit"]);
    assert_eq!(junit.matches("<testsuite ").count(), junit.matches("</testsuite>").count());
    let failures = junit.matches("<failure ").count();
    assert!(junit.contains(&format!("failures=\"{failures}\"")) && failures as u64 <= errors && failures > 0, "{failures} of {errors}");

    let summary = dir.path().join("summary.md");
    std::fs::write(&summary, "# 之前的\n").unwrap();
    check(root, &["--summary", summary.to_str().unwrap()]);
    let table = std::fs::read_to_string(&summary).unwrap();
    assert!(table.starts_with("# 之前的\n"), "what others said stays");
    assert_eq!(
        table
            .lines()
            .filter(|line| line.starts_with("| error |") || line.starts_with("| warning |") || line.starts_with("| advice |"))
            .count(),
        count
    );
}
