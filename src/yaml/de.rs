//! From the spanned tree to plain structs, by serde.
//!
//! Rulebook and configuration are structs with `deny_unknown_fields`; this is the bridge. Every
//! error carries the place of the value it speaks of, and types follow the struct that asks, not
//! YAML's guesses. [`Spanned`] keeps the place of a value, [`Node`] itself may be a field where
//! the keys are names of the rulebook.

use std::fmt;

use serde::de::value::{StrDeserializer, U64Deserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{Place, SharedSource, Span};

/// Reads `node` as a `T`; otherwise the finding, under `code`.
pub fn read<T: DeserializeOwned>(node: &Node, source: &SharedSource, code: &str) -> Result<T, Diagnostic> {
    T::deserialize(De(node)).map_err(|error| {
        let place = Place::new(source, error.span.unwrap_or(node.span));
        let mut found = Diagnostic::error(code, place, error.message).key(error.key);
        found.help = error.help;
        found
    })
}

/// Reads every element of a list by itself, so that one broken entry does not hide the others.
pub fn read_each<T: DeserializeOwned>(node: &Node, source: &SharedSource, code: &str, found: &mut Vec<Diagnostic>) -> Vec<T> {
    let Some(items) = node.as_list() else {
        if !node.is_empty() {
            found.push(Diagnostic::error(code, Place::new(source, node.span), say!("这里应是一个列表", "a list is expected here")));
        }
        return Vec::new();
    };
    items.iter().filter_map(|item| read(item, source, code).map_err(|d| found.push(d)).ok()).collect()
}

/// A value that remembers its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in its file.
    pub span: Span,
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

const SPANNED: &str = "$spanned";
const NODE: &str = "$node";

impl<'de, T: de::Deserialize<'de>> de::Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(std::marker::PhantomData<T>);
        impl<'de, T: de::Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut place = || seq.next_element::<u64>().map(|n| usize::try_from(n.unwrap_or(0)).unwrap_or(0));
                let span = Span::new(place()?, place()?);
                let value = seq.next_element()?.ok_or_else(|| de::Error::custom("no value"))?;
                Ok(Spanned { value, span })
            }
        }
        deserializer.deserialize_tuple_struct(SPANNED, 3, Parts(std::marker::PhantomData))
    }
}

impl<'de> de::Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Node;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
                let mut number = || seq.next_element::<u64>().map(|n| usize::try_from(n.unwrap_or(0)).unwrap_or(0));
                let span = Span::new(number()?, number()?);
                let kind = number()?;
                let value = match kind {
                    0 | 1 => Value::Scalar { text: seq.next_element()?.unwrap_or_default(), plain: kind == 1 },
                    2 => {
                        let mut items = Vec::new();
                        while let Some(item) = seq.next_element()? {
                            items.push(item);
                        }
                        Value::List(items)
                    }
                    _ => {
                        let mut pairs = Vec::new();
                        while let Some(text) = seq.next_element::<String>()? {
                            let mut number = || seq.next_element::<u64>().map(|n| usize::try_from(n.unwrap_or(0)).unwrap_or(0));
                            let span = Span::new(number()?, number()?);
                            let node = seq.next_element()?.ok_or_else(|| de::Error::custom("no value"))?;
                            pairs.push((Key { text, span }, node));
                        }
                        Value::Map(pairs)
                    }
                };
                Ok(Node { span, value })
            }
        }
        deserializer.deserialize_tuple_struct(NODE, 0, Parts)
    }
}

/// Why a value could not be read.
#[derive(Debug)]
pub struct Error {
    message: Text,
    help: Option<Text>,
    key: String,
    span: Option<Span>,
}

impl Error {
    fn new(message: Text) -> Self {
        Self { message, help: None, key: String::new(), span: None }
    }

    fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for Error {}

/// The nearest of `known` to a mistyped `name`, if near enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let most = if length <= 2 { 1 } else { (length / 3).max(1) + usize::from(length <= 4) };
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count().max(length))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The one known name that differs by a single slip of the pen; none where another is as near, or where the name is so short
/// that a slip is a third of it.
pub fn slip_of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut near = known.into_iter().filter(|candidate| strsim::damerau_levenshtein(name, candidate) == 1);
    let one = near.next().filter(|one| one.chars().count().min(name.chars().count()) > 3)?;
    near.next().is_none().then_some(one)
}

