//! Consents: what a dossier's papers allow, from which day until which, and who outside may be given what.
//!
//! ```yaml
//! consents:
//!   - name: 录音
//!     form: C04
//!     where: { 录音录像: { in: [同意录音, 同意录音录像] } }
//!     signed: [案主签名.日期, 监护人签名.日期]
//!     withdrawn: 撤回日期
//!     refused: { 录音录像: 不同意 }
//! outside:
//!   - { name: 购买方, sees: 项目组, needs: { 个案: 购买方抽查 }, open: [项目] }
//! ```
//!
//! A consent holds from the day on which the last of those who signed did so, through the day of its withdrawal, of its end
//! (`until`), or of a later paper of the form that refuses it (`refused`). Papers add up: one that does not speak of a matter
//! takes nothing back. Several entries of one name are several papers that may give it.
//!
//! Somebody `outside` sees as much as an audience below the highest does, of those dossiers only that hold the consent which
//! their kind `needs`, and of kinds that need none because they are about nobody (`open`). Any other kind is not given away.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::Rulebook;
use super::check::Checker;
use super::condition::Condition;
use super::context::{Context, World};
use super::reference::{Ref, Refs};
use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{SharedSource, Span};
use crate::yaml::de::{self, Spanned};
use crate::yaml::{self, Node};

/// The file in the rulebook's folder.
pub const FILE: &str = "consents.yaml";

/// Which consents there are, and who outside needs which.
#[derive(Default)]
pub struct Consents {
    /// The papers that give consent, in order.
    pub list: Vec<Consent>,
    /// Who outside may be given dossiers.
    pub outside: Vec<Outside>,
    /// Whether something in the file could not be read, so that nobody knows who else is outside.
    pub broken: bool,
    source: Option<SharedSource>,
}

/// One paper that gives one consent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Consent {
    /// What it allows.
    pub name: Spanned<String>,
    /// The form that gives it.
    pub form: Spanned<String>,
    /// When a record of the form gives it; always when nothing is said.
    #[serde(default, rename = "where")]
    filter: Option<Condition>,
    /// The days on which it was signed; the last of those that are there counts.
    signed: Refs,
    /// The day on which it was taken back.
    #[serde(default)]
    withdrawn: Option<Ref>,
    /// Its last day.
    #[serde(default)]
    until: Option<Ref>,
    /// When a later record of the form takes it back.
    #[serde(default)]
    refused: Option<Condition>,
}

/// Somebody outside who may be given dossiers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outside {
    /// What they are called; an audience's name where that audience is outside itself.
    pub name: Spanned<String>,
    /// The audience that sees as much.
    pub sees: Spanned<String>,
    /// The consent that each kind of dossier needs.
    #[serde(default)]
    needs: BTreeMap<String, Spanned<String>>,
    /// Kinds of dossier that need none.
    #[serde(default)]
    open: Vec<Spanned<String>>,
}

/// The day for which a consent is asked.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// A day of the past, with its whole length: on the day of withdrawal nobody knows what came first.
    On(NaiveDate),
    /// Now: what is taken back today is taken back.
    Now(NaiveDate),
    /// A day that is not known: that it was given is enough, unless it has ended.
    Ever(NaiveDate),
}

/// Why there is no consent; the nearest to one comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// No record of the form.
    Missing,
    /// No record that says so.
    Unsaid,
    /// Said, but on no day.
    Unsigned(String),
    /// Signed only later.
    Later(NaiveDate, String),
    /// Over before.
    Over(NaiveDate, String),
    /// Taken back by a later record.
    Refused(NaiveDate, String),
    /// Taken back.
    Withdrawn(NaiveDate, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    consents: Option<Node>,
    #[serde(default)]
    outside: Option<Node>,
}

impl Consents {
    /// Reads the file. What cannot be read is a finding.
    pub fn read(source: &SharedSource, found: &mut Vec<Diagnostic>) -> Self {
        let (node, mut said) = yaml::parse(source, Span::new(0, source.text().len()));
        let mut consents = Self { source: Some(source.clone()), ..Self::default() };
        match de::read::<Raw>(&node, source, "R101") {
            Ok(raw) => {
                consents.list = raw.consents.iter().flat_map(|node| de::read_each(node, source, "R101", &mut said)).collect();
                consents.outside = raw.outside.iter().flat_map(|node| de::read_each(node, source, "R101", &mut said)).collect();
            }
            Err(d) => said.push(d),
        }
        consents.broken = !said.is_empty();
        found.append(&mut said);
        consents
    }

