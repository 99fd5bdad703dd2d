//! The checks of a family: contradictions are errors, improbabilities warnings.
//!
//! | code | what |
//! |---|---|
//! | G-01 | no index person, or several although it is not a family case |
//! | G-02 | a reference to nobody |
//! | G-03 | contradictory generations |
//! | G-04 | parent and child less than 12 or more than 60 years apart (warning) |
//! | G-05 | died before birth |
//! | G-06 | partner of oneself or of an ancestor; one's own ancestor |
//! | G-07 | not connected with the index person (warning) |
//! | G-08 | two current marriages at a time (warning) |
//! | G-09 | a dead member of a household |
//! | G-10 | twins of different years |
//! | G-11 | born before the parent was 12, or after the mother's death, or more than a year after the father's (warning) |
//! | G-12 | two relation lines between the same people |
//! | G-13 | more than one pair of birth parents |
//! | G-14 | two people or two unions with one id |
//! | G-15 | more than 4 generations or 40 people: better on several sheets (hint) |

use super::family::{Bond, Family, ParentKind, Parents, Sex, Status};
use super::generation::generations;
use super::kin::{Kin, Source};
use super::{Gravity, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// How many generations one sheet takes.
pub(crate) const GENERATIONS: usize = 4;
/// How many people one sheet takes.
pub(crate) const PEOPLE: usize = 40;

/// Checks the family; problems come in the order of their codes.
pub fn check(family: &Family) -> Vec<Problem> {
    let kin = Kin::of(family);
    let mut found = Found { kin: &kin, problems: Vec::new() };
    found.index();
    found.references();
    found.generations();
    found.parents();
    found.deaths();
    found.circles();
    found.unions();
    found.households();
    found.twins();
    found.relations();
    found.doubles();
    found.problems.sort();
    found.problems.dedup();
    found.problems
}

struct Found<'k, 'a> {
    kin: &'k Kin<'a>,
    problems: Vec<Problem>,
}

impl Found<'_, '_> {
    fn add(&mut self, code: &'static str, gravity: Gravity, people: &[usize]) {
        let ids: Vec<&str> = people.iter().map(|p| self.kin.person(*p).id.as_str()).collect();
        self.problems.push(Problem::new(code, gravity, &ids));
    }

    fn index(&mut self) {
        let family = self.kin.family;
        let index: Vec<usize> = (0..self.kin.count()).filter(|p| self.kin.person(*p).index).collect();
        if index.is_empty() || (index.len() > 1 && !family.family_case) {
            self.add("G-01", Gravity::Error, &index);
        }
    }

    fn references(&mut self) {
        let family = self.kin.family;
        let people: BTreeSet<&str> = family.people.iter().map(|p| p.id.as_str()).collect();
        let unions: BTreeSet<&str> = family.unions.iter().map(|u| u.id.as_str()).collect();
        let mut used: Vec<&str> = Vec::new();
        used.extend(family.unions.iter().flat_map(|u| [u.a.as_str(), u.b.as_str()]));
        used.extend(family.parents.iter().map(|l| l.child.as_str()));
        used.extend(family.parents.iter().filter_map(|l| if let Parents::One(id) = &l.parents { Some(id.as_str()) } else { None }));
        used.extend(family.relations.iter().flat_map(|r| [r.a.as_str(), r.b.as_str()]));
        used.extend(family.households.iter().flat_map(|h| h.members.iter().map(String::as_str)));
        used.retain(|id| !people.contains(id));
        let lost = family.parents.iter().filter_map(|l| match &l.parents {
            Parents::Union(id) if !unions.contains(id.as_str()) => Some(id.as_str()),
            _ => None,
        });
        used.extend(lost);
        self.problems.extend(used.iter().map(|id| Problem::new("G-02", Gravity::Error, &[id])));
    }

    fn generations(&mut self) {
        let found = generations(self.kin);
        for (a, b) in found.conflicts {
            self.add("G-03", Gravity::Error, &[a, b]);
        }
        if self.kin.family.people.iter().any(|p| p.index) {
            for person in found.apart {
                self.add("G-07", Gravity::Warning, &[person]);
            }
        }
        if found.count > GENERATIONS || self.kin.count() > PEOPLE {
            self.add("G-15", Gravity::Hint, &[]);
        }
    }

    /// Age differences, births after deaths, too many parents.
    fn parents(&mut self) {
        for sibship in self.kin.sibships.clone() {
            for child in sibship.children.iter().filter(|c| c.kind == ParentKind::Birth) {
                let Some(born) = self.kin.person(child.person).born.map(i64::from) else { continue };
                for parent in self.kin.parents_in(sibship.source) {
                    let p = self.kin.person(parent);
                    if let Some(age) = p.born.map(|b| born - i64::from(b)) {
                        if !(12..=60).contains(&age) {
                            self.add("G-04", Gravity::Warning, &[parent, child.person]);
                        }
                        if age < 12 {
                            self.add("G-11", Gravity::Warning, &[parent, child.person]);
                        }
                    }
                    let grace = i64::from(p.sex != Sex::Female);
                    if p.died.is_some_and(|died| born > i64::from(died) + grace) {
                        self.add("G-11", Gravity::Warning, &[parent, child.person]);
                    }
                }
            }
        }
        for person in 0..self.kin.count() {
            let by_birth = |s: &&usize| self.kin.sibships[**s].children.iter().any(|c| c.person == person && c.kind == ParentKind::Birth);
            let births: Vec<Source> = self.kin.origins[person].iter().filter(by_birth).map(|s| self.kin.sibships[*s].source).collect();
            if births.len() > 1 {
                let parents: BTreeSet<usize> = births.iter().flat_map(|s| self.kin.parents_in(*s)).collect();
                let ids: Vec<usize> = std::iter::once(person).chain(parents).collect();
                self.add("G-13", Gravity::Error, &ids);
            }
        }
    }

    fn deaths(&mut self) {
        for person in 0..self.kin.count() {
            let p = self.kin.person(person);
            if matches!((p.born, p.died), (Some(born), Some(died)) if died < born) {
                self.add("G-05", Gravity::Error, &[person]);
            }
        }
    }

    fn circles(&mut self) {
        let family = self.kin.family;
        for union in family.unions.iter().filter(|u| u.a == u.b && !u.a.is_empty()) {
            self.problems.push(Problem::new("G-06", Gravity::Error, &[&union.a]));
        }
        for link in &family.parents {
            let own = match &link.parents {
                Parents::One(id) => *id == link.child,
                Parents::Union(id) => family.unions.iter().any(|u| u.id == *id && (u.a == link.child || u.b == link.child)),
            };
            if own {
                self.problems.push(Problem::new("G-06", Gravity::Error, &[&link.child]));
            }
        }
        let ancestors: Vec<BTreeSet<usize>> = (0..self.kin.count()).map(|p| self.ancestors(p)).collect();
        for (person, above) in ancestors.iter().enumerate() {
            if above.contains(&person) {
                self.add("G-06", Gravity::Error, &[person]);
            }
        }
        for pair in self.kin.pairs.clone() {
            if ancestors[pair.a].contains(&pair.b) || ancestors[pair.b].contains(&pair.a) {
                self.add("G-06", Gravity::Error, &[pair.a, pair.b]);
            }
        }
    }

    fn ancestors(&self, person: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![person];
        while let Some(next) = open.pop() {
            for sibship in &self.kin.origins[next] {
                for parent in self.kin.parents_in(self.kin.sibships[*sibship].source) {
                    if found.insert(parent) {
                        open.push(parent);
                    }
                }
            }
        }
        found
    }

    fn unions(&mut self) {
        for person in 0..self.kin.count() {
            let married = |p: &&usize| {
                let union = &self.kin.family.unions[self.kin.pairs[**p].union];
                union.bond == Bond::Marriage && union.status == Status::Current && union.to.is_none()
            };
            if self.kin.pairs_of[person].iter().filter(married).count() > 1 {
                self.add("G-08", Gravity::Warning, &[person]);
            }
        }
    }

    fn households(&mut self) {
        let family = self.kin.family;
        for person in family.people.iter().filter(|p| p.is_dead()) {
            if family.households.iter().any(|h| h.members.contains(&person.id)) {
                self.problems.push(Problem::new("G-09", Gravity::Error, &[&person.id]));
            }
        }
    }

    fn twins(&mut self) {
        for sibship in self.kin.sibships.clone() {
            let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for child in &sibship.children {
                if let Some(twin) = &child.twin {
                    groups.entry(twin).or_default().push(child.person);
                }
            }
            for people in groups.values() {
                let years: BTreeSet<i32> = people.iter().filter_map(|p| self.kin.person(*p).born).collect();
                if years.len() > 1 {
                    self.add("G-10", Gravity::Error, people);
                }
            }
        }
    }

    fn relations(&mut self) {
        let mut seen = BTreeSet::new();
        for relation in &self.kin.family.relations {
            let (a, b) = (relation.a.as_str(), relation.b.as_str());
            if !seen.insert((a.min(b), a.max(b))) {
                self.problems.push(Problem::new("G-12", Gravity::Error, &[a, b]));
            }
        }
    }

    fn doubles(&mut self) {
        let family = self.kin.family;
        let mut seen = BTreeSet::new();
        let people = family.people.iter().map(|p| (0, p.id.as_str()));
        for name in people.chain(family.unions.iter().map(|u| (1, u.id.as_str()))) {
            if !seen.insert(name) {
                self.problems.push(Problem::new("G-14", Gravity::Error, &[name.1]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::figure::samples::{family, person, union};

    fn codes(family: &Family) -> Vec<String> {
        check(family).iter().map(|p| format!("{} {}", p.code, p.ids.join(","))).collect()
    }

    fn child(id: &str, parents: &str) -> super::super::family::ParentLink {
        super::super::family::ParentLink {
            child: id.into(),
            parents: Parents::Union(parents.into()),
            kind: ParentKind::Birth,
            twin: None,
            identical: false,
        }
    }

    /// Father, mother, index person: nothing to find.
    fn sound() -> Family {
        Family {
            people: vec![person("f 男 1960 父"), person("m 女 1962 母"), person("c 男 1990 案主 *")],
            unions: vec![union("u f m 婚姻 1988 现存")],
            parents: vec![child("c", "u")],
            ..Family::default()
        }
    }

    #[test]
    fn a_sound_family_has_no_problems() {
        assert_eq!(codes(&sound()), Vec::<String>::new());
        assert_eq!(codes(&family("example")), Vec::<String>::new());
    }

    #[test]
    fn index_and_references() {
        let mut f = sound();
        f.people[2].index = false;
        assert_eq!(codes(&f), ["G-01 "]);
        f.people.iter_mut().for_each(|p| p.index = true);
        assert_eq!(codes(&f), ["G-01 f,m,c"]);
        f.family_case = true;
        assert!(codes(&f).is_empty());
        f.unions.push(union("v f x 婚姻 1990 离婚"));
        f.parents.push(child("c", "w"));
        f.households.push(super::super::family::Household { name: "家".into(), members: vec!["q".into()] });
        assert_eq!(codes(&f), ["G-02 q", "G-02 w", "G-02 x"]);
    }

    #[test]
    fn generations_ages_and_deaths() {
        let mut f = sound();
        f.unions.push(union("v m c 同居 2010 现存"));
        assert_eq!(codes(&f), ["G-03 f,m", "G-03 m,c", "G-06 m,c"]);
        f.people[2].generation = Some(0);
        assert_eq!(codes(&f), ["G-03 f,m", "G-06 m,c"]);
        let mut f = sound();
        f.people[2].born = Some(1970);
        assert_eq!(codes(&f), ["G-04 f,c", "G-04 m,c", "G-11 f,c", "G-11 m,c"]);
        let mut f = sound();
        f.people[0].died = Some(1989);
        assert!(codes(&f).is_empty());
        f.people[0].died = Some(1988);
        assert_eq!(codes(&f), ["G-11 f,c"]);
        f.people[1].died = Some(1950);
        assert_eq!(codes(&f), ["G-05 m", "G-11 f,c", "G-11 m,c"]);
    }

    #[test]
    fn circles_are_reported_and_end() {
        let mut f = sound();
        f.unions.push(union("v c c 婚姻 2010 现存"));
        assert_eq!(codes(&f), ["G-06 c"]);
        let mut f = sound();
        f.parents.push(super::super::family::ParentLink { parents: Parents::One("c".into()), ..child("f", "") });
        assert!(codes(&f).contains(&"G-06 c".to_owned()) && codes(&f).contains(&"G-06 f".to_owned()));
        let mut f = sound();
        f.parents.push(child("f", "u"));
        assert_eq!(codes(&f), ["G-06 f"]);
    }

    #[test]
    fn the_rest() {
        let mut f = sound();
        f.people.push(person("x 女 1991 邻居"));
        assert_eq!(codes(&f), ["G-07 x"]);
        f.people.push(person("x 女 1991 邻居"));
        assert_eq!(codes(&f), ["G-07 x", "G-14 x"]);
        let mut f = sound();
        f.people.push(person("w 女 1970 另一人"));
        f.unions.push(union("v f w 婚姻 1999 现存"));
        assert_eq!(codes(&f), ["G-08 f"]);
        let mut f = sound();
        f.people[1].deceased = true;
        f.households.push(super::super::family::Household { name: "家".into(), members: vec!["m".into(), "c".into()] });
        assert_eq!(codes(&f), ["G-09 m"]);
        let mut f = sound();
        f.people.push(person("t 女 1991 妹"));
        f.parents[0].twin = Some("t1".into());
        f.parents.push(super::super::family::ParentLink { twin: Some("t1".into()), ..child("t", "u") });
        assert_eq!(codes(&f), ["G-10 c,t"]);
        let mut f = sound();
        let tie = |a: &str, b: &str| super::super::family::Relation {
            a: a.into(),
            b: b.into(),
            quality: super::super::family::Quality::Close,
            toward: super::super::family::Toward::B,
            note: String::new(),
        };
        f.relations = vec![tie("f", "c"), tie("c", "f")];
        assert_eq!(codes(&f), ["G-12 c,f"]);
        let mut f = sound();
        f.people.push(person("x 女 1961 生母"));
        f.parents.push(super::super::family::ParentLink { parents: Parents::One("x".into()), ..child("c", "") });
        assert_eq!(codes(&f), ["G-13 c,f,m,x"]);
        f.parents[1].kind = ParentKind::Fostered;
        assert!(codes(&f).is_empty());
    }
}
