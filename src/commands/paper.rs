//! `anjuan paper`: typeset a record, a dossier, everything, or a blank form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::guard::Guard;
use super::reader::Reader;
use super::{Ended, Shell, init};
use crate::diagnostic::{Diagnostics, Severity};
use crate::failure::Failure;
use crate::publish::output;
use crate::publish::paper::Job;
use crate::publish::report::human;
use crate::publish::view::{self, RecordView, Viewer};
use crate::say;

/// Typeset papers 排版表单
#[derive(Debug, Args)]
pub struct Paper {
    /// A record (NS-C2026-001/C03 or its path) or a dossier's number
    subject: Option<String>,
    /// Every record, each by itself
    #[arg(long, conflicts_with = "subject")]
    all: bool,
    /// The blank paper of a form
    #[arg(long, value_name = "FORM", conflicts_with_all = ["subject", "all"])]
    blank: Option<String>,
    /// Only this extract of the record, such as `assessment`
    #[arg(long, value_name = "KEY", conflicts_with_all = ["all", "blank"])]
    extract: Option<String>,
    /// For whom: an audience of the rulebook; the highest when none is named
    #[arg(long)]
    audience: Option<String>,
    /// Folder for the PDFs
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

impl Paper {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let language = shell.language(&archive);
        let reader = Reader::named_or_highest(&archive, &rulebook, self.audience.as_deref())?;
        let level = reader.level;
        let theme = output::theme(&archive);
        let viewer = Viewer::new(&archive, &judgement, level, language, true).with_words(theme.words(language));
        let frame = reader.frame(view::frame(&viewer));
        let (press, mut found) = output::press(&archive, &rulebook, &theme);
        let world = &judgement.world;
        let mut records: Vec<(Option<usize>, RecordView)> = Vec::new();
        let mut shown: BTreeSet<usize> = BTreeSet::new();
        if let Some(code) = &self.blank {
            let form = rulebook.form_named(code).ok_or_else(|| Failure::plain(say!("没有表单 {code}", "there is no form {code}")))?;
            records.push((None, view::blank(&rulebook, &rulebook.forms[form])));
        } else {
            for (d, dossier) in world.dossiers.iter().enumerate() {
                let whole = self.subject.as_deref().is_some_and(|name| dossier.is_called(name));
                for (e, entry) in dossier.entries.iter().enumerate() {
                    let named = self.subject.as_deref().is_some_and(|name| entry.is_called(name));
                    if self.all || whole || named {
                        shown.insert(d);
                        let extracts = || rulebook.forms[entry.form].extracts.iter();
                        match &self.extract {
                            None => records.push((whole.then_some(d), viewer.record((d, e)))),
                            Some(key) => records
                                .extend(extracts().filter(|spec| spec.key.value == *key).map(|spec| (None, viewer.extract((d, e), spec)))),
                        }
                    }
                }
            }
        }
        if records.is_empty() {
            let what = self.subject.clone().unwrap_or_default();
            return Err(Failure::plain(say!("没有叫“{what}”的记录或案卷", "there is no record or dossier `{what}`")).help(say!(
                "写 案卷编号/记录、案卷编号，或用 --all、--blank",
                "write NUMBER/RECORD, a dossier's number, --all or --blank"
            )));
        }
        reader.admit(shell, language, &judgement, shown)?;
        let out = shell.directory.join(&self.out);
        let whole = records.first().and_then(|(d, _)| *d);
        let jobs: Vec<(String, Job<'_>)> = match whole {
            Some(d) => {
                let dossier = &world.dossiers[d];
                let kind = dossier.kind.map_or("", |kind| rulebook.settings.dossiers[kind].kind.as_str());
                let list = records.iter().map(|(_, r)| r).collect();
                let job = output::dossier_job(&viewer, &frame, (&dossier.number, kind), list);
                vec![(format!("{}.pdf", dossier.number), job)]
            }
            None => records
                .iter()
                .map(|(_, record)| {
                    if let Some(key) = &self.extract {
                        let name = format!("{}-{key}.pdf", record.row.link.text.replace('/', "-"));
                        (name, output::extract_job(&viewer, &frame, record))
                    } else if record.paper.blank {
                        (format!("{}-blank.pdf", record.form), output::blank_job(&viewer, &frame, record))
                    } else {
                        (format!("{}.pdf", record.row.link.text.replace('/', "-")), output::record_job(&viewer, &frame, record))
                    }
                })
                .collect(),
        };
        let bar = shell.progress(jobs.len(), say!("排版", "typesetting").in_language(language));
        let (names, jobs): (Vec<String>, Vec<Job<'_>>) = jobs.into_iter().unzip();
        let failed = std::sync::Mutex::new(None);
        let (guard, leaks) = (Guard::of(&archive, &rulebook, &judgement, level), std::sync::Mutex::new(Vec::new()));
        found.extend(press.typeset_all(&jobs, &|nth: usize, pdf: Vec<u8>| {
            bar.inc(1);
            let found = guard.leaks(&names[nth], &pdf);
            if let (false, Ok(mut leaks)) = (found.is_empty(), leaks.lock()) {
                leaks.extend(found);
                return;
            }
            if let (Err(failure), Ok(mut failed)) = (init::write(&out, &names[nth], &pdf), failed.lock()) {
                failed.get_or_insert(failure);
            }
        }));
        bar.finish_and_clear();
        guard.refuse(shell, language, leaks.into_inner().unwrap_or_default())?;
        if let Some(failure) = failed.into_inner().unwrap_or_default() {
            return Err(failure);
        }
        let found = Diagnostics::sorted(found);
        if !found.is_empty() {
            shell.print(&human::render(&found, language, shell.color))?;
        }
        for name in &names {
            let full = Path::new(&out).join(name);
            if full.is_file() {
                shell.print(&format!("{}\n", self.out.join(name).display()))?;
            }
        }
        Ok(if found.reach(Severity::Error) { Ended::Findings } else { Ended::Clean })
    }
}
