//! What is to be done: open duties by how urgent they are, for everybody, for a person and for a project.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::catalogue::{Catalogue, Facet};
use super::feed::{self, Deadline};
use super::owed::{Owed, Whose};
use super::viewer::Viewer;
use super::{Link, ObligationView};
use crate::publish::site::{Sheet, pieces};
use crate::rulebook::charge::{Charges, Hands};
use crate::rulebook::kinds::Turn;
use crate::rulebook::{Obligation, State};

/// So many duties of each part stand on a page that shows the most urgent ones.
const SHOWN: usize = 12;
/// Duties on one page of a list.
const ON_PAGE: usize = 150;
/// The folder of the lists.
const FOLDER: &str = "duties";

/// How urgent a duty is, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The last day is today.
    Today,
    /// The last day is close.
    DueSoon,
    /// The last day has passed, or it does not hold.
    Overdue,
    /// Somebody has to approve it.
    Waiting,
    /// There is time.
    Open,
    /// Done too late; nothing is left to be done but to say why.
    Late,
}

impl Urgency {
    const ALL: [Self; 6] = [Self::Today, Self::DueSoon, Self::Overdue, Self::Waiting, Self::Open, Self::Late];

    fn of(viewer: &Viewer<'_>, duty: &Obligation) -> Option<Self> {
        let world = &viewer.judgement.world;
        let approval = world.rulebook.rules[duty.rule].must.turn() == Turn::First;
        match duty.outcome.state {
            State::Open if approval => Some(Self::Waiting),
            State::Open | State::DueSoon if duty.outcome.due == Some(world.today) => Some(Self::Today),
            State::DueSoon => Some(Self::DueSoon),
            State::Open => duty.outcome.due.map(|_| Self::Open),
            State::MetLate => Some(Self::Late),
            state => state.is_bad().then_some(Self::Overdue),
        }
    }

    /// Its word in the theme and for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Late => "late",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Today | Self::DueSoon => "soon",
            Self::Overdue => "bad",
            Self::Waiting => "wait",
            Self::Open => "run",
            Self::Late => "none",
        }
    }
}

/// What is to be done by somebody or in a project, most urgent first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgendaView {
    /// Its parts, most urgent first; also those with nothing in them.
    pub parts: Vec<PartView>,
    /// The page with everything, where these are not all.
    pub all: Option<String>,
    /// How many there are altogether.
    pub total: usize,
}

/// Duties of the same urgency.
#[derive(Debug, Clone, Serialize)]
pub struct PartView {
    /// Which: `today`, `due_soon`, `overdue`, `waiting`, `open`, `late`.
    pub key: &'static str,
    /// Class for its colour.
    pub class: &'static str,
    /// How many there are.
    pub total: usize,
    /// The most urgent of them.
    pub duties: Vec<ObligationView>,
    /// The page with all of them, where these are not all.
    pub all: Option<String>,
}

/// How much is to be done by somebody or in a project.
#[derive(Debug, Clone, Serialize)]
pub struct LoadView {
    /// The person or project, linked.
    pub link: Link,
    /// A name beside it.
    pub name: String,
    /// How many duties of each of the parts that are urgent: today, soon, overdue, waiting.
    pub counts: Vec<usize>,
}

struct Duty<'a> {
    duty: &'a Obligation,
    urgency: Urgency,
    hands: Hands,
}

/// All open duties of the archive, most urgent first.
pub(super) struct Agenda<'v, 'a> {
    viewer: &'v Viewer<'a>,
    duties: Vec<Duty<'a>>,
    by_person: BTreeMap<String, Vec<usize>>,
    by_project: BTreeMap<String, Vec<usize>>,
    /// What people wrote and others have to approve.
    submitted: BTreeMap<String, Vec<usize>>,
    projects: Facet,
    people: Facet,
    rules: Facet,
}

