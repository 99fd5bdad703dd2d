//! The worked example's history as data: who commits what when on which branch, who merges.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::archive::history::signature::ExampleKey;
use crate::archive::history::{Author, Scribe, Stamp};
use crate::archive::people::People;
use crate::diagnostic::{Diagnostic, Language};
use crate::failure::Failure;
use crate::publish::report::human;
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};
use crate::yaml::{self, de};

/// A history: several strands, each with its steps, told as one in the order of time.
#[derive(Debug)]
pub struct Story {
    /// The day as of which it is judged.
    pub today: NaiveDate,
    steps: Vec<Told>,
}

/// A step, and where it stands.
#[derive(Debug)]
struct Told {
    step: de::Spanned<Step>,
    strand: String,
    source: SharedSource,
}

/// `demo.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    today: NaiveDate,
    strands: Vec<de::Spanned<String>>,
}

/// `history.yaml` of a strand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strand {
    steps: Vec<de::Spanned<Step>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Step {
    Commit(Commit),
    Merge(Merge),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Commit {
    on: String,
    by: String,
    at: String,
    message: String,
    #[serde(default)]
    files: Option<String>,
    #[serde(default)]
    edit: Vec<Edit>,
    #[serde(default)]
    remove: Vec<String>,
    /// Who signs it: a person by id, or another word for a key of the example.
    #[serde(default)]
    signed_by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Edit {
    path: String,
    from: String,
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Merge {
    branch: String,
    by: String,
    at: String,
    message: String,
    #[serde(default)]
    approved_by: Vec<String>,
    #[serde(default)]
    signed_by: Option<String>,
}

impl Step {
    /// When, as written, which is also the order of time.
    fn at(&self) -> &str {
        match self {
            Step::Commit(commit) => &commit.at,
            Step::Merge(merge) => &merge.at,
        }
    }
}

/// The branch that everything is merged into.
const MAIN: &str = "main";

impl Story {
    /// Reads a history from the files of its folder, by path.
    pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Failure> {
        let (head, source) = document::<Head>(files, "demo.yaml").map_err(|d| wrong(&d))?;
        let mut steps = Vec::new();
        for strand in head.strands {
            let path = format!("{}/history.yaml", *strand);
            if !files.contains_key(&path) {
                let missing = say!("没有文件 {path}", "there is no file {path}");
                return Err(wrong(&Diagnostic::error("C101", Place::new(&source, strand.span), missing)));
            }
            let (read, source) = document::<Strand>(files, &path).map_err(|d| wrong(&d))?;
            steps.extend(read.steps.into_iter().map(|step| Told { step, strand: strand.value.clone(), source: source.clone() }));
        }
        steps.sort_by(|a, b| a.step.at().cmp(b.step.at()));
        Ok(Story { today: head.today, steps })
    }

    /// Writes it into a repository. `files` are those of its folder by path, `template` is what the
    /// first commit holds besides its own overlay. `zone` is minutes east of UTC.
    pub fn tell(
        &self,
        scribe: &Scribe,
        files: &BTreeMap<String, Vec<u8>>,
        template: Vec<(String, Vec<u8>)>,
        zone: i32,
    ) -> Result<usize, Failure> {
        let mut template: BTreeMap<String, Vec<u8>> = template.into_iter().collect();
        let mut people: Option<People> = None;
        for Told { step, strand, source } in &self.steps {
            let failed = |message| wrong(&Diagnostic::error("C101", Place::new(source, step.span), message));
            match &step.value {
                Step::Commit(commit) => {
                    let mut changes = std::mem::take(&mut template);
                    if let Some(overlay) = &commit.files {
                        let prefix = format!("{strand}/{overlay}/");
                        let laid = files.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
                        let before = changes.len();
                        changes.extend(laid.map(|(path, bytes)| (path[prefix.len()..].to_owned(), bytes.clone())));
                        if changes.len() == before && before == 0 {
                            return Err(failed(say!("没有文件夹 {strand}/{overlay}", "there is no folder {strand}/{overlay}")));
                        }
                    }
                    let branch = if scribe.has(&commit.on) { commit.on.as_str() } else { MAIN };
                    for edit in &commit.edit {
                        let path = &edit.path;
                        let old = changes.get(path).cloned().or_else(|| scribe.read(branch, path));
                        let old = old
                            .and_then(|bytes| String::from_utf8(bytes).ok())
                            .ok_or_else(|| failed(say!("没有文件 {path}", "there is no file {path}")))?;
                        if old.matches(edit.from.as_str()).count() != 1 {
                            let from = &edit.from;
                            return Err(failed(say!("{path} 里不是恰有一处“{from}”", "{path} does not hold `{from}` exactly once")));
                        }
                        changes.insert(path.clone(), old.replacen(edit.from.as_str(), &edit.to, 1).into_bytes());
                    }
                    if let Some(bytes) = changes.get(crate::archive::people::FILE) {
                        people = Some(People::read(&Source::new("people.yaml", String::from_utf8_lossy(bytes))).0);
                    }
                    let author = author(people.as_ref(), &commit.by, &commit.at, zone, commit.signed_by.as_deref())
                        .ok_or_else(|| failed(say!("不认识提交人或时间", "the committer or the time is not understood")))?;
                    let mut list: Vec<(String, Option<Vec<u8>>)> = changes.into_iter().map(|(path, bytes)| (path, Some(bytes))).collect();
                    list.extend(commit.remove.iter().map(|path| (path.clone(), None)));
                    scribe.commit(&commit.on, MAIN, &author, &commit.message, &list)?;
                }
                Step::Merge(merge) => {
                    let known = people.as_ref();
                    let author = author(known, &merge.by, &merge.at, zone, merge.signed_by.as_deref())
                        .ok_or_else(|| failed(say!("不认识合并人或时间", "the merger or the time is not understood")))?;
                    let mut message = merge.message.trim_end().to_owned();
                    if !merge.approved_by.is_empty() {
                        message.push('\n');
                    }
                    for id in &merge.approved_by {
                        let person = known
                            .and_then(|p| p.by_id(id))
                            .ok_or_else(|| failed(say!("没有编号为 {id} 的人", "nobody has the id {id}")))?;
                        let email = person.emails.first().map_or("", |e| e.as_str());
                        message.push_str(&format!("\nApproved-by: {} <{email}>", person.name.value));
                    }
                    message.push('\n');
                    scribe.merge(MAIN, &merge.branch, &author, &message)?;
                    scribe.delete(&merge.branch)?;
                }
            }
        }
        Ok(self.steps.len())
    }
}

fn document<T: DeserializeOwned>(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Result<(T, SharedSource), Diagnostic> {
    let text = files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let source = Source::new(path, &text);
    let (node, mut found) = yaml::parse(&source, Span::new(0, text.len()));
    match de::read(&node, &source, "C101") {
        Ok(read) if found.is_empty() => Ok((read, source)),
        Ok(_) => Err(found.remove(0)),
        Err(d) => Err(d),
    }
}

fn author(people: Option<&People>, id: &str, at: &str, zone: i32, signed_by: Option<&str>) -> Option<Author> {
    let person = people?.by_id(id)?;
    let at = NaiveDateTime::parse_from_str(at, "%Y-%m-%dT%H:%M").ok()?;
    let seconds = at.and_utc().timestamp() - i64::from(zone) * 60;
    let email = person.emails.first().map(|e| e.value.clone()).unwrap_or_default();
    let key = signed_by.map(|word| Arc::new(ExampleKey::of(word)));
    Some(Author { name: person.name.value.clone(), email, at: Stamp { seconds, offset: zone }, key })
}

fn wrong(d: &Diagnostic) -> Failure {
    Failure::new(say!("示例的历史写错了", "the example's history is wrong"), format!("\n{}", human::one(d, Language::Zh, false)))
}
