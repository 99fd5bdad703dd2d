//! `anjuan import`: workbooks that people filled in, put into records.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::{Ended, Shell, init, new, rewrite};
use crate::archive::workbook::Workbook;
use crate::archive::{Archive, Record};
use crate::diagnostic::{Diagnostic, Diagnostics, Language, Severity};
use crate::failure::Failure;
use crate::publish::report::{human, patch};
use crate::publish::view::digest;
use crate::rulebook::context::World;
use crate::rulebook::form::Per;
use crate::rulebook::workbook::{Entered, Grid, Origin};
use crate::rulebook::{Judgement, Rulebook};
use crate::say;

/// Put filled-in workbooks into records 导入表格
///
/// Workbooks that `anjuan excel` made say which records they are for. Any other one is read where it has at least half of the
/// names of a form in one row, or in one column. Every cell is checked as a record would be; if anything is wrong, all of it is
/// told by row and column and nothing is written.
#[derive(Debug, Args)]
pub struct Import {
    /// Workbooks (.xlsx)
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The form that a workbook from elsewhere fills
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// The number of its dossier
    #[arg(long, value_name = "NO")]
    dossier: Option<String>,
    /// The record that it fills; the next one when none is named
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["form", "dossier"])]
    record: Option<String>,
    /// Whose records new ones are
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
    /// Take the workbook's word for all that it has names for: where a record was changed after the workbook had been made, and
    /// where a cell is empty
    #[arg(long)]
    replace: bool,
    /// Print the changes as a patch and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A record to be written.
struct Draft<'a> {
    path: String,
    before: Option<&'a Record>,
    entered: Entered,
}

impl Import {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let (mut drafts, mut found) = (Vec::new(), Vec::new());
        for file in &self.files {
            let book = Workbook::read(&shell.directory.join(file))?;
            let (own, said) = self.drafts(shell, &archive, &judgement, &book, &drafts)?;
            drafts.extend(own);
            found.extend(said);
        }
        drafts.iter_mut().for_each(|draft: &mut Draft<'_>| found.append(&mut draft.entered.wrong));
        let found = Diagnostics::sorted(found);
        if !found.is_empty() {
            shell.print(&human::render(&found, language, shell.color))?;
        }
        let wrong = found.count(Severity::Error);
        if wrong > 0 {
            let told =
                say!("有 {wrong} 处不对，什么也没有写入；在表格里改正再导入", "{wrong} errors; nothing was written. Mend the workbook");
            shell.note(told.in_language(language));
            return Ok(Ended::Findings);
        }
        let changed: Vec<&Draft<'_>> = drafts.iter().filter(|draft| !draft.entered.changed.is_empty()).collect();
        for draft in &changed {
            let (path, text) = (draft.path.as_str(), draft.entered.source.text());
            if self.dry_run {
                shell.print(&patch::render(path, draft.before.map(|record| record.source.text()), text))?;
                continue;
            }
            match draft.before {
                Some(record) => rewrite(&archive, record, text)?,
                None => init::write(&archive.root, path, text.as_bytes())?,
            }
            shell.print(&draft.told(language))?;
        }
        self.summary(shell, language, &judgement.world, &changed, drafts.len());
        Ok(Ended::Clean)
    }

    /// The records that a workbook fills, and what is wrong with it as a whole.
    fn drafts<'a>(
        &self,
        shell: &Shell,
        archive: &'a Archive,
        judgement: &Judgement<'a>,
        book: &Workbook,
        others: &[Draft<'_>],
    ) -> Result<(Vec<Draft<'a>>, Vec<Diagnostic>), Failure> {
        let (world, rulebook) = (&judgement.world, judgement.world.rulebook);
        let origin = Origin::of(book);
        let (form, folder, named) = self.target(world, rulebook, book, &origin)?;
        let own = &rulebook.forms[form];
        let dossier = world.dossiers.iter().position(|dossier| Some(&dossier.path) == folder.as_ref());
        let grid = Grid::of(book);
        let (fillings, mut found) = grid.fillings(rulebook, own);
        if fillings.is_empty() {
            let (file, code) = (&book.name, &own.code.value);
            return Err(Failure::plain(say!("{file} 里没有认出《{code}》的栏目", "{file} has no names of the form {code}")).help(say!(
                "栏目名要写在同一行或同一列，至少有一半；anjuan excel {code} 可以输出一份空表",
                "write at least half of the names in one row or one column; `anjuan excel {code}` makes an empty one"
            )));
        }
        let worker = self.worker.clone().or_else(|| dossier.and_then(|d| world.dossier_worker(d)));
        let known = new::known(rulebook, shell.today(&archive.config), worker.as_deref());
        let mut taken: BTreeSet<String> = others.iter().map(|draft| draft.path.clone()).collect();
        let mut drafts: Vec<Draft<'a>> = Vec::new();
        let single = origin.records.keys().next().filter(|_| origin.records.len() == 1);
        for mut filling in fillings {
            let stem = filling.key.clone().or_else(|| named.clone()).or_else(|| single.cloned());
            // A workbook that names no records may come twice.
            let there = || dossier.into_iter().flat_map(|d| world.of_form(d, form).map(move |e| world.entry((d, e)).record));
            let free = || there().filter(|record| !taken.contains(record.path()));
            let same = || rulebook.said_by(form, &grid, &filling, free()).map(|record| record.stem().to_owned());
            let stem = match stem.or_else(same) {
                Some(stem) => stem,
                None if own.per == Per::Dossier => own.code.value.clone(),
                None => {
                    let free = |stem: &String| !taken.contains(&new::path(own, folder.as_deref(), stem));
                    new::stems(world, own, dossier).find(free).unwrap_or_default()
                }
            };
            let path = new::path(own, folder.as_deref(), &stem);
            let before = archive.record(&path);
            let code = own.code.value.as_str();
            let fits = |rest: &str| rest.is_empty() || rest.starts_with('-') && !rest.contains(['/', '\\']);
            // A record that is there may be called otherwise, where its form claims it by its path.
            let is_name = before.is_some() || stem.strip_prefix(code).is_some_and(fits);
            if !is_name || !taken.insert(path.clone()) {
                let message = say!("「{stem}」不是《{code}》记录的名字，或写了两次", "`{stem}` is no name of a {code} or is there twice");
                found.push(grid.told(Diagnostic::error("F206", None, message), filling.at));
                continue;
            }
            if let Some(record) = before.filter(|record| record.unreadable || rulebook.form_of(record) != Some(form)) {
                let shown = record.path();
                let message = say!("{shown} 读不全，或不是这种表单", "{shown} cannot be read in whole or is of another form");
                let help = say!("先用 anjuan check 看清并改正它", "see `anjuan check` and mend it first");
                found.push(grid.told(Diagnostic::error("F100", None, message).help(help), filling.at));
                continue;
            }
            // A workbook that nobody filled in is no record.
            if before.is_none() && filling.says_nothing_but(&known) {
                continue;
            }
            if before.is_none() {
                known.iter().for_each(|(field, value)| filling.assume(field, value));
            }
            let then = origin.records.get(&stem);
            let now = before.map(|record| digest(record.source.text().as_bytes())).unwrap_or_default();
            let whole = self.replace || then.is_some_and(|then| *then == now);
            let mut entered = rulebook.entered(form, &grid, &filling, &path, before, whole);
            if then.is_some_and(|then| *then != now) && !self.replace && before.is_some() && !entered.changed.is_empty() {
                let names = entered.changed.join("、");
                let message = say!(
                    "表格输出以后，{path} 又改过；两边不同的：{names}",
                    "{path} was changed after the workbook had been made; they differ in {names}"
                );
                let help = say!(
                    "以表格为准就加 --replace；先看差别加 --dry-run --replace",
                    "add --replace to take the workbook's word; --dry-run --replace shows the difference"
                );
                entered.wrong.push(grid.told(Diagnostic::error("F140", None, message).key(&path).help(help), filling.at));
            }
            drafts.push(Draft { path, before, entered });
        }
        Ok((drafts, found))
    }

