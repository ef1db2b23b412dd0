//! Expressions: every value into a register.

use super::super::{BinOp, Op, Reg};
use super::code::{Code, Label};
use crate::check::typed::{self, Expr, ExprKind, FnId};
use crate::source::Span;
use crate::value::{Name, Value};

impl Code<'_> {
    /// The register that holds the value: a variable's own, or a new temporary.
    pub(super) fn value(&mut self, e: &Expr) -> Reg {
        match &e.kind {
            ExprKind::Record => 0,
            ExprKind::Event => 1,
            ExprKind::Local(id) => self.register(*id),
            ExprKind::Binary(op, a, b) if matches!(b.kind, ExprKind::Const(_)) => {
                // What is compared goes where the answer will be: then the machine sees that nobody else wants it.
                let dst = self.temp();
                let top = self.top();
                let a = self.operand(a, dst);
                self.binary(e.span, *op, dst, a, b);
                self.release(top);
                dst
            }
            ExprKind::Error
            | ExprKind::Const(_)
            | ExprKind::Now
            | ExprKind::Today
            | ExprKind::Field(..)
            | ExprKind::Not(_)
            | ExprKind::Neg(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Default(..)
            | ExprKind::IsEmpty(_)
            | ExprKind::Binary(..)
            | ExprKind::Call(..)
            | ExprKind::Invoke(..)
            | ExprKind::List(_)
            | ExprKind::Text(_)
            | ExprKind::Format(..)
            | ExprKind::Each(_)
            | ExprKind::Find(_)
            | ExprKind::Named(_) => {
                let dst = self.temp();
                self.into(e, dst);
                dst
            }
        }
    }

    /// Puts the value into `dst`. Temporaries above are free again afterwards.
    pub(super) fn into(&mut self, e: &Expr, dst: Reg) {
        let top = self.top();
        match &e.kind {
            // Rules with mistakes are not compiled; a missing value stands in for what cannot be there.
            ExprKind::Error => self.load(dst, &Value::Missing),
            ExprKind::Const(value) => self.load(dst, value),
            ExprKind::Local(_) | ExprKind::Record | ExprKind::Event => {
                let src = self.value(e);
                if src != dst {
                    self.emit(Op::Copy { dst, src });
                }
            }
            ExprKind::Now => self.emit(Op::Now { dst }),
            ExprKind::Today => self.emit(Op::Today { dst }),
            ExprKind::Field(base, name) => {
                let obj = self.value(base);
                let field = self.name(name);
                self.at(e.span);
                self.emit(Op::Read { dst, obj, field });
            }
            ExprKind::Not(a) => {
                let a = self.value(a);
                self.emit(Op::Not { dst, a });
            }
            ExprKind::Neg(a) => {
                let a = self.value(a);
                self.at(e.span);
                self.emit(Op::Neg { dst, a });
            }
            ExprKind::And(..) | ExprKind::Or(..) => self.truth(e, dst),
            ExprKind::Binary(op @ (typed::Op::Eq | typed::Op::Ne), a, b) if may_both_be_missing(a, b) => {
                self.same_and_there(*op == typed::Op::Eq, a, b, dst);
            }
            ExprKind::Default(a, b) => self.default(a, b, dst),
            ExprKind::IsEmpty(a) => {
                let a = self.value(a);
                self.emit(Op::IsEmpty { dst, a });
            }
            ExprKind::Binary(op, a, b) => {
                let a = self.value(a);
                self.binary(e.span, *op, dst, a, b);
            }
            ExprKind::Call(func, args) => {
                let base = self.row(args);
                self.at(e.span);
                let n = u8::try_from(args.len()).unwrap_or(u8::MAX);
                self.emit(Op::Call { func: *func, dst, base, n });
            }
            ExprKind::Invoke(function, args) => self.invoke(*function, args, dst, e.span),
            ExprKind::List(items) => {
                let base = self.row(items);
                self.emit(Op::List { dst, base, n: count(items) });
            }
            ExprKind::Text(parts) => {
                let base = self.row(parts);
                self.emit(Op::Text { dst, base, n: count(parts) });
            }
            ExprKind::Format(a, name) => {
                let a = self.value(a);
                let format = self.name(name);
                self.at(e.span);
                self.emit(Op::Format { dst, a, format });
            }
            ExprKind::Each(each) => self.each(each, dst, e.span),
            ExprKind::Find(find) => self.find(find, dst, e.span),
            ExprKind::Named(members) => self.named(members, dst, e.span),
        }
        self.release(top);
    }

    /// `a == b`, or with `equal` false `a != b`, where both may be missing: what is missing equals nothing.
    fn same_and_there(&mut self, equal: bool, a: &Expr, b: &Expr, dst: Reg) {
        let (end, lacks) = (self.label(), self.temp());
        let (a, b) = (self.value(a), self.value(b));
        let k = self.constant(&Value::Missing);
        self.emit(Op::BinConst { op: BinOp::Eq, dst: lacks, a, k });
        self.emit(Op::Bin { op: if equal { BinOp::Eq } else { BinOp::Ne }, dst, a, b });
        let to = self.to(end);
        self.emit(Op::JumpUnless { a: lacks, to });
        self.load(dst, &Value::Bool(!equal));
        self.place(end);
    }

    /// The register of a variable, or `dst` with the value in it.
    fn operand(&mut self, e: &Expr, dst: Reg) -> Reg {
        if matches!(e.kind, ExprKind::Local(_) | ExprKind::Record | ExprKind::Event) {
            return self.value(e);
        }
        self.into(e, dst);
        dst
    }

    /// `dst = a op b`
    fn binary(&mut self, span: Span, op: typed::Op, dst: Reg, a: Reg, b: &Expr) {
        let op = bin_op(op);
        let op = match &b.kind {
            ExprKind::Const(value) => Op::BinConst { op, dst, a, k: self.constant(value) },
            _ => Op::Bin { op, dst, a, b: self.value(b) },
        };
        self.at(span);
        self.emit(op);
    }

    fn default(&mut self, first: &Expr, second: &Expr, dst: Reg) {
        let end = self.label();
        self.into(first, dst);
        let to = self.to(end);
        self.emit(Op::JumpSome { a: dst, to });
        self.into(second, dst);
        self.place(end);
    }

    /// A record of values.
    fn named(&mut self, members: &[(Name, Expr)], dst: Reg, span: Span) {
        let names = Value::list(members.iter().map(|(name, _)| Value::Text(name.clone())).collect());
        let names = self.constant(&names);
        let base = self.top();
        for (_, value) in members {
            let reg = self.temp();
            self.into(value, reg);
        }
        self.at(span);
        self.emit(Op::Record { dst, names, base });
    }

    /// A call of a script's function.
    pub(super) fn invoke(&mut self, function: FnId, args: &[Expr], dst: Reg, span: Span) {
        let base = self.row(args);
        let function = self.tables.function(function);
        self.at(span);
        self.emit(Op::Invoke { function, dst, base });
    }

    pub(super) fn load(&mut self, dst: Reg, value: &Value) {
        let k = self.constant(value);
        self.emit(Op::Const { dst, k });
    }

    /// The values in consecutive registers; says the first.
    pub(super) fn row(&mut self, items: &[Expr]) -> Reg {
        let base = self.top();
        for item in items {
            let dst = self.temp();
            self.into(item, dst);
        }
        base
    }

    /// `and`, `or` as a value.
    fn truth(&mut self, e: &Expr, dst: Reg) {
        let (no, end) = (self.label(), self.label());
        self.branch(e, false, no);
        self.load(dst, &Value::Bool(true));
        let to = self.to(end);
        self.emit(Op::Jump { to });
        self.place(no);
        self.load(dst, &Value::Bool(false));
        self.place(end);
    }

    /// Jumps to `label` if the condition is `on`; a missing value is not true.
    pub(super) fn branch(&mut self, e: &Expr, on: bool, label: Label) {
        match (&e.kind, on) {
            (ExprKind::Not(a), on) => self.branch(a, !on, label),
            (ExprKind::And(a, b), false) | (ExprKind::Or(a, b), true) => {
                self.branch(a, on, label);
                self.branch(b, on, label);
            }
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
                let skip = self.label();
                self.branch(a, !on, skip);
                self.branch(b, on, label);
                self.place(skip);
            }
            (_, on) => {
                let top = self.top();
                let a = self.value(e);
                let to = self.to(label);
                self.emit(if on { Op::JumpIf { a, to } } else { Op::JumpUnless { a, to } });
                self.release(top);
            }
        }
    }
}

fn count(items: &[Expr]) -> u16 {
    u16::try_from(items.len()).unwrap_or(u16::MAX)
}

/// Whether both sides of a comparison may be missing; `null` alone is asked for what is missing.
fn may_both_be_missing(a: &Expr, b: &Expr) -> bool {
    let may = |e: &Expr| e.ty.is_optional() && !matches!(e.kind, ExprKind::Const(_));
    may(a) && may(b)
}

fn bin_op(op: typed::Op) -> BinOp {
    match op {
        typed::Op::Eq => BinOp::Eq,
        typed::Op::Ne => BinOp::Ne,
        typed::Op::Lt => BinOp::Lt,
        typed::Op::Le => BinOp::Le,
        typed::Op::Gt => BinOp::Gt,
        typed::Op::Ge => BinOp::Ge,
        typed::Op::In => BinOp::In,
        typed::Op::Contains => BinOp::Contains,
        typed::Op::StartsWith => BinOp::StartsWith,
        typed::Op::EndsWith => BinOp::EndsWith,
        typed::Op::Add => BinOp::Add,
        typed::Op::Sub => BinOp::Sub,
        typed::Op::Mul => BinOp::Mul,
        typed::Op::Div => BinOp::Div,
    }
}
