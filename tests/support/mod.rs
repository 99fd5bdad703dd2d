//! Hermetic archives that speak in verbs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anjuan::archive::history::{Author, Scribe, Stamp};
use anjuan::archive::{Archive, Reading};
use anjuan::diagnostic::Language;
use anjuan::publish::report::human;
use anjuan::rulebook::Rulebook;
use chrono::NaiveDate;

/// The zone of the base archive.
const ZONE: i32 = 8 * 60;

/// An archive in a folder of its own, with a repository.
pub struct Place {
    _dir: tempfile::TempDir,
    pub root: PathBuf,
    scribe: Scribe,
    pending: Vec<(String, Option<Vec<u8>>)>,
    /// The branch of the last commit.
    last: String,
    /// What the next commit or merge says, where that matters.
    said: Option<String>,
    /// Whether the folder is as git left it elsewhere, so that nothing is to be checked out.
    settled: bool,
}

/// Somebody's key, the same in every run.
pub fn key(who: &str) -> ssh_key::PrivateKey {
    let mut seed = [7; 32];
    who.bytes().zip(&mut seed).for_each(|(byte, seed)| *seed = byte);
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&seed);
    ssh_key::PrivateKey::new(ssh_key::private::KeypairData::Ed25519(pair), who).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no date"))
}

impl Place {
    /// The base archive of the suites, nothing committed.
    pub fn new() -> Self {
        // Hundreds of small repositories: in memory where that is to be had.
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let root = dir.path().join("archive");
        let scribe = Scribe::init(&root, "main").unwrap();
        let mut place = Self {
            root: root.canonicalize().unwrap(),
            _dir: dir,
            scribe,
            pending: Vec::new(),
            last: "main".to_owned(),
            said: None,
            settled: false,
        };
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites/base");
        let mut files = Vec::new();
        walk(&base, &base, &mut files);
        for path in files {
            place.bytes(&path, std::fs::read(base.join(&path)).unwrap());
        }
        place
    }

    /// A text to be written; `@key(wang)` stands for the public key with which `sign` signs for wang.
    pub fn write(&mut self, path: &str, text: &str) -> &mut Self {
        let mut text = text.to_owned();
        while let Some(at) = text.find("@key(") {
            let end = at + text[at..].find(')').expect("@key(WHO)");
            let line = key(&text[at + 5..end]).public_key().to_openssh().unwrap();
            text.replace_range(at..=end, &line);
        }
        self.bytes(path, text.into_bytes())
    }

    pub fn bytes(&mut self, path: &str, bytes: Vec<u8>) -> &mut Self {
        self.pending.retain(|(own, _)| own != path);
        self.pending.push((path.to_owned(), Some(bytes)));
        self
    }

    pub fn remove(&mut self, path: &str) -> &mut Self {
        let before = self.pending.len();
        self.pending.retain(|(own, _)| own != path);
        if self.pending.len() == before {
            self.pending.push((path.to_owned(), None));
        }
        self
    }

    /// Changes a text that is pending, or stands on the branch of the last commit or on main.
    pub fn replace(&mut self, path: &str, from: &str, to: &str) -> &mut Self {
        let own = self.pending.iter().find(|(p, _)| p == path).and_then(|(_, bytes)| bytes.clone());
        let bytes = own.or_else(|| self.scribe.read(&self.last, path)).or_else(|| self.scribe.read("main", path));
        let text = String::from_utf8(bytes.unwrap_or_else(|| panic!("no file {path}"))).unwrap();
        assert!(text.contains(from), "{path} does not hold {from}");
        self.write(path, &text.replacen(from, to, 1))
    }

    /// The whole message of the next commit or merge.
    pub fn say(&mut self, message: &str) -> &mut Self {
        self.said = Some(message.to_owned());
        self
    }

    pub fn commit(&mut self, branch: &str, who: &str, when: &str) -> &mut Self {
        let changes = std::mem::take(&mut self.pending);
        branch.clone_into(&mut self.last);
        let message = self.said.take().unwrap_or_else(|| format!("{who} on {branch}"));
        self.scribe.commit(branch, "main", &author(who, when), &message, &changes).unwrap();
        self
    }

    pub fn merge(&mut self, branch: &str, who: &str, when: &str, approved_by: &[&str]) -> &mut Self {
        let message = self.message(branch, approved_by);
        self.merge_saying(branch, who, when, &message)
    }

    pub fn merge_saying(&mut self, branch: &str, who: &str, when: &str, message: &str) -> &mut Self {
        self.scribe.merge("main", branch, &author(who, when), message).unwrap();
        "main".clone_into(&mut self.last);
        self
    }

