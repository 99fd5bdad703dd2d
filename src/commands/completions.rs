//! `anjuan completions`: what a shell needs to complete commands and options.

use clap::Args;
use clap_complete::Shell as Kind;

use super::{Ended, Shell};
use crate::failure::Failure;

/// Completions for a shell 命令补全
///
/// Such as `anjuan completions bash > ~/.local/share/bash-completion/completions/anjuan`, or in the profile of PowerShell
/// `anjuan completions powershell | Out-String | Invoke-Expression`.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    kind: Kind,
}

impl Completions {
    /// Prints them for this command line.
    pub fn run(&self, shell: &Shell, mut command: clap::Command) -> Result<Ended, Failure> {
        let mut out = Vec::new();
        clap_complete::generate(self.kind, &mut command, "anjuan", &mut out);
        shell.put(&out)?;
        Ok(Ended::Clean)
    }
}
