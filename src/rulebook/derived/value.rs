//! One value: what a computation yields from one point of view, in the type of the field that receives it.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::numbers::{self, Rounding};
use super::source::{all_of, extreme, first_of};
use super::{Computed, FormFact, Operation, Part, Source, measures, tables};
use crate::rulebook::context::{Blind, Context, Making};
use crate::rulebook::form::{Field, Kind};
use crate::rulebook::value::{Data, Datum, Row, Value};
use crate::source::Span;

/// Computes the value of `field`. None when what it rests on is not there.
pub fn compute(computed: &Computed, field: &Field, context: &Context<'_, '_>) -> Option<Data> {
    match computed {
        Computed::Rows(list) => Some(list.iter().flat_map(|rows| tables::rows(rows, field, context)).collect()),
        Computed::Tally(tally) => Some(tables::tally(tally, field, context)),
        _ => return cell(computed, field, context),
    }
    .filter(|rows: &Vec<Row>| !rows.is_empty())
    .map(Data::Rows)
}

/// A written table with its computed columns filled where nobody typed them.
pub fn completed(data: &Data, field: &Field, context: &Context<'_, '_>) -> Data {
    let Data::Rows(rows) = data else { return data.clone() };
    let complete = |(nth, row): (usize, &Row)| {
        let mut row = row.clone();
        for (at, column) in field.columns.iter().enumerate() {
            if row.cells[at].is_none() {
                row.cells[at] = in_written(column, nth, &field.columns, &row, context);
            }
        }
        row
    };
    Data::Rows(rows.iter().enumerate().map(complete).collect())
}

/// The computed value of one cell of a written row.
pub fn in_written(column: &Field, nth: usize, columns: &[Field], row: &Row, context: &Context<'_, '_>) -> Option<Data> {
    let computed = column.computed.as_ref()?;
    let from = context.on_row(columns, row);
    let making = Making { columns, row, nth, from };
    cell(computed, column, &Context { making: Some(&making), column: Some(&column.name.value), ..from })
}

/// One cell or field.
pub fn cell(computed: &Computed, field: &Field, context: &Context<'_, '_>) -> Option<Data> {
    let blind = Blind::new(false);
    let settled = settle(values(computed, &Context { blind: Some(&blind), ..*context }), field);
    // What rests on something encrypted is as little known.
    if blind.get() { Some(Data::Encrypted) } else { settled }
}

/// Some values as the value of one field: a multiple choice keeps all, a text joins them, anything else takes the first.
pub fn settle(values: Vec<Value>, field: &Field) -> Option<Data> {
    let mut fitting = values.into_iter().filter_map(|value| fit(value, field));
    match field.kind {
        Kind::Multichoice => {
            let list: Vec<Datum> = fitting.map(|value| Datum { value, span: Span::default() }).collect();
            (!list.is_empty()).then_some(Data::Many(list))
        }
        Kind::Text => {
            let words: Vec<String> = fitting.map(|value| value.to_string()).collect();
            (!words.is_empty()).then(|| Data::computed(Value::Text(words.join("、"))))
        }
        _ => fitting.next().map(Data::computed),
    }
}

/// A value in the type of the field that receives it: the day of a time, the text of anything.
fn fit(value: Value, field: &Field) -> Option<Value> {
    Some(match (field.kind, value) {
        (Kind::Date, Value::Time(time)) => Value::Date(time.date()),
        (Kind::Bool, Value::Text(text)) => Value::Bool(text == "是"),
        (Kind::Text | Kind::Choice, Value::Number(number)) => Value::Text(number.to_string()),
        (Kind::Text | Kind::Choice, value @ (Value::Date(_) | Value::Time(_) | Value::Bool(_))) => Value::Text(value.to_string()),
        (Kind::Integer | Kind::Scale | Kind::Decimal | Kind::Money, Value::Text(text)) => {
            return fit(Value::Number(text.parse().ok()?), field);
        }
        (Kind::Money, Value::Number(number)) => Value::Number(Rounding { divide: None, digits: Some(2) }.finish(number)?),
        (Kind::Decimal, Value::Number(number)) if field.digits.is_some() => {
            Value::Number(Rounding { divide: None, digits: field.digits }.finish(number)?)
        }
        (_, value) => value,
    })
}