    /// A merge whose own commit holds what was written since: nobody saw it on a branch.
    pub fn alter(&mut self, branch: &str, who: &str, when: &str, approved_by: &[&str]) -> &mut Self {
        let message = self.message(branch, approved_by);
        let parents = [self.tip("main"), self.tip(branch)];
        let pending = std::mem::take(&mut self.pending);
        self.merge_saying(branch, who, when, &message);
        self.pending = pending;
        self.remake(&parents, who, when, &message)
    }

    /// One merge of several branches.
    pub fn octopus(&mut self, branches: &[&str], who: &str, when: &str, approved_by: &[&str]) -> &mut Self {
        let message = self.message(&branches.join(" "), approved_by);
        let parents: Vec<String> = std::iter::once("main").chain(branches.iter().copied()).map(|name| self.tip(name)).collect();
        for branch in branches {
            self.merge_saying(branch, who, when, &message);
        }
        self.remake(&parents, who, when, &message)
    }

    fn message(&mut self, branch: &str, approved_by: &[&str]) -> String {
        let trailers: String = approved_by.iter().map(|id| format!("Approved-by: {id} <{}>\n", email(id))).collect();
        self.said.take().unwrap_or_else(|| format!("Merge {branch}\n\n{trailers}"))
    }

    fn tip(&self, branch: &str) -> String {
        self.git(&["rev-parse", branch]).trim().to_owned()
    }

    /// Replaces the tip of the main branch by a commit of the same content and of what is pending, with these parents.
    fn remake(&mut self, parents: &[String], who: &str, when: &str, message: &str) -> &mut Self {
        let pending = std::mem::take(&mut self.pending);
        self.scribe.commit("main", "main", &author(who, when), message, &pending).unwrap();
        let at = format!("{when}T10:00:00+08:00");
        let mail = email(who);
        let env = ["NAME", "EMAIL", "DATE"].into_iter().zip([who, &mail, &at]);
        let env = env.flat_map(|(key, value)| [(format!("GIT_AUTHOR_{key}"), value), (format!("GIT_COMMITTER_{key}"), value)]);
        let parents = parents.iter().flat_map(|id| ["-p", id]);
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(["commit-tree", "main^{tree}", "-m", message]).args(parents).envs(env);
        let made = command.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.git(&["update-ref", "refs/heads/main", String::from_utf8_lossy(&made.stdout).trim()]);
        self
    }

    /// Signs the tip of a branch with somebody's key.
    pub fn sign(&mut self, branch: &str, who: &str) -> &mut Self {
        let text = self.git(&["cat-file", "commit", branch]);
        let signature = key(who).sign("git", ssh_key::HashAlg::Sha512, text.as_bytes()).unwrap();
        let armour = signature.to_pem(ssh_key::LineEnding::LF).unwrap().trim_end().replace('\n', "\n ");
        let (head, body) = text.split_once("\n\n").unwrap();
        let made = self.root.join(".git/signed");
        std::fs::write(&made, format!("{head}\ngpgsig {armour}\n\n{body}")).unwrap();
        let id = self.git(&["hash-object", "-t", "commit", "-w", made.to_str().unwrap()]);
        self.git(&["update-ref", &format!("refs/heads/{branch}"), id.trim()]);
        self
    }

    /// The same text under another path.
    pub fn rename(&mut self, from: &str, to: &str) -> &mut Self {
        let bytes = self.scribe.read(&self.last, from).unwrap_or_else(|| panic!("no file {from}"));
        self.bytes(to, bytes).remove(from)
    }

    /// From here on the archive is a clone that holds the newest commit only.
    pub fn shallow(&mut self) -> &mut Self {
        let clone = self.root.with_file_name("shallow");
        let from = format!("file://{}", self.root.display());
        git(&self.root, &["clone", "-q", "--depth", "1", "--branch", "main", &from, clone.to_str().unwrap()]);
        (self.root, self.settled) = (clone, true);
        self
    }

    /// From here on the archive is a folder and nothing more.
    pub fn lose_git(&mut self) -> &mut Self {
        self.checkout();
        std::fs::remove_dir_all(self.root.join(".git")).unwrap();
        self.settled = true;
        self
    }

    /// From here on this branch is checked out.
    pub fn stand(&mut self, branch: &str) -> &mut Self {
        self.scribe.checkout(branch).unwrap();
        self.settled = true;
        self
    }

    /// Shows in the working tree what there is to be judged.
    pub fn show(&mut self) -> &mut Self {
        if self.settled { self.lay_out() } else { self.checkout() }
    }

    /// Shows the main branch in the working tree and then writes what is pending, uncommitted.
    pub fn checkout(&mut self) -> &mut Self {
        self.scribe.checkout("main").unwrap();
        self.lay_out();
        self
    }

