//! The paths of ties: from symbol to symbol, around symbols and words, crossing as little as possible.
//!
//! The shortest ties choose first.

use super::super::geometry::{Point, Rect, along, length};
use super::super::line::part;
use super::super::route::{Obstacles, beside, path};
use super::super::svg::Text;
use super::family::{Quality, Toward};
use super::kin::ids;
use super::sheet::Sheet;

/// The space between a symbol and the end of a tie.
const END: f64 = 2.5;

/// A tie with its path from a to b.
#[derive(Clone, Debug)]
pub(crate) struct TiePath {
    pub a: usize,
    pub b: usize,
    pub quality: Quality,
    pub toward: Toward,
    pub path: Vec<Point>,
    pub note: Vec<Text>,
}

/// Finds the paths of all ties between two different, known people.
pub(crate) fn ties(sheet: &Sheet<'_>, borders: &[Vec<Point>], titles: &[Rect]) -> Vec<TiePath> {
    let people = ids(sheet.kin.family.people.iter().map(|p| p.id.as_str()));
    let mut found = Vec::new();
    for relation in &sheet.kin.family.relations {
        if let (Some(a), Some(b)) = (people.get(relation.a.as_str()), people.get(relation.b.as_str()))
            && a != b
        {
            let path = Vec::new();
            found.push((
                TiePath { a: *a, b: *b, quality: relation.quality, toward: relation.toward, path, note: Vec::new() },
                &relation.note,
            ));
        }
    }
    let slashes = sheet.bonds.iter().filter(|b| b.slashes > 0).map(|b| Rect::around(b.slash, 8.0, 8.0));
    let mut all = Obstacles {
        symbols: (0..sheet.centre.len()).map(|p| (p, sheet.symbol(p))).collect(),
        words: sheet.texts().iter().map(Text::area).chain(titles.iter().copied()).chain(slashes).collect(),
        lines: sheet.structure().into_iter().map(|(_, l)| l).collect(),
        borders: borders.to_vec(),
        ties: Vec::new(),
    };
    let mut turn: Vec<usize> = (0..found.len()).collect();
    let far = |i: &usize| sheet.centre[found[*i].0.a].distance(sheet.centre[found[*i].0.b]);
    turn.sort_by(|i, j| far(i).total_cmp(&far(j)).then(i.cmp(j)));
    for i in turn {
        let (tie, note) = &mut found[i];
        let (from, to) = (sheet.centre[tie.a], sheet.centre[tie.b]);
        let clear = 3.0 + super::tie::half_width(tie.quality);
        tie.path = path(&all, (from, to), (tie.a, tie.b), clear, |line| clipped(sheet, tie.a, tie.b, line));
        all.ties.push(tie.path.clone());
        tie.note = beside(&tie.path, note, sheet.font, &all);
        all.words.extend(tie.note.iter().map(Text::area));
    }
    found.into_iter().map(|(tie, _)| tie).collect()
}

/// The part of the line outside the two symbols.
fn clipped(sheet: &Sheet<'_>, a: usize, b: usize, line: &[Point]) -> Vec<Point> {
    let total = length(line);
    let out = |person: usize, distance: f64| {
        let (p, _) = along(line, distance);
        let centre = sheet.centre[person];
        p.distance(centre) >= sheet.symbols[person].reach(centre.heading(p)) + END
    };
    let steps = (total / 1.0).ceil().min(4000.0) as usize;
    let start = (0..steps).map(|i| i as f64).find(|d| out(a, *d)).unwrap_or(0.0);
    let end = (0..steps).map(|i| total - i as f64).find(|d| out(b, *d)).unwrap_or(total);
    if start < end { part(line, start, end) } else { line.to_vec() }
}
