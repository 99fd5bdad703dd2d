//! `anjuan audit` on real repositories: exit codes, checkpoints, clocks, and git's own verdict on signatures.

use crate::support::{Place, anjuan};

const RULES: &str = "- id: T1\n  article: '1'\n  title: 测试规则\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n";

fn place() -> Place {
    let mut place = Place::new();
    place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
    place.write("rulebook/rules/t.yaml", RULES).commit("main", "li", "2026-01-01");
    place
}

fn loan(place: &mut Place, number: &str, day: &str) {
    place.write(&format!("loans/{number}/L1.md"), &format!("---\n表单: L1\n借出日期: {day}\n经手人: 李娜\n---\n"));
}

/// The exit code and what was said.
fn audit(place: &mut Place, more: &[&str]) -> (Option<i32>, String) {
    place.checkout();
    let mut words = vec!["-C", place.root.to_str().unwrap(), "--today", "2026-06-30", "audit"];
    words.extend(more);
    let out = anjuan(&words);
    (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn all_approved_is_clean_and_one_that_is_not_is_named_with_its_reasons() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    let (code, said) = audit(&mut place, &[]);
    assert!(code == Some(0) && said.contains("approved 1"), "{said}");
    loan(&mut place, "A-02", "2026-03-06");
    place.commit("main", "li", "2026-03-10");
    let (code, said) = audit(&mut place, &[]);
    assert!(code == Some(1) && said.contains("A-02/L1  没有审批") && said.contains("不是经合并请求"), "{said}");
    let (code, said) = audit(&mut place, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, json["counts"]["approved"].as_u64(), json["counts"]["unapproved"].as_u64()), (Some(1), Some(1), Some(1)));
    assert_eq!(json["records"][0]["entries"][0]["approvals"][0]["name"], "王芳");
}

#[test]
fn case_24_what_was_taken_away_is_not_forgotten() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    loan(&mut place, "A-02", "2026-03-06");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    place.remove("loans/A-01/L1.md").commit("main", "li", "2026-03-10");
    place.remove("loans/A-02/L1.md").commit("away", "li", "2026-03-11").merge("away", "wang", "2026-03-12", &["wang"]);
    let (code, said) = audit(&mut place, &["--all"]);
    assert!(code == Some(1) && said.contains("A-01/L1  已删除，未经审批") && said.contains("A-02/L1  已删除，经审批"), "{said}");
}

#[test]
fn case_31_a_checkpoint_tells_that_history_was_rewritten_and_nothing_else_does() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    let tip = place.git(&["rev-parse", "main"]).trim().to_owned();
    let (code, said) = audit(&mut place, &["--checkpoint", &tip]);
    assert_eq!(code, Some(0), "{said}");
    place.git(&["update-ref", "refs/heads/main", "main~1"]);
    loan(&mut place, "A-01", "2026-03-05");
    place.commit("again", "li", "2026-03-07").merge("again", "wang", "2026-03-09", &["wang"]);
    assert_eq!(audit(&mut place, &[]).0, Some(0), "without a checkpoint nobody notices");
    let (code, said) = audit(&mut place, &["--checkpoint", &tip]);
    assert!(code == Some(2) && said.contains("改写"), "{said}");
}

#[test]
fn case_32_a_foxtrot_merge_pushes_approved_merges_off_the_line() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    let tip = place.git(&["rev-parse", "main"]).trim().to_owned();
    // A branch from before merges main, and main is set to the branch.
    let old = place.git(&["rev-parse", "main~1"]).trim().to_owned();
    let fox = place.git(&[
        "-c",
        "user.name=li",
        "-c",
        "user.email=li@example.org",
        "commit-tree",
        "main^{tree}",
        "-p",
        &old,
        "-p",
        &tip,
        "-m",
        "merge main",
    ]);
    place.git(&["update-ref", "refs/heads/main", fox.trim()]);
    let (code, said) = audit(&mut place, &["--checkpoint", &tip]);
    assert!(code == Some(2) && said.contains("主线上没有提交"), "{said}");
    assert_eq!(audit(&mut place, &[]).0, Some(1), "nor is the record approved by that merge");
}

