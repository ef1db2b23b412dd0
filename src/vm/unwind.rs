//! Mistakes, and what they bring: `try` catches them, `undo` takes back what was done.
//!
//! An `undo` is a function with its arguments, kept until the run ends. When a run fails or is cancelled, those of the
//! whole run are executed, the newest first; when a `try` fails, those that were registered inside it; when a branch
//! loses a race, its own.

use super::cpu::Fault;
use super::machine::Machine;
use super::step::{RunError, Step};
use super::task::{Frame, Phase, Task};
use crate::ir::{Catch, Ix, Op, Pc, Program, Reg};
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// Something that can be undone. The order of its fields is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Undo {
    /// The task that has done it.
    pub(super) task: u16,
    /// The number of the effect before it.
    pub(super) seq: u32,
    /// Whether it is to be undone as soon as the task goes on.
    pub(super) due: bool,
    /// The function that undoes it.
    pub(super) function: Ix,
    /// Its arguments.
    pub(super) args: Vec<Value>,
}

/// Why a run ends early. The order is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Ending {
    /// It failed.
    Failed(RunError),
    /// The host cancelled it.
    Cancelled,
}

impl Machine {
    /// Cancels the run. A host that gets false can forget it; else it goes on with `Input::Go` until `Step::Cancelled`,
    /// as there is something to undo.
    pub fn cancel(&mut self) -> bool {
        self.stop_early(Ending::Cancelled)
    }

    /// Ends the run with a mistake that the host found. A host that gets false can forget it; else it goes on with
    /// `Input::Go` until `Step::Failed`, as there is something to undo.
    pub fn abort(&mut self, error: RunError) -> bool {
        self.stop_early(Ending::Failed(error))
    }

    fn stop_early(&mut self, ending: Ending) -> bool {
        if self.ending.is_some() || self.undos.is_empty() {
            return false;
        }
        self.ending = Some(ending);
        self.tasks.truncate(1);
        self.current = 0;
        for task in &mut self.tasks {
            *task = Task::new(Frame { function: 0, pc: 0, regs: Vec::new() }, 0);
            task.phase = Phase::Forked;
        }
        true
    }

    /// Whether it is ending and has not begun to undo what comes next: it looks as if it had forked, but there are no
    /// branches. An `undo` that does fork has some.
    pub(super) fn is_stopped(&self) -> bool {
        self.ending.is_some() && matches!(self.tasks.as_slice(), [task] if task.phase == Phase::Forked)
    }

    /// Ends the run early; its last step, unless there is something to undo first.
    pub(super) fn end(&mut self, program: &Program, ending: Ending) -> Option<Step> {
        if self.stop_early(ending.clone()) {
            return self.undo_next(program);
        }
        self.over();
        self.ending = None;
        Some(match ending {
            Ending::Failed(error) => Step::Failed(error),
            Ending::Cancelled => Step::Cancelled,
        })
    }

    /// While the run is ending: begins to undo what was done last; the last step of the run when nothing is left.
    pub(super) fn undo_next(&mut self, program: &Program) -> Option<Step> {
        let Some(undo) = self.undos.pop() else {
            let ending = self.ending.take().unwrap_or(Ending::Cancelled);
            return self.end(program, ending);
        };
        if let Some(task) = self.tasks.first_mut() {
            *task = Task::new(Frame::enter(undo.function, undo.args, program), 0);
        }
        None
    }

    /// Registers that the effect before can be undone.
    pub(super) fn register(&mut self, program: &Program, function: Ix, base: Reg) -> Result<(), Fault> {
        if self.undos.len() >= super::MAX_UNDOS {
            return Err(Fault::Run(format!("more than {} effects are kept to be undone", super::MAX_UNDOS)));
        }
        let undoing = program.functions.get(usize::from(function)).ok_or(Fault::Damaged("no such function"))?;
        let (from, n) = (usize::from(base), usize::from(undoing.params));
        let task = self.tasks.get(usize::from(self.current)).ok_or(Fault::Damaged("no such branch"))?;
        let given = task.frame.regs.get(from..from + n).ok_or(Fault::Damaged("no such registers"))?;
        // What it never looks at is not kept.
        let used = |reg: Reg| undoing.code.iter().any(|op| op.reads(reg, program));
        let args = (0..).zip(given).map(|(reg, arg)| if used(reg) { arg.clone() } else { Value::Missing }).collect();
        self.undos.push(Undo { task: self.current, seq: self.effects, due: false, function, args });
        Ok(())
    }

