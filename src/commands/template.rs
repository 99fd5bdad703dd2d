//! The archive template that travels inside the binary: what `init` and `demo` write.

use rust_embed::RustEmbed;

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

fn all(keep: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let paths = Template::iter().filter(|path| keep(path));
    let mut files: Vec<(String, Vec<u8>)> =
        paths.filter_map(|path| Some((path.to_string(), Template::get(&path)?.data.into_owned()))).collect();
    files.sort();
    files
}
