//! Findings for a terminal: excerpt, caret, facts, remedy.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Diagnostics, Language, Severity};
use crate::say;

/// How wide lines may be, in columns.
const WIDTH: usize = 140;

/// All findings and a closing line.
pub fn render(findings: &Diagnostics, language: Language, color: bool) -> String {
    let all: Vec<&Diagnostic> = findings.iter().collect();
    let mut out: String = all.par_iter().map(|finding| one(finding, language, color) + "\n\n").collect();
    out.push_str(&summary(findings, language));
    out.push('\n');
    out
}

/// `3 个错误,1 个警告,0 个提示`.
pub fn summary(findings: &Diagnostics, language: Language) -> String {
    let [errors, warnings, advice] = [Severity::Error, Severity::Warning, Severity::Advice].map(|s| findings.count(s));
    if findings.is_empty() {
        return say!("没有发现问题", "nothing found").in_language(language).to_owned();
    }
    say!("{errors} 个错误，{warnings} 个警告，{advice} 个提示", "{errors} errors, {warnings} warnings, {advice} advices")
        .in_language(language)
        .to_owned()
}

/// One finding.
pub fn one(finding: &Diagnostic, language: Language, color: bool) -> String {
    let text = |t: &crate::diagnostic::Text| t.in_language(language).to_owned();
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::INFO.with_name("advice"),
    };
    let mut group = level
        .primary_title(text(&finding.message))
        .id(finding.code.clone())
        .elements(Vec::<Snippet<'_, annotate_snippets::Annotation<'_>>>::new());
    if let Some(place) = &finding.place {
        let (start, source) = (place.start(), place.source.text());
        if finding.private || source.is_empty() || place.span.start == 0 && place.span.end == 0 {
            group = group.element(annotate_snippets::Origin::path(place.path()).line(start.line).char_column(start.column));
        } else {
            // A long or many-lined value is pointed at by its first line.
            let line = place.source.line(start.line);
            let end = place.span.end.min(line.end).max(place.span.start);
            let mut annotation = AnnotationKind::Primary.span(place.span.start - line.start..end - line.start);
            if let Some(label) = &finding.label {
                annotation = annotation.label(text(label));
            }
            let mut snippet =
                Snippet::source(place.source.slice(line).to_owned()).line_start(start.line).path(place.path()).annotation(annotation);
            for label in finding.labels.iter().filter(|l| l.span.start >= line.start && l.span.end <= line.end) {
                snippet = snippet.annotation(
                    AnnotationKind::Context.span(label.span.start - line.start..label.span.end - line.start).label(text(&label.text)),
                );
            }
            group = group.element(snippet);
        }
    }
    for fact in &finding.facts {
        group = group.element(Level::NOTE.no_name().message(text(fact)));
    }
    if let Some(help) = &finding.help {
        let name = say!("办法", "help");
        group = group.element(Level::HELP.with_name(name.in_language(language).to_owned()).message(text(help)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group])
}
