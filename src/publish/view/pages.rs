//! All pages of a site for one audience.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::agenda::Agenda;
use super::chronicle::Moment;
use super::timeline::joined;
use super::viewer::Viewer;
use super::{
    Basis, DossierRow, EventView, Feeds, Frame, Later, Link, PersonRow, PersonView, ProjectRow, ProjectView, RecordView, RoleView,
    StartView,
};
use super::{article, branches, chronicle, dossier, feed, form, law, lists, log, long, month, queue, rule, statistics};
use crate::publish::markdown;
use crate::publish::site::{DossierPages, Pages};
use crate::rulebook::State;
use crate::rulebook::reference::Ref;
use crate::rulebook::value::Value;
use crate::say;

/// How many events the start page shows.
const RECENT: usize = 20;
/// How many people and projects the start page shows.
const LOADS: usize = 20;

/// What stands in every page's head and foot.
pub fn frame(viewer: &Viewer<'_>) -> Frame {
    let (archive, world) = (viewer.archive, &viewer.judgement.world);
    let settings = &world.rulebook.settings;
    let config = &archive.config;
    let title = if config.site_title.is_empty() { &config.organisation } else { &config.site_title };
    let whole = viewer.judgement.findings.iter().filter(|d| d.place.is_none() && !d.private);
    let mut notices: Vec<String> = whole.map(|d| viewer.say(&d.message)).collect();
    if !world.rulebook.calendar.knows(world.today) {
        notices.push(viewer.say(&say!("日历缺今年的数据，期限为暂估", "the calendar has no data for this year; days are provisional")));
    }
    Frame {
        organisation: config.organisation.clone(),
        site_title: title.clone(),
        language: viewer.language.tag().to_owned(),
        audience: settings.audiences.get(viewer.level).cloned().unwrap_or_default(),
        highest: viewer.highest(),
        procedure: settings.number.clone(),
        procedure_title: settings.title.clone(),
        edition: settings.edition(world.today).map(|e| e.name.clone()),
        live: false,
        notices,
    }
}

/// What the build rests on and found.
pub fn basis(viewer: &Viewer<'_>) -> Basis {
    Basis {
        today: viewer.judgement.world.today.to_string(),
        head: viewer.archive.history.head.map(|id| id.short()),
        counts: viewer.counts(viewer.judgement.findings.iter()),
        demands: viewer.demands(),
    }
}

/// Pages by their addresses, made when their turn comes.
pub type Listed<'v, T> = Vec<(String, Later<'v, T>)>;

/// The pages of dossiers and of their records, and of records that lie in none.
pub fn dossiers<'v>(viewer: &'v Viewer<'_>) -> (Vec<DossierPages<'v>>, Listed<'v, RecordView>) {
    kept(viewer, &Tally::of(viewer))
}

fn kept<'v>(viewer: &'v Viewer<'_>, tally: &Tally) -> (Vec<DossierPages<'v>>, Listed<'v, RecordView>) {
    let world = &viewer.judgement.world;
    let (kept, alone): (Vec<usize>, Vec<usize>) = (0..world.dossiers.len()).partition(|&d| world.dossiers[d].kind.is_some());
    let rows: Vec<DossierRow> = kept.par_iter().map(|&d| row(viewer, tally, d)).collect();
    let pages = kept.into_iter().zip(rows).map(|(d, row)| {
        let told = Arc::new(dossier::Told::default());
        let records = (0..world.dossiers[d].entries.len()).map(|e| {
            let told = Arc::clone(&told);
            (viewer.record_url((d, e)), Later::new(move || told.record(viewer, (d, e))))
        });
        DossierPages {
            url: format!("dossiers/{}.html", world.dossiers[d].number),
            records: records.collect(),
            order: dossier::order(viewer, d),
            paper: viewer.papers.then(|| dossier::paper(&world.dossiers[d].number)),
            view: Later::new({
                let row = row.clone();
                move || dossier::page(viewer, row.clone(), d, &told)
            }),
            row,
        }
    });
    let record = |at: (usize, usize)| (viewer.record_url(at), Later::new(move || viewer.record(at)));
    let alone = alone.into_iter().flat_map(|d| (0..world.dossiers[d].entries.len()).map(move |e| (d, e)));
    (pages.collect(), alone.map(record).collect())
}

/// Every page. `guide` are Markdown texts by file name.
pub fn all<'v>(viewer: &'v Viewer<'_>, guide: &[(String, String)]) -> Pages<'v> {
    // Counting takes as long as all the rest.
    let (statistics, mut pages) = rayon::join(|| statistics::sheets(viewer), || uncounted(viewer, guide));
    pages.sheets.extend(statistics);
    pages
}

