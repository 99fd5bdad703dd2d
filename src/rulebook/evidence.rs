//! What history proves about one record: its versions, who made them, who agreed to them.
//!
//! Plain data between the commits of [`crate::archive::history`] and the rules. A version is one
//! entry of the record into the main branch. The record's own claims play no part here, except
//! that the worker it names counts as a contributor.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::line::{Line, Policy, RECORD, RETURNED, Signer};
use crate::archive::config::Strength;
use crate::archive::history::{Change, Commit, Oid, Origin, Position, trailers};
use crate::archive::timeline::FieldChange;
use crate::archive::{Archive, Committed, Outline, Record, timeline};
use crate::diagnostic::Text;
use crate::say;

/// A day on which something happened, as claimed and as proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day that the commit's author claims.
    pub claimed: NaiveDate,
    /// The day by which it had certainly happened: its arrival on the main branch, or at the server if that was earlier.
    pub proven: Option<NaiveDate>,
    /// The day on which the server received it, by the server's log.
    pub received: Option<NaiveDate>,
}

impl Moment {
    /// Something of which the day is certain.
    pub fn certain(day: NaiveDate) -> Self {
        Self { claimed: day, proven: Some(day), received: None }
    }

    /// A commit that arrived on the main branch on a day, if it has, and was perhaps received before.
    fn of_commit(archive: &Archive, commit: u32, arrived: Option<NaiveDate>) -> Self {
        let (history, zone) = (&archive.history, archive.config.zone());
        let received = history.received(commit).map(|at| at.date(zone));
        let proven = [arrived, received].into_iter().flatten().min();
        Self { claimed: history.commits[commit as usize].committer.at.date(zone), proven, received }
    }
}

/// What history knows of one record.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Whether history could be read at all.
    pub known: bool,
    /// How the file stands to the head commit.
    pub committed: Committed,
    /// When it was complete in a commit for the first time.
    pub submitted: Option<Moment>,
    /// Who submitted it, by that commit.
    pub submission: Option<Submission>,
    /// When it was sent back.
    pub returned: Option<Moment>,
    /// When somebody who had no hand in it gave an opinion for the first time.
    pub reviewed: Option<Moment>,
    /// Its entries into the main branch, oldest first.
    pub versions: Vec<Version>,
    /// Whether the newest text has not entered the main branch yet.
    pub pending: bool,
    /// Whether a commit that the main branch does not hold changed it.
    pub proposed: bool,
}

/// The commit in which a record was complete for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its author.
    pub who: Who,
    /// When it was made, by their clock, in the archive's zone.
    pub at: NaiveDateTime,
    /// The commit, short.
    pub commit: String,
}

/// One entry of a record into the main branch.
#[derive(Debug, Clone, Default)]
pub struct Version {
    /// The commit on the main branch, short.
    pub commit: String,
    /// The same, whole; none where the version is made up for an example.
    pub id: Option<Oid>,
    /// When that commit was made, in the archive's zone.
    pub at: NaiveDateTime,
    /// The text's id; none when the record was removed.
    pub blob: Option<Oid>,
    /// Whether it was there before approvals were judged.
    pub baseline: bool,
    /// Who had a hand in it.
    pub contributors: BTreeSet<Who>,
    /// Who agreed to it.
    pub endorsements: Vec<Endorsement>,
    /// What keeps this entry from being an approval at all.
    pub flaws: Vec<Flaw>,
    /// What was in force before it.
    pub policy: Arc<Policy>,
    /// What was changed after this entry, in later ones or in the record at hand.
    pub changed_since: Vec<FieldChange>,
}

/// Somebody behind an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A person of the register, by id.
    Person(String),
    /// An address that nobody is known under.
    Unknown(String),
}

/// Somebody's agreement to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// Who.
    pub who: Who,
    /// How we know.
    pub by: EndorsedBy,
    /// How strong that is.
    pub strength: Strength,
}

