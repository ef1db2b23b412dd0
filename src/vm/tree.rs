//! Branches: `parallel` waits for all of them, `race` for the first, and cancels the others.
//!
//! A branch works on its own copy of the variables; what it sets is seen outside when it has ended (`Give`). Branches that
//! can go on do so in the order in which they are written, each until it sleeps.

use super::cpu::Fault;
use super::machine::Machine;
use super::task::{Frame, Phase, Task, set};
use crate::ir::{Op, Program, Reg};
use crate::value::Value;

impl Machine {
    /// The task that goes on next: the current one, else the first that can.
    pub(super) fn next_ready(&mut self) -> bool {
        let ready = |task: &Task| task.phase == Phase::Ready;
        if self.tasks.get(usize::from(self.current)).is_some_and(ready) {
            return true;
        }
        let next = self.tasks.iter().position(ready).and_then(|at| u16::try_from(at).ok());
        self.current = next.unwrap_or(self.current);
        next.is_some()
    }

    /// The current task starts its branches: they begin at the instructions after this one.
    pub(super) fn fork(&mut self, program: &Program, n: u16, live: Reg) -> Result<(), Fault> {
        if self.tasks.len() + usize::from(n) > super::MAX_TASKS {
            return Err(Fault::Run(format!("more than {} branches go on at once", super::MAX_TASKS)));
        }
        let parent = self.current;
        let task = self.tasks.get_mut(usize::from(parent)).ok_or(Fault::Damaged("no such branch"))?;
        task.phase = if n == 0 { Phase::Ready } else { Phase::Forked };
        let Frame { function, pc, ref regs } = task.frame;
        let code = program.functions.get(usize::from(function)).map_or(&[][..], |f| &f.code);
        let first = pc.saturating_add(1);
        let start = |i: u32| match code.get(first.saturating_add(i) as usize) {
            Some(Op::Jump { to }) => *to as usize,
            _ => code.len(),
        };
        let mut branches = Vec::with_capacity(usize::from(n));
        for i in 0..u32::from(n) {
            // Behind the last branch's jump stands the one to the end.
            let own = code.get(start(i)..start(i + 1)).unwrap_or(code);
            let needs = |reg: Reg| reg < live && own.iter().any(|op| op.reads(reg, program));
            let copy = |(reg, value): (Reg, &Value)| if needs(reg) { value.clone() } else { Value::Missing };
            let regs = (0..).zip(regs).map(copy).collect();
            branches.push(Task::new(Frame { function, pc: first.saturating_add(i), regs }, parent));
        }
        self.tasks.extend(branches);
        Ok(())
    }

    /// A branch hands a variable to the task that it belongs to.
    pub(super) fn give(&mut self, program: &Program, reg: Reg) -> Result<(), Fault> {
        let task = self.tasks.get(usize::from(self.current)).ok_or(Fault::Damaged("no such branch"))?;
        let parent = task.parent;
        let value = task.frame.regs.get(usize::from(reg)).cloned().ok_or(Fault::Damaged("no such register"))?;
        let parent = self.tasks.get_mut(usize::from(parent)).ok_or(Fault::Damaged("no such branch"))?;
        parent.fill(program)?;
        set(&mut parent.frame.regs, reg, value)
    }

    /// The current branch has ended.
    pub(super) fn join(&mut self, program: &Program) -> Result<(), Fault> {
        let at = self.current;
        let parent = match self.tasks.get(usize::from(at)) {
            Some(task) if at > 0 && task.callers.is_empty() => task.parent,
            _ => return Err(Fault::Damaged("the end of a branch that nobody started")),
        };
        let outer = self.tasks.get_mut(usize::from(parent)).ok_or(Fault::Damaged("no such branch"))?;
        let (Phase::Forked, Some(Op::Fork { race, n, live: _ })) = (outer.phase, outer.fill(program)?) else {
            return Err(Fault::Damaged("the end of a branch that nobody started"));
        };
        // What it has done is done: only with the task around it will it be undone.
        for undo in self.undos.iter_mut().filter(|undo| undo.task == at) {
            undo.task = parent;
        }
        if race {
            self.cancel_branches(parent);
        } else {
            self.remove(|task| task == usize::from(at));
        }
        let more = self.tasks.iter().skip(1).any(|task| task.parent == parent);
        if let Some(outer) = self.tasks.get_mut(usize::from(parent)).filter(|_| !more) {
            outer.frame.pc = outer.frame.pc.saturating_add(1 + u32::from(n));
            outer.phase = Phase::Ready;
            self.current = parent;
        }
        Ok(())
    }

    /// Ends all branches of a task; what they have done is to be undone by it.
    pub(super) fn cancel_branches(&mut self, parent: u16) {
        let mut below = vec![false; self.tasks.len()];
        for (at, task) in self.tasks.iter().enumerate().skip(1) {
            let under = task.parent == parent || below.get(usize::from(task.parent)) == Some(&true);
            if let Some(mark) = below.get_mut(at) {
                *mark = under;
            }
        }
        let is_below = |at: usize| below.get(at) == Some(&true);
        for undo in self.undos.iter_mut().filter(|undo| is_below(usize::from(undo.task))) {
            undo.task = parent;
            undo.due = true;
        }
        self.remove(is_below);
        self.current = parent;
    }

    /// Takes tasks out, and closes the gaps.
    fn remove(&mut self, gone: impl Fn(usize) -> bool) {
        let mut places: Vec<u16> = Vec::with_capacity(self.tasks.len());
        let mut kept = 0;
        for at in 0..self.tasks.len() {
            places.push(kept);
            kept += u16::from(!gone(at));
        }
        let place = |at: u16| places.get(usize::from(at)).copied().unwrap_or(0);
        let mut at = 0;
        self.tasks.retain(|_| {
            at += 1;
            !gone(at - 1)
        });
        self.tasks.iter_mut().for_each(|task| task.parent = place(task.parent));
        self.undos.iter_mut().for_each(|undo| undo.task = place(undo.task));
        self.current = if gone(usize::from(self.current)) { 0 } else { place(self.current) };
    }
}
