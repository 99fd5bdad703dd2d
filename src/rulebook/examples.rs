//! Unit tests of rules: each rule carries small examples, judged by the same code as real records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;

use super::Rulebook;
use super::context::{DossierFacts, Entry};
use super::entry;
use super::evidence::{EndorsedBy, Endorsement, Evidence, Moment, Version, Who};
use super::judge::{assemble, judge_one};
use super::line::Policy;
use super::obligation::State;
use super::rule::{Applies, Rule};
use super::settings::Settings;
use crate::archive::config::Strength;
use crate::archive::people::People;
use crate::archive::record::Section;
use crate::archive::timeline::FieldChange;
use crate::archive::{Committed, Record};
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Source, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{Key, Node, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Example {
    expect: Spanned<String>,
    given: Node,
    #[serde(default)]
    today: Option<NaiveDate>,
    /// Who holds which role: `{ 王芳: 初级督导 }`.
    #[serde(default)]
    people: Option<Node>,
}

/// Runs the examples of every rule. Returns how many ran and what differed.
pub fn run(book: &Rulebook) -> (usize, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut count = 0;
    let law = Arc::new(book.settings.clone());
    for (at, rule) in book.rules.iter().enumerate() {
        let id = &rule.id.value;
        if rule.examples.is_empty() {
            found.push(
                Diagnostic::warning(
                    "R103",
                    Place::new(&rule.source, rule.id.span),
                    say!("规则 {id} 没有例子", "the rule {id} has no examples"),
                )
                .help(say!("至少写一个成立的和一个不成立的例子", "write at least one that holds and one that does not"))
                .key(id),
            );
        }
        for node in &rule.examples {
            count += 1;
            match de::read::<Example>(node, &rule.source, "R103") {
                Ok(example) => found.extend(run_one(book, &law, at, rule, &example)),
                Err(d) => found.push(d),
            }
        }
    }
    (count, found)
}

fn run_one(book: &Rulebook, law: &Arc<Settings>, at: usize, rule: &Rule, example: &Example) -> Option<Diagnostic> {
    let id = &rule.id.value;
    let wrong = |span: Span, message| Diagnostic::error("R103", Place::new(&rule.source, span), message).key(id);
    let Some((_, expected)) = State::WORDS.iter().find(|(word, _)| *word == example.expect.value) else {
        let word = &example.expect.value;
        let known = State::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        return Some(
            wrong(example.expect.span, say!("没有“{word}”这种状态", "there is no state `{word}`"))
                .help(say!("可用：{known}", "known: {known}")),
        );
    };
    let today = example.today.or_else(|| NaiveDate::from_ymd_opt(2026, 6, 30)).unwrap_or_default();
    let people = cast(example, today);
    let mut records = Vec::new();
    let mut late_with = BTreeMap::new();
    let pairs = example.given.as_map().unwrap_or_default();
    for (key, node) in pairs {
        let Some(form) = book.form_index(&key.text) else {
            let code = &key.text;
            return Some(wrong(key.span, say!("例子里没有表单 {code}", "the example names no known form: {code}")));
        };
        let list: Vec<&Node> = node.as_list().map_or_else(|| vec![node], |items| items.iter().collect());
        for (nth, given) in list.into_iter().enumerate() {
            let names = given.get("@late").and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::as_str);
            let late = names.filter_map(|id| Some(book.rule(id)?.0)).collect::<BTreeSet<usize>>();
            late_with.insert((0, records.len()), late);
            records.push((form, record(rule, &key.text, nth, given), evidence(given, &people, law, today)));
        }
    }
    let mut entries = Vec::new();
    for (index, (form, record, evidence)) in records.iter().enumerate() {
        let (filled, said) = entry::read(record, &book.forms[*form], &book.settings);
        if let Some(d) = said.into_iter().find(|d| !matches!(d.code.as_str(), "F101")) {
            let place = Place::new(&rule.source, d.place.map_or(example.given.span, |p| p.span));
            let what = d.message;
            return Some(Diagnostic::error("R103", place, say!("例子本身有误：{what}", "the example is wrong: {what}"; what)).key(id));
        }
        entries.push(Entry { record, index, id: format!("例/{}", record.stem()), form: *form, filled, evidence: evidence.clone() });
    }
    let subject_form = rule.applies.forms(book);
    let subject = entries.iter().position(|e| subject_form.contains(&e.form));
    let kind = rule.applies.kind(book);
    let dossier = DossierFacts { path: "例".to_owned(), number: "例".to_owned(), kind, project: None, entries };
    let mut world = assemble(book, &people, vec![dossier], today);
    for (index, (_, _, evidence)) in records.iter().enumerate() {
        if let Some(version) = evidence.versions.last().filter(|v| !v.endorsements.is_empty()) {
            let day = version.at.date();
            world.approved.insert((0, index), Moment::certain(day));
        }
    }
    world.late = late_with;
    let applies = matches!(rule.applies, Applies::Dossier(_)) || subject.is_some();
    let state = if applies { judge_one(&world, at, rule, 0, subject, &[]).outcome.state } else { State::NotApplicable };
    (state != *expected).then(|| {
        let (want, got) = (expected.word(), state.word());
        wrong(
            example.expect.span,
            say!("规则 {id} 的例子应为 {want}，实际判为 {got}", "the example of {id} expects {want}, it is judged {got}"),
        )
        .help(say!("改正规则或例子", "correct the rule or the example"))
    })
}

