//! Where the cursor is in a text that is being written.

use crate::source::Span;

/// What is written at the cursor. Spans cover what is there before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// The name of a field.
    Name(Span),
    /// The value of a field; `list` inside brackets or on a line `- `.
    Value {
        /// The field.
        field: String,
        /// What is there.
        span: Span,
        /// Whether it is one of several.
        list: bool,
    },
    /// The name of a column in a row, or of a part of a value.
    Inner {
        /// The field.
        field: String,
        /// The columns or parts that the row, or the value, has already.
        taken: Vec<String>,
        /// What is there.
        span: Span,
    },
    /// A value in a row, or in a part of a value.
    InnerValue {
        /// The field.
        field: String,
        /// The column or part.
        name: String,
        /// What is there.
        span: Span,
    },
    /// The heading of a section.
    Heading(Span),
    /// Prose, or anything else.
    Elsewhere,
}

/// The spot at a byte of a record's text.
pub(super) fn spot(text: &str, offset: usize) -> Spot {
    let Some(upto) = text.get(..offset) else { return Spot::Elsewhere };
    let start = upto.rfind('\n').map_or(0, |line| line + 1);
    let before = &upto[start..];
    // The fences are lines by themselves; the second may be missing still.
    let fences = upto[..start].lines().filter(|line| line.trim_end() == "---").count();
    if !text.starts_with("---") || fences != 1 {
        return if before.starts_with('#') { Spot::Heading(Span::new(start, offset)) } else { Spot::Elsewhere };
    }
    let bare = before.trim_start();
    if bare.starts_with('#') || bare == "-" || bare == "--" {
        return Spot::Elsewhere;
    }
    let indented = bare.len() < before.len() || bare.starts_with("- ");
    if !indented {
        let Some((key, value)) = before.split_once(':') else { return Spot::Name(Span::new(start, offset)) };
        return value_spot(key.trim_end(), value, offset);
    }
    let Some(field) = key_above(&upto[..start]) else { return Spot::Elsewhere };
    let item = bare.strip_prefix("- ").unwrap_or(bare);
    if !item.contains(['{', ':']) && bare.starts_with("- ") && !item.trim_start().is_empty() {
        // A row whose first column is being named, or an item of a list: the form knows.
        return Spot::Value { field, span: behind(item, offset), list: true };
    }
    let taken = if item.contains('{') { named(item) } else { row_above(&upto[..start], bare) };
    inner(field, taken, item, offset)
}

/// The value of `key: value`.
fn value_spot(key: &str, value: &str, offset: usize) -> Spot {
    let field = key.to_owned();
    let written = value.trim_start();
    if written.starts_with('{') {
        return inner(field, named(written), written, offset);
    }
    if let Some(list) = written.strip_prefix('[') {
        return Spot::Value { field, span: behind(list.rsplit([',', '，', '、']).next().unwrap_or(list), offset), list: true };
    }
    Spot::Value { field, span: behind(written, offset), list: false }
}

/// Inside a row or a value of several parts.
fn inner(field: String, taken: Vec<String>, item: &str, offset: usize) -> Spot {
    let part = item.rsplit(['{', ',']).next().unwrap_or(item);
    match part.split_once(':') {
        Some((name, value)) => Spot::InnerValue { field, name: name.trim().to_owned(), span: behind(value, offset) },
        None => Spot::Inner { field, taken, span: behind(part, offset) },
    }
}

/// The span of what stands before `offset`, without spaces at its start.
fn behind(text: &str, offset: usize) -> Span {
    Span::new(offset - text.trim_start().len(), offset)
}

/// The names in `{ name: value, … `.
fn named(item: &str) -> Vec<String> {
    let parts = item.split(['{', ',']).filter_map(|part| part.split_once(':'));
    parts.map(|(name, _)| name.trim().to_owned()).collect()
}

/// The columns that stand above, in a row that is written line by line.
fn row_above(above: &str, bare: &str) -> Vec<String> {
    let mut taken = Vec::new();
    let mut first = bare.starts_with("- ");
    for line in above.lines().rev().take_while(|line| line.starts_with(' ') || line.starts_with("- ")) {
        if first {
            break;
        }
        let line = line.trim_start();
        first = line.starts_with("- ");
        taken.extend(line.trim_start_matches("- ").split_once(':').map(|(name, _)| name.trim().to_owned()));
    }
    taken
}

/// The field below whose name the lines are set in.
fn key_above(above: &str) -> Option<String> {
    let line = above.lines().rev().find(|line| !(line.is_empty() || line.starts_with([' ', '#']) || line.starts_with("- ")))?;
    line.split_once(':').map(|(key, _)| key.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spot at `^` of a record's text; of its span, the text.
    fn at(text: &str) -> String {
        let offset = text.find('^').expect("a cursor");
        let text = text.replacen('^', "", 1);
        let said = |span: Span| text[span.start..span.end].to_owned();
        match spot(&text, offset) {
            Spot::Name(span) => format!("name {}", said(span)),
            Spot::Value { field, span, list } => format!("value {field} {} {list}", said(span)),
            Spot::Inner { field, taken, span } => format!("inner {field} {taken:?} {}", said(span)),
            Spot::InnerValue { field, name, span } => format!("inner value {field}.{name} {}", said(span)),
            Spot::Heading(span) => format!("heading {}", said(span)),
            Spot::Elsewhere => "elsewhere".to_owned(),
        }
    }

    #[test]
    fn the_cursor_is_where_its_line_says() {
        for (text, told) in [
            ("---\n借^\n", "name 借"),
            ("---\n^\n---\n", "name "),
            ("---\n册数: 3^\n---\n", "value 册数 3 false"),
            ("---\n类别: [文学, 历^]\n---\n", "value 类别 历 true"),
            ("---\n类别:\n  - 文^\n---\n", "value 类别 文 true"),
            ("---\n书目:\n  - { 书名: 甲, ^ }\n---\n", "inner 书目 [\"书名\"] "),
            ("---\n书目:\n  - { 书名: 甲, 类: 文^ }\n---\n", "inner value 书目.类 文"),
            ("---\n书目:\n  - 书名: 甲\n    价^\n---\n", "inner 书目 [\"书名\"] 价"),
            ("---\n书目:\n  - 书名: 甲\n  - ^\n---\n", "inner 书目 [] "),
            ("---\n签名: { 签名人: 某, 日^ }\n---\n", "inner 签名 [\"签名人\"] 日"),
            ("---\n# 注^\n---\n", "elsewhere"),
            ("---\n表单: L1\n---\n\n#^", "heading #"),
            ("---\n表单: L1\n---\n\n## 说^\n", "heading ## 说"),
            ("---\n表单: L1\n---\n\n正文: ^\n", "elsewhere"),
            ("没有栏目区^", "elsewhere"),
        ] {
            assert_eq!(at(text), told, "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 2000, failure_persistence: None, ..Default::default() })]
        #[test]
        fn no_text_is_too_odd(text in "(---\n)?([ ]{0,3}(- )?[甲a:,，{}\\[\\]#'\"-]{0,6}\n?){0,6}", at in 0usize..80) {
            let span = match spot(&text, at) {
                Spot::Name(span) | Spot::Value { span, .. } | Spot::Inner { span, .. } | Spot::InnerValue { span, .. } | Spot::Heading(span) => span,
                Spot::Elsewhere => Span::default(),
            };
            proptest::prop_assert!(text.get(span.start..span.end).is_some());
        }
    }
}
