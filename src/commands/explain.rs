//! `anjuan explain`: what a rule, form, article or code says, and why it fired or did not.

use clap::Args;

use super::{Ended, Shell};
use crate::diagnostic::{CODES, Language};
use crate::failure::Failure;
use crate::publish::view::Viewer;
use crate::rulebook::State;
use crate::say;
use crate::yaml::de::nearest;

/// Explain a rule, form, article or code 解释
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule (R31-3a), form (C03), article (31.3) or code (F101)
    name: String,
    /// Only for this record or dossier: why it fired there or did not
    #[arg(long)]
    record: Option<String>,
}

impl Explain {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let name = self.name.as_str();
        let mut out = String::new();
        if let Some((at, rule)) = rulebook.rule(name) {
            let article = rulebook.article(&rule.article).map_or(rule.article.value.as_str(), |a| a.number.as_str());
            out.push_str(&format!("{name}  {}\n{article}  {}  {}\n", rule.title, rule.kind, rule.severity.word()));
            if let Some(when) = &rule.when {
                out.push_str(&format!("{}\n", say!("只在 {when} 时适用", "applies only where {when}").in_language(language)));
            }
            for said in rule.must.says() {
                out.push_str(&format!("- {}\n", said.in_language(language)));
            }
            if let Some(help) = &rule.help {
                out.push_str(&format!("{}{help}\n", say!("办法：", "help: ").in_language(language)));
            }
            out.push_str(&self.fired(shell, &archive, &rulebook, at, language)?);
        } else if let Some(form) = rulebook.form_named(name) {
            let form = &rulebook.forms[form];
            out.push_str(&format!("{}  {}\n", form.code.value, form.name));
            out.push_str(&form.guide.as_ref().map_or_else(String::new, |g| format!("{g}\n")));
            for field in &form.fields {
                let mark = if field.computed.is_some() {
                    "="
                } else if field.required == crate::rulebook::form::Requirement::Always {
                    "*"
                } else {
                    " "
                };
                let note = field.note.as_deref().unwrap_or_default();
                out.push_str(&format!("{mark} {}  {}  {note}\n", field.name.value, field.kind.word()));
            }
            for section in &form.sections {
                out.push_str(&format!("  ## {}  {}\n", section.name.value, section.guide.as_deref().unwrap_or_default()));
            }
        } else if let Some(article) = rulebook.article(name) {
            out.push_str(&format!("{}  {}\n{}\n", article.number, article.chapter, article.gist));
            out.push_str(&article.reading.as_ref().map_or_else(String::new, |r| format!("{r}\n")));
            for rule in article.rules.iter().filter_map(|id| rulebook.rule(id)) {
                out.push_str(&format!("- {}  {}\n", rule.1.id.value, rule.1.title));
            }
        } else if let Some(code) = CODES.iter().find(|c| c.code.eq_ignore_ascii_case(name)) {
            out.push_str(&format!("{}  {}\n", code.code, if language == Language::Zh { code.zh } else { code.en }));
        } else {
            let known = rulebook
                .rules
                .iter()
                .map(|r| r.id.as_str())
                .chain(rulebook.forms.iter().map(|f| f.code.as_str()))
                .chain(CODES.iter().map(|c| c.code));
            let failure = Failure::plain(say!("不认识“{name}”：不是规则、表单、条文或代码", "`{name}` is no rule, form, article or code"));
            return Err(failure.perhaps(nearest(name, known)));
        }
        shell.print(&out)?;
        Ok(Ended::Clean)
    }

    /// Where the rule fired, and with `--record` also where it did not, each with its facts.
    fn fired(
        &self,
        shell: &Shell,
        archive: &crate::archive::Archive,
        rulebook: &crate::rulebook::Rulebook,
        at: usize,
        language: Language,
    ) -> Result<String, Failure> {
        let judgement = rulebook.judge(archive, shell.today(&archive.config));
        let viewer = Viewer::new(archive, &judgement, rulebook.settings.audiences.len().saturating_sub(1), language, false);
        let mut out = String::new();
        for o in judgement.obligations.iter().filter(|o| o.rule == at) {
            let dossier = &judgement.world.dossiers[o.dossier];
            let entry = o.entry.map(|e| &dossier.entries[e]);
            let wanted = match &self.record {
                Some(name) => entry.is_some_and(|entry| entry.is_called(name)) || dossier.is_called(name),
                None => o.outcome.state != State::NotApplicable,
            };
            if !wanted {
                continue;
            }
            let view = viewer.obligation(o);
            let due = view.due.map_or_else(String::new, |day| format!("  {day}"));
            out.push_str(&format!("\n{}  {}{due}  {}\n", view.subject.text, view.state.text, view.state.title));
            for fact in &view.facts {
                out.push_str(&format!("    {fact}\n"));
            }
        }
        Ok(out)
    }
}
