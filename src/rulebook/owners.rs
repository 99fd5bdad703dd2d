//! `CODEOWNERS`: whom a forge asks for a review, from the rules that ask for approvals and who holds the roles.
//!
//! It only makes the forge ask the right people; what counts is judged from history. A role that is held in some projects only is
//! asked in all, since a pattern knows files, not projects. The last pattern that fits a file decides, on every forge.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Rulebook;
use super::kinds::Turn;
use crate::archive::{Config, People, Person, config, people};
use crate::rulebook::waiver;
use crate::yaml::de::Spanned;

/// What the file begins with.
pub const MARK: &str = "# anjuan owners";

/// The file as of a day.
pub fn file(rulebook: &Rulebook, config: &Config, people: &People, day: NaiveDate) -> String {
    let settings = &rulebook.settings;
    let mut lines: Vec<(String, BTreeSet<String>)> = Vec::new();
    let policy = held(rulebook, people, day, &settings.policy_by);
    for path in [format!("/{}/", config.rulebook), format!("/{}", people::FILE), format!("/{}", config::FILE)] {
        lines.push((path, policy.clone()));
    }
    lines.push((format!("/{}", waiver::FILE), held(rulebook, people, day, &settings.waived_by)));
    let mut forms: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for rule in rulebook.rules.iter().filter(|rule| rule.must.turn() == Turn::First && rulebook.in_force(rule)) {
        let asked: BTreeSet<String> = rule.must.slots().into_iter().flat_map(|slot| held(rulebook, people, day, slot)).collect();
        for form in rule.applies.forms(rulebook) {
            forms.entry(form).or_default().extend(asked.iter().cloned());
        }
    }
    for (form, asked) in forms {
        let form = &rulebook.forms[form];
        let folders = form.dossiers.iter().filter_map(|kind| settings.kind(kind)).map(|kind| settings.dossiers[kind].folder.as_str());
        for folder in folders.collect::<BTreeSet<_>>() {
            for name in [form.code.to_string(), format!("{}-*", form.code.value)] {
                lines.push((format!("/{folder}/*/{name}.md"), asked.clone()));
            }
        }
        lines.extend(form.claims.as_ref().map(|claims| (format!("/{}", claims.pattern.trim_start_matches('/')), asked)));
    }
    let width = lines.iter().map(|(path, _)| path.len()).max().unwrap_or_default();
    let line = |(path, asked): &(String, BTreeSet<String>)| {
        let names = asked.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        format!("{path:width$} {names}").trim_end().to_owned() + "\n"
    };
    let kept = lines.iter().filter(|(_, asked)| !asked.is_empty());
    format!(
        "{MARK}\n# 由 anjuan owners 按制度与人员登记生成，不要手改 / made from the rulebook and the register\n{}",
        kept.map(line).collect::<String>()
    )
}

/// How the forge calls those who hold one of some roles; where nobody does, those who may stand in.
fn held(rulebook: &Rulebook, people: &People, day: NaiveDate, slot: &[Spanned<String>]) -> BTreeSet<String> {
    let of = |fits: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        people.iter().filter(|person| person.roles_on(day, None).any(fits)).filter_map(called).collect()
    };
    let own = of(&|role| slot.iter().any(|wanted| wanted.value == role));
    if own.is_empty() { of(&|role| slot.iter().any(|wanted| rulebook.settings.stands_in(role, wanted))) } else { own }
}

fn called(person: &Person) -> Option<String> {
    let account = person.account.as_ref().map(|account| format!("@{}", account.trim_start_matches('@')));
    account.or_else(|| person.emails.first().map(|email| email.value.clone()))
}
