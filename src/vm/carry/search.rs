//! Finds for every frame of a run its place in another program.

use super::super::task::Phase;
use super::{FrameRecipe, Shape, Stay};
use crate::ir::{Function, Ix, Op, Pc, Program, Reg};
use std::ops::Range;

/// A frame that needs a place in the new program.
pub(super) struct Spot {
    /// Its function, and the one in which it is to be placed.
    pub(super) functions: (Ix, Ix),
    /// Where it is.
    pub(super) pc: Pc,
    /// What its task expects, if it is the innermost frame; else it waits for the function that it called.
    pub(super) phase: Option<Phase>,
    /// Where it may lie, in both programs: the whole function, or a branch.
    pub(super) ranges: (Range<Pc>, Range<Pc>),
    /// Whether it is the first frame of a branch, which has only the registers that the branch looks at.
    pub(super) branch: bool,
}

/// A place for a frame, the registers that move there, and whether it gets the record of the run.
pub(super) type Place = (Pc, Vec<(Reg, Reg)>, bool);

/// What makes a place fit.
pub(super) trait Fit {
    /// The places that fit, the best first; why there are none, if there are none.
    fn places(&mut self, spot: &Spot) -> Result<Vec<Place>, Stay>;
}

/// The places of all frames of all tasks of a run.
pub(super) fn search(
    shape: &Shape,
    old: &Program,
    new: &Program,
    fit: &mut dyn Fit,
) -> Result<Vec<Vec<FrameRecipe>>, Stay> {
    let mut search = Search { shape, old, new, fit, found: Vec::new(), why: None };
    if search.task(0) { Ok(search.found) } else { Err(search.why.unwrap_or(Stay::Gone)) }
}

struct Search<'a> {
    shape: &'a Shape,
    old: &'a Program,
    new: &'a Program,
    fit: &'a mut dyn Fit,
    found: Vec<Vec<FrameRecipe>>,
    /// The first reason that was met.
    why: Option<Stay>,
}

impl Search<'_> {
    /// Places this task and all after it.
    fn task(&mut self, i: usize) -> bool {
        let Some(task) = self.shape.tasks.get(i) else { return true };
        let Some(&(function, pc)) = task.frames.first() else { return false };
        self.found.truncate(i);
        let (into, ranges) = if i == 0 {
            (0, (0..Pc::MAX, 0..Pc::MAX))
        } else {
            let parent = usize::from(task.parent);
            let fork = self.shape.tasks.get(parent).and_then(|task| task.frames.last());
            let place = self.found.get(parent).and_then(|frames| frames.last());
            let (Some(&(outer, fork)), Some(place)) = (fork, place) else { return false };
            match (branch(self.old, outer, fork, pc), function == outer) {
                (Some((n, range)), true) => {
                    let there = self.new.functions.get(usize::from(place.function));
                    (place.function, (range, there.map_or(0..0, |f| f.branch(place.pc, n))))
                }
                (Some(_) | None, _) => return false,
            }
        };
        if i == 0 && function != 0 {
            return false;
        }
        self.found.push(Vec::new());
        self.frame(i, 0, into, ranges)
    }

    /// Places this frame of a task, those that it called, and the tasks after it.
    fn frame(&mut self, i: usize, j: usize, into: Ix, ranges: (Range<Pc>, Range<Pc>)) -> bool {
        let Some(task) = self.shape.tasks.get(i) else { return false };
        let Some(&(function, pc)) = task.frames.get(j) else { return false };
        let last = j + 1 == task.frames.len();
        let spot = Spot {
            functions: (function, into),
            pc,
            phase: last.then_some(task.phase),
            ranges,
            branch: i > 0 && j == 0,
        };
        let places = match self.fit.places(&spot) {
            Ok(places) => places,
            Err(why) => {
                self.why.get_or_insert(why);
                return false;
            }
        };
        let Some(there) = self.new.functions.get(usize::from(into)) else { return false };
        for (pc, moves, record) in places {
            let recipe = FrameRecipe { function: into, pc, registers: there.registers, moves, record };
            let Some(frames) = self.found.get_mut(i) else { return false };
            frames.truncate(j);
            frames.push(recipe);
            let fits = match there.code.get(pc as usize) {
                Some(Op::Invoke { function, .. }) if !last => self.frame(i, j + 1, *function, (0..Pc::MAX, 0..Pc::MAX)),
                Some(_) if last => self.task(i + 1),
                Some(_) | None => false,
            };
            if fits {
                return true;
            }
        }
        false
    }
}

/// The number of the branch of a `Fork` that holds an instruction, and where it lies.
fn branch(program: &Program, function: Ix, fork: Pc, pc: Pc) -> Option<(u32, Range<Pc>)> {
    let function = program.functions.get(usize::from(function))?;
    let Some(Op::Fork { n, .. }) = function.code.get(fork as usize) else { return None };
    (0..u32::from(*n)).map(|i| (i, function.branch(fork, i))).find(|(_, range)| range.contains(&pc))
}

/// An instruction of a program.
pub(super) fn op(program: &Program, function: Ix, pc: Pc) -> Option<Op> {
    program.functions.get(usize::from(function))?.code.get(pc as usize).copied()
}

/// The instructions of a function within a range that are like this.
pub(super) fn those(function: &Function, range: &Range<Pc>, like: impl Fn(Op) -> bool) -> Vec<Pc> {
    (0..).zip(&function.code).filter(|(pc, op)| range.contains(pc) && like(**op)).map(|(pc, _)| pc).collect()
}