/// Every page but those of the statistics.
fn uncounted<'v>(viewer: &'v Viewer<'_>, guide: &[(String, String)]) -> Pages<'v> {
    let world = &viewer.judgement.world;
    let tally = Tally::of(viewer);
    let (dossiers, alone) = kept(viewer, &tally);
    let rows: Vec<DossierRow> = dossiers.iter().map(|dossier| dossier.row.clone()).collect();
    let moments: Arc<[Moment]> = chronicle::moments(viewer).into();
    let law = law::events(viewer);
    let log = log::sheets(viewer, &moments, law.clone());
    let agenda = Arc::new(Agenda::of(viewer));
    let projects = projects(viewer, &rows);
    let start = start(&agenda, &projects, joined(viewer.newest(&moments, RECENT)));
    let rules: Vec<_> = world
        .rulebook
        .rules
        .par_iter()
        .enumerate()
        .map(|(at, rule)| (format!("rules/{}.html", rule.id.value), rule::page(viewer, &tally, &agenda, at, rule)))
        .collect();
    let forms = world
        .rulebook
        .forms
        .iter()
        .enumerate()
        .map(|(at, form)| (format!("forms/{}.html", form.code.value), form::page(viewer, &tally, at, form)));
    let by_rule = article::by_rule(viewer);
    let articles = world.rulebook.articles.iter().map(|one| {
        let row = |at: usize| rule::row(viewer, &tally, at, &world.rulebook.rules[at]);
        (format!("articles/{}.html", one.article.value), article::page(viewer, one, &by_rule, &row))
    });
    let people = viewer.archive.people.iter().map(|person| {
        let name = &person.name.value;
        let roles = person.roles.iter().map(|grant| RoleView {
            role: grant.role.value.clone(),
            from: grant.from.to_string(),
            until: grant.until.map(|d| d.to_string()),
            projects: grant.projects.clone(),
        });
        (
            format!("people/{}.html", person.id.value),
            PersonView {
                link: viewer.person_link(name),
                roles: roles.collect(),
                counts: agenda.load_of_person(name).counts,
                calendar: feed::of_person(&person.id.value),
                agenda: agenda.person(name),
                submitted: agenda.submitted(name),
            },
        )
    });
    let guide = guide.iter().map(|(name, text)| {
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        let title = title.trim_start_matches('#').trim().to_owned();
        (format!("guide/{}.html", name.trim_end_matches(".md")), title, markdown::html(&markdown::blocks(body)))
    });
    let codes: Vec<String> = projects.iter().map(|row| row.code.clone()).collect();
    let feeds = feed::all(viewer, &agenda, &codes, &moments, &law);
    let people: Vec<(String, PersonView)> = people.collect();
    let serving = |at: usize| viewer.archive.people.iter().nth(at).is_some_and(|person| person.in_service(world.today));
    let line = |(at, (_, view)): (usize, &(String, PersonView))| PersonRow {
        link: view.link.clone(),
        roles: view.roles.clone(),
        in_service: serving(at),
        counts: view.counts.clone(),
    };
    let register: Vec<PersonRow> = people.iter().enumerate().map(line).collect();
    let mut articles: Vec<_> = articles.collect();
    let mut sheets = month::sheets(viewer);
    sheets.extend(article::lists(&mut articles));
    sheets.extend(queue::sheets(viewer));
    sheets.extend(branches::sheets(viewer));
    sheets.extend(agenda.sheets());
    sheets.extend(lists::dossiers(viewer, rows));
    sheets.extend(long::lists(viewer, &moments));
    let service = [say!("在职", "in service"), say!("离任", "no longer in service")].map(|word| viewer.say(&word));
    sheets.extend(lists::people_pages(register, [&service[0], &service[1]]));
    sheets.extend(lists::project_pages(projects.clone()));
    sheets.extend(lists::findings(viewer));
    sheets.extend(lists::records(viewer, form::SHOWN));
    sheets.extend(log);
    Pages {
        basis: basis(viewer),
        start,
        projects: projects.into_iter().map(|row| (format!("projects/{}.html", row.code), project(viewer, &agenda, &feeds, row))).collect(),
        forms: forms.collect(),
        rules,
        articles,
        people,
        guide: guide.collect(),
        dossiers,
        alone,
        sheets,
        feeds,
        more: Vec::new(),
    }
}

/// How duties stand, counted once.
pub(super) struct Tally {
    /// By rule: how many are met, open, bad.
    pub(super) by_rule: Vec<(usize, usize, usize)>,
    /// By dossier: how many are bad, how many open, and the next last day of these.
    by_dossier: Vec<(usize, usize, Option<chrono::NaiveDate>)>,
}

