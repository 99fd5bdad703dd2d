//! What leaves for an audience is searched first for everybody whom it must not know: a site, a paper, a sheet, a table.

use super::Shell;
use crate::archive::Archive;
use crate::diagnostic::{Diagnostics, Language};
use crate::failure::Failure;
use crate::publish::output;
use crate::publish::proof::{Leak, Proof};
use crate::publish::report::human;
use crate::rulebook::{Judgement, Rulebook};
use crate::say;

/// The search for one audience; none where it may know everybody.
pub(super) struct Guard(Option<Proof>);

impl Guard {
    /// The guard of what is for the audience at `level`.
    pub(super) fn of(archive: &Archive, rulebook: &Rulebook, judgement: &Judgement<'_>, level: usize) -> Self {
        let all = level + 1 >= rulebook.settings.audiences.len();
        let proof = (!all).then(|| output::proof(archive, rulebook, judgement, level));
        Self(proof.filter(|proof| !proof.is_idle()))
    }

    /// The search itself, if there is anything to search for.
    pub(super) fn proof(&self) -> Option<&Proof> {
        self.0.as_ref()
    }

    /// What of it a file holds.
    pub(super) fn leaks(&self, path: &str, content: &[u8]) -> Vec<Leak> {
        self.0.as_ref().map(|proof| proof.leaks(path, content)).unwrap_or_default()
    }

    /// Says where the leaks are.
    ///
    /// # Errors
    /// If there are any.
    pub(super) fn refuse(&self, shell: &Shell, language: Language, mut leaks: Vec<Leak>) -> Result<(), Failure> {
        let Some(proof) = self.0.as_ref().filter(|_| !leaks.is_empty()) else { return Ok(()) };
        leaks.sort();
        shell.print(&human::render(&Diagnostics::sorted(proof.findings(&leaks)), language, shell.color))?;
        let n = leaks.len();
        Err(Failure::plain(say!(
            "输出里有 {n} 处不该有的身份信息，没有发布，原有输出未动",
            "the output holds {n} identities that it must not; nothing is published, the output before is untouched"
        )))
    }

    /// Lets one file pass, or says what is in it.
    ///
    /// # Errors
    /// If it holds anybody whom the audience must not know.
    pub(super) fn pass(&self, shell: &Shell, language: Language, path: &str, content: &[u8]) -> Result<(), Failure> {
        self.refuse(shell, language, self.leaks(path, content))
    }
}
