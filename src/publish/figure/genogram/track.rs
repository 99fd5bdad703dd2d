//! Which of several bars in one gap runs above which.

/// The track of each sibship, from the top, and how many there are. A sibship is the place of its
/// drop and the places of its children; bars that would touch get tracks of their own, in the order
/// that crosses fewest lines.
pub(crate) fn tracks(bars: &[(f64, Vec<f64>)]) -> (Vec<usize>, usize) {
    let span = |i: usize| {
        let (drop, children) = &bars[i];
        children.iter().fold((*drop, *drop), |(low, high), x| (low.min(*x), high.max(*x)))
    };
    let inside = |x: f64, (low, high): (f64, f64)| x > low + 0.5 && x < high - 0.5;
    // The lines crossed when one runs above other.
    let cost = |above: usize, below: usize| {
        bars[above].1.iter().filter(|x| inside(**x, span(below))).count() + usize::from(inside(bars[below].0, span(above)))
    };
    let mut sequence: Vec<usize> = Vec::new();
    for new in 0..bars.len() {
        let price = |place: usize| -> usize {
            let above: usize = sequence[..place].iter().map(|other| cost(*other, new)).sum();
            above + sequence[place..].iter().map(|other| cost(new, *other)).sum::<usize>()
        };
        let best = (0..=sequence.len()).min_by_key(|place| (price(*place), *place)).unwrap_or(0);
        sequence.insert(best, new);
    }
    let touch = |a: usize, b: usize| span(a).0 < span(b).1 + 4.0 && span(b).0 < span(a).1 + 4.0;
    let mut found = vec![0; bars.len()];
    let mut count = 0;
    for (place, bar) in sequence.iter().enumerate() {
        let above = sequence[..place].iter().filter(|other| touch(**other, *bar)).map(|other| found[*other] + 1);
        found[*bar] = above.max().unwrap_or(0);
        count = count.max(found[*bar] + 1);
    }
    (found, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_apart_share_a_track() {
        assert_eq!(tracks(&[(0.0, vec![-10.0, 10.0]), (50.0, vec![40.0, 60.0])]), (vec![0, 0], 1));
        assert_eq!(tracks(&[]), (vec![], 0));
    }

    #[test]
    fn the_order_avoids_crossings() {
        // The second's drop comes down right of the first's bar; its children stand farther right
        // than its drop, the first's children left: the first above would be crossed by nothing.
        let (found, count) = tracks(&[(0.0, vec![0.0, 40.0]), (60.0, vec![30.0, 80.0])]);
        assert_eq!(count, 2);
        // First's child at 40 would cross the second's bar were it above; so it runs below.
        assert!(found[0] > found[1]);
    }
}
