//! The evidence sheet of a dossier: what history proves about it, and how anybody checks that again with git alone.

use chrono::NaiveDate;
use serde::Serialize;

use super::ObligationView;
use super::record::digest;
use super::timeline::minute;
use super::viewer::Viewer;
use crate::archive::history::Oid;
use crate::rulebook::audit::{Audit, Audited, AuditedEntry};
use crate::say;

/// An evidence sheet.
#[derive(Debug, Clone, Serialize)]
pub struct SheetView {
    /// Version of this format.
    pub version: u32,
    /// What such a sheet is called.
    pub title: String,
    /// Number of the dossier.
    pub number: String,
    /// Its kind.
    pub kind: String,
    /// As-of day.
    #[serde(skip)]
    pub day: Option<NaiveDate>,
    /// The same as text.
    pub today: String,
    /// The name of the main branch.
    pub branch: String,
    /// Its tip, whole: to be given as a checkpoint to later audits.
    pub tip: String,
    /// The commit from which on approvals are judged, whole.
    pub anchor: Option<String>,
    /// How many of its records need an approval, and how many of these have one that holds.
    pub needed: usize,
    /// See there.
    pub approved: usize,
    /// Its records.
    pub records: Vec<SheetRecord>,
    /// Its duties with a day, in the order of the records.
    pub duties: Vec<ObligationView>,
    /// How anybody checks all this again.
    pub commands: Vec<Check>,
}

/// One record of a sheet.
#[derive(Debug, Clone, Serialize)]
pub struct SheetRecord {
    /// Id.
    pub id: String,
    /// Path in the archive.
    pub path: String,
    /// Form code and name.
    pub form: String,
    /// git's id of the text at the tip; none where it has not entered.
    pub blob: Option<String>,
    /// SHA-256 of the text at the tip.
    pub sha256: Option<String>,
    /// How it stands, for programs.
    pub standing: &'static str,
    /// The same in words.
    pub words: String,
    /// The rules that ask for its approval.
    pub rules: Vec<String>,
    /// Its entries into the main branch, oldest first.
    pub entries: Vec<SheetEntry>,
}

/// One entry of a record into the main branch.
#[derive(Debug, Clone, Serialize)]
pub struct SheetEntry {
    /// The commit, whole.
    pub commit: String,
    /// When, by the line's clock, in the archive's zone.
    pub at: String,
    /// git's id of the text that entered.
    pub blob: Option<String>,
    /// Who had a hand in it.
    pub contributors: Vec<String>,
    /// Who agreed, in which role, and how that is known.
    pub approvals: Vec<SheetApproval>,
    /// What is to be said of the commit's signature.
    pub signature: String,
    /// Whether that is all that is asked for.
    pub approved: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// An agreement.
#[derive(Debug, Clone, Serialize)]
pub struct SheetApproval {
    /// Name.
    pub name: String,
    /// Role in which it counts.
    pub role: String,
    /// How it is known.
    pub strength: String,
}

/// A command that anybody can run in a clone, and what it prints when all is as the sheet says.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What it shows.
    pub what: String,
    /// The command, for a POSIX shell.
    pub run: String,
    /// Its output, without the last line end.
    pub expect: String,
}

