//! `checklist`: a row of a checklist is in the wanted state and has evidence.
//!
//! ```yaml
//! checklist: { table: S3.条件清单, key: 条款, value: '27', state: 状态, is: 已具备, evidence: 证据 }
//! ```

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::Context;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::rulebook::value::Data;
use crate::say;
use crate::source::Span;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Checklist {
    table: Ref,
    key: Spanned<String>,
    value: String,
    state: Spanned<String>,
    is: String,
    #[serde(default)]
    evidence: Option<Spanned<String>>,
}

impl Must for Checklist {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let own = context.entry().map(|e| e.place(Span::at(e.record.front.start)));
        let rows = context.rows(&self.table);
        let (table, value, is) = (&self.table, &self.value, &self.is);
        for (columns, row, at) in &rows {
            let cell = |name: &str| row.cell(columns, name);
            let says = |name: &str, wanted: &str| cell(name).is_some_and(|data| data.values().any(|d| d.value.is(wanted)));
            if !says(&self.key, value) {
                continue;
            }
            let place = Some(context.world.entry(*at).place(row.span));
            if !says(&self.state, is) {
                let now = cell(&self.state).map(Data::words).unwrap_or_default();
                return Outcome::broken(
                    say!("{table} 第 {value} 项应为“{is}”，现为“{now}”", "item {value} of {table} should be `{is}`, it is `{now}`"),
                    place,
                );
            }
            if let Some(evidence) = &self.evidence
                && cell(evidence).is_none_or(|d| d.words().is_empty())
            {
                let evidence = &evidence.value;
                return Outcome::broken(
                    say!("{table} 第 {value} 项没有「{evidence}」", "item {value} of {table} has no `{evidence}`"),
                    place,
                );
            }
            return Outcome::of(State::Met);
        }
        Outcome::broken(say!("{table} 没有第 {value} 项", "{table} has no item {value}"), own)
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.reference(&self.table);
        for name in [Some(&self.key), Some(&self.state), self.evidence.as_ref()].into_iter().flatten() {
            let mut parts = self.table.parts.clone();
            parts.push(name.value.clone());
            checker.reference(&Ref { parts, span: name.span, ..self.table.clone() });
        }
    }

    fn says(&self) -> Vec<Text> {
        let (table, value, is) = (&self.table, &self.value, &self.is);
        let evidence = self.evidence.as_ref().map_or_else(String::new, |e| format!("，并有「{}」", e.value));
        vec![say!("{table} 第 {value} 项为“{is}”{evidence}", "item {value} of {table} is `{is}`{evidence}")]
    }
}
