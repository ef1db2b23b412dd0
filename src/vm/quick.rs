//! Executing superinstructions: what loops and conditions are made of, on whole numbers and truths, and comparing fields
//! with constants. What they do not know is left to [`super::cpu`], which knows all instructions and says what is wrong.

use super::cpu::{Cpu, fits};
use super::ops;
use super::task::set;
use crate::ir::{Holds, MOST, Pc, Quick, Quickened, Reg, Test};
use crate::value::{Hint, MAX_WEIGHT, Value, same};
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// What came of a field's test.
enum Tested {
    /// The answer.
    Answer(bool),
    /// The value was read; it cannot be compared.
    Read,
    /// Nothing was done. Not an `Option` around the others: with one, a loop's turn takes a tenth longer.
    Not,
}

impl Cpu<'_> {
    /// Executes superinstructions from this place on; says where the first instruction is that takes more.
    #[inline]
    pub(super) fn dash(&mut self, quick: &Quickened, mut pc: Pc) -> Pc {
        let mut fuel = self.fuel;
        // Where less is left than one of them may take, instructions are executed one by one.
        while fuel >= MOST {
            let Some(step) = quick.code.get(pc as usize) else { break };
            let Some((next, cost)) = self.quick(step, &quick.hints, pc) else { break };
            fuel -= cost;
            pc = next;
        }
        self.fuel = fuel;
        pc
    }

    /// Executes one, or nothing of it; says where it goes on, and how many instructions are done.
    #[inline]
    fn quick(&mut self, step: &Quick, hints: &[Hint], pc: Pc) -> Option<(Pc, u64)> {
        let regs = &mut self.frame.regs[..];
        let (held, when, to) = match *step {
            Quick::Plain => return None,
            Quick::Const { dst, k } => {
                match *self.program.consts.get(usize::from(k))? {
                    Value::Int(n) => put_int(regs, dst, n)?,
                    Value::Bool(yes) => put_bool(regs, dst, yes)?,
                    _ => return None,
                }
                return Some((pc + 1, 1));
            }
            Quick::Copy { dst, src } => return number(regs, dst, int(regs, src), pc),
            Quick::Add { dst, a, b } => return number(regs, dst, int(regs, a)?.checked_add(int(regs, b)?), pc),
            Quick::Sub { dst, a, b } => return number(regs, dst, int(regs, a)?.checked_sub(int(regs, b)?), pc),
            Quick::Mul { dst, a, b } => return number(regs, dst, int(regs, a)?.checked_mul(int(regs, b)?), pc),
            Quick::AddConst { dst, a, n } => return number(regs, dst, int(regs, a)?.checked_add(n), pc),
            Quick::AddConstJump { dst, a, n, to } => {
                number(regs, dst, int(regs, a)?.checked_add(n), pc)?;
                return Some((to, 2));
            }
            Quick::Jump { to } => return Some((to, 1)),
            Quick::Branch { a, when, to } => {
                let Value::Bool(held) = *regs.get(usize::from(a))? else { return None };
                return Some((if held == when { to } else { pc + 1 }, 1));
            }
            Quick::Less { is, dst, a, b, when, to } => {
                (answer(regs, dst, (int(regs, a)? < int(regs, b)?) == is)?, when, to)
            }
            Quick::LessConst { is, dst, a, n, when, to } => (answer(regs, dst, (int(regs, a)? < n) == is)?, when, to),
            Quick::Equal { is, dst, a, b, when, to } => {
                (answer(regs, dst, (int(regs, a)? == int(regs, b)?) == is)?, when, to)
            }
            Quick::EqualConst { is, dst, a, n, when, to } => (answer(regs, dst, (int(regs, a)? == n) == is)?, when, to),
            Quick::Test { ref test, when, to } => {
                return match self.test(test, hints) {
                    Tested::Answer(held) => Some((if held == when { to } else { pc + 3 }, 3)),
                    Tested::Read => Some((pc + 1, 1)),
                    Tested::Not => None,
                };
            }
            Quick::TestOnly(ref test) => {
                return match self.test(test, hints) {
                    Tested::Answer(_) => Some((pc + 2, 2)),
                    Tested::Read => Some((pc + 1, 1)),
                    Tested::Not => None,
                };
            }
        };
        Some((if held == when { to } else { pc + 2 }, 2))
    }

    /// Compares a field with a constant.
    #[inline]
    fn test(&mut self, test: &Test, hints: &[Hint]) -> Tested {
        self.tested(test, hints).unwrap_or(Tested::Not)
    }

    #[inline]
    fn tested(&mut self, test: &Test, hints: &[Hint]) -> Option<Tested> {
        let Test { op, holds, hint, dst, obj, field, k } = *test;
        if *self.watching {
            return None;
        }
        let Value::Ref(of) = self.frame.regs.get(usize::from(obj))? else { return None };
        let name = self.program.names.get(usize::from(field))?;
        let with = self.program.consts.get(usize::from(k))?;
        let value = self.reader.look(of, name, hints.get(usize::from(hint))?)?;
        let mut held = compare(holds, value, with);
        if held.is_none() {
            fits(value).ok()?;
            held = ops::compare(op, value, with, self.env.schema).ok().flatten();
        }
        let Some(held) = held else {
            // The instruction to come says what is wrong.
            set(&mut self.frame.regs, dst, value.clone()).ok()?;
            return Some(Tested::Read);
        };
        // Nobody can see that the value was not put there before.
        if put_bool(&mut self.frame.regs, dst, held).is_none() {
            set(&mut self.frame.regs, dst, Value::Bool(held)).ok()?;
        }
        Some(Tested::Answer(held))
    }
}

