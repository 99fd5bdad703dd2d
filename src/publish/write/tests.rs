//! Outputs on real disks, full ones too.

use std::process::Command;

use super::*;

fn files(list: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    list.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn tree(folder: &Path) -> Vec<String> {
    let mut found = BTreeMap::new();
    super::folder::list(folder, "", &mut found).unwrap();
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
    let changed = ["a/b.html", "a/c.css", "index.html"].map(str::to_owned).to_vec();
    assert_eq!(first, Written { pages: 2, files: 3, bytes: 9, unchanged: 0, removed: 0, changed });
    assert_eq!(tree(&out), [MARKER, "a/b.html", "a/c.css", "index.html"]);

    let time = |path: &str| fs::metadata(out.join(path)).unwrap().modified().unwrap();
    let (kept, folder) = (time("index.html"), time(""));
    let again = write(&out, files(&[("a/c.css", "三"), ("index.html", "一"), ("a/b.html", "二")])).unwrap();
    assert_eq!((again.unchanged, again.removed), (3, 0));
    assert_eq!(folder, time(""), "nothing changed, nothing is touched");

    let next = write(&out, files(&[("index.html", "一"), ("a/b.html", "四"), ("d.html", "五")])).unwrap();
    let changed = ["a/b.html", "d.html"].map(str::to_owned).to_vec();
    assert_eq!(next, Written { pages: 3, files: 3, bytes: 9, unchanged: 1, removed: 1, changed });
    assert_eq!(tree(&out), [MARKER, "a/b.html", "d.html", "index.html"]);
    assert_eq!(kept, time("index.html"));
    assert_eq!(fs::read_to_string(out.join("a/b.html")).unwrap(), "四");
    assert_eq!(tree(out.parent().unwrap()).len(), 4, "no temporary folder is left beside it");
}

#[test]
fn a_file_made_from_the_same_is_kept_until_somebody_changes_it() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("site");
    let (one, two) = (Digest::of("一"), Digest::of("二").unwrap());
    let build = |text: &str| {
        let output = Output::open(&out).unwrap();
        let kept = (output.keep("a/b.html", one.unwrap()), output.keep("c.html", two));
        if !kept.0 {
            output.put("a/b.html", one, text.as_bytes());
        }
        if !kept.1 {
            output.put("c.html", None, b"x");
        }
        (kept, output.finish().unwrap().unchanged)
    };
    assert_eq!(build("甲"), ((false, false), 0));
    // What is kept is not made; what came without a digest is made each time.
    assert_eq!(build("乙"), ((true, false), 2));
    assert_eq!(fs::read_to_string(out.join("a/b.html")).unwrap(), "甲");
    // It is still known after a build that changed another file.
    write(&out, [("c.html".to_owned(), b"y".to_vec())]).unwrap();
    assert_eq!(build("丙"), ((false, false), 0), "a file that was gone is made");
    assert_eq!(build("丙"), ((true, false), 2));
    fs::write(out.join("a/b.html"), "手").unwrap();
    assert_eq!(build("丁"), ((false, false), 1), "same length, other content");
    assert_eq!(fs::read_to_string(out.join("a/b.html")).unwrap(), "丁");
}

#[test]
fn what_the_same_file_is_made_from_now_is_remembered() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("site");
    let [old, new] = ["旧版", "新版"].map(|program| Digest::of(program).unwrap());
    let build = |from: Digest| {
        let output = Output::open(&out).unwrap();
        let kept = output.keep("a.html", from);
        if !kept {
            output.put("a.html", Some(from), "一".as_bytes());
        }
        (kept, output.finish().unwrap().unchanged)
    };
    assert_eq!([old, new, new, old].map(build), [(false, 0), (false, 1), (true, 1), (false, 1)]);
    assert_eq!(tree(place.path()), ["site/.anjuan-site", "site/a.html"], "nothing is left beside it");
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
