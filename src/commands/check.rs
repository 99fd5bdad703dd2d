//! `anjuan check`: read, judge, report.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};

use super::since::Since;
use super::{Ended, Shell};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::failure::Failure;
use crate::publish::report::needed as report;
use crate::publish::report::{forge, human, json, junit, sarif};
use crate::rulebook::{examples, needed};
use crate::say;

/// Check records against the rulebook 核对记录
#[derive(Debug, Args)]
pub struct Check {
    /// Only findings in these files or folders
    paths: Vec<String>,
    /// Only what changed since this branch left another (such as origin/main), what that touches, and what it still needs
    #[arg(long, value_name = "REV", conflicts_with_all = ["paths", "rulebook"])]
    since: Option<String>,
    /// Run the examples of the rules as well, and check nothing but the rulebook
    #[arg(long)]
    rulebook: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value = "error")]
    deny: Deny,
    /// Write a table in Markdown there as well, such as `$GITHUB_STEP_SUMMARY`
    #[arg(long, value_name = "FILE")]
    summary: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code-scanning pages
    Sarif,
    /// Annotations of GitHub, Gitea and Forgejo workflows
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// JUnit XML: a suite for each dossier
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Errors only
    Error,
    /// Warnings too
    Warning,
}

impl Check {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let language = shell.language(&archive);
        let threshold = match self.deny {
            Deny::Error => Severity::Error,
            Deny::Warning => Severity::Warning,
        };
        if self.rulebook {
            let (count, mut found) = examples::run(&rulebook);
            found.extend(rulebook.findings.iter().cloned());
            let findings = Diagnostics::sorted(found);
            let rules = rulebook.rules.len();
            let ran = say!("{rules} 条规则，{count} 个例子", "{rules} rules, {count} examples");
            shell.print(&format!("{}{}\n", human::render(&findings, language, shell.color), ran.in_language(language)))?;
            return Ok(ended(&findings, threshold));
        }
        let today = shell.today(&archive.config);
        let mut judgement = rulebook.judge(&archive, today);
        let since = self.since.as_deref().map(|name| Since::of(&archive, name)).transpose()?;
        let mut needed = match &since {
            // The rules of the other side say what is needed: a branch does not make its own.
            Some(Since { base: Some(base), files, .. }) => needed::of(&archive, &base.judge(&archive, today), files),
            Some(since) => needed::of(&archive, &judgement, &since.files),
            None if self.summary.is_some() || self.format == Format::Json => needed::of(&archive, &judgement, &BTreeSet::new()),
            None => Vec::new(),
        };
        if let Some(since) = &since {
            needed.retain(|needed| since.touches(&needed.path));
            let mut kept: Vec<Diagnostic> = judgement.findings.iter().filter(|finding| since.concerns(finding)).cloned().collect();
            if since.base.is_some() {
                kept.extend(examples::run(&rulebook).1);
            }
            judgement.findings = Diagnostics::sorted(kept);
        }
        if !self.paths.is_empty() {
            let kept = judgement.findings.iter().filter(|d| self.paths.iter().any(|path| within(d.path(), path))).cloned().collect();
            judgement.findings = Diagnostics::sorted(kept);
        }
        let waits = if since.is_some() { report::text(&needed, language) } else { String::new() };
        if let Some(file) = &self.summary {
            append(&shell.directory.join(file), &forge::summary(&judgement.findings, &needed, language))?;
        }
        match self.format {
            Format::Human => {
                shell.print(&(human::render(&judgement.findings, language, shell.color) + &waits))?;
                let sure = judgement.findings.iter().filter(|d| !d.fixes.is_empty()).count();
                if sure > 0 {
                    let said = say!(
                        "其中 {sure} 处可以用 anjuan fix 改正；先看要改什么：anjuan fix --dry-run",
                        "`anjuan fix` can correct {sure} of them; `anjuan fix --dry-run` shows how"
                    );
                    shell.note(said.in_language(language));
                }
            }
            Format::Json => {
                let head = archive.history.head.map(|id| id.to_string());
                shell.write(|out| json::write(out, &judgement, &needed, head, &archive.name(), language))?;
            }
            Format::Sarif => shell.write(|out| sarif::write(out, &judgement, language))?,
            Format::Github => shell.print(&(forge::github(&judgement.findings, language) + &waits))?,
            Format::Gitlab => shell.write(|out| forge::gitlab(out, &judgement.findings, language))?,
            Format::Junit => shell.write(|out| junit::write(out, &judgement, language))?,
        }
        let ended = ended(&judgement.findings, threshold);
        // The process ends here: what it holds is not given back piece by piece.
        std::mem::forget(judgement);
        archive.leave();
        Ok(ended)
    }
}

/// Adds to a file: a step's summary may hold what others said.
fn append(file: &std::path::Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let open = std::fs::OpenOptions::new().create(true).append(true).open(file);
    open.and_then(|mut open| open.write_all(text.as_bytes())).map_err(|error| Failure::io("写不进", "cannot write", file, error))
}

fn ended(findings: &Diagnostics, threshold: Severity) -> Ended {
    if findings.reach(threshold) { Ended::Findings } else { Ended::Clean }
}

/// Whether `path` is `wanted` or lies below it.
pub(super) fn within(path: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
    path == wanted || path.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
}
