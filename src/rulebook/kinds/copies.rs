//! `copies`: a section is not word for word that of another record.
//!
//! ```yaml
//! copies: { sections: [会谈过程, 案主表现], from: 60 }
//! ```
//!
//! Only sections of at least so many characters are compared, with those of the same name and form in
//! the whole archive. Spaces and line ends make no difference.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Context, Entry};
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
    /// What is compared of a section, if it is long enough.
    fn words(&self, entry: &Entry<'_>, section: &str) -> Option<String> {
        let text: String = entry.record.section_text(section)?.chars().filter(|c| !c.is_whitespace()).collect();
        (text.chars().count() >= self.from).then_some(text)
    }
}

/// Stands for a long text in an index.
fn digest(text: &str) -> Vec<String> {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    vec![hasher.finish().to_string()]
}

impl Must for Copies {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let (Some(entry), Some(own)) = (context.entry(), context.own) else { return Outcome::of(State::NotApplicable) };
        let world = context.world;
        let mut compared = false;
        for name in self.sections.iter().filter_map(|r| r.parts.last()) {
            let Some(text) = self.words(entry, name) else { continue };
            compared = true;
            let index = world.indexed(format!("{} copies {} {name}", entry.form, self.from), || {
                let all = world.all_of(entry.form).iter();
                all.filter_map(|&at| Some((digest(&self.words(world.entry(at), name)?), at))).collect()
            });
            let others = index.get(&digest(&text)).into_iter().flatten().filter(|at| **at != (context.dossier, own));
            if let Some(other) = others.map(|&at| world.entry(at)).find(|other| self.words(other, name).as_ref() == Some(&text)) {
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