    /// The form that a workbook fills, the folder of its records, and the record if one is named.
    fn target(
        &self,
        world: &World<'_>,
        rulebook: &Rulebook,
        book: &Workbook,
        origin: &Origin,
    ) -> Result<(usize, Option<String>, Option<String>), Failure> {
        if let Some(name) = &self.record {
            let at = world.record_named(name);
            let at = at.ok_or_else(|| Failure::plain(say!("没有记录 {name}", "there is no record {name}")))?;
            let entry = world.entry(at);
            let folder = entry.record.path().rsplit_once('/').map(|(folder, _)| folder.to_owned());
            return Ok((entry.form, folder, Some(entry.record.stem().to_owned())));
        }
        let file = &book.name;
        let form = self.form.as_ref().or(origin.form.as_ref()).ok_or_else(|| {
            Failure::plain(say!("{file} 没有写明是什么表单", "{file} does not say which form it fills"))
                .help(say!("用 --form 写明表单，用 --dossier 写明案卷编号", "name the form with --form and the dossier with --dossier"))
        })?;
        let at = rulebook.form_named(form).ok_or_else(|| Failure::plain(say!("没有表单 {form}", "there is no form {form}")))?;
        let own = &rulebook.forms[at];
        let folder = match (&self.dossier, &origin.folder) {
            (None, Some(folder)) => {
                // What a workbook says is checked like what people say.
                let number = folder.rsplit('/').next().filter(|number| !number.is_empty());
                let checked = new::folder(rulebook, own, number)?;
                if own.dossiers.is_empty() { checked } else { checked.filter(|own| own == folder) }
            }
            (number, _) => new::folder(rulebook, own, number.as_deref())?,
        };
        if folder.is_none() && !own.dossiers.is_empty() {
            return Err(Failure::plain(say!("{file} 写的案卷不合编号规则", "{file} names a dossier that cannot be"))
                .help(say!("用 --dossier 写明案卷编号", "name the dossier with --dossier")));
        }
        Ok((at, folder, None))
    }

    fn summary(&self, shell: &Shell, language: Language, world: &World<'_>, changed: &[&Draft<'_>], all: usize) {
        let (n, same) = (changed.len(), all - changed.len());
        shell.note(
            match self.dry_run {
                true => {
                    say!("{n} 份记录会改变，{same} 份不变；什么也没有写入", "{n} records would change, {same} not; nothing was written")
                }
                false => say!("写入 {n} 份记录，{same} 份不变", "{n} records written, {same} as they were"),
            }
            .in_language(language),
        );
        let entered = |draft: &&&Draft<'_>| {
            world.record_named(&draft.path).map(|at| &world.entry(at).evidence).is_some_and(|evidence| evidence.known && !evidence.pending)
        };
        let void = changed.iter().filter(entered).count();
        if void > 0 {
            let told = say!(
                "其中 {void} 份已进入主分支：改动会使审批失效，要重新审批",
                "{void} of them have entered the main branch: their approvals are void and must be given again"
            );
            shell.note(told.in_language(language));
        }
    }
}

impl Draft<'_> {
    fn told(&self, language: Language) -> String {
        let (path, changed) = (&self.path, self.entered.changed.join("、"));
        let what = match self.before {
            Some(_) => say!("改了：{changed}", "changed: {changed}"),
            None => say!("新", "new"),
        };
        format!("{path}  {}\n", what.in_language(language))
    }
}
