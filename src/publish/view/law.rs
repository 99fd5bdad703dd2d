//! Who changed the register, the settings and the rulebook: every entry of their files into the main branch, item by item,
//! with those who agreed to it.
//!
//! Everybody may know that a rule or an entry of the register changed, and when. What stood there before is for the highest
//! audience only: an address, or a word that was in a rule once, is nowhere else to be seen.

use super::change::parts;
use super::timeline::{minute, short};
use super::viewer::Viewer;
use super::{ChangeView, EventView, Link};
use crate::archive::items::{self, Fate, ItemChange};
use crate::archive::timeline::FieldChange;
use crate::archive::{config, people};
use crate::diagnostic::Text;
use crate::rulebook::evidence::{Version, Who, entries};
use crate::rulebook::line::Refused;
use crate::rulebook::waiver;
use crate::say;

/// So many files of the rulebook that came together are told one by one.
const FILES: usize = 5;

/// Everything that happened to the files by which others are judged, oldest first.
pub(super) fn events(viewer: &Viewer<'_>) -> Vec<EventView> {
    let archive = viewer.archive;
    let rulebook = format!("{}/", archive.config.rulebook);
    let own = |path: &&str| [people::FILE, config::FILE, waiver::FILE].contains(path) || path.starts_with(&rulebook);
    let mut out: Vec<EventView> = Vec::new();
    let mut begun: Vec<(&str, Version)> = Vec::new();
    for path in archive.history.paths().filter(own) {
        let versions = entries(archive, &viewer.judgement.line, path).unwrap_or_default();
        let (mut before, mut there): (Option<String>, bool) = (None, false);
        for version in versions {
            let now = version.blob.and_then(|blob| text(viewer, blob));
            let whole = |kind, what| event(viewer, &version, path, kind, what, file(path), Vec::new());
            match (version.blob, &before, &now) {
                (None, ..) => out.push(whole("removed", say!("删除", "removed"))),
                (Some(_), Some(before), Some(now)) => out.extend(of_version(viewer, path, &version, before, now)),
                // A version that cannot be read here changed something all the same.
                _ if there => out.push(whole("changed", say!("修改", "changed"))),
                _ => begun.push((path, version.clone())),
            }
            there = version.blob.is_some();
            before = now;
        }
    }
    begun.sort_by(|a, b| (&a.1.at, &a.1.commit).cmp(&(&b.1.at, &b.1.commit)));
    for files in begun.chunk_by(|a, b| a.1.commit == b.1.commit) {
        out.extend(of_new(viewer, files, &rulebook));
    }
    out.sort_by(|a, b| a.when.cmp(&b.when));
    out
}

fn text(viewer: &Viewer<'_>, blob: crate::archive::history::Oid) -> Option<String> {
    viewer.archive.blobs.text(blob).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Files that one entry brought: one by one, or those of the rulebook as one where they are many and stand alike.
fn of_new(viewer: &Viewer<'_>, files: &[(&str, Version)], rulebook: &str) -> Vec<EventView> {
    let created = |path: &str, version: &Version, what| event(viewer, version, path, "created", what, file(path), Vec::new());
    let one = |(path, version): &(&str, Version)| created(path, version, say!("写成", "written"));
    let (inside, outside): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| path.starts_with(rulebook));
    let stands = |(path, version): &(&str, Version)| approval(viewer, path, version);
    match inside.first() {
        Some(first) if inside.len() > FILES && inside.iter().all(|other| stands(other) == stands(first)) => {
            let count = inside.len();
            let whole = event(
                viewer,
                &first.1,
                first.0,
                "created",
                say!("写成（{count} 个文件）", "written ({count} files)"),
                file(rulebook),
                Vec::new(),
            );
            outside.into_iter().map(one).chain([whole]).collect()
        }
        _ => files.iter().map(one).collect(),
    }
}

