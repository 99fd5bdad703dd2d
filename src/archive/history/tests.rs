use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::diagnostic::{CODES, Severity};

const FILE: i32 = 0o100_644;

/// A real repository in which every commit names all its files.
struct Repo {
    dir: TempDir,
    git: git2::Repository,
    clock: Cell<i64>,
}

impl Repo {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let git = git2::Repository::init_opts(dir.path(), git2::RepositoryInitOptions::new().initial_head("main")).unwrap();
        Self { dir, git, clock: Cell::new(1_700_000_000) }
    }

    fn commit(&self, branch: &str, parents: &[Oid], files: &[(&str, &str)]) -> Oid {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, FILE, self.git.blob(text.as_bytes()).unwrap())).collect();
        self.commit_entries(branch, parents, &files)
    }

    fn commit_entries(&self, branch: &str, parents: &[Oid], entries: &[(&str, i32, git2::Oid)]) -> Oid {
        let tree = self.folder(entries);
        let tree = self.git.find_tree(tree).unwrap();
        self.clock.set(self.clock.get() + 60);
        let when = git2::Time::new(self.clock.get(), 480);
        let author = git2::Signature::new("李娜", "Li.Na@Example.org", &when).unwrap();
        let committer = git2::Signature::new("王芳", "wang@example.org", &when).unwrap();
        let parents: Vec<_> = parents.iter().map(|id| self.git.find_commit(id.git()).unwrap()).collect();
        let message = format!("提交 {}\n\nReviewed-by: 王芳 <wang@example.org>\n", self.clock.get());
        let id = self.git.commit(None, &author, &committer, &message, &tree, &parents.iter().collect::<Vec<_>>()).unwrap();
        self.set(branch, Oid::of(id));
        Oid::of(id)
    }

    fn folder(&self, entries: &[(&str, i32, git2::Oid)]) -> git2::Oid {
        let mut tree = self.git.treebuilder(None).unwrap();
        let mut folders: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (path, mode, id) in entries {
            match path.split_once('/') {
                None => drop(tree.insert(path, *id, *mode).unwrap()),
                Some((name, rest)) => folders.entry(name).or_default().push((rest, *mode, *id)),
            }
        }
        for (name, own) in folders {
            tree.insert(name, self.folder(&own), 0o040_000).unwrap();
        }
        tree.write().unwrap()
    }

    fn set(&self, branch: &str, id: Oid) {
        self.git.reference(&format!("refs/heads/{branch}"), id.git(), true, "test").unwrap();
    }

    fn detach(&self, id: Oid) {
        self.git.set_head_detached(id.git()).unwrap();
    }

    fn read(&self) -> History {
        read(self.dir.path()).0
    }

    fn blob(&self, text: &str) -> Option<Oid> {
        git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).ok().map(Oid::of)
    }
}

fn read(root: &Path) -> (History, Blobs) {
    History::read(root, "main", false, false).unwrap()
}

fn cli(folder: &Path, arguments: &[&str]) -> bool {
    Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap().status.success()
}

impl History {
    /// Where commits stand, in their order: `0` on the line, `+1` arrived there, `?` pending.
    fn shape(&self) -> String {
        let place = |commit: &Commit| match commit.position {
            Position::Main(place) => place.to_string(),
            Position::Side { entered } => format!("+{entered}"),
            Position::Pending => "?".to_owned(),
        };
        self.commits.iter().map(place).collect::<Vec<_>>().join(" ")
    }

    fn position(&self, id: Oid) -> Position {
        self.commits[self.find(id).unwrap() as usize].position
    }

    /// Changes of one path as `(commit, origin)`.
    fn trail(&self, path: &str) -> Vec<(Oid, Origin)> {
        self.changes(path).iter().map(|c| (self.commits[c.commit as usize].id, c.origin)).collect()
    }

    fn facts(self) -> Facts {
        Facts { head: self.head, commits: self.commits, main: self.main, files: self.files }
    }
}

