//! Records on branches: what staff have proposed and nobody has merged yet.

use chrono::NaiveDate;

use super::charge::{Charges, Hands};
use super::gone::form_of_version;
use super::judge::Judgement;
use crate::archive::{self, Archive, home};

/// A record as a branch would have it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What git says of it.
    pub facts: archive::history::Waiting,
    /// The record's id.
    pub id: String,
    /// Its form, as an index; none where the branch removes it or its text names no form.
    pub form: Option<usize>,
    /// Its dossier, as an index, where the main branch has it.
    pub dossier: Option<usize>,
    /// The code of its project.
    pub project: Option<String>,
    /// Who wrote it, by name.
    pub author: String,
    /// The day on which the branch last touched it, in the archive's zone.
    pub since: NaiveDate,
    /// The people whose approval a rule asks for, by name.
    pub hands: Hands,
}

/// Every record that waits on a branch other than the one that is checked out, the one that waits longest first.
pub fn of(archive: &Archive, judgement: &Judgement<'_>) -> Vec<Waiting> {
    let (history, world) = (&archive.history, &judgement.world);
    let Some(&main) = history.main.last() else { return Vec::new() };
    let tip = history.commits[main as usize].id;
    let charges = Charges::new(world);
    let facts = archive.blobs.waiting(&history.branch, tip, history.head).into_iter();
    let mut all: Vec<Waiting> = facts.filter_map(|facts| waiting(archive, judgement, &charges, facts)).collect();
    all.sort_by(|a, b| (a.since, &a.id, &a.facts.branch).cmp(&(b.since, &b.id, &b.facts.branch)));
    all
}

fn waiting(archive: &Archive, judgement: &Judgement<'_>, charges: &Charges<'_, '_>, facts: archive::history::Waiting) -> Option<Waiting> {
    let world = &judgement.world;
    let book = world.rulebook;
    let path = facts.path.as_str();
    let (folder, number) = home(path).unwrap_or_default();
    let in_dossier = book.settings.kind_in(folder).is_some();
    let form = facts.new.and_then(|blob| form_of_version(archive, book, path, blob));
    if !path.ends_with(".md") || form.is_none() && !in_dossier {
        return None;
    }
    let standing = world.record_named(path);
    let form = form.or_else(|| standing.map(|at| world.entry(at).form));
    let project = in_dossier.then(|| book.project_in(folder, number)).flatten();
    let person = archive.people.addressed(&facts.author.email);
    let author = person.map_or_else(|| facts.author.name.clone(), |person| person.name.value.clone());
    let rules = form.into_iter().flat_map(|form| book.rules_for_approval(form));
    let mut hands: Vec<String> = rules.flat_map(|rule| charges.for_approval(rule, project.as_deref(), &author).to_vec()).collect();
    hands.sort();
    hands.dedup();
    Some(Waiting {
        id: book.record_id(path),
        form,
        dossier: in_dossier.then(|| world.by_number.get(number).copied()).flatten(),
        project,
        author,
        since: facts.author.at.date(archive.config.zone()),
        hands: hands.into(),
        facts,
    })
}
