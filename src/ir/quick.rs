//! Superinstructions: what the machine executes in place of several instructions that often follow one another, and of
//! instructions with operands that are known.
//!
//! They are no part of a program: they are made from its code when it is first executed, and never written down. Each
//! stands at the place of the first instruction that it does, and whoever jumps between these finds another one there; so
//! a run can stop, and be taken up, at every instruction of the code.

use super::{BinOp, Function, Ix, Op, Pc, Program, Reg};
use crate::value::{Hint, Value};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// What the machine executes when it is at an instruction. All but [`Test`] work on whole numbers and truths, and leave
/// everything else to the instructions themselves.
#[derive(Debug)]
pub(crate) enum Quick {
    /// The instruction as it is.
    Plain,
    /// `dst = consts[k]`
    Const { dst: Reg, k: Ix },
    /// `dst = src`
    Copy { dst: Reg, src: Reg },
    /// `dst = a + b`
    Add { dst: Reg, a: Reg, b: Reg },
    /// `dst = a - b`
    Sub { dst: Reg, a: Reg, b: Reg },
    /// `dst = a * b`
    Mul { dst: Reg, a: Reg, b: Reg },
    /// `dst = a + n`
    AddConst { dst: Reg, a: Reg, n: i64 },
    /// The same, and then a jump: so loops end.
    AddConstJump { dst: Reg, a: Reg, n: i64, to: Pc },
    /// `dst = (a < b) == is`, and then a jump if that is `when`.
    Less { is: bool, dst: Reg, a: Reg, b: Reg, when: bool, to: Pc },
    /// `dst = (a < n) == is`, and then a jump if that is `when`.
    LessConst { is: bool, dst: Reg, a: Reg, n: i64, when: bool, to: Pc },
    /// `dst = (a == b) == is`, and then a jump if that is `when`.
    Equal { is: bool, dst: Reg, a: Reg, b: Reg, when: bool, to: Pc },
    /// `dst = (a == n) == is`, and then a jump if that is `when`.
    EqualConst { is: bool, dst: Reg, a: Reg, n: i64, when: bool, to: Pc },
    /// A jump if `a` is `when`.
    Branch { a: Reg, when: bool, to: Pc },
    /// A jump.
    Jump { to: Pc },
    /// Compares a field with a constant, and then a jump if that is `when`.
    Test { test: Test, when: bool, to: Pc },
    /// Compares a field with a constant.
    TestOnly(Test),
}

/// `dst = obj.names[field] op consts[k]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Test {
    /// The operator.
    pub(crate) op: BinOp,
    /// The same, if it is a comparison.
    pub(crate) holds: Holds,
    /// Where in [`Quickened::hints`] the field was found.
    pub(crate) hint: u8,
    /// Gets the answer.
    pub(crate) dst: Reg,
    /// The record.
    pub(crate) obj: Reg,
    /// The name of the field.
    pub(crate) field: Ix,
    /// With what it is compared.
    pub(crate) k: Ix,
}

/// The most instructions that are done at once.
pub(crate) const MOST: u64 = 3;

/// Which orders of two values make a comparison hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holds(u8);

impl Holds {
    const LESS: u8 = 1;
    const EQUAL: u8 = 2;
    const GREATER: u8 = 4;
    const UNEQUAL: u8 = Self::LESS | Self::GREATER;

    /// Those of a comparison; no order at all for the other operators.
    const fn of(op: BinOp) -> Self {
        Self(match op {
            BinOp::Eq => Self::EQUAL,
            BinOp::Ne => Self::UNEQUAL,
            BinOp::Lt => Self::LESS,
            BinOp::Le => Self::LESS | Self::EQUAL,
            BinOp::Gt => Self::GREATER,
            BinOp::Ge => Self::GREATER | Self::EQUAL,
            BinOp::Add
            | BinOp::Sub
            | BinOp::Mul
            | BinOp::Div
            | BinOp::In
            | BinOp::Contains
            | BinOp::StartsWith
            | BinOp::EndsWith => 0,
        })
    }

    /// Whether it is no comparison.
    pub(crate) const fn is_never(self) -> bool {
        self.0 == 0
    }

    /// Whether two values in this order make it hold.
    #[inline]
    pub(crate) const fn with(self, order: Ordering) -> bool {
        self.0 >> (order as i8 + 1) & 1 == 1
    }

    /// Whether it asks only whether two values are equal: the answer for two that are not.
    #[inline]
    pub(crate) const fn unequal(self) -> Option<bool> {
        match self.0 {
            Self::EQUAL => Some(false),
            Self::UNEQUAL => Some(true),
            _ => None,
        }
    }
}

/// The superinstructions of a function, one for each of its instructions.
#[derive(Debug, Default)]
pub(crate) struct Quickened {
    /// What stands at each instruction.
    pub(crate) code: Box<[Quick]>,
    /// Where [`Test`] finds fields.
    pub(crate) hints: Box<[Hint]>,
}

impl Quickened {
    fn new(function: &Function, program: &Program) -> Self {
        let mut maker = Maker { code: &function.code, consts: &program.consts, hints: 0 };
        let code = (0..).zip(&function.code).map(|(pc, op)| maker.make(*op, pc)).collect();
        Self { code, hints: (0..maker.hints).map(|_| Hint::default()).collect() }
    }
}

