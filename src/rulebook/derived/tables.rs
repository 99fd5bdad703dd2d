//! Derived tables: rows made from records, from rows of other tables, or from groups of either.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

use super::numbers;
use super::source::first_of;
use super::value::{cell, settle};
use super::{Computed, Operation, Source};
use crate::rulebook::condition::Condition;
use crate::rulebook::context::{Context, Group, Making, Member};
use crate::rulebook::form::{Field, Kind};
use crate::rulebook::lookup::{ROW, THIS};
use crate::rulebook::reference::Ref;
use crate::rulebook::value::{Data, Row, Value};
use crate::source::Span;
use crate::yaml::de::Spanned;

/// Which records or rows a derived table is made from.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Forms, or tables of forms or of the record itself; empty with `each form`.
    pub from: Vec<Ref>,
    /// One row per form of the dossier.
    pub each: bool,
    /// Exactly these forms, with `each form`.
    pub forms: Vec<Spanned<String>>,
    /// All dossiers instead of this one.
    pub archive: bool,
    /// Only dossiers of the same project.
    pub own_project: bool,
    /// Only records or rows for which this holds.
    pub filter: Option<Condition>,
    /// Only those whose third source lies between the first two, which are the record's own.
    pub period: Option<Box<[Source; 3]>>,
    /// Sorted by the first of these that has a value.
    pub sort: Vec<Source>,
}

/// A derived table.
#[derive(Debug, Clone)]
pub struct Rows {
    /// From what.
    pub from: Selection,
    /// Every source once for each of these fields.
    pub fields: Vec<Spanned<String>>,
    /// Sources with equal keys are one row; the keys are columns.
    pub by: Vec<(Spanned<String>, Computed)>,
    /// Also a row for each choice of the key that has no source.
    pub every: bool,
    /// Column by column, in the order in which they are computed.
    pub columns: Vec<(Spanned<String>, Computed)>,
    /// Every other column.
    pub rest: Option<Computed>,
    /// Only rows for which this holds.
    pub having: Option<Condition>,
    /// One more row with the totals, under this label.
    pub total: Option<String>,
}

/// A cross table.
#[derive(Debug, Clone)]
pub struct Tally {
    /// From what.
    pub from: Selection,
    /// Names the row.
    pub rows: Source,
    /// Names the column.
    pub columns: Source,
}

/// What one row is made from.
struct Bundle<'w> {
    /// The form, in rows made per form.
    form: Option<usize>,
    /// Whether the members are one thing together.
    together: bool,
    members: Vec<Member<'w>>,
    keys: Vec<Option<Data>>,
}

/// Values in an order that holds between all of them: numbers, then days and times, then words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(Decimal),
    Time(NaiveDateTime),
    Word(String),
    Nothing,
}

impl Rank {
    fn of(value: Option<Value>) -> Self {
        match value {
            None => Self::Nothing,
            Some(Value::Number(number)) => Self::Number(number),
            Some(Value::Date(day)) => Self::Time(day.and_time(NaiveTime::MIN)),
            Some(Value::Time(time)) => Self::Time(time),
            Some(other) => Self::Word(other.to_string()),
        }
    }
}

