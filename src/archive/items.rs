//! What changed in a file of settings, item by item: a person of the register, a rule, an article, a field of a form.
//!
//! Nothing here knows what the items mean. A list of entries that name themselves (`id`, `form` …) is a list of items; a file
//! that names itself as a whole is one item; everything else belongs to the file.

use super::timeline::{FieldChange, flat};
use crate::source::{Source, Span};
use crate::yaml::{self, Node};

/// What happened to one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// What it calls itself; none for what belongs to the file.
    pub id: Option<String>,
    /// What happened to it.
    pub fate: Fate,
    /// What differs in it, in its order; empty when it came or went as a whole.
    pub changes: Vec<FieldChange>,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Added,
    /// It reads otherwise.
    Changed,
    /// It is gone.
    Removed,
}

/// The keys by which an entry names itself, the most telling first.
const NAMES: &[&str] = &["id", "form", "article", "rule", "name", "title", "date", "key"];

/// An item: what it calls itself, and its values by name.
type Item = (Option<String>, Vec<(String, String)>);

/// What differs between two texts of a file.
pub fn between(path: &str, old: &str, new: &str) -> Vec<ItemChange> {
    let (before, after) = (items(path, old), items(path, new));
    let find = |list: &[Item], id: &Option<String>| list.iter().find(|(own, _)| own == id).map(|(_, values)| values.clone());
    let mut out = Vec::new();
    for (id, values) in &after {
        match find(&before, id) {
            None => out.push(ItemChange { id: id.clone(), fate: Fate::Added, changes: Vec::new() }),
            Some(was) => {
                let changes = differing(&was, values);
                if !changes.is_empty() {
                    out.push(ItemChange { id: id.clone(), fate: Fate::Changed, changes });
                }
            }
        }
    }
    let gone = before.iter().filter(|(id, _)| find(&after, id).is_none());
    out.extend(gone.map(|(id, _)| ItemChange { id: id.clone(), fate: Fate::Removed, changes: Vec::new() }));
    out
}

fn differing(before: &[(String, String)], after: &[(String, String)]) -> Vec<FieldChange> {
    let find = |list: &[(String, String)], name: &str| list.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone());
    let one = |name: &String, from: Option<String>, to: Option<String>| FieldChange { name: name.clone(), section: false, from, to };
    let mut out = Vec::new();
    for (name, text) in after {
        let from = find(before, name);
        if from.as_ref() != Some(text) {
            out.push(one(name, from, Some(text.clone())));
        }
    }
    let gone = before.iter().filter(|(name, _)| find(after, name).is_none());
    out.extend(gone.map(|(name, text)| one(name, Some(text.clone()), None)));
    out
}

/// The items of a file, those that belong to the file as a whole first. An id that comes twice is one item.
fn items(path: &str, text: &str) -> Vec<Item> {
    let source = Source::new(path, text.trim_start_matches('\u{feff}'));
    let (node, _) = yaml::parse(&source, Span::new(0, source.text().len()));
    let mut items: Vec<Item> = vec![(None, Vec::new())];
    let mut add = |id: Option<String>, mut values: Vec<(String, String)>| {
        // An empty list, before it has its first entry, says nothing.
        values.retain(|(_, text)| !text.is_empty());
        match items.iter_mut().find(|(own, _)| *own == id) {
            Some((_, own)) => own.extend(values),
            None => items.push((id, values)),
        }
    };
    if let Some(list) = node.as_list() {
        for entry in list {
            add(name_of(entry), values(entry));
        }
    } else if let Some(id) = node.get("form").and_then(Node::as_str) {
        add(Some(id.to_owned()), values(&node));
    } else {
        for (key, value) in node.as_map().unwrap_or_default() {
            match value.as_list().filter(|list| !list.is_empty() && list.iter().all(|entry| name_of(entry).is_some())) {
                Some(list) => list.iter().for_each(|entry| add(name_of(entry), values(entry))),
                None => add(None, vec![(key.text.clone(), flat(value))]),
            }
        }
    }
    items
}

fn name_of(entry: &Node) -> Option<String> {
    NAMES.iter().find_map(|key| entry.get(key)?.as_str()).map(str::to_owned)
}

/// The values of an item; those of a list whose entries name themselves one by one.
fn values(entry: &Node) -> Vec<(String, String)> {
    let Some(pairs) = entry.as_map() else { return vec![(String::new(), flat(entry))] };
    let mut out = Vec::new();
    for (key, value) in pairs {
        match value.as_list().filter(|list| !list.is_empty() && list.iter().all(|part| name_of(part).is_some())) {
            Some(list) => out.extend(list.iter().map(|part| (format!("{} · {}", key.text, name_of(part).unwrap_or_default()), flat(part)))),
            None => out.push((key.text.clone(), flat(value))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let value = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let change = |c: &FieldChange| format!("{}: {} → {}", c.name, value(&c.from), value(&c.to));
        let all = between("x.yaml", old, new);
        let one = |item: &ItemChange| {
            let changes: Vec<String> = item.changes.iter().map(change).collect();
            format!("{} {:?} {}", item.id.as_deref().unwrap_or("*"), item.fate, changes.join("; ")).trim_end().to_owned()
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn entries_are_told_one_by_one() {
        let old = "people:\n  - { id: li, name: 李娜, emails: [a@x] }\n  - { id: he, name: 何青 }\nnote: 一\n";
        let new = "people:\n  - { id: li, name: 李娜, emails: [a@x, b@x] }\n  - { id: wu, name: 吴 }\nnote: 二\n";
        assert_eq!(told(old, new), ["* Changed note: 一 → 二", "li Changed emails: a@x → a@x; b@x", "wu Added", "he Removed"]);
        assert!(told(old, &old.replace("  - ", "  -   ")).is_empty(), "how it is written changes nothing");
    }

    #[test]
    fn rules_and_forms_name_themselves() {
        let rules = "- { id: R1, title: 一, must: { deadline: { within: 5 working days } } }\n- { id: R2, title: 二 }\n";
        assert_eq!(
            told(rules, &rules.replace("5 working", "3 working")),
            ["R1 Changed must: deadline: within: 5 working days → deadline: within: 3 working days"]
        );
        let form = "form: C03\nname: 表\nfields:\n  - { name: 日期, type: date }\n  - { name: 姓名, type: text }\n";
        assert_eq!(
            told(form, &form.replace("type: date", "type: text").replace("  - { name: 姓名, type: text }\n", "")),
            ["C03 Changed fields · 日期: name: 日期, type: date → name: 日期, type: text; fields · 姓名: name: 姓名, type: text → -"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_survived() {
        for (old, new) in [("", ""), ("- [", "a: ["), ("a: 1", "- 2"), ("- 1\n- 1", "- {}")] {
            let _ = told(old, new);
        }
        assert_eq!(told("a: 1", "a: 2"), ["* Changed a: 1 → 2"]);
        assert_eq!(told("list: []", "list: [ { id: a } ]"), ["a Added"]);
    }
}
