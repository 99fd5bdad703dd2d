//! Computed fields and tables: values that nobody types.
//!
//! Each form declares where a value comes from; where somebody typed it all the same, the two are
//! compared. The vocabulary is closed, one variant of [`Computed`] each.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};

use super::condition::Condition;
use super::context::Context;
use super::form::{Field, Kind};
use super::reference::{Ref, Refs};
use super::value::{Data, Datum, Row, Value};
use crate::source::Span;
use crate::yaml::{Node, Value as Yaml};

/// How a value is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computed {
    /// `copy: C03.开案日期`: the same value elsewhere; of several references the first that has one.
    Copy(Refs),
    /// `age: [出生日期, 开案日期]`: full years between two days.
    Age(Ref, Ref),
    /// `minutes: [开始, 结束]`.
    Minutes(Ref, Ref),
    /// `count: C07`: records of a form, rows of a table or values of a field.
    Count(Ref),
    /// `sum: […]`, divided and rounded.
    Sum(Vec<From>, Rounding),
    /// `mean: […]`, nothing below `least` values.
    Mean(Vec<From>, Rounding, usize),
    /// `first: […]`: the smallest number or earliest day.
    First(Vec<From>),
    /// `last: […]`: the largest number or latest day.
    Last(Vec<From>),
    /// `span: [A, B]`: a text "A 至 B".
    Span(Ref, Ref),
    /// `join: [A, B], with: ' '`: texts one after the other, repetitions left out.
    Join(Vec<Refs>, String),
    /// `dossier: number` or `project`.
    Dossier(Part),
    /// `person: [负责社工, …]`: the supervisor of the person named in a field.
    Supervisor(Ref),
    /// `choose: [{ when: …, value: … }, { value: … }]`: the first whose condition holds.
    Choose(Vec<(Option<Condition>, Choice)>),
    /// `deadline: R31-2a`: the state of that duty in words.
    Deadline(String),
    /// `text: §本节目的, length: 50`: the first sentence, at most so many characters.
    Text(Refs, usize),
    /// `number: 1`: the number of the row.
    Number(usize),
    /// `running: 时长`: the sum of a column's source up to this row.
    Running(Refs, Rounding),
    /// `form: code`, `name` or `count`, in rows made per form.
    Form(FormFact),
    /// `rows: { from, … }`: a table.
    Rows(Box<Rows>),
    /// `tally: { from, rows, columns }`: a cross table of counts.
    Tally(Box<Tally>),
}

/// A source of numbers or days: a reference and perhaps a condition on the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// Where.
    pub of: Ref,
    /// Which rows.
    pub filter: Option<Condition>,
}

/// How a number is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rounding {
    /// Divided by this.
    pub divide: Option<Decimal>,
    /// Decimal places, halves away from zero.
    pub digits: Option<u32>,
}

/// A part of the dossier's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its number.
    Number,
    /// Its project's code.
    Project,
}

/// What `choose` yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A literal.
    Literal(String),
    /// Another value.
    Refs(Refs),
}

/// A fact about the form of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFact {
    /// Its code.
    Code,
    /// Its name.
    Name,
    /// How many records of it the dossier has.
    Count,
}

/// Which records a derived table is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The forms; empty with `each`.
    pub forms: Vec<String>,
    /// One row per form of the dossier.
    pub each: bool,
    /// All dossiers instead of this one.
    pub archive: bool,
    /// Only dossiers of the same project.
    pub own_project: bool,
    /// Only records for which this holds.
    pub filter: Option<Condition>,
    /// Only records whose third reference lies between the first two.
    pub period: Option<(Ref, Ref, Ref)>,
    /// Sorted by this.
    pub sort: Option<Refs>,
}

/// A derived table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// From what.
    pub from: Selection,
    /// Column by column.
    pub columns: Vec<(String, Computed)>,
}

/// A cross table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// From what.
    pub from: Selection,
    /// The field whose first value names the row.
    pub rows: Ref,
    /// The field whose value names the column.
    pub columns: Ref,
}

