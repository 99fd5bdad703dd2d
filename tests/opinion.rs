//! `anjuan approve` and `anjuan return` with the user's own git and a real SSH key.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use crate::support::{Place, anjuan, key};

const RULES: &str = "- id: T1\n  article: '1'\n  title: 测试规则\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n- id: T2\n  article: '1'\n  title: 三日内有意见\n  applies: { form: L1 }\n  must: { deadline: { from: 借出日期, within: 3 days, until: '@reviewed' } }\n  severity: error\n";

/// An archive that asks for personal signatures, with a loan waiting on a branch that is checked out.
fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.write("rulebook/rules/t.yaml", RULES);
    place.write("anjuan.yaml", "organisation: 示例图书馆\napproval: { strength: person-signed }\n");
    place.write(
        "people.yaml",
        "people:\n  - { id: li, name: 李娜, emails: [li@example.org], roles: [ { role: 馆员, from: 2020-01-01 } ], keys: [ { key: '@key(li)' } ] }\n  - { id: wang, name: 王芳, emails: [wang@example.org], roles: [ { role: 组长, from: 2020-01-01 } ], keys: [ { key: '@key(wang)' } ] }\n",
    );
    place.commit("main", "li", "2026-01-01");
    place.write("loans/A-01/L1.md", "---\n表单: L1\n借出日期: 2026-03-06\n经手人: 李娜\n---\n").commit("open", "li", "2026-03-07");
    place.checkout();
    place.git(&["checkout", "-q", "open"]);
    place
}

/// Becomes somebody in git, with their key.
fn be(place: &Place, who: &str) {
    let file = place.root.join(format!(".git/{who}"));
    std::fs::write(&file, key(who).to_openssh(ssh_key::LineEnding::LF).unwrap()).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    for (name, value) in [
        ("user.name", who),
        ("user.email", &format!("{who}@example.org")),
        ("gpg.format", "ssh"),
        ("user.signingkey", file.to_str().unwrap()),
    ] {
        place.git(&["config", name, value]);
    }
}

fn run(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30"];
    all.extend(words);
    let Output { status, stdout, stderr } = anjuan(&all);
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

fn has_keygen() -> bool {
    let there = std::process::Command::new("ssh-keygen").arg("-?").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "ssh-keygen is missing: sh .ci/setup tests");
    there
}

#[test]
fn a_signed_approval_counts_once_its_text_is_merged_by_whomever() {
    if !has_keygen() {
        return;
    }
    let place = place();
    be(&place, "wang");
    let (code, said) = run(&place, &["approve", "A-01/L1", "-m", "同意借出"]);
    assert!(code == Some(0) && said.contains("批准已提交"), "{said}");
    let message = place.git(&["log", "-1", "--format=%B%(trailers:key=Approved-by)"]);
    assert!(message.contains("Record: loans/A-01/L1.md") && message.contains("同意借出"), "{message}");
    be(&place, "li");
    place.git(&["checkout", "-q", "main"]);
    place.git(&["merge", "-q", "--no-ff", "open", "-m", "合并"]);
    let (code, said) = run(&place, &["audit", "--all"]);
    assert!(code == Some(0) && said.contains("本人签名批准"), "{said}");
}

#[test]
fn a_record_sent_back_has_an_opinion_and_no_approval() {
    if !has_keygen() {
        return;
    }
    let place = place();
    be(&place, "wang");
    let (code, said) = run(&place, &["return", "loans/A-01/L1.md", "--reason", "写明哪一本书"]);
    assert!(code == Some(0) && said.contains("已退回"), "{said}");
    let said = run(&place, &["explain", "T2", "--record", "A-01/L1"]).1;
    assert!(!said.contains("逾期未完成"), "an opinion is there: {said}");
    assert!(run(&place, &["return", "A-01/L1", "--reason", " "]).0 == Some(2));
}

#[test]
fn who_wrote_it_who_is_unknown_and_what_is_not_committed_are_refused() {
    let place = place();
    place.git(&["config", "user.email", "li@example.org"]);
    let (code, said) = run(&place, &["approve", "A-01/L1", "--unsigned"]);
    assert!(code == Some(2) && said.contains("自己参与了"), "{said}");
    place.git(&["config", "user.email", "nobody@example.org"]);
    let (code, said) = run(&place, &["approve", "A-01/L1", "--unsigned"]);
    assert!(code == Some(2) && said.contains("不在 people.yaml"), "{said}");
    place.git(&["config", "user.email", "wang@example.org"]);
    std::fs::write(place.root.join("loans/A-01/L1.md"), "---\n表单: L1\n借出日期: 2026-03-05\n---\n").unwrap();
    let (code, said) = run(&place, &["approve", "A-01/L1", "--unsigned"]);
    assert!(code == Some(2) && said.contains("还没有提交"), "{said}");
    assert!(run(&place, &["approve", "A-09/L1"]).1.contains("没有叫"), "a record that is not there");
}

#[test]
fn a_pull_request_is_told_what_it_still_needs() {
    let place = place();
    let file = place.root.join(".git/summary.md");
    run(&place, &["check", "--summary", file.to_str().unwrap()]);
    let said = std::fs::read_to_string(&file).unwrap();
    assert!(said.contains("合并前还需") && said.contains("- A-01/L1 [T1]：组长 1 人"), "{said}");
}
