//! The walk: which commits there are, how they arrived, and what each did to which file.

use std::collections::HashMap;

use rayon::prelude::*;

use super::tree::{Comparison, Trouble};
use super::{Blobs, Commit, Facts, Limit, Oid, Position, Signature, Stamp};

/// Commits that one thread compares in one go: enough for its neighbours' trees to be at hand.
const CHUNK: usize = 256;

/// Brings `facts`, empty or of an earlier walk, up to these tips; whatever stood in the way is returned.
pub(super) fn follow(repo: &git2::Repository, blobs: &Blobs, facts: &mut Facts, main: Option<Oid>, head: Option<Oid>) -> Vec<Limit> {
    let mut graph = Graph { repo, index: HashMap::new(), missing: None };
    let line = graph.line(main, facts.main_tip());
    let before = graph.keep(facts, line.known);
    let first = facts.commits.len();
    graph.place(facts, line.new, head);
    let mut troubles = vec![Trouble { missing: graph.missing.take(), oversized: None }];

    let place = |id: Option<Oid>| graph.index.get(&id?).copied().filter(|&index| index != UNPLACED);
    let tree = |facts: &Facts, id: Option<Oid>| facts.commits.get(place(id)? as usize).map(|commit| commit.tree);
    let new: Vec<u32> = (first as u32..facts.commits.len() as u32).collect();
    let compare = |repo: &git2::Repository, chunk: &[u32]| {
        let odb = repo.odb()?;
        let mut comparison = Comparison::new(&odb, &blobs.prefix);
        for &index in chunk {
            let commit = &facts.commits[index as usize];
            let parents: Vec<_> = commit.parents.iter().map(|&parent| tree(facts, Some(parent))).collect();
            comparison.run(index, Some(commit.tree), &parents, matches!(commit.position, Position::Main(_)));
        }
        Ok(comparison.finish())
    };
    let unopened = || (Vec::new(), Trouble { missing: Some("objects".to_owned()), oversized: None });
    let compared: Vec<_> = new.par_chunks(CHUNK).map(|chunk| blobs.with(|repo| compare(repo, chunk)).unwrap_or_else(unopened)).collect();
    for (changes, trouble) in compared {
        for (path, change) in changes {
            facts.files.entry(path).or_default().changes.push(change);
        }
        troubles.push(trouble);
    }

    facts.head = head;
    if let Ok(odb) = repo.odb() {
        let mut comparison = Comparison::new(&odb, &blobs.prefix);
        comparison.run(place(head).unwrap_or_default(), tree(facts, head), &[before], true);
        let (changes, trouble) = comparison.finish();
        for (path, change) in changes {
            facts.files.entry(path).or_default().head = change.new;
        }
        troubles.push(trouble);
    }
    facts.files.retain(|_, file| file.head.is_some() || !file.changes.is_empty());

    let missing = troubles.iter_mut().find_map(|trouble| trouble.missing.take());
    let oversized = troubles.iter().find_map(|trouble| facts.commits.get(trouble.oversized? as usize));
    let missing = missing.map(|object| Limit::Damaged { object });
    missing.into_iter().chain(oversized.map(|commit| Limit::Oversized { commit: commit.id.short() })).collect()
}

/// The commits and their order.
struct Graph<'r> {
    repo: &'r git2::Repository,
    /// Every commit seen, with its place in the order.
    index: HashMap<Oid, u32>,
    missing: Option<String>,
}

/// Stands in the index for a commit that has been seen and not been placed.
const UNPLACED: u32 = u32::MAX;

/// The main line, newest first, down to what was known already.
struct Line {
    new: Vec<Commit>,
    known: bool,
}

