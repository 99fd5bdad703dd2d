//! Findings for the pages of forges: workflow commands of GitHub (and Gitea, Forgejo), Code Quality of GitLab, and a
//! summary in Markdown for both.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics, Language, Severity};
use crate::rulebook::needed::Needed;
use crate::say;

use super::{Each, human, needed};

/// GitHub shows no more annotations of one level for a step.
const MOST: usize = 10;
/// A step's summary may have a mebibyte; what comes after this many bytes is counted only.
const SUMMARY: usize = 900 << 10;

/// Workflow commands: the most urgent findings as annotations, each level up to what is shown, and a closing line.
pub fn github(findings: &Diagnostics, language: Language) -> String {
    let mut out = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Advice] {
        for finding in findings.iter().filter(|finding| finding.severity == severity).take(MOST) {
            out.push_str(&command(finding, language));
            out.push('\n');
        }
    }
    out.push_str(&human::summary(findings, language));
    out.push('\n');
    out
}

fn command(finding: &Diagnostic, language: Language) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        let (start, end) = (place.source.position(place.span.start), place.source.position(place.span.end));
        properties.push(format!("file={}", property(place.path())));
        properties.push(format!("line={},col={}", start.line, start.column));
        if end.line == start.line && end.column > start.column {
            properties.push(format!("endColumn={}", end.column));
        }
    }
    properties.push(format!("title={}", property(&finding.code)));
    format!("::{name} {}::{}", properties.join(","), data(&finding.told(language)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Writes GitLab's Code Quality report.
///
/// # Errors
/// What `out` cannot take.
pub fn gitlab(mut out: impl Write, findings: &Diagnostics, language: Language) -> io::Result<()> {
    let prints = findings.fingerprints();
    let one = |(finding, print): (&Diagnostic, &String)| -> Value {
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Advice => "info",
        };
        let line = finding.place.as_ref().map_or(1, |place| place.source.position(place.span.start).line);
        // A report without a place is put where everybody looks.
        let path = if finding.path().is_empty() { crate::archive::config::FILE } else { finding.path() };
        json!({
            "description": finding.message.in_language(language),
            "check_name": finding.code,
            "fingerprint": print,
            "severity": severity,
            "location": { "path": path, "lines": { "begin": line } },
        })
    };
    serde_json::to_writer_pretty(&mut out, &Each(|| findings.iter().zip(&prints).map(one)))?;
    out.write_all(b"\n")
}

/// A table in Markdown, for a step's summary or a comment: what is wrong, after the approvals that are still needed.
pub fn summary(findings: &Diagnostics, needed: &[Needed], language: Language) -> String {
    let mut out = format!("## anjuan check\n\n{}\n", human::summary(findings, language));
    out.push_str(&needed::markdown(needed, language));
    if findings.is_empty() {
        return out;
    }
    out.push_str(
        say!("\n| | 规则 | 在哪里 | 问题 |\n|---|---|---|---|\n", "\n| | rule | where | what |\n|---|---|---|---|\n").in_language(language),
    );
    let mut left = findings.iter().count();
    for finding in findings {
        let place = finding.place.as_ref().map_or_else(String::new, |place| {
            let at = place.source.position(place.span.start);
            format!("{}:{}", place.path(), at.line)
        });
        let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;").replace('\n', "<br>");
        let row = format!(
            "| {} | {} | {} | {} |\n",
            finding.severity.word(),
            cell(&finding.code),
            cell(&place),
            cell(finding.message.in_language(language))
        );
        if out.len() + row.len() > SUMMARY {
            out.push_str(say!("\n另有 {left} 项。\n", "\n{left} more.\n").in_language(language));
            break;
        }
        out.push_str(&row);
        left -= 1;
    }
    out
}
