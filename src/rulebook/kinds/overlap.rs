//! `overlap`: nobody is in two places at once.
//!
//! ```yaml
//! overlap:
//!   person: 负责社工
//!   spans:
//!     - { from: C07.开始, until: C07.结束 }
//!     - { day: G06.日期, hours: G06.起止时间 }
//!     - { rows: C08.接触行, day: 日期, start: 起, end: 止, person: 社工 }
//! ```
//!
//! Each span names one form; a record of it takes its person from the field `person`. With `rows` every
//! row of a table is a span of its own, its names are columns, and its person is the column `person` where
//! that is filled. Spans that merely touch do not overlap. Hours are a text such as `14:00-15:30`.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context, World};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Refs};
use crate::rulebook::value::Value;
use crate::say;
use crate::source::Place;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Overlap {
    person: Ref,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Span {
    /// The table whose rows are spans.
    #[serde(default)]
    rows: Option<Ref>,
    /// Who, where it is not the person of the record.
    #[serde(default)]
    person: Option<Ref>,
    /// A time.
    #[serde(default)]
    from: Option<Ref>,
    /// A time.
    #[serde(default)]
    until: Option<Ref>,
    #[serde(default)]
    day: Option<Ref>,
    /// Both clock times of that day in one text.
    #[serde(default)]
    hours: Option<Ref>,
    /// A clock time of that day.
    #[serde(default)]
    start: Option<Ref>,
    /// A clock time of that day.
    #[serde(default)]
    end: Option<Ref>,
}

/// Who is busy from when until when, and where that is written.
struct Busy {
    person: String,
    from: NaiveDateTime,
    until: NaiveDateTime,
    place: Option<Place>,
}

impl Busy {
    /// What must be equal before two can meet. A span that passes midnight meets only what begins on its first day.
    fn key(&self) -> Vec<String> {
        vec![self.person.clone(), self.from.date().to_string()]
    }
}

impl Span {
    fn references(&self) -> impl Iterator<Item = &Ref> {
        [&self.rows, &self.from, &self.until, &self.day, &self.hours, &self.start, &self.end].into_iter().flatten()
    }

    /// The form it speaks of.
    fn form(&self, world: &World<'_>) -> Option<usize> {
        world.rulebook.form_index(self.references().next()?.parts.first()?)
    }

    /// Whether it says when, in one of the three ways.
    fn is_whole(&self) -> bool {
        let times = (self.from.is_some(), self.until.is_some());
        let clock = (self.day.is_some(), self.hours.is_some(), self.start.is_some(), self.end.is_some());
        matches!(
            (times, clock),
            ((true, true), (false, false, false, false))
                | ((false, false), (true, true, false, false))
                | ((false, false), (true, false, true, true))
        )
    }

    /// What a record takes of somebody's time.
    fn all(&self, context: &Context<'_, '_>, person: &Ref) -> Vec<Busy> {
        let Some(rows) = &self.rows else { return self.one(context, person).into_iter().collect() };
        let rows = context.rows(rows).into_iter().filter(|(.., at)| Some(at.1) == context.own && at.0 == context.dossier);
        rows.filter_map(|(columns, row, _)| self.one(&context.on_row(columns, &row), person)).collect()
    }

    fn one(&self, context: &Context<'_, '_>, person: &Ref) -> Option<Busy> {
        let cell = |r: &Option<Ref>| context.resolve(r.as_ref()?).into_iter().next();
        let person = cell(&self.person).or_else(|| context.resolve(person).into_iter().next())?.value.to_string();
        let busy = |from, until, place: &Cell| Busy { person, from, until, place: place.place.clone() };
        if let (Some(from), Some(until)) = (cell(&self.from), cell(&self.until)) {
            let (Value::Time(start), Value::Time(end)) = (&from.value, &until.value) else { return None };
            return Some(busy(*start, *end, &from));
        }
        let day = cell(&self.day)?.value.day()?;
        let (text, place) = match (cell(&self.hours), cell(&self.start), cell(&self.end)) {
            (Some(hours), ..) => (hours.value.to_string(), hours),
            (None, Some(start), Some(end)) => (format!("{}-{}", start.value, end.value), start),
            _ => return None,
        };
        let (start, end) = times(&text, day)?;
        Some(busy(start, end, &place))
    }
}

/// `14:00-15:30` on a day; any mark may stand between the two.
fn times(text: &str, day: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let mut found = text.split(|c: char| !(c.is_ascii_digit() || c == ':')).filter(|part| !part.is_empty());
    let mut time = || Some(day.and_time(NaiveTime::parse_from_str(found.next()?, "%H:%M").ok()?));
    Some((time()?, time()?))
}

impl Overlap {
    /// What a record takes of people's time.
    fn busy(&self, world: &World<'_>, at: (usize, usize)) -> Vec<Busy> {
        let form = world.entry(at).form;
        let context = world.context(at.0, Some(at.1));
        let spans = self.spans.iter().filter(|span| span.form(world) == Some(form));
        spans.flat_map(|span| span.all(&context, &self.person)).collect()
    }
}

impl Must for Overlap {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let Some(own) = context.own.map(|own| (context.dossier, own)) else { return Outcome::of(State::NotApplicable) };
        let mine = self.busy(world, own);
        if mine.is_empty() {
            return Outcome::of(State::NotApplicable);
        }
        let name = self.spans.iter().flat_map(Span::references).map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let index = world.indexed(format!("overlap {} {name}", self.person), || {
            let forms: std::collections::BTreeSet<usize> = self.spans.iter().filter_map(|span| span.form(world)).collect();
            let all = forms.into_iter().flat_map(|form| world.all_of(form).iter().copied());
            all.flat_map(|at| self.busy(world, at).into_iter().map(move |busy| (busy.key(), at))).collect()
        });
        let meets = |a: &Busy, b: &Busy| a.person == b.person && a.from < b.until && b.from < a.until;
        let clash = mine.iter().enumerate().find_map(|(nth, own_span)| {
            // Of its own spans only those that come before: of two that meet, the later one says so.
            let within = mine[..nth].iter().find(|busy| meets(busy, own_span)).map(|busy| (own, busy.from, busy.until));
            let others = index.get(&own_span.key()).into_iter().flatten().filter(|at| **at != own);
            let beside = others.flat_map(|&at| self.busy(world, at).into_iter().map(move |busy| (at, busy)));
            let beside = beside.into_iter().find(|(_, busy)| meets(busy, own_span)).map(|(at, busy)| (at, busy.from, busy.until));
            Some((own_span, within.or(beside)?))
        });
        let Some((mine, (other, from, until))) = clash else { return Outcome::of(State::Met) };
        let (person, id, from, until) = (&mine.person, &world.entry(other).id, from.format("%H:%M"), until.format("%H:%M"));
        Outcome::broken(
            say!("{person} 这段时间还有 {id}（{from}–{until}）", "{person} is also at {id} ({from}–{until}) at that time"),
            mine.place.clone(),
        )
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.reference(&self.person);
        for span in &self.spans {
            match &span.rows {
                Some(rows) => checker.on_rows(rows, |checker| span.check(checker)),
                None => span.check(checker),
            }
            if !span.is_whole() {
                checker.wrong(say!(
                    "每段时间要写 from 与 until，或 day 与 hours，或 day、start 与 end",
                    "each span has from and until, or day and hours, or day, start and end"
                ));
            }
        }
    }

    fn says(&self) -> Vec<Text> {
        let person = &self.person;
        vec![say!("同一{person}同一时段不得有两项服务", "no two services of one {person} at the same time")]
    }
}

impl Span {
    fn check(&self, checker: &mut Checker<'_>) {
        let days: Vec<Ref> = [&self.from, &self.until, &self.day].into_iter().flatten().cloned().collect();
        checker.days(&Refs(days));
        for r in [&self.hours, &self.start, &self.end, &self.person].into_iter().flatten() {
            checker.reference(r);
        }
    }
}
