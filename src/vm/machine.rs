//! The machine as plain data, and how it takes what the host gives it.

use super::cpu::{Fault, fits};
use super::look::Look;
use super::step::{Input, Outcome, RunError, Step, WaitState, Watch};
use super::task::{Frame, Phase, Task, set};
use super::unwind::{Ending, Undo};
use crate::catalog::Env;
use crate::ir::{Ix, Local, Op, Program};
use crate::source::Span;
use crate::value::{Moment, Name, Value};
use serde::{Deserialize, Serialize};

/// One run of a program, or one evaluation of its condition. It can be cloned and written down between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The lines of execution: the run itself, then branches; a branch comes after the task that it belongs to.
    pub(super) tasks: Vec<Task>,
    /// The task that runs, or has asked for something.
    pub(super) current: u16,
    /// How many effects it asked for.
    pub(super) effects: u32,
    /// How many random numbers it drew.
    pub(super) draws: u32,
    /// What is to be undone should the run fail or be cancelled, the oldest first.
    pub(super) undos: Vec<Undo>,
    /// Why it is ending, while it undoes.
    pub(super) ending: Option<Ending>,
}

impl Machine {
    /// A machine at the start of a function. Arguments that the function does not take are dropped, those that are not
    /// given are missing.
    pub fn start(function: Ix, args: impl IntoIterator<Item = Value>, program: &Program) -> Self {
        let tasks = vec![Task::new(Frame::enter(function, args, program), 0)];
        Self { tasks, current: 0, effects: 0, draws: 0, undos: Vec::new(), ending: None }
    }

    /// Goes on with what the host gives, until the machine needs something or ends. Every instruction takes one off
    /// `budget`, and large values more.
    ///
    /// An input that does not fit what the machine asked for ends the run with `Step::Failed`, but for `Input::Go`: it
    /// makes the machine ask again, with the same number of the effect, so a host that loaded a run need not know what
    /// it was about.
    pub fn step(&mut self, program: &Program, input: Input, env: &Env<'_>, budget: &mut u64) -> Step {
        self.step_reading(program, input, env, budget, &mut ())
    }

    /// Like [`Self::step`], for a host that can answer reads on the spot: it is spared leaving the machine and coming
    /// back. Where `reader` gives nothing, the step ends with `Step::Read` as ever.
    pub fn step_reading(
        &mut self,
        program: &Program,
        input: Input,
        env: &Env<'_>,
        budget: &mut u64,
        reader: &mut dyn Look,
    ) -> Step {
        let first = match self.accept(program, input) {
            Ok(true) => Ok(None),
            Ok(false) => return Step::Wait,
            Err(fault) => Err(fault),
        };
        self.run(program, env, budget, reader, first).unwrap_or_else(|fault| self.broken(program, fault))
    }

    /// What it waits for, while it is suspended: all that its branches wait for, and the nearest limit.
    pub fn waiting(&self) -> Option<WaitState> {
        if self.tasks.iter().any(|task| matches!(task.phase, Phase::Ready | Phase::Asked | Phase::Over)) {
            return None;
        }
        let mut waits = self.asleep().filter_map(|task| task.wait.as_ref());
        let Some(mut all) = waits.next().cloned() else {
            // Nothing in the CRM and no time can wake what waits for the outside only.
            return (!self.outside().is_empty()).then(WaitState::default);
        };
        for wait in waits {
            all.since = all.since.max(wait.since);
            all.deadline = all.deadline.into_iter().chain(wait.deadline).min();
            all.watches.extend(wait.watches.iter().cloned());
        }
        all.watches.sort();
        all.watches.dedup();
        Some(all)
    }

