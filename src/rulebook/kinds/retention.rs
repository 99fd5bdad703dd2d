//! `retention`: originals are kept and their place is known.
//!
//! ```yaml
//! retention: { field: 扫描件, place: true }
//! retention: { table: 原件, columns: [存放位置, 扫描件] }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::say;
use crate::source::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Retention {
    /// An attachment or signature that must say where its original is.
    #[serde(default)]
    field: Option<Ref>,
    #[serde(default)]
    place: bool,
    /// A table of originals that must have a row with these columns.
    #[serde(default)]
    table: Option<Ref>,
    #[serde(default)]
    columns: Vec<String>,
}

impl Must for Retention {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let own = context.entry().map(|e| e.place(Span::at(e.record.front.start)));
        if let Some(field) = &self.field {
            if !context.present(field) {
                return Outcome::broken(say!("没有登记 {field} 的原件", "no original of {field} is registered"), own);
            }
            let keys = &context.world.rulebook.settings.value_keys;
            let kept = [&keys.attachment.place, &keys.signature.place].into_iter().any(|key| {
                let mut part = field.clone();
                part.parts.push(key.clone());
                context.present(&part)
            });
            if self.place && !kept {
                let place = context.resolve(field).into_iter().find_map(|c| c.place).or(own);
                return Outcome::broken(
                    say!("没有登记 {field} 原件的存放处", "the place of the original of {field} is not registered"),
                    place,
                );
            }
            return Outcome::of(State::Met);
        }
        let Some(table) = &self.table else { return Outcome::of(State::NotApplicable) };
        let rows = context.rows(table);
        if rows.is_empty() {
            return Outcome::broken(say!("没有在 {table} 登记原件", "no original is registered in {table}"), own);
        }
        for (columns, row, at) in rows {
            for wanted in &self.columns {
                let cell = row.cell(columns, wanted);
                if cell.is_none_or(|data| data.values().next().is_none() && !data.is_whole()) {
                    let place = context.world.entry(at).place(row.span);
                    return Outcome::broken(say!("{table} 的这一行缺「{wanted}」", "this row of {table} lacks `{wanted}`"), Some(place));
                }
            }
        }
        Outcome::of(State::Met)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in self.field.iter().chain(&self.table) {
            checker.reference(r);
        }
        if self.field.is_none() == self.table.is_none() {
            checker.wrong(say!("要写 field 或 table 之一", "write either field or table"));
        }
    }

    fn says(&self) -> Vec<Text> {
        let columns = self.columns.join("、");
        match (&self.field, &self.table) {
            (Some(r), _) => vec![say!("{r} 的原件须登记存放处", "the place of the original of {r} is registered")],
            (_, Some(r)) => vec![say!("{r} 至少有一行，每行有：{columns}", "{r} has a row, each with {columns}")],
            _ => Vec::new(),
        }
    }
}
