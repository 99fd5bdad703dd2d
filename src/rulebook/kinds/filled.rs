//! `filled`: fields have a value and sections say something.
//!
//! ```yaml
//! filled: { fields: [退出原因, 询问退出日期], sections: [成效检讨] }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Target};
use crate::say;
use crate::source::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Filled {
    #[serde(default)]
    fields: Vec<Ref>,
    #[serde(default)]
    sections: Vec<Ref>,
}

impl Filled {
    /// The same reference as a section, whether or not it was written with `§`.
    fn section(r: &Ref) -> Ref {
        Ref { target: Target::Section, ..r.clone() }
    }

    /// Whether a field is filled; of a column, whether every row has it.
    fn has(context: &Context<'_, '_>, r: &Ref) -> bool {
        let (table, column) = match r.parts.as_slice() {
            [.., table, column] if r.target == Target::Value => {
                (Ref { parts: r.parts[..r.parts.len() - 1].to_vec(), ..r.clone() }, (table, column))
            }
            _ => return context.present(r),
        };
        let rows = context.rows(&table);
        if rows.is_empty() {
            return context.present(r);
        }
        rows.iter().all(|(columns, row, _)| {
            columns.iter().position(|c| c.name.value == *column.1).is_none_or(|at| row.cells.get(at).is_some_and(Option::is_some))
        })
    }
}

impl Must for Filled {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let fields = self.fields.iter().filter(|r| !Self::has(context, r));
        let sections: Vec<Ref> = self.sections.iter().map(Self::section).filter(|r| !context.present(r)).collect();
        let missing: Vec<String> = fields.chain(&sections).map(ToString::to_string).collect();
        if missing.is_empty() {
            return Outcome::of(State::Met);
        }
        let list = missing.join("、");
        let place = context.entry().map(|entry| entry.place(Span::at(entry.record.front.start)));
        let mut outcome = Outcome::broken(say!("还没有填写：{list}", "not filled: {list}"), place);
        outcome.missing = missing.iter().map(|name| name.trim_start_matches('§').to_owned()).collect();
        outcome
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in &self.fields {
            checker.reference(r);
        }
        for r in &self.sections {
            checker.reference(&Self::section(r));
        }
    }

    fn says(&self) -> Vec<Text> {
        let list = |refs: &[Ref]| refs.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let (fields, sections) = (list(&self.fields), list(&self.sections));
        let mut says = Vec::new();
        if !fields.is_empty() {
            says.push(say!("栏目须填：{fields}", "fields to fill: {fields}"));
        }
        if !sections.is_empty() {
            says.push(say!("段落须写（“略”“无”“同上”不算）：{sections}", "sections to write (placeholders do not count): {sections}"));
        }
        says
    }
}
