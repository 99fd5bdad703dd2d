//! What git knows: commits, the first-parent line of the main branch, and every change of every
//! file under the archive.
//!
//! The only home of git2. A repository becomes plain data here; nothing in it is an opinion about
//! approvals. One walk serves all records, and its result is kept in the git folder, so that the
//! next run reads only what is new.
//!
//! - *main line*: the tip of the main branch and its first parents. Only there can something enter.
//! - *side*: every other commit that the main branch reaches, mapped to the one commit of the main
//!   line by which it arrived (the first from which it is reachable).
//! - *pending*: commits that the checked-out commit reaches and the main branch does not.

mod branches;
mod cache;
mod layout;
mod limit;
mod outgoing;
mod push;
mod pushlog;
mod range;
mod scribe;
pub mod signature;
mod staged;
mod trailers;
mod tree;
mod walk;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::failure::Failure;

pub use branches::Waiting;
pub use limit::Limit;
pub use outgoing::{Outgoing, outgoing};
pub use push::{Bend, Push, Server};
pub use pushlog::REF as PUSHLOG;
pub use scribe::{Author, Scribe};
pub use staged::Staged;
pub use trailers::trailers;

/// Largest object that is read as text, in bytes. Originals and scans are not texts.
const MAX_BLOB: usize = 16 << 20;

/// The id of a git object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Oid([u8; 20]);

impl Oid {
    /// The first eight digits, as people cite commits.
    pub fn short(&self) -> String {
        let [a, b, c, d, ..] = self.0;
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }

    pub(super) fn bytes(self) -> [u8; 20] {
        self.0
    }

    /// The id that git gives this content. (libgit2 asks of every block whether it was made to collide,
    /// which takes ten times as long and matters where objects are trusted, not where a file is compared.)
    fn of_blob(bytes: &[u8]) -> Self {
        let hash = Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes);
        Self(hash.finalize().into())
    }

    fn of(id: git2::Oid) -> Self {
        Self(id.as_bytes().try_into().expect("libgit2 is built for SHA-1 alone, whose ids have 20 bytes"))
    }

    fn git(self) -> git2::Oid {
        git2::Oid::from_bytes(&self.0).expect("20 bytes are an id")
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

/// The text is not 40 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOid;

impl FromStr for Oid {
    type Err = NoOid;

    fn from_str(hex: &str) -> Result<Self, NoOid> {
        let digit = |c: u8| (c as char).to_digit(16).ok_or(NoOid);
        if hex.len() != 40 {
            return Err(NoOid);
        }
        let mut id = [0; 20];
        for (byte, pair) in id.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(id))
    }
}

/// A moment, as the writer's clock and zone had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    /// Minutes east of UTC where it was written.
    pub offset: i32,
}

impl Stamp {
    /// Date and time of day in a zone so many minutes east of UTC. Absurd moments end at the ends of the calendar.
    pub fn local(&self, zone_minutes: i32) -> NaiveDateTime {
        let end = if self.seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        let utc = DateTime::from_timestamp(self.seconds, 0).unwrap_or(end).naive_utc();
        utc.checked_add_signed(Duration::minutes(zone_minutes.into())).unwrap_or(utc)
    }

    /// The day in a zone so many minutes east of UTC.
    pub fn date(&self, zone_minutes: i32) -> NaiveDate {
        self.local(zone_minutes).date()
    }
}

/// Who, by their own account, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Name as written.
    pub name: String,
    /// Address in lower case.
    pub email: String,
    /// When.
    pub at: Stamp,
}

/// One commit. `.mailmap` is not consulted: whoever makes a pull request could change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub id: Oid,
    /// Id of its tree; equal to that of its parent when it changes nothing at all.
    pub tree: Oid,
    /// Ids of its parents.
    pub parents: Vec<Oid>,
    /// Who wrote it.
    pub author: Signature,
    /// Who put it into the repository.
    pub committer: Signature,
    /// The message, in UTF-8 whatever it was written in.
    pub message: String,
    /// Where it stands.
    pub position: Position,
}

