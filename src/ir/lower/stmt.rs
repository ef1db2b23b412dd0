//! Statements.

use super::super::{BinOp, CallShape, Op, START, flow_key};
use super::code::{Code, Loop};
use crate::catalog::ActionOp;
use crate::check::typed::{Act, Expr, ExprKind, LocalId, Start, Stmt, StmtKind};
use crate::value::Value;

impl Code<'_> {
    /// The statements of a block; registers of its variables are free again afterwards.
    pub(super) fn block(&mut self, stmts: &[Stmt]) {
        let top = self.top();
        self.statements(stmts);
        self.release(top);
    }

    pub(super) fn statements(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            self.at(stmt.span);
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign(id, value) => self.assign(*id, value),
            StmtKind::Act(act, result) => self.act(stmt, act, *result),
            StmtKind::If(cond, then, otherwise) => self.if_(cond, then, otherwise),
            StmtKind::Match { subject, cases, otherwise } => self.match_(subject, cases, otherwise),
            StmtKind::For(id, list, body) => self.for_(*id, list, body),
            StmtKind::While(cond, body) => self.while_(cond, body),
            StmtKind::Break => self.leave(|looped| looped.end),
            StmtKind::Continue => self.leave(|looped| looped.next),
            StmtKind::Wait(wait) => self.wait(wait),
            StmtKind::Do { function, args, keep } => {
                let kept = keep.map(|id| self.register(id));
                let top = self.top();
                // Without a variable the value goes where the first argument was: nobody looks there any more.
                let dst = kept.unwrap_or_else(|| self.temp());
                self.invoke(*function, args, dst, stmt.span);
                self.release(top);
            }
            StmtKind::Start(start) => self.start(stmt, start),
            StmtKind::Branches { race, branches } => self.branches(*race, branches),
            StmtKind::Try(tried) => self.try_(stmt.span, tried),
            StmtKind::Undo { body, captured } => self.undo(stmt.span, body, captured),
            StmtKind::Return(Some(value)) => {
                let top = self.top();
                let a = self.value(value);
                self.emit(Op::Return { a });
                self.release(top);
            }
            StmtKind::Return(None) => self.emit(Op::ReturnNone),
            StmtKind::Stop => self.emit(Op::Stop),
            StmtKind::Assert(cond, message) => {
                let fine = self.label();
                let top = self.top();
                self.branch(cond, true, fine);
                let a = self.value(message);
                self.at(cond.span);
                self.emit(Op::Raise { a });
                self.release(top);
                self.place(fine);
            }
        }
    }

    fn assign(&mut self, id: LocalId, value: &Expr) {
        let placed = self.is_placed(id);
        let dst = self.register(id);
        // These write their target before they have read everything, and may read the variable itself.
        let in_steps = matches!(
            value.kind,
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Default(..) | ExprKind::Each(_) | ExprKind::Find(_)
        );
        if placed && in_steps {
            let top = self.top();
            let src = self.value(value);
            self.emit(Op::Copy { dst, src });
            self.release(top);
        } else {
            self.into(value, dst);
        }
    }

    fn act(&mut self, stmt: &Stmt, act: &Act, result: Option<LocalId>) {
        let dst = result.map(|id| self.register(id));
        let top = self.top();
        let base = top;
        for (_, value) in &act.args {
            let reg = self.temp();
            self.into(value, reg);
        }
        let dst = dst.unwrap_or_else(|| self.temp());
        let shape =
            CallShape { action: act.action.id.into(), params: act.args.iter().map(|(name, _)| name.clone()).collect() };
        let call = self.shape(&shape);
        self.at(stmt.span);
        self.emit(Op::Act { call, dst, base });
        self.release(top);
        if act.action.op == ActionOp::Move {
            self.emit(Op::Stop);
        }
    }

    /// A flow is started by an effect of the engine itself.
    fn start(&mut self, stmt: &Stmt, start: &Start) {
        let dst = start.keep.map(|id| self.register(id));
        let base = self.top();
        let file = self.unit.sources.get(start.file).map_or("", |file| &file.name);
        let flow = self.temp();
        self.load(flow, &Value::text(&flow_key(file, &start.name)));
        for (_, value) in &start.args {
            let reg = self.temp();
            self.into(value, reg);
        }
        let dst = dst.unwrap_or_else(|| self.temp());
        let params = std::iter::once("flow".into()).chain(start.args.iter().map(|(name, _)| name.clone()));
        let call = self.shape(&CallShape { action: START.into(), params: params.collect() });
        self.at(stmt.span);
        self.emit(Op::Act { call, dst, base });
        self.release(base);
    }

    fn if_(&mut self, cond: &Expr, then: &[Stmt], otherwise: &[Stmt]) {
        let (no, end) = (self.label(), self.label());
        self.at(cond.span);
        self.branch(cond, false, no);
        self.block(then);
        if otherwise.is_empty() {
            self.place(no);
            return;
        }
        let to = self.to(end);
        self.emit(Op::Jump { to });
        self.place(no);
        self.block(otherwise);
        self.place(end);
    }

    fn match_(&mut self, subject: &Expr, cases: &[(Vec<Expr>, Vec<Stmt>)], otherwise: &[Stmt]) {
        let top = self.top();
        let end = self.label();
        // A copy, so that a case which changes the variable does not change what is matched.
        let subject_reg = self.keep("subject of match");
        self.into(subject, subject_reg);
        for (values, body) in cases {
            let (hit, next) = (self.label(), self.label());
            for value in values {
                let inner = self.top();
                let b = self.value(value);
                let dst = self.temp();
                self.at(value.span);
                self.emit(Op::Bin { op: BinOp::Eq, dst, a: subject_reg, b });
                let to = self.to(hit);
                self.emit(Op::JumpIf { a: dst, to });
                self.release(inner);
            }
            let to = self.to(next);
            self.emit(Op::Jump { to });
            self.place(hit);
            self.block(body);
            let to = self.to(end);
            self.emit(Op::Jump { to });
            self.place(next);
        }
        self.block(otherwise);
        self.place(end);
        self.release(top);
    }

    fn for_(&mut self, id: LocalId, list: &Expr, body: &[Stmt]) {
        let top = self.top();
        let (list_reg, at) = (self.keep("list of for"), self.keep("place in for"));
        self.into(list, list_reg);
        self.load(at, &Value::Int(0));
        let dst = self.register(id);
        let looped = Loop { next: self.label(), end: self.label() };
        self.place(looped.next);
        let to = self.to(looped.end);
        self.emit(Op::Next { dst, list: list_reg, at, to });
        self.loops.push(looped);
        self.block(body);
        self.loops.pop();
        let to = self.to(looped.next);
        self.emit(Op::Jump { to });
        self.place(looped.end);
        self.release(top);
    }

    fn while_(&mut self, cond: &Expr, body: &[Stmt]) {
        let looped = Loop { next: self.label(), end: self.label() };
        self.place(looped.next);
        self.at(cond.span);
        self.branch(cond, false, looped.end);
        self.loops.push(looped);
        self.block(body);
        self.loops.pop();
        let to = self.to(looped.next);
        self.emit(Op::Jump { to });
        self.place(looped.end);
    }

    /// `break`, `continue`; outside a loop the parser has reported them.
    fn leave(&mut self, label: impl Fn(Loop) -> super::code::Label) {
        if let Some(looped) = self.loops.last().copied() {
            let to = self.to(label(looped));
            self.emit(Op::Jump { to });
        }
    }
}
