//! What stands at the cursor, and where it comes from.

use super::Draft;
use crate::rulebook::form::{Field, Form, Kind};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::Node;

/// What stands somewhere in the text.
enum Thing<'n> {
    /// What says which form the record is of.
    Form(Span),
    /// The name of a field or column.
    Name(&'n str, Option<&'n str>, Span),
    /// The value of a field or column.
    Value(&'n str, Option<&'n str>, &'n Node),
    /// The heading of a section.
    Heading(&'n str, Span),
}

impl Draft<'_> {
    /// What there is to say of what stands at a byte of the text, in Markdown, and the bytes of it.
    pub fn about(&self, offset: usize) -> Option<(String, Span)> {
        let said = match self.thing(offset)? {
            Thing::Form(span) => (self.of_form(self.form()?), span),
            Thing::Name(name, column, span) => (self.of_field(self.named(name, column)?), span),
            Thing::Value(name, column, node) => {
                let text = node.as_str()?;
                let field = self.named(name, column)?;
                let person = || {
                    let person = self.archive.people.named(text).or_else(|| self.archive.people.by_id(text))?;
                    let roles = person.roles_on(self.today, None).collect::<Vec<_>>().join("、");
                    Some(format!("**{}** {roles}", person.name.value))
                };
                let record = || {
                    let record = self.referred(text)?;
                    let form = self.rulebook.form_of(record).map_or("", |form| self.rulebook.forms[form].name.as_str());
                    Some(format!("**{}** {form}", self.rulebook.record_id(record.path())))
                };
                let told = match field.kind {
                    Kind::Person => person(),
                    Kind::Ref => record(),
                    _ => None,
                };
                (told.unwrap_or_else(|| self.of_field(field)), node.span)
            }
            Thing::Heading(name, span) => {
                let section = self.form()?.sections.iter().find(|section| section.name.value == name)?;
                (format!("**{name}**\n\n{}", section.guide.as_deref().unwrap_or_default()), span)
            }
        };
        Some(said)
    }

    /// Whether what stands at a byte of the text says which form it is.
    pub fn names_form(&self, offset: usize) -> bool {
        matches!(self.thing(offset), Some(Thing::Form(_)))
    }

    /// Where what stands at a byte of the text is defined: a field in its form, a record in its file.
    pub fn target(&self, offset: usize) -> Option<Place> {
        let at = |span: Span, source: &SharedSource| Place::new(source, span);
        let form = self.form();
        Some(match self.thing(offset)? {
            Thing::Form(_) => at(form?.code.span, &form?.source),
            Thing::Name(name, column, _) => at(self.named(name, column)?.name.span, &form?.source),
            Thing::Value(_, _, node) => Place::file(&self.referred(node.as_str()?)?.source),
            Thing::Heading(name, _) => {
                let section = form?.sections.iter().find(|section| section.name.value == name)?;
                at(section.name.span, &form?.source)
            }
        })
    }

    fn named(&self, name: &str, column: Option<&str>) -> Option<&Field> {
        match column {
            Some(column) => self.column(name, column).or_else(|| self.field(name)),
            None => self.field(name),
        }
    }

    fn thing(&self, offset: usize) -> Option<Thing<'_>> {
        let within = |span: Span| span.start <= offset && offset <= span.end;
        if let Some(section) = self.record.sections.iter().find(|section| within(section.heading)) {
            return Some(Thing::Heading(&section.name, section.heading));
        }
        let pairs = self.record.fields.as_map()?;
        let (key, node) = pairs.iter().find(|(key, node)| within(key.span) || within(node.span))?;
        if key.text == self.rulebook.settings.form_key {
            return Some(Thing::Form(if within(key.span) { key.span } else { node.span }));
        }
        if within(key.span) {
            return Some(Thing::Name(&key.text, None, key.span));
        }
        let rows: Vec<&Node> = node.as_list().map_or_else(|| vec![node], |rows| rows.iter().collect());
        for (inner, value) in rows.iter().filter_map(|row| row.as_map()).flatten() {
            if within(inner.span) {
                return Some(Thing::Name(&key.text, Some(&inner.text), inner.span));
            }
            if within(value.span) {
                return Some(Thing::Value(&key.text, Some(&inner.text), value));
            }
        }
        let item = rows.into_iter().find(|item| item.as_str().is_some() && within(item.span));
        Some(Thing::Value(&key.text, None, item.unwrap_or(node)))
    }

    fn of_form(&self, form: &Form) -> String {
        format!("**{} {}**\n\n{}", form.code.value, form.name, form.guide.as_deref().unwrap_or_default())
    }

    fn of_field(&self, field: &Field) -> String {
        let mut said = vec![format!("**{}** `{}`", field.name.value, field.kind.word())];
        let detail = self.detail(field);
        said.extend((!detail.is_empty()).then_some(detail));
        if !field.options.is_empty() {
            let options = field.options.join("、");
            said.push(self.say(say!("可选：{options}", "options: {options}")));
        }
        let bound = |bound: Option<rust_decimal::Decimal>| bound.map_or_else(|| "…".to_owned(), |bound| bound.to_string());
        if field.min.is_some() || field.max.is_some() {
            let (low, high) = (bound(field.min), bound(field.max));
            said.push(self.say(say!("{low} 至 {high}", "{low} to {high}")));
        }
        let columns: Vec<&str> = field.columns.iter().map(|column| column.name.value.as_str()).collect();
        if !columns.is_empty() {
            let columns = columns.join("、");
            said.push(self.say(say!("列：{columns}", "columns: {columns}")));
        }
        if let Some(audience) = self.rulebook.settings.audiences.get(field.audience) {
            said.push(self.say(say!("谁看得到：{audience}", "seen by: {audience}")));
        }
        said.join("\n\n")
    }
}
