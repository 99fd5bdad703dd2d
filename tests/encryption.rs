//! What is kept encrypted: real SSH keys made by ssh-keygen, a real repository, git's own differences.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Place, git};

/// What must never stand anywhere in clear once it is encrypted.
const SECRETS: &[&str] = &["甲乙丙丁", "住在河边", "三百七十", "第一句", "第二句", "旁注"];

const FORM: &str = "form: L4
name: 面谈
dossier: 借阅
fields:
  - { name: 备注, type: text, encrypted: true, required: true, audience: 保密, identifies: 读者 }
  - { name: 金额, type: money, encrypted: true, audience: 内部 }
  - { name: 结果, type: choice, options: [好, 一般], encrypted: true, audience: 内部 }
  - name: 名单
    type: table
    encrypted: true
    audience: 内部
    columns: [ { name: 姓名, type: text, required: true }, { name: 住处, type: text } ]
  - { name: 天气, type: text, audience: 内部 }
sections:
  - { name: 经过, encrypted: true, required: true, audience: 内部 }
  - { name: 安排, audience: 内部 }
";

const RECORD: &str = "---
表单: L4
填表日期: 2026-03-06
经手人: 李娜
备注: 甲乙丙丁  # 旁注
金额: 370.00
结果: 好
名单:
  - { 姓名: 三百七十, 住处: 住在河边 }
  # 旁注
  - 姓名: 甲乙丙丁
# 天气不加密
天气: 晴
---

## 经过

第一句。

- 第二句

## 安排

下周再谈。
";

const PATH: &str = "loans/A-01/L4.md";

/// An archive with people who have keys, each with a home of their own.
struct Sealed {
    place: Place,
    homes: tempfile::TempDir,
}

fn keygen(home: &Path, kind: &str, passphrase: &str) -> String {
    let file = home.join(".ssh").join(format!("id_{kind}"));
    std::fs::create_dir_all(home.join(".ssh")).unwrap();
    let mut args = vec!["-q", "-t", kind, "-N", passphrase, "-C", "", "-f", file.to_str().unwrap()];
    if kind == "rsa" {
        args.extend(["-b", "2048"]);
    }
    let made = Command::new("ssh-keygen").args(args).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    std::fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned()
}

impl Sealed {
    /// li has an ed25519 key, wang an RSA key; he reads too, chen does not.
    fn new() -> Self {
        let homes = tempfile::tempdir().unwrap();
        let key = |who: &str, kind: &str| keygen(&homes.path().join(who), kind, "");
        let (li, wang, he, chen) = (key("li", "ed25519"), key("wang", "rsa"), key("he", "ed25519"), key("chen", "ed25519"));
        std::fs::create_dir_all(homes.path().join("nobody")).unwrap();
        let people = format!(
            "people:
  - {{ id: li, name: 李娜, emails: [li@example.org], keys: [ {{ key: '{li}' }} ], roles: [ {{ role: 馆员, from: 2020-01-01, projects: [A] }} ] }}
  - {{ id: he, name: 何青, emails: [he@example.org], keys: [ {{ key: '{he}' }} ], roles: [ {{ role: 馆员, from: 2020-01-01 }} ] }}
  - {{ id: wang, name: 王芳, emails: [wang@example.org], keys: [ {{ key: '{wang}' }} ], roles: [ {{ role: 组长, from: 2020-01-01 }} ] }}
  - {{ id: chen, name: 陈静, emails: [chen@example.org], keys: [ {{ key: '{chen}' }} ], roles: [ {{ role: 馆长, from: 2020-01-01 }} ] }}
"
        );
        let mut place = Place::new();
        place
            .write("people.yaml", &people)
            .write("rulebook/forms/L4.yaml", FORM)
            .replace("rulebook/rulebook.yaml", "lines:", "encryption: { holders: [馆员, 组长] }\nlines:")
            .commit("main", "li", "2026-01-01")
            .write(PATH, RECORD)
            .checkout();
        Self { place, homes }
    }

    /// The same, with the record encrypted and committed.
    fn committed() -> Self {
        let mut sealed = Self::new();
        sealed.done("li", &["encrypt", "A-01"]);
        sealed.commit("2026-03-07");
        sealed
    }

