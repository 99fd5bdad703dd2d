//! A rule's page: what it demands, where it comes from, how the duties under it stand.

use serde::Serialize;

use super::agenda::Agenda;
use super::pages::Tally;
use super::viewer::Viewer;
use super::{Link, ObligationView};
use crate::diagnostic::Language;
use crate::rulebook::Rule;
use crate::rulebook::kinds::KINDS;
use crate::say;

/// One line in a list of rules.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// Id, linked.
    pub link: Link,
    /// Title.
    pub title: String,
    /// Article, linked.
    pub article: Option<Link>,
    /// Severity word.
    pub severity: &'static str,
    /// Kind of rule.
    pub kind: String,
    /// Whether it is a proposal of ours.
    pub proposed: bool,
    /// How many duties are met (claimed ones included), running, and overdue / void / broken.
    pub met: usize,
    /// Running.
    pub open: usize,
    /// Overdue, void or broken.
    pub bad: usize,
}

/// A rule's page.
#[derive(Debug, Clone, Serialize)]
pub struct RuleView {
    /// The same facts as in the list.
    pub row: RuleRow,
    /// What it says, sentence by sentence.
    pub says: Vec<String>,
    /// Remedy.
    pub help: Option<String>,
    /// Where it applies.
    pub applies: String,
    /// Its own YAML.
    pub source: String,
    /// The most urgent of the open duties that came of it.
    pub obligations: Vec<ObligationView>,
    /// How many there are.
    pub total: usize,
    /// The list of all of them, where these are not all.
    pub all: Option<String>,
}

/// One line about a rule, which is the rulebook's at that index.
pub(super) fn row(viewer: &Viewer<'_>, tally: &Tally, at: usize, rule: &Rule) -> RuleRow {
    let (met, open, bad) = tally.by_rule[at];
    let kind = KINDS.iter().find(|k| k.name == rule.kind);
    RuleRow {
        link: viewer.rule_link(rule),
        title: rule.title.clone(),
        article: Some(viewer.article_link(&rule.article)),
        severity: rule.severity.word(),
        kind: match viewer.language {
            Language::Zh => kind.map_or(rule.kind, |k| k.zh).to_owned(),
            Language::En => rule.kind.to_owned(),
        },
        proposed: rule.proposed,
        met,
        open,
        bad,
    }
}

/// How many duties it shows; their list has all.
const SHOWN: usize = 50;

/// Its page.
pub(super) fn page(viewer: &Viewer<'_>, tally: &Tally, agenda: &Agenda<'_, '_>, at: usize, rule: &Rule) -> RuleView {
    let mut says: Vec<String> = rule.must.says().iter().map(|t| viewer.say(t)).collect();
    for (id, option) in &rule.under {
        let (id, option) = (id, &option.value);
        says.insert(0, viewer.say(&say!("只在解释 {id} 取“{option}”时有效", "in force only where reading {id} is `{option}`")));
    }
    if let Some(when) = &rule.when {
        says.insert(0, viewer.say(&say!("只在 {when} 时适用", "applies only where {when}")));
    }
    let (obligations, total, all) = agenda.rule(&rule.id.value, SHOWN);
    RuleView {
        row: row(viewer, tally, at, rule),
        says,
        help: rule.help.clone(),
        applies: rule.applies.words(),
        source: rule.source.slice(rule.span).trim_end().to_owned(),
        obligations,
        total,
        all,
    }
}
