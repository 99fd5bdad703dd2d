//! `matches`: where one thing holds, another must: a table of pairs.
//!
//! ```yaml
//! matches: { pairs: [ { when: { 终止途径: 目标达成 }, then: { 结案类型: 目标达成 } } ] }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::condition::Condition;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::say;
use crate::source::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Matches {
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    when: Condition,
    then: Condition,
}

impl Must for Matches {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let mut met = false;
        for pair in &self.pairs {
            if !pair.when.holds(context) {
                continue;
            }
            if !pair.then.holds(context) {
                let mut tests = Vec::new();
                pair.then.references(&mut tests);
                pair.when.references(&mut tests);
                let place = tests.iter().find_map(|(r, _)| context.resolve(r).into_iter().find_map(|cell| cell.place));
                let place = place.or_else(|| context.entry().map(|e| e.place(Span::at(e.record.front.start))));
                let (when, then) = (&pair.when, &pair.then);
                return Outcome::broken(say!("{when} 时应有 {then}", "where {when}, there should be {then}"), place);
            }
            met = true;
        }
        Outcome::of(if met { State::Met } else { State::NotApplicable })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for pair in &self.pairs {
            checker.condition(&pair.when);
            checker.condition(&pair.then);
        }
    }

    fn says(&self) -> Vec<Text> {
        self.pairs
            .iter()
            .map(|pair| {
                let (when, then) = (&pair.when, &pair.then);
                say!("{when} → {then}", "{when} → {then}")
            })
            .collect()
    }
}
