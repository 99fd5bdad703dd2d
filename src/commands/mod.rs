//! The shell: what was asked for. A command is the library's three calls and one output.

mod alone;
pub mod audit;
pub mod build;
pub mod check;
pub mod completions;
pub mod decrypt;
pub mod demo;
pub mod due;
pub mod encrypt;
pub mod evidence;
pub mod excel;
pub mod explain;
pub mod fix;
mod guard;
pub mod hook;
pub mod import;
pub mod init;
pub mod keys;
pub mod log;
pub mod lsp;
pub mod new;
pub mod opinion;
pub mod owners;
pub mod paper;
mod reader;
mod ring;
pub mod schema;
pub mod serve;
mod since;
pub mod stats;
mod story;
mod template;
pub mod textconv;
pub mod verify;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::archive::{Archive, Config, Reading, Record};
use crate::diagnostic::Language;
use crate::failure::Failure;
use crate::rulebook::Rulebook;
use crate::say;

/// What every command is given.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Where the command was run, or what `-C` named.
    pub directory: PathBuf,
    /// The day as of which everything is to be judged, if one was named.
    pub day: Option<NaiveDate>,
    /// The moment of the call, in UTC.
    pub now: NaiveDateTime,
    /// The clock, for commands that run for days.
    pub clock: fn() -> NaiveDateTime,
    /// Language asked for on the command line or by the environment.
    pub language: Option<Language>,
    /// Whether standard output takes colours.
    pub color: bool,
}

/// How a command ended, when it could work at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings.
    Findings,
}

impl Shell {
    /// Reads the archive around the directory and its rulebook.
    pub fn open(&self) -> Result<(Archive, Rulebook), Failure> {
        self.open_at(&Archive::find(&self.directory)?)
    }

    /// Reads the archive at `root` and its rulebook.
    pub fn open_at(&self, root: &Path) -> Result<(Archive, Rulebook), Failure> {
        let archive = Archive::read(root, Reading::default())?;
        let rulebook = Rulebook::read(root, &archive.config.rulebook)?;
        Ok((archive, rulebook))
    }

    /// The day as of which everything is judged: the one named, else today where the archive is.
    pub fn today(&self, config: &Config) -> NaiveDate {
        self.day.unwrap_or_else(|| self.now_at(config).date())
    }

    /// The same, called now.
    pub fn at_this_moment(&self) -> Self {
        Self { now: (self.clock)(), ..self.clone() }
    }

    /// The moment of the call where the archive is.
    pub fn now_at(&self, config: &Config) -> NaiveDateTime {
        self.now + Duration::minutes(config.zone().into())
    }

    /// The language of messages: asked for, else the archive's.
    pub fn language(&self, archive: &Archive) -> Language {
        self.language.unwrap_or_else(|| archive.config.language())
    }

    /// The language where no archive is at hand.
    pub fn any_language(&self) -> Language {
        self.language.unwrap_or_default()
    }

    /// Prints a result. A closed pipe is no failure.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        self.put(text.as_bytes())
    }

    /// Prints bytes as they are.
    pub fn put(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(|out| out.write_all(bytes))
    }

    /// Prints a result as it is made.
    pub fn write(&self, make: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Result<(), Failure> {
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        match make(&mut out).and_then(|()| out.flush()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::new(say!("写不到标准输出", "cannot write to standard output"), e))
            }
            _ => Ok(()),
        }
    }

    /// Prints a note for people, beside the result.
    pub fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// A progress bar on a terminal, nothing elsewhere.
    pub fn progress(&self, length: usize, what: &str) -> indicatif::ProgressBar {
        if !std::io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(length as u64);
        if let Ok(style) = indicatif::ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.with_message(what.to_owned())
    }
}

/// A folder that goes when nobody needs it any more.
fn aside() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|error| Failure::new(say!("建不了临时文件夹", "cannot make a temporary folder"), error))
}

/// Writes a record anew that was read before.
///
/// # Errors
/// If it cannot be written, or somebody saved it meanwhile: what they wrote stays.
fn rewrite(archive: &Archive, record: &Record, text: &str) -> Result<(), Failure> {
    let path = record.path();
    let now = Archive::text(&archive.root, path, &mut Vec::new());
    if now.is_none_or(|now| now.text() != record.source.text()) {
        return Err(Failure::plain(say!(
            "{path} 刚刚有人保存过，没有写入",
            "{path} was saved by somebody this very moment; it was left alone"
        ))
        .help(say!("再运行一次", "run the command again")));
    }
    replace(&archive.root.join(path), text.as_bytes())
}

/// Writes a file aside and puts it in its place.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::io("写不了文件", "cannot write", path, error);
    let mut file = tempfile::Builder::new().prefix(".anjuan").tempfile_in(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_or(0o644, |before| before.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_saved_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir(root.join("cases")).unwrap();
        std::fs::write(root.join(crate::archive::config::FILE), "").unwrap();
        let file = root.join("cases/a.md");
        std::fs::write(&file, "---\n册数: 1\n---\n").unwrap();
        let archive = Archive::read(root, Reading::default()).unwrap();
        let record = &archive.records[0];
        std::fs::write(&file, "---\n册数: 2\n---\n").unwrap();
        assert!(rewrite(&archive, record, "---\n册数: 3\n---\n").is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "---\n册数: 2\n---\n");
        std::fs::write(&file, record.source.text()).unwrap();
        rewrite(&archive, record, "---\n册数: 3\n---\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "---\n册数: 3\n---\n");
    }
}
