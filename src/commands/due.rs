//! `anjuan due`: what is owed, by whom and when.

use clap::{Args, ValueEnum};

use super::guard::Guard;
use super::reader::Reader;
use super::{Ended, Shell};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::publish::feed::calendar;
use crate::publish::report::due as report;
use crate::publish::view::{self, Viewer, Whose};
use crate::rulebook::Judgement;
use crate::say;
use crate::yaml::de::nearest;

/// Show what is owed, by whom and when 待办
#[derive(Debug, Args)]
pub struct Due {
    /// Only what is in the hands of this person (name, id or address)
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only what belongs to this project
    #[arg(long, value_name = "CODE")]
    project: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// For whom: an audience of the rulebook
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For a calendar: the last days
    Ics,
}

impl Due {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (archive, rulebook) = shell.open()?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let reader = Reader::named(&archive, &rulebook, self.audience.as_deref())?;
        let language = shell.language(&archive);
        let person = self.person.as_deref().map(|name| person(&archive, name)).transpose()?;
        let project = self.project.as_deref().map(|code| project(&judgement, code)).transpose()?;
        let whose = Whose { person, project };
        let viewer = Viewer::new(&archive, &judgement, reader.level, language, false);
        let due = view::Due::of(&viewer, whose);
        reader.admit(shell, language, &judgement, due.dossiers())?;
        let text = match self.format {
            Format::Table => report::table(&due.owed(), language),
            Format::Json => report::json(&due.owed(), whose, &reader.frame(view::frame(&viewer)), &view::basis(&viewer), &archive.name()),
            Format::Ics => {
                let (calendar, about) = due.calendar();
                calendar::render(&calendar, &about)
            }
        };
        Guard::of(&archive, &rulebook, &judgement, reader.level).pass(shell, language, "due", text.as_bytes())?;
        shell.print(&text)?;
        Ok(Ended::Clean)
    }
}

/// The name of whoever is meant.
fn person<'a>(archive: &'a Archive, name: &str) -> Result<&'a str, Failure> {
    let people = &archive.people;
    let known = || people.iter().flat_map(|person| [person.name.as_str(), person.id.as_str()]);
    let person = people.named(name).or_else(|| people.addressed(name)).map(|person| person.name.as_str());
    person.ok_or_else(|| Failure::plain(say!("人员登记里没有“{name}”", "nobody is registered as `{name}`")).perhaps(nearest(name, known())))
}

/// The code of a project that there is.
fn project<'j>(judgement: &'j Judgement<'_>, code: &str) -> Result<&'j str, Failure> {
    let known = || judgement.world.dossiers.iter().filter_map(|dossier| dossier.project.as_deref());
    known().find(|known| *known == code).ok_or_else(|| {
        Failure::plain(say!("没有案卷属于项目“{code}”", "no dossier belongs to a project `{code}`")).perhaps(nearest(code, known()))
    })
}
