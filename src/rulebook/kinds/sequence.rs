//! `sequence`: days come in order, within a record and across records.
//!
//! ```yaml
//! sequence: { order: [C02.申请日期, C02.受理日期, C02.咨询时间], strictly: false }
//! ```
//!
//! Missing values are passed over. Two times are compared to the minute, otherwise days.

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Refs;
use crate::say;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sequence {
    order: Vec<Refs>,
    #[serde(default)]
    strictly: bool,
}

impl Must for Sequence {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let mut before: Option<(&Refs, Cell)> = None;
        for refs in &self.order {
            let Some(cell) = context.resolve_first(refs).into_iter().next() else { continue };
            if let Some((earlier, old)) = &before {
                let order = old.value.compare(&cell.value);
                let wrong = match order {
                    Some(std::cmp::Ordering::Greater) => true,
                    Some(std::cmp::Ordering::Equal) => self.strictly,
                    _ => false,
                };
                if wrong {
                    let (a, b) = (&old.value, &cell.value);
                    let label = say!("早于 {earlier}（{a}）", "before {earlier} ({a})");
                    let mut outcome = Outcome::broken(
                        say!("{refs}（{b}）应在 {earlier}（{a}）之后", "{refs} ({b}) should come after {earlier} ({a})"),
                        cell.place,
                    );
                    outcome.label = Some(label);
                    return outcome;
                }
            }
            before = Some((refs, cell));
        }
        Outcome::of(State::Met)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for refs in &self.order {
            checker.days(refs);
        }
    }

    fn says(&self) -> Vec<Text> {
        let sign = if self.strictly { " < " } else { " ≤ " };
        let order = self.order.iter().map(ToString::to_string).collect::<Vec<_>>().join(sign);
        vec![say!("日期次序：{order}", "in order: {order}")]
    }
}