impl Selection {
    /// The records and rows, in order.
    fn members<'m>(&self, context: &Context<'m, '_>) -> Vec<Member<'m>> {
        let mut members: Vec<Member<'m>> = self.from.iter().flat_map(|r| self.under(r, context)).collect();
        let world = context.world;
        if self.own_project {
            let home = &world.dossiers[context.dossier];
            let code = home.project.as_ref().unwrap_or(&home.number);
            members.retain(|m| world.dossiers[m.at.0].project.as_ref() == Some(code));
        }
        if let Some(filter) = &self.filter {
            members.retain(|m| filter.holds(&context.on_member(m)));
        }
        if let Some(period) = &self.period {
            let [from, to, day] = period.as_ref();
            let bound = |source: &Source| source.first(context).and_then(|value| value.day());
            let (from, to) = (bound(from), bound(to));
            members.retain(|m| {
                let day = day.first(&context.on_member(m)).and_then(|value| value.day());
                day.is_some_and(|day| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to))
            });
        }
        if !self.sort.is_empty() {
            members.sort_by_cached_key(|m| Rank::of(first_of(&self.sort, &context.on_member(m)).into_iter().next()));
        }
        members
    }

    /// The records or rows that one name of `from` leads to.
    fn under<'m>(&self, r: &Ref, context: &Context<'m, '_>) -> Vec<Member<'m>> {
        let world = context.world;
        let record = |at| Member { at, row: None, pivot: None };
        let row = |(columns, row, at)| Member { at, row: Some((columns, row)), pivot: None };
        let (form, rest) = context.form_of(r);
        match (form, rest) {
            (None, [word]) if word == THIS => context.own.map(|own| record((context.dossier, own))).into_iter().collect(),
            (Some(form), rest) if self.archive => {
                let places = world.all_of(form).iter();
                match rest {
                    [] => places.map(|&at| record(at)).collect(),
                    [table, ..] => places.flat_map(|&at| context.rows_of(at, table)).map(row).collect(),
                }
            }
            (Some(_), []) => context.records(r).into_iter().map(record).collect(),
            // Rows are never those of the project: a dossier without a sign-in sheet has no rows.
            (Some(_), [table, ..]) => context.records(r).into_iter().flat_map(|at| context.rows_of(at, table)).map(row).collect(),
            (None, _) => context.rows(r).into_iter().map(row).collect(),
        }
    }

    /// One bundle for each form.
    fn per_form<'m>(&self, context: &Context<'m, '_>) -> Vec<Bundle<'m>> {
        let world = context.world;
        let forms: Vec<usize> = match self.forms.as_slice() {
            [] => (0..world.rulebook.forms.len()).filter(|&form| world.of_form(context.dossier, form).next().is_some()).collect(),
            named => named.iter().filter_map(|code| world.rulebook.form_index(code)).collect(),
        };
        let bundle = |form: usize| {
            let records = world.of_form(context.dossier, form).map(|own| Member { at: (context.dossier, own), row: None, pivot: None });
            let mut members: Vec<Member<'m>> = records.collect();
            if let Some(filter) = &self.filter {
                members.retain(|m| filter.holds(&context.on_member(m)));
            }
            Bundle { form: Some(form), together: true, members, keys: Vec::new() }
        };
        forms.into_iter().map(bundle).collect()
    }
}

/// Every member once for each field.
fn laid_out<'m>(members: Vec<Member<'m>>, fields: &'m [Spanned<String>], context: &Context<'m, '_>) -> Vec<Member<'m>> {
    let value = |member: &Member<'m>, name: &str| -> Option<Cow<'m, Data>> {
        if let Some((columns, row)) = &member.row
            && let Some(at) = columns.iter().position(|c| c.name.value == name)
        {
            return row.cells[at].clone().map(Cow::Owned);
        }
        let (index, _) = context.world.form(context.world.entry(member.at)).field(name)?;
        context.data(member.at, index)
    };
    let mut out = Vec::new();
    for member in members {
        out.extend(fields.iter().map(|name| Member { pivot: Some((name.value.as_str(), value(&member, name))), ..member.clone() }));
    }
    out
}

/// Members with equal keys together: by the choices where a key is a choice, otherwise as they first occur.
fn grouped<'m>(rows: &Rows, members: Vec<Member<'m>>, field: &Field, context: &Context<'m, '_>) -> Vec<Bundle<'m>> {
    let columns: Vec<Option<&Field>> = rows.by.iter().map(|(name, _)| column_of(field, name)).collect();
    let mut occurred: Vec<Vec<String>> = columns.iter().map(|c| c.map(|c| c.options.clone()).unwrap_or_default()).collect();
    let mut groups: BTreeMap<Vec<usize>, Bundle<'m>> = BTreeMap::new();
    let rank = |occurred: &mut Vec<String>, word: String| {
        occurred.iter().position(|own| *own == word).unwrap_or_else(|| {
            occurred.push(word);
            occurred.len() - 1
        })
    };
    let mut add = |keys: Vec<Option<Data>>, member: Option<Member<'m>>| {
        let words = keys.iter().map(|key| key.as_ref().map(Data::words).unwrap_or_default());
        let place = words.zip(&mut occurred).map(|(word, occurred)| rank(occurred, word)).collect();
        let bundle = groups.entry(place).or_insert_with(|| Bundle { form: None, together: true, members: Vec::new(), keys });
        bundle.members.extend(member);
    };
    if let (true, [Some(column)]) = (rows.every, columns.as_slice()) {
        for option in &column.options {
            add(vec![Some(Data::computed(Value::Text(option.clone())))], None);
        }
    }
    for member in members {
        let view = context.on_member(&member);
        let key = |((_, computed), column): (&(Spanned<String>, Computed), &Option<&Field>)| cell(computed, column.as_ref()?, &view);
        let keys = rows.by.iter().zip(&columns).map(key).collect();
        add(keys, Some(member));
    }
    groups.into_values().collect()
}

