//! Forms as JSON Schema (2020-12), for editors and programs that write records.
//!
//! It says of a record's fields what one record can say by itself: names, kinds, choices, bounds. What depends on other fields and
//! records is the rulebook's, and `anjuan check` says it.

use serde_json::{Map, Value, json};

use crate::diagnostic::{Language, Text};
use crate::rulebook::Rulebook;
use crate::rulebook::form::{Field, Form, Kind, Requirement};

/// The dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of the fields of one form.
pub fn of_form(rulebook: &Rulebook, form: &Form, language: Language) -> Value {
    let mut schema = Maker { rulebook, language }.form(form);
    schema.insert("$schema".to_owned(), DIALECT.into());
    Value::Object(schema)
}

/// The schema of the fields of any record: that of the form that it names.
pub fn of_all(rulebook: &Rulebook, language: Language) -> Value {
    let maker = Maker { rulebook, language };
    let key = &rulebook.settings.form_key;
    let code = |form: &Form| form.code.value.clone();
    let defs: Map<String, Value> = rulebook.forms.iter().map(|form| (code(form), Value::Object(maker.form(form)))).collect();
    let named = |form: &Form| {
        json!({
            "if": { "properties": { (key.as_str()): { "const": code(form) } }, "required": [key] },
            "then": { "$ref": format!("#/$defs/{}", code(form)) },
        })
    };
    json!({
        "$schema": DIALECT,
        "title": rulebook.settings.title,
        "type": "object",
        "required": [key],
        "properties": { (key.as_str()): { "enum": rulebook.forms.iter().map(code).collect::<Vec<_>>() } },
        "allOf": rulebook.forms.iter().map(named).collect::<Vec<_>>(),
        "$defs": defs,
    })
}

struct Maker<'m> {
    rulebook: &'m Rulebook,
    language: Language,
}

impl Maker<'_> {
    fn say(&self, text: Text) -> String {
        text.in_language(self.language).to_owned()
    }

    fn form(&self, form: &Form) -> Map<String, Value> {
        let key = &self.rulebook.settings.form_key;
        let mut out = self.fields(&form.fields);
        out.insert("title".to_owned(), format!("{} {}", form.code.value, form.name).into());
        if let Some(guide) = &form.guide {
            out.insert("description".to_owned(), guide.as_str().into());
        }
        if let Some(Value::Object(properties)) = out.get_mut("properties") {
            properties.insert(key.clone(), json!({ "const": form.code.value }));
        }
        if let (None, Some(Value::Array(required))) = (&form.claims, out.get_mut("required")) {
            required.insert(0, key.as_str().into());
        }
        out
    }

    /// The fields of a form, or the columns of a table, as an object.
    fn fields(&self, fields: &[Field]) -> Map<String, Value> {
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.name.value.clone(), Value::Object(self.field(field)))).collect();
        let must = fields.iter().filter(|field| field.computed.is_none() && field.required == Requirement::Always);
        let required: Vec<Value> = must.map(|field| field.name.value.as_str().into()).collect();
        let mut out = Map::new();
        out.insert("type".to_owned(), "object".into());
        out.insert("properties".to_owned(), properties.into());
        out.insert("required".to_owned(), required.into());
        out.insert("additionalProperties".to_owned(), false.into());
        out
    }

    fn field(&self, field: &Field) -> Map<String, Value> {
        let mut out = self.kind(field);
        let when = field.required.condition().map(|when| self.say(when));
        let said: Vec<&str> = when.as_deref().into_iter().chain(field.note.as_deref()).collect();
        if !said.is_empty() {
            out.insert("description".to_owned(), said.join(self.language.semicolon()).into());
        }
        if field.computed.is_some() {
            out.insert("readOnly".to_owned(), true.into());
        }
        out
    }

    fn kind(&self, field: &Field) -> Map<String, Value> {
        let options = || field.options.iter().map(|option| option.as_str().into()).collect::<Vec<Value>>();
        let number = |kind: &str, least: Option<i64>| {
            let mut out = Map::from_iter([("type".to_owned(), kind.into())]);
            let bound = |bound: Option<rust_decimal::Decimal>| bound.and_then(|bound| bound.to_string().parse::<serde_json::Number>().ok());
            let least = least.map(serde_json::Number::from);
            out.extend(bound(field.min).or(least).map(|low| ("minimum".to_owned(), Value::Number(low))));
            out.extend(bound(field.max).map(|high| ("maximum".to_owned(), Value::Number(high))));
            out
        };
        let amount = |mut out: Map<String, Value>| {
            let whole = |bound: Option<rust_decimal::Decimal>| bound.and_then(|bound| bound.to_string().parse::<u64>().ok());
            out.extend(whole(field.min).map(|low| ("minItems".to_owned(), low.into())));
            out.extend(whole(field.max).map(|high| ("maxItems".to_owned(), high.into())));
            out
        };
        let object = |value: Value| match value {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        match field.kind {
            Kind::Date => object(json!({ "type": "string", "format": "date" })),
            Kind::Datetime => object(json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$" })),
            Kind::Integer | Kind::Scale => number("integer", None),
            Kind::Decimal => number("number", None),
            Kind::Money => number("number", Some(0)),
            Kind::Bool => object(json!({ "enum": ["是", "否"] })),
            Kind::Choice => object(json!({ "enum": options() })),
            Kind::Multichoice => amount(object(json!({ "type": "array", "uniqueItems": true, "items": { "enum": options() } }))),
            Kind::Email => object(json!({ "type": "string", "format": "email" })),
            Kind::Url => object(json!({ "type": "string", "format": "uri" })),
            Kind::Table => amount(object(json!({ "type": "array", "items": Value::Object(self.fields(&field.columns)) }))),
            Kind::IdCard | Kind::Signature | Kind::Attachment => {
                let parts = self.rulebook.settings.value_keys.parts(field.kind);
                let part = |(part, kind): (&str, Kind)| {
                    let schema = match kind {
                        Kind::Date => json!({ "type": "string", "format": "date" }),
                        Kind::Integer => json!({ "type": "integer" }),
                        _ => json!({ "type": "string" }),
                    };
                    (part.to_owned(), schema)
                };
                let properties: Map<String, Value> = parts.into_iter().map(part).collect();
                object(json!({ "type": "object", "properties": properties, "additionalProperties": false }))
            }
            Kind::Text | Kind::Phone | Kind::Person | Kind::Ref => {
                let mut out = object(json!({ "type": "string", "maxLength": field.length }));
                out.extend(field.pattern.as_ref().map(|pattern| ("pattern".to_owned(), pattern.as_str().into())));
                out
            }
        }
    }
}