impl Computed {
    /// Reads a computation.
    pub fn read(node: &Node) -> Result<Self, String> {
        if node.as_map().is_none() {
            return refs(node).map(Self::Copy);
        }
        let pairs = node.as_map().unwrap_or_default();
        let Some((key, value)) = pairs.first() else { return Err("empty".to_owned()) };
        let rounding = || Rounding::read(node);
        let two = || -> Result<(Ref, Ref), String> {
            match refs(value)?.0.as_slice() {
                [a, b] => Ok((a.clone(), b.clone())),
                _ => Err(format!("`{}` needs two references", key.text)),
            }
        };
        let one = |node: &Node| refs(node)?.0.into_iter().next().ok_or_else(|| "a reference is needed".to_owned());
        let known = match key.text.as_str() {
            "sum" | "running" => &["divide", "digits"][..],
            "mean" => &["divide", "digits", "least"],
            "join" => &["with"],
            "text" => &["length"],
            _ => &[],
        };
        if let Some((other, _)) = pairs[1..].iter().find(|(k, _)| !known.contains(&k.text.as_str())) {
            return Err(format!("unknown key `{}` beside `{}`", other.text, key.text));
        }
        Ok(match key.text.as_str() {
            "copy" => Self::Copy(refs(value)?),
            "age" => two().map(|(a, b)| Self::Age(a, b))?,
            "minutes" => two().map(|(a, b)| Self::Minutes(a, b))?,
            "span" => two().map(|(a, b)| Self::Span(a, b))?,
            "count" => Self::Count(one(value)?),
            "sum" => Self::Sum(From::read_all(value)?, rounding()?),
            "mean" => {
                let least = node.get("least").and_then(Node::as_str).unwrap_or("1").parse().map_err(|_| "`least` is a number")?;
                Self::Mean(From::read_all(value)?, rounding()?, least)
            }
            "first" => Self::First(From::read_all(value)?),
            "last" => Self::Last(From::read_all(value)?),
            "join" => {
                let parts = value.as_list().map_or_else(|| refs(value).map(|r| vec![r]), |items| items.iter().map(refs).collect())?;
                Self::Join(parts, node.get("with").and_then(Node::as_str).unwrap_or("、").to_owned())
            }
            "dossier" => Self::Dossier(match value.as_str() {
                Some("number") => Part::Number,
                Some("project") => Part::Project,
                _ => return Err("`dossier` is number or project".to_owned()),
            }),
            "person" => Self::Supervisor(one(value.as_list().and_then(<[Node]>::first).unwrap_or(value))?),
            "choose" => {
                let items = value.as_list().ok_or("`choose` needs a list")?;
                let choice = |item: &Node| -> Result<_, String> {
                    let when = item.get("when").map(Condition::read).transpose()?;
                    let out = match (item.get("value"), item.get("copy")) {
                        (Some(value), _) => Choice::Literal(value.as_str().unwrap_or_default().to_owned()),
                        (None, Some(copy)) => Choice::Refs(refs(copy)?),
                        _ => return Err("each choice has `value` or `copy`".to_owned()),
                    };
                    Ok((when, out))
                };
                Self::Choose(items.iter().map(choice).collect::<Result<_, _>>()?)
            }
            "deadline" => Self::Deadline(value.as_str().ok_or("`deadline` names a rule")?.to_owned()),
            "text" => Self::Text(
                refs(value)?,
                node.get("length").and_then(Node::as_str).unwrap_or("50").parse().map_err(|_| "`length` is a number")?,
            ),
            "number" => Self::Number(value.as_str().unwrap_or("1").parse().map_err(|_| "`number` is a number")?),
            "running" => Self::Running(refs(value)?, rounding()?),
            "form" => Self::Form(match value.as_str() {
                Some("code") => FormFact::Code,
                Some("name") => FormFact::Name,
                Some("count") => FormFact::Count,
                _ => return Err("`form` is code, name or count".to_owned()),
            }),
            "rows" => {
                let columns = value.get("columns").and_then(Node::as_map).ok_or("`rows` needs `columns`")?;
                let columns = columns.iter().map(|(k, v)| Ok((k.text.clone(), Self::read(v)?))).collect::<Result<_, String>>()?;
                Self::Rows(Box::new(Rows { from: Selection::read(value, &["columns"])?, columns }))
            }
            "tally" => Self::Tally(Box::new(Tally {
                from: Selection::read(value, &["rows", "columns"])?,
                rows: one(value.get("rows").ok_or("`tally` needs `rows`")?)?,
                columns: one(value.get("columns").ok_or("`tally` needs `columns`")?)?,
            })),
            other => return Err(format!("unknown computation `{other}`")),
        })
    }

