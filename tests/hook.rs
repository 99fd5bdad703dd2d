//! The hooks of git, run by git: real pushes to bare repositories over three transports, real commits.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Place, anjuan, git};

mod transport;

const RULES: &str = "- id: T1\n  article: '1'\n  title: 借书要批\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n";

/// An archive with a loan that was approved, and a server that holds it.
struct Served {
    place: Place,
    server: PathBuf,
}

fn loan(place: &mut Place, number: &str, day: &str) {
    place.write(&format!("loans/{number}/L1.md"), &format!("---\n表单: L1\n借出日期: {day}\n经手人: 李娜\n---\n"));
}

impl Served {
    fn new() -> Self {
        let mut place = Place::new();
        place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
        place.replace("rulebook/rulebook.yaml", "lines:", "policy-by: [馆长]\nlines:");
        place.write("rulebook/rules/t.yaml", RULES).commit("main", "li", "2026-01-01");
        loan(&mut place, "A-01", "2026-03-06");
        place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
        let server = place.root.with_file_name("server.git");
        git(&place.root, &["init", "-q", "--bare", "-b", "main", server.to_str().unwrap()]);
        let served = Self { place, server };
        served.serve();
        served
    }

    /// Installs the hook on the server and pushes what there is.
    fn serve(&self) {
        let out = anjuan(&["-C", self.server.to_str().unwrap(), "hook", "install", "--server"]);
        assert!(out.status.success() && self.server.join("hooks/pre-receive").is_file(), "{out:?}");
        let (code, said) = self.push(&["main"]);
        assert!(code, "the first push founds the archive: {said}");
    }

    fn url(&self) -> String {
        format!("file://{}", self.server.display())
    }

    fn push(&self, what: &[&str]) -> (bool, String) {
        push(&self.place.root, &self.url(), what)
    }

    /// The push is refused with these words, and nothing of it stays on the server.
    fn refused(&self, what: &[&str], words: &[&str]) {
        let before = self.state();
        let (done, said) = self.push(what);
        assert!(!done, "{what:?} was let in: {said}");
        for word in words {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
        assert_eq!(self.state(), before, "nothing stays of a refused push");
    }

    fn accepted(&self, what: &[&str]) {
        let (done, said) = self.push(what);
        assert!(done, "{said}");
        assert_eq!(git(&self.server, &["rev-parse", "main"]), self.place.git(&["rev-parse", "main"]));
    }

    fn state(&self) -> (String, String) {
        (git(&self.server, &["rev-parse", "main"]), git(&self.server, &["count-objects", "-v"]))
    }
}

/// The program as git's hooks find it.
fn path() -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_anjuan")).parent().unwrap();
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default())
}

