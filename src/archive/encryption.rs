//! Encrypted parts of records: what an `age` file in armour is, where it stands, and whose key opens it.
//!
//! Each dossier has a key pair of its own. The public half lies beside its records (`cases/NS-C2026-003/key.pub`), so that
//! everybody who writes can encrypt. The secret half lies in a folder that git does not keep (`keys/NS-C2026-003.TAG.age`),
//! encrypted itself to the SSH keys of those who may read. A value or section is one armoured file: a block scalar in the front
//! matter, a fenced block in a section. Whoever has no key reads everything else as before.
//!
//! Formats: `age-encryption.org/v1`. Every value carries, besides the stanza of the dossier's key, a stanza `-> anjuan TAG` that
//! names that key; other programs for age ignore it.

pub mod armour;
pub mod cipher;
pub mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Config, text};
use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{Place, Source};

use armour::Sealed;
use cipher::PublicKey;

/// The file of a dossier that holds its public key.
pub const PUBLIC: &str = "key.pub";

/// What is there of keys.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Public keys by the path of the dossier, such as `cases/NS-C2026-003`.
    pub public: BTreeMap<String, PublicKey>,
    /// Secret keys at hand, sorted by name.
    pub files: Vec<KeyFile>,
}

/// The file of one secret key, encrypted to those who may read.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// The number of the dossier.
    pub number: String,
    /// Names the key pair: see [`PublicKey::tag`].
    pub tag: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What tells the SSH keys that open it; none where the file is damaged.
    pub opened_by: Option<BTreeSet<String>>,
}

impl Keys {
    /// Reads what is there; `paths` are the files of the archive.
    pub(super) fn read<'p>(root: &Path, config: &Config, paths: impl Iterator<Item = &'p str>, found: &mut Vec<Diagnostic>) -> Self {
        let mut keys = Self { public: BTreeMap::new(), files: files(&folder(root, config)) };
        for path in paths {
            let Some(dossier) = path.strip_suffix(PUBLIC).and_then(|path| path.strip_suffix('/')).filter(|path| path.contains('/')) else {
                continue;
            };
            let Some(source) = text(root, path, found) else { continue };
            match PublicKey::of_file(source.text()) {
                Some(key) => {
                    keys.public.insert(dossier.to_owned(), key);
                }
                None => found.push(
                    Diagnostic::error(
                        "E204",
                        Place::file(&Source::new(path, source.text())),
                        say!("{path} 里应有且只有一把公钥（age1…）", "{path} must hold exactly one public key (age1…)"),
                    )
                    .help(say!(
                        "两边各建过钥匙时保留主分支上的一行，再运行 anjuan encrypt；别的情形从历史里取回",
                        "where two branches made one each, keep that of the main branch and run anjuan encrypt; otherwise restore it from history"
                    )),
                ),
            }
        }
        keys
    }

    /// The files of a dossier's secret keys, also of former ones.
    pub fn of_dossier(&self, number: &str) -> impl Iterator<Item = &KeyFile> {
        self.files.iter().filter(move |file| file.number == number)
    }
}

/// The folder of secret keys.
pub fn folder(root: &Path, config: &Config) -> PathBuf {
    root.join(&config.keys)
}

/// What a key file is called.
pub fn file_name(number: &str, tag: &str) -> String {
    format!("{number}.{tag}.age")
}

/// The key files in a folder, sorted; none where there is no such folder.
fn files(folder: &Path) -> Vec<KeyFile> {
    let mut found: Vec<KeyFile> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| key_file(&entry.path())).collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn key_file(path: &Path) -> Option<KeyFile> {
    let (number, tag) = path.file_name()?.to_str()?.strip_suffix(".age")?.rsplit_once('.')?;
    let sealed = std::fs::read_to_string(path).ok().and_then(|text| armour::read(&text).ok());
    Some(KeyFile {
        number: number.to_owned(),
        tag: tag.to_owned(),
        path: path.to_owned(),
        opened_by: sealed.map(|sealed| sealed.ssh_tags()),
    })
}

/// What stands where an encrypted text is not read.
pub fn placeholder() -> Text {
    say!("（已加密）", "(encrypted)")
}

/// A text as it may be shown: itself, or that it is encrypted.
pub fn shown(text: &str) -> Option<Text> {
    armour::find(text).map(|_| placeholder())
}

/// The encrypted file in a text, if there is one.
pub fn sealed_in(text: &str) -> Option<Result<Sealed, armour::Fault>> {
    armour::find(text).map(|_| armour::read(text))
}
