//! What the site looks like: templates, style, script and words, built in and overridable.
//!
//! The default theme (`themes/default/`) travels inside the binary. A file of the same name in
//! the archive's folder `theme/` takes its place; a file of another name is added. Words are
//! overridden one by one: an archive names only those that it changes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rust_embed::RustEmbed;
use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Language};
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};
use crate::yaml::{self, Node};

/// The archive's own theme, as findings name it.
const OWN: &str = "theme/";
/// The built-in theme, as findings name it.
const BUILT_IN: &str = "themes/default/";
/// How deep folders in a theme may nest.
const MAX_DEPTH: usize = 8;

#[derive(RustEmbed)]
#[folder = "themes/default/"]
struct Embedded;

/// A theme: the built-in files with the archive's own in their place.
pub struct Theme {
    files: BTreeMap<String, File>,
    words: [Map<String, Value>; 2],
    found: Vec<Diagnostic>,
}

struct File {
    bytes: Cow<'static, [u8]>,
    own: bool,
}

impl Theme {
    /// The built-in theme.
    pub fn built_in() -> Self {
        Self::read(None)
    }

    /// The built-in theme, overridden file by file from the archive's folder, if it has one.
    /// What is wrong with the folder is kept for [`Theme::found`]; the built-in file then stays.
    pub fn read(folder: Option<&Path>) -> Self {
        let mut found = Vec::new();
        let built_in: BTreeMap<String, File> = Embedded::iter()
            .filter_map(|name| Embedded::get(&name).map(|file| (name.into_owned(), File { bytes: file.data, own: false })))
            .collect();
        let mut own = BTreeMap::new();
        if let Some(folder) = folder {
            read_folder(folder, "", 0, &mut own, &mut found);
        }
        let words = [Language::Zh, Language::En].map(|language| {
            // Chinese is complete, so a word that only one language knows is better than none.
            let mut words = Map::new();
            for tag in ["zh", language.tag()] {
                for files in [&built_in, &own] {
                    let name = words_file(tag);
                    if let Some(file) = files.get(&name) {
                        let source = source(&name, file);
                        words.extend(read_words(&source, &mut found));
                    }
                }
            }
            words
        });
        let mut files = built_in;
        files.extend(own);
        Self { files, words, found: unrepeated(found) }
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The bytes of a file.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(|file| file.bytes.as_ref())
    }

    /// The names of all files, sorted, with `/` between folders.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether the archive's own theme holds this file.
    pub fn is_own(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|file| file.own)
    }

    /// A built-in file, also when the archive's own has taken its place.
    pub fn built_in_text(&self, name: &str) -> Option<String> {
        Embedded::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
    }

    /// A file as a source that findings can point into.
    pub fn source(&self, name: &str) -> Option<SharedSource> {
        self.files.get(name).map(|file| source(name, file))
    }

    /// Every fixed text of the site in `language`: a flat mapping from key to text.
    pub fn words(&self, language: Language) -> Value {
        Value::Object(self.words[language as usize].clone())
    }

    /// What is wrong with the archive's own theme.
    pub fn found(&self) -> &[Diagnostic] {
        &self.found
    }
}

fn words_file(tag: &str) -> String {
    format!("words/{tag}.yaml")
}

fn source(name: &str, file: &File) -> SharedSource {
    let folder = if file.own { OWN } else { BUILT_IN };
    Source::new(format!("{folder}{name}"), String::from_utf8_lossy(&file.bytes).into_owned())
}

/// Adds the files under `folder`; hidden ones and symbolic links are passed over.
fn read_folder(folder: &Path, prefix: &str, depth: usize, files: &mut BTreeMap<String, File>, found: &mut Vec<Diagnostic>) {
    let listed = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => {
            // Most archives have no theme of their own.
            if error.kind() != std::io::ErrorKind::NotFound {
                found.push(unreadable(prefix, &error));
            }
            return;
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => read_folder(&entry.path(), &format!("{name}/"), depth + 1, files, found),
            Ok(kind) if kind.is_file() => match fs::read(entry.path()) {
                Ok(bytes) if is_text(&name) && std::str::from_utf8(&bytes).is_err() => found.push(Diagnostic::error(
                    "A101",
                    Place::new(&Source::new(format!("{OWN}{name}"), ""), Span::default()),
                    say!("主题文件不是 UTF-8，改用内置的同名文件", "the theme's file is not UTF-8; the built-in one is used"),
                )),
                Ok(bytes) => {
                    files.insert(name, File { bytes: Cow::Owned(bytes), own: true });
                }
                Err(error) => found.push(unreadable(&name, &error)),
            },
            Ok(_) => {}
            Err(error) => found.push(unreadable(&name, &error)),
        }
    }
}