    /// Writes what is pending into the folder, whatever git knows.
    pub fn lay_out(&mut self) -> &mut Self {
        for (path, bytes) in std::mem::take(&mut self.pending) {
            let full = self.root.join(&path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            match bytes {
                Some(bytes) => std::fs::write(full, bytes).unwrap(),
                None => std::fs::remove_file(full).unwrap(),
            }
        }
        self
    }

    /// The findings as lines `path:line:column severity code message`.
    pub fn check(&self, today: &str) -> Vec<String> {
        check(&self.root, today)
    }

    /// The duties as lines `rule subject state due`.
    pub fn obligations(&self, today: &str) -> Vec<String> {
        let (archive, book) = open(&self.root);
        let judgement = book.judge(&archive, day(today));
        let line = |o: &anjuan::rulebook::Obligation| {
            let dossier = &judgement.world.dossiers[o.dossier];
            let subject = o.entry.map_or(dossier.number.as_str(), |e| dossier.entries[e].id.as_str());
            let due = o.outcome.due.map_or_else(String::new, |d| format!(" {d}"));
            let provisional = if o.outcome.provisional { " provisional" } else { "" };
            format!("{} {subject} {}{due}{provisional}", book.rules[o.rule].id.value, o.outcome.state.word())
        };
        judgement.obligations.iter().map(line).collect()
    }

    /// Commits everything pending but one file, and shows it.
    pub fn commit_without(&mut self, path: &str) -> &mut Self {
        self.pending.retain(|(own, _)| own != path);
        self.commit("main", "li", "2026-01-01").checkout()
    }

    pub fn git(&self, args: &[&str]) -> String {
        git(&self.root, args)
    }
}

pub fn git(dir: &Path, args: &[&str]) -> String {
    let out = Command::new("git").arg("-C").arg(dir).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// The worked example, made once for all tests that only read it.
pub fn demo() -> &'static str {
    static DEMO: std::sync::OnceLock<(tempfile::TempDir, String)> = std::sync::OnceLock::new();
    let made = || {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demo").to_str().unwrap().to_owned();
        assert_eq!(anjuan(&["demo", &path, "--no-papers"]).status.code(), Some(0));
        (dir, path)
    };
    &DEMO.get_or_init(made).1
}

/// Runs the program itself.
pub fn anjuan(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anjuan")).args(args).env("LANG", "C").env_remove("SOURCE_DATE_EPOCH").output().unwrap()
}

/// The pages of a site by their addresses.
pub fn pages(site: &Path) -> std::collections::BTreeMap<String, String> {
    let mut files = Vec::new();
    walk(site, site, &mut files);
    let page = |path: String| path.ends_with(".html").then(|| (path.clone(), std::fs::read_to_string(site.join(&path)).unwrap()));
    files.into_iter().filter_map(page).collect()
}

/// What stands in the cells of a workbook.
pub fn cells(file: &Path) -> Vec<String> {
    let book = anjuan::archive::workbook::Workbook::read(file).unwrap();
    let rows = book.sheets.iter().flat_map(|sheet| &sheet.rows);
    rows.flat_map(|row| &row.cells).map(|(_, cell)| cell.shown()).collect()
}

pub fn open(root: &Path) -> (Archive, Rulebook) {
    let archive = Archive::read(root, Reading::default()).unwrap();
    let book = Rulebook::read(root, &archive.config.rulebook).unwrap();
    (archive, book)
}

pub fn check(root: &Path, today: &str) -> Vec<String> {
    let (archive, book) = open(root);
    let judgement = book.judge(&archive, day(today));
    let line = |d: &anjuan::diagnostic::Diagnostic| {
        // Every finding must also print, in both languages, without a panic.
        assert!(!human::one(d, Language::Zh, false).is_empty() && !human::one(d, Language::En, true).is_empty());
        let at = d.place.as_ref().map_or_else(|| "-".to_owned(), |p| format!("{}:{}:{}", p.path(), p.start().line, p.start().column));
        format!("{at} {} {} {}", d.severity.word(), d.code, d.message.zh)
    };
    judgement.findings.iter().map(line).collect()
}

fn author(who: &str, when: &str) -> Author {
    let at = day(when).and_hms_opt(10, 0, 0).unwrap().and_utc().timestamp() - i64::from(ZONE) * 60;
    Author { name: who.to_owned(), email: email(who), at: Stamp { seconds: at, offset: ZONE }, key: None }
}

fn email(who: &str) -> String {
    if who.contains('@') { who.to_owned() } else { format!("{who}@example.org") }
}

fn walk(base: &Path, dir: &Path, out: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(base, &path, out);
        } else {
            out.push(path.strip_prefix(base).unwrap().to_string_lossy().into_owned());
        }
    }
}
