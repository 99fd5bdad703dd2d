//! What is owed: the same as a check says, by person and project, as a table, as JSON and as a calendar.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{anjuan, demo};

const TODAY: &str = "2026-06-18";

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = ["-C", demo(), "--today", TODAY, "--lang", "zh"].iter().chain(args).copied().collect();
    let out = anjuan(&all);
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

fn duties(args: &[&str]) -> Vec<Value> {
    let (code, text, said) = run(&[&["due", "--audience", "保密", "--format", "json"], args].concat());
    assert_eq!(code, Some(0), "{said}");
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report["version"], &report["today"]), (&Value::from(1), &Value::from(TODAY)));
    report["duties"].as_array().unwrap().clone()
}

/// What tells a duty from others, with how it stands.
fn told(duty: &Value) -> String {
    ["rule", "dossier", "record", "state", "due", "left"].map(|key| duty[key].to_string()).join(" ")
}

#[test]
fn it_is_what_a_check_says() {
    let (_, text, _) = run(&["check", "--format", "json"]);
    let check: Value = serde_json::from_str(&text).unwrap();
    let all = check["obligations"].as_array().unwrap();
    let known: BTreeSet<String> = all.iter().map(told).collect();
    let owed: BTreeSet<String> = duties(&[]).iter().map(told).collect();
    assert!(owed.is_subset(&known), "{:#?}", owed.difference(&known).collect::<Vec<_>>());
    let urgent = |duty: &&Value| ["broken", "void", "overdue", "due-soon"].map(Value::from).contains(&duty["state"]);
    let missed: Vec<String> = all.iter().filter(urgent).map(told).filter(|duty| !owed.contains(duty)).collect();
    assert!(missed.is_empty() && owed.len() > 30, "{missed:#?}");
}

#[test]
fn a_person_and_a_project_are_asked_for_what_is_theirs() {
    let all = duties(&[]);
    let has = |duty: &Value, name: &str| duty["hands"].as_array().unwrap().contains(&Value::from(name));
    for (name, called) in [("王芳", "王芳"), ("李娜", "lina"), ("李娜", "lina@example.org")] {
        let own: Vec<&Value> = all.iter().filter(|duty| has(duty, name)).collect();
        assert!(!own.is_empty() && own.len() < all.len());
        assert_eq!(duties(&["--person", called]).iter().collect::<Vec<_>>(), own, "{called}");
    }
    let ours: Vec<&Value> = all.iter().filter(|duty| duty["project"] == "NS" && has(duty, "李娜")).collect();
    assert_eq!(duties(&["--project", "NS", "--person", "李娜"]).iter().collect::<Vec<_>>(), ours);
}

#[test]
fn people_read_a_table() {
    let (code, text, _) = run(&["due", "--project", "LG", "--person", "赵敏"]);
    assert_eq!(code, Some(0));
    let expected = "\
逾期或不符 3
  2026-06-15 逾期 3 日  赵敏  LG-A2026-002/A02  审核人收到计划书和预算表后 3 个工作日内反馈意见 [R36-1a]
  2026-06-15 逾期 3 日  赵敏  LG-A2026-002/A03  审核人收到计划书和预算表后 3 个工作日内反馈意见 [R36-1a]
  —                     赵敏  LG/S3             项目宜在条件清单中落实张贴报批的做法 [R39-1c]
";
    assert_eq!(text, expected);
    let out = anjuan(&["-C", demo(), "--today", TODAY, "--lang", "en", "due", "--project", "LG", "--person", "赵敏"]);
    let english = String::from_utf8(out.stdout).unwrap();
    assert!(english.starts_with("Overdue or broken 3\n  2026-06-15 3 late  赵敏  LG-A2026-002/A02  "), "{english}");
}

#[test]
fn a_calendar_takes_the_last_days() {
    let (code, text, _) = run(&["due", "--person", "李娜", "--format", "ics"]);
    assert_eq!(code, Some(0));
    let days: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("DTSTART;VALUE=DATE:")).collect();
    let owed = duties(&["--person", "李娜"]);
    let due: BTreeSet<String> = owed.iter().filter_map(|duty| Some(duty["due"].as_str()?.replace('-', ""))).collect();
    assert_eq!(days, due.iter().map(String::as_str).collect());
    assert!(!days.is_empty() && text.ends_with("END:VCALENDAR\r\n"), "{text}");
}

#[test]
fn who_or_what_is_not_there_is_named() {
    let (code, _, said) = run(&["due", "--person", "王方"]);
    assert!(code == Some(2) && said.contains("王方") && said.contains("王芳"), "{said}");
    let (code, _, said) = run(&["due", "--project", "NSS"]);
    assert!(code == Some(2) && said.contains("NSS") && said.contains("是不是 NS"), "{said}");
    let (code, _, said) = run(&["due", "--audience", "路人"]);
    assert!(code == Some(2) && said.contains("路人"), "{said}");
}

#[test]
fn nobody_outside_gets_a_list_of_dossiers_without_consent() {
    let (code, text, said) = run(&["due", "--audience", "公开案例"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("E104") && text.contains("NS-C2026-003 不能给「公开案例」") && !text.contains("R32-3b3"), "{text}{said}");
}
