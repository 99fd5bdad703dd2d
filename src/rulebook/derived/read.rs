//! Computations as they are written in YAML: one word each, and the few keys that may stand beside it.

use rust_decimal::Decimal;

use super::source::{Asked, Source};
use super::tables::{Rows, Selection, Tally};
use super::{Baseline, Compared, Computed, Effect, FormFact, Operation, Part, Rounding};
use crate::rulebook::condition::Condition;
use crate::rulebook::reference::Ref;
use crate::rulebook::value::Value;
use crate::yaml::de::Spanned;
use crate::yaml::{Node, Value as Yaml};

/// The word for all columns that are named nowhere else.
const REST: &str = "*";

impl Computed {
    /// Reads a computation; a bare reference, or a list of them, is a copy.
    pub fn read(node: &Node) -> Result<Self, String> {
        let Some(pairs) = node.as_map() else { return list(node).map(Self::Copy) };
        if node.get("of").is_some() && pairs.iter().all(|(key, _)| matches!(key.text.as_str(), "of" | "where")) {
            return Ok(Self::Copy(vec![Source::read(node)?]));
        }
        let Some((key, value)) = pairs.first() else { return Err("empty".to_owned()) };
        let word = key.text.as_str();
        if let Some((other, _)) = pairs[1..].iter().find(|(k, _)| !beside(word).contains(&k.text.as_str())) {
            return Err(format!("unknown key `{}` beside `{word}`", other.text));
        }
        let rounding = || Rounding::read(node);
        let two = || pair(value, word);
        Ok(match word {
            "copy" => Self::Copy(list(value)?),
            "value" => Self::Literal(value.as_str().ok_or("`value` is a text")?.to_owned()),
            "age" => two().map(|(a, b)| Self::Age(a, b))?,
            "minutes" => two().map(|(a, b)| Self::Minutes(a, b))?,
            "span" => two().map(|(a, b)| Self::Span(a, b))?,
            "difference" => Self::between(Operation::Difference, two()?, rounding()?),
            "quotient" => Self::between(Operation::Quotient, two()?, rounding()?),
            "percent" => Self::between(Operation::Percent, two()?, rounding()?),
            "count" => Self::Count(list(value)?, flag(node, "different")?),
            "sum" => Self::Sum(list(value)?, rounding()?),
            "mean" => Self::Mean(list(value)?, rounding()?, number(node, "least")?.unwrap_or(1)),
            "product" => Self::Product(list(value)?, rounding()?),
            "first" => Self::First(list(value)?),
            "last" => Self::Last(list(value)?),
            "goal-score" => {
                let three = <[Source; 3]>::try_from(list(value)?).map_err(|_| "`goal-score` needs levels, weights and their table")?;
                Self::GoalScore(Box::new(three), rounding()?)
            }
            "impact" => {
                let effect = match value.as_str() {
                    Some("net") => Effect::Net,
                    Some("ratio") => Effect::Ratio,
                    _ => return Err("`impact` is net or ratio".to_owned()),
                };
                let of = list(node.get("of").ok_or("`impact` needs `of`")?)?;
                let three = <[Source; 3]>::try_from(of).map_err(|_| "`impact` is of degrees, shares and their table")?;
                Self::Impact(effect, Box::new(three), rounding()?)
            }
            "baseline" => Self::Baseline(Box::new(Baseline::read(value, node)?), rounding()?),
            "newest" => Self::Newest(list(value)?),
            "words" => Self::Words(Source::read(value)?),
            "join" => {
                let parts = value.as_list().map_or_else(|| list(value).map(|one| vec![one]), |items| items.iter().map(list).collect())?;
                Self::Join(parts, node.get("with").and_then(Node::as_str).unwrap_or("、").to_owned())
            }
            "format" => Self::format(value, node.get("of"))?,
            "dossier" => Self::Dossier(match value.as_str() {
                Some("number") => Part::Number,
                Some("project") => Part::Project,
                _ => return Err("`dossier` is number or project".to_owned()),
            }),
            "person" => Self::Supervisor(Source::read(value.as_list().and_then(<[Node]>::first).unwrap_or(value))?),
            "choose" => Self::Choose(value.as_list().ok_or("`choose` needs a list")?.iter().map(branch).collect::<Result<_, _>>()?),
            "deadline" => {
                let rule = value.as_str().ok_or("`deadline` names a rule")?;
                Self::Deadline(Spanned { value: rule.to_owned(), span: value.span })
            }
            "text" => Self::Text(list(value)?, number(node, "length")?.unwrap_or(50)),
            "number" => Self::Number(value.as_str().unwrap_or("1").parse().map_err(|_| "`number` is a number")?),
            "running" => Self::Running(list(value)?, rounding()?),
            "form" => Self::Form(match value.as_str() {
                Some("code") => FormFact::Code,
                Some("name") => FormFact::Name,
                Some("count") => FormFact::Count,
                _ => return Err("`form` is code, name or count".to_owned()),
            }),
            "rows" => Self::Rows(match value.as_list() {
                Some(items) => items.iter().map(Rows::read).collect::<Result<_, _>>()?,
                None => vec![Rows::read(value)?],
            }),
            "tally" => Self::Tally(Box::new(Tally::read(value)?)),
            other => return Err(format!("unknown computation `{other}`")),
        })
    }

