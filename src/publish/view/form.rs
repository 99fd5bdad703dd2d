//! A form's page: what a record of it consists of, which rules it is under, its newest records.

use serde::Serialize;

use super::pages::Tally;
use super::viewer::Viewer;
use super::{Link, RecordRow, RuleRow, lists, rule, workbook};
use crate::diagnostic::Text;
use crate::rulebook::Rule;
use crate::rulebook::form::{Field, Form, Kind, Nature, Per, Requirement, SectionSpec};
use crate::rulebook::rule::Applies;
use crate::say;

/// A form's page.
#[derive(Debug, Clone, Serialize)]
pub struct FormView {
    /// Code, linked.
    pub link: Link,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Dossier kinds.
    pub dossiers: Vec<String>,
    /// Stage.
    pub stage: Option<String>,
    /// How many per dossier, in words.
    pub per: String,
    /// Written, mixed or derived, in words.
    pub nature: String,
    /// Who fills it.
    pub filled_by: Option<String>,
    /// When and how.
    pub guide: Option<String>,
    /// Articles.
    pub articles: Vec<Link>,
    /// Rules about it.
    pub rules: Vec<RuleRow>,
    /// Its fields and columns with types and audiences.
    pub fields: Vec<FieldSpec>,
    /// Its sections.
    pub sections: Vec<FieldSpec>,
    /// The blank paper, if typeset.
    pub blank: Option<String>,
    /// The workbook to be filled in, if made; what is all computed has none.
    pub workbook: Option<String>,
    /// The newest of its records.
    pub records: Vec<RecordRow>,
    /// How many there are.
    pub total: usize,
    /// The list of all of them, where these are not all.
    pub all: Option<String>,
}

/// A field as the form defines it.
#[derive(Debug, Clone, Serialize)]
pub struct FieldSpec {
    /// Name.
    pub name: String,
    /// Type in words.
    pub kind: String,
    /// Heading.
    pub group: Option<String>,
    /// Required, in words (是 / 否 / the condition).
    pub required: String,
    /// Choices or bounds, in words.
    pub values: String,
    /// Lowest audience that sees it.
    pub audience: String,
    /// Whether it identifies somebody.
    pub identifies: Option<String>,
    /// Hint.
    pub note: Option<String>,
    /// Columns of a table.
    pub columns: Vec<FieldSpec>,
}

/// How many records it shows; the list of them has all.
pub(super) const SHOWN: usize = 50;

/// The page of a form, which is the rulebook's at that index.
pub(super) fn page(viewer: &Viewer<'_>, tally: &Tally, at: usize, form: &Form) -> FormView {
    let world = &viewer.judgement.world;
    let code = form.code.value.as_str();
    let about = |rule: &Rule| match &rule.applies {
        Applies::EveryForm => false,
        Applies::Forms(forms) => forms.iter().any(|f| f.value == code),
        Applies::Dossier(_) => rule.source.slice(rule.span).contains(code),
    };
    let per = match form.per {
        Per::Dossier => say!("每个案卷一份", "one for each dossier"),
        Per::Session => say!("每次一份", "one for each session"),
        Per::Participant => say!("每人一份", "one for each participant"),
        Per::Period => say!("每期一份", "one for each period"),
        Per::Many => say!("可有多份", "any number"),
    };
    let nature = match form.nature {
        Nature::Written => say!("人工填写", "written"),
        Nature::Mixed => say!("部分由程序计算", "partly computed"),
        Nature::Derived => say!("由程序生成", "computed"),
    };
    let records = lists::newest(viewer, at);
    FormView {
        link: viewer.form_link(form),
        code: code.to_owned(),
        name: form.name.clone(),
        aliases: form.aliases.clone(),
        dossiers: form.dossiers.iter().map(|d| d.value.clone()).collect(),
        stage: form.stage.as_ref().map(|s| s.value.clone()),
        per: viewer.say(&per),
        nature: viewer.say(&nature),
        filled_by: form.filled_by.as_ref().map(|r| r.value.clone()),
        guide: form.guide.clone(),
        articles: form.articles.iter().map(|a| viewer.article_link(a)).collect(),
        rules: world
            .rulebook
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| about(rule))
            .map(|(at, rule)| rule::row(viewer, tally, at, rule))
            .collect(),
        fields: form.fields.iter().map(|field| field_spec(viewer, field)).collect(),
        sections: form.sections.iter().map(|section| section_spec(viewer, section)).collect(),
        blank: viewer.papers.then(|| format!("papers/blank/{code}.pdf")),
        workbook: (viewer.papers && form.nature != Nature::Derived).then(|| workbook::blank_url(code)),
        records: records.iter().take(SHOWN).map(|&at| viewer.record_row(at)).collect(),
        total: records.len(),
        all: (records.len() > SHOWN).then(|| lists::records_url(code)),
    }
}

