//! The systems around a household, and the checks of them.
//!
//! | code | what |
//! |---|---|
//! | E-01 | no system at all |
//! | E-02 | a tie to a system or person that is not there |
//! | E-03 | two ties of one system to the same person |
//! | E-04 | an importance other than 1 to 3 |
//! | E-05 | two systems with one id |
//! | E-06 | stress and no support: look for resources (hint) |

use std::collections::BTreeSet;

use super::{Gravity, Problem, family};

/// What an ecomap is drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ecomap {
    /// The words for the centre.
    pub centre: String,
    /// The family drawn inside the centre, already reduced to those who are to be seen there.
    pub family: Option<family::Family>,
    /// The systems.
    pub systems: Vec<System>,
    /// The ties.
    pub ties: Vec<Tie>,
}

/// A system outside the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// The id, unique among the systems.
    pub id: String,
    /// The words in its circle.
    pub label: String,
    /// The domain it belongs to.
    pub domain: Domain,
    /// How important it is, 1 to 3.
    pub importance: Option<i64>,
}

/// A domain of life, in the order around the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// Family and relatives.
    Family,
    /// Education.
    Education,
    /// Work.
    Work,
    /// Health.
    Health,
    /// The community.
    Community,
    /// Formal services.
    Services,
    /// Leisure and faith.
    Leisure,
    /// Money.
    Economy,
}

/// A tie between a system and the centre or one person in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The id of the system.
    pub system: String,
    /// The id of a person of the family; none for the centre.
    pub who: Option<String>,
    /// The quality.
    pub quality: Quality,
    /// The flow.
    pub flow: Flow,
    /// A word beside the line.
    pub note: String,
}

/// The quality of a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Strong, supporting: a thick line.
    Strong,
    /// Ordinary: a thin line.
    Normal,
    /// Weak or uncertain: dashes.
    Weak,
    /// Stressful: a zigzag.
    Stress,
    /// Broken off: a line broken between two bars.
    Broken,
}

impl Quality {
    /// All qualities.
    pub const ALL: [Quality; 5] = [Quality::Strong, Quality::Normal, Quality::Weak, Quality::Stress, Quality::Broken];
}

/// The flow of energy or resources along a tie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// None to speak of.
    #[default]
    None,
    /// Towards the centre.
    In,
    /// Away from the centre.
    Out,
    /// Both ways.
    Both,
}

/// Checks the ecomap; `people` are the ids that ties may name.
pub fn check(ecomap: &Ecomap, people: &[&str]) -> Vec<Problem> {
    let mut found = Vec::new();
    if ecomap.systems.is_empty() {
        found.push(Problem::new("E-01", Gravity::Error, &[]));
    }
    let mut systems = BTreeSet::new();
    for system in &ecomap.systems {
        if !systems.insert(system.id.as_str()) {
            found.push(Problem::new("E-05", Gravity::Error, &[&system.id]));
        }
        if system.importance.is_some_and(|i| !(1..=3).contains(&i)) {
            found.push(Problem::new("E-04", Gravity::Error, &[&system.id]));
        }
    }
    let mut seen = BTreeSet::new();
    for tie in &ecomap.ties {
        if !systems.contains(tie.system.as_str()) {
            found.push(Problem::new("E-02", Gravity::Error, &[&tie.system]));
        }
        let who = tie.who.as_deref();
        if let Some(who) = who.filter(|w| !people.contains(w)) {
            found.push(Problem::new("E-02", Gravity::Error, &[who]));
        }
        if !seen.insert((who, tie.system.as_str())) {
            let ids: Vec<&str> = std::iter::once(tie.system.as_str()).chain(who).collect();
            found.push(Problem::new("E-03", Gravity::Error, &ids));
        }
    }
    let stress = ecomap.ties.iter().any(|t| t.quality == Quality::Stress);
    let support = ecomap.ties.iter().any(|t| matches!(t.quality, Quality::Strong | Quality::Normal));
    if stress && !support {
        found.push(Problem::new("E-06", Gravity::Hint, &[]));
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::figure::samples::ecomap;

    #[test]
    fn every_check_finds_its_case() {
        let codes = |map: &Ecomap| {
            check(map, &["f", "c", "w2", "s1"]).iter().map(|p| format!("{} {}", p.code, p.ids.join(","))).collect::<Vec<_>>()
        };
        assert_eq!(codes(&ecomap(true)), Vec::<String>::new());
        assert_eq!(codes(&Ecomap::default()), ["E-01 "]);
        let mut map = ecomap(true);
        map.ties.push(map.ties[0].clone());
        map.ties[1].system = "nowhere".into();
        map.ties[2].who = Some("nobody".into());
        map.systems[3].importance = Some(4);
        map.systems.push(map.systems[0].clone());
        let found = codes(&map);
        assert!(["E-02 nobody", "E-02 nowhere", "E-04 hos", "E-05 rel"].iter().all(|c| found.contains(&c.to_string())), "{found:?}");
        assert!(found.iter().any(|c| c.starts_with("E-03")));
        map.ties.iter_mut().for_each(|t| t.quality = Quality::Stress);
        assert!(codes(&map).contains(&"E-06 ".to_owned()));
    }
}
