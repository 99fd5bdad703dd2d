//! What an audience reads instead of names that it must not know.

use super::viewer::Viewer;
use super::{Link, ValueView};
use crate::publish::markdown::{self, Block, replaced};
use crate::rulebook::form::Kind;
use crate::rulebook::mentions::decoded;
use crate::rulebook::pseudonyms::Alias;
use crate::say;
use crate::source::Span;

impl Viewer<'_> {
    /// A text of a dossier with pseudonyms in place of the names of those whom this audience must not know. Who is no part of
    /// the dossier has no pseudonym in it.
    pub fn disguised(&self, dossier: usize, text: String) -> String {
        match self.disguises(Some(dossier), &text) {
            found if found.is_empty() => text,
            found => replaced(&text, &found),
        }
    }

    /// A text of no dossier without such names.
    pub(super) fn withheld(&self, text: &str) -> String {
        replaced(text, &self.disguises(None, text))
    }

    /// Prose of a dossier with pseudonyms.
    pub(super) fn disguised_prose(&self, dossier: usize, mut blocks: Vec<Block>) -> Vec<Block> {
        if !self.highest() {
            markdown::replace(&mut blocks, &|text| self.disguises(Some(dossier), text));
        }
        blocks
    }

    /// A value of a dossier with pseudonyms, where somebody wrote what they liked.
    pub(super) fn disguised_value(&self, dossier: usize, kind: Kind, value: ValueView) -> ValueView {
        let text = |text: String| self.disguised(dossier, text);
        if matches!(kind, Kind::Date | Kind::Datetime | Kind::Integer | Kind::Decimal | Kind::Money | Kind::Bool | Kind::Scale) {
            return value;
        }
        match value {
            ValueView::Text { text: own } => ValueView::Text { text: text(own) },
            ValueView::Signature { name, role, date, form, place } => {
                ValueView::Signature { name: text(name), role: text(role), date, form: text(form), place: text(place) }
            }
            ValueView::Link { mut link } if matches!(kind, Kind::Attachment | Kind::Url) => {
                // In an address a name may be encoded.
                let plain = decoded(&link.text);
                if self.names_somebody(&plain) {
                    link = Link { text: text(plain), url: None };
                }
                ValueView::Link { link }
            }
            other => other,
        }
    }

    /// Whether a text names somebody whom this audience must not know.
    pub(super) fn names_somebody(&self, text: &str) -> bool {
        !self.highest() && !self.judgement.mentions.find(text, self.level).is_empty()
    }

    fn disguises(&self, dossier: Option<usize>, text: &str) -> Vec<(Span, String)> {
        if self.highest() {
            return Vec::new();
        }
        let mentions = &self.judgement.mentions;
        let may_show = |code: &str| mentions.find(code, self.level).is_empty();
        let one = |mention: crate::rulebook::mentions::Mention| {
            let known = dossier.and_then(|at| self.pseudonyms.of(at, mentions.folded(mention.value), self.level, &may_show));
            let alias = match known {
                Some(Alias::Name(name)) => name.to_owned(),
                Some(Alias::Years(first)) => self.say(&say!("{first}年代", "the {first}s")),
                None => self.say(&say!("［略］", "[withheld]")),
            };
            (mention.span, alias)
        };
        mentions.find(text, self.level).into_iter().map(one).collect()
    }
}
