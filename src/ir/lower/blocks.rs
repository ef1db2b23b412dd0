//! Statements whose blocks are executed apart: branches, `try`, `undo`.

use super::super::{BinOp, Catch, Op};
use super::code::Code;
use crate::check::typed::{Branch, LocalId, Stmt, Try};
use crate::source::Span;
use crate::value::Value;

impl Code<'_> {
    /// The branches are jumped to by the instructions behind the `Fork`; behind these the task goes on at the end.
    pub(super) fn branches(&mut self, race: bool, branches: &[Branch]) {
        let n = u16::try_from(branches.len()).unwrap_or(u16::MAX);
        self.emit(Op::Fork { race, n, live: self.top() });
        let starts: Vec<_> = branches.iter().map(|_| self.label()).collect();
        let end = self.label();
        for label in starts.iter().chain([&end]) {
            let to = self.to(*label);
            self.emit(Op::Jump { to });
        }
        let loops = std::mem::take(&mut self.loops);
        for (branch, start) in branches.iter().zip(starts) {
            self.place(start);
            self.block(&branch.body);
            for id in &branch.gives {
                let reg = self.register(*id);
                self.emit(Op::Give { reg });
            }
            self.emit(Op::Join);
        }
        self.loops = loops;
        self.place(end);
        if race {
            self.emit(Op::Settle);
        }
    }

    pub(super) fn try_(&mut self, span: Span, tried: &Try) {
        let top = self.top();
        let (mark, tries) = (self.keep("mark of try"), self.keep("tries of try"));
        let error = self.keep("error of try");
        let (again, from, to) = (self.label(), self.label(), self.label());
        let (handler, give_up, end) = (self.label(), self.label(), self.label());
        if tried.times.is_some() {
            self.load(tries, &Value::Int(0));
        }
        self.place(again);
        self.emit(Op::Mark { dst: mark });
        self.place(from);
        self.block(&tried.body);
        self.place(to);
        let catch = Catch { from: self.to(from), to: self.to(to), handler: self.to(handler), error };
        self.catches.push(catch);
        let to = self.to(end);
        self.emit(Op::Jump { to });
        self.place(handler);
        self.at(span);
        self.emit(Op::Unwind { mark });
        if let Some(times) = &tried.times {
            let inner = self.top();
            let (b, dst) = (self.value(times), self.temp());
            self.emit(Op::Bin { op: BinOp::Lt, dst, a: tries, b });
            let to = self.to(give_up);
            self.emit(Op::JumpUnless { a: dst, to });
            self.load(dst, &Value::Int(1));
            self.emit(Op::Bin { op: BinOp::Add, dst: tries, a: tries, b: dst });
            self.release(inner);
            if let Some(pausing) = &tried.pausing {
                self.pause(pausing, times.span.to(pausing.span));
            }
            let to = self.to(again);
            self.emit(Op::Jump { to });
        }
        self.place(give_up);
        if let Some(otherwise) = &tried.otherwise {
            if let Some(id) = tried.error {
                self.give(id, error);
            }
            self.block(otherwise);
        } else {
            self.at(span);
            self.emit(Op::Raise { a: error });
        }
        self.place(end);
        self.release(top);
    }

    /// What undoes the action before becomes a function of its own; it gets what it uses as arguments.
    pub(super) fn undo(&mut self, span: Span, body: &[Stmt], captured: &[LocalId]) {
        let own = self.unit.own;
        let n = own.saturating_add(u16::try_from(captured.len()).unwrap_or(u16::MAX));
        let at = self.tables.reserve();
        let mut code = Code::new(self.tables, self.schema, self.unit, n);
        for (id, reg) in captured.iter().zip(own..) {
            code.give(*id, reg);
        }
        code.statements(body);
        code.emit(Op::ReturnNone);
        let function = code.finish();
        self.tables.put(at, function);
        let base = self.top();
        for src in (0..own).chain(captured.iter().map(|id| self.register(*id)).collect::<Vec<_>>()) {
            let dst = self.temp();
            self.emit(Op::Copy { dst, src });
        }
        self.at(span);
        self.emit(Op::Undo { function: at, base });
        self.release(base);
    }
}
