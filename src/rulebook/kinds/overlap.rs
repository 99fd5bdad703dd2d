//! `overlap`: nobody is in two places at once.
//!
//! ```yaml
//! overlap:
//!   person: 负责社工
//!   spans: [ { from: C07.开始, until: C07.结束 }, { day: G06.日期, hours: G06.起止时间 } ]
//! ```
//!
//! Each span names one form; a record of it takes its person from the field `person`. Spans that merely
//! touch do not overlap. Hours are a text such as `14:00-15:30`.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Context, World};
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
    #[serde(default)]
    from: Option<Ref>,
    #[serde(default)]
    until: Option<Ref>,
    #[serde(default)]
    day: Option<Ref>,
    #[serde(default)]
    hours: Option<Ref>,
}

/// From when until when, and where that is written.
struct Busy {
    from: NaiveDateTime,
    until: NaiveDateTime,
    place: Option<Place>,
}

impl Span {
    fn references(&self) -> impl Iterator<Item = &Ref> {
        [&self.from, &self.until, &self.day, &self.hours].into_iter().flatten()
    }

    /// The form it speaks of.
    fn form(&self, world: &World<'_>) -> Option<usize> {
        world.rulebook.form_index(self.references().next()?.parts.first()?)
    }

    fn of(&self, context: &Context<'_, '_>) -> Option<Busy> {
        let one = |r: &Option<Ref>| context.resolve(r.as_ref()?).into_iter().next();
        if let (Some(from), Some(until)) = (one(&self.from), one(&self.until)) {
            let (Value::Time(start), Value::Time(end)) = (&from.value, &until.value) else { return None };
            return Some(Busy { from: *start, until: *end, place: from.place });
        }
        let (day, hours) = (one(&self.day)?, one(&self.hours)?);
        let (start, end) = times(&hours.value.to_string(), day.value.day()?)?;
        Some(Busy { from: start, until: end, place: hours.place })
    }
}

/// `14:00-15:30` on a day; any mark may stand between the two.
fn times(text: &str, day: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let mut found = text.split(|c: char| !(c.is_ascii_digit() || c == ':')).filter(|part| !part.is_empty());
    let mut time = || Some(day.and_time(NaiveTime::parse_from_str(found.next()?, "%H:%M").ok()?));
    Some((time()?, time()?))
}

impl Overlap {
    /// What a record takes of somebody's time.
    fn busy(&self, world: &World<'_>, at: (usize, usize)) -> Option<(String, Busy)> {
        let form = world.entry(at).form;
        let span = self.spans.iter().find(|span| span.form(world) == Some(form))?;
        let context = world.context(at.0, Some(at.1));
        let person = context.resolve(&self.person).first()?.value.to_string();
        Some((person, span.of(&context)?))
    }
}

impl Must for Overlap {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let world = context.world;
        let Some(own) = context.own.map(|own| (context.dossier, own)) else { return Outcome::of(State::NotApplicable) };
        let Some((person, mine)) = self.busy(world, own) else { return Outcome::of(State::NotApplicable) };
        let key = |person: &str, busy: &Busy| vec![person.to_owned(), busy.from.date().to_string()];
        let name = self.spans.iter().flat_map(Span::references).map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let index = world.indexed(format!("overlap {} {name}", self.person), || {
            let forms = self.spans.iter().filter_map(|span| span.form(world));
            let all = forms.flat_map(|form| world.all_of(form).iter().copied());
            all.filter_map(|at| self.busy(world, at).map(|(person, busy)| (key(&person, &busy), at))).collect()
        });
        let others = index.get(&key(&person, &mine)).into_iter().flatten().filter(|at| **at != own);
        let clash =
            others.filter_map(|&at| Some((at, self.busy(world, at)?.1))).find(|(_, busy)| busy.from < mine.until && mine.from < busy.until);
        let Some((other, busy)) = clash else { return Outcome::of(State::Met) };
        let (id, from, until) = (&world.entry(other).id, busy.from.format("%H:%M"), busy.until.format("%H:%M"));
        Outcome::broken(
            say!("{person} 这段时间还有 {id}（{from}–{until}）", "{person} is also at {id} ({from}–{until}) at that time"),
            mine.place,
        )
    }

    fn check(&self, checker: &mut Checker<'_>) {
        checker.reference(&self.person);
        for span in &self.spans {
            let days: Vec<Ref> = [&span.from, &span.until, &span.day].into_iter().flatten().cloned().collect();
            checker.days(&Refs(days));
            span.hours.iter().for_each(|hours| checker.reference(hours));
            if span.from.is_some() != span.until.is_some()
                || span.day.is_some() != span.hours.is_some()
                || span.from.is_some() == span.day.is_some()
            {
                checker.wrong(say!("每段时间要写 from 与 until，或 day 与 hours", "each span has from and until, or day and hours"));
            }
        }
    }

    fn says(&self) -> Vec<Text> {
        let person = &self.person;
        vec![say!("同一{person}同一时段不得有两项服务", "no two services of one {person} at the same time")]
    }
}
