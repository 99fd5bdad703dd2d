//! Facts: what is there. Files, people, dossiers, commits; no opinion about any of them.

pub mod config;
pub mod encryption;
pub mod history;
pub mod items;
mod journal;
mod kept;
pub mod people;
pub mod record;
pub mod timeline;
pub mod versions;
pub mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, Severity};
use crate::failure::Failure;
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};

use history::Oid;
use timeline::FieldChange;

pub use config::Config;
pub use history::{Blobs, Committed, History};
pub use people::{People, Person};
pub use record::Record;
pub use versions::{Outline, Versions};

/// Largest text file that is read, in bytes. Scans and other originals are never read.
pub const MAX_TEXT: u64 = 1 << 20;

/// Everything that is there.
pub struct Archive {
    /// The folder.
    pub root: PathBuf,
    /// Its settings.
    pub config: Config,
    /// Everybody.
    pub people: People,
    /// All records, sorted by path.
    pub records: Vec<Record>,
    /// How each record (same order) stands to the head commit.
    pub committed: Vec<Committed>,
    /// Every other file under the archive with its size in bytes: originals, scans.
    pub files: BTreeMap<String, u64>,
    /// Keys of dossiers.
    pub keys: encryption::Keys,
    /// What git knows.
    pub history: Arc<History>,
    /// Contents of earlier versions.
    pub blobs: Arc<Blobs>,
    /// What was read of earlier versions.
    pub versions: Arc<Versions>,
    /// What was wrong while reading.
    pub findings: Vec<Diagnostic>,
}

/// A folder of records: `FOLDER/NUMBER/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// `cases`.
    pub folder: String,
    /// `NS-C2026-003`.
    pub number: String,
    /// Indices into [`Archive::records`], sorted by path.
    pub records: Vec<usize>,
}

/// How to read an archive.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Whether the history may be taken from the cache (and written to it).
    pub cache: bool,
    /// Whether object hashes are verified while walking (slower; for audits).
    pub verify: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self { cache: true, verify: false }
    }
}

impl Archive {
    /// The archive that holds `start`: the nearest folder upward with an `anjuan.yaml`.
    pub fn find(start: &Path) -> Result<PathBuf, Failure> {
        let start = start.canonicalize().map_err(|e| Failure::io("打不开文件夹", "cannot open folder", start, e))?;
        let found = start.ancestors().find(|dir| dir.join(config::FILE).is_file());
        found.map(Path::to_path_buf).ok_or_else(|| {
            let dir = start.display();
            Failure::plain(say!("{dir} 不在任何档案库内（向上没有 anjuan.yaml）", "{dir} is not inside an archive (no anjuan.yaml upward)"))
                .help(say!(
                    "进入档案库，或用 -C 指明；新建用 anjuan init",
                    "enter an archive or name it with -C; make one with anjuan init"
                ))
        })
    }

    /// Reads everything. Content is never a failure; only the environment is.
    pub fn read(root: &Path, reading: Reading) -> Result<Self, Failure> {
        let mut findings = Vec::new();
        let config = read_config(root, &mut findings);
        let (history, blobs) = History::read(root, &config.branch, reading.cache, reading.verify)?;
        Ok(Self::over(root, config, history, blobs, findings))
    }

    /// Reads part of an archive that was laid out in a folder outside its repository, over a history that was read elsewhere.
    pub fn laid_out(root: &Path, history: History, blobs: Blobs) -> Self {
        let mut findings = Vec::new();
        let config = read_config(root, &mut findings);
        Self::over(root, config, history, blobs, findings)
    }

    fn over(root: &Path, config: Config, history: History, blobs: Blobs, mut findings: Vec<Diagnostic>) -> Self {
        let people = read_people(root, &mut findings);
        let (paths, files) = list(root, "", &config, &mut findings);
        let keys = encryption::Keys::read(root, &config, files.keys().map(String::as_str), &mut findings);
        if !paths.is_empty() {
            // Where there is no record, nothing about records is unknown.
            findings.extend(history.limits.iter().map(history::Limit::diagnostic));
        }
        let (records, committed) = read_records(root, &paths, &BTreeMap::new(), &history, &mut findings);
        Self {
            root: root.to_path_buf(),
            config,
            people,
            records,
            committed,
            files,
            keys,
            versions: Arc::new(Versions::new(history.kept())),
            history: Arc::new(history),
            blobs: Arc::new(blobs),
            findings,
        }
    }