impl Endorsement {
    /// How it is known and how strong that is, in words.
    pub fn words(&self) -> Text {
        let by = match &self.by {
            EndorsedBy::Trailer(key) => say!("合并说明中署名（{key}）", "named in the merge message ({key})"),
            EndorsedBy::Merger => say!("由其合并", "merged by this person"),
            EndorsedBy::Commit(commit) => return say!("本人签名批准（提交 {commit}）", "signed by the approver (commit {commit})"),
        };
        match self.strength {
            Strength::Claimed => by,
            Strength::ForgeSigned => Text { zh: format!("{}，平台签名", by.zh), en: format!("{}, signed by the forge", by.en) },
            Strength::PersonSigned => Text { zh: format!("{}，本人签名", by.zh), en: format!("{}, signed by the approver", by.en) },
        }
    }
}

/// How an agreement is known. Unsigned, these are claims of whoever made the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndorsedBy {
    /// A trailer of the merge commit.
    Trailer(String),
    /// Having made the merge, where the archive lets that count.
    Merger,
    /// A commit of their own on the branch, signed by them, which holds the very text: its id, short.
    Commit(String),
}

/// Why an entry cannot be an approval whoever agreed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// It came by a direct push, a squash, a rebase or a fast-forward: history cannot tell these apart.
    Direct,
    /// The merge has more than two parents.
    Octopus,
    /// Git put the text together from both sides; nobody saw the sum.
    AutoMerged,
    /// The merge made the text itself.
    Altered,
}

impl Flaw {
    /// In words.
    pub fn text(self) -> Text {
        match self {
            Self::Direct => say!(
                "不是经合并请求进入主分支（直接推送、压缩、变基或快进，git 分不清）",
                "it did not enter by a merge (direct push, squash, rebase or fast-forward: git cannot tell)"
            ),
            Self::Octopus => say!("一次合并了两个以上的分支", "the merge has more than two parents"),
            Self::AutoMerged => {
                say!("内容由 git 从两边自动拼成，没有人看过合成的结果", "git put the text together from both sides; nobody saw the result")
            }
            Self::Altered => say!("内容是在合并时改出来的，没有人审过", "the merge itself made this text; nobody reviewed it"),
        }
    }
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            known: false,
            committed: Committed::Outside,
            submitted: None,
            submission: None,
            returned: None,
            reviewed: None,
            versions: Vec::new(),
            pending: false,
            proposed: false,
        }
    }
}

impl Evidence {
    /// Reads what history knows of the record at `index`. `complete` says whether a version of the
    /// record satisfied its form; `approvable`, whether some rule asks for its approval, so that what
    /// changed since each version must be known.
    pub fn of(
        archive: &Archive,
        line: &Line,
        index: usize,
        worker: Option<&str>,
        approvable: bool,
        complete: &dyn Fn(&Outline) -> bool,
    ) -> Self {
        let record = &archive.records[index];
        let committed = archive.committed[index];
        let history = &archive.history;
        let known = history.head.is_some() && history.limits.iter().all(|limit| !limit.hides());
        let settled = committed == Committed::Committed;
        let mut evidence = Self { known, committed, pending: !settled, ..Self::default() };
        if !known {
            return evidence;
        }
        let changes = history.changes(record.path());
        let on_branch = |change: &&Change| matches!(history.commits[change.commit as usize].position, Position::Pending);
        evidence.proposed = changes.iter().any(|change| on_branch(&change));
        evidence.pending = !settled || evidence.proposed || changes.is_empty();
        let submitted = submitted(archive, line, record, changes, settled, complete);
        (evidence.submitted, evidence.submission) = submitted.unzip();
        for change in changes {
            if let Position::Main(at) = history.commits[change.commit as usize].position {
                evidence.versions.push(version(archive, line, record.path(), changes, change, at, worker));
            }
        }
        evidence.returned = evidence.sent_back(archive, line, record.path(), worker);
        let has_opinion = |v: &&Version| !v.baseline && v.endorsements.iter().any(|e| !v.contributors.contains(&e.who));
        let agreed = evidence.versions.iter().find(has_opinion).map(|v| Moment::certain(v.at.date()));
        evidence.reviewed = [agreed, evidence.returned].into_iter().flatten().min_by_key(|moment| moment.claimed);
        if approvable && (evidence.versions.len() > 1 || !settled) {
            evidence.compare(archive, record);
        }
        evidence
    }

