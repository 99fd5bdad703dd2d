//! A push as a server sees it before any branch moves.
//!
//! In `pre-receive` the pushed objects still lie in quarantine, which git names by environment variables only
//! (`git help receive-pack`); a repository that is opened by its folder does not see them.

use std::str::FromStr;

use super::{Blobs, Facts, History, Limit, Oid, Position, cache, limit, walk};
use crate::failure::Failure;
use crate::say;

/// One line of what git tells the hook: `OLD NEW REF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// What the reference names now; none where it is to be made.
    pub old: Option<Oid>,
    /// What it is to name; none where it is to go.
    pub new: Option<Oid>,
    /// The reference, such as `refs/heads/main`.
    pub reference: String,
}

impl FromStr for Push {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let mut parts = line.splitn(3, ' ');
        let mut id = || parts.next().and_then(|hex| hex.parse::<Oid>().ok());
        let (old, new) = (id(), id());
        match (old, new, parts.next()) {
            (Some(old), Some(new), Some(reference)) => {
                let there = |id: Oid| (id != Oid([0; 20])).then_some(id);
                Ok(Self { old: there(old), new: there(new), reference: reference.trim_end().to_owned() })
            }
            _ => Err(Failure::plain(say!("看不懂 git 给的这一行：{line}", "this line from git is not understood: {line}"))),
        }
    }
}

/// How a push bends the main line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bend {
    /// What was there is no longer reached.
    Rewritten,
    /// What was there is reached, but not along first parents: the branch swallowed the main line.
    Foxtrot,
}

/// The repository for which a hook runs.
pub struct Server {
    repo: git2::Repository,
    prefix: Vec<String>,
}

impl Server {
    /// Opens it. `folder` is where the archive lies in the repository; empty when it is the whole.
    pub fn open(folder: &str) -> Result<Self, Failure> {
        let repo = git2::Repository::open_from_env()
            .map_err(|error| Failure::new(say!("钩子打不开它所属的仓库", "the hook cannot open its repository"), error.message()))?;
        let prefix = folder.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
        Ok(Self { repo, prefix })
    }

    pub(super) fn repo(&self) -> &git2::Repository {
        &self.repo
    }

    /// Reads contents.
    pub fn blobs(&self) -> Blobs {
        Blobs { folder: Some(self.repo.path().to_path_buf()), prefix: self.prefix.clone(), in_hook: true, ..Blobs::default() }
    }

    /// Whether and how moving the main line from `old` to `new` bends it.
    pub fn bend(&self, old: Oid, new: Oid) -> Option<Bend> {
        let straight = old == new || self.repo.graph_descendant_of(new.git(), old.git()).unwrap_or(false);
        if !straight {
            return Some(Bend::Rewritten);
        }
        let mut next = Some(new);
        while let Some(id) = next {
            if id == old {
                return None;
            }
            next = self.repo.find_commit(id.git()).ok().and_then(|commit| commit.parent_id(0).ok()).map(Oid::of);
        }
        Some(Bend::Foxtrot)
    }

    /// The history as it will be. What is there already is taken from what earlier runs kept, and kept; what is pushed is not,
    /// since it may be refused.
    pub fn history(self, branch: &str, old: Oid, new: Oid) -> (History, Blobs) {
        let blobs = self.blobs();
        let mut limits = limit::of(&self.repo);
        let file = limits.is_empty().then(|| cache::File::new(&self.repo.commondir().join("anjuan"), &self.prefix));
        let mut facts = file.as_ref().and_then(cache::File::read).unwrap_or_default();
        if facts.main_tip() != Some(old) || facts.head != Some(old) {
            let found = walk::follow(&self.repo, &blobs, &mut facts, Some(old), Some(old));
            if let Some(file) = file.filter(|_| found.is_empty()) {
                file.write(&facts);
            }
            limits.extend(found);
        }
        limits.extend(walk::follow(&self.repo, &blobs, &mut facts, Some(new), Some(new)));
        blobs.give(self.repo);
        let Facts { head, commits, main, files } = facts;
        (History { head, branch: branch.to_owned(), commits, main, files, limits, inside: true, ..History::default() }, blobs)
    }
}

impl History {
    /// The place of a commit on the main line.
    pub fn place(&self, id: Oid) -> Option<u32> {
        match self.commits[self.find(id)? as usize].position {
            Position::Main(place) => Some(place),
            _ => None,
        }
    }

    /// The paths that commits of the main line after a place changed, sorted.
    pub fn touched_after(&self, place: u32) -> Vec<&str> {
        let Some(&last) = self.main.get(place as usize) else { return Vec::new() };
        let on_main = |index: u32| matches!(self.commits[index as usize].position, Position::Main(_));
        let touched = self.files.iter().filter(|(_, file)| {
            let new = file.changes.iter().rev().take_while(|change| change.commit > last);
            new.into_iter().any(|change| on_main(change.commit))
        });
        touched.map(|(path, _)| path.as_str()).collect()
    }

    /// Whether anything is known to be missing or forged.
    pub fn hidden(&self) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.hides())
    }
}
