//! `anjuan excel`: a record as a workbook to be filled in, or many of them.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, Shell, new};
use crate::failure::Failure;
use crate::publish::view::digest;
use crate::publish::view::workbook::{Subject, Wanted, of};
use crate::publish::workbook;
use crate::rulebook::form::Per;
use crate::rulebook::workbook::Origin;
use crate::say;

/// Rows that are left for records of participants.
const ROOM: usize = 100;

/// Make a workbook to fill in with Excel or WPS 用表格填写
///
/// A form is made for its next record; one that each participant fills has a row for every record, those that are there and
/// further ones. A record is made with what it holds. `anjuan import` reads it back. The workbook names people as the record does:
/// keep it where the record may be kept, and delete it afterwards.
#[derive(Debug, Args)]
pub struct Excel {
    /// The form's code or name, or a record (NS-G2026-001/G06-01 or its path)
    #[arg(value_name = "FORM|RECORD")]
    subject: String,
    /// The dossier's number
    #[arg(long, value_name = "NO")]
    dossier: Option<String>,
    /// Whose record it is
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// The file; named after the record, in this folder, when none is named
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Excel {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let today = shell.today(&archive.config);
        let judgement = rulebook.judge(&archive, today);
        let world = &judgement.world;
        let name = &self.subject;
        let record = world.record_named(name);
        let form = record.map(|at| world.entry(at).form).or_else(|| rulebook.form_named(name));
        let form = form.ok_or_else(|| {
            Failure::plain(say!("没有叫“{name}”的表单或记录", "there is no form or record `{name}`"))
                .help(say!("写表单代码，或 案卷编号/记录", "write a form's code or NUMBER/RECORD"))
        })?;
        let own = &rulebook.forms[form];
        let folder = match record {
            Some(at) => world.entry(at).record.path().rsplit_once('/').map(|(folder, _)| folder.to_owned()),
            None => new::folder(&rulebook, own, self.dossier.as_deref())?,
        };
        let dossier = world.dossiers.iter().position(|dossier| Some(&dossier.path) == folder.as_ref());
        let others: Vec<(usize, usize)> = dossier.into_iter().flat_map(|d| world.of_form(d, form).map(move |e| (d, e))).collect();
        let many = record.is_none() && own.per == Per::Participant;
        if let (None, Per::Dossier, Some(other)) = (record, own.per, others.first()) {
            let (id, code) = (&world.entry(*other).id, &own.code.value);
            return Err(Failure::plain(say!("这个案卷已有《{code}》", "this dossier has a {code} already"))
                .help(say!("要填它，写 anjuan excel {id}", "to fill it in: anjuan excel {id}")));
        }
        let there = if many { others } else { record.into_iter().collect() };
        let next: Vec<String> = match own.per {
            _ if record.is_some() => Vec::new(),
            Per::Dossier => vec![own.code.value.clone()],
            _ => new::stems(world, own, dossier).take(if many { ROOM } else { 1 }).collect(),
        };
        let subjects = there.iter().map(|at| Subject { stem: world.entry(*at).record.stem(), at: Some(*at) });
        let subjects: Vec<Subject<'_>> = subjects.chain(next.iter().map(|stem| Subject { stem, at: None })).collect();
        let worker = self.worker.clone().or_else(|| dossier.and_then(|d| world.dossier_worker(d)));
        let known = if many { Vec::new() } else { new::known(&rulebook, today, worker.as_deref()) };
        let view = of(world, &Wanted { form, folder: folder.as_deref(), subjects: &subjects, many, known: &known }, language);
        let then = |at: (usize, usize)| digest(world.entry(at).record.source.text().as_bytes());
        let records = subjects.iter().map(|subject| (subject.stem.to_owned(), subject.at.map(then).unwrap_or_default())).collect();
        let origin = Origin { form: Some(own.code.value.clone()), folder: Some(folder.clone().unwrap_or_default()), records };
        let bytes = workbook::xlsx(&view, &origin, today, language)?;
        let number = folder.as_deref().and_then(|folder| folder.rsplit('/').next()).unwrap_or_default();
        let stem = if many { own.code.value.as_str() } else { subjects.first().map_or("", |subject| subject.stem) };
        let file = self.out.clone().unwrap_or_else(|| PathBuf::from([number, stem].join("-").trim_start_matches('-').to_owned() + ".xlsx"));
        let (full, shown) = (shell.directory.join(&file), file.display());
        if full.exists() {
            return Err(Failure::plain(say!("{shown} 已经存在，没有覆盖", "{shown} exists already and was left as it is"))
                .help(say!("先导入或移走它，或用 --out 另取一个名字", "import it, move it away, or name another with --out")));
        }
        std::fs::write(&full, bytes).map_err(|error| Failure::io("写不了文件", "cannot write", &full, error))?;
        shell.print(&format!("{shown}\n"))?;
        let told = say!("填好存盘，再运行 anjuan import {shown}", "fill it in, save it, then run `anjuan import {shown}`");
        shell.note(told.in_language(language));
        Ok(Ended::Clean)
    }
}
