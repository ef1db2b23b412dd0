//! One line of execution: the frames of its functions, calls and returns.

use super::cpu::Fault;
use super::step::WaitState;
use crate::ir::{Function, Ix, Op, Pc, Program};
use crate::source::Span;
use crate::value::Value;
use serde::{Deserialize, Serialize, Serializer};

/// One line of execution. The order of its fields is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    /// What it expects from the host.
    pub(super) phase: Phase,
    /// Where it is.
    pub(super) frame: Frame,
    /// Who called it, the outermost first; each is at its `Invoke`, or undoes.
    pub(super) callers: Vec<Frame>,
    /// What it waits for, from `Arm` to `Disarm`.
    pub(super) wait: Option<WaitState>,
    /// Whether fields that are read are watched.
    pub(super) watching: bool,
    /// The task whose branch it is, by its place; the first task has none and says 0.
    pub(super) parent: u16,
}

/// A function being executed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Frame {
    /// Which one.
    pub(super) function: Ix,
    /// The instruction it is at: the one that asked or suspended, while an answer is awaited.
    pub(super) pc: Pc,
    /// Its registers. Those at the end that are missing may be left out; a step fills them up.
    #[serde(serialize_with = "trimmed")]
    pub(super) regs: Vec<Value>,
}

/// What a task expects. The order is part of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Phase {
    /// Nothing: it can go on.
    Ready,
    /// The answer to a read or an action.
    Asked,
    /// The end of a wait, or a change of something watched.
    Waiting,
    /// Nothing any more: it ended.
    Over,
    /// The end of its branches.
    Forked,
    /// What comes of the effect of this number, which happens outside.
    Outside(u32),
}

impl Phase {
    /// The effect outside whose outcome is awaited.
    pub(super) const fn outside(self) -> Option<u32> {
        match self {
            Self::Outside(seq) => Some(seq),
            Self::Ready | Self::Asked | Self::Waiting | Self::Over | Self::Forked => None,
        }
    }
}

/// Writes registers without the missing ones at the end.
fn trimmed<S: Serializer>(regs: &[Value], to: S) -> Result<S::Ok, S::Error> {
    let used = regs.iter().rposition(|value| *value != Value::Missing).map_or(0, |last| last + 1);
    to.collect_seq(regs.iter().take(used))
}

impl Frame {
    /// A function at its start. Arguments that it does not take are dropped, those that are not given are missing.
    pub(super) fn enter(function: Ix, args: impl IntoIterator<Item = Value>, program: &Program) -> Self {
        let found = program.functions.get(usize::from(function));
        let (params, registers) = found.map_or((0, 0), |f| (f.params, f.registers));
        let registers = usize::from(registers.max(params));
        let mut regs = Vec::with_capacity(registers);
        regs.extend(args.into_iter().take(usize::from(params)));
        regs.resize(registers, Value::Missing);
        Self { function, pc: 0, regs }
    }

    /// Gives it all registers that its function needs; says at which instruction it is.
    pub(super) fn fill(&mut self, function: &Function) -> Result<Option<Op>, Fault> {
        let registers = usize::from(function.registers);
        if self.regs.len() > registers {
            return Err(Fault::Damaged("more registers than the function has"));
        }
        if self.regs.len() < registers {
            self.regs.resize(registers, Value::Missing);
        }
        Ok(function.code.get(self.pc as usize).copied())
    }
}

impl Task {
    /// A task that can go on.
    pub(super) fn new(frame: Frame, parent: u16) -> Self {
        Self { phase: Phase::Ready, frame, callers: Vec::new(), wait: None, watching: false, parent }
    }

    /// Gives the current frame its registers; says at which instruction it is.
    pub(super) fn fill(&mut self, program: &Program) -> Result<Option<Op>, Fault> {
        let function = program.functions.get(usize::from(self.frame.function));
        self.frame.fill(function.ok_or(Fault::Damaged("no such function"))?)
    }

    /// Whether it waits for something to come.
    pub(super) const fn sleeps(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Outside(_))
    }

    /// The place of its instruction.
    pub(super) fn place(&self, program: &Program) -> Option<Span> {
        program.functions.get(usize::from(self.frame.function))?.spans.get(self.frame.pc as usize).copied()
    }

    /// Its values, of all frames.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.callers.iter().chain([&self.frame]).flat_map(|frame| &frame.regs)
    }

    /// Goes on in another frame; the current one waits for it.
    pub(super) fn push(&mut self, frame: Frame) {
        self.callers.push(std::mem::replace(&mut self.frame, frame));
    }

    /// Leaves a function with its value; false when it was the outermost one.
    pub(super) fn give_back(&mut self, program: &Program, value: Value) -> Result<bool, Fault> {
        let Some(caller) = self.callers.pop() else { return Ok(false) };
        self.frame = caller;
        match self.fill(program)? {
            Some(Op::Invoke { dst, .. }) => {
                set(&mut self.frame.regs, dst, value)?;
                self.frame.pc += 1;
                Ok(true)
            }
            // The instruction looks again whether there is more to undo.
            Some(Op::Unwind { .. } | Op::Settle) => Ok(true),
            _ => Err(Fault::Damaged("a call that nobody made")),
        }
    }
}

/// Puts a value into a register.
#[inline]
pub(super) fn set(regs: &mut [Value], dst: u16, value: Value) -> Result<(), Fault> {
    put(regs.get_mut(usize::from(dst)).ok_or(Fault::Damaged("no such register"))?, value);
    Ok(())
}

/// Writes over a value.
#[inline]
pub(super) fn put(reg: &mut Value, value: Value) {
    if reg.is_plain() {
        // What was there owns no memory, so nothing is lost; this spares loops the call that would find that out.
        std::mem::forget(std::mem::replace(reg, value));
    } else {
        *reg = value;
    }
}
