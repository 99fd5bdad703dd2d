//! `anjuan encrypt`: the fields and sections that the rulebook marks, to the key of their dossier.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ring::Ring;
use super::{Ended, Shell, replace, rewrite};
use crate::archive::encryption::armour;
use crate::archive::encryption::cipher::{self, DossierKey, Holder, PublicKey};
use crate::archive::encryption::parts::{self, Part};
use crate::archive::encryption::{PUBLIC, file_name, folder};
use crate::archive::{Archive, Record};
use crate::diagnostic::Language;
use crate::failure::Failure;
use crate::rulebook::context::{DossierFacts, Entry, World};
use crate::rulebook::encryption::{is_marked, marked, readers};
use crate::say;
use crate::source::{Source, Span};

/// Encrypt what the rulebook marks, in place 加密
///
/// The first time it makes a key for the dossier: `key.pub` beside the records, to be committed, and a secret key in the folder
/// of keys, which git does not keep, encrypted to the SSH keys of those whom the rulebook names. What was encrypted before and
/// has not changed stays as it is committed, if your SSH key opens it.
#[derive(Debug, Args)]
#[command(alias = "seal")]
pub struct Encrypt {
    /// Dossiers or records; every dossier that has a key when none are named
    #[arg(value_name = "DOSSIER|RECORD")]
    subjects: Vec<String>,
    /// Make a new key for these dossiers and encrypt everything to it
    #[arg(long, requires = "subjects")]
    new_key: bool,
    /// Your SSH private key; ~/.ssh/id_ed25519 or id_rsa, where no passphrase protects them, when none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// What a dossier's records become.
struct Work<'a> {
    shell: &'a Shell,
    archive: &'a Archive,
    world: &'a World<'a>,
    ring: Ring,
    language: Language,
}

impl Encrypt {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let (world, language) = (&judgement.world, shell.language(&archive));
        if !rulebook.forms.iter().any(|form| marked(form).next().is_some()) {
            return Err(Failure::plain(say!(
                "制度没有要加密的栏目或段落；在表单里给它们写上 encrypted: true",
                "the rulebook marks nothing to be encrypted; write `encrypted: true` on fields or sections of its forms"
            )));
        }
        let ring = Ring::of(shell, self.key.as_deref(), self.new_key || self.key.is_some(), language)?;
        let work = Work { shell, archive: &archive, world, ring, language };
        let mut ended = Ended::Clean;
        let mut meant = named(world, &self.subjects)?;
        if self.subjects.is_empty() {
            meant.retain(|(dossier, _)| archive.keys.public.contains_key(&dossier.path));
            if meant.is_empty() {
                shell.note(
                    say!(
                        "还没有案卷有钥匙，什么也没有加密；第一次要说出是哪些案卷",
                        "no dossier has a key yet, so nothing was encrypted; the first time, name the dossiers"
                    )
                    .in_language(language),
                );
            }
        }
        for (dossier, entries) in meant {
            let done = if self.new_key { work.renew(dossier)? } else { work.encrypt(dossier, &entries)? };
            if done == Ended::Findings {
                ended = done;
            }
        }
        Ok(ended)
    }
}

/// The dossiers that are meant, each with the records that are.
pub(super) fn named<'w, 'a>(world: &'w World<'a>, subjects: &[String]) -> Result<Vec<(&'w DossierFacts<'a>, Vec<&'w Entry<'a>>)>, Failure> {
    let mut out = Vec::new();
    let mut known = vec![false; subjects.len()];
    for dossier in &world.dossiers {
        let mut is_meant = |called: &dyn Fn(&str) -> bool| {
            let mut meant = subjects.is_empty();
            for (nth, _) in subjects.iter().enumerate().filter(|(_, subject)| called(subject)) {
                (known[nth], meant) = (true, true);
            }
            meant
        };
        let whole = is_meant(&|name| dossier.is_called(name));
        let entries: Vec<&Entry<'_>> = dossier.entries.iter().filter(|entry| is_meant(&|name| entry.is_called(name)) || whole).collect();
        if dossier.kind.is_none() && !subjects.is_empty() && !entries.is_empty() {
            let path = &dossier.path;
            return Err(Failure::plain(say!(
                "{path} 不在任何案卷里，没有可用的钥匙",
                "{path} belongs to no dossier, so there is no key for it"
            )));
        }
        if dossier.kind.is_some() && (whole || !entries.is_empty()) {
            out.push((dossier, entries));
        }
    }
    match known.iter().position(|known| !known).map(|nth| &subjects[nth]) {
        Some(what) => Err(Failure::plain(say!("没有叫“{what}”的记录或案卷", "there is no record or dossier `{what}`"))),
        None => Ok(out),
    }
}

