//! The hooks of those who write: what is staged can be read, and no client's name leaves in a message or a file's name.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::PathBuf;

use clap::Args;

use crate::archive::history::{Blobs, History, Push, Staged, outgoing};
use crate::archive::{Archive, config, encryption, home, people};
use crate::commands::{Ended, Shell, aside};
use crate::diagnostic::Diagnostics;
use crate::failure::Failure;
use crate::publish::report::human;
use crate::rulebook::mentions::Mentions;
use crate::rulebook::{Rulebook, slips};
use crate::say;

/// Check what is staged, and nothing else
#[derive(Debug, Args)]
pub struct PreCommit {}

impl PreCommit {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let staged = Staged::read(&root)?;
        let dir = aside()?;
        let mut paths = vec![config::FILE.to_owned(), people::FILE.to_owned()];
        paths.extend(staged.changed.iter().cloned());
        let homes = staged.changed.iter().filter_map(|path| home(path));
        paths.extend(homes.map(|(folder, number)| format!("{folder}/{number}/{}", encryption::PUBLIC)).collect::<BTreeSet<_>>());
        staged.lay_out(&paths, dir.path())?;
        let archive = Archive::laid_out(dir.path(), History::default(), Blobs::default());
        let law = std::slice::from_ref(&archive.config.rulebook);
        staged.lay_out(law, dir.path())?;
        // Whoever has not staged a rulebook works by the one that lies there.
        let at = if dir.path().join(&archive.config.rulebook).is_dir() { dir.path() } else { root.as_path() };
        let rulebook = Rulebook::read(at, &archive.config.rulebook)?;
        let changed: BTreeSet<String> = staged.changed.iter().cloned().collect();
        let mut found = slips::of(&archive, &rulebook, &changed);
        found.extend(rulebook.findings.iter().filter(|d| changed.contains(d.path())).cloned());
        let found = Diagnostics::sorted(found);
        if found.is_empty() {
            return Ok(Ended::Clean);
        }
        let language = shell.language(&archive);
        shell.note(human::render(&found, language, shell.color).trim_end());
        let help = say!(
            "改好后重新 git add 再提交；还没写完的栏目不妨碍提交",
            "correct it, git add it again and commit; what is still empty does not matter"
        );
        shell.note(help.in_language(language));
        Ok(Ended::Findings)
    }
}

/// Refuse a message that names a client
#[derive(Debug, Args)]
pub struct CommitMsg {
    /// The file with the message
    file: PathBuf,
}

impl CommitMsg {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let file = shell.directory.join(&self.file);
        let text = std::fs::read(&file).map_err(|error| Failure::io("读不到", "cannot read", &file, error))?;
        let text = String::from_utf8_lossy(&text);
        let names = Names::of(shell)?;
        let what = say!("提交说明", "the message");
        let told = names.tell(shell, what.in_language(names.archive.config.language()), &said(&text));
        Ok(if told { Ended::Findings } else { Ended::Clean })
    }
}

/// What of a message git keeps: neither comments nor what `commit --verbose` shows below.
fn said(text: &str) -> String {
    let kept = text.lines().take_while(|line| !line.contains("------------------------ >8 ------------------------"));
    kept.filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// Refuse a push whose messages, branch or file names name a client
#[derive(Debug, Args)]
pub struct PrePush {
    /// The name of the other side
    remote: String,
    /// Its address
    url: Option<String>,
}

impl PrePush {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let mut names = None;
        let mut told = false;
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(|error| Failure::new(say!("读不到要推送的内容", "cannot read what is to be pushed"), error))?;
            // LOCAL-REF NEW REMOTE-REF OLD
            let [_, new, reference, old] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
            let push: Push = format!("{old} {new} {reference}").parse()?;
            let Some(new) = push.new else { continue };
            let names = match &mut names {
                Some(names) => names,
                none => none.insert(Names::of(shell)?),
            };
            told |= names.tell(shell, reference, reference);
            for commit in outgoing(&names.archive.root, &self.remote, push.old, new)? {
                told |= names.tell(shell, &commit.commit, &commit.message);
                for path in &commit.paths {
                    told |= names.tell(shell, &commit.commit, path);
                }
            }
        }
        Ok(if told { Ended::Findings } else { Ended::Clean })
    }
}

/// The names of clients, ready to be looked for.
struct Names {
    archive: Archive,
    mentions: Mentions,
}

impl Names {
    fn of(shell: &Shell) -> Result<Self, Failure> {
        let (archive, rulebook) = shell.open()?;
        let mentions = rulebook.judge(&archive, shell.today(&archive.config)).mentions;
        Ok(Self { archive, mentions })
    }

    /// Says which names stand in a text, without repeating them; whether there are any.
    fn tell(&self, shell: &Shell, what: &str, text: &str) -> bool {
        let language = shell.language(&self.archive);
        let found: BTreeSet<usize> =
            self.mentions.find(text, 0).into_iter().chain(self.mentions.first(text, 0)).map(|mention| mention.value).collect();
        for &value in &found {
            let identity = self.mentions.identity(value);
            let (record, field) = (&identity.record, &identity.field);
            let said = say!(
                "{what} 里有 {record} 的「{field}」；说明、分支名和文件名里只写案卷编号（git commit --amend 可改最后一次的说明）",
                "{what} holds `{field}` of {record}; write dossier numbers only in messages, branches and file names (git commit --amend rewords the last one)"
            );
            shell.note(&format!("anjuan: {}", said.in_language(language)));
        }
        !found.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_part_of_a_message() {
        assert_eq!(said("甲\n# 乙\n\n丙\n# ------------------------ >8 ------------------------\ndiff\n"), "甲\n\n丙");
    }
}