    fn commit(&mut self, when: &str) {
        for path in [PATH, "loans/A-01/key.pub"] {
            let bytes = std::fs::read(self.place.root.join(path)).unwrap();
            self.place.bytes(path, bytes);
        }
        self.place.commit("main", "li", when).checkout();
        // What git takes for staged is what is committed.
        self.place.git(&["reset", "-q"]);
    }

    fn home(&self, who: &str) -> PathBuf {
        self.homes.path().join(who)
    }

    /// The program as somebody runs it.
    fn run(&self, who: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anjuan"));
        command.args(["-C", self.place.root.to_str().unwrap(), "--today", "2026-03-10"]).args(args);
        command.env("HOME", self.home(who)).env("LANG", "C").output().unwrap()
    }

    /// What it says when it works.
    fn done(&self, who: &str, args: &[&str]) -> String {
        let out = self.run(who, args);
        assert_eq!(out.status.code(), Some(0), "{args:?}: {out:?}");
        String::from_utf8(out.stdout).unwrap()
    }

    /// What it says when it does not, with that exit code.
    fn ends(&self, who: &str, args: &[&str], code: i32) -> String {
        let out = self.run(who, args);
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert_eq!(out.status.code(), Some(code), "{args:?}: {said}");
        said
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.place.root.join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.place.root.join(path), text).unwrap();
    }

    /// The one key file.
    fn key_file(&self) -> PathBuf {
        let mut files = self.key_files();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    fn key_files(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.place.root.join("keys")).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|ending| ending == "age")).collect()
    }

    fn check(&self) -> Vec<String> {
        self.place.check("2026-03-10")
    }

    fn diff(&self, who: &str) -> String {
        let bin = Path::new(env!("CARGO_BIN_EXE_anjuan")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.place.root).args(["diff", "-U0", "HEAD", "--", PATH]).env("PATH", path).env("HOME", self.home(who));
        let out = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    }
}

fn holds_nothing(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn what_is_marked_is_encrypted_and_the_rest_is_as_before() {
    let sealed = Sealed::new();
    let said = sealed.done("li", &["encrypt", "A-01"]);
    assert_eq!(said, "loans/A-01/L4.md: 备注、金额、结果、名单、经过\n");
    let text = sealed.read(PATH);
    holds_nothing(&text);
    assert!(
        text.contains("\n# 天气不加密\n天气: 晴\n---\n")
            && text.contains("## 安排\n\n下周再谈。\n")
            && text.contains("备注: |\n  -----BEGIN")
    );
    assert!(text.contains("## 经过\n\n```age\n-----BEGIN"));
    // It counts as filled, and nobody says anything about what it is.
    assert_eq!(sealed.check(), Vec::<String>::new());
    for who in ["li", "wang", "he"] {
        assert_eq!(sealed.done(who, &["decrypt", "A-01/L4"]), RECORD, "{who}");
    }
    // git keeps the public key, never the secret one.
    sealed.place.git(&["add", "-A"]);
    let staged = sealed.place.git(&["diff", "--cached", "--name-only"]);
    assert_eq!(staged, "loans/A-01/L4.md\nloans/A-01/key.pub\n");
    // Nothing is left to encrypt, by whatever name.
    for args in [&["encrypt"][..], &["encrypt", "A-01"], &["seal", PATH]] {
        assert_eq!(sealed.done("li", args), "");
    }
    assert_eq!(sealed.read(PATH), text);
}

#[test]
fn what_has_not_changed_stays_as_it_is_committed() {
    let sealed = Sealed::committed();
    let before = sealed.read(PATH);
    assert_eq!(sealed.done("wang", &["decrypt", "--in-place", "A-01"]), "loans/A-01/L4.md\n");
    assert_eq!(sealed.read(PATH), RECORD);
    let said = sealed.check();
    assert_eq!(said.len(), 5, "{said:?}");
    assert!(said.iter().all(|line| line.contains(" error E203 ")), "{said:?}");
    sealed.done("wang", &["encrypt"]);
    assert_eq!(sealed.read(PATH), before);
    // Only what was changed changes.
    sealed.done("li", &["decrypt", "--in-place", "A-01"]);
    sealed.write(PATH, &RECORD.replace("370.00", "380.00"));
    sealed.done("li", &["encrypt"]);
    let after = sealed.read(PATH);
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split("\n结果:").collect(), after.split("\n结果:").collect());
    assert_eq!(old[1], new[1]);
    assert_ne!(old[0], new[0]);
    assert_eq!(sealed.done("li", &["decrypt", PATH]), RECORD.replace("370.00", "380.00"));
    // Whoever has no key can still encrypt.
    sealed.write(PATH, RECORD);
    sealed.done("nobody", &["encrypt"]);
    assert_ne!(sealed.read(PATH), before);
    assert_eq!(sealed.done("li", &["decrypt", PATH]), RECORD);
}

