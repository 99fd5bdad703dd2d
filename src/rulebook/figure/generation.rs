//! Which generation everybody belongs to.

use super::kin::Kin;
use std::collections::{BTreeSet, VecDeque};

/// Generations beyond this are a slip of the pen, not a family.
const FAR: i64 = 20;

/// The generation of each person, and the pairs of people whose tie contradicts it.
#[derive(Clone, Debug)]
pub(crate) struct Generations {
    /// The row of each person, from the top, without empty rows.
    pub rows: Vec<usize>,
    /// How many rows there are.
    pub count: usize,
    /// Partners in different generations, parents not one above their child.
    pub conflicts: Vec<(usize, usize)>,
    /// The people whom no tie connects with the root.
    pub apart: Vec<usize>,
}

/// Spreads from the index person: partners alike, parents one up, children one down, nearest first.
pub(crate) fn generations(kin: &Kin<'_>) -> Generations {
    let neighbours = kin.neighbours();
    let set = |person: usize| kin.person(person).generation.map(|g| i64::from(g).clamp(-FAR, FAR));
    let mut found: Vec<Option<i64>> = vec![None; kin.count()];
    let mut apart = Vec::new();
    let starts = kin.root().into_iter().chain(0..kin.count());
    for (turn, start) in starts.enumerate() {
        if found[start].is_some() {
            continue;
        }
        found[start] = Some(set(start).unwrap_or(0));
        let mut queue = VecDeque::from([start]);
        while let Some(person) = queue.pop_front() {
            if turn > 0 {
                apart.push(person);
            }
            let here = found[person].unwrap_or(0);
            for (other, step) in &neighbours[person] {
                if found[*other].is_none() {
                    found[*other] = Some(set(*other).unwrap_or((here + step).clamp(-FAR, FAR)));
                    queue.push_back(*other);
                }
            }
        }
    }
    let generations: Vec<i64> = found.into_iter().map(Option::unwrap_or_default).collect();
    let mut conflicts = Vec::new();
    for (person, others) in neighbours.iter().enumerate() {
        for (other, step) in others {
            let by_hand = set(person).is_some() || set(*other).is_some();
            if *step >= 0 && (*step > 0 || person < *other) && generations[*other] != generations[person] + step && !by_hand {
                conflicts.push((person, *other));
            }
        }
    }
    conflicts.sort_unstable();
    conflicts.dedup();
    apart.sort_unstable();
    let used: Vec<i64> = generations.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rows = generations.iter().map(|g| used.binary_search(g).unwrap_or(0)).collect();
    Generations { rows, count: used.len(), conflicts, apart }
}
