//! The operators with two operands.

use crate::catalog::{add, div, equal, mul, order, sub};
use crate::ir::BinOp;
use crate::schema::{Calendar, Schema};
use crate::value::Value;
use std::cmp::Ordering;

/// What an operator gives. A comparison's answer is by itself: to move a whole value that was just made costs more than
/// to compare two numbers.
pub(super) enum Answer {
    Bool(bool),
    Value(Value),
}

/// `a op b`
#[inline]
pub(super) fn binary(op: BinOp, a: &Value, b: &Value, schema: &Schema) -> Result<Answer, String> {
    match compare(op, a, b, schema)? {
        Some(yes) => Ok(Answer::Bool(yes)),
        None => compute(op, a, b, &schema.calendar).map(Answer::Value),
    }
}

/// Whether `a op b`; `None` for the operators that make a new value.
pub(super) fn compare(op: BinOp, a: &Value, b: &Value, schema: &Schema) -> Result<Option<bool>, String> {
    Ok(Some(match op {
        BinOp::Eq => equal(a, b, schema) == Some(true),
        // Two currencies without a rate are neither the same nor different: nobody can say.
        BinOp::Ne => equal(a, b, schema) == Some(false),
        BinOp::Lt => order(a, b, schema)?.is_some_and(Ordering::is_lt),
        BinOp::Le => order(a, b, schema)?.is_some_and(Ordering::is_le),
        BinOp::Gt => order(a, b, schema)?.is_some_and(Ordering::is_gt),
        BinOp::Ge => order(a, b, schema)?.is_some_and(Ordering::is_ge),
        BinOp::In => has(b, a, schema).ok_or_else(|| format!("`{}` is not a list", b.brief()))?,
        BinOp::Contains => contains(a, b, schema)?,
        BinOp::StartsWith => of_texts(a, b, "start with", |a, b| a.starts_with(b))?,
        BinOp::EndsWith => of_texts(a, b, "end with", |a, b| a.ends_with(b))?,
        BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div => return Ok(None),
    }))
}

/// The new value of `a op b`.
#[inline(never)]
fn compute(op: BinOp, a: &Value, b: &Value, calendar: &Calendar) -> Result<Value, String> {
    match op {
        BinOp::Add => add(a, b, calendar),
        BinOp::Sub => sub(a, b, calendar),
        BinOp::Mul => mul(a, b),
        BinOp::Div => div(a, b),
        // Answered by `compare`.
        BinOp::Eq
        | BinOp::Ne
        | BinOp::Lt
        | BinOp::Le
        | BinOp::Gt
        | BinOp::Ge
        | BinOp::In
        | BinOp::Contains
        | BinOp::StartsWith
        | BinOp::EndsWith => Ok(Value::Missing),
    }
}

/// Whether the list holds the value; a missing list holds nothing, and nothing holds a missing value.
fn has(list: &Value, value: &Value, schema: &Schema) -> Option<bool> {
    match list {
        Value::Missing => Some(false),
        Value::List(_) if *value == Value::Missing => Some(false),
        Value::List(items) => Some(items.iter().any(|item| equal(item, value, schema) == Some(true))),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::Record(_) => None,
    }
}

fn contains(a: &Value, b: &Value, schema: &Schema) -> Result<bool, String> {
    match has(a, b, schema) {
        Some(found) => Ok(found),
        None => of_texts(a, b, "contain", |a, b| a.contains(b)),
    }
}

/// An operator on two texts; false when one is missing. Capital and small letters differ.
fn of_texts(a: &Value, b: &Value, verb: &str, test: impl Fn(&str, &str) -> bool) -> Result<bool, String> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Ok(test(a, b)),
        (Value::Missing, _) | (_, Value::Missing) => Ok(false),
        (a, b) => Err(format!("`{}` cannot {verb} `{}`", a.brief(), b.brief())),
    }
}
