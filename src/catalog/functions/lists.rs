//! Functions over lists. Those that look into each element (`count`, `filter` …) are loops made by the compiler.

use super::Func;
use super::spec::{FnType, FunctionSpec, OnMissing, example, param, wrong};
use crate::value::Value;

pub(super) const FIRST: FunctionSpec = FunctionSpec {
    name: "first",
    func: Func::First,
    params: &[param("list", FnType::ListOf(&FnType::Any))],
    result: FnType::Elem,
    missing: OnMissing::Missing,
    doc: "The first element; missing when the list is empty.",
    examples: &[example("first([3, 1, 2])", "3"), example("first([])", "null")],
    body: |args, _| match args {
        [Value::List(items)] => Ok(items.first().cloned().unwrap_or_default()),
        _ => wrong("first", args),
    },
};

pub(super) const LAST: FunctionSpec = FunctionSpec {
    name: "last",
    func: Func::Last,
    params: &[param("list", FnType::ListOf(&FnType::Any))],
    result: FnType::Elem,
    missing: OnMissing::Missing,
    doc: "The last element; missing when the list is empty.",
    examples: &[example("last([3, 1, 2])", "2"), example("last([])", "null")],
    body: |args, _| match args {
        [Value::List(items)] => Ok(items.last().cloned().unwrap_or_default()),
        _ => wrong("last", args),
    },
};
