//! The new script says how runs of older versions go on: `migrate`.

use super::super::task::Phase;
use super::compatible::{Compatible, counterpart_of, is_kept, is_record, name_of, named, wider, words};
use super::identical::undos;
use super::live::Live;
use super::same::Both;
use super::search::{op, search};
use super::{Class, FrameRecipe, Recipe, Shape, Stay};
use crate::ir::{Function, Given, Migration, Op, Pc, Program, Reg};
use crate::value::Value;

/// `None` when no `migrate` speaks of runs like this.
pub(super) fn plan(shape: &Shape, old: &Program, new: &Program) -> Option<Result<Recipe, Stay>> {
    let [task] = shape.tasks.as_slice() else { return None };
    let &[(0, pc)] = task.frames.as_slice() else { return None };
    let sleeps = matches!(op(old, 0, pc), Some(Op::Suspend { .. })) && task.phase == Phase::Waiting;
    let (before, after) = (old.functions.first()?, new.functions.first()?);
    if !sleeps {
        return None;
    }
    let here = words(old, before, pc);
    let from = |migration: &&Migration| migration.from.as_deref().is_some_and(|from| from == here);
    if let Some(migration) = new.migrations.iter().find(from) {
        return Some(begin(shape, (old, before, pc), (new, after), migration));
    }
    // In the same wait, with values for variables that the old version did not have.
    new.migrations.iter().filter(|migration| migration.from.is_none()).find_map(|migration| {
        let (given, moves) = values(migration, (before, pc), after).ok()?;
        let regs: Vec<Reg> = given.iter().map(|(reg, _)| *reg).chain(moves.iter().map(|(_, reg)| *reg)).collect();
        let mut fit = Compatible { both: Both::new(old, new), given: &regs };
        let mut tasks = search(shape, old, new, &mut fit).ok()?;
        let frame = tasks.first_mut()?.first_mut().filter(|frame| frame.pc == migration.suspend)?;
        frame.moves.extend(moves);
        let undos = undos(&mut Both::new(old, new), shape)?;
        Some(Ok(Recipe { class: Class::Mapped, tasks, undos, given, begins: false }))
    })
}

/// The run leaves its old wait and begins another one.
fn begin(
    shape: &Shape,
    (old, before, pc): (&Program, &Function, Pc),
    (new, after): (&Program, &Function),
    migration: &Migration,
) -> Result<Recipe, Stay> {
    let (given, mut moves) = values(migration, (before, pc), after)?;
    let has = |reg: Reg, moves: &[(Reg, Reg)]| {
        given.iter().any(|(given, _)| *given == reg) || moves.iter().any(|(_, to)| *to == reg)
    };
    let mut record = false;
    for reg in Live::of(after, new).at(migration.start) {
        record |= is_record(0, reg);
        if !is_record(0, reg) && !has(reg, &moves) {
            moves.push((counterpart_of(reg, (before, pc), (after, migration.start))?, reg));
        }
    }
    if let Some((_, reg)) = moves.iter().find(|(from, _)| !is_kept((before, old), pc, false, *from)) {
        return Err(Stay::Lacks(name_of(after, *reg, migration.start)));
    }
    let undos = undos(&mut Both::new(old, new), shape).ok_or(Stay::Undo)?;
    let frame = FrameRecipe { function: 0, pc: migration.start, registers: after.registers, moves, record };
    Ok(Recipe { class: Class::Mapped, tasks: vec![vec![frame]], undos, given, begins: true })
}

/// Values for registers, and old registers whose value they get.
type Values = (Vec<(Reg, Value)>, Vec<(Reg, Reg)>);

/// What the script gives to variables.
fn values(migration: &Migration, old: (&Function, Pc), new: &Function) -> Result<Values, Stay> {
    let (mut given, mut moves) = (Vec::new(), Vec::new());
    for (reg, value) in &migration.values {
        match value {
            Given::Const(value) => given.push((*reg, value.clone())),
            Given::Old(name) => {
                let lacks = || Stay::Lacks(name.clone());
                let (from, ty) = named(old, name, 0).ok_or_else(lacks)?;
                let known = |local: &&crate::ir::Local| {
                    local.reg == *reg && (local.from..local.to).contains(&migration.suspend)
                };
                let wanted = new.locals.iter().rfind(known).ok_or_else(lacks)?;
                if !wider(&ty, &wanted.ty) {
                    return Err(lacks());
                }
                moves.push((from, *reg));
            }
        }
    }
    Ok((given, moves))
}