#[test]
fn crlf_files_come_back_to_the_byte() {
    let sealed = Sealed::new();
    let text = RECORD.replace('\n', "\r\n");
    sealed.write(PATH, &text);
    sealed.done("li", &["encrypt", "A-01"]);
    let encrypted = sealed.read(PATH);
    holds_nothing(&encrypted);
    assert!(!encrypted.replace("\r\n", "").contains('\n'), "one kind of line end");
    sealed.done("li", &["decrypt", "--in-place", "A-01"]);
    assert_eq!(sealed.read(PATH), text);
}

#[test]
fn without_the_right_key_it_says_whose_key_it_takes() {
    let sealed = Sealed::committed();
    let said = sealed.ends("chen", &["decrypt", "A-01"], 2);
    assert!(said.contains("打不开 A-01 的钥匙") && said.contains("李娜") && said.contains("王芳") && !said.contains("陈静"), "{said}");
    let said = sealed.ends("nobody", &["decrypt", "A-01"], 2);
    assert!(said.contains("没有可用的 SSH 私钥"), "{said}");
    let said = sealed.ends("li", &["decrypt", "--key", "people.yaml", "A-01"], 2);
    assert!(said.contains("不是 SSH 私钥"), "{said}");
    // A key may lie anywhere.
    let key = sealed.home("wang").join(".ssh/id_rsa");
    assert_eq!(sealed.done("nobody", &["decrypt", "--key", key.to_str().unwrap(), "A-01"]), RECORD);
    // There is no terminal here that could be asked for a passphrase.
    keygen(&sealed.home("nobody"), "ed25519", "geheim");
    let said = sealed.ends("nobody", &["decrypt", "A-01"], 2);
    assert!(said.contains("有口令") && said.contains("--key"), "{said}");
    // Everything else works without.
    std::fs::remove_dir_all(sealed.place.root.join("keys")).unwrap();
    assert_eq!(sealed.check(), Vec::<String>::new());
    let said = sealed.ends("li", &["decrypt", "A-01"], 2);
    assert!(said.contains("keys 里没有 A-01 的钥匙文件"), "{said}");
}

#[test]
fn whoever_leaves_loses_the_key_when_it_is_passed_on_anew() {
    let mut sealed = Sealed::committed();
    let line = "roles: [ { role: 馆员, from: 2020-01-01 } ]";
    sealed.place.replace("people.yaml", line, "roles: [ { role: 馆员, from: 2020-01-01, until: 2026-03-08 } ]");
    sealed.place.replace("people.yaml", "{ role: 馆长, from: 2020-01-01 }", "{ role: 组长, from: 2026-03-09 }");
    sealed.place.commit("main", "li", "2026-03-08").checkout();
    assert_eq!(sealed.check(), ["loans/A-01/key.pub:1:1 warning E207 A-01 的密文：何青 不该再打得开，陈静 该打得开而打不开"]);
    let listed = sealed.ends("nobody", &["keys"], 1);
    assert!(listed.contains("李娜") && listed.contains("不该再打得开：何青") && listed.contains("该打得开而打不开：陈静"), "{listed}");
    let said = sealed.ends("chen", &["keys", "--update", "A-01"], 2);
    assert!(said.contains("打不开"), "{said}");
    let (record, kept) = (sealed.read(PATH), std::fs::read(sealed.key_file()).unwrap());
    sealed.done("wang", &["keys", "--update", "A-01"]);
    assert_eq!(sealed.read(PATH), record, "only the key file is written");
    assert_eq!(sealed.check(), Vec::<String>::new());
    assert_eq!(sealed.done("chen", &["decrypt", "A-01"]), RECORD);
    sealed.ends("he", &["decrypt", "A-01"], 2);
    // A copy of the old file still opens: the way out is a new key.
    let now = std::fs::read(sealed.key_file()).unwrap();
    std::fs::write(sealed.key_file(), kept).unwrap();
    assert_eq!(sealed.done("he", &["decrypt", "A-01"]), RECORD);
    std::fs::write(sealed.key_file(), now).unwrap();
    sealed.done("li", &["encrypt", "--new-key", "A-01"]);
    assert_eq!(sealed.key_files().len(), 2);
    assert_eq!(sealed.check(), Vec::<String>::new());
    assert_eq!(sealed.done("li", &["decrypt", "A-01"]), RECORD);
    let listed = sealed.done("li", &["keys"]);
    assert!(listed.contains("（以前的）"), "{listed}");
    // What is encrypted to the former key is told.
    sealed.write(PATH, &record);
    let said = sealed.check();
    assert!(said.len() == 5 && said.iter().all(|line| line.contains(" warning E205 ") && line.contains("以前的钥匙")), "{said:?}");
}

