//! Writing to a repository: a new archive, the worked example, and test archives are made with it.
//!
//! Nothing here touches the working tree but [`Scribe::checkout`].

use std::path::Path;
use std::sync::Arc;

use git2::{Index, IndexEntry, IndexTime, Repository, Signature as GitSignature, Time};

use super::signature::ExampleKey;
use super::{Oid, Stamp};
use crate::failure::Failure;
use crate::say;

/// Who commits, and when.
#[derive(Clone)]
pub struct Author {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// When, by their clock.
    pub at: Stamp,
    /// What they sign with, in a worked example.
    pub key: Option<Arc<ExampleKey>>,
}

/// A repository that can be written to.
pub struct Scribe {
    repo: Repository,
}

fn failed(error: git2::Error) -> Failure {
    Failure::new(say!("git 仓库写不进去", "cannot write to the git repository"), error)
}

impl Scribe {
    /// Makes a repository in `dir` whose first branch is `branch`. Han characters in paths are shown
    /// as such, and names are kept composed on every system.
    pub fn init(dir: &Path, branch: &str) -> Result<Self, Failure> {
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head(branch).external_template(false);
        let repo = Repository::init_opts(dir, &options).map_err(failed)?;
        let mut config = repo.config().map_err(failed)?;
        config.set_bool("core.quotepath", false).map_err(failed)?;
        config.set_bool("core.precomposeunicode", true).map_err(failed)?;
        Ok(Self { repo })
    }

    /// The text of a file at the tip of a branch.
    pub fn read(&self, branch: &str, path: &str) -> Option<Vec<u8>> {
        let tree = self.tip(branch)?.tree().ok()?;
        let entry = tree.get_path(Path::new(path)).ok()?;
        Some(self.repo.find_blob(entry.id()).ok()?.content().to_vec())
    }

    /// Whether a branch exists.
    pub fn has(&self, branch: &str) -> bool {
        self.tip(branch).is_some()
    }

    fn tip(&self, branch: &str) -> Option<git2::Commit<'_>> {
        self.repo.find_reference(&format!("refs/heads/{branch}")).ok()?.peel_to_commit().ok()
    }

    /// Commits changes on a branch: each path with its new content, or none to remove it. A branch
    /// that does not exist yet starts at the tip of `from`.
    pub fn commit(
        &self,
        branch: &str,
        from: &str,
        author: &Author,
        message: &str,
        changes: &[(String, Option<Vec<u8>>)],
    ) -> Result<Oid, Failure> {
        let parent = self.tip(branch).or_else(|| self.tip(from));
        let mut index = Index::new().map_err(failed)?;
        if let Some(parent) = &parent {
            index.read_tree(&parent.tree().map_err(failed)?).map_err(failed)?;
        }
        for (path, content) in changes {
            match content {
                Some(bytes) => {
                    let id = self.repo.blob(bytes).map_err(failed)?;
                    index.add(&entry(path, id)).map_err(failed)?;
                }
                None => index.remove(Path::new(path), 0).map_err(failed)?,
            }
        }
        let tree = index.write_tree_to(&self.repo).map_err(failed)?;
        self.record(branch, author, message, tree, &parent.iter().collect::<Vec<_>>())
    }

    /// Merges a branch into another by a merge commit, never by fast-forward.
    pub fn merge(&self, into: &str, branch: &str, author: &Author, message: &str) -> Result<Oid, Failure> {
        let missing = |name: &str| Failure::plain(say!("没有分支 {name}", "there is no branch {name}"));
        let ours = self.tip(into).ok_or_else(|| missing(into))?;
        let theirs = self.tip(branch).ok_or_else(|| missing(branch))?;
        let mut index = self.repo.merge_commits(&ours, &theirs, None).map_err(failed)?;
        if index.has_conflicts() {
            return Err(Failure::plain(say!("{branch} 与 {into} 有冲突，不能自动合并", "{branch} conflicts with {into}")));
        }
        let tree = index.write_tree_to(&self.repo).map_err(failed)?;
        self.record(into, author, message, tree, &[&ours, &theirs])
    }

    fn record(&self, branch: &str, author: &Author, message: &str, tree: git2::Oid, parents: &[&git2::Commit<'_>]) -> Result<Oid, Failure> {
        let when = Time::new(author.at.seconds, author.at.offset);
        let signature = GitSignature::new(&author.name, &author.email, &when).map_err(failed)?;
        let tree = self.repo.find_tree(tree).map_err(failed)?;
        let reference = format!("refs/heads/{branch}");
        let id = match &author.key {
            None => self.repo.commit(None, &signature, &signature, message, &tree, parents).map_err(failed)?,
            Some(key) => {
                let text = self.repo.commit_create_buffer(&signature, &signature, message, &tree, parents).map_err(failed)?;
                let refused = || Failure::plain(say!("签不了名", "cannot sign"));
                let armour = key.sign(&text).ok_or_else(refused)?;
                let text = std::str::from_utf8(&text).map_err(|_| refused())?;
                self.repo.commit_signed(text, armour.trim_end(), None).map_err(failed)?
            }
        };
        self.repo.reference(&reference, id, true, message.lines().next().unwrap_or_default()).map_err(failed)?;
        Ok(Oid::of(id))
    }

    /// Deletes a branch that was merged.
    pub fn delete(&self, branch: &str) -> Result<(), Failure> {
        let mut reference = self.repo.find_reference(&format!("refs/heads/{branch}")).map_err(failed)?;
        reference.delete().map_err(failed)
    }

    /// Makes the working tree and the index show the tip of a branch.
    pub fn checkout(&self, branch: &str) -> Result<(), Failure> {
        self.repo.set_head(&format!("refs/heads/{branch}")).map_err(failed)?;
        let mut how = git2::build::CheckoutBuilder::new();
        self.repo.checkout_head(Some(how.force())).map_err(failed)
    }
}

fn entry(path: &str, id: git2::Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
