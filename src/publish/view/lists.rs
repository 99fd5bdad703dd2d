//! The lists of dossiers, findings and records.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::catalogue::{Catalogue, Facet};
use super::viewer::Viewer;
use super::{DossierRow, FindingView, PersonRow, ProjectRow};
use crate::diagnostic::Diagnostic;
use crate::publish::site::{Sheet, pieces, url};
use crate::rulebook::statistic::By;
use crate::say;

/// Dossiers on one page.
const DOSSIERS: usize = 200;
/// Findings on one page.
const FINDINGS: usize = 100;
/// People or projects on one page.
const PEOPLE: usize = 150;
/// Records on one page.
const RECORDS: usize = 250;

/// Dossiers: by number, by the next last day, by the day on which they were opened, by how much is wrong; in parts by
/// project, worker, kind, stage, state and quarter.
pub(super) fn dossiers<'v>(viewer: &Viewer<'_>, rows: Vec<DossierRow>) -> Vec<Sheet<'v>> {
    let (running, closed) = (viewer.say(&say!("在办", "running")), viewer.say(&say!("已结", "closed")));
    dossier_pages(rows, [&running, &closed], &|name| viewer.person_id(name))
}

/// The pages of a list of dossiers, with the words for those that run and those that are closed, and what workers are called
/// in addresses.
pub fn dossier_pages<'v>(rows: Vec<DossierRow>, [running, closed]: [&str; 2], id: &dyn Fn(&str) -> String) -> Vec<Sheet<'v>> {
    if rows.is_empty() {
        return Vec::new();
    }
    let all: Vec<usize> = (0..rows.len()).collect();
    let facet = |key: &'static str, value: &dyn Fn(&DossierRow) -> Option<String>| Facet::of(key, &all, |at| value(&rows[at]));
    let quarter = |row: &DossierRow| Some(By::Quarter.period(row.opened.as_ref()?.parse().ok()?));
    let facets = vec![
        facet("project", &|row| Some(row.project.clone())),
        facet("worker", &|row| row.worker.clone()).called(id),
        facet("kind", &|row| Some(row.kind.clone())),
        facet("stage", &|row| row.stage.clone()),
        facet("state", &|row| Some(if row.closed.is_some() { closed } else { running }.to_owned()))
            .called(|name| if name == closed { "closed" } else { "running" }.to_owned()),
        facet("opened", &quarter),
    ];
    let mut next_due = all.clone();
    next_due.sort_by_key(|&at| (rows[at].next_due.is_none(), &rows[at].next_due));
    let mut opened = all.clone();
    opened.sort_by_key(|&at| Reverse(&rows[at].opened));
    let mut overdue = all.clone();
    overdue.sort_by_key(|&at| Reverse(rows[at].overdue));
    let orders = vec![("number", all), ("next_due", next_due), ("opened", opened), ("overdue", overdue)];
    let list = Catalogue {
        home: Some(url::DOSSIERS),
        folder: "dossiers",
        template: "dossiers.html",
        row_by: Some(pieces::DOSSIER),
        here: "dossiers",
        per: DOSSIERS,
        orders,
        facets,
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets()
}

/// The register: in its order and by how much presses, in parts by role and by whether somebody is in service; with the
/// words for those who are and those who are not.
pub fn people_pages<'v>(rows: Vec<PersonRow>, [serving, left]: [&str; 2]) -> Vec<Sheet<'v>> {
    if rows.is_empty() {
        return Vec::new();
    }
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut roles: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let mut own: Vec<&str> = row.roles.iter().filter(|role| role.until.is_none()).map(|role| role.role.as_str()).collect();
        own.sort_unstable();
        own.dedup();
        own.into_iter().for_each(|role| roles.entry(role.to_owned()).or_default().push(at));
    }
    let service = |at: usize| Some(if rows[at].in_service { serving } else { left }.to_owned());
    let service = Facet::of("service", &all, service).called(|name| if name == serving { "serving" } else { "left" }.to_owned());
    let facets = vec![Facet::grouped("role", roles), service];
    let mut load = all.clone();
    load.sort_by_key(|&at| Reverse((rows[at].counts.iter().take(3).sum::<usize>(), rows[at].counts.get(3).copied())));
    let list = Catalogue {
        home: Some(url::PEOPLE),
        folder: "people",
        template: "people.html",
        row_by: None,
        here: "people",
        per: PEOPLE,
        orders: vec![("register", all), ("load", load)],
        facets,
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets()
}

/// Projects: by code, and by how much is wrong.
pub fn project_pages<'v>(rows: Vec<ProjectRow>) -> Vec<Sheet<'v>> {
    if rows.is_empty() {
        return Vec::new();
    }
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut overdue = all.clone();
    overdue.sort_by_key(|&at| Reverse(rows[at].overdue));
    let list = Catalogue {
        home: Some(url::PROJECTS),
        folder: "projects",
        template: "projects.html",
        row_by: None,
        here: "projects",
        per: PEOPLE,
        orders: vec![("number", all), ("overdue", overdue)],
        facets: Vec::new(),
        row: Arc::new(move |at| rows[at].clone()),
    };
    list.sheets()
}

/// Findings, in parts by severity and code.
pub(super) fn findings<'v>(viewer: &'v Viewer<'_>) -> Vec<Sheet<'v>> {
    let all: Arc<[&Diagnostic]> = viewer.judgement.findings.iter().collect();
    let severity = |at: usize| {
        let word = match all[at].severity.word() {
            "error" => say!("错误", "error"),
            "warning" => say!("警告", "warning"),
            _ => say!("提示", "advice"),
        };
        viewer.say(&word)
    };
    let rows = Arc::clone(&all);
    finding_pages(all.len(), severity, |at| all[at].code.clone(), move |at| viewer.finding(rows[at]))
}

/// The pages of so many findings.
pub fn finding_pages<'v>(
    count: usize,
    severity: impl Fn(usize) -> String,
    code: impl Fn(usize) -> String,
    row: impl Fn(usize) -> FindingView + Send + Sync + 'v,
) -> Vec<Sheet<'v>> {
    let all: Vec<usize> = (0..count).collect();
    let facets = vec![Facet::of("severity", &all, |at| Some(severity(at))), Facet::of("code", &all, |at| Some(code(at)))];
    let list = Catalogue {
        home: Some(url::FINDINGS),
        folder: "findings",
        template: "findings.html",
        row_by: Some(pieces::FINDING),
        here: "findings",
        per: FINDINGS,
        orders: vec![("place", all)],
        facets,
        row: Arc::new(row),
    };
    list.sheets()
}

