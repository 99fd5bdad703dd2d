//! Other numbers that fit: one veiled number is taken one higher or lower, and then others, each by as much as a sum wants,
//! until all sums hold again.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Place, Work};

/// No more numbers than these are changed together.
const MOST: usize = 96;

/// The sums of the veiled numbers.
pub struct Sums {
    places: Vec<Place>,
    index: BTreeMap<Place, usize>,
    /// How far each may be lowered.
    room: Vec<i32>,
    /// The veiled numbers of each sum, with their signs.
    terms: Vec<Vec<(usize, i32)>>,
    /// The sums of each veiled number, with its sign there.
    sums: Vec<Vec<(usize, i32)>>,
}

/// A search under way.
struct Search<'s> {
    of: &'s Sums,
    /// By how much each number was changed.
    changed: BTreeMap<usize, i32>,
    /// By how much each sum is too large.
    off: BTreeMap<usize, i32>,
    steps: usize,
}

impl Sums {
    /// The sums as they are with what is veiled.
    pub fn of(work: &Work<'_>) -> Self {
        let places: Vec<Place> = work.veiled.iter().copied().collect();
        let index: BTreeMap<Place, usize> = places.iter().enumerate().map(|(at, place)| (*place, at)).collect();
        let room = |place: &Place| {
            let room = work.value(*place).map_or(Decimal::ZERO, |value| value - work.least(place.0));
            i32::try_from(room.floor().min(Decimal::from(i32::MAX))).unwrap_or(0)
        };
        let mut sums =
            Self { room: places.iter().map(room).collect(), terms: Vec::new(), sums: vec![Vec::new(); places.len()], index, places };
        for at in work.touched() {
            let own =
                work.equations[at].terms.iter().filter_map(|(place, plus)| Some((*sums.index.get(place)?, if *plus { 1 } else { -1 })));
            let own: Vec<(usize, i32)> = own.collect();
            own.iter().for_each(|&(number, sign)| sums.sums[number].push((sums.terms.len(), sign)));
            sums.terms.push(own);
        }
        sums
    }

    /// Numbers that may be others together with this one; none where none are found in so many steps.
    pub fn other(&self, place: Place, steps: usize) -> Option<Vec<Place>> {
        let number = *self.index.get(&place)?;
        [1, -1].into_iter().find_map(|by| {
            let mut search = Search { of: self, changed: BTreeMap::new(), off: BTreeMap::new(), steps };
            (search.change(number, by) && search.mend()).then(|| search.changed.keys().map(|&at| self.places[at]).collect())
        })
    }
}

impl Search<'_> {
    /// Changes a number that was not changed yet; whether it may be so much.
    fn change(&mut self, number: usize, by: i32) -> bool {
        if self.changed.len() == MOST || self.changed.contains_key(&number) || -by > self.of.room[number] {
            return false;
        }
        self.changed.insert(number, by);
        self.shift(number, by);
        true
    }

    fn undo(&mut self, number: usize) {
        if let Some(by) = self.changed.remove(&number) {
            self.shift(number, -by);
        }
    }

    fn shift(&mut self, number: usize, by: i32) {
        for &(sum, sign) in &self.of.sums[number] {
            let off = self.off.entry(sum).or_insert(0);
            *off += sign * by;
            if *off == 0 {
                self.off.remove(&sum);
            }
        }
    }

    /// Changes others until every sum holds; whether that can be.
    fn mend(&mut self) -> bool {
        // The sum with the fewest ways out comes first.
        let ways = |search: &Self, sum: usize, off: i32| -> Vec<(usize, i32)> {
            let free = search.of.terms[sum].iter().filter(|(number, _)| !search.changed.contains_key(number));
            let ways = free.map(|&(number, sign)| (number, -off * sign));
            ways.filter(|&(number, by)| -by <= search.of.room[number]).collect()
        };
        let next = self.off.iter().map(|(&sum, &off)| ways(self, sum, off)).min_by_key(Vec::len);
        let Some(mut ways) = next else { return true };
        // Those in few sums upset the least.
        ways.sort_by_key(|&(number, by)| (self.upset(number, by), number));
        for (number, by) in ways {
            if self.steps == 0 {
                return false;
            }
            self.steps -= 1;
            if self.change(number, by) {
                if self.mend() {
                    return true;
                }
                self.undo(number);
            }
        }
        false
    }

    /// How many more sums are off after a change than before it.
    fn upset(&self, number: usize, by: i32) -> i32 {
        let after = |&(sum, sign): &(usize, i32)| match self.off.get(&sum) {
            Some(off) if *off + sign * by == 0 => -1,
            Some(_) => 0,
            None => 1,
        };
        self.of.sums[number].iter().map(after).sum()
    }
}
