//! What the language can do, as data: actions, triggers and functions.
//!
//! Nothing else in the crate lists their names. The checker, the engine, the reference and the tests read them here.

/// Kinds of record that the language has and this version has not: they are answered as such, not as unknown names.
/// `repeat` begins `repeat lead`.
pub const LATER_KINDS: &[&str] = &[
    "quote",
    "order",
    "invoice",
    "activity",
    "task",
    "call",
    "email",
    "sms",
    "message",
    "appointment",
    "document",
    "repeat",
];

mod actions;
mod functions;
mod spec;
mod triggers;

pub use actions::{action, actions, actions_of};
pub use functions::{
    Env, FORMATS, FnExample, FnParam, FnType, FormatSpec, Func, FunctionSpec, OnMissing, add, call, div, equal,
    formatted, function, functions, human, mul, neg, order, sub,
};
pub use spec::*;
pub use triggers::{EVENTS, EventSpec, PayloadType, event_spec, is_activity, named_event, named_source};
