//! What the editor asks, answered from what is known.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CompletionItem, CompletionItemKind, CompletionParams,
    CompletionTextEdit, GotoDefinitionParams, Hover, HoverContents, HoverParams, Location, MarkupContent, MarkupKind,
    TextDocumentPositionParams, TextEdit, Url, WorkspaceEdit,
};
use serde_json::{Error, Value};

use super::place;
use super::room::Room;
use crate::diagnostic::Diagnostic;
use crate::publish::editor::{Suggested, Suggestion};
use crate::say;
use crate::source::{Source, Span};

/// What can stand at the cursor.
pub(super) fn completion(room: &Room, params: Value) -> Result<Value, Error> {
    let params: CompletionParams = serde_json::from_value(params)?;
    let TextDocumentPositionParams { text_document, position } = params.text_document_position;
    let Some(draft) = room.draft(&text_document.uri) else { return Ok(Value::Null) };
    let source = draft.source();
    let item = |(nth, own): (usize, Suggestion)| CompletionItem {
        kind: Some(match own.kind {
            Suggested::Name => CompletionItemKind::FIELD,
            Suggested::Value => CompletionItemKind::ENUM_MEMBER,
            Suggested::Reference => CompletionItemKind::REFERENCE,
            Suggested::Section => CompletionItemKind::MODULE,
        }),
        detail: Some(own.detail).filter(|detail| !detail.is_empty()),
        // Editors sort by name; the order of the form says more.
        sort_text: Some(format!("{nth:04}")),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: place::range(source, own.span), new_text: own.text })),
        label: own.label,
        ..CompletionItem::default()
    };
    let items: Vec<CompletionItem> = draft.suggestions(place::offset(source, position)).into_iter().enumerate().map(item).collect();
    serde_json::to_value(items)
}

/// What stands at the cursor.
pub(super) fn hover(room: &Room, params: Value) -> Result<Value, Error> {
    let params: HoverParams = serde_json::from_value(params)?;
    let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
    let Some(draft) = room.draft(&text_document.uri) else { return Ok(Value::Null) };
    let offset = place::offset(draft.source(), position);
    let about = draft.about(offset).map(|(mut value, span)| {
        // Whoever asks what the record is hears what is to be done about it.
        if draft.names_form(offset) {
            value = [vec![value], room.duties(draft.source().path())].concat().join("\n\n");
        }
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        Hover { contents, range: Some(place::range(draft.source(), span)) }
    });
    serde_json::to_value(about)
}

/// Where what stands at the cursor comes from.
pub(super) fn definition(room: &Room, params: Value) -> Result<Value, Error> {
    let params: GotoDefinitionParams = serde_json::from_value(params)?;
    let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
    let Some(draft) = room.draft(&text_document.uri) else { return Ok(Value::Null) };
    let target = draft.target(place::offset(draft.source(), position)).and_then(|target| {
        let uri = place::uri(&draft.archive.root, target.path())?;
        Some(Location { uri, range: place::range(&target.source, target.span) })
    });
    serde_json::to_value(target)
}

/// What can be corrected here, and everything that can be corrected safely.
pub(super) fn actions(room: &Room, params: Value) -> Result<Value, Error> {
    let params: CodeActionParams = serde_json::from_value(params)?;
    let uri = params.text_document.uri;
    let Some((known, open, path)) = room.open(&uri) else { return Ok(Value::Null) };
    let source = Source::new(path.as_str(), open.text.as_str());
    let wanted = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| only.iter().any(|own| kind.as_str().starts_with(own.as_str())))
    };
    let (start, end) = (place::offset(&source, params.range.start), place::offset(&source, params.range.end));
    let touches = |d: &&Diagnostic| {
        // A finding of an older text points elsewhere by now.
        d.place.as_ref().is_some_and(|place| place.source.text() == source.text() && place.span.start <= end && start <= place.span.end)
    };
    let mut actions = Vec::new();
    for finding in room.found(&path).iter().filter(touches).filter(|_| wanted(&CodeActionKind::QUICKFIX)) {
        for fix in &finding.fixes {
            let title = fix.title.in_language(room.language()).to_owned();
            let edit = edit(&uri, &source, fix.span, fix.replacement.clone());
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![room.told(finding)]),
                edit: Some(edit),
                is_preferred: Some(finding.fixes.len() == 1),
                ..CodeAction::default()
            }));
        }
    }
    if wanted(&CodeActionKind::SOURCE_FIX_ALL) && path.ends_with(".md") {
        let mended = known.rulebook.mended(&source);
        if !mended.made.is_empty() {
            let n = mended.made.len();
            let title = say!("改正全部有把握的写法（{n} 处）", "correct everything that is sure ({n})");
            let whole = Span::new(0, source.text().len());
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: title.in_language(room.language()).to_owned(),
                kind: Some(CodeActionKind::SOURCE_FIX_ALL),
                edit: Some(edit(&uri, &source, whole, mended.source.text().to_owned())),
                ..CodeAction::default()
            }));
        }
    }
    serde_json::to_value(actions)
}

fn edit(uri: &Url, source: &Source, span: Span, text: String) -> WorkspaceEdit {
    let edits = vec![TextEdit { range: place::range(source, span), new_text: text }];
    WorkspaceEdit { changes: Some(HashMap::from([(uri.clone(), edits)])), ..WorkspaceEdit::default() }
}