/// What one entry of a file did to its items.
fn of_version(viewer: &Viewer<'_>, path: &str, version: &Version, before: &str, now: &str) -> Vec<EventView> {
    let changed = if path.ends_with(".yaml") { items::between(path, before, now) } else { Vec::new() };
    if changed.is_empty() {
        return vec![event(viewer, version, path, "changed", say!("修改", "changed"), file(path), Vec::new())];
    }
    let one = |item: &ItemChange| {
        let (kind, what) = match item.fate {
            Fate::Added => ("created", say!("增加", "added")),
            Fate::Changed => ("changed", say!("修改", "changed")),
            Fate::Removed => ("removed", say!("删去", "removed")),
        };
        let changes = item.changes.iter().map(|change| told(viewer, change)).collect();
        event(viewer, version, path, kind, what, subject(viewer, path, item.id.as_deref()), changes)
    };
    changed.iter().map(one).collect()
}

fn event(
    viewer: &Viewer<'_>,
    version: &Version,
    path: &str,
    kind: &'static str,
    what: Text,
    subject: Link,
    changes: Vec<ChangeView>,
) -> EventView {
    let name = |who: &Who| viewer.who(who);
    let comma = viewer.say(&say!("、", ", "));
    let mut said = viewer.say(&what);
    for word in approval(viewer, path, version) {
        said.push_str(&viewer.say(&say!("；", "; ")));
        said.push_str(&word);
    }
    let id = version.id.and_then(|id| viewer.archive.history.find(id));
    let summary = id.filter(|_| viewer.highest()).map(|at| viewer.archive.history.commits[at as usize].summary().to_owned());
    EventView {
        when: minute(version.at),
        who: version.contributors.iter().map(name).collect::<Vec<_>>().join(&comma),
        role: None,
        kind,
        what: said,
        subject,
        more: Vec::new(),
        commit: version.commit.clone(),
        summary: summary.unwrap_or_default(),
        changes,
    }
}

/// Who agreed, and whether it took effect.
fn approval(viewer: &Viewer<'_>, path: &str, version: &Version) -> Vec<String> {
    if version.baseline {
        return vec![viewer.say(&say!("建库时已有（基线）", "present from the beginning (baseline)"))];
    }
    let agreed = version.endorsements.iter().map(|endorsement| {
        let (who, how) = (viewer.who(&endorsement.who), viewer.say(&endorsement.words()));
        viewer.say(&say!("{who} 批准，{how}", "approved by {who}, {how}"))
    });
    let mut words: Vec<String> = agreed.collect();
    if words.is_empty() {
        words.push(viewer.say(&say!("没有批准", "approved by nobody")));
    }
    let decided = viewer.judgement.line.decided.iter().find(|decided| decided.path == path && decided.commit == version.commit);
    words.extend(decided.and_then(|decided| decided.refused.as_ref()).map(|refused| match refused {
        Refused::Unapproved(_) => viewer.say(&say!("没有有权的人批准，不作数", "not approved by anybody with the right, so of no effect")),
        Refused::Unreadable(_) => viewer.say(&say!("内容有误，不作数", "in error, so of no effect")),
    }));
    words
}

fn file(path: &str) -> Link {
    Link { text: path.to_owned(), url: None }
}

/// What an item is called, linked to its page where it has one.
fn subject(viewer: &Viewer<'_>, path: &str, id: Option<&str>) -> Link {
    let Some(id) = id else { return file(path) };
    let (rulebook, people) = (viewer.judgement.world.rulebook, &viewer.archive.people);
    if path == people::FILE {
        // Who is no longer in the register is called what they were called in it.
        return people.by_id(id).map_or_else(|| Link { text: id.to_owned(), url: None }, |person| viewer.person_link(&person.name));
    }
    if let Some((_, rule)) = rulebook.rule(id) {
        let link = viewer.rule_link(rule);
        // An exception from a rule is not the rule.
        return if path == waiver::FILE { Link { text: format!("{path} · {id}"), ..link } } else { link };
    }
    if let Some(form) = rulebook.form_index(id).map(|at| &rulebook.forms[at]) {
        return viewer.form_link(form);
    }
    let article = viewer.article_link(id);
    if article.url.is_some() { article } else { Link { text: format!("{path} · {id}"), url: None } }
}

fn told(viewer: &Viewer<'_>, change: &FieldChange) -> ChangeView {
    if !viewer.highest() {
        return ChangeView { name: change.name.clone(), from: None, to: None, parts: Vec::new() };
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (from, to) = (text(&change.from), text(&change.to));
    ChangeView { name: change.name.clone(), parts: parts(&from, &to), from: Some(short(&from)), to: Some(short(&to)) }
}
