//! Clauses: functions that compute and read, and need nothing else of the machine.

use super::cpu::{Cpu, Exit, Flow};
use super::look::Look;
use super::task::{Frame, put};
use crate::catalog::Env;
use crate::ir::{Ix, Program};
use crate::value::Value;
use std::sync::Arc;

/// Registers that are used again for clause after clause: most of a short clause's time would go into asking for memory and
/// into counting who shares the arguments.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    frame: Frame,
    callers: Vec<Frame>,
    spare: Vec<Vec<Value>>,
}

impl Scratch {
    /// The value of a function. `None` where it takes a whole [`super::Machine`] to tell: a read finds no answer on the
    /// spot, it makes a mistake, or `budget` does not suffice. Nothing has happened then.
    pub fn evaluate(
        &mut self,
        program: &Program,
        function: Ix,
        args: &[Value],
        env: &Env<'_>,
        budget: u64,
        reader: &mut dyn Look,
    ) -> Option<&Value> {
        (self.frame.function, self.frame.pc) = (function, 0);
        if !self.callers.is_empty() {
            self.callers.clear();
        }
        let function = program.functions.get(usize::from(function))?;
        let (params, registers) = (usize::from(function.params), usize::from(function.registers.max(function.params)));
        self.fill(args.get(..params).unwrap_or(args), registers);
        let mut cpu = Cpu {
            frame: &mut self.frame,
            callers: &mut self.callers,
            spare: &mut self.spare,
            wait: &mut None,
            watching: &mut false,
            effects: &mut 0,
            draws: &mut 0,
            program,
            function,
            env,
            reader,
            fuel: budget,
        };
        match cpu.run(&mut Ok(Flow::Next)) {
            Exit::Return(reg) => self.frame.regs.get(usize::from(reg)),
            Exit::Other => None,
        }
    }

    /// The arguments and, behind them, nothing.
    #[inline]
    fn fill(&mut self, args: &[Value], registers: usize) {
        if self.frame.regs.len() != registers {
            self.frame.regs.resize(registers, Value::Missing);
        }
        let (first, rest) = self.frame.regs.split_at_mut(args.len().min(registers));
        for (reg, value) in first.iter_mut().zip(args) {
            // An event sets off rule after rule with the same arguments.
            if !is_same(reg, value) {
                put(reg, value.clone());
            }
        }
        for reg in rest {
            put(reg, Value::Missing);
        }
    }
}

/// Whether both are the same without a doubt: missing, or one and the same thing in memory.
#[inline]
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Missing, Value::Missing) => true,
        (Value::Ref(a), Value::Ref(b)) => Arc::ptr_eq(&a.kind, &b.kind) && Arc::ptr_eq(&a.id, &b.id),
        (Value::Record(a), Value::Record(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