impl Graph<'_> {
    /// Follows first parents from `tip` until the tip of an earlier walk, or to the end.
    fn line(&mut self, tip: Option<Oid>, known: Option<Oid>) -> Line {
        let (mut new, mut next) = (Vec::new(), tip);
        while let Some(id) = next {
            if known == Some(id) {
                return Line { new, known: true };
            }
            let Some(commit) = self.enter(id) else { break };
            next = commit.parents.first().copied();
            new.push(commit);
        }
        Line { new, known: false }
    }

    /// Keeps of an earlier walk what its main tip reaches, or nothing; returns the tree whose files `facts` has as the head's.
    fn keep(&mut self, facts: &mut Facts, known: bool) -> Option<Oid> {
        if !known {
            *facts = Facts::default();
            return None;
        }
        let head = facts.head.and_then(|id| facts.commits.iter().rfind(|commit| commit.id == id));
        let before = head.map(|commit| commit.tree);
        let kept = facts.main.last().map_or(0, |&tip| tip + 1);
        facts.commits.truncate(kept as usize);
        for file in facts.files.values_mut() {
            file.changes.truncate(file.changes.partition_point(|change| change.commit < kept));
        }
        self.index.extend(facts.commits.iter().map(|commit| commit.id).zip(0..));
        before
    }

    /// Appends the new part of the main line, each commit after whatever arrives by it, then the pending commits.
    fn place(&mut self, facts: &mut Facts, line: Vec<Commit>, head: Option<Oid>) {
        for commit in line.into_iter().rev() {
            let place = facts.main.len() as u32;
            for &parent in commit.parents.iter().skip(1) {
                self.side(facts, parent, Position::Side { entered: place });
            }
            let index = self.append(facts, commit, Position::Main(place));
            facts.main.push(index);
        }
        if let Some(head) = head {
            self.side(facts, head, Position::Pending);
        }
    }

    /// Appends what `tip` reaches and nothing before it did, parents before children.
    fn side(&mut self, facts: &mut Facts, tip: Oid, position: Position) {
        let mut path: Vec<(Commit, usize)> = self.enter(tip).map(|commit| (commit, 0)).into_iter().collect();
        while let Some((commit, next)) = path.last_mut() {
            let parent = commit.parents.get(*next).copied();
            *next += 1;
            match parent {
                Some(parent) => path.extend(self.enter(parent).map(|commit| (commit, 0))),
                None => {
                    if let Some((commit, _)) = path.pop() {
                        self.append(facts, commit, position);
                    }
                }
            }
        }
    }

    fn append(&mut self, facts: &mut Facts, commit: Commit, position: Position) -> u32 {
        let index = facts.commits.len() as u32;
        self.index.insert(commit.id, index);
        facts.commits.push(Commit { position, ..commit });
        index
    }

    /// The commit, the first time it is asked for. (Grafts can make circles.)
    fn enter(&mut self, id: Oid) -> Option<Commit> {
        if self.index.contains_key(&id) {
            return None;
        }
        self.index.insert(id, UNPLACED);
        match self.repo.find_commit(id.git()) {
            Ok(commit) => Some(Commit::from(&commit)),
            Err(_) => {
                self.index.remove(&id);
                self.missing.get_or_insert_with(|| id.short());
                None
            }
        }
    }
}

impl From<&git2::Commit<'_>> for Commit {
    fn from(commit: &git2::Commit<'_>) -> Self {
        let encoding = commit.message_encoding().ok().flatten().and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
        let text = |bytes: &[u8]| match encoding {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        };
        let signature = |from: git2::Signature<'_>| Signature {
            name: text(from.name_bytes()),
            email: text(from.email_bytes()).to_lowercase(),
            at: Stamp { seconds: from.when().seconds(), offset: from.when().offset_minutes() },
        };
        Self {
            id: Oid::of(commit.id()),
            tree: Oid::of(commit.tree_id()),
            parents: commit.parent_ids().map(Oid::of).collect(),
            author: signature(commit.author()),
            committer: signature(commit.committer()),
            message: text(commit.message_bytes()),
            position: Position::Pending,
        }
    }
}