#[test]
fn direct_commits_and_a_merge() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一"), ("cases/1/x.md", "甲")]);
    let direct = repo.commit("main", &[first], &[("a.md", "二"), ("cases/1/x.md", "甲")]);
    let one = repo.commit("side", &[first], &[("a.md", "一"), ("cases/1/x.md", "乙")]);
    let two = repo.commit("side", &[one], &[("a.md", "一"), ("cases/1/x.md", "丙"), ("cases/2/y.md", "新")]);
    let merge = repo.commit("main", &[direct, two], &[("a.md", "二"), ("cases/1/x.md", "丙"), ("cases/2/y.md", "新")]);
    let gone = repo.commit("main", &[merge], &[("a.md", "二"), ("cases/2/y.md", "新")]);

    let (history, blobs) = read(repo.dir.path());
    assert_eq!(history.limits, []);
    assert_eq!((history.head, history.branch.as_str()), (Some(gone), "main"));
    assert_eq!(history.shape(), "0 1 +2 +2 2 3");
    assert_eq!(history.main, [0, 1, 4, 5]);
    assert_eq!((0..5).map(|place| history.side(place).len()).collect::<Vec<_>>(), [0, 0, 2, 0, 0]);
    assert_eq!(history.paths().collect::<Vec<_>>(), ["a.md", "cases/1/x.md", "cases/2/y.md"]);
    assert_eq!(
        history.trail("cases/1/x.md"),
        [(first, Origin::Here), (one, Origin::Here), (two, Origin::Here), (merge, Origin::Parent), (gone, Origin::Here)]
    );
    assert_eq!(history.trail("a.md"), [(first, Origin::Here), (direct, Origin::Here)]);
    let entered = history.changes("cases/1/x.md")[3];
    assert_eq!((entered.old, entered.new, entered.entry), (repo.blob("甲"), repo.blob("丙"), Entry::File));
    assert_eq!(history.changes("cases/1/x.md")[4].new, None);
    assert_eq!((history.at_head("cases/1/x.md"), history.at_head("cases/2/y.md")), (None, repo.blob("新")));
    assert_eq!(history.changes("nowhere"), []);
    let order: Vec<_> = history.all_changes().iter().map(|(path, change)| (change.commit, *path)).collect();
    assert!(order.is_sorted() && order.len() == 9, "{order:?}");

    assert_eq!(blobs.text(entered.new.unwrap()).as_deref(), Some("丙".as_bytes()));
    assert_eq!((blobs.text(first), blobs.text(Oid([7; 20]))), (None, None));
    assert_eq!(blobs.seal(merge), signature::Seal::Unsigned);
    assert_eq!((blobs.at(one, "cases/1/x.md"), blobs.at(one, "cases/2/y.md")), (repo.blob("乙"), None));
    let all: Vec<_> = (0..200).into_par_iter().map(|_| blobs.text(entered.new.unwrap()).is_some()).collect();
    assert!(all.iter().all(|found| *found));

    assert_eq!(history.named(&gone.to_string()), Some(5));
    assert_eq!(history.named(&gone.short()), Some(5));
    assert_eq!((history.named("0000000"), history.named(&gone.short()[..6])), (None, None));
}

