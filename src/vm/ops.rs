//! The operators with two operands.

use crate::catalog::{add, div, equal, mul, order, sub};
use crate::ir::BinOp;
use crate::schema::Schema;
use crate::value::Value;
use std::cmp::Ordering;

/// What an operator on whole numbers gives.
pub(super) enum Whole {
    Int(i64),
    Bool(bool),
}

/// The operators on whole numbers that cannot fail, of which loops are made; `None` leaves it to [`binary`].
#[inline]
pub(super) fn whole(op: BinOp, a: &Value, b: &Value) -> Option<Whole> {
    let (Value::Int(x), Value::Int(y)) = (a, b) else { return None };
    match op {
        BinOp::Eq => Some(Whole::Bool(x == y)),
        BinOp::Ne => Some(Whole::Bool(x != y)),
        BinOp::Lt => Some(Whole::Bool(x < y)),
        BinOp::Le => Some(Whole::Bool(x <= y)),
        BinOp::Gt => Some(Whole::Bool(x > y)),
        BinOp::Ge => Some(Whole::Bool(x >= y)),
        BinOp::Add => x.checked_add(*y).map(Whole::Int),
        BinOp::Sub => x.checked_sub(*y).map(Whole::Int),
        BinOp::Mul => x.checked_mul(*y).map(Whole::Int),
        BinOp::Div | BinOp::In | BinOp::Contains | BinOp::StartsWith | BinOp::EndsWith => None,
    }
}

/// What any operator gives. A comparison's answer is by itself, as it is written faster than a value is moved.
pub(super) enum Answer {
    Bool(bool),
    Value(Value),
}

/// `a op b`
pub(super) fn binary(op: BinOp, a: &Value, b: &Value, schema: &Schema) -> Result<Answer, String> {
    let calendar = &schema.calendar;
    Ok(Answer::Bool(match op {
        BinOp::Add => return add(a, b, calendar).map(Answer::Value),
        BinOp::Sub => return sub(a, b, calendar).map(Answer::Value),
        BinOp::Mul => return mul(a, b).map(Answer::Value),
        BinOp::Div => return div(a, b).map(Answer::Value),
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
    }))
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
