//! Computed fields that rest on each other, so that none of them has a value.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Rulebook;
use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::Place;

/// A field, as (form, field).
type At = (usize, usize);

/// Finds the rings among computed fields, each with the fields it uses; says each ring once, at its first
/// field. Returns every field of a ring.
pub fn find(rulebook: &Rulebook, uses: &BTreeMap<At, Vec<At>>, found: &mut Vec<Diagnostic>) -> BTreeSet<At> {
    let mut all = BTreeSet::new();
    let mut said = BTreeSet::new();
    for &start in uses.keys() {
        let Some(ring) = ring_from(start, uses) else { continue };
        all.insert(start);
        if said.contains(&start) {
            continue;
        }
        found.push(finding(rulebook, &ring));
        said.extend(ring);
    }
    all
}

/// The shortest way from a field back to itself.
fn ring_from(start: At, uses: &BTreeMap<At, Vec<At>>) -> Option<Vec<At>> {
    let mut came_from: BTreeMap<At, At> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for &next in uses.get(&at).into_iter().flatten().filter(|next| uses.contains_key(next)) {
            if next == start {
                let mut ring = vec![at];
                while let Some(before) = came_from.get(&ring[ring.len() - 1]) {
                    ring.push(*before);
                }
                ring.reverse();
                return Some(ring);
            }
            if let std::collections::btree_map::Entry::Vacant(place) = came_from.entry(next) {
                place.insert(at);
                waiting.push_back(next);
            }
        }
    }
    None
}

fn finding(rulebook: &Rulebook, ring: &[At]) -> Diagnostic {
    let form = &rulebook.forms[ring[0].0];
    let name = |(f, index): At| {
        let other = &rulebook.forms[f];
        let name = &other.fields[index].name.value;
        if f == ring[0].0 { name.clone() } else { format!("{}.{name}", other.code.value) }
    };
    let way = ring.iter().chain(&ring[..1]).map(|&at| name(at)).collect::<Vec<_>>().join(" → ");
    let field = &form.fields[ring[0].1];
    // A common field stands in another file.
    let span = if form.source.slice(field.name.span) == field.name.value { field.name.span } else { form.code.span };
    Diagnostic::error(
        "R106",
        Place::new(&form.source, span),
        say!("由程序计算的栏目互相推算，得不出结果：{way}", "computed fields rest on each other: {way}"),
    )
    .help(say!("其中一栏改为手填，或改从别的栏目推算", "let people write one of them, or compute it from another field"))
    .key(&field.name.value)
}