#[test]
fn people_and_moments() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let raw = |message: &[u8]| {
        let tree = repo.git.find_commit(first.git()).unwrap().tree_id();
        let who = encoding_rs::GBK.encode("王芳 <Wang@X.org> 1700006400 -0330").0.into_owned();
        let head = format!("tree {tree}\nparent {first}\nauthor ");
        [head.as_bytes(), &who, b"\ncommitter ", &who, b"\nencoding GBK\n\n", message].concat()
    };
    let gbk = raw(&encoding_rs::GBK.encode("结案\n\n说明").0);
    let gbk = Oid::of(repo.git.odb().unwrap().write(git2::ObjectType::Commit, &gbk).unwrap());
    repo.set("main", gbk);

    let history = repo.read();
    let [first, gbk] = &history.commits[..] else { panic!("two commits") };
    assert_eq!((first.author.name.as_str(), first.author.email.as_str()), ("李娜", "li.na@example.org"));
    assert_eq!(trailers(&first.message), [("Reviewed-by".to_owned(), "王芳 <wang@example.org>".to_owned())]);
    assert_eq!((gbk.author.name.as_str(), gbk.author.email.as_str(), gbk.summary()), ("王芳", "wang@x.org", "结案"));
    assert_eq!(gbk.tree, first.tree);
    assert_eq!(gbk.author.at, Stamp { seconds: 1_700_006_400, offset: -210 });
    assert_eq!(gbk.author.at.local(0).to_string(), "2023-11-15 00:00:00");
    assert_eq!(gbk.author.at.date(-210).to_string(), "2023-11-14");
    assert_eq!(gbk.author.at.local(480).to_string(), "2023-11-15 08:00:00");
    assert!(Stamp { seconds: i64::MAX, offset: 0 }.date(480) > gbk.author.at.date(0));
    assert!(Stamp { seconds: i64::MIN, offset: 0 }.date(-480) < gbk.author.at.date(0));
}

#[test]
fn ids() {
    let hex = "0123456789abcdefABCDEF000102030405060708";
    let id: Oid = hex.parse().unwrap();
    assert_eq!((id.to_string(), id.short().as_str()), (hex.to_lowercase(), "01234567"));
    assert_eq!("0123".parse::<Oid>(), Err(NoOid));
    assert_eq!(hex.replace('a', "g").parse::<Oid>(), Err(NoOid));
}

#[test]
fn main_merged_into_the_side_branch_makes_no_change() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一"), ("b.md", "一")]);
    let side = repo.commit("side", &[first], &[("a.md", "二"), ("b.md", "一")]);
    let direct = repo.commit("main", &[first], &[("a.md", "一"), ("b.md", "二")]);
    let back = repo.commit("side", &[side, direct], &[("a.md", "二"), ("b.md", "二")]);
    let merge = repo.commit("main", &[direct, back], &[("a.md", "二"), ("b.md", "二")]);

    let history = repo.read();
    assert_eq!(history.shape(), "0 1 +2 +2 2");
    assert_eq!(history.trail("a.md"), [(first, Origin::Here), (side, Origin::Here), (merge, Origin::Parent)]);
    assert_eq!(history.trail("b.md"), [(first, Origin::Here), (direct, Origin::Here)]);
}

#[test]
fn merges_that_make_something_themselves() {
    let repo = Repo::new();
    let text = |a: &str, b: &str| format!("{a}\n1\n2\n3\n4\n5\n6\n{b}\n");
    let first = repo.commit("main", &[], &[("a.md", "一"), ("both.md", &text("x", "x")), ("gone.md", "留")]);
    let direct = repo.commit("main", &[first], &[("a.md", "一"), ("both.md", &text("main", "x")), ("gone.md", "留")]);
    let side = repo.commit("side", &[first], &[("a.md", "二"), ("both.md", &text("x", "side")), ("gone.md", "留")]);
    let evil = repo.commit("main", &[direct, side], &[("a.md", "改"), ("both.md", &text("main", "side")), ("new.md", "塞")]);

    let (history, blobs) = read(repo.dir.path());
    for path in ["a.md", "both.md", "gone.md", "new.md"] {
        assert_eq!(history.trail(path).last(), Some(&(evil, Origin::Here)), "{path}");
    }
    assert_eq!(blobs.merged(direct, side, "both.md"), repo.blob(&text("main", "side")));
    assert_eq!(blobs.merged(direct, side, "a.md"), repo.blob("二"));
    assert_eq!(blobs.merged(direct, side, "new.md"), None);
    assert_eq!(blobs.merged(direct, evil, "a.md"), repo.blob("改"));

    let other = repo.commit("main", &[first], &[("a.md", "三")]);
    repo.detach(repo.commit("side", &[evil, other], &[("a.md", "四"), ("both.md", "")]));
    let history = repo.read();
    let pending = history.head.unwrap();
    assert_eq!(history.position(pending), Position::Pending);
    assert_eq!(history.trail("a.md").last(), Some(&(pending, Origin::Here)));
    assert_eq!(history.trail("both.md").last(), Some(&(pending, Origin::Here)));
    assert_ne!(history.trail("new.md").last(), Some(&(pending, Origin::Here)), "removed as in one of its parents");
}

