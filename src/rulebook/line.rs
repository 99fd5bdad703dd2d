//! The main line as a judge sees it: its clock, its anchor, and what was in force before each entry.
//!
//! People and settings that judge a merge are those of the last approved version *before* it: nobody can grant a role and
//! use it in the same merge. A version takes effect for the next commit of the main line, if it was approved by the roles
//! that the rulebook names (`policy-by`) and can be read; where none are named, by having entered. What stood at the anchor
//! is trusted as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::Rulebook;
use super::evidence::{Version, version};
use super::grant::Grant;
use super::settings::{self, Settings};
use super::then::{self, Then};
use crate::archive::config::{self, ApprovalSettings, Strength};
use crate::archive::history::signature::{Key, Seal, Signature};
use crate::archive::history::{Change, Oid, Position, trailers};
use crate::archive::people::{self, People};
use crate::archive::{Archive, Config};
use crate::diagnostic::{Diagnostic, Text};
use crate::say;
use crate::source::{Place, Source, Span};
use crate::yaml::de::Spanned;

/// Who is who and what counts as an approval, at some time.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The register.
    pub people: People,
    /// How approvals are read.
    pub settings: ApprovalSettings,
    /// The keys of forges.
    pub forge_keys: Vec<Key>,
    /// Which roles approve changes of the policy, and who may stand in for whom.
    pub law: Arc<Settings>,
    /// Where the rules of that time ask for other approvals than those at hand.
    pub then: Then,
    /// The files with rules.
    pub(super) rules: BTreeMap<String, Oid>,
}

/// The first-parent line of the main branch.
pub struct Line {
    times: Vec<NaiveDateTime>,
    anchor: Option<u32>,
    /// From which place on which policy judges, ascending; the first from the beginning.
    policies: Vec<(u32, Arc<Policy>)>,
    /// Every entry of a file that the policy is made of, with whether it took effect.
    pub decided: Vec<Decided>,
    /// The commits in which somebody sends a record back, by its path, as indices into the history.
    returns: BTreeMap<String, Vec<u32>>,
}

/// The trailer of a commit by which somebody sends records back.
pub const RETURNED: &str = "Changes-requested-by";

/// The trailer that names a record by its path.
pub const RECORD: &str = "Record";

/// An entry of a file that decides how others are judged.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The file.
    pub path: String,
    /// Its place on the main line.
    pub place: u32,
    /// The commit, short.
    pub commit: String,
    /// The day of the entry.
    pub day: NaiveDate,
    /// Why it has no effect; none when it has.
    pub refused: Option<Refused>,
}

/// Why an entry of a policy file has no effect.
#[derive(Debug, Clone)]
pub enum Refused {
    /// Nobody with the right approved it.
    Unapproved(Vec<Text>),
    /// It cannot be read without a doubt; the first of what is wrong.
    Unreadable(Text),
}

impl Policy {
    /// Whose approval of a record of `form` (an index into the rulebook) the rule with that id asked for, where it asks for `now`
    /// now; none where there was no such rule, or where it was about other forms.
    pub fn asks<'s>(&'s self, rule: &str, form: Option<usize>, now: Vec<&'s [Spanned<String>]>) -> Option<Vec<&'s [Spanned<String>]>> {
        match self.then.get(rule) {
            None => Some(now),
            Some(then) => {
                let asked = then.as_ref().filter(|asked| asked.concerns(form))?;
                Some(asked.slots.iter().map(Vec::as_slice).collect())
            }
        }
    }

    /// Who signed a commit, on a day of the line's clock.
    pub fn signer(&self, archive: &Archive, commit: Oid, day: NaiveDate) -> Signer {
        if !self.people.has_keys() && self.forge_keys.is_empty() {
            return Signer::Nobody;
        }
        match archive.blobs.seal(commit) {
            Seal::Made(signature) => match self.people.signer(&signature, day) {
                Some(person) => Signer::Person(person.id.value.clone()),
                None if self.is_forges(&signature, day) => Signer::Forge,
                None => Signer::Nobody,
            },
            Seal::Unsigned | Seal::Refused(_) => Signer::Nobody,
        }
    }

    fn is_forges(&self, signature: &Signature, day: NaiveDate) -> bool {
        self.forge_keys.iter().any(|key| key.made(signature, day))
    }

    /// What is to be said of the signature on a commit, on a day of the line's clock.
    pub fn signature(&self, archive: &Archive, commit: Oid, day: NaiveDate) -> Text {
        match archive.blobs.seal(commit) {
            Seal::Unsigned => say!("没有签名", "not signed"),
            Seal::Made(signature) => match self.people.signer(&signature, day) {
                Some(person) => {
                    let name = &person.name.value;
                    say!("{name} 签名，已核对", "signed by {name}, verified")
                }
                None if self.is_forges(&signature, day) => say!("平台签名，已核对", "signed by the forge, verified"),
                None => say!("有签名，不是当日有效的登记钥匙所签", "signed, and not with a key registered for that day"),
            },
            Seal::Refused(_) => say!("有签名，不能核对", "signed, not verified"),
        }
    }
}