#[test]
fn git_shows_differences_in_clear_to_those_who_hold_a_key() {
    let sealed = Sealed::committed();
    sealed.done("li", &["textconv", "--install"]);
    sealed.done("li", &["textconv", "--install"]);
    assert_eq!(std::fs::read_to_string(sealed.place.root.join(".git/info/attributes")).unwrap(), "*.md diff=anjuan\n");
    sealed.done("li", &["decrypt", "--in-place", "A-01"]);
    sealed.write(PATH, &RECORD.replace("第一句。", "换了一句。").replace("下周", "下月"));
    sealed.done("li", &["encrypt"]);
    let lines = |text: &str| -> Vec<String> {
        let own = text.lines().filter(|line| line.starts_with(['-', '+']) && !line.starts_with("---") && !line.starts_with("+++"));
        own.map(str::to_owned).collect()
    };
    assert_eq!(lines(&sealed.diff("wang")), ["-第一句。", "+换了一句。", "-下周再谈。", "+下月再谈。"]);
    let said = sealed.diff("chen");
    holds_nothing(&said);
    let said = lines(&said);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].starts_with("-（已加密 ") && said[1].starts_with("+（已加密 ") && said[0] != said[1], "{said:?}");
    // No cache of what was decrypted.
    assert_eq!(sealed.place.git(&["config", "diff.anjuan.cachetextconv"]).trim(), "false");
    assert!(!sealed.place.git(&["for-each-ref"]).contains("notes"));
}

#[test]
fn an_archive_below_the_top_of_its_repository_shows_differences_too() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = Sealed::committed();
    let below = dir.path().join("it's here/archive");
    std::fs::create_dir_all(below.parent().unwrap()).unwrap();
    let copy = Command::new("cp").arg("-r").arg(&sealed.place.root).arg(&below).output().unwrap();
    assert!(copy.status.success());
    std::fs::remove_dir_all(below.join(".git")).unwrap();
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["-c", "user.name=a", "-c", "user.email=a@example.org", "add", "-A"]);
    git(dir.path(), &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"]);
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anjuan"));
        let out = command.arg("-C").arg(&below).args(args).env("HOME", sealed.home("li")).output().unwrap();
        assert!(out.status.success(), "{out:?}");
    };
    run(&["textconv", "--install"]);
    std::fs::write(below.join(PATH), std::fs::read_to_string(below.join(PATH)).unwrap().replace("晴", "雨")).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_anjuan")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let out =
        Command::new("git").arg("-C").arg(&below).args(["diff", "-U99"]).env("PATH", path).env("HOME", sealed.home("li")).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(said.contains("+天气: 雨") && said.contains(" 备注: 甲乙丙丁  # 旁注"), "{out:?}");
}

