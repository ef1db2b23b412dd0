//! The wait is there in the new program, and every variable that matters there has its value.

use super::super::task::Phase;
use super::identical::undos;
use super::live::Live;
use super::same::{Both, Pairs, Way};
use super::search::{Fit, Place, Spot, op, search, those};
use super::{Class, Recipe, Shape, Stay};
use crate::ir::{Function, Ix, Op, Pc, Program, Reg};
use crate::value::Name;
use std::collections::BTreeSet;
use std::ops::Range;

pub(super) fn plan(shape: &Shape, old: &Program, new: &Program) -> Result<Recipe, Stay> {
    let mut fit = Compatible { both: Both::new(old, new), given: &[] };
    let tasks = search(shape, old, new, &mut fit)?;
    let undos = undos(&mut fit.both, shape).ok_or(Stay::Undo)?;
    Ok(Recipe { class: Class::Compatible, tasks, undos, given: Vec::new(), begins: false })
}

pub(super) struct Compatible<'a> {
    pub(super) both: Both<'a>,
    /// Registers of the place where the run sleeps that get a value in another way.
    pub(super) given: &'a [Reg],
}

impl Fit for Compatible<'_> {
    fn places(&mut self, spot: &Spot) -> Result<Vec<Place>, Stay> {
        let (pc, pairs) = self.counterpart(spot)?;
        let (moves, record) = self.moves(spot, pc, &pairs)?;
        Ok(vec![(pc, moves, record)])
    }
}

impl<'a> Compatible<'a> {
    fn functions(&self, spot: &Spot) -> Result<(&'a Function, &'a Function), Stay> {
        let (a, b) = spot.functions;
        let old = self.both.old.functions.get(usize::from(a));
        old.zip(self.both.new.functions.get(usize::from(b))).ok_or(Stay::Gone)
    }