/// Whose signature stands on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// Nobody's that counts.
    Nobody,
    /// A forge's.
    Forge,
    /// A person's, by id.
    Person(String),
}

impl Signer {
    /// How strong it makes the claim that somebody agreed.
    pub fn strength(&self, who: &str) -> Strength {
        match self {
            Self::Person(own) if own == who => Strength::PersonSigned,
            Self::Forge => Strength::ForgeSigned,
            _ => Strength::Claimed,
        }
    }
}

impl Line {
    /// Reads the line of an archive. A merge dated back does not turn time back.
    pub fn of(archive: &Archive, book: &Rulebook) -> Self {
        let history = &archive.history;
        let zone = archive.config.zone();
        let mut last = NaiveDateTime::MIN;
        let tick = |&commit: &u32| {
            last = last.max(history.commits[commit as usize].committer.at.local(zone));
            last
        };
        let times = history.main.iter().map(tick).collect();
        let place = |position: Position| match position {
            Position::Main(at) | Position::Side { entered: at } => Some(at),
            Position::Pending => None,
        };
        let first = history.changes(config::FILE).first().and_then(|change| place(history.commits[change.commit as usize].position));
        let now = Arc::new(Policy { people: archive.people.clone(), settings: archive.config.approval.clone(), ..Policy::default() });
        let mut line = Self { times, anchor: first, policies: vec![(0, now)], decided: Vec::new(), returns: returns(archive) };
        if !history.main.is_empty() && history.limits.iter().all(|limit| !limit.hides()) {
            line.settle(archive, book);
        }
        // The anchor is part of the policy: only an approved version moves it, and what decides that is judged from the beginning.
        let named = line.newest().settings.anchor.as_deref().and_then(|hex| history.named(hex));
        line.anchor = named.and_then(|at| place(history.commits[at as usize].position)).or(first);
        line
    }

    /// Follows the files of the policy along the line.
    fn settle(&mut self, archive: &Archive, book: &Rulebook) {
        let history = &archive.history;
        let rulebook = format!("{}/", archive.config.rulebook);
        let law = format!("{rulebook}{}", settings::FILE);
        let rules = format!("{rulebook}rules/");
        let mut entries: Vec<(u32, &str, &Change)> = Vec::new();
        for path in history.paths().filter(|path| *path == people::FILE || *path == config::FILE || path.starts_with(&rulebook)) {
            entries.extend(history.changes(path).iter().filter_map(|change| match history.commits[change.commit as usize].position {
                Position::Main(at) => Some((at, path, change)),
                _ => None,
            }));
        }
        entries.sort_by_key(|(at, path, _)| (*at, *path));
        let anchor = self.anchor.unwrap_or(0);
        let mut policy = Policy::default();
        let take = |policy: &mut Policy, path: &str, blob: Option<Oid>| -> Option<Text> {
            if path.starts_with(&rules) {
                match blob {
                    Some(blob) => policy.rules.insert(path.to_owned(), blob),
                    None => policy.rules.remove(path),
                };
                return None;
            }
            let text = blob.and_then(|blob| archive.blobs.text(blob));
            let Some(text) = text else { return Some(say!("删去了，或读不到", "it was removed or cannot be read")) };
            let source = Source::new(path, String::from_utf8_lossy(&text));
            // One broken line of a register keeps all of it from taking effect: who is meant may hang on that line.
            if path == people::FILE {
                let (read, found) = People::read(&source);
                match found.first() {
                    None => policy.people = read,
                    Some(first) => return Some(first.message.clone()),
                }
            } else if path == config::FILE {
                let (read, found) = Config::read(&source);
                match found.first() {
                    None => {
                        policy.forge_keys = read.approval.forge_keys.iter().filter_map(|key| key.parse().ok()).collect();
                        policy.settings = read.approval;
                    }
                    Some(first) => return Some(first.message.clone()),
                }
            } else if path == law {
                let (read, found) = Settings::read(&source);
                match found.first() {
                    None => policy.law = Arc::new(read),
                    Some(first) => return Some(first.message.clone()),
                }
            }
            None
        };
        for (_, path, change) in entries.iter().filter(|(at, ..)| *at <= anchor) {
            take(&mut policy, path, change.new);
        }
        self.policies = vec![(0, Arc::new(policy))];
        for (at, path, change) in entries.iter().filter(|(at, ..)| *at > anchor) {
            let own: Version = version(archive, self, path, history.changes(path), change, *at, None);
            let roles = own.policy.law.policy_by.as_slice();
            let grant = (!roles.is_empty()).then(|| Grant::of(None, &own, &[roles]));
            let mut refused = grant.filter(|grant| !grant.approved).map(|grant| Refused::Unapproved(grant.reasons));
            if refused.is_none() {
                let mut next = self.newest().as_ref().clone();
                match take(&mut next, path, change.new) {
                    None => self.policies.push((at + 1, Arc::new(next))),
                    Some(why) => refused = Some(Refused::Unreadable(why)),
                }
            }
            let (path, day) = ((*path).to_owned(), self.at(*at).date());
            self.decided.push(Decided { path, place: *at, commit: own.commit, day, refused });
        }
        for (_, policy) in &mut self.policies {
            let then = then::differences(archive, book, &policy.rules);
            if !then.is_empty() {
                Arc::make_mut(policy).then = then;
            }
        }
    }

