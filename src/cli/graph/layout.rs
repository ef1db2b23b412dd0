//! Where boxes and arrows go: in columns from left to right. An arrow over several columns goes through a joint in each,
//! so that it runs between the boxes; one that closes a circle is laid out the other way round. Parts of the graph that
//! have nothing to do with one another lie below one another.

use super::Picture;
use std::collections::{BTreeMap, BTreeSet};

/// How often columns are sorted by their neighbours.
const ROUNDS: usize = 12;

/// A box or a joint, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The part of the graph, from 0.
    pub(super) part: usize,
    /// The column, from 0.
    pub(super) column: usize,
    /// The place in the column, from 0.
    pub(super) row: usize,
}

/// The way of an arrow: numbers of spots from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The arrow.
    pub(super) arrow: usize,
    /// From the left box to the right one.
    pub(super) spots: Vec<usize>,
    /// Whether the arrow points to the left box.
    pub(super) back: bool,
}

/// The whole layout. The first spots are the boxes, in their order; the others are joints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) spots: Vec<Spot>,
    pub(super) ways: Vec<Way>,
}

/// Lays out a picture. Arrows from a box to itself have no way.
pub(super) fn layout(picture: &Picture) -> Layout {
    let n = picture.boxes.len();
    let ends: Vec<(usize, usize)> = picture.arrows.iter().map(|a| (a.from, a.to)).collect();
    let parts = parts(n, &ends);
    let mut forward: Vec<(usize, usize)> = Vec::new();
    let mut ways: Vec<Way> = Vec::new();
    for (arrow, &(from, to)) in ends.iter().enumerate().filter(|(_, (from, to))| from != to) {
        let back = reaches(&forward, to, from);
        let (left, right) = if back { (to, from) } else { (from, to) };
        forward.push((left, right));
        ways.push(Way { arrow, spots: vec![left, right], back });
    }
    let columns = columns(n, &forward);
    let mut spots: Vec<Spot> =
        columns.iter().zip(&parts).map(|(&column, &part)| Spot { part, column, row: 0 }).collect();
    for way in &mut ways {
        add_joints(way, &mut spots);
    }
    order(&mut spots, &ways);
    Layout { spots, ways }
}

fn add_joints(way: &mut Way, spots: &mut Vec<Spot>) {
    let &[left, right] = way.spots.as_slice() else { return };
    let (Some(&a), Some(&b)) = (spots.get(left), spots.get(right)) else { return };
    let mut through = vec![left];
    for column in a.column + 1..b.column {
        through.push(spots.len());
        spots.push(Spot { column, ..a });
    }
    through.push(right);
    way.spots = through;
}

/// For each box the number of its part.
fn parts(n: usize, ends: &[(usize, usize)]) -> Vec<usize> {
    let mut part: Vec<usize> = (0..n).collect();
    loop {
        let mut changed = false;
        for &(a, b) in ends {
            let least = part.get(a).zip(part.get(b)).map(|(a, b)| *a.min(b));
            for at in [a, b] {
                if let (Some(of), Some(least)) = (part.get_mut(at), least)
                    && *of != least
                {
                    *of = least;
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    let numbers: BTreeMap<usize, usize> = part.iter().copied().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    part.iter().filter_map(|of| numbers.get(of).copied()).collect()
}

fn reaches(arrows: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(arrows.iter().filter(|(f, _)| *f == at).map(|(_, t)| *t));
        }
    }
    false
}

/// The longest way to each box.
fn columns(n: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut columns = vec![0; n];
    for _ in 0..n {
        let mut changed = false;
        for &(from, to) in arrows {
            let least = columns.get(from).map_or(0, |c| c + 1);
            if let Some(column) = columns.get_mut(to).filter(|c| **c < least) {
                *column = least;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    columns
}

/// Sorts each column of each part by the mean place of the neighbours, from left to right and back.
fn order(spots: &mut [Spot], ways: &[Way]) {
    let mut members: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, spot) in spots.iter().enumerate() {
        members.entry((spot.part, spot.column)).or_default().push(at);
    }
    let steps: Vec<(usize, usize)> =
        ways.iter().flat_map(|way| way.spots.iter().copied().zip(way.spots.iter().copied().skip(1))).collect();
    for round in 0..=ROUNDS {
        let keys: Vec<(usize, usize)> = members.keys().copied().collect();
        let keys: Vec<_> = if round % 2 == 0 { keys } else { keys.into_iter().rev().collect() };
        for key in keys {
            let Some(list) = members.get_mut(&key) else { continue };
            if round > 0 {
                list.sort_by_key(|&at| mean(at, &steps, spots, round % 2 == 0));
            }
            for (row, &at) in list.iter().enumerate() {
                if let Some(spot) = spots.get_mut(at) {
                    spot.row = row;
                }
            }
        }
    }
}

/// The mean place of the neighbours on one side, in thousandths; its own place for a spot without any.
fn mean(at: usize, steps: &[(usize, usize)], spots: &[Spot], left: bool) -> usize {
    let row = |at: usize| spots.get(at).map_or(0, |s| s.row);
    let side: Vec<usize> = steps
        .iter()
        .filter_map(|&(a, b)| if left { (b == at).then_some(a) } else { (a == at).then_some(b) })
        .map(row)
        .collect();
    if side.is_empty() { row(at) * 1000 } else { side.iter().sum::<usize>() * 1000 / side.len() }
}

#[cfg(test)]
mod tests {
    use super::super::Arrow;
    use super::*;

    #[test]
    fn circles_and_diamonds_get_columns_and_joints() {
        let arrow = |from, to| Arrow { from, to, labels: vec![], later: false, endless: false };
        let arrows = vec![arrow(0, 1), arrow(0, 2), arrow(1, 3), arrow(2, 3), arrow(3, 0), arrow(3, 3), arrow(4, 4)];
        let layout = layout(&Picture { boxes: vec![String::new(); 5], arrows });
        let columns: Vec<(usize, usize)> = layout.spots.iter().map(|s| (s.part, s.column)).collect();
        assert_eq!(columns, [(0, 0), (0, 1), (0, 1), (0, 2), (1, 0), (0, 1)], "the last is the joint of the way back");
        assert_eq!(layout.ways.last(), Some(&Way { arrow: 4, spots: vec![0, 5, 3], back: true }));
        assert_eq!(super::layout(&Picture::default()), Layout::default());
    }
}