    /// The references whose place a reader should look at for this value.
    pub fn origin(&self) -> Option<Refs> {
        match self {
            Self::Copy(refs) => Some(refs.clone()),
            Self::Age(born, _) => Some(Refs(vec![born.clone()])),
            Self::First(list) | Self::Last(list) => list.iter().map(|f| f.of.clone()).next().map(|r| Refs(vec![r])),
            _ => None,
        }
    }

    /// Every reference in it, for checking against the forms, except those inside derived tables, whose
    /// point of view is another record.
    pub fn references(&self) -> Vec<&Ref> {
        match self {
            Self::Copy(refs) | Self::Text(refs, _) | Self::Running(refs, _) => refs.0.iter().collect(),
            Self::Age(a, b) | Self::Minutes(a, b) | Self::Span(a, b) => vec![a, b],
            Self::Count(r) | Self::Supervisor(r) => vec![r],
            Self::Sum(list, _) | Self::Mean(list, ..) | Self::First(list) | Self::Last(list) => list.iter().map(|f| &f.of).collect(),
            Self::Join(list, _) => list.iter().flat_map(|refs| refs.0.iter()).collect(),
            Self::Choose(list) => {
                let mut out = Vec::new();
                for (when, choice) in list {
                    let mut tests = Vec::new();
                    if let Some(when) = when {
                        when.references(&mut tests);
                    }
                    out.extend(tests.into_iter().map(|(r, _)| r));
                    if let Choice::Refs(refs) = choice {
                        out.extend(refs.0.iter());
                    }
                }
                out
            }
            _ => Vec::new(),
        }
    }
}

fn refs(node: &Node) -> Result<Refs, String> {
    Refs::try_from(node.clone())
}

impl From {
    fn read_all(node: &Node) -> Result<Vec<Self>, String> {
        let one = |node: &Node| -> Result<Self, String> {
            match node.get("of") {
                Some(of) => Ok(Self {
                    of: Ref::parse(of.as_str().unwrap_or_default(), of.span)?,
                    filter: node.get("where").map(Condition::read).transpose()?,
                }),
                None => Ok(Self { of: Ref::parse(node.as_str().ok_or("a reference is expected")?, node.span)?, filter: None }),
            }
        };
        match node.as_list() {
            Some(items) => items.iter().map(one).collect(),
            None => Ok(vec![one(node)?]),
        }
    }

    fn values(&self, context: &Context<'_, '_>) -> Vec<Value> {
        let Some(filter) = &self.filter else {
            return context.resolve_all(&self.of).into_iter().map(|cell| cell.value).collect();
        };
        let (Some(column), table) = (self.of.parts.last(), &self.of.parts[..self.of.parts.len().saturating_sub(1)]) else {
            return Vec::new();
        };
        let table = Ref { parts: table.to_vec(), ..self.of.clone() };
        let mut out = Vec::new();
        for (columns, row, _) in context.rows(&table) {
            let inner = Context { row: Some((columns, &row)), ..*context };
            if filter.holds(&inner)
                && let Some(at) = columns.iter().position(|c| c.name.value == *column)
            {
                out.extend(row.cells[at].iter().flat_map(|data| data.values().map(|d| d.value.clone()).collect::<Vec<_>>()));
            }
        }
        out
    }
}

impl Rounding {
    fn read(node: &Node) -> Result<Self, String> {
        let number = |key: &str| node.get(key).and_then(Node::as_str);
        Ok(Self {
            divide: number("divide").map(|t| t.parse().map_err(|_| "`divide` is a number")).transpose()?,
            digits: number("digits").map(|t| t.parse().map_err(|_| "`digits` is a number")).transpose()?,
        })
    }

    fn finish(self, number: Decimal) -> Decimal {
        let number = self.divide.filter(|d| !d.is_zero()).map_or(number, |d| number / d);
        match self.digits {
            Some(digits) => {
                let mut rounded = number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
                rounded.rescale(digits);
                rounded
            }
            None => number.normalize(),
        }
    }
}