    /// What its folder is called, as reports have it.
    pub fn name(&self) -> String {
        self.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The end of a process that needs nothing more: writes down what was learnt and leaves the memory to the system. To give
    /// back records one by one takes a tenth of a check.
    pub fn leave(self) {
        self.versions.keep();
        std::mem::forget(self);
    }

    /// The dossier in `folder` (such as `cases/NS-C2026-003`) as it lies there now, with what is known already of people,
    /// settings, history and other files, and without all other records. `open` are texts that somebody is writing, by path: they
    /// take the place of what lies there.
    pub fn narrowed(&self, folder: &str, open: &BTreeMap<String, String>) -> Self {
        let below = format!("{folder}/");
        let (mut findings, mut files) = (Vec::new(), self.files.clone());
        files.retain(|path, _| !path.starts_with(&below));
        let there = self.root.join(folder).is_dir();
        let (mut paths, own) = if there { list(&self.root, folder, &self.config, &mut findings) } else { Default::default() };
        files.extend(own);
        paths.extend(open.keys().filter(|path| path.starts_with(&below) && is_record(path)).cloned());
        paths.sort();
        paths.dedup();
        let (records, committed) = read_records(&self.root, &paths, open, &self.history, &mut findings);
        self.part(records, committed, files, findings)
    }

    /// The same dossier as it lay there when this was read.
    pub fn remembered(&self, folder: &str) -> Self {
        let below = format!("{folder}/");
        let own = self.records.iter().zip(&self.committed).filter(|(record, _)| record.path().starts_with(&below));
        let (records, committed) = own.map(|(record, committed)| (record.clone(), *committed)).unzip();
        let findings = self.findings.iter().filter(|finding| finding.path().starts_with(&below)).cloned().collect();
        self.part(records, committed, self.files.clone(), findings)
    }

    /// Some of its records, over all else that is known.
    fn part(&self, records: Vec<Record>, committed: Vec<Committed>, files: BTreeMap<String, u64>, findings: Vec<Diagnostic>) -> Self {
        Self {
            root: self.root.clone(),
            config: self.config.clone(),
            people: self.people.clone(),
            records,
            committed,
            files,
            keys: self.keys.clone(),
            history: Arc::clone(&self.history),
            blobs: Arc::clone(&self.blobs),
            versions: Arc::clone(&self.versions),
            findings,
        }
    }

    /// The record at a path.
    pub fn record(&self, path: &str) -> Option<&Record> {
        self.records.binary_search_by(|record| record.path().cmp(path)).ok().map(|at| &self.records[at])
    }

    /// The dossiers: every folder two levels down that holds records, sorted by path.
    pub fn dossiers(&self) -> Vec<Dossier> {
        let mut found: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (index, record) in self.records.iter().enumerate() {
            if let Some(home) = home(record.path()) {
                found.entry(home).or_default().push(index);
            }
        }
        found
            .into_iter()
            .map(|((folder, number), records)| Dossier { folder: folder.to_owned(), number: number.to_owned(), records })
            .collect()
    }

    /// What differs between two versions of a record.
    pub fn changed(&self, index: usize, record: &Record, old: Oid, new: Oid) -> Vec<FieldChange> {
        let is_newest = self.committed[index] == Committed::Committed && self.history.at_head(record.path()) == Some(new);
        self.versions.between(&self.blobs, record.path(), old, new, is_newest.then_some(record))
    }

    /// The settings of the archive at `root`, without reading anything else; what is wrong with them is said by a reading.
    pub fn settings(root: &Path) -> Config {
        read_config(root, &mut Vec::new())
    }

    /// The secret keys at hand in the archive at `root` and its language, without reading anything else.
    pub fn keys_at(root: &Path) -> (encryption::Keys, crate::diagnostic::Language) {
        let config = Self::settings(root);
        (encryption::Keys::read(root, &config, std::iter::empty(), &mut Vec::new()), config.language())
    }

    /// Reads one more text of the archive, such as a file of the rulebook.
    pub fn text(root: &Path, path: &str, findings: &mut Vec<Diagnostic>) -> Option<SharedSource> {
        text(root, path, findings)
    }
}

/// `cases/NS-C2026-003/C03.md` → (`cases`, `NS-C2026-003`).
pub fn home(path: &str) -> Option<(&str, &str)> {
    let (folder, rest) = path.split_once('/')?;
    let (number, _) = rest.split_once('/')?;
    Some((folder, number))
}

fn read_config(root: &Path, findings: &mut Vec<Diagnostic>) -> Config {
    let Some(source) = text(root, config::FILE, findings) else { return Config::default() };
    let (config, mut said) = Config::read(&source);
    findings.append(&mut said);
    config
}

fn read_people(root: &Path, findings: &mut Vec<Diagnostic>) -> People {
    if !root.join(people::FILE).is_file() {
        findings.push(
            Diagnostic::error(
                "A201",
                None,
                say!("缺少 people.yaml，无法知道谁是谁、谁可以审批", "people.yaml is missing: nobody is known and nobody can approve"),
            )
            .help(say!("写一份 people.yaml；样式见使用指引或 anjuan init", "write people.yaml; see the guide or anjuan init")),
        );
        return People::default();
    }
    let Some(source) = text(root, people::FILE, findings) else { return People::default() };
    let (people, mut said) = People::read(&source);
    findings.append(&mut said);
    people
}

/// Names at the root that are the engine's own and hold no records.
const OWN: &[&str] = &["theme", "guide", "site", "target", "node_modules"];

/// Reads records, from `open` those that are in it, and how each stands to the head commit.
fn read_records(
    root: &Path,
    paths: &[String],
    open: &BTreeMap<String, String>,
    history: &History,
    findings: &mut Vec<Diagnostic>,
) -> (Vec<Record>, Vec<Committed>) {
    let read: Vec<_> = paths
        .par_iter()
        .map(|path| {
            let mut said = Vec::new();
            let bytes = match open.get(path) {
                Some(text) => text.clone().into_bytes(),
                None => bytes(root, path, &mut said)?,
            };
            let committed = history.status_of(path, &bytes);
            let source = decode(path, bytes, &mut said);
            let (record, mut more) = Record::parse(&source);
            said.append(&mut more);
            Ok((record, committed, said))
        })
        .collect::<Vec<Result<_, Vec<Diagnostic>>>>();
    let (mut records, mut committed) = (Vec::new(), Vec::new());
    for result in read {
        match result {
            Ok((record, status, mut said)) => {
                records.push(record);
                committed.push(status);
                findings.append(&mut said);
            }
            Err(mut said) => findings.append(&mut said),
        }
    }
    (records, committed)
}

/// The records in a folder of the archive and below, sorted, and the other files with their sizes in bytes.
fn list(root: &Path, folder: &str, config: &Config, findings: &mut Vec<Diagnostic>) -> (Vec<String>, BTreeMap<String, u64>) {
    let (mut records, mut files) = (Vec::new(), BTreeMap::new());
    let relative = |path: &Path| path.strip_prefix(root).ok().map(|p| p.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    let ignored = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.starts_with('.')
            || !path.contains('/') && (OWN.contains(&path) || path == config.rulebook || path == config.keys)
            || config.ignore.iter().any(|own| own.trim_end_matches('/') == path)
    };
    let walk = WalkDir::new(root.join(folder)).follow_links(false).sort_by_file_name().min_depth(1).into_iter();
    for entry in walk.filter_entry(|e| !(ignored(&relative(e.path())) || e.file_type().is_dir() && e.path().join(".anjuan-site").exists()))
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map(relative).unwrap_or_default();
                findings.push(unreadable(&path, &error));
                continue;
            }
        };
        let path = relative(entry.path());
        if entry.file_type().is_symlink() {
            let source = Source::new(path.as_str(), "");
            findings.push(
                Diagnostic::error(
                    "A104",
                    Place::file(&source),
                    say!("{path} 是符号链接，不会被跟随", "{path} is a symbolic link and is not followed"),
                )
                .help(say!("把真实文件放进档案", "put the real file into the archive")),
            );
        } else if entry.file_type().is_file() {
            if is_record(&path) {
                records.push(path);
            } else {
                files.insert(path, entry.metadata().map_or(0, |m| m.len()));
            }
        }
    }
    records.sort();
    (records, files)
}