#[test]
fn octopus() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let sides = ["b", "c", "d"].map(|name| repo.commit(name, &[first], &[("a.md", "一"), (&format!("{name}.md"), name)]));
    let all = [("a.md", "改"), ("b.md", "b"), ("c.md", "c"), ("d.md", "d")];
    let merge = repo.commit("main", &[first, sides[0], sides[1], sides[2]], &all);

    let history = repo.read();
    assert_eq!(history.shape(), "0 +1 +1 +1 1");
    assert_eq!(history.commits[4].parents.len(), 4);
    assert_eq!(history.trail("c.md"), [(sides[1], Origin::Here), (merge, Origin::Parent)]);
    assert_eq!(history.trail("a.md"), [(first, Origin::Here), (merge, Origin::Here)]);
}

#[test]
fn foxtrot_pushes_old_merges_off_the_line() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let side = repo.commit("side", &[first], &[("a.md", "二")]);
    let merge = repo.commit("main", &[first, side], &[("a.md", "二")]);
    let own = repo.commit("fox", &[first], &[("a.md", "一"), ("f.md", "f")]);
    repo.set("main", repo.commit("fox", &[own, merge], &[("a.md", "二"), ("f.md", "f")]));

    let history = repo.read();
    assert_eq!(history.shape(), "0 1 +2 +2 2");
    assert_eq!((history.position(own), history.position(merge)), (Position::Main(1), Position::Side { entered: 2 }));
    assert_eq!(history.trail("a.md").last().unwrap().1, Origin::Parent);
}

#[test]
fn detached_head_ahead_of_main_and_behind_it() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let second = repo.commit("main", &[first], &[("a.md", "二")]);
    let work = repo.commit("work", &[first], &[("a.md", "一"), ("w.md", "w")]);
    repo.detach(work);
    let history = repo.read();
    assert_eq!((history.shape().as_str(), history.head), ("0 1 ?", Some(work)));
    assert_eq!(history.checked_out, None);
    assert_eq!(history.status_of("w.md", b"w"), Committed::Committed);
    repo.detach(first);
    let history = repo.read();
    assert_eq!((history.shape().as_str(), history.head), ("0 1", Some(first)));
    assert_eq!(history.main.len(), 2);
    assert_eq!(history.status_of("a.md", "二".as_bytes()), Committed::Modified);
    assert_eq!(history.trail("a.md").last(), Some(&(second, Origin::Here)));
}

#[test]
fn the_main_branch_is_the_local_one_or_what_was_fetched() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let second = repo.commit("work", &[first], &[("a.md", "二")]);
    let server = |id: Oid| drop(repo.git.reference("refs/remotes/origin/main", id.git(), true, "test").unwrap());
    repo.git.remote("origin", "https://example.org/x").unwrap();
    server(second);
    assert_eq!(repo.read().shape(), "0", "on the main branch itself the local one is meant");
    repo.git.set_head("refs/heads/work").unwrap();
    assert_eq!(repo.read().shape(), "0 1", "a local branch that fell behind");
    repo.set("main", repo.commit("work", &[first], &[("a.md", "三")]));
    assert_eq!(repo.read().position(first), Position::Main(0));
    assert_eq!(repo.read().find(second), None, "a local branch that went elsewhere");
    repo.git.find_reference("refs/heads/main").unwrap().delete().unwrap();
    let history = repo.read();
    assert_eq!((history.shape().as_str(), history.limits.len()), ("0 1 ?", 0));
    repo.git.remote_delete("origin").unwrap();
    let history = repo.read();
    assert_eq!(history.limits, [Limit::NoMainBranch { name: "main".to_owned() }]);
    assert_eq!((history.shape().as_str(), history.main.len()), ("0 1", 2));
}

