//! Runs the documents in `tests/suites`.

use std::path::{Path, PathBuf};

use crate::support::Place;

/// A fenced block of a suite.
struct Block {
    info: String,
    text: String,
    /// Line numbers (from 0) of the text in the document.
    lines: std::ops::Range<usize>,
}

struct Case {
    heading: String,
    blocks: Vec<Block>,
    /// What the program does not do yet: a line `<!-- wrong: … -->` under the heading.
    wrong: bool,
}

#[test]
fn suites_find_what_they_say() {
    let bless = std::env::var_os("ANJUAN_BLESS").is_some();
    let mut failed = Vec::new();
    for path in documents() {
        let document = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
        let mut changes = Vec::new();
        let (shared, cases) = cases(&document);
        for case in cases {
            let name = format!("{}: {}", path.file_name().unwrap().to_string_lossy(), case.heading);
            let outcomes = run(&shared, &case);
            if case.wrong {
                if outcomes.iter().all(|(_, wanted, got)| wanted == got) {
                    failed.push(format!("{name}\nis right by now: delete the line `<!-- wrong: … -->`\n"));
                }
                continue;
            }
            for (range, wanted, got) in outcomes {
                if wanted != got {
                    failed.push(format!("{name}\n--- expected\n{wanted}+++ found\n{got}"));
                    changes.push((range, got));
                }
            }
        }
        if bless {
            for (range, got) in changes.into_iter().rev() {
                lines.splice(range, got.lines().map(str::to_owned));
            }
            std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        }
    }
    assert!(bless || failed.is_empty(), "{}\n{} blocks differ; ANJUAN_BLESS=1 writes what was found", failed.join("\n"), failed.len());
}

#[test]
fn every_kind_of_rule_has_a_suite() {
    let names: Vec<String> = documents().iter().map(|p| p.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    for kind in anjuan::rulebook::kinds::KINDS {
        assert!(names.iter().any(|name| name == kind.name), "tests/suites/{}.md is missing", kind.name);
    }
}

fn documents() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites");
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    all.sort();
    all
}

/// The blocks before the first case, which begin every case, and the cases.
fn cases(document: &str) -> (Vec<Block>, Vec<Case>) {
    let mut shared = Vec::new();
    let mut out: Vec<Case> = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in document.lines().enumerate() {
        match &mut open {
            Some(block) if line.trim_end() == "```" => {
                block.lines.end = number;
                let block = open.take().unwrap();
                out.last_mut().map_or(&mut shared, |case| &mut case.blocks).push(block);
            }
            Some(block) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {
                if let Some(heading) = line.strip_prefix("## ") {
                    out.push(Case { heading: heading.to_owned(), blocks: Vec::new(), wrong: false });
                } else if line.starts_with("<!-- wrong: ") {
                    out.last_mut().expect("a case is wrong, not a suite").wrong = true;
                } else if let Some(info) = line.strip_prefix("```") {
                    open = Some(Block { info: info.to_owned(), text: String::new(), lines: number + 1..number + 1 });
                }
            }
        }
    }
    (shared, out)
}

/// Plays a case; returns the blocks with expectations, what they say and what was found.
fn run(shared: &[Block], case: &Case) -> Vec<(std::ops::Range<usize>, String, String)> {
    let mut place = Place::new();
    let mut told = false;
    let mut laid_out = false;
    let mut out = Vec::new();
    for block in shared.iter().chain(&case.blocks) {
        let mut words = block.info.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match kind {
            "story" => {
                told = true;
                block.text.lines().for_each(|line| step(&mut place, line));
            }
            "message" => drop(place.say(&block.text)),
            "findings" | "obligations" => {
                if !laid_out {
                    if !told {
                        place.commit("main", "li", "2026-01-01");
                    }
                    place.show();
                    laid_out = true;
                }
                let today = rest.iter().find_map(|w| w.strip_prefix("today=")).unwrap_or("2026-06-30");
                let got = if kind == "findings" { place.check(today) } else { place.obligations(today) };
                let got = got.into_iter().map(|line| line + "\n").collect::<String>();
                out.push((block.lines.clone(), block.text.clone(), got));
            }
            _ => {
                if let Some(path) = rest.first() {
                    let text = if rest.contains(&"crlf") { block.text.replace('\n', "\r\n") } else { block.text.clone() };
                    place.write(path, &text);
                }
            }
        }
    }
    out
}

fn step(place: &mut Place, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["commit", branch, who, when] => drop(place.commit(branch, who, when)),
        ["merge", branch, who, when, approved_by @ ..] => drop(place.merge(branch, who, when, approved_by)),
        ["alter", branch, who, when, approved_by @ ..] => drop(place.alter(branch, who, when, approved_by)),
        ["octopus", branches, who, when, approved_by @ ..] => {
            let branches: Vec<&str> = branches.split(',').collect();
            place.octopus(&branches, who, when, approved_by);
        }
        ["sign", branch, who] => drop(place.sign(branch, who)),
        ["move", from, to] => drop(place.rename(from, to)),
        ["stand", branch] => drop(place.stand(branch)),
        ["remove", path] => drop(place.remove(path)),
        ["clone", "shallow"] => drop(place.shallow()),
        ["lose", "git"] => drop(place.lose_git()),
        ["replace", ..] => {
            let (path, change) = line.trim_start_matches("replace ").split_once(": ").expect("replace PATH: old => new");
            let (from, to) = change.split_once(" => ").expect("replace PATH: old => new");
            place.replace(path, from, to);
        }
        [] => {}
        _ => panic!("unknown step: {line}"),
    }
}
