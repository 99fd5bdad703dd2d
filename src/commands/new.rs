//! `anjuan new`: the next record of a form, with everything that is already known filled in.

use chrono::NaiveDate;
use clap::Args;

use super::{Ended, Shell, init};
use crate::failure::Failure;
use crate::rulebook::context::World;
use crate::rulebook::form::{Field, Form, Kind, Per, Requirement};
use crate::rulebook::{Rulebook, State};
use crate::say;

/// Start the next record 新写一份记录
#[derive(Debug, Args)]
pub struct New {
    /// The form's code or name
    form: String,
    /// The dossier's number; a new dossier is made when there is none
    #[arg(long, value_name = "NO")]
    dossier: Option<String>,
    /// Whose record it is
    #[arg(long, value_name = "NAME")]
    worker: Option<String>,
}

impl New {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let name = &self.form;
        let at = rulebook.form_named(name).ok_or_else(|| Failure::plain(say!("没有表单 {name}", "there is no form {name}")))?;
        let form = &rulebook.forms[at];
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let folder = folder(&rulebook, form, self.dossier.as_deref())?;
        let dossier = judgement.world.dossiers.iter().position(|d| Some(&d.path) == folder.as_ref());
        let taken = dossier.map_or(0, |d| judgement.world.of_form(d, at).count());
        let code = &form.code.value;
        let stem = match form.per {
            Per::Dossier if taken > 0 => return Err(Failure::plain(say!("这个案卷已有《{code}》", "this dossier has a {code} already"))),
            Per::Dossier => code.clone(),
            _ => stems(&judgement.world, form, dossier).next().unwrap_or_default(),
        };
        let path = path(form, folder.as_deref(), &stem);
        if archive.root.join(&path).exists() {
            return Err(Failure::plain(say!("{path} 已经存在，没有写入", "{path} exists already; nothing was written")));
        }
        let worker = self.worker.clone().or_else(|| dossier.and_then(|d| judgement.world.dossier_worker(d)));
        let text = scaffold(&rulebook, form, shell.today(&archive.config), worker.as_deref());
        init::write(&archive.root, &path, text.as_bytes())?;
        let mut out = format!("{path}\n");
        for o in judgement.obligations.iter().filter(|o| Some(o.dossier) == dossier && o.outcome.state != State::NotApplicable) {
            let rule = &rulebook.rules[o.rule];
            if let (true, Some(due)) = (rule.source.slice(rule.span).contains(&format!("{code}@submitted")), o.outcome.due) {
                let (id, title, state) = (&rule.id.value, &rule.title, o.outcome.state.text());
                out.push_str(
                    say!("{id} {title}：{due} 前（{state}）\n", "{id} {title}: by {due} ({state})\n"; state).in_language(language),
                );
            }
        }
        shell.print(&out)?;
        Ok(Ended::Clean)
    }
}

/// The names that the next records of a form could have in a dossier.
pub(super) fn stems<'w>(world: &'w World<'_>, form: &'w Form, dossier: Option<usize>) -> impl Iterator<Item = String> + 'w {
    let code = &form.code.value;
    let own = move || dossier.into_iter().flat_map(|d| &world.dossiers[d].entries);
    let taken = own().filter(|entry| std::ptr::eq(world.form(entry), form)).count();
    let names = (taken.max(1)..).map(move |nth| format!("{code}-{nth:02}"));
    names.filter(move |name| !own().any(|entry| entry.record.stem() == name))
}

/// Where a record of a form is kept: in the folder of its dossier, or with others of its form.
pub(super) fn path(form: &Form, folder: Option<&str>, stem: &str) -> String {
    let folder = folder.map_or_else(|| form.code.value.to_lowercase(), str::to_owned);
    format!("{folder}/{stem}.md")
}

/// The folder of the dossier with that number, by the pattern of numbers; none for forms whose records stand alone.
pub(super) fn folder(rulebook: &Rulebook, form: &Form, number: Option<&str>) -> Result<Option<String>, Failure> {
    let kinds: Vec<_> = form.dossiers.iter().filter_map(|k| rulebook.settings.kind(k)).map(|k| &rulebook.settings.dossiers[k]).collect();
    if kinds.is_empty() {
        return Ok(None);
    }
    let Some(number) = number else {
        let names = kinds.iter().map(|k| k.kind.as_str()).collect::<Vec<_>>().join("、");
        return Err(Failure::plain(say!("要用 --dossier 写明案卷编号（{names}）", "name the dossier with --dossier ({names})")));
    };
    let kind = kinds.iter().find(|k| k.number.as_ref().is_none_or(|pattern| pattern.is_match(number)));
    let kind = kind.ok_or_else(|| {
        let rules = kinds.iter().filter_map(|k| k.number.as_ref().map(|p| format!("{} {p}", k.kind))).collect::<Vec<_>>().join("; ");
        Failure::plain(say!("编号 {number} 不合编号规则", "the number {number} does not follow the rule"))
            .help(say!("规则：{rules}", "rules: {rules}"))
    })?;
    Ok(Some(format!("{}/{number}", kind.folder)))
}

/// What is known of a record before anybody writes it: its day and whose it is.
pub(super) fn known<'b>(rulebook: &'b Rulebook, today: NaiveDate, worker: Option<&str>) -> Vec<(&'b str, String)> {
    let settings = &rulebook.settings;
    let day = settings.date_field.as_deref().map(|field| (field, today.to_string()));
    let worker = settings.worker_field.as_deref().zip(worker).map(|(field, worker)| (field, worker.to_owned()));
    day.into_iter().chain(worker).collect()
}

/// The text of an empty record: every field that is written by hand, required ones first to see.
fn scaffold(rulebook: &Rulebook, form: &Form, today: NaiveDate, worker: Option<&str>) -> String {
    let known = known(rulebook, today, worker);
    let mut out = format!("---\n{}: {}            # {}\n", rulebook.settings.form_key, form.code.value, form.name);
    for field in form.fields.iter().filter(|f| f.computed.is_none()) {
        let name = &field.name.value;
        let value = known.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value);
        out.push_str(format!("{name}: {value}").trim_end());
        let hint = hint(field);
        out.push_str(&if hint.is_empty() { "\n".to_owned() } else { format!("            # {hint}\n") });
    }
    out.push_str("---\n");
    for section in &form.sections {
        out.push_str(&format!("\n## {}\n\n", section.name.value));
        if let Some(guide) = &section.guide {
            out.push_str(&format!("<!-- {guide} -->\n"));
        }
    }
    out
}

fn hint(field: &Field) -> String {
    let mut parts = Vec::new();
    match &field.required {
        Requirement::Always => parts.push("必填".to_owned()),
        other => parts.extend(other.condition().map(|when| when.zh)),
    }
    match field.kind {
        Kind::Choice => parts.push(field.options.join(" / ")),
        Kind::Multichoice => parts.push(format!("[{}]", field.options.join(", "))),
        Kind::Date => parts.push("2026-03-05".to_owned()),
        Kind::Datetime => parts.push("2026-03-05T14:30".to_owned()),
        Kind::Bool => parts.push("是 / 否".to_owned()),
        Kind::Table => parts.push(format!(
            "每行 - {{ {} }}",
            field
                .columns
                .iter()
                .filter(|c| c.computed.is_none())
                .map(|c| format!("{}: ", c.name.value))
                .collect::<Vec<_>>()
                .join(", ")
                .trim_end()
        )),
        _ => {}
    }
    parts.extend(field.note.clone());
    parts.join(";").replace(['\n', '\r'], " ")
}
