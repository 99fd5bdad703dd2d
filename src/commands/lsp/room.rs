//! What is known and what is open, and what the editor was told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use lsp_server::{Message, Notification};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, MessageType, PublishDiagnosticsParams,
    ShowMessageParams, Url,
};

use super::place;
use crate::archive::config::FILE;
use crate::archive::{Archive, home};
use crate::commands::Shell;
use crate::commands::alone::{Alone, Known, is_of};
use crate::diagnostic::{Diagnostic, Diagnostics, Language};
use crate::failure::Failure;
use crate::publish::editor::Draft;
use crate::rulebook::Obligation;
use crate::source::Source;

/// Nobody types for so long: then what is typed is judged.
const PAUSE: Duration = Duration::from_millis(60);
/// Nobody saves for so long: then the whole archive is read again.
const QUIET: Duration = Duration::from_millis(700);
/// How often it is looked whether a reading is done.
const SOON: Duration = Duration::from_millis(30);
/// How often it is looked whether another day has begun.
const LOOK: Duration = Duration::from_secs(30);

/// The way to the editor.
type Sender = crossbeam_channel::Sender<Message>;

/// A text that is open in the editor.
pub(super) struct Open {
    /// How the editor names it.
    pub uri: Url,
    /// What is written in it.
    pub text: String,
    version: i32,
}

/// One archive with what is open of it.
pub(super) struct Room {
    shell: Shell,
    folder: PathBuf,
    sender: Sender,
    /// The archive, once there is one.
    known: Option<Known>,
    open: BTreeMap<String, Open>,
    /// Paths whose texts were typed in since they were judged.
    typed: BTreeSet<String>,
    alone: BTreeMap<String, Alone>,
    /// What is wrong, by path.
    found: BTreeMap<String, Vec<Diagnostic>>,
    /// What the editor was told, by path.
    told: BTreeMap<String, Vec<lsp_types::Diagnostic>>,
    /// Whether files changed since the whole was read.
    due: bool,
    reading: Option<mpsc::Receiver<Result<Known, Failure>>>,
}

impl Room {
    /// A room in a folder, or where the command was run.
    pub(super) fn new(shell: &Shell, folder: Option<PathBuf>, sender: Sender) -> Self {
        let folder = folder.unwrap_or_else(|| shell.directory.clone());
        let mut room = Self {
            shell: shell.clone(),
            folder,
            sender,
            known: None,
            open: BTreeMap::new(),
            typed: BTreeSet::new(),
            alone: BTreeMap::new(),
            found: BTreeMap::new(),
            told: BTreeMap::new(),
            due: false,
            reading: None,
        };
        room.read();
        room
    }

    /// Sends something to the editor. One that is gone hears nothing.
    pub(super) fn say(&self, message: Message) {
        drop(self.sender.send(message));
    }

    /// How long to wait for the editor before there is something to do.
    pub(super) fn patience(&self) -> Duration {
        match () {
            () if !self.typed.is_empty() => PAUSE,
            () if self.reading.is_some() => SOON,
            () if self.due => QUIET,
            () => LOOK,
        }
    }

    /// Does what there is to do while the editor is silent.
    pub(super) fn work(&mut self) {
        if !self.typed.is_empty() {
            self.judge();
        } else if let Some(reading) = &self.reading {
            match reading.try_recv() {
                Ok(read) => {
                    self.reading = None;
                    self.take(read);
                }
                Err(mpsc::TryRecvError::Empty) => {}
                Err(mpsc::TryRecvError::Disconnected) => self.reading = None,
            }
        } else if self.due {
            self.read_again();
        } else if let Some(known) = &self.known {
            // What is due today is overdue tomorrow, though nobody saved anything.
            self.due = self.shell.at_this_moment().today(&known.archive.config) != known.today;
        }
    }

