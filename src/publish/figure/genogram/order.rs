//! Who stands left of whom: an order of each row in which lines need not cross.
//!
//! The walk starts at the index person's unit and takes the children below and the parents above.
//! Where only one partner's parents are drawn, brothers and sisters stand around the couple by age.
//! Where both partners' are, each family takes its side: his left, hers right, and the partner is
//! the one of the siblings next to the other family. A sibship that this takes out of its order of
//! age is remembered, so that the drawing can number it.

use super::generation::Generations;
use super::kin::{Child, Kin};
use super::unit::Units;
use std::collections::BTreeMap;

/// The order of every row.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The people of each row from left to right.
    pub rows: Vec<Vec<usize>>,
    /// Per sibship: its children do not stand by age.
    pub moved: Vec<bool>,
}

pub(crate) fn order(kin: &Kin<'_>, generations: &Generations, units: &Units) -> Order {
    let mut walk = Walk {
        kin,
        rows: &generations.rows,
        units,
        seen: vec![false; units.members.len()],
        moved: vec![false; kin.sibships.len()],
        below: vec![Vec::new(); units.members.len()],
    };
    for (i, sibship) in kin.sibships.iter().enumerate() {
        walk.below[units.of_source(kin, walk.rows, sibship.source)].push(i);
    }
    for below in &mut walk.below {
        below.sort_by_key(|s| units.hanging(kin, kin.sibships[*s].source));
    }
    let mut rows = vec![Vec::new(); generations.count];
    for start in kin.root().into_iter().chain(0..kin.count()) {
        let unit = units.unit_of[start];
        if !walk.seen[unit] {
            for (row, people) in walk.grow(unit, None, None).flat() {
                rows[row].extend(people);
            }
        }
    }
    Order { rows, moved: walk.moved }
}

type Rows = BTreeMap<usize, Vec<usize>>;

/// A part of the drawing, in columns: what stands left and right of its core in rows above.
#[derive(Debug, Default)]
struct Block {
    left: Rows,
    core: Rows,
    right: Rows,
}

impl Block {
    fn flat(self) -> Rows {
        let mut rows = self.left;
        append(&mut rows, self.core);
        append(&mut rows, self.right);
        rows
    }
}