#[test]
fn damage_is_found_where_it_is() {
    let sealed = Sealed::committed();
    let whole = sealed.read(PATH);
    let lines: Vec<&str> = whole.lines().collect();
    let without = |from: usize, count: usize| [&lines[..from], &lines[from + count..]].concat().join("\n") + "\n";
    let begin = lines.iter().position(|line| line.contains("BEGIN")).unwrap();
    let end = lines.iter().position(|line| line.contains("END")).unwrap();
    // The last line of the armour in the field, then its tail.
    sealed.write(PATH, &without(end, 1));
    assert_eq!(
        sealed.check()[0],
        format!("{PATH}:{}:{} error E201 「备注」：密文没有结尾行，后面被截去了", end, lines[end - 1].chars().count() + 1)
    );
    sealed.write(PATH, &without(end - 2, 3));
    assert!(sealed.check()[0].contains("error E201 「备注」：密文没有结尾行"), "{:?}", sealed.check());
    // A marker of a conflict on one side.
    let marked = whole.replacen(lines[begin + 1], "  <<<<<<< HEAD", 1);
    sealed.write(PATH, &marked);
    assert_eq!(sealed.check(), [format!("{PATH}:{}:3 error E201 「备注」：密文里有合并冲突标记", begin + 2)]);
    // A line less in the middle shows to whoever decrypts, with its place.
    let long = without(end - 2, 1);
    sealed.write(PATH, &long);
    assert_eq!(sealed.check(), Vec::<String>::new());
    let said = sealed.ends("li", &["decrypt", "--in-place", "A-01"], 1);
    assert!(said.contains("E201") && said.contains(&format!("{PATH}:{}:3", begin + 1)) && said.contains("缺了一截"), "{said}");
    let text = sealed.read(PATH);
    assert!(text.contains("BEGIN AGE") && text.contains("第一句。"), "what is whole is decrypted, what is not stays");
    // A section that is cut off takes the sections behind it with it, and is told at its end.
    let fence = whole.rfind("\n-----END").unwrap();
    sealed.write(PATH, &whole[..fence + 1]);
    let said = sealed.check();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("error E201 「经过」：密文没有结尾行"), "{said:?}");
    // What only moved is no damage.
    let moved: String =
        whole.lines().map(|line| if line.starts_with("  ") { format!("      {}\n", line.trim()) } else { format!("{line}\n") }).collect();
    sealed.write(PATH, &moved);
    assert_eq!(sealed.check(), Vec::<String>::new());
    assert_eq!(sealed.done("li", &["decrypt", "A-01"]), RECORD);
}

#[test]
fn pages_papers_and_the_story_say_that_it_is_encrypted() {
    let mut sealed = Sealed::new();
    // History knows it in clear, and the site still does not tell.
    let bytes = std::fs::read(sealed.place.root.join(PATH)).unwrap();
    sealed.place.bytes(PATH, bytes);
    sealed.place.commit("main", "li", "2026-03-06").checkout();
    sealed.done("li", &["encrypt", "A-01"]);
    sealed.commit("2026-03-07");
    sealed.done("li", &["decrypt", "--in-place", "A-01"]);
    sealed.write(PATH, &RECORD.replace("第一句。", "换了一句。").replace("晴", "雨"));
    sealed.done("li", &["encrypt"]);
    sealed.commit("2026-03-08");
    for audience in ["内部", "保密"] {
        let site = sealed.homes.path().join(audience);
        let said = sealed.done("nobody", &["build", "--audience", audience, "--out", site.to_str().unwrap()]);
        assert_eq!(audience == "内部", said.contains("1 处身份信息已加密"), "{said}");
        let mut files = Vec::new();
        walk(&site, &mut files);
        for file in &files {
            let bytes = std::fs::read(file).unwrap();
            holds_nothing(&String::from_utf8_lossy(&bytes));
        }
        let page = std::fs::read_to_string(site.join("records/A-01/L4.html")).unwrap();
        assert!(page.matches("（已加密）").count() >= 4 && page.contains("下周再谈") && !page.contains("BEGIN AGE"), "{page}");
        assert!(page.contains("（已加密，内容有改动）"), "{page}");
        let pdf = files.iter().find(|file| file.ends_with("L4.pdf")).expect("a paper");
        let text = Command::new("pdftotext").arg(pdf).arg("-").output();
        if let Ok(text) = text {
            let text = String::from_utf8_lossy(&text.stdout).replace(char::is_whitespace, "");
            assert!(text.contains("（已加密）"), "{text}");
            holds_nothing(&text);
        }
    }
    let story = sealed.done("nobody", &["log", "A-01/L4"]);
    holds_nothing(&story);
    assert!(story.contains("经过: （已加密） → （已加密，内容有改动）") && story.contains("天气: 晴 → 雨"), "{story}");
    let said = sealed.done("nobody", &["--lang", "en", "log", "A-01/L4"]);
    assert!(said.contains("(encrypted, its content changed)"), "{said}");
}

