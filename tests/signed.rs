//! Signatures made by the tools that people have, judged by git and by us. Where the two differ, the table says so and why.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anjuan::archive::People;
use anjuan::archive::history::signature::{Seal, seal};
use anjuan::source::Source;
use chrono::NaiveDate;

use crate::support::{Place, anjuan, git};

/// Git's letter of `%G?`, whether the register vouches for the commit, and why the two differ where they do.
struct Row {
    kind: &'static str,
    commit: Vec<u8>,
    /// The day by the line's clock.
    day: &'static str,
    git: &'static str,
    ours: bool,
    why: &'static str,
}

const DAY: &str = "2026-03-09";

/// Keys and a repository; what is signed there is signed by `ssh-keygen` and `gpg`.
struct Desk {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        git(&root, &["init", "-q", "repo"]);
        let home = root.join("gnupg");
        std::fs::create_dir(&home).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        Self { _folder: folder, root }
    }

    fn repo(&self) -> PathBuf {
        self.root.join("repo")
    }

    fn ssh(&self, name: &str, kind: &[&str]) {
        let file = self.root.join(name);
        run(Command::new("ssh-keygen").args(["-q", "-N", "", "-C", name, "-t"]).args(kind).arg("-f").arg(file), b"");
    }

    fn public(&self, name: &str) -> String {
        std::fs::read_to_string(self.root.join(format!("{name}.pub"))).unwrap().trim().to_owned()
    }

    /// An SSH signature over bytes.
    fn by(&self, key: &str, namespace: &str, hash: &str, text: &[u8]) -> String {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-O", &format!("hashalg={hash}"), "-f"]).arg(self.root.join(key));
        String::from_utf8(run(&mut command, text)).unwrap()
    }

    fn gpg(&self, when: &str, args: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.root.join("gnupg")).args(["--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]);
        command.args(["--passphrase", "", "--faked-system-time", when]).args(args);
        String::from_utf8(run(&mut command, input)).unwrap()
    }

    fn certificate(&self, who: &str) -> String {
        self.gpg(NOON, &["--armor", "--export", who], b"")
    }

    /// An OpenPGP signature over bytes.
    fn pgp(&self, who: &str, when: &str, more: &[&str], text: &[u8]) -> String {
        self.gpg(when, &[&["--armor", "--detach-sign", "--local-user", who], more].concat(), text)
    }

    fn verdict(&self, commit: &[u8]) -> String {
        let mut store = Command::new("git");
        store.arg("-C").arg(self.repo()).args(["hash-object", "-t", "commit", "-w", "--stdin", "--literally"]);
        let id = String::from_utf8(run(&mut store, commit)).unwrap();
        let mut ask = Command::new("git");
        ask.arg("-C").arg(self.repo()).env("GNUPGHOME", self.root.join("gnupg")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        ask.args(["-c", "gpg.ssh.allowedSignersFile=../allowed", "log", "-1", "--format=%G?", id.trim()]);
        String::from_utf8(run(&mut ask, b"")).unwrap().trim().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.root.join("gnupg")).args(["--kill", "all"]).output();
    }
}

/// Noon of the day on which the signatures are made.
const NOON: &str = "20260309T120000";

fn head(email: &str, day: &str) -> String {
    let at = format!("{day}T12:00:00Z").parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    format!("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor 王芳 <{email}> {at} +0000\ncommitter 王芳 <{email}> {at} +0000\n")
}

const BODY: &str = "\n合并 A-01\n\nApproved-by: 王芳 <wang@example.org>\n";

fn header(name: &str, armour: &str) -> String {
    format!("{name} {}\n", armour.trim_end().replace('\n', "\n "))
}

fn with(head: &str, armour: &str) -> String {
    format!("{head}{}{BODY}", header("gpgsig", armour))
}

/// Wraps the lines of an armour anew.
fn wrapped(armour: &str, columns: usize) -> String {
    let lines: Vec<&str> = armour.trim_end().lines().collect();
    let body: Vec<char> = lines[1..lines.len() - 1].concat().chars().collect();
    let body: Vec<String> = body.chunks(columns).map(|part| part.iter().collect()).collect();
    format!("{}\n{}\n{}\n", lines[0], body.join("\n"), lines[lines.len() - 1])
}

fn installed() -> bool {
    let has = |tool: &str, arg: &str| Command::new(tool).arg(arg).output().is_ok();
    let all = has("ssh-keygen", "-?") && has("gpg", "--version");
    assert!(all || std::env::var_os("CI").is_none(), "ssh-keygen or gpg is missing: sh .ci/setup tests");
    all
}

