//! `deadline`: something must have happened by, or not before, a day that is counted from another.
//!
//! ```yaml
//! deadline: { from: C03.首次面谈结束日, within: 5 working days, until: C03@submitted }
//! deadline: { until: G02@submitted, at-least: 14 days, before: first G06.日期 }
//! deadline: { from: C08.最近成功接触日, not-before: 3 months, until: C13.结案日期 }
//! deadline: { from: 日期, within: 2 days, until: G08@submitted, same: 节次 }
//! deadline: { from: 结束, within: 3 days, until: C07.开始, next: true }
//! deadline: { rows: 筹备日程, by: 截止, until: 完成 }
//! ```
//!
//! With `next` the end is the first one after the beginning. `same` looks for the end among the records
//! that agree with this one in a field. With `rows` every row of a table has its own last day, and the
//! most urgent row speaks for all.
//! The day of the event itself does not count (Civil Code, article 201).

use chrono::NaiveDate;
use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::calendar::{Term, Unit};
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context};
use crate::rulebook::evidence::Moment;
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::{Event, Ref, Refs, Target};
use crate::rulebook::value::Value;
use crate::say;
use crate::yaml::de::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Deadline {
    #[serde(default)]
    from: Option<Refs>,
    until: Refs,
    #[serde(default)]
    within: Option<Term>,
    #[serde(default)]
    at_least: Option<Term>,
    #[serde(default)]
    before: Option<Refs>,
    #[serde(default)]
    not_before: Option<Term>,
    /// Whether a last day that is no working day moves to the next one (Civil Code, article 203).
    #[serde(default)]
    roll: bool,
    /// Whether the first end after the beginning is meant, of all that there are.
    #[serde(default)]
    next: bool,
    /// The field in which this record and the one that holds the end agree.
    #[serde(default)]
    same: Option<Spanned<String>>,
    /// A table whose rows each have their own last day.
    #[serde(default)]
    rows: Option<Ref>,
    /// The column with the last day.
    #[serde(default)]
    by: Option<Ref>,
    /// From how many working days before the last day on it is "due soon".
    #[serde(default = "one")]
    soon: u32,
}

fn one() -> u32 {
    1
}

impl Must for Deadline {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        if let (Some(rows), Some(by)) = (&self.rows, &self.by) {
            return self.each(context, rows, by);
        }
        match (&self.from, self.within, self.at_least, &self.before, self.not_before) {
            (Some(from), Some(within), ..) => self.forward(context, from, within),
            (_, _, Some(term), Some(before), _) => self.backward(context, before, term),
            (Some(from), _, _, _, Some(term)) => self.not_before(context, from, term),
            _ => Outcome::of(State::NotApplicable),
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        if let (Some(rows), Some(by)) = (&self.rows, &self.by) {
            checker.on_rows(rows, |checker| {
                checker.days(&Refs(vec![by.clone()]));
                checker.days(&self.until);
            });
            return;
        }
        if let Some(same) = &self.same {
            checker.own_field(same);
        }
        for refs in [self.from.as_ref(), Some(&self.until), self.before.as_ref()].into_iter().flatten() {
            checker.days(refs);
        }
        let whole = matches!(
            (&self.from, self.within, self.at_least, &self.before, self.not_before),
            (Some(_), Some(_), None, None, None) | (None, None, Some(_), Some(_), None) | (Some(_), None, None, None, Some(_))
        );
        if !whole {
            checker.wrong(say!(
                "期限要写 from+within、at-least+before、from+not-before 或 rows+by 之一",
                "a deadline has from+within, at-least+before, from+not-before or rows+by"
            ));
        }
    }

    fn says(&self) -> Vec<Text> {
        let until = &self.until;
        let mut says = Vec::new();
        if let (Some(rows), Some(by)) = (&self.rows, &self.by) {
            says.push(say!("{rows} 的每一行，{until} 不晚于 {by}", "in every row of {rows}, {until} no later than {by}"));
        }
        if let (Some(from), Some(term)) = (&self.from, self.within) {
            let term = term.words();
            says.push(say!("自 {from} 起 {term}内，须有 {until}；起算当日不计", "within {term} from {from} there must be {until}; the first day does not count"; term));
        }
        if let (Some(before), Some(term)) = (&self.before, self.at_least) {
            let term = term.words();
            says.push(say!("{until} 至少须在 {before} 之前 {term}", "{until} at least {term} before {before}"; term));
        }
        if let (Some(from), Some(term)) = (&self.from, self.not_before) {
            let term = term.words();
            says.push(say!("{until} 不得早于 {from} 之后 {term}", "{until} no earlier than {term} after {from}"; term));
        }
        says
    }

