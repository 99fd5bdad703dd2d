//! The code at the foot of a paper, by which anybody who holds the archive finds the text that was printed.
//!
//! It follows from the record's id and the commit that the text comes from, and a commit's id from everything in it; so it can
//! be checked from any clone, and it tells nobody anything about the record.

use sha2::{Digest, Sha256};

use super::grant::Grant;
use super::judge::Judgement;
use super::kinds::Turn;
use super::obligation::State;
use crate::archive::Archive;
use crate::archive::history::Oid;

/// Letters and digits that are not mistaken for each other (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code of a record's text as of a commit, such as `7F3K-9QXM`: forty bits.
pub fn code(id: &str, commit: Oid) -> String {
    let hash = Sha256::digest(format!("anjuan paper 1\n{id}\n{commit}\n"));
    let bits = hash.iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let sign = |nth: u32| char::from(SIGNS[(bits >> (35 - 5 * nth) & 31) as usize]);
    (0..4).map(sign).chain(['-']).chain((4..8).map(sign)).collect()
}

/// A code as people copy it, in the form of [`code`]; none where it is no code.
pub fn read(text: &str) -> Option<String> {
    let signs: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
    let plain = signs.replace('O', "0").replace(['I', 'L'], "1");
    (plain.len() == 8 && plain.bytes().all(|byte| SIGNS.contains(&byte))).then(|| format!("{}-{}", &plain[..4], &plain[4..]))
}

/// A text that was printed.
#[derive(Debug)]
pub struct Printed {
    /// The record's id.
    pub id: String,
    /// Its path then.
    pub path: String,
    /// The commit, as an index into the history.
    pub commit: u32,
    /// The text; none where that commit removed it.
    pub blob: Option<Oid>,
    /// How that text stands.
    pub standing: Standing,
    /// Whether the record reads otherwise now, or is gone.
    pub superseded: Option<Superseded>,
}

/// How a printed text stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// History cannot tell.
    Unknown,
    /// It never entered the main branch.
    Proposed,
    /// It entered, and no rule asks for an approval.
    Entered,
    /// It entered and is approved, by these people in these roles.
    Approved(Vec<(String, String)>),
    /// It entered and is not approved.
    Unapproved,
}

/// What came after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Superseded {
    /// A later text that is approved, or needs no approval.
    Approved,
    /// A later text that is not approved.
    Unapproved,
    /// The record was taken away.
    Removed,
}

/// Every text that has this code; more than one only by a chance of one in a milliard.
pub fn find(archive: &Archive, judgement: &Judgement<'_>, wanted: &str) -> Vec<Printed> {
    let history = &archive.history;
    let mut found = Vec::new();
    for path in history.paths().filter(|path| path.ends_with(".md")) {
        let id = judgement.world.rulebook.record_id(path);
        for change in history.changes(path) {
            if code(&id, history.commits[change.commit as usize].id) == wanted {
                let (standing, superseded) = standing(archive, judgement, path, change.new);
                found.push(Printed {
                    id: id.clone(),
                    path: path.to_owned(),
                    commit: change.commit,
                    blob: change.new,
                    standing,
                    superseded,
                });
            }
        }
    }
    found
}

fn standing(archive: &Archive, judgement: &Judgement<'_>, path: &str, blob: Option<Oid>) -> (Standing, Option<Superseded>) {
    let world = &judgement.world;
    let removed = archive.history.at_head(path).is_none().then_some(Superseded::Removed);
    let Some(at) = world.record_named(path) else { return (Standing::Unknown, removed) };
    let entry = world.entry(at);
    if !entry.evidence.known {
        return (Standing::Unknown, removed);
    }
    let project = world.dossiers[at.0].project.as_deref();
    let asked = judgement.obligations.iter().filter(|o| (o.dossier, o.entry) == (at.0, Some(at.1)));
    let rules = asked.filter(|o| o.outcome.state != State::NotApplicable).map(|o| &world.rulebook.rules[o.rule]);
    let rules: Vec<_> = rules.filter(|rule| rule.must.turn() == Turn::First).collect();
    let grants = |nth: usize| rules.iter().filter_map(move |rule| Grant::under(rule, entry.form, project, &entry.evidence.versions[nth]));
    let versions = &entry.evidence.versions;
    let later = |from: usize| {
        let (last, newest) = versions.iter().enumerate().next_back().filter(|(nth, _)| *nth >= from)?;
        let reads_otherwise = newest.blob != blob || entry.evidence.pending;
        let approved = grants(last).all(|mut grant| std::mem::take(&mut grant.approved));
        reads_otherwise.then_some(if approved && !entry.evidence.pending { Superseded::Approved } else { Superseded::Unapproved })
    };
    let Some(nth) = versions.iter().position(|version| version.blob == blob) else {
        return (Standing::Proposed, removed.or(later(0)));
    };
    let all: Vec<Grant> = grants(nth).collect();
    let standing = if all.is_empty() {
        Standing::Entered
    } else if all.iter().all(|grant| grant.approved) {
        let given = all.into_iter().flat_map(|grant| grant.given);
        Standing::Approved(given.map(|given| (given.name, given.role)).collect())
    } else {
        Standing::Unapproved
    };
    (standing, removed.or(later(nth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_copied() {
        let commit = "0123456789abcdef0123456789abcdef01234567".parse().expect("an id");
        let own = code("A-01/L1", commit);
        assert_eq!((own.len(), read(&own).as_deref()), (9, Some(own.as_str())));
        assert_eq!(read(&own.to_lowercase().replace('-', " ")), Some(own.clone()));
        assert_eq!(read("OIL0-1000").as_deref(), Some("0110-1000"));
        assert_ne!(code("A-01/L2", commit), own);
        for wrong in ["", "ABCD", "ABCD-EFGU", "A-01/L1", "甲乙丙丁-甲乙丙丁"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