/// Makes a function's superinstructions when they are first asked for. Equal to every other, and gone in a clone: what
/// is kept here says nothing that the function does not.
#[derive(Debug, Default)]
pub struct Prepared(OnceLock<Quickened>);

impl Clone for Prepared {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Prepared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Function {
    /// Its superinstructions; it must be one of this program.
    pub(crate) fn quickened(&self, program: &Program) -> &Quickened {
        self.quick.0.get_or_init(|| Quickened::new(self, program))
    }
}

struct Maker<'a> {
    code: &'a [Op],
    consts: &'a [Value],
    /// How many were given away.
    hints: u8,
}

impl Maker<'_> {
    fn make(&mut self, op: Op, pc: Pc) -> Quick {
        let after = pc.saturating_add(1);
        match op {
            Op::Const { dst, k } if matches!(self.constant(k), Some(Value::Int(_) | Value::Bool(_))) => {
                Quick::Const { dst, k }
            }
            Op::Copy { dst, src } => Quick::Copy { dst, src },
            Op::Bin { op: BinOp::Add, dst, a, b } => Quick::Add { dst, a, b },
            Op::Bin { op: BinOp::Sub, dst, a, b } => Quick::Sub { dst, a, b },
            Op::Bin { op: BinOp::Mul, dst, a, b } => Quick::Mul { dst, a, b },
            Op::Bin { op, dst, a, b } => self.compared(op, dst, a, b, after),
            Op::BinConst { op, dst, a, k } => self.with_constant(op, dst, a, k, after),
            Op::Jump { to } => Quick::Jump { to },
            Op::JumpIf { a, to } => Quick::Branch { a, when: true, to },
            Op::JumpUnless { a, to } => Quick::Branch { a, when: false, to },
            Op::Read { dst, obj, field } => self.test(dst, obj, field, after),
            // No list of the others: what stays as it is is right, only slower.
            _ => Quick::Plain,
        }
    }

    fn compared(&self, op: BinOp, dst: Reg, a: Reg, b: Reg, after: Pc) -> Quick {
        let Some((when, to)) = self.branch(dst, after) else { return Quick::Plain };
        match op {
            BinOp::Eq => Quick::Equal { is: true, dst, a, b, when, to },
            BinOp::Ne => Quick::Equal { is: false, dst, a, b, when, to },
            BinOp::Lt => Quick::Less { is: true, dst, a, b, when, to },
            BinOp::Ge => Quick::Less { is: false, dst, a, b, when, to },
            BinOp::Gt => Quick::Less { is: true, dst, a: b, b: a, when, to },
            BinOp::Le => Quick::Less { is: false, dst, a: b, b: a, when, to },
            _ => Quick::Plain,
        }
    }

    fn with_constant(&self, op: BinOp, dst: Reg, a: Reg, k: Ix, after: Pc) -> Quick {
        let Some(&Value::Int(n)) = self.constant(k) else { return Quick::Plain };
        let (less, more) = (n.checked_neg(), n.checked_add(1));
        match (op, less, self.code.get(after as usize)) {
            (BinOp::Add, _, Some(&Op::Jump { to })) => return Quick::AddConstJump { dst, a, n, to },
            (BinOp::Add, ..) => return Quick::AddConst { dst, a, n },
            (BinOp::Sub, Some(n), _) => return Quick::AddConst { dst, a, n },
            _ => {}
        }
        match (op, more, self.branch(dst, after)) {
            (BinOp::Eq, _, Some((when, to))) => Quick::EqualConst { is: true, dst, a, n, when, to },
            (BinOp::Ne, _, Some((when, to))) => Quick::EqualConst { is: false, dst, a, n, when, to },
            (BinOp::Lt, _, Some((when, to))) => Quick::LessConst { is: true, dst, a, n, when, to },
            (BinOp::Ge, _, Some((when, to))) => Quick::LessConst { is: false, dst, a, n, when, to },
            (BinOp::Le, Some(n), Some((when, to))) => Quick::LessConst { is: true, dst, a, n, when, to },
            (BinOp::Gt, Some(n), Some((when, to))) => Quick::LessConst { is: false, dst, a, n, when, to },
            _ => Quick::Plain,
        }
    }

    /// A read whose value is compared with a constant, and not kept.
    fn test(&mut self, dst: Reg, obj: Reg, field: Ix, after: Pc) -> Quick {
        let hint = self.hints;
        let (Some(&Op::BinConst { op, dst: same, a, k }), Some(hints)) =
            (self.code.get(after as usize), hint.checked_add(1))
        else {
            return Quick::Plain;
        };
        let computes = matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div);
        if computes || (same, a) != (dst, dst) {
            return Quick::Plain;
        }
        self.hints = hints;
        let test = Test { op, holds: Holds::of(op), hint, dst, obj, field, k };
        match self.branch(dst, after.saturating_add(1)) {
            Some((when, to)) => Quick::Test { test, when, to },
            None => Quick::TestOnly(test),
        }
    }

    fn constant(&self, k: Ix) -> Option<&Value> {
        self.consts.get(usize::from(k))
    }

    /// The jump at `pc` if it looks at `a`: when, and where to.
    fn branch(&self, a: Reg, pc: Pc) -> Option<(bool, Pc)> {
        match *self.code.get(pc as usize)? {
            Op::JumpIf { a: same, to } if same == a => Some((true, to)),
            Op::JumpUnless { a: same, to } if same == a => Some((false, to)),
            _ => None,
        }
    }
}