#[test]
fn unborn_and_no_repository() {
    let repo = Repo::new();
    let history = repo.read();
    assert_eq!((history.limits.as_slice(), history.head), ([Limit::Unborn].as_slice(), None));
    assert_eq!(history.checked_out.as_deref(), Some("main"));
    assert_eq!(history.status_of("a.md", b""), Committed::Untracked);
    std::fs::write(repo.dir.path().join(".git/HEAD"), "0123456789012345678901234567890123456789\n").unwrap();
    assert_eq!(repo.read().limits, [Limit::Damaged { object: "HEAD".to_owned() }]);

    let folder = TempDir::new().unwrap();
    let (history, blobs) = read(folder.path());
    assert_eq!(history.limits, [Limit::NoRepository]);
    assert_eq!(history.status_of("a.md", b""), Committed::Outside);
    assert_eq!((blobs.text(Oid([0; 20])), history.paths().count()), (None, 0));
    assert!(History::read(&folder.path().join("nowhere"), "main", true, false).is_err());
}

#[test]
fn status_forgives_line_ends() {
    let repo = Repo::new();
    repo.commit("main", &[], &[("a.md", "一\n二\n")]);
    let history = repo.read();
    let status = |text: &str| history.status_of("a.md", text.as_bytes());
    assert_eq!(status("一\n二\n"), Committed::Committed);
    assert_eq!(status("一\r\n二\r\n"), Committed::Committed);
    assert_eq!(status("一\n二\r\n"), Committed::Committed);
    assert_eq!(status("一\r二\n"), Committed::Modified);
    assert_eq!(status("一\n二"), Committed::Modified);
    assert_eq!(history.status_of("b.md", b""), Committed::Untracked);
}

#[test]
fn an_archive_in_a_folder_of_the_repository() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("README", "r"), ("库/档案/a.md", "一"), ("库/x.md", "x")]);
    let outside = repo.commit("main", &[first], &[("README", "s"), ("库/档案/a.md", "一"), ("库/x.md", "y")]);
    let moved = repo.commit("main", &[outside], &[("README", "s"), ("库/a.md", "一")]);
    let back = repo.commit("main", &[moved], &[("README", "s"), ("库/档案/b/c.md", "三")]);
    let root = repo.dir.path().join("库/档案");
    std::fs::create_dir_all(&root).unwrap();

    let (history, blobs) = read(&root);
    assert_eq!(history.commits.len(), 4);
    assert_eq!(history.paths().collect::<Vec<_>>(), ["a.md", "b/c.md"]);
    assert_eq!(history.trail("a.md"), [(first, Origin::Here), (moved, Origin::Here)]);
    assert_eq!(history.status_of("b/c.md", "三".as_bytes()), Committed::Committed);
    assert_eq!((blobs.at(back, "b/c.md"), blobs.at(back, "a.md")), (repo.blob("三"), None));

    let link = repo.dir.path().join("link");
    std::os::unix::fs::symlink(&root, &link).unwrap();
    assert_eq!(read(&link).0.paths().count(), 2);
}

