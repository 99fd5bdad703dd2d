//! `anjuan serve`: build, watch, rebuild, reload the browser. On this machine only, unless told otherwise.

mod fresh;
mod news;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use axum::Router;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use clap::Args;
use notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use tower_http::services::ServeDir;

use super::alone::{Alone, Known, is_of};
use super::reader::Reader;
use super::{Ended, Shell, aside, build};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::publish::output::{self, Options, Shown};
use crate::publish::report::human;
use crate::publish::write::Output;
use crate::rulebook::Judgement;
use crate::say;
use fresh::Change;
use news::{Desk, News};

/// Build, watch, rebuild and reload 边写边看
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// For whom: an audience of the rulebook
    #[arg(long)]
    audience: Option<String>,
    /// Typeset the papers as well
    #[arg(long)]
    papers: bool,
}

/// Editors save in several steps; this long after the last of them the pages follow.
const SETTLE: Duration = Duration::from_millis(30);

/// This long nobody has to save anything before the whole site is made again; whoever writes goes first.
const QUIET: Duration = Duration::from_millis(700);

/// How often it is looked whether another day has begun.
const LOOK: Duration = Duration::from_secs(30);

/// What the loop hears.
enum Heard {
    /// Files changed.
    Files(Vec<PathBuf>),
    /// A whole build came to an end.
    Built(Box<Result<Whole, Failure>>),
}

/// A whole build, and what it was made from.
struct Whole {
    known: Known,
    options: Options,
    shown: Shown,
    /// Whether whoever reads may read everything.
    open: bool,
    changed: Vec<String>,
}

