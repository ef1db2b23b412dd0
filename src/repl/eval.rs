//! Evaluation without a run: for expressions, and for `let` with a value.

use super::compile::captured;
use crate::catalog::Env;
use crate::engine::{Store, limits, look};
use crate::ir::Program;
use crate::schema::Schema;
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::{Input, Machine, Step};

/// How many instructions are done between two looks at whether somebody wants it to stop.
const SLICE: u64 = 100_000;

/// Where something is evaluated.
pub(super) struct World<'a> {
    pub(super) schema: &'a Schema,
    pub(super) store: &'a dyn Store,
    pub(super) now: Moment,
    pub(super) interrupted: &'a mut dyn FnMut() -> bool,
}

/// The variables that a program of the prompt hands out, or why there are none.
pub(super) fn evaluate(world: &mut World<'_>, program: &Program, about: &Ref) -> Result<Vec<(Name, Value)>, String> {
    let env = Env { now: world.now, schema: world.schema, seed: world.now.0.cast_unsigned() };
    let mut machine = Machine::start(0, vec![Value::Ref(about.clone()), Value::Missing], program);
    let mut input = Input::Go;
    let mut left = limits::INSTRUCTIONS;
    loop {
        let mut slice = SLICE.min(left);
        let given = slice;
        let step = machine.step(program, input, &env, &mut slice);
        left = left.saturating_sub(given - slice.min(given));
        input = match step {
            Step::Read { of, field } => {
                Input::Value(look::field(world.schema, world.store, &of, &field).map_err(|e| e.to_string())?)
            }
            Step::Act(request) => {
                let values = captured(&request.action, &request.args).map(<[_]>::to_vec);
                return values.ok_or_else(|| "only a value can be computed here".to_owned());
            }
            Step::OutOfFuel if (world.interrupted)() => return Err("stopped".to_owned()),
            Step::OutOfFuel if left == 0 => return Err("this does not come to its end".to_owned()),
            Step::OutOfFuel => Input::Go,
            Step::Failed(error) => return Err(error.message),
            Step::Find { .. } | Step::Done(_) | Step::Stopped | Step::Wait | Step::Cancelled | Step::Note(_) => {
                return Ok(Vec::new());
            }
        };
    }
}
