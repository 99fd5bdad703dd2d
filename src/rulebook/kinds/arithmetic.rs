//! `arithmetic`: two numbers stand in a relation: totals, counts, ages, bounds.
//!
//! ```yaml
//! arithmetic: { left: { age: [出生日期, 开案日期] }, is: at least, right: 60 }
//! arithmetic: { left: { sum: 明细.金额 }, is: equal, right: 合计 }
//! arithmetic: { left: { weighted: [目标结果.终点尺度, 目标结果.权重] }, is: at least, right: 0 }
//! ```

use rust_decimal::Decimal;
use serde::Deserialize;

use super::Must;
use crate::diagnostic::Text;
use crate::rulebook::check::Checker;
use crate::rulebook::context::{Cell, Context, RowOf};
use crate::rulebook::derived::numbers::{full_years, mean, total};
use crate::rulebook::obligation::{Outcome, State};
use crate::rulebook::reference::Ref;
use crate::rulebook::value::Value;
use crate::say;
use crate::source::Span;
use crate::yaml::Node;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Arithmetic {
    left: Expr,
    is: Relation,
    right: Expr,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Relation {
    #[serde(rename = "equal")]
    Equal,
    #[serde(rename = "not equal")]
    NotEqual,
    #[serde(rename = "at least")]
    AtLeast,
    #[serde(rename = "at most")]
    AtMost,
    #[serde(rename = "greater")]
    Greater,
    #[serde(rename = "less")]
    Less,
}

impl Relation {
    fn holds(self, left: &Value, right: &Value) -> Option<bool> {
        let order = left.compare(right)?;
        Some(match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::Less => order.is_lt(),
        })
    }

    fn words(self) -> Text {
        match self {
            Self::Equal => say!("等于", "equal to"),
            Self::NotEqual => say!("不等于", "different from"),
            Self::AtLeast => say!("不少于", "at least"),
            Self::AtMost => say!("不多于", "at most"),
            Self::Greater => say!("大于", "greater than"),
            Self::Less => say!("小于", "less than"),
        }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "Node")]
enum Expr {
    Number(Decimal),
    Ref(Ref),
    Sum(Ref),
    Count(Ref),
    Distinct(Ref),
    Mean(Ref),
    Max(Ref),
    Min(Ref),
    Age(Ref, Ref),
    /// The mean of a column, each row by the weight in another; a row without a weight counts once.
    Weighted(Ref, Ref),
}

impl TryFrom<Node> for Expr {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        if let Some(text) = node.as_str() {
            return match text.parse() {
                Ok(number) => Ok(Self::Number(number)),
                Err(_) => Ref::parse(text, node.span).map(Self::Ref),
            };
        }
        let Some([(key, value)]) = node.as_map() else { return Err("an expression has one key".to_owned()) };
        let one = || Ref::parse(value.as_str().ok_or("a reference is expected")?, value.span);
        Ok(match key.text.as_str() {
            "sum" => Self::Sum(one()?),
            "count" => Self::Count(one()?),
            "distinct" => Self::Distinct(one()?),
            "mean" => Self::Mean(one()?),
            "max" => Self::Max(one()?),
            "min" => Self::Min(one()?),
            "age" | "weighted" => {
                let Some([first, second]) = value.as_list() else { return Err(format!("`{}` needs two references", key.text)) };
                let read = |n: &Node| Ref::parse(n.as_str().unwrap_or_default(), n.span);
                let (first, second) = (read(first)?, read(second)?);
                if key.text == "age" { Self::Age(first, second) } else { Self::Weighted(first, second) }
            }
            other => return Err(format!("unknown expression `{other}`; known: sum, count, distinct, mean, weighted, max, min, age")),
        })
    }
}

