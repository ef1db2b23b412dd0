//! Waits.
//!
//! A condition is looked at again each time something that it read has changed. Where it reads a stage, a second piece
//! of code answers whether it can still become true although those records are closed for good; if not, the wait ends
//! with `final`.

use super::super::{BinOp, Given, Migration, Op, Pc, Reg};
use super::code::{Code, Label};
use crate::check::typed::{Carry, Expr, ExprKind, Stmt, Wait, WaitKind};
use crate::schema::Type;
use crate::source::Span;
use crate::value::{Name, Value};

/// The pseudo-field by which a host says that a record's stage is final, or that the record is gone.
const CLOSED: &str = "$closed";

impl Code<'_> {
    pub(super) fn wait(&mut self, wait: &Wait) {
        let (span, start) = (wait.span, self.here());
        let kept = wait.outcome.map(|id| self.register(id));
        if let WaitKind::Ask(ask) = &wait.kind {
            [ask.text, ask.by].into_iter().flatten().for_each(|id| {
                self.register(id);
            });
        }
        let top = self.top();
        let dst = kept.unwrap_or_else(|| self.temp());
        let request = match &wait.kind {
            WaitKind::Ask(ask) => self.ask(span, ask),
            WaitKind::Time(_) | WaitKind::Until { .. } | WaitKind::Event { .. } => dst,
        };
        self.arm(wait);
        self.at(span);
        // Only variables outlive the suspension; the outcome is written when it ends.
        let live = top;
        match &wait.kind {
            WaitKind::Time(_) => {
                let retry = self.label();
                self.place(retry);
                self.suspend(dst, retry, live);
                self.load(dst, &Value::text("reached"));
            }
            WaitKind::Until { cond, stages } => self.until(span, cond, *stages, dst, live),
            WaitKind::Event { name, about } => {
                let retry = self.label();
                self.place(retry);
                self.emit(Op::Watch);
                self.watch_event(name, about);
                self.at(span);
                self.suspend(dst, retry, live);
            }
            WaitKind::Ask(_) => self.until_answered(span, request, dst),
        }
        self.migrations(wait, start);
        self.emit(Op::Disarm);
        if let WaitKind::Ask(ask) = &wait.kind {
            self.said(ask, request);
        }
        self.cases(wait, dst);
        self.release(top);
    }

    /// Notes how runs of older versions come to the wait that began at `start` and ends here.
    fn migrations(&mut self, wait: &Wait, start: Pc) {
        let suspend = self.last_suspend().unwrap_or(start);
        for migration in &wait.migrations {
            let given = |carry: &Carry| match carry {
                Carry::Old(name) => Given::Old(name.clone()),
                Carry::Const(value) => Given::Const(value.clone()),
            };
            let values = migration.values.iter().map(|(id, carry)| (self.register(*id), given(carry))).collect();
            let from = migration.from.as_ref().map(|(words, _)| words.clone());
            self.tables.migrations.push(Migration { start, suspend, from, values });
        }
    }

    /// Sleeps for a period.
    pub(super) fn pause(&mut self, time: &Expr, written: Span) {
        let live = self.top();
        let (limit, retry) = (self.value(time), self.label());
        self.at(written);
        self.emit(Op::Arm { limit });
        self.release(live);
        let dst = self.temp();
        self.place(retry);
        self.suspend(dst, retry, live);
        self.emit(Op::Disarm);
        self.release(live);
    }

    pub(super) fn suspend(&mut self, dst: Reg, retry: Label, live: Reg) {
        let retry = self.to(retry);
        self.emit(Op::Suspend { dst, retry, live });
    }

    fn arm(&mut self, wait: &Wait) {
        let time = match &wait.kind {
            WaitKind::Time(time) => Some(time),
            WaitKind::Until { .. } | WaitKind::Event { .. } | WaitKind::Ask(_) => wait.limit.as_ref(),
        };
        let Some(time) = time else {
            self.emit(Op::ArmNone);
            return;
        };
        let top = self.top();
        let limit = self.value(time);
        self.at(time.span);
        self.emit(Op::Arm { limit });
        self.release(top);
    }

    fn until(&mut self, span: Span, cond: &Expr, stages: bool, dst: Reg, live: Reg) {
        let (retry, reached, closed, done) = (self.label(), self.label(), self.label(), self.label());
        self.place(retry);
        self.emit(Op::Watch);
        self.branch(cond, true, reached);
        if stages {
            self.stuck(cond, true, true, closed);
        }
        self.at(span);
        self.suspend(dst, retry, live);
        let to = self.to(done);
        self.emit(Op::Jump { to });
        self.place(reached);
        self.load(dst, &Value::text("reached"));
        if stages {
            self.emit(Op::Jump { to });
            self.place(closed);
            self.load(dst, &Value::text("final"));
        }
        self.place(done);
    }

    /// Watches the event about each record that is there.
    fn watch_event(&mut self, name: &Name, about: &[Expr]) {
        let event = self.name(name);
        let top = self.top();
        if about.is_empty() {
            let about = self.temp();
            self.load(about, &Value::Missing);
            self.emit(Op::WatchEvent { event, about });
        }
        for record in about {
            let (there, next) = (self.label(), self.label());
            let about = self.value(record);
            let to = self.to(there);
            self.emit(Op::JumpSome { a: about, to });
            let to = self.to(next);
            self.emit(Op::Jump { to });
            self.place(there);
            self.emit(Op::WatchEvent { event, about });
            self.place(next);
            self.release(top);
        }
        self.release(top);
    }

    fn cases(&mut self, wait: &Wait, outcome: Reg) {
        if wait.cases.is_empty() {
            self.block(&wait.otherwise);
            return;
        }
        let end = self.label();
        for (names, body) in &wait.cases {
            self.case(names, body, outcome, end);
        }
        self.block(&wait.otherwise);
        self.place(end);
    }

    fn case(&mut self, names: &[&'static str], body: &[Stmt], outcome: Reg, end: Label) {
        let (hit, next) = (self.label(), self.label());
        for name in names {
            let top = self.top();
            let (b, dst) = (self.temp(), self.temp());
            self.load(b, &Value::text(name));
            self.emit(Op::Bin { op: BinOp::Eq, dst, a: outcome, b });
            let to = self.to(hit);
            self.emit(Op::JumpIf { a: dst, to });
            self.release(top);
        }
        let to = self.to(next);
        self.emit(Op::Jump { to });
        self.place(hit);
        self.block(body);
        let to = self.to(end);
        self.emit(Op::Jump { to });
        self.place(next);
    }

    /// Jumps to `label` if it is `on` that `e` can never get the value `truth`, because the stages that it reads are
    /// final. Whatever else it reads may still change.
    fn stuck(&mut self, e: &Expr, truth: bool, on: bool, label: Label) {
        match (&e.kind, truth) {
            (ExprKind::Not(a), truth) => self.stuck(a, !truth, on, label),
            // Both sides are needed: one that is stuck is enough.
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
                if on {
                    self.stuck(a, truth, true, label);
                    self.stuck(b, truth, true, label);
                } else {
                    let skip = self.label();
                    self.stuck(a, truth, true, skip);
                    self.stuck(b, truth, false, label);
                    self.place(skip);
                }
            }
            // One side is enough: both must be stuck.
            (ExprKind::Or(a, b), true) | (ExprKind::And(a, b), false) => {
                if on {
                    let skip = self.label();
                    self.stuck(a, truth, false, skip);
                    self.stuck(b, truth, true, label);
                    self.place(skip);
                } else {
                    self.stuck(a, truth, false, label);
                    self.stuck(b, truth, false, label);
                }
            }
            (_, truth) => self.stuck_leaf(e, truth, on, label),
        }
    }

    fn stuck_leaf(&mut self, e: &Expr, truth: bool, on: bool, label: Label) {
        let mut stages = Vec::new();
        let free = self.label();
        if self.only_stages(e, &mut stages) && !stages.is_empty() {
            for record in &stages {
                let top = self.top();
                let obj = self.value(record);
                let dst = self.temp();
                let field = self.name(&CLOSED.into());
                self.emit(Op::Read { dst, obj, field });
                let to = self.to(if on { free } else { label });
                self.emit(Op::JumpUnless { a: dst, to });
                self.release(top);
            }
            // Closed: it stays what it is now.
            if on {
                self.branch(e, !truth, label);
            } else {
                self.branch(e, truth, label);
            }
        } else if !on {
            let to = self.to(label);
            self.emit(Op::Jump { to });
        }
        self.place(free);
    }

    /// Collects the records whose stage `e` reads; false if it reads anything else that may change.
    fn only_stages<'e>(&self, e: &'e Expr, stages: &mut Vec<&'e Expr>) -> bool {
        match &e.kind {
            ExprKind::Field(base, name) => {
                let Type::Entity(id) = base.ty.present() else { return false };
                let stage = self.schema.get(*id).and_then(|entity| entity.stage_name());
                let found = stage.is_some_and(|stage| stage == name);
                if found {
                    stages.push(base);
                }
                found
            }
            ExprKind::Const(_) | ExprKind::Local(_) | ExprKind::Event | ExprKind::Error => true,
            // What a function reads is not known here.
            ExprKind::Record
            | ExprKind::Now
            | ExprKind::Today
            | ExprKind::Invoke(..)
            | ExprKind::Each(_)
            | ExprKind::Find(_) => false,
            ExprKind::Not(a) | ExprKind::Neg(a) | ExprKind::IsEmpty(a) | ExprKind::Format(a, _) => {
                self.only_stages(a, stages)
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) | ExprKind::Default(a, b) | ExprKind::Binary(_, a, b) => {
                self.only_stages(a, stages) && self.only_stages(b, stages)
            }
            ExprKind::Call(_, items) | ExprKind::List(items) | ExprKind::Text(items) => {
                items.iter().all(|item| self.only_stages(item, stages))
            }
            ExprKind::Named(members) => members.iter().all(|(_, e)| self.only_stages(e, stages)),
        }
    }
}
