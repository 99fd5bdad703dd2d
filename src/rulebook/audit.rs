//! What an audit says: of every record how its entries into the main branch stand, and of the line itself what is odd.
//!
//! The same evidence by which `check` judges, told in full: each entry with who had a hand in it, who agreed, how strong that
//! is and why it is not enough. Only what the rulebook wants approved is here.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDateTime};

use super::evidence::{Version, Who};
use super::grant::Grant;
use super::judge::Judgement;
use super::kinds::Turn;
use super::obligation::State;
use crate::archive::Archive;
use crate::archive::history::signature::{Refusal, Seal};
use crate::archive::history::{Oid, Position};
use crate::diagnostic::Text;
use crate::say;

/// Clocks may differ by so much before anything is said.
const SKEW: Duration = Duration::minutes(10);

/// An audit.
#[derive(Debug)]
pub struct Audit {
    /// The tip of the main branch.
    pub tip: Oid,
    /// The commit from which on approvals are judged.
    pub anchor: Option<Oid>,
    /// Records that need an approval, by id.
    pub records: Vec<Audited>,
    /// What is odd about the line.
    pub warnings: Vec<Text>,
}

/// One record.
#[derive(Debug)]
pub struct Audited {
    /// Its id.
    pub id: String,
    /// Its path.
    pub path: String,
    /// The rule that asks for its approval.
    pub rule: String,
    /// How it stands.
    pub standing: Standing,
    /// Its entries, oldest first.
    pub entries: Vec<AuditedEntry>,
}

/// How a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The text that stands is approved.
    Approved,
    /// It was there before approvals were judged.
    Baseline,
    /// It is not.
    Unapproved,
    /// An earlier text was, this one is not.
    Stale,
    /// It waits on a branch.
    Pending,
    /// It was taken away with the approval that this needs.
    Removed,
    /// It was taken away without.
    RemovedUnapproved,
}

impl Standing {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Baseline => "baseline",
            Self::Unapproved => "unapproved",
            Self::Stale => "stale",
            Self::Pending => "pending",
            Self::Removed => "removed",
            Self::RemovedUnapproved => "removed-unapproved",
        }
    }

    /// The words for people.
    pub fn text(self) -> Text {
        match self {
            Self::Approved => say!("已有审批", "approved"),
            Self::Baseline => say!("建库时已有", "baseline"),
            Self::Unapproved => say!("没有审批", "not approved"),
            Self::Stale => say!("审批已失效", "approval void"),
            Self::Pending => say!("待审批", "waiting"),
            Self::Removed => say!("已删除，经审批", "removed, approved"),
            Self::RemovedUnapproved => say!("已删除，未经审批", "removed without approval"),
        }
    }

    /// Whether something that has to be approved is not.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Unapproved | Self::Stale | Self::RemovedUnapproved)
    }
}

/// One entry of a record into the main branch.
#[derive(Debug, Clone)]
pub struct AuditedEntry {
    /// The commit, short.
    pub commit: String,
    /// The same, whole.
    pub id: Option<Oid>,
    /// When, by the line's clock, in the archive's zone.
    pub at: NaiveDateTime,
    /// The text, by its id.
    pub blob: Option<Oid>,
    /// Who had a hand in it, by name or address.
    pub contributors: Vec<String>,
    /// Who agreed, in which role, and how strong that is.
    pub given: Vec<(String, String, Text)>,
    /// Why it is not approved; empty when it is.
    pub reasons: Vec<Text>,
    /// Whether it is approved.
    pub approved: bool,
    /// Whether it was there before approvals were judged.
    pub baseline: bool,
}

impl AuditedEntry {
    /// An entry of which nothing is judged.
    pub fn plain(version: &Version) -> Self {
        let name = |who: &Who| match who {
            Who::Person(id) => version.policy.people.by_id(id).map_or_else(|| id.clone(), |person| person.name.value.clone()),
            Who::Unknown(email) => email.clone(),
        };
        Self {
            commit: version.commit.clone(),
            id: version.id,
            at: version.at,
            blob: version.blob,
            contributors: version.contributors.iter().map(name).collect(),
            given: Vec::new(),
            reasons: Vec::new(),
            approved: false,
            baseline: version.baseline,
        }
    }
}