    fn asks_for_opinion(&self) -> bool {
        let opinion = |r: &Ref| matches!(r.target, Target::Event(Event::Approved | Event::Reviewed | Event::Returned));
        !self.until.0.is_empty() && self.until.0.iter().all(opinion)
    }
}

impl Deadline {
    fn forward(&self, context: &Context<'_, '_>, from: &Refs, within: Term) -> Outcome {
        let Some((start, cell)) = day(context, from) else { return Outcome::of(State::NotYetDue) };
        let calendar = context.calendar();
        let mut count = calendar.after(start, within);
        if self.roll {
            count.end = calendar.workday_from(count.end);
        }
        let words = within.words();
        let done = if self.next { self.next_after(context, &cell.value) } else { self.done(context) };
        let mut outcome = self.by(context, count.end, done);
        outcome.provisional = count.provisional;
        outcome.place = cell.place.map(Box::new);
        outcome.label = outcome.state.is_bad().then(|| Box::new(say!("自此日起 {words}", "{words} from this day"; words)));
        outcome.count = (count.unit == Unit::WorkingDays).then(|| Box::new(count));
        outcome
    }

    fn backward(&self, context: &Context<'_, '_>, before: &Refs, term: Term) -> Outcome {
        let Some((start, cell)) = day(context, before) else { return Outcome::of(State::NotYetDue) };
        let count = context.calendar().before(start, term);
        let words = term.words();
        let mut outcome = self.by(context, count.end, self.done(context));
        outcome.provisional = count.provisional;
        outcome.place = cell.place.map(Box::new);
        outcome.label = outcome.state.is_bad().then(|| Box::new(say!("此日之前 {words}", "{words} before this day"; words)));
        outcome
    }

    /// Judges every row against its own last day; the most urgent one is what there is to say.
    fn each(&self, context: &Context<'_, '_>, rows: &Ref, by: &Ref) -> Outcome {
        let judged = context.rows(rows).into_iter().filter_map(|(columns, row, at)| {
            let own = context.on_row(columns, &row);
            let due = own.resolve(by).first()?.value.day()?;
            let mut outcome = self.by(&own, due, self.done(&own));
            outcome.place = Some(Box::new(context.world.entry(at).place(row.span)));
            Some(outcome)
        });
        judged.min_by_key(|outcome| (outcome.state, outcome.due)).unwrap_or_else(|| Outcome::of(State::NotApplicable))
    }

    /// Judges against a last day.
    fn by(&self, context: &Context<'_, '_>, due: NaiveDate, done: Option<Done>) -> Outcome {
        let world = context.world;
        let left = context.calendar().working_days(world.today, due);
        let mut outcome = Outcome { due: Some(due), left: Some(left), ..Outcome::of(State::Open) };
        match done {
            Some(Done { claimed, proven, received, at }) => {
                outcome.done = Some(claimed);
                outcome.ended = at;
                outcome.state = match proven {
                    Some(proven) if proven <= due => State::Met,
                    _ if claimed <= due => State::MetClaimed,
                    _ => State::MetLate,
                };
                if outcome.state == State::MetLate {
                    let late = context.calendar().working_days(due, claimed);
                    outcome.message = Some(Box::new(say!(
                        "应于 {due} 前完成，实际 {claimed}，逾期 {late} 个工作日",
                        "due by {due}, done on {claimed}, {late} working days late"
                    )));
                }
                if let Some(received) = received {
                    outcome.facts.push(say!("服务器 {received} 收到", "received by the server on {received}"));
                } else if let (State::MetClaimed, Some(proven)) = (outcome.state, proven) {
                    outcome.facts.push(say!(
                        "提交者所称日期 {claimed}；进入主分支 {proven}",
                        "claimed {claimed}; arrived on the main branch {proven}"
                    ));
                }
            }
            None if self.unknowable(context) => outcome.state = State::Unknown,
            None if world.today > due => {
                let late = -left;
                outcome.state = State::Overdue;
                outcome.message =
                    Some(Box::new(say!("应于 {due} 前完成，至今逾期 {late} 个工作日", "due by {due}, now {late} working days overdue")));
            }
            None if left <= i64::from(self.soon) => outcome.state = State::DueSoon,
            None => {}
        }
        outcome
    }

