//! Whether two programs do the same from two places on.
//!
//! Both codes are followed side by side. Numbers of constants, names, functions and instructions do not count, nor do
//! those of registers: what counts is that both read what both wrote before, or what both had at the beginning. Which
//! register of the one is which of the other at the beginning is found out on the way.

use crate::ir::{Ix, Op, Pc, Program, Reg};
use std::collections::{BTreeMap, BTreeSet};

/// Registers that hold the same: those of the old program with those of the new one.
pub(super) type Pairs = BTreeSet<(Reg, Reg)>;

/// Two programs that are compared.
pub(super) struct Both<'a> {
    pub(super) old: &'a Program,
    pub(super) new: &'a Program,
    /// Functions that are taken to be the same until something else is found.
    functions: BTreeMap<(Ix, Ix), bool>,
}

/// What is known at a pair of instructions.
#[derive(Clone, PartialEq)]
struct Known {
    same: Pairs,
    /// Registers that were written since the beginning, of either side.
    written: (BTreeSet<Reg>, BTreeSet<Reg>),
}

/// Where the comparison begins and ends.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// The functions.
    pub(super) functions: (Ix, Ix),
    /// The instructions.
    pub(super) from: (Pc, Pc),
    /// Whether it ends with the wait that it is in.
    pub(super) only_wait: bool,
    /// Whether the two instructions have just given their results: what comes after them is compared.
    pub(super) after: bool,
}

/// Why two codes differ, or that something about the beginning was found out.
enum Odd {
    Different,
    Found(Reg, Reg),
}

impl<'a> Both<'a> {
    pub(super) fn new(old: &'a Program, new: &'a Program) -> Self {
        Self { old, new, functions: BTreeMap::new() }
    }

    /// Whether two functions do the same with the same arguments.
    pub(super) fn functions(&mut self, old: Ix, new: Ix) -> bool {
        if let Some(known) = self.functions.get(&(old, new)) {
            return *known;
        }
        let params = |program: &Program, at: Ix| program.functions.get(usize::from(at)).map(|f| f.params);
        let (Some(a), Some(b)) = (params(self.old, old), params(self.new, new)) else { return false };
        // One that calls itself is the same if it is the same everywhere else.
        self.functions.insert((old, new), true);
        let args = (0..a).map(|reg| (reg, reg)).collect::<Pairs>();
        let way = Way { functions: (old, new), from: (0, 0), only_wait: false, after: false };
        let same = a == b && matches!(self.follow(way, &args, false), Ok(()));
        if !same {
            // What was taken for the same because of this is looked at again.
            self.functions.clear();
        }
        self.functions.insert((old, new), same);
        same
    }

    /// Whether both do the same from here on; if so, the registers that must hold the same at the beginning.
    pub(super) fn way(&mut self, way: Way) -> Option<Pairs> {
        let mut pairs = Pairs::new();
        loop {
            match self.follow(way, &pairs, true) {
                Ok(()) => return Some(pairs),
                Err(Odd::Different) => return None,
                Err(Odd::Found(old, new)) => {
                    // Each register holds one value.
                    if pairs.iter().any(|&(a, b)| a == old || b == new) {
                        return None;
                    }
                    pairs.insert((old, new));
                }
            }
        }
    }

    fn follow(&mut self, way: Way, pairs: &Pairs, open: bool) -> Result<(), Odd> {
        let mut known = BTreeMap::new();
        let mut todo = Vec::new();
        let start = Known { same: pairs.clone(), written: Default::default() };
        if way.after {
            self.leave(way, way.from, &start, &mut |to, state| state.arrive(to, &mut known, &mut todo))?;
        } else {
            start.arrive(way.from, &mut known, &mut todo);
        }
        while let Some(here) = todo.pop() {
            let Some(state) = known.get(&here).cloned() else { continue };
            let (a, b) = self.at(way, here)?;
            if way.only_wait && matches!((a, b), (Op::Disarm, Op::Disarm)) {
                continue;
            }
            if !self.alike(a, b) {
                return Err(Odd::Different);
            }
            let (one, two) = (a.parts(here.0, self.old).reads, b.parts(here.1, self.new).reads);
            if one.len() != two.len() {
                return Err(Odd::Different);
            }
            one.iter().zip(&two).try_for_each(|(&old, &new)| state.reads(old, new, open))?;
            self.leave(way, here, &state, &mut |to, state| state.arrive(to, &mut known, &mut todo))?;
        }
        Ok(())
    }

