//! Ways to write a script differently: the other spelling of blocks, values frozen or read live, a limit for a wait.

use super::Workspace;
use super::format::Change;
use super::tree::{self, Part};
use crate::check::index::Symbol;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Expr, ExprKind, File, Let, Rhs, Stmt, StmtKind, Wait, WaitKind};
use crate::syntax::parse;

/// A way to write something differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// What it does, as an editor's menu shows it.
    pub title: String,
    /// The changes of the file.
    pub changes: Vec<Change>,
}

/// What can be written differently at an offset. Nothing in a script that cannot be read.
pub fn rewrites(workspace: &Workspace, file: FileId, at: u32) -> Vec<Rewrite> {
    let Some(parsed) = workspace.parsed(file).filter(|parsed| parsed.diagnostics.is_empty()) else { return Vec::new() };
    let text = workspace.text(file);
    let parts = tree::around(&parsed.file, at);
    let all = [
        spell(&parsed.file, &parts, text, at),
        limit(&parts),
        freeze(workspace, file, &parts, text),
        live(workspace, file, &parts, &parsed.file, at),
    ];
    all.into_iter().flatten().collect()
}

fn change(span: Span, text: impl Into<String>) -> Change {
    Change { span, text: text.into() }
}

/// All blocks in the other spelling, with the cursor at a mark of one.
fn spell(file: &File, parts: &[Part<'_>], text: &str, at: u32) -> Option<Rewrite> {
    let block =
        parts.iter().rev().find_map(|part| if let Part::Block(block) = part { Some(block.span) } else { None })?;
    let at_mark = at <= block.start.saturating_add(1) || at.saturating_add(1) >= block.end;
    let (open, close, title) = if block.of(text).starts_with('<') {
        ("{", "}", "write blocks as `{ … }`")
    } else {
        ("<", ">", "write blocks as `< … >`")
    };
    let mut changes = Vec::new();
    tree::each(file, &mut |part| {
        if let Part::Block(block) = part {
            let (start, end) = (block.span.start, block.span.end);
            changes.push(change(Span::new(start, start.saturating_add(1)), open));
            changes.push(change(Span::new(end.saturating_sub(1), end), close));
        }
    });
    changes.sort_by_key(|change| change.span);
    // An angle that would be taken for a comparison is better left a brace.
    let fine = at_mark && parse(&applied(text, &changes), FileId::default()).diagnostics.is_empty();
    fine.then(|| Rewrite { title: title.to_owned(), changes })
}

/// A text after changes in the order of their places.
fn applied(text: &str, changes: &[Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for change in changes {
        out.push_str(text.get(from..change.span.start as usize).unwrap_or(""));
        out.push_str(&change.text);
        from = change.span.end as usize;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}

/// `or 3d` for a wait that has no limit.
fn limit(parts: &[Part<'_>]) -> Option<Rewrite> {
    let wait = parts.iter().rev().find_map(|part| if let Part::Wait(wait) = part { Some(*wait) } else { None })?;
    let end = match wait {
        Wait { kind: WaitKind::Until { cond, limit: None }, .. } => cond.span.end,
        Wait { kind: WaitKind::For { what, limit: None, comment: None }, .. } => what.span.end,
        Wait { kind: WaitKind::Period(_) | WaitKind::Until { .. } | WaitKind::For { .. }, .. } => return None,
    };
    Some(Rewrite { title: "add a limit of three days".to_owned(), changes: vec![change(Span::at(end), " or 3d")] })
}

/// Whether it is a name with fields, such as `deal.amount`.
fn is_path(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Field { base, .. } => matches!(base.kind, ExprKind::Name | ExprKind::Var) || is_path(base),
        _ => false,
    }
}

/// `let $amount = deal.amount;` before the statement that reads it.
fn freeze(workspace: &Workspace, file: FileId, parts: &[Part<'_>], text: &str) -> Option<Rewrite> {
    let path = parts.iter().rev().find_map(|part| match part {
        Part::Expr(e) if is_path(e) => Some(*e),
        _ => None,
    })?;
    let stmt = parts.iter().rev().find_map(|part| if let Part::Stmt(stmt) = part { Some(*stmt) } else { None })?;
    // What a wait reads must stay live, and what is set is no value. A variable of its own is frozen already.
    let target =
        |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Set(all) if all.iter().any(|a| a.target.span == path.span));
    let alone =
        |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Let(l) if matches!(&l.value, Rhs::Expr(e) if e.span == path.span));
    let inside = |part: &Part<'_>| matches!(part, Part::Wait(wait) if path.span.end <= wait.span.end && wait.span.start <= path.span.start);
    let repeated =
        matches!(stmt.kind, StmtKind::While { .. } | StmtKind::Case(_) | StmtKind::Branch(_) | StmtKind::Given { .. });
    if target(stmt) || alone(stmt) || repeated || parts.iter().any(inside) {
        return None;
    }
    let ExprKind::Field { name, .. } = &path.kind else { return None };
    let name = free_name(workspace, file, name.of(text));
    let line = text.get(..stmt.span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let before = text.get(line..stmt.span.start as usize)?;
    // On a line with other statements it stays on that line.
    let gap = if before.trim().is_empty() { format!("\n{before}") } else { " ".to_owned() };
    let written = path.span.of(text);
    Some(Rewrite {
        title: format!("freeze `{written}` in a variable"),
        changes: vec![
            change(Span::at(stmt.span.start), format!("let {name} = {written};{gap}")),
            change(path.span, name),
        ],
    })
}

fn free_name(workspace: &Workspace, file: FileId, word: &str) -> String {
    let text = workspace.text(file);
    let taken = |name: &str| {
        let used = workspace.uses(file).iter().any(|one| one.span.of(text) == name);
        used || workspace.schema().binding(name).is_some()
    };
    let name = format!("${word}");
    if !taken(&name) {
        return name;
    }
    (2..100).map(|n| format!("${word}{n}")).find(|name| !taken(name)).unwrap_or(name)
}

/// A variable that holds a path, replaced by the path wherever it is read.
fn live(workspace: &Workspace, file: FileId, parts: &[Part<'_>], tree: &File, at: u32) -> Option<Rewrite> {
    let stmt = parts.iter().rev().find_map(|part| if let Part::Stmt(stmt) = part { Some(*stmt) } else { None })?;
    let StmtKind::Let(binding) = &stmt.kind else { return None };
    let Let { name, value: Rhs::Expr(path) } = &**binding else { return None };
    if !is_path(path) || at > name.end {
        return None;
    }
    let text = workspace.text(file);
    let mut set = false;
    tree::each(tree, &mut |part| {
        if let Part::Stmt(Stmt { kind: StmtKind::Set(all), .. }) = part {
            set |= all
                .iter()
                .any(|assign| assign.target.kind == ExprKind::Var && assign.target.span.of(text) == name.of(text));
        }
    });
    let own = Symbol::Variable(file, *name);
    let uses = workspace.uses(file).iter().filter(|one| one.symbol == own && !one.declares);
    let mut changes: Vec<Change> = uses.map(|one| change(one.span, path.span.of(text))).collect();
    if set || changes.is_empty() {
        return None;
    }
    let rest = text.get(stmt.span.end as usize..)?;
    let blank = rest.len() - rest.trim_start().len();
    changes.push(change(Span::new(stmt.span.start, stmt.span.end + u32::try_from(blank).ok()?), ""));
    changes.sort_by_key(|change| change.span);
    Some(Rewrite { title: format!("read `{}` live", path.span.of(text)), changes })
}
