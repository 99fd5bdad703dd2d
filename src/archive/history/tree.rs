//! Which files differ between a commit's tree and those of its parents.
//!
//! Works on the bytes of tree objects: libgit2's own comparison of trees takes more than ten times
//! as long, and its parsed trees several times.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use super::{Change, Entry, Oid, Origin};

/// Most changed files of one commit that are followed. Ten nested folders of ten equal folders are
/// a few bytes in git and ten milliard files to whoever unfolds them.
const MAX_CHANGES: usize = 500_000;
/// Deepest folder that is followed.
const MAX_DEPTH: usize = 64;
/// Bytes of trees that are kept at hand, twice.
const AT_HAND: usize = 8 << 20;

/// What kept a walk from being complete.
#[derive(Default)]
pub(super) struct Trouble {
    /// The first object that could not be read.
    pub(super) missing: Option<String>,
    /// The first commit that was cut short.
    pub(super) oversized: Option<u32>,
}

/// Compares trees; equal ids are never opened.
pub(super) struct Comparison<'o, 'p> {
    odb: &'o git2::Odb<'o>,
    prefix: &'p [String],
    near: HashMap<Oid, Rc<Tree<'o>>>,
    far: HashMap<Oid, Rc<Tree<'o>>>,
    bytes: usize,
    task: Task,
    found: Vec<(String, Change)>,
    trouble: Trouble,
}

/// The commit that is being compared.
#[derive(Default)]
struct Task {
    commit: u32,
    main: bool,
    left: usize,
}

impl<'o, 'p> Comparison<'o, 'p> {
    /// A comparison of trees in `odb`, of which only the folder at `prefix` counts.
    pub(super) fn new(odb: &'o git2::Odb<'o>, prefix: &'p [String]) -> Self {
        let (near, far) = (HashMap::new(), HashMap::new());
        Self { odb, prefix, near, far, bytes: 0, task: Task::default(), found: Vec::new(), trouble: Trouble::default() }
    }

    /// Compares one commit: on the main line with its first parent, elsewhere with all parents at once.
    pub(super) fn run(&mut self, commit: u32, new: Option<Oid>, parents: &[Option<Oid>], main: bool) {
        self.task = Task { commit, main, left: MAX_CHANGES };
        let new = self.folder(new);
        let parents: Vec<_> = parents.iter().map(|&parent| self.folder(parent)).collect();
        self.trees(&mut String::new(), 0, new, &parents);
    }

    /// The changes in the order of the commits, and what was in the way.
    pub(super) fn finish(self) -> (Vec<(String, Change)>, Trouble) {
        (self.found, self.trouble)
    }

    /// The archive's folder in the tree of a commit.
    fn folder(&mut self, tree: Option<Oid>) -> Option<Oid> {
        let mut at = tree?;
        for name in self.prefix {
            let like = Item { name: name.as_bytes(), kind: Kind::Folder, id: at };
            at = self.load(at)?.get(&like)?.id;
        }
        Some(at)
    }

    fn trees(&mut self, path: &mut String, depth: usize, new: Option<Oid>, parents: &[Option<Oid>]) {
        let (old, others) = parents.split_first().map_or((None, parents), |(first, others)| (*first, others));
        if new == old || !self.task.main && others.contains(&new) {
            return;
        }
        if depth > MAX_DEPTH || self.task.left == 0 {
            self.trouble.oversized.get_or_insert(self.task.commit);
            return;
        }
        let mut load = |id: &Option<Oid>| id.and_then(|id| self.load(id));
        let (new, old) = (load(&new), load(&old));
        let others: Vec<_> = others.iter().map(load).collect();
        let all = |tree: &Option<Rc<Tree<'o>>>| 0..tree.as_ref().map_or(0, |tree| tree.len());
        let (mut left, mut right) = match (&new, &old) {
            (Some(new), Some(old)) => new.middle(old),
            _ => (all(&new), all(&old)),
        };
        loop {
            let (ours, theirs) = (item(&new, &left), item(&old, &right));
            let order = match (&ours, &theirs) {
                (Some(ours), Some(theirs)) => ours.order(theirs),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return,
            };
            left.start += usize::from(order.is_le());
            right.start += usize::from(order.is_ge());
            self.entry(path, depth, ours.filter(|_| order.is_le()), theirs.filter(|_| order.is_ge()), &others);
        }
    }

