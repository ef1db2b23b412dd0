//! Groups of things that can reach one another.

/// For each of `n` things the number of its group: those that can reach one another have the same (the lowest of them).
pub(super) fn groups(n: usize, arcs: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let (mut next, mut before) = (vec![Vec::new(); n], vec![Vec::new(); n]);
    for (from, to) in arcs {
        next.get_mut(from).into_iter().for_each(|list: &mut Vec<usize>| list.push(to));
        before.get_mut(to).into_iter().for_each(|list: &mut Vec<usize>| list.push(from));
    }
    // Kosaraju: in the reverse order of leaving, all that reach a thing and are not in a group yet are in its group.
    let order = leaving_order(&next);
    let mut group: Vec<Option<usize>> = vec![None; n];
    for &start in order.iter().rev() {
        let mut members = Vec::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if let Some(free) = group.get_mut(at).filter(|g| g.is_none()) {
                *free = Some(start);
                members.push(at);
                open.extend(before.get(at).into_iter().flatten());
            }
        }
        let lowest = members.iter().min().copied();
        for member in members {
            if let Some(of) = group.get_mut(member) {
                *of = lowest;
            }
        }
    }
    group.into_iter().enumerate().map(|(at, group)| group.unwrap_or(at)).collect()
}

/// The things in the order in which a walk into depth leaves them.
fn leaving_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; next.len()];
    let mut order = Vec::with_capacity(next.len());
    for start in 0..next.len() {
        let mut open = vec![(start, 0)];
        if std::mem::replace(seen.get_mut(start).unwrap_or(&mut true), true) {
            continue;
        }
        while let Some((at, child)) = open.pop() {
            match next.get(at).and_then(|list| list.get(child)) {
                Some(&to) => {
                    open.push((at, child + 1));
                    if !std::mem::replace(seen.get_mut(to).unwrap_or(&mut true), true) {
                        open.push((to, 0));
                    }
                }
                None => order.push(at),
            }
        }
    }
    order
}