/// What a computation yields: several values where it copies several, otherwise one or none.
pub fn values(computed: &Computed, context: &Context<'_, '_>) -> Vec<Value> {
    match computed {
        Computed::Copy(sources) => first_of(sources, context),
        Computed::Choose(branches) => branches
            .iter()
            .find(|(when, _)| when.as_ref().is_none_or(|when| when.holds(context)))
            .map(|(_, computed)| values(computed, context))
            .unwrap_or_default(),
        _ => single(computed, context).into_iter().collect(),
    }
}

fn single(computed: &Computed, context: &Context<'_, '_>) -> Option<Value> {
    let first = |source: &Source| source.first(context);
    let numbers = |sources: &[Source]| -> Vec<Decimal> { all_of(sources, context).iter().filter_map(Value::number).collect() };
    match computed {
        Computed::Literal(text) => Some(Value::Text(text.clone())),
        Computed::Age(born, on) => {
            let years = numbers::full_years(first(born)?.day()?, first(on)?.day()?);
            Some(Value::Number(Decimal::from(years)))
        }
        Computed::Minutes(from, to) => match (first(from)?, first(to)?) {
            (Value::Time(from), Value::Time(to)) => Some(Value::Number(Decimal::from((to - from).num_minutes()))),
            // Two clock times of one day, as tables have them: `14:30`.
            (Value::Text(from), Value::Text(to)) => {
                let clock = |text: &str| chrono::NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
                let minutes = (clock(&to)? - clock(&from)?).num_minutes();
                (minutes >= 0).then(|| Value::Number(Decimal::from(minutes)))
            }
            _ => None,
        },
        Computed::Count(sources, different) => Some(Value::Number(Decimal::from(count(sources, *different, context)))),
        Computed::Sum(sources, rounding) => rounding.finish(numbers::total(&numbers(sources))?).map(Value::Number),
        Computed::Mean(sources, rounding, least) => {
            let numbers = numbers(sources);
            let mean = (numbers.len() >= *least).then(|| numbers::mean(&numbers))??;
            rounding.finish(mean).map(Value::Number)
        }
        Computed::First(sources) => extreme(all_of(sources, context), Ordering::Less),
        Computed::Last(sources) => extreme(all_of(sources, context), Ordering::Greater),
        Computed::Product(sources, rounding) => {
            let factors = sources.iter().map(|source| first(source)?.number());
            let product = factors.reduce(|a, b| a?.checked_mul(b?))??;
            rounding.finish(product).map(Value::Number)
        }
        Computed::Between(operation, a, b, rounding) => between(*operation, &first(a)?, &first(b)?, *rounding),
        Computed::GoalScore(three, rounding) => rounding.finish(measures::goal_score(three, context)?).map(Value::Number),
        Computed::Impact(part, three, rounding) => rounding.finish(measures::impact_of(*part, three, context)?).map(Value::Number),
        Computed::Baseline(baseline, rounding) => baseline.value(*rounding, context),
        Computed::Newest(sources) => all_of(sources, context).pop(),
        Computed::Words(source) => numbers::in_words(first(source)?.number()?).map(Value::Text),
        Computed::Span(from, to) => Some(Value::Text(span(&first(from)?, first(to)))),
        Computed::Join(parts, with) => join(parts, with, context),
        Computed::Format(text, sources) => format(text, sources, context),
        Computed::Dossier(part) => {
            let dossier = &context.world.dossiers[context.dossier];
            match part {
                Part::Number => Some(Value::Text(dossier.number.clone())),
                Part::Project => dossier.project.clone().map(Value::Text),
            }
        }
        Computed::Supervisor(source) => {
            let person = context.world.people.named(&first(source)?.to_string())?;
            let boss = context.world.people.by_id(person.supervisor.as_ref()?)?;
            Some(Value::Text(boss.name.value.clone()))
        }
        Computed::Deadline(rule) => {
            let states = &context.world.states;
            let (rule, _) = context.world.rulebook.rule(&rule.value)?;
            let key = |entry: Option<usize>| (rule, context.dossier, entry);
            // Its own, or else that of the dossier or of its first record that has one.
            let state = states.get(&key(context.own)).or_else(|| states.range(key(None)..=key(Some(usize::MAX))).next().map(|(_, s)| s));
            state.map(|state| Value::Text(state.text().zh))
        }
        Computed::Text(sources, length) => first_of(sources, context).first().map(|text| Value::Text(sentence(&text.to_string(), *length))),
        Computed::Number(from) => context.making.map(|making| Value::Number(Decimal::from(from.saturating_add(making.nth)))),
        Computed::Form(fact) => form(*fact, context),
        Computed::Copy(_) | Computed::Choose(_) | Computed::Running(..) | Computed::Rows(_) | Computed::Tally(_) => None,
    }
}