impl Commit {
    /// The first line of the message.
    pub fn summary(&self) -> &str {
        self.message.lines().next().unwrap_or_default().trim()
    }
}

/// Where a commit stands towards the main branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// On the first-parent line, counted from its oldest commit.
    Main(u32),
    /// Reached by the main branch through another parent.
    Side {
        /// The place on the main line of the commit by which it arrived.
        entered: u32,
    },
    /// Not reached by the main branch, only by the checked-out commit.
    Pending,
}

/// What one commit did to one path.
///
/// A commit on the main line is compared with its first parent; every other commit changed a path
/// only where it differs from all of its parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Index of the commit in [`History::commits`].
    pub commit: u32,
    /// What stood there (in the first parent).
    pub old: Option<Oid>,
    /// What stands there now; nothing when it was removed.
    pub new: Option<Oid>,
    /// What sort of entry it is, or was before it was removed.
    pub entry: Entry,
    /// Who made the new content.
    pub origin: Origin,
}

/// What sort of thing a path names. Nothing but a file is ever opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A file.
    File,
    /// A file marked executable.
    Executable,
    /// A symbolic link; its id is a blob that holds the target.
    Link,
    /// A submodule, or a mode that git itself would not write; its id is no blob of this repository.
    Module,
}

/// Where the content of a change comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The same stands at that path in another parent: a merge brought it.
    Parent,
    /// It was made by the commit itself: a plain commit, or a merge that differs here from all its parents.
    Here,
}

/// How a file of the working tree stands to the checked-out commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// The commit holds this very text (line ends aside).
    Committed,
    /// The commit holds another text.
    Modified,
    /// The commit holds no such file.
    Untracked,
    /// There is no repository, or none that can be read.
    Outside,
}

/// The history of one path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    /// What the checked-out commit holds.
    head: Option<Oid>,
    /// Ascending by commit.
    changes: Vec<Change>,
}

/// What a walk yields, and what the cache holds.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Facts {
    head: Option<Oid>,
    commits: Vec<Commit>,
    main: Vec<u32>,
    files: BTreeMap<String, File>,
}

/// Everything that the repository says about the archive.
#[derive(Debug, Default)]
pub struct History {
    /// The checked-out commit; none before the first commit.
    pub head: Option<Oid>,
    /// The name of the branch that is checked out; none for a bare commit.
    pub checked_out: Option<String>,
    /// The name of the main branch.
    pub branch: String,
    /// The main line, oldest first, as indices into `commits`.
    pub main: Vec<u32>,
    /// All commits, parents before children: what arrived by a commit of the main line stands
    /// directly before it, pending commits stand at the end.
    pub commits: Vec<Commit>,
    /// What this history cannot show, or why it cannot be trusted.
    pub limits: Vec<Limit>,
    files: BTreeMap<String, File>,
    inside: bool,
    by_id: OnceLock<HashMap<Oid, u32>>,
    /// When the server received each commit, where it keeps a log.
    received: Vec<Option<Stamp>>,
    /// Where earlier runs kept what they read, if that may be used.
    kept: Option<PathBuf>,
}

