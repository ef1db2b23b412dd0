//! Statements where they do not belong: `case` outside of `match` and `wait`, `break` outside of a loop …
//!
//! The grammar takes `case` and `branch` as ordinary statements, which keeps its recovery local; this pass refuses them.

use super::ast::{Block, Else, If, ItemKind, Rhs, Stmt, StmtKind, Try, Wait};
use super::parser::Cx;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// What the statements of a block may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Plain,
    Cases,
    Branches,
}

/// Refuses the misplaced statements of an item.
pub(super) fn check(cx: &mut Cx<'_>, item: &ItemKind) {
    match item {
        ItemKind::Rule(rule) | ItemKind::Every(rule) => block(cx, &rule.body, Inside::Plain, false),
        ItemKind::Flow(function) | ItemKind::Fn(function) => block(cx, &function.body, Inside::Plain, false),
        ItemKind::Test { name: _, body } => block(cx, body, Inside::Plain, false),
        ItemKind::Const(_) | ItemKind::Use(_) | ItemKind::Error => {}
    }
}

fn block(cx: &mut Cx<'_>, block: &Block, inside: Inside, looped: bool) {
    for stmt in &block.stmts {
        statement(cx, stmt, inside, looped);
    }
}

fn statement(cx: &mut Cx<'_>, stmt: &Stmt, inside: Inside, looped: bool) {
    match &stmt.kind {
        StmtKind::Case(case) => {
            if inside != Inside::Cases {
                refuse(
                    cx,
                    stmt,
                    "`case` stands outside of `match` and `wait`",
                    "put it into `match … { }` or `wait … { }`",
                );
            }
            return block(cx, &case.body, Inside::Plain, looped);
        }
        StmtKind::Branch(body) => {
            if inside != Inside::Branches {
                refuse(
                    cx,
                    stmt,
                    "`branch` stands outside of `parallel` and `race`",
                    "put it into `parallel { }` or `race { }`",
                );
            }
            return block(cx, body, Inside::Plain, false);
        }
        _ => {}
    }
    if stmt.kind != StmtKind::Error {
        match inside {
            Inside::Plain => {}
            Inside::Cases => refuse(cx, stmt, "only `case` may stand here", "put the statement into a `case … { }`"),
            Inside::Branches => {
                refuse(cx, stmt, "only `branch` may stand here", "put the statement into a `branch { }`");
            }
        }
    }
    inner(cx, stmt, looped);
}

fn inner(cx: &mut Cx<'_>, stmt: &Stmt, looped: bool) {
    match &stmt.kind {
        StmtKind::If(statement) => if_(cx, statement, looped),
        StmtKind::Match { subject: _, body } => block(cx, body, Inside::Cases, looped),
        StmtKind::ForAny { entity: _, with: _, body } => block(cx, body, Inside::Plain, false),
        StmtKind::For { name: _, list: _, body } | StmtKind::While { cond: _, body } => {
            block(cx, body, Inside::Plain, true);
        }
        StmtKind::Parallel(body) | StmtKind::Race(body) => block(cx, body, Inside::Branches, false),
        StmtKind::Try(statement) => {
            let Try { body, times: _, pausing: _, otherwise } = &**statement;
            block(cx, body, Inside::Plain, looped);
            if let Some((_, body)) = otherwise {
                block(cx, body, Inside::Plain, looped);
            }
        }
        StmtKind::Undo(body) => block(cx, body, Inside::Plain, false),
        StmtKind::Wait(wait) => cases(cx, wait, looped),
        StmtKind::Let(binding) => {
            if let Rhs::Wait(wait) = &binding.value {
                cases(cx, wait, looped);
            }
        }
        StmtKind::Break if !looped => {
            refuse(cx, stmt, "`break` stands outside of a loop", "it ends a `for` or `while`");
        }
        StmtKind::Continue if !looped => {
            refuse(cx, stmt, "`continue` stands outside of a loop", "it begins the next turn of a `for` or `while`");
        }
        StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Case(_)
        | StmtKind::Branch(_)
        | StmtKind::Set(_)
        | StmtKind::Do(_)
        | StmtKind::Start(_)
        | StmtKind::Return(_)
        | StmtKind::Stop
        | StmtKind::Action(_)
        | StmtKind::Migrate(_)
        | StmtKind::Assert(_)
        | StmtKind::Given { .. }
        | StmtKind::GivenAt(_)
        | StmtKind::When { .. }
        | StmtKind::Advance(_)
        | StmtKind::Expect(_)
        | StmtKind::Error => {}
    }
}

fn cases(cx: &mut Cx<'_>, wait: &Wait, looped: bool) {
    if let Some(body) = &wait.cases {
        block(cx, body, Inside::Cases, looped);
    }
}

fn if_(cx: &mut Cx<'_>, statement: &If, looped: bool) {
    block(cx, &statement.then, Inside::Plain, looped);
    match &statement.otherwise {
        None => {}
        Some(Else::Block(body)) => block(cx, body, Inside::Plain, looped),
        Some(Else::If(next)) => if_(cx, next, looped),
    }
}

fn refuse(cx: &mut Cx<'_>, stmt: &Stmt, message: &str, help: &str) {
    let word = stmt.span.of(cx.source).find(|c: char| !c.is_alphanumeric()).unwrap_or(1);
    let word = Span::new(stmt.span.start, stmt.span.start.saturating_add(u32::try_from(word).unwrap_or(1)));
    let diagnostic = Diagnostic::new(Code::E0115, cx.file, word, message).label("cannot stand here").help(help);
    cx.misplaced.push(diagnostic);
}
