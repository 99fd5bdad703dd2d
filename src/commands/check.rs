//! `anjuan check`: read, judge, report.

use clap::{Args, ValueEnum};

use super::{Ended, Shell};
use crate::diagnostic::{Diagnostics, Severity};
use crate::failure::Failure;
use crate::publish::report::{human, json};
use crate::rulebook::examples;
use crate::say;

/// Check records against the rulebook 核对记录
#[derive(Debug, Args)]
pub struct Check {
    /// Only findings in these files or folders
    paths: Vec<String>,
    /// Run the examples of the rules as well, and check nothing but the rulebook
    #[arg(long)]
    rulebook: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value = "error")]
    deny: Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
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
        let mut judgement = rulebook.judge(&archive, shell.today(&archive));
        if !self.paths.is_empty() {
            let kept = judgement.findings.iter().filter(|d| self.paths.iter().any(|path| within(d.path(), path))).cloned().collect();
            judgement.findings = Diagnostics::sorted(kept);
        }
        let text = match self.format {
            Format::Human => human::render(&judgement.findings, language, shell.color),
            Format::Json => {
                let name = archive.root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                json::render(&judgement, archive.history.head.map(|id| id.to_string()), &name, language)
            }
        };
        shell.print(&text)?;
        Ok(ended(&judgement.findings, threshold))
    }
}

fn ended(findings: &Diagnostics, threshold: Severity) -> Ended {
    if findings.reach(threshold) { Ended::Findings } else { Ended::Clean }
}

/// Whether `path` is `wanted` or lies below it.
fn within(path: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
    path == wanted || path.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
}