impl History {
    /// Reads the history of the archive in `root`, which may be a folder inside a repository.
    ///
    /// What git cannot tell is a [`Limit`]; a failure is only what should have worked. With `cache`
    /// an earlier walk is continued and the result kept; with `verify` every object's hash is
    /// checked (for the whole process) and no earlier walk is trusted.
    pub fn read(root: &Path, branch: &str, cache: bool, verify: bool) -> Result<(Self, Blobs), Failure> {
        git2::opts::strict_hash_verification(verify);
        git2::opts::enable_caching(false); // every object is read once; libgit2 would keep up to 256 MB of them
        let refused = |what: &dyn fmt::Display| Failure::io("读不到 git 仓库，档案库在", "cannot read the git repository of", root, what);
        let root = root.canonicalize().map_err(|e| refused(&e))?;
        let mut history = Self { branch: branch.to_owned(), ..Self::default() };
        let repo = match git2::Repository::discover(&root) {
            Ok(repo) => repo,
            Err(error) => {
                history.limits.push(limit::closed(&error).ok_or_else(|| refused(&error.message()))?);
                return Ok((history, Blobs::default()));
            }
        };
        history.inside = true;
        history.limits = limit::of(&repo);
        let prefix = prefix(&repo, &root);
        let blobs = Blobs { folder: Some(repo.path().to_path_buf()), prefix, ..Blobs::default() };
        history.checked_out = checked_out(&repo);
        let head = repo.head();
        let broken = head.as_ref().map_or_else(|e| e.code() != git2::ErrorCode::UnbornBranch, |head| tip(head).is_none());
        let head = head.ok().and_then(|head| tip(&head));
        let main = main_tip(&repo, branch);
        history.limits.extend(match (head, main) {
            _ if broken => Some(Limit::Damaged { object: "HEAD".to_owned() }),
            (None, None) => Some(Limit::Unborn),
            (Some(_), None) => Some(Limit::NoMainBranch { name: branch.to_owned() }),
            _ => None,
        });
        let main = main.or(head);
        let whole = history.limits.iter().all(|limit| matches!(limit, Limit::NoMainBranch { .. }));
        let kept = (cache && whole).then(|| repo.commondir().join("anjuan"));
        let file = kept.as_ref().map(|folder| cache::File::new(folder, &blobs.prefix));
        history.kept = kept.filter(|_| !verify);
        let mut facts = file.as_ref().filter(|_| !verify).and_then(cache::File::read).unwrap_or_default();
        if facts.head != head || facts.main_tip() != main {
            let found = walk::follow(&repo, &blobs, &mut facts, main, head);
            if let Some(file) = file.filter(|_| found.is_empty()) {
                file.write(&facts);
            }
            history.limits.extend(found);
        }
        let Facts { head, commits, main, files } = facts;
        let mut history = Self { head, commits, main, files, ..history };
        history.received = pushlog::received(&repo, &history.commits, &|id| history.find(id));
        blobs.give(repo);
        Ok((history, blobs))
    }

    /// Where earlier runs kept what they read, if that may be used.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.kept.as_deref()
    }

    /// What happened to a path (relative to the archive, with `/`), oldest first.
    pub fn changes(&self, path: &str) -> &[Change] {
        self.files.get(path).map_or(&[], |file| &file.changes)
    }

    /// Every path that ever existed under the archive, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every change with its path, in the order of the commits, then of the paths.
    pub fn all_changes(&self) -> Vec<(&str, &Change)> {
        let mut all: Vec<_> = self.files.iter().flat_map(|(path, file)| file.changes.iter().map(move |c| (path.as_str(), c))).collect();
        all.sort_by_key(|(_, change)| change.commit);
        all
    }

    /// What the checked-out commit holds at a path.
    pub fn at_head(&self, path: &str) -> Option<Oid> {
        self.files.get(path)?.head
    }

    /// How a file of the working tree with this content stands to the checked-out commit.
    pub fn status_of(&self, path: &str, bytes: &[u8]) -> Committed {
        if !self.inside {
            return Committed::Outside;
        }
        let Some(head) = self.at_head(path) else { return Committed::Untracked };
        let is_head = |bytes: &[u8]| Oid::of_blob(bytes) == head;
        // git for Windows checks texts out with CRLF and stores them with LF.
        if is_head(bytes) || bytes.windows(2).any(|pair| pair == b"\r\n") && is_head(&without_returns(bytes)) {
            Committed::Committed
        } else {
            Committed::Modified
        }
    }

    /// The commit with an id.
    pub fn find(&self, id: Oid) -> Option<u32> {
        let by_id = self.by_id.get_or_init(|| self.commits.iter().map(|c| c.id).zip(0..).collect());
        by_id.get(&id).copied()
    }

    /// The commit that a person means by an id or by at least seven of its digits; none when several begin so.
    pub fn named(&self, hex: &str) -> Option<u32> {
        let hex = hex.trim().to_ascii_lowercase();
        if let Ok(id) = hex.parse() {
            return self.find(id);
        }
        let mut fitting = (0..).zip(&self.commits).filter(|(_, commit)| commit.id.to_string().starts_with(&hex));
        let first = fitting.next().filter(|_| hex.len() >= 7);
        first.filter(|_| fitting.next().is_none()).map(|(index, _)| index)
    }

    /// When the server received a commit, at the latest; none where it keeps no log or the log is not here.
    pub fn received(&self, commit: u32) -> Option<Stamp> {
        self.received.get(commit as usize).copied().flatten()
    }

    /// The commits that the main branch does not reach.
    pub fn pending(&self) -> &[Commit] {
        let from = self.main.last().map_or(0, |&last| last as usize + 1);
        &self.commits[from..]
    }

    /// The commits that arrived by a place of the main line, its own commit not included.
    pub fn side(&self, place: usize) -> &[Commit] {
        let Some(&own) = self.main.get(place) else { return &[] };
        let before = place.checked_sub(1).and_then(|p| self.main.get(p)).map_or(0, |&index| index + 1);
        &self.commits[before as usize..own as usize]
    }
}

