//! `consent`: what is done rests on a consent that was given before and not taken back.
//!
//! ```yaml
//! consent: { to: 录音, on: 开始 }
//! ```
//!
//! Consents are named in the rulebook's `consents.yaml`. `on` is the day of what is done; where it is not known, that the
//! consent was given and still stands is enough.

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::consent::Asked;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Refs;
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Consent {
    to: Spanned<String>,
    #[serde(default)]
    on: Option<Refs>,
}

impl Must for Consent {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let used = self.on.as_ref().and_then(|on| context.resolve_first(on).into_iter().find(|cell| cell.value.day().is_some()));
        let day = used.as_ref().and_then(|cell| cell.value.day());
        let asked = day.map_or(Asked::Ever(context.world.today), Asked::On);
        let Some(why) = context.lacks(&self.to, asked) else { return Outcome::of(State::Met) };
        let own = context.entry().map(|entry| entry.place(Span::at(entry.record.front.start)));
        let label = day.map(|day| Box::new(say!("这一天（{day}）没有有效的同意", "no consent holds on this day ({day})")));
        let place = used.and_then(|cell| cell.place).or(own);
        Outcome { label, ..Outcome::broken(why, place) }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.consent(&self.to);
        self.on.iter().for_each(|on| checker.days(on));
    }

    fn says(&self) -> Vec<Text> {
        let to = &self.to.value;
        match &self.on {
            Some(on) => vec![say!(
                "{on} 那天有对「{to}」的有效同意：已签署，未撤回，未期满",
                "on {on} a consent to `{to}` holds: signed, not withdrawn, not over"
            )],
            None => vec![say!("有对「{to}」的有效同意", "a consent to `{to}` holds")],
        }
    }
}
