//! The people around one person, and the checks of them.

use std::collections::BTreeSet;

use super::{Gravity, Problem};
use crate::rulebook::measure::Contact;

/// One person of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number in the grid, such as `N1`.
    pub id: String,
    /// The word below the dot.
    pub label: String,
    /// What counts: sector, closeness, support, criticism, direction of help.
    pub contact: Contact,
    /// Practical help, 1 to 3.
    pub practical: Option<i64>,
    /// Information and advice, 1 to 3.
    pub advice: Option<i64>,
    /// How often they meet, 0 to 4.
    pub frequency: Option<i64>,
    /// How long they know each other, 1 to 3.
    pub known: Option<i64>,
}

/// Checks the members.
///
/// | code | what |
/// |---|---|
/// | N-01 | nobody |
/// | N-02 | two members with one number |
/// | N-03 | a score off its scale |
/// | N-04 | more than 15 members (hint) |
pub fn check(members: &[Member]) -> Vec<Problem> {
    let mut found = Vec::new();
    if members.is_empty() {
        found.push(Problem::new("N-01", Gravity::Error, &[]));
    }
    let mut seen = BTreeSet::new();
    for member in members {
        if !seen.insert(member.id.as_str()) {
            found.push(Problem::new("N-02", Gravity::Error, &[&member.id]));
        }
        let c = &member.contact;
        let three = [member.practical, c.emotional, member.advice, c.criticism, c.closeness, member.known];
        let off = three.iter().flatten().any(|s| !(1..=3).contains(s)) || member.frequency.is_some_and(|f| !(0..=4).contains(&f));
        if off {
            found.push(Problem::new("N-03", Gravity::Error, &[&member.id]));
        }
    }
    if members.len() > 15 {
        found.push(Problem::new("N-04", Gravity::Hint, &[]));
    }
    found.sort();
    found.dedup();
    found
}
