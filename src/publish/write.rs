//! The one function that writes outputs.
//!
//! A whole tree takes the place of the one before, or nothing happens: it is built in a folder
//! beside the output (so on the same disk), then swapped in by renaming. Files that did not
//! change are linked, not written, and keep their times; when nothing changed, nothing is touched.
//! Only a folder that carries [`MARKER`] is ever replaced, so no `--out` can cost anybody a file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::failure::Failure;
use crate::say;

/// The file by which an output folder is known as ours.
pub const MARKER: &str = ".anjuan-site";
/// What it says to whoever opens it.
const MARKER_TEXT: &str = "这个文件夹由 anjuan 生成,每次生成时整个替换;请勿在此存放文件。\n\
    This folder is made by anjuan and replaced as a whole each time; keep nothing of your own in it.\n";

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Pages (`.html`) in the output.
    pub pages: usize,
    /// Files in the output, pages included.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already with the same content.
    pub unchanged: usize,
    /// Files of the output before that are no longer part of it.
    pub removed: usize,
}

/// Makes `files` (path inside the output, with `/`, and content) the whole content of `out`.
pub fn write(out: &Path, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Written, Failure> {
    let files = checked(files)?;
    let out = resolved(out)?;
    let before = existing(&out)?;

    let mut written = Written { files: files.len(), ..Written::default() };
    written.removed = before.keys().filter(|path| *path != MARKER && !files.contains_key(*path)).count();
    for (path, content) in &files {
        written.pages += usize::from(path.ends_with(".html"));
        written.bytes += content.len() as u64;
    }
    let same: Vec<bool> = files.par_iter().map(|(path, content)| is_same(&out, path, &before, content)).collect();
    written.unchanged = same.iter().filter(|same| **same).count();
    if before.contains_key(MARKER) && written.unchanged == files.len() && written.removed == 0 {
        return Ok(written);
    }

    // Dropped on every way out, which removes it and whatever was half written.
    let aside = tempfile::Builder::new()
        .prefix(".anjuan-")
        .tempdir_in(parent(&out))
        .map_err(|error| Failure::io("无法在输出文件夹旁新建临时文件夹", "cannot make a temporary folder beside", &out, error))?;
    let new = aside.path().join("new");
    fill(&new, &files, &same, &out).map_err(|(path, error)| {
        Failure::io("写不下去，原有输出未动：", "cannot write, the output before is untouched:", &out.join(path), error)
    })?;
    swap(&new, &out, &aside.path().join("old"))?;
    let kept = aside.path().to_owned();
    aside.close().map_err(|error| {
        Failure::io("新的输出已就位，但旧的一份无法删除：", "the new output is in place, but the old one cannot be removed:", &kept, error)
    })?;
    Ok(written)
}

/// The files by path; refuses paths that would leave the folder and paths that exclude each other.
fn checked(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut list = BTreeMap::new();
    for (path, content) in files {
        let plain = !path.is_empty()
            && !path.contains(['\\', '\0'])
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
            && Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || path == MARKER {
            return Err(Failure::plain(say!("输出路径“{path}”不合法", "the output path `{path}` is not allowed")));
        }
        if list.contains_key(&path) {
            return Err(Failure::plain(say!("两个输出的路径都是“{path}”", "two outputs have the path `{path}`")));
        }
        list.insert(path, content);
    }
    for path in list.keys() {
        let folder = path.match_indices('/').map(|(at, _)| &path[..at]).find(|folder| list.contains_key(*folder));
        if let Some(folder) = folder {
            return Err(Failure::plain(say!("“{folder}”既是文件又是文件夹", "`{folder}` is both a file and a folder")));
        }
    }
    Ok(list)
}

/// The true place of the output, its parent made if need be. Links are followed once, here.
fn resolved(out: &Path) -> Result<PathBuf, Failure> {
    let unreachable = |error| Failure::io("输出文件夹到不了", "cannot reach the output folder", out, error);
    if out.exists() {
        return out.canonicalize().map_err(unreachable);
    }
    let at = out.display();
    let refused = || Failure::plain(say!("“{at}”不能作为输出文件夹", "`{at}` cannot be the output folder"));
    let name = out.file_name().ok_or_else(refused)?;
    let folder = parent(out);
    fs::create_dir_all(folder).map_err(unreachable)?;
    Ok(folder.canonicalize().map_err(unreachable)?.join(name))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the folder holds, path to length; a folder with things in it that is not ours is refused.
fn existing(out: &Path) -> Result<BTreeMap<String, u64>, Failure> {
    let mut before = BTreeMap::new();
    if !out.exists() {
        return Ok(before);
    }
    let shown = out.display();
    if !out.is_dir() {
        return Err(Failure::plain(say!("{shown} 是文件，不是文件夹", "{shown} is a file, not a folder")));
    }
    if out.parent().is_none() {
        return Err(Failure::plain(say!("不能以磁盘根目录作为输出", "the root of the disk cannot be the output")));
    }
    list(out, "", &mut before).map_err(|error| Failure::io("读不到", "cannot read", out, error))?;
    let another = || say!("请另选一个新的或空的文件夹", "choose a new or an empty folder");
    let occupied = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !before.contains_key(MARKER) {
        return Err(Failure::plain(say!(
            "{shown} 里有东西，却没有 {MARKER}；不是 anjuan 生成的，不替换",
            "{shown} is not empty and has no {MARKER}: it was not made by anjuan and is not replaced"
        ))
        .help(another()));
    }
    if out.join(".git").exists() {
        return Err(Failure::plain(say!(
            "{shown} 是 git 工作区，替换会丢失它的 .git",
            "{shown} is a git working tree; replacing it would lose its .git"
        ))
        .help(another()));
    }
    Ok(before)
}

/// Lists the files under a folder; links are listed as themselves and never followed.
fn list(folder: &Path, prefix: &str, into: &mut BTreeMap<String, u64>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let meta = entry.metadata()?;
        if meta.is_dir() {
            list(&entry.path(), &format!("{path}/"), into)?;
        } else {
            into.insert(path, if meta.is_file() { meta.len() } else { u64::MAX });
        }
    }
    Ok(())
}

fn is_same(out: &Path, path: &str, before: &BTreeMap<String, u64>, content: &[u8]) -> bool {
    before.get(path) == Some(&(content.len() as u64)) && fs::read(out.join(path)).is_ok_and(|old| old == content)
}

/// Builds the whole tree in `new`.
fn fill(new: &Path, files: &BTreeMap<String, Vec<u8>>, same: &[bool], out: &Path) -> Result<(), (String, io::Error)> {
    let whole = |error| (String::new(), error);
    fs::create_dir(new).map_err(whole)?;
    let mut made = new.to_owned();
    for ((path, content), same) in files.iter().zip(same) {
        let target = new.join(path);
        let at = |error| (path.clone(), error);
        // The list is sorted, so a folder's files follow one another.
        let folder = parent(&target);
        if folder != made {
            fs::create_dir_all(folder).map_err(at)?;
            made = folder.to_owned();
        }
        // Where links are not possible an unchanged file is written like any other.
        if !(*same && fs::hard_link(out.join(path), &target).is_ok()) {
            fs::write(&target, content).map_err(at)?;
        }
    }
    fs::write(new.join(MARKER), MARKER_TEXT).map_err(|error| (MARKER.to_owned(), error))
}

/// Puts `new` where `out` is; what was there goes to `old`, and comes back if that fails.
fn swap(new: &Path, out: &Path, old: &Path) -> Result<(), Failure> {
    let in_place = |error| {
        Failure::io("无法替换，原有输出未动：", "cannot replace, the output before is untouched:", out, error)
            .help(say!("若它是挂载点，请输出到它里面的一个子文件夹", "if it is a mount point, write to a folder inside it"))
    };
    let existed = out.exists();
    if existed {
        fs::rename(out, old).map_err(in_place)?;
    }
    fs::rename(new, out).map_err(|error| {
        if existed && let Err(lost) = fs::rename(old, out) {
            return Failure::io("替换到一半失败，原有输出在", "failed half-way, the output before is in", old, format!("{error}; {lost}"));
        }
        in_place(error)
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn files(list: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        list.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn tree(folder: &Path) -> Vec<String> {
        let mut found = BTreeMap::new();
        list(folder, "", &mut found).unwrap();
        found.into_keys().collect()
    }

    fn message(result: Result<Written, Failure>) -> String {
        result.unwrap_err().message(crate::diagnostic::Language::Zh)
    }

    #[test]
    fn a_tree_is_written_then_replaced_as_a_whole() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("deep/site");
        let first = write(&out, files(&[("index.html", "一"), ("a/b.html", "二"), ("a/c.css", "三")])).unwrap();
        assert_eq!(first, Written { pages: 2, files: 3, bytes: 9, unchanged: 0, removed: 0 });
        assert_eq!(tree(&out), [MARKER, "a/b.html", "a/c.css", "index.html"]);

        let time = |path: &str| fs::metadata(out.join(path)).unwrap().modified().unwrap();
        let (kept, folder) = (time("index.html"), time(""));
        let again = write(&out, files(&[("a/c.css", "三"), ("index.html", "一"), ("a/b.html", "二")])).unwrap();
        assert_eq!((again.unchanged, again.removed), (3, 0));
        assert_eq!(folder, time(""), "nothing changed, nothing is touched");

        let next = write(&out, files(&[("index.html", "一"), ("a/b.html", "四"), ("d.html", "五")])).unwrap();
        assert_eq!(next, Written { pages: 3, files: 3, bytes: 9, unchanged: 1, removed: 1 });
        assert_eq!(tree(&out), [MARKER, "a/b.html", "d.html", "index.html"]);
        assert_eq!(kept, time("index.html"));
        assert_eq!(fs::read_to_string(out.join("a/b.html")).unwrap(), "四");
        assert_eq!(tree(out.parent().unwrap()).len(), 4, "no temporary folder is left beside it");
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_and_untouched() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("thesis.docx"), "x").unwrap();
        assert!(message(write(place.path(), files(&[("index.html", "一")]))).contains("不是 anjuan 生成的"));
        assert_eq!(tree(place.path()), ["thesis.docx"]);
        assert!(message(write(&place.path().join("thesis.docx"), files(&[("i", "一")]))).contains("是文件"));

        let ours = place.path().join("site");
        write(&ours, files(&[("index.html", "一")])).unwrap();
        fs::create_dir(ours.join(".git")).unwrap();
        assert!(message(write(&ours, files(&[("index.html", "二")]))).contains("git 工作区"));
        assert_eq!(tree(&ours), [MARKER, "index.html"]);

        // A folder with nothing but an empty folder in it is somebody's too.
        let theirs = place.path().join("theirs");
        fs::create_dir_all(theirs.join("inner")).unwrap();
        assert!(write(&theirs, files(&[("index.html", "一")])).is_err());
        assert!(write(Path::new("/"), files(&[("index.html", "一")])).is_err());
    }

    #[test]
    fn an_empty_folder_may_be_filled() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("site");
        fs::create_dir(&out).unwrap();
        write(&out, files(&[("index.html", "一")])).unwrap();
        assert_eq!(tree(&out), [MARKER, "index.html"]);
    }

    #[test]
    fn no_path_leaves_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("site");
        for bad in ["../x", "a/../../x", "/etc/x", "", ".", "a//b", "a/", "./a", "a\\b", "a\0b", MARKER] {
            assert!(message(write(&out, files(&[("ok", "一"), (bad, "二")]))).contains("不合法"), "{bad:?}");
        }
        assert!(message(write(&out, files(&[("a", "一"), ("a", "二")]))).contains("两个输出"));
        assert!(message(write(&out, files(&[("a", "一"), ("a.b", "二"), ("a/b", "三")]))).contains("既是文件又是文件夹"));
        assert_eq!(tree(place.path()), [""; 0]);
    }

    #[test]
    #[cfg(unix)]
    fn links_in_the_old_output_are_removed_and_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (out, elsewhere) = (place.path().join("site"), place.path().join("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("x.html"), "一").unwrap();
        write(&out, files(&[("index.html", "一")])).unwrap();
        std::os::unix::fs::symlink(&elsewhere, out.join("a")).unwrap();
        std::os::unix::fs::symlink(elsewhere.join("x.html"), out.join("b.html")).unwrap();
        let next = write(&out, files(&[("index.html", "一"), ("b.html", "一"), ("a/x.html", "一")])).unwrap();
        assert_eq!((next.unchanged, next.removed), (1, 1));
        assert!(out.join("b.html").symlink_metadata().unwrap().is_file() && out.join("a").symlink_metadata().unwrap().is_dir());
        assert_eq!(fs::read_to_string(elsewhere.join("x.html")).unwrap(), "一");

        // The output itself may be a link; the folder behind it is replaced, the link stays.
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&out, &link).unwrap();
        write(&link, files(&[("index.html", "二")])).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(tree(&out), [MARKER, "index.html"]);
    }

    /// A small disk of its own; `None` where mounting is not permitted.
    struct Disk(tempfile::TempDir);

    impl Disk {
        fn of(size: &str) -> Option<Self> {
            let place = tempfile::tempdir().unwrap();
            let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(place.path()).output();
            if mounted.is_ok_and(|output| output.status.success()) {
                return Some(Self(place));
            }
            eprintln!("skipped: mounting a tmpfs needs root");
            None
        }

        fn remount(&self, options: &str) {
            let done = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(self.0.path()).status().unwrap();
            assert!(done.success());
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(self.0.path()).status();
        }
    }

    #[test]
    fn a_full_disk_leaves_the_old_output_whole() {
        let Some(disk) = Disk::of("size=256k") else { return };
        let out = disk.0.path().join("site");
        write(&out, files(&[("index.html", "一"), ("a/b.html", "二")])).unwrap();
        let big = vec![b'x'; 100 << 10];
        let many = (0..5).map(|n| (format!("a/{n}.html"), big.clone()));
        let said = message(write(&out, many));
        assert!(said.contains("原有输出未动") && said.contains("a/2.html"), "{said}");
        assert_eq!(tree(disk.0.path()), [&format!("site/{MARKER}"), "site/a/b.html", "site/index.html"]);
        assert_eq!(fs::read_to_string(out.join("index.html")).unwrap(), "一");
        write(&out, files(&[("index.html", "三")])).unwrap();
    }

    #[test]
    fn a_refused_permission_leaves_the_old_output_whole() {
        let Some(disk) = Disk::of("size=256k") else { return };
        let out = disk.0.path().join("site");
        write(&out, files(&[("index.html", "一")])).unwrap();
        disk.remount("ro");
        assert!(message(write(&out, files(&[("index.html", "二")]))).contains("无法在输出文件夹旁"));
        // What is already as it should be needs no permission.
        assert_eq!(write(&out, files(&[("index.html", "一")])).unwrap().unchanged, 1);
        disk.remount("rw");
        assert_eq!(tree(disk.0.path()), [&format!("site/{MARKER}"), "site/index.html"]);
    }

    #[test]
    fn a_mount_point_cannot_be_swapped_and_says_so() {
        let Some(disk) = Disk::of("size=256k") else { return };
        let said = message(write(disk.0.path(), files(&[("index.html", "一")])));
        assert!(said.contains("原有输出未动") && said.contains("子文件夹"), "{said}");
        assert_eq!(tree(disk.0.path()), [""; 0]);
    }
}
