//! Duties that are not settled, told rule by rule: every demand once in each state, and behind it all that it is made of.

use serde::Serialize;

use super::settled::is_settled;
use super::viewer::Viewer;
use super::{Badge, Link, ObligationView};
use crate::rulebook::Obligation;

/// Most duties of a rule that are told one by one; the list of duties has all.
const CASES: usize = 60;

/// A demand and what it is made of.
#[derive(Debug, Clone, Serialize)]
pub struct PendingRule {
    /// The rule, linked to its page.
    pub rule: Link,
    /// What is demanded.
    pub title: String,
    /// The article, linked.
    pub article: Option<Link>,
    /// Whether it rests on a proposal rather than on the source.
    pub proposed: bool,
    /// Remedy.
    pub help: Option<String>,
    /// How it stands; what is said of it is that of the most urgent.
    pub state: Badge,
    /// Who owes it, where one person owes all.
    pub owner: Option<String>,
    /// What it is made of, the most urgent first.
    pub cases: Vec<PendingCase>,
    /// How many more there are.
    pub more: usize,
}

/// One duty among those of a rule.
#[derive(Debug, Clone, Serialize)]
pub struct PendingCase {
    /// The record, or the dossier as a whole, linked.
    pub subject: Link,
    /// Its name within its dossier; nothing for the dossier as a whole.
    pub name: Option<String>,
    /// Who owes it, where not one person owes all.
    pub owner: Option<String>,
    /// What is said of it.
    pub said: String,
    /// Last day.
    pub due: Option<String>,
    /// Working days left (negative: late).
    pub left: Option<i64>,
    /// Whether the day may still move because a calendar year is missing.
    pub provisional: bool,
    /// How it was counted and what it rests on.
    pub facts: Vec<String>,
}

impl Viewer<'_> {
    /// The duties among some of one dossier that are not settled, the most urgent first.
    pub fn pending(&self, among: &[Obligation]) -> Vec<PendingRule> {
        by_rule(self.obligations(among, |o| !is_settled(o)))
    }
}

/// Duties by their rules and states, in the order of the first of each.
pub fn by_rule(duties: Vec<ObligationView>) -> Vec<PendingRule> {
    let mut rules: Vec<PendingRule> = Vec::new();
    for duty in duties {
        let case = PendingCase {
            name: duty.dossier.as_ref().and_then(|dossier| within(&duty.subject.text, &dossier.text)),
            subject: duty.subject,
            owner: duty.owner,
            said: duty.state.title.clone(),
            due: duty.due,
            left: duty.left,
            provisional: duty.provisional,
            facts: duty.facts,
        };
        match rules.iter_mut().find(|rule| rule.rule.text == duty.rule.text && rule.state.text == duty.state.text) {
            Some(rule) => rule.cases.push(case),
            None => rules.push(PendingRule {
                rule: duty.rule,
                title: duty.title,
                article: duty.article,
                proposed: duty.proposed,
                help: duty.help,
                state: duty.state,
                owner: None,
                cases: vec![case],
                more: 0,
            }),
        }
    }
    for rule in &mut rules {
        if let [first, rest @ ..] = rule.cases.as_mut_slice()
            && rest.iter().all(|case| case.owner == first.owner)
        {
            rule.owner = first.owner.take();
            rest.iter_mut().for_each(|case| case.owner = None);
        }
        rule.more = rule.cases.len().saturating_sub(CASES);
        rule.cases.truncate(CASES);
    }
    rules
}

/// The name of a record within its dossier; nothing where it is no record of it.
fn within(record: &str, dossier: &str) -> Option<String> {
    record.strip_prefix(dossier)?.strip_prefix('/').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(rule: &str, state: &str, subject: &str, owner: &str) -> ObligationView {
        let link = |text: &str| Link { text: text.to_owned(), url: None };
        ObligationView {
            rule: link(rule),
            title: String::new(),
            article: None,
            subject: link(subject),
            form: None,
            dossier: Some(link("A-1")),
            project: None,
            owner: Some(owner.to_owned()),
            state: Badge { class: "bad", text: state.to_owned(), title: String::new() },
            due: None,
            left: None,
            provisional: false,
            facts: Vec::new(),
            help: None,
            proposed: false,
        }
    }

    #[test]
    fn a_rule_is_told_once_in_each_state_and_keeps_the_order() {
        let duties = [
            ("R2", "逾期", "A-1/C03", "甲"),
            ("R1", "逾期", "A-1", "甲"),
            ("R2", "逾期", "A-1/C07", "甲"),
            ("R2", "将到期", "A-1/C08", "乙"),
        ];
        let told = by_rule(duties.iter().map(|(rule, state, subject, owner)| duty(rule, state, subject, owner)).collect());
        let said = |rule: &PendingRule| {
            let names: Vec<_> = rule.cases.iter().map(|case| case.name.as_deref().unwrap_or("—")).collect();
            format!("{} {} {} {}", rule.rule.text, rule.state.text, names.join("+"), rule.owner.as_deref().unwrap_or("—"))
        };
        assert_eq!(told.iter().map(said).collect::<Vec<_>>(), ["R2 逾期 C03+C07 甲", "R1 逾期 — 甲", "R2 将到期 C08 乙"]);
    }

    #[test]
    fn where_several_people_owe_it_each_case_says_who() {
        let told = by_rule(vec![duty("R1", "逾期", "A-1/C03", "甲"), duty("R1", "逾期", "A-1/C04", "乙")]);
        let owners = |rule: &PendingRule| rule.cases.iter().map(|case| case.owner.clone()).collect::<Vec<_>>();
        assert_eq!((&told[0].owner, owners(&told[0])), (&None, vec![Some("甲".to_owned()), Some("乙".to_owned())]));
    }
}
