//! Records that are no more: taking one away is a change like any other and needs the same approval.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::Rulebook;
use super::evidence::{Version, version};
use super::grant::Grant;
use super::judge::form_of;
use super::kinds::Turn;
use super::line::Line;
use crate::archive::history::{Change, Oid, Position};
use crate::archive::{Archive, home, timeline};
use crate::diagnostic::Diagnostic;
use crate::say;

/// A record that was taken away.
#[derive(Debug)]
pub struct Gone {
    /// Where it stood.
    pub path: String,
    /// Its id.
    pub id: String,
    /// Its form, as an index into the rulebook.
    pub form: usize,
    /// The rule that asks for an approval, as an index, and what came of it.
    pub grants: Vec<(usize, Grant)>,
    /// The entry that took it away.
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
    paths.filter_map(|path| one(archive, rulebook, line, path, &arrivals)).collect()
}

/// Texts that came to a path where nothing stood, by commit.
type Arrivals = OnceCell<HashSet<(u32, Oid)>>;

fn one(archive: &Archive, rulebook: &Rulebook, line: &Line, path: &str, arrivals: &Arrivals) -> Option<Gone> {
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
    let asks = |at: &usize| {
        let rule = &rulebook.rules[*at];
        rule.must.turn() == Turn::First && rulebook.in_force(rule) && rule.applies.forms(rulebook).contains(&form)
    };
    let project = rulebook.project_in(folder, number);
    let grant = |at: usize| (at, Grant::of(project.as_deref(), &own, &rulebook.rules[at].must.slots()));
    let grants: Vec<(usize, Grant)> = (0..rulebook.rules.len()).filter(asks).map(grant).collect();
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".md"))?;
    Some(Gone { path: path.to_owned(), id: format!("{number}/{stem}"), form, grants, version: own })
}

/// What is to be said of records that were taken away without the approval that their form asks for.
pub fn findings(gone: &[Gone], rulebook: &Rulebook) -> Vec<Diagnostic> {
    let one = |gone: &Gone| {
        let (at, grant) = gone.grants.iter().find(|(_, grant)| !grant.approved)?;
        let (rule, id, day, commit) = (&rulebook.rules[*at], &gone.id, gone.version.at.date(), &gone.version.commit);
        let mut d = Diagnostic::new(
            rule.id.value.clone(),
            rule.severity,
            None,
            say!("{id} 于 {day}（提交 {commit}）被删除，没有审批", "{id} was removed on {day} (commit {commit}) without approval"),
        );
        d.key.clone_from(id);
        d.article = Some(rule.article.value.clone());
        d.facts.clone_from(&grant.reasons);
        Some(d.help(say!(
            "恢复这份记录；确应删除的，在分支上删，由有权的人合并并署名",
            "restore it; if it has to go, remove it on a branch and let somebody with the right merge it by name"
        )))
    };
    gone.iter().filter_map(one).collect()
}
