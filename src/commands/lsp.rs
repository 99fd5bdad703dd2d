//! `anjuan lsp`: findings, completions and corrections while somebody writes, in any editor that speaks the Language Server
//! Protocol (3.17).
//!
//! What is typed and not saved yet is judged as if it lay there: the dossier by itself at once, the whole archive when somebody
//! has saved and then rested. Nothing is written but what the editor is told to write.

mod answers;
mod place;
mod room;

use clap::Args;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions, HoverProviderCapability, InitializeParams, OneOf,
    SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions,
};

use serde_json::json;

use super::{Ended, Shell};
use crate::failure::Failure;
use crate::say;
use room::Room;

/// Findings and completions in an editor 给编辑器用
///
/// A language server on standard input and output. An editor starts it; see README for how it is told to.
#[derive(Debug, Args)]
pub struct Lsp {
    /// Standard input and output, which is all there is; some editors say so
    #[arg(long)]
    stdio: bool,
}

impl Lsp {
    /// Runs until the editor ends it.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let (connection, threads) = Connection::stdio();
        let served = serve(shell, &connection);
        drop(connection);
        let joined = threads.join().map_err(|error| broken(&error));
        served.and(joined).map(|()| Ended::Clean)
    }
}

/// Talks with one editor until it says good-bye.
fn serve(shell: &Shell, connection: &Connection) -> Result<(), Failure> {
    let (id, params) = connection.initialize_start().map_err(|error| broken(&error))?;
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| broken(&error))?;
    let about = json!({
        "capabilities": capabilities(),
        "serverInfo": ServerInfo { name: "anjuan".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) },
    });
    connection.initialize_finish(id, about).map_err(|error| broken(&error))?;
    watch(connection, &params);
    let mut room = Room::new(shell, place::folder(&params), connection.sender.clone());
    loop {
        match connection.receiver.recv_timeout(room.patience()) {
            Ok(Message::Request(request)) => {
                if connection.handle_shutdown(&request).map_err(|error| broken(&error))? {
                    return Ok(());
                }
                room.say(Message::Response(answered(&room, request)));
            }
            Ok(Message::Notification(told)) => hear(&mut room, told),
            Ok(Message::Response(_)) => {}
            Err(error) if error.is_timeout() => room.work(),
            Err(_) => return Ok(()),
        }
    }
}

/// Asks to be told when files change that are not open, as after `git pull`.
fn watch(connection: &Connection, params: &InitializeParams) {
    let files = params.capabilities.workspace.as_ref().and_then(|workspace| workspace.did_change_watched_files.as_ref());
    if files.is_none_or(|files| files.dynamic_registration != Some(true)) {
        return;
    }
    let registration = json!({ "id": "files", "method": "workspace/didChangeWatchedFiles",
        "registerOptions": { "watchers": [{ "globPattern": "**/*.{md,yaml}" }] } });
    let request = Request::new(0.into(), "client/registerCapability".to_owned(), json!({ "registrations": [registration] }));
    drop(connection.sender.send(Message::Request(request)));
}

fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let starts = [":", " ", "[", "{", ",", "#"].map(str::to_owned).into();
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL]),
        ..CodeActionOptions::default()
    };
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        completion_provider: Some(CompletionOptions { trigger_characters: Some(starts), ..CompletionOptions::default() }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        ..ServerCapabilities::default()
    }
}

/// What somebody asked.
fn answered(room: &Room, request: Request) -> Response {
    let Request { id, method, params } = request;
    let result = match method.as_str() {
        "textDocument/completion" => answers::completion(room, params),
        "textDocument/hover" => answers::hover(room, params),
        "textDocument/definition" => answers::definition(room, params),
        "textDocument/codeAction" => answers::actions(room, params),
        _ => return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("{method} is not known here")),
    };
    match result {
        Ok(value) => Response::new_ok(id, value),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
    }
}

/// What the editor tells. What cannot be understood is left alone, as the protocol asks.
fn hear(room: &mut Room, told: Notification) {
    let Notification { method, params } = told;
    match method.as_str() {
        "textDocument/didOpen" => serde_json::from_value(params).map(|params| room.opened(params)).unwrap_or_default(),
        "textDocument/didChange" => serde_json::from_value(params).map(|params| room.changed(params)).unwrap_or_default(),
        "textDocument/didClose" => serde_json::from_value(params).map(|params| room.closed(&params)).unwrap_or_default(),
        "textDocument/didSave" | "workspace/didChangeWatchedFiles" => room.saved(),
        _ => {}
    }
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(say!("与编辑器的对话断了", "the talk with the editor broke off"), error)
        .help(say!("这个命令由编辑器启动，不在终端里用", "an editor starts this command; it is not for terminals"))
}