    /// Undoes, the newest first, what the current task did after effect number `mark`, and what is due; false when
    /// nothing of that is left.
    pub(super) fn undo(&mut self, program: &Program, mark: Option<u32>) -> Result<bool, Fault> {
        let now = |undo: &Undo| undo.task == self.current && (undo.due || mark.is_some_and(|mark| undo.seq > mark));
        let Some(at) = self.undos.iter().rposition(now) else { return Ok(false) };
        let undo = self.undos.remove(at);
        let task = self.tasks.get_mut(usize::from(self.current)).ok_or(Fault::Damaged("no such branch"))?;
        task.push(Frame::enter(undo.function, undo.args, program));
        Ok(true)
    }

    /// Whether the run goes on if what it asked for now cannot be done: there is a `try` around, or it is undoing.
    pub fn catches(&self, program: &Program) -> bool {
        let mut at = self.current;
        while let Some(task) = self.tasks.get(usize::from(at)) {
            let fork = self.tasks.get(usize::from(task.parent)).filter(|_| at > 0).map(|parent| parent.frame.pc);
            let frames = task.callers.iter().chain([&task.frame]).zip(0..);
            for (frame, depth) in frames {
                let called = depth < task.callers.len();
                if catch(frame, fork.filter(|_| depth == 0), program).is_some() || (called && undoes(frame, program)) {
                    return true;
                }
            }
            if at == 0 {
                break;
            }
            at = task.parent;
        }
        self.ending.is_some()
    }

    /// A mistake of the current task: goes on at the nearest `try` around it, else the run fails.
    ///
    /// One that happens while something is undone is told, and the next thing is undone.
    pub(super) fn raise(&mut self, program: &Program, message: String) -> Result<Option<Step>, Fault> {
        let error = RunError { message, span: self.place(program).unwrap_or_default() };
        // Where all sleep, the task whose mistake it is may have branches: they end with what it was doing.
        if self.tasks.get(usize::from(self.current)).is_some_and(|task| task.phase == Phase::Forked) {
            self.cancel_branches(self.current);
        }
        loop {
            let at = self.current;
            let parent = self.tasks.get(usize::from(at)).map_or(0, |task| task.parent);
            let fork = self.tasks.get(usize::from(parent)).filter(|_| at > 0).map(|parent| parent.frame.pc);
            let task = self.tasks.get_mut(usize::from(at)).ok_or(Fault::Damaged("no such branch"))?;
            (task.wait, task.watching, task.phase) = (None, false, Phase::Ready);
            let outermost = task.callers.is_empty();
            if let Some(catch) = catch(&task.frame, fork.filter(|_| outermost), program) {
                task.fill(program)?;
                super::task::set(&mut task.frame.regs, catch.error, Value::text(&error.message))?;
                task.frame.pc = catch.handler;
                return Ok(None);
            }
            if let Some(caller) = task.callers.pop() {
                task.frame = caller;
                task.fill(program)?;
                if undoes(&task.frame, program) {
                    return Ok(Some(Step::Note(error)));
                }
            } else if at > 0 {
                self.cancel_branches(parent);
            } else if self.ending.is_some() {
                task.phase = Phase::Forked;
                return Ok(Some(Step::Note(error)));
            } else {
                return Ok(self.end(program, Ending::Failed(error)));
            }
        }
    }
}

/// The innermost `try` around the instruction that a frame is at. One that is around the `fork` of a branch is not the
/// branch's own: that counts for the frame in which the branch began.
fn catch(frame: &Frame, fork: Option<Pc>, program: &Program) -> Option<Catch> {
    let function = program.functions.get(usize::from(frame.function))?;
    let around = |catch: &&Catch| (catch.from..catch.to).contains(&frame.pc);
    let inside = |catch: &&Catch| fork.is_none_or(|fork| catch.from > fork);
    function.catches.iter().filter(around).filter(inside).min_by_key(|catch| catch.to - catch.from).copied()
}

/// Whether a frame is about to undo more.
fn undoes(frame: &Frame, program: &Program) -> bool {
    let code = program.functions.get(usize::from(frame.function)).map_or(&[][..], |f| &f.code);
    matches!(code.get(frame.pc as usize), Some(Op::Unwind { .. } | Op::Settle))
}