fn push(from: &Path, url: &str, what: &[&str]) -> (bool, String) {
    let mut command = Command::new("git");
    command.arg("-C").arg(from).args(["push", "-q", url]).args(what);
    let Output { status, stderr, stdout } =
        command.env("PATH", path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("LANG", "C").output().unwrap();
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

#[test]
fn case_57_an_approved_merge_is_let_in_and_a_direct_push_of_the_same_is_not() {
    let mut served = Served::new();
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("main", "li", "2026-03-11");
    served.refused(&["main"], &["A-02/L1 [T1]", "没有审批的证据", "without evidence of approval", "不是经合并请求"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("two", "li", "2026-03-11").merge("two", "wang", "2026-03-12", &["wang"]);
    served.accepted(&["main"]);
}

#[test]
fn case_57_self_approval_and_void_approvals_are_refused_by_name() {
    let mut served = Served::new();
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.replace("loans/A-01/L1.md", "2026-03-06", "2026-03-05");
    served.place.commit("two", "wang", "2026-03-11").merge("two", "wang", "2026-03-12", &["wang"]);
    served.refused(&["main"], &["A-01/L1 [T1]", "「借出日期」", "原审批失效", "A-02/L1 [T1]"]);
}

#[test]
fn case_57_forced_foxtrot_and_deleting_pushes_are_refused() {
    let mut served = Served::new();
    let tip = served.place.git(&["rev-parse", "main"]).trim().to_owned();
    // Another history altogether.
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    loan(&mut served.place, "A-01", "2026-03-05");
    served.place.commit("again", "li", "2026-03-07").merge("again", "wang", "2026-03-09", &["wang"]);
    served.refused(&["+main"], &["改写历史", "rewrites history"]);
    // A branch from before merges main, and main is set to the branch.
    let old = served.place.git(&["rev-parse", "main~1"]).trim().to_owned();
    let fox = served.place.git(&[
        "-c",
        "user.name=li",
        "-c",
        "user.email=li@example.org",
        "commit-tree",
        &format!("{tip}^{{tree}}"),
        "-p",
        &old,
        "-p",
        &tip,
        "-m",
        "merge main",
    ]);
    served.refused(&[&format!("{}:refs/heads/main", fox.trim())], &["合并的方向反了", "wrong way round"]);
    served.refused(&[":main"], &["不能删除", "cannot be deleted"]);
}

#[test]
fn case_57_what_cannot_be_read_is_refused_and_what_is_not_yet_complete_is_not() {
    let mut served = Served::new();
    served.place.write("loans/A-03/L2.md", "---\n表单: L2\n经手人: 李娜\n没有这栏: 1\n---\n").commit("main", "li", "2026-03-11");
    served.refused(&["main"], &["loans/A-03/L2.md:4:1 [F201]"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    served.place.write("loans/A-03/L2.md", "---\n表单: L2\n<<<<<<< a\n经手人: 李娜\n=======\n>>>>>>> b\n---\n");
    served.place.commit("main", "li", "2026-03-11");
    served.refused(&["main"], &["[A105]"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    served.place.write("loans/A-03/L2.md", "---\n表单: L2\n---\n").commit("main", "li", "2026-03-11");
    served.accepted(&["main"]);
}

#[test]
fn case_57_the_register_and_the_rules_of_before_judge_the_push() {
    let mut served = Served::new();
    // The same merge makes its author a supervisor.
    served.place.replace(
        "people.yaml",
        "name: 李娜, emails: [li@example.org, li@home.example], supervisor: wang, roles: [",
        "name: 李娜, emails: [li@example.org, li@home.example], supervisor: wang, roles: [ { role: 组长, from: 2020-01-01 },",
    );
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.replace("loans/A-02/L1.md", "李娜", "何青");
    served.place.commit("two", "he", "2026-03-11").merge("two", "li", "2026-03-12", &["li"]);
    served.refused(&["main"], &["A-02/L1 [T1]", "people.yaml [P101]", "the change is not approved"]);
    // And neither does it help to take the rule away in the same push.
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    served.place.write("rulebook/rules/t.yaml", "[]\n");
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("main", "li", "2026-03-12");
    served.refused(&["main"], &["A-02/L1 [T1]", "rulebook/rules/t.yaml [P101]"]);
    // What the head librarian approves is let in.
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    served.place.write("rulebook/rules/t.yaml", "[]\n");
    served.place.commit("law", "li", "2026-03-12").merge("law", "chen", "2026-03-13", &["chen"]);
    served.accepted(&["main"]);
}

#[test]
fn case_57_links_removals_and_a_broken_rulebook_are_refused() {
    let mut served = Served::new();
    served.place.remove("loans/A-01/L1.md").commit("main", "li", "2026-03-11");
    served.refused(&["main"], &["A-01/L1 [T1]", "被删除"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    served.place.write("rulebook/rules/t.yaml", &RULES.replace("L1", "L9"));
    served.place.commit("law", "li", "2026-03-12").merge("law", "chen", "2026-03-13", &["chen"]);
    served.refused(&["main"], &["rulebook/rules/t.yaml:4:20 [R102]"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    let link = served.place.git(&["rev-parse", "main:anjuan.yaml"]).trim().to_owned();
    served.place.git(&["read-tree", "main"]);
    served.place.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{link},loans/A-01/L2.md")]);
    let tree = served.place.git(&["write-tree"]).trim().to_owned();
    let commit =
        served.place.git(&["-c", "user.name=li", "-c", "user.email=li@example.org", "commit-tree", &tree, "-p", "main", "-m", "x"]);
    served.refused(&[&format!("{}:refs/heads/main", commit.trim())], &["loans/A-01/L2.md [A104]"]);
}

#[test]
fn case_57_other_branches_move_as_they_like() {
    let mut served = Served::new();
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("two", "li", "2026-03-11");
    assert!(served.push(&["two"]).0);
    served.place.git(&["update-ref", "refs/heads/two", "main"]);
    assert!(served.push(&["+two"]).0 && served.push(&[":two"]).0);
}

#[test]
fn case_57_packs_loose_objects_and_forks_with_alternates_are_all_seen() {
    let mut served = Served::new();
    for (limit, number) in [("1", "A-02"), ("1000", "A-03")] {
        git(&served.server, &["config", "transfer.unpackLimit", limit]);
        loan(&mut served.place, number, "2026-03-10");
        served.place.commit("main", "li", "2026-03-11");
        served.refused(&["main"], &[&format!("{number}/L1 [T1]")]);
        served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
        loan(&mut served.place, number, "2026-03-10");
        served.place.commit(number, "li", "2026-03-11").merge(number, "wang", "2026-03-12", &["wang"]);
        served.accepted(&["main"]);
    }
    // A fork on the server that borrows the objects of the first.
    let fork = served.server.with_file_name("fork.git");
    git(&served.place.root, &["clone", "-q", "--bare", "--shared", served.server.to_str().unwrap(), fork.to_str().unwrap()]);
    served.server = fork;
    assert!(anjuan(&["-C", served.server.to_str().unwrap(), "hook", "install", "--server"]).status.success());
    loan(&mut served.place, "A-04", "2026-03-10");
    served.place.commit("main", "li", "2026-03-13");
    served.refused(&["main"], &["A-04/L1 [T1]"]);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    loan(&mut served.place, "A-04", "2026-03-10");
    served.place.commit("four", "li", "2026-03-13").merge("four", "wang", "2026-03-14", &["wang"]);
    served.accepted(&["main"]);
}

#[test]
fn a_server_without_the_program_lets_nothing_in() {
    let mut served = Served::new();
    served.place.write("loans/A-03/L2.md", "---\n表单: L2\n---\n").commit("main", "li", "2026-03-11");
    let mut command = Command::new("git");
    command.arg("-C").arg(&served.place.root).args(["push", "-q", &served.url(), "main"]);
    let out = command.env("PATH", "/usr/bin:/bin").env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("找不到 anjuan"), "{out:?}");
}

/// A commit by git itself in the working tree.
fn commit(place: &Place, message: &str) -> (bool, String) {
    let mut command = Command::new("git");
    command.arg("-C").arg(&place.root).args(["-c", "user.name=li", "-c", "user.email=li@example.org", "commit", "-q", "-m", message]);
    let out = command.env("PATH", path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("LANG", "C").output().unwrap();
    (out.status.success(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn a_commit_is_judged_by_what_is_staged_and_its_message_names_nobody() {
    const NAME: &str = "欧阳小测";
    let mut served = Served::new();
    served.place.checkout();
    let place = &mut served.place;
    assert!(anjuan(&["-C", place.root.to_str().unwrap(), "hook", "install"]).status.success());
    let record = place.root.join("loans/A-05/L1.md");
    std::fs::create_dir_all(record.parent().unwrap()).unwrap();
    // Staged is an impossible date; the file beside it is right already.
    std::fs::write(&record, "---\n表单: L1\n借出日期: 2026-02-30\n---\n").unwrap();
    place.git(&["add", "-A"]);
    std::fs::write(&record, format!("---\n表单: L1\n读者: {NAME}\n借出日期: 2026-03-01\n---\n")).unwrap();
    let (done, said) = commit(place, "借书");
    assert!(!done && said.contains("loans/A-05/L1.md:3:7") && said.contains("F204"), "{said}");
    place.git(&["add", "-A"]);
    let (done, said) = commit(place, &format!("{NAME}借书"));
    assert!(!done && said.contains("A-05/L1") && said.contains("读者") && !said.contains(NAME), "{said}");
    let (done, said) = commit(place, "A-05 借书");
    assert!(done, "{said}");
    // Somebody committed without the hooks; the push is refused, and so is a branch that bears the name.
    place.git(&["-c", "user.name=li", "-c", "user.email=li@example.org", "commit", "-q", "--allow-empty", "--no-verify", "-m", NAME]);
    place.git(&["remote", "add", "origin", &format!("file://{}", served.server.display())]);
    let (done, said) = push(&served.place.root, "origin", &["HEAD:refs/heads/loan"]);
    assert!(!done && said.contains("A-05/L1") && !said.contains(NAME), "{said}");
    served.place.git(&["reset", "-q", "--soft", "HEAD~1"]);
    let (done, said) = push(&served.place.root, "origin", &[&format!("HEAD:refs/heads/{NAME}")]);
    assert!(!done && said.contains("A-05/L1"), "{said}");
    let (done, said) = push(&served.place.root, "origin", &["HEAD:refs/heads/loan"]);
    assert!(done, "{said}");
}

#[test]
fn a_hook_of_somebody_else_is_never_overwritten() {
    let served = Served::new();
    let hook = served.place.root.join(".git/hooks/commit-msg");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    let out = anjuan(&["-C", served.place.root.to_str().unwrap(), "hook", "install"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
    assert!(!hook.with_file_name("pre-commit").exists(), "all or none");
}

/// Pushes as of a moment in seconds since 1970 by the server's clock.
fn push_at(served: &Served, seconds: i64, more: &[&str], what: &str) -> (bool, String) {
    let mut command = Command::new("git");
    command.arg("-C").arg(&served.place.root).args(more).args(["push", "-q"]);
    if !more.is_empty() {
        command.arg("--signed");
    }
    command.arg(served.url()).arg(what).env("PATH", path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("LANG", "C");
    let out = command.env("SOURCE_DATE_EPOCH", seconds.to_string()).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn a_day_that_is_only_claimed_is_proven_once_the_server_says_when_it_came() {
    let mut served = Served::new();
    let rules = "- id: T2\n  article: '1'\n  title: 三日内提交\n  applies: { form: L2 }\n  must: { deadline: { from: 还书日期, within: 3 working days, until: '@submitted' } }\n  severity: error\n";
    served.place.write("rulebook/rules/u.yaml", rules).commit("law", "li", "2026-03-02").merge("law", "chen", "2026-03-03", &["chen"]);
    served.place.write("loans/A-01/L2.md", "---\n表单: L2\n还书日期: 2026-03-06\n经手人: 李娜\n---\n").commit("back", "li", "2026-03-07");
    let (done, said) = push_at(&served, 1_772_960_400, &[], "back"); // 2026-03-08 17:00 in China
    assert!(done, "{said}");
    served.place.merge("back", "wang", "2026-03-20", &["wang"]);
    assert!(served.push(&["main"]).0);
    served.place.checkout();
    let duty = |place: &Place| place.obligations("2026-06-30").into_iter().find(|line| line.starts_with("T2")).unwrap();
    assert_eq!(duty(&served.place), "T2 A-01/L2 met-claimed 2026-03-11", "a clone without the log knows the merge only");
    served.place.git(&["fetch", "-q", &served.url(), "refs/archive/pushlog:refs/archive/pushlog"]);
    assert_eq!(duty(&served.place), "T2 A-01/L2 met 2026-03-11");
    // Nobody writes the log but the server.
    served.place.git(&["update-ref", "refs/archive/pushlog", "refs/archive/pushlog~1"]);
    served.refused(&["+refs/archive/pushlog:refs/archive/pushlog"], &["refs/archive/pushlog", "the server's own"]);
}

#[test]
fn a_push_certificate_is_kept_in_the_log() {
    let there = Command::new("ssh-keygen").arg("-?").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "ssh-keygen is missing: sh .ci/setup tests");
    if !there {
        return;
    }
    let mut served = Served::new();
    let key = served.place.root.join(".git/key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    let line = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let signers = served.server.join("signers");
    std::fs::write(&signers, format!("li@example.org {line}")).unwrap();
    git(&served.server, &["config", "receive.certNonceSeed", "seed"]);
    git(&served.server, &["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
    served.place.write("loans/A-03/L2.md", "---\n表单: L2\n---\n").commit("back", "li", "2026-03-07");
    let own = format!("user.signingkey={}", key.display());
    let more = ["-c", "gpg.format=ssh", "-c", own.as_str(), "-c", "user.name=li", "-c", "user.email=li@example.org"];
    let (done, said) = push_at(&served, 1_772_960_400, &more, "back");
    assert!(done, "{said}");
    let log = git(&served.server, &["log", "-1", "--format=%B", "refs/archive/pushlog"]);
    assert!(log.contains("Signer: li@example.org") && log.contains("Signature: G"), "{log}");
    assert!(git(&served.server, &["show", "refs/archive/pushlog:certificate"]).starts_with("certificate version 0.1"));
}