    /// The names of all consents, in order, some perhaps twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|consent| consent.name.as_str())
    }

    /// The papers that give a consent.
    fn of<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c Consent> {
        self.list.iter().filter(move |consent| consent.name.value == name)
    }

    /// Checks every name against the forms.
    pub fn check(&self, book: &Rulebook, found: &mut Vec<Diagnostic>) {
        let Some(source) = &self.source else { return };
        for consent in &self.list {
            let mut checker = Checker::new(book, source, consent.name.span, Vec::new(), found);
            checker.form(&consent.form);
            let mut inner = checker.within(&consent.form);
            consent.filter.iter().chain(&consent.refused).for_each(|condition| inner.condition(condition));
            inner.days(&consent.signed);
            let more = consent.withdrawn.iter().chain(&consent.until).cloned().collect();
            inner.days(&Refs(more));
        }
        for outside in &self.outside {
            let mut checker = Checker::new(book, source, outside.name.span, Vec::new(), found);
            let audiences = &book.settings.audiences;
            let below = &audiences[..audiences.len().saturating_sub(1)];
            if !audiences.contains(&outside.sees) {
                checker.unknown(&outside.sees, ("受众", "audience"), below.iter().map(String::as_str));
            } else if !below.contains(&outside.sees) {
                checker.wrong(say!("机构以外的人不能看到最高一级", "nobody outside sees what the highest audience does"));
            } else if audiences.contains(&outside.name) && outside.name.value != outside.sees.value {
                let name = &outside.name.value;
                checker.wrong(say!("“{name}”是一级受众，sees 只能写它自己", "`{name}` is an audience and sees what it sees"));
            }
            let kind = |word: &str| Spanned { value: word.to_owned(), span: outside.name.span };
            outside.needs.keys().for_each(|word| checker.dossier(&kind(word)));
            outside.open.iter().for_each(|word| checker.dossier(word));
            outside.needs.values().for_each(|name| checker.consent(name));
        }
    }

    /// Those outside who are called so, with the level at which they see.
    pub fn outside(&self, book: &Rulebook, name: &str) -> Option<(&Outside, usize)> {
        let outside = self.outside.iter().find(|outside| outside.name.value == name)?;
        let level = book.settings.audience(&outside.sees)?;
        (level + 1 < book.settings.audiences.len()).then_some((outside, level))
    }
}

impl Consent {
    /// How a record of the form stands to a day: the day from which it gives the consent, or why it does not.
    fn stands(&self, context: &Context<'_, '_>, id: &str, asked: Asked) -> Result<NaiveDate, Lack> {
        if self.filter.as_ref().is_some_and(|filter| !filter.holds(context)) {
            return Err(Lack::Unsaid);
        }
        let Some(from) = self.signed_on(context) else { return Err(Lack::Unsigned(id.to_owned())) };
        let day = |r: &Option<Ref>| r.as_ref().and_then(|r| context.resolve(r).iter().filter_map(|cell| cell.value.day()).min());
        if let Asked::On(used) | Asked::Now(used) = asked
            && used < from
        {
            return Err(Lack::Later(from, id.to_owned()));
        }
        match (day(&self.withdrawn), day(&self.until)) {
            (Some(end), _) if asked.is_after(end) => Err(Lack::Withdrawn(end, id.to_owned())),
            (_, Some(last)) if asked.day() > last => Err(Lack::Over(last, id.to_owned())),
            _ => Ok(from),
        }
    }

    /// The day on which the last of those who signed did so.
    fn signed_on(&self, context: &Context<'_, '_>) -> Option<NaiveDate> {
        self.signed.0.iter().flat_map(|r| context.resolve(r)).filter_map(|cell| cell.value.day()).max()
    }

    /// Whether the records of a dossier give it on a day; of several reasons against it the nearest to a consent. A record
    /// of the form itself needs its own.
    fn given(&self, context: &Context<'_, '_>, asked: Asked) -> Result<(), Lack> {
        let world = context.world;
        let Some(form) = world.rulebook.form_index(&self.form) else { return Err(Lack::Missing) };
        let own = context.entry().is_some_and(|entry| entry.form == form);
        let records: Vec<usize> = world.of_form(context.dossier, form).filter(|&at| !own || Some(at) == context.own).collect();
        let views = || records.iter().map(|&at| (Context { own: Some(at), ..*context }, &world.entry((context.dossier, at)).id));
        let mut lack = Lack::Missing;
        for (view, id) in views() {
            let from = match self.stands(&view, id, asked) {
                Ok(from) => from,
                Err(why) => {
                    lack = lack.max(why);
                    continue;
                }
            };
            let refusal = |(view, id): (Context<'_, '_>, &String)| {
                let refuses = self.refused.as_ref().is_some_and(|refused| refused.holds(&view));
                let day = self.signed_on(&view).filter(|day| refuses && *day > from && asked.is_after(*day))?;
                Some(Lack::Refused(day, id.clone()))
            };
            match views().filter_map(refusal).min() {
                Some(why) => lack = lack.max(why),
                None => return Ok(()),
            }
        }
        Err(lack)
    }
}