fn column_of<'f>(field: &'f Field, name: &str) -> Option<&'f Field> {
    field.columns.iter().find(|column| column.name.value == name)
}

impl Rows {
    /// The computation of every column, in the order in which they are made; keys have none.
    fn plan<'r>(&'r self, field: &Field) -> Vec<(usize, &'r Computed)> {
        let at = |name: &str| field.columns.iter().position(|column| column.name.value == name);
        let named = |name: &str| self.by.iter().chain(&self.columns).any(|(own, _)| own.value == name);
        let mut plan: Vec<(usize, &Computed)> = self.columns.iter().filter_map(|(name, computed)| Some((at(name)?, computed))).collect();
        if let Some(rest) = &self.rest {
            plan.extend((0..field.columns.len()).filter(|&at| !named(&field.columns[at].name.value)).map(|at| (at, rest)));
        }
        plan
    }
}

/// The rows of a derived table.
pub fn rows(rows: &Rows, field: &Field, context: &Context<'_, '_>) -> Vec<Row> {
    let bundles: Vec<Bundle<'_>> = if rows.from.each {
        rows.from.per_form(context)
    } else {
        let mut members = rows.from.members(context);
        if !rows.fields.is_empty() {
            members = laid_out(members, &rows.fields, context);
        }
        if rows.by.is_empty() {
            let one = |member| Bundle { form: None, together: false, members: vec![member], keys: Vec::new() };
            members.into_iter().map(one).collect()
        } else {
            grouped(rows, members, field, context)
        }
    };
    let plan = rows.plan(field);
    let mut sums = BTreeMap::new();
    let mut made = Vec::new();
    for bundle in &bundles {
        let group = Group { form: bundle.form, members: &bundle.members };
        let from = match bundle.members.as_slice() {
            [member] if !bundle.together => context.on_member(member),
            _ => context.on_group(group),
        };
        made.extend(one_row(rows, field, &plan, bundle, from, made.len(), &mut sums));
    }
    if let Some(label) = &rows.total
        && !made.is_empty()
    {
        made.push(total_row(label, field, &plan, &made, context));
    }
    made
}

fn one_row(
    rows: &Rows,
    field: &Field,
    plan: &[(usize, &Computed)],
    bundle: &Bundle<'_>,
    from: Context<'_, '_>,
    nth: usize,
    sums: &mut BTreeMap<usize, Option<Decimal>>,
) -> Option<Row> {
    let columns = field.columns.as_slice();
    let mut row = Row { span: Span::default(), cells: vec![None; columns.len()] };
    for ((name, _), key) in rows.by.iter().zip(&bundle.keys) {
        if let Some(at) = columns.iter().position(|column| column.name.value == **name) {
            row.cells[at].clone_from(key);
        }
    }
    let mut running = sums.clone();
    for &(at, computed) in plan {
        let column = &columns[at];
        let making = Making { columns, row: &row, nth, from };
        let view = Context { making: Some(&making), column: Some(&column.name.value), ..from };
        let made = match computed {
            Computed::Running(sources, rounding) => {
                let own = first_of(sources, &view).first().and_then(Value::number).unwrap_or_default();
                let before = running.get(&at).copied().unwrap_or(Some(Decimal::ZERO));
                let sum = before.and_then(|before| before.checked_add(own));
                running.insert(at, sum);
                let number = sum.and_then(|sum| rounding.finish(sum));
                number.and_then(|number| settle(vec![Value::Number(number)], column))
            }
            _ => cell(computed, column, &view),
        };
        row.cells[at] = made;
    }
    if let Some(having) = &rows.having {
        let making = Making { columns, row: &row, nth, from };
        if !having.holds(&Context { making: Some(&making), ..from }) {
            return None;
        }
    }
    *sums = running;
    Some(row)
}