    /// When somebody who had no hand in the record sent it back for the first time: by a commit of their own that names it,
    /// signed where the archive asks for that.
    fn sent_back(&self, archive: &Archive, line: &Line, path: &str, worker: Option<&str>) -> Option<Moment> {
        let (history, zone) = (&archive.history, archive.config.zone());
        let own = worker.and_then(|name| archive.people.named(name)).map(|person| person.id.value.clone());
        let sent = |&at: &u32| {
            let commit = &history.commits[at as usize];
            let place = match commit.position {
                Position::Main(place) | Position::Side { entered: place } => Some(place),
                Position::Pending => None,
            };
            let policy = place.map_or(line.newest(), |place| line.policy(place));
            let day = place.map_or_else(|| commit.committer.at.date(zone), |place| line.at(place).date());
            let named = trailers(&commit.message).into_iter().filter(|(key, _)| key.eq_ignore_ascii_case(RETURNED));
            let named: Vec<String> =
                named.filter_map(|(_, value)| policy.people.addressed(address(&value)).map(|person| person.id.value.clone())).collect();
            let author = policy.people.addressed(&commit.author.email).map(|person| person.id.value.clone());
            let who = match policy.signer(archive, commit.id, day) {
                Signer::Person(id) => Some(id),
                _ if policy.settings.strength == Strength::Claimed => author,
                _ => None,
            }?;
            let stranger = own.as_ref() != Some(&who) && !self.versions.iter().any(|v| v.contributors.contains(&Who::Person(who.clone())));
            (named.contains(&who) && stranger).then(|| Moment::of_commit(archive, at, place.map(|place| line.at(place).date())))
        };
        line.returns(path).iter().filter_map(sent).min_by_key(|moment| moment.claimed)
    }

    /// Fills in what changed since each version: in any later one, or in the record at hand. A change
    /// that was taken back is still one: nobody agreed to the text that stood in between.
    fn compare(&mut self, archive: &Archive, record: &Record) {
        let texts: Vec<Option<Record>> = self.versions.iter().map(|v| timeline::version(&archive.blobs, record.path(), v.blob?)).collect();
        for (at, version) in self.versions.iter_mut().enumerate() {
            for later in texts[at + 1..].iter().map(Option::as_ref).chain([Some(record)]) {
                for change in timeline::between(texts[at].as_ref(), later) {
                    match version.changed_since.iter_mut().find(|known| known.name == change.name && known.section == change.section) {
                        Some(known) => known.to = change.to,
                        None => version.changed_since.push(change),
                    }
                }
            }
        }
    }

    /// The entry that brought the text that stands on the main branch now.
    pub fn current(&self) -> Option<&Version> {
        self.versions.last()
    }
}

/// The entries of any file of the archive into the main branch, oldest first; none where history cannot be read.
pub fn entries(archive: &Archive, line: &Line, path: &str) -> Option<Vec<Version>> {
    let history = &archive.history;
    if history.head.is_none() || history.limits.iter().any(|limit| limit.hides()) {
        return None;
    }
    let changes = history.changes(path);
    let entered = changes.iter().filter_map(|change| match history.commits[change.commit as usize].position {
        Position::Main(at) => Some(version(archive, line, path, changes, change, at, None)),
        _ => None,
    });
    Some(entered.collect())
}

/// The first commit in which the record satisfied its form, and the merge by which it arrived.
fn submitted(
    archive: &Archive,
    line: &Line,
    record: &Record,
    changes: &[Change],
    settled: bool,
    complete: &dyn Fn(&Outline) -> bool,
) -> Option<(Moment, Submission)> {
    let history = &archive.history;
    let zone = archive.config.zone();
    let newest = history.at_head(record.path());
    let found = changes.iter().find(|change| match change.new {
        None => false,
        // The text at hand needs no second reading.
        Some(blob) if settled && Some(blob) == newest => complete(&Outline::of(record)),
        Some(blob) => archive.versions.outline(&archive.blobs, record.path(), blob).is_some_and(|outline| complete(&outline)),
    })?;
    let commit = &history.commits[found.commit as usize];
    let arrived = match commit.position {
        Position::Main(at) | Position::Side { entered: at } => Some(line.at(at).date()),
        _ => None,
    };
    let email = &commit.author.email;
    let who = archive.people.addressed(email).map_or_else(|| Who::Unknown(email.clone()), |p| Who::Person(p.id.value.clone()));
    let submission = Submission { who, at: commit.committer.at.local(zone), commit: commit.id.short() };
    Some((Moment::of_commit(archive, found.commit, arrived), submission))
}

