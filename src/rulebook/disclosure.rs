//! Where somebody is named before readers who may not know them: in a field or section that a lower audience sees, in names of
//! files and branches, in messages of commits. Findings say whose name it is and never the name.

use rayon::prelude::*;

use super::context::{Entry, World};
use super::form::Kind;
use super::mentions::{Mention, Mentions};
use super::value::Data;
use crate::archive::history::Position;
use crate::archive::record::Section;
use crate::archive::{Archive, config, people};
use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::say;
use crate::source::{Place, Source, Span};

/// Everybody in the archive whom not all may know.
pub(super) fn mentions(world: &World<'_>, archive: &Archive) -> Mentions {
    let book = world.rulebook;
    let mut found = Vec::new();
    let files = [format!("{}/articles.yaml", archive.config.rulebook), people::FILE.to_owned(), config::FILE.to_owned()];
    let there = files.iter().filter(|file| archive.root.join(file).is_file());
    let read: Vec<_> = there.filter_map(|file| Archive::text(&archive.root, file, &mut found)).collect();
    let mut open: Vec<&str> = read.iter().map(|source| source.text()).collect();
    let mut law: Vec<_> = book.forms.iter().map(|form| &form.source).collect();
    law.extend(book.rules.iter().map(|rule| &rule.source));
    law.extend(book.settings.source.as_ref());
    law.sort_by_key(|source| source.path());
    law.dedup_by_key(|source| source.path());
    open.extend(law.into_iter().map(|source| source.text()));
    open.extend(book.settings.common_words.iter().map(String::as_str));
    Mentions::of(world.identities(), book, &open)
}

/// All such places.
pub(super) fn of(world: &World<'_>, archive: &Archive, mentions: &Mentions) -> Vec<Diagnostic> {
    if mentions.is_empty() {
        return Vec::new();
    }
    let entries: Vec<&Entry<'_>> = world.dossiers.iter().flat_map(|dossier| &dossier.entries).collect();
    let mut found: Vec<Diagnostic> = entries.par_iter().flat_map_iter(|entry| of_entry(world, mentions, entry)).collect();
    found.extend(of_names(archive, mentions));
    found.extend(of_commits(archive, mentions));
    found
}

fn of_entry(world: &World<'_>, mentions: &Mentions, entry: &Entry<'_>) -> Vec<Diagnostic> {
    let form = world.form(entry);
    let mut found = Vec::new();
    let mut look = |name: &str, text: &str, audience: usize, place: &dyn Fn(&Mention) -> Span| {
        let Some(first) = mentions.first(text, audience) else { return };
        let (record, field) = whose(mentions, &first);
        let message = say!(
            "「{name}」里有 {record} 的「{field}」，看得到这里的人不应看到",
            "`{name}` holds `{field}` of {record}, which not all of its readers may see"
        );
        found.push(finding("E102", Severity::Error, Place::new(&entry.record.source, place(&first)), message).key(name));
    };
    for (index, field) in form.fields.iter().enumerate() {
        let Some(filled) = entry.value(index) else { continue };
        let name = &field.name.value;
        match &filled.data {
            Data::Rows(rows) => {
                for row in rows {
                    for (column, data) in field.columns.iter().zip(&row.cells).filter(|(column, _)| is_free(column.kind)) {
                        let name = format!("{name}.{}", column.name.value);
                        let audience = column.audience.max(field.audience);
                        data.iter()
                            .flat_map(Data::values)
                            .for_each(|datum| look(&name, &datum.value.to_string(), audience, &|_| datum.span));
                    }
                }
            }
            data if is_free(field.kind) => {
                data.values().for_each(|datum| look(name, &datum.value.to_string(), field.audience, &|_| datum.span));
            }
            _ => {}
        }
    }
    for section in &form.sections {
        let name = &section.name.value;
        let Some(Section { body, .. }) = entry.record.section(name) else { continue };
        let at = |mention: &Mention| mention.span.shifted(body.start);
        look(name, entry.record.source.slice(*body), section.audience, &at);
    }
    found
}

/// Whether somebody writes there what they like.
fn is_free(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Url | Kind::Email | Kind::Phone | Kind::Signature | Kind::Attachment)
}

/// Names of files and of the branch: everybody who can reach the repository reads them.
fn of_names(archive: &Archive, mentions: &Mentions) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let paths = archive.records.iter().map(|record| record.path()).chain(archive.files.keys().map(String::as_str));
    for path in paths {
        let Some(first) = mentions.first(path, 0) else { continue };
        let (record, field) = whose(mentions, &first);
        let message = say!("文件或文件夹的名称里有 {record} 的「{field}」", "the name of the file or folder holds `{field}` of {record}");
        found.push(finding("E103", Severity::Error, Place::file(&Source::new(path, "")), message));
    }
    if let Some(first) = archive.history.checked_out.as_deref().and_then(|branch| mentions.first(branch, 0)) {
        let (record, field) = whose(mentions, &first);
        let message = say!("当前分支的名称里有 {record} 的「{field}」", "the name of the branch holds `{field}` of {record}");
        found.push(finding("E103", Severity::Error, None, message).key("branch"));
    }
    found
}

/// Messages: what has entered the main branch can only be known, what has not can still be written anew.
fn of_commits(archive: &Archive, mentions: &Mentions) -> Vec<Diagnostic> {
    let one = |commit: &crate::archive::history::Commit| {
        let first = mentions.first(&commit.message, 0)?;
        let ((record, field), id) = (whose(mentions, &first), commit.id.short());
        let message = say!("提交 {id} 的说明里有 {record} 的「{field}」", "the message of commit {id} holds `{field}` of {record}");
        let pending = commit.position == Position::Pending;
        let mut d = finding("E103", if pending { Severity::Error } else { Severity::Warning }, None, message).key(&id);
        if !pending {
            d.help = Some(say!(
                "已在主分支上，改不了；告诉项目管理部，由其决定是否改写历史",
                "it is on the main branch and stays; tell whoever owns the procedure, who may decide to rewrite history"
            ));
        }
        Some(d)
    };
    archive.history.commits.par_iter().filter_map(one).collect()
}

fn whose<'m>(mentions: &'m Mentions, mention: &Mention) -> (&'m str, &'m str) {
    let identity = mentions.identity(mention.value);
    (&identity.record, &identity.field)
}

fn finding(code: &str, severity: Severity, place: impl Into<Option<Place>>, message: Text) -> Diagnostic {
    let mut d = Diagnostic::new(code, severity, place, message).help(match code {
        "E102" => say!(
            "改写代号或称谓；各处都看得到的词，由制度写进 common-words",
            "write a code or a relation instead; a word that everybody sees goes into `common-words`"
        ),
        _ => say!(
            "说明、分支名和文件名里只写编号；推送之前，git commit --amend 可改最后一次的说明，git branch -m 可改分支名",
            "write numbers only in messages and in names of branches and files; before a push, git commit --amend rewords the last message and git branch -m renames the branch"
        ),
    });
    d.private = true;
    d
}
