//! Articles of the procedure: what each demands in our own words, and how it is enforced.

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::source::{SharedSource, Span};
use crate::yaml;
use crate::yaml::de::{self, Spanned};

/// One article or paragraph.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Article {
    /// `31.3`.
    pub article: Spanned<String>,
    /// The number in words.
    pub number: String,
    /// The chapter.
    pub chapter: String,
    /// What it demands, in our own words.
    pub gist: String,
    /// How it is enforced.
    pub enforced: Enforced,
    /// Rules that enforce it.
    #[serde(default)]
    pub rules: Vec<Spanned<String>>,
    /// Forms that carry it.
    #[serde(default)]
    pub forms: Vec<Spanned<String>>,
    /// The reading chosen where the source is ambiguous.
    #[serde(default)]
    pub reading: Option<String>,
    /// Whether its rules are still to be written.
    #[serde(default)]
    pub pending: bool,
}

/// How an article is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforced {
    /// By rules.
    Rules,
    /// By fields that people fill and people judge.
    Fields,
    /// By a checklist of the project.
    Checklist,
    /// Not at all: it explains.
    Informative,
}

/// Reads the list of articles.
pub fn read(source: &SharedSource) -> (Vec<Article>, Vec<Diagnostic>) {
    let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
    let articles = de::read_each(&node, source, "R101", &mut found);
    (articles, found)
}