fn requirement(viewer: &Viewer<'_>, requirement: &Requirement) -> String {
    let text = match requirement {
        Requirement::Never => say!("否", "no"),
        Requirement::Always => say!("是", "yes"),
        Requirement::When(condition) => say!("{condition} 时", "where {condition}"),
    };
    viewer.say(&text)
}

fn audience(viewer: &Viewer<'_>, level: usize) -> String {
    viewer.judgement.world.rulebook.settings.audiences.get(level).cloned().unwrap_or_default()
}

fn kind_words(kind: Kind) -> Text {
    match kind {
        Kind::Text => say!("文字", "text"),
        Kind::Date => say!("日期", "date"),
        Kind::Datetime => say!("日期时间", "date and time"),
        Kind::Integer => say!("整数", "integer"),
        Kind::Decimal => say!("小数", "decimal"),
        Kind::Money => say!("金额（元）", "money (yuan)"),
        Kind::Bool => say!("是/否", "yes/no"),
        Kind::Choice => say!("单选", "choice"),
        Kind::Multichoice => say!("多选", "multiple choice"),
        Kind::Scale => say!("量表", "scale"),
        Kind::Phone => say!("电话", "telephone"),
        Kind::IdCard => say!("证件", "identity document"),
        Kind::Email => say!("邮箱", "e-mail"),
        Kind::Url => say!("网址", "web address"),
        Kind::Person => say!("人员", "person"),
        Kind::Ref => say!("引用记录", "another record"),
        Kind::Table => say!("表格", "table"),
        Kind::Signature => say!("签名", "signature"),
        Kind::Attachment => say!("附件", "attachment"),
    }
}

fn field_spec(viewer: &Viewer<'_>, field: &Field) -> FieldSpec {
    let values = if field.options.is_empty() {
        match (field.min, field.max) {
            (Some(min), Some(max)) => format!("{min} – {max}"),
            (Some(min), None) => format!("≥ {min}"),
            (None, Some(max)) => format!("≤ {max}"),
            _ => String::new(),
        }
    } else {
        field.options.join(" / ")
    };
    FieldSpec {
        name: field.name.value.clone(),
        kind: viewer.say(&kind_words(field.kind)),
        group: field.group.clone(),
        required: if field.computed.is_some() {
            viewer.say(&say!("自动计算", "computed"))
        } else {
            requirement(viewer, &field.required)
        },
        values,
        audience: audience(viewer, field.audience),
        identifies: field.identifies.clone(),
        note: field.note.clone(),
        columns: field.columns.iter().map(|column| field_spec(viewer, column)).collect(),
    }
}

fn section_spec(viewer: &Viewer<'_>, section: &SectionSpec) -> FieldSpec {
    FieldSpec {
        name: section.name.value.clone(),
        kind: viewer.say(&say!("段落", "section")),
        group: None,
        required: requirement(viewer, &section.required),
        values: String::new(),
        audience: audience(viewer, section.audience),
        identifies: None,
        note: section.guide.clone(),
        columns: Vec::new(),
    }
}
