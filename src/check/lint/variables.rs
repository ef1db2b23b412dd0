//! `unused-variable`: a variable that nothing reads.

use super::{Body, Sink};
use crate::check::typed::{ExprKind, Stmt, StmtKind};
use crate::check::visit;
use crate::diagnostics::Code;
use crate::source::Span;

/// Reports variables that are never read. A name that begins with `$_` says that this is meant.
pub(super) fn look(sink: &mut Sink<'_>, body: Body<'_>) {
    let mut read = vec![false; body.locals.len()];
    let mut note = |e| {
        visit::each_expr(e, &mut |e| {
            if let ExprKind::Local(id) = &e.kind
                && let Some(seen) = read.get_mut(usize::from(id.0))
            {
                *seen = true;
            }
        });
    };
    body.clauses.into_iter().flatten().for_each(&mut note);
    visit::each_stmt(body.stmts, &mut |stmt| visit::exprs(stmt).into_iter().for_each(&mut note));
    // What stands beside a variable, such as `$a.text`, is read for it.
    for (local, _) in body.locals.iter().zip(read.clone()).filter(|(local, read)| *read && local.name.contains('.')) {
        let whole = local.name.split('.').next().unwrap_or_default();
        for (other, seen) in body.locals.iter().zip(&mut read) {
            *seen |= *other.name == *whole && other.span.start == local.span.start;
        }
    }
    for (local, _) in body.locals.iter().zip(&read).filter(|(local, read)| !**read && !local.name.starts_with("$_")) {
        if local.name.contains('.') {
            continue;
        }
        let stmt = declared_by(body.stmts, local.span);
        let diagnostic = sink
            .lint(Code::W0101, local.span, format!("`{}` is never read", local.name))
            .label("nothing uses this value");
        let name = format!("$_{}", local.name.trim_start_matches('$'));
        let does = |stmt: &&Stmt| {
            matches!(stmt.kind, StmtKind::Act(..) | StmtKind::Wait(_) | StmtKind::Do { .. } | StmtKind::Start(_))
        };
        let diagnostic = if let Some(stmt) = stmt.filter(does) {
            diagnostic.help(format!("leave out `let {} =`", local.name)).fix(
                "leave out the variable",
                head(sink, stmt, local.span),
                "",
            )
        } else {
            diagnostic.help(format!("leave it out, or write `{name}` if it is meant")).fix(
                format!("write `{name}`"),
                local.span,
                name,
            )
        };
        sink.report(diagnostic);
    }
}

/// The innermost statement that declares the variable at this place.
fn declared_by(body: &[Stmt], at: Span) -> Option<&Stmt> {
    let mut found = None;
    visit::each_stmt(body, &mut |stmt| {
        if stmt.span.start <= at.start && at.end <= stmt.span.end {
            found = Some(stmt);
        }
    });
    found
}

/// `let $x = ` up to what follows.
fn head(sink: &Sink<'_>, stmt: &Stmt, name: Span) -> Span {
    let rest = Span::new(name.end, stmt.span.end);
    let text = sink.text_of(rest);
    let skipped = text.find(|c: char| c != '=' && !c.is_whitespace()).unwrap_or(0);
    Span::new(stmt.span.start, name.end.saturating_add(u32::try_from(skipped).unwrap_or(0)))
}