#[test]
fn links_modules_executables_and_folders_in_place_of_files() {
    let repo = Repo::new();
    let blob = |text: &str| repo.git.blob(text.as_bytes()).unwrap();
    let first = repo.commit("main", &[], &[("a", "1"), ("a.txt", "1"), ("b/c", "1"), ("run", "1")]);
    let module = git2::Oid::from_str("0123456789012345678901234567890123456789").unwrap();
    let entries = [
        ("a/x", FILE, blob("1")),
        ("a.txt", 0o120_000, blob("/etc/passwd")),
        ("b", FILE, blob("1")),
        ("run", 0o100_755, blob("1")),
        ("sub", 0o160_000, module),
    ];
    repo.commit_entries("main", &[first], &entries);

    let history = repo.read();
    let last = |path: &str| history.changes(path).last().copied().unwrap();
    let one = repo.blob("1");
    assert_eq!((last("a").old, last("a").new, last("a").entry), (one, None, Entry::File));
    assert_eq!((last("a/x").old, last("a/x").new), (None, one));
    assert_eq!((last("b").new, last("b/c").new), (one, None));
    assert_eq!((last("a.txt").old, last("a.txt").entry), (one, Entry::Link));
    assert_eq!((last("run").old, last("run").new, last("run").entry), (one, one, Entry::Executable));
    assert_eq!((last("sub").new, last("sub").entry), (Some(Oid::of(module)), Entry::Module));
    assert_eq!(history.limits, []);
}

#[test]
fn folders_beyond_measure_are_cut_off_and_said_so() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let deep = format!("{}x.md", "d/".repeat(80));
    let second = repo.commit("main", &[first], &[("a.md", "二"), (&deep, "深"), ("z.md", "z")]);
    let history = repo.read();
    assert_eq!(history.limits, [Limit::Oversized { commit: second.short() }]);
    assert_eq!(history.paths().collect::<Vec<_>>(), ["a.md", "z.md"]);
}

#[test]
fn wide_trees_are_compared_at_both_ends() {
    let repo = Repo::new();
    let names: Vec<String> = (0..300).map(|n| format!("cases/NS-C2026-{n:04}.md")).collect();
    let files = |changed: &[(usize, &'static str)], without: &[usize]| -> Vec<(&str, &str)> {
        let text = |n: usize| changed.iter().find(|(at, _)| *at == n).map_or("同", |(_, text)| text);
        (0..300).filter(|n| !without.contains(n)).map(|n| (names[n].as_str(), text(n))).collect()
    };
    let mut at = repo.commit("main", &[], &files(&[], &[0, 150, 299]));
    let mut expected = Vec::new();
    for (changed, without, paths) in [
        (vec![(1, "改")], vec![0, 150, 299], vec![1]),
        (vec![(298, "改")], vec![0, 150, 299], vec![1, 298]),
        (vec![], vec![150, 299], vec![0, 298]),
        (vec![], vec![150], vec![299]),
        (vec![(149, "改")], vec![0], vec![0, 149, 150]),
        (vec![(0, "改"), (299, "改")], vec![], vec![0, 149, 299]),
    ] {
        at = repo.commit("main", &[at], &files(&changed, &without));
        expected.push((at, paths));
    }
    let history = repo.read();
    for (id, paths) in expected {
        let commit = history.find(id).unwrap();
        let found: Vec<&str> = history.all_changes().iter().filter(|(_, c)| c.commit == commit).map(|(path, _)| *path).collect();
        assert_eq!(found, paths.iter().map(|&n| names[n].as_str()).collect::<Vec<_>>());
    }
}

#[test]
fn bare_and_linked_worktree() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let work = repo.commit("work", &[first], &[("a.md", "二")]);
    let folder = TempDir::new().unwrap();
    let linked = folder.path().join("linked");
    let reference = repo.git.find_reference("refs/heads/work").unwrap();
    repo.git.worktree("linked", &linked, Some(git2::WorktreeAddOptions::new().reference(Some(&reference)))).unwrap();
    let (history, blobs) = History::read(&linked, "main", true, false).unwrap();
    assert_eq!((history.shape().as_str(), history.head), ("0 ?", Some(work)));
    assert_eq!(history.checked_out.as_deref(), Some("work"));
    assert!(blobs.text(repo.blob("二").unwrap()).is_some());
    assert!(repo.dir.path().join(".git/anjuan/history-1.bin").is_file());

    let bare = folder.path().join("bare");
    git2::build::RepoBuilder::new().bare(true).clone(repo.dir.path().to_str().unwrap(), &bare).unwrap();
    assert_eq!(read(&bare).0.paths().collect::<Vec<_>>(), ["a.md"]);
}