    /// The pairs of instructions that may come next, with what is known there.
    fn leave(&self, way: Way, here: (Pc, Pc), state: &Known, to: &mut dyn FnMut((Pc, Pc), Known)) -> Result<(), Odd> {
        let (a, b) = self.at(way, here)?;
        let (one, two) = (a.parts(here.0, self.old), b.parts(here.1, self.new));
        let here_caught = caught(self.old, way.functions.0, here.0);
        let there = caught(self.new, way.functions.1, here.1);
        if one.next.len() != two.next.len() || (here_caught.len() != there.len() && !way.only_wait) {
            return Err(Odd::Different);
        }
        // Within a wait only the wait itself is compared.
        for ((h, e), (i, x)) in here_caught.into_iter().zip(there).filter(|_| !way.only_wait) {
            to((h, i), state.after(Some((e, x))));
        }
        let writes = match (one.writes, two.writes) {
            (Some(old), Some(new)) => Some((old, new)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(Odd::Different),
        };
        // Of a `Fork` that has forked, only what comes behind the branches is left.
        let behind = if way.after && here == way.from && matches!(a, Op::Fork { .. }) { one.next.len() - 1 } else { 0 };
        for (&old, &new) in one.next.iter().zip(&two.next).skip(behind) {
            to((old, new), state.after(writes));
        }
        Ok(())
    }

    fn at(&self, way: Way, (p, q): (Pc, Pc)) -> Result<(Op, Op), Odd> {
        let op = |program: &Program, function: Ix, pc: Pc| {
            program.functions.get(usize::from(function))?.code.get(pc as usize).copied()
        };
        let (a, b) = (op(self.old, way.functions.0, p), op(self.new, way.functions.1, q));
        a.zip(b).ok_or(Odd::Different)
    }

    /// Whether two instructions do the same, but for their registers and the places they jump to.
    fn alike(&mut self, a: Op, b: Op) -> bool {
        let (old, new) = (self.old, self.new);
        let name = |k: Ix, l: Ix| old.names.get(usize::from(k)) == new.names.get(usize::from(l));
        let constant = |k: Ix, l: Ix| old.consts.get(usize::from(k)) == new.consts.get(usize::from(l));
        // What the instruction carries besides registers and jumps has to be compared here.
        match a {
            Op::Const { k, .. } => matches!(b, Op::Const { k: l, .. } if constant(k, l)),
            Op::Record { names: k, .. } => matches!(b, Op::Record { names, .. } if constant(k, names)),
            Op::Read { field: k, .. } => matches!(b, Op::Read { field, .. } if name(k, field)),
            Op::Format { format: k, .. } => matches!(b, Op::Format { format, .. } if name(k, format)),
            Op::WatchEvent { event: k, .. } => matches!(b, Op::WatchEvent { event, .. } if name(k, event)),
            Op::Bin { op: k, .. } => matches!(b, Op::Bin { op, .. } if op == k),
            Op::BinConst { op: one, k, .. } => {
                matches!(b, Op::BinConst { op: two, k: l, .. } if one == two && constant(k, l))
            }
            Op::Call { func: k, .. } => matches!(b, Op::Call { func, .. } if func == k),
            Op::Act { call: k, .. } => {
                let shape = |l: Ix| old.calls.get(usize::from(k)) == new.calls.get(usize::from(l));
                matches!(b, Op::Act { call, .. } if shape(call))
            }
            Op::Invoke { function: k, .. } => matches!(b, Op::Invoke { function, .. } if self.functions(k, function)),
            Op::Undo { function: k, .. } => matches!(b, Op::Undo { function, .. } if self.functions(k, function)),
            Op::Find { of: k, .. } => matches!(b, Op::Find { of, .. } if constant(k, of)),
            Op::Rank { down: k, .. } => matches!(b, Op::Rank { down, .. } if down == k),
            Op::Fork { race: k, .. } => matches!(b, Op::Fork { race, .. } if race == k),
            Op::Copy { .. }
            | Op::Now { .. }
            | Op::Today { .. }
            | Op::Not { .. }
            | Op::Neg { .. }
            | Op::IsEmpty { .. }
            | Op::List { .. }
            | Op::Text { .. }
            | Op::Jump { .. }
            | Op::JumpIf { .. }
            | Op::JumpUnless { .. }
            | Op::JumpSome { .. }
            | Op::Next { .. }
            | Op::Arm { .. }
            | Op::ArmNone
            | Op::Watch
            | Op::Suspend { .. }
            | Op::Disarm
            | Op::Return { .. }
            | Op::ReturnNone
            | Op::Stop
            | Op::Give { .. }
            | Op::Join
            | Op::Mark { .. }
            | Op::Unwind { .. }
            | Op::Settle
            | Op::Raise { .. }
            | Op::Push { .. }
            | Op::Sort { .. } => std::mem::discriminant(&a) == std::mem::discriminant(&b),
        }
    }
}

fn caught(program: &Program, function: Ix, pc: Pc) -> Vec<(Pc, Reg)> {
    program.functions.get(usize::from(function)).map_or(Vec::new(), |function| function.caught(pc))
}

impl Known {
    /// Whether both read the same here.
    fn reads(&self, old: Reg, new: Reg, open: bool) -> Result<(), Odd> {
        if self.same.contains(&(old, new)) {
            return Ok(());
        }
        let untouched = !self.written.0.contains(&old) && !self.written.1.contains(&new);
        match (untouched, open) {
            (true, true) => Err(Odd::Found(old, new)),
            // Registers of a function that nothing wrote are missing on both sides.
            (true, false) if old == new => Ok(()),
            (true | false, _) => Err(Odd::Different),
        }
    }

    /// What is known when both have written.
    fn after(&self, writes: Option<(Reg, Reg)>) -> Self {
        let mut next = self.clone();
        if let Some((r, s)) = writes {
            next.same.retain(|&(a, b)| a != r && b != s);
            next.same.insert((r, s));
            next.written.0.insert(r);
            next.written.1.insert(s);
        }
        next
    }

    /// Takes this to a pair of instructions; only what holds on all ways there is known.
    fn arrive(self, to: (Pc, Pc), known: &mut BTreeMap<(Pc, Pc), Known>, todo: &mut Vec<(Pc, Pc)>) {
        let merged = match known.get(&to) {
            None => self,
            Some(before) => Known {
                same: before.same.intersection(&self.same).copied().collect(),
                written: (&before.written.0 | &self.written.0, &before.written.1 | &self.written.1),
            },
        };
        if known.get(&to) != Some(&merged) {
            known.insert(to, merged);
            todo.push(to);
        }
    }
}
