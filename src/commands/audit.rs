//! `anjuan audit`: verify the whole history, without any cache.

use clap::{Args, ValueEnum};

use super::{Ended, Shell};
use crate::archive::{Archive, People, Reading, people};
use crate::diagnostic::Diagnostics;
use crate::failure::Failure;
use crate::publish::report::{audit as report, human};
use crate::rulebook::Rulebook;
use crate::rulebook::audit::{Audit as Facts, Fatal};
use crate::say;

/// Verify every approval from the beginning, without any cache 审计
#[derive(Debug, Args)]
pub struct Audit {
    /// A commit of an earlier audit, which must still be on the main line; may be given several times
    #[arg(long, value_name = "COMMIT")]
    checkpoint: Vec<String>,
    /// Every record, not only those that are not approved
    #[arg(long)]
    all: bool,
    /// Odd clocks and unverified signatures make the exit code 1 too
    #[arg(long)]
    strict: bool,
    /// Print the keys of people.yaml as git's `allowed_signers` instead, so that `git log --show-signature` knows them
    #[arg(long)]
    allowed_signers: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

impl Audit {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        if self.allowed_signers {
            let people = Archive::text(&root, people::FILE, &mut Vec::new()).map(|source| People::read(&source).0);
            shell.print(&people.unwrap_or_default().allowed_signers())?;
            return Ok(Ended::Clean);
        }
        let archive = Archive::read(&root, Reading { cache: false, verify: true })?;
        let rulebook = Rulebook::read(&root, &archive.config.rulebook)?;
        let language = shell.language(&archive);
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let audit = match Facts::of(&archive, &judgement, &self.checkpoint, shell.now_at(&archive.config)) {
            Ok(audit) => audit,
            Err(why) => return Err(fatal(shell, &archive, why)?),
        };
        let text = match self.format {
            Format::Human => report::human(&audit, &archive, language, self.all),
            Format::Json => report::json(&audit, language),
        };
        shell.print(&text)?;
        let bad = audit.records.iter().any(|record| record.standing.is_bad()) || self.strict && !audit.warnings.is_empty();
        Ok(if bad { Ended::Findings } else { Ended::Clean })
    }
}

/// Why nothing can be said, with the remedy; nothing is said in part.
pub(super) fn fatal(shell: &Shell, archive: &Archive, fatal: Fatal) -> Result<Failure, Failure> {
    let found = Diagnostics::sorted(archive.history.limits.iter().map(|limit| limit.diagnostic()).collect());
    if !found.is_empty() {
        shell.print(&human::render(&found, shell.language(archive), shell.color))?;
    }
    Ok(match fatal {
        Fatal::Limited => Failure::plain(say!("历史不完整或不可信，不能审计", "history is incomplete or cannot be trusted: no audit")),
        Fatal::NoBranch => Failure::plain(say!("没有主分支，不能审计", "there is no main branch: no audit")),
        Fatal::Rewritten(hex) => Failure::plain(say!(
            "主线上没有提交 {hex}：历史被改写过，或合并的方向反了",
            "commit {hex} is not on the main line: history was rewritten, or merged the wrong way round"
        ))
        .help(say!(
            "从别处的克隆或备份找回这个提交，查明是谁在何时改写",
            "find the commit in another clone or a backup, and who rewrote it when"
        )),
    })
}