#[test]
fn statistics_say_how_much_they_cannot_count() {
    let mut sealed = Sealed::new();
    let numbers = "statistics:
  - { id: talks, name: 面谈, count: L4, at: 填表日期 }
  - { id: good, name: 结果好的面谈, count: L4, where: { 结果: 好 }, at: 填表日期 }
  - { id: money, name: 金额合计, over: L4, sum: 金额, at: 填表日期 }
  - { id: share, name: 好的占比, unit: '%', share: [good, talks] }
";
    let bytes = std::fs::read(sealed.place.root.join(PATH)).unwrap();
    sealed.place.write("rulebook/statistics.yaml", numbers).bytes(PATH, bytes).commit("main", "li", "2026-03-06").checkout();
    let row = |sealed: &Sealed, id: &str, from: &str| {
        let args = ["stats", "--audience", "保密", "--from", from, "--to", "2026-12-31", "--format", "json"];
        let report: serde_json::Value = serde_json::from_str(&sealed.done("nobody", &args)).unwrap();
        let rows = report["tables"][0]["rows"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["id"] == id).unwrap_or_default();
        (row["numbers"][0]["value"].as_str().map(str::to_owned), row["encrypted"].as_u64())
    };
    let number = |text: &str| Some(text.to_owned());
    assert_eq!(row(&sealed, "good", "2026-01-01"), (number("1"), Some(0)));
    assert_eq!(row(&sealed, "money", "2026-01-01"), (number("370"), Some(0)));
    sealed.done("li", &["encrypt", "A-01"]);
    sealed.commit("2026-03-07");
    assert_eq!(row(&sealed, "talks", "2026-01-01"), (number("1"), Some(0)));
    assert_eq!(row(&sealed, "good", "2026-01-01"), (number("0"), Some(1)));
    assert_eq!(row(&sealed, "money", "2026-01-01").1, Some(1));
    assert_eq!(row(&sealed, "share", "2026-01-01").1, Some(1));
    // Its day is known to lie outside of this period.
    assert_eq!(row(&sealed, "good", "2026-04-01"), (number("0"), Some(0)));
    let args = ["--lang", "zh", "stats", "--audience", "保密", "--from", "2026-01-01", "--to", "2026-12-31"];
    assert!(sealed.done("nobody", &args).contains("「结果好的面谈」另有 1 项已加密"));
    let site = sealed.homes.path().join("site");
    sealed.done("nobody", &["build", "--audience", "保密", "--no-papers", "--out", site.to_str().unwrap()]);
    let page = std::fs::read_to_string(site.join("statistics/index.html")).unwrap();
    assert!(page.contains("另有 1 项已加密，是否计入无从得知"), "{page}");
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}

#[test]
fn what_must_be_encrypted_is_not_committed_in_clear() {
    let sealed = Sealed::committed();
    sealed.write(PATH, RECORD);
    sealed.place.git(&["add", PATH]);
    let said = sealed.ends("nobody", &["hook", "pre-commit"], 1);
    assert!(said.contains("E203") && said.contains("备注") && said.contains("anjuan encrypt"), "{said}");
    holds_nothing(&said);
    sealed.done("nobody", &["encrypt"]);
    sealed.place.git(&["add", PATH]);
    sealed.done("nobody", &["hook", "pre-commit"]);
    // A dossier without a key is nobody's concern.
    std::fs::create_dir_all(sealed.place.root.join("loans/A-02")).unwrap();
    sealed.write("loans/A-02/L4.md", RECORD);
    sealed.place.git(&["add", "loans/A-02"]);
    sealed.done("nobody", &["hook", "pre-commit"]);
}

#[test]
fn destroying_the_key_says_what_stays() {
    let mut sealed = Sealed::new();
    let bytes = std::fs::read(sealed.place.root.join(PATH)).unwrap();
    sealed.place.bytes(PATH, bytes);
    sealed.place.commit("main", "li", "2026-03-06").checkout();
    sealed.done("li", &["encrypt", "A-01"]);
    sealed.commit("2026-03-07");
    let said = sealed.done("li", &["keys", "--destroy", "A-01"]);
    let first = sealed.place.git(&["rev-parse", "HEAD~1"]);
    assert!(said.contains("历史里有 1 个提交") && said.contains(&first[..8]) && said.contains("还没有删"), "{said}");
    assert!(sealed.key_file().is_file());
    let said = sealed.done("li", &["keys", "--destroy", "--yes", "A-01"]);
    assert!(said.contains("已删去钥匙文件") && !said.contains("不成立"), "{said}");
    assert!(sealed.key_files().is_empty());
    let said = sealed.ends("li", &["decrypt", "A-01"], 2);
    assert!(said.contains("没有 A-01 的钥匙文件"), "{said}");
    assert_eq!(sealed.check(), Vec::<String>::new());
    // Nothing is destroyed by accident.
    sealed.ends("li", &["keys", "--destroy"], 2);
}

