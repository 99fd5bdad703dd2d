//! `anjuan hook`: what git runs at a commit, a push, and before a server lets the main branch move.

mod client;
mod install;
mod receive;

use clap::{Args, Subcommand};

use super::{Ended, Shell};
use crate::failure::Failure;

/// Run as a hook of git, or install hooks 钩子
#[derive(Debug, Args)]
pub struct Hook {
    #[command(subcommand)]
    which: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Install(install::Install),
    PreReceive(receive::PreReceive),
    PostReceive(receive::PostReceive),
    PreCommit(client::PreCommit),
    CommitMsg(client::CommitMsg),
    PrePush(client::PrePush),
}

impl Hook {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        match &self.which {
            Which::Install(command) => command.run(shell),
            Which::PreReceive(command) => command.run(shell),
            Which::PostReceive(command) => command.run(shell),
            Which::PreCommit(command) => command.run(shell),
            Which::CommitMsg(command) => command.run(shell),
            Which::PrePush(command) => command.run(shell),
        }
    }
}