#[test]
fn limits_of_a_repository() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let second = repo.commit("main", &[first], &[("a.md", "二")]);
    let source = format!("file://{}", repo.dir.path().display());
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);

    assert!(cli(folder.path(), &["clone", "-q", "--depth", "1", &source, "shallow"]));
    let (history, _) = History::read(&path("shallow"), "main", true, false).unwrap();
    assert_eq!((history.limits.as_slice(), history.shape().as_str()), ([Limit::Shallow].as_slice(), "0"));
    assert!(!path("shallow/.git/anjuan").exists(), "what is not whole is not kept");
    assert!(cli(&path("shallow"), &["fetch", "-q", "--unshallow"]));
    assert_eq!((read(&path("shallow")).0.limits.len(), read(&path("shallow")).0.shape().as_str()), (0, "0 1"));

    assert!(cli(repo.dir.path(), &["config", "uploadpack.allowFilter", "true"]));
    assert!(cli(folder.path(), &["clone", "-q", "--no-checkout", "--filter=blob:none", &source, "partial"]));
    let (history, blobs) = read(&path("partial"));
    assert_eq!(history.limits, [Limit::PartialClone]);
    assert_eq!((history.shape().as_str(), blobs.text(repo.blob("一").unwrap())), ("0 1", None));

    repo.git.reference(&format!("refs/replace/{second}"), first.git(), true, "test").unwrap();
    std::fs::write(repo.dir.path().join(".git/info/grafts"), format!("{second}\n")).unwrap();
    assert_eq!(repo.read().limits, [Limit::Grafts, Limit::ReplaceRefs]);
    std::fs::write(repo.dir.path().join(".git/info/grafts"), format!("{second} {second}\n")).unwrap();
    assert_eq!(repo.read().commits.len(), 1, "a commit grafted onto itself ends the line");

    for (format, name) in [("--object-format=sha256", "sha256"), ("--ref-format=reftable", "reftable")] {
        if cli(folder.path(), &["init", "-q", format, name]) {
            assert!(matches!(read(&path(name)).0.limits.as_slice(), [Limit::Unsupported(_)]), "{name}");
        }
    }
}

#[test]
fn missing_objects_are_said() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("a.md", "一")]);
    let second = repo.commit("main", &[first], &[("a.md", "二")]);
    let loose = |id: Oid| repo.dir.path().join(format!(".git/objects/{}/{}", &id.to_string()[..2], &id.to_string()[2..]));
    std::fs::remove_file(loose(first)).unwrap();
    let (history, _) = History::read(repo.dir.path(), "main", true, false).unwrap();
    assert_eq!(history.limits, [Limit::Damaged { object: first.short() }]);
    assert_eq!((history.shape().as_str(), history.trail("a.md")), ("0", vec![(second, Origin::Here)]));
    assert!(!repo.dir.path().join(".git/anjuan").exists());
    std::fs::remove_file(loose(history.commits[0].tree)).unwrap();
    assert_eq!(repo.read().limits.len(), 1);
    assert_eq!(repo.read().paths().count(), 0);
}