/// Who has an address; nobody where it is a forge's.
fn addressed(policy: &Policy, line: &Line, email: &str) -> Option<Who> {
    let email = email.to_lowercase();
    if policy.settings.forge_emails.iter().any(|forge| forge.eq_ignore_ascii_case(&email)) {
        return None;
    }
    // Whoever was not known then may be now; that only ever keeps somebody from approving.
    let known = policy.people.addressed(&email).or_else(|| line.newest().people.addressed(&email));
    Some(known.map_or_else(|| Who::Unknown(email), |p| Who::Person(p.id.value.clone())))
}

/// Everybody who had a hand in a commit of a branch.
fn hands(policy: &Policy, line: &Line, commit: &Commit) -> BTreeSet<Who> {
    let written = [commit.author.email.clone(), commit.committer.email.clone()];
    written.into_iter().chain(co_authors(&commit.message)).filter_map(|email| addressed(policy, line, &email)).collect()
}

/// One entry of a file into the main branch, at a place of the line.
pub(super) fn version(
    archive: &Archive,
    line: &Line,
    path: &str,
    changes: &[Change],
    change: &Change,
    at: u32,
    worker: Option<&str>,
) -> Version {
    let history = &archive.history;
    let policy = line.policy(at);
    let settings = &policy.settings;
    let commit = &history.commits[change.commit as usize];
    let who = |email: &str| addressed(policy, line, email);
    let approver = |email: &str| -> Option<Who> {
        let known = policy.people.addressed(email).map(|p| Who::Person(p.id.value.clone()));
        known.or_else(|| who(email).map(|_| Who::Unknown(email.to_lowercase())))
    };
    let mut contributors = BTreeSet::new();
    let mut flaws = Vec::new();
    let merge = commit.parents.len() > 1;
    if merge {
        for side in changes {
            let side = &history.commits[side.commit as usize];
            if side.position == (Position::Side { entered: at }) {
                contributors.extend(hands(policy, line, side));
            }
        }
        if commit.parents.len() > 2 && !settings.octopus {
            flaws.push(Flaw::Octopus);
        }
        if change.new.is_some() && change.origin == Origin::Here {
            // What git puts together by itself nobody saw, but it invents nothing; the rest was typed.
            let mechanical = archive.blobs.merged(commit.parents[0], commit.parents[1], path) == change.new;
            match (mechanical, settings.auto_merge) {
                (true, true) => {}
                (true, false) => flaws.push(Flaw::AutoMerged),
                (false, _) => flaws.push(Flaw::Altered),
            }
        }
    } else {
        contributors.extend(who(&commit.author.email));
        contributors.extend(co_authors(&commit.message).iter().filter_map(|email| who(email)));
    }
    if let Some(person) = worker.and_then(|name| archive.people.named(name)) {
        contributors.insert(Who::Person(person.id.value.clone()));
    }
    let signer = policy.signer(archive, commit.id, line.at(at).date());
    let endorsed = |who: Who, by: EndorsedBy| {
        let strength = match &who {
            Who::Person(id) => signer.strength(id),
            Who::Unknown(_) => Strength::Claimed,
        };
        Endorsement { who, by, strength }
    };
    let mut endorsements: Vec<Endorsement> = Vec::new();
    for (key, value) in trailers(&commit.message) {
        if settings.trailers.iter().any(|own| own.eq_ignore_ascii_case(&key))
            && let Some(who) = approver(address(&value))
        {
            endorsements.push(endorsed(who, EndorsedBy::Trailer(key)));
        }
    }
    if settings.merger_counts
        && merge
        && let Some(who) = approver(&commit.author.email)
    {
        endorsements.push(endorsed(who, EndorsedBy::Merger));
    }
    if merge && let Some(text) = change.new {
        endorsements.extend(signed_on_branch(archive, line, path, text, at));
    }
    if !merge {
        // Whoever can push can write any name into the message; a signature by the forge or by whom it names is not theirs to give.
        let signed = |endorsement: &Endorsement| endorsement.strength > Strength::Claimed;
        if settings.squash && endorsements.iter().any(signed) {
            endorsements.retain(signed);
        } else {
            flaws.push(Flaw::Direct);
        }
    }
    let baseline = line.is_baseline(at);
    Version {
        commit: commit.id.short(),
        id: Some(commit.id),
        at: line.at(at),
        blob: change.new,
        baseline,
        contributors,
        endorsements,
        flaws,
        policy: Arc::clone(policy),
        changed_since: Vec::new(),
    }
}

