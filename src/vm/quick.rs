//! The few instructions of which loops and conditions are made, on whole numbers and truths: they cannot fail, need nobody,
//! and own no memory. Everything else is left to [`super::cpu`], which knows all instructions and says what is wrong.

use crate::ir::{BinOp, Op, Pc, Reg};
use crate::value::Value;

/// Executes the instruction if it is one of the few; says where execution goes on.
#[inline]
pub(super) fn quick(regs: &mut [Value], consts: &[Value], op: Op, pc: Pc) -> Option<Pc> {
    match op {
        Op::Const { dst, k } => {
            let n = int(consts, k)?;
            put_int(regs, dst, n)?;
        }
        Op::Copy { dst, src } => {
            let n = int(regs, src)?;
            put_int(regs, dst, n)?;
        }
        Op::Bin { op, dst, a, b } => {
            let (x, y) = (int(regs, a)?, int(regs, b)?);
            whole(regs, op, dst, x, y)?;
        }
        Op::BinConst { op, dst, a, k } => {
            let (x, y) = (int(regs, a)?, int(consts, k)?);
            whole(regs, op, dst, x, y)?;
        }
        Op::Jump { to } => return Some(to),
        Op::JumpIf { a, to } if truth(regs, a)? => return Some(to),
        Op::JumpUnless { a, to } if !truth(regs, a)? => return Some(to),
        Op::JumpIf { .. } | Op::JumpUnless { .. } => {}
        // No list of the others: what this does not know is right, only slower.
        _ => return None,
    }
    pc.checked_add(1)
}

/// Compares two values of one kind, of which conditions are made; `None` leaves it to [`super::ops`].
#[inline]
pub(super) fn compare(op: BinOp, a: &Value, b: &Value) -> Option<bool> {
    let order = match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => a.amount.cmp(&b.amount),
        (Value::Text(a), Value::Text(b)) => {
            return match op {
                BinOp::Eq => Some(a == b),
                BinOp::Ne => Some(a != b),
                _ => None,
            };
        }
        _ => return None,
    };
    match op {
        BinOp::Eq => Some(order.is_eq()),
        BinOp::Ne => Some(order.is_ne()),
        BinOp::Lt => Some(order.is_lt()),
        BinOp::Le => Some(order.is_le()),
        BinOp::Gt => Some(order.is_gt()),
        BinOp::Ge => Some(order.is_ge()),
        BinOp::Add
        | BinOp::Sub
        | BinOp::Mul
        | BinOp::Div
        | BinOp::In
        | BinOp::Contains
        | BinOp::StartsWith
        | BinOp::EndsWith => None,
    }
}

#[inline]
fn int(values: &[Value], at: u16) -> Option<i64> {
    match values.get(usize::from(at))? {
        Value::Int(n) => Some(*n),
        _ => None,
    }
}

#[inline]
fn truth(regs: &[Value], a: Reg) -> Option<bool> {
    match regs.get(usize::from(a))? {
        Value::Bool(yes) => Some(*yes),
        _ => None,
    }
}

/// The operators on whole numbers; nothing for those that can fail.
#[inline]
fn whole(regs: &mut [Value], op: BinOp, dst: Reg, x: i64, y: i64) -> Option<()> {
    let yes = match op {
        BinOp::Eq => x == y,
        BinOp::Ne => x != y,
        BinOp::Lt => x < y,
        BinOp::Le => x <= y,
        BinOp::Gt => x > y,
        BinOp::Ge => x >= y,
        BinOp::Add => return put_int(regs, dst, x.checked_add(y)?),
        BinOp::Sub => return put_int(regs, dst, x.checked_sub(y)?),
        BinOp::Mul => return put_int(regs, dst, x.checked_mul(y)?),
        BinOp::Div | BinOp::In | BinOp::Contains | BinOp::StartsWith | BinOp::EndsWith => return None,
    };
    put_bool(regs, dst, yes)
}

// The next two look alike, and are two: a value that is first made in one place and then moved costs the processor more
// than all the rest of the instruction.

#[inline]
pub(super) fn put_bool(regs: &mut [Value], dst: Reg, yes: bool) -> Option<()> {
    let reg = plain(regs, dst)?;
    std::mem::forget(std::mem::replace(reg, Value::Bool(yes)));
    Some(())
}

#[inline]
fn put_int(regs: &mut [Value], dst: Reg, n: i64) -> Option<()> {
    let reg = plain(regs, dst)?;
    std::mem::forget(std::mem::replace(reg, Value::Int(n)));
    Some(())
}

/// A register whose value owns no memory, so that writing over it loses nothing.
#[inline]
fn plain(regs: &mut [Value], dst: Reg) -> Option<&mut Value> {
    regs.get_mut(usize::from(dst)).filter(|reg| reg.is_plain())
}