#[test]
fn a_key_that_was_committed_is_told() {
    let mut sealed = Sealed::committed();
    let file = sealed.key_file();
    let path = format!("keys/{}", file.file_name().unwrap().to_str().unwrap());
    sealed.place.bytes(&path, std::fs::read(&file).unwrap());
    sealed.place.commit("main", "li", "2026-03-08").checkout();
    let said = sealed.check();
    assert!(said.len() == 1 && said[0].starts_with(&format!("{path}:1:1 warning E206")), "{said:?}");
    let said = sealed.done("li", &["keys", "--destroy", "A-01"]);
    assert!(said.contains("不成立"), "{said}");
}

#[test]
fn a_public_key_that_was_merged_by_hand_is_told() {
    let sealed = Sealed::committed();
    let key = sealed.read("loans/A-01/key.pub");
    let own = key.lines().last().unwrap();
    let two = key.replace(own, &format!("<<<<<<< HEAD\n{own}\n=======\n{own}\n>>>>>>> x"));
    sealed.write("loans/A-01/key.pub", &two);
    let said = sealed.check();
    assert!(said[0].starts_with("loans/A-01/key.pub:1:1 error E204"), "{said:?}");
    sealed.write(PATH, RECORD);
    let said = sealed.ends("li", &["encrypt", "A-01"], 2);
    assert!(said.contains("key.pub 有误"), "{said}");
    assert_eq!(sealed.read(PATH), RECORD);
}

#[test]
fn nothing_to_encrypt_is_said() {
    let mut sealed = Sealed::new();
    let said = sealed.run("li", &["--lang", "en", "encrypt"]);
    assert!(said.status.success() && String::from_utf8_lossy(&said.stderr).contains("no dossier has a key yet"), "{said:?}");
    assert_eq!(sealed.read(PATH), RECORD);
    sealed.place.write("rulebook/forms/L4.yaml", &FORM.replace("encrypted: true, ", "").replace("    encrypted: true\n", "")).checkout();
    sealed.write(PATH, RECORD);
    let said = sealed.ends("li", &["--lang", "en", "encrypt", "A-01"], 2);
    assert!(said.contains("marks nothing"), "{said}");
}

#[test]
fn nobody_to_hold_a_key_is_a_failure_that_writes_nothing() {
    let mut sealed = Sealed::new();
    sealed.place.replace("rulebook/rulebook.yaml", "holders: [馆员, 组长]", "holders: [馆长]");
    sealed.place.replace("people.yaml", "{ role: 馆长, from: 2020-01-01 }", "{ role: 馆长, from: 2027-01-01 }");
    sealed.place.commit("main", "li", "2026-03-02").checkout();
    sealed.write(PATH, RECORD);
    let said = sealed.ends("li", &["encrypt", "A-01"], 2);
    assert!(said.contains("没有人可以持有 A-01 的钥匙"), "{said}");
    assert!(!sealed.place.root.join("keys").exists() && !sealed.place.root.join("loans/A-01/key.pub").exists());
    assert_eq!(sealed.read(PATH), RECORD);
}

#[test]
fn a_workbook_has_a_lock_where_something_is_encrypted_and_leaves_it_alone() {
    let sealed = Sealed::committed();
    let before = std::fs::read_to_string(sealed.place.root.join(PATH)).unwrap();
    let file = sealed.homes.path().join("a.xlsx");
    let file = file.to_str().unwrap();
    sealed.done("li", &["excel", "A-01/L4", "--out", file]);
    let cells = crate::support::cells(Path::new(file));
    assert!(cells.iter().filter(|cell| *cell == "\u{1f512}").count() == 4 && cells.contains(&"晴".to_owned()), "{cells:?}");
    for secret in SECRETS {
        assert!(!cells.iter().any(|cell| cell.contains(secret)), "{secret}");
    }
    sealed.done("li", &["import", file]);
    assert_eq!(std::fs::read_to_string(sealed.place.root.join(PATH)).unwrap(), before);
}