fn append(rows: &mut Rows, more: Rows) {
    for (row, people) in more {
        rows.entry(row).or_default().extend(people);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The child from whom the walk came up to its parents.
#[derive(Debug)]
struct Hole {
    person: usize,
    block: Block,
    /// The side of the siblings on which the child has to stand.
    edge: Option<Side>,
    /// Whether nobody at all may stand beyond, or just no siblings with children.
    strict: bool,
}

struct Walk<'k, 'a> {
    kin: &'k Kin<'a>,
    rows: &'k [usize],
    units: &'k Units,
    seen: Vec<bool>,
    moved: Vec<bool>,
    /// The sibships below each unit, from left to right.
    below: Vec<Vec<usize>>,
}

impl Walk<'_, '_> {
    fn grow(&mut self, unit: usize, entry: Option<usize>, mut hole: Option<Hole>) -> Block {
        self.seen[unit] = true;
        let members = self.units.members[unit].clone();
        let row = members.first().map_or(0, |m| self.rows[*m]);
        let edge = hole.as_ref().and_then(|h| h.edge);
        let mut block = Block::default();
        for sibship in self.below[unit].clone() {
            for child in self.children_in_order(unit, sibship, hole.as_ref()) {
                let part = match hole.take_if(|h| h.person == child) {
                    Some(hole) => hole.block,
                    None if self.seen[self.units.unit_of[child]] => continue,
                    None => self.grow(self.units.unit_of[child], Some(child), None),
                };
                self.hang(&mut block, part, row);
            }
        }
        if let Some(hole) = hole {
            self.hang(&mut block, hole.block, row);
        }
        block.core.entry(row).or_default().extend(&members);
        let ups: Vec<usize> = members.iter().copied().filter(|m| Some(*m) != entry && self.unseen_parents(*m).is_some()).collect();
        if let (None, [only]) = (entry, &ups[..]) {
            let Some(parents) = self.unseen_parents(*only) else { return block };
            return self.grow(parents, None, Some(Hole { person: *only, block, edge, strict: false }));
        }
        for (i, up) in ups.iter().enumerate() {
            let left = match entry {
                Some(entry) => self.units.place_of[*up] < self.units.place_of[entry],
                None => i * 2 < ups.len() - 1 || (i * 2 == ups.len() - 1 && i == 0),
            };
            let Some(parents) = self.unseen_parents(*up) else { continue };
            let edge = Some(if left { Side::Right } else { Side::Left });
            let side = self.grow(parents, None, Some(Hole { person: *up, block: Block::default(), edge, strict: true })).flat();
            if left {
                // Farther partners' families stand farther out; they come first.
                append(&mut block.left, side);
            } else {
                append(&mut block.right, side);
            }
        }
        block
    }

    /// Adds the block of one child below its parents' unit.
    fn hang(&self, block: &mut Block, part: Block, row: usize) {
        let Block { left, core, right } = part;
        for (rows, beside) in [(left, Side::Left), (core, Side::Right), (right, Side::Right)] {
            for (at, people) in rows {
                let place = if at > row {
                    &mut block.core
                } else if beside == Side::Left {
                    &mut block.left
                } else {
                    &mut block.right
                };
                place.entry(at).or_default().extend(people);
            }
        }
    }

    fn unseen_parents(&self, person: usize) -> Option<usize> {
        let sibship = self.kin.origins[person].first()?;
        let unit = self.units.of_source(self.kin, self.rows, self.kin.sibships[*sibship].source);
        (!self.seen[unit]).then_some(unit)
    }

    /// The children by age, but for those whose partner's family needs a side.
    fn children_in_order(&mut self, unit: usize, sibship: usize, hole: Option<&Hole>) -> Vec<usize> {
        let children = self.kin.sibships[sibship].children.clone();
        let by_age: Vec<usize> = children.iter().map(|c| c.person).collect();
        let mut line = by_age.clone();
        let held = hole.filter(|h| by_age.contains(&h.person));
        let edge = held.and_then(|h| h.edge.filter(|side| h.strict || self.inner_has_children(&by_age, h.person, *side)));
        let free = |side: Side| edge != Some(side);
        if free(Side::Right)
            && let Some(last) = by_age.iter().rev().find(|c| held.is_none_or(|h| h.person != **c) && self.in_laws(unit, **c, Side::Right))
        {
            send(&mut line, &children, *last, Side::Right);
        }
        if free(Side::Left)
            && let Some(first) = by_age.iter().find(|c| held.is_none_or(|h| h.person != **c) && self.in_laws(unit, **c, Side::Left))
        {
            send(&mut line, &children, *first, Side::Left);
        }
        if let (Some(hole), Some(edge)) = (held, edge) {
            send(&mut line, &children, hole.person, edge);
        }
        self.moved[sibship] = line != by_age;
        line
    }

    /// Whether a sibling between the child and the inner side has children of its own.
    fn inner_has_children(&self, line: &[usize], child: usize, edge: Side) -> bool {
        let Some(place) = line.iter().position(|c| *c == child) else { return false };
        let inner = if edge == Side::Right { line.get(place + 1..) } else { line.get(..place) };
        inner.unwrap_or_default().iter().any(|c| !self.below[self.units.unit_of[*c]].is_empty())
    }

    /// Whether a partner on that side of the child brings parents of their own.
    fn in_laws(&self, unit: usize, child: usize, side: Side) -> bool {
        let own = self.units.unit_of[child];
        let place = self.units.place_of[child];
        !self.seen[own]
            && self.units.members[own].iter().any(|m| {
                let there = self.units.place_of[*m];
                (if side == Side::Left { there < place } else { there > place }) && self.unseen_parents(*m).is_some_and(|p| p != unit)
            })
    }
}

/// Moves a child to one end of its siblings; its twins go with it.
fn send(line: &mut Vec<usize>, children: &[Child], person: usize, side: Side) {
    let twin = children.iter().find(|c| c.person == person).and_then(|c| c.twin.as_ref());
    let together = |p: &usize| *p != person && twin.is_some() && children.iter().any(|c| c.person == *p && c.twin.as_ref() == twin);
    let twins: Vec<usize> = line.iter().copied().filter(together).collect();
    line.retain(|p| *p != person && !twins.contains(p));
    match side {
        Side::Right => {
            line.extend(twins);
            line.push(person);
        }
        Side::Left => {
            line.splice(0..0, std::iter::once(person).chain(twins));
        }
    }
}
