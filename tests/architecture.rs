//! Imports go one way, each outside crate has one home, and no organisation is named in the code.

use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&base, &mut files);
    files.sort();
    let name = |p: &Path| p.strip_prefix(&base).unwrap().to_string_lossy().replace('\\', "/");
    let all = files.into_iter().map(|p| (name(&p), std::fs::read_to_string(&p).unwrap()));
    all.filter(|(name, _)| !is_test(name)).collect()
}

/// The code of a file: without comments, and without what is compiled for tests only.
fn code(text: &str) -> Vec<(usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).collect()
}

/// Files that are compiled for tests only.
fn is_test(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.ends_with("/sample.rs")
}

const ROOMS: &[&str] = &["source", "diagnostic", "yaml", "archive", "rulebook", "publish", "commands", "main"];

#[test]
fn imports_go_one_way() {
    let rank = |room: &str| ROOMS.iter().position(|own| *own == room);
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let room = name.split(['/', '.']).next().unwrap();
        // A failure may come from anywhere, but knows nothing more than findings do.
        let room = if room == "failure" { "diagnostic" } else { room };
        let Some(own) = rank(room) else { continue };
        for (number, line) in code(&text) {
            for part in line.split("crate::").skip(1) {
                let other: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                // `crate::{…}` would hide where it goes.
                if other.is_empty() || rank(&other).is_some_and(|other| other > own) {
                    wrong.push(format!("src/{name}:{number}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the stream:\n{}", wrong.join("\n"));
}

#[test]
fn every_outside_crate_has_one_home() {
    const HOMES: &[(&str, &[&str])] = &[
        ("git2", &["archive/history"]),
        ("walkdir", &["archive/mod.rs"]),
        ("age", &["archive/encryption/cipher.rs"]),
        ("pgp", &["archive/history/signature/openpgp.rs"]),
        ("age_core", &["archive/encryption/cipher.rs"]),
        ("base64", &["archive/encryption/armour.rs"]),
        ("granit_parser", &["yaml.rs"]),
        ("pulldown_cmark", &["publish/markdown.rs"]),
        ("tera", &["publish/site"]),
        ("typst", &["publish/paper"]),
        ("typst_as_lib", &["publish/paper"]),
        ("typst_pdf", &["publish/paper"]),
        ("notify", &["commands/serve.rs"]),
        ("axum", &["commands/serve.rs"]),
        ("lsp_server", &["commands/lsp"]),
        ("lsp_types", &["commands/lsp"]),
        ("crossbeam_channel", &["commands/lsp/room.rs"]),
        ("clap_complete", &["commands/completions.rs"]),
        ("annotate_snippets", &["publish/report/human.rs"]),
        ("strsim", &["yaml/de.rs"]),
        ("rust_xlsxwriter", &["publish/spreadsheet.rs", "publish/workbook"]),
        ("calamine", &["archive/workbook.rs"]),
        ("csv", &["publish/spreadsheet.rs"]),
        ("unicode_width", &["publish/report/columns.rs"]),
        ("encoding_rs", &["archive/mod.rs", "archive/history", "publish/proof"]),
        ("zip", &["publish/proof"]),
        ("flate2", &["publish/proof"]),
        ("memchr", &["publish/site", "publish/proof"]),
        ("aho_corasick", &["publish/proof", "rulebook/mentions"]),
        ("hanconv", &["rulebook/mentions"]),
        ("hayro_interpret", &["publish/pdf.rs"]),
        ("kurbo", &["publish/pdf.rs"]),
        ("rust_embed", &["commands/template.rs", "publish/theme.rs"]),
    ];
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for (number, line) in code(&text) {
            for (krate, homes) in HOMES {
                let used = line
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
                    .any(|word| word.starts_with(&format!("{krate}::")));
                if used && !homes.iter().any(|home| name.starts_with(home)) {
                    wrong.push(format!("src/{name}:{number}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "outside its home:\n{}", wrong.join("\n"));
}

/// Names of forms, roles and fields are data. Nothing in a string of the code may equal one that is
/// long enough not to be a common word.
#[test]
fn no_organisation_is_named_in_the_code() {
    let (_, book) = {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("archive-template");
        ((), anjuan::rulebook::Rulebook::read(&root, "rulebook").unwrap())
    };
    let mut names: Vec<String> = book.settings.roles.clone();
    for form in &book.forms {
        names.extend([form.code.value.clone(), form.name.clone()]);
        names.extend(form.fields.iter().map(|f| f.name.value.clone()));
        names.extend(form.sections.iter().map(|s| s.name.value.clone()));
    }
    names.extend(book.rules.iter().map(|r| r.id.value.clone()));
    names.retain(|name| name.is_ascii() && name.len() > 2 || name.chars().count() > 2);
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for (number, line) in code(&text) {
            for literal in line.split('"').skip(1).step_by(2) {
                if let Some(known) = names.iter().find(|known| {
                    literal == known.as_str()
                        || known.is_ascii() && literal.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|w| w == *known)
                }) {
                    wrong.push(format!("src/{name}:{number}: `{known}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the rulebook's own names in the code:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    for (name, text) in sources() {
        assert!(text.starts_with("//!"), "src/{name} does not begin with a doc comment");
    }
}
