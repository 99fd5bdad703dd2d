//! `people.yaml`: who is who, under which addresses, in which role from when until when.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::history::signature::{Key, Signature};
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::{self, de};

/// The name of the register.
pub const FILE: &str = "people.yaml";

/// One person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Person {
    /// Short id, used in the register and in the demo's history.
    pub id: de::Spanned<String>,
    /// The name written in records.
    pub name: de::Spanned<String>,
    /// E-mail addresses in commits; compared without case.
    #[serde(default)]
    pub emails: Vec<de::Spanned<String>>,
    /// What the forge calls them.
    #[serde(default)]
    pub account: Option<de::Spanned<String>>,
    /// Id of the supervisor.
    #[serde(default)]
    pub supervisor: Option<de::Spanned<String>>,
    /// Roles held.
    #[serde(default)]
    pub roles: Vec<Grant>,
    /// Public keys that they sign commits with.
    #[serde(default)]
    pub keys: Vec<OwnKey>,
}

/// A public key and the time for which it counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnKey {
    /// One line as in `authorized_keys`, or an armoured OpenPGP block.
    pub key: de::Spanned<String>,
    /// First day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; a lost key gets one.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// A role held for a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grant {
    /// The role, a name of the rulebook.
    pub role: de::Spanned<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day, if it ended.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Codes of the projects it is held in; none means all.
    #[serde(default)]
    pub projects: Vec<String>,
}

impl Grant {
    /// Whether the role is held on `day` in `project` (any project when none is given).
    pub fn holds(&self, day: NaiveDate, project: Option<&str>) -> bool {
        self.from <= day
            && self.until.is_none_or(|until| day <= until)
            && (self.projects.is_empty() || project.is_none_or(|p| self.projects.iter().any(|own| own == p)))
    }
}

impl Person {
    /// The roles held on `day` in `project`.
    pub fn roles_on<'a>(&'a self, day: NaiveDate, project: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.roles.iter().filter(move |grant| grant.holds(day, project)).map(|grant| grant.role.as_str())
    }

    /// Whether any role is held on `day`.
    pub fn in_service(&self, day: NaiveDate) -> bool {
        self.roles_on(day, None).next().is_some()
    }
}

/// Everybody.
#[derive(Debug, Clone, Default)]
pub struct People {
    list: Vec<Person>,
    by_email: BTreeMap<String, usize>,
    by_name: BTreeMap<String, usize>,
    /// Every key with its owner and the time for which it counts.
    keys: Vec<(Key, usize, Option<NaiveDate>, Option<NaiveDate>)>,
    /// The register's text, for findings about it.
    pub source: Option<SharedSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    people: Option<yaml::Node>,
}

impl People {
    /// Reads the register. A broken entry is a finding and does not hide the others.
    pub fn read(source: &SharedSource) -> (Self, Vec<Diagnostic>) {
        let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
        let mut people = Self { source: Some(source.clone()), ..Self::default() };
        let entries = match de::read::<File>(&node, source, "A202") {
            Ok(file) => file.people.unwrap_or_else(yaml::Node::empty_map),
            Err(d) => {
                found.push(d);
                return (people, found);
            }
        };
        if entries.is_empty() {
            return (people, found);
        }
        for person in de::read_each::<Person>(&entries, source, "A202", &mut found) {
            people.add(person, source, &mut found);
        }
        for person in &people.list {
            if let Some(boss) = &person.supervisor
                && people.by_id(boss).is_none()
            {
                let id = &boss.value;
                found.push(
                    Diagnostic::error("A202", Place::new(source, boss.span), say!("没有编号为“{id}”的人", "nobody has the id `{id}`"))
                        .help(say!("写督导在本文件中的 id", "write the supervisor's id of this file"))
                        .key("supervisor"),
                );
            }
        }
        (people, found)
    }

