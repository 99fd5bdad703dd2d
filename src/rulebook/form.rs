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
use crate::diagnostic::Text;
use crate::say;
use crate::source::SharedSource;
use crate::yaml::de::Spanned;

mod read;

pub(super) use read::Reader;

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
    pub claims: Option<Claims>,
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

impl Requirement {
    /// When something must be filled that need not always be.
    pub fn condition(&self) -> Option<Text> {
        match self {
            Self::When(condition) => Some(say!("{condition} 时必填", "required where {condition}")),
            Self::Always | Self::Never => None,
        }
    }
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

/// Files that a form claims without being named in them.
#[derive(Debug, Clone)]
pub struct Claims {
    /// As written: `*` within one part of a path, `**` across parts.
    pub pattern: String,
    paths: Regex,
}

impl Claims {
    fn new(pattern: String) -> Option<Self> {
        let paths = regex::escape(&pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*");
        Some(Self { paths: Regex::new(&format!("^{paths}$")).ok()?, pattern })
    }
}

impl Field {
    /// The hint on one line.
    pub fn hint(&self) -> Option<String> {
        self.note.as_ref().map(|note| note.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Form {
    /// The field of that name with its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, f)| f.name.value == name)
    }

    /// Whether this form claims the file at `path` without being named in it.
    pub fn claims_path(&self, path: &str) -> bool {
        self.claims.as_ref().is_some_and(|claims| claims.paths.is_match(path))
    }
}

#[cfg(test)]
mod tests {
    use super::Claims;

    #[test]
    fn forms_claim_files_by_path() {
        let claims = |pattern: &str, path: &str| Claims::new(pattern.to_owned()).unwrap().paths.is_match(path);
        assert!(claims("EIPS/eip-*.md", "EIPS/eip-1.md"));
        assert!(!claims("EIPS/eip-*.md", "EIPS/a/eip-1.md"));
        assert!(claims("text/**.md", "text/a/b.md"));
        assert!(!claims("a.c", "abc"));
    }
}
