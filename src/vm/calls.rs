//! Calls of functions, and how they give back what they found: without leaving the loop that executes instructions.

use super::cpu::{Cpu, Fault};
use super::task::{Frame, put};
use crate::ir::{Ix, Op, Reg};
use crate::value::Value;

impl Cpu<'_> {
    /// Enters a function; its arguments are in the registers from `base` on. The current one waits at its `Invoke`.
    #[inline(never)]
    pub(super) fn enter(&mut self, function: Ix, base: Reg) -> Result<(), Fault> {
        if self.callers.len() >= super::MAX_CALLS {
            return Err(Fault::Run(format!("functions call one another more than {} deep", super::MAX_CALLS)));
        }
        let called = self.program.functions.get(usize::from(function));
        let called = called.ok_or(Fault::Damaged("no such function"))?;
        let params = usize::from(called.params);
        let given = self.frame.regs.get_mut(usize::from(base)..).filter(|given| given.len() >= params);
        let (args, rest) = given.ok_or(Fault::Damaged("no such registers"))?.split_at_mut(params);
        let registers = params.max(usize::from(called.registers));
        // Registers of functions that have ended are used again.
        let mut regs = self.spare.pop().unwrap_or_default();
        regs.resize_with(registers, || Value::Missing);
        for (reg, arg) in regs.iter_mut().zip(args) {
            hand_over(reg, arg);
        }
        // Nobody looks at what lies behind the arguments any more either.
        for reg in rest {
            put(reg, Value::Missing);
        }
        // Part by part: the processor waits when it is to move as a whole what was just written in parts.
        let regs = std::mem::replace(&mut self.frame.regs, regs);
        self.callers.push(Frame { function: self.frame.function, pc: self.frame.pc, regs });
        (self.frame.function, self.frame.pc) = (function, 0);
        self.function = called;
        Ok(())
    }

    /// Leaves a function with the value of a register; false when nobody called it, or not by a call.
    #[inline(never)]
    pub(super) fn leave(&mut self, reg: Reg) -> Result<bool, Fault> {
        let Some(caller) = self.callers.last_mut() else { return Ok(false) };
        let function = self.program.functions.get(usize::from(caller.function));
        let function = function.ok_or(Fault::Damaged("no such function"))?;
        let Some(Op::Invoke { dst, .. }) = caller.fill(function)? else { return Ok(false) };
        let from = self.frame.regs.get_mut(usize::from(reg)).ok_or(Fault::Damaged("no such register"))?;
        // Nobody looks at the registers of a function that has ended.
        hand_over(caller.regs.get_mut(usize::from(dst)).ok_or(Fault::Damaged("no such register"))?, from);
        if let Some(Frame { function, pc, regs }) = self.callers.pop() {
            let mut regs = std::mem::replace(&mut self.frame.regs, regs);
            (self.frame.function, self.frame.pc) = (function, pc + 1);
            regs.clear();
            self.spare.push(regs);
        }
        self.function = function;
        Ok(true)
    }
}

/// Moves a value, and leaves nothing of worth behind. Whole numbers by themselves, as they were mostly just computed.
#[inline]
fn hand_over(to: &mut Value, from: &mut Value) {
    match *from {
        Value::Int(n) => {
            put(to, Value::Int(n));
            put(from, Value::Missing);
        }
        _ => *to = std::mem::take(from),
    }
}