impl Selection {
    fn read(node: &Node, beside: &[&str]) -> Result<Self, String> {
        let known = ["from", "where", "sort", "period", "project"];
        if let Some((key, _)) =
            node.as_map().unwrap_or_default().iter().find(|(k, _)| !known.contains(&k.text.as_str()) && !beside.contains(&k.text.as_str()))
        {
            return Err(format!("unknown key `{}`", key.text));
        }
        let from = node.get("from").ok_or("`from` is missing")?;
        let mut selection =
            Self { forms: Vec::new(), each: false, archive: false, own_project: false, filter: None, period: None, sort: None };
        match &from.value {
            Yaml::Scalar { text, .. } if text == "each form" => selection.each = true,
            Yaml::Scalar { text, .. } => {
                selection.archive = text.starts_with("archive ");
                selection.forms.push(text.trim_start_matches("archive ").trim().to_owned());
            }
            _ => selection.forms = from.as_list().unwrap_or_default().iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        }
        selection.own_project = node.get("project").is_some_and(|n| n.as_str() == Some("own"));
        selection.filter = node.get("where").map(Condition::read).transpose()?;
        selection.sort = node.get("sort").map(refs).transpose()?;
        selection.period = match node.get("period").map(refs).transpose()? {
            None => None,
            Some(Refs(list)) => match list.as_slice() {
                [a, b, c] => Some((a.clone(), b.clone(), c.clone())),
                _ => return Err("`period` needs three references".to_owned()),
            },
        };
        Ok(selection)
    }

    /// The points of view of the rows, in order.
    fn contexts<'w, 'a>(&self, context: &Context<'w, 'a>) -> Vec<Context<'w, 'a>> {
        let world = context.world;
        let view = |dossier: usize, own: Option<usize>, group: Option<usize>| Context { dossier, own, group, row: None, ..*context };
        if self.each {
            return (0..world.rulebook.forms.len())
                .filter(|&form| world.of_form(context.dossier, form).next().is_some())
                .map(|form| view(context.dossier, None, Some(form)))
                .collect();
        }
        let mut rows: Vec<Context<'w, 'a>> = Vec::new();
        for form in self.forms.iter().filter_map(|code| world.rulebook.form_index(code)) {
            if self.archive {
                let all = world.by_form.get(&form).map_or(&[][..], Vec::as_slice);
                rows.extend(all.iter().map(|&(d, e)| view(d, Some(e), None)));
            } else {
                rows.extend(world.of_form(context.dossier, form).map(|e| view(context.dossier, Some(e), None)));
            }
        }
        if self.own_project {
            let home = &world.dossiers[context.dossier];
            let code = home.project.as_ref().unwrap_or(&home.number);
            rows.retain(|row| world.dossiers[row.dossier].project.as_ref() == Some(code));
        }
        if let Some(filter) = &self.filter {
            rows.retain(|row| filter.holds(row));
        }
        if let Some((from, to, day)) = &self.period {
            let bound = |r: &Ref| context.resolve(r).first().and_then(|c| c.value.day());
            let (from, to) = (bound(from), bound(to));
            rows.retain(|row| {
                let day = row.resolve(day).first().and_then(|c| c.value.day());
                day.is_some_and(|day| from.is_none_or(|f| day >= f) && to.is_none_or(|t| day <= t))
            });
        }
        if let Some(sort) = &self.sort {
            let key = |row: &Context<'_, '_>| row.resolve_first(sort).first().map(|c| c.value.to_string());
            rows.sort_by_cached_key(key);
        }
        rows
    }
}

/// Computes the value of `field`. None when what it rests on is not there.
pub fn compute(computed: &Computed, field: &Field, context: &Context<'_, '_>) -> Option<Data> {
    match computed {
        Computed::Rows(rows) => Some(Data::Rows(make_rows(rows, field, context))).filter(|d| !matches!(d, Data::Rows(r) if r.is_empty())),
        Computed::Tally(tally) => {
            Some(Data::Rows(make_tally(tally, field, context))).filter(|d| !matches!(d, Data::Rows(r) if r.is_empty()))
        }
        Computed::Copy(refs) => {
            let cells = context.resolve_first(refs);
            let data = cells.into_iter().map(|cell| Datum { value: fit(cell.value, field), span: Span::default() });
            match field.kind {
                Kind::Multichoice => {
                    let list: Vec<Datum> = data.collect();
                    (!list.is_empty()).then_some(Data::Many(list))
                }
                _ => data.into_iter().next().map(Data::One),
            }
        }
        _ => single(computed, field, context, 0, &[]).map(Data::computed),
    }
}

