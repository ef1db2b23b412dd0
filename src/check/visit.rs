//! What stands inside what in the typed tree: the one place that lists the parts of statements and expressions for passes
//! that only look.

use super::typed::{Expr, ExprKind, Stmt, StmtKind, WaitKind};

/// The expressions directly inside an expression, in order.
pub(super) fn children(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Record
        | ExprKind::Event
        | ExprKind::Now
        | ExprKind::Today => Vec::new(),
        ExprKind::Field(a, _) | ExprKind::Not(a) | ExprKind::Neg(a) | ExprKind::IsEmpty(a) | ExprKind::Format(a, _) => {
            vec![a]
        }
        ExprKind::And(a, b) | ExprKind::Or(a, b) | ExprKind::Default(a, b) | ExprKind::Binary(_, a, b) => vec![a, b],
        ExprKind::Call(_, items) | ExprKind::Invoke(_, items) | ExprKind::List(items) | ExprKind::Text(items) => {
            items.iter().collect()
        }
        ExprKind::Each(each) => std::iter::once(&each.list).chain(&each.part).collect(),
        ExprKind::Find(find) => {
            let key = find.order.iter().map(|(key, _)| key);
            find.cond.iter().chain(key).chain(&find.limit).collect()
        }
        ExprKind::Named(members) => members.iter().map(|(_, e)| e).collect(),
    }
}

/// Goes through an expression and all inside it, outermost first.
pub(super) fn each_expr<'e>(e: &'e Expr, look: &mut impl FnMut(&'e Expr)) {
    look(e);
    for child in children(e) {
        each_expr(child, look);
    }
}

/// Whether this holds for the expression or one inside it.
pub(super) fn any_expr(e: &Expr, test: &mut impl FnMut(&Expr) -> bool) -> bool {
    test(e) || children(e).into_iter().any(|child| any_expr(child, test))
}

/// The expressions of a statement itself, without those of statements inside it, in the order they are worked out.
pub(super) fn exprs(stmt: &Stmt) -> Vec<&Expr> {
    match &stmt.kind {
        StmtKind::Assign(_, e) | StmtKind::If(e, ..) | StmtKind::While(e, _) | StmtKind::For(_, e, _) => vec![e],
        StmtKind::Act(act, _) => act.args.iter().map(|(_, e)| e).collect(),
        StmtKind::Match { subject, cases, .. } => {
            std::iter::once(subject).chain(cases.iter().flat_map(|(values, _)| values)).collect()
        }
        StmtKind::Wait(wait) => {
            let mut found: Vec<&Expr> = wait.limit.iter().collect();
            match &wait.kind {
                WaitKind::Time(e) | WaitKind::Until { cond: e, .. } => found.push(e),
                WaitKind::Event { about, .. } => found.extend(about),
                WaitKind::Ask(ask) => found.extend(std::iter::once(&ask.question).chain(&ask.people)),
            }
            found
        }
        StmtKind::Do { args, .. } => args.iter().collect(),
        StmtKind::Start(start) => start.args.iter().map(|(_, e)| e).collect(),
        StmtKind::Return(value) => value.iter().collect(),
        StmtKind::Try(tried) => tried.times.iter().chain(&tried.pausing).collect(),
        StmtKind::Assert(cond, message) => vec![cond, message],
        StmtKind::Branches { .. } | StmtKind::Undo { .. } => Vec::new(),
        StmtKind::Break | StmtKind::Continue | StmtKind::Stop => Vec::new(),
    }
}

/// The blocks directly inside a statement.
pub(super) fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    match &stmt.kind {
        StmtKind::If(_, then, otherwise) => vec![then, otherwise],
        StmtKind::Match { cases, otherwise, .. } => {
            cases.iter().map(|(_, body)| body.as_slice()).chain([otherwise.as_slice()]).collect()
        }
        StmtKind::For(_, _, body) | StmtKind::While(_, body) | StmtKind::Undo { body, .. } => vec![body],
        StmtKind::Branches { branches, .. } => branches.iter().map(|branch| branch.body.as_slice()).collect(),
        StmtKind::Try(tried) => std::iter::once(tried.body.as_slice()).chain(tried.otherwise.as_deref()).collect(),
        StmtKind::Wait(wait) => {
            wait.cases.iter().map(|(_, body)| body.as_slice()).chain([wait.otherwise.as_slice()]).collect()
        }
        StmtKind::Assign(..)
        | StmtKind::Act(..)
        | StmtKind::Do { .. }
        | StmtKind::Start(_)
        | StmtKind::Return(_)
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Assert(..)
        | StmtKind::Stop => Vec::new(),
    }
}

/// Goes through statements and all inside them, in the order written.
pub(super) fn each_stmt<'s>(body: &'s [Stmt], look: &mut impl FnMut(&'s Stmt)) {
    for stmt in body {
        look(stmt);
        for block in blocks(stmt) {
            each_stmt(block, look);
        }
    }
}

/// Whether a loop with this body can be left by `break`.
pub(super) fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        // A `break` in there leaves that loop, and none leaves a branch.
        StmtKind::For(..) | StmtKind::While(..) | StmtKind::Branches { .. } | StmtKind::Undo { .. } => false,
        StmtKind::If(..)
        | StmtKind::Match { .. }
        | StmtKind::Try(_)
        | StmtKind::Wait(_)
        | StmtKind::Assign(..)
        | StmtKind::Act(..)
        | StmtKind::Do { .. }
        | StmtKind::Start(_)
        | StmtKind::Return(_)
        | StmtKind::Continue
        | StmtKind::Assert(..)
        | StmtKind::Stop => blocks(stmt).into_iter().any(breaks),
    })
}