impl Work<'_> {
    fn encrypt(&self, dossier: &DossierFacts<'_>, entries: &[&Entry<'_>]) -> Result<Ended, Failure> {
        let mut ended = Ended::Clean;
        let mut waiting: Vec<(&Record, Vec<Part>)> = Vec::new();
        for entry in entries {
            let (record, form) = (entry.record, self.world.form(entry));
            if record.unreadable {
                let path = record.path();
                self.shell.note(
                    say!(
                        "{path} 读不懂，没有加密；先照 anjuan check 改好",
                        "{path} cannot be read and is not encrypted; mend it as anjuan check says"
                    )
                    .in_language(self.language),
                );
                ended = Ended::Findings;
                continue;
            }
            let (own, left): (Vec<Part>, Vec<Part>) =
                parts::of(record).into_iter().filter(|part| is_marked(form, &part.name, part.section)).partition(|part| !part.encrypted);
            for part in left.iter().filter(|part| part.mixed) {
                let (path, name) = (record.path(), &part.name);
                self.shell.note(
                    say!(
                        "{path}：「{name}」的密文旁边还有明文；先 anjuan decrypt --in-place",
                        "{path}: beside the ciphertext of `{name}` stands text in clear; run anjuan decrypt --in-place first"
                    )
                    .in_language(self.language),
                );
                ended = Ended::Findings;
            }
            let braces =
                form.fields.iter().filter(|field| field.encrypted && record.fields.get(&field.name).is_some_and(|node| !node.is_empty()));
            for name in braces
                .map(|field| &field.name.value)
                .filter(|name| !own.iter().chain(&left).any(|part| !part.section && part.name == **name))
            {
                let path = record.path();
                self.shell.note(
                    say!("{path}：「{name}」要另起一行写才能加密", "{path}: `{name}` must begin a line of its own to be encrypted")
                        .in_language(self.language),
                );
                ended = Ended::Findings;
            }
            if !own.is_empty() {
                waiting.push((record, own));
            }
        }
        if waiting.is_empty() {
            return Ok(ended);
        }
        let key = self.public(dossier)?;
        for (record, own) in waiting {
            self.write(record, &own, &key)?;
        }
        Ok(ended)
    }

    /// Encrypts parts of a record in place.
    fn write(&self, record: &Record, own: &[Part], key: &PublicKey) -> Result<(), Failure> {
        let (source, path) = (&record.source, record.path());
        let before = self.committed(record, key);
        let line_end = parts::line_end(source.text());
        let mut changes = Vec::new();
        for part in own {
            let text = source.slice(part.span);
            let same =
                before.iter().find(|(old, plain, _)| old.name == part.name && old.section == part.section && plain == text.trim_end());
            let file = match same {
                Some((_, _, file)) => file.clone(),
                None => cipher::encrypt(key, text)?,
            };
            changes.push((part.span, part.armoured(&file, line_end)));
        }
        let text = parts::replaced(source.text(), changes);
        rewrite(self.archive, record, &text)?;
        let names = own.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join("、");
        self.shell.print(&format!("{path}: {names}\n"))
    }

    /// The encrypted parts of a record as it is committed: what they say, and their files.
    fn committed(&self, record: &Record, key: &PublicKey) -> Vec<(Part, String, Vec<u8>)> {
        let blob = self.archive.history.at_head(record.path()).and_then(|blob| self.archive.blobs.text(blob));
        let Some(text) = blob.filter(|_| !self.ring.is_empty()) else { return Vec::new() };
        let old = Record::parse(&Source::new(record.path(), String::from_utf8_lossy(&text))).0;
        let read = |part: Part| {
            let sealed = armour::read(old.source.slice(part.span)).ok().filter(|sealed| sealed.tag() == Some(key.tag()))?;
            let plain = self.ring.decrypt(&self.archive.keys, &sealed).ok()?;
            Some((part, plain, sealed.bytes))
        };
        parts::of(&old).into_iter().filter(|part| part.encrypted).filter_map(read).collect()
    }

    /// The public key of a dossier; a new one where there is none.
    fn public(&self, dossier: &DossierFacts<'_>) -> Result<PublicKey, Failure> {
        if let Some(key) = self.archive.keys.public.get(&dossier.path) {
            return Ok(key.clone());
        }
        let path = format!("{}/{PUBLIC}", dossier.path);
        if self.archive.files.contains_key(&path) {
            return Err(Failure::plain(say!("{path} 有误，没有加密", "{path} is wrong; nothing is encrypted"))
                .help(say!("照 anjuan check 的 E204 改好", "mend it as E204 of anjuan check says")));
        }
        let key = DossierKey::generate();
        self.keep(dossier, &key)?;
        Ok(key.public())
    }

    /// Writes down a new key: first the secret half, so that nothing is ever encrypted to a key that is lost.
    fn keep(&self, dossier: &DossierFacts<'_>, key: &DossierKey) -> Result<(), Failure> {
        let (number, public) = (&dossier.number, key.public());
        let file = folder(&self.archive.root, &self.archive.config).join(file_name(number, public.tag()));
        let file_text = wrapped(self.archive, self.world, dossier, key)?;
        make_folder(&self.archive.root, &self.archive.config.keys)?;
        replace(&file, file_text.as_bytes())?;
        let text = format!(
            "# 本案卷的加密公钥，随记录提交；私钥另存，不进 git。\n# The public key of this dossier; the secret one is kept elsewhere.\n{public}\n"
        );
        replace(&self.archive.root.join(&dossier.path).join(PUBLIC), text.as_bytes())?;
        let (at, path) = (file.display(), &dossier.path);
        self.shell.note(
            say!(
                "{number} 的新钥匙：{path}/{PUBLIC} 要提交；{at} 不要提交，请备份",
                "a new key of {number}: commit {path}/{PUBLIC}; do not commit {at}, and keep a copy of it"
            )
            .in_language(self.language),
        );
        Ok(())
    }

    /// Everything that is encrypted in a dossier, and what is marked, to a new key.
    fn renew(&self, dossier: &DossierFacts<'_>) -> Result<Ended, Failure> {
        let mut all: Vec<(&Record, Vec<(Part, String)>)> = Vec::new();
        for entry in &dossier.entries {
            let (record, form) = (entry.record, self.world.form(entry));
            let mut own = Vec::new();
            for part in parts::of(record) {
                let text = record.source.slice(part.span);
                if part.mixed || record.unreadable {
                    let (path, name) = (record.path(), &part.name);
                    return Err(Failure::plain(say!(
                        "{path} 的「{name}」有误，没有换钥匙；先照 anjuan check 改好",
                        "`{name}` of {path} is wrong, and the key is not changed; mend it as anjuan check says"
                    )));
                }
                if part.encrypted {
                    let sealed = armour::read(text).map_err(|fault| {
                        Failure::new(say!("换不了钥匙", "cannot change the key"), fault.kind.text().in_language(self.language))
                    })?;
                    let tag = sealed.tag().unwrap_or_default().to_owned();
                    let plain = self
                        .ring
                        .decrypt(&self.archive.keys, &sealed)
                        .map_err(|closed| closed.failure(self.archive, &dossier.number, &tag))?;
                    own.push((part, plain));
                } else if is_marked(form, &part.name, part.section) {
                    let plain = text.to_owned();
                    own.push((part, plain));
                }
            }
            if !own.is_empty() {
                all.push((record, own));
            }
        }
        let key = DossierKey::generate();
        self.keep(dossier, &key)?;
        for (record, own) in all {
            let line_end = parts::line_end(record.source.text());
            let sealed = own.iter().map(|(part, plain)| Ok((part.span, part.armoured(&cipher::encrypt(&key.public(), plain)?, line_end))));
            let changes = sealed.collect::<Result<Vec<(Span, String)>, Failure>>()?;
            rewrite(self.archive, record, &parts::replaced(record.source.text(), changes))?;
            let names = own.iter().map(|(part, _)| part.name.as_str()).collect::<Vec<_>>().join("、");
            self.shell.print(&format!("{}: {names}\n", record.path()))?;
        }
        let former: Vec<String> = self.archive.keys.of_dossier(&dossier.number).map(|file| file.path.display().to_string()).collect();
        if !former.is_empty() {
            let former = former.join("、");
            self.shell.note(
                say!(
                    "以前的钥匙 {former} 还打得开历史里的密文；不需要看旧版的，可以删去",
                    "the former key {former} still opens what is in history; delete it where nobody needs to read old versions"
                )
                .in_language(self.language),
            );
        }
        Ok(Ended::Clean)
    }
}

