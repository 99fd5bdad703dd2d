//! What open pages are told: which pages are new, and what is wrong in the dossiers that somebody is working on.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;

use crate::diagnostic::{Diagnostic, Language, Severity};

/// So many pages are named one by one; more are called all.
const NAMED: usize = 200;

/// So many findings are told; the worst come first.
const TOLD: usize = 20;

/// A message to every open page.
#[derive(Debug, Clone)]
pub(super) struct News {
    /// `reload` or `findings`.
    pub event: &'static str,
    /// JSON.
    pub data: Arc<str>,
}

/// A finding as a page shows it over its content.
#[derive(Debug, Serialize)]
struct Told<'d> {
    severity: &'static str,
    message: &'d str,
    path: &'d str,
    line: usize,
    help: Option<&'d str>,
}

/// The channel to the pages, and what a page is told that opens later.
#[derive(Debug)]
pub(super) struct Desk {
    sender: broadcast::Sender<News>,
    findings: Mutex<News>,
}

impl Desk {
    /// Nobody listens yet, and nothing is wrong.
    pub(super) fn new() -> Self {
        let none = News { event: "findings", data: Arc::from("[]") };
        Self { sender: broadcast::channel(16).0, findings: Mutex::new(none) }
    }

    /// Listens from now on; the findings of the last build come first.
    pub(super) fn listen(&self) -> (News, broadcast::Receiver<News>) {
        let receiver = self.sender.subscribe();
        (self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone(), receiver)
    }

    /// Tells which pages are to be read again.
    pub(super) fn reload(&self, changed: &[String]) {
        let pages: Vec<&String> = changed.iter().take(NAMED + 1).collect();
        let data = if pages.len() > NAMED { "null".to_owned() } else { serde_json::to_string(&pages).unwrap_or_default() };
        drop(self.sender.send(News { event: "reload", data: data.into() }));
    }

    /// Tells what is wrong, the worst first.
    pub(super) fn findings<'d>(&self, findings: impl Iterator<Item = &'d Diagnostic>, language: Language) {
        let mut worst: Vec<&Diagnostic> = findings.collect();
        worst.sort_by_key(|d| (std::cmp::Reverse(d.severity == Severity::Error), d.path().to_owned(), line(d)));
        let told: Vec<Told<'_>> = worst
            .into_iter()
            .take(TOLD)
            .map(|d| Told {
                severity: d.severity.word(),
                message: d.message.in_language(language),
                path: d.path(),
                line: line(d),
                help: d.help.as_ref().map(|help| help.in_language(language)),
            })
            .collect();
        let news = News { event: "findings", data: serde_json::to_string(&told).unwrap_or_default().into() };
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = news.clone();
        drop(self.sender.send(news));
    }
}

fn line(d: &Diagnostic) -> usize {
    d.place.as_ref().map_or(0, |place| place.start().line)
}
