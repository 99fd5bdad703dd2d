//! `reason`: a record with which a deadline ended late says why.
//!
//! ```yaml
//! reason: { field: 逾期说明 }
//! reason: { field: 逾期说明, except: [R35-1c] }
//! ```
//!
//! It looks at every deadline of the rulebook, whatever it is counted from; those under `except` need no
//! reason. What is not done yet has no record in which to say why, so it is not asked.

use serde::Deserialize;

use super::{Must, Turn};
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    field: Spanned<String>,
    #[serde(default)]
    except: Vec<Spanned<String>>,
}

impl Must for Reason {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let (Some(entry), Some(own)) = (context.entry(), context.own) else { return Outcome::of(State::NotApplicable) };
        let asked = |rule: &str| !self.except.iter().any(|except| except.value == rule);
        let late = world.late.get(&(context.dossier, own)).into_iter().flatten().map(|&rule| &world.rulebook.rules[rule]);
        let late: Vec<_> = late.filter(|rule| asked(&rule.id.value)).collect();
        if late.is_empty() {
            return Outcome::of(State::NotApplicable);
        }
        let written = world.form(entry).field(&self.field).is_some_and(|(index, _)| entry.value(index).is_some());
        if written {
            return Outcome::of(State::Met);
        }
        let (name, titles) = (&self.field.value, late.iter().map(|rule| rule.title.as_str()).collect::<Vec<_>>().join("；"));
        let place = entry.place(Span::at(entry.record.front.start));
        let outcome = Outcome::broken(say!("逾期完成，没有写「{name}」", "done late, and `{name}` does not say why"), Some(place));
        outcome.fact(say!("逾期的是：{titles}", "late: {titles}"))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.own_field(&self.field);
        for rule in &self.except {
            checker.rule(rule);
        }
    }

    fn says(&self) -> Vec<Text> {
        let (name, except) = (&self.field.value, self.except.iter().map(|rule| rule.value.as_str()).collect::<Vec<_>>().join("、"));
        let mut says = vec![say!("逾期完成的记录在「{name}」写明原因", "a record with which a deadline ended late says why in `{name}`")];
        if !except.is_empty() {
            says.push(say!("不必写的：{except}", "not asked for: {except}"));
        }
        says
    }

    fn turn(&self) -> Turn {
        Turn::Last
    }
}
