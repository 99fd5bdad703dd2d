//! When the server received what: a log of pushes that its hook keeps beside the branches.
//!
//! git itself notes no time of a push. `post-receive` adds a commit to [`REF`] for each, dated by the server's clock, whose message
//! has a line `NEW REFERENCE` for each branch that moved; a push certificate (`git push --signed`), which git would throw away, is kept in
//! its tree. It proves as much as the server does: whoever administers it can write what they like. Clones do not fetch it by
//! themselves.

use super::push::{Push, Server};
use super::{Commit, Oid, Stamp};
use crate::failure::Failure;
use crate::say;

/// Where the log is kept.
pub const REF: &str = "refs/archive/pushlog";

/// Under what name and address the log is written.
const WRITER: (&str, &str) = ("anjuan", "anjuan@localhost");

/// What a log says of the commits of a history: the earliest moment by which the server had each, in their order.
pub(super) fn received(repo: &git2::Repository, commits: &[Commit], place: &dyn Fn(Oid) -> Option<u32>) -> Vec<Option<Stamp>> {
    let Ok(tip) = repo.find_reference(REF).and_then(|reference| reference.peel_to_commit()) else { return Vec::new() };
    let mut entries: Vec<(Stamp, Vec<Oid>)> = Vec::new();
    let mut next = Some(tip);
    while let Some(commit) = next {
        let when = commit.committer().when();
        let lines = commit.message().unwrap_or_default().lines();
        let named = lines.filter_map(|line| line.split_once(' ')?.0.parse().ok()).collect();
        entries.push((Stamp { seconds: when.seconds(), offset: when.offset_minutes() }, named));
        next = commit.parent(0).ok();
    }
    let mut received = vec![None; commits.len()];
    // Oldest first: what a push brought was not there before, and everything that it rests on came with it at the latest.
    for (at, named) in entries.into_iter().rev() {
        let mut open: Vec<u32> = named.into_iter().filter_map(place).collect();
        while let Some(index) = open.pop() {
            let slot = &mut received[index as usize];
            if slot.is_none() {
                *slot = Some(at);
                open.extend(commits[index as usize].parents.iter().filter_map(|parent| place(*parent)));
            }
        }
    }
    received
}

impl Server {
    /// Writes down what was received at a moment, in seconds since 1970 and by a zone so many minutes east of UTC.
    pub fn log(&self, pushes: &[Push], at: Stamp) -> Result<(), Failure> {
        let failed = |error: git2::Error| Failure::new(say!("推送日志写不进去", "cannot write the log of pushes"), error.message());
        let moved = pushes.iter().filter(|push| push.reference.starts_with("refs/heads/"));
        let lines: String = moved.filter_map(|push| Some(format!("{} {}\n", push.new?, push.reference))).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let said = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let mut message = format!("push\n\n{lines}");
        for (key, name) in [("Pusher", "GL_USERNAME"), ("Pusher", "GITEA_PUSHER_NAME"), ("Pusher", "REMOTE_USER")] {
            message.extend(said(name).map(|text| format!("{key}: {text}\n")));
        }
        for (key, name) in
            [("Signer", "GIT_PUSH_CERT_SIGNER"), ("Signature", "GIT_PUSH_CERT_STATUS"), ("Nonce", "GIT_PUSH_CERT_NONCE_STATUS")]
        {
            message.extend(said(name).map(|text| format!("{key}: {text}\n")));
        }
        let certificate = said("GIT_PUSH_CERT").and_then(|hex| hex.parse::<Oid>().ok());
        let write = || -> Result<(), git2::Error> {
            let repo = self.repo();
            let mut tree = repo.treebuilder(None)?;
            if let Some(certificate) = certificate {
                tree.insert("certificate", certificate.git(), 0o100_644)?;
            }
            let tree = repo.find_tree(tree.write()?)?;
            let when = git2::Time::new(at.seconds, at.offset);
            let writer = git2::Signature::new(WRITER.0, WRITER.1, &when)?;
            // Another push may get in between; then this one goes behind it.
            for _ in 0..100 {
                let before = repo.find_reference(REF).and_then(|reference| reference.peel_to_commit()).ok();
                let parents: Vec<&git2::Commit<'_>> = before.iter().collect();
                let made = repo.commit(None, &writer, &writer, &message, &tree, &parents)?;
                let done = match &before {
                    Some(before) => repo.reference_matching(REF, made, true, before.id(), "push"),
                    None => repo.reference(REF, made, false, "push"),
                };
                match done {
                    Err(error) if matches!(error.code(), git2::ErrorCode::Modified | git2::ErrorCode::Exists | git2::ErrorCode::Locked) => {
                    }
                    done => return done.map(drop),
                }
            }
            Err(git2::Error::from_str("too many pushes at once"))
        };
        write().map_err(failed)
    }
}