/// A value in the type of the field that receives it: the day of a time, the text of anything.
fn fit(value: Value, field: &Field) -> Value {
    match (field.kind, &value) {
        (Kind::Date, Value::Time(time)) => Value::Date(time.date()),
        (Kind::Text | Kind::Choice | Kind::Person, Value::Text(_)) => value,
        (Kind::Text, other) => Value::Text(other.to_string()),
        (Kind::Decimal | Kind::Money, Value::Number(number)) => {
            let digits = if field.kind == Kind::Money { Some(2) } else { field.digits };
            Value::Number(Rounding { divide: None, digits }.finish(*number))
        }
        _ => value,
    }
}

/// Full years from a day of birth to another day.
pub fn full_years(born: chrono::NaiveDate, on: chrono::NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i32::from(!had_birthday)
}

fn single(computed: &Computed, field: &Field, context: &Context<'_, '_>, nth: usize, before: &[Context<'_, '_>]) -> Option<Value> {
    let first = |r: &Ref| context.resolve(r).into_iter().next().map(|cell| cell.value);
    let numbers = |list: &[From]| -> Vec<Decimal> { list.iter().flat_map(|f| f.values(context)).filter_map(|v| v.number()).collect() };
    let extreme = |list: &[From], wanted: std::cmp::Ordering| {
        let values = list.iter().flat_map(|f| f.values(context)).map(|v| fit(v, field));
        values.reduce(|best, v| if v.compare(&best) == Some(wanted) { v } else { best })
    };
    match computed {
        Computed::Age(born, on) => {
            let years = full_years(first(born)?.day()?, first(on)?.day()?);
            Some(Value::Number(Decimal::from(years)))
        }
        Computed::Minutes(from, to) => match (first(from)?, first(to)?) {
            (Value::Time(from), Value::Time(to)) => Some(Value::Number(Decimal::from((to - from).num_minutes()))),
            _ => None,
        },
        Computed::Count(r) => Some(Value::Number(Decimal::from(context.count(r)))),
        Computed::Sum(list, rounding) => Some(Value::Number(rounding.finish(numbers(list).into_iter().sum()))),
        Computed::Mean(list, rounding, least) => {
            let numbers = numbers(list);
            if numbers.is_empty() || numbers.len() < *least {
                return None;
            }
            let sum: Decimal = numbers.iter().sum();
            Some(Value::Number(rounding.finish(sum / Decimal::from(numbers.len()))))
        }
        Computed::First(list) => extreme(list, std::cmp::Ordering::Less),
        Computed::Last(list) => extreme(list, std::cmp::Ordering::Greater),
        Computed::Span(from, to) => {
            let (from, to) = (first(from)?, first(to));
            Some(Value::Text(match to {
                Some(to) => format!("{from} 至 {to}"),
                None => format!("{from} 起"),
            }))
        }
        Computed::Join(parts, with) => {
            let mut words: Vec<String> = Vec::new();
            for refs in parts {
                for cell in context.resolve_first(refs) {
                    let word = cell.value.to_string();
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
            }
            (!words.is_empty()).then(|| Value::Text(words.join(with)))
        }
        Computed::Dossier(part) => {
            let dossier = &context.world.dossiers[context.dossier];
            match part {
                Part::Number => Some(Value::Text(dossier.number.clone())),
                Part::Project => dossier.project.clone().map(Value::Text),
            }
        }
        Computed::Supervisor(r) => {
            let person = context.world.people.named(&first(r)?.to_string())?;
            let boss = context.world.people.by_id(person.supervisor.as_ref()?)?;
            Some(Value::Text(boss.name.value.clone()))
        }
        Computed::Choose(list) => {
            let (_, choice) = list.iter().find(|(when, _)| when.as_ref().is_none_or(|when| when.holds(context)))?;
            match choice {
                Choice::Literal(text) if field.kind == Kind::Bool => Some(Value::Bool(text == "是")),
                Choice::Literal(text) => Some(Value::Text(text.clone())),
                Choice::Refs(refs) => context.resolve_first(refs).into_iter().next().map(|cell| fit(cell.value, field)),
            }
        }
        Computed::Deadline(rule) => {
            let states = &context.world.states;
            let (rule, _) = context.world.rulebook.rule(rule)?;
            let key = |entry: Option<usize>| (rule, context.dossier, entry);
            // Its own, or else that of the dossier or of its first record that has one.
            let state = states.get(&key(context.own)).or_else(|| states.range(key(None)..=key(Some(usize::MAX))).next().map(|(_, s)| s));
            state.map(|state| Value::Text(state.text().zh))
        }
        Computed::Text(refs, length) => {
            let text = context.resolve_first(refs).into_iter().next()?.value.to_string();
            let sentence = text.split_inclusive(['。', '\u{ff01}', '\u{ff1f}', '!', '?', '\n']).next().unwrap_or_default().trim();
            let mut short: String = sentence.chars().take(*length).collect();
            if short.chars().count() < sentence.chars().count() {
                short.push('…');
            }
            Some(Value::Text(short))
        }
        Computed::Number(from) => Some(Value::Number(Decimal::from(from + nth))),
        Computed::Running(refs, rounding) => {
            let own = |context: &Context<'_, '_>| context.resolve_first(refs).first().and_then(|c| c.value.number()).unwrap_or_default();
            let sum: Decimal = before.iter().map(own).sum::<Decimal>() + own(context);
            Some(Value::Number(rounding.finish(sum)))
        }
        Computed::Form(fact) => {
            let form = &context.world.rulebook.forms[context.group.or_else(|| context.entry().map(|e| e.form))?];
            Some(match fact {
                FormFact::Code => Value::Text(form.code.value.clone()),
                FormFact::Name => Value::Text(form.name.clone()),
                FormFact::Count => Value::Number(Decimal::from(
                    context.world.of_form(context.dossier, context.world.rulebook.form_index(&form.code)?).count(),
                )),
            })
        }
        Computed::Copy(refs) => {
            let cells = context.resolve_first(refs);
            let words: Vec<String> = cells.iter().map(|cell| cell.value.to_string()).collect();
            match cells.len() {
                0 => None,
                1 => cells.into_iter().next().map(|cell| fit(cell.value, field)),
                _ => Some(Value::Text(words.join("、"))),
            }
        }
        Computed::Rows(_) | Computed::Tally(_) => None,
    }
}

fn make_rows(rows: &Rows, field: &Field, context: &Context<'_, '_>) -> Vec<Row> {
    let contexts = rows.from.contexts(context);
    let cell = |nth: usize, column: &Field| {
        let (_, computed) = rows.columns.iter().find(|(name, _)| *name == column.name.value)?;
        single(computed, column, &contexts[nth], nth, &contexts[..nth]).map(Data::computed)
    };
    (0..contexts.len())
        .map(|nth| Row { span: Span::default(), cells: field.columns.iter().map(|column| cell(nth, column)).collect() })
        .collect()
}

/// The first column names the row; the others count, each the value that bears its name.
fn make_tally(tally: &Tally, field: &Field, context: &Context<'_, '_>) -> Vec<Row> {
    let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for row in tally.from.contexts(context) {
        let word = |r: &Ref| row.resolve(r).first().map(|c| c.value.to_string());
        if let (Some(name), Some(column)) = (word(&tally.rows), word(&tally.columns)) {
            *counts.entry(name).or_default().entry(column).or_default() += 1;
        }
    }
    let made = counts.into_iter().map(|(name, by_column)| {
        let mut cells: Vec<Option<Data>> = vec![Some(Data::computed(Value::Text(name)))];
        cells.extend(field.columns.iter().skip(1).map(|column| {
            let count = by_column.get(&column.name.value).copied().unwrap_or(0);
            Some(Data::computed(Value::Number(Decimal::from(count))))
        }));
        Row { span: Span::default(), cells }
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_count_full_years() {
        let day = |text: &str| text.parse().expect("a date");
        assert_eq!(full_years(day("1951-04-02"), day("2026-04-01")), 74);
        assert_eq!(full_years(day("1951-04-02"), day("2026-04-02")), 75);
        assert_eq!(full_years(day("2008-02-29"), day("2026-02-28")), 17);
    }

    #[test]
    fn halves_round_away_from_zero() {
        let rounding = Rounding { divide: Some(Decimal::from(60)), digits: Some(1) };
        assert_eq!(rounding.finish(Decimal::from(75)).to_string(), "1.3");
        assert_eq!(rounding.finish(Decimal::from(60)).to_string(), "1.0");
    }
}
