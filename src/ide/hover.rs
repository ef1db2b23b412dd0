//! What something is, in Markdown.

use super::names::use_at;
use super::tree::{self, Part};
use super::{Workspace, describe, words};
use crate::check::index::{Symbol, Use};
use crate::source::{FileId, Span};
use crate::syntax::ast::{ExprKind, ItemKind, Lit, Wait, WaitKind};
use std::fmt::Write as _;

/// What stands at an offset, and the part of the text that it is about.
pub fn hover(workspace: &Workspace, file: FileId, at: u32) -> Option<(Span, String)> {
    if let Some(found) = use_at(workspace, file, at) {
        return Some((found.span, of_use(workspace, found)));
    }
    let parse = workspace.parsed(file)?;
    let text = workspace.text(file);
    let parts = tree::around(&parse.file, at);
    let literal = parts.iter().rev().find_map(|part| match part {
        Part::Expr(e) if e.kind == ExprKind::Lit(Lit::Duration) => {
            Some((e.span, words::duration(e.span.of(text).parse().ok()?)))
        }
        Part::Expr(e) if matches!(e.kind, ExprKind::Lit(Lit::Date | Lit::DateTime)) => {
            Some((e.span, words::date(e.span.of(text))?))
        }
        Part::Item(_)
        | Part::Block(_)
        | Part::Stmt(_)
        | Part::Wait(_)
        | Part::Action(_)
        | Part::Expr(_)
        | Part::Text(_)
        | Part::Other(_) => None,
    });
    if literal.is_some() {
        return literal;
    }
    // The words `wait until`, `wait for`: what the whole wait does.
    let wait = parts.iter().rev().find_map(|part| if let Part::Wait(wait) = part { Some(*wait) } else { None })?;
    let head = head(wait);
    (at <= head.end).then(|| (head, of_wait(workspace, file, wait)))
}

/// The words before what is waited for.
fn head(wait: &Wait) -> Span {
    let end = match &wait.kind {
        WaitKind::Period(e) | WaitKind::Until { cond: e, limit: _ } => e.span.start,
        WaitKind::For { what, .. } => what.span.start,
    };
    Span::new(wait.span.start, end.saturating_sub(1).max(wait.span.start))
}

/// What ends a wait, and what is read again to find that out.
fn of_wait(workspace: &Workspace, file: FileId, wait: &Wait) -> String {
    let text = workspace.text(file);
    let code = |span: Span| format!("`{}`", span.of(text).split_whitespace().collect::<Vec<_>>().join(" "));
    let (mut out, limit) = match &wait.kind {
        WaitKind::Period(e) => {
            let period = e.span.of(text).parse().ok().map(words::duration);
            (format!("Sleeps for {}.", period.unwrap_or_else(|| code(e.span))), &None)
        }
        WaitKind::Until { cond, limit } => (format!("Sleeps until {} holds.", code(cond.span)), limit),
        WaitKind::For { what, limit, comment: _ } => (format!("Sleeps until {} comes.", code(what.span)), limit),
    };
    let watched: Vec<String> = workspace
        .uses(file)
        .iter()
        .filter(|one| wait.span.start <= one.span.start && one.span.end <= wait.span.end)
        .filter_map(|one| {
            if let Symbol::Field(entity, field) = &one.symbol { Some(format!("`{entity}.{field}`")) } else { None }
        })
        .collect();
    if !watched.is_empty() && matches!(wait.kind, WaitKind::Until { .. }) {
        let _ = write!(out, " Looks again when {} changes.", watched.join(" or "));
    }
    match limit {
        Some(limit) => {
            let period = limit.span.of(text).parse().ok().map(words::duration);
            let _ = write!(out, "\n\nEnds with `timeout` after {}.", period.unwrap_or_else(|| code(limit.span)));
        }
        None if !matches!(wait.kind, WaitKind::Period(_)) => out.push_str("\n\nHas no limit."),
        None => {}
    }
    out
}

/// What a name stands for.
fn of_use(workspace: &Workspace, found: &Use) -> String {
    let schema = workspace.schema();
    let ty = schema.type_name(&found.ty);
    match &found.symbol {
        Symbol::Variable(file, span) => {
            format!("```flow\n{}: {ty}\n```\na variable", span.of(workspace.text(*file)))
        }
        Symbol::Constant(name) => format!("```flow\nconst {name}: {ty}\n```"),
        Symbol::Function(file, span) => of_function(workspace, *file, *span).unwrap_or_default(),
        Symbol::Binding(name) => match schema.binding(name) {
            Some(binding) => format!(
                "**{name}**: {}\n\n{}",
                binding.target,
                describe::thing(schema, &binding.target.kind, &binding.target.id)
            ),
            None => format!("**{name}**"),
        },
        Symbol::Entity(name) => describe::entity(schema, name),
        Symbol::Root(name) => match &**name {
            "now" => "**now**: `datetime`\n\nthe moment of the activation".to_owned(),
            "today" => "**today**: `date`\n\nthe day of the activation, in the workspace's time zone".to_owned(),
            "client" => format!("**client**: `{ty}`\n\nthe contact or the company, whichever is there"),
            _ => format!("**{name}**: `{ty}`\n\nwhat set the rule off"),
        },
        Symbol::Field(entity, field) => describe::field(schema, entity, field),
        Symbol::Member(name) => format!("**{name}**: `{ty}`"),
        Symbol::Stage(entity, stage) => describe::stage(schema, entity, stage),
        Symbol::Pipeline(entity, name) => describe::pipeline(schema, entity, name),
        Symbol::Choice(entity, field, name) => {
            format!("**{name}**: an option of `{entity}.{field}`\n\n{}", describe::field(schema, entity, field))
        }
        Symbol::Outcome(name) => format!("**{name}**: {}", describe::outcome(name)),
        Symbol::Thing(kind, id) => format!("**{kind} \"{id}\"**\n\n{}", describe::thing(schema, kind, id)),
        Symbol::Action(id) => describe::action(id),
        Symbol::Parameter(action, name) => describe::parameter(action, name),
        Symbol::Builtin(name) => describe::builtin(name),
        Symbol::Event(name) => describe::event(name),
    }
}

fn of_function(workspace: &Workspace, file: FileId, name: Span) -> Option<String> {
    let parse = workspace.parsed(file)?;
    let text = workspace.text(file);
    let item = parse.file.items.iter().find(|item| item.span.start <= name.start && name.end <= item.span.end)?;
    let (ItemKind::Fn(function) | ItemKind::Flow(function)) = &item.kind else { return None };
    let head = Span::new(item.span.start, function.body.span.start).of(text).trim();
    let docs = parse.trivia.docs_before(text, item.span.start).unwrap_or_default();
    Some(format!("```flow\n{head}\n```\n{docs}").trim_end().to_owned())
}
