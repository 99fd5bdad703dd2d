//! Findings as JSON, version 1.
//!
//! `{version, archive, head, today, summary, findings: [{code, severity, message, article, path,
//! start: {line, column, utf16}, end, labels, facts, help, fixes, fingerprint}], obligations, needed: [{subject, path, rule, slots, given}]}`.
//! Lines and columns start at 1; columns count characters, `utf16` is there for editors. The
//! fingerprint survives moved lines and holds no value of a record.

use serde_json::{Value, json};

use super::needed;
use crate::diagnostic::{Diagnostic, Diagnostics, Language, Severity};
use crate::rulebook::Judgement;
use crate::rulebook::needed::Needed;
use crate::source::{Position, Source, Span};

/// The whole report, ending with a newline.
pub fn render(judgement: &Judgement<'_>, needed: &[Needed], head: Option<String>, archive: &str, language: Language) -> String {
    let findings = &judgement.findings;
    let fingerprints = findings.fingerprints();
    let list: Vec<Value> = findings.iter().zip(&fingerprints).map(|(finding, print)| one(finding, print, language)).collect();
    let report = json!({
        "version": 1,
        "archive": archive,
        "head": head,
        "today": judgement.world.today.to_string(),
        "summary": summary(findings),
        "findings": list,
        "obligations": obligations(judgement, language),
        "needed": needed::json(needed),
    });
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(findings: &Diagnostics) -> Value {
    json!({
        "error": findings.count(Severity::Error),
        "warning": findings.count(Severity::Warning),
        "advice": findings.count(Severity::Advice),
    })
}

fn position(at: Position) -> Value {
    json!({ "line": at.line, "column": at.column, "utf16": at.utf16 })
}

fn range(source: &Source, span: Span) -> (Value, Value) {
    (position(source.position(span.start)), position(source.position(span.end)))
}

fn one(finding: &Diagnostic, fingerprint: &str, language: Language) -> Value {
    let place = finding.place.as_ref();
    let ends = place.map(|p| range(&p.source, p.span));
    let labels = finding.labels.iter().filter_map(|label| {
        let (start, end) = range(&place?.source, label.span);
        Some(json!({ "start": start, "end": end, "text": label.text.in_language(language) }))
    });
    let fixes = finding.fixes.iter().filter_map(|fix| {
        let (start, end) = range(&place?.source, fix.span);
        Some(json!({ "start": start, "end": end, "replacement": fix.replacement, "title": fix.title.in_language(language) }))
    });
    json!({
        "code": finding.code,
        "severity": finding.severity.word(),
        "message": finding.message.in_language(language),
        "article": finding.article,
        "path": place.map(|p| p.path()),
        "start": ends.as_ref().map(|(start, _)| start),
        "end": ends.as_ref().map(|(_, end)| end),
        "labels": labels.collect::<Vec<_>>(),
        "facts": finding.facts.iter().map(|f| f.in_language(language)).collect::<Vec<_>>(),
        "help": finding.help.as_ref().map(|h| h.in_language(language)),
        "fixes": fixes.collect::<Vec<_>>(),
        "fingerprint": fingerprint,
    })
}

/// Every duty that is not simply inapplicable.
fn obligations(judgement: &Judgement<'_>, language: Language) -> Vec<Value> {
    let world = &judgement.world;
    let shown = judgement.obligations.iter().filter(|o| o.outcome.state != crate::rulebook::State::NotApplicable);
    shown
        .map(|o| {
            let dossier = &world.dossiers[o.dossier];
            json!({
                "rule": world.rulebook.rules[o.rule].id.value,
                "dossier": dossier.number,
                "record": o.entry.map(|e| dossier.entries[e].id.as_str()),
                "state": o.outcome.state.word(),
                "due": o.outcome.due.map(|d| d.to_string()),
                "done": o.outcome.done.map(|d| d.to_string()),
                "left": o.outcome.left,
                "provisional": o.outcome.provisional,
                "owner": world.owner(o),
                "facts": o.outcome.told(world.calendar(o.dossier)).iter().map(|f| f.in_language(language)).collect::<Vec<_>>(),
            })
        })
        .collect()
}
