//! The safe changes that findings propose, made in the text of a record until none is left.
//!
//! Bytes change at the places of findings only; nothing is written anew from what was read, so comments, quotes, order and line
//! ends stay. Slips in the layout come first, since what they hide is read only afterwards. A change after which more is wrong
//! than before is not made.

use std::sync::Arc;

use super::Rulebook;
use super::judge::reading;
use crate::archive::Record;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{SharedSource, Source};

/// Rounds after which no more is tried; a change rarely shows another one.
const ROUNDS: usize = 8;

/// A text with the safe changes made.
#[derive(Debug)]
pub struct Mended {
    /// The text.
    pub source: SharedSource,
    /// The findings whose changes were made, each with its place in the text as it was then. No change adds or removes a line.
    pub made: Vec<Diagnostic>,
    /// What is still wrong with the record by itself.
    pub left: Vec<Diagnostic>,
}

impl Rulebook {
    /// The text of a record with the safe changes made.
    pub fn mended(&self, source: &SharedSource) -> Mended {
        let mut mended = Mended { source: Arc::clone(source), made: Vec::new(), left: self.found_in(source) };
        for _ in 0..ROUNDS {
            let Some(next) = self.better(&mended) else { break };
            mended.made.extend(next.made);
            (mended.source, mended.left) = (next.source, next.left);
        }
        mended
    }

    /// What is wrong with a record by itself.
    pub fn found_in(&self, source: &SharedSource) -> Vec<Diagnostic> {
        let (record, mut found) = Record::parse(source);
        found.append(&mut reading(self, &record).1);
        found
    }

    /// The next text, with what was changed to come to it.
    fn better(&self, now: &Mended) -> Option<Mended> {
        let attempt = |made: &[&Diagnostic]| {
            let source = Source::new(now.source.path(), changed(now.source.text(), made));
            let left = self.found_in(&source);
            let again = made.iter().any(|own| left.iter().any(|other| is_same(own, other)));
            let good = !made.is_empty() && !again && left.len() <= now.left.len();
            good.then(|| Mended { source, made: made.iter().map(|own| (*own).clone()).collect(), left })
        };
        let (layout, values) = now.left.iter().filter(|d| !d.fixes.is_empty()).partition(|d| d.code.starts_with('Y'));
        // Where they do not all fit together, one after another.
        [layout, values].into_iter().map(together).find_map(|all| attempt(&all).or_else(|| all.iter().find_map(|own| attempt(&[own]))))
    }
}

/// The findings whose changes can be made together: no two at the same place.
fn together(mut all: Vec<&Diagnostic>) -> Vec<&Diagnostic> {
    all.sort_by_key(|d| span(d));
    let mut end = 0;
    all.retain(|d| {
        let (from, until) = span(d);
        let free = from >= end;
        end = if free { until } else { end };
        free
    });
    all
}

fn fix(d: &Diagnostic) -> Option<&Fix> {
    d.fixes.first()
}

fn span(d: &Diagnostic) -> (usize, usize) {
    fix(d).map_or((0, 0), |fix| (fix.span.start, fix.span.end))
}

/// The text with these changes, which come in its order.
fn changed(text: &str, made: &[&Diagnostic]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len() + 16), 0);
    for fix in made.iter().filter_map(|d| fix(d)) {
        out.push_str(text.get(at..fix.span.start).unwrap_or_default());
        out.push_str(&fix.replacement);
        at = fix.span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Whether two findings say the same of the same line.
fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    let line = |d: &Diagnostic| d.place.as_ref().map(|place| place.start().line);
    (&one.code, &one.message.zh, line(one)) == (&other.code, &other.message.zh, line(other))
}
