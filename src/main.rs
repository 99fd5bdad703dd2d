//! `anjuan`: arguments, one command, an exit code. The only reader of the clock.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anjuan::commands::{self, Ended, Shell};
use anjuan::diagnostic::Language;
use chrono::{NaiveDate, NaiveDateTime};
use clap::{CommandFactory as _, Parser, Subcommand};

/// Thousands of small texts are made and dropped on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Case files in git, the procedure as data: check, prove, publish and typeset 案卷
#[derive(Debug, Parser)]
#[command(name = "anjuan", version, propagate_version = true)]
struct Cli {
    /// Work as if started in this folder
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Judge as of this day instead of today
    #[arg(long, global = true, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Language of messages: zh or en
    #[arg(long, global = true, value_name = "zh|en", value_parser = language)]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Approve(commands::opinion::Approve),
    Audit(commands::audit::Audit),
    Build(commands::build::Build),
    Check(commands::check::Check),
    Completions(commands::completions::Completions),
    Decrypt(commands::decrypt::Decrypt),
    Demo(commands::demo::Demo),
    Due(commands::due::Due),
    Encrypt(commands::encrypt::Encrypt),
    Evidence(commands::evidence::Evidence),
    Excel(commands::excel::Excel),
    Explain(commands::explain::Explain),
    Fix(commands::fix::Fix),
    Hook(commands::hook::Hook),
    Import(commands::import::Import),
    Init(commands::init::Init),
    Keys(commands::keys::KeysOf),
    Log(commands::log::Log),
    Lsp(commands::lsp::Lsp),
    New(commands::new::New),
    Owners(commands::owners::Owners),
    Paper(commands::paper::Paper),
    Return(commands::opinion::Return),
    Schema(commands::schema::Schema),
    Serve(commands::serve::Serve),
    Stats(commands::stats::Stats),
    Textconv(commands::textconv::Textconv),
    Verify(commands::verify::Verify),
}

fn language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| "zh or en".to_owned())
}

/// This moment in UTC; `SOURCE_DATE_EPOCH` takes its place where it is set.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn now() -> NaiveDateTime {
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let fixed = epoch.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    fixed.unwrap_or_else(chrono::Utc::now).naive_utc()
}

fn color() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    set("CLICOLOR_FORCE") || !set("NO_COLOR") && std::io::stdout().is_terminal()
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let shell = Shell { directory: cli.directory, day: cli.today, now: now(), clock: now, language: cli.lang, color: color() };
    let ended = match &cli.command {
        Command::Approve(command) => command.run(&shell),
        Command::Audit(command) => command.run(&shell),
        Command::Build(command) => command.run(&shell),
        Command::Check(command) => command.run(&shell),
        Command::Completions(command) => command.run(&shell, Cli::command()),
        Command::Decrypt(command) => command.run(&shell),
        Command::Demo(command) => command.run(&shell),
        Command::Due(command) => command.run(&shell),
        Command::Encrypt(command) => command.run(&shell),
        Command::Evidence(command) => command.run(&shell),
        Command::Excel(command) => command.run(&shell),
        Command::Explain(command) => command.run(&shell),
        Command::Fix(command) => command.run(&shell),
        Command::Hook(command) => command.run(&shell),
        Command::Import(command) => command.run(&shell),
        Command::Init(command) => command.run(&shell),
        Command::Keys(command) => command.run(&shell),
        Command::Log(command) => command.run(&shell),
        Command::Lsp(command) => command.run(&shell),
        Command::New(command) => command.run(&shell),
        Command::Owners(command) => command.run(&shell),
        Command::Paper(command) => command.run(&shell),
        Command::Return(command) => command.run(&shell),
        Command::Schema(command) => command.run(&shell),
        Command::Serve(command) => command.run(&shell),
        Command::Stats(command) => command.run(&shell),
        Command::Textconv(command) => command.run(&shell),
        Command::Verify(command) => command.run(&shell),
    };
    match ended {
        Ok(Ended::Clean) => ExitCode::SUCCESS,
        Ok(Ended::Findings) => ExitCode::from(1),
        Err(failure) => {
            let language = cli.lang.or_else(|| locale.as_deref().and_then(Language::from_tag)).unwrap_or_default();
            shell.note(&format!("anjuan: {}", failure.message(language)));
            ExitCode::from(2)
        }
    }
}