impl Facts {
    fn main_tip(&self) -> Option<Oid> {
        self.main.last().and_then(|&index| self.commits.get(index as usize)).map(|commit| commit.id)
    }
}

/// Reads contents of old revisions, from any number of threads.
#[derive(Default)]
pub struct Blobs {
    /// The git folder, to open it again; none without a repository.
    folder: Option<PathBuf>,
    /// Whether git says by its environment where the objects are, as it does for a hook.
    in_hook: bool,
    /// The archive's folder inside the repository.
    prefix: Vec<String>,
    /// Repositories that nobody uses at the moment; git2's are not to be shared by threads.
    idle: Mutex<Vec<git2::Repository>>,
    /// Signatures that were verified; one merge is asked about once for every record that it brings.
    seals: Mutex<HashMap<Oid, signature::Seal>>,
}

impl Blobs {
    /// The content of a file; none when it is missing (partial clone), no file, or too large for a text.
    pub fn text(&self, id: Oid) -> Option<Vec<u8>> {
        self.object(id, git2::ObjectType::Blob)
    }

    /// What the signature of a commit says; unsigned where the commit cannot be had.
    pub fn seal(&self, id: Oid) -> signature::Seal {
        if let Some(known) = self.seals.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return known.clone();
        }
        let seal = self.object(id, git2::ObjectType::Commit).map_or(signature::Seal::Unsigned, |bytes| signature::seal(&bytes));
        self.seals.lock().unwrap_or_else(PoisonError::into_inner).insert(id, seal.clone());
        seal
    }

    /// The file that stands at a path of the archive in some commit.
    pub fn at(&self, commit: Oid, path: &str) -> Option<Oid> {
        let full = self.full(path);
        self.with(|repo| {
            let tree = repo.find_commit(commit.git())?.tree()?;
            tree.get_path(Path::new(&full)).map(|entry| Oid::of(entry.id()))
        })
    }

    /// The file that a merge of two commits gives at a path when nobody lends a hand; none where it conflicts.
    pub fn merged(&self, ours: Oid, theirs: Oid, path: &str) -> Option<Oid> {
        let full = self.full(path);
        self.with(|repo| {
            let (ours, theirs) = (repo.find_commit(ours.git())?, repo.find_commit(theirs.git())?);
            let index = repo.merge_commits(&ours, &theirs, None)?;
            Ok(index.get_path(Path::new(&full), 0).map(|entry| Oid::of(entry.id)))
        })?
    }

    /// A path of the archive as the repository has it.
    pub fn full(&self, path: &str) -> String {
        self.prefix.iter().map(String::as_str).chain([path]).collect::<Vec<_>>().join("/")
    }

    fn object(&self, id: Oid, kind: git2::ObjectType) -> Option<Vec<u8>> {
        self.with(|repo| {
            let odb = repo.odb()?;
            let (size, found) = odb.read_header(id.git())?;
            if found != kind || size > MAX_BLOB {
                return Ok(None);
            }
            odb.read(id.git()).map(|object| Some(object.data().to_vec()))
        })?
    }

    /// Lends a repository that no other thread holds.
    fn with<T>(&self, ask: impl FnOnce(&git2::Repository) -> Result<T, git2::Error>) -> Option<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repo = match idle {
            Some(repo) => repo,
            None if self.in_hook => git2::Repository::open_from_env().ok()?,
            None => git2::Repository::open(self.folder.as_ref()?).ok()?,
        };
        let answer = ask(&repo).ok();
        self.give(repo);
        answer
    }

    fn give(&self, repo: git2::Repository) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(repo);
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blobs")
    }
}

fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let next = bytes.iter().copied().skip(1).map(Some).chain([None]);
    bytes.iter().copied().zip(next).filter(|&pair| pair != (b'\r', Some(b'\n'))).map(|(byte, _)| byte).collect()
}

/// The archive's folder as seen from the top of the repository; a bare repository is its own top.
fn prefix(repo: &git2::Repository, root: &Path) -> Vec<String> {
    let top = repo.workdir().and_then(|top| top.canonicalize().ok());
    let inside = top.as_deref().and_then(|top| root.strip_prefix(top).ok());
    inside.map(|path| path.iter().map(|part| part.to_string_lossy().into_owned()).collect()).unwrap_or_default()
}

/// A path of the repository as one of the archive.
fn own_path(prefix: &[String], path: &str) -> Option<String> {
    let rest = prefix.iter().try_fold(path, |rest, part| rest.strip_prefix(part.as_str())?.strip_prefix('/'))?;
    Some(rest.to_owned())
}

fn checked_out(repo: &git2::Repository) -> Option<String> {
    let head = repo.find_reference("HEAD").ok()?;
    Some(head.symbolic_target().ok()??.strip_prefix("refs/heads/")?.to_owned())
}

fn tip(reference: &git2::Reference<'_>) -> Option<Oid> {
    reference.peel_to_commit().ok().map(|commit| Oid::of(commit.id()))
}

/// The tip of the main branch: the local one, or the server's as last fetched.
///
/// Whoever works on a branch of their own rarely updates the local main branch; where it has merely
/// fallen behind, what the server had is taken. On the main branch itself the local one is meant.
fn main_tip(repo: &git2::Repository, branch: &str) -> Option<Oid> {
    let remotes = repo.remotes().ok();
    let names: Vec<&str> = remotes.iter().flat_map(|names| names.iter()).filter_map(|name| name.ok().flatten()).collect();
    let remote = names.iter().find(|name| **name == "origin").or(names.first().filter(|_| names.len() == 1));
    let find = |name: String| repo.find_reference(&name).ok().and_then(|reference| tip(&reference));
    let local = find(format!("refs/heads/{branch}"));
    let fetched = remote.and_then(|remote| find(format!("refs/remotes/{remote}/{branch}")));
    match (local, fetched) {
        (Some(local), Some(fetched)) => {
            let on_it = repo.head().is_ok_and(|head| head.name().is_ok_and(|name| name == format!("refs/heads/{branch}")));
            let behind = !on_it && repo.graph_descendant_of(fetched.git(), local.git()).unwrap_or(false);
            Some(if behind { fetched } else { local })
        }
        (local, fetched) => local.or(fetched),
    }
}

#[cfg(test)]
mod tests;