/// The totals: what rests on the row alone is computed from the totals, what can be added is added.
fn total_row(label: &str, field: &Field, plan: &[(usize, &Computed)], made: &[Row], context: &Context<'_, '_>) -> Row {
    let columns = field.columns.as_slice();
    let is_number = |column: &Field| matches!(column.kind, Kind::Integer | Kind::Decimal | Kind::Money | Kind::Scale);
    let mut row = Row { span: Span::default(), cells: vec![None; columns.len()] };
    if let Some(at) = columns.iter().position(|column| !is_number(column)) {
        row.cells[at] = Some(Data::computed(Value::Text(label.to_owned())));
    }
    for &(at, computed) in plan.iter().filter(|(at, _)| is_number(&columns[*at])) {
        let column = &columns[at];
        let total = if rests_on_row(computed) {
            let making = Making { columns, row: &row, nth: made.len(), from: *context };
            cell(computed, column, &Context { making: Some(&making), column: Some(&column.name.value), ..*context })
        } else if can_be_added(computed) {
            let cells = made.iter().filter_map(|row| row.cells[at].as_ref());
            let numbers: Vec<Decimal> = cells.flat_map(|data| data.values().filter_map(|d| d.value.number()).collect::<Vec<_>>()).collect();
            numbers::total(&numbers).and_then(|sum| settle(vec![Value::Number(sum)], column))
        } else {
            None
        };
        row.cells[at] = total;
    }
    row
}

/// Whether a computation uses cells of its own row and nothing else.
fn rests_on_row(computed: &Computed) -> bool {
    let sources = computed.sources();
    let own = |source: &&Source| match source {
        Source::Of(asked) => asked.filter.is_none() && asked.of.parts.len() > 1 && asked.of.parts[0] == ROW,
        Source::Literal(_) => true,
        Source::Made(computed) => rests_on_row(computed),
    };
    sources.iter().any(|source| !matches!(source, Source::Literal(_))) && sources.iter().all(own)
}

fn can_be_added(computed: &Computed) -> bool {
    !matches!(
        computed,
        Computed::Number(_)
            | Computed::Running(..)
            | Computed::Mean(..)
            | Computed::First(_)
            | Computed::Last(_)
            | Computed::Age(..)
            | Computed::GoalScore(..)
            | Computed::Between(Operation::Quotient | Operation::Percent, ..)
    )
}

/// The rows of a cross table: the first column names the row; the others count, each the value that bears its name.
pub fn tally(tally: &Tally, field: &Field, context: &Context<'_, '_>) -> Vec<Row> {
    let options = field.columns.first().map(|column| column.options.as_slice()).unwrap_or_default();
    let mut counts: BTreeMap<(usize, String), BTreeMap<String, usize>> = BTreeMap::new();
    for member in tally.from.members(context) {
        let view = context.on_member(&member);
        let word = |source: &Source| source.first(&view).map(|value| value.to_string());
        if let (Some(name), Some(column)) = (word(&tally.rows), word(&tally.columns)) {
            context.mark(member.at);
            let place = options.iter().position(|own| *own == name).unwrap_or(options.len());
            *counts.entry((place, name)).or_default().entry(column).or_default() += 1;
        }
    }
    let made = counts.into_iter().map(|((_, name), by_column)| {
        let mut cells: Vec<Option<Data>> = vec![Some(Data::computed(Value::Text(name)))];
        cells.extend(field.columns.iter().skip(1).map(|column| {
            let count = by_column.get(&column.name.value).copied().unwrap_or(0);
            Some(Data::computed(Value::Number(Decimal::from(count))))
        }));
        Row { span: Span::default(), cells }
    });
    made.collect()
}
