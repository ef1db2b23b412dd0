//! Which instructions were executed, and how waits ended: what tests reach.

use crate::catalog::Env;
use crate::ir::{Digest, Ix, Pc, Program};
use crate::value::Name;
use crate::vm::{Input, Look, Machine, Step};
use std::collections::{BTreeMap, BTreeSet};

/// An instruction of a program.
pub type Site = (Digest, Ix, Pc);

/// What was executed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often each instruction was.
    pub sites: BTreeMap<Site, u64>,
    /// How the wait ended that this instruction ends.
    pub outcomes: BTreeMap<Site, BTreeSet<Name>>,
}

impl Seen {
    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: Self) {
        for (site, n) in other.sites {
            *self.sites.entry(site).or_default() += n;
        }
        for (site, mut outcomes) in other.outcomes {
            self.outcomes.entry(site).or_default().append(&mut outcomes);
        }
    }

    /// Steps a machine like [`Machine::step_reading`], one instruction at a time.
    #[expect(clippy::too_many_arguments, reason = "those of the machine's own step, and the program's name")]
    pub(super) fn step(
        &mut self,
        digest: Digest,
        program: &Program,
        machine: &mut Machine,
        input: Input,
        env: &Env<'_>,
        fuel: &mut u64,
        reader: &mut dyn Look,
    ) -> Step {
        // Without fuel it only takes the input in.
        let mut step = machine.step_reading(program, input, env, &mut 0, reader);
        while step == Step::OutOfFuel && *fuel > 0 {
            *fuel -= 1;
            if let Some((function, pc)) = machine.site() {
                let site = (digest, function, pc);
                *self.sites.entry(site).or_default() += 1;
                if let Some(outcome) = machine.outcome(program) {
                    self.outcomes.entry(site).or_default().insert(outcome.into());
                }
            }
            step = machine.step_reading(program, Input::Go, env, &mut 1, reader);
        }
        step
    }
}
