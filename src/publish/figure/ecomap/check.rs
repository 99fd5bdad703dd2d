//! The checks of an ecomap.
//!
//! | code | what |
//! |---|---|
//! | E-01 | no system at all |
//! | E-02 | a tie to a system or person that is not there |
//! | E-03 | two ties of one system to the same person |
//! | E-04 | an importance other than 1 to 3 |
//! | E-05 | two systems with one id |
//! | E-06 | stress and no support: look for resources (hint) |

use super::super::{Gravity, Problem};
use super::{Ecomap, Quality};
use std::collections::BTreeSet;

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
    use super::super::super::samples::ecomap;
    use super::*;

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
