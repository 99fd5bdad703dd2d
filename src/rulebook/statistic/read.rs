//! Reads the file of statistics and checks every name in it against the rulebook.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Chart, Edge, Grouping, Measure, Over, Statistic, Statistics, Take, Targets};
use crate::diagnostic::{Diagnostic, Text};
use crate::rulebook::Rulebook;
use crate::rulebook::check::{Checker, Scope};
use crate::rulebook::condition::Condition;
use crate::rulebook::derived::{Computed, Rounding, Source};
use crate::rulebook::form::Kind;
use crate::rulebook::kinds;
use crate::rulebook::obligation::State;
use crate::rulebook::reference::{Ref, Refs};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawFile {
    #[serde(default)]
    suppress_below: u32,
    #[serde(default)]
    audience: Option<Spanned<String>>,
    #[serde(default)]
    category: Option<Refs>,
    #[serde(default)]
    project_type: Option<Refs>,
    #[serde(default)]
    targets: Option<Targets>,
    #[serde(default)]
    statistics: Option<Node>,
    #[serde(default)]
    charts: Option<Node>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChart {
    title: String,
    of: Node,
    #[serde(default)]
    over: Option<Over>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    id: Spanned<String>,
    name: String,
    #[serde(default)]
    heading: Option<String>,
    #[serde(default)]
    article: Option<Spanned<String>>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    count: Option<Refs>,
    #[serde(default)]
    over: Option<Refs>,
    #[serde(default)]
    sum: Option<Node>,
    #[serde(default)]
    different: Option<Node>,
    #[serde(default)]
    standing: Option<Refs>,
    #[serde(default)]
    duties: Option<Node>,
    #[serde(default)]
    total: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    less: Vec<Spanned<String>>,
    #[serde(default)]
    share: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    ratio: Option<Vec<Spanned<String>>>,
    #[serde(default, rename = "where")]
    filter: Option<Condition>,
    #[serde(default)]
    at: Option<Node>,
    #[serde(default)]
    from: Option<Node>,
    #[serde(default)]
    until: Option<Node>,
    #[serde(default)]
    on: Option<Edge>,
    #[serde(default)]
    states: Vec<Spanned<String>>,
    #[serde(default)]
    among: Vec<Spanned<String>>,
    #[serde(default)]
    divide: Option<Spanned<String>>,
    #[serde(default)]
    digits: Option<u32>,
    #[serde(default)]
    people: bool,
    #[serde(default = "yes")]
    shown: bool,
    #[serde(default)]
    by: Vec<Grouping>,
    #[serde(default)]
    target: Option<Spanned<String>>,
}

fn yes() -> bool {
    true
}

/// Most decimal places of a number.
const MAX_DIGITS: u32 = 9;

impl Statistics {
    /// Reads the file and checks every name in it against the rulebook. A broken statistic does not hide the others.
    pub fn read(source: &SharedSource, rulebook: &Rulebook, found: &mut Vec<Diagnostic>) -> Self {
        let (node, mut said) = yaml::parse(source, Span::new(0, source.text().len()));
        found.append(&mut said);
        if node.is_empty() {
            return Self::default();
        }
        let file = match de::read::<RawFile>(&node, source, "R101") {
            Ok(file) => file,
            Err(d) => {
                found.push(d);
                return Self::default();
            }
        };
        let mut reader = Reader { source, rulebook, found };
        let highest = rulebook.settings.audiences.len().saturating_sub(1);
        let audience = file.audience.map_or(highest, |name| reader.audience(&name).unwrap_or(highest));
        for sorts in [&file.category, &file.project_type].into_iter().flatten() {
            let mut checker = reader.checker(node.span, Vec::new());
            sorts.0.iter().for_each(|r| checker.reference(r));
        }
        let targets = file.targets.filter(|targets| reader.targets(targets));
        let items = file.statistics.unwrap_or_else(Node::empty_map);
        let raw: Vec<(Raw, Span)> = match items.as_list() {
            Some(items) => items.iter().filter_map(|item| reader.raw(item)).collect(),
            None if items.is_empty() => Vec::new(),
            None => {
                reader.wrong(items.span, "", say!("statistics 之下应是一个列表", "`statistics` is a list"));
                Vec::new()
            }
        };
        let mut list = reader.all(raw, targets.as_ref());
        reader.rings(&mut list);
        let charts = file.charts.map(|node| reader.charts(&node, &list)).unwrap_or_default();
        Self {
            suppress_below: file.suppress_below,
            audience,
            category: file.category,
            project_type: file.project_type,
            targets,
            list,
            charts,
        }
    }
}

/// Reads statistics one by one and says what is wrong.
struct Reader<'a, 'f> {
    source: &'a SharedSource,
    rulebook: &'a Rulebook,
    found: &'f mut Vec<Diagnostic>,
}

impl<'a> Reader<'a, '_> {
    fn wrong(&mut self, span: Span, key: &str, message: Text) {
        self.found.push(Diagnostic::error("R101", Place::new(self.source, span), message).key(key));
    }

    fn checker(&mut self, home: Span, subjects: Vec<usize>) -> Checker<'_> {
        Checker::new(self.rulebook, self.source, home, subjects, self.found)
    }

    fn audience(&mut self, name: &Spanned<String>) -> Option<usize> {
        let settings = &self.rulebook.settings;
        let level = settings.audience(name);
        if level.is_none() {
            let known = settings.audiences.iter().map(String::as_str);
            Checker::new(self.rulebook, self.source, name.span, Vec::new(), self.found).unknown(name, ("受众", "audience"), known);
        }
        level
    }

    /// Charts, of statistics that are shown and have the same unit.
    fn charts(&mut self, node: &Node, list: &[Statistic]) -> Vec<Chart> {
        let raw: Vec<RawChart> = de::read_each(node, self.source, "R101", self.found);
        let mut charts = Vec::new();
        for RawChart { title, of, over } in raw {
            let names: Vec<&Node> = of.as_list().map_or_else(|| vec![&of], |items| items.iter().collect());
            let mut parts = Vec::new();
            for name in names {
                let id = Spanned { value: name.as_str().unwrap_or_default().to_owned(), span: name.span };
                match list.iter().position(|statistic| statistic.id.value == id.value && statistic.shown) {
                    Some(at) => parts.push(at),
                    None => {
                        let known = list.iter().filter(|statistic| statistic.shown).map(|statistic| statistic.id.value.as_str());
                        self.checker(name.span, Vec::new()).unknown(&id, ("统计指标", "statistic"), known);
                    }
                }
            }
            if parts.windows(2).any(|pair| list[pair[0]].unit != list[pair[1]].unit) {
                self.wrong(of.span, &title, say!("同一张图里的指标单位须相同", "the statistics of one chart have the same unit"));
            } else if !parts.is_empty() {
                charts.push(Chart { title, of: parts, over });
            }
        }
        charts
    }

    fn raw(&mut self, item: &Node) -> Option<(Raw, Span)> {
        match de::read::<Raw>(item, self.source, "R101") {
            Ok(raw) => Some((raw, item.span)),
            Err(d) => {
                self.found.push(d);
                None
            }
        }
    }

    fn targets(&mut self, targets: &Targets) -> bool {
        let before = self.found.len();
        let rulebook = self.rulebook;
        let mut checker = self.checker(targets.from.span, Vec::new());
        if over(&mut checker, rulebook, &targets.from) {
            let column = column_of(&targets.from, &targets.year);
            checker.reference(&column);
        }
        self.found.len() == before
    }

    /// All statistics; those for each rule of a kind are made here.
    fn all(&mut self, raw: Vec<(Raw, Span)>, targets: Option<&Targets>) -> Vec<Statistic> {
        let mut list: Vec<Statistic> = Vec::new();
        let mut formulas: Vec<(usize, Formula)> = Vec::new();
        for (mut raw, span) in raw {
            if list.iter().any(|other| other.id.value == raw.id.value) {
                let id = &raw.id.value;
                let message = say!("统计指标 {id} 写了两次", "the statistic {id} occurs twice");
                self.found.push(Diagnostic::error("R104", Place::new(self.source, raw.id.span), message).key(id));
                continue;
            }
            let Some((measure, formula)) = self.measure(&mut raw, span) else { continue };
            let Some(rounding) = self.rounding(&raw, formula.as_ref()) else { continue };
            self.names(&raw, targets, span);
            if let Some(formula) = formula {
                formulas.push((list.len(), formula));
            }
            let among = self.states(&raw.among);
            let statistic = Statistic {
                id: raw.id,
                name: raw.name,
                heading: raw.heading,
                article: raw.article,
                unit: raw.unit,
                note: raw.note,
                measure,
                rounding,
                people: raw.people,
                shown: raw.shown,
                by: raw.by,
                target: raw.target,
            };
            match &statistic.measure {
                Measure::Duties { rules, states } if !among.is_empty() => {
                    let made = self.per_rule(&statistic, rules, states, &among, list.len());
                    list.extend(made);
                }
                _ => list.push(statistic),
            }
        }
        for (at, formula) in formulas {
            list[at].measure = self.formula(&list, formula).unwrap_or(Measure::Nothing);
        }
        list
    }

    /// For each rule the share of its duties that stand as wanted among those that stand so or otherwise; `next` is the
    /// index that the first of them gets.
    fn per_rule(&self, whole: &Statistic, rules: &[usize], states: &[State], among: &[State], next: usize) -> Vec<Statistic> {
        let one = |(nth, &at): (usize, &usize)| {
            let rule = &self.rulebook.rules[at];
            let id = format!("{}.{}", whole.id.value, rule.id.value);
            let part = |word: &str, states: &[State]| Statistic {
                id: Spanned { value: format!("{id}.{word}"), span: whole.id.span },
                measure: Measure::Duties { rules: vec![at], states: states.to_vec() },
                rounding: Rounding::default(),
                shown: false,
                ..whole.clone()
            };
            let (of, all) = (part("of", states), part("all", among));
            let first = next + 3 * nth;
            let share = Statistic {
                name: format!("{} {} {}", whole.name, rule.id.value, rule.title),
                id: Spanned { value: id, span: whole.id.span },
                article: Some(rule.article.clone()),
                measure: Measure::Share(first, first + 1),
                ..whole.clone()
            };
            [of, all, share]
        };
        rules.iter().enumerate().flat_map(one).collect()
    }

    fn measure(&mut self, raw: &mut Raw, span: Span) -> Option<(Measure, Option<Formula>)> {
        let key = raw.id.value.clone();
        let named = [
            raw.count.is_some(),
            raw.sum.is_some(),
            raw.different.is_some(),
            raw.standing.is_some(),
            raw.duties.is_some(),
            raw.total.is_some(),
            raw.share.is_some(),
            raw.ratio.is_some(),
        ];
        if named.iter().filter(|named| **named).count() != 1 {
            let all = "count, sum, different, standing, duties, total, share, ratio";
            self.wrong(raw.id.span, &key, say!("应恰有一种算法：{all}", "exactly one measure is needed: {all}"));
            return None;
        }
        let misplaced = [
            (raw.over.is_some(), raw.sum.is_some() || raw.different.is_some(), "over"),
            (raw.at.is_some(), raw.count.is_some() || raw.sum.is_some() || raw.different.is_some(), "at"),
            (raw.from.is_some(), raw.standing.is_some(), "from"),
            (raw.until.is_some(), raw.standing.is_some(), "until"),
            (raw.on.is_some(), raw.standing.is_some(), "on"),
            (!raw.states.is_empty(), raw.duties.is_some(), "states"),
            (!raw.among.is_empty(), raw.duties.is_some(), "among"),
            (!raw.less.is_empty(), raw.total.is_some(), "less"),
        ];
        for (written, fits, word) in misplaced {
            if written && !fits {
                self.wrong(raw.id.span, &key, say!("{word} 用不到这里", "`{word}` does not belong here"));
                return None;
            }
            if fits && !written && !matches!(word, "among" | "less" | "until") {
                self.wrong(raw.id.span, &key, say!("缺 {word}", "`{word}` is missing"));
                return None;
            }
        }
        let filter = raw.filter.take();
        if let (Some(_), false) = (&filter, named[..4].contains(&true)) {
            self.wrong(raw.id.span, &key, say!("where 用不到这里", "`where` does not belong here"));
            return None;
        }
        if let Some(node) = &raw.duties {
            let rules = self.rules(node, span)?;
            let states = self.states(&raw.states);
            return Some((Measure::Duties { rules, states }, None));
        }
        let formula = match (raw.total.take(), raw.share.take(), raw.ratio.take()) {
            (Some(parts), ..) => Some(Formula::Total(parts, std::mem::take(&mut raw.less))),
            (_, Some(two), _) => Some(Formula::Share(two)),
            (.., Some(two)) => Some(Formula::Ratio(two)),
            _ => None,
        };
        if let Some(formula) = formula {
            if let Formula::Share(two) | Formula::Ratio(two) = &formula
                && two.len() != 2
            {
                self.wrong(raw.id.span, &key, say!("应写两个指标", "two statistics are needed"));
                return None;
            }
            return Some((Measure::Nothing, Some(formula)));
        }
        let over = raw.count.take().or(raw.over.take()).or(raw.standing.take())?.0;
        if let Some(on) = raw.on {
            let (from, until) = (self.sources(raw.from.as_ref())?, self.sources(raw.until.as_ref())?);
            self.view(&over, filter.as_ref(), from.iter().chain(&until), span);
            return Some((Measure::Standing { over, filter, from, until, on }, None));
        }
        let at = self.sources(raw.at.as_ref())?;
        let take = match (&raw.sum, &raw.different) {
            (Some(node), _) => Take::Sum(self.source(node)?),
            (_, Some(node)) => Take::Different(self.source(node)?),
            _ => Take::One,
        };
        let taken = match &take {
            Take::One => None,
            Take::Sum(source) | Take::Different(source) => Some(source),
        };
        self.view(&over, filter.as_ref(), at.iter().chain(taken), span);
        Some((Measure::Each { over, filter, at, take }, None))
    }

    fn source(&mut self, node: &Node) -> Option<Source> {
        match Source::read(node) {
            Ok(source) => Some(source),
            Err(why) => {
                self.wrong(node.span, "", say!("这里写法有误：{why}", "this is written wrongly: {why}"));
                None
            }
        }
    }

    fn sources(&mut self, node: Option<&Node>) -> Option<Vec<Source>> {
        let Some(node) = node else { return Some(Vec::new()) };
        match node.as_list() {
            Some(items) => items.iter().map(|item| self.source(item)).collect(),
            None => self.source(node).map(|one| vec![one]),
        }
    }

    fn rounding(&mut self, raw: &Raw, formula: Option<&Formula>) -> Option<Rounding> {
        let usual = match formula {
            Some(Formula::Share(_)) => Some(1),
            Some(Formula::Ratio(_)) => Some(2),
            _ if !raw.among.is_empty() => Some(1),
            _ => None,
        };
        let digits = raw.digits.or(usual);
        if digits.is_some_and(|digits| digits > MAX_DIGITS) {
            self.wrong(raw.id.span, &raw.id.value, say!("digits 最多 {MAX_DIGITS}", "`digits` is at most {MAX_DIGITS}"));
            return None;
        }
        let divide = match &raw.divide {
            None => None,
            Some(text) => match text.parse::<Decimal>() {
                Ok(by) if !by.is_zero() => Some(by),
                _ => {
                    self.wrong(text.span, &raw.id.value, say!("divide 应是不为 0 的数", "`divide` is a number other than 0"));
                    return None;
                }
            },
        };
        Some(Rounding { divide, digits })
    }

    /// The article and the column of the target.
    fn names(&mut self, raw: &Raw, targets: Option<&Targets>, span: Span) {
        if let Some(article) = &raw.article {
            self.checker(span, Vec::new()).article(article);
        }
        let Some(column) = &raw.target else { return };
        match targets {
            Some(targets) => {
                let r = column_of(&targets.from, column);
                self.checker(span, Vec::new()).reference(&r);
            }
            None => self.wrong(column.span, &raw.id.value, say!("没有写 targets", "there is no `targets`")),
        }
    }

    /// Names as seen from the records or rows that are counted.
    fn view<'s>(&mut self, list: &[Ref], filter: Option<&Condition>, sources: impl Iterator<Item = &'s Source>, span: Span) {
        let rulebook = self.rulebook;
        let mut checker = self.checker(span, Vec::new());
        let mut subjects = Vec::new();
        let mut scope = Scope::default();
        for r in list {
            if !over(&mut checker, rulebook, r) {
                // Of what is not there, nothing more can be said.
                return;
            }
            let (forms, led) = checker.leads_to(r);
            subjects.extend(forms);
            scope.columns.extend(led.columns);
        }
        scope.home.clone_from(&subjects);
        let sources: Vec<&Source> = sources.collect();
        checker.viewing(subjects, scope, |checker| {
            if let Some(filter) = filter {
                checker.condition(filter);
            }
            let no_table = |checker: &mut Checker<'_>, _: &Computed| {
                checker.wrong(say!("统计指标里不能写表格", "a statistic makes no tables"));
            };
            sources.into_iter().for_each(|source| checker.value_source(source, &no_table));
        });
    }

    /// Rules by their ids, or all of a kind.
    fn rules(&mut self, node: &Node, span: Span) -> Option<Vec<usize>> {
        let rulebook = self.rulebook;
        if let Some(kind) = node.as_str() {
            let of = |at: &usize| rulebook.rules[*at].kind == kind;
            let rules: Vec<usize> = (0..rulebook.rules.len()).filter(of).collect();
            if !kinds::KINDS.iter().any(|known| known.name == kind) {
                let name = Spanned { value: kind.to_owned(), span: node.span };
                let known = kinds::KINDS.iter().map(|k| k.name);
                self.checker(span, Vec::new()).unknown(&name, ("规则类型", "kind of rule"), known);
                return None;
            }
            return Some(rules);
        }
        let mut said = Vec::new();
        let ids: Vec<Spanned<String>> = de::read_each(node, self.source, "R101", &mut said);
        self.found.append(&mut said);
        let mut rules = Vec::new();
        for id in &ids {
            match rulebook.rule(id) {
                Some((at, _)) => rules.push(at),
                None => self.checker(span, Vec::new()).rule(id),
            }
        }
        Some(rules)
    }

    fn states(&mut self, words: &[Spanned<String>]) -> Vec<State> {
        let mut states = Vec::new();
        for word in words {
            match State::WORDS.iter().find(|(known, _)| *known == word.value) {
                Some((_, state)) => states.push(*state),
                None => {
                    let known = State::WORDS.iter().map(|(known, _)| *known);
                    self.checker(word.span, Vec::new()).unknown(word, ("状态", "state"), known);
                }
            }
        }
        states
    }

    fn formula(&mut self, list: &[Statistic], formula: Formula) -> Option<Measure> {
        let mut index = |names: &[Spanned<String>]| -> Option<Vec<usize>> {
            let find = |name: &Spanned<String>| {
                let at = list.iter().position(|other| other.id.value == name.value);
                if at.is_none() {
                    let known = list.iter().map(|other| other.id.as_str());
                    self.checker(name.span, Vec::new()).unknown(name, ("统计指标", "statistic"), known);
                }
                at
            };
            // Every unknown name is said, not the first one only.
            let all: Vec<Option<usize>> = names.iter().map(find).collect();
            all.into_iter().collect()
        };
        Some(match formula {
            Formula::Total(parts, less) => {
                let (parts, less) = (index(&parts), index(&less));
                Measure::Total(parts?, less?)
            }
            Formula::Share(two) => index(&two).map(|two| Measure::Share(two[0], two[1]))?,
            Formula::Ratio(two) => index(&two).map(|two| Measure::Ratio(two[0], two[1]))?,
        })
    }

    /// A statistic that rests on itself has no number.
    fn rings(&mut self, list: &mut [Statistic]) {
        for at in 0..list.len() {
            let mut waiting = list[at].measure.rests_on();
            let mut seen = vec![false; list.len()];
            while let Some(next) = waiting.pop() {
                if next == at {
                    let id = list[at].id.clone();
                    let word = &id.value;
                    let message = say!("统计指标 {word} 由它自己推算", "the statistic {word} rests on itself");
                    self.found.push(Diagnostic::error("R106", Place::new(self.source, id.span), message).key(word));
                    list[at].measure = Measure::Nothing;
                    break;
                }
                if !std::mem::replace(&mut seen[next], true) {
                    waiting.extend(list[next].measure.rests_on());
                }
            }
        }
    }
}

/// A statistic made of others, by their names.
enum Formula {
    Total(Vec<Spanned<String>>, Vec<Spanned<String>>),
    Share(Vec<Spanned<String>>),
    Ratio(Vec<Spanned<String>>),
}

/// The reference to a column of a table.
fn column_of(table: &Ref, column: &Spanned<String>) -> Ref {
    let mut parts = table.parts.clone();
    parts.push(column.value.clone());
    Ref { span: column.span, parts, ..table.clone() }
}

/// Whether a reference names a form or a table of one; what it does not is said.
fn over(checker: &mut Checker<'_>, rulebook: &Rulebook, r: &Ref) -> bool {
    if let [form] = r.parts.as_slice() {
        checker.form(&Spanned { value: form.clone(), span: r.span });
        return rulebook.form_index(form).is_some();
    }
    if let [form, table] = r.parts.as_slice()
        && let Some(at) = rulebook.form_index(form)
        && let Some((_, field)) = rulebook.forms[at].field(table)
    {
        checker.table(r);
        return field.kind == Kind::Table;
    }
    checker.table(r)
}