impl Tally {
    fn of(viewer: &Viewer<'_>) -> Self {
        let world = &viewer.judgement.world;
        let mut tally = Self { by_rule: vec![(0, 0, 0); world.rulebook.rules.len()], by_dossier: vec![(0, 0, None); world.dossiers.len()] };
        for o in &viewer.judgement.obligations {
            let (rule, dossier) = (&mut tally.by_rule[o.rule], &mut tally.by_dossier[o.dossier]);
            match o.outcome.state {
                State::Met | State::MetClaimed => rule.0 += 1,
                State::Open | State::DueSoon => {
                    rule.1 += 1;
                    dossier.1 += 1;
                    dossier.2 = [dossier.2, o.outcome.due].into_iter().flatten().min();
                }
                state if state.is_bad() => {
                    rule.2 += 1;
                    dossier.0 += 1;
                }
                _ => {}
            }
        }
        tally
    }
}

fn start(agenda: &Agenda<'_, '_>, projects: &[ProjectRow], recent: Vec<EventView>) -> StartView {
    let mut people: Vec<_> = agenda.load_of_people().into_iter().filter(|load| load.counts.iter().any(|count| *count > 0)).collect();
    // Who has most that presses stands first; of equals the register's order is kept.
    people.sort_by_key(|load| std::cmp::Reverse((load.counts[0] + load.counts[1] + load.counts[2], load.counts[3])));
    let people_total = people.len();
    people.truncate(LOADS);
    let load = |row: &ProjectRow| agenda.load_of_project(row.link.clone(), row.name.clone(), &row.code);
    StartView {
        agenda: agenda.everybody(),
        people,
        people_total,
        projects: projects.iter().take(LOADS).map(load).collect(),
        projects_total: projects.len(),
        recent,
    }
}

/// The projects that dossiers belong to, by the codes in their numbers.
fn projects(viewer: &Viewer<'_>, dossiers: &[DossierRow]) -> Vec<ProjectRow> {
    let world = &viewer.judgement.world;
    let mut by_code: BTreeMap<&str, ProjectRow> = BTreeMap::new();
    for row in dossiers.iter().filter(|row| !row.project.is_empty()) {
        let project = by_code.entry(&row.project).or_insert_with(|| {
            let own = world.by_number.get(&row.project).copied();
            let named = dossiers.iter().find(|own| own.link.text == row.project).and_then(|own| own.title.clone());
            ProjectRow {
                link: Link { text: row.project.clone(), url: Some(format!("projects/{}.html", row.project)) },
                code: row.project.clone(),
                name: named.unwrap_or_else(|| row.project.clone()),
                running: 0,
                closed: 0,
                overdue: own.map_or(0, |own| viewer.duties_of(own).iter().filter(|o| o.outcome.state.is_bad()).count()),
            }
        });
        match row.closed {
            None => project.running += 1,
            Some(_) => project.closed += 1,
        }
        project.overdue += row.overdue;
    }
    by_code.into_values().collect()
}

fn project(viewer: &Viewer<'_>, agenda: &Agenda<'_, '_>, feeds: &Feeds<'_>, row: ProjectRow) -> ProjectView {
    let own = viewer.judgement.world.by_number.get(&row.code).and_then(|&d| viewer.dossier_link(d)).unwrap_or_default();
    let dossiers_url = Some(format!("dossiers/project/{}.html", row.code));
    let news = feed::news_of_project(&row.code);
    ProjectView {
        own,
        dossiers_url,
        calendar: feed::of_project(&row.code),
        news: feeds.news.iter().any(|(url, _)| *url == news).then_some(news),
        agenda: agenda.project(&row.code),
        row,
    }
}

fn row(viewer: &Viewer<'_>, tally: &Tally, d: usize) -> DossierRow {
    let world = &viewer.judgement.world;
    let facts = &world.dossiers[d];
    let kind = facts.kind.map(|k| &world.rulebook.settings.dossiers[k]);
    let context = world.context(d, None);
    // A value named by the settings is shown only to those who may see its field.
    let value = |r: Option<&Ref>| -> Option<String> {
        let r = r?;
        let form = &world.rulebook.forms[world.rulebook.form_index(r.parts.first()?)?];
        let (_, field) = form.field(r.parts.get(1)?)?;
        let cell = context.resolve(r).into_iter().next()?;
        let shown = match &cell.value {
            Value::Time(time) => Value::Date(time.date()),
            other => other.clone(),
        };
        viewer.sees(field.audience).then(|| super::field::first_text(Some(&shown))).flatten()
    };
    let (overdue, open, next_due) = tally.by_dossier[d];
    DossierRow {
        link: viewer.dossier_link(d).unwrap_or_default(),
        kind: kind.map(|k| k.kind.clone()).unwrap_or_default(),
        project: facts.project.clone().unwrap_or_default(),
        title: value(kind.and_then(|k| k.title.as_ref())).map(|title| viewer.disguised(d, title)),
        worker: world.dossier_worker(d),
        stage: dossier::stages(viewer, d).into_iter().find(|s| s.current).map(|s| s.name),
        opened: value(kind.and_then(|k| k.opened.as_ref())),
        closed: value(kind.and_then(|k| k.closed.as_ref())),
        records: facts.entries.len(),
        overdue,
        open,
        next_due: next_due.map(|day| day.to_string()),
    }
}
