//! Settled duties, told rule by rule: every demand once, and behind it each record that it was settled for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::viewer::Viewer;
use super::{Badge, Link};
use crate::rulebook::{Obligation, State};

/// The settled duties about one thing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SettledView {
    /// How many.
    pub count: usize,
    /// Rules, in the order of the rulebook; one that was settled in several ways comes several times.
    pub rules: Vec<SettledRule>,
}

/// A rule and what it was settled for.
#[derive(Debug, Clone, Serialize)]
pub struct SettledRule {
    /// The rule, linked to its page.
    pub rule: Link,
    /// What is demanded.
    pub title: String,
    /// The article, linked.
    pub article: Link,
    /// Whether it rests on a proposal rather than on the source.
    pub proposed: bool,
    /// How it was settled.
    pub state: Badge,
    /// What it was settled for, in the order of the records.
    pub cases: Vec<SettledCase>,
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

/// Whether a duty was one and nothing is left to do about it.
pub(super) fn is_settled(o: &Obligation) -> bool {
    o.outcome.state != State::NotApplicable && matches!(o.outcome.state.class(), "good" | "none")
}

impl Viewer<'_> {
    /// How many of some duties are settled.
    pub fn settled_count(&self, among: &[Obligation]) -> usize {
        among.iter().filter(|o| is_settled(o)).count()
    }

    /// The settled ones among duties of one dossier.
    pub fn settled(&self, among: &[Obligation]) -> SettledView {
        let world = &self.judgement.world;
        let mut by_rule: BTreeMap<(State, usize), Vec<&Obligation>> = BTreeMap::new();
        for o in among.iter().filter(|o| is_settled(o)) {
            by_rule.entry((o.outcome.state, o.rule)).or_default().push(o);
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
        let rule = |(_, duties): (_, Vec<&Obligation>)| {
            let first = duties.first()?;
            let rule = &world.rulebook.rules[first.rule];
            Some(SettledRule {
                rule: self.rule_link(rule),
                title: rule.title.clone(),
                article: self.article_link(&rule.article),
                proposed: rule.proposed,
                state: self.duty_badge(first),
                cases: duties.into_iter().map(case).collect(),
            })
        };
        let count = by_rule.values().map(Vec::len).sum();
        SettledView { count, rules: by_rule.into_iter().filter_map(rule).collect() }
    }

    fn worker_of(&self, dossier: usize) -> Option<String> {
        self.judgement.world.dossier_worker(dossier)
    }
}
