//! `anjuan stats`: service statistics for a period.

use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::guard::Guard;
use super::reader::Reader;
use super::{Ended, Shell};
use crate::failure::Failure;
use crate::publish::report::statistics as report;
use crate::publish::spreadsheet;
use crate::publish::view::{self, Viewer, statistics};
use crate::rulebook::statistic::{By, Grouping, Question};
use crate::say;

/// Count what was done in a period, with the records behind each number 统计
#[derive(Debug, Args)]
pub struct Stats {
    /// First day; the first of the last day's year when none is named
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// Last day; today when none is named
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Groups; two may be named, such as project,quarter
    #[arg(long, value_delimiter = ',', value_parser = groupings())]
    by: Vec<By>,
    /// How they are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// For whom: an audience of the rulebook
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// In a table, list the records behind each number as well
    #[arg(long)]
    records: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One number a line
    Csv,
    /// A workbook; needs --out
    Xlsx,
    /// For programs
    Json,
}

/// Groupings by their words.
fn groupings() -> impl TypedValueParser<Value = By> {
    PossibleValuesParser::new(By::ALL.map(By::word)).try_map(|word| By::named(&word).ok_or("no grouping"))
}

impl Stats {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        self.check_groupings()?;
        if self.format == Format::Xlsx && self.out.is_none() {
            return Err(
                Failure::plain(say!("工作簿要写进文件", "a workbook goes into a file")).help(say!("用 --out 写明", "name it with --out"))
            );
        }
        let (archive, rulebook) = shell.open()?;
        let today = shell.today(&archive.config);
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1).unwrap_or(to));
        if from > to {
            return Err(Failure::plain(say!("{from} 在 {to} 之后", "{from} is after {to}")));
        }
        // Totals are about nobody, so nobody's consent is asked for them.
        let reader = Reader::named(&archive, &rulebook, self.audience.as_deref())?;
        let language = shell.language(&archive);
        let judgement = rulebook.judge(&archive, today);
        let viewer = Viewer::new(&archive, &judgement, reader.level, language, false);
        let Some(view) = statistics::statistics(&viewer, &Question { from, to, by: self.by.clone() }) else {
            let book = &rulebook.statistics;
            return Err(if book.list.is_empty() {
                Failure::plain(say!("规则手册里没有统计指标", "the rulebook has no statistics"))
                    .help(say!("写在规则文件夹的 statistics.yaml", "write them into statistics.yaml in its folder"))
            } else {
                let least = rulebook.settings.audiences.get(book.audience).cloned().unwrap_or_default();
                Failure::plain(say!("统计只给「{least}」及以上的受众", "statistics are for the audience `{least}` and above"))
            });
        };
        let frame = reader.frame(view::frame(&viewer));
        let bytes = match self.format {
            Format::Table => report::table(&view, self.records, language).into_bytes(),
            Format::Csv => spreadsheet::csv(&view, language)?,
            Format::Xlsx => spreadsheet::xlsx(&view, today, language)?,
            Format::Json => report::json(&view, &frame, &view::basis(&viewer), &archive.name()).into_bytes(),
        };
        let path = self.out.as_ref().map_or_else(|| "stats".to_owned(), |out| out.display().to_string());
        Guard::of(&archive, &rulebook, &judgement, reader.level).pass(shell, language, &path, &bytes)?;
        match &self.out {
            Some(out) => {
                let path = shell.directory.join(out);
                std::fs::write(&path, bytes).map_err(|e| Failure::io("写不了文件", "cannot write the file", &path, e))?;
            }
            None => shell.print(&String::from_utf8_lossy(&bytes))?,
        }
        if view.suppress_below.is_some() && self.format != Format::Table {
            let (name, highest) = (&frame.audience, rulebook.settings.audiences.last().cloned().unwrap_or_default());
            let note = say!(
                "按「{name}」的口径：小的人数已遮去，不列记录；要全部，用 --audience {highest}",
                "as `{name}` may see it: small numbers of persons are veiled and no records listed; --audience {highest} shows all"
            );
            shell.note(note.in_language(language));
        }
        Ok(Ended::Clean)
    }

    fn check_groupings(&self) -> Result<(), Failure> {
        let by = &self.by;
        let periods = by.iter().filter(|by| by.grouping() == Grouping::Period).count();
        let twice = by.iter().enumerate().any(|(nth, by_one)| by[..nth].contains(by_one));
        if by.len() > 2 || periods > 1 || twice {
            let help = say!("例如 --by project,quarter", "such as --by project,quarter");
            let message = say!("--by 最多两种，期间只能有一种", "--by takes at most two groupings, and one kind of period");
            return Err(Failure::plain(message).help(help));
        }
        Ok(())
    }
}