impl<'v, 'a> Agenda<'v, 'a> {
    pub fn of(viewer: &'v Viewer<'a>) -> Self {
        let world = &viewer.judgement.world;
        let mut charges = Charges::new(world);
        let open = viewer.judgement.obligations.iter().filter_map(|duty| Some((duty, Urgency::of(viewer, duty)?)));
        let mut duties: Vec<Duty<'a>> = open.map(|(duty, urgency)| Duty { duty, urgency, hands: charges.of(duty) }).collect();
        duties.sort_by_key(|Duty { duty: o, urgency, .. }| {
            // What has a day comes first: it was due, or will be, before what has none.
            (*urgency, o.outcome.due.unwrap_or(NaiveDate::MAX), o.outcome.state, o.dossier, o.entry, o.rule)
        });
        let mut agenda = Self {
            viewer,
            duties,
            by_person: BTreeMap::new(),
            by_project: BTreeMap::new(),
            submitted: BTreeMap::new(),
            projects: Facet::default(),
            people: Facet::default(),
            rules: Facet::default(),
        };
        // What a project's own dossier owes is owed in the project itself.
        let codes: BTreeSet<&str> = world.dossiers.iter().filter_map(|dossier| dossier.project.as_deref()).collect();
        for (at, Duty { duty, urgency, hands }) in agenda.duties.iter().enumerate() {
            for name in hands.iter() {
                agenda.by_person.entry(name.clone()).or_default().push(at);
            }
            let dossier = &world.dossiers[duty.dossier];
            if let Some(project) = dossier.project.as_deref().or_else(|| codes.get(dossier.number.as_str()).copied()) {
                agenda.by_project.entry(project.to_owned()).or_default().push(at);
            }
            if *urgency == Urgency::Waiting
                && let Some(worker) = viewer.judgement.world.worker_for(duty)
            {
                agenda.submitted.entry(worker).or_default().push(at);
            }
        }
        agenda.projects = Facet::grouped("project", agenda.by_project.clone());
        agenda.people = Facet::grouped("person", agenda.by_person.clone()).called(|name| viewer.person_id(name));
        let (rules, all) = (&world.rulebook.rules, (0..agenda.duties.len()).collect::<Vec<_>>());
        agenda.rules = Facet::of("rule", &all, |at| Some(rules[agenda.duties[at].duty.rule].id.value.clone()));
        agenda
    }

    fn view(&self, at: usize) -> ObligationView {
        self.viewer.obligation(self.duties[at].duty)
    }

    /// What is to be done by everybody; every part has a list of its own.
    pub fn everybody(&self) -> AgendaView {
        let all: Vec<usize> = (0..self.duties.len()).collect();
        let mut view = self.parts(&all, |part| Some(part_url(part)));
        view.all = (!all.is_empty()).then(|| HOME.to_owned());
        view
    }

    /// What is to be done by a person.
    pub fn person(&self, name: &str) -> AgendaView {
        self.of_group(&self.by_person, &self.people, name)
    }

    /// What is to be done in a project.
    pub fn project(&self, code: &str) -> AgendaView {
        self.of_group(&self.by_project, &self.projects, code)
    }

    /// What a person wrote and others have to approve.
    pub fn submitted(&self, name: &str) -> PartView {
        let rows = self.submitted.get(name).map_or(&[][..], Vec::as_slice);
        PartView {
            key: "submitted",
            class: "wait",
            total: rows.len(),
            duties: rows.iter().take(SHOWN).map(|&at| self.view(at)).collect(),
            all: (rows.len() > SHOWN).then(|| part_url(Urgency::Waiting)),
        }
    }

    fn of_group(&self, groups: &BTreeMap<String, Vec<usize>>, facet: &Facet, name: &str) -> AgendaView {
        let rows = groups.get(name).map_or(&[][..], Vec::as_slice);
        let all = facet.url(FOLDER, name);
        AgendaView { all: all.clone(), ..self.parts(rows, |_| all.clone()) }
    }

    fn parts(&self, rows: &[usize], all: impl Fn(Urgency) -> Option<String>) -> AgendaView {
        let part = |part: Urgency| {
            let of_part: Vec<usize> = rows.iter().copied().filter(|&at| self.duties[at].urgency == part).collect();
            PartView {
                key: part.word(),
                class: part.class(),
                total: of_part.len(),
                duties: of_part.iter().take(SHOWN).map(|&at| self.view(at)).collect(),
                all: all(part).filter(|_| of_part.len() > SHOWN),
            }
        };
        AgendaView { parts: Urgency::ALL.into_iter().map(part).collect(), all: None, total: rows.len() }
    }

    /// What is to be done by whoever is asked for, by place; what was done too late is not.
    pub fn of_whom(&self, whose: Whose<'_>) -> Vec<usize> {
        let all = || (0..self.duties.len()).collect();
        let mut rows = whose.person.map_or_else(all, |name| self.rows_of_person(name).to_vec());
        if let Some(code) = whose.project {
            let project = self.rows_of_project(code);
            rows.retain(|at| project.binary_search(at).is_ok());
        }
        rows.retain(|&at| self.duties[at].urgency != Urgency::Late);
        rows
    }

