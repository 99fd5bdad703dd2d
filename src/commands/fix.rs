//! `anjuan fix`: the safe changes that findings propose, made in the files.

use std::collections::BTreeSet;
use std::fs;

use clap::Args;
use rayon::prelude::*;

use super::check::within;
use super::{Ended, Shell, rewrite};
use crate::archive::{Archive, Committed, Record};
use crate::diagnostic::{Diagnostic, Language, Severity, Text};
use crate::failure::Failure;
use crate::publish::report::patch;
use crate::rulebook::Rulebook;
use crate::rulebook::context::World;
use crate::rulebook::mend::Mended;
use crate::say;

/// Correct notations that can be corrected safely 改正写法
///
/// Half-width colons and spaces, dates, times, numbers, choices, slips in the names of fields, GBK. What somebody has to decide
/// stays as it is. Without names only records whose text has not entered the main branch are changed: any change of the others
/// makes their approvals void.
#[derive(Debug, Args)]
pub struct Fix {
    /// Records, dossiers or folders; what has not entered the main branch when none are named
    #[arg(value_name = "RECORD|DOSSIER|PATH")]
    subjects: Vec<String>,
    /// Print the changes as a patch and make none
    #[arg(long)]
    dry_run: bool,
}

/// What becomes of a record.
struct Change<'a> {
    record: &'a Record,
    mended: Mended,
    /// Whether its file holds other bytes than its text, as one in GBK does.
    recoded: bool,
}

impl Fix {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let language = shell.language(&archive);
        let meant = self.meant(&archive, &judgement.world)?;
        let changes: Vec<Change<'_>> = meant.par_iter().filter_map(|record| Change::of(&archive, &rulebook, record)).collect();
        let left = changes.iter().flat_map(|change| &change.mended.left).filter(|d| d.severity == Severity::Error).count();
        let changes: Vec<&Change<'_>> = changes.iter().filter(|change| change.recoded || !change.mended.made.is_empty()).collect();
        for change in &changes {
            shell.print(&if self.dry_run { change.patch(language) } else { change.told(language) })?;
            if !self.dry_run {
                rewrite(&archive, change.record, change.mended.source.text())?;
            }
        }
        let meant: BTreeSet<&str> = meant.iter().map(|record| record.path()).collect();
        let others = judgement.findings.iter().filter(|d| !d.fixes.is_empty() && !meant.contains(d.path())).map(|d| d.path());
        let made: usize = changes.iter().map(|change| change.mended.made.len() + usize::from(change.recoded)).sum();
        for said in self.summary(made, changes.len(), left, others.collect::<BTreeSet<_>>().len()) {
            shell.note(said.in_language(language));
        }
        let open = left > 0 || self.dry_run && !changes.is_empty();
        Ok(if open { Ended::Findings } else { Ended::Clean })
    }

    /// The records that are meant.
    fn meant<'a>(&self, archive: &'a Archive, world: &World<'_>) -> Result<Vec<&'a Record>, Failure> {
        let mut entries: Vec<Option<(usize, usize)>> = vec![None; archive.records.len()];
        for (d, dossier) in world.dossiers.iter().enumerate() {
            for (e, entry) in dossier.entries.iter().enumerate() {
                entries[entry.index] = Some((d, e));
            }
        }
        let mut known = vec![false; self.subjects.len()];
        let mut is_meant = |at: usize| {
            let entry = entries[at].map(|(d, e)| (&world.dossiers[d], world.entry((d, e))));
            if self.subjects.is_empty() {
                let entered = entry.map(|(_, entry)| entry.evidence.known && !entry.evidence.pending);
                return !entered.unwrap_or(archive.committed[at] == Committed::Committed);
            }
            let path = archive.records[at].path();
            let is_called = |name: &str| {
                let by_name = entry.is_some_and(|(dossier, entry)| entry.is_called(name) || dossier.is_called(name));
                by_name || name == "." || within(path, name)
            };
            let called: Vec<usize> = (0..self.subjects.len()).filter(|&nth| is_called(&self.subjects[nth])).collect();
            called.iter().for_each(|&nth| known[nth] = true);
            !called.is_empty()
        };
        let meant: Vec<&Record> = (0..archive.records.len()).filter(|&at| is_meant(at)).map(|at| &archive.records[at]).collect();
        match known.iter().position(|known| !known).map(|nth| &self.subjects[nth]) {
            Some(what) => Err(Failure::plain(say!("没有叫“{what}”的记录、案卷或文件夹", "there is no record, dossier or folder `{what}`"))),
            None => Ok(meant),
        }
    }

    /// What was done, and what was not.
    fn summary(&self, made: usize, records: usize, left: usize, others: usize) -> Vec<Text> {
        let mut said = vec![match (made, self.dry_run) {
            (0, _) => say!("没有可以放心改正的写法", "there is nothing to correct that can be corrected safely"),
            (_, true) => {
                say!("可以改正 {made} 处，共 {records} 份记录；什么也没有改", "{made} corrections in {records} records; none was made")
            }
            (_, false) => say!("改正了 {made} 处，共 {records} 份记录", "{made} corrections in {records} records"),
        }];
        if left > 0 {
            said.push(say!("还有 {left} 处错误要人来改，见 anjuan check", "{left} errors are left to people; see `anjuan check`"));
        }
        if self.subjects.is_empty() && others > 0 {
            said.push(say!(
                "另有 {others} 份已进入主分支的记录没有动：改动会使审批失效；要改就写明是哪一份",
                "{others} records that have entered the main branch were left alone: a change makes approvals void; name those to be changed"
            ));
        }
        said
    }
}

impl<'a> Change<'a> {
    /// What becomes of a record; nothing of one that cannot be read or whose text was in no encoding.
    fn of(archive: &Archive, rulebook: &Rulebook, record: &'a Record) -> Option<Self> {
        let bytes = fs::read(archive.root.join(record.path())).ok()?;
        let text = record.source.text();
        let recoded = bytes != text.as_bytes();
        let lost = recoded && text.contains(char::REPLACEMENT_CHARACTER);
        (!lost).then(|| Self { record, mended: rulebook.mended(&record.source), recoded })
    }

    /// The changes, a line each.
    fn told(&self, language: Language) -> String {
        let path = self.record.path();
        let mut out = self.recoding(language).map_or_else(String::new, |said| format!("{path}  {said}\n"));
        let line = |d: &Diagnostic| d.place.as_ref().map_or(1, |place| place.start().line);
        let mut made: Vec<&Diagnostic> = self.mended.made.iter().collect();
        made.sort_by_key(|d| line(d));
        for d in made {
            let message = d.message.in_language(language);
            // What it becomes is often what the message demands.
            let becomes = d.fixes.first().filter(|fix| !message.contains(&fix.replacement));
            let becomes = becomes
                .map_or_else(String::new, |fix| format!("{}{}", say!("；", "; ").in_language(language), fix.title.in_language(language)));
            out.push_str(&format!("{path}:{}  {message}{becomes}\n", line(d)));
        }
        out
    }

    /// The same as a patch.
    fn patch(&self, language: Language) -> String {
        let path = self.record.path();
        let said = self.recoding(language).map_or_else(String::new, |said| format!("# {path}  {said}\n"));
        said + &patch::render(path, Some(self.record.source.text()), self.mended.source.text())
    }

    fn recoding(&self, language: Language) -> Option<String> {
        self.recoded.then(|| say!("存为 UTF-8", "saved as UTF-8").in_language(language).to_owned())
    }
}
