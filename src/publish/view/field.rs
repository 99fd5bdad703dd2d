//! A field of a record as one audience sees it: its value in the shape in which it is shown.

use rust_decimal::Decimal;
use serde::Serialize;

use super::viewer::Viewer;
use super::{FindingView, Link};
use crate::archive::encryption;
use crate::diagnostic::Diagnostic;
use crate::rulebook::form::{Field, Kind, Requirement};
use crate::rulebook::value::{Data, Datum, Row, Value};

/// One field of a record.
#[derive(Debug, Clone, Serialize)]
pub struct FieldView {
    /// Name.
    pub name: String,
    /// Type word of the form: text, date, table …
    pub kind: String,
    /// Heading it stands under.
    pub group: Option<String>,
    /// Short hint.
    pub note: Option<String>,
    /// Unit printed after the value.
    pub unit: Option<String>,
    /// Whether it must be filled here.
    pub required: bool,
    /// Whether it was computed.
    pub computed: bool,
    /// The value.
    pub value: ValueView,
    /// Whether it needs a line of its own on a page.
    pub wide: bool,
    /// Findings about it.
    pub findings: Vec<FindingView>,
}

/// A value as it is shown.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(tag = "shape", rename_all = "kebab-case")]
pub enum ValueView {
    /// Nothing is written.
    #[default]
    Empty,
    /// Something is written, this audience does not see it.
    Hidden,
    /// A text, number or date.
    Text {
        /// As printed.
        text: String,
    },
    /// A choice among options, on paper printed with boxes.
    Choice {
        /// All options in order.
        options: Vec<OptionView>,
    },
    /// A signature recorded in the record.
    Signature {
        /// Who.
        name: String,
        /// As what.
        role: String,
        /// When.
        date: String,
        /// 纸质 or 电子, as the record says.
        form: String,
        /// Where the original is kept.
        place: String,
    },
    /// A link: an attachment, another record, an address.
    Link {
        /// Where to.
        link: Link,
    },
    /// Rows and columns.
    Table {
        /// Column heads.
        columns: Vec<ColumnView>,
        /// Rows of values, one per column.
        rows: Vec<Vec<ValueView>>,
    },
}

/// A text of more characters needs a line of its own.
const LONG_TEXT: usize = 26;

/// So do more options, or options with more characters altogether.
const MANY_OPTIONS: (usize, usize) = (6, 16);

impl ValueView {
    /// Whether it needs a line of its own on a page.
    pub fn is_wide(&self) -> bool {
        match self {
            Self::Empty | Self::Hidden | Self::Link { .. } => false,
            Self::Table { .. } | Self::Signature { .. } => true,
            Self::Text { text } => text.chars().nth(LONG_TEXT).is_some(),
            Self::Choice { options } => {
                let characters = || options.iter().map(|option| option.name.chars().count()).sum::<usize>();
                options.len() > MANY_OPTIONS.0 || characters() > MANY_OPTIONS.1
            }
        }
    }
}

/// One option of a choice.
#[derive(Debug, Clone, Serialize)]
pub struct OptionView {
    /// Its name.
    pub name: String,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// One column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnView {
    /// Name.
    pub name: String,
    /// Type word.
    pub kind: String,
}