fn choices(name: &str, known: &'static [&'static str]) -> (Option<Text>, String) {
    let list = known.join(", ");
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => say!("是不是“{near}”?可用：{list}", "did you mean `{near}`? known: {list}"),
        None => say!("可用：{list}", "known: {list}"),
    };
    (Some(help), name.to_owned())
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(say!("写法有误：{message}", "{message}"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let (help, key) = choices(field, expected);
        Self { help, key, ..Self::new(say!("不认识“{field}”这一项", "unknown key `{field}`")) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let (help, key) = choices(variant, expected);
        Self { help, key, ..Self::new(say!("不认识“{variant}”", "unknown value `{variant}`")) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { key: field.to_owned(), ..Self::new(say!("缺少“{field}”这一项", "the key `{field}` is missing")) }
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(say!("类型不对：这里是 {unexpected}，应为 {expected}", "wrong type: {unexpected}, expected {expected}"))
    }

    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(say!("值不对：这里是 {unexpected}，应为 {expected}", "wrong value: {unexpected}, expected {expected}"))
    }
}

/// Serde's view of a node.
struct De<'a>(&'a Node);

impl<'a> De<'a> {
    fn scalar(&self, wanted: &str) -> Result<&'a str, Error> {
        self.0.as_str().ok_or_else(|| {
            Error::new(say!("这里应是 {wanted}，而不是列表或映射", "{wanted} is expected here, not a list or mapping")).at(self.0.span)
        })
    }

    fn parsed<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, Error> {
        let text = self.scalar(wanted)?;
        text.parse().map_err(|_| Error::new(say!("“{text}”不是 {wanted}", "`{text}` is not {wanted}")).at(self.0.span))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $wanted:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parsed::<$type>($wanted)?)
        })*
    };
}

impl<'de> Deserializer<'de> for De<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let span = self.0.span;
        match &self.0.value {
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
            Value::Scalar { .. } if self.0.is_empty() => visitor.visit_unit(),
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "true" | "false") => visitor.visit_bool(text == "true"),
            Value::Scalar { text, plain: true } if text.parse::<i64>().is_ok_and(|n| n.to_string() == *text) => {
                visitor.visit_i64(text.parse().unwrap_or_default())
            }
            Value::Scalar { text, .. } => visitor.visit_str(text),
        }
        .map_err(|e: Error| e.at(span))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.parsed("true / false")?)
    }

    numbers! {
        deserialize_i8 visit_i8 i8, "整数 (integer)"; deserialize_i16 visit_i16 i16, "整数 (integer)";
        deserialize_i32 visit_i32 i32, "整数 (integer)"; deserialize_i64 visit_i64 i64, "整数 (integer)";
        deserialize_u8 visit_u8 u8, "非负整数 (whole number)"; deserialize_u16 visit_u16 u16, "非负整数 (whole number)";
        deserialize_u32 visit_u32 u32, "非负整数 (whole number)"; deserialize_u64 visit_u64 u64, "非负整数 (whole number)";
        deserialize_f32 visit_f32 f32, "数 (number)"; deserialize_f64 visit_f64 f64, "数 (number)";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let span = self.0.span;
        visitor.visit_str(self.scalar("文字 (text)")?).map_err(|e: Error| e.at(span))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.as_str().is_some() && self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let span = self.0.span;
        let items = self.0.as_list().ok_or_else(|| Error::new(say!("这里应是一个列表", "a list is expected here")).at(span))?;
        visitor.visit_seq(Items(items.iter())).map_err(|e: Error| e.at(span))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, name: &'static str, _: usize, visitor: V) -> Result<V::Value, Error> {
        match name {
            SPANNED => visitor
                .visit_seq(Parts::new(self.0, vec![Part::Number(self.0.span.start), Part::Number(self.0.span.end), Part::Node(self.0)])),
            NODE => visitor.visit_seq(Parts::of_node(self.0)),
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let span = self.0.span;
        let pairs =
            self.0.as_map().ok_or_else(|| Error::new(say!("这里应是“名称: 值”", "`key: value` pairs are expected here")).at(span))?;
        visitor.visit_map(Pairs { rest: pairs.iter(), value: None }).map_err(|e: Error| e.at(span))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let span = self.0.span;
        match &self.0.value {
            Value::Scalar { text, .. } => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Map(pairs) if pairs.len() == 1 => visitor.visit_enum(Variant(&pairs[0])),
            _ => Err(Error::new(say!("这里应恰有一项", "exactly one key is expected here"))),
        }
        .map_err(|e: Error| e.at(span))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct identifier }
}

