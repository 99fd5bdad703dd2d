//! Conditions: when a rule or a requirement applies.
//!
//! `{ 终止途径: 目标达成 }` is a test of one reference; several are joined by *and*. Tests are equality,
//! `in`, `is` (a value elsewhere), `present`, `absent`, `greater`, `less`, `at-least`, `at-most`, `starts`, `not`; they are
//! joined by `all`, `any`, `not`; `count` compares how many there are. What is compared with is a number, a date, `today`
//! or another reference. There is nothing more.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::context::Context;
use super::derived::Asked;
use super::reference::{Ref, Target};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Node")]
pub enum Condition {
    /// All hold; of none, it holds.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// One reference passes a test.
    Test(Ref, Test),
    /// How many values, rows or records there are under all of these.
    Count(Vec<Asked>, Test),
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of these literals, with their places in the rulebook.
    In(Vec<(String, Span)>),
    /// Equal to a value elsewhere.
    Is(Ref),
    /// Anything.
    Present,
    /// Nothing.
    Absent,
    /// Compared with a number or date, or with another reference.
    Compare(&'static [Ordering], Operand),
    /// A text that begins so.
    Starts(String),
    /// Fails the test.
    Not(Box<Test>),
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A number or date as written.
    Literal(super::value::Value),
    /// A value elsewhere.
    Ref(Ref),
    /// The day as of which everything is judged.
    Today,
}

impl TryFrom<Node> for Condition {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        Self::read(&node)
    }
}

impl Condition {
    /// Reads a condition.
    pub fn read(node: &Node) -> Result<Self, String> {
        let pairs = node.as_map().ok_or("a condition is a mapping such as { 字段: 值 }")?;
        let mut all = Vec::new();
        for (key, value) in pairs {
            let list = |value: &Node| -> Result<Vec<Self>, String> {
                value.as_list().ok_or_else(|| format!("`{}` needs a list of conditions", key.text))?.iter().map(Self::read).collect()
            };
            all.push(match key.text.as_str() {
                "all" => Self::All(list(value)?),
                "any" => Self::Any(list(value)?),
                "not" => Self::Not(Box::new(Self::read(value)?)),
                "count" => {
                    let of = value.get("of").ok_or("`count` needs `of`")?;
                    let filter = value.get("where").map(Self::read).transpose()?;
                    let one = |of: &Node| -> Result<Asked, String> {
                        let of = Ref::parse(of.as_str().ok_or("`of` is a reference or a list of them")?, of.span)?;
                        Ok(Asked { of, filter: filter.clone() })
                    };
                    let asked = of.as_list().map_or_else(|| one(of).map(|asked| vec![asked]), |items| items.iter().map(one).collect())?;
                    let rest = value.as_map().unwrap_or_default().iter().filter(|(k, _)| !matches!(k.text.as_str(), "of" | "where"));
                    Self::Count(asked, Test::read(&Node { span: value.span, value: Value::Map(rest.cloned().collect()) })?)
                }
                reference => Self::Test(Ref::parse(reference, key.span)?, Test::read(value)?),
            });
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Self::All(all) })
    }

    /// Whether it holds.
    pub fn holds(&self, context: &Context<'_, '_>) -> bool {
        match self {
            Self::All(list) => list.iter().all(|c| c.holds(context)),
            Self::Any(list) => list.iter().any(|c| c.holds(context)),
            Self::Not(inner) => !inner.holds(context),
            Self::Test(r, test) => test.passes(context, r),
            Self::Count(asked, test) => {
                let count: usize = asked.iter().map(|one| one.count(context)).sum();
                test.passes_value(context, &super::value::Value::Number(Decimal::from(count)))
            }
        }
    }

    /// Every reference in it, with the literals it is tested against.
    pub fn references<'a>(&'a self, out: &mut Vec<(&'a Ref, Option<&'a Test>)>) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|c| c.references(out)),
            Self::Not(inner) => inner.references(out),
            Self::Test(r, test) => {
                out.push((r, Some(test)));
                test.references(out);
            }
            Self::Count(asked, test) => {
                out.extend(asked.iter().map(|one| (&one.of, None)));
                test.references(out);
            }
        }
    }
}