    /// The dossier of a duty.
    pub fn dossier(&self, at: usize) -> usize {
        self.duties[at].duty.dossier
    }

    /// A duty with whoever has it in hand.
    pub fn owed(&self, at: usize) -> Owed {
        let Duty { duty, urgency, hands } = &self.duties[at];
        Owed { urgency: *urgency, state: duty.outcome.state.word(), hands: Arc::clone(hands), duty: self.view(at) }
    }

    /// What is to be done by a person, by place.
    pub fn rows_of_person(&self, name: &str) -> &[usize] {
        self.by_person.get(name).map_or(&[], Vec::as_slice)
    }

    /// What is to be done in a project, by place.
    pub fn rows_of_project(&self, code: &str) -> &[usize] {
        self.by_project.get(code).map_or(&[], Vec::as_slice)
    }

    /// Those of some duties, or of all, that are still to be done and have a day that is not more than so many days gone.
    pub fn since(&self, back: u64, among: Option<&[usize]>) -> Vec<usize> {
        let first = feed::since(self.viewer.judgement.world.today, back);
        let all: Vec<usize> = among.map_or_else(|| (0..self.duties.len()).collect(), <[usize]>::to_vec);
        let mut rows =
            self.rows(&all, |Duty { duty, urgency, .. }| *urgency != Urgency::Late && duty.outcome.due.is_some_and(|day| day >= first));
        rows.sort_by_key(|&at| (self.duties[at].duty.outcome.due, at));
        rows
    }

    /// These duties as deadlines.
    pub fn deadlines(&self, rows: &[usize]) -> Vec<Deadline> {
        rows.iter().filter_map(|&at| feed::deadline(self.viewer, self.duties[at].duty)).collect()
    }

    /// The most urgent open duties that came of a rule, how many there are, and the list of all where these are not all.
    pub fn rule(&self, id: &str, shown: usize) -> (Vec<ObligationView>, usize, Option<String>) {
        let rows = self.rules.rows(id);
        let all = (rows.len() > shown).then(|| self.rules.url(FOLDER, id)).flatten();
        (rows.iter().take(shown).map(|&at| self.view(at)).collect(), rows.len(), all)
    }

    /// How much is to be done by each person of the register.
    pub fn load_of_people(&self) -> Vec<LoadView> {
        self.viewer.archive.people.iter().map(|person| self.load_of_person(&person.name)).collect()
    }

    /// How much is to be done by a person.
    pub fn load_of_person(&self, name: &str) -> LoadView {
        self.load(self.viewer.person_link(name), String::new(), self.by_person.get(name))
    }

    /// How much is to be done in a project.
    pub fn load_of_project(&self, link: Link, name: String, code: &str) -> LoadView {
        self.load(link, name, self.by_project.get(code))
    }

    fn load(&self, link: Link, name: String, rows: Option<&Vec<usize>>) -> LoadView {
        let count = |part: Urgency| rows.map_or(0, |rows| rows.iter().filter(|&&at| self.duties[at].urgency == part).count());
        LoadView {
            link,
            name,
            counts: [Urgency::Today, Urgency::DueSoon, Urgency::Overdue, Urgency::Waiting].into_iter().map(count).collect(),
        }
    }

    /// The lists: everything, by urgency, project, person and rule.
    pub fn sheets(self: &Arc<Self>) -> Vec<Sheet<'v>> {
        let all: Vec<usize> = (0..self.duties.len()).collect();
        if all.is_empty() {
            return Vec::new();
        }
        let part = |part: Urgency| (part.word().to_owned(), self.rows(&all, |duty| duty.urgency == part));
        let parts = Urgency::ALL.into_iter().map(part).filter(|(_, rows)| !rows.is_empty());
        let shared = Arc::clone(self);
        let list = Catalogue {
            home: Some(HOME),
            folder: FOLDER,
            template: "duties.html",
            row_by: Some(pieces::DUTY),
            here: "start",
            per: ON_PAGE,
            facets: vec![Facet::grouped("part", parts), self.projects.clone(), self.people.clone(), self.rules.clone()],
            orders: vec![("urgency", all)],
            row: Arc::new(move |at| shared.view(at)),
        };
        list.sheets()
    }

    fn rows(&self, among: &[usize], keep: impl Fn(&Duty<'_>) -> bool) -> Vec<usize> {
        among.iter().copied().filter(|&at| keep(&self.duties[at])).collect()
    }
}

const HOME: &str = "duties/index.html";

fn part_url(part: Urgency) -> String {
    format!("{FOLDER}/part/{}.html", part.word())
}