    /// A text was opened.
    pub(super) fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        if self.known.is_none()
            && let Some(folder) = document.uri.to_file_path().ok().and_then(|file| file.parent().map(PathBuf::from))
        {
            self.folder = folder;
            self.read();
        }
        if let Some(path) = self.path(&document.uri) {
            self.typed.insert(path.clone());
            self.open.insert(path, Open { uri: document.uri, text: document.text, version: document.version });
        }
    }

    /// A text was typed in.
    pub(super) fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = self.path(&document.uri) else { return };
        // Texts come whole.
        if let (Some(open), Some(change)) = (self.open.get_mut(&path), params.content_changes.into_iter().next_back()) {
            (open.text, open.version) = (change.text, document.version);
            self.typed.insert(path);
        }
    }

    /// A text was closed: what lies there counts again.
    pub(super) fn closed(&mut self, params: &DidCloseTextDocumentParams) {
        if let Some(path) = self.path(&params.text_document.uri).filter(|path| self.open.remove(path).is_some()) {
            self.typed.insert(path);
        }
    }

    /// Files changed.
    pub(super) fn saved(&mut self) {
        self.due = true;
    }

    /// The text that is open under an address, as a draft of a record.
    pub(super) fn draft(&self, uri: &Url) -> Option<Draft<'_>> {
        let (known, open, path) = self.open(uri)?;
        let today = self.shell.at_this_moment().today(&known.archive.config);
        Some(Draft::new(&known.archive, &known.rulebook, self.language(), today, &path, &open.text))
    }

    /// What is open under an address, with the archive.
    pub(super) fn open(&self, uri: &Url) -> Option<(&Known, &Open, String)> {
        let (known, path) = (self.known.as_ref()?, self.path(uri)?);
        Some((known, self.open.get(&path)?, path))
    }

    /// What is wrong with a file.
    pub(super) fn found(&self, path: &str) -> &[Diagnostic] {
        self.found.get(path).map_or(&[], Vec::as_slice)
    }

    /// What is still to be done about the record at a path, or was done amiss, a line each.
    pub(super) fn duties(&self, path: &str) -> Vec<String> {
        let Some(known) = &self.known else { return Vec::new() };
        let dossier = known.dossiers.iter().find(|(dossier, _)| is_of(dossier, path) || dossier == path);
        let Some((dossier, records)) = dossier else { return Vec::new() };
        let own = |duty: &&Obligation| {
            let state = duty.outcome.state;
            let is_own = duty.entry.and_then(|entry| records.get(entry)).is_some_and(|own| own == path);
            is_own && (state.is_bad() || state.is_running() && duty.outcome.due.is_some())
        };
        let told = |duty: &Obligation| {
            let (rule, state) = (&known.rulebook.rules[duty.rule], duty.outcome.state.text());
            let due = duty.outcome.due.map_or_else(String::new, |day| format!(" {day}"));
            format!("- {} {}{}{}{due}", rule.id.value, rule.title, self.language().colon(), state.in_language(self.language()))
        };
        known.duties(dossier).iter().filter(own).map(told).collect()
    }

    /// The language of what is said.
    pub(super) fn language(&self) -> Language {
        self.known.as_ref().map_or_else(|| self.shell.any_language(), |known| self.shell.language(&known.archive))
    }

    /// A finding as the editor is told it.
    pub(super) fn told(&self, finding: &Diagnostic) -> lsp_types::Diagnostic {
        let root = self.known.as_ref().map(|known| known.archive.root.clone()).unwrap_or_default();
        place::finding(&root, finding, self.language())
    }

    fn path(&self, uri: &Url) -> Option<String> {
        place::path(&self.known.as_ref()?.archive.root, uri)
    }

    /// Reads the archive that the folder lies in. A folder outside of any is no reason to stop.
    fn read(&mut self) {
        let shell = self.shell.at_this_moment();
        if let Ok(root) = Archive::find(&self.folder) {
            self.take(Known::read(&shell, &root));
        }
    }

    /// The same beside the talk with the editor.
    fn read_again(&mut self) {
        self.due = false;
        let Some(root) = self.known.as_ref().map(|known| known.archive.root.clone()) else { return };
        let (shell, (sender, reading)) = (self.shell.at_this_moment(), mpsc::channel());
        std::thread::spawn(move || drop(sender.send(Known::read(&shell, &root))));
        self.reading = Some(reading);
    }

    /// Takes what was read; what is typed and not saved is judged over it.
    fn take(&mut self, read: Result<Known, Failure>) {
        match read {
            Ok(known) => {
                self.found = by_path(known.findings.iter());
                self.alone.clear();
                let lies = |path: &str| known.archive.record(path).map(|record| record.source.text());
                self.typed
                    .extend(self.open.iter().filter(|(path, open)| lies(path) != Some(open.text.as_str())).map(|(path, _)| path.clone()));
                self.known = Some(known);
                self.publish(|_| true);
            }
            Err(failure) => {
                let message = failure.message(self.language());
                self.notify("window/showMessage", &ShowMessageParams { typ: MessageType::ERROR, message });
            }
        }
    }

    /// Judges what was typed: each dossier by itself.
    fn judge(&mut self) {
        let Some(known) = &self.known else {
            self.typed.clear();
            return;
        };
        let texts: BTreeMap<String, String> = self.open.iter().map(|(path, open)| (path.clone(), open.text.clone())).collect();
        let (mut dossiers, mut others) = (BTreeSet::new(), Vec::new());
        for path in std::mem::take(&mut self.typed) {
            match home(&path).filter(|(folder, _)| known.rulebook.settings.kind_in(folder).is_some()) {
                Some((folder, number)) => drop(dossiers.insert(format!("{folder}/{number}"))),
                None => others.push(path),
            }
        }
        for dossier in &dossiers {
            let archive = known.archive.narrowed(dossier, &texts);
            let today = self.shell.at_this_moment().today(&archive.config);
            let mut judgement = known.rulebook.judge(&archive, today);
            self.alone.entry(dossier.clone()).or_insert_with(|| known.alone(dossier, today)).settle(&mut judgement);
            self.found.retain(|path, _| !is_of(dossier, path));
            self.found.extend(by_path(judgement.findings.iter().filter(|finding| is_of(dossier, finding.path()))));
        }
        for path in &others {
            // A record that stands alone is judged with all others; until then, by its own text.
            if let Some(text) = texts.get(path).filter(|_| path.ends_with(".md") && path.contains('/')) {
                let left = Diagnostics::sorted(known.rulebook.found_in(&Source::new(path.as_str(), text.as_str())));
                self.found.insert(path.clone(), left.iter().cloned().collect());
            }
        }
        self.publish(|path| dossiers.iter().any(|dossier| is_of(dossier, path)) || others.iter().any(|own| own == path));
    }

    /// Tells the editor what changed in files of which this may be so.
    fn publish(&mut self, may: impl Fn(&str) -> bool) {
        let Some(known) = &self.known else { return };
        let (root, language) = (&known.archive.root, self.language());
        let paths: BTreeSet<String> = self.found.keys().chain(self.told.keys()).filter(|path| may(path)).cloned().collect();
        let mut told = BTreeMap::new();
        for path in &paths {
            let found = self.found.get(path).map_or(&[][..], Vec::as_slice);
            let diagnostics: Vec<lsp_types::Diagnostic> = found.iter().map(|d| place::finding(root, d, language)).collect();
            if self.told.get(path).map_or(&[][..], Vec::as_slice) == diagnostics {
                continue;
            }
            let open = self.open.get(path);
            let Some(uri) = open.map(|open| open.uri.clone()).or_else(|| place::uri(root, path)) else { continue };
            let version = open.map(|open| open.version);
            told.insert(path.clone(), diagnostics.clone());
            self.notify("textDocument/publishDiagnostics", &PublishDiagnosticsParams { uri, diagnostics, version });
        }
        self.told.extend(told);
    }

    fn notify(&self, method: &str, params: &impl serde::Serialize) {
        self.say(Message::Notification(Notification::new(method.to_owned(), params)));
    }
}

/// Findings by file; those about the archive as a whole stand with its settings.
fn by_path<'d>(findings: impl Iterator<Item = &'d Diagnostic>) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut by_path: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for finding in findings {
        let path = if finding.path().is_empty() { FILE } else { finding.path() };
        by_path.entry(path.to_owned()).or_default().push(finding.clone());
    }
    by_path
}