    /// The place that is the same as the frame's, and what is known of its registers: the first among those that look
    /// like it is the first there, provided that there are as many.
    fn counterpart(&mut self, spot: &Spot) -> Result<(Pc, Pairs), Stay> {
        let (old, new) = self.functions(spot)?;
        let here = op(self.both.old, spot.functions.0, spot.pc).ok_or(Stay::Gone)?;
        let nothing = |pc| (pc, Pairs::new());
        match (here, spot.phase) {
            (Op::Suspend { .. }, Some(Phase::Waiting)) => self.wait(spot, old, new),
            (Op::Invoke { function, .. }, None) => {
                let name = |program: &Program, at: Ix| program.functions.get(usize::from(at)).map(|f| f.name.clone());
                let wanted = name(self.both.old, function).filter(|name| !name.is_empty()).ok_or(Stay::Gone)?;
                let calls = |program: &'a Program, op: Op| match op {
                    Op::Invoke { function, .. } => name(program, function).as_ref() == Some(&wanted),
                    _ => false,
                };
                let before = those(old, &spot.ranges.0, |op| calls(self.both.old, op));
                let after = those(new, &spot.ranges.1, |op| calls(self.both.new, op));
                nth(spot.pc, &before, &after).map(nothing)
            }
            (Op::Fork { race, n, .. }, Some(Phase::Forked)) => {
                let like = |op: Op| matches!(op, Op::Fork { race: r, n: m, .. } if r == race && m == n);
                nth(spot.pc, &those(old, &spot.ranges.0, like), &those(new, &spot.ranges.1, like)).map(nothing)
            }
            (Op::Act { call, .. }, Some(Phase::Asked | Phase::Outside(_))) => {
                let action = |program: &Program, at: Ix| program.calls.get(usize::from(at)).map(|c| c.action.clone());
                let wanted = action(self.both.old, call).ok_or(Stay::Gone)?;
                let asks = |program: &Program, op: Op| match op {
                    Op::Act { call, .. } => action(program, call).as_ref() == Some(&wanted),
                    _ => false,
                };
                let before = those(old, &spot.ranges.0, |op| asks(self.both.old, op));
                let after = those(new, &spot.ranges.1, |op| asks(self.both.new, op));
                nth(spot.pc, &before, &after).map(nothing)
            }
            _ => Err(Stay::Gone),
        }
    }

    /// The same wait: first among those written alike, then among those that look at the same.
    fn wait(&mut self, spot: &Spot, old: &Function, new: &Function) -> Result<(Pc, Pairs), Stay> {
        let waits =
            |function: &Function, range: &Range<Pc>| those(function, range, |op| matches!(op, Op::Suspend { .. }));
        let mut before = waits(old, &spot.ranges.0);
        let mut alone = Both::new(self.both.old, self.both.old);
        before.retain(|&pc| same_wait(&mut alone, (spot.functions.0, spot.functions.0), (spot.pc, pc)).is_some());
        let mut after = waits(new, &spot.ranges.1);
        after.retain(|&pc| same_wait(&mut self.both, spot.functions, (spot.pc, pc)).is_some());
        let wanted = words(self.both.old, old, spot.pc);
        let alike = |program: &Program, function: &Function, all: &[Pc]| -> Vec<Pc> {
            all.iter().copied().filter(|pc| words(program, function, *pc) == wanted).collect()
        };
        let (same, there) = (alike(self.both.old, old, &before), alike(self.both.new, new, &after));
        // Which of several that are written alike it is must not be guessed from those that are written differently.
        let written = if wanted.is_empty() { Err(Stay::Gone) } else { nth(spot.pc, &same, &there) };
        let pc = match written {
            Err(Stay::Gone) => nth(spot.pc, &before, &after)?,
            written => written?,
        };
        let pairs = same_wait(&mut self.both, spot.functions, (spot.pc, pc)).ok_or(Stay::Gone)?;
        Ok((pc, pairs))
    }

    /// Which register gets the value of which, so that everything that matters in the new place has its value.
    fn moves(&self, spot: &Spot, pc: Pc, pairs: &Pairs) -> Result<(Vec<(Reg, Reg)>, bool), Stay> {
        let (old, new) = self.functions(spot)?;
        let inner = spot.phase.is_some();
        let (mut moves, mut record) = (Vec::new(), false);
        for reg in needed(new, self.both.new, pc) {
            if is_record(spot.functions.1, reg) {
                record = true;
                continue;
            }
            if inner && self.given.contains(&reg) {
                continue;
            }
            let paired = pairs.iter().find(|(_, to)| *to == reg).map(|(from, _)| *from);
            let from = match paired {
                Some(from) => from,
                None => counterpart_of(reg, (old, spot.pc), (new, pc))?,
            };
            if !is_kept((old, self.both.old), spot.pc, spot.branch, from) {
                return Err(Stay::Lacks(name_of(new, reg, pc)));
            }
            moves.push((from, reg));
        }
        Ok((moves, record))
    }
}

/// Whether a register of the body holds the record that set the run off, which the host knows.
pub(super) fn is_record(function: Ix, reg: Reg) -> bool {
    (function, reg) == (0, 0)
}

/// Whether two waits look at the same, and the registers that they look at.
pub(super) fn same_wait(both: &mut Both<'_>, functions: (Ix, Ix), (p, q): (Pc, Pc)) -> Option<Pairs> {
    let (Op::Suspend { retry, .. }, Op::Suspend { retry: again, .. }) =
        (op(both.old, functions.0, p)?, op(both.new, functions.1, q)?)
    else {
        return None;
    };
    both.way(Way { functions, from: (retry, again), only_wait: true, after: false })
}

/// The words of a wait, without comments, with single spaces.
pub(super) fn words(program: &Program, function: &Function, pc: Pc) -> String {
    let span = function.spans.get(pc as usize).copied().unwrap_or_default();
    let text = program.debug.text.get(span.start as usize..span.end as usize).unwrap_or_default();
    crate::source::words(text)
}

/// The place in the second list that has the number of `pc` in the first, if both are of the same length.
fn nth(pc: Pc, before: &[Pc], after: &[Pc]) -> Result<Pc, Stay> {
    let at = before.iter().position(|other| *other == pc).ok_or(Stay::Gone)?;
    if after.is_empty() {
        Err(Stay::Gone)
    } else if before.len() == after.len() {
        after.get(at).copied().ok_or(Stay::Gone)
    } else {
        Err(Stay::Ambiguous)
    }
}

