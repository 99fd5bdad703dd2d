//! `anjuan serve`: build, watch, rebuild, reload the browser. On this machine only, unless told otherwise.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use clap::Args;
use notify::RecursiveMode;
use notify_debouncer_full::new_debouncer;
use tokio::sync::broadcast;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;
use tower_http::services::ServeDir;

use super::reader::Reader;
use super::{Ended, Shell, aside, build};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::publish::output::Options;
use crate::publish::report::human;
use crate::say;

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

/// Editors save in several steps; this long after the last of them one rebuild follows.
const SETTLE: Duration = Duration::from_millis(60);

impl Serve {
    /// Runs until it is stopped.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let held = aside()?;
        let out = held.path().join("site");
        self.guard(shell, &root)?;
        self.rebuild(shell, &root, &out)?;
        let (sender, receiver) = mpsc::channel();
        let watching = |e: notify::Error| Failure::new(say!("监视不了文件夹", "cannot watch the folder"), e);
        let mut watcher = new_debouncer(SETTLE, None, sender).map_err(watching)?;
        watcher.watch(&root, RecursiveMode::Recursive).map_err(watching)?;
        let (reload, _) = broadcast::channel::<()>(16);
        let server = self.listen(shell, &out, reload.clone())?;
        for events in receiver {
            let Ok(events) = events else { continue };
            // Reading is an event too; our own rebuild reads everything.
            let changed = events.iter().filter(|e| !e.kind.is_access());
            if changed.flat_map(|e| &e.paths).any(|path| matters(&root, path)) {
                match self.rebuild(shell, &root, &out) {
                    Ok(()) => drop(reload.send(())),
                    // A record saved half-way is no reason to stop; the old pages stay.
                    Err(failure) => shell.note(&failure.message(shell.any_language())),
                }
            }
        }
        drop(server);
        Ok(Ended::Clean)
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

    fn rebuild(&self, shell: &Shell, root: &Path, out: &Path) -> Result<(), Failure> {
        let (archive, rulebook) = shell.open_at(root)?;
        let judgement = rulebook.judge(&archive, shell.today(&archive.config));
        let language = shell.language(&archive);
        let reader = Reader::named(&archive, &rulebook, self.audience.as_deref())?;
        reader.admit(shell, language, &judgement, 0..judgement.world.dossiers.len())?;
        let options = Options { level: reader.level, language, papers: self.papers, jobs: 0, live: true };
        let build::Built { written, .. } = build::build(shell, &archive, &rulebook, &judgement, options, out)?;
        let (pages, changed) = (written.pages, written.files - written.unchanged);
        let summary = human::summary(&judgement.findings, language);
        shell.note(
            say!("{pages} 页，更新 {changed} 个文件；{summary}", "{pages} pages, {changed} files updated; {summary}").in_language(language),
        );
        Ok(())
    }

    fn listen(&self, shell: &Shell, out: &Path, reload: broadcast::Sender<()>) -> Result<tokio::runtime::Runtime, Failure> {
        let failed = |e: std::io::Error| {
            let addr = self.addr;
            Failure::new(say!("在 {addr} 上提供不了服务", "cannot serve on {addr}"), e).help(say!("换一个 --addr", "name another --addr"))
        };
        let runtime = tokio::runtime::Runtime::new().map_err(failed)?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(self.addr)).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let events = move || {
            let stream = BroadcastStream::new(reload.subscribe())
                .map(|_| Ok::<_, std::convert::Infallible>(Event::default().event("reload").data("")));
            async move { Sse::new(stream).keep_alive(KeepAlive::default()) }
        };
        let app = Router::new().route("/_reload", get(events)).fallback_service(ServeDir::new(out));
        runtime.spawn(async move { axum::serve(listener, app).await });
        shell
            .note(say!("打开 http://{addr}/ ；按 Ctrl-C 结束", "open http://{addr}/ ; stop with Ctrl-C").in_language(shell.any_language()));
        Ok(runtime)
    }
}

/// Whether a changed path can change the site: not git's own files, not an output folder.
fn matters(root: &Path, path: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(root) else { return false };
    let first = inside.components().next().map(|c| c.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    match first.as_str() {
        ".git" => inside.ends_with("HEAD") || inside.starts_with(".git/refs"),
        _ if root.join(&first).join(".anjuan-site").exists() => false,
        _ => !first.starts_with('.'),
    }
}
