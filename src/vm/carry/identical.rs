//! What is left to run is the same in both programs.

use super::super::task::Phase;
use super::same::{Both, Pairs, Way};
use super::search::{Fit, Place, Spot, op, search, those};
use super::{Class, Recipe, Shape, Stay, lives_alike};
use crate::ir::{Ix, Op, Pc, Program, Reg};

pub(super) fn plan(shape: &Shape, old: &Program, new: &Program) -> Option<Recipe> {
    let mut both = Both::new(old, new);
    if !lives_alike(old, new) {
        return None;
    }
    let undos = undos(&mut both, shape)?;
    let tasks = search(shape, old, new, &mut Identical { both }).ok()?;
    Some(Recipe { class: Class::Identical, tasks, undos, given: Vec::new(), begins: false })
}

/// The functions of the new program that undo what the run has done as those of the old one would.
pub(super) fn undos(both: &mut Both<'_>, shape: &Shape) -> Option<Vec<Ix>> {
    let n = Ix::try_from(both.new.functions.len()).unwrap_or(Ix::MAX);
    shape.undos.iter().map(|&undo| (0..n).find(|&other| both.functions(undo, other))).collect()
}

struct Identical<'a> {
    both: Both<'a>,
}

impl Fit for Identical<'_> {
    fn places(&mut self, spot: &Spot) -> Result<Vec<Place>, Stay> {
        let (function, into) = spot.functions;
        let here = op(self.both.old, function, spot.pc).ok_or(Stay::Gone)?;
        let there = self.both.new.functions.get(usize::from(into)).ok_or(Stay::Gone)?;
        let like = |other: Op| std::mem::discriminant(&other) == std::mem::discriminant(&here);
        let mut found = Vec::new();
        for pc in those(there, &spot.ranges.1, like) {
            let (from, after) = match (here, spot.phase) {
                (Op::Invoke { .. }, None) | (Op::Fork { .. }, Some(Phase::Forked)) => ((spot.pc, pc), true),
                (Op::Suspend { .. }, Some(Phase::Waiting)) => ((spot.pc, pc), false),
                // An action that is refused is asked for anew, from the beginning of its statement.
                (Op::Act { .. }, Some(Phase::Asked | Phase::Outside(_))) => {
                    let before = self.both.old.functions.get(usize::from(function)).ok_or(Stay::Gone)?;
                    ((before.statement(spot.pc), there.statement(pc)), false)
                }
                _ => return Err(Stay::Gone),
            };
            let way = Way { functions: spot.functions, from, only_wait: false, after };
            if let Some(pairs) = self.both.way(way)
                && self.gives(spot, pc, &pairs)
            {
                found.push((pc, pairs.into_iter().collect(), false));
            }
        }
        Ok(found)
    }
}

impl Identical<'_> {
    /// Whether branches hand the same variables to what comes after them.
    fn gives(&self, spot: &Spot, pc: Pc, pairs: &Pairs) -> bool {
        let gives = |program: &Program, function: Ix, fork: Pc| -> Option<Vec<Vec<Reg>>> {
            let Some(Op::Fork { n, .. }) = op(program, function, fork) else { return None };
            let function = program.functions.get(usize::from(function))?;
            let own = |i: u32| {
                let given = those(function, &function.branch(fork, i), |op| matches!(op, Op::Give { .. }));
                let reg = |pc: Pc| match function.code.get(pc as usize) {
                    Some(Op::Give { reg }) => Some(*reg),
                    _ => None,
                };
                given.into_iter().filter_map(reg).collect()
            };
            Some((0..u32::from(n)).map(own).collect())
        };
        let (function, into) = spot.functions;
        match (gives(self.both.old, function, spot.pc), gives(self.both.new, into, pc)) {
            (None, None) => true,
            (Some(old), Some(new)) => {
                let alike = |&(a, b): &(Reg, Reg)| {
                    pairs.contains(&(a, b)) || !pairs.iter().any(|&(old, new)| old == a || new == b)
                };
                let same = |(old, new): (&Vec<Reg>, &Vec<Reg>)| {
                    old.len() == new.len() && old.iter().copied().zip(new.iter().copied()).all(|pair| alike(&pair))
                };
                old.len() == new.len() && old.iter().zip(&new).all(same)
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}
