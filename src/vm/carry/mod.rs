//! Carrying a sleeping run over to another program: the present one of its rule.
//!
//! Whether this can be done, and how, depends only on where the run is, not on its values: its [`Shape`]. So it is worked
//! out once for all runs that sleep at the same place ([`plan`]), and then done to each ([`Recipe::apply`]).
//!
//! A run is carried when what is left to run is the same in both programs ([`Class::Identical`]); else where the script
//! says so by `migrate` ([`Class::Mapped`]); else when its wait is there in the new program and every variable that matters
//! there has its value ([`Class::Compatible`]). Else it stays with its old program, and [`Stay`] says why.

mod compatible;
mod identical;
mod live;
mod mapped;
mod same;
mod search;

use super::machine::Machine;
use super::task::{Frame, Phase, Task};
use crate::ir::{Ix, Pc, Program, Reg};
use crate::value::{Moment, Name, Ref, Value};
use std::fmt;

/// How a run is carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// What is left to run is the same.
    Identical,
    /// Its wait is the same, and so are its variables; what comes after may differ.
    Compatible,
    /// The script says how, by `migrate`.
    Mapped,
}

/// Why a run stays with its old program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stay {
    /// It is ending: it undoes what it has done.
    Ending,
    /// Where it sleeps is not there any more.
    Gone,
    /// Where it sleeps cannot be told from other places that look the same.
    Ambiguous,
    /// A variable that matters there has no value in the run, or one of another type.
    Lacks(Name),
    /// What it has done would be undone differently.
    Undo,
    /// Its rule is not there any more.
    Removed,
}

impl fmt::Display for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ending => f.write_str("it is undoing what it has done"),
            Self::Gone => f.write_str("the place where it sleeps is not there any more"),
            Self::Ambiguous => f.write_str("it cannot be told which of several places like this it is now"),
            Self::Lacks(name) => write!(f, "it has no `{name}`, or one of another type"),
            Self::Undo => f.write_str("what it has done would be undone in another way"),
            Self::Removed => f.write_str("the rule is not there any more"),
        }
    }
}

/// Where a run is: all of it but its values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    tasks: Vec<At>,
    undos: Vec<Ix>,
    ending: bool,
}

/// Where a line of execution is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    phase: Phase,
    parent: u16,
    /// Function and instruction, the outermost frame first.
    frames: Vec<(Ix, Pc)>,
}

impl Shape {
    /// The shape of a run.
    pub fn of(machine: &Machine) -> Self {
        let at = |task: &Task| {
            let frames = task.callers.iter().chain([&task.frame]).map(|frame| (frame.function, frame.pc)).collect();
            // Which effect it is means nothing.
            let phase = if task.phase.outside().is_some() { Phase::Outside(0) } else { task.phase };
            At { phase, parent: task.parent, frames }
        };
        let tasks = machine.tasks.iter().map(at).collect();
        let undos = machine.undos.iter().map(|undo| undo.function).collect();
        Self { tasks, undos, ending: machine.ending.is_some() }
    }
}

/// How a frame of the old program becomes one of the new program.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FrameRecipe {
    function: Ix,
    pc: Pc,
    registers: u16,
    /// Which register gets the value of which.
    moves: Vec<(Reg, Reg)>,
    /// Whether the record that set the run off is put where the rule expects it: the old program may have let go of it.
    record: bool,
}

/// How runs of one shape are carried over.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    class: Class,
    /// For every task the frames, the outermost first.
    tasks: Vec<Vec<FrameRecipe>>,
    undos: Vec<Ix>,
    /// Values that the script gives to the innermost frame.
    given: Vec<(Reg, Value)>,
    /// Whether the run begins the wait where it arrives, instead of sleeping on.
    begins: bool,
}

/// Works out how runs of this shape are carried from one program to another.
///
/// # Errors
/// Why they have to stay.
pub fn plan(shape: &Shape, old: &Program, new: &Program) -> Result<Recipe, Stay> {
    if shape.ending {
        return Err(Stay::Ending);
    }
    if let Some(recipe) = identical::plan(shape, old, new) {
        return Ok(recipe);
    }
    if !lifetime_can_read(old, new) {
        return Err(Stay::Lacks("event".into()));
    }
    if let Some(recipe) = mapped::plan(shape, old, new) {
        return recipe;
    }
    compatible::plan(shape, old, new)
}

/// Whether the `while` clauses of two programs are the same.
pub fn lives_alike(old: &Program, new: &Program) -> bool {
    match (old.lifetime, new.lifetime) {
        (None, None) => true,
        (Some(a), Some(b)) => same::Both::new(old, new).functions(a, b),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// A `while` clause that looks at the event needs what runs of a rule without one have not kept.
fn lifetime_can_read(old: &Program, new: &Program) -> bool {
    let reads_event = |at: Ix| {
        let function = new.functions.get(usize::from(at));
        function.is_some_and(|f| f.params > 1 && f.code.iter().any(|op| op.reads(1, new)))
    };
    old.lifetime.is_some() || !new.lifetime.is_some_and(reads_event)
}

impl Recipe {
    /// How it is carried.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Carries a run over that was set off by `record`. `Some` moment: it has to be stepped with `Input::Go` now, and the limit of the wait that it
    /// begins counts from this moment, at which its old wait began.
    pub fn apply(&self, machine: &Machine, record: Option<&Ref>) -> (Machine, Option<Moment>) {
        let frame = |recipe: &FrameRecipe, old: &Frame| {
            let mut regs = vec![Value::Missing; usize::from(recipe.registers)];
            for &(from, to) in &recipe.moves {
                if let (Some(value), Some(slot)) = (old.regs.get(usize::from(from)), regs.get_mut(usize::from(to))) {
                    *slot = value.clone();
                }
            }
            if let Some(slot) = regs.first_mut().filter(|_| recipe.record) {
                *slot = record.cloned().map_or(Value::Missing, Value::Ref);
            }
            Frame { function: recipe.function, pc: recipe.pc, regs }
        };
        let mut carried = machine.clone();
        for (task, recipes) in carried.tasks.iter_mut().zip(&self.tasks) {
            let Some((inner, outer)) = recipes.split_last() else { continue };
            task.callers = outer.iter().zip(&task.callers).map(|(recipe, old)| frame(recipe, old)).collect();
            task.frame = frame(inner, &task.frame);
        }
        for (undo, function) in carried.undos.iter_mut().zip(&self.undos) {
            undo.function = *function;
        }
        let mut since = None;
        if let Some(task) = carried.tasks.first_mut().filter(|_| !self.given.is_empty() || self.begins) {
            for (reg, value) in &self.given {
                if let Some(slot) = task.frame.regs.get_mut(usize::from(*reg)) {
                    *slot = value.clone();
                }
            }
            if self.begins {
                since = task.wait.take().map(|wait| wait.since);
                (task.phase, task.watching) = (Phase::Ready, false);
            }
        }
        (carried, since)
    }
}