/// A dossier's key as the text of its file, for those who are to hold it today.
///
/// # Errors
/// If nobody can.
pub(super) fn wrapped(archive: &Archive, world: &World<'_>, dossier: &DossierFacts<'_>, key: &DossierKey) -> Result<String, Failure> {
    let number = &dossier.number;
    let project = dossier.project.as_deref().or(Some(number.as_str()));
    let readers = readers(world.rulebook, &archive.people, project, world.today);
    let holders: Vec<Holder> = readers.iter().flat_map(|reader| reader.keys.iter().filter_map(|line| line.parse().ok())).collect();
    if holders.is_empty() {
        return Err(Failure::plain(say!("没有人可以持有 {number} 的钥匙", "nobody can hold the key of {number}")).help(say!(
            "在 rulebook.yaml 写 encryption: {{ holders: [角色] }}，在 people.yaml 登记他们的 SSH 公钥（ssh-ed25519 或 ssh-rsa）",
            "name roles in rulebook.yaml (`encryption: {{ holders: [ROLE] }}`) and register their SSH public keys in people.yaml (ssh-ed25519 or ssh-rsa)"
        )));
    }
    Ok(armour::lines(&key.wrap(number, &holders)?).join("\n") + "\n")
}

/// Makes the folder of keys where there is none, so that git does not keep what is in it.
fn make_folder(root: &Path, keys: &str) -> Result<(), Failure> {
    let folder = root.join(keys);
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).map_err(|error| Failure::io("建不了文件夹", "cannot make the folder", &folder, error))?;
    replace(
        &folder.join(".gitignore"),
        "# 钥匙不进 git：进了历史就销毁不掉。\n# Keys stay out of git: what is in history cannot be destroyed.\n*\n".as_bytes(),
    )
}
