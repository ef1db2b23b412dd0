//! Where a machine is, for tools that watch it.

use super::machine::Machine;
use crate::ir::{Ix, Op, Pc, Program};
use crate::value::Value;

impl Machine {
    /// The function and the number of the instruction that comes next.
    pub fn site(&self) -> Option<(Ix, Pc)> {
        let task = self.tasks.get(usize::from(self.current))?;
        Some((task.frame.function, task.frame.pc))
    }

    /// If the next instruction ends a wait: the outcome of the wait.
    pub fn outcome(&self, program: &Program) -> Option<&str> {
        let task = self.tasks.get(usize::from(self.current))?;
        let code = &program.functions.get(usize::from(task.frame.function))?.code;
        let at = usize::try_from(task.frame.pc).ok()?;
        let Some(Op::Disarm) = code.get(at) else { return None };
        let dst = code.get(..at)?.iter().rev().find_map(|op| match op {
            Op::Suspend { dst, .. } => Some(*dst),
            _ => None,
        })?;
        match task.frame.regs.get(usize::from(dst))? {
            Value::Text(outcome) => Some(outcome),
            _ => None,
        }
    }
}
