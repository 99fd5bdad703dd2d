//! Forms: what a record of each kind consists of. One file, one form.
//!
//! ```yaml
//! form: C03
//! name: 个案开案记录表
//! dossier: 个案
//! per: dossier
//! fields:
//!   - { name: 开案日期, type: date, required: true, audience: 内部 }
//! sections:
//!   - { name: 求助背景与过程, required: true }
//! ```

use std::collections::BTreeMap;

use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::condition::Condition;
use super::derived::Computed;
use super::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    /// Its code, the value of the form key in records.
    pub code: Spanned<String>,
    /// Its name.
    pub name: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Kinds of dossier it belongs to; none: its records stand alone.
    pub dossiers: Vec<Spanned<String>>,
    /// Paths whose files are records of this form though they name none, such as `EIPS/eip-*.md`.
    pub claims: Option<String>,
    /// Articles it rests on.
    pub articles: Vec<Spanned<String>>,
    /// How many there are.
    pub per: Per,
    /// The stage of the dossier that it marks.
    pub stage: Option<Spanned<String>>,
    /// Where its content comes from.
    pub nature: Nature,
    /// The role that fills it.
    pub filled_by: Option<Spanned<String>>,
    /// When and how it is filled, for people.
    pub guide: Option<String>,
    /// Its fields in order, the common ones first.
    pub fields: Vec<Field>,
    /// Its sections in order.
    pub sections: Vec<SectionSpec>,
    /// Signature blocks of its paper.
    pub signatures: Vec<SignatureSpec>,
    /// Figures that are drawn from its tables.
    pub figures: Vec<FigureSpec>,
    /// Papers that show a part of it under a name of their own.
    pub extracts: Vec<ExtractSpec>,
    /// How its paper looks.
    pub paper: PaperSpec,
    /// Its file.
    pub source: SharedSource,
}

/// How many records of a form a dossier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Exactly one; its file is named by the code alone.
    Dossier,
    /// One for each session.
    Session,
    /// One for each participant.
    Participant,
    /// One for each period.
    Period,
    /// Any number.
    #[default]
    Many,
}

/// Where a form's content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// People write it.
    #[default]
    Written,
    /// Part is written, part computed.
    Mixed,
    /// All is computed but its parameters.
    Derived,
}

/// A field or a column of a table.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, as written in records.
    pub name: Spanned<String>,
    /// Its type.
    pub kind: Kind,
    /// When it must be filled.
    pub required: Requirement,
    /// Lowest audience that sees it, as an index into the audiences; the highest when unmarked.
    pub audience: usize,
    /// Whom it identifies.
    pub identifies: Option<String>,
    /// Whom it stands for: a code for somebody whom another field of the record, or of the row, identifies.
    pub stands_for: Option<Spanned<String>>,
    /// Short hint.
    pub note: Option<String>,
    /// Heading in the grid.
    pub group: Option<String>,
    /// Choices.
    pub options: Vec<String>,
    /// Lowest number, or fewest items or rows.
    pub min: Option<Decimal>,
    /// Highest number, or most items or rows.
    pub max: Option<Decimal>,
    /// Decimal places.
    pub digits: Option<u32>,
    /// What a text must match.
    pub pattern: Option<Regex>,
    /// Longest text, in characters.
    pub length: usize,
    /// Columns of a table.
    pub columns: Vec<Field>,
    /// Forms that a reference may point at.
    pub refers: Vec<Spanned<String>>,
    /// Whether the date may lie after today.
    pub future: bool,
    /// How it is computed.
    pub computed: Option<Computed>,
    /// Unit printed after the value.
    pub unit: Option<String>,
    /// Whether it is said of the record afterwards, such as why it is late or where its original lies: an approval does
    /// not cover it, and a paper has it only when it is filled.
    pub remark: bool,
    /// Whether it is kept encrypted, in dossiers that have a key.
    pub encrypted: bool,
}

/// The types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One line of text.
    Text,
    /// A day.
    Date,
    /// A minute.
    Datetime,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// Yuan with two places.
    Money,
    /// 是 or 否.
    Bool,
    /// One of the options.
    Choice,
    /// Some of the options.
    Multichoice,
    /// A whole number between two bounds.
    Scale,
    /// A telephone number of the mainland, Hong Kong or Macau.
    Phone,
    /// An identity document: kind and number.
    IdCard,
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// Somebody of the register.
    Person,
    /// Another record.
    Ref,
    /// Rows of columns.
    Table,
    /// A signature.
    Signature,
    /// A file.
    Attachment,
}

impl Kind {
    /// The word in form files and views.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Bool => "bool",
            Self::Choice => "choice",
            Self::Multichoice => "multichoice",
            Self::Scale => "scale",
            Self::Phone => "phone",
            Self::IdCard => "id-card",
            Self::Email => "email",
            Self::Url => "url",
            Self::Person => "person",
            Self::Ref => "ref",
            Self::Table => "table",
            Self::Signature => "signature",
            Self::Attachment => "attachment",
        }
    }
}

/// When something must be filled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Requirement {
    /// It may stay empty.
    #[default]
    Never,
    /// Always.
    Always,
    /// When a condition holds.
    When(Condition),
}