/// Whether a file is a record, by its path.
fn is_record(path: &str) -> bool {
    path.contains('/') && path.ends_with(".md") && !path.ends_with("/README.md")
}

fn unreadable(path: &str, why: &dyn std::fmt::Display) -> Diagnostic {
    let source = Source::new(path, "");
    Diagnostic::error("A103", Place::file(&source), say!("读不到 {path}：{why}", "cannot read {path}: {why}"))
        .help(say!("检查文件的权限，或从备份取回", "check the permissions or restore the file"))
}

fn bytes(root: &Path, path: &str, findings: &mut Vec<Diagnostic>) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let full = root.join(path);
    let result =
        std::fs::metadata(&full).and_then(|meta| if meta.len() > MAX_TEXT { Ok(Err(meta.len())) } else { std::fs::read(&full).map(Ok) });
    match result {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(size)) => {
            let source = Source::new(path, "");
            findings.push(
                Diagnostic::error(
                    "A102",
                    Place::file(&source),
                    say!("文件有 {size} 字节，超过上限 {MAX_TEXT}，未读入", "{size} bytes; the limit is {MAX_TEXT}, the file was not read"),
                )
                .help(say!("记录只写文字；扫描件放进 originals/", "records hold text; put scans into originals/")),
            );
            Err(std::mem::take(findings))
        }
        Err(error) => {
            findings.push(unreadable(path, &error));
            Err(std::mem::take(findings))
        }
    }
}

