//! `anjuan hook pre-receive`: whether a server lets the main branch move.
//!
//! What judges is what stood there before: people, settings and rules of the old tip. Only what the push changes is read. Other
//! branches may move as they like. The first push of all founds the archive and is taken as it is; `anjuan audit` tells how it
//! stands.

use std::collections::BTreeSet;
use std::io::BufRead;

use clap::Args;

use crate::archive::history::{Bend, Oid, Push, Server, Stamp};
use crate::archive::{Archive, Config, config, home, people};
use crate::commands::{Ended, Shell, aside};
use crate::diagnostic::{Severity, Text};
use crate::failure::Failure;
use crate::rulebook::gate::{self, Refusal};
use crate::rulebook::{Rulebook, slips, waiver};
use crate::say;
use crate::source::Source;

/// Decide on a push; git runs this on the server
#[derive(Debug, Args)]
pub struct PreReceive {
    /// The folder of the archive in the repository, where it is not the whole
    #[arg(long, value_name = "DIR", default_value = "")]
    folder: String,
}

/// Write down when a push came; git runs this on the server
#[derive(Debug, Args)]
pub struct PostReceive {}

impl PostReceive {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let at = Stamp { seconds: shell.now.and_utc().timestamp(), offset: 0 };
        Server::open("")?.log(&pushes()?, at)?;
        Ok(Ended::Clean)
    }
}

/// Where the server keeps what nobody may push to.
const OURS: &str = "refs/archive/";

/// What git says is pushed.
fn pushes() -> Result<Vec<Push>, Failure> {
    let read = |line: std::io::Result<String>| -> Result<Push, Failure> {
        line.map_err(|error| Failure::new(say!("读不到推送的内容", "cannot read what is pushed"), error))?.parse()
    };
    std::io::stdin().lock().lines().map(read).collect()
}

impl PreReceive {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let mut refused = false;
        for push in pushes()? {
            refused |= self.refuses(shell, &push)?;
        }
        Ok(if refused { Ended::Findings } else { Ended::Clean })
    }

    /// Whether it is refused, having said why.
    fn refuses(&self, shell: &Shell, push: &Push) -> Result<bool, Failure> {
        if push.reference.starts_with(OURS) {
            let text = say!("这里由服务器自己写，不能推送", "this is the server's own to write");
            return Ok(tell(shell, &push.reference, &text));
        }
        let server = Server::open(&self.folder)?;
        let Some(old) = push.old else { return Ok(false) };
        let Some(config) = config_at(&server, old) else { return Ok(false) };
        let branch = config.branch.as_str();
        if push.reference != format!("refs/heads/{branch}") {
            return Ok(false);
        }
        let Some(new) = push.new else {
            return Ok(tell(shell, branch, &say!("不能删除主分支", "the main branch cannot be deleted")));
        };
        match server.bend(old, new) {
            None => {}
            Some(Bend::Rewritten) => {
                let text = say!(
                    "推送会改写历史（非快进）；先取回服务器上的内容再合并，不要用 --force",
                    "the push rewrites history; fetch and merge what the server has, without --force"
                );
                return Ok(tell(shell, branch, &text));
            }
            Some(Bend::Foxtrot) => {
                let text = say!(
                    "合并的方向反了：主分支原有的提交不再在第一父线上；切到主分支，把自己的分支合并进来",
                    "merged the wrong way round: the main line would leave its first parents; check out the main branch and merge yours into it"
                );
                return Ok(tell(shell, branch, &text));
            }
        }
        let refusals = judged(shell, server, &config, old, new)?;
        for refusal in &refusals {
            let Refusal { subject, code, message } = refusal;
            shell.note(&format!("{subject} [{code}] {} / {}", message.zh, message.en));
        }
        if refusals.is_empty() {
            return Ok(false);
        }
        let n = refusals.len();
        Ok(tell(
            shell,
            branch,
            &say!(
                "推送被拒绝，{n} 处；记录要在分支上改好，由有权的人合并并署名。仓库没有变动",
                "the push is refused (reasons: {n}); correct the records on a branch and let somebody with the right merge it by name. Nothing has changed"
            ),
        ))
    }
}

fn tell(shell: &Shell, branch: &str, text: &Text) -> bool {
    shell.note(&format!("anjuan: {branch}: {} / {}", text.zh, text.en));
    true
}

/// The settings of the archive as of a commit; none where there is no archive yet.
fn config_at(server: &Server, commit: Oid) -> Option<Config> {
    let blobs = server.blobs();
    let text = blobs.text(blobs.at(commit, config::FILE)?)?;
    Some(Config::read(&Source::new(config::FILE, String::from_utf8_lossy(&text))).0)
}

fn judged(shell: &Shell, server: Server, config: &Config, old: Oid, new: Oid) -> Result<Vec<Refusal>, Failure> {
    let (history, blobs) = server.history(&config.branch, old, new);
    if let Some(limit) = history.hidden() {
        let said = limit.diagnostic();
        let failure = Failure::plain(say!(
            "服务器上的仓库不完整或不可信，什么都不能放行",
            "the repository of the server is incomplete or cannot be trusted: nothing can be let in"
        ));
        return Err(failure.help(said.message));
    }
    let Some(since) = history.place(old) else { return Ok(Vec::new()) };
    let touched: BTreeSet<String> = history.touched_after(since).into_iter().map(str::to_owned).collect();
    let dir = aside()?;
    let (then, now) = (dir.path().join("then"), dir.path().join("now"));
    // The law and the register as they stood, and around them what is pushed, each dossier as a whole.
    let law = [config::FILE, people::FILE, waiver::FILE, config.rulebook.as_str()].map(str::to_owned);
    blobs.lay_out(old, &law, &then)?;
    let rulebook = Rulebook::read(&then, &config.rulebook)?;
    let below = format!("{}/", config.rulebook);
    let records = touched.iter().filter(|path| !law.contains(path) && !path.starts_with(&below));
    let dossiers: BTreeSet<String> = records.map(|path| dossier(path)).collect();
    blobs.lay_out(new, &dossiers.into_iter().collect::<Vec<_>>(), &then)?;
    let mut refusals = Vec::new();
    let forms = if touched.iter().any(|path| path.starts_with(&below)) {
        blobs.lay_out(new, std::slice::from_ref(&config.rulebook), &now)?;
        let forms = if now.join(&config.rulebook).is_dir() { Rulebook::read(&now, &config.rulebook)? } else { Rulebook::default() };
        refusals.extend(forms.findings.iter().filter(|d| d.severity == Severity::Error).map(Refusal::of));
        Some(forms)
    } else {
        None
    };
    let archive = Archive::laid_out(&then, history, blobs);
    refusals.extend(slips::of(&archive, forms.as_ref().unwrap_or(&rulebook), &touched).iter().map(Refusal::of));
    let judgement = rulebook.judge(&archive, shell.today(config));
    refusals.extend(gate::refusals(&archive, &judgement, &touched, since));
    Ok(refusals)
}

/// The folder of the dossier that a path belongs to, or the path itself.
fn dossier(path: &str) -> String {
    home(path).map_or_else(|| path.to_owned(), |(folder, number)| format!("{folder}/{number}"))
}