/// The people of an example: those it lists and those who write or approve in it.
fn cast(example: &Example, today: NaiveDate) -> People {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |name: &str, role: Option<&str>| {
        let at = lines.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
            lines.push((name.to_owned(), Vec::new()));
            lines.len() - 1
        });
        lines[at].1.extend(role.map(str::to_owned));
    };
    for (key, node) in example.people.as_ref().and_then(Node::as_map).unwrap_or_default() {
        add(&key.text, node.as_str());
    }
    let given = example.given.as_map().unwrap_or_default().iter();
    let records = given.flat_map(|(_, node)| node.as_list().map_or_else(|| vec![node], |items| items.iter().collect()));
    for record in records {
        if let Some(by) = record.get("@by").and_then(Node::as_str) {
            add(by, None);
        }
        for approval in approvals(record) {
            if let Some(by) = approval.get("by").and_then(Node::as_str) {
                add(by, approval.get("role").and_then(Node::as_str));
            }
        }
    }
    let _ = today;
    let mut text = String::from("people:\n");
    for (name, roles) in lines {
        text.push_str(&format!("  - id: '{name}'\n    name: '{name}'\n    roles:\n"));
        let roles = if roles.is_empty() { vec!["-".to_owned()] } else { roles };
        for role in roles {
            text.push_str(&format!("      - {{ role: '{role}', from: 1900-01-01 }}\n"));
        }
    }
    People::read(&Source::new("people.yaml", text)).0
}

fn approvals(record: &Node) -> Vec<&Node> {
    match record.get("@approved") {
        None => Vec::new(),
        Some(node) => node.as_list().map_or_else(|| vec![node], |items| items.iter().collect()),
    }
}

/// A record whose values point into the rule's own file.
fn record(rule: &Rule, code: &str, nth: usize, given: &Node) -> Record {
    let source: SharedSource = Source::new(format!("{code}-{:02}.md", nth + 1), rule.source.text());
    let mut fields: Vec<(Key, Node)> = Vec::new();
    let mut sections = Vec::new();
    for (key, node) in given.as_map().unwrap_or_default() {
        if let Some(name) = key.text.strip_prefix('§') {
            sections.push(Section { name: name.to_owned(), heading: key.span, body: node.span });
        } else if !key.text.starts_with('@') {
            fields.push((key.clone(), node.clone()));
        }
    }
    Record { source, fields: Node { span: given.span, value: Value::Map(fields) }, front: given.span, sections, unreadable: false }
}

fn evidence(given: &Node, people: &People, law: &Arc<Settings>, today: NaiveDate) -> Evidence {
    let day = |node: Option<&Node>| node.and_then(Node::as_str).and_then(|text| text.parse::<NaiveDate>().ok());
    let submitted = day(given.get("@submitted")).map(Moment::certain);
    let returned = day(given.get("@returned")).map(Moment::certain);
    let given_on = approvals(given).into_iter().filter_map(|approval| day(approval.get("on"))).min();
    let reviewed = day(given.get("@reviewed")).or(given_on).map(Moment::certain).or(returned);
    let writer = given.get("@by").and_then(Node::as_str).map(|name| Who::Person(name.to_owned()));
    let approvals = approvals(given);
    let changed = given.get("@changed").and_then(Node::as_list).unwrap_or_default();
    let mut versions = Vec::new();
    if !approvals.is_empty() {
        let at = approvals.iter().filter_map(|a| day(a.get("on"))).max().unwrap_or(today);
        let endorse = |approval: &&Node| {
            let by = approval.get("by").and_then(Node::as_str)?;
            let who = people.named(by).map_or_else(|| Who::Unknown(by.to_owned()), |p| Who::Person(p.id.value.clone()));
            Some(Endorsement { who, by: EndorsedBy::Trailer("Approved-by".to_owned()), strength: Strength::Claimed })
        };
        let changed_since = changed.iter().filter_map(Node::as_str).map(|name| FieldChange {
            name: name.trim_start_matches('§').to_owned(),
            section: name.starts_with('§'),
            from: None,
            to: Some(String::new()),
        });
        versions.push(Version {
            commit: "例".to_owned(),
            at: at.and_time(NaiveTime::MIN),
            contributors: writer.clone().into_iter().collect(),
            endorsements: approvals.iter().filter_map(endorse).collect(),
            changed_since: changed_since.collect(),
            policy: Arc::new(Policy { people: people.clone(), law: Arc::clone(law), ..Policy::default() }),
            ..Version::default()
        });
        if !changed.is_empty() {
            versions.push(Version {
                commit: "例".to_owned(),
                at: today.and_time(NaiveTime::MIN),
                contributors: writer.into_iter().collect(),
                ..Version::default()
            });
        }
    }
    let pending = versions.is_empty();
    Evidence {
        known: true,
        committed: Committed::Committed,
        submitted,
        submission: None,
        returned,
        reviewed,
        versions,
        pending,
        proposed: false,
    }
}
