//! `rows`: the rows of a table: how many there are, and what each of them says.
//!
//! ```yaml
//! rows: { of: C08.接触行, where: { 日期: { greater: C13.结案日期 } }, each: { 类别: 结案跟进 } }
//! rows: { of: C08.接触行, where: { 类别: 失联尝试 }, at-least: 3, different: { 方式: 2 } }
//! rows: { of: C07.测量值, where: { 阶段: A }, by: 指标, groups: C06.基线测量.指标, at-least: 3 }
//! ```
//!
//! `where` chooses rows, `each` is asked of all that are chosen, `at-least` and `at-most` count them,
//! `different` counts different values of a column. With `by`, rows are counted for each value of
//! that column on its own, and `groups` names the values that must occur.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::condition::Condition;
use crate::rulebook::context::{Context, RowOf};
use crate::rulebook::form::Field;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Pick, Ref, Target};
use crate::rulebook::value::{Data, Row};
use crate::say;
use crate::source::{Place, Span};
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rows {
    of: Ref,
    #[serde(default, rename = "where")]
    filter: Option<Condition>,
    #[serde(default)]
    each: Option<Condition>,
    #[serde(default)]
    at_least: Option<usize>,
    #[serde(default)]
    at_most: Option<usize>,
    #[serde(default)]
    different: BTreeMap<String, usize>,
    #[serde(default)]
    by: Option<Spanned<String>>,
    #[serde(default)]
    groups: Option<Ref>,
}

/// What a column of a row says, in words; nothing where it is empty.
fn cell(columns: &[Field], row: &Row, name: &str) -> Option<String> {
    row.cell(columns, name).map(Data::words).filter(|words| !words.is_empty())
}

impl Rows {
    fn place(context: &Context<'_, '_>, row: &RowOf<'_>) -> Option<Place> {
        let entry = context.world.entry(row.2);
        // A computed row has no bytes of its own.
        (row.1.span != Span::default()).then(|| entry.place(row.1.span))
    }

    /// Why the rows that belong together are too few, too many or too much alike.
    fn counted(&self, rows: &[&RowOf<'_>], group: &str) -> Option<Text> {
        let (of, n) = (&self.of, rows.len());
        let whose = if group.is_empty() { String::new() } else { format!(" 中「{group}」") };
        let of_group = if group.is_empty() { String::new() } else { format!(" of `{group}`") };
        if let Some(least) = self.at_least.filter(|least| n < *least) {
            return Some(say!("{of}{whose} 应至少 {least} 行，现有 {n} 行", "{of} needs at least {least} rows{of_group}, there are {n}"));
        }
        if let Some(most) = self.at_most.filter(|most| n > *most) {
            return Some(say!("{of}{whose} 应至多 {most} 行，现有 {n} 行", "{of} takes at most {most} rows{of_group}, there are {n}"));
        }
        self.different.iter().find_map(|(column, least)| {
            let mut words: Vec<String> = rows.iter().filter_map(|row| cell(row.0, &row.1, column)).collect();
            words.sort();
            words.dedup();
            let n = words.len();
            (n < *least).then(|| {
                say!(
                    "{of} 的「{column}」应至少有 {least} 种，现有 {n} 种",
                    "`{column}` of {of} needs {least} different values, there are {n}"
                )
            })
        })
    }
}

impl Must for Rows {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let rows = context.rows(&self.of);
        let on = |row: &RowOf<'_>, condition: &Condition| condition.holds(&context.on_row(row.0, &row.1));
        let chosen: Vec<&RowOf<'_>> = rows.iter().filter(|row| self.filter.as_ref().is_none_or(|filter| on(row, filter))).collect();
        let home = || context.entry().map(|e| e.place(Span::at(e.record.front.start)));
        if let Some(each) = &self.each
            && let Some(row) = chosen.iter().find(|row| !on(row, each))
        {
            let of = &self.of;
            return Outcome::broken(
                say!("{of} 的这一行应有 {each}", "this row of {of} should have {each}"),
                Self::place(context, row).or_else(home),
            );
        }
        let mut groups: BTreeMap<String, Vec<&RowOf<'_>>> = BTreeMap::new();
        match &self.by {
            None => drop(groups.insert(String::new(), chosen.clone())),
            Some(by) => {
                let wanted = self.groups.iter().flat_map(|r| context.resolve_all(r));
                groups.extend(wanted.map(|cell| (cell.value.to_string(), Vec::new())));
                for row in &chosen {
                    groups.entry(cell(row.0, &row.1, by).unwrap_or_default()).or_default().push(row);
                }
            }
        }
        for (group, rows) in &groups {
            if let Some(message) = self.counted(rows, group) {
                let place = rows.last().and_then(|row| Self::place(context, row));
                return Outcome::broken(message, place.or_else(home));
            }
        }
        let asked = self.at_least.is_some() || !self.different.is_empty();
        Outcome::of(if chosen.is_empty() && !asked { State::NotApplicable } else { State::Met })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        if self.each.is_none() && self.at_least.is_none() && self.at_most.is_none() && self.different.is_empty() {
            checker.wrong(say!("要写 each、at-least、at-most 或 different", "write each, at-least, at-most or different"));
        }
        if let Some(groups) = &self.groups {
            checker.reference(groups);
        }
        let named = self.different.keys().map(|name| (name, self.of.span)).chain(self.by.iter().map(|by| (&by.value, by.span)));
        let columns: Vec<Ref> =
            named.map(|(name, span)| Ref { span, pick: Pick::Own, parts: vec![name.clone()], target: Target::Value }).collect();
        checker.on_rows(&self.of, |checker| {
            columns.iter().for_each(|column| checker.reference(column));
            self.filter.iter().chain(&self.each).for_each(|condition| checker.condition(condition));
        });
    }

    fn says(&self) -> Vec<Text> {
        let (of, mut says) = (&self.of, Vec::new());
        let filter = self.filter.as_ref().map_or_else(String::new, |f| format!("（{f}）"));
        if let Some(each) = &self.each {
            says.push(say!("{of} 的每一行{filter}都有 {each}", "every row of {of}{filter} has {each}"));
        }
        let by = self.by.as_ref().map_or_else(String::new, |by| format!("按「{}」分别计，", by.value));
        if let Some(n) = self.at_least {
            says.push(say!("{of}{filter} {by}至少 {n} 行", "{of}{filter} {by}at least {n} rows"));
        }
        if let Some(n) = self.at_most {
            says.push(say!("{of}{filter} {by}至多 {n} 行", "{of}{filter} {by}at most {n} rows"));
        }
        for (column, n) in &self.different {
            says.push(say!("其中「{column}」至少 {n} 种", "with at least {n} different `{column}`"));
        }
        says
    }
}
