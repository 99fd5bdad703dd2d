//! A record read by its form: typed values, and everything about them that is wrong.

mod scalar;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::form::{Field, Form, Kind};
use super::identity;
use super::settings::Settings;
use super::value::{Data, Datum, Row, Value};
use crate::archive::Record;
use crate::archive::encryption::armour;
use crate::diagnostic::{Diagnostic, Fix, Severity, Text};
use crate::say;
use crate::source::{Place, Span};
use crate::yaml::de::{nearest, slip_of};
use crate::yaml::{Key, Node};
use scalar::tidied;

/// What one field of a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The bytes of the value.
    pub span: Span,
    /// The value.
    pub data: Data,
}

/// Reads the fields of `record` as `form` asks, aligned with its fields.
pub fn read(record: &Record, form: &Form, settings: &Settings) -> (Vec<Option<Filled>>, Vec<Diagnostic>) {
    let mut reader = Reader { record, settings, found: Vec::new() };
    let mut filled = vec![None; form.fields.len()];
    for (key, node) in record.fields.as_map().unwrap_or_default() {
        if key.text == settings.form_key {
            continue;
        }
        match form.field(&key.text) {
            Some((index, field)) => {
                filled[index] = reader.field(field, node, &field.name.value).map(|data| Filled { span: node.span, data });
            }
            None => reader.unknown(key, &form.fields, &form.name),
        }
    }
    for section in &record.sections {
        if !form.sections.iter().any(|own| own.name.value == section.name) {
            reader.unknown_section(section, form);
        }
    }
    (filled, reader.found)
}

