//! The templates, collected from the theme and the rulebook.

use std::collections::BTreeMap;

use super::{EVIDENCE, GENERAL};
use crate::source::{SharedSource, Source};

/// The templates that can be reached from the general one, the evidence sheet and the forms' own, by virtual path.
/// Names inside string literals are followed, so a theme may add files beside the general layout.
pub(super) fn collect(theme: &dyn Fn(&str) -> Option<String>, forms: &[(String, String)]) -> BTreeMap<String, SharedSource> {
    let mut templates = BTreeMap::new();
    let mut wanted = vec![GENERAL.to_owned(), EVIDENCE.to_owned()];
    for (name, text) in forms {
        wanted.extend(names_in(text, None));
        templates.insert(format!("/forms/{name}"), Source::new(format!("rulebook/forms/{name}"), text.as_str()));
    }
    while let Some(name) = wanted.pop() {
        let path = format!("/{name}");
        if templates.contains_key(&path) {
            continue;
        }
        if let Some(text) = theme(&name) {
            wanted.extend(names_in(&text, Some("paper")));
            templates.insert(path, Source::new(format!("theme/{name}"), text));
        }
    }
    templates
}

/// The files of the theme that a template names: templates, drawings and data, all of them text.
/// A name that is not rooted lies in `folder`, if that belongs to the theme.
fn names_in(text: &str, folder: Option<&str>) -> Vec<String> {
    let known = |literal: &&str| [".typ", ".svg", ".json", ".csv"].iter().any(|end| literal.ends_with(end));
    let literals = text.split('"').filter(known).filter(|literal| !literal.contains(['\n', '\\']));
    literals
        .filter_map(|literal| match (literal.strip_prefix('/'), folder) {
            (Some(rooted), _) => Some(rooted.to_owned()),
            (None, folder) => Some(format!("{}/{literal}", folder?)),
        })
        .collect()
}