impl Serve {
    /// Runs until it is stopped.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let held = aside()?;
        let out = held.path().join("site");
        self.guard(shell, &root)?;
        let mut whole = self.whole(shell, &root, &out)?;
        let (sender, heard) = mpsc::channel();
        let watching = |e: notify::Error| Failure::new(say!("监视不了文件夹", "cannot watch the folder"), e);
        let files = sender.clone();
        let tell = move |events: DebounceEventResult| {
            // Reading is an event too; our own builds read everything.
            let changed = events.unwrap_or_default().into_iter().filter(|event| !event.kind.is_access());
            let paths: Vec<PathBuf> = changed.flat_map(|event| event.event.paths).collect();
            if !paths.is_empty() {
                drop(files.send(Heard::Files(paths)));
            }
        };
        let mut watcher = new_debouncer(SETTLE, None, tell).map_err(watching)?;
        watcher.watch(&root, RecursiveMode::Recursive).map_err(watching)?;
        let desk = Arc::new(Desk::new());
        let _server = self.listen(shell, &out, Arc::clone(&desk))?;
        let mut touched = BTreeSet::new();
        while let Some(next) = self.follow(shell, &out, &whole, &desk, &heard, &sender, &mut touched) {
            whole = next;
            // Messages quote what a lower audience must not read.
            if whole.open {
                let concerns = |path: &str| touched.iter().any(|dossier| is_of(dossier, path));
                desk.findings(whole.known.findings.iter().filter(|finding| concerns(finding.path())), whole.options.language);
            }
            desk.reload(&whole.changed);
        }
        Ok(Ended::Clean)
    }

    /// Makes pages anew as files change, until a whole build has come to an end, which it returns. `touched` collects the
    /// dossiers that somebody works on.
    #[expect(clippy::too_many_arguments, reason = "the loop's whole state, taken apart nowhere else")]
    fn follow(
        &self,
        shell: &Shell,
        out: &Path,
        whole: &Whole,
        desk: &Desk,
        heard: &mpsc::Receiver<Heard>,
        sender: &mpsc::Sender<Heard>,
        touched: &mut BTreeSet<String>,
    ) -> Option<Whole> {
        let Known { archive: last, rulebook, .. } = &whole.known;
        let root = &last.root;
        let theme = output::theme(last);
        let site = whole.shown.site(&theme);
        std::thread::scope(|scope| {
            let (mut due, mut building) = (false, false);
            // What changed while the whole was made, which may not have it.
            let mut missed: Vec<PathBuf> = Vec::new();
            let mut alone: BTreeMap<String, Alone> = BTreeMap::new();
            loop {
                let next = heard.recv_timeout(if due && !building { QUIET } else { LOOK });
                match next {
                    Ok(Heard::Files(paths)) => {
                        let change = Change::of(root, rulebook, paths.iter().map(PathBuf::as_path));
                        due |= change != Change::Nothing;
                        if building {
                            missed.extend(paths);
                        }
                        if let Change::Dossier(dossier) = change {
                            if whole.open {
                                let archive = last.narrowed(&dossier, &BTreeMap::new());
                                let today = shell.at_this_moment().today(&archive.config);
                                let mut judgement = rulebook.judge(&archive, today);
                                alone.entry(dossier.clone()).or_insert_with(|| whole.known.alone(&dossier, today)).settle(&mut judgement);
                                let pages = fresh::Pages::new(out);
                                output::preview(&archive, &judgement, &theme, &site, whole.options, &pages);
                                let own = judgement.findings.iter().filter(|finding| is_of(&dossier, finding.path()));
                                desk.findings(own, whole.options.language);
                                desk.reload(&pages.changed());
                            }
                            touched.insert(dossier);
                        }
                    }
                    Ok(Heard::Built(built)) => {
                        building = false;
                        match *built {
                            Ok(next) => {
                                if !missed.is_empty() {
                                    drop(sender.send(Heard::Files(missed)));
                                }
                                return Some(next);
                            }
                            // A record saved half-way is no reason to stop; the old pages stay.
                            Err(failure) => shell.note(&failure.message(shell.any_language())),
                        }
                    }
                    // What is due today is overdue tomorrow, though nobody saved anything.
                    Err(mpsc::RecvTimeoutError::Timeout) if !due || building => {
                        due |= shell.at_this_moment().today(&last.config) != whole.known.today;
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        (due, building) = (false, true);
                        let sender = sender.clone();
                        scope.spawn(move || drop(sender.send(Heard::Built(Box::new(self.whole(shell, root, out))))));
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                }
            }
        })
    }

    /// The highest audience is for this machine only.
    fn guard(&self, shell: &Shell, root: &Path) -> Result<(), Failure> {
        let (archive, rulebook) = shell.open_at(root)?;
        let level = Reader::named(&archive, &rulebook, self.audience.as_deref())?.level;
        let highest = level + 1 >= rulebook.settings.audiences.len();
        if highest && !self.addr.ip().is_loopback() {
            return Err(Failure::plain(say!(
                "最高受众的站点只在本机提供",
                "the site for the highest audience is served on this machine only"
            ))
            .help(say!("去掉 --addr，或选较低的 --audience", "leave out --addr or name a lower --audience")));
        }
        Ok(())
    }

    /// Makes the whole site.
    fn whole(&self, shell: &Shell, root: &Path, out: &Path) -> Result<Whole, Failure> {
        let shell = &shell.at_this_moment();
        let (archive, rulebook) = shell.open_at(root)?;
        let today = shell.today(&archive.config);
        let judgement = rulebook.judge(&archive, today);
        let language = shell.language(&archive);
        let reader = Reader::named(&archive, &rulebook, self.audience.as_deref())?;
        reader.admit(shell, language, &judgement, 0..judgement.world.dossiers.len())?;
        let open = reader.sees_everything(&rulebook);
        let options = Options { level: reader.level, language, papers: self.papers, jobs: 0, live: true };
        let build::Built { written, shown, .. } = build::build(shell, &archive, &rulebook, &judgement, options, Output::open(out)?)?;
        let (pages, changed) = (written.pages, written.files - written.unchanged);
        let summary = human::summary(&judgement.findings, language);
        shell.note(
            say!("{pages} 页，更新 {changed} 个文件；{summary}", "{pages} pages, {changed} files updated; {summary}").in_language(language),
        );
        let dossiers = Known::dossiers_of(&judgement);
        let Judgement { obligations, findings, .. } = judgement;
        let known = Known { archive, rulebook, obligations, dossiers, findings, today };
        Ok(Whole { known, options, shown, open, changed: written.changed })
    }

    fn listen(&self, shell: &Shell, out: &Path, desk: Arc<Desk>) -> Result<tokio::runtime::Runtime, Failure> {
        let failed = |e: std::io::Error| {
            let addr = self.addr;
            Failure::new(say!("在 {addr} 上提供不了服务", "cannot serve on {addr}"), e).help(say!("换一个 --addr", "name another --addr"))
        };
        let runtime = tokio::runtime::Runtime::new().map_err(failed)?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(self.addr)).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let events = move || {
            let message = |news: News| Ok::<_, std::convert::Infallible>(Event::default().event(news.event).data(&*news.data));
            let (first, later) = desk.listen();
            let later = BroadcastStream::new(later).filter_map(Result::ok);
            async move { Sse::new(tokio_stream::once(first).chain(later).map(message)).keep_alive(KeepAlive::default()) }
        };
        let app = Router::new().route("/_reload", get(events)).fallback_service(ServeDir::new(out));
        runtime.spawn(async move { axum::serve(listener, app).await });
        shell
            .note(say!("打开 http://{addr}/ ；按 Ctrl-C 结束", "open http://{addr}/ ; stop with Ctrl-C").in_language(shell.any_language()));
        Ok(runtime)
    }
}
