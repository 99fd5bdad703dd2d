//! `sequence`: days come in order, within a record and across records.
//!
//! ```yaml
//! sequence: { order: [C02.申请日期, C02.受理日期, C02.咨询时间], strictly: false }
//! sequence: { rows: 分节计划, by: 节次, order: [日期], strictly: true }
//! ```
//!
//! With `rows` the days of one row come after those of the row before it, in the order of `by`.
//! Missing values are passed over. Two times are compared to the minute, otherwise days.

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Refs};
use crate::say;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sequence {
    /// A table whose rows follow one another.
    #[serde(default)]
    rows: Option<Ref>,
    /// The column that numbers them; as written without it.
    #[serde(default)]
    by: Option<Ref>,
    order: Vec<Refs>,
    #[serde(default)]
    strictly: bool,
}

impl Sequence {
    /// The days in the order in which they should come.
    fn days(&self, context: &Context<'_, '_>) -> Vec<(&Refs, Cell)> {
        let day = |context: &Context<'_, '_>, refs: &Refs| context.resolve_first(refs).into_iter().next();
        let Some(table) = &self.rows else {
            return self.order.iter().filter_map(|refs| Some((refs, day(context, refs)?))).collect();
        };
        let rows = context.rows(table);
        let mut views: Vec<Context<'_, '_>> = rows.iter().map(|row| context.on_row(row.0, &row.1)).collect();
        if let Some(by) = &self.by {
            views.sort_by_key(|view| view.resolve(by).first().and_then(|cell| cell.value.number()));
        }
        views.iter().flat_map(|view| self.order.iter().filter_map(|refs| Some((refs, day(view, refs)?)))).collect()
    }
}

impl Must for Sequence {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let mut before: Option<(&Refs, Cell)> = None;
        for (refs, cell) in self.days(context) {
            if let Some((earlier, old)) = &before {
                let order = old.value.compare(&cell.value);
                let wrong = match order {
                    Some(std::cmp::Ordering::Greater) => true,
                    Some(std::cmp::Ordering::Equal) => self.strictly,
                    _ => false,
                };
                if wrong {
                    let (a, b) = (&old.value, &cell.value);
                    let message = say!("{refs}（{b}）应在 {earlier}（{a}）之后", "{refs} ({b}) should come after {earlier} ({a})");
                    return Outcome::broken(message, cell.place).labelled(say!("早于 {earlier}（{a}）", "before {earlier} ({a})"));
                }
            }
            before = Some((refs, cell));
        }
        Outcome::of(State::Met)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        match &self.rows {
            Some(table) => checker.on_rows(table, |checker| {
                self.by.iter().for_each(|by| checker.reference(by));
                self.order.iter().for_each(|refs| checker.days(refs));
            }),
            None => self.order.iter().for_each(|refs| checker.days(refs)),
        }
    }

    fn says(&self) -> Vec<Text> {
        let sign = if self.strictly { " < " } else { " ≤ " };
        let order = self.order.iter().map(ToString::to_string).collect::<Vec<_>>().join(sign);
        match &self.rows {
            Some(table) => vec![say!("{table} 逐行的 {order} 依次", "{order} of {table} in order, row by row")],
            None => vec![say!("日期次序：{order}", "in order: {order}")],
        }
    }
}
