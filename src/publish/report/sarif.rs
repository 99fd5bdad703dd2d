//! Findings as SARIF 2.1.0 (OASIS), for the code-scanning pages of forges.

use std::collections::BTreeMap;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::Each;
use crate::diagnostic::{Diagnostic, Language, Severity};
use crate::publish::address::encoded;
use crate::rulebook::Judgement;

/// The address by which the schema is known.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The name under which fingerprints are kept.
const FINGERPRINT: &str = "anjuan/v1";

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    results: R,
}

/// Writes the whole report, ending with a newline.
///
/// # Errors
/// What `out` cannot take.
pub fn write(mut out: impl Write, judgement: &Judgement<'_>, language: Language) -> io::Result<()> {
    let findings = &judgement.findings;
    let fingerprints = findings.fingerprints();
    let mut codes: BTreeMap<&str, &Diagnostic> = BTreeMap::new();
    for finding in findings {
        codes.entry(finding.code.as_str()).or_insert(finding);
    }
    let places: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let rules: Vec<Value> = codes.iter().map(|(code, finding)| rule(judgement, code, finding, language)).collect();
    let result = |(finding, print): (&Diagnostic, &String)| {
        let mut result = json!({
            "ruleId": finding.code,
            "ruleIndex": places.get(finding.code.as_str()),
            "level": level(finding.severity),
            "message": { "text": finding.told(language) },
            "partialFingerprints": { FINGERPRINT: print },
        });
        if let Some(place) = &finding.place {
            let (start, end) = (place.source.position(place.span.start), place.source.position(place.span.end));
            result["locations"] = json!([{ "physicalLocation": {
                "artifactLocation": { "uri": encoded(place.path()), "uriBaseId": "ARCHIVE" },
                "region": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
            } }]);
        }
        result
    };
    let run = Run {
        tool: json!({ "driver": { "name": "anjuan", "version": env!("CARGO_PKG_VERSION"), "rules": rules } }),
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: json!({ "ARCHIVE": { "description": { "text": "the archive's folder" } } }),
        results: Each(|| findings.iter().zip(&fingerprints).map(result)),
    };
    serde_json::to_writer_pretty(&mut out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    out.write_all(b"\n")
}

/// A rule of the procedure, or a code of the program.
fn rule(judgement: &Judgement<'_>, code: &str, first: &Diagnostic, language: Language) -> Value {
    let book = judgement.world.rulebook;
    let known = book.rule(code).map(|(_, rule)| rule);
    let short = known.map_or_else(|| code.to_owned(), |rule| rule.title.clone());
    let says = known.map(|rule| rule.must.says().iter().map(|text| text.in_language(language).to_owned()).collect::<Vec<_>>().join("；"));
    let help = known.and_then(|rule| rule.help.clone()).or_else(|| first.help.as_ref().map(|help| help.in_language(language).to_owned()));
    json!({
        "id": code,
        "shortDescription": { "text": short },
        "fullDescription": { "text": says.unwrap_or_else(|| short.clone()) },
        "help": { "text": help.unwrap_or_else(|| format!("anjuan explain {code}")) },
        "defaultConfiguration": { "level": level(first.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}
