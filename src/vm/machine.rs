//! The machine as plain data, and how it takes what the host gives it.

use super::cpu::{Fault, Flow, fits};
use super::step::{Input, RunError, Step, WaitState};
use crate::catalog::Env;
use crate::ir::{Function, Ix, Op, Pc, Program};
use crate::source::Span;
use crate::value::{Name, Ref, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One run of a program, or one evaluation of its condition. It can be cloned and written down between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The run itself; branches are its children.
    pub(super) root: Task,
    /// How many effects it asked for.
    pub(super) effects: u32,
    /// How many random numbers it drew.
    pub(super) draws: u32,
}

/// One line of execution. The order of its fields is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    /// What it expects from the host.
    pub(super) phase: Phase,
    /// Where it is.
    pub(super) frame: Frame,
    /// Who called it, the outermost first; each is at its `Invoke`.
    pub(super) callers: Vec<Frame>,
    /// What it waits for, from `Arm` to `Disarm`.
    pub(super) wait: Option<WaitState>,
    /// Whether fields that are read are watched.
    pub(super) watching: bool,
    /// Its branches: this version has none.
    #[serde(deserialize_with = "none")]
    pub(super) children: Vec<Task>,
}

/// A function being executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Frame {
    /// Which one.
    pub(super) function: Ix,
    /// The instruction it is at: the one that asked or suspended, while an answer is awaited.
    pub(super) pc: Pc,
    /// Its registers. Those at the end that are missing may be left out; a step fills them up.
    #[serde(serialize_with = "trimmed")]
    pub(super) regs: Vec<Value>,
}

/// What a task expects from the host. The order is part of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// Nothing: it can go on.
    Ready,
    /// The answer to a read or an action.
    Asked,
    /// The end of a wait, or a change of something watched.
    Waiting,
    /// Nothing any more: it ended.
    Over,
}

/// Writes registers without the missing ones at the end.
fn trimmed<S: Serializer>(regs: &[Value], to: S) -> Result<S::Ok, S::Error> {
    let used = regs.iter().rposition(|value| *value != Value::Missing).map_or(0, |last| last + 1);
    to.collect_seq(regs.iter().take(used))
}

/// Reads a list that must be empty in this version. It does not look into elements, so nothing can nest; each counts as
/// a byte, so that a forged length ends with the bytes.
fn none<'de, D: Deserializer<'de>, T>(from: D) -> Result<Vec<T>, D::Error> {
    let parts = Vec::<u8>::deserialize(from)?;
    if parts.is_empty() { Ok(Vec::new()) } else { Err(serde::de::Error::custom("branches are not known yet")) }
}

impl Frame {
    /// Gives it all registers that its function needs.
    fn fill(&mut self, function: &Function) -> Result<(), Fault> {
        let registers = usize::from(function.registers);
        if self.regs.len() > registers {
            return Err(Fault::Damaged("more registers than the function has"));
        }
        if self.regs.len() < registers {
            self.regs.resize(registers, Value::Missing);
        }
        Ok(())
    }
}

impl Task {
    /// Enters a function; its arguments are in the registers from `base` on.
    pub(super) fn call(&mut self, program: &Program, function: Ix, base: u16) -> Result<(), Fault> {
        if self.callers.len() >= super::MAX_CALLS {
            return Err(Fault::Run(format!("functions call one another more than {} deep", super::MAX_CALLS)));
        }
        let called = program.functions.get(usize::from(function)).ok_or(Fault::Damaged("no such function"))?;
        if usize::from(base) + usize::from(called.params) > self.frame.regs.len() {
            return Err(Fault::Damaged("no such registers"));
        }
        let mut regs = self.frame.regs.split_off(usize::from(base));
        regs.truncate(usize::from(called.params));
        let mut frame = Frame { function, pc: 0, regs };
        frame.fill(called)?;
        self.callers.push(std::mem::replace(&mut self.frame, frame));
        Ok(())
    }

    /// Leaves a function with its value; gives the last step when it was the outermost one.
    pub(super) fn give_back(&mut self, program: &Program, value: Value) -> Result<Option<Step>, Fault> {
        let Some(caller) = self.callers.pop() else { return Ok(Some(Step::Done(value))) };
        self.frame = caller;
        let function = program.functions.get(usize::from(self.frame.function));
        let function = function.ok_or(Fault::Damaged("no such function"))?;
        self.frame.fill(function)?;
        let Some(Op::Invoke { dst, .. }) = function.code.get(self.frame.pc as usize) else {
            return Err(Fault::Damaged("a call that nobody made"));
        };
        set(&mut self.frame.regs, *dst, value)?;
        self.frame.pc += 1;
        Ok(None)
    }
}

impl Machine {
    /// A machine at the start of a function. Arguments that the function does not take are dropped, those that are not
    /// given are missing.
    pub fn start(function: Ix, args: impl IntoIterator<Item = Value>, program: &Program) -> Self {
        let (params, registers) =
            program.functions.get(usize::from(function)).map_or((0, 0), |f| (f.params, f.registers));
        let registers = usize::from(registers.max(params));
        let mut regs = Vec::with_capacity(registers);
        regs.extend(args.into_iter().take(usize::from(params)));
        regs.resize(registers, Value::Missing);
        let frame = Frame { function, pc: 0, regs };
        let (callers, children) = (Vec::new(), Vec::new());
        let root = Task { phase: Phase::Ready, frame, callers, wait: None, watching: false, children };
        Self { root, effects: 0, draws: 0 }
    }

