//! Corrections: what is sure is corrected in place, and nothing else moves.

use std::path::Path;
use std::process::Command;

use crate::support::{Place, anjuan};

const LOAN: &str = "loans/A-01/L1.md";

/// What a hurried hand writes.
const HURRIED: &str = "---
表单：L1
借出日期: 2026年3月5日   # 备注留着
经手人:李娜
册数: ３
类别: 文学、历史（近代）
借出时问: 2026-3-5 下午3点30分
书目:
  — 书名: @一本书
    价: 12元
\u{3000}\u{3000}- 书名: 二 #2 册
\u{3000}\u{3000}\u{3000}\u{3000}价: 3
读者: '欧阳小测'
电话: 13800000001
---

## 说明

全角的：，。留着；2026年3月5日也留着。
";

/// What it meant.
const RIGHT: &str = "---
表单: L1
借出日期: 2026-03-05   # 备注留着
经手人: 李娜
册数: 3
类别: [文学, 历史(近代)]
借出时间: 2026-03-05T15:30
书目:
  - 书名: '@一本书'
    价: 12
  - 书名: '二 #2 册'
    价: 3
读者: '欧阳小测'
电话: 13800000001
---

## 说明

全角的：，。留着；2026年3月5日也留着。
";

fn place() -> Place {
    let mut place = Place::new();
    place.commit("main", "li", "2026-01-01").stand("main");
    place
}

fn run(root: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let words: Vec<&str> = ["-C", root.to_str().unwrap(), "--lang", "zh", "--today", "2026-04-01"].iter().chain(args).copied().collect();
    let out = anjuan(&words);
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

fn write(place: &Place, bytes: &[u8]) -> std::path::PathBuf {
    let file = place.root.join(LOAN);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn sure_corrections_are_made_and_the_rest_stays_byte_for_byte() {
    let place = place();
    for ends in ["\n", "\r\n"] {
        let file = write(&place, HURRIED.replace('\n', ends).as_bytes());
        let (code, said, note) = run(&place.root, &["fix"]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), RIGHT.replace('\n', ends), "{said}");
        assert_eq!((code, said.lines().count()), (Some(0), 14), "{said}{note}");
        assert!(said.contains("L1.md:2  「表单」后面用了全角冒号“：”；改为半角冒号") && said.contains("借出时问"), "{said}");
        assert!(note.contains("改正了 14 处，共 1 份记录"), "{note}");
        let (code, said, note) = run(&place.root, &["fix"]);
        assert_eq!((code, said.as_str(), note.trim()), (Some(0), "", "没有可以放心改正的写法"));
    }
}

#[test]
fn a_dry_run_prints_a_patch_that_git_applies() {
    let place = place();
    let file = write(&place, HURRIED.as_bytes());
    let (code, patch, note) = run(&place.root, &["fix", "--dry-run"]);
    assert_eq!((code, std::fs::read_to_string(&file).unwrap().as_str()), (Some(1), HURRIED), "{note}");
    std::fs::write(place.root.join("../a.patch"), patch).unwrap();
    assert!(Command::new("git").args(["apply", "../a.patch"]).current_dir(&place.root).status().unwrap().success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), RIGHT);
}

#[test]
fn what_entered_the_main_branch_is_corrected_only_when_it_is_named() {
    let mut place = place();
    place.write(LOAN, &HURRIED.replace("表单：", "表单: ")).commit("main", "li", "2026-03-06").stand("main");
    let file = place.root.join(LOAN);
    let before = std::fs::read_to_string(&file).unwrap();
    let (code, said, note) = run(&place.root, &["fix"]);
    assert_eq!((code, said.as_str(), std::fs::read_to_string(&file).unwrap()), (Some(0), "", before.clone()));
    assert!(note.contains("另有 1 份已进入主分支的记录没有动"), "{note}");
    for name in [LOAN, "A-01", "A-01/L1", "./loans", "."] {
        std::fs::write(&file, &before).unwrap();
        assert_eq!(run(&place.root, &["fix", name]).0, Some(0), "{name}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), RIGHT, "{name}");
    }
    let (code, _, note) = run(&place.root, &["fix", "A-02"]);
    assert_eq!(code, Some(2));
    assert!(note.contains("A-02"), "{note}");
}

#[test]
fn other_encodings_become_utf_8_and_what_is_lost_stays_as_it_is() {
    let place = place();
    let (gbk, ..) = encoding_rs::GBK.encode(RIGHT);
    let marked = [b"\xEF\xBB\xBF", RIGHT.as_bytes()].concat();
    for bytes in [gbk.as_ref(), marked.as_slice()] {
        let file = write(&place, bytes);
        let (code, said, _) = run(&place.root, &["fix"]);
        assert_eq!((code, std::fs::read_to_string(&file).unwrap().as_str()), (Some(0), RIGHT));
        assert_eq!(said, "loans/A-01/L1.md  存为 UTF-8\n");
    }
    let noise = b"---\n\xFF\xFF\x80\x00\xFE\n---\n";
    let file = write(&place, noise);
    run(&place.root, &["fix"]);
    assert_eq!(std::fs::read(file).unwrap(), noise);
}

#[test]
fn what_somebody_has_to_decide_stays() {
    let place = place();
    let text = "---
表单: L1
借出日期: 2026年3月
读者: 甲
读者: 乙
类别: [文艺]
册数: 三本
电语: 13800000001
---
";
    let file = write(&place, text.as_bytes());
    let (code, said, note) = run(&place.root, &["fix"]);
    assert_eq!((code, said.as_str(), std::fs::read_to_string(file).unwrap().as_str()), (Some(1), "", text));
    assert!(note.contains("处错误要人来改"), "{note}");
}
