//! What a branch still needs, in words, in Markdown and for programs.

use serde_json::{Value, json};

use crate::diagnostic::Language;
use crate::rulebook::needed::Needed;
use crate::say;

/// A line for each record that waits, under a heading; nothing where none does.
pub fn text(needed: &[Needed], language: Language) -> String {
    lines(needed, "\n", "  ", language)
}

/// The same as a list in Markdown.
pub fn markdown(needed: &[Needed], language: Language) -> String {
    lines(needed, "\n\n", "- ", language)
}

fn lines(needed: &[Needed], gap: &str, mark: &str, language: Language) -> String {
    if needed.is_empty() {
        return String::new();
    }
    let head = say!("合并前还需：", "Needed before it is merged:");
    let lines = needed.iter().map(|one| format!("{mark}{}\n", line(one, language)));
    format!("\n{}{gap}{}", head.in_language(language), lines.collect::<String>())
}

fn line(needed: &Needed, language: Language) -> String {
    let Needed { subject, rule, slots, given, .. } = needed;
    let or = say!("或", " or ");
    let slot = |roles: &Vec<String>| {
        let roles = roles.join(or.in_language(language));
        say!("{roles} 1 人", "1 {roles}").in_language(language).to_owned()
    };
    let mut parts: Vec<String> = slots.iter().map(slot).collect();
    if parts.is_empty() {
        parts.push(say!("人已齐，只待合并", "nobody more, only the merge").in_language(language).to_owned());
    }
    for given in given {
        let (name, role, how) = (&given.name, &given.role, &given.strength);
        let said = say!("已有 {name}（{role}）", "{name} ({role}) has agreed");
        parts.push(format!("{}{}{}", said.in_language(language), language.comma(), how.in_language(language)));
    }
    let rule = rule.as_ref().map_or_else(String::new, |rule| format!(" [{rule}]"));
    format!("{subject}{rule}{}{}", language.colon(), parts.join(language.semicolon()))
}

/// For programs.
pub fn json(needed: &[Needed]) -> Value {
    let one = |needed: &Needed| {
        let given: Vec<Value> = needed.given.iter().map(|g| json!({ "name": g.name, "role": g.role })).collect();
        json!({ "subject": needed.subject, "path": needed.path, "rule": needed.rule, "slots": needed.slots, "given": given })
    };
    needed.iter().map(one).collect()
}