    /// Goes on with what the host gives, until the machine needs something or ends. Every instruction takes one off
    /// `budget`, and large values more.
    ///
    /// An input that does not fit what the machine asked for ends the run with `Step::Failed`, but for `Input::Go`: it
    /// makes the machine ask again, with the same number of the effect, so a host that loaded a run need not know what
    /// it was about.
    pub fn step(&mut self, program: &Program, input: Input, env: &Env<'_>, budget: &mut u64) -> Step {
        self.step_reading(program, input, env, budget, &mut |_, _| None)
    }

    /// Like [`Self::step`], for a host that can answer reads on the spot: it is spared leaving the machine and coming
    /// back. Where `reader` gives nothing, the step ends with `Step::Read` as ever.
    pub fn step_reading(
        &mut self,
        program: &Program,
        input: Input,
        env: &Env<'_>,
        budget: &mut u64,
        reader: &mut dyn FnMut(&Ref, &Name) -> Option<Value>,
    ) -> Step {
        let ended = match self.accept(program, input) {
            Ok(true) => self.run(program, env, budget, reader),
            Ok(false) => Ok(Step::Wait),
            Err(fault) => Err(fault),
        };
        let step = ended.unwrap_or_else(|fault| self.failed(program, fault));
        self.root.phase = match step {
            Step::OutOfFuel => Phase::Ready,
            Step::Read { .. } | Step::Act(_) => Phase::Asked,
            Step::Wait => Phase::Waiting,
            Step::Done(_) | Step::Stopped | Step::Failed(_) => Phase::Over,
        };
        step
    }

    /// What it waits for, while it is suspended.
    pub fn waiting(&self) -> Option<&WaitState> {
        self.root.wait.as_ref().filter(|_| self.root.phase == Phase::Waiting)
    }

    /// The place in the rule's text of the instruction that it is at.
    pub fn place(&self, program: &Program) -> Option<Span> {
        self.function(program)?.spans.get(self.root.frame.pc as usize).copied()
    }

    /// The variables that have a value, in the order they were declared; those of callers before those of functions.
    pub fn locals(&self, program: &Program) -> Vec<(Name, Value)> {
        let mut found = Vec::new();
        for frame in self.root.callers.iter().chain([&self.root.frame]) {
            let locals = program.functions.get(usize::from(frame.function)).map_or(&[][..], |f| &f.locals);
            let value = |reg| frame.regs.get(usize::from(reg)).filter(|value| **value != Value::Missing);
            found.extend(locals.iter().filter_map(|local| Some((local.name.clone(), value(local.reg)?.clone()))));
        }
        found
    }

    /// How many effects it asked for so far.
    pub fn effects(&self) -> u32 {
        self.effects
    }

    fn function<'p>(&self, program: &'p Program) -> Option<&'p Function> {
        program.functions.get(usize::from(self.root.frame.function))
    }

    fn failed(&self, program: &Program, fault: Fault) -> Step {
        let message = match fault {
            Fault::Damaged(what) => format!("the program is damaged: {what}"),
            Fault::Run(message) => message,
        };
        Step::Failed(RunError { message, span: self.place(program).unwrap_or_default() })
    }

    /// Takes the input in; says whether there is anything to run.
    fn accept(&mut self, program: &Program, input: Input) -> Result<bool, Fault> {
        let function = self.function(program).ok_or(Fault::Damaged("no such function"))?;
        let op = function.code.get(self.root.frame.pc as usize).copied();
        let frame = &mut self.root.frame;
        frame.fill(function)?;
        let flow = match (self.root.phase, input, op) {
            (Phase::Ready, Input::Go, _) => Flow::To(frame.pc),
            (Phase::Asked, Input::Go, _) => {
                // The same effect again: it keeps its number.
                self.effects -= u32::from(matches!(op, Some(Op::Act { .. })) && self.effects > 0);
                Flow::To(frame.pc)
            }
            (Phase::Asked, Input::Value(value), Some(Op::Read { dst, .. } | Op::Act { dst, .. })) => {
                fits(&value)?;
                set(&mut frame.regs, dst, value)?;
                Flow::Next
            }
            (Phase::Asked, Input::Failed(why), Some(Op::Act { .. })) => return Err(Fault::Run(why)),
            (Phase::Waiting, Input::Go, _) => return Ok(false),
            (Phase::Waiting, Input::Wake, Some(Op::Suspend { retry, .. })) => Flow::To(retry),
            (Phase::Waiting, Input::End(outcome), Some(Op::Suspend { dst, .. })) => {
                set(&mut frame.regs, dst, Value::text(outcome.name()))?;
                Flow::Next
            }
            (Phase::Over, _, _) => return Err(Fault::Run("the run is over".to_owned())),
            (phase, input, _) => {
                return Err(Fault::Run(format!("the host gave {input:?} to a run that is {phase:?}")));
            }
        };
        self.root.frame.pc = match flow {
            Flow::To(pc) => pc,
            Flow::Next | Flow::Leave(_) | Flow::Call(..) | Flow::Return(_) => self.root.frame.pc.saturating_add(1),
        };
        Ok(true)
    }
}

/// Puts a value into a register.
#[inline]
pub(super) fn set(regs: &mut [Value], dst: u16, value: Value) -> Result<Flow, Fault> {
    match regs.get_mut(usize::from(dst)) {
        Some(reg) => {
            if reg.is_plain() {
                // What was there owns no memory, so nothing is lost; this spares loops the call that would find that out.
                std::mem::forget(std::mem::replace(reg, value));
            } else {
                *reg = value;
            }
            Ok(Flow::Next)
        }
        None => Err(Fault::Damaged("no such register")),
    }
}
