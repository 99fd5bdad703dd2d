//! The folder of an output: where it truly is, what it holds, and how it is replaced.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{File, MARKER};
use crate::failure::Failure;
use crate::say;

/// The true place of the output, its parent made if need be. Links are followed once, here.
pub fn resolved(out: &Path) -> Result<PathBuf, Failure> {
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

/// The folder that holds it.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the folder holds, by path; a folder with things in it that is not ours is refused.
pub fn existing(out: &Path) -> Result<BTreeMap<String, File>, Failure> {
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
pub fn list(folder: &Path, prefix: &str, into: &mut BTreeMap<String, File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let meta = entry.metadata()?;
        if meta.is_dir() {
            list(&entry.path(), &format!("{path}/"), into)?;
        } else {
            let bytes = if meta.is_file() { meta.len() } else { u64::MAX };
            into.insert(path, File { bytes, kept: None, seen: false.into() });
        }
    }
    Ok(())
}

/// Puts `new` where `out` is; what was there goes to `old`, and comes back if that fails.
pub fn swap(new: &Path, out: &Path, old: &Path) -> Result<(), Failure> {
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