    fn asleep(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.phase == Phase::Waiting)
    }

    /// The numbers of the effects outside whose outcome it waits for.
    pub fn outside(&self) -> Vec<u32> {
        self.tasks.iter().filter_map(|task| task.phase.outside()).collect()
    }

    /// The outcome of an effect outside has come: the machine is as if it had just asked for it, so that
    /// `Input::Value` and `Input::Failed` answer it. False if it does not wait for that effect.
    pub fn take_back(&mut self, seq: u32) -> bool {
        let Some(at) = self.tasks.iter().position(|task| task.phase == Phase::Outside(seq)) else { return false };
        let Ok(current) = u16::try_from(at) else { return false };
        self.current = current;
        self.tasks.iter_mut().skip(at).take(1).for_each(|task| task.phase = Phase::Asked);
        // Other lines of execution may have asked for more since. Should this one ask again, it needs a number of its own.
        self.effects += u32::from(seq != self.effects);
        true
    }

    /// Whether it undoes what it did, because it was cancelled or failed.
    pub fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// The task that runs, or the first that sleeps.
    pub(super) fn task(&self) -> Option<&Task> {
        let current = self.tasks.get(usize::from(self.current));
        let at_work = |task: &&Task| matches!(task.phase, Phase::Ready | Phase::Asked | Phase::Over);
        current.filter(at_work).or_else(|| self.tasks.iter().find(|task| task.sleeps()))
    }

    /// The place in the program's text of the instruction that it is at; of several that sleep, the first one's.
    pub fn place(&self, program: &Program) -> Option<Span> {
        self.task()?.place(program)
    }

    /// The places of all lines of execution that sleep.
    pub fn places(&self, program: &Program) -> Vec<Span> {
        self.tasks.iter().filter(|task| task.sleeps()).filter_map(|task| task.place(program)).collect()
    }

    /// The variables that have a value, in the order they were declared; those of callers before those of functions.
    /// Where branches run, those of the line of execution that [`Self::place`] tells of.
    pub fn locals(&self, program: &Program) -> Vec<(Name, Value)> {
        let mut found = Vec::new();
        let Some(task) = self.task() else { return found };
        for frame in task.callers.iter().chain([&task.frame]) {
            let locals = program.functions.get(usize::from(frame.function)).map_or(&[][..], |f| &f.locals);
            let known = |local: &&Local| local.name.starts_with('$') && (local.from..local.to).contains(&frame.pc);
            let value = |reg| frame.regs.get(usize::from(reg)).filter(|value| **value != Value::Missing);
            found.extend(
                locals.iter().filter(known).filter_map(|local| Some((local.name.clone(), value(local.reg)?.clone()))),
            );
        }
        found
    }

    /// Whether its first line of execution has begun a wait: the limit is a moment by now.
    pub fn is_armed(&self) -> bool {
        self.tasks.first().is_some_and(|task| task.wait.is_some())
    }

    /// How many effects it asked for so far.
    pub fn effects(&self) -> u32 {
        self.effects
    }

    /// Whether the numbers in it fit one another; what was loaded may be anything.
    pub(super) fn is_whole(&self) -> bool {
        let n = self.tasks.len();
        let parents = self.tasks.iter().enumerate().all(|(at, task)| usize::from(task.parent) < at.max(1));
        n > 0 && n <= super::MAX_TASKS && usize::from(self.current) < n && parents
    }

    /// A program that does not fit, or an input that nobody asked for: nothing can be undone, the run is over.
    fn broken(&mut self, program: &Program, fault: Fault) -> Step {
        let message = match fault {
            Fault::Damaged(what) => format!("the program is damaged: {what}"),
            Fault::Run(message) | Fault::Wrong(message) => message,
        };
        let span = self.place(program).unwrap_or_default();
        self.over();
        Step::Failed(RunError { message, span })
    }

    /// Nothing is left to do.
    pub(super) fn over(&mut self) {
        self.tasks.truncate(1);
        self.current = 0;
        self.undos.clear();
        self.tasks.iter_mut().for_each(|task| {
            task.phase = Phase::Over;
            task.callers.clear();
            task.wait = None;
        });
    }

    /// Takes the input in; says whether there is anything to run.
    fn accept(&mut self, program: &Program, input: Input) -> Result<bool, Fault> {
        if self.is_stopped() {
            return Ok(true);
        }
        let task = self.tasks.get_mut(usize::from(self.current)).ok_or(Fault::Damaged("no such branch"))?;
        match task.phase {
            Phase::Over => return Err(Fault::Wrong("the run is over".to_owned())),
            Phase::Ready | Phase::Asked => {}
            Phase::Waiting | Phase::Forked | Phase::Outside(_) => return self.wake(program, input),
        }
        let op = task.fill(program)?;
        match (task.phase, input, op) {
            (Phase::Ready, Input::Go, _) => {}
            (Phase::Asked, Input::Go, _) => {
                // The same effect again: it keeps its number.
                self.effects -= u32::from(matches!(op, Some(Op::Act { .. })) && self.effects > 0);
            }
            (
                Phase::Asked,
                Input::Value(value),
                Some(Op::Read { dst, .. } | Op::Find { dst, .. } | Op::Act { dst, .. }),
            ) => {
                fits(&value)?;
                set(&mut task.frame.regs, dst, value)?;
                task.frame.pc += 1;
            }
            (Phase::Asked, Input::Failed(why), Some(Op::Act { .. })) => return Err(Fault::Run(why)),
            (Phase::Asked, Input::Later, Some(Op::Act { .. })) => {
                task.phase = Phase::Outside(self.effects);
                return Ok(true);
            }
            (phase, input, _) => return Err(unasked(&input, phase)),
        }
        task.phase = Phase::Ready;
        Ok(true)
    }

    /// Wakes the branches that the input concerns.
    fn wake(&mut self, program: &Program, input: Input) -> Result<bool, Fault> {
        let nearest = self.asleep().filter_map(|task| task.wait.as_ref()?.deadline).min();
        match input {
            Input::Go => return Ok(false),
            Input::Wake => self.wake_those(program, |_| Some(None))?,
            Input::End(Outcome::Timeout) if nearest.is_some() => {
                let due = |wait: &WaitState| wait.deadline.is_some_and(|at| Some(at) == nearest);
                self.wake_those(program, |wait| due(wait).then_some(Some(Outcome::Timeout)))?;
            }
            Input::End(outcome) => self.wake_those(program, |_| Some(Some(outcome)))?,
            Input::Happened(events) => {
                let hit = |wait: &WaitState| events.iter().find(|e| wait.watches.contains(e)).map(Watch::outcome);
                self.wake_those(program, |wait| hit(wait).map(Some))?;
            }
            Input::Value(_) | Input::Failed(_) | Input::Later => return Err(unasked(&input, Phase::Waiting)),
        }
        Ok(true)
    }

    /// Of the branches that sleep, those for which `how` gives something: to look again, or because the wait is over.
    fn wake_those(
        &mut self,
        program: &Program,
        how: impl Fn(&WaitState) -> Option<Option<Outcome>>,
    ) -> Result<(), Fault> {
        let nothing = WaitState { since: Moment(0), deadline: None, watches: Vec::<Watch>::new() };
        for task in self.tasks.iter_mut().filter(|task| task.phase == Phase::Waiting) {
            let Some(end) = how(task.wait.as_ref().unwrap_or(&nothing)) else { continue };
            let Some(Op::Suspend { dst, retry, live: _ }) = task.fill(program)? else {
                return Err(Fault::Damaged("a wait that was not started"));
            };
            match end {
                None => task.frame.pc = retry,
                Some(outcome) => {
                    set(&mut task.frame.regs, dst, Value::text(outcome.name()))?;
                    task.frame.pc += 1;
                }
            }
            task.phase = Phase::Ready;
        }
        Ok(())
    }
}

fn unasked(input: &Input, phase: Phase) -> Fault {
    Fault::Wrong(format!("the host gave {input:?} to a run that is {phase:?}"))
}
