//! Executing the lines of execution in turns: which goes on, what comes of how functions are left, when all sleep.

use super::MAX_RUN;
use super::cpu::{Cpu, Exit, Fault, Flow};
use super::look::Look;
use super::machine::Machine;
use super::step::{Step, Watch};
use super::task::{Phase, Task};
use crate::catalog::Env;
use crate::ir::{Program, Reg};
use crate::value::{Ref, Value};

impl Machine {
    /// Executes from the current instruction on, until the host is needed. `done` is what came of the input.
    pub(super) fn run(
        &mut self,
        program: &Program,
        env: &Env<'_>,
        budget: &mut u64,
        reader: &mut dyn Look,
        mut done: Result<Option<Step>, Fault>,
    ) -> Result<Step, Fault> {
        loop {
            match done {
                Ok(None) => {}
                Ok(Some(step)) => return Ok(step),
                Err(Fault::Run(message)) => {
                    if let Some(step) = self.raise(program, message)? {
                        return Ok(step);
                    }
                }
                Err(fault) => return Err(fault),
            }
            done = if self.is_stopped() {
                Ok(self.undo_next(program))
            } else if self.next_ready() {
                self.turn(program, env, budget, reader)
            } else {
                self.fall_asleep()
            };
        }
    }

    /// All lines of execution sleep.
    fn fall_asleep(&self) -> Result<Option<Step>, Fault> {
        if self.size().is_none_or(|size| size > MAX_RUN) {
            return Err(Fault::Run("the run holds too much to be kept while it waits".to_owned()));
        }
        Ok(Some(Step::Wait))
    }

    /// Executes the current task, until it needs the host or the other tasks, or a function ends.
    fn turn(
        &mut self,
        program: &Program,
        env: &Env<'_>,
        budget: &mut u64,
        reader: &mut dyn Look,
    ) -> Result<Option<Step>, Fault> {
        let mut left = Ok(Flow::Next);
        if let Exit::Return(reg) = self.run_task(program, env, budget, reader, &mut left) {
            return self.returned(program, Some(reg));
        }
        match left? {
            Flow::Return(reg) => return self.returned(program, reg),
            Flow::Fork(n, live) => self.fork(program, n, live)?,
            Flow::Join => self.join(program)?,
            Flow::Give(reg) => {
                self.give(program, reg)?;
                self.running()?.frame.pc += 1;
            }
            Flow::Register(function, base) => {
                self.register(program, function, base)?;
                self.running()?.frame.pc += 1;
            }
            Flow::Unwind(mark) => {
                if !self.undo(program, mark)? {
                    self.running()?.frame.pc += 1;
                }
            }
            Flow::Leave(step) => return self.left(step),
            // Executing goes on with these by itself.
            Flow::Next | Flow::To(_) | Flow::Moved => {}
        }
        Ok(None)
    }

    fn running(&mut self) -> Result<&mut Task, Fault> {
        self.tasks.get_mut(usize::from(self.current)).ok_or(Fault::Damaged("no such branch"))
    }

    /// A function has ended.
    fn returned(&mut self, program: &Program, reg: Option<Reg>) -> Result<Option<Step>, Fault> {
        let regs = &mut self.running()?.frame.regs;
        let value = match reg {
            // Nobody looks at the registers of a function that has ended.
            Some(reg) => std::mem::take(regs.get_mut(usize::from(reg)).ok_or(Fault::Damaged("no such register"))?),
            None => Value::Missing,
        };
        if self.current == 0 && self.running()?.callers.is_empty() {
            if self.ending.is_some() {
                return Ok(self.undo_next(program));
            }
            self.over();
            return Ok(Some(Step::Done(value)));
        }
        if self.running()?.give_back(program, value)? {
            Ok(None)
        } else {
            Err(Fault::Damaged("a branch that gives something back"))
        }
    }

    /// An instruction needs the host.
    fn left(&mut self, step: Step) -> Result<Option<Step>, Fault> {
        match step {
            Step::Wait => {
                self.running()?.phase = Phase::Waiting;
                return Ok(None);
            }
            Step::Read { .. } | Step::Find { .. } | Step::Act(_) => self.running()?.phase = Phase::Asked,
            Step::Stopped => self.over(),
            Step::OutOfFuel | Step::Done(_) | Step::Failed(_) | Step::Cancelled | Step::Note(_) => {}
        }
        Ok(Some(step))
    }

    /// Executes instructions of the current task, until its outermost function ends or more is needed.
    fn run_task(
        &mut self,
        program: &Program,
        env: &Env<'_>,
        budget: &mut u64,
        reader: &mut dyn Look,
        left: &mut Result<Flow, Fault>,
    ) -> Exit {
        let Self { tasks, current, effects, draws, .. } = self;
        let Some(task) = tasks.get_mut(usize::from(*current)) else {
            *left = Err(Fault::Damaged("no such branch"));
            return Exit::Other;
        };
        let Some(function) = program.functions.get(usize::from(task.frame.function)) else {
            *left = Err(Fault::Damaged("no such function"));
            return Exit::Other;
        };
        if let Err(fault) = task.frame.fill(function) {
            *left = Err(fault);
            return Exit::Other;
        }
        let Task { frame, callers, wait, watching, .. } = task;
        let (spare, fuel) = (&mut Vec::new(), *budget);
        let mut cpu =
            Cpu { frame, callers, spare, wait, watching, effects, draws, program, function, env, reader, fuel };
        let exit = cpu.run(left);
        *budget = cpu.fuel;
        exit
    }

    /// About how many bytes the run takes when written down; `None` when a single value is too large.
    fn size(&self) -> Option<usize> {
        let of = |r: &Ref| r.kind.len() + r.id.len() + 3;
        let watch = |watch: &Watch| match watch {
            Watch::Field { of: record, field } => of(record) + field.len(),
            Watch::Event { name, about } => name.len() + about.as_ref().map_or(1, of),
        };
        let kept = self.undos.iter().flat_map(|undo| &undo.args);
        let mut values = self.tasks.iter().flat_map(Task::values).chain(kept);
        let values = values.try_fold(0_usize, |sum, value| sum.checked_add(value.weight()?))?;
        let waits = self.tasks.iter().filter_map(|task| task.wait.as_ref());
        Some(values + waits.flat_map(|wait| &wait.watches).map(watch).sum::<usize>())
    }
}
