//! `anjuan decrypt`: what is encrypted, in clear.

use std::path::PathBuf;

use clap::Args;

use super::encrypt::named;
use super::ring::{Closed, Ring};
use super::{Ended, Shell, rewrite};
use crate::archive::encryption::armour;
use crate::archive::encryption::parts;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::failure::Failure;
use crate::publish::report::human;
use crate::rulebook::encryption::damaged;
use crate::say;
use crate::source::{Place, Span};

/// Print records in clear, or turn them back in place 解密
#[derive(Debug, Args)]
#[command(alias = "open")]
pub struct Decrypt {
    /// Dossiers or records
    #[arg(value_name = "DOSSIER|RECORD", required = true)]
    subjects: Vec<String>,
    /// Write the files instead of printing them: encrypt them again before you commit
    #[arg(long)]
    in_place: bool,
    /// Your SSH private key; ~/.ssh/id_ed25519 or id_rsa when none is named
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Decrypt {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let language = shell.language(&archive);
        let ring = Ring::of(shell, self.key.as_deref(), true, language)?;
        let mut found = Vec::new();
        let mut written = 0;
        let named = named(&judgement.world, &self.subjects)?;
        let many = named.iter().map(|(_, entries)| entries.len()).sum::<usize>() > 1;
        for (dossier, entries) in named {
            for record in entries.iter().map(|entry| entry.record) {
                let mut changes = Vec::new();
                for part in parts::of(record).into_iter().filter(|part| part.encrypted) {
                    let at = |at: usize| Place::new(&record.source, Span::at(part.span.start + at));
                    let name = &part.name;
                    let sealed = match armour::read(record.source.slice(part.span)) {
                        Ok(sealed) => sealed,
                        Err(fault) => {
                            found.push(damaged(record, fault, part.span.start, name));
                            continue;
                        }
                    };
                    match ring.decrypt(&archive.keys, &sealed) {
                        Ok(plain) => changes.push((part.span, plain)),
                        Err(Closed::Refused(refusal)) => {
                            let what = refusal.text();
                            let message = say!("「{name}」：{what}", "`{name}`: {what}"; what);
                            let help = armour::FaultKind::Truncated.help();
                            found.push(Diagnostic::error("E201", at(sealed.span.start), message).help(help).key(name));
                        }
                        Err(closed) => return Err(closed.failure(&archive, &dossier.number, sealed.tag().unwrap_or("?"))),
                    }
                }
                let changed = !changes.is_empty();
                let text = parts::replaced(record.source.text(), changes);
                if self.in_place {
                    if changed {
                        rewrite(&archive, record, &text)?;
                        shell.print(&format!("{}\n", record.path()))?;
                        written += 1;
                    }
                } else {
                    if many {
                        shell.print(&format!("==> {} <==\n", record.path()))?;
                    }
                    shell.print(&text)?;
                }
            }
        }
        if written > 0 {
            shell.note(
                say!("现在是明文。改好以后运行 anjuan encrypt，再提交", "these stand in clear now: run anjuan encrypt before you commit")
                    .in_language(language),
            );
        }
        let found = Diagnostics::sorted(found);
        if !found.is_empty() {
            shell.note(human::render(&found, language, shell.color).trim_end());
        }
        Ok(if found.is_empty() { Ended::Clean } else { Ended::Findings })
    }
}
