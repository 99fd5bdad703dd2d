//! Where everybody stands: the least squares of all wishes, with the order and the gaps of each row
//! kept exactly.
//!
//! Wishes are linear: parents above the middle of their children, neighbours near each other. The
//! accelerated projected gradient method finds the one best answer; the projection onto "at least
//! this far apart" is isotonic regression (pool adjacent violators).

/// A wish: the weighted sum of some positions should be `goal`.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub parts: Vec<(usize, f64)>,
    pub goal: f64,
    pub weight: f64,
}

/// People in a row from left to right, and the least distance between neighbours.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub people: Vec<usize>,
    pub gaps: Vec<f64>,
}

/// Enough for a hundred people; more only makes the last decimals better.
const STEPS: usize = 6000;

pub(crate) fn place(count: usize, rows: &[Row], wishes: &[Wish]) -> Vec<f64> {
    let mut x = vec![0.0; count];
    for row in rows {
        let mut here = -row.gaps.iter().sum::<f64>() / 2.0;
        for (i, person) in row.people.iter().enumerate() {
            x[*person] = here;
            here += row.gaps.get(i).copied().unwrap_or_default();
        }
    }
    let mut steepness = vec![1e-9; count];
    for wish in wishes {
        let sum: f64 = wish.parts.iter().map(|p| p.1.abs()).sum();
        for (person, part) in &wish.parts {
            steepness[*person] += wish.weight * part.abs() * sum;
        }
    }
    let step = 1.0 / steepness.iter().copied().fold(0.0, f64::max);
    let (mut ahead, mut momentum) = (x.clone(), 1.0f64);
    for _ in 0..STEPS {
        let mut next = ahead.clone();
        for wish in wishes {
            let miss = wish.parts.iter().map(|(p, part)| ahead[*p] * part).sum::<f64>() - wish.goal;
            for (person, part) in &wish.parts {
                next[*person] -= step * wish.weight * miss * part;
            }
        }
        for row in rows {
            separate(row, &mut next);
        }
        let faster = (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) / 2.0;
        let push = (momentum - 1.0) / faster;
        let moved = next.iter().zip(&x).map(|(n, o)| (n - o).abs()).fold(0.0, f64::max);
        // A step against the momentum: start anew from here (O'Donoghue and Candès).
        let against: f64 = (0..count).map(|i| (ahead[i] - next[i]) * (next[i] - x[i])).sum();
        if against > 0.0 {
            (ahead, momentum) = (next.clone(), 1.0);
        } else {
            for i in 0..count {
                ahead[i] = next[i] + push * (next[i] - x[i]);
            }
            momentum = faster;
        }
        x = next;
        if moved < 1e-5 {
            break;
        }
    }
    x
}

/// The nearest positions with at least the gaps between neighbours.
fn separate(row: &Row, x: &mut [f64]) {
    let mut offsets = Vec::with_capacity(row.people.len());
    let mut offset = 0.0;
    // Pools of (mean, size).
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(row.people.len());
    for (i, person) in row.people.iter().enumerate() {
        offsets.push(offset);
        let mut pool = (x[*person] - offset, 1usize);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let size = last.1 + pool.1;
            pool = ((last.0 * last.1 as f64 + pool.0 * pool.1 as f64) / size as f64, size);
        }
        pools.push(pool);
        offset += row.gaps.get(i).copied().unwrap_or_default();
    }
    let mut people = row.people.iter().zip(offsets);
    for (mean, size) in pools {
        for (person, offset) in people.by_ref().take(size) {
            x[*person] = mean + offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_stand_below_the_middle_of_their_parents() {
        let rows = [Row { people: vec![0, 1], gaps: vec![100.0] }, Row { people: vec![2, 3, 4], gaps: vec![80.0, 80.0] }];
        let wishes = [
            Wish { parts: vec![(0, 0.5), (1, 0.5), (2, -0.5), (4, -0.5)], goal: 0.0, weight: 1.0 },
            Wish { parts: vec![(1, 1.0), (0, -1.0)], goal: 100.0, weight: 0.01 },
            Wish { parts: vec![(4, 1.0), (2, -1.0)], goal: 160.0, weight: 0.01 },
        ];
        let x = place(5, &rows, &wishes);
        assert!(((x[0] + x[1]) - (x[2] + x[4])).abs() < 0.01);
        assert!(x[1] - x[0] >= 99.999 && x[3] - x[2] >= 79.999 && x[4] - x[3] >= 79.999);
    }

    #[test]
    fn the_projection_is_the_nearest() {
        let mut x = vec![5.0, 0.0, 20.0];
        separate(&Row { people: vec![0, 1, 2], gaps: vec![1.0, 1.0] }, &mut x);
        assert_eq!(x, [2.0, 3.0, 20.0]);
    }

    #[test]
    fn nothing_is_a_layout_too() {
        assert!(place(0, &[], &[]).is_empty());
        assert_eq!(place(1, &[Row { people: vec![0], gaps: vec![] }], &[]), [0.0]);
    }
}
