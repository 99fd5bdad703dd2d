//! What waits on branches, as one audience may see it.

use std::sync::Arc;

use serde::Serialize;

use super::Link;
use super::catalogue::{Catalogue, Facet};
use super::viewer::Viewer;
use crate::publish::site::{Sheet, url};
use crate::rulebook::waiting::{self, Waiting};
use crate::say;

/// Records on one page.
const ON_PAGE: usize = 150;

/// A record on a branch.
#[derive(Debug, Clone, Serialize)]
pub struct BranchRow {
    /// The record's id, linked where the main branch has it. What is new on a branch may name anybody, so lower audiences are
    /// told its form only.
    pub subject: Option<Link>,
    /// Its form.
    pub form: Option<Link>,
    /// What would happen to it: `new`, `changed`, `removed`.
    pub change: &'static str,
    /// The dossier, where the main branch has it.
    pub dossier: Option<Link>,
    /// The project's code.
    pub project: Option<String>,
    /// The branch; for the highest audience only, since people name branches as they like.
    pub branch: Option<String>,
    /// The commit, short.
    pub commit: String,
    /// Who wrote it.
    pub author: Link,
    /// The day on which the branch last touched it.
    pub since: String,
    /// Whose approval it needs.
    pub hands: Vec<Link>,
}

/// The pages of what waits on branches; none where nothing does.
pub(super) fn sheets<'v>(viewer: &'v Viewer<'_>) -> Vec<Sheet<'v>> {
    let waiting = Arc::new(waiting::of(viewer.archive, viewer.judgement));
    if waiting.is_empty() {
        return Vec::new();
    }
    let all: Vec<usize> = (0..waiting.len()).collect();
    let list = Catalogue {
        home: Some(url::BRANCHES),
        folder: "branches",
        template: "branches.html",
        row_by: None,
        here: "branches",
        per: ON_PAGE,
        facets: vec![Facet::of("project", &all, |at| waiting[at].project.clone())],
        orders: vec![("submitted", all)],
        row: Arc::new(move |at| row(viewer, &waiting[at])),
    };
    list.sheets()
}

fn row(viewer: &Viewer<'_>, waiting: &Waiting) -> BranchRow {
    let Waiting { facts, id, form, dossier, project, author, since, hands } = waiting;
    let registered = viewer.archive.people.named(author).is_some();
    let standing = viewer.at(&facts.path);
    let subject = match standing {
        Some(at) => Some(viewer.record_link(at)),
        None => viewer.highest().then(|| Link { text: id.clone(), url: None }),
    };
    BranchRow {
        subject,
        form: form.map(|form| viewer.form_link(&viewer.judgement.world.rulebook.forms[form])),
        change: match (facts.new, facts.stands) {
            (None, _) => "removed",
            (Some(_), true) => "changed",
            (Some(_), false) => "new",
        },
        dossier: dossier.and_then(|dossier| viewer.dossier_link(dossier)),
        project: project.clone(),
        branch: viewer.highest().then(|| facts.branch.clone()),
        commit: facts.commit.short(),
        author: if registered || viewer.highest() {
            viewer.person_link(author)
        } else {
            Link { text: viewer.say(&say!("未登记", "not registered")), url: None }
        },
        since: since.to_string(),
        hands: hands.iter().map(|name| viewer.person_link(name)).collect(),
    }
}
