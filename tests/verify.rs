//! The evidence sheet, checked again by git alone, and papers found again by the code at their foot.

use std::path::Path;
use std::process::Command;

use crate::support::{Place, anjuan, git};

const RULES: &str = "- id: T1\n  article: '1'\n  title: 借书要批\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n- id: T2\n  article: '1'\n  title: 三个工作日内报批\n  applies: { form: L1 }\n  must: { deadline: { from: 借出日期, within: 3 working days, until: '@submitted' } }\n  severity: error\n";

/// An archive with an approved loan whose name and folder are Chinese, and the note beside it that needs no approval.
fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.write("rulebook/rules/t.yaml", RULES).commit("main", "li", "2026-01-01");
    place.write("loans/A-01/L1.md", "---\n表单: L1\n借出日期: 2026-03-06\n经手人: 李娜\n---\n");
    place.write("loans/A-01/L2-02.md", "---\n表单: L2\n经手人: 李娜\n---\n");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    place
}

fn run(place: &Place, words: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30"];
    all.extend(words);
    let out = anjuan(&all);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

fn sheet(place: &Place, out: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(out.join("A-01-evidence.json")).unwrap_or_else(|e| panic!("{e}: {:?}", place.root))).unwrap()
}

#[test]
fn every_command_of_a_sheet_prints_in_a_clone_what_the_sheet_says() {
    let mut place = place();
    place.checkout();
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(&place, &["evidence", "A-01", "--out", out.path().to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let sheet = sheet(&place, out.path());
    assert_eq!((sheet["needed"].as_u64(), sheet["approved"].as_u64()), (Some(1), Some(1)));
    assert_eq!(sheet["records"][0]["entries"][0]["approvals"][0]["name"], "王芳");
    assert_eq!(sheet["duties"][0]["due"], "2026-03-11");
    let clone = out.path().join("clone");
    git(&place.root, &["clone", "-q", place.root.to_str().unwrap(), clone.to_str().unwrap()]);
    let commands = sheet["commands"].as_array().unwrap();
    assert!(commands.len() >= 7, "{commands:?}");
    for command in commands {
        let run = command["run"].as_str().unwrap();
        let said = Command::new("sh").arg("-c").arg(run).current_dir(&clone).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout).trim_end(), command["expect"].as_str().unwrap(), "{run}");
    }
    // The same is attached to the paper, and the paper names the tip.
    let pdf = out.path().join("A-01-evidence.pdf");
    if Command::new("pdftotext").arg("-v").output().is_ok() {
        let text = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output().unwrap();
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        for words in ["案卷留痕凭证", "A-01/L1", "王芳", sheet["tip"].as_str().unwrap()] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        let attached = out.path().join("attached.json");
        let saved = Command::new("pdfdetach").args(["-save", "1", "-o"]).arg(&attached).arg(&pdf).status().unwrap();
        assert!(saved.success());
        assert_eq!(std::fs::read(attached).unwrap(), std::fs::read(out.path().join("A-01-evidence.json")).unwrap());
    }
}

#[test]
fn a_sheet_says_what_is_not_approved_and_a_rewritten_history_gives_none() {
    let mut place = place();
    place.replace("loans/A-01/L1.md", "2026-03-06", "2026-03-05").commit("main", "li", "2026-03-12").checkout();
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(&place, &["evidence", "A-01", "--out", out.path().to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    let sheet = sheet(&place, out.path());
    assert_eq!((sheet["records"][0]["standing"].as_str(), sheet["approved"].as_u64()), (Some("stale"), Some(0)));
    assert!(sheet["records"][0]["entries"][1]["reasons"][0].as_str().unwrap().contains("不是经合并请求"));
    let (code, said) = run(&place, &["evidence", "A-01", "--checkpoint", "0123456789abcdef0123456789abcdef01234567"]);
    assert!(code == Some(2) && said.contains("改写"), "{said}");
    assert_eq!(run(&place, &["evidence", "A-99"]).0, Some(2));
}

/// Typesets the loan; the file and the code at its foot.
fn paper(place: &Place, out: &Path) -> (String, String) {
    let (code, said) = run(place, &["paper", "A-01/L1", "--out", out.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let file = out.join("A-01-L1.pdf").to_str().unwrap().to_owned();
    let (_, said) = run(place, &["verify", &file]);
    let code = said.split('：').next().unwrap().to_owned();
    (file, code)
}

#[test]
fn a_paper_tells_its_text_whether_it_was_approved_and_whether_it_still_stands() {
    let mut place = place();
    place.checkout();
    let out = tempfile::tempdir().unwrap();
    let (file, code) = paper(&place, out.path());
    let (exit, said) = run(&place, &["verify", &file]);
    assert!(exit == Some(0) && said.contains("A-01/L1") && said.contains("已获批准：王芳（组长）"), "{said}");
    assert!(said.contains("这是现行的内容") && said.contains("逐字节相同"), "{said}");
    // Typed from a printout.
    let (exit, said) = run(&place, &["verify", &code.to_lowercase().replace('-', " ")]);
    assert!(exit == Some(0) && said.contains("已获批准"), "{said}");
    // Somebody changed the file.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"\n%");
    std::fs::write(out.path().join("changed.pdf"), bytes).unwrap();
    let (_, said) = run(&place, &["verify", out.path().join("changed.pdf").to_str().unwrap()]);
    assert!(said.contains("不相同"), "{said}");
    // The record is changed, without approval and then with it.
    place.replace("loans/A-01/L1.md", "2026-03-06", "2026-03-05").commit("main", "li", "2026-03-12").checkout();
    let (exit, said) = run(&place, &["verify", &file]);
    assert!(exit == Some(1) && said.contains("已获批准：王芳") && said.contains("改动没有审批"), "{said}");
    place.replace("loans/A-01/L1.md", "2026-03-05", "2026-03-04").commit("again", "li", "2026-03-13").merge(
        "again",
        "wang",
        "2026-03-14",
        &["wang"],
    );
    place.checkout();
    let (exit, said) = run(&place, &["verify", &code]);
    assert!(exit == Some(1) && said.contains("之后另有新的、有效的内容"), "{said}");
    place.remove("loans/A-01/L1.md").commit("main", "li", "2026-03-15").checkout();
    let (exit, said) = run(&place, &["verify", &code]);
    assert!(exit == Some(1) && said.contains("被删除或移走"), "{said}");
}

#[test]
fn what_is_no_paper_of_this_archive_is_said_to_be_none() {
    let mut place = place();
    place.checkout();
    let (exit, said) = run(&place, &["verify", "ABCD-EFGH"]);
    assert!(exit == Some(1) && said.contains("没有这份内容"), "{said}");
    let out = tempfile::tempdir().unwrap();
    std::fs::write(place.root.join("loans/A-01/L1.md"), "---\n表单: L1\n借出日期: 2026-03-02\n经手人: 李娜\n---\n").unwrap();
    run(&place, &["paper", "A-01/L1", "--out", out.path().to_str().unwrap()]);
    let (exit, said) = run(&place, &["verify", out.path().join("A-01-L1.pdf").to_str().unwrap()]);
    assert!(exit == Some(2) && said.contains("没有验证码"), "{said}");
    assert_eq!(run(&place, &["verify", "nowhere.pdf"]).0, Some(2));
}
