//! One value in one cell: days, times, numbers, yes and no, telephones; the right value in the wrong notation is told with the
//! right one.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::Reader;
use crate::diagnostic::{Fix, Severity};
use crate::rulebook::form::{Field, Kind};
use crate::rulebook::identity;
use crate::rulebook::value::Value;
use crate::say;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::write::{is_changed_by_guessing, scalar};

/// The largest amount of a money field that sets no other: a trillion yuan is a slip of the finger, and sums stay exact.
const MOST_MONEY: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

impl Reader<'_> {
    pub(super) fn scalar(&mut self, field: &Field, text: &str, span: Span, name: &str) -> Option<Value> {
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
        d.fixes.push(Fix { span, title: say!("改为 {right}", "write {right}"), replacement: right });
    }

    /// A text that looks like a number, and that another program which saves the record would change.
    pub(super) fn in_quotes(&mut self, node: &Node, name: &str) {
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
        d.fixes.push(Fix { span: node.span, title: say!("加引号", "put it in quotes"), replacement: scalar(text) });
        d.private = true;
    }

    /// A number of somebody that is right but for what was typed between its digits.
    pub(super) fn untidy(&mut self, span: Span, name: &str, right: &str) {
        let message = say!("「{name}」里有空格、横线或全角字符", "`{name}` holds spaces, dashes or full-width characters");
        let d = self.say("F205", span, name, message);
        d.help = Some(say!("只写号码，中间不留空", "write the digits, with nothing between them"));
        d.fixes.push(Fix { span, title: say!("去掉它们", "take them out"), replacement: scalar(right) });
        d.private = true;
    }

    pub(super) fn date(&mut self, text: &str, span: Span, name: &str) -> Option<NaiveDate> {
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

    pub(super) fn number(&mut self, text: &str, unit: Option<&str>, span: Span, name: &str) -> Option<Decimal> {
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
pub(super) fn tidied(text: &str, is_right: impl Fn(&str) -> bool) -> Option<String> {
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