impl Asked {
    fn day(self) -> NaiveDate {
        let (Self::On(day) | Self::Now(day) | Self::Ever(day)) = self;
        day
    }

    /// Whether it is asked for after something ended on a day.
    fn is_after(self, end: NaiveDate) -> bool {
        match self {
            Self::On(day) | Self::Ever(day) => day > end,
            Self::Now(day) => day >= end,
        }
    }
}

impl Context<'_, '_> {
    /// Why the dossier in view has no consent of that name for a day; nothing if it has.
    pub fn lacks(&self, name: &str, asked: Asked) -> Option<Text> {
        let book = self.world.rulebook;
        let mut nearest: Option<(Lack, &Consent)> = None;
        for consent in book.consents.of(name) {
            match consent.given(self, asked) {
                Ok(()) => return None,
                Err(lack) if nearest.as_ref().is_none_or(|(known, _)| lack > *known) => nearest = Some((lack, consent)),
                Err(_) => {}
            }
        }
        let Some((lack, consent)) = nearest else {
            return Some(say!("制度没有写明「{name}」凭哪张表同意", "the rulebook does not say which form consents to `{name}`"));
        };
        let code = &consent.form.value;
        let form = book.form_index(code).map_or("", |form| book.forms[form].name.as_str());
        Some(lack.words(name, code, form))
    }
}

impl Lack {
    fn words(&self, name: &str, code: &str, form: &str) -> Text {
        match self {
            Self::Missing => {
                say!("没有对「{name}」的同意：缺《{form}》（{code}）", "no consent to `{name}`: there is no {code} ({form})")
            }
            Self::Unsaid => {
                say!("没有对「{name}」的同意：《{form}》（{code}）没有同意这一项", "no consent to `{name}`: no {code} ({form}) gives it")
            }
            Self::Unsigned(id) => {
                say!("对「{name}」的同意无效：{id} 没有签署日期", "the consent to `{name}` does not count: {id} is not signed and dated")
            }
            Self::Later(day, id) => {
                say!("对「{name}」的同意（{id}）{day} 才签署", "the consent to `{name}` ({id}) was signed only on {day}")
            }
            Self::Over(day, id) => say!("对「{name}」的同意（{id}）到 {day} 为止", "the consent to `{name}` ({id}) ended on {day}"),
            Self::Refused(day, id) => {
                say!("对「{name}」的同意已被 {day} 签署的 {id} 取消", "the consent to `{name}` was taken back by {id}, signed on {day}")
            }
            Self::Withdrawn(day, id) => {
                say!("对「{name}」的同意（{id}）已于 {day} 撤回", "the consent to `{name}` ({id}) was withdrawn on {day}")
            }
        }
    }
}

impl World<'_> {
    /// Why a dossier must not be given to somebody outside as of today; nothing if it may.
    pub fn refuses(&self, dossier: usize, outside: &Outside) -> Option<Text> {
        let facts = &self.dossiers[dossier];
        let name = &outside.name.value;
        let Some(kind) = facts.kind.map(|kind| self.rulebook.settings.dossiers[kind].kind.as_str()) else {
            return Some(say!("不在案卷里的记录不给「{name}」", "records outside dossiers are not for `{name}`"));
        };
        if outside.open.iter().any(|open| open.value == kind) {
            return None;
        }
        match outside.needs.get(kind) {
            Some(consent) => self.context(dossier, None).lacks(consent, Asked::Now(self.today)),
            None => Some(say!(
                "制度没有规定{kind}案卷凭什么同意给「{name}」",
                "the rulebook names no consent by which dossiers of the kind {kind} are given to `{name}`"
            )),
        }
    }
}

impl Checker<'_> {
    /// A consent.
    pub fn consent(&mut self, name: &Spanned<String>) {
        let rulebook = self.rulebook;
        if !rulebook.consents.names().any(|known| known == name.value) {
            self.unknown(name, ("同意", "consent"), rulebook.consents.names());
        }
    }
}
