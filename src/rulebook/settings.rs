//! `rulebook.yaml`: the names that forms and rules are written with.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use regex::Regex;
use serde::Deserialize;

use super::form::{Field, Kind, Reader};
use super::reference::Ref;
use crate::diagnostic::{Diagnostic, Severity};
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

/// The file in the rulebook's folder.
pub const FILE: &str = "rulebook.yaml";

/// The settings of a rulebook.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Number of the procedure.
    pub number: String,
    /// Title of the procedure.
    pub title: String,
    /// Who issues it.
    pub issuer: Option<String>,
    /// Front-matter key that names the form.
    pub form_key: String,
    /// Field that decides the edition in force.
    pub date_field: Option<String>,
    /// Field that names whose record it is.
    pub worker_field: Option<String>,
    /// Editions by their first day.
    pub editions: Vec<Edition>,
    /// Audiences, low to high.
    pub audiences: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Rank lines, low to high.
    pub lines: Vec<Vec<String>>,
    /// Roles of which one must have approved an exception; none: it counts as written.
    pub waived_by: Vec<Spanned<String>>,
    /// Roles of which one must approve a change of people, settings and rulebook; none: entering is enough.
    pub policy_by: Vec<Spanned<String>>,
    /// Who may read what is encrypted; nobody: nothing is.
    pub encryption: Encryption,
    /// Kinds of dossier.
    pub dossiers: Vec<DossierKind>,
    /// Choice lists.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Column lists of tables that several forms share.
    pub structures: BTreeMap<String, Vec<Field>>,
    /// Fields of every form.
    pub common: Vec<Field>,
    /// Words that identify nobody though they stand in fields that do.
    pub common_words: Vec<String>,
    /// The lowest audience that reads messages of commits, as an index.
    pub messages: usize,
    /// Names of the parts of composed values.
    pub value_keys: ValueKeys,
    /// The file, if there is one.
    pub source: Option<SharedSource>,
}

/// One edition of the procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edition {
    /// Its name.
    pub name: String,
    /// First day in force.
    pub from: NaiveDate,
    /// Whether its rules are here; where only its existence is known, nothing is judged by it.
    #[serde(default = "judged")]
    pub judged: bool,
    /// What is known of it.
    #[serde(default)]
    pub note: Option<String>,
}

/// How marked fields and sections are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Encryption {
    /// Roles whose holders, in the project of a dossier, hold its key.
    pub holders: Vec<Spanned<String>>,
    /// How bad it is when a dossier has a key and a marked part stands in clear.
    pub in_clear: Severity,
}

impl Default for Encryption {
    fn default() -> Self {
        Self { holders: Vec::new(), in_clear: Severity::Error }
    }
}

fn judged() -> bool {
    true
}

/// A kind of dossier.
#[derive(Debug, Clone)]
pub struct DossierKind {
    /// Its name.
    pub kind: String,
    /// The folder that holds all of that kind.
    pub folder: String,
    /// What a number looks like; its groups `project`, `year`, `serial` are used where present.
    pub number: Option<Regex>,
    /// Stages in order.
    pub stages: Vec<String>,
    /// When it was opened.
    pub opened: Option<Ref>,
    /// When it was closed.
    pub closed: Option<Ref>,
    /// Whose it is.
    pub worker: Option<Ref>,
    /// What it may be called.
    pub title: Option<Ref>,
}

/// Names of the parts of composed values, as written in records.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ValueKeys {
    /// Identity documents.
    pub id_card: IdCardKeys,
    /// Signatures.
    pub signature: SignatureKeys,
    /// Attachments.
    pub attachment: AttachmentKeys,
}

impl ValueKeys {
    /// The parts that a value of that kind consists of, with what each holds; none where it is one value.
    pub fn parts(&self, kind: Kind) -> Vec<(&str, Kind)> {
        let Self { id_card, signature, attachment } = self;
        match kind {
            Kind::IdCard => vec![(&id_card.kind, Kind::Text), (&id_card.number, Kind::Text)],
            Kind::Signature => vec![
                (&signature.name, Kind::Text),
                (&signature.role, Kind::Text),
                (&signature.date, Kind::Date),
                (&signature.form, Kind::Text),
                (&signature.place, Kind::Text),
            ],
            Kind::Attachment => vec![
                (&attachment.title, Kind::Text),
                (&attachment.path, Kind::Text),
                (&attachment.pages, Kind::Integer),
                (&attachment.sha256, Kind::Text),
                (&attachment.place, Kind::Text),
            ],
            _ => Vec::new(),
        }
    }
}

macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident = $default:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
        pub struct $name { $($(#[$field_doc])* pub $field: String,)* }
        impl Default for $name {
            fn default() -> Self { Self { $($field: $default.to_owned(),)* } }
        }
    };
}

keys! {
    /// Keys of an identity document.
    IdCardKeys {
        /// Kind of document.
        kind = "kind",
        /// Its number.
        number = "number",
    }
}

keys! {
    /// Keys of a signature.
    SignatureKeys {
        /// Who signed.
        name = "name",
        /// As what.
        role = "role",
        /// When.
        date = "date",
        /// On paper or electronically.
        form = "form",
        /// Where the original is kept.
        place = "place",
    }
}

keys! {
    /// Keys of an attachment.
    AttachmentKeys {
        /// Title.
        title = "title",
        /// Path inside the dossier.
        path = "path",
        /// Number of pages.
        pages = "pages",
        /// Digest.
        sha256 = "sha256",
        /// Where the original is kept.
        place = "place",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    number: String,
    title: String,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    form_key: Option<String>,
    #[serde(default)]
    date_field: Option<String>,
    #[serde(default)]
    worker_field: Option<String>,
    #[serde(default)]
    editions: Vec<Edition>,
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    lines: Vec<Vec<Spanned<String>>>,
    #[serde(default)]
    waived_by: Vec<Spanned<String>>,
    #[serde(default)]
    policy_by: Vec<Spanned<String>>,
    #[serde(default)]
    encryption: Encryption,
    #[serde(default)]
    dossiers: Option<Node>,
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    structures: Option<Node>,
    #[serde(default)]
    common: Option<Node>,
    #[serde(default)]
    common_words: Vec<String>,
    #[serde(default)]
    messages: Option<Spanned<String>>,
    #[serde(default)]
    value_keys: ValueKeys,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawKind {
    kind: String,
    folder: String,
    #[serde(default)]
    number: Option<Spanned<String>>,
    #[serde(default)]
    stages: Vec<String>,
    #[serde(default)]
    opened: Option<Ref>,
    #[serde(default)]
    closed: Option<Ref>,
    #[serde(default)]
    worker: Option<Ref>,
    #[serde(default)]
    title: Option<Ref>,
}

impl Settings {
    /// Reads the file. What cannot be read is a finding.
    pub fn read(source: &SharedSource) -> (Self, Vec<Diagnostic>) {
        let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
        let raw = match de::read::<Raw>(&node, source, "R101") {
            Ok(raw) => raw,
            Err(d) => {
                found.push(d);
                return (Self { source: Some(source.clone()), ..Self::default() }, found);
            }
        };
        let mut settings = Self {
            number: raw.number,
            title: raw.title,
            issuer: raw.issuer,
            form_key: raw.form_key.unwrap_or_else(|| "form".to_owned()),
            date_field: raw.date_field,
            worker_field: raw.worker_field,
            editions: raw.editions,
            audiences: raw.audiences,
            roles: raw.roles,
            lines: Vec::new(),
            waived_by: raw.waived_by,
            policy_by: raw.policy_by,
            encryption: raw.encryption,
            dossiers: Vec::new(),
            lists: raw.lists,
            structures: BTreeMap::new(),
            common: Vec::new(),
            common_words: raw.common_words,
            messages: 0,
            value_keys: raw.value_keys,
            source: Some(source.clone()),
        };
        settings.messages = Reader { source, settings: &settings, found: &mut found }.audience(raw.messages);
        settings.editions.sort_by_key(|edition| edition.from);
        for line in raw.lines {
            for role in line.iter().filter(|role| !settings.roles.contains(role)) {
                let word = &role.value;
                found.push(
                    Diagnostic::error("R102", Place::new(source, role.span), say!("没有叫“{word}”的角色", "there is no role `{word}`"))
                        .key(word),
                );
            }
            settings.lines.push(line.into_iter().map(|role| role.value).collect());
        }
        if let Some(node) = &raw.dossiers {
            let kinds = de::read_each::<RawKind>(node, source, "R101", &mut found);
            settings.dossiers = kinds.into_iter().map(|kind| dossier_kind(kind, source, &mut found)).collect();
        }
        for (key, node) in raw.structures.as_ref().and_then(Node::as_map).unwrap_or_default() {
            let fields = Reader { source, settings: &settings, found: &mut found }.fields(node);
            settings.structures.insert(key.text.clone(), fields);
        }
        if let Some(node) = &raw.common {
            settings.common = Reader { source, settings: &settings, found: &mut found }.fields(node);
        }
        (settings, found)
    }

    /// The level of an audience.
    pub fn audience(&self, name: &str) -> Option<usize> {
        self.audiences.iter().position(|own| own == name)
    }

    /// The kind of dossier kept in `folder`.
    pub fn kind_in(&self, folder: &str) -> Option<usize> {
        self.dossiers.iter().position(|kind| kind.folder == folder)
    }

    /// The kind of dossier of that name.
    pub fn kind(&self, name: &str) -> Option<usize> {
        self.dossiers.iter().position(|kind| kind.kind == name)
    }

    /// The edition in force on `day`; the first one before all.
    pub fn edition(&self, day: NaiveDate) -> Option<&Edition> {
        self.editions.iter().rev().find(|edition| edition.from <= day).or(self.editions.first())
    }

    /// Whether somebody with the role `held` may act where `wanted` is asked for: the same role, or a
    /// higher one of the same line.
    pub fn stands_in(&self, held: &str, wanted: &str) -> bool {
        held == wanted
            || self.lines.iter().any(|line| {
                let rank = |role: &str| line.iter().position(|own| own == role);
                matches!((rank(held), rank(wanted)), (Some(h), Some(w)) if h > w)
            })
    }
}

fn dossier_kind(raw: RawKind, source: &SharedSource, found: &mut Vec<Diagnostic>) -> DossierKind {
    let number = raw.number.and_then(|pattern| match Regex::new(&pattern) {
        Ok(regex) => Some(regex),
        Err(why) => {
            found.push(Diagnostic::error(
                "R101",
                Place::new(source, pattern.span),
                say!("编号规则写法有误：{why}", "the numbering rule is wrong: {why}"),
            ));
            None
        }
    });
    DossierKind {
        kind: raw.kind,
        folder: raw.folder,
        number,
        stages: raw.stages,
        opened: raw.opened,
        closed: raw.closed,
        worker: raw.worker,
        title: raw.title,
    }
}
