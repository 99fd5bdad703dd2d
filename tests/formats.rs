//! The formats that forges read, on the worked example.

use anjuan::yaml::Node;
use serde_json::Value;

use crate::support::anjuan;

/// The system's Python, whose packages `.ci/setup` installs; another may stand before it in `PATH`.
const PYTHON: &str = "/usr/bin/python3";

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

    if let Some(schema) = schema() {
        let fits = |report: &Value| {
            let file = dir.path().join("report.sarif");
            std::fs::write(&file, report.to_string()).unwrap();
            let out = std::process::Command::new(PYTHON).args(["-m", "jsonschema", "-i"]).arg(&file).arg(&schema).output().unwrap();
            (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
        };
        let (good, said) = fits(&sarif);
        assert!(good, "{said}");
        let mut broken = sarif.clone();
        broken["runs"][0]["results"][0]["level"] = "bad".into();
        assert!(!fits(&broken).0, "the schema is one that can refuse");
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
    // JUnit has no schema of its own; another reader of it has to agree.
    if schema().is_some() {
        let file = dir.path().join("report.xml");
        std::fs::write(&file, &junit).unwrap();
        let words = "import sys; from junitparser import JUnitXml as X; x = X.fromfile(sys.argv[1]); cases = [c for s in x for c in s]; print(x.tests, len(cases), sum(1 for c in cases if c.result and type(c.result[0]).__name__ == 'Failure'), all(c.classname for c in cases))";
        let out = std::process::Command::new(PYTHON).args(["-c", words]).arg(&file).output().unwrap();
        let tests = junit.matches("<testcase ").count();
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), format!("{tests} {tests} {failures} True"), "{out:?}");
    }
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

/// The schema of SARIF, where `.ci/setup` put it, if there is something to check with.
fn schema() -> Option<std::path::PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let cache = cache.or_else(|| Some(std::path::PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let schema = cache.join("anjuan/sarif-2.1.0.json");
    let validator =
        std::process::Command::new(PYTHON).args(["-c", "import jsonschema, junitparser"]).output().is_ok_and(|out| out.status.success());
    let there = schema.is_file() && validator;
    assert!(
        there || std::env::var_os("CI").is_none(),
        "the schema of SARIF, python3-jsonschema or python3-junitparser is missing: sh .ci/setup tests"
    );
    if !there {
        eprintln!("the schema of SARIF, python3-jsonschema or python3-junitparser is missing (sh .ci/setup tests): not held to it");
    }
    there.then_some(schema)
}

/// What a program makes of a value that knows no form: a number where it looks like one.
fn untyped(node: &Node) -> Value {
    if let Some(items) = node.as_list() {
        return items.iter().map(untyped).collect();
    }
    if let Some(pairs) = node.as_map() {
        return pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.text.clone(), untyped(value))).collect();
    }
    let text = node.as_str().unwrap_or_default();
    let is_plain = matches!(&node.value, anjuan::yaml::Value::Scalar { plain: true, .. });
    let number = text.parse::<serde_json::Number>().ok().filter(|_| is_plain);
    number.map_or_else(|| text.into(), Value::Number)
}

#[test]
fn records_fit_the_schema_of_their_forms_and_wrong_ones_do_not() {
    let root = crate::support::demo();
    let out = anjuan(&["-C", root, "schema"]);
    assert_eq!(out.status.code(), Some(0));
    let schema_of_all: Value = serde_json::from_slice(&out.stdout).unwrap();
    let (archive, book) = crate::support::open(std::path::Path::new(root));
    assert_eq!(schema_of_all["$defs"].as_object().unwrap().len(), book.forms.len());
    let one: Value = serde_json::from_slice(&anjuan(&["-C", root, "schema", "G06"]).stdout).unwrap();
    assert_eq!(one["properties"]["签到行"]["items"]["properties"]["签名"]["enum"], serde_json::json!(["是", "否"]));
    assert!(anjuan(&["-C", root, "schema", "G99"]).status.code() == Some(2));
    if schema().is_none() {
        return;
    }
    let records: Vec<Value> = archive.records.iter().map(|record| serde_json::json!([record.path(), untyped(&record.fields)])).collect();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, value: &Value| {
        let file = dir.path().join(name);
        std::fs::write(&file, value.to_string()).unwrap();
        file
    };
    let words = "
import json, sys, jsonschema
schema, records = (json.load(open(f, encoding='utf-8')) for f in sys.argv[1:])
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
for path, record in records:
    for error in kind(schema).iter_errors(record):
        print(path, '/'.join(str(part) for part in error.absolute_path), error.validator)
";
    let said = |records: Vec<Value>| {
        let (schema, records) = (file("schema.json", &schema_of_all), file("records.json", &records.into()));
        let out = std::process::Command::new(PYTHON)
            .args(["-c", words])
            .arg(schema)
            .arg(records)
            .env("PYTHONIOENCODING", "utf-8")
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    // What is wrong with the worked example on purpose, as far as a record alone can tell.
    assert_eq!(said(records), "consultations/NS-Z2026-010/C02.md  additionalProperties\n");
    let wrong = serde_json::json!(["a", { "表单": "G06", "节次": 0, "地店": "某处", "签到行": [{ "签名": "大概" }] }]);
    let told = said(vec![wrong]);
    for part in ["a 节次 minimum", "a  additionalProperties", "a 签到行/0/签名 enum", "a 签到行/0 required", "a  required"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
