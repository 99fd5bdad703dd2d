//! `anjuan owners`: whom a forge asks, and whether the file still says so.

use crate::support::{Place, anjuan};

const RULES: &str = "- id: T1\n  article: '1'\n  title: 借书要批\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n";

fn run(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30", "owners"];
    all.extend(words);
    let out = anjuan(&all);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn a_forge_asks_who_holds_the_role_today_and_hears_when_that_changes() {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.replace("rulebook/rulebook.yaml", "lines:", "policy-by: [馆长]\nlines:");
    place.replace("people.yaml", "name: 陈静,", "name: 陈静, account: chen-jing,");
    place.write("rulebook/rules/t.yaml", RULES).commit("main", "li", "2026-01-01").checkout();
    let (code, said) = run(&place, &[]);
    assert_eq!(code, Some(0), "{said}");
    let asked = |path: &str| {
        said.lines().find(|line| line.split(' ').next() == Some(path)).map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>())
    };
    // Zhou was a group leader until February.
    assert_eq!(asked("/loans/*/L1.md"), Some(vec!["wang@example.org"]), "{said}");
    assert_eq!(asked("/loans/*/L1-*.md"), Some(vec!["wang@example.org"]));
    assert_eq!(asked("/rulebook/"), Some(vec!["@chen-jing", "zhou@example.org"]));
    assert_eq!(asked("/loans/*/L2.md"), None);
    let file = place.root.join("CODEOWNERS");
    std::fs::write(&file, &said).unwrap();
    assert_eq!(run(&place, &["--check", "CODEOWNERS"]), (Some(0), String::new()));
    place
        .replace("people.yaml", "emails: [wang@example.org]", "emails: [wangfang@example.org]")
        .commit("main", "li", "2026-01-02")
        .checkout();
    let (code, said) = run(&place, &["--check", "CODEOWNERS"]);
    assert!(code == Some(1) && said.contains("+ /loans/*/L1.md") && said.contains("anjuan owners >"), "{said}");
    assert_eq!(run(&place, &["--check", "nowhere"]).0, Some(2));
}
