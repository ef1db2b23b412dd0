//! What a condition proves: which paths are not missing where it holds, and where it does not.
//!
//! A comparison with a missing value is false, so where `deal.amount > 5` holds, `deal.amount` is there, and so is
//! every link on the way to it.

use super::typed::{Expr, ExprKind, Op};
use crate::value::Value;

/// The key of a path that is read live, or of a variable; `None` for everything else.
pub(super) fn path_key(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Record => Some("@".to_owned()),
        ExprKind::Event => Some("event".to_owned()),
        ExprKind::Local(id) => Some(format!("${}", id.0)),
        ExprKind::Field(base, name) => path_key(base).map(|base| format!("{base}.{name}")),
        // `client`, and the records of an event: the first that is there.
        ExprKind::Default(a, b) => Some(format!("({}|{})", path_key(a)?, path_key(b)?)),
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Now
        | ExprKind::Today
        | ExprKind::Not(_)
        | ExprKind::Neg(_)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::IsEmpty(_)
        | ExprKind::Binary(..)
        | ExprKind::Call(..)
        | ExprKind::Invoke(..)
        | ExprKind::List(_)
        | ExprKind::Text(_)
        | ExprKind::Format(..)
        | ExprKind::Each(_)
        | ExprKind::Find(_)
        | ExprKind::Named(_) => None,
    }
}

/// Stands for what a condition with a mistake may have proved: nothing is known to be missing behind it.
pub(super) const ANYTHING: &str = "?";

/// Adds the path itself and every link on the way to it.
fn present(expr: &Expr, facts: &mut Vec<String>) {
    facts.extend(path_key(expr));
    facts.extend(matches!(expr.kind, ExprKind::Error).then(|| ANYTHING.to_owned()));
    if let ExprKind::Field(base, _) = &expr.kind {
        present(base, facts);
    }
}

/// The paths that are there where `cond` has the value `holds`.
pub(super) fn facts_of(cond: &Expr, holds: bool) -> Vec<String> {
    let mut facts = Vec::new();
    collect(cond, holds, &mut facts);
    facts
}

fn collect(cond: &Expr, holds: bool, facts: &mut Vec<String>) {
    match &cond.kind {
        ExprKind::Not(inner) => collect(inner, !holds, facts),
        ExprKind::And(a, b) if holds => [a, b].iter().for_each(|side| collect(side, true, facts)),
        ExprKind::Or(a, b) if !holds => [a, b].iter().for_each(|side| collect(side, false, facts)),
        ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            // Only one side is known to be so: what both prove.
            let (left, right) = (facts_of(a, holds), facts_of(b, holds));
            let mistaken = left.iter().chain(&right).any(|fact| fact == ANYTHING);
            facts.extend(mistaken.then(|| ANYTHING.to_owned()));
            facts.extend(left.into_iter().filter(|fact| right.contains(fact)));
        }
        ExprKind::IsEmpty(value) if !holds => present(value, facts),
        // What is missing equals nothing, so both sides are there; only `null` asks for what is missing.
        ExprKind::Binary(op @ (Op::Eq | Op::Ne), a, b) => {
            let equal = (*op == Op::Eq) == holds;
            for (side, other) in [(a, b), (b, a)] {
                let null = matches!(other.kind, ExprKind::Const(Value::Missing));
                if equal != null {
                    present(side, facts);
                }
            }
        }
        ExprKind::Binary(op, a, b) if holds => match op {
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::In | Op::Contains | Op::StartsWith | Op::EndsWith => {
                present(a, facts);
                present(b, facts);
            }
            Op::Eq | Op::Ne | Op::Add | Op::Sub | Op::Mul | Op::Div => {}
        },
        ExprKind::Field(..) | ExprKind::Local(_) if holds => present(cond, facts),
        ExprKind::Error => facts.push(ANYTHING.to_owned()),
        ExprKind::Binary(..)
        | ExprKind::IsEmpty(_)
        | ExprKind::Field(..)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::Record
        | ExprKind::Event
        | ExprKind::Now
        | ExprKind::Today
        | ExprKind::Neg(_)
        | ExprKind::Default(..)
        | ExprKind::Call(..)
        | ExprKind::Invoke(..)
        | ExprKind::List(_)
        | ExprKind::Text(_)
        | ExprKind::Format(..)
        | ExprKind::Each(_)
        | ExprKind::Find(_)
        | ExprKind::Named(_) => {}
    }
}