    fn add(&mut self, person: Person, source: &SharedSource, found: &mut Vec<Diagnostic>) {
        let index = self.list.len();
        let id = &person.id.value;
        let mut twice = |span: Span, what: &str, whose: &str| {
            found.push(
                Diagnostic::error(
                    "A202",
                    Place::new(source, span),
                    say!("“{what}”已经属于 {whose}", "`{what}` already belongs to {whose}"),
                )
                .help(say!("编号、姓名与邮箱在登记中各只能出现一次", "ids, names and addresses may occur once only"))
                .key(what),
            );
        };
        if let Some(other) = self.list.iter().find(|p| p.id.value == *id) {
            twice(person.id.span, id, &other.name);
        }
        if let Some(&other) = self.by_name.get(&person.name.value) {
            twice(person.name.span, &person.name, &self.list[other].id);
        }
        for email in &person.emails {
            let address = email.to_lowercase();
            match self.by_email.get(&address) {
                Some(&other) if other != index => twice(email.span, email, &self.list[other].name),
                _ => {
                    self.by_email.insert(address, index);
                }
            }
        }
        for own in &person.keys {
            let key = match own.key.parse::<Key>() {
                Ok(key) => key,
                Err(no_key) => {
                    found.push(no_key.diagnostic("A202", Place::new(source, own.key.span)).key("keys"));
                    continue;
                }
            };
            if let Some((_, other, ..)) = self.keys.iter().find(|(known, owner, ..)| *known == key && *owner != index) {
                let whose = &self.list[*other].name.value;
                found.push(
                    Diagnostic::error(
                        "A202",
                        Place::new(source, own.key.span),
                        say!("这把公钥已经属于 {whose}", "this public key already belongs to {whose}"),
                    )
                    .key("keys"),
                );
            } else {
                self.keys.push((key, index, own.from, own.until));
            }
        }
        self.by_name.entry(person.name.value.clone()).or_insert(index);
        self.list.push(person);
    }

    /// Everybody, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Person> {
        self.list.iter()
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The person with an id.
    pub fn by_id(&self, id: &str) -> Option<&Person> {
        self.list.iter().find(|p| p.id.value == id)
    }

    /// The person whom a record names, by name or id.
    pub fn named(&self, name: &str) -> Option<&Person> {
        self.by_name.get(name).map(|&index| &self.list[index]).or_else(|| self.by_id(name))
    }

    /// Whether anybody has a key.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Who made a signature, with a key that counted on that day.
    pub fn signer(&self, signature: &Signature, day: NaiveDate) -> Option<&Person> {
        let counts = |from: &Option<NaiveDate>, until: &Option<NaiveDate>| {
            from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
        };
        let own = self.keys.iter().find(|(own, _, from, until)| counts(from, until) && own.made(signature, day));
        own.map(|(_, index, ..)| &self.list[*index])
    }

    /// The SSH keys of the register as OpenSSH's `allowed_signers`, so that `git log --show-signature` knows the same ones; OpenPGP
    /// certificates are for `gpg --import`.
    pub fn allowed_signers(&self) -> String {
        let mut out = String::new();
        for (key, index, from, until) in &self.keys {
            let emails: Vec<&str> = self.list[*index].emails.iter().map(|email| email.value.as_str()).collect();
            let Some(line) = key.line().filter(|_| !emails.is_empty()) else { continue };
            out.push_str(&emails.join(","));
            out.push_str(" namespaces=\"git\"");
            if let Some(from) = from {
                out.push_str(&format!(",valid-after=\"{}Z\"", from.format("%Y%m%d000000")));
            }
            if let Some(until) = until.and_then(|until| until.succ_opt()) {
                out.push_str(&format!(",valid-before=\"{}Z\"", until.format("%Y%m%d000000")));
            }
            out.push_str(&format!(" {line}\n"));
        }
        out
    }

    /// The person under an address.
    pub fn addressed(&self, email: &str) -> Option<&Person> {
        self.by_email.get(&email.to_lowercase()).map(|&index| &self.list[index])
    }
}