    fn between(operation: Operation, (a, b): (Source, Source), rounding: Rounding) -> Self {
        Self::Between(operation, a, b, rounding)
    }

    fn format(value: &Node, of: Option<&Node>) -> Result<Self, String> {
        let text = value.as_str().ok_or("`format` is a text")?;
        let sources = list(of.ok_or("`format` needs `of`")?)?;
        let blanks = text.matches("{}").count();
        if blanks != sources.len() {
            return Err(format!("`format` has {blanks} blanks for {} sources", sources.len()));
        }
        Ok(Self::Format(text.to_owned(), sources))
    }
}

/// The keys that may stand beside a word.
fn beside(word: &str) -> &'static [&'static str] {
    match word {
        "sum" | "running" | "product" | "difference" | "quotient" | "percent" | "goal-score" => &["divide", "digits"],
        "impact" => &["of", "divide", "digits"],
        "baseline" => &["figure", "of", "words", "divide", "digits"],
        "mean" => &["divide", "digits", "least"],
        "count" => &["different"],
        "join" => &["with"],
        "format" => &["of"],
        "text" => &["length"],
        _ => &[],
    }
}

/// One branch of `choose`: a computation, and beside it perhaps a condition.
fn branch(node: &Node) -> Result<(Option<Condition>, Computed), String> {
    let when = node.get("when").map(Condition::read).transpose()?;
    let rest: Vec<_> = node.as_map().ok_or("each choice is a mapping")?.iter().filter(|(key, _)| key.text != "when").cloned().collect();
    if rest.is_empty() {
        return Err("each choice says what it yields: `value`, `copy` or another word".to_owned());
    }
    Ok((when, Computed::read(&Node { span: node.span, value: Yaml::Map(rest) })?))
}

fn list(node: &Node) -> Result<Vec<Source>, String> {
    match node.as_list() {
        Some(items) => items.iter().map(Source::read).collect(),
        None => Source::read(node).map(|one| vec![one]),
    }
}

fn pair(node: &Node, word: &str) -> Result<(Source, Source), String> {
    match <[Source; 2]>::try_from(list(node)?) {
        Ok([a, b]) => Ok((a, b)),
        Err(_) => Err(format!("`{word}` needs two references")),
    }
}

fn flag(node: &Node, key: &str) -> Result<bool, String> {
    match node.get(key).map(Node::as_str) {
        None | Some(Some("false")) => Ok(false),
        Some(Some("true")) => Ok(true),
        _ => Err(format!("`{key}` is true or false")),
    }
}

fn number(node: &Node, key: &str) -> Result<Option<usize>, String> {
    let Some(value) = node.get(key) else { return Ok(None) };
    value.as_str().and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| format!("`{key}` is a number"))
}

impl Rounding {
    fn read(node: &Node) -> Result<Self, String> {
        let number = |key: &str| node.get(key).and_then(Node::as_str);
        let divide: Option<Decimal> = number("divide").map(|t| t.parse().map_err(|_| "`divide` is a number")).transpose()?;
        if divide.is_some_and(|by| by.is_zero()) {
            return Err("`divide` is not 0".to_owned());
        }
        Ok(Self { divide, digits: number("digits").map(|t| t.parse().map_err(|_| "`digits` is a number")).transpose()? })
    }
}

impl Baseline {
    fn read(what: &Node, node: &Node) -> Result<Self, String> {
        let found = Compared::WORDS.iter().find(|(word, _)| what.as_str() == Some(*word));
        let known = || Compared::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let what = found.map(|(_, what)| *what).ok_or_else(|| format!("`baseline` is one of {}", known()))?;
        let title = node.get("figure").ok_or("`baseline` needs `figure`")?;
        let words = node.get("words").map(names).transpose()?;
        let words = words.map(|words| words.into_iter().map(|word| word.value).collect::<Vec<_>>());
        let words = words.map(|words| <[String; 3]>::try_from(words).map_err(|_| "`words` are three: yes, no, unknown")).transpose()?;
        if (what == Compared::Significant) != words.is_some() {
            return Err("`words` goes with `baseline: significant`, and it needs them".to_owned());
        }
        Ok(Self {
            what,
            figure: Spanned { value: title.as_str().ok_or("`figure` is a title")?.to_owned(), span: title.span },
            of: Source::read(node.get("of").ok_or("`baseline` needs `of`")?)?,
            words,
        })
    }
}

impl Source {
    /// Reads a source.
    pub fn read(node: &Node) -> Result<Self, String> {
        if let Some(text) = node.as_str() {
            return Ok(match text.parse::<Decimal>() {
                Ok(number) => Self::Literal(Value::Number(number)),
                Err(_) => Self::Of(Asked { of: Ref::parse(text, node.span)?, filter: None }),
            });
        }
        let Some(pairs) = node.as_map() else { return Err("a reference is expected".to_owned()) };
        match pairs.first() {
            Some((key, _)) if matches!(key.text.as_str(), "of" | "where") => Asked::read(node).map(Self::Of),
            _ => Ok(Self::Made(Box::new(Computed::read(node)?))),
        }
    }
}

