//! `anjuan check --since`: what a branch does, and what it still needs before it is merged.

use crate::support::{Place, anjuan};

const RULES: &str = "- id: T1\n  article: '1'\n  title: 借书要批\n  applies: { form: L1 }\n  must: { approval: { slots: [[组长], [馆长]], not: [author], covers: all } }\n  severity: error\n";

/// An archive with a loan in error on the main branch, and another proposed on a branch that is checked out.
fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.replace("rulebook/rulebook.yaml", "lines: [ [组长, 馆长] ]", "policy-by: [馆长]");
    place.write("rulebook/rules/t.yaml", RULES);
    place.replace("people.yaml", "emails: [wang@example.org],", "emails: [wang@example.org], keys: [ { key: '@key(wang)' } ],");
    place.commit("main", "li", "2026-01-01");
    place.write("loans/A-01/L2.md", "---\n表单: L2\n没有这栏: 1\n---\n").commit("main", "li", "2026-03-06");
    place.write("loans/A-02/L1.md", "---\n表单: L1\n借出日期: 2026-03-06\n经手人: 李娜\n多余: 1\n---\n").commit("two", "li", "2026-03-07");
    place
}

fn since(place: &Place, more: &[&str]) -> (Option<i32>, String) {
    let mut words = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30", "check", "--since", "main"];
    words.extend(more);
    let out = anjuan(&words);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn a_branch_hears_of_its_own_and_of_what_it_still_needs() {
    let mut place = place();
    place.stand("two");
    let (code, said) = since(&place, &[]);
    assert!(code == Some(1) && said.contains("F201") && said.contains("「多余」"), "{said}");
    assert!(!said.contains("没有这栏"), "what was wrong before is not the branch's: {said}");
    assert!(said.contains("A-02/L1 [T1]：组长 1 人；馆长 1 人"), "{said}");
    let (_, said) = since(&place, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["needed"][0]["slots"], serde_json::json!([["组长"], ["馆长"]]));
    assert_eq!(json["findings"].as_array().unwrap().len(), 1, "{said}");
}

#[test]
fn an_approval_that_somebody_signed_on_the_branch_is_there_already() {
    let mut place = place();
    place
        .say("批准\n\nRecord: loans/A-02/L1.md\nApproved-by: wang <wang@example.org>\n")
        .commit("two", "wang", "2026-03-08")
        .sign("two", "wang");
    place.stand("two");
    let (_, said) = since(&place, &[]);
    assert!(said.contains("A-02/L1 [T1]：馆长 1 人；已有 王芳（组长），本人签名批准"), "{said}");
}

#[test]
fn a_branch_does_not_make_the_rules_that_judge_it() {
    let mut place = place();
    place.write("rulebook/rules/t.yaml", "[]\n").commit("two", "li", "2026-03-08");
    place.stand("two");
    let (_, said) = since(&place, &[]);
    assert!(said.contains("A-02/L1 [T1]：组长 1 人"), "{said}");
    assert!(said.contains("rulebook/rules/t.yaml：馆长 1 人"), "{said}");
    assert!(said.contains("没有这栏"), "a change of the rules concerns every record: {said}");
}

#[test]
fn nothing_is_needed_where_nothing_waits_and_an_unknown_revision_is_a_failure() {
    let mut place = place();
    place.stand("main");
    let (code, said) = since(&place, &[]);
    assert!(code == Some(0) && !said.contains("还需"), "{said}");
    let out = anjuan(&["-C", place.root.to_str().unwrap(), "check", "--since", "nowhere"]);
    assert!(out.status.code() == Some(2) && String::from_utf8_lossy(&out.stderr).contains("nowhere"));
}
