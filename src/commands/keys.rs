//! `anjuan keys`: who can open what is encrypted, and how that changes or ends.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::encrypt::{named, wrapped};
use super::ring::Ring;
use super::{Ended, Shell, replace};
use crate::archive::encryption::KeyFile;
use crate::archive::encryption::parts;
use crate::archive::{Archive, timeline};
use crate::diagnostic::Language;
use crate::failure::Failure;
use crate::rulebook::context::{DossierFacts, World};
use crate::rulebook::encryption::{drift, is_marked, owner, readers};
use crate::say;

/// So many commits are named.
const NAMED: usize = 8;

/// Show who can open what is encrypted; pass keys on, or destroy them 钥匙
#[derive(Debug, Args)]
pub struct KeysOf {
    /// Dossiers; every dossier that has a key when none are named
    #[arg(value_name = "DOSSIER")]
    subjects: Vec<String>,
    /// Encrypt the key files anew, to those who are to hold them today
    #[arg(long, conflicts_with = "destroy")]
    update: bool,
    /// Say what destroying the keys of these dossiers means; with --yes, delete them
    #[arg(long, requires = "subjects")]
    destroy: bool,
    /// Delete
    #[arg(long, requires = "destroy")]
    yes: bool,
    /// Your SSH private key; ~/.ssh/id_ed25519 or id_rsa when none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeysOf {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let (world, language) = (&judgement.world, shell.language(&archive));
        let ring = if self.update { Some(Ring::of(shell, self.key.as_deref(), true, language)?) } else { None };
        let mut ended = Ended::Clean;
        for (dossier, _) in named(world, &self.subjects)? {
            let files: Vec<&KeyFile> = archive.keys.of_dossier(&dossier.number).collect();
            let public = archive.keys.public.get(&dossier.path);
            if files.is_empty() && public.is_none() {
                continue;
            }
            if let Some(ring) = &ring {
                for file in &files {
                    let key = ring.key(&archive.keys, &file.tag).map_err(|closed| closed.failure(&archive, &dossier.number, &file.tag))?;
                    replace(&file.path, wrapped(&archive, world, dossier, &key)?.as_bytes())?;
                    shell.print(&format!("{}\n", file.path.display()))?;
                }
            } else if self.destroy {
                shell.print(&remains(&archive, world, dossier, &files, language))?;
                for file in files.iter().filter(|_| self.yes) {
                    std::fs::remove_file(&file.path).map_err(|error| Failure::io("删不了", "cannot delete", &file.path, error))?;
                }
                let done = if self.yes {
                    say!("已删去钥匙文件。key.pub 留着，它打不开任何东西", "The key files are deleted. key.pub stays; it opens nothing")
                } else {
                    say!("还没有删。确定要删，加上 --yes", "Nothing is deleted yet: add --yes to delete")
                };
                shell.print(&format!("{}\n", done.in_language(language)))?;
            } else {
                let tag = public.map(|key| key.tag().to_owned());
                let (text, sound) = listed(&archive, world, dossier, &files, tag.as_deref(), language);
                shell.print(&text)?;
                if !sound {
                    ended = Ended::Findings;
                }
            }
        }
        Ok(ended)
    }
}

