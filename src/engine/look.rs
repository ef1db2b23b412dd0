//! Reading a field as a run would, for tools that evaluate something by themselves.

use super::drive;
use super::read::{self, Eyes};
use super::store::{Store, Stored};
use crate::catalog::Env;
use crate::ir::{Ix, Program};
use crate::schema::Schema;
use crate::value::{Moment, Ref, Value};
use crate::vm::RunError;

/// The value of a field now; missing for what does not exist.
pub fn field(schema: &Schema, store: &dyn Store, of: &Ref, field: &str) -> Stored<Value> {
    read::read(schema, store, of, field)
}

/// What a function of a program gives now, for these arguments; it may read, and nothing else.
///
/// # Errors
/// The store failed.
pub fn value(
    schema: &Schema,
    store: &dyn Store,
    now: Moment,
    program: &Program,
    function: Ix,
    args: &[Value],
) -> Stored<Result<Value, RunError>> {
    let env = Env { now, schema, seed: now.0.cast_unsigned() };
    drive::clause(program, function, args, &env, &mut Eyes::new(schema, store, None))
}
