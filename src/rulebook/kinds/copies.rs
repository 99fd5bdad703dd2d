//! `copies`: a section is not word for word that of another record.
//!
//! ```yaml
//! copies: { sections: [会谈过程, 案主表现], from: 60 }
//! ```
//!
//! Only sections of at least so many characters are compared, with those of the same name and form in
//! the whole archive. Spaces and line ends make no difference.

use std::hash::{DefaultHasher, Hasher};

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Context, Entry};
use crate::rulebook::encryption;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Target};
use crate::say;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Copies {
    sections: Vec<Ref>,
    /// Fewest characters of a text that is compared.
    from: usize,
}

impl Copies {
    /// What stands for a section in an index, if it is long enough to be compared.
    fn digest(&self, entry: &Entry<'_>, section: &str) -> Option<Vec<String>> {
        let text = entry.record.section_text(section).filter(|_| !encryption::is_encrypted(entry.record, section))?;
        let (mut hasher, mut characters) = (DefaultHasher::new(), 0);
        for word in text.split_whitespace() {
            characters += word.chars().count();
            hasher.write(word.as_bytes());
        }
        (characters >= self.from).then(|| vec![hasher.finish().to_string()])
    }
}

/// A section without its spaces and line ends.
fn words(entry: &Entry<'_>, section: &str) -> String {
    entry.record.section_text(section).unwrap_or_default().split_whitespace().collect()
}

impl Must for Copies {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let (Some(entry), Some(own)) = (context.entry(), context.own) else { return Outcome::of(State::NotApplicable) };
        let world = context.world;
        let mut compared = false;
        for name in self.sections.iter().filter_map(|r| r.parts.last()) {
            let Some(digest) = self.digest(entry, name) else { continue };
            compared = true;
            let index = world.indexed(format!("{} copies {} {name}", entry.form, self.from), || {
                let all = world.all_of(entry.form).iter();
                all.filter_map(|&at| Some((self.digest(world.entry(at), name)?, at))).collect()
            });
            let others = index.get(&digest).into_iter().flatten().filter(|at| **at != (context.dossier, own));
            if let Some(other) = others.map(|&at| world.entry(at)).find(|other| words(other, name) == words(entry, name)) {
                let id = &other.id;
                let place = entry.record.section(name).map(|section| entry.place(section.heading));
                return Outcome::broken(
                    say!("段落「{name}」与 {id} 的一字不差", "the section `{name}` is word for word that of {id}"),
                    place,
                );
            }
        }
        Outcome::of(if compared { State::Met } else { State::NotApplicable })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in &self.sections {
            checker.reference(&Ref { target: Target::Section, ..r.clone() });
        }
    }

    fn says(&self) -> Vec<Text> {
        let (from, list) = (self.from, self.sections.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"));
        vec![say!(
            "{from} 字以上的段落不得与别的记录一字不差：{list}",
            "sections of {from} characters or more are no copies of another record's: {list}"
        )]
    }
}