/// Case 60: what was kept of a line that was rewritten is not taken for the new one.
#[test]
fn a_kept_walk_is_continued_and_equals_a_new_one() {
    let repo = Repo::new();
    let cached = || History::read(repo.dir.path(), "main", true, false).unwrap().0.facts();
    let same = |step: &str| {
        let new = repo.read().facts();
        assert_eq!((cached(), cached()), (repo.read().facts(), new), "{step}");
    };
    let first = repo.commit("main", &[], &[("a.md", "一"), ("b.md", "一")]);
    same("first");
    let side = repo.commit("side", &[first], &[("a.md", "二"), ("b.md", "一"), ("new.md", "新")]);
    repo.detach(side);
    same("pending");
    let direct = repo.commit("main", &[first], &[("a.md", "一")]);
    same("main moved while detached");
    let merge = repo.commit("main", &[direct, side], &[("a.md", "二"), ("new.md", "新")]);
    same("the pending commit entered");
    repo.git.set_head("refs/heads/main").unwrap();
    same("head moved");
    repo.commit("main", &[direct], &[("a.md", "三")]);
    same("rewritten");
    repo.set("main", first);
    same("thrown back");
    repo.set("main", merge);
    same("restored");
}

#[test]
fn a_damaged_or_foreign_cache_is_no_cache() {
    let repo = Repo::new();
    let first = repo.commit("main", &[], &[("库/a.md", "一")]);
    repo.commit("main", &[first], &[("库/a.md", "二")]);
    let root = repo.dir.path();
    std::fs::create_dir_all(root.join("库")).unwrap();
    let file = root.join(".git/anjuan/history-1.bin");
    let cached = |root: &Path| History::read(root, "main", true, false).unwrap().0.facts();
    let good = repo.read().facts();
    assert_eq!(cached(root), good);
    let bytes = std::fs::read(&file).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    for (name, content) in [("empty", &b""[..]), ("text", b"hello"), ("cut", &bytes[..bytes.len() - 3]), ("flipped", &flipped)] {
        std::fs::write(&file, content).unwrap();
        assert_eq!(cached(root), good, "{name}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{name}: written anew");
    }
    assert_eq!(cached(&root.join("库")).files.keys().collect::<Vec<_>>(), ["a.md"], "another archive of the same repository");
    assert_eq!(cached(root), good);

    let kept = cache::File::new(&root.join(".git/anjuan"), &[]);
    let mut forged = kept.read().unwrap();
    forged.commits[0].message = "伪造".to_owned();
    kept.write(&forged);
    assert_eq!(cached(root), forged, "whoever may write there is believed …");
    assert_eq!(History::read(root, "main", true, true).unwrap().0.facts(), good, "… but not by an audit");
    forged.main = vec![9];
    kept.write(&forged);
    assert_eq!(kept.read(), None, "an index that points nowhere");

    std::fs::remove_file(&file).unwrap();
    std::fs::remove_dir_all(root.join(".git/anjuan")).unwrap();
    std::fs::write(root.join(".git/anjuan"), "in the way").unwrap();
    assert_eq!(cached(root), good, "a cache that cannot be written");
}

#[test]
fn every_limit_has_a_code_a_remedy_and_a_key_of_its_own() {
    let words = || "x".to_owned();
    let limits = [
        Limit::NoRepository,
        Limit::Unborn,
        Limit::Shallow,
        Limit::PartialClone,
        Limit::Grafts,
        Limit::ReplaceRefs,
        Limit::NoMainBranch { name: words() },
        Limit::ForeignOwner,
        Limit::Unsupported(words()),
        Limit::Damaged { object: words() },
        Limit::Oversized { commit: words() },
    ];
    let mut keys: Vec<String> = limits.iter().map(|limit| limit.diagnostic().key).collect();
    for limit in &limits {
        let found = limit.diagnostic();
        assert!(CODES.iter().any(|code| code.code == found.code), "{limit:?}");
        assert!(found.help.is_some_and(|help| !help.zh.is_empty() && !help.en.is_empty()));
        assert_eq!(found.severity, if *limit == Limit::NoRepository { Severity::Advice } else { Severity::Warning });
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), limits.len());
}