    /// Reports one name that is in either tree.
    fn entry(&mut self, path: &mut String, depth: usize, new: Option<Item<'_>>, old: Option<Item<'_>>, others: &[Option<Rc<Tree<'o>>>]) {
        let Some(either) = new.or(old) else { return };
        if new == old {
            return;
        }
        if either.name.contains(&b'/') {
            self.trouble.missing.get_or_insert_with(|| either.id.short());
            return;
        }
        let others: Vec<_> = others.iter().map(|tree| tree.as_ref().and_then(|tree| tree.get(&either))).collect();
        let end = path.len();
        path.push_str(&String::from_utf8_lossy(either.name));
        let id = |item: Option<Item<'_>>| item.map(|item| item.id);
        match either.kind {
            Kind::Folder => {
                path.push('/');
                let parents: Vec<_> = [old].into_iter().chain(others).map(id).collect();
                self.trees(path, depth + 1, id(new), &parents);
            }
            Kind::Leaf(entry) => {
                let elsewhere = others.contains(&new);
                if self.task.left == 0 {
                    self.trouble.oversized.get_or_insert(self.task.commit);
                } else if self.task.main || !elsewhere {
                    let origin = if elsewhere { Origin::Parent } else { Origin::Here };
                    self.task.left -= 1;
                    self.found.push((path.clone(), Change { commit: self.task.commit, old: id(old), new: id(new), entry, origin }));
                }
            }
        }
        path.truncate(end);
    }

    fn load(&mut self, id: Oid) -> Option<Rc<Tree<'o>>> {
        if let Some(tree) = self.near.get(&id) {
            return Some(Rc::clone(tree));
        }
        let tree = match self.far.remove(&id) {
            Some(tree) => Some(tree),
            None => self.odb.read(id.git()).ok().filter(|o| o.kind() == git2::ObjectType::Tree).and_then(Tree::parse).map(Rc::new),
        };
        let Some(tree) = tree else {
            self.trouble.missing.get_or_insert_with(|| id.short());
            return None;
        };
        self.bytes += tree.object.len();
        if self.bytes > AT_HAND {
            self.bytes = tree.object.len();
            self.far = std::mem::take(&mut self.near);
        }
        self.near.insert(id, Rc::clone(&tree));
        Some(tree)
    }
}

fn item<'t>(tree: &'t Option<Rc<Tree<'_>>>, range: &Range<usize>) -> Option<Item<'t>> {
    tree.as_ref().filter(|_| !range.is_empty()).map(|tree| tree.item(range.start))
}

/// A tree as git stores it: entries `MODE NAME NUL ID`, sorted with folders as if they ended in `/`.
struct Tree<'o> {
    object: git2::OdbObject<'o>,
    /// Where entries start, and at last where they end.
    starts: Vec<u32>,
}

/// One entry of a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Item<'t> {
    name: &'t [u8],
    kind: Kind,
    id: Oid,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Leaf(Entry),
}

impl Item<'_> {
    /// git's order of entries; a file and a folder of one name are two entries.
    fn order(&self, other: &Self) -> Ordering {
        let shared = self.name.len().min(other.name.len());
        let next = |item: &Self| item.name.get(shared).copied().or((item.kind == Kind::Folder).then_some(b'/'));
        let rest = || next(self).cmp(&next(other)).then(self.name.len().cmp(&other.name.len()));
        self.name[..shared].cmp(&other.name[..shared]).then_with(rest)
    }
}

impl<'o> Tree<'o> {
    fn parse(object: git2::OdbObject<'o>) -> Option<Self> {
        let data = object.data();
        u32::try_from(data.len()).ok()?;
        let mut starts = vec![0];
        let mut at = 0;
        while at < data.len() {
            let space = at + mode_length(&data[at..])?;
            let name = data[space + 1..].iter().position(|&byte| byte == 0).filter(|&length| length > 0)?;
            at = space + 1 + name + 1 + 20;
            if at > data.len() {
                return None;
            }
            starts.push(at as u32);
        }
        Some(Self { object, starts })
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn item(&self, n: usize) -> Item<'_> {
        let entry = &self.object.data()[self.starts[n] as usize..self.starts[n + 1] as usize];
        let (front, digest) = entry.split_at(entry.len() - 20);
        let (mode, name) = front.split_at(mode_length(front).unwrap_or_default());
        let mode = mode.iter().fold(0u32, |mode, &digit| mode << 3 | u32::from(digit & 7));
        let kind = match mode & 0o170_000 {
            0o040_000 => Kind::Folder,
            0o100_000 if mode & 0o100 == 0 => Kind::Leaf(Entry::File),
            0o100_000 => Kind::Leaf(Entry::Executable),
            0o120_000 => Kind::Leaf(Entry::Link),
            _ => Kind::Leaf(Entry::Module),
        };
        let mut id = [0; 20];
        id.copy_from_slice(digest);
        Item { name: &name[1..name.len() - 1], kind, id: Oid(id) }
    }

    /// The entry of the same name and sort (folder or not).
    fn get(&self, like: &Item<'_>) -> Option<Item<'_>> {
        let mut range = 0..self.len();
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            let item = self.item(middle);
            match item.order(like) {
                Ordering::Less => range.start = middle + 1,
                Ordering::Greater => range.end = middle,
                Ordering::Equal => return Some(item),
            }
        }
        None
    }

    /// The entries in which two trees may differ; what is equal at the beginning and at the end is left out.
    fn middle(&self, other: &Self) -> (Range<usize>, Range<usize>) {
        let (ours, theirs) = (self.object.data(), other.object.data());
        let front = common_front(ours, theirs);
        let first = self.starts.partition_point(|&start| start as usize <= front) - 1;
        let from = self.starts[first] as usize;
        let back = common_back(&ours[from..], &theirs[from..]);
        let last = self.starts.partition_point(|&start| (start as usize) < ours.len() - back);
        let rest = ours.len() - self.starts[last] as usize;
        match other.starts.binary_search(&((theirs.len() - rest) as u32)) {
            Ok(end) => (first..last, first..end),
            Err(_) => (first..self.len(), first..other.len()), // chance: the equal bytes begin inside an entry
        }
    }
}

/// Where the name's space is: modes have five or six digits.
fn mode_length(entry: &[u8]) -> Option<usize> {
    [6, 5].into_iter().find(|&at| entry.get(at) == Some(&b' '))
}

/// How many bytes are compared at once.
const BLOCK: usize = 64;

fn common_front(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

fn common_back(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let (a, b) = (&a[..a.len() - blocks], &b[..b.len() - blocks]);
    blocks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}
