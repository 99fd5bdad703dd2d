//! Whose approval a rule asked for at some time before now.
//!
//! A merge is judged by what was in force before it, so each [`Policy`](super::line::Policy) notes where the rules of its time differ from the
//! rulebook at hand: other roles, other forms, or no such rule yet. Files that are the same then and now are not read.

use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::kinds::Turn;
use super::rule::{self, Applies};
use crate::archive::Archive;
use crate::archive::history::Oid;
use crate::source::Source;
use crate::yaml::de::Spanned;

/// Choices of roles that have to agree.
pub type Slots = Vec<Vec<Spanned<String>>>;

/// What a rule asked for at some time.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose approval.
    pub slots: Slots,
    /// The forms that it was about, as indices into the rulebook at hand; none where it was about dossiers.
    forms: Option<Vec<usize>>,
}

impl Asked {
    /// Whether it was about a form.
    pub fn concerns(&self, form: Option<usize>) -> bool {
        self.forms.as_ref().zip(form).is_none_or(|(forms, form)| forms.contains(&form))
    }
}

/// What a rule asked for then, by its id; none where there was no such rule.
pub type Then = BTreeMap<String, Option<Asked>>;

/// Where the rules in `files` (by path) differ from those of `rulebook` in whose approval they ask for.
pub(super) fn differences(archive: &Archive, rulebook: &Rulebook, files: &BTreeMap<String, Oid>) -> Then {
    let now: BTreeSet<&str> = rulebook.rules.iter().map(|rule| rule.source.path()).collect();
    let paths: BTreeSet<&str> = now.iter().copied().chain(files.keys().map(String::as_str)).collect();
    let other = |path: &&str| files.get(*path).copied() != archive.history.at_head(path);
    let changed: Vec<&str> = paths.into_iter().filter(other).collect();
    let mut then: BTreeMap<String, Asked> = BTreeMap::new();
    let mut doubtful: BTreeSet<&str> = BTreeSet::new();
    for path in &changed {
        let Some(blob) = files.get(*path) else { continue };
        let Some(text) = archive.blobs.text(*blob) else { continue };
        let (rules, found) = rule::read(&Source::new(*path, String::from_utf8_lossy(&text)));
        if !found.is_empty() {
            // What cannot be read lets nobody off.
            doubtful.insert(path);
        }
        for rule in rules.iter().filter(|rule| rule.must.turn() == Turn::First) {
            let slots = rule.must.slots().into_iter().map(<[_]>::to_vec).collect();
            let forms = (!matches!(rule.applies, Applies::Dossier(_))).then(|| rule.applies.forms(rulebook));
            then.insert(rule.id.value.clone(), Asked { slots, forms });
        }
    }
    let asks = rulebook.rules.iter().filter(|rule| rule.must.turn() == Turn::First);
    let mine = asks.filter(|rule| changed.contains(&rule.source.path()) && !doubtful.contains(rule.source.path()));
    let mut differences: Then = mine.map(|rule| (rule.id.value.clone(), then.get(&rule.id.value).cloned())).collect();
    // One that moved from a file that changed to one that did not is no other rule.
    for (id, asked) in then {
        differences.entry(id).or_insert(Some(asked));
    }
    differences
}