fn is_text(name: &str) -> bool {
    [".html", ".typ", ".yaml", ".css", ".js"].iter().any(|end| name.ends_with(end))
}

fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    let place = Place::new(&Source::new(format!("{OWN}{name}"), ""), Span::default());
    Diagnostic::error("A103", place, say!("主题文件读不到：{error}", "the theme's file cannot be read: {error}"))
}

fn read_words(source: &SharedSource, found: &mut Vec<Diagnostic>) -> Map<String, Value> {
    let (node, said) = yaml::parse(source, Span::new(0, source.text().len()));
    found.extend(said);
    let Some(pairs) = node.as_map() else {
        found.push(not_words(source, node.span));
        return Map::new();
    };
    let mut words = Map::new();
    for (key, value) in pairs {
        match value.as_str() {
            Some(text) => drop(words.insert(key.text.clone(), Value::String(text.to_owned()))),
            None if Node::is_empty(value) => {}
            None => found.push(not_words(source, value.span)),
        }
    }
    words
}

fn not_words(source: &SharedSource, span: Span) -> Diagnostic {
    Diagnostic::error("C101", Place::new(source, span), say!("这里应是“键: 文字”", "`key: text` is expected here"))
}

/// Both languages read the Chinese file, so what is wrong in it is said twice.
fn unrepeated(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    crate::diagnostic::Diagnostics::sorted(found).iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Theme) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let theme = Theme::read(Some(folder.path()));
        (folder, theme)
    }

    #[test]
    fn every_file_of_the_theme_is_embedded() {
        let mut on_disk = BTreeMap::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUILT_IN);
        read_folder(&folder, "", 0, &mut on_disk, &mut Vec::new());
        let theme = Theme::built_in();
        assert_eq!(theme.files().collect::<Vec<_>>(), on_disk.keys().collect::<Vec<_>>());
        assert!(on_disk.iter().all(|(name, file)| theme.bytes(name) == Some(&file.bytes)));
        assert!(theme.found().is_empty(), "{:?}", theme.found());
    }

    #[test]
    fn both_languages_have_the_same_words_and_none_is_empty() {
        let keys = |tag: &str| {
            let name = words_file(tag);
            let source = Theme::built_in().source(&name).unwrap();
            let words = read_words(&source, &mut Vec::new());
            assert!(words.values().all(|text| text.as_str().is_some_and(|text| !text.is_empty())));
            words.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keys("zh"), keys("en"));
    }

    #[test]
    fn the_archive_overrides_file_by_file_and_word_by_word() {
        let (_folder, theme) = own(&[
            ("style.css", b"body{}"),
            ("fonts/own.woff2", &[0, 159, 146, 150]),
            ("words/zh.yaml", "nav_start: 门户\nours: 我们\n".as_bytes()),
            (".DS_Store", b"x"),
        ]);
        assert_eq!(theme.text("style.css").unwrap(), "body{}");
        assert!(theme.is_own("style.css") && !theme.is_own("base.html"));
        assert_eq!(theme.bytes("fonts/own.woff2").unwrap(), [0, 159, 146, 150]);
        assert!(theme.files().all(|name| name != ".DS_Store"));
        let zh = theme.words(Language::Zh);
        assert_eq!((&zh["nav_start"], &zh["nav_people"], &zh["ours"]), (&"门户".into(), &"人员".into(), &"我们".into()));
        assert_eq!(theme.words(Language::En)["nav_people"], "People");
        assert_eq!(theme.words(Language::En)["ours"], "我们");
    }

    #[test]
    fn what_is_wrong_with_it_is_found_and_the_built_in_file_stays() {
        let (_folder, theme) =
            own(&[("base.html", &[0xb0, 0xb8, 0xbe, 0xed]), ("words/zh.yaml", "nav_start： 门户\nnav_people: [人, 员]\n".as_bytes())]);
        let said: Vec<_> = theme.found().iter().map(|d| format!("{} {}", d.code, d.path())).collect();
        assert_eq!(said, ["A101 theme/base.html", "Y005 theme/words/zh.yaml", "C101 theme/words/zh.yaml"]);
        assert!(!theme.is_own("base.html"));
        assert_eq!(theme.words(Language::Zh)["nav_people"], "人员");
        assert!(Theme::read(Some(Path::new("/nowhere/theme"))).found().is_empty());
    }
}
