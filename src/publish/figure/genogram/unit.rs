//! Units: the people of one row whom partnerships hold together, from left to right.

use super::family::Sex;
use super::kin::{Kin, Source};

/// The units of a family.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    /// The members of each unit from left to right.
    pub members: Vec<Vec<usize>>,
    /// The unit of each person.
    pub unit_of: Vec<usize>,
    /// The place of each person in their unit.
    pub place_of: Vec<usize>,
    /// The place of the person with most partners in each unit.
    hub: Vec<usize>,
}

impl Units {
    pub fn of(kin: &Kin<'_>, rows: &[usize]) -> Units {
        let mut units =
            Units { members: Vec::new(), unit_of: vec![usize::MAX; kin.count()], place_of: vec![0; kin.count()], hub: Vec::new() };
        for person in 0..kin.count() {
            if units.unit_of[person] != usize::MAX {
                continue;
            }
            let mut members = vec![person];
            let mut next = 0;
            while let Some(here) = members.get(next).copied() {
                members.extend(partners(kin, rows, here).into_iter().filter(|p| !members.contains(p)).collect::<Vec<_>>());
                next += 1;
            }
            let (line, hub) = line_up(kin, rows, &members);
            for (place, member) in line.iter().enumerate() {
                units.unit_of[*member] = units.members.len();
                units.place_of[*member] = place;
            }
            units.members.push(line);
            units.hub.push(hub);
        }
        units
    }

    /// The unit children of this source hang from: of partners in two rows, the lower one's.
    pub fn of_source(&self, kin: &Kin<'_>, rows: &[usize], source: Source) -> usize {
        let lowest = kin.parents_in(source).into_iter().max_by_key(|p| rows[*p]);
        lowest.map_or(0, |p| self.unit_of[p])
    }

    /// Where the children of a source hang in their unit: twice the place, odd between two places.
    pub fn hanging(&self, kin: &Kin<'_>, source: Source) -> usize {
        match source {
            Source::One(person) => self.place_of[person] * 2,
            Source::Pair(pair) => {
                let (a, b) = (kin.pairs[pair].a, kin.pairs[pair].b);
                if self.unit_of[a] != self.unit_of[b] {
                    return self.place_of[a].min(self.place_of[b]) * 2;
                }
                let (low, high) = (self.place_of[a].min(self.place_of[b]), self.place_of[a].max(self.place_of[b]));
                // Below the outer partner, where the line passes under nobody.
                if low < self.hub[self.unit_of[a]] { low * 2 + 1 } else { high * 2 - 1 }
            }
        }
    }

    /// The two neighbours between whom the children of a pair in one row hang.
    pub fn gap(&self, kin: &Kin<'_>, pair: usize) -> Option<(usize, usize)> {
        let (a, b) = (kin.pairs[pair].a, kin.pairs[pair].b);
        let unit = self.unit_of[a];
        if unit != self.unit_of[b] {
            return None;
        }
        let left = self.hanging(kin, Source::Pair(pair)) / 2;
        Some((*self.members[unit].get(left)?, *self.members[unit].get(left + 1)?))
    }
}

/// The partners of a person in the same row, each once, by the beginning of the last union with them.
fn partners(kin: &Kin<'_>, rows: &[usize], person: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for pair in kin.pairs_in_time(person) {
        let other = kin.pairs[pair].other(person);
        if rows[other] == rows[person] {
            found.retain(|p| *p != other);
            found.push(other);
        }
    }
    found
}

/// The members from left to right, and the place of the one with most partners.
///
/// A couple: the man left, else the elder. Several partners: the last one right, the earlier ones
/// left, the earliest farthest. Partners' other partners go outwards.
fn line_up(kin: &Kin<'_>, rows: &[usize], members: &[usize]) -> (Vec<usize>, usize) {
    let root = kin.root();
    let key = |p: &usize| (usize::MAX - partners(kin, rows, *p).len(), Some(*p) != root, *p);
    let Some(hub) = members.iter().copied().min_by_key(key) else { return (Vec::new(), 0) };
    let mut around = partners(kin, rows, hub);
    if let ([one], 2) = (&around[..], members.len()) {
        let man_first = |p: usize| (kin.person(p).sex != Sex::Male, kin.age_key(p));
        let couple = match (kin.person(hub).sex, kin.person(*one).sex) {
            (Sex::Male, Sex::Female) | (Sex::Female, Sex::Male) => man_first(hub) < man_first(*one),
            _ => kin.age_key(hub) < kin.age_key(*one),
        };
        return if couple { (vec![hub, *one], 0) } else { (vec![*one, hub], 1) };
    }
    let mut placed = vec![hub];
    placed.extend(&around);
    let last = around.pop();
    let mut line = Vec::new();
    for partner in around.into_iter().rev() {
        line.push(partner);
        outward(kin, rows, partner, &mut placed, &mut line);
    }
    line.reverse();
    let place = line.len();
    line.push(hub);
    if let Some(last) = last {
        line.push(last);
        outward(kin, rows, last, &mut placed, &mut line);
    }
    (line, place)
}

fn outward(kin: &Kin<'_>, rows: &[usize], person: usize, placed: &mut Vec<usize>, line: &mut Vec<usize>) {
    for other in partners(kin, rows, person).into_iter().rev() {
        if !placed.contains(&other) {
            placed.push(other);
            line.push(other);
            outward(kin, rows, other, placed, line);
        }
    }
}
