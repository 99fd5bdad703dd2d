//! Records that are no more what they were: taking one away, or making it a record of another form, is a change like any other and
//! needs the same approval.

use std::cell::OnceCell;
use std::collections::HashSet;

use rayon::prelude::*;

use super::Rulebook;
use super::evidence::{Version, version};
use super::grant::Grant;
use super::judge::form_of;
use super::line::Line;
use crate::archive::history::{Change, Oid, Position};
use crate::archive::{Archive, Record, home, timeline};
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, Span};

/// A record that was taken away or relabelled.
#[derive(Debug)]
pub struct Gone {
    /// Where it stood.
    pub path: String,
    /// Its id.
    pub id: String,
    /// The form that it had, as an index into the rulebook.
    pub form: usize,
    /// The form that it was given instead; none where it was taken away.
    pub relabelled: Option<usize>,
    /// The rule that asks for an approval, as an index, and what came of it.
    pub grants: Vec<(usize, Grant)>,
    /// Where the record began, in the text that is gone or in the one that stands.
    pub place: Place,
    /// The entry that did it.
    pub version: Version,
}

impl Gone {
    /// Whether everybody agreed who had to.
    pub fn is_approved(&self) -> bool {
        self.grants.iter().all(|(_, grant)| grant.approved)
    }
}