#[test]
fn cases_30_48_and_49_clocks_that_are_wrong_are_warnings() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    place.commit("open", "li", "2026-03-07");
    loan(&mut place, "A-02", "2026-03-06");
    place.commit("open", "li", "2026-02-01").merge("open", "wang", "2026-03-09", &["wang"]);
    loan(&mut place, "A-03", "2026-03-06");
    place.commit("late", "li", "2026-03-20").merge("late", "wang", "2026-03-01", &["wang"]);
    loan(&mut place, "A-04", "2026-03-06");
    place.commit("soon", "li", "2026-03-21").merge("soon", "wang", "2999-01-01", &["wang"]);
    let (code, said) = audit(&mut place, &[]);
    assert_eq!(code, Some(0), "warnings decide nothing: {said}");
    for words in ["倒填", "早于它之前的", "晚于合并它的", "在将来"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(audit(&mut place, &["--strict"]).0, Some(1));
}

#[test]
fn cases_43_44_and_58_a_repository_that_cannot_be_trusted_is_refused_whole() {
    let mut place = place();
    loan(&mut place, "A-01", "2026-03-06");
    place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
    place.checkout();
    let tip = place.git(&["rev-parse", "main"]).trim().to_owned();
    place.git(&["replace", &tip, "main~1"]);
    let (code, said) = audit(&mut place, &[]);
    assert!(code == Some(2) && said.contains("refs/replace") && !said.contains("approved"), "{said}");
    place.git(&["replace", "-d", &tip]);
    std::fs::write(place.root.join(".git/info/grafts"), format!("{tip}\n"))
        .or_else(|_| {
            std::fs::create_dir_all(place.root.join(".git/info")).unwrap();
            std::fs::write(place.root.join(".git/info/grafts"), format!("{tip}\n"))
        })
        .unwrap();
    let (code, said) = audit(&mut place, &[]);
    assert!(code == Some(2) && said.contains("grafts"), "{said}");
    std::fs::remove_file(place.root.join(".git/info/grafts")).unwrap();
    place.shallow();
    let (code, said) = audit(&mut place, &[]);
    assert!(code == Some(2) && said.contains("浅克隆"), "{said}");
}

/// Case 55: `allowed_signers` made from the register lets git itself agree with every verdict of ours.
#[test]
fn git_says_of_signatures_what_we_say() {
    let has = std::process::Command::new("ssh-keygen").arg("-?").output().is_ok();
    assert!(has || std::env::var_os("CI").is_none(), "ssh-keygen is missing: sh .ci/setup tests");
    if !has {
        return;
    }
    let mut place = place();
    place.write(
        "people.yaml",
        "people:\n  - { id: li, name: 李娜, emails: [li@example.org], keys: [ { key: '@key(li)', until: 2026-03-31 } ] }\n  - { id: wang, name: 王芳, emails: [wang@example.org], roles: [ { role: 组长, from: 2020-01-01 } ], keys: [ { key: '@key(wang)' } ] }\n",
    );
    place.commit("main", "li", "2026-01-02");
    for (nth, (day, signer)) in
        [("2026-03-09", "wang"), ("2026-03-10", "li"), ("2026-04-10", "li"), ("2026-04-11", "stranger")].into_iter().enumerate()
    {
        loan(&mut place, &format!("A-0{nth}"), "2026-03-06");
        place.commit("main", "li", day).sign("main", signer);
    }
    place.checkout();
    let (archive, _) = (anjuan::archive::Archive::read(&place.root, anjuan::archive::Reading { cache: false, verify: true }).unwrap(), ());
    let signers = place.root.join(".git/allowed");
    let out = anjuan(&["-C", place.root.to_str().unwrap(), "audit", "--allowed-signers"]);
    std::fs::write(&signers, &out.stdout).unwrap();
    place.git(&["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
    for &index in archive.history.main.iter().skip(2) {
        let commit = &archive.history.commits[index as usize];
        let verdict = place.git(&["log", "-1", "--format=%G?", &commit.id.to_string()]);
        let day = commit.committer.at.date(480);
        let ours = match archive.blobs.seal(commit.id) {
            anjuan::archive::history::signature::Seal::Made(made) => archive.people.signer(&made, day).is_some(),
            _ => false,
        };
        assert_eq!(verdict.trim() == "G", ours, "{day} {}: git says {verdict}", commit.summary());
    }
}
