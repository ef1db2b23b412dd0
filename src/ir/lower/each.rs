//! Functions over the elements of a list: loops.

use super::super::{BinOp, Op, Reg};
use super::code::{Code, Label};
use crate::check::typed::{Each, Expr, How};
use crate::source::Span;
use crate::value::Value;

impl Code<'_> {
    /// `count($d in list where …)` and the others, into `dst`. Everything that is read is read before `dst` is written
    /// for the first time, or lies in registers of its own.
    pub(super) fn each(&mut self, each: &Each, dst: Reg, span: Span) {
        let (list, at) = (self.temp(), self.temp());
        self.into(&each.list, list);
        self.load(at, &Value::Int(0));
        self.load(dst, &first(each.how));
        let keys = (each.how == How::SortBy).then(|| self.temp());
        if let Some(keys) = keys {
            self.load(keys, &Value::list(Vec::new()));
        }
        let element = self.element(each.element);
        let (next, end) = (self.label(), self.label());
        self.place(next);
        self.at(span);
        let to = self.to(end);
        self.emit(Op::Next { dst: element, list, at, to });
        match (each.how, &each.part) {
            (How::Any, part) => self.decide(part.as_ref(), false, dst, next, end),
            (How::All, part) => self.decide(part.as_ref(), true, dst, next, end),
            (How::Map, Some(value)) => {
                let item = self.value(value);
                self.emit(Op::Push { list: dst, item });
            }
            (How::SortBy, Some(key)) => {
                let item = self.value(key);
                self.emit(Op::Push { list: keys.unwrap_or(dst), item });
                self.emit(Op::Push { list: dst, item: element });
            }
            (How::Count | How::Filter | How::Sort | How::SortBy | How::Map, part) => {
                if let Some(cond) = part {
                    self.branch(cond, false, next);
                }
                self.take(each.how, dst, element);
            }
        }
        let to = self.to(next);
        self.emit(Op::Jump { to });
        self.place(end);
        if matches!(each.how, How::Sort | How::SortBy) {
            self.at(span);
            self.emit(Op::Sort { list: dst, keys: keys.unwrap_or(dst) });
        }
    }

    /// An element that counts.
    fn take(&mut self, how: How, dst: Reg, element: Reg) {
        if how == How::Count {
            let b = self.temp();
            self.load(b, &Value::Int(1));
            self.emit(Op::Bin { op: BinOp::Add, dst, a: dst, b });
        } else {
            self.emit(Op::Push { list: dst, item: element });
        }
    }

    /// Goes on with the next element as long as the condition is `usual`, else the answer is the other one.
    fn decide(&mut self, cond: Option<&Expr>, usual: bool, dst: Reg, next: Label, end: Label) {
        if let Some(cond) = cond {
            self.branch(cond, usual, next);
        }
        self.load(dst, &Value::Bool(!usual));
        let to = self.to(end);
        self.emit(Op::Jump { to });
    }
}

/// What the result is before the first element.
fn first(how: How) -> Value {
    match how {
        How::Count => Value::Int(0),
        How::Any => Value::Bool(false),
        How::All => Value::Bool(true),
        How::Filter | How::Sort | How::SortBy | How::Map => Value::list(Vec::new()),
    }
}
