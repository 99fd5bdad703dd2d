//! `cadence`: records follow one another: numbers without gaps, or events not too far apart.
//!
//! ```yaml
//! cadence: { numbers: C07.节次, from: 1 }
//! cadence: { serials: 个案编号, from: 1 }
//! cadence: { events: [C02.咨询时间, C07.开始, C08.接触行.日期], from: C03.开案日期, until: C13.结案日期, at-most: 30 days }
//! ```

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::calendar::Term;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Ref, Refs};
use crate::say;
use crate::source::Span;
use crate::yaml::Node;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cadence {
    #[serde(default)]
    numbers: Option<Ref>,
    /// A text that ends in a serial number; every earlier one of its series occurs in the archive.
    #[serde(default)]
    serials: Option<Ref>,
    #[serde(default)]
    events: Vec<Ref>,
    #[serde(default)]
    from: Option<Node>,
    #[serde(default)]
    until: Option<Refs>,
    #[serde(default)]
    at_most: Option<Term>,
}

impl Cadence {
    fn start(&self) -> Option<Refs> {
        self.from.clone().and_then(|node| Refs::try_from(node).ok())
    }

    /// The first number.
    fn first(&self) -> i64 {
        self.from.as_ref().and_then(Node::as_str).and_then(|t| t.parse().ok()).unwrap_or(1)
    }

    /// Whether the number before this one was given to anybody.
    fn serial(&self, context: &Context<'_, '_>, serials: &Ref) -> Outcome {
        let (Some(entry), Some(cell)) = (context.entry(), context.resolve(serials).into_iter().next()) else {
            return Outcome::of(State::NotApplicable);
        };
        let text = cell.value.to_string();
        let series = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &text[series.len()..];
        let Ok(number) = digits.parse::<i64>() else { return Outcome::of(State::NotApplicable) };
        let before = format!("{series}{:0width$}", number - 1, width = digits.len());
        if number <= self.first() || context.world.sharing(&[entry.form], std::slice::from_ref(serials)).contains_key(&vec![before.clone()])
        {
            return Outcome::of(State::Met);
        }
        Outcome::broken(say!("{text} 之前的 {before} 没有记录", "there is no record of {before}, which comes before {text}"), cell.place)
    }

    fn numbered(&self, context: &Context<'_, '_>, numbers: &Ref) -> Outcome {
        let first = self.first();
        let mut cells: Vec<(i64, Cell)> = context
            .resolve_all(numbers)
            .into_iter()
            .filter_map(|c| Some((c.value.number().as_ref().and_then(Decimal::to_i64)?, c)))
            .collect();
        cells.sort_by_key(|(n, _)| *n);
        for (wanted, (number, cell)) in (first..).zip(&cells) {
            if *number != wanted {
                let message = if *number < wanted {
                    say!("{numbers} 的 {number} 出现了两次", "{numbers} {number} occurs twice")
                } else {
                    say!("{numbers} 缺 {wanted}，其后是 {number}", "{numbers} {wanted} is missing before {number}")
                };
                return Outcome::broken(message, cell.place.clone());
            }
        }
        Outcome::of(if cells.is_empty() { State::NotApplicable } else { State::Met })
    }

    fn spaced(&self, context: &Context<'_, '_>, term: Term) -> Outcome {
        let day = |refs: &Refs| context.resolve_first(refs).first().and_then(|c| c.value.day());
        let Some(start) = self.start().as_ref().and_then(day) else { return Outcome::of(State::NotYetDue) };
        let end = self.until.as_ref().and_then(day);
        let last = end.unwrap_or(context.world.today);
        let mut days: Vec<(NaiveDate, Option<Cell>)> = vec![(start, None)];
        for r in &self.events {
            days.extend(
                context
                    .resolve_all(r)
                    .into_iter()
                    .filter_map(|c| Some((c.value.day()?, Some(c))))
                    .filter(|(d, _)| *d >= start && *d <= last),
            );
        }
        days.sort_by_key(|(d, _)| *d);
        days.push((last, None));
        let calendar = context.calendar();
        for pair in days.windows(2) {
            let (from, to) = (pair[0].0, pair[1].0);
            let limit = calendar.after(from, term).end;
            if to > limit {
                let words = term.words();
                let place = pair[0]
                    .1
                    .as_ref()
                    .and_then(|c| c.place.clone())
                    .or_else(|| context.entry().map(|e| e.place(Span::at(e.record.front.start))));
                let open = end.is_none() && to == last;
                let mut outcome = Outcome::broken(
                    if open {
                        say!("自 {from} 起至今已超过 {words}没有接触", "nothing since {from}, more than {words}"; words)
                    } else {
                        say!("{from} 与 {to} 之间超过 {words}没有接触", "more than {words} between {from} and {to}"; words)
                    },
                    place,
                );
                outcome.due = Some(limit);
                return outcome;
            }
        }
        Outcome::of(State::Met)
    }
}

impl Must for Cadence {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        match (&self.numbers, &self.serials, self.at_most) {
            (Some(numbers), ..) => self.numbered(context, numbers),
            (_, Some(serials), _) => self.serial(context, serials),
            (.., Some(term)) => self.spaced(context, term),
            _ => Outcome::of(State::NotApplicable),
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        if let Some(numbers) = &self.numbers {
            checker.reference(numbers);
            return;
        }
        if let Some(serials) = &self.serials {
            checker.reference(serials);
            return;
        }
        for r in &self.events {
            checker.days(&Refs(vec![r.clone()]));
        }
        if let Some(from) = self.start() {
            checker.days(&from);
        }
        if let Some(until) = &self.until {
            checker.days(until);
        }
        if self.events.is_empty() || self.at_most.is_none() || self.from.is_none() {
            checker.wrong(say!(
                "要写 numbers、serials，或 events、from 与 at-most",
                "write numbers, serials, or events with from and at-most"
            ));
        }
    }

    fn says(&self) -> Vec<Text> {
        match (&self.numbers, &self.serials, self.at_most) {
            (Some(r), ..) => vec![say!("{r} 连续，不重号、不跳号", "{r} are continuous, none twice, none left out")],
            (_, Some(r), _) => vec![say!("{r} 的末尾号码不跳号", "the serial numbers of {r} leave none out")],
            (.., Some(term)) => {
                let words = term.words();
                let events = self.events.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
                vec![say!("{events} 之间的间隔不超过 {words}", "no gap between {events} longer than {words}"; words)]
            }
            _ => Vec::new(),
        }
    }
}
