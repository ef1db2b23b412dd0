//! Which registers still matter at an instruction.

use crate::ir::{Function, Pc, Program, Reg};
use std::collections::BTreeSet;

/// For every instruction of a function the registers whose values may still be read when it comes next.
#[derive(Clone, Debug)]
pub(super) struct Live(Vec<BTreeSet<Reg>>);

impl Live {
    /// Goes through the code backwards until nothing changes.
    pub(super) fn of(function: &Function, program: &Program) -> Self {
        let parts: Vec<_> = (0..).zip(&function.code).map(|(pc, op)| op.parts(pc, program)).collect();
        let caught: Vec<_> = (0..).zip(&function.code).map(|(pc, _)| function.caught(pc)).collect();
        let mut live = vec![BTreeSet::new(); parts.len()];
        loop {
            let mut changed = false;
            for at in (0..parts.len()).rev() {
                let (Some(part), Some(caught)) = (parts.get(at), caught.get(at)) else { continue };
                let mut needed = BTreeSet::new();
                for next in &part.next {
                    needed.extend(live.get(*next as usize).into_iter().flatten().copied());
                }
                if let Some(dst) = part.writes {
                    needed.remove(&dst);
                }
                for (handler, error) in caught {
                    let there = live.get(*handler as usize).into_iter().flatten().copied();
                    needed.extend(there.filter(|reg| reg != error));
                }
                needed.extend(part.reads.iter().copied());
                if let Some(known) = live.get_mut(at)
                    && *known != needed
                {
                    *known = needed;
                    changed = true;
                }
            }
            if !changed {
                return Self(live);
            }
        }
    }

    /// Those that matter at this instruction.
    pub(super) fn at(&self, pc: Pc) -> BTreeSet<Reg> {
        self.0.get(pc as usize).cloned().unwrap_or_default()
    }
}
