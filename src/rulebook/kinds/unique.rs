//! `unique`: no two records share these values.
//!
//! ```yaml
//! unique: { fields: [个案编号], among: archive }
//! unique: { fields: [案主姓名, 出生日期], among: open dossiers }
//! unique: { rows: 支出流水, fields: [票据号, 收款方], among: archive, forms: [G11, A09] }
//! ```
//!
//! A record is compared with those of its own form, or with those of all `forms`.

use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Context, Shared, World};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::say;
use crate::source::{Place, Span};
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Unique {
    /// A table whose rows are compared instead of the records; the fields are its columns.
    #[serde(default)]
    rows: Option<Ref>,
    fields: Vec<Ref>,
    among: Among,
    /// The forms whose records are compared together.
    #[serde(default)]
    forms: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Among {
    #[serde(rename = "archive")]
    Archive,
    #[serde(rename = "open dossiers")]
    OpenDossiers,
    #[serde(rename = "dossier")]
    Dossier,
}

fn is_open(world: &World<'_>, dossier: usize) -> bool {
    let kind = world.dossiers[dossier].kind.map(|kind| &world.rulebook.settings.dossiers[kind]);
    kind.and_then(|kind| kind.closed.as_ref()).is_none_or(|closed| !world.context(dossier, None).present(closed))
}

/// The values of every row of a table, with its place; rows that lack one are left out.
fn rows(context: &Context<'_, '_>, table: &Ref, columns: &[Ref]) -> Vec<(Vec<String>, Option<Place>)> {
    let keyed = context.rows(table).into_iter().filter_map(|(names, row, at)| {
        let key = context.on_row(names, &row).values(columns)?;
        Some((key, Some(context.world.entry(at).place(row.span))))
    });
    keyed.collect()
}

impl World<'_> {
    /// The records of a form by the values of the rows of a table.
    fn sharing_rows(&self, forms: &[usize], table: &Ref, columns: &[Ref]) -> Shared {
        let name = columns.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        self.indexed(format!("{forms:?} {table} {name}"), || {
            let records = forms.iter().flat_map(|&form| self.all_of(form));
            let keyed = |&at: &(usize, usize)| {
                rows(&self.context(at.0, Some(at.1)), table, columns).into_iter().map(move |(key, _)| (key, at)).collect::<Vec<_>>()
            };
            records.flat_map(keyed).collect()
        })
    }
}

impl Must for Unique {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let (Some(entry), Some(own)) = (context.entry(), context.own) else { return Outcome::of(State::NotApplicable) };
        if self.among == Among::OpenDossiers && !is_open(world, context.dossier) {
            return Outcome::of(State::NotApplicable);
        }
        let keys: Vec<(Vec<String>, Option<Place>)> = match &self.rows {
            Some(table) => rows(context, table, &self.fields),
            None => context.values(&self.fields).into_iter().map(|key| (key, None)).collect(),
        };
        if keys.is_empty() {
            return Outcome::of(State::NotApplicable);
        }
        let mut forms: Vec<usize> = self.forms.iter().filter_map(|form| world.rulebook.form_index(form)).collect();
        if forms.is_empty() {
            forms.push(entry.form);
        }
        let index = match &self.rows {
            Some(table) => world.sharing_rows(&forms, table, &self.fields),
            None => world.sharing(&forms, &self.fields),
        };
        let among = |&&(dossier, _): &&(usize, usize)| match self.among {
            Among::Archive => true,
            Among::Dossier => dossier == context.dossier,
            Among::OpenDossiers => is_open(world, dossier),
        };
        let me = (context.dossier, own);
        let twin = keys.into_iter().find_map(|(key, place)| {
            let holders = index.get(&key)?;
            let itself = holders.iter().filter(|at| **at == me).nth(1);
            holders.iter().filter(|at| **at != me).find(among).or(itself).map(|at| (*at, place))
        });
        let Some((twin, row)) = twin else { return Outcome::of(State::Met) };
        let other = &world.entry(twin).id;
        let names = self.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let place = row.or_else(|| self.fields.first().and_then(|r| context.resolve(r).into_iter().find_map(|c| c.place)));
        Outcome::broken(
            say!("{names} 与 {other} 相同", "{names} is the same as in {other}"),
            place.or_else(|| Some(entry.place(Span::at(entry.record.front.start)))),
        )
    }

    fn check(&self, checker: &mut Checker<'_>) {
        self.forms.iter().for_each(|form| checker.form(form));
        match &self.rows {
            Some(table) => checker.on_rows(table, |checker| self.fields.iter().for_each(|r| checker.reference(r))),
            None => self.fields.iter().for_each(|r| checker.reference(r)),
        }
    }

    fn says(&self) -> Vec<Text> {
        let names = self.fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let (zh, en) = match self.among {
            Among::Archive => ("全库", "the archive"),
            Among::OpenDossiers => ("未结的案卷", "open dossiers"),
            Among::Dossier => ("同一案卷", "the dossier"),
        };
        vec![say!("{names} 在{zh}中不重复", "{names} is unique in {en}")]
    }
}