/// A prose section.
#[derive(Debug, Clone)]
pub struct SectionSpec {
    /// Its heading.
    pub name: Spanned<String>,
    /// When it must be written.
    pub required: Requirement,
    /// A hint for the writer.
    pub guide: Option<String>,
    /// Lowest audience that sees it.
    pub audience: usize,
    /// Whether it is kept encrypted, in dossiers that have a key.
    pub encrypted: bool,
}

/// A signature block.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignatureSpec {
    /// Whose.
    pub label: String,
    /// What proves it.
    pub by: SignedBy,
    /// The field, for `by: field`.
    #[serde(default)]
    pub field: Option<Spanned<String>>,
}

/// What proves a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedBy {
    /// The commit that submitted the record.
    Worker,
    /// The approval in history.
    Approval,
    /// A signature field of the record.
    Field,
    /// Nothing: lines for ink.
    Ink,
}

/// A figure that is drawn from the tables of a record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FigureSpec {
    /// Its title.
    pub title: String,
    /// What is drawn.
    pub kind: FigureKind,
    /// The field with the day as of which it is drawn.
    #[serde(default)]
    pub drawn: Option<Spanned<String>>,
    /// The tables that it is drawn from, by what the figure calls them.
    pub parts: BTreeMap<String, FigurePart>,
    /// What the words in the tables mean to the figure, such as `男: male`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// A family over generations: `people`, `unions`, `parents`, `relations`, `households`.
    Genogram,
    /// The systems around a household: `ties`, and the tables of the family.
    Ecomap,
    /// The people around one person: `members`, and `people` for who that is.
    Network,
    /// Measurements before and during an intervention: `measures` and their `points`.
    Baseline,
    /// Goals on a scale: `goals` and their `names`.
    Goals,
    /// Stacked bars: `bars`.
    Bars,
}

impl FigureKind {
    /// The tables that it is drawn from.
    pub fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Genogram => &["people", "unions", "parents", "relations", "households"],
            Self::Ecomap => &["ties", "people", "unions", "parents", "relations", "households"],
            Self::Network => &["members", "people"],
            Self::Baseline => &["measures", "points"],
            Self::Goals => &["goals", "names"],
            Self::Bars => &["bars"],
        }
    }
}

/// One table of a figure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigurePart {
    /// The table: a field of the form, or of another form of the dossier as in `C07.测量值`.
    pub table: Spanned<String>,
    /// Its columns, by what the figure calls them.
    pub columns: BTreeMap<String, Spanned<String>>,
}

/// A paper that shows a part of a record, such as the assessment of an intake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExtractSpec {
    /// What its file is called.
    pub key: Spanned<String>,
    /// Its title.
    pub name: String,
    /// Its fields.
    #[serde(default)]
    pub fields: Vec<Spanned<String>>,
    /// Its sections.
    #[serde(default)]
    pub sections: Vec<Spanned<String>>,
    /// The form of the dossier whose figures it shows.
    #[serde(default)]
    pub figures: Option<Spanned<String>>,
}

/// How a paper looks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PaperSpec {
    /// `portrait` or `landscape`.
    pub orientation: Orientation,
    /// General layout.
    pub layout: Layout,
    /// Own template beside the form.
    pub template: Option<Spanned<String>>,
    /// Empty rows of tables on blank paper.
    pub rows: usize,
}

impl Default for PaperSpec {
    fn default() -> Self {
        Self { orientation: Orientation::Portrait, layout: Layout::Grid, template: None, rows: 4 }
    }
}

/// Which way a page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// Upright.
    Portrait,
    /// On its side.
    Landscape,
}

/// General layouts of papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A bordered grid of labels and values.
    Grid,
    /// A letter.
    Letter,
    /// A list of rows.
    List,
    /// A cover with a list.
    Cover,
}

impl Layout {
    /// The word in form files and views.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Letter => "letter",
            Self::List => "list",
            Self::Cover => "cover",
        }
    }
}

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
            claims: raw.records,
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

    /// The field of that name with its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, f)| f.name.value == name)
    }

    /// Whether this form claims the file at `path` without being named in it.
    pub fn claims_path(&self, path: &str) -> bool {
        self.claims.as_deref().is_some_and(|pattern| glob(pattern, path))
    }
}

/// `*` within one part of a path, `**` across parts.
fn glob(pattern: &str, path: &str) -> bool {
    let pattern = regex::escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*");
    Regex::new(&format!("^{pattern}$")).is_ok_and(|r| r.is_match(path))
}

/// Reads fields; also used for the common fields and structures of the settings.
pub(super) struct Reader<'a> {
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

    pub(super) fn fields(&mut self, node: &Node) -> Vec<Field> {
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

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn forms_claim_files_by_path() {
        assert!(glob("EIPS/eip-*.md", "EIPS/eip-1.md"));
        assert!(!glob("EIPS/eip-*.md", "EIPS/a/eip-1.md"));
        assert!(glob("text/**.md", "text/a/b.md"));
        assert!(!glob("a.c", "abc"));
    }
}
