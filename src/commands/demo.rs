//! `anjuan demo`: the worked example as a real repository, checked, published and typeset.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::reader::Reader;
use super::story::Story;
use super::{Ended, Shell, build, init, template};
use crate::archive::history::Scribe;
use crate::failure::Failure;
use crate::publish::output::Options;
use crate::publish::report::human;
use crate::publish::write::Output;
use crate::say;

/// Make the worked example and show what it finds 演示
#[derive(Debug, Args)]
pub struct Demo {
    /// The folder; made if it is not there, and empty if it is
    #[arg(id = "new", value_name = "DIR", default_value = "anjuan-demo")]
    directory: PathBuf,
    /// Leave out the papers
    #[arg(long)]
    no_papers: bool,
    /// Tell the story of this folder instead: demo.yaml and its strands, as in archive-template/demo
    #[arg(long, value_name = "DIR")]
    story: Option<PathBuf>,
}

/// The zone in which the example's times are written, in minutes east of UTC.
const ZONE: i32 = 8 * 60;

impl Demo {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let language = shell.any_language();
        let dir = shell.directory.join(&self.directory);
        init::empty(&dir)?;
        let files: BTreeMap<String, Vec<u8>> = match &self.story {
            Some(folder) => template::folder(&shell.directory.join(folder))?,
            None => template::demo().into_iter().collect(),
        };
        let story = Story::read(&files)?;
        let scribe = Scribe::init(&dir, "main")?;
        let steps = story.tell(&scribe, &files, template::archive(), ZONE)?;
        scribe.checkout("main")?;
        let shell = Shell { directory: dir.clone(), day: Some(story.today), ..shell.clone() };
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        shell.print(&format!("{}\n", human::render(&judgement.findings, language, shell.color)))?;
        let audiences = &rulebook.settings.audiences;
        let highest = audiences.len().saturating_sub(1);
        let own = Reader::named(&archive, &rulebook, None)?.level;
        for (name, level, papers) in [("site", highest, !self.no_papers), ("site-shared", own, false)] {
            let options = Options { level, language, papers, jobs: 0, live: false };
            let build::Built { written, found, proven, .. } =
                build::build(&shell, &archive, &rulebook, &judgement, options, Output::open(&dir.join(name))?)?;
            if !found.is_empty() {
                shell.print(&human::render(&found, language, shell.color))?;
            }
            let (pages, files, audience) = (written.pages, written.files, audiences.get(level).cloned().unwrap_or_default());
            let at = self.directory.join(name);
            let at = at.display();
            shell.print(
                say!("{at}：{pages} 页、{files} 个文件，受众“{audience}”\n", "{at}: {pages} pages, {files} files, audience `{audience}`\n")
                    .in_language(language),
            )?;
            if let Some((values, weak)) = proven {
                shell.print(&format!("{}\n", build::proven_words(values, weak).in_language(language)))?;
            }
        }
        let (at, today, records) = (self.directory.display(), story.today, archive.records.len());
        let done = say!(
            "{at}：{steps} 步 git 历史，{records} 份记录，以 {today} 为准。\n用浏览器打开 {at}/site/index.html ；再核对一次：anjuan -C {at} --today {today} check\n",
            "{at}: {steps} steps of git history, {records} records, as of {today}.\nOpen {at}/site/index.html in a browser; check again with: anjuan -C {at} --today {today} check\n"
        );
        shell.print(done.in_language(language))?;
        Ok(Ended::Clean)
    }
}
