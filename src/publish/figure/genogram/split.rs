//! A family too large for one sheet, on several.

use super::check::{GENERATIONS, PEOPLE};
use super::family::{Family, Parents};
use super::generation::generations;
use super::kin::Kin;
use std::collections::{BTreeSet, VecDeque};

/// One sheet of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The people on this sheet and all that is between them.
    pub family: Family,
    /// The ids of those who also stand on another sheet.
    pub shared: Vec<String>,
}

/// Splits a family into sheets of at most 40 people in 4 generations: the first around the index
/// person, the nearest first; the next ones around those at the edge of what is drawn.
pub fn split(family: &Family) -> Vec<Part> {
    let kin = Kin::of(family);
    let neighbours = kin.neighbours();
    let rows = generations(&kin).rows;
    let mut drawn: BTreeSet<usize> = BTreeSet::new();
    let mut sheets: Vec<BTreeSet<usize>> = Vec::new();
    while drawn.len() < kin.count() {
        // Someone drawn with somebody undrawn beside, else somebody undrawn.
        let edge = drawn.iter().copied().find(|p| neighbours[*p].iter().any(|(other, _)| !drawn.contains(other)));
        let free = (0..kin.count()).find(|p| !drawn.contains(p));
        let root = kin.root().filter(|_| sheets.is_empty());
        let Some(start) = root.or(edge).or(free) else { break };
        let mut sheet = around(start, &neighbours, &rows, &drawn);
        if sheet.is_subset(&drawn) {
            // Whoever is next to them is generations away: they begin a sheet of their own.
            let Some(free) = free else { break };
            sheet = around(free, &neighbours, &rows, &drawn);
        }
        drawn.extend(&sheet);
        sheets.push(sheet);
    }
    let shared = |person: usize| sheets.iter().filter(|s| s.contains(&person)).count() > 1;
    sheets
        .iter()
        .map(|sheet| Part {
            family: reduced(family, &kin, sheet),
            shared: sheet.iter().filter(|p| shared(**p)).map(|p| kin.person(*p).id.clone()).collect(),
        })
        .collect()
}

/// The people nearest to one, as many as a sheet takes; of those drawn before only the first and
/// partners of the new ones.
fn around(start: usize, neighbours: &[Vec<(usize, i64)>], rows: &[usize], drawn: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut sheet = BTreeSet::from([start]);
    let (mut top, mut bottom) = (rows[start], rows[start]);
    let mut queue = VecDeque::from([start]);
    while let Some(person) = queue.pop_front() {
        for (other, _) in &neighbours[person] {
            let (above, below) = (top.min(rows[*other]), bottom.max(rows[*other]));
            if sheet.len() < PEOPLE && below - above < GENERATIONS && !drawn.contains(other) && sheet.insert(*other) {
                (top, bottom) = (above, below);
                queue.push_back(*other);
            }
        }
    }
    let partners: Vec<usize> = neighbours[start].iter().filter(|(p, step)| *step == 0 && drawn.contains(p)).map(|p| p.0).collect();
    for partner in partners {
        if sheet.len() < PEOPLE {
            sheet.insert(partner);
        }
    }
    sheet
}

fn reduced(family: &Family, kin: &Kin<'_>, sheet: &BTreeSet<usize>) -> Family {
    let ids: BTreeSet<&str> = sheet.iter().map(|p| kin.person(*p).id.as_str()).collect();
    let here = |id: &String| ids.contains(id.as_str());
    let unions: Vec<_> = family.unions.iter().filter(|u| here(&u.a) && here(&u.b)).cloned().collect();
    let mut parents = Vec::new();
    for link in family.parents.iter().filter(|l| here(&l.child)) {
        match &link.parents {
            Parents::Union(id) if unions.iter().any(|u| u.id == *id) => parents.push(link.clone()),
            Parents::One(id) if here(id) => parents.push(link.clone()),
            // Of the two only one is here.
            Parents::Union(id) => {
                let union = family.unions.iter().find(|u| u.id == *id);
                let one = union.and_then(|u| [&u.a, &u.b].into_iter().find(|p| here(p)));
                parents.extend(one.map(|one| super::ParentLink { parents: Parents::One(one.clone()), ..link.clone() }));
            }
            Parents::One(_) => {}
        }
    }
    Family {
        people: sheet.iter().map(|p| kin.person(*p).clone()).collect(),
        unions,
        parents,
        relations: family.relations.iter().filter(|r| here(&r.a) && here(&r.b)).cloned().collect(),
        households: family
            .households
            .iter()
            .map(|h| super::Household { name: h.name.clone(), members: h.members.iter().filter(|m| here(m)).cloned().collect() })
            .filter(|h| !h.members.is_empty())
            .collect(),
        family_case: family.family_case,
    }
}
