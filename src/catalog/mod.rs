//! What the language can do, as data: actions, triggers and functions.
//!
//! Nothing else in the crate lists their names. The checker, the engine, the reference and the tests read them here.

/// The name of the question that `find` puts to the CRM, beside those of actions.
pub const FIND: &str = "find";

mod actions;
mod functions;
mod raised;
mod rows;
mod spec;
mod triggers;

pub use actions::{CONVERSIONS, action, actions, actions_of};
pub use functions::{
    Env, FORMATS, FnExample, FnParam, FnType, FormatSpec, Func, FunctionSpec, OnMissing, add, call, div, equal,
    formatted, function, functions, human, mul, neg, order, sub,
};
pub use raised::{ATTACHED, DEADLINES, DONE_WITH_STAGE, Deadline, RAISED, Raise, Way};
pub use rows::{ROWS, Row, Shown};
pub use spec::*;
pub use triggers::{EVENTS, EventSpec, PayloadType, event_spec, instead, is_activity, named_event, named_source};
