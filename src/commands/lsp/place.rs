//! Places as editors have them: addresses of files, lines and columns from 0, columns in UTF-16 units.

use std::path::{Path, PathBuf};

use lsp_types::{DiagnosticRelatedInformation, DiagnosticSeverity, InitializeParams, Location, NumberOrString, Position, Range, Url};

use crate::diagnostic::{Diagnostic, Language, Severity};
use crate::source::{self, Source, Span};

/// The folder that the editor works in, if it says so.
pub(super) fn folder(params: &InitializeParams) -> Option<PathBuf> {
    let first = params.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| &folder.uri);
    #[expect(deprecated, reason = "older editors send nothing else")]
    let root = first.or(params.root_uri.as_ref());
    root.and_then(|uri| uri.to_file_path().ok())
}

/// The path in the archive of a file that an editor names.
pub(super) fn path(root: &Path, uri: &Url) -> Option<String> {
    let file = uri.to_file_path().ok()?;
    // The folder may be reached through a link, or be named otherwise, as on Windows.
    let real = file.parent().and_then(|folder| folder.canonicalize().ok()).zip(file.file_name()).map(|(folder, name)| folder.join(name));
    let inside = real.as_deref().unwrap_or(&file).strip_prefix(root).ok()?;
    Some(inside.to_string_lossy().replace('\\', "/"))
}

/// The address of a file of the archive.
pub(super) fn uri(root: &Path, path: &str) -> Option<Url> {
    Url::from_file_path(root.join(path)).ok()
}

fn position(at: source::Position) -> Position {
    let number = |n: usize| u32::try_from(n.saturating_sub(1)).unwrap_or(u32::MAX);
    Position { line: number(at.line), character: number(at.utf16) }
}

/// The range of some bytes.
pub(super) fn range(source: &Source, span: Span) -> Range {
    Range { start: position(source.position(span.start)), end: position(source.position(span.end)) }
}

/// The byte at a position; past the end of its line, or of the text, that end.
pub(super) fn offset(source: &Source, at: Position) -> usize {
    let line = source.line(at.line as usize + 1);
    let mut units = 0;
    for (byte, c) in source.slice(line).char_indices() {
        if units >= at.character {
            return line.start + byte;
        }
        units += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    line.end
}

/// A finding as an editor shows it.
pub(super) fn finding(root: &Path, d: &Diagnostic, language: Language) -> lsp_types::Diagnostic {
    let mut message = d.message.in_language(language).to_owned();
    for more in d.facts.iter().chain(&d.help) {
        message.push('\n');
        message.push_str(more.in_language(language));
    }
    let severity = match d.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Advice => DiagnosticSeverity::INFORMATION,
    };
    let related = d.place.as_ref().zip(uri(root, d.path())).map(|(place, uri)| {
        let one = |label: &crate::diagnostic::Label| DiagnosticRelatedInformation {
            location: Location { uri: uri.clone(), range: range(&place.source, label.span) },
            message: label.text.in_language(language).to_owned(),
        };
        d.labels.iter().map(one).collect::<Vec<_>>()
    });
    lsp_types::Diagnostic {
        range: d.place.as_ref().map(|place| range(&place.source, place.span)).unwrap_or_default(),
        severity: Some(severity),
        code: Some(NumberOrString::String(d.code.clone())),
        source: Some("anjuan".to_owned()),
        message,
        related_information: related.filter(|related| !related.is_empty()),
        ..lsp_types::Diagnostic::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_utf16_units() {
        let source = Source::new("a.md", "甲𠀀乙\r\n丙");
        for (text, line, character) in [('甲', 0, 0), ('𠀀', 0, 1), ('乙', 0, 3), ('丙', 1, 0)] {
            let at = source.text().find(text).expect("there");
            assert_eq!(range(&source, Span::at(at)).start, Position { line, character });
            assert_eq!(offset(&source, Position { line, character }), at);
        }
        assert_eq!(offset(&source, Position { line: 0, character: 99 }), "甲𠀀乙".len());
        assert_eq!(offset(&source, Position { line: 9, character: 0 }), source.text().len());
    }
}