struct Reader<'a> {
    record: &'a Record,
    settings: &'a Settings,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn place(&self, span: Span) -> Place {
        Place::new(&self.record.source, span)
    }

    fn say(&mut self, code: &str, span: Span, name: &str, message: Text) -> &mut Diagnostic {
        let place = self.place(span);
        self.found.push(Diagnostic::error(code, place, message).key(name));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    fn unknown(&mut self, key: &Key, fields: &[Field], whose: &str) {
        let word = &key.text;
        let normal: String = word.nfkc().filter(|c| !c.is_whitespace()).collect();
        let known = fields.iter().map(|f| f.name.value.as_str());
        let near = known.clone().find(|k| *k == normal).or_else(|| nearest(word, known.clone()));
        // Only a mere slip is corrected without asking, and only where the field is not there as well.
        let sure = near.filter(|near| {
            let there = self.record.fields.as_map().unwrap_or_default().iter().any(|(own, _)| own.text == **near);
            !there && (**near == normal || slip_of(word, known) == Some(*near))
        });
        let d = self.say("F201", key.span, word, say!("{whose}里没有「{word}」这一栏", "{whose} has no field `{word}`"));
        if let Some(near) = near {
            d.help = Some(say!("是不是「{near}」?", "did you mean `{near}`?"));
            if let Some(near) = sure {
                d.fixes.push(Fix { span: key.span, replacement: near.to_owned(), title: say!("改为「{near}」", "rename to `{near}`") });
            }
        } else {
            d.help = Some(say!("写进相近的栏目或段落，或请项目管理部加栏目", "use a field or section of the form, or ask for a new field"));
        }
    }

    fn unknown_section(&mut self, section: &crate::archive::record::Section, form: &Form) {
        let (word, whose) = (&section.name, &form.name);
        let near = nearest(word, form.sections.iter().map(|s| s.name.value.as_str()));
        let d = self.say("F103", section.heading, word, say!("{whose}里没有「{word}」这个段落", "{whose} has no section `{word}`"));
        d.severity = Severity::Warning;
        d.help = Some(match near {
            Some(near) => say!("是不是「{near}」?", "did you mean `{near}`?"),
            None => say!("小标题请用 ###", "use ### for headings inside a section"),
        });
    }

    fn field(&mut self, field: &Field, node: &Node, name: &str) -> Option<Data> {
        if node.is_empty() {
            return None;
        }
        if node.as_str().is_some_and(|text| armour::find(text).is_some()) {
            self.found.extend(super::encryption::of_value(self.record, field, node, name));
            return Some(Data::Encrypted);
        }
        match field.kind {
            Kind::Table => self.table(field, node, name),
            Kind::Multichoice => self.choices(field, node, name),
            Kind::IdCard => self.id_card(node, name),
            Kind::Signature | Kind::Attachment => self.parts(field.kind, node, name),
            _ => {
                let Some(text) = node.as_str() else {
                    self.say(
                        "F206",
                        node.span,
                        name,
                        say!("「{name}」只能写一项，这里是列表或映射", "`{name}` takes one value, not a list or mapping"),
                    );
                    return None;
                };
                let value = self.scalar(field, text, node.span, name);
                if matches!(value, Some(Value::Text(_))) {
                    self.in_quotes(node, name);
                }
                value.map(|value| Data::One(Datum { value, span: node.span }))
            }
        }
    }

    fn table(&mut self, field: &Field, node: &Node, name: &str) -> Option<Data> {
        let rows: Vec<&Node> = match (node.as_list(), node.as_map()) {
            (Some(rows), _) => rows.iter().collect(),
            (None, Some(_)) => vec![node],
            _ => {
                self.say(
                    "F206",
                    node.span,
                    name,
                    say!("「{name}」是表格，每行以“- ”开头写“列: 内容”", "`{name}` is a table: one `- column: value` entry a row"),
                );
                return None;
            }
        };
        let mut out = Vec::new();
        for row in rows.into_iter().filter(|row| !row.is_empty()) {
            let Some(pairs) = row.as_map() else {
                self.say(
                    "F206",
                    row.span,
                    name,
                    say!("「{name}」的每一行要写“列: 内容”", "each row of `{name}` consists of `column: value`"),
                );
                continue;
            };
            let mut cells = vec![None; field.columns.len()];
            for (key, cell) in pairs {
                match field.columns.iter().position(|c| c.name.value == key.text) {
                    Some(at) => cells[at] = self.field(&field.columns[at], cell, &format!("{name}.{}", key.text)),
                    None => self.unknown(key, &field.columns, &format!("「{name}」")),
                }
            }
            out.push(Row { span: row.span, cells });
        }
        self.amount(field, out.len(), node.span, name, "行");
        Some(Data::Rows(out))
    }

    fn amount(&mut self, field: &Field, n: usize, span: Span, name: &str, unit: &str) {
        let n = Decimal::from(n);
        if let Some(min) = field.min.filter(|min| n < *min) {
            self.say("F204", span, name, say!("「{name}」至少 {min} {unit}，现在 {n}", "`{name}` needs at least {min}, has {n}"));
        }
        if let Some(max) = field.max.filter(|max| n > *max) {
            self.say("F204", span, name, say!("「{name}」至多 {max} {unit}，现在 {n}", "`{name}` takes at most {max}, has {n}"));
        }
    }

    fn choices(&mut self, field: &Field, node: &Node, name: &str) -> Option<Data> {
        let mut list = Vec::new();
        match (node.as_list(), node.as_str()) {
            (Some(items), _) => {
                for item in items {
                    match item.as_str() {
                        Some(text) => list.extend(self.choice(field, text, item.span, name)),
                        None => {
                            self.say(
                                "F206",
                                item.span,
                                name,
                                say!("「{name}」的每一项应是一个选项", "each item of `{name}` is one option"),
                            );
                        }
                    }
                }
            }
            (None, Some(text)) => {
                let bare = text.trim_matches(['[', ']', '【', '】']);
                let parts: Vec<&str> = if field.options.iter().any(|o| o == bare) {
                    vec![bare]
                } else {
                    bare.split([',', '、', '\u{ff0c}', ';', '\u{ff1b}']).map(str::trim).collect()
                };
                let written = format!("[{}]", parts.join(", "));
                let d = self.say(
                    "F205",
                    node.span,
                    name,
                    say!("「{name}」是多选，要写成列表", "`{name}` is a multiple choice, written as a list"),
                );
                d.help = Some(say!("写成 {written}", "write {written}"));
                d.fixes.push(Fix { span: node.span, replacement: written, title: say!("写成列表", "write a list") });
                for part in parts {
                    list.extend(self.choice(field, part, node.span, name));
                }
            }
            _ => {
                self.say("F206", node.span, name, say!("「{name}」是多选，写成 [甲, 乙]", "`{name}` is a multiple choice: [a, b]"));
                return None;
            }
        }
        for (nth, datum) in list.iter().enumerate() {
            if list[..nth].iter().any(|other: &Datum| other.value == datum.value) {
                let word = datum.value.to_string();
                self.say("F204", datum.span, name, say!("「{name}」里“{word}”选了两次", "`{name}` names `{word}` twice"));
            }
        }
        self.amount(field, list.len(), node.span, name, "项");
        Some(Data::Many(list))
    }

    fn choice(&mut self, field: &Field, text: &str, span: Span, name: &str) -> Option<Datum> {
        let text = text.trim();
        if field.options.iter().any(|o| o == text) {
            return Some(Datum { value: Value::Text(text.to_owned()), span });
        }
        let normal: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let same = field.options.iter().find(|o| o.nfkc().filter(|c| !c.is_whitespace()).collect::<String>() == normal);
        if let Some(option) = same {
            let d = self.say("F205", span, name, say!("「{name}」应写成“{option}”", "`{name}` is written `{option}`"));
            d.fixes.push(Fix { span, replacement: option.clone(), title: say!("改为“{option}”", "write `{option}`") });
            return Some(Datum { value: Value::Text(option.clone()), span });
        }
        let list = field.options.join("、");
        let near = nearest(text, field.options.iter().map(String::as_str));
        self.say("F203", span, name, say!("「{name}」没有“{text}”这个选项", "`{text}` is no option of `{name}`")).help = Some(match near {
            Some(near) => say!("是不是“{near}”?", "did you mean `{near}`?"),
            None => say!("可选：{list}", "options: {list}"),
        });
        None
    }

    fn parts(&mut self, kind: Kind, node: &Node, name: &str) -> Option<Data> {
        let settings = self.settings;
        let keys = settings.value_keys.parts(kind);
        let Some(pairs) = node.as_map() else {
            let list = keys.iter().map(|(k, _)| *k).collect::<Vec<_>>().join("、");
            self.say("F206", node.span, name, say!("「{name}」要分项写：{list}", "`{name}` consists of: {list}"));
            return None;
        };
        let mut out = Vec::new();
        for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            let Some((_, kind)) = keys.iter().find(|(k, _)| *k == key.text) else {
                let word = &key.text;
                let near = nearest(word, keys.iter().map(|(k, _)| *k)).map(str::to_owned);
                let list = keys.iter().map(|(k, _)| *k).collect::<Vec<_>>().join("、");
                self.say(
                    "F201",
                    key.span,
                    &format!("{name}.{word}"),
                    say!("「{name}」里没有「{word}」", "`{name}` has no part `{word}`"),
                )
                .help = Some(match near {
                    Some(near) => say!("是不是「{near}」?", "did you mean `{near}`?"),
                    None => say!("可写：{list}", "parts: {list}"),
                });
                continue;
            };
            let Some(text) = value.as_str() else {
                self.say("F206", value.span, name, say!("这里只能写一项", "one value only"));
                continue;
            };
            let path = format!("{name}.{}", key.text);
            let parsed = match kind {
                Kind::Date => self.date(text, value.span, &path).map(Value::Date),
                Kind::Integer => self.number(text, None, value.span, &path).map(Value::Number),
                _ => {
                    self.in_quotes(value, &path);
                    Some(Value::Text(text.trim().to_owned()))
                }
            };
            out.extend(parsed.map(|v| (key.text.clone(), Datum { value: v, span: value.span })));
        }
        Some(Data::Parts(out))
    }

    fn id_card(&mut self, node: &Node, name: &str) -> Option<Data> {
        let keys = &self.settings.value_keys.id_card;
        let mut data = self.parts(Kind::IdCard, node, name)?;
        if let Data::Parts(parts) = &mut data
            && let Some((_, number)) = parts.iter_mut().find(|(k, _)| *k == keys.number)
            && let Value::Text(text) = &number.value
            && let Err(why) = identity::document(text)
        {
            if let Some(right) = tidied(text, |right| identity::document(right).is_ok()) {
                self.untidy(number.span, name, &right);
                number.value = Value::Text(right);
                return Some(data);
            }
            let (masked, reason) = (identity::masked(text), why.text());
            let d = self.say(
                "F204",
                number.span,
                name,
                say!("「{name}」{masked} 不可能：{reason}", "`{name}` {masked} is impossible: {reason}"; reason),
            );
            d.help = Some(why.help());
            d.private = true;
        }
        Some(data)
    }
}