    /// When the commit at a place of the line was made, by a clock that does not run backwards.
    pub fn at(&self, place: u32) -> NaiveDateTime {
        self.times.get(place as usize).copied().unwrap_or_default()
    }

    /// The commits in which somebody sends the record at a path back.
    pub fn returns(&self, path: &str) -> &[u32] {
        self.returns.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether what entered there was there before approvals were judged.
    pub fn is_baseline(&self, place: u32) -> bool {
        self.anchor.is_some_and(|anchor| place <= anchor)
    }

    /// The place of the anchor.
    pub fn anchor(&self) -> Option<u32> {
        self.anchor
    }

    /// What judges the commit at a place.
    pub fn policy(&self, place: u32) -> &Arc<Policy> {
        let after = self.policies.partition_point(|(from, _)| *from <= place);
        &self.policies[after.saturating_sub(1)].1
    }

    /// What will judge the next commit.
    pub fn newest(&self) -> &Arc<Policy> {
        &self.policies[self.policies.len() - 1].1
    }

    /// The entries of policy files that have no effect, as findings: of each file those since the last that has.
    pub fn findings(&self, archive: &Archive) -> Vec<Diagnostic> {
        let roles = self.newest().law.policy_by.iter().map(|role| role.value.as_str()).collect::<Vec<_>>().join("或");
        let stands = |decided: &&Decided| {
            let later = self.decided.iter().filter(|other| other.path == decided.path && other.place > decided.place);
            decided.refused.is_some() && later.into_iter().all(|other| other.refused.is_some())
        };
        let one = |decided: &Decided| {
            let Decided { path, commit, day, refused, .. } = decided;
            let rule = path.as_str() != people::FILE && path.as_str() != config::FILE;
            let source = Archive::text(&archive.root, path, &mut Vec::new());
            let place = source.map(|source| Place::new(&source, Span::at(0)));
            let message = if let Some(Refused::Unreadable(_)) = refused {
                say!(
                    "{path} 在 {day}（提交 {commit}）的内容有误，不用来判定审批，仍按它之前的一版",
                    "{path} as of {day} (commit {commit}) is in error and judges no approval; the version before it does"
                )
            } else if rule {
                say!(
                    "制度在 {day}（提交 {commit}）的改动没有获得 {roles} 批准",
                    "the change of the procedure on {day} (commit {commit}) is not approved by {roles}"
                )
            } else {
                say!(
                    "{path} 在 {day}（提交 {commit}）的改动没有获得 {roles} 批准，不用来判定审批",
                    "the change of {path} on {day} (commit {commit}) is not approved by {roles} and judges no approval"
                )
            };
            let mut d = Diagnostic::error("P101", place, message).key(path);
            match refused {
                Some(Refused::Unapproved(reasons)) => d.facts.clone_from(reasons),
                Some(Refused::Unreadable(why)) => d.facts.push(why.clone()),
                None => {}
            }
            let unapproved = matches!(refused, Some(Refused::Unapproved(_)));
            d.help(if unapproved {
                say!("在分支上重新提出，由 {roles} 合并并署名", "propose it again on a branch and let {roles} merge it by name")
            } else {
                say!("改正后再提交一次", "correct it and commit again")
            })
        };
        self.decided.iter().filter(stands).map(one).collect()
    }
}

/// Every commit that sends something back, by the paths that it names.
fn returns(archive: &Archive) -> BTreeMap<String, Vec<u32>> {
    let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (at, commit) in (0..).zip(&archive.history.commits) {
        if !commit.message.contains(RETURNED) {
            continue;
        }
        let all = trailers(&commit.message);
        let named = |wanted: &'static str| all.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        if named(RETURNED).next().is_some() {
            named(RECORD).for_each(|path| found.entry(path.clone()).or_default().push(at));
        }
    }
    found
}
