//! The border around those who live together.
//!
//! On a grid: the boxes of the members, grown; everything between them in a row or column that is
//! free of others; and where that leaves islands, the shortest free way from one to the next. The
//! outline of it all is the border. Where there is no such way, or the border would close around
//! somebody else, every member gets a box of their own with the household's number.

use super::super::geometry::{Point, Rect, at};
use super::sheet::Sheet;
use super::symbol::U;
use std::collections::VecDeque;

/// The size of a cell.
const CELL: f64 = U / 8.0;
/// How far the border keeps from others.
const CLEAR: f64 = 3.0;
/// The longest way between two islands, in cells.
const FAR: usize = 200;

/// The border of a household.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Border {
    /// One closed line around all members, by its corners.
    Around(Vec<Point>),
    /// A box around each member.
    Each(Vec<Rect>),
}

/// The border around the members, none if there are none.
pub(crate) fn border(sheet: &Sheet<'_>, members: &[usize]) -> Option<Border> {
    if members.is_empty() {
        return None;
    }
    let (own, others) = sides(sheet, members);
    let mut grid = Grid::new(sheet.bounds()?.grown(U * 1.5));
    for area in &others {
        grid.mark(area.grown(CLEAR), Cell::Forbidden);
    }
    for (person, area) in members.iter().zip(&own) {
        let room = sheet.symbol(*person).grown(U * 0.5).joined(area.grown(5.0));
        grid.mark(others.iter().fold(room, |room, other| shrunk(room, *area, other.grown(CLEAR))), Cell::Inside);
        // Never less than the member itself, whoever stands near.
        grid.force(area.grown(1.0));
    }
    grid.fill_between();
    let joined = grid.join_islands();
    if joined {
        grid.fill_holes();
        if let Some(corners) = grid.outline() {
            let strangers = (0..sheet.centre.len()).filter(|p| !members.contains(p));
            let clean = strangers.into_iter().all(|p| !within(&corners, sheet.centre[p]));
            if clean && members.iter().all(|p| within(&corners, sheet.centre[*p])) {
                return Some(Border::Around(corners));
            }
        }
    }
    Some(Border::Each(members.iter().map(|p| sheet.area(*p).grown(4.0)).collect()))
}

/// The boxes of the members with the words that belong to them, and those of all others. Words
/// between two people belong inside with both of them only.
fn sides(sheet: &Sheet<'_>, members: &[usize]) -> (Vec<Rect>, Vec<Rect>) {
    let mut own: Vec<Rect> = members.iter().map(|p| sheet.area(*p)).collect();
    let mut others: Vec<Rect> = (0..sheet.centre.len()).filter(|p| !members.contains(p)).map(|p| sheet.area(p)).collect();
    for (i, descent) in sheet.descents.iter().enumerate() {
        for (child, number) in sheet.kin.sibships[i].children.iter().zip(&descent.numbers) {
            match members.iter().position(|m| *m == child.person) {
                Some(member) => own[member] = own[member].joined(number.area()),
                None => others.push(number.area()),
            }
        }
    }
    for bond in &sheet.bonds {
        let pair = &sheet.kin.pairs[bond.pair];
        if !(members.contains(&pair.a) && members.contains(&pair.b)) {
            others.extend(bond.areas());
        }
    }
    (own, others)
}

/// The room without a strip at the side where another box reaches into it.
fn shrunk(room: Rect, own: Rect, other: Rect) -> Rect {
    if !room.meets(other) {
        return room;
    }
    let gaps = [own.left - other.right, other.left - own.right, own.top - other.bottom, other.top - own.bottom];
    let widest = (0..4).max_by(|a, b| gaps[*a].total_cmp(&gaps[*b])).unwrap_or(0);
    match widest {
        _ if gaps[widest] < -3.0 => room,
        0 => Rect { left: other.right, ..room },
        1 => Rect { right: other.left, ..room },
        2 => Rect { top: other.bottom, ..room },
        _ => Rect { bottom: other.top, ..room },
    }
}

