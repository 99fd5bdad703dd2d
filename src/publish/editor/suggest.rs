//! What can stand at the cursor, in the order of the form.

use super::place::{Spot, spot};
use super::{Draft, Suggested, Suggestion};
use crate::archive::{Person, home};
use crate::rulebook::form::{Field, Form, Kind, Requirement, SectionSpec};
use crate::say;
use crate::source::Span;
use crate::yaml::write::scalar;

impl Suggestion {
    /// The name of a field, a part or a column, with what comes behind it.
    fn name(label: &str, detail: String, span: Span, behind: &str) -> Self {
        Self { label: label.to_owned(), detail, span, text: format!("{label}{behind}"), kind: Suggested::Name }
    }
}

impl Draft<'_> {
    /// What can stand at a byte of the text.
    pub fn suggestions(&self, offset: usize) -> Vec<Suggestion> {
        let text = self.source.text();
        match spot(text, offset) {
            Spot::Name(span) => self.names(span),
            Spot::Value { field, span, list } => match self.field(&field) {
                Some(own) if own.kind == Kind::Table && list => self.inner(own, &[], span),
                Some(own) => self.values(own, own.kind, span, list),
                None if field == self.rulebook.settings.form_key => self.forms(span),
                None => Vec::new(),
            },
            Spot::Inner { field, taken, span } => self.field(&field).map_or_else(Vec::new, |own| self.inner(own, &taken, span)),
            Spot::InnerValue { field, name, span } => match (self.column(&field, &name), self.field(&field)) {
                (Some(column), _) => self.values(column, column.kind, span, false),
                (None, Some(own)) => {
                    let parts = self.rulebook.settings.value_keys.parts(own.kind);
                    let kind = parts.into_iter().find(|(part, _)| *part == name).map(|(_, kind)| kind);
                    kind.map_or_else(Vec::new, |kind| self.values(own, kind, span, false))
                }
                (None, None) => Vec::new(),
            },
            Spot::Heading(span) => self.headings(span),
            Spot::Elsewhere => Vec::new(),
        }
    }

    /// What there is to say of a field, on one line.
    pub(super) fn detail(&self, field: &Field) -> String {
        let required = match &field.required {
            _ if field.computed.is_some() => Some(self.say(say!("由程序计算", "computed"))),
            Requirement::Always => Some(self.say(say!("必填", "required"))),
            other => other.condition().map(|when| self.say(when)),
        };
        [required, field.unit.clone(), field.hint()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Names of fields that are not there yet.
    fn names(&self, span: Span) -> Vec<Suggestion> {
        let settings = &self.rulebook.settings;
        let rest = &self.source.text()[span.end..];
        let colon = if rest.trim_start_matches(' ').starts_with(':') { "" } else { ": " };
        let name = |label: &str, detail: String| Suggestion::name(label, detail, span, colon);
        let there = |name: &str| self.record.fields.entry(name).is_some_and(|(key, _)| key.span.start != span.start);
        let Some(form) = self.form() else {
            let key = (!there(&settings.form_key)).then(|| name(&settings.form_key, self.say(say!("哪一种表单", "which form"))));
            return key.into_iter().collect();
        };
        let open = form.fields.iter().filter(|field| field.computed.is_none() && !there(&field.name.value));
        open.map(|field| name(&field.name.value, self.detail(field))).collect()
    }

    /// Columns of a table, or parts of a value, that are not there yet.
    fn inner(&self, field: &Field, taken: &[String], span: Span) -> Vec<Suggestion> {
        let open = |name: &&str| !taken.iter().any(|own| own == *name);
        let name = |name: &str, detail: String| Suggestion::name(name, detail, span, ": ");
        let parts = self.rulebook.settings.value_keys.parts(field.kind).into_iter().map(|(part, _)| part).filter(open);
        let parts = parts.map(|part| name(part, String::new()));
        let columns = field.columns.iter().filter(|column| column.computed.is_none() && open(&column.name.value.as_str()));
        let columns = columns.map(|column| name(&column.name.value, self.detail(column)));
        parts.chain(columns).collect()
    }

    /// Values of a field, or of a part of it that holds another kind of value.
    fn values(&self, field: &Field, kind: Kind, span: Span, list: bool) -> Vec<Suggestion> {
        let value = |label: String, detail: String, kind: Suggested| Suggestion { text: scalar(&label), label, detail, span, kind };
        let plain = |label: &str| value(label.to_owned(), String::new(), Suggested::Value);
        let raw = |text: String, detail: String| Suggestion { label: text.clone(), detail, span, text, kind: Suggested::Value };
        match kind {
            Kind::Choice => field.options.iter().map(|option| plain(option)).collect(),
            Kind::Multichoice if list => field.options.iter().map(|option| plain(option)).collect(),
            Kind::Multichoice => field.options.iter().map(|option| raw(format!("[{}]", scalar(option)), String::new())).collect(),
            Kind::Bool => ["是", "否"].map(plain).into(),
            Kind::Date => vec![raw(self.today.to_string(), self.say(say!("今天", "today")))],
            Kind::Datetime => vec![raw(format!("{}T09:00", self.today), self.say(say!("今天", "today")))],
            Kind::Person => {
                let project = home(self.source.path()).and_then(|(folder, number)| {
                    self.rulebook.settings.kind_in(folder).and_then(|kind| self.rulebook.project_of(kind, number))
                });
                let serving = self.archive.people.iter().filter(|person| person.in_service(self.today));
                let told = |person: &Person| person.roles_on(self.today, project.as_deref()).collect::<Vec<_>>().join("、");
                serving.map(|person| value(person.name.value.clone(), told(person), Suggested::Value)).collect()
            }
            Kind::Ref => {
                let fits = |form: usize| {
                    field.refers.is_empty() || field.refers.iter().any(|code| self.rulebook.form_index(&code.value) == Some(form))
                };
                let own = self.neighbours().filter(|(record, _)| record.path() != self.source.path());
                let told = own.filter_map(|(record, stem)| Some((stem, self.rulebook.form_of(record).filter(|form| fits(*form))?)));
                told.map(|(stem, form)| value(stem.to_owned(), self.rulebook.forms[form].name.clone(), Suggested::Reference)).collect()
            }
            Kind::Table if !list => {
                let columns = field.columns.iter().filter(|column| column.computed.is_none() && column.required == Requirement::Always);
                let row: Vec<String> = columns.map(|column| format!("{}: ", column.name.value)).collect();
                let line = self.source.text()[..span.start].ends_with(' ');
                let text = format!("\n  - {{ {} }}", row.join(", ").trim_end());
                vec![Suggestion {
                    label: self.say(say!("一行", "a row")),
                    detail: row.join(" "),
                    span: if line { Span::new(span.start - 1, span.end) } else { span },
                    text,
                    kind: Suggested::Value,
                }]
            }
            Kind::Signature | Kind::Attachment | Kind::IdCard => {
                let parts = self.rulebook.settings.value_keys.parts(kind);
                let text = format!("{{ {} }}", parts.iter().map(|(part, _)| format!("{part}: ")).collect::<Vec<_>>().join(", ").trim_end());
                vec![raw(text, String::new())]
            }
            _ => Vec::new(),
        }
    }

    /// Forms that can stand in the folder of the record.
    fn forms(&self, span: Span) -> Vec<Suggestion> {
        let kind = home(self.source.path()).and_then(|(folder, _)| self.rulebook.settings.kind_in(folder));
        let fits = |form: &&Form| form.dossiers.iter().any(|own| self.rulebook.settings.kind(own) == kind);
        let forms = self.rulebook.forms.iter().filter(|form| if kind.is_none() { form.dossiers.is_empty() } else { fits(form) });
        let form = |form: &Form| Suggestion {
            label: form.code.value.clone(),
            detail: form.name.clone(),
            span,
            text: scalar(&form.code.value),
            kind: Suggested::Reference,
        };
        forms.map(form).collect()
    }

    /// Sections that are not there yet.
    fn headings(&self, span: Span) -> Vec<Suggestion> {
        let sections = self.form().map(|form| form.sections.as_slice()).unwrap_or_default();
        let there = |name: &str| self.record.section(name).is_some_and(|own| own.heading.start != span.start);
        let open = sections.iter().filter(|section| !there(&section.name.value));
        let told = |section: &SectionSpec| Suggestion {
            label: format!("## {}", section.name.value),
            detail: section.guide.clone().unwrap_or_default(),
            span,
            text: format!("## {}\n\n", section.name.value),
            kind: Suggested::Section,
        };
        open.map(told).collect()
    }
}
