//! The family by number: references resolved, nonsense left out.

use super::family::{Family, ParentKind, Parents, Person};
use std::collections::{BTreeMap, BTreeSet};

/// A union of two different, known people.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// The place in [`Family::unions`].
    pub union: usize,
    pub a: usize,
    pub b: usize,
}

impl Pair {
    pub fn other(&self, person: usize) -> usize {
        if self.a == person { self.b } else { self.a }
    }
}

/// Whom children hang from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Pair(usize),
    One(usize),
}

/// One child of a [`Sibship`].
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub person: usize,
    pub kind: ParentKind,
    pub twin: Option<String>,
    pub identical: bool,
}

/// The children of one source, oldest first, stepchildren left out.
#[derive(Clone, Debug)]
pub(crate) struct Sibship {
    pub source: Source,
    pub children: Vec<Child>,
}

/// The family by number.
#[derive(Clone, Debug)]
pub(crate) struct Kin<'a> {
    pub family: &'a Family,
    pub pairs: Vec<Pair>,
    pub sibships: Vec<Sibship>,
    /// Stepchildren with their source: for generations and connection only.
    pub steps: Vec<(usize, Source)>,
    /// The pairs of each person.
    pub pairs_of: Vec<Vec<usize>>,
    /// The sibships each person is a child of, birth first.
    pub origins: Vec<Vec<usize>>,
}

impl<'a> Kin<'a> {
    pub fn of(family: &'a Family) -> Kin<'a> {
        let people = ids(family.people.iter().map(|p| p.id.as_str()));
        let mut pairs = Vec::new();
        let mut pair_by_id = BTreeMap::new();
        for (i, union) in family.unions.iter().enumerate() {
            if let (Some(a), Some(b)) = (people.get(union.a.as_str()), people.get(union.b.as_str()))
                && a != b
            {
                pair_by_id.entry(union.id.as_str()).or_insert(pairs.len());
                pairs.push(Pair { union: i, a: *a, b: *b });
            }
        }
        let mut kin = Kin {
            family,
            pairs,
            sibships: Vec::new(),
            steps: Vec::new(),
            pairs_of: vec![Vec::new(); family.people.len()],
            origins: vec![Vec::new(); family.people.len()],
        };
        for (i, pair) in kin.pairs.iter().enumerate() {
            kin.pairs_of[pair.a].push(i);
            kin.pairs_of[pair.b].push(i);
        }
        let mut seen = BTreeSet::new();
        let mut sibship_by_source = BTreeMap::new();
        for link in &family.parents {
            let source = match &link.parents {
                Parents::Union(id) => pair_by_id.get(id.as_str()).map(|p| Source::Pair(*p)),
                Parents::One(id) => people.get(id.as_str()).map(|p| Source::One(*p)),
            };
            let (Some(child), Some(source)) = (people.get(link.child.as_str()), source) else { continue };
            if kin.parents_in(source).contains(child) || !seen.insert((*child, source)) {
                continue;
            }
            if link.kind == ParentKind::Step {
                kin.steps.push((*child, source));
                continue;
            }
            let sibship = *sibship_by_source.entry(source).or_insert_with(|| {
                kin.sibships.push(Sibship { source, children: Vec::new() });
                kin.sibships.len() - 1
            });
            let child = Child { person: *child, kind: link.kind, twin: link.twin.clone(), identical: link.identical };
            kin.sibships[sibship].children.push(child);
        }
        for sibship in &mut kin.sibships {
            by_age(&family.people, &mut sibship.children);
        }
        let mut origins: Vec<Vec<(ParentKind, usize)>> = vec![Vec::new(); family.people.len()];
        for (i, sibship) in kin.sibships.iter().enumerate() {
            for child in &sibship.children {
                origins[child.person].push((child.kind, i));
            }
        }
        for (person, mut found) in origins.into_iter().enumerate() {
            found.sort();
            kin.origins[person] = found.into_iter().map(|(_, i)| i).collect();
        }
        kin
    }

    pub fn person(&self, person: usize) -> &'a Person {
        &self.family.people[person]
    }

    pub fn count(&self) -> usize {
        self.family.people.len()
    }

    pub fn parents_in(&self, source: Source) -> Vec<usize> {
        match source {
            Source::Pair(pair) => vec![self.pairs[pair].a, self.pairs[pair].b],
            Source::One(person) => vec![person],
        }
    }

    /// The person the drawing starts from.
    pub fn root(&self) -> Option<usize> {
        let index = self.family.people.iter().position(|p| p.index);
        index.or(if self.count() > 0 { Some(0) } else { None })
    }

    /// The pairs of a person by their beginning; what has no year stands where its status suggests.
    pub fn pairs_in_time(&self, person: usize) -> Vec<usize> {
        let mut pairs = self.pairs_of[person].clone();
        pairs.sort_by_key(|p| (self.beginning(*p), *p));
        pairs
    }

    fn beginning(&self, pair: usize) -> i64 {
        let union = &self.family.unions[self.pairs[pair].union];
        let current = union.status == super::family::Status::Current;
        match (union.from, union.to) {
            (Some(from), _) => i64::from(from),
            (None, Some(to)) => i64::from(to) - 1,
            (None, None) => {
                if current {
                    i64::MAX
                } else {
                    i64::MIN
                }
            }
        }
    }

    /// Orders people as partners stand: the elder first.
    pub fn age_key(&self, person: usize) -> (i64, i64, usize) {
        let p = self.person(person);
        (p.born.map_or(i64::MAX, i64::from), p.order.map_or(0, i64::from), person)
    }

    /// The links used for connection: partners, parents and children, stepchildren included.
    pub fn neighbours(&self) -> Vec<Vec<(usize, i64)>> {
        let mut found = vec![Vec::new(); self.count()];
        for pair in &self.pairs {
            found[pair.a].push((pair.b, 0));
            found[pair.b].push((pair.a, 0));
        }
        let children = self.sibships.iter().flat_map(|s| s.children.iter().map(|c| (c.person, s.source)));
        for (child, source) in children.chain(self.steps.iter().copied()) {
            for parent in self.parents_in(source) {
                found[child].push((parent, -1));
                found[parent].push((child, 1));
            }
        }
        found
    }
}

/// The number of each id; of two alike the first counts.
pub(crate) fn ids<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut found = BTreeMap::new();
    for (i, name) in names.enumerate() {
        found.entry(name).or_insert(i);
    }
    found
}

/// Oldest first, twins together. Where a year is missing and all places are given, the places count.
fn by_age(people: &[Person], children: &mut Vec<Child>) {
    let all_placed = children.iter().all(|c| people[c.person].order.is_some());
    let all_dated = children.iter().all(|c| people[c.person].born.is_some());
    children.sort_by_key(|c| {
        let p = &people[c.person];
        let (born, order) = (p.born.map_or(i64::MAX, i64::from), p.order.map_or(0, i64::from));
        if all_placed && !all_dated { (order, born, c.person) } else { (born, order, c.person) }
    });
    let mut sorted: Vec<Child> = Vec::with_capacity(children.len());
    for child in children.drain(..) {
        let twin = |c: &Child| child.twin.is_some() && c.twin == child.twin;
        let place = sorted.iter().rposition(twin).map_or(sorted.len(), |i| i + 1);
        sorted.insert(place, child);
    }
    *children = sorted;
}
