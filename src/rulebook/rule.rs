//! Rules: where they apply, what they demand, how bad a breach is, and their own examples.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Rulebook;
use super::condition::Condition;
use super::kinds::{KINDS, Must};
use crate::diagnostic::{Diagnostic, Severity};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned, nearest};
use crate::yaml::{self, Node};

/// A rule.
pub struct Rule {
    /// Its id.
    pub id: Spanned<String>,
    /// The article it enforces.
    pub article: Spanned<String>,
    /// What it demands, one sentence.
    pub title: String,
    /// Where it applies.
    pub applies: Applies,
    /// The readings under which it is in force: id and option.
    pub under: BTreeMap<String, Spanned<String>>,
    /// When it applies.
    pub when: Option<Condition>,
    /// The kind, a key of [`KINDS`].
    pub kind: &'static str,
    /// What it demands.
    pub must: Box<dyn Must>,
    /// How bad a breach is.
    pub severity: Severity,
    /// Whether it is a proposal of ours rather than the source's word.
    pub proposed: bool,
    /// The role that owes it; the worker when none is named.
    pub owner: Option<Spanned<String>>,
    /// The remedy.
    pub help: Option<String>,
    /// Its examples, with the whole entry for reading them.
    pub examples: Vec<Node>,
    /// The bytes of the whole rule.
    pub span: Span,
    /// Its file.
    pub source: SharedSource,
}

/// What `applies` says for every form.
const EVERY: &str = "every form";

/// Where a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    /// Once for each record, whatever its form.
    EveryForm,
    /// Once for each record of these forms.
    Forms(Vec<Spanned<String>>),
    /// Once for each dossier of this kind.
    Dossier(Spanned<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    id: Spanned<String>,
    article: Spanned<String>,
    title: String,
    applies: Node,
    #[serde(default)]
    under: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    when: Option<Condition>,
    must: Spanned<Node>,
    severity: Severity,
    #[serde(default)]
    proposed: Spanned<bool>,
    #[serde(default)]
    owner: Option<Spanned<String>>,
    #[serde(default)]
    help: Option<String>,
    #[serde(default)]
    examples: Vec<Node>,
}

/// Reads a file of rules. A broken rule does not hide the others.
pub fn read(source: &SharedSource) -> (Vec<Rule>, Vec<Diagnostic>) {
    let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
    let mut rules = Vec::new();
    for item in node.as_list().unwrap_or_default() {
        match de::read::<Raw>(item, source, "R101").and_then(|raw| rule(raw, item.span, source)) {
            Ok(rule) => rules.push(rule),
            Err(d) => found.push(d),
        }
    }
    if node.as_list().is_none() && !node.is_empty() {
        found.push(Diagnostic::error("R101", Place::new(source, node.span), say!("规则文件应是一个列表", "a file of rules is a list")));
    }
    (rules, found)
}

fn rule(raw: Raw, span: Span, source: &SharedSource) -> Result<Rule, Diagnostic> {
    let wrong = |span: Span, message| Diagnostic::error("R101", Place::new(source, span), message).key(&raw.id.value);
    let applies = applies(&raw.applies, source).ok_or_else(|| {
        wrong(raw.applies.span, say!("applies 要写 form、dossier 或 every form", "`applies` names a form or a dossier, or is `every form`"))
    })?;
    let Some([(key, value)]) = raw.must.value.as_map() else {
        return Err(wrong(raw.must.span, say!("must 之下应恰有一种规则", "`must` has exactly one kind of rule")));
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == key.text) else {
        let word = &key.text;
        let list = KINDS.iter().map(|k| k.name).collect::<Vec<_>>().join(", ");
        let help = match nearest(word, KINDS.iter().map(|k| k.name)) {
            Some(near) => say!("是不是“{near}”?可用：{list}", "did you mean `{near}`? known: {list}"),
            None => say!("可用：{list}", "known: {list}"),
        };
        return Err(wrong(key.span, say!("不认识“{word}”这种规则", "unknown kind of rule `{word}`")).help(help));
    };
    if raw.proposed.value && raw.severity == Severity::Error {
        return Err(wrong(raw.proposed.span, say!("我们自己的提议不能是 error", "a proposal of ours cannot be an error")));
    }
    Ok(Rule {
        must: (kind.read)(value, source)?,
        kind: kind.name,
        id: raw.id,
        article: raw.article,
        title: raw.title,
        applies,
        under: raw.under,
        when: raw.when,
        severity: raw.severity,
        proposed: raw.proposed.value,
        owner: raw.owner,
        help: raw.help,
        examples: raw.examples,
        span,
        source: source.clone(),
    })
}

fn applies(node: &Node, source: &SharedSource) -> Option<Applies> {
    if node.as_str() == Some(EVERY) {
        return Some(Applies::EveryForm);
    }
    let [(key, value)] = node.as_map()? else { return None };
    let mut ignored = Vec::new();
    match key.text.as_str() {
        "form" if value.as_list().is_some() => Some(Applies::Forms(de::read_each(value, source, "R101", &mut ignored))),
        "form" => de::read(value, source, "R101").ok().map(|one| Applies::Forms(vec![one])),
        "dossier" => de::read(value, source, "R101").ok().map(Applies::Dossier),
        _ => None,
    }
}

impl Applies {
    /// The forms, as indices into the rulebook.
    pub fn forms(&self, book: &Rulebook) -> Vec<usize> {
        match self {
            Self::EveryForm => (0..book.forms.len()).collect(),
            Self::Forms(forms) => forms.iter().filter_map(|form| book.form_index(form)).collect(),
            Self::Dossier(_) => Vec::new(),
        }
    }

    /// The kind of dossier, as an index into the settings.
    pub fn kind(&self, book: &Rulebook) -> Option<usize> {
        match self {
            Self::Dossier(kind) => book.settings.kind(kind),
            Self::EveryForm | Self::Forms(_) => None,
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::EveryForm => "各表".to_owned(),
            Self::Forms(forms) => forms.iter().map(|f| f.value.as_str()).collect::<Vec<_>>().join("、"),
            Self::Dossier(kind) => kind.value.clone(),
        }
    }
}