struct Items<'a>(std::slice::Iter<'a, Node>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|node| seed.deserialize(De(node)).map_err(|e| e.at(node.span))).transpose()
    }
}

struct Pairs<'a> {
    rest: std::slice::Iter<'a, (Key, Node)>,
    value: Option<&'a Node>,
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, node)) = self.rest.next() else { return Ok(None) };
        self.value = Some(node);
        let name: StrDeserializer<'_, Error> = key.text.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|e| e.at(key.span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let node = self.value.take().ok_or_else(|| de::Error::custom("no value"))?;
        seed.deserialize(De(node)).map_err(|e| e.at(node.span))
    }
}

struct Variant<'a>(&'a (Key, Node));

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = De<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, De<'a>), Error> {
        let (key, node) = self.0;
        let name: StrDeserializer<'_, Error> = key.text.as_str().into_deserializer();
        Ok((seed.deserialize(name).map_err(|e| e.at(key.span))?, De(node)))
    }
}

impl<'de> VariantAccess<'de> for De<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let span = self.0.span;
        seed.deserialize(self).map_err(|e| e.at(span))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }
}

enum Part<'a> {
    Number(usize),
    Text(&'a str),
    Node(&'a Node),
    Raw(&'a Node),
}

struct Parts<'a> {
    rest: std::vec::IntoIter<Part<'a>>,
    span: Span,
}

impl<'a> Parts<'a> {
    fn new(node: &Node, parts: Vec<Part<'a>>) -> Self {
        Self { rest: parts.into_iter(), span: node.span }
    }

    fn of_node(node: &'a Node) -> Self {
        let mut parts = vec![Part::Number(node.span.start), Part::Number(node.span.end)];
        match &node.value {
            Value::Scalar { text, plain } => parts.extend([Part::Number(usize::from(*plain)), Part::Text(text)]),
            Value::List(items) => {
                parts.push(Part::Number(2));
                parts.extend(items.iter().map(Part::Raw));
            }
            Value::Map(pairs) => {
                parts.push(Part::Number(3));
                for (key, value) in pairs {
                    parts.extend([Part::Text(&key.text), Part::Number(key.span.start), Part::Number(key.span.end), Part::Raw(value)]);
                }
            }
        }
        Self::new(node, parts)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(part) = self.rest.next() else { return Ok(None) };
        let value = match part {
            Part::Number(n) => {
                let number: U64Deserializer<Error> = (n as u64).into_deserializer();
                seed.deserialize(number)
            }
            Part::Text(text) => {
                let text: StrDeserializer<'_, Error> = text.into_deserializer();
                seed.deserialize(text)
            }
            Part::Node(node) | Part::Raw(node) => seed.deserialize(De(node)),
        };
        value.map(Some).map_err(|e| e.at(self.span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Sample {
        name: Spanned<String>,
        #[serde(default)]
        rest: Option<Node>,
        #[serde(default)]
        kind: Option<Kind>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Plain,
        Deep(Vec<u8>),
    }

    fn sample(text: &str) -> Result<Sample, String> {
        let source = Source::new("a", text);
        let (node, _) = super::super::parse(&source, Span::new(0, text.len()));
        read(&node, &source, "X").map_err(|d| {
            let at = d.place.as_ref().expect("place").start();
            format!("{}:{} {}", at.line, at.column, d.message.en)
        })
    }

    #[test]
    fn structs_places_and_raw_nodes() {
        let read = sample("name: 007\nkind: {deep: [1, 2]}\nrest: {甲: [一]}\n").expect("reads");
        assert_eq!((read.name.value.as_str(), read.name.span.start), ("007", 6));
        assert_eq!(read.kind, Some(Kind::Deep(vec![1, 2])));
        assert_eq!(read.rest.and_then(|n| n.get("甲").and_then(|l| l.as_list().map(<[Node]>::len))), Some(1));
        assert_eq!(sample("name: a\nkind: plain\n").expect("reads").kind, Some(Kind::Plain));
    }

    #[test]
    fn errors_name_the_place_of_the_value() {
        assert_eq!(sample("name: a\nkidn: x\n").expect_err("unknown"), "2:1 unknown key `kidn`");
        assert_eq!(sample("name: a\nkind: {deep: [1, x]}\n").expect_err("number"), "2:18 `x` is not 非负整数 (whole number)");
        assert_eq!(nearest("联系电活", ["姓名", "联系电话"]), Some("联系电话"));
        assert_eq!(nearest("甲", ["乙"]), None);
    }
}
