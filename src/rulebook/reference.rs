//! References: how rules, conditions and computed fields name a value.
//!
//! `字段`, `字段.列`, `C03.字段`, `C08.接触行.日期`, `C03@submitted`, `§段落`, `C03.§段落`, a bare form
//! code for "a record of that form", and `first …` / `last …` for the smallest and largest value.

use std::fmt;

use serde::Deserialize;

use crate::source::Span;
use crate::yaml::de::Spanned;
use crate::yaml::{Node, Value};

/// A reference as written, with its place in the rulebook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Spanned<String>")]
pub struct Ref {
    /// Its bytes in the rulebook file.
    pub span: Span,
    /// Which of several values.
    pub pick: Pick,
    /// The parts between the dots; the first may be a form.
    pub parts: Vec<String>,
    /// What is referred to.
    pub target: Target,
}

/// Which of several values is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The record's own, or that of the first record.
    Own,
    /// The smallest of all.
    First,
    /// The largest of all.
    Last,
}

/// What kind of thing is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A field, a column of it, or a form.
    Value,
    /// A section; its name is the last part.
    Section,
    /// An event read from history.
    Event(Event),
}

/// What history knows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It was complete in a commit for the first time.
    Submitted,
    /// The approval that stands was given.
    Approved,
    /// Somebody who had no hand in it gave an opinion for the first time, whatever became of it.
    Reviewed,
    /// It was sent back.
    Returned,
}

impl TryFrom<Spanned<String>> for Ref {
    type Error = String;

    fn try_from(text: Spanned<String>) -> Result<Self, String> {
        Self::parse(&text.value, text.span)
    }
}

impl Ref {
    /// Reads a reference.
    pub fn parse(text: &str, span: Span) -> Result<Self, String> {
        let (pick, rest) = match text.split_once(' ') {
            Some(("first", rest)) => (Pick::First, rest.trim()),
            Some(("last", rest)) => (Pick::Last, rest.trim()),
            _ => (Pick::Own, text.trim()),
        };
        if rest.is_empty() {
            return Err("an empty reference".to_owned());
        }
        let (path, event) = match rest.rsplit_once('@') {
            Some((path, "submitted")) => (path, Some(Event::Submitted)),
            Some((path, "approved")) => (path, Some(Event::Approved)),
            Some((path, "returned")) => (path, Some(Event::Returned)),
            Some((path, "reviewed")) => (path, Some(Event::Reviewed)),
            Some((_, other)) => return Err(format!("unknown event `@{other}`; known: @submitted, @reviewed, @approved, @returned")),
            None => (rest, None),
        };
        let mut parts: Vec<String> = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let target = match (event, parts.last_mut()) {
            (Some(event), _) => Target::Event(event),
            (None, Some(last)) if last.starts_with('§') => {
                *last = last.trim_start_matches('§').to_owned();
                Target::Section
            }
            _ => Target::Value,
        };
        if parts.len() > 3 || parts.is_empty() && event.is_none() {
            return Err(format!("`{text}` is no reference"));
        }
        Ok(Self { span, pick, parts, target })
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.pick {
            Pick::Own => "",
            Pick::First => "first ",
            Pick::Last => "last ",
        })?;
        let last = self.parts.len().saturating_sub(1);
        for (nth, part) in self.parts.iter().enumerate() {
            let mark = if nth == last && self.target == Target::Section { "§" } else { "" };
            write!(f, "{}{mark}{part}", if nth == 0 { "" } else { "." })?;
        }
        match self.target {
            Target::Event(Event::Submitted) => f.write_str("@submitted"),
            Target::Event(Event::Approved) => f.write_str("@approved"),
            Target::Event(Event::Returned) => f.write_str("@returned"),
            Target::Event(Event::Reviewed) => f.write_str("@reviewed"),
            _ => Ok(()),
        }
    }
}

/// One reference or several, of which the first that has a value is meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Node")]
pub struct Refs(pub Vec<Ref>);

impl TryFrom<Node> for Refs {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        let one = |node: &Node| match &node.value {
            Value::Scalar { text, .. } => Ref::parse(text, node.span),
            _ => Err("a reference is expected".to_owned()),
        };
        match node.as_list() {
            Some(items) => items.iter().map(one).collect::<Result<_, _>>().map(Self),
            None => one(&node).map(|r| Self(vec![r])),
        }
    }
}

impl fmt::Display for Refs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, r) in self.0.iter().enumerate() {
            write!(f, "{}{r}", if nth == 0 { "" } else { " / " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_read_and_print_the_same() {
        for text in [
            "开案日期",
            "C03.开案日期",
            "first C07.开始",
            "last C08.接触行.日期",
            "C03@submitted",
            "@approved",
            "G02@reviewed",
            "§本节目的",
            "C13.§成效检讨",
            "GAS 起点/终点 T",
        ] {
            assert_eq!(Ref::parse(text, Span::default()).expect(text).to_string(), text);
        }
        assert!(Ref::parse("C03@sent", Span::default()).is_err());
        assert!(Ref::parse("a.b.c.d", Span::default()).is_err());
        assert!(Ref::parse("first ", Span::default()).is_err());
    }
}