fn count(sources: &[Source], different: bool, context: &Context<'_, '_>) -> usize {
    if !different {
        return sources.iter().map(|source| source.count(context)).sum();
    }
    let words: std::collections::BTreeSet<String> = all_of(sources, context).iter().map(Value::to_string).collect();
    words.len()
}

fn between(operation: Operation, a: &Value, b: &Value, rounding: Rounding) -> Option<Value> {
    if let (Operation::Difference, Some(a), Some(b)) = (operation, a.day(), b.day()) {
        return rounding.finish(Decimal::from((a - b).num_days())).map(Value::Number);
    }
    let (a, b) = (a.number()?, b.number()?);
    let number = match operation {
        Operation::Difference => a.checked_sub(b)?,
        Operation::Quotient => a.checked_div(b)?,
        Operation::Percent => a.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(b)?,
    };
    rounding.finish(number).map(Value::Number)
}

fn span(from: &Value, to: Option<Value>) -> String {
    match to {
        Some(to) if to == *from => to.to_string(),
        Some(to) => format!("{from} 至 {to}"),
        None => format!("{from} 起"),
    }
}

fn join(parts: &[Vec<Source>], with: &str, context: &Context<'_, '_>) -> Option<Value> {
    let mut words: Vec<String> = Vec::new();
    for value in parts.iter().flat_map(|sources| first_of(sources, context)) {
        let word = value.to_string();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| Value::Text(words.join(with)))
}

fn format(text: &str, sources: &[Source], context: &Context<'_, '_>) -> Option<Value> {
    let values: Vec<Option<Value>> = sources.iter().map(|source| source.first(context)).collect();
    if values.iter().all(Option::is_none) {
        return None;
    }
    let mut parts = text.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (value, part) in values.iter().zip(parts) {
        match value {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push('—'),
        }
        out.push_str(part);
    }
    Some(Value::Text(out))
}

fn sentence(text: &str, length: usize) -> String {
    let sentence = text.split_inclusive(['。', '\u{ff01}', '\u{ff1f}', '!', '?', '\n']).next().unwrap_or_default().trim();
    let mut short: String = sentence.chars().take(length).collect();
    if short.chars().count() < sentence.chars().count() {
        short.push('…');
    }
    short
}

fn form(fact: FormFact, context: &Context<'_, '_>) -> Option<Value> {
    let rulebook = context.world.rulebook;
    let index = match context.group {
        Some(group) => group.form?,
        None => context.entry()?.form,
    };
    let form = &rulebook.forms[index];
    Some(match fact {
        FormFact::Code => Value::Text(form.code.value.clone()),
        FormFact::Name => Value::Text(form.name.clone()),
        FormFact::Count => {
            let records: Vec<usize> = context.world.of_form(context.dossier, index).collect();
            records.iter().for_each(|&at| context.mark((context.dossier, at)));
            Value::Number(Decimal::from(records.len()))
        }
    })
}