impl Expr {
    fn value(&self, context: &Context<'_, '_>) -> Option<(Value, Option<Cell>)> {
        let numbers = |r: &Ref| -> Vec<Decimal> { context.resolve_all(r).iter().filter_map(|c| c.value.number()).collect() };
        let plain = |number: Decimal| Some((Value::Number(number), None));
        match self {
            Self::Number(number) => plain(*number),
            Self::Ref(r) => context.resolve(r).into_iter().next().map(|cell| (cell.value.clone(), Some(cell))),
            Self::Sum(r) => total(&numbers(r)).and_then(plain),
            Self::Count(r) => plain(Decimal::from(context.count(r))),
            Self::Distinct(r) => {
                let mut words: Vec<String> = context.resolve(r).iter().map(|c| c.value.to_string()).collect();
                words.sort();
                words.dedup();
                plain(Decimal::from(words.len()))
            }
            Self::Mean(r) => mean(&numbers(r)).and_then(plain),
            Self::Max(r) | Self::Min(r) => {
                let wanted = if matches!(self, Self::Max(_)) { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
                let best =
                    context.resolve_all(r).into_iter().reduce(|a, b| if b.value.compare(&a.value) == Some(wanted) { b } else { a })?;
                Some((best.value.clone(), Some(best)))
            }
            Self::Weighted(of, weight) => {
                let (Some((column, table)), Some(weight)) = (of.parts.split_last(), weight.parts.last()) else { return None };
                let number = |row: &RowOf<'_>, name: &str| row.1.cell(row.0, name)?.first()?.number();
                let (mut total, mut weights) = (Decimal::ZERO, Decimal::ZERO);
                for row in context.rows(&Ref { parts: table.to_vec(), ..of.clone() }) {
                    let Some(value) = number(&row, column) else { continue };
                    let weight = number(&row, weight).unwrap_or(Decimal::ONE);
                    total = total.checked_add(value.checked_mul(weight)?)?;
                    weights = weights.checked_add(weight)?;
                }
                plain(total.checked_div(weights)?.round_dp(2))
            }
            Self::Age(born, on) => {
                let cell = context.resolve(born).into_iter().next()?;
                let on = context.resolve(on).into_iter().next()?.value.day()?;
                Some((Value::Number(Decimal::from(full_years(cell.value.day()?, on))), Some(cell)))
            }
        }
    }

    fn references(&self) -> Vec<&Ref> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Ref(r) | Self::Sum(r) | Self::Count(r) | Self::Distinct(r) | Self::Mean(r) | Self::Max(r) | Self::Min(r) => vec![r],
            Self::Age(a, b) | Self::Weighted(a, b) => vec![a, b],
        }
    }

    fn words(&self) -> Text {
        match self {
            Self::Number(n) => say!("{n}", "{n}"),
            Self::Ref(r) => say!("{r}", "{r}"),
            Self::Sum(r) => say!("{r} 之和", "the sum of {r}"),
            Self::Count(r) => say!("{r} 的份数", "the number of {r}"),
            Self::Distinct(r) => say!("{r} 的不同项数", "the number of different {r}"),
            Self::Mean(r) => say!("{r} 的均值", "the mean of {r}"),
            Self::Max(r) => say!("{r} 的最大值", "the largest {r}"),
            Self::Min(r) => say!("{r} 的最小值", "the smallest {r}"),
            Self::Weighted(of, weight) => say!("{of} 按 {weight} 的加权均值", "the mean of {of} weighted by {weight}"),
            Self::Age(born, on) => say!("{on} 时的周岁（自 {born}）", "the age on {on} (from {born})"),
        }
    }
}

impl Must for Arithmetic {
    fn judge(&self, context: &Context<'_, '_>) -> Outcome {
        let (Some((left, cell)), Some((right, other))) = (self.left.value(context), self.right.value(context)) else {
            return Outcome::of(State::NotApplicable);
        };
        match self.is.holds(&left, &right) {
            None => Outcome::of(State::NotApplicable),
            Some(true) => Outcome::of(State::Met),
            Some(false) => {
                let (what, relation, than) = (self.left.words(), self.is.words(), self.right.words());
                let place = cell.and_then(|c| c.place).or(other.and_then(|c| c.place)).or_else(|| self.own_place(context));
                let bound = |expr: &Expr, value: &Value| if matches!(expr, Expr::Number(_)) { String::new() } else { format!("({value})") };
                let (l, r) = (bound(&self.left, &left), bound(&self.right, &right));
                let message = Text {
                    zh: format!("{}{l}应{}{}{r}", what.zh, relation.zh, than.zh),
                    en: format!("{}{l} should be {} {}{r}", what.en, relation.en, than.en),
                };
                Outcome::broken(message, place).labelled(say!("得 {left}", "gives {left}"))
            }
        }
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for r in self.left.references().into_iter().chain(self.right.references()) {
            checker.reference(r);
        }
    }

    fn says(&self) -> Vec<Text> {
        let (left, is, right) = (self.left.words(), self.is.words(), self.right.words());
        vec![Text { zh: format!("{}{}{}", left.zh, is.zh, right.zh), en: format!("{} is {} {}", left.en, is.en, right.en) }]
    }
}

impl Arithmetic {
    /// The field that is counted, or the record.
    fn own_place(&self, context: &Context<'_, '_>) -> Option<crate::source::Place> {
        let entry = context.entry()?;
        let form = context.world.form(entry);
        let field = self.left.references().first().and_then(|r| form.field(r.parts.first()?)).and_then(|(index, _)| entry.value(index));
        Some(entry.place(field.map_or(Span::at(entry.record.front.start), |f| f.span)))
    }
}