/// Whether a point lies in a closed polygon.
pub(crate) fn within(corners: &[Point], p: Point) -> bool {
    let mut inside = false;
    for (i, a) in corners.iter().enumerate() {
        let b = corners[(i + 1) % corners.len()];
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            inside = !inside;
        }
    }
    inside
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Free,
    Forbidden,
    Inside,
}

struct Grid {
    origin: Point,
    cell: f64,
    width: usize,
    height: usize,
    cells: Vec<Cell>,
}

impl Grid {
    fn new(area: Rect) -> Grid {
        // Coarser on huge sheets, so that the work stays bounded.
        let cell = CELL.max((area.width() * area.height() / 400_000.0).sqrt());
        let cells = |length: f64| (length / cell).ceil().clamp(1.0, 20_000.0) as usize;
        let (width, height) = (cells(area.width()), cells(area.height()));
        Grid { origin: at(area.left, area.top), cell, width, height, cells: vec![Cell::Free; width * height] }
    }

    /// The cells whose middle lies in the box.
    fn cells_of(&self, area: Rect) -> Vec<usize> {
        let range = |from: f64, to: f64, count: usize| {
            let first = (from / self.cell - 0.5).ceil().max(0.0) as usize;
            let last = (to / self.cell - 0.5).floor();
            let end = if last < 0.0 { 0 } else { (last as usize + 1).min(count) };
            first..end.max(first)
        };
        let rows = range(area.top - self.origin.y, area.bottom - self.origin.y, self.height);
        let columns = range(area.left - self.origin.x, area.right - self.origin.x, self.width);
        rows.flat_map(|y| columns.clone().map(move |x| (x, y))).filter(|(x, _)| *x < self.width).map(|(x, y)| y * self.width + x).collect()
    }

    fn mark(&mut self, area: Rect, cell: Cell) {
        for i in self.cells_of(area) {
            if self.cells[i] == Cell::Free {
                self.cells[i] = cell;
            }
        }
    }

    fn force(&mut self, area: Rect) {
        for i in self.cells_of(area) {
            self.cells[i] = Cell::Inside;
        }
    }

    fn neighbours(&self, i: usize) -> impl Iterator<Item = usize> {
        let (x, y, w, h) = (i % self.width, i / self.width, self.width, self.height);
        [(x > 0).then(|| i - 1), (x + 1 < w).then(|| i + 1), (y > 0).then(|| i - w), (y + 1 < h).then(|| i + w)].into_iter().flatten()
    }

    /// Fills rows and columns between inner cells where no forbidden cell lies between.
    fn fill_between(&mut self) {
        for _ in 0..6 {
            let before = self.cells.clone();
            let columns = (0..self.width).map(|x| (0..self.height).map(|y| y * self.width + x).collect::<Vec<_>>());
            let rows = (0..self.height).map(|y| (0..self.width).map(|x| y * self.width + x).collect::<Vec<_>>());
            let lines: Vec<Vec<usize>> = rows.chain(columns).collect();
            for line in lines {
                let mut last = None;
                for (place, i) in line.iter().enumerate() {
                    match self.cells[*i] {
                        Cell::Inside => {
                            if let Some(from) = last {
                                for j in line.get(from + 1..place).unwrap_or_default() {
                                    self.cells[*j] = Cell::Inside;
                                }
                            }
                            last = Some(place);
                        }
                        Cell::Forbidden => last = None,
                        Cell::Free => {}
                    }
                }
            }
            if before == self.cells {
                break;
            }
        }
    }