fn text(root: &Path, path: &str, findings: &mut Vec<Diagnostic>) -> Option<SharedSource> {
    let mut said = Vec::new();
    match bytes(root, path, &mut said) {
        Ok(bytes) => Some(decode(path, bytes, findings)),
        Err(mut said) => {
            findings.append(&mut said);
            None
        }
    }
}

/// Bytes as text. What is not UTF-8 is read as what it is and named, so that nothing is lost.
fn decode(path: &str, bytes: Vec<u8>, findings: &mut Vec<Diagnostic>) -> SharedSource {
    const BOM: &[u8] = &[0xef, 0xbb, 0xbf];
    let marked = bytes.starts_with(BOM);
    match String::from_utf8(bytes) {
        Ok(text) => {
            if !marked {
                return Source::new(path, text);
            }
            let source = Source::new(path, &text[BOM.len()..]);
            findings.push(
                Diagnostic::new(
                    "A108",
                    Severity::Advice,
                    Place::file(&source),
                    say!("文件以 UTF-8 签名（BOM）开头", "the file starts with a byte order mark"),
                )
                .help(say!("另存为“UTF-8”而不是“带签名的 UTF-8”", "save it as UTF-8 without signature")),
            );
            source
        }
        Err(error) => {
            let bytes = error.into_bytes();
            let encoding = match encoding_rs::Encoding::for_bom(&bytes) {
                Some((encoding, _)) => encoding,
                None => encoding_rs::GB18030,
            };
            let (text, _, broken) = encoding.decode(&bytes);
            let name = if broken {
                "?"
            } else if encoding == encoding_rs::GB18030 {
                "GBK / GB18030"
            } else {
                encoding.name()
            };
            let source = Source::new(path, text.into_owned());
            let (zh, en) = if broken {
                (format!("{path} 不是 UTF-8 文字，也认不出是什么编码"), format!("{path} is not UTF-8 and its encoding is not recognised"))
            } else {
                (format!("{path} 是 {name} 编码（记事本的“ANSI”），不是 UTF-8"), format!("{path} is encoded in {name}, not UTF-8"))
            };
            findings.push(
                Diagnostic::error("A101", Place::new(&source, Span::at(0)), crate::diagnostic::Text::new(zh, en))
                    .help(say!("用编辑器“另存为”，编码选 UTF-8", "save it again with the encoding UTF-8")),
            );
            source
        }
    }
}