impl Asked {
    /// Reads `{ of: …, where: … }`, or a bare reference.
    pub fn read(node: &Node) -> Result<Self, String> {
        let Some(pairs) = node.as_map() else {
            return Ok(Self { of: Ref::parse(node.as_str().ok_or("a reference is expected")?, node.span)?, filter: None });
        };
        if let Some((other, _)) = pairs.iter().find(|(key, _)| !matches!(key.text.as_str(), "of" | "where")) {
            return Err(format!("unknown key `{}` beside `of`", other.text));
        }
        let of = node.get("of").ok_or("`where` needs `of`")?;
        Ok(Self {
            of: Ref::parse(of.as_str().ok_or("`of` is a reference")?, of.span)?,
            filter: node.get("where").map(Condition::read).transpose()?,
        })
    }
}

impl Rows {
    fn read(node: &Node) -> Result<Self, String> {
        let from = Selection::read(node, &["columns", "by", "every", "fields", "having", "total"])?;
        let named = |key: &str| -> Result<Vec<(Spanned<String>, Computed)>, String> {
            let Some(node) = node.get(key) else { return Ok(Vec::new()) };
            let pairs = node.as_map().ok_or_else(|| format!("`{key}` is a mapping of columns"))?;
            pairs.iter().map(|(k, v)| Ok((Spanned { value: k.text.clone(), span: k.span }, Computed::read(v)?))).collect()
        };
        let (by, mut columns) = (named("by")?, named("columns")?);
        let rest = columns.iter().position(|(name, _)| name.value == REST).map(|at| columns.remove(at).1);
        if by.is_empty() && columns.is_empty() && rest.is_none() {
            return Err("`rows` needs `columns`".to_owned());
        }
        let every = flag(node, "every")?;
        if every && by.len() != 1 {
            return Err("`every` needs `by` with one column".to_owned());
        }
        if !by.is_empty() && from.each {
            return Err("`by` does not go with `each form`".to_owned());
        }
        Ok(Self {
            from,
            fields: node.get("fields").map(names).transpose()?.unwrap_or_default(),
            by,
            every,
            columns,
            rest,
            having: node.get("having").map(Condition::read).transpose()?,
            total: node.get("total").map(|t| t.as_str().map(str::to_owned).ok_or("`total` is a text")).transpose()?,
        })
    }
}

/// A list of names.
fn names(node: &Node) -> Result<Vec<Spanned<String>>, String> {
    let one = |node: &Node| {
        let text = node.as_str().ok_or("a name is expected")?;
        Ok(Spanned { value: text.to_owned(), span: node.span })
    };
    node.as_list().map_or_else(|| one(node).map(|name| vec![name]), |items| items.iter().map(one).collect())
}

impl Tally {
    fn read(node: &Node) -> Result<Self, String> {
        let one = |key: &str| Source::read(node.get(key).ok_or_else(|| format!("`tally` needs `{key}`"))?);
        Ok(Self { from: Selection::read(node, &["rows", "columns"])?, rows: one("rows")?, columns: one("columns")? })
    }
}

impl Selection {
    fn read(node: &Node, beside: &[&str]) -> Result<Self, String> {
        let known = ["from", "forms", "where", "sort", "period", "project"];
        let pairs = node.as_map().ok_or("a table is a mapping with `from`")?;
        if let Some((key, _)) = pairs.iter().find(|(k, _)| !known.contains(&k.text.as_str()) && !beside.contains(&k.text.as_str())) {
            return Err(format!("unknown key `{}`", key.text));
        }
        let mut selection = Self::default();
        for from in names(node.get("from").ok_or("`from` is missing")?)? {
            let text = from.value.as_str();
            match text.strip_prefix("archive ") {
                _ if text == "each form" => selection.each = true,
                Some(rest) => {
                    selection.archive = true;
                    selection.from.push(Ref::parse(rest, from.span)?);
                }
                None => selection.from.push(Ref::parse(text, from.span)?),
            }
        }
        selection.forms = node.get("forms").map(names).transpose()?.unwrap_or_default();
        if !selection.forms.is_empty() && !selection.each {
            return Err("`forms` goes with `from: each form`".to_owned());
        }
        selection.own_project = match node.get("project").map(Node::as_str) {
            None => false,
            Some(Some("own")) => true,
            _ => return Err("`project` is own".to_owned()),
        };
        selection.filter = node.get("where").map(Condition::read).transpose()?;
        selection.sort = node.get("sort").map(list).transpose()?.unwrap_or_default();
        selection.period = match node.get("period").map(list).transpose()? {
            None => None,
            Some(list) => {
                let three: [Source; 3] = list.try_into().map_err(|_| "`period` needs three references")?;
                Some(Box::new(three))
            }
        };
        Ok(selection)
    }
}
