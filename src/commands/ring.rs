//! The keys at hand: somebody's SSH key, and the dossier keys that it opens.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use console::Term;

use super::Shell;
use crate::archive::Archive;
use crate::archive::encryption::Keys;
use crate::archive::encryption::armour::{self, Sealed};
use crate::archive::encryption::cipher::{Asked, DossierKey, Refusal, SshKey};
use crate::diagnostic::{Language, Text};
use crate::failure::Failure;
use crate::rulebook::encryption::owner;
use crate::say;

/// Where people keep the keys that ssh makes.
const OWN: &[&str] = &["id_ed25519", "id_rsa"];

/// Keys at hand.
#[derive(Default)]
pub(super) struct Ring {
    keys: Vec<(SshKey, Asked)>,
    opened: RefCell<BTreeMap<PathBuf, Result<Rc<DossierKey>, Refusal>>>,
}

/// Why a part cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// There is no SSH key at hand.
    Nothing,
    /// There is no file of that key.
    NoFile,
    /// None of the SSH keys opens the key's file, or there is none.
    NoKey(Refusal),
    /// The key is there and does not fit.
    Refused(Refusal),
}

impl Ring {
    /// The key in that file, else those in `~/.ssh`. `ask` for a passphrase where there is no other way.
    ///
    /// # Errors
    /// If the file that was named is no key, or needs a passphrase that nobody can be asked for.
    pub(super) fn of(shell: &Shell, named: Option<&Path>, ask: bool, language: Language) -> Result<Self, Failure> {
        let mut found: Vec<(PathBuf, SshKey)> = Vec::new();
        if let Some(path) = named {
            let path = shell.directory.join(path);
            let text =
                std::fs::read_to_string(&path).map_err(|error| Failure::io("读不到私钥", "cannot read the private key", &path, error))?;
            found.push((path.clone(), SshKey::read(&text, &path.display().to_string())?));
        } else if let Some(home) = std::env::home_dir() {
            for path in OWN.iter().map(|name| home.join(".ssh").join(name)) {
                let key = std::fs::read_to_string(&path).ok().and_then(|text| SshKey::read(&text, &path.display().to_string()).ok());
                found.extend(key.map(|key| (path, key)));
            }
        }
        let (locked, open): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, key)| key.needs_passphrase());
        let mut keys: Vec<(SshKey, Asked)> = open.into_iter().map(|(_, key)| (key, Asked::default())).collect();
        if keys.is_empty() && ask {
            for (path, key) in locked {
                keys.push((key, Asked(Some(passphrase(&path, language)?))));
            }
        }
        Ok(Self { keys, opened: RefCell::default() })
    }

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The dossier's key of that tag.
    ///
    /// # Errors
    /// Why it is not to be had.
    pub(super) fn key(&self, keys: &Keys, tag: &str) -> Result<Rc<DossierKey>, Closed> {
        if self.is_empty() {
            return Err(Closed::Nothing);
        }
        let mut last = Closed::NoFile;
        for file in keys.files.iter().filter(|file| file.tag == tag) {
            let mut opened = self.opened.borrow_mut();
            let result = opened.entry(file.path.clone()).or_insert_with(|| self.unwrap(&file.path));
            match result {
                Ok(key) => return Ok(Rc::clone(key)),
                Err(refusal) => last = Closed::NoKey(*refusal),
            }
        }
        Err(last)
    }

    fn unwrap(&self, path: &Path) -> Result<Rc<DossierKey>, Refusal> {
        let text = std::fs::read_to_string(path).map_err(|_| Refusal::Damaged)?;
        let sealed = armour::read(&text).map_err(|_| Refusal::Damaged)?;
        let mut last = Refusal::WrongKey;
        for (key, asked) in &self.keys {
            match DossierKey::unwrap(&sealed, key, asked) {
                Ok(key) => return Ok(Rc::new(key)),
                Err(Refusal::WrongKey) => {}
                Err(refusal) => last = refusal,
            }
        }
        Err(last)
    }

    /// Decrypts a part.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn decrypt(&self, keys: &Keys, sealed: &Sealed) -> Result<String, Closed> {
        let tag = sealed.tag().ok_or(Closed::NoFile)?;
        self.key(keys, tag)?.decrypt(sealed).map_err(Closed::Refused)
    }
}

fn passphrase(path: &Path, language: Language) -> Result<String, Failure> {
    let at = path.display();
    let term = Term::stderr();
    if !term.is_term() {
        return Err(Failure::plain(say!(
            "私钥 {at} 有口令，而这里没有终端可以询问",
            "the private key {at} has a passphrase, and there is no terminal to ask for it"
        ))
        .help(say!(
            "在终端里运行，或用 --key 指明没有口令的私钥",
            "run it in a terminal, or name a private key without passphrase with --key"
        )));
    }
    let failed = |error| Failure::new(say!("读不到口令", "cannot read the passphrase"), error);
    term.write_str(say!("{at} 的口令：", "passphrase of {at}: ").in_language(language)).map_err(failed)?;
    term.read_secure_line().map_err(failed)
}

impl Closed {
    /// We cannot work without the key of `number`.
    pub(super) fn failure(self, archive: &Archive, number: &str, tag: &str) -> Failure {
        match self {
            Self::Nothing => Failure::plain(say!("没有可用的 SSH 私钥", "there is no SSH private key at hand")).help(say!(
                "用 --key 指明私钥文件；默认找 ~/.ssh/id_ed25519 与 id_rsa",
                "name its file with --key; else ~/.ssh/id_ed25519 and id_rsa are tried"
            )),
            Self::NoFile => {
                let folder = &archive.config.keys;
                Failure::plain(say!("{folder} 里没有 {number} 的钥匙文件（{tag}）", "there is no key file of {number} ({tag}) in {folder}")).help(say!(
                    "向持钥人要 {number}.{tag}.age 放进 {folder}，或在 anjuan.yaml 的 keys 指明共用的文件夹；已销毁的找不回来",
                    "get {number}.{tag}.age from a holder and put it into {folder}, or name the shared folder as `keys` in anjuan.yaml; what was destroyed is gone"
                ))
            }
            Self::NoKey(refusal) => {
                let file = archive.keys.files.iter().find(|file| file.tag == tag);
                let number = file.map_or(number, |file| &file.number);
                let tags = file.and_then(|file| file.opened_by.clone()).unwrap_or_default();
                let names: Vec<&str> =
                    tags.iter().filter_map(|tag| owner(&archive.people, tag)).map(|person| person.name.as_str()).collect();
                let (names, why) = (names.join("、"), refusal.text());
                Failure::plain(say!("这把 SSH 私钥打不开 {number} 的钥匙：{why}", "this SSH private key does not open the key of {number}: {why}"; why))
                    .help(say!("打得开的人：{names}；该有而没有的，请他们运行 anjuan keys --update {number}", "it opens for {names}; let them run anjuan keys --update {number} for whoever should be among them"))
            }
            Self::Refused(refusal) => Failure::plain(refusal.text()),
        }
    }

    /// Why, in words.
    pub(super) fn text(self) -> Text {
        match self {
            Self::Nothing => say!("没有可用的 SSH 私钥", "there is no SSH private key at hand"),
            Self::NoFile => say!("没有钥匙文件", "there is no key file"),
            Self::NoKey(refusal) | Self::Refused(refusal) => refusal.text(),
        }
    }
}