fn block(key: &str) -> String {
    key.trim_end().replace('\n', "\n          ")
}

/// Cases 33, 34, 55 and 56 with real keys: every kind of signature that a commit was seen with.
#[test]
fn git_and_the_register_agree_on_thirty_kinds_of_signature() {
    if !installed() {
        return;
    }
    let desk = Desk::new();
    for (name, kind) in [
        ("ed", &["ed25519"][..]),
        ("rsa", &["rsa", "-b", "2048"]),
        ("p256", &["ecdsa", "-b", "256"]),
        ("p384", &["ecdsa", "-b", "384"]),
        ("old", &["ed25519"]),
        ("coming", &["ed25519"]),
        ("stranger", &["ed25519"]),
        ("authority", &["ed25519"]),
        ("certified", &["ed25519"]),
    ] {
        desk.ssh(name, kind);
    }
    let mut certify = Command::new("ssh-keygen");
    certify.current_dir(&desk.root).args(["-q", "-s", "authority", "-I", "wang", "-n", "wang@example.org", "certified.pub"]);
    run(&mut certify, b"");
    let make =
        |who: &str, kind: &str, usage: &str, end: &str| desk.gpg("20260101T120000", &["--quick-gen-key", who, kind, usage, end], b"");
    make("first@example.org", "ed25519", "sign", "never");
    make("rsa@example.org", "rsa2048", "sign", "never");
    make("ended@example.org", "ed25519", "sign", "20260401T000000");
    make("revoked@example.org", "ed25519", "sign", "never");
    make("unknown@example.org", "ed25519", "sign", "never");
    make("sub@example.org", "ed25519", "cert", "never");
    let listed = desk.gpg(NOON, &["--list-keys", "--with-colons", "sub@example.org"], b"");
    let print = listed.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().trim_matches(':').to_owned();
    desk.gpg("20260101T120000", &["--quick-add-key", &print, "ed25519", "sign", "never"], b"");

    let dated = |day: &str| head("wang@example.org", day);
    let here = dated(DAY);
    let text = format!("{here}{BODY}");
    let ssh = |key: &str| desk.by(key, "git", "sha512", text.as_bytes());
    let pgp = |who: &str, more: &[&str]| desk.pgp(who, NOON, more, text.as_bytes());
    let mut rows = Vec::new();
    let mut row = |kind, commit: String, git, ours, why| {
        rows.push(Row { kind, commit: commit.into_bytes(), day: DAY, git, ours, why });
    };
    row("unsigned", text.clone(), "N", false, "");
    for kind in ["ed", "rsa", "p256", "p384"] {
        row(kind, with(&here, &ssh(kind)), "G", true, "");
        row(kind, with(&here, &desk.by(kind, "git", "sha256", text.as_bytes())), "G", true, "");
    }
    row("armour in lines of 64", with(&here, &wrapped(&ssh("ed"), 64)), "G", true, "");
    row(
        "a last line of one space",
        with(&here, &ssh("ed")).replace("END SSH SIGNATURE-----\n", "END SSH SIGNATURE-----\n \n"),
        "G",
        true,
        "",
    );
    row("unknown key", with(&here, &ssh("stranger")), "U", false, "");
    row("made for files", with(&here, &desk.by("ed", "file", "sha512", text.as_bytes())), "B", false, "");
    row("changed message", with(&here, &ssh("ed")).replace("A-01", "A-02"), "B", false, "");
    row("changed author", with(&here, &ssh("ed")).replacen("王芳", "李娜", 1), "B", false, "");
    row("key of later", with(&here, &ssh("coming")), "U", false, "");
    row("key of before", with(&here, &ssh("old")), "U", false, "");
    let back = dated("2026-01-20");
    let early = desk.by("old", "git", "sha512", format!("{back}{BODY}").as_bytes());
    row(
        "key of before, dated back",
        with(&back, &early),
        "G",
        false,
        "git believes the commit's own date; the line's clock does not run backwards",
    );
    let other = head("li@example.org", DAY);
    let borrowed = desk.by("ed", "git", "sha512", format!("{other}{BODY}").as_bytes());
    row("another's address", with(&other, &borrowed), "G", true, "");
    let certificate = desk.by("certified-cert.pub", "git", "sha512", text.as_bytes());
    row("certificate", with(&here, &certificate), "U", false, "");
    let tagged = format!(
        "{here}mergetag object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n type commit\n tag v1\n \n {}\n",
        ssh("ed").trim_end().replace('\n', "\n ")
    );
    let over = desk.by("ed", "git", "sha512", format!("{tagged}{BODY}").as_bytes());
    row("merge of a signed tag", with(&tagged, &over), "G", true, "");
    row("in the message", format!("{here}{BODY}\n{}", header("gpgsig", &ssh("ed"))), "N", false, "");
    row("more after a zero byte", format!("{}\0more", with(&here, &ssh("ed"))), "B", false, "");
    row(
        "two signatures",
        format!("{here}{}{}{BODY}", header("gpgsig", &ssh("ed")), header("gpgsig", &ssh("p256"))),
        "G",
        false,
        "git reads the first; which one is meant is a guess",
    );
    row(
        "a signature for SHA-256 before it",
        format!("{here}{}{}{BODY}", header("gpgsig-sha256", &ssh("p256")), header("gpgsig", &ssh("ed"))),
        "G",
        false,
        "another implementation may read the other",
    );
    row("X.509", with(&here, "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----"), "N", false, "");
    row("broken armour", with(&here, "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----"), "B", false, "");
    if cfg!(feature = "openpgp") {
        row("OpenPGP", with(&here, &pgp("first@example.org", &[])), "G", true, "");
        row("OpenPGP, RSA", with(&here, &pgp("rsa@example.org", &[])), "G", true, "");
        row("OpenPGP, subkey", with(&here, &pgp("sub@example.org", &[])), "G", true, "");
        row("OpenPGP, unknown", with(&here, &pgp("unknown@example.org", &[])), "E", false, "");
        row("OpenPGP, changed", with(&here, &pgp("first@example.org", &[])).replace("A-01", "A-02"), "B", false, "");
        row("OpenPGP, over text", with(&here, &pgp("first@example.org", &["--textmode"])), "G", false, "git signs bytes, never text");
        row(
            "OpenPGP, SHA-1",
            with(&here, &pgp("first@example.org", &["--digest-algo", "SHA1"])),
            "G",
            false,
            "two texts with one SHA-1 can be made",
        );
        row("OpenPGP, with an end", with(&here, &pgp("first@example.org", &["--default-sig-expire", "2026-03-20"])), "X", false, "");
        row("OpenPGP, key ended since", with(&here, &pgp("ended@example.org", &[])), "Y", true, "it had not ended on the day of the merge");
        row("OpenPGP, revoked", with(&here, &pgp("revoked@example.org", &[])), "R", false, "");
        row("OpenPGP, broken", with(&here, "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----"), "N", false, "");
        let late = Row {
            kind: "OpenPGP, after its end",
            day: "2026-04-10",
            git: "Y",
            ours: false,
            why: "",
            commit: with(&here, &pgp("ended@example.org", &[])).into_bytes(),
        };
        rows.push(late);
    }
    assert!(rows.len() >= 30, "{}", rows.len());

    // Revoked after it signed, as a lost key is. (gpg adds a colon, so that nobody does it by mistake.)
    let revocation = desk.root.join("gnupg/openpgp-revocs.d");
    let revoked = desk.gpg(NOON, &["--list-keys", "--with-colons", "revoked@example.org"], b"");
    let print = revoked.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().trim_matches(':').to_owned();
    let text = std::fs::read_to_string(revocation.join(format!("{print}.rev"))).unwrap().replace(":-----BEGIN", "-----BEGIN");
    let before = desk.certificate("revoked@example.org");
    desk.gpg(NOON, &["--import"], text.as_bytes());
    let unusable = desk.certificate("revoked@example.org").parse::<anjuan::archive::history::signature::Key>();
    assert_ne!(before, desk.certificate("revoked@example.org"));

    let mut register = format!(
        "people:\n  - id: wang\n    name: 王芳\n    emails: [wang@example.org]\n    keys:\n      - key: {}\n      - key: {}\n      - key: {}\n      - key: {}\n      - {{ key: {}, until: 2026-01-31 }}\n      - {{ key: {}, from: 2026-06-01 }}\n",
        desk.public("ed"),
        desk.public("rsa"),
        desk.public("p256"),
        desk.public("p384"),
        desk.public("old"),
        desk.public("coming"),
    );
    if cfg!(feature = "openpgp") {
        assert_eq!(unusable, Err(anjuan::archive::history::signature::NoKey::CannotSign));
        for who in ["first", "rsa", "ended", "sub"] {
            register.push_str(&format!("      - key: |\n          {}\n", block(&desk.certificate(&format!("{who}@example.org")))));
        }
    } else {
        assert_eq!(unusable, Err(anjuan::archive::history::signature::NoKey::NotBuiltIn));
    }
    let (people, found) = People::read(&Source::new("people.yaml", register));
    assert!(found.is_empty(), "{found:?}");
    std::fs::write(desk.root.join("allowed"), people.allowed_signers()).unwrap();
    desk.gpg(NOON, &["--delete-secret-and-public-key", &unknown(&desk)], b"");

    let mut told = Vec::new();
    for row in &rows {
        let day: NaiveDate = row.day.parse().unwrap();
        let ours = match seal(&row.commit) {
            Seal::Made(made) => people.signer(&made, day).is_some(),
            Seal::Unsigned | Seal::Refused(_) => false,
        };
        let verdict = desk.verdict(&row.commit);
        assert!((verdict == "G") == ours || !row.why.is_empty(), "{}: git says {verdict}, we say {ours}, and nobody says why", row.kind);
        if (verdict.as_str(), ours) != (row.git, row.ours) {
            told.push(format!("{}: git says {verdict}, not {}; we say {ours}, not {}", row.kind, row.git, row.ours));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The fingerprint of the key that nobody is to know.
fn unknown(desk: &Desk) -> String {
    let listed = desk.gpg(NOON, &["--list-keys", "--with-colons", "unknown@example.org"], b"");
    listed.lines().find_map(|line| line.strip_prefix("fpr:")).unwrap().trim_matches(':').to_owned()
}

/// What the register and the settings say of OpenPGP is what approvals are judged by.
#[test]
#[cfg(feature = "openpgp")]
fn a_merge_that_is_signed_with_openpgp_counts_as_her_own_and_a_forges_as_the_forges() {
    if !installed() {
        return;
    }
    let desk = Desk::new();
    for who in ["wang@example.org", "forge@example.org"] {
        desk.gpg("20260101T120000", &["--quick-gen-key", who, "ed25519", "sign", "never"], b"");
    }
    let approved = |signer: &str, strength: &str| {
        let mut place = Place::new();
        place.write("rulebook/articles.yaml", "- { article: '1', number: 第一条, chapter: 总则, gist: 测试, enforced: rules }\n");
        place.write("rulebook/rules/t.yaml", "- id: T1\n  article: '1'\n  title: 测试规则\n  applies: { form: L1 }\n  must: { approval: { by: [组长], not: [author], covers: all } }\n  severity: error\n");
        place.write("people.yaml", &format!(
            "people:\n  - {{ id: li, name: 李娜, emails: [li@example.org] }}\n  - id: wang\n    name: 王芳\n    emails: [wang@example.org]\n    roles: [ {{ role: 组长, from: 2020-01-01 }} ]\n    keys:\n      - key: |\n          {}\n",
            block(&desk.certificate("wang@example.org"))
        ));
        place.write(
            "anjuan.yaml",
            &format!(
                "organisation: 示例图书馆\napproval:\n  strength: {strength}\n  forge-keys:\n    - |\n          {}\n",
                block(&desk.certificate("forge@example.org"))
            ),
        );
        place.commit("main", "li", "2026-01-01");
        place.write("loans/A-01/L1.md", "---\n表单: L1\n借出日期: 2026-03-06\n经手人: 李娜\n---\n");
        place.commit("open", "li", "2026-03-07").merge("open", "wang", "2026-03-09", &["wang"]);
        place.checkout();
        if !signer.is_empty() {
            sign(&desk, &place.root, signer);
        }
        let root = place.root.to_str().unwrap();
        let out = anjuan(&["-C", root, "--today", "2026-06-30", "audit"]);
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    assert_eq!(approved("wang@example.org", "person-signed").0, Some(0));
    assert_eq!(approved("forge@example.org", "forge-signed").0, Some(0));
    let (code, said) = approved("forge@example.org", "person-signed");
    assert!(code == Some(1) && said.contains("凭本人签名"), "{said}");
    assert_eq!(approved("", "forge-signed").0, Some(1));
}

/// Signs the commit that stands at the tip, as git does it.
#[cfg(feature = "openpgp")]
fn sign(desk: &Desk, root: &Path, who: &str) {
    let tip = git(root, &["cat-file", "commit", "HEAD"]);
    let (before, body) = tip.split_once("\n\n").unwrap();
    let armour = desk.pgp(who, NOON, &[], tip.as_bytes());
    let signed = format!("{before}\n{}\n{body}", header("gpgsig", &armour));
    let mut store = Command::new("git");
    let id = run(store.arg("-C").arg(root).args(["hash-object", "-t", "commit", "-w", "--stdin"]), signed.as_bytes());
    git(root, &["update-ref", "refs/heads/main", String::from_utf8(id).unwrap().trim()]);
}