/// The records of a form, the newest first.
pub(super) fn newest(viewer: &Viewer<'_>, form: usize) -> Vec<(usize, usize)> {
    let world = &viewer.judgement.world;
    let mut records = world.all_of(form).to_vec();
    records.sort_by_key(|&at| (Reverse(world.dated(world.entry(at))), at));
    records
}

/// The list of all records of a form.
pub(super) fn records_url(code: &str) -> String {
    format!("forms/records/{code}.html")
}

/// The records of the forms that have more of them than their own pages show.
pub(super) fn records<'v>(viewer: &'v Viewer<'_>, shown: usize) -> Vec<Sheet<'v>> {
    let forms = &viewer.judgement.world.rulebook.forms;
    let mut all: Vec<(usize, usize)> = Vec::new();
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for form in 0..forms.len() {
        let records = newest(viewer, form);
        if records.len() > shown {
            groups.insert(form, (all.len()..all.len() + records.len()).collect());
            all.extend(records);
        }
    }
    let named = groups.into_iter().map(|(form, rows)| (forms[form].code.value.clone(), rows));
    let list = Catalogue {
        home: None,
        folder: "forms",
        template: "records.html",
        row_by: None,
        here: "forms",
        per: RECORDS,
        orders: Vec::new(),
        facets: vec![Facet::grouped("records", named)],
        row: Arc::new(move |at| viewer.record_row(all[at])),
    };
    list.sheets_alone()
}