/// Puts a number into a register, if there is one.
#[inline]
fn number(regs: &mut [Value], dst: Reg, n: Option<i64>, pc: Pc) -> Option<(Pc, u64)> {
    put_int(regs, dst, n?)?;
    Some((pc + 1, 1))
}

/// Puts an answer into a register.
#[inline]
fn answer(regs: &mut [Value], dst: Reg, held: bool) -> Option<bool> {
    put_bool(regs, dst, held)?;
    Some(held)
}

/// Compares two values of one kind, of which conditions are made; `None` leaves it to [`super::ops`].
#[inline]
fn compare(holds: Holds, a: &Value, b: &Value) -> Option<bool> {
    if holds.is_never() {
        return None;
    }
    let order = match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => decimals(a, b),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => decimals(&a.amount, &b.amount),
        // A text that is too large is told of elsewhere.
        (Value::Text(a), Value::Text(b)) if a.len() < MAX_WEIGHT / 2 => {
            let unequal = holds.unequal()?;
            return Some(if same(a, b) { !unequal } else { unequal });
        }
        _ => return None,
    };
    Some(holds.with(order))
}

/// Compares two decimal numbers. Those with as many places after the point are compared as whole numbers.
#[inline]
fn decimals(a: &Decimal, b: &Decimal) -> Ordering {
    if a.scale() == b.scale() { a.mantissa().cmp(&b.mantissa()) } else { a.cmp(b) }
}

#[inline]
fn int(values: &[Value], at: Reg) -> Option<i64> {
    match values.get(usize::from(at))? {
        Value::Int(n) => Some(*n),
        _ => None,
    }
}

// The next two look alike, and are two: a value that is first made in one place and then moved costs the processor more
// than all the rest of the instruction.

#[inline]
pub(super) fn put_bool(regs: &mut [Value], dst: Reg, yes: bool) -> Option<()> {
    match regs.get_mut(usize::from(dst))? {
        Value::Bool(slot) => *slot = yes,
        reg if reg.is_plain() => std::mem::forget(std::mem::replace(reg, Value::Bool(yes))),
        _ => return None,
    }
    Some(())
}

#[inline]
fn put_int(regs: &mut [Value], dst: Reg, n: i64) -> Option<()> {
    match regs.get_mut(usize::from(dst))? {
        Value::Int(slot) => *slot = n,
        reg if reg.is_plain() => std::mem::forget(std::mem::replace(reg, Value::Int(n))),
        _ => return None,
    }
    Some(())
}
