//! What `init` and `demo` write: the archive template that travels inside the binary, or a folder.

use std::collections::BTreeMap;
use std::path::Path;

use rust_embed::RustEmbed;

use crate::failure::Failure;

#[derive(RustEmbed)]
#[folder = "archive-template"]
struct Template;

/// Every file of a new archive, sorted by path; the worked example is not part of it.
pub fn archive() -> Vec<(String, Vec<u8>)> {
    all(|path| !path.starts_with("demo/"))
}

/// Every file of the worked example, sorted by path, without the leading `demo/`.
pub fn demo() -> Vec<(String, Vec<u8>)> {
    all(|path| path.starts_with("demo/")).into_iter().map(|(path, bytes)| (path.trim_start_matches("demo/").to_owned(), bytes)).collect()
}

/// Every file below a folder by path, `/` between names: a worked example of one's own.
pub fn folder(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let (mut files, mut todo) = (BTreeMap::new(), vec![(root.to_owned(), String::new())]);
    while let Some((folder, before)) = todo.pop() {
        let unread = |e: std::io::Error| Failure::io("读不了", "cannot read", &folder, e);
        for entry in std::fs::read_dir(&folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(unread)?.is_dir() {
                todo.push((entry.path(), name + "/"));
            } else {
                files.insert(name, std::fs::read(entry.path()).map_err(unread)?);
            }
        }
    }
    Ok(files)
}

fn all(keep: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let paths = Template::iter().filter(|path| keep(path));
    let mut files: Vec<(String, Vec<u8>)> =
        paths.filter_map(|path| Some((path.to_string(), Template::get(&path)?.data.into_owned()))).collect();
    files.sort();
    files
}
