//! The second of the two channels: we could not work.
//!
//! A [`Failure`] stops the command and becomes exit code 2. What is wrong with the archive is
//! never a failure; it is a [`Diagnostic`](crate::diagnostic::Diagnostic).

use std::fmt;
use std::path::Path;

use crate::diagnostic::{Language, Text};
use crate::say;

/// What we were doing, and why it did not work.
#[derive(Debug)]
pub struct Failure {
    doing: Text,
    cause: Option<String>,
    help: Option<Text>,
}

impl Failure {
    /// A failure while doing something, with its cause in the words of whoever refused.
    pub fn new(doing: Text, cause: impl fmt::Display) -> Self {
        Self { doing, cause: Some(cause.to_string()), help: None }
    }

    /// A failure that needs no further cause: the sentence says all.
    pub fn plain(what: Text) -> Self {
        Self { doing: what, cause: None, help: None }
    }

    /// A failure to read, write or list `path`.
    pub fn io(zh: &str, en: &str, path: &Path, cause: impl fmt::Display) -> Self {
        let path = path.display();
        Self::new(Text::new(format!("{zh} {path}"), format!("{en} {path}")), cause)
    }

    /// Adds what the person can do about it.
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// Adds what was perhaps meant, where something is near enough.
    pub fn perhaps(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(say!("是不是 {near}?", "did you mean {near}?")),
            None => self,
        }
    }

    /// The failure as lines for a terminal.
    pub fn message(&self, language: Language) -> String {
        let mut out = self.doing.in_language(language).to_owned();
        if let Some(cause) = &self.cause {
            out.push_str(match language {
                Language::Zh => ":",
                Language::En => ": ",
            });
            out.push_str(cause);
        }
        if let Some(help) = &self.help {
            out.push_str(match language {
                Language::Zh => "\n  办法：",
                Language::En => "\n  help: ",
            });
            out.push_str(help.in_language(language));
        }
        out
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for Failure {}
