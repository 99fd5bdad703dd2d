//! Reads a form from its file.

use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Claims, ExtractSpec, Field, FigureSpec, Form, Kind, Nature, PaperSpec, Per, Requirement, SectionSpec};
use crate::diagnostic::Diagnostic;
use crate::rulebook::condition::Condition;
use crate::rulebook::derived::Computed;
use crate::rulebook::settings::Settings;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawForm {
    form: Spanned<String>,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    dossier: Option<Node>,
    #[serde(default)]
    records: Option<String>,
    #[serde(default)]
    articles: Vec<Spanned<String>>,
    #[serde(default)]
    per: Per,
    #[serde(default)]
    stage: Option<Spanned<String>>,
    #[serde(default)]
    nature: Nature,
    #[serde(default)]
    filled_by: Option<Spanned<String>>,
    #[serde(default)]
    guide: Option<String>,
    #[serde(default = "yes")]
    common: bool,
    #[serde(default)]
    fields: Option<Node>,
    #[serde(default)]
    sections: Option<Node>,
    #[serde(default)]
    signatures: Option<Node>,
    #[serde(default)]
    figures: Vec<FigureSpec>,
    #[serde(default)]
    extracts: Vec<ExtractSpec>,
    #[serde(default)]
    paper: PaperSpec,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawField {
    name: Spanned<String>,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    required: Option<Node>,
    #[serde(default)]
    audience: Option<Spanned<String>>,
    #[serde(default)]
    identifies: Option<String>,
    #[serde(default)]
    stands_for: Option<Spanned<String>>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    of: Option<Spanned<String>>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    min: Option<Number>,
    #[serde(default)]
    max: Option<Number>,
    #[serde(default)]
    digits: Option<u32>,
    #[serde(default)]
    pattern: Option<Spanned<String>>,
    #[serde(default)]
    length: Option<usize>,
    #[serde(default)]
    columns: Option<Node>,
    #[serde(default, rename = "ref")]
    refers: Vec<Spanned<String>>,
    #[serde(default)]
    future: bool,
    #[serde(default)]
    computed: Option<Node>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    remark: bool,
    #[serde(default)]
    encrypted: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawSection {
    name: Spanned<String>,
    #[serde(default)]
    required: Option<Node>,
    #[serde(default)]
    guide: Option<String>,
    #[serde(default)]
    audience: Option<Spanned<String>>,
    #[serde(default)]
    encrypted: bool,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Number(Decimal);

impl TryFrom<String> for Number {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is not a number"))
    }
}

/// Longest text of a field that sets no other length, in characters.
const TEXT_LENGTH: usize = 200;

impl Form {
    /// Reads one form file. A broken field does not hide the others.
    pub fn read(source: &SharedSource, settings: &Settings) -> (Option<Self>, Vec<Diagnostic>) {
        let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
        let raw = match de::read::<RawForm>(&node, source, "R101") {
            Ok(raw) => raw,
            Err(d) => {
                found.push(d);
                return (None, found);
            }
        };
        let mut reader = Reader { source, settings, found: &mut found };
        let mut fields = if raw.common { settings.common.clone() } else { Vec::new() };
        let own = raw.fields.as_ref().map(|node| reader.fields(node)).unwrap_or_default();
        for field in own {
            match fields.iter_mut().find(|own| own.name.value == field.name.value) {
                Some(own) if settings.common.iter().any(|c| c.name.value == field.name.value) => *own = field,
                Some(_) => reader.twice(&field.name),
                None => fields.push(field),
            }
        }
        let sections = reader.sections(raw.sections.as_ref());
        let signatures = raw.signatures.map(|node| de::read_each(&node, source, "R101", reader.found)).unwrap_or_default();
        let dossiers = match &raw.dossier {
            None => Vec::new(),
            Some(node) if node.as_list().is_some() => de::read_each(node, source, "R101", reader.found),
            Some(node) => de::read(node, source, "R101").map(|one| vec![one]).unwrap_or_else(|d| {
                reader.found.push(d);
                Vec::new()
            }),
        };
        let form = Self {
            code: raw.form,
            name: raw.name,
            aliases: raw.aliases,
            dossiers,
            claims: raw.records.and_then(Claims::new),
            articles: raw.articles,
            per: raw.per,
            stage: raw.stage,
            nature: raw.nature,
            filled_by: raw.filled_by,
            guide: raw.guide,
            fields,
            sections,
            signatures,
            figures: raw.figures,
            extracts: raw.extracts,
            paper: raw.paper,
            source: source.clone(),
        };
        (Some(form), found)
    }
}

/// Reads fields; also used for the common fields and structures of the settings.
pub(in crate::rulebook) struct Reader<'a> {
    pub source: &'a SharedSource,
    pub settings: &'a Settings,
    pub found: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn twice(&mut self, name: &Spanned<String>) {
        let word = &name.value;
        self.found.push(Diagnostic::error(
            "R104",
            Place::new(self.source, name.span),
            say!("栏目「{word}」写了两次", "the field `{word}` occurs twice"),
        ));
    }

    pub(in crate::rulebook) fn fields(&mut self, node: &Node) -> Vec<Field> {
        let raw = de::read_each::<RawField>(node, self.source, "R101", self.found);
        raw.into_iter().map(|raw| self.field(raw)).collect()
    }

    /// The level of an audience; the highest where none is named.
    pub fn audience(&mut self, name: Option<Spanned<String>>) -> usize {
        let highest = self.settings.audiences.len().saturating_sub(1);
        let Some(name) = name else { return highest };
        self.settings.audience(&name).unwrap_or_else(|| {
            self.unknown(&name, ("受众", "audience"), &self.settings.audiences);
            highest
        })
    }

    fn unknown(&mut self, name: &Spanned<String>, what: (&str, &str), known: &[String]) {
        let (word, (zh, en)) = (&name.value, what);
        let mut d =
            Diagnostic::error("R102", Place::new(self.source, name.span), say!("没有叫“{word}”的{zh}", "there is no {en} `{word}`"))
                .key(word);
        if let Some(near) = de::nearest(word, known.iter().map(String::as_str)) {
            d = d.help(say!("是不是“{near}”?", "did you mean `{near}`?"));
        }
        self.found.push(d);
    }

    fn requirement(&mut self, node: Option<Node>) -> Requirement {
        let Some(node) = node else { return Requirement::Never };
        match node.as_str() {
            Some("true") => return Requirement::Always,
            Some("false") => return Requirement::Never,
            _ => {}
        }
        match node.get("when").ok_or_else(|| "write true, false or { when: … }".to_owned()).and_then(Condition::read) {
            Ok(condition) => Requirement::When(condition),
            Err(why) => {
                self.found.push(Diagnostic::error(
                    "R101",
                    Place::new(self.source, node.span),
                    say!("必填条件写法有误：{why}", "the requirement is wrong: {why}"),
                ));
                Requirement::Never
            }
        }
    }

    fn field(&mut self, raw: RawField) -> Field {
        let options = match &raw.of {
            None => raw.options,
            Some(list) => self.settings.lists.get(&list.value).cloned().unwrap_or_else(|| {
                let known: Vec<String> = self.settings.lists.keys().cloned().collect();
                self.unknown(list, ("选项表", "choice list"), &known);
                Vec::new()
            }),
        };
        if matches!(raw.kind, Kind::Choice | Kind::Multichoice) && options.is_empty() && raw.of.is_none() {
            let name = &raw.name.value;
            self.found.push(Diagnostic::error(
                "R101",
                Place::new(self.source, raw.name.span),
                say!("「{name}」没有选项：写 of 或 options", "`{name}` has no options: write `of` or `options`"),
            ));
        }
        let pattern = raw.pattern.and_then(|pattern| match Regex::new(&pattern) {
            Ok(regex) => Some(regex),
            Err(why) => {
                self.found.push(Diagnostic::error(
                    "R101",
                    Place::new(self.source, pattern.span),
                    say!("格式（正则表达式）写法有误：{why}", "the pattern is wrong: {why}"),
                ));
                None
            }
        });
        let columns = match raw.columns {
            None => Vec::new(),
            Some(node) => match node.as_str() {
                None => self.fields(&node),
                Some(name) => self.settings.structures.get(name).cloned().unwrap_or_else(|| {
                    let known: Vec<String> = self.settings.structures.keys().cloned().collect();
                    self.unknown(&Spanned { value: name.to_owned(), span: node.span }, ("结构", "structure"), &known);
                    Vec::new()
                }),
            },
        };
        let computed = raw.computed.and_then(|node| match Computed::read(&node) {
            Ok(computed) => Some(computed),
            Err(why) => {
                self.found.push(Diagnostic::error(
                    "R101",
                    Place::new(self.source, node.span),
                    say!("计算方法写法有误：{why}", "the computation is wrong: {why}"),
                ));
                None
            }
        });
        Field {
            audience: self.audience(raw.audience),
            required: self.requirement(raw.required),
            name: raw.name,
            kind: raw.kind,
            identifies: raw.identifies,
            stands_for: raw.stands_for,
            note: raw.note,
            group: raw.group,
            options,
            min: raw.min.map(|n| n.0),
            max: raw.max.map(|n| n.0),
            digits: raw.digits,
            pattern,
            length: raw.length.unwrap_or(TEXT_LENGTH),
            columns,
            refers: raw.refers,
            future: raw.future,
            computed,
            unit: raw.unit,
            remark: raw.remark,
            encrypted: raw.encrypted,
        }
    }

    fn sections(&mut self, node: Option<&Node>) -> Vec<SectionSpec> {
        let Some(node) = node else { return Vec::new() };
        let raw = de::read_each::<RawSection>(node, self.source, "R101", self.found);
        raw.into_iter()
            .map(|raw| SectionSpec {
                name: raw.name,
                required: self.requirement(raw.required),
                guide: raw.guide,
                audience: self.audience(raw.audience),
                encrypted: raw.encrypted,
            })
            .collect()
    }
}
