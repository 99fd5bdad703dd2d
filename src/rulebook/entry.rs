//! A record read by its form: typed values, and everything about them that is wrong.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::form::{Field, Form, Kind};
use super::identity;
use super::settings::Settings;
use super::value::{Data, Datum, Row, Value};
use crate::archive::Record;
use crate::archive::encryption::armour;
use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::say;
use crate::source::{Place, Span};
use crate::yaml::de::{nearest, slip_of};
use crate::yaml::write::{is_changed_by_guessing, scalar};
use crate::yaml::{Key, Node};

/// The largest amount of a money field that sets no other: a trillion yuan is a slip of the finger, and sums stay exact.
const MOST_MONEY: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

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
                d.fixes.push(crate::diagnostic::Fix {
                    span: key.span,
                    replacement: near.to_owned(),
                    title: say!("改为「{near}」", "rename to `{near}`"),
                });
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
                d.fixes.push(crate::diagnostic::Fix { span: node.span, replacement: written, title: say!("写成列表", "write a list") });
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
            d.fixes.push(crate::diagnostic::Fix {
                span, replacement: option.clone(), title: say!("改为“{option}”", "write `{option}`")
            });
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

    fn scalar(&mut self, field: &Field, text: &str, span: Span, name: &str) -> Option<Value> {
        let text = text.trim();
        match field.kind {
            Kind::Date => {
                return self.date(text, span, name).map(Value::Date);
            }
            Kind::Datetime => return self.datetime(text, span, name).map(Value::Time),
            Kind::Integer | Kind::Decimal | Kind::Money | Kind::Scale => {
                let number = self.number(text, field.unit.as_deref(), span, name)?;
                return self.bounded(field, number, span, name).map(Value::Number);
            }
            Kind::Bool => return self.yes_no(text, span, name),
            Kind::Choice => return self.choice(field, text, span, name).map(|d| d.value),
            Kind::Phone if !identity::phone(text) => {
                if let Some(right) = tidied(text, identity::phone) {
                    self.untidy(span, name, &right);
                    return Some(Value::Text(right));
                }
                let masked = identity::masked(text);
                let d = self.say("F204", span, name, say!("「{name}」{masked} 不是电话号码", "`{name}` {masked} is no telephone number"));
                d.help = Some(say!(
                    "手机 11 位，固话写 0755-12345678，港澳以 +852 或 +853 开头",
                    "11 digits of a mobile, 0755-12345678, or +852 / +853"
                ));
                d.private = true;
                return None;
            }
            Kind::Email if !identity::email(text) => {
                self.say("F204", span, name, say!("「{name}」不是邮箱地址", "`{name}` is no e-mail address"));
                return None;
            }
            Kind::Url if !(text.starts_with("https://") || text.starts_with("http://")) => {
                self.say("F204", span, name, say!("「{name}」要以 https:// 开头", "`{name}` starts with https://"));
                return None;
            }
            _ => {}
        }
        let length = text.chars().count();
        if length > field.length {
            let most = field.length;
            self.say(
                "F204",
                span,
                name,
                say!("「{name}」有 {length} 字，至多 {most} 字", "`{name}` has {length} characters, at most {most}"),
            )
            .help = Some(say!("长文字写进“## 段落”", "put long text into a `##` section"));
        }
        if let Some(pattern) = &field.pattern
            && !pattern.is_match(text)
        {
            let note = field.note.clone().unwrap_or_else(|| pattern.as_str().to_owned());
            self.say("F204", span, name, say!("「{name}」的格式不对", "`{name}` has the wrong format")).help =
                Some(say!("要求：{note}", "expected: {note}"));
        }
        Some(Value::Text(text.to_owned()))
    }

    fn notation(&mut self, span: Span, name: &str, right: String) {
        let d = self.say("F205", span, name, say!("「{name}」应写成 {right}", "`{name}` is written {right}"));
        d.help = Some(say!("改为 {right}", "write {right}"));
        d.fixes.push(crate::diagnostic::Fix { span, title: say!("改为 {right}", "write {right}"), replacement: right });
    }

    /// A text that looks like a number, and that another program which saves the record would change.
    fn in_quotes(&mut self, node: &Node, name: &str) {
        let crate::yaml::Value::Scalar { text, plain: true } = &node.value else { return };
        if !is_changed_by_guessing(text) {
            return;
        }
        let message = say!(
            "「{name}」没有加引号；别的软件会丢掉开头的 0 或改动末几位",
            "`{name}` stands without quotes; other programs drop its first zeros or change its last digits"
        );
        let d = self.say("F211", node.span, name, message);
        d.severity = Severity::Advice;
        d.help = Some(say!("用单引号括起来", "put it in single quotes"));
        d.fixes.push(crate::diagnostic::Fix { span: node.span, title: say!("加引号", "put it in quotes"), replacement: scalar(text) });
        d.private = true;
    }

    /// A number of somebody that is right but for what was typed between its digits.
    fn untidy(&mut self, span: Span, name: &str, right: &str) {
        let message = say!("「{name}」里有空格、横线或全角字符", "`{name}` holds spaces, dashes or full-width characters");
        let d = self.say("F205", span, name, message);
        d.help = Some(say!("只写号码，中间不留空", "write the digits, with nothing between them"));
        d.fixes.push(crate::diagnostic::Fix { span, title: say!("去掉它们", "take them out"), replacement: scalar(right) });
        d.private = true;
    }

    fn date(&mut self, text: &str, span: Span, name: &str) -> Option<NaiveDate> {
        let text = text.trim();
        if let Some(day) = strict_date(text) {
            return Some(day);
        }
        let numbers = numbers_in(text);
        let looks = |n: usize| numbers.len() == n && numbers[0] >= 1900;
        if looks(3) || numbers.len() == 1 && text.len() == 8 && looks(1) {
            let [year, month, day] = match numbers.as_slice() {
                [y, m, d] => [*y, *m, *d],
                _ => [numbers[0] / 10_000, numbers[0] / 100 % 100, numbers[0] % 100],
            };
            let found = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            match found {
                Some(day) => {
                    self.notation(span, name, day.to_string());
                    return Some(day);
                }
                None => {
                    self.say(
                        "F204",
                        span,
                        name,
                        say!(
                            "「{name}」：日历上没有 {year}-{month:02}-{day:02} 这一天",
                            "`{name}`: there is no {year}-{month:02}-{day:02}"
                        ),
                    )
                    .help = Some(say!("核对原件上的日期", "check the date on the original"));
                    return None;
                }
            }
        }
        self.say("F204", span, name, say!("「{name}」不是日期：“{text}”", "`{name}` is no date: `{text}`")).help =
            Some(say!("写成 2026-03-05", "write it as 2026-03-05"));
        None
    }

    fn datetime(&mut self, text: &str, span: Span, name: &str) -> Option<NaiveDateTime> {
        for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"] {
            if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
                return Some(time);
            }
        }
        let numbers = numbers_in(text);
        if let [year, month, day, hour, minute] = numbers[..]
            && year >= 1900
        {
            let hour = if (text.contains("下午") || text.contains("晚")) && hour < 12 { hour + 12 } else { hour };
            let day = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            if let Some(time) = day.and_then(|day| day.and_hms_opt(hour, minute, 0)) {
                self.notation(span, name, time.format("%Y-%m-%dT%H:%M").to_string());
                return Some(time);
            }
        }
        self.say("F204", span, name, say!("「{name}」不是日期加时间：“{text}”", "`{name}` is no date and time: `{text}`")).help =
            Some(say!("写成 2026-03-05T14:30", "write it as 2026-03-05T14:30"));
        None
    }

    fn number(&mut self, text: &str, unit: Option<&str>, span: Span, name: &str) -> Option<Decimal> {
        if let Ok(number) = text.parse::<Decimal>() {
            return Some(number);
        }
        let normal: String = text.nfkc().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')).collect();
        let rest: String = text.nfkc().filter(|c| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ','))).collect();
        match normal.parse::<Decimal>() {
            Ok(number) if matches!(rest.trim(), "" | "元" | "%" | "¥") || unit == Some(rest.trim()) => {
                self.notation(span, name, number.to_string());
                Some(number)
            }
            _ => {
                self.say("F204", span, name, say!("「{name}」不是数：“{text}”", "`{name}` is no number: `{text}`"));
                None
            }
        }
    }

    fn bounded(&mut self, field: &Field, number: Decimal, span: Span, name: &str) -> Option<Decimal> {
        let places = match field.kind {
            Kind::Integer | Kind::Scale => Some(0),
            Kind::Money => Some(2),
            _ => field.digits,
        };
        if let Some(places) = places.filter(|places| number.normalize().scale() > *places) {
            self.say("F204", span, name, say!("「{name}」至多 {places} 位小数", "`{name}` has at most {places} decimal places"));
            return None;
        }
        let low = field.min.or((field.kind == Kind::Money).then_some(Decimal::ZERO));
        let high = field.max.or((field.kind == Kind::Money).then_some(MOST_MONEY));
        if low.is_some_and(|min| number < min) || high.is_some_and(|max| number > max) {
            let side = |bound: Option<Decimal>| bound.map_or_else(|| "…".to_owned(), |b| b.to_string());
            let (low, high) = (side(low), side(high));
            self.say(
                "F204",
                span,
                name,
                say!("「{name}」{number} 超出范围（{low} 至 {high}）", "`{name}` {number} is out of range ({low} to {high})"),
            );
            return None;
        }
        Some(number)
    }

    fn yes_no(&mut self, text: &str, span: Span, name: &str) -> Option<Value> {
        match text {
            "是" => Some(Value::Bool(true)),
            "否" => Some(Value::Bool(false)),
            "true" | "yes" | "Y" | "y" | "有" | "√" => {
                self.notation(span, name, "是".to_owned());
                Some(Value::Bool(true))
            }
            "false" | "no" | "N" | "n" | "无" | "×" => {
                self.notation(span, name, "否".to_owned());
                Some(Value::Bool(false))
            }
            _ => {
                self.say("F204", span, name, say!("「{name}」只能写 是 或 否", "`{name}` is 是 or 否"));
                None
            }
        }
    }
}

/// A number as it should be, where it is right without what was typed between its digits.
fn tidied(text: &str, is_right: impl Fn(&str) -> bool) -> Option<String> {
    let close: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let closer = close.replace('-', "");
    [close.to_uppercase(), closer].into_iter().find(|right| right != text && is_right(right))
}

/// `2026-03-05` and nothing else.
fn strict_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    (bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-').then(|| text.parse().ok()).flatten()
}

/// The numbers in a text, full-width digits included.
fn numbers_in(text: &str) -> Vec<u32> {
    let normal: String = text.nfkc().collect();
    normal.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).filter_map(|part| part.parse().ok()).collect()
}
