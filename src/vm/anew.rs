//! Asking again for an action that was refused.

use super::machine::Machine;
use super::task::Phase;
use crate::ir::{Op, Program};

impl Machine {
    /// Goes back to the beginning of the statement whose action it asked for last, so that its arguments are worked out
    /// anew from the data of now. The effect keeps its number. Go on with `Input::Go`; nothing happens to a machine that
    /// did not ask for an action.
    pub fn ask_anew(&mut self, program: &Program) {
        let Some(task) = self.tasks.get_mut(usize::from(self.current)) else { return };
        let frame = &mut task.frame;
        let Some(function) = program.functions.get(usize::from(frame.function)) else { return };
        if task.phase != Phase::Asked || !matches!(function.code.get(frame.pc as usize), Some(Op::Act { .. })) {
            return;
        }
        frame.pc = function.statement(frame.pc);
        self.effects = self.effects.saturating_sub(1);
        task.phase = Phase::Ready;
    }
}