/// The registers whose values matter to a frame that goes on from here.
fn needed(function: &Function, program: &Program, pc: Pc) -> BTreeSet<Reg> {
    let live = Live::of(function, program);
    let Some(op) = function.code.get(pc as usize).copied() else { return BTreeSet::new() };
    if matches!(op, Op::Act { .. }) {
        return live.at(function.statement(pc));
    }
    let parts = op.parts(pc, program);
    let behind = if matches!(op, Op::Fork { .. }) { parts.next.len().saturating_sub(1) } else { 0 };
    let mut needed: BTreeSet<Reg> = parts.next.iter().skip(behind).flat_map(|next| live.at(*next)).collect();
    if let Some(dst) = parts.writes {
        needed.remove(&dst);
    }
    for (handler, error) in function.caught(pc) {
        needed.extend(live.at(handler).into_iter().filter(|reg| *reg != error));
    }
    needed
}

/// The old register of the variable that a new register holds.
pub(super) fn counterpart_of(reg: Reg, old: (&Function, Pc), new: (&Function, Pc)) -> Result<Reg, Stay> {
    let lacks = || Stay::Lacks(name_of(new.0, reg, new.1));
    let Some((name, number, ty)) = variable(new.0, reg, new.1) else {
        // The record and the event of the rule have no names.
        let own = new.0.name.is_empty() && old.0.name.is_empty() && reg < new.0.params.min(old.0.params);
        return if own { Ok(reg) } else { Err(lacks()) };
    };
    let (from, before) = named(old, &name, number).ok_or_else(lacks)?;
    if wider(&before, &ty) { Ok(from) } else { Err(lacks()) }
}

/// The register and type of the old variable of this name; the compiler's own are told apart by their number.
pub(super) fn named((function, pc): (&Function, Pc), name: &str, number: usize) -> Option<(Reg, Name)> {
    let mut known = function.locals.iter().filter(|local| *local.name == *name && (local.from..local.to).contains(&pc));
    let found = if name.starts_with('$') { known.next_back() } else { known.nth(number) };
    found.map(|local| (local.reg, local.ty.clone()))
}

/// The variable in a register: its name, which one of that name it is, and its type.
fn variable(function: &Function, reg: Reg, pc: Pc) -> Option<(Name, usize, Name)> {
    let known = || function.locals.iter().filter(|local| (local.from..local.to).contains(&pc));
    let found = known().rfind(|local| local.reg == reg)?;
    let number = known().filter(|local| local.name == found.name).position(|local| local.reg == reg)?;
    Some((found.name.clone(), number, found.ty.clone()))
}

pub(super) fn name_of(function: &Function, reg: Reg, pc: Pc) -> Name {
    match variable(function, reg, pc) {
        Some((name, _, _)) => name,
        None if reg == 1 => "event".into(),
        None => "record".into(),
    }
}

/// Whether the run still has the value: what nothing looks at is not kept while it sleeps.
pub(super) fn is_kept((function, program): (&Function, &Program), pc: Pc, branch: bool, reg: Reg) -> bool {
    if needed(function, program, pc).contains(&reg) {
        return true;
    }
    let read = || function.code.iter().any(|op| op.reads(reg, program));
    let slept = match function.code.get(pc as usize) {
        Some(Op::Suspend { live, .. }) => reg < *live,
        Some(_) | None => true,
    };
    !branch && slept && (reg >= function.params || read())
}

/// Whether every value of one type is one of the other; types are in the user's words.
pub(super) fn wider(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    if let Some(inner) = new.strip_suffix('?') {
        return wider(old.strip_suffix('?').unwrap_or(old), inner);
    }
    if let (Some(old), Some(new)) = (old.strip_prefix("list of "), new.strip_prefix("list of ")) {
        return wider(old, new);
    }
    matches!((old, new), ("int", "decimal") | ("phone" | "email" | "url", "text"))
}