impl Viewer<'_> {
    /// The sheet of a dossier, from an audit of the whole archive.
    pub fn sheet(&self, dossier: usize, audit: &Audit) -> SheetView {
        let (world, history) = (&self.judgement.world, &self.archive.history);
        let facts = &world.dossiers[dossier];
        let records: Vec<SheetRecord> = (0..facts.entries.len()).map(|entry| self.sheet_record((dossier, entry), audit)).collect();
        let needed = records.iter().filter(|record| !record.rules.is_empty()).count();
        let approved = records.iter().filter(|record| matches!(record.standing, "approved" | "baseline")).count();
        let settings = &world.rulebook.settings;
        let mut sheet = SheetView {
            version: 1,
            title: self.say(&say!("案卷留痕凭证", "Evidence sheet")),
            number: facts.number.clone(),
            kind: facts.kind.map(|kind| settings.dossiers[kind].kind.clone()).unwrap_or_default(),
            day: Some(world.today),
            today: world.today.to_string(),
            branch: history.branch.clone(),
            tip: audit.tip.to_string(),
            anchor: audit.anchor.map(|id| id.to_string()),
            needed,
            approved,
            records,
            duties: self.obligations(self.duties_of(dossier), |o| o.outcome.due.is_some()),
            commands: Vec::new(),
        };
        sheet.duties.sort_by(|a, b| (&a.subject.text, &a.due, &a.rule.text).cmp(&(&b.subject.text, &b.due, &b.rule.text)));
        sheet.commands = self.checks(&sheet);
        sheet
    }

    fn sheet_record(&self, at: (usize, usize), audit: &Audit) -> SheetRecord {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let (form, path) = (self.form(entry), entry.record.path());
        let asked: Vec<&Audited> = audit.records.iter().filter(|audited| audited.path == path).collect();
        let blob = self.archive.blobs.at(audit.tip, path);
        let text = blob.and_then(|blob| self.archive.blobs.text(blob));
        // Of several rules the one that is worst off tells how the record stands.
        let worst = asked.iter().find(|audited| audited.standing.is_bad()).or(asked.first());
        let (standing, words) = match worst {
            Some(audited) => (audited.standing.word(), audited.standing.text()),
            None if blob.is_none() => ("pending", say!("尚未归入", "not filed yet")),
            None => ("filed", say!("已归入，无须审批", "filed, needs no approval")),
        };
        let plain = || entry.evidence.versions.iter().map(AuditedEntry::plain).collect();
        let entries: Vec<AuditedEntry> = match worst {
            Some(audited) => audited.entries.clone(),
            None => plain(),
        };
        SheetRecord {
            id: entry.id.clone(),
            path: path.to_owned(),
            form: format!("{} {}", form.code.value, form.name),
            blob: blob.map(|blob| blob.to_string()),
            sha256: text.map(|text| digest(&text)),
            standing,
            words: self.say(&words),
            rules: asked.iter().map(|audited| audited.rule.clone()).collect(),
            entries: entries.into_iter().map(|own| self.sheet_entry(own, asked.is_empty())).collect(),
        }
    }

    fn sheet_entry(&self, entry: AuditedEntry, unasked: bool) -> SheetEntry {
        let place = entry.id.and_then(|id| self.archive.history.place(id)).unwrap_or_default();
        let policy = self.judgement.line.policy(place);
        let signature = entry.id.map(|id| policy.signature(self.archive, id, entry.at.date()));
        let approval =
            |(name, role, strength): (String, String, crate::diagnostic::Text)| SheetApproval { name, role, strength: self.say(&strength) };
        SheetEntry {
            commit: entry.id.map(|id| id.to_string()).unwrap_or_default(),
            at: minute(entry.at),
            blob: entry.blob.map(|blob| blob.to_string()),
            contributors: entry.contributors,
            approvals: entry.given.into_iter().map(approval).collect(),
            signature: signature.map(|text| self.say(&text)).unwrap_or_default(),
            approved: entry.approved || unasked,
            reasons: entry.reasons.iter().map(|reason| self.say(reason)).collect(),
        }
    }

    /// The commands for everything that the sheet says of texts and merges.
    fn checks(&self, sheet: &SheetView) -> Vec<Check> {
        let (tip, branch) = (sheet.tip.as_str(), quoted(&sheet.branch));
        let mut all = vec![Check {
            what: self.say(&say!("主分支的第一父线上有本凭证所据的提交", "the main line still holds the commit that this sheet rests on")),
            run: format!("git rev-list --first-parent {branch} | grep -c {tip}"),
            expect: "1".to_owned(),
        }];
        for record in &sheet.records {
            let id = &record.id;
            if let (Some(sha256), Some(blob)) = (&record.sha256, &record.blob) {
                let at = quoted(&format!("{tip}:{}", self.archive.blobs.full(&record.path)));
                all.push(Check {
                    what: self.say(&say!("{id} 的原文", "the text of {id}")),
                    run: format!("git show {at} | sha256sum | cut -c1-64"),
                    expect: sha256.clone(),
                });
                all.push(Check {
                    what: self.say(&say!("{id} 在 git 里的编号", "the id of {id} in git")),
                    run: format!("git rev-parse {at}"),
                    expect: blob.clone(),
                });
            }
            for entry in record.entries.iter().filter(|entry| !entry.approvals.is_empty()) {
                all.extend(self.checks_of_approval(record, entry, tip));
            }
        }
        all
    }

    fn checks_of_approval(&self, record: &SheetRecord, entry: &SheetEntry, tip: &str) -> Vec<Check> {
        let (id, commit) = (&record.id, &entry.commit);
        let mut all = vec![Check {
            what: self.say(&say!("{id} 的这次归入在主线上", "this entry of {id} is on the main line")),
            run: format!("git rev-list --first-parent {tip} | grep -c {commit}"),
            expect: "1".to_owned(),
        }];
        if let Some(blob) = &entry.blob {
            all.push(Check {
                what: self.say(&say!("批准的就是这份原文", "what was approved is this text")),
                run: format!("git rev-parse {}", quoted(&format!("{commit}:{}", self.archive.blobs.full(&record.path)))),
                expect: blob.clone(),
            });
        }
        let message = commit.parse::<Oid>().ok().and_then(|id| self.archive.history.find(id));
        let trailers: Vec<(String, String)> =
            message.map(|at| crate::archive::history::trailers(&self.archive.history.commits[at as usize].message)).unwrap_or_default();
        for key in &self.archive.config.approval.trailers {
            let values: Vec<&str> =
                trailers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str()).collect();
            if !values.is_empty() {
                all.push(Check {
                    what: self.say(&say!("合并说明中的署名", "who is named in the merge message")),
                    run: format!("git log -1 --format='%(trailers:key={key},valueonly)' {commit}"),
                    expect: values.join("\n"),
                });
            }
        }
        all
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_as_they_are() {
        assert_eq!(quoted("a1:cases/NS-1/C03.md"), "a1:cases/NS-1/C03.md");
        assert_eq!(quoted("主 线'x"), "'主 线'\\''x'");
    }
}