/// The version that would enter if what is checked out were merged now; none where it brings no other text. What is signed on
/// the branch counts already.
pub(super) fn proposed(archive: &Archive, line: &Line, path: &str, worker: Option<&str>, day: NaiveDate) -> Option<Version> {
    let history = &archive.history;
    let policy = line.newest();
    let blob = history.at_head(path);
    let pending = |change: &&Change| matches!(history.commits[change.commit as usize].position, Position::Pending);
    let changes = history.changes(path).iter().filter(pending);
    let mut contributors: BTreeSet<Who> =
        changes.flat_map(|change| hands(policy, line, &history.commits[change.commit as usize])).collect();
    if contributors.is_empty() {
        return None;
    }
    contributors.extend(worker.and_then(|name| archive.people.named(name)).map(|person| Who::Person(person.id.value.clone())));
    let endorsements = blob.map(|text| signed(archive, policy, history.pending(), day, path, text)).unwrap_or_default();
    let at = day.and_time(NaiveTime::MIN);
    Some(Version { at, blob, contributors, endorsements, policy: Arc::clone(policy), ..Version::default() })
}

/// The agreements that people signed themselves on the branch that entered at a place, to exactly this text of the file.
fn signed_on_branch(archive: &Archive, line: &Line, path: &str, text: Oid, at: u32) -> Vec<Endorsement> {
    signed(archive, line.policy(at), archive.history.side(at as usize), line.at(at).date(), path, text)
}

/// The agreements in commits of a branch that are signed by those who agree and hold exactly this text of the file.
fn signed(archive: &Archive, policy: &Policy, branch: &[Commit], day: NaiveDate, path: &str, text: Oid) -> Vec<Endorsement> {
    if !policy.people.has_keys() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for commit in branch {
        let named = |(key, value): &(String, String)| -> Option<Who> {
            let counts = policy.settings.trailers.iter().any(|own| own.eq_ignore_ascii_case(key));
            let person = counts.then(|| policy.people.addressed(address(value))).flatten()?;
            Some(Who::Person(person.id.value.clone()))
        };
        let all = trailers(&commit.message);
        let names: Vec<Who> = all.iter().filter_map(named).collect();
        let mut records = all.iter().filter(|(key, _)| key.eq_ignore_ascii_case(RECORD)).peekable();
        // Where it names records, it speaks of those only.
        if names.is_empty() || records.peek().is_some() && !records.any(|(_, own)| own == path) {
            continue;
        }
        let Signer::Person(signer) = policy.signer(archive, commit.id, day) else { continue };
        let who = Who::Person(signer);
        if names.contains(&who) && archive.blobs.at(commit.id, path) == Some(text) {
            found.push(Endorsement { who, by: EndorsedBy::Commit(commit.id.short()), strength: Strength::PersonSigned });
        }
    }
    found
}

fn co_authors(message: &str) -> Vec<String> {
    let of = |(key, value): (String, String)| key.eq_ignore_ascii_case("Co-authored-by").then(|| address(&value).to_owned());
    trailers(message).into_iter().filter_map(of).collect()
}

/// `Name <mail>` → `mail`.
fn address(value: &str) -> &str {
    match value.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end().trim_end_matches('>').trim(),
        None => value.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_trailers() {
        assert_eq!(address("王芳 <wang@example.org>"), "wang@example.org");
        assert_eq!(address("wang@example.org"), "wang@example.org");
        assert_eq!(co_authors("x\n\nCo-Authored-By: 李 <li@example.org>\n"), ["li@example.org"]);
    }
}
