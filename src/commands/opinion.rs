//! `anjuan approve` and `anjuan return`: an opinion as a commit of its own, signed, that changes nothing.
//!
//! The commit is made by the user's own git, which knows their key, agent and hooks. What it says is read back from history like
//! everything else: an approval counts once the very text of the record enters the main branch by a merge.

use std::path::Path;
use std::process::Command;

use clap::Args;

use super::{Ended, Shell};
use crate::archive::{Archive, Committed, Person};
use crate::failure::Failure;
use crate::rulebook::context::World;
use crate::rulebook::evidence::Who;
use crate::rulebook::line::{RECORD, RETURNED};
use crate::say;

/// Approve records by a signed commit on this branch 批准
#[derive(Debug, Args)]
pub struct Approve {
    /// Records (NS-C2026-001/C03 or their paths)
    #[arg(required = true)]
    records: Vec<String>,
    /// A remark for the message
    #[arg(long, short)]
    message: Option<String>,
    /// Do not sign; counts only where the archive asks for no signature and the merge names you as well
    #[arg(long)]
    unsigned: bool,
}

/// Send records back with a reason, by a signed commit on this branch 退回
#[derive(Debug, Args)]
pub struct Return {
    /// Records (NS-C2026-001/C03 or their paths)
    #[arg(required = true)]
    records: Vec<String>,
    /// Why, and what is to be changed
    #[arg(long, short)]
    reason: String,
    /// Do not sign; counts only where the archive asks for no signature
    #[arg(long)]
    unsigned: bool,
}

impl Approve {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        opinion(shell, &self.records, self.message.as_deref(), !self.unsigned, true)
    }
}

impl Return {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        if self.reason.trim().is_empty() {
            return Err(Failure::plain(say!("退回要写明原因", "say why it is sent back")));
        }
        opinion(shell, &self.records, Some(&self.reason), !self.unsigned, false)
    }
}

fn opinion(shell: &Shell, records: &[String], words: Option<&str>, sign: bool, approves: bool) -> Result<Ended, Failure> {
    let (archive, rulebook) = shell.open()?;
    let language = shell.language(&archive);
    let judgement = rulebook.judge(&archive, shell.today(&archive.config));
    let person = myself(&archive)?;
    let mut named = Vec::new();
    for name in records {
        let unknown = || Failure::plain(say!("没有叫“{name}”的记录", "there is no record `{name}`"));
        let at = judgement.world.record_named(name).ok_or_else(unknown)?;
        named.push(checked(&judgement.world, &archive, at, person)?);
    }
    let (name, email) = (&person.name.value, person.emails.first().map_or("", |email| email.value.as_str()));
    let ids = named.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join("、");
    let act = if approves { say!("批准 {ids}", "approve {ids}") } else { say!("退回 {ids}", "send back {ids}") };
    let mut message = format!("{}\n\n", act.in_language(language));
    if let Some(words) = words {
        message.push_str(&format!("{}\n\n", words.trim()));
    }
    named.iter().for_each(|(_, path)| message.push_str(&format!("{RECORD}: {path}\n")));
    let key = if approves { archive.config.approval.trailers.first().map_or("Approved-by", String::as_str) } else { RETURNED };
    message.push_str(&format!("{key}: {name} <{email}>\n"));
    commit(&archive.root, &message, sign)?;
    let done = if approves {
        say!(
            "{ids} 的批准已提交在当前分支上；同一份文字经合并进入主分支后生效，之后再改即失效",
            "the approval of {ids} is committed on this branch; it counts once the same text is merged into the main branch"
        )
    } else {
        say!("{ids} 已退回，提交在当前分支上", "{ids} sent back by a commit on this branch")
    };
    shell.print(&format!("{}\n", done.in_language(language)))?;
    Ok(Ended::Clean)
}

/// Who is registered under the address that git commits with here.
fn myself(archive: &Archive) -> Result<&Person, Failure> {
    let email = git(&archive.root, &["config", "user.email"]).unwrap_or_default();
    let email = email.trim();
    archive.people.addressed(email).ok_or_else(|| {
        Failure::plain(say!("git 的邮箱“{email}”不在 people.yaml 里", "git's address `{email}` is not in people.yaml")).help(say!(
            "用 git config user.email 设成登记的邮箱，或先登记",
            "set a registered one with git config user.email, or register it first"
        ))
    })
}

/// Its id and path, if this person may give an opinion on what is committed of it.
fn checked(world: &World<'_>, archive: &Archive, at: (usize, usize), person: &Person) -> Result<(String, String), Failure> {
    let entry = world.entry(at);
    let (id, name) = (&entry.id, &person.name.value);
    if archive.committed[entry.index] != Committed::Committed {
        return Err(Failure::plain(say!(
            "{id} 有改动还没有提交，先提交再批",
            "{id} has changes that are not committed; commit them first"
        )));
    }
    let own = world.worker(at).is_some_and(|worker| worker == *name || worker == person.id.value);
    let me = Who::Person(person.id.value.clone());
    let history = &archive.history;
    let wrote = history.changes(entry.record.path()).iter().any(|change| {
        let commit = &history.commits[change.commit as usize];
        [&commit.author, &commit.committer]
            .iter()
            .any(|by| archive.people.addressed(&by.email).is_some_and(|p| p.id.value == person.id.value))
            && commit.parents.len() < 2
    });
    if own || wrote || entry.evidence.versions.last().is_some_and(|version| version.contributors.contains(&me)) {
        return Err(Failure::plain(say!(
            "{name} 自己参与了 {id} 的填写，不能批准或退回",
            "{name} had a hand in {id} and can neither approve it nor send it back"
        )));
    }
    Ok((id.clone(), entry.record.path().to_owned()))
}

fn commit(root: &Path, message: &str, sign: bool) -> Result<(), Failure> {
    let mut words = vec!["commit", "--allow-empty", "--only", "--quiet", "--cleanup=verbatim", "-m", message];
    words.push(if sign { "-S" } else { "--no-gpg-sign" });
    git(root, &words).map(drop).map_err(|why| {
        let failure = Failure::plain(say!("git 没能提交：{why}", "git could not commit: {why}"));
        if sign {
            failure.help(say!(
                "用 SSH 钥匙签名：git config gpg.format ssh，再 git config user.signingkey ~/.ssh/id_ed25519.pub；不签名写 --unsigned",
                "to sign with an SSH key: git config gpg.format ssh, then git config user.signingkey ~/.ssh/id_ed25519.pub; or --unsigned"
            ))
        } else {
            failure
        }
    })
}

/// Runs the user's git; what it says when it fails is the error.
fn git(root: &Path, words: &[&str]) -> Result<String, String> {
    let out = Command::new("git").arg("-C").arg(root).args(words).output().map_err(|error| error.to_string())?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&out.stderr).trim().to_owned())
    }
}