/// Who can open a dossier and who should, and whether those are the same.
fn listed(
    archive: &Archive,
    world: &World<'_>,
    dossier: &DossierFacts<'_>,
    files: &[&KeyFile],
    present: Option<&str>,
    language: Language,
) -> (String, bool) {
    let number = &dossier.number;
    let readers = readers(world.rulebook, &archive.people, dossier.project.as_deref().or(Some(number.as_str())), world.today);
    let mut out = String::new();
    let mut sound = true;
    let mut line = |text: crate::diagnostic::Text| {
        out.push_str(text.in_language(language));
        out.push('\n');
    };
    if let Some(tag) = present.filter(|tag| !files.iter().any(|file| file.tag == *tag)) {
        line(say!("{number} {tag}：这里没有钥匙文件", "{number} {tag}: there is no key file here"));
        sound = false;
    }
    for file in files {
        let tag = &file.tag;
        let Some(opened_by) = &file.opened_by else {
            line(say!("{number} {tag}：钥匙文件损坏", "{number} {tag}: the key file is damaged"));
            sound = false;
            continue;
        };
        let names: Vec<String> = opened_by
            .iter()
            .map(|tag| owner(&archive.people, tag).map_or_else(|| format!("? {tag}"), |person| person.name.value.clone()))
            .collect();
        let names = names.join("、");
        if Some(tag.as_str()) != present {
            line(say!("{number} {tag}（以前的）：{names}", "{number} {tag} (former): {names}"));
            continue;
        }
        line(say!("{number} {tag}：{names}", "{number} {tag}: {names}"));
        let (extra, missing) = drift(&archive.people, &readers, opened_by);
        for (names, what) in
            [(extra, say!("不该再打得开", "should no longer open it")), (missing, say!("该打得开而打不开", "should open it and cannot"))]
        {
            if !names.is_empty() {
                let names = names.join("、");
                line(say!("    {what}：{names}", "    {what}: {names}"; what));
                sound = false;
            }
        }
    }
    for reader in readers.iter().filter(|reader| reader.keys.is_empty()) {
        let name = &reader.person.name.value;
        line(say!("    没有登记能解密的 SSH 公钥：{name}", "    no SSH public key that can decrypt is registered: {name}"));
    }
    (out, sound)
}

/// What is left of a dossier when its keys are gone, as far as this clone knows.
fn remains(archive: &Archive, world: &World<'_>, dossier: &DossierFacts<'_>, files: &[&KeyFile], language: Language) -> String {
    let mut lines = Vec::new();
    let number = &dossier.number;
    if files.is_empty() {
        lines.push(say!("{number}：这里没有钥匙文件，可能已经销毁", "{number}: there is no key file here; it may be destroyed already"));
    }
    for file in files {
        let at = file.path.display();
        lines.push(say!(
            "{number}：{at} 删去以后，用它加密的内容谁也读不出来，包括历史里的",
            "{number}: once {at} is gone, nobody reads what was encrypted to it, in history neither"
        ));
    }
    for file in files {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = format!("{}/{name}", archive.config.keys.trim_end_matches('/'));
        if !archive.history.changes(&path).is_empty() {
            lines.push(say!(
                "    不成立：{path} 提交过，历史和每份克隆里都有，删不干净",
                "    not so: {path} was committed; history and every clone keep it"
            ));
        }
    }
    let clear = in_clear(archive, world, dossier);
    if !clear.is_empty() {
        let (count, some) = (clear.len(), clear.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" "));
        lines.push(say!(
            "    历史里有 {count} 个提交把这些内容写成明文（{some}）；不改写历史就一直在",
            "    {count} commits in history hold marked parts in clear ({some}); they stay until history is rewritten"
        ));
    }
    lines.push(say!(
        "    没有加密的栏目、段落、原件和扫描件不受影响",
        "    fields and sections that are not encrypted, originals and scans are not affected"
    ));
    lines.push(say!(
        "    钥匙文件的备份和别处的副本、解密后打印或另存的，程序不知道，要逐一收回",
        "    backups and copies of key files, and what was decrypted and printed or saved, are not known here: collect them one by one"
    ));
    lines.iter().map(|line| line.in_language(language).to_owned() + "\n").collect()
}

/// Commits that hold a marked part of a dossier's records in clear, in their order.
fn in_clear(archive: &Archive, world: &World<'_>, dossier: &DossierFacts<'_>) -> Vec<String> {
    let mut commits = BTreeSet::new();
    for entry in &dossier.entries {
        let form = world.form(entry);
        for change in archive.history.changes(entry.record.path()) {
            let version = change.new.and_then(|blob| timeline::version(&archive.blobs, entry.record.path(), blob));
            let holds = |record| parts::of(&record).iter().any(|part| !part.encrypted && is_marked(form, &part.name, part.section));
            if version.is_some_and(holds) {
                commits.insert(change.commit);
            }
        }
    }
    commits.into_iter().map(|commit| archive.history.commits[commit as usize].id.short()).collect()
}
