//! `anjuan build`: the site and the papers for one audience.

use std::path::PathBuf;

use clap::Args;

use super::guard::Guard;
use super::reader::Reader;
use super::{Ended, Shell};
use crate::archive::Archive;
use crate::diagnostic::{Diagnostics, Severity, Text};
use crate::failure::Failure;
use crate::publish::output::{self, Made, Options, Shown};
use crate::publish::report::human;
use crate::publish::write::{Output, Written};
use crate::rulebook::{Judgement, Rulebook, encryption};
use crate::say;

/// Build the site and the papers 生成站点与表单
#[derive(Debug, Args)]
pub struct Build {
    /// The output folder; `site` in the archive when none is named
    #[arg(long)]
    out: Option<PathBuf>,
    /// For whom: an audience of the rulebook
    #[arg(long)]
    audience: Option<String>,
    /// Leave out the papers
    #[arg(long)]
    no_papers: bool,
    /// Threads; all when none are named
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

impl Build {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let out = self.out.as_ref().map_or_else(|| archive.root.join("site"), |out| shell.directory.join(out));
        // What lies there now is looked at while one thread of judging waits for another.
        let judge = || rulebook.judge(&archive, shell.today(&archive.config));
        let (judgement, output) = rayon::join(judge, || Output::open(&out));
        let reader = Reader::named(&archive, &rulebook, self.audience.as_deref())?;
        let language = shell.language(&archive);
        reader.admit(shell, language, &judgement, 0..judgement.world.dossiers.len())?;
        let options = Options { level: reader.level, language, papers: !self.no_papers, jobs: self.jobs, live: false };
        let Built { written, found, proven, .. } = build(shell, &archive, &rulebook, &judgement, options, output?)?;
        if !found.is_empty() {
            shell.print(&human::render(&found, language, shell.color))?;
        }
        let (pages, files, bytes, unchanged) = (written.pages, written.files, written.bytes, written.unchanged);
        let (to, summary) = (out.display(), human::summary(&judgement.findings, language));
        let done = say!(
            "{to}：{pages} 页，共 {files} 个文件、{bytes} 字节（未变 {unchanged}）；核对：{summary}",
            "{to}: {pages} pages, {files} files, {bytes} bytes ({unchanged} unchanged); check: {summary}"
        );
        shell.print(&format!("{}\n", done.in_language(language)))?;
        if let Some((values, weak)) = proven {
            shell.print(&format!("{}\n", proven_words(values, weak).in_language(language)))?;
        }
        let unknown = encryption::unknown_identities(&judgement.world);
        if unknown > 0 && reader.level + 1 < rulebook.settings.audiences.len() {
            shell.print(&format!("{}\n", unknown_words(unknown).in_language(language)))?;
        }
        // The process ends here: what it holds is not given back piece by piece.
        std::mem::forget(judgement);
        archive.leave();
        Ok(if found.reach(Severity::Error) { Ended::Findings } else { Ended::Clean })
    }
}

/// What came of a build.
pub(super) struct Built {
    /// What was written.
    pub written: Written,
    /// What is to be said about templates and papers.
    pub found: Diagnostics,
    /// How many identities were searched for in the output and not found, and how many cannot be evidence; none where the
    /// audience may see all of them.
    pub proven: Option<(usize, usize)>,
    /// What stands on every page.
    pub shown: Shown,
}

/// What a proof proves.
pub(super) fn proven_words(values: usize, weak: usize) -> Text {
    say!(
        "已用 {values} 个身份信息反查全部输出，一处也没有；另有 {weak} 个太短或太常见，不能反查",
        "searched the whole output for {values} identities and found none; {weak} more are too short or too common to search for"
    )
}

/// What a proof cannot know.
fn unknown_words(n: usize) -> Text {
    say!(
        "{n} 处身份信息已加密，程序不知道是什么，没有反查：别处若以明文写了它们，查不出来",
        "{n} identities are encrypted and unknown here, so nothing was searched for them: where they also stand in clear, that is not found"
    )
}

/// Makes and writes the output.
pub(super) fn build(
    shell: &Shell,
    archive: &Archive,
    rulebook: &Rulebook,
    judgement: &Judgement<'_>,
    options: Options,
    output: Output,
) -> Result<Built, Failure> {
    let count = if options.papers { output::papers(rulebook, judgement) } else { 0 };
    let bar = shell.progress(count, say!("排版", "typesetting").in_language(options.language));
    let Made { found, shown } = output::make(archive, rulebook, judgement, options, &output, &|| bar.inc(1));
    bar.finish_and_clear();
    let proven = prove(shell, archive, rulebook, judgement, options, &output)?;
    Ok(Built { written: output.finish()?, found: Diagnostics::sorted(found), proven, shown })
}

/// Searches everything that was made for what its audience must not see. What was there before stays if there is any.
fn prove(
    shell: &Shell,
    archive: &Archive,
    rulebook: &Rulebook,
    judgement: &Judgement<'_>,
    options: Options,
    output: &Output,
) -> Result<Option<(usize, usize)>, Failure> {
    let guard = Guard::of(archive, rulebook, judgement, options.level);
    let Some(proof) = guard.proof() else { return Ok(None) };
    guard.refuse(shell, options.language, output.each(|path, content| proof.leaks(path, content))?)?;
    Ok(Some(proof.counts()))
}
