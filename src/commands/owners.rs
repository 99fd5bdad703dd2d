//! `anjuan owners`: the `CODEOWNERS` file, so that a forge asks the right people for a review.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, Shell};
use crate::archive::Archive;
use crate::archive::Config;
use crate::archive::{People, config, people};
use crate::failure::Failure;
use crate::rulebook::{Rulebook, owners};
use crate::say;

/// Print CODEOWNERS from the rules and the register 审阅人
#[derive(Debug, Args)]
pub struct Owners {
    /// Compare with this file instead; it has drifted where they differ
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Owners {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let read = |path: &str| Archive::text(&root, path, &mut Vec::new());
        let config = read(config::FILE).map(|source| Config::read(&source).0).unwrap_or_default();
        let people = read(people::FILE).map(|source| People::read(&source).0).unwrap_or_default();
        let rulebook = Rulebook::read(&root, &config.rulebook)?;
        let made = owners::file(&rulebook, &config, &people, shell.today(&config));
        let Some(file) = &self.check else {
            shell.print(&made)?;
            return Ok(Ended::Clean);
        };
        let at = shell.directory.join(file);
        let there = std::fs::read_to_string(&at).map_err(|error| Failure::io("读不到", "cannot read", &at, error))?;
        if there.replace("\r\n", "\n") == made {
            return Ok(Ended::Clean);
        }
        let (lines, new): (Vec<&str>, Vec<&str>) = (there.lines().collect(), made.lines().collect());
        for line in lines.iter().filter(|line| !new.contains(line)) {
            shell.print(&format!("- {line}\n"))?;
        }
        for line in new.iter().filter(|line| !lines.contains(line)) {
            shell.print(&format!("+ {line}\n"))?;
        }
        let language = shell.language.unwrap_or_else(|| config.language());
        let name = file.display();
        let said = say!(
            "{name} 与制度和人员登记不符；执行 anjuan owners > {name}",
            "{name} does not fit the rulebook and the register; run anjuan owners > {name}"
        );
        shell.note(said.in_language(language));
        Ok(Ended::Findings)
    }
}
