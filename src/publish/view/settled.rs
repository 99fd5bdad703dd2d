//! Settled duties, told by how they were settled and rule by rule: every demand once, and behind it each record that it was
//! settled for. Nearly always there is no more to say than the record's name, so names stand in one line.

use std::collections::BTreeMap;

use serde::Serialize;

use super::viewer::Viewer;
use super::{Badge, Link};
use crate::rulebook::rule::Rule;
use crate::rulebook::{Obligation, State};

/// So many names are links; more stand there as names only, since the list of records has a link for each.
const LINKED: usize = 8;
/// Most names, and most cases, that stand behind a rule.
const NAMES: usize = 200;
const CASES: usize = 60;

/// The settled duties about one thing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SettledView {
    /// How many.
    pub count: usize,
    /// In what ways.
    pub states: Vec<SettledState>,
}

/// What was settled in one way.
#[derive(Debug, Clone, Serialize)]
pub struct SettledState {
    /// The way.
    pub state: Badge,
    /// How many duties.
    pub count: usize,
    /// Their rules, in the order of the rulebook.
    pub rules: Vec<SettledRule>,
}

/// What a rule demands. Every dossier names most of them, so views say which it is.
#[derive(Debug, Clone, Serialize)]
pub struct Demand {
    /// The rule, linked to its page.
    pub rule: Link,
    /// What is demanded.
    pub title: String,
    /// The article, linked.
    pub article: Link,
    /// Whether it rests on a proposal rather than on the source.
    pub proposed: bool,
}

/// A rule and what it was settled for.
#[derive(Debug, Clone, Serialize)]
pub struct SettledRule {
    /// Which of [`Basis::demands`](super::Basis::demands) it is.
    pub demand: usize,
    /// Records of which there is no more to say, called as in their dossier.
    pub records: Vec<Link>,
    /// The others, in the order of the records. Where there is neither, it is the dossier as a whole.
    pub cases: Vec<SettledCase>,
    /// How many more there are of either.
    pub more: usize,
}

/// One duty among those of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct SettledCase {
    /// The record, called as in its dossier; nothing for the dossier as a whole.
    pub record: Option<Link>,
    /// Who owed it, where that is not who works on the dossier.
    pub owner: Option<String>,
    /// Last day.
    pub due: Option<String>,
    /// Whether the day may still move because a calendar year is missing.
    pub provisional: bool,
    /// What was found, how it was counted and what it rests on.
    pub facts: Vec<String>,
}

impl SettledView {
    /// Adds what a rule was settled for, in that way.
    pub fn add(&mut self, state: Badge, rule: SettledRule) {
        let count = rule.cases.len();
        self.count += count;
        let at = self.states.iter().position(|own| own.state.text == state.text).unwrap_or_else(|| {
            self.states.push(SettledState { state, count: 0, rules: Vec::new() });
            self.states.len() - 1
        });
        self.states[at].count += count;
        self.states[at].rules.push(rule.told());
    }
}

impl SettledRule {
    /// Takes the names of records of which there is no more to say out of the cases; of the dossier as a whole nothing is left.
    fn told(mut self) -> Self {
        let plain = |case: &mut SettledCase| case.owner.is_none() && case.due.is_none() && case.facts.is_empty();
        self.records.extend(self.cases.extract_if(.., plain).filter_map(|case| case.record));
        if self.records.len() > LINKED {
            self.records.iter_mut().for_each(|record| record.url = None);
        }
        self.more = self.records.len().saturating_sub(NAMES) + self.cases.len().saturating_sub(CASES);
        self.records.truncate(NAMES);
        self.cases.truncate(CASES);
        self
    }
}

/// Whether a duty was one and nothing is left to do about it.
pub(super) fn is_settled(o: &Obligation) -> bool {
    o.outcome.state != State::NotApplicable && matches!(o.outcome.state.class(), "good" | "none")
}

impl Viewer<'_> {
    /// What the rules demand, in the order of the rulebook.
    pub fn demands(&self) -> Vec<Demand> {
        let demand = |rule: &Rule| Demand {
            rule: self.rule_link(rule),
            title: rule.title.clone(),
            article: self.article_link(&rule.article),
            proposed: rule.proposed,
        };
        self.judgement.world.rulebook.rules.iter().map(demand).collect()
    }

    /// How many of some duties are settled.
    pub fn settled_count(&self, among: &[Obligation]) -> usize {
        among.iter().filter(|o| is_settled(o)).count()
    }

    /// The settled ones among duties of one dossier.
    pub fn settled(&self, among: &[Obligation]) -> SettledView {
        let world = &self.judgement.world;
        let mut by_rule: BTreeMap<(State, bool, usize), Vec<&Obligation>> = BTreeMap::new();
        for o in among.iter().filter(|o| is_settled(o)) {
            by_rule.entry((o.outcome.state, o.outcome.due.is_some(), o.rule)).or_default().push(o);
        }
        let worker = among.first().and_then(|o| self.worker_of(o.dossier));
        let case = |o: &Obligation| SettledCase {
            record: o.entry.map(|e| {
                let at = (o.dossier, e);
                Link { text: world.entry(at).record.stem().to_owned(), url: Some(self.record_url(at)) }
            }),
            owner: world.owner(o).filter(|owner| Some(owner) != worker.as_ref()),
            due: o.outcome.due.map(|day| day.to_string()),
            provisional: o.outcome.provisional,
            facts: self.message(o).into_iter().chain(self.facts(o)).collect(),
        };
        let rule = |rule: usize, duties: Vec<&Obligation>| SettledRule {
            demand: rule,
            records: Vec::new(),
            cases: duties.into_iter().map(case).collect(),
            more: 0,
        };
        let mut view = SettledView::default();
        for ((.., of), duties) in by_rule {
            let Some(first) = duties.first() else { continue };
            view.add(self.duty_badge(first), rule(of, duties));
        }
        view
    }

    fn worker_of(&self, dossier: usize) -> Option<String> {
        self.judgement.world.dossier_worker(dossier)
    }
}