impl Test {
    fn read(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Scalar { text, plain: true } if text == "present" => Ok(Self::Present),
            Value::Scalar { text, plain: true } if text == "absent" => Ok(Self::Absent),
            Value::Scalar { text, .. } => Ok(Self::In(vec![(text.clone(), node.span)])),
            Value::List(_) => Err("write { in: [a, b] }".to_owned()),
            Value::Map(pairs) => {
                let [(key, value)] = pairs.as_slice() else { return Err("a test has one key".to_owned()) };
                let operand = || Operand::read(value);
                match key.text.as_str() {
                    "in" => {
                        let items = value.as_list().ok_or("`in` needs a list")?;
                        Ok(Self::In(items.iter().map(|item| (item.as_str().unwrap_or_default().to_owned(), item.span)).collect()))
                    }
                    "is" => Ok(Self::Is(Ref::parse(value.as_str().ok_or("`is` needs a reference")?, value.span)?)),
                    "greater" => Ok(Self::Compare(&[Ordering::Greater], operand()?)),
                    "less" => Ok(Self::Compare(&[Ordering::Less], operand()?)),
                    "at-least" => Ok(Self::Compare(&[Ordering::Greater, Ordering::Equal], operand()?)),
                    "at-most" => Ok(Self::Compare(&[Ordering::Less, Ordering::Equal], operand()?)),
                    "starts" => Ok(Self::Starts(value.as_str().unwrap_or_default().to_owned())),
                    "not" => Ok(Self::Not(Box::new(Self::read(value)?))),
                    other => Err(format!(
                        "unknown test `{other}`; known: in, is, greater, less, at-least, at-most, starts, not, present, absent"
                    )),
                }
            }
        }
    }

    fn passes(&self, context: &Context<'_, '_>, r: &Ref) -> bool {
        match self {
            Self::Present => context.present(r),
            Self::Absent => !context.present(r),
            Self::Not(inner) => !inner.passes(context, r),
            _ => context.any(r, |value| self.passes_value(context, value)),
        }
    }

    fn passes_value(&self, context: &Context<'_, '_>, value: &super::value::Value) -> bool {
        match self {
            Self::In(list) => list.iter().any(|(literal, _)| value.is(literal)),
            Self::Is(r) => {
                let same = |other: &super::value::Value| value.compare(other).is_some_and(Ordering::is_eq) || value.is(&other.to_string());
                context.any(r, same)
            }
            Self::Starts(start) => value.to_string().starts_with(start.as_str()),
            Self::Compare(wanted, operand) => {
                let other = match operand {
                    Operand::Literal(other) => Some(other.clone()),
                    Operand::Ref(r) => context.bare(r, false).into_iter().next(),
                    Operand::Today => Some(super::value::Value::Date(context.world.today)),
                };
                other.and_then(|other| value.compare(&other)).is_some_and(|order| wanted.contains(&order))
            }
            Self::Present => true,
            Self::Absent => false,
            Self::Not(inner) => !inner.passes_value(context, value),
        }
    }

    /// Every reference on the right side.
    pub(super) fn references<'a>(&'a self, out: &mut Vec<(&'a Ref, Option<&'a Test>)>) {
        match self {
            Self::Compare(_, Operand::Ref(r)) | Self::Is(r) => out.push((r, None)),
            Self::Not(inner) => inner.references(out),
            _ => {}
        }
    }

    /// The literals it compares with, for checking them against a field's choices.
    pub fn literals(&self) -> Vec<&(String, Span)> {
        match self {
            Self::In(list) => list.iter().collect(),
            Self::Not(inner) => inner.literals(),
            _ => Vec::new(),
        }
    }
}

impl Operand {
    fn read(node: &Node) -> Result<Self, String> {
        let text = node.as_str().ok_or("a number, a date or a reference is expected")?;
        if text == "today" {
            return Ok(Self::Today);
        }
        if let Ok(number) = text.parse::<Decimal>() {
            return Ok(Self::Literal(super::value::Value::Number(number)));
        }
        if let Ok(day) = text.parse() {
            return Ok(Self::Literal(super::value::Value::Date(day)));
        }
        Ref::parse(text, node.span).map(Self::Ref)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, list: &[Self], word: &str| {
            for (nth, c) in list.iter().enumerate() {
                write!(f, "{}{c}", if nth == 0 { "" } else { word })?;
            }
            Ok(())
        };
        match self {
            Self::All(list) => joined(f, list, " 且 "),
            Self::Any(list) => {
                f.write_str("(")?;
                joined(f, list, " 或 ")?;
                f.write_str(")")
            }
            Self::Not(inner) => write!(f, "非（{inner}）"),
            Self::Test(r, test) if r.target == Target::Section => write!(f, "段落{r}{test}"),
            Self::Test(r, test) => write!(f, "{r}{test}"),
            Self::Count(asked, test) => {
                for (nth, one) in asked.iter().enumerate() {
                    write!(f, "{}{}", if nth == 0 { "" } else { "、" }, one.of)?;
                    if let Some(filter) = one.filter.as_ref().filter(|_| nth + 1 == asked.len()) {
                        write!(f, "（{filter}）")?;
                    }
                }
                write!(f, " 的个数{test}")
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In(list) => {
                let words: Vec<&str> = list.iter().map(|(w, _)| w.as_str()).collect();
                write!(f, "={}", words.join("/"))
            }
            Self::Is(r) => write!(f, "={r}"),
            Self::Present => f.write_str(" 已有"),
            Self::Absent => f.write_str(" 没有"),
            Self::Starts(start) => write!(f, " 以“{start}”开头"),
            Self::Not(inner) => write!(f, " 不是（{inner}）"),
            Self::Compare(wanted, operand) => {
                let sign = match (wanted.contains(&Ordering::Greater), wanted.contains(&Ordering::Equal)) {
                    (true, true) => "≥",
                    (true, false) => ">",
                    (false, true) => "≤",
                    (false, false) => "<",
                };
                match operand {
                    Operand::Literal(v) => write!(f, "{sign}{v}"),
                    Operand::Ref(r) => write!(f, "{sign}{r}"),
                    Operand::Today => write!(f, "{sign}今天"),
                }
            }
        }
    }
}