    /// The day it was done: claimed, and proven where that differs in kind.
    fn done(&self, context: &Context<'_, '_>) -> Option<Done> {
        let (claimed, cell) = match &self.same {
            Some(same) => self.done_alike(context, same)?,
            None => day(context, &self.until)?,
        };
        Some(Done::of(claimed, &cell))
    }

    /// The first end after a moment.
    fn next_after(&self, context: &Context<'_, '_>, start: &Value) -> Option<Done> {
        let ends =
            self.until.0.iter().flat_map(|r| context.resolve_all(r)).filter(|cell| cell.value.compare(start).is_some_and(|o| o.is_gt()));
        let (claimed, cell) = ends.filter_map(|cell| Some((cell.value.day()?, cell))).min_by_key(|(day, _)| *day)?;
        Some(Done::of(claimed, &cell))
    }

    /// The end among the records that agree with this one in a field; of several the earliest.
    fn done_alike(&self, context: &Context<'_, '_>, same: &str) -> Option<(NaiveDate, Cell)> {
        let world = context.world;
        let field = |own: usize| {
            let entry = world.entry((context.dossier, own));
            let (index, _) = world.form(entry).field(same)?;
            context.data((context.dossier, own), index).map(|data| data.words())
        };
        let wanted = field(context.own?)?;
        let records = self.until.0.iter().flat_map(|r| context.records(r)).filter(|at| field(at.1).as_ref() == Some(&wanted));
        records.filter_map(|at| day(&world.context(at.0, Some(at.1)), &self.until)).min_by_key(|(day, _)| *day)
    }

    /// Whether the end is an event and there is no history to read it from.
    fn unknowable(&self, context: &Context<'_, '_>) -> bool {
        let events = self.until.0.iter().any(|r| matches!(r.target, Target::Event(_)));
        events && context.world.dossiers[context.dossier].entries.iter().any(|e| !e.evidence.known)
    }

    fn not_before(&self, context: &Context<'_, '_>, from: &Refs, term: Term) -> Outcome {
        let Some((start, _)) = day(context, from) else { return Outcome::of(State::NotYetDue) };
        let earliest = context.calendar().after(start, term).end;
        let Some((done, cell)) = day(context, &self.until) else { return Outcome::of(State::Open) };
        let words = term.words();
        let fact = say!("自 {start} 起满 {words}为 {earliest}", "{words} from {start} end on {earliest}"; words);
        if done >= earliest {
            return Outcome { done: Some(done), ..Outcome::of(State::Met) }.fact(fact);
        }
        let mut outcome =
            Outcome::broken(say!("{done} 早于最早的日子 {earliest}", "{done} is before the earliest day {earliest}"), cell.place)
                .fact(fact);
        outcome.done = Some(done);
        outcome
    }
}

/// The end of a deadline.
struct Done {
    /// The day on which it was done, as claimed.
    claimed: NaiveDate,
    /// The day by which it had certainly happened.
    proven: Option<NaiveDate>,
    /// The day on which the server had it, where it says so.
    received: Option<NaiveDate>,
    /// The record it stands in.
    at: Option<(usize, usize)>,
}

impl Done {
    fn of(claimed: NaiveDate, cell: &Cell) -> Self {
        let moment = cell.moment.unwrap_or_else(|| Moment::certain(claimed));
        Self { claimed, proven: moment.proven, received: moment.received, at: cell.at }
    }
}

fn day(context: &Context<'_, '_>, refs: &Refs) -> Option<(NaiveDate, Cell)> {
    let cell = context.resolve_first(refs).into_iter().next()?;
    Some((cell.value.day()?, cell))
}