/// The records that stood on the main branch once and stand there no more, in the order of their paths; not those that only
/// moved.
pub fn of(archive: &Archive, rulebook: &Rulebook, line: &Line) -> Vec<Gone> {
    let history = &archive.history;
    if history.head.is_none() || history.limits.iter().any(|limit| limit.hides()) {
        return Vec::new();
    }
    let arrivals = OnceCell::new();
    let paths = history.paths().filter(|path| path.ends_with(".md"));
    let mut all: Vec<Gone> = paths.filter_map(|path| removed(archive, rulebook, line, path, &arrivals)).collect();
    let asks = |form: usize| rulebook.rules_for_approval(form).next().is_some();
    let free: Vec<bool> = (0..rulebook.forms.len()).map(|form| !asks(form)).collect();
    // One that still needs an approval has to find it for its new text anyway.
    let relabelled = archive.records.par_iter().filter_map(|record| {
        let form = form_of(rulebook, record).ok().filter(|form| free[*form])?;
        relabelled(archive, rulebook, line, record, form)
    });
    all.extend(relabelled.collect::<Vec<_>>());
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Where a record begins.
fn start(record: &Record) -> Place {
    Place::new(&record.source, Span::at(record.front.start))
}

/// A record that had a form whose records need an approval, if the entry that gave it another was not approved by these.
fn relabelled(archive: &Archive, rulebook: &Rulebook, line: &Line, record: &Record, form: usize) -> Option<Gone> {
    let (history, path) = (&archive.history, record.path());
    let (folder, number) = home(path)?;
    let project = rulebook.project_in(folder, number);
    let changes = history.changes(path);
    let entered = changes.iter().filter_map(|change| match history.commits[change.commit as usize].position {
        Position::Main(at) => Some((at, change)),
        _ => None,
    });
    for (at, change) in entered {
        let (Some(old), Some(new)) = (change.old, change.new) else { continue };
        let form_then = |blob: Oid| form_of_version(archive, rulebook, path, blob);
        let Some(was) = form_then(old).filter(|was| form_then(new) != Some(*was)) else { continue };
        let own = version(archive, line, path, changes, change, at, None);
        let grants = grants(rulebook, was, project.as_deref(), &own);
        if grants.iter().any(|(_, grant)| !grant.approved) {
            let id = rulebook.record_id(path);
            return Some(Gone { path: path.to_owned(), id, form: was, relabelled: Some(form), place: start(record), grants, version: own });
        }
    }
    None
}

/// The form of a version, which mostly stands in its first line.
pub(super) fn form_of_version(archive: &Archive, rulebook: &Rulebook, path: &str, blob: Oid) -> Option<usize> {
    let outline = archive.versions.outline(&archive.blobs, path, blob);
    match outline?.first(&rulebook.settings.form_key) {
        Some(name) => rulebook.form_named(name.trim()),
        None => form_of(rulebook, &timeline::version(&archive.blobs, path, blob)?).ok(),
    }
}

/// What came of an entry under every rule that asks for an approval of a form's records.
fn grants(rulebook: &Rulebook, form: usize, project: Option<&str>, own: &Version) -> Vec<(usize, Grant)> {
    let grant = |at: usize| Some((at, Grant::under(&rulebook.rules[at], form, project, own)?));
    rulebook.rules_for_approval(form).filter_map(grant).collect()
}

/// Texts that came to a path where nothing stood, by commit.
type Arrivals = OnceCell<HashSet<(u32, Oid)>>;

fn removed(archive: &Archive, rulebook: &Rulebook, line: &Line, path: &str, arrivals: &Arrivals) -> Option<Gone> {
    let history = &archive.history;
    let (folder, number) = home(path)?;
    rulebook.settings.kind_in(folder)?;
    let changes = history.changes(path);
    let on_main = |change: &&Change| matches!(history.commits[change.commit as usize].position, Position::Main(_));
    let last = changes.iter().rfind(on_main).filter(|change| change.new.is_none())?;
    let Position::Main(at) = history.commits[last.commit as usize].position else { return None };
    let text = last.old?;
    // The same text under another path in the same step: it moved, and its approval with it.
    let arrived = || {
        let new = |change: &&Change| change.old.is_none();
        history.paths().flat_map(|path| history.changes(path).iter().filter(new).filter_map(|c| Some((c.commit, c.new?)))).collect()
    };
    if arrivals.get_or_init(arrived).contains(&(last.commit, text)) {
        return None;
    }
    let record = timeline::version(&archive.blobs, path, text)?;
    let form = form_of(rulebook, &record).ok()?;
    let own = version(archive, line, path, changes, last, at, None);
    let project = rulebook.project_in(folder, number);
    let grants = grants(rulebook, form, project.as_deref(), &own);
    Some(Gone { path: path.to_owned(), id: rulebook.record_id(path), form, relabelled: None, place: start(&record), grants, version: own })
}

/// What is to be said of records that were taken away without the approval that their form asks for.
pub fn findings(gone: &[Gone], rulebook: &Rulebook) -> Vec<Diagnostic> {
    let one = |gone: &Gone| {
        let (at, grant) = gone.grants.iter().find(|(_, grant)| !grant.approved)?;
        let (rule, id, day, commit) = (&rulebook.rules[*at], &gone.id, gone.version.at.date(), &gone.version.commit);
        let (message, help) = match gone.relabelled {
            None => (
                say!("{id} 于 {day}（提交 {commit}）被删除，没有审批", "{id} was removed on {day} (commit {commit}) without approval"),
                say!(
                    "恢复这份记录；确应删除的，在分支上删，由有权的人合并并署名",
                    "restore it; if it has to go, remove it on a branch and let somebody with the right merge it by name"
                ),
            ),
            Some(form) => {
                let (was, is) = (rulebook.forms[gone.form].code.as_str(), rulebook.forms[form].code.as_str());
                (
                    say!(
                        "{id} 于 {day}（提交 {commit}）由 {was} 改成 {is}，没有审批",
                        "{id} was changed from {was} to {is} on {day} (commit {commit}) without approval"
                    ),
                    say!(
                        "改回 {was}；确应改的，在分支上改，由有权的人合并并署名",
                        "make it {was} again; if it has to change, change it on a branch and let somebody with the right merge it by name"
                    ),
                )
            }
        };
        let mut d = Diagnostic::new(rule.id.value.clone(), rule.severity, gone.place.clone(), message);
        d.key.clone_from(id);
        d.article = Some(rule.article.value.clone());
        d.facts.clone_from(&grant.reasons);
        Some(d.help(help))
    };
    gone.iter().filter_map(one).collect()
}
