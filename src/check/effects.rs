//! What a function may do besides giving a value, found in its statements: it decides where the function may be called.

use crate::source::Span;
use crate::syntax::ast::{Block, Else, ExprKind, If, Rhs, Stmt, StmtKind};

/// What a function may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// It may sleep.
    pub(super) waits: bool,
    /// It may change something outside, or end the run.
    pub(super) acts: bool,
    /// It may ask the CRM for records: no condition could say what it watches.
    pub(super) finds: bool,
}

impl Effects {
    /// Whether it can be called inside an expression.
    pub(super) const fn is_pure(self) -> bool {
        !self.waits && !self.acts && !self.finds
    }

    /// Both together.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { waits: self.waits || other.waits, acts: self.acts || other.acts, finds: self.finds || other.finds }
    }
}

/// What the statements of a block do by themselves, and the names of the functions that they call as statements. Calls
/// inside expressions are not looked at: only pure functions can stand there.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) effects: Effects,
    pub(super) calls: Vec<Span>,
    /// The names of the fields that `set` gives values to.
    pub(super) sets: Vec<Span>,
    /// The variables that it gives values to.
    pub(super) variables: Vec<Span>,
}

impl Found {
    pub(super) fn of(block: &Block) -> Self {
        let mut found = Self::default();
        found.block(block);
        found
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let(binding) => match &binding.value {
                Rhs::Expr(e) => self.call(&e.kind),
                Rhs::Action(_) | Rhs::Start(_) => self.effects.acts = true,
                Rhs::Find(_) => self.effects.finds = true,
                Rhs::Wait(wait) => {
                    self.effects.waits = true;
                    wait.cases.iter().for_each(|cases| self.block(cases));
                }
            },
            StmtKind::Set(assigns) => {
                self.effects.acts |= assigns.iter().any(|a| a.target.kind != ExprKind::Var);
                let variables = assigns.iter().filter(|a| a.target.kind == ExprKind::Var);
                self.variables.extend(variables.map(|a| a.target.span));
                self.sets.extend(assigns.iter().filter_map(|assign| match &assign.target.kind {
                    ExprKind::Field { name, .. } => Some(*name),
                    _ => None,
                }));
            }
            StmtKind::If(branch) => self.if_(branch),
            StmtKind::Match { subject: _, body } | StmtKind::For { body, .. } | StmtKind::While { cond: _, body } => {
                self.block(body);
            }
            StmtKind::Case(case) => self.block(&case.body),
            StmtKind::Parallel(body) | StmtKind::Race(body) => {
                self.effects.waits = true;
                self.block(body);
            }
            StmtKind::Branch(body) => self.block(body),
            StmtKind::Try(tried) => {
                self.effects.waits |= tried.pausing.is_some();
                self.block(&tried.body);
                tried.otherwise.iter().for_each(|(_, body)| self.block(body));
            }
            StmtKind::Undo(body) => self.block(body),
            StmtKind::Do(e) => self.call(&e.kind),
            StmtKind::Wait(wait) => {
                self.effects.waits = true;
                wait.cases.iter().for_each(|cases| self.block(cases));
            }
            StmtKind::Start(_) | StmtKind::Stop | StmtKind::Action(_) => self.effects.acts = true,
            StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            | StmtKind::Migrate(_)
            | StmtKind::Assert(_)
            | StmtKind::Given { .. }
            | StmtKind::GivenAt(_)
            | StmtKind::When { .. }
            | StmtKind::ForAny { .. }
            | StmtKind::Advance(_)
            | StmtKind::Expect(_)
            | StmtKind::Error => {}
        }
    }

    fn if_(&mut self, branch: &If) {
        self.block(&branch.then);
        match &branch.otherwise {
            None => {}
            Some(Else::Block(block)) => self.block(block),
            Some(Else::If(next)) => self.if_(next),
        }
    }

    fn call(&mut self, e: &ExprKind) {
        if let ExprKind::Call(call) = e {
            self.calls.push(call.name);
        }
    }
}