impl Viewer<'_> {
    /// The field of that index, with the findings about it, which are taken out of the list; counts it where it is hidden.
    pub(super) fn field(&self, at: (usize, usize), index: usize, findings: &mut Vec<&Diagnostic>, hidden: &mut usize) -> Option<FieldView> {
        let world = &self.judgement.world;
        let entry = world.entry(at);
        let form = self.form(entry);
        let field = &form.fields[index];
        let context = world.context(at.0, Some(at.1));
        let data = context.data(at, index);
        let found = self.take(findings, &field.name, entry.value(index).map(|f| f.span));
        // A remark is something only when there is one.
        if field.remark && data.is_none() && found.is_empty() {
            return None;
        }
        let value = if self.sees(field.audience) {
            self.value(at, field, data.as_deref())
        } else {
            // Hidden whether or not something is written: that it is written may say enough.
            *hidden += 1;
            ValueView::Hidden
        };
        let required = match &field.required {
            Requirement::Never => false,
            Requirement::Always => true,
            Requirement::When(condition) => condition.holds(&context),
        };
        let (computed, wide) = (entry.value(index).is_none() && data.is_some(), value.is_wide());
        Some(FieldView { findings: found, value, wide, required, computed, ..spec(field) })
    }

    /// A value in the shape in which it is shown.
    pub(super) fn value(&self, at: (usize, usize), field: &Field, data: Option<&Data>) -> ValueView {
        self.disguised_value(at.0, field.kind, self.plain_value(at, field, data))
    }

    fn plain_value(&self, at: (usize, usize), field: &Field, data: Option<&Data>) -> ValueView {
        let Some(data) = data else {
            return if matches!(field.kind, Kind::Choice | Kind::Multichoice | Kind::Scale) {
                options(field, &[])
            } else {
                ValueView::Empty
            };
        };
        if *data == Data::Encrypted {
            return ValueView::Text { text: self.say(&encryption::placeholder()) };
        }
        let text = || ValueView::Text { text: data.words() };
        match (field.kind, data) {
            (Kind::Choice | Kind::Multichoice | Kind::Scale, _) => {
                let chosen: Vec<String> = data.values().map(|d| d.value.to_string()).collect();
                if chosen.iter().all(|c| field.options.contains(c)) || field.kind == Kind::Scale { options(field, &chosen) } else { text() }
            }
            (Kind::Table, Data::Rows(rows)) => self.table(at, field, rows),
            (Kind::Signature, Data::Parts(parts)) => {
                let keys = &self.judgement.world.rulebook.settings.value_keys.signature;
                let part = |key: &str| parts.iter().find(|(k, _)| k == key).map(|(_, d)| d.value.to_string()).unwrap_or_default();
                ValueView::Signature {
                    name: part(&keys.name),
                    role: part(&keys.role),
                    date: part(&keys.date),
                    form: part(&keys.form),
                    place: part(&keys.place),
                }
            }
            (Kind::Attachment, Data::Parts(parts)) => {
                let keys = &self.judgement.world.rulebook.settings.value_keys.attachment;
                let part = |key: &str| parts.iter().find(|(k, _)| k == key).map(|(_, d)| d.value.to_string());
                let words = [part(&keys.title), part(&keys.path), part(&keys.place)].into_iter().flatten().collect::<Vec<_>>().join("  ");
                ValueView::Link { link: Link { text: words, url: None } }
            }
            (Kind::Ref, Data::One(datum)) => ValueView::Link { link: self.reference(at, field, &datum.value.to_string()) },
            (Kind::Person, Data::One(datum)) => ValueView::Link { link: self.person_link(&datum.value.to_string()) },
            (Kind::Url, Data::One(datum)) => {
                ValueView::Link { link: Link { text: datum.value.to_string(), url: Some(datum.value.to_string()) } }
            }
            (Kind::IdCard, Data::Parts(parts)) => {
                ValueView::Text { text: parts.iter().map(|(_, d)| d.value.to_string()).collect::<Vec<_>>().join(" ") }
            }
            (Kind::Money, Data::One(Datum { value: Value::Number(number), .. })) => ValueView::Text { text: money(*number) },
            (_, Data::One(datum)) => ValueView::Text { text: datum.value.to_string() },
            _ => text(),
        }
    }

    fn table(&self, at: (usize, usize), field: &Field, rows: &[Row]) -> ValueView {
        let cell = |column: &Field, data: Option<&Data>| match data {
            _ if !self.sees(column.audience) => ValueView::Hidden,
            None => ValueView::Empty,
            Some(data) if *data != Data::Encrypted && matches!(column.kind, Kind::Choice | Kind::Multichoice | Kind::Scale) => {
                ValueView::Text { text: self.disguised(at.0, data.words()) }
            }
            Some(data) => self.value(at, column, Some(data)),
        };
        let columns = field.columns.iter().map(|c| ColumnView { name: c.name.value.clone(), kind: c.kind.word().to_owned() }).collect();
        let rows = rows
            .iter()
            .map(|row| field.columns.iter().zip(&row.cells).map(|(column, data)| cell(column, data.as_ref())).collect())
            .collect();
        ValueView::Table { columns, rows }
    }

    /// The record that a reference names.
    fn reference(&self, at: (usize, usize), field: &Field, target: &str) -> Link {
        let world = &self.judgement.world;
        let (number, name) = target.rsplit_once('/').map_or((None, target), |(number, name)| (Some(number), name));
        let dossier = number.map_or(Some(at.0), |number| world.by_number.get(number).copied());
        let named = dossier.and_then(|d| world.dossiers[d].entries.iter().position(|e| e.record.stem() == name).map(|e| (d, e)));
        let whole = || {
            let d = *world.by_number.get(target)?;
            let allowed = |form: usize| field.refers.iter().any(|own| world.rulebook.form_index(own) == Some(form));
            world.dossiers[d].entries.iter().position(|e| allowed(e.form)).map(|e| (d, e))
        };
        let found = named.or_else(whole);
        Link { text: target.to_owned(), url: found.map(|at| self.record_url(at)) }
    }
}

/// An amount as accounts print it: two decimal places, thousands apart. More places, which are a finding, stay.
fn money(amount: Decimal) -> String {
    let text = if amount.scale() > 2 { amount.to_string() } else { format!("{amount:.2}") };
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut out = sign.to_owned();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{out}.{rest}")
}

/// The options of a field, with those that were chosen.
pub(super) fn options(field: &Field, chosen: &[String]) -> ValueView {
    let names: Vec<String> = match (field.kind, field.min, field.max) {
        (Kind::Scale, Some(min), Some(max)) => {
            let bound = |d: Decimal| d.to_string().parse::<i64>().unwrap_or(0);
            (bound(min)..=bound(max)).map(|n| n.to_string()).collect()
        }
        _ => field.options.clone(),
    };
    let options = names.into_iter().map(|name| OptionView { chosen: chosen.contains(&name), name }).collect();
    ValueView::Choice { options }
}

/// A field that nobody filled.
pub(super) fn spec(field: &Field) -> FieldView {
    FieldView {
        name: field.name.value.clone(),
        kind: field.kind.word().to_owned(),
        group: field.group.clone(),
        note: field.note.clone(),
        unit: field.unit.clone(),
        required: field.required == Requirement::Always,
        computed: false,
        value: ValueView::Empty,
        wide: false,
        findings: Vec::new(),
    }
}

/// Whether a value is a text worth a line; used where a list shows one value of a record.
pub(super) fn first_text(value: Option<&Value>) -> Option<String> {
    value.map(ToString::to_string).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_places_and_thousands_apart() {
        let said = |text: &str| money(text.parse().expect("a number"));
        for (written, printed) in [
            ("0", "0.00"),
            ("800", "800.00"),
            ("33.5", "33.50"),
            ("1679", "1,679.00"),
            ("1234567.8", "1,234,567.80"),
            ("-53000.1", "-53,000.10"),
            ("0.123", "0.123"),
        ] {
            assert_eq!(said(written), printed);
        }
    }
}