/// Why an audit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fatal {
    /// History is not all there, or cannot be trusted; what is said of the repository stands with the findings.
    Limited,
    /// A checkpoint is not on the main line: history was rewritten.
    Rewritten(String),
    /// There is no main branch.
    NoBranch,
}

impl Audit {
    /// Audits an archive that was read without any cache. Every checkpoint must stand on the main line: being an ancestor is
    /// not enough, since a foxtrot merge keeps that. `now` is the moment of the call in the archive's zone.
    pub fn of(archive: &Archive, judgement: &Judgement<'_>, checkpoints: &[String], now: NaiveDateTime) -> Result<Self, Fatal> {
        let history = &archive.history;
        if !history.limits.is_empty() {
            return Err(Fatal::Limited);
        }
        let tip = history.main.last().map(|&at| history.commits[at as usize].id).ok_or(Fatal::NoBranch)?;
        for hex in checkpoints {
            let on_line = history.named(hex).is_some_and(|at| matches!(history.commits[at as usize].position, Position::Main(_)));
            if !on_line {
                return Err(Fatal::Rewritten(hex.clone()));
            }
        }
        let anchor = judgement.line.anchor().and_then(|place| history.main.get(place as usize)).map(|&at| history.commits[at as usize].id);
        let mut records = living(judgement);
        records.extend(gone(judgement));
        records.sort_by(|a, b| (&a.id, &a.rule).cmp(&(&b.id, &b.rule)));
        Ok(Self { tip, anchor, records, warnings: warnings(archive, now) })
    }

    /// How many records stand so.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for record in &self.records {
            *counts.entry(record.standing.word()).or_default() += 1;
        }
        counts
    }
}

fn living(judgement: &Judgement<'_>) -> Vec<Audited> {
    let world = &judgement.world;
    let rules = &world.rulebook.rules;
    let asked = judgement.obligations.iter().filter(|o| rules[o.rule].must.turn() == Turn::First);
    let one = |o: &super::Obligation| {
        let entry = &world.dossiers[o.dossier].entries[o.entry?];
        let rule = &rules[o.rule];
        let project = world.dossiers[o.dossier].project.as_deref();
        let standing = match o.outcome.state {
            State::Met if entry.evidence.current().is_some_and(|version| version.baseline) => Standing::Baseline,
            State::Met | State::Waived => Standing::Approved,
            State::Void => Standing::Stale,
            State::Broken => Standing::Unapproved,
            State::Open => Standing::Pending,
            _ => return None,
        };
        Some(Audited {
            id: entry.id.clone(),
            path: entry.record.path().to_owned(),
            rule: rules[o.rule].id.value.clone(),
            standing,
            entries: entry
                .evidence
                .versions
                .iter()
                .map(|version| told(version, Grant::under(rule, entry.form, project, version)))
                .collect(),
        })
    };
    asked.filter_map(one).collect()
}

fn gone(judgement: &Judgement<'_>) -> Vec<Audited> {
    let rules = &judgement.world.rulebook.rules;
    let all = judgement.gone.iter().filter_map(|gone| {
        let (rule, grant) = gone.grants.iter().min_by_key(|(_, grant)| grant.approved)?;
        let standing = match (gone.relabelled, gone.is_approved()) {
            (Some(_), _) => Standing::Stale,
            (None, true) => Standing::Removed,
            (None, false) => Standing::RemovedUnapproved,
        };
        let entry = AuditedEntry {
            reasons: if grant.approved { Vec::new() } else { grant.reasons.clone() },
            given: grant.given.iter().map(|given| (given.name.clone(), given.role.clone(), given.strength.clone())).collect(),
            approved: grant.approved,
            ..AuditedEntry::plain(&gone.version)
        };
        let (id, path, rule) = (gone.id.clone(), gone.path.clone(), rules[*rule].id.value.clone());
        Some(Audited { id, path, rule, standing, entries: vec![entry] })
    });
    all.collect()
}

