//! `anjuan textconv`: a file as git shall show it in differences.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::ring::Ring;
use super::{Ended, Shell, replace};
use crate::archive::encryption::{Keys, armour, parts};
use crate::archive::{Archive, Record};
use crate::diagnostic::Language;
use crate::failure::Failure;
use crate::say;
use crate::source::Source;

/// The line by which git knows which files to show so.
const ATTRIBUTE: &str = "*.md diff=anjuan";

/// Print a record in clear, as far as your key opens it, for git diff 差异显示
///
/// Without a key the encrypted parts are a placeholder that changes when they do. It never asks for a passphrase and never
/// fails because of what is in the file.
#[derive(Debug, Args)]
pub struct Textconv {
    /// The file
    #[arg(required_unless_present = "install")]
    file: Option<PathBuf>,
    /// Tell git, in this clone only, to use it for records
    #[arg(long, conflicts_with = "file")]
    install: bool,
    /// The archive whose keys are tried; the one around when none is named
    #[arg(long, value_name = "DIR", conflicts_with = "install")]
    archive: Option<PathBuf>,
    /// Your SSH private key without passphrase; ~/.ssh/id_ed25519 or id_rsa when none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Textconv {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        match &self.file {
            Some(file) => self.convert(shell, file),
            None => self.install(shell),
        }
    }

    fn convert(&self, shell: &Shell, file: &Path) -> Result<Ended, Failure> {
        let path = shell.directory.join(file);
        let bytes = std::fs::read(&path).map_err(|error| Failure::io("读不到", "cannot read", &path, error))?;
        let text = String::from_utf8_lossy(&bytes);
        if armour::find(&text).is_none() {
            shell.put(&bytes)?;
            return Ok(Ended::Clean);
        }
        let archive = self.archive.as_ref().map_or_else(|| shell.directory.clone(), |archive| shell.directory.join(archive));
        let (keys, language) = match Archive::find(&archive) {
            Ok(root) => Archive::keys_at(&root),
            Err(_) => (Keys::default(), Language::default()),
        };
        let language = shell.language.unwrap_or(language);
        // git shows no difference at all where this fails.
        let ring = Ring::of(shell, self.key.as_deref(), false, language).unwrap_or_default();
        shell.print(&shown(&text, &ring, &keys, language))?;
        Ok(Ended::Clean)
    }

    fn install(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let said = git(&root, &["rev-parse", "--git-path", "info/attributes"])?;
        let prefix = git(&root, &["rev-parse", "--show-prefix"])?;
        let mut command = "anjuan textconv".to_owned();
        // git runs it at the top of the working tree, and not every archive lies there.
        if !prefix.is_empty() {
            command += &format!(" --archive {}", quoted(&prefix));
        }
        if let Some(key) = &self.key {
            let key = shell.directory.join(key);
            let key = key.canonicalize().map_err(|error| Failure::io("读不到私钥", "cannot read the private key", &key, error))?;
            command += &format!(" --key {}", quoted(&key.display().to_string()));
        }
        git(&root, &["config", "diff.anjuan.textconv", &command])?;
        // A cache would keep what was decrypted, in the repository.
        git(&root, &["config", "diff.anjuan.cachetextconv", "false"])?;
        let file = root.join(said);
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        if !before.lines().any(|line| line == ATTRIBUTE) {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder).map_err(|error| Failure::io("建不了文件夹", "cannot make the folder", folder, error))?;
            }
            let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
            replace(&file, format!("{before}{gap}{ATTRIBUTE}\n").as_bytes())?;
        }
        shell.print(&format!("{}\n", file.display()))?;
        Ok(Ended::Clean)
    }
}

/// A record with its encrypted parts in clear, or with what stands for them.
fn shown(text: &str, ring: &Ring, keys: &Keys, language: Language) -> String {
    let record = Record::parse(&Source::new("", text)).0;
    let plain = |part: &parts::Part| match armour::read(&text[part.span.start..part.span.end]) {
        Ok(sealed) => ring.decrypt(keys, &sealed).unwrap_or_else(|closed| {
            let (tag, digest, why) = (sealed.tag().unwrap_or("?"), sealed.digest(), closed.text());
            let said = say!("（已加密 {tag} {digest}：{why}）", "(encrypted {tag} {digest}: {why})"; why);
            placed(part, said.in_language(language))
        }),
        Err(fault) => {
            let why = fault.kind.text();
            let said = say!("（密文损坏：{why}）", "(damaged: {why})"; why);
            placed(part, said.in_language(language))
        }
    };
    let changes = parts::of(&record).iter().filter(|part| part.encrypted).map(|part| (part.span, plain(part))).collect();
    parts::replaced(text, changes)
}

/// A field's value stands behind a space.
fn placed(part: &parts::Part, text: &str) -> String {
    if part.section { text.to_owned() } else { format!(" {text}") }
}

/// A word for the shell that git gives the command to.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn git(root: &Path, args: &[&str]) -> Result<String, Failure> {
    let out = Command::new("git").arg("-C").arg(root).args(args).output();
    let said = out.map_err(|error| Failure::new(say!("找不到 git", "git was not found"), error))?;
    if !said.status.success() {
        let why = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        return Err(Failure::new(say!("git 不肯", "git refused"), why));
    }
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}