    /// Connects the islands by corridors; false where one cannot be reached.
    fn join_islands(&mut self) -> bool {
        // As many rounds as there could be members.
        for _ in 0..400 {
            let Some(start) = self.cells.iter().position(|c| *c == Cell::Inside) else { return false };
            let mut from = vec![usize::MAX; self.cells.len()];
            let mut steps = vec![0usize; self.cells.len()];
            let mut open = VecDeque::from([start]);
            from[start] = start;
            let mut island = vec![start];
            while let Some(i) = open.pop_front() {
                for j in self.neighbours(i).collect::<Vec<_>>() {
                    if self.cells[j] == Cell::Inside && from[j] == usize::MAX {
                        from[j] = j;
                        island.push(j);
                        open.push_back(j);
                    }
                }
            }
            let wide = |grid: &Grid, i: usize| {
                let (x, y) = (i % grid.width, i / grid.width);
                let near = |a: usize, b: usize| a.saturating_sub(2)..=(a + 2).min(b - 1);
                near(y, grid.height).all(|y| near(x, grid.width).all(|x| grid.cells[y * grid.width + x] != Cell::Forbidden))
            };
            let mut open: VecDeque<usize> = island.into();
            let mut reached = None;
            'search: while let Some(i) = open.pop_front() {
                for j in self.neighbours(i).collect::<Vec<_>>() {
                    if from[j] != usize::MAX || steps[i] >= FAR {
                        continue;
                    }
                    let inside = self.cells[j] == Cell::Inside;
                    if inside || wide(self, j) {
                        from[j] = i;
                        steps[j] = steps[i] + 1;
                        if inside {
                            reached = Some(j);
                            break 'search;
                        }
                        open.push_back(j);
                    }
                }
            }
            let Some(mut i) = reached else {
                // Nothing else to reach: done if all inner cells are on this island.
                return (0..self.cells.len()).all(|i| self.cells[i] != Cell::Inside || from[i] == i);
            };
            while from[i] != i {
                i = from[i];
                let (x, y) = (i % self.width, i / self.width);
                for y in y.saturating_sub(2)..=(y + 2).min(self.height - 1) {
                    for x in x.saturating_sub(2)..=(x + 2).min(self.width - 1) {
                        let cell = &mut self.cells[y * self.width + x];
                        if *cell == Cell::Free {
                            *cell = Cell::Inside;
                        }
                    }
                }
            }
            self.fill_between();
        }
        false
    }

    /// Fills what the border encloses, and closes diagonal gaps.
    fn fill_holes(&mut self) {
        let mut outside = vec![false; self.cells.len()];
        let edge = |i: usize| {
            i.is_multiple_of(self.width) || i % self.width == self.width - 1 || i < self.width || i >= self.cells.len() - self.width
        };
        let mut open: Vec<usize> = (0..self.cells.len()).filter(|i| edge(*i) && self.cells[*i] != Cell::Inside).collect();
        for i in &open {
            outside[*i] = true;
        }
        while let Some(i) = open.pop() {
            for j in self.neighbours(i).collect::<Vec<_>>() {
                if !outside[j] && self.cells[j] != Cell::Inside {
                    outside[j] = true;
                    open.push(j);
                }
            }
        }
        for (i, cell) in self.cells.iter_mut().enumerate() {
            if !outside[i] {
                *cell = Cell::Inside;
            }
        }
    }

    /// The corners of the outline, clockwise.
    fn outline(&self) -> Option<Vec<Point>> {
        let inside = |x: i64, y: i64| {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return false };
            x < self.width && y < self.height && self.cells[y * self.width + x] == Cell::Inside
        };
        let start = self.cells.iter().position(|c| *c == Cell::Inside)?;
        let (sx, sy) = (i64::try_from(start % self.width).ok()?, i64::try_from(start / self.width).ok()?);
        // On the lattice of cell corners, with the inside on the right hand.
        let (mut x, mut y, mut dx, mut dy) = (sx, sy, 1i64, 0i64);
        let mut corners = vec![(x, y)];
        for _ in 0..8 * self.cells.len() + 8 {
            (x, y) = (x + dx, y + dy);
            // The two cells ahead, left and right of the direction.
            let ahead = |side: i64| {
                let (px, py) = (-dy * side, dx * side);
                inside(x + (dx + px - 1).div_euclid(2), y + (dy + py - 1).div_euclid(2))
            };
            let (left, right) = (ahead(-1), ahead(1));
            let turn = match (left, right) {
                (true, _) => Some((dy, -dx)),
                (false, true) => None,
                (false, false) => Some((-dy, dx)),
            };
            if (x, y) == (sx, sy) {
                break;
            }
            if let Some(turned) = turn {
                corners.push((x, y));
                (dx, dy) = turned;
            }
        }
        let corner = |(x, y): &(i64, i64)| at(self.origin.x + *x as f64 * self.cell, self.origin.y + *y as f64 * self.cell);
        Some(corners.iter().map(corner).collect())
    }
}