fn told(version: &Version, grant: Option<Grant>) -> AuditedEntry {
    let Some(grant) = grant else { return AuditedEntry { approved: true, ..AuditedEntry::plain(version) } };
    AuditedEntry {
        given: grant.given.into_iter().map(|given| (given.name, given.role, given.strength)).collect(),
        reasons: if grant.approved { Vec::new() } else { grant.reasons },
        approved: grant.approved,
        ..AuditedEntry::plain(version)
    }
}

/// What is odd about clocks and signatures. None of it decides an approval.
fn warnings(archive: &Archive, now: NaiveDateTime) -> Vec<Text> {
    let (history, zone) = (&archive.history, archive.config.zone());
    let mut found = Vec::new();
    let mut last = NaiveDateTime::MIN;
    for (place, &index) in history.main.iter().enumerate() {
        let commit = &history.commits[index as usize];
        let (short, at) = (commit.id.short(), commit.committer.at.local(zone));
        if last != NaiveDateTime::MIN && at + SKEW < last {
            found.push(say!(
                "提交 {short} 的时间 {at} 早于它之前的 {last}",
                "commit {short} of {at} is older than the one before it ({last})"
            ));
        }
        if at > now + SKEW {
            found.push(say!("提交 {short} 的时间 {at} 在将来", "commit {short} bears a time in the future: {at}"));
        }
        last = last.max(at);
        for side in history.side(place) {
            let (own, own_short) = (side.committer.at.local(zone), side.id.short());
            if own > at + SKEW {
                found.push(say!(
                    "提交 {own_short}（{own}）晚于合并它的 {short}（{at}）",
                    "commit {own_short} ({own}) is later than its merge {short} ({at})"
                ));
            }
            let older = |parent: &Oid| history.find(*parent).map(|at| history.commits[at as usize].committer.at.local(zone));
            if side.parents.iter().filter_map(older).any(|parent| own + SKEW < parent) {
                found.push(say!(
                    "提交 {own_short}（{own}）早于它的上一个提交，时间是倒填的",
                    "commit {own_short} ({own}) is dated before its own parent"
                ));
            }
        }
    }
    found.extend(unverifiable(archive));
    found
}

/// Kinds of signature on the main line that are not verified, each with how many there are.
fn unverifiable(archive: &Archive) -> Vec<Text> {
    let history = &archive.history;
    let mut kinds: BTreeMap<&str, (usize, Text)> = BTreeMap::new();
    for &index in &history.main {
        let Seal::Refused(refusal) = archive.blobs.seal(history.commits[index as usize].id) else { continue };
        let (key, text) = match refusal {
            Refusal::OpenPgp => ("1", say!("OpenPGP 签名，未核对", "OpenPGP signatures, not verified")),
            Refusal::X509 => ("2", say!("X.509 签名，未核对", "X.509 signatures, not verified")),
            Refusal::Certificate => ("3", say!("SSH 证书签名，未核对", "signatures by SSH certificates, not verified")),
            Refusal::Namespace => ("4", say!("不是为 git 作的签名", "signatures made for something else than git")),
            Refusal::Mismatch => ("5", say!("签名与提交不符", "signatures that do not fit their commit")),
            Refusal::Weak => ("6", say!("以 SHA-1、MD5 作的签名，不能作证", "signatures over SHA-1 or MD5, which prove nothing")),
            Refusal::Malformed => ("7", say!("写法不合规的签名", "signatures that are not as git writes them")),
        };
        kinds.entry(key).or_insert((0, text)).0 += 1;
    }
    kinds
        .into_values()
        .map(|(n, text)| Text {
            zh: format!("主分支上有 {n} 个提交：{}", text.zh),
            en: format!("{n} commits of the main line: {}", text.en),
        })
        .collect()
}
