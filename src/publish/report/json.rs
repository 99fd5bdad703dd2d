//! Findings as JSON, version 1.
//!
//! `{version, archive, head, today, summary, findings: [{code, severity, message, article, path,
//! start: {line, column, utf16}, end, labels, facts, help, fixes, fingerprint}], obligations, needed: [{subject, path, rule, slots, given}]}`.
//! Lines and columns start at 1; columns count characters, `utf16` is there for editors. The
//! fingerprint survives moved lines and holds no value of a record.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{Each, needed};
use crate::diagnostic::{Diagnostic, Diagnostics, Language, Severity};
use crate::rulebook::needed::Needed;
use crate::rulebook::{Judgement, State};
use crate::source::{Position, Source, Span};

#[derive(Serialize)]
struct Report<'r, F, O> {
    version: u32,
    archive: &'r str,
    head: Option<String>,
    today: String,
    summary: Value,
    findings: F,
    obligations: O,
    needed: Value,
}

/// Writes the whole report, ending with a newline.
///
/// # Errors
/// What `out` cannot take.
pub fn write(
    mut out: impl Write,
    judgement: &Judgement<'_>,
    needed: &[Needed],
    head: Option<String>,
    archive: &str,
    language: Language,
) -> io::Result<()> {
    let findings = &judgement.findings;
    let fingerprints = findings.fingerprints();
    let report = Report {
        version: 1,
        archive,
        head,
        today: judgement.world.today.to_string(),
        summary: summary(findings),
        findings: Each(|| findings.iter().zip(&fingerprints).map(|(finding, print)| one(finding, print, language))),
        obligations: Each(|| obligations(judgement, language)),
        needed: needed::json(needed),
    };
    serde_json::to_writer_pretty(&mut out, &report)?;
    out.write_all(b"\n")
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
fn obligations(judgement: &Judgement<'_>, language: Language) -> impl Iterator<Item = Value> {
    let world = &judgement.world;
    let shown = judgement.obligations.iter().filter(|o| o.outcome.state != State::NotApplicable);
    shown.map(move |o| {
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
}
