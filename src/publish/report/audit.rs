//! An audit for people and for programs.

use serde_json::{Value, json};

use crate::archive::Archive;
use crate::diagnostic::Language;
use crate::rulebook::audit::{Audit, AuditedEntry};
use crate::say;

/// Version of the JSON form.
const VERSION: u32 = 1;

/// For people: what is bad first, each with its entries; then the numbers.
pub fn human(audit: &Audit, archive: &Archive, language: Language, all: bool) -> String {
    let mut out = String::new();
    let said = |text: &crate::diagnostic::Text| text.in_language(language).to_owned();
    for record in audit.records.iter().filter(|record| all || record.standing.is_bad()) {
        out.push_str(&format!("{}  {}  {}  {}\n", record.id, said(&record.standing.text()), record.rule, record.path));
        for entry in &record.entries {
            out.push_str(&format!("    {}\n", line(entry, language)));
            for reason in &entry.reasons {
                out.push_str(&format!("        {}\n", said(reason)));
            }
        }
    }
    for warning in &audit.warnings {
        out.push_str(&format!("{} {}\n", say!("注意：", "warning:").in_language(language), said(warning)));
    }
    let counts: Vec<String> = audit.counts().into_iter().map(|(word, n)| format!("{word} {n}")).collect();
    let (tip, branch, commits) = (audit.tip, &archive.history.branch, archive.history.main.len());
    let anchor = audit.anchor.map_or_else(|| "—".to_owned(), |anchor| anchor.short());
    let (records, counts) = (audit.records.len(), counts.join(", "));
    let sum = say!(
        "{branch} 分支 {tip}，主线 {commits} 个提交，起点 {anchor}；要审批的记录 {records} 份：{counts}",
        "{branch} at {tip}, {commits} commits on the main line, anchor {anchor}; {records} records to be approved: {counts}"
    );
    out.push_str(&format!("{}\n", said(&sum)));
    out.push_str(&format!("{}\n", said(&say!("下次核对：anjuan audit --checkpoint {tip}", "next time: anjuan audit --checkpoint {tip}"))));
    out
}

fn line(entry: &AuditedEntry, language: Language) -> String {
    let at = entry.at.format("%Y-%m-%d %H:%M");
    let hands = entry.contributors.join("、");
    let agreed: Vec<String> =
        entry.given.iter().map(|(name, role, strength)| format!("{name}（{role}，{}）", strength.in_language(language))).collect();
    let verdict = match (entry.baseline, entry.approved) {
        (true, _) => say!("基线", "baseline"),
        (false, true) => say!("通过", "approved"),
        (false, false) => say!("不成立", "not approved"),
    };
    let (commit, verdict, agreed) = (&entry.commit, verdict.in_language(language), agreed.join("、"));
    say!("{at} {commit} {verdict}；填写：{hands}；同意：{agreed}", "{at} {commit} {verdict}; by: {hands}; agreed: {agreed}")
        .in_language(language)
        .to_owned()
}

/// For programs.
pub fn json(audit: &Audit, language: Language) -> String {
    let said = |text: &crate::diagnostic::Text| text.in_language(language).to_owned();
    let entry = |entry: &AuditedEntry| -> Value {
        json!({
            "commit": entry.commit,
            "at": entry.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "blob": entry.blob.map(|blob| blob.to_string()),
            "contributors": entry.contributors,
            "approvals": entry.given.iter().map(|(name, role, strength)| json!({ "name": name, "role": role, "evidence": said(strength) })).collect::<Vec<_>>(),
            "approved": entry.approved,
            "baseline": entry.baseline,
            "reasons": entry.reasons.iter().map(said).collect::<Vec<_>>(),
        })
    };
    let records: Vec<Value> = audit
        .records
        .iter()
        .map(|record| {
            json!({
                "record": record.id,
                "path": record.path,
                "rule": record.rule,
                "state": record.standing.word(),
                "entries": record.entries.iter().map(entry).collect::<Vec<_>>(),
            })
        })
        .collect();
    let all = json!({
        "version": VERSION,
        "tip": audit.tip.to_string(),
        "anchor": audit.anchor.map(|anchor| anchor.to_string()),
        "counts": audit.counts(),
        "warnings": audit.warnings.iter().map(said).collect::<Vec<_>>(),
        "records": records,
    });
    format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default())
}
