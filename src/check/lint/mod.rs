//! Lints: what can be run but is probably not meant. Each has a code `W…` and a name, by which comments and the command
//! line speak of it (`diagnostics::Code::lint_name`).
//!
//! Only rules without mistakes are looked at, so a lint never follows from an error.

pub(super) mod allow;
mod changes;
mod conditions;
pub(super) mod domain;
pub(super) mod flow;
mod frozen;
pub(super) mod known;
mod outside;
pub(super) mod personal;
mod stages;
mod variables;
mod writes;

use super::typed::{Expr, FnId, Function, Local, Rule, Stmt, StmtKind};
use super::{Checked, Script, visit};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Schema, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast::ItemKind;

/// Takes what the lints of one file find.
pub(super) struct Sink<'a> {
    pub(super) schema: &'a Schema,
    pub(super) file: FileId,
    pub(super) text: &'a str,
    out: Vec<Diagnostic>,
}

impl<'a> Sink<'a> {
    fn text_of(&self, span: Span) -> &'a str {
        span.of(self.text)
    }

    fn lint(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.file, span, message)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }
}

/// The statements of a rule or a function, with its variables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    pub(super) stmts: &'a [Stmt],
    /// The `if` and `while` clauses of the rule.
    pub(super) clauses: [Option<&'a Expr>; 2],
    pub(super) locals: &'a [Local],
    /// For each function of the workspace whether calling it can take time.
    pub(super) waits: &'a [bool],
    /// The functions of the workspace.
    pub(super) functions: &'a [Option<Function>],
    /// Those that give back personal data.
    pub(super) leaks: &'a personal::Leaks,
}

/// Everything the lints find in the scripts of a workspace, in no order.
pub(super) fn lint(scripts: &[Script<'_>], checked: &Checked, schema: &Schema) -> Vec<Diagnostic> {
    let waits = waiting(&checked.functions);
    let leaks = personal::leaks(&checked.functions);
    let released = outside::released(schema, checked);
    let mut out = Vec::new();
    for script in scripts {
        let mut sink = Sink { schema, file: script.file, text: script.text, out: Vec::new() };
        for function in checked.functions.iter().flatten().filter(|f| f.file == script.file) {
            // What is done with a parameter whose type could not be read was not looked at.
            if function.locals.iter().any(|local| local.ty == Type::Error) {
                continue;
            }
            let (stmts, locals, functions) = (&function.body, &function.locals, &checked.functions);
            let body = Body { stmts, clauses: [None, None], locals, waits: &waits, functions, leaks: &leaks };
            body_lints(&mut sink, body);
            outside::bookings(&mut sink, &function.body, &released);
            let mut observer = conditions::Conditions { sink: &mut sink, lifetime: false };
            flow::walk_function(schema, function, &mut observer);
        }
        for rule in rules_of(checked, script.file) {
            let body = Body {
                stmts: &rule.body,
                clauses: [rule.condition.as_ref(), rule.lifetime.as_ref()],
                locals: &rule.locals,
                waits: &waits,
                functions: &checked.functions,
                leaks: &leaks,
            };
            body_lints(&mut sink, body);
            outside::bookings(&mut sink, &rule.body, &released);
            outside::sms(&mut sink, rule);
            let mut observer = conditions::Conditions { sink: &mut sink, lifetime: rule.lifetime.is_some() };
            flow::walk(schema, rule, trigger_of(script, rule), &mut observer);
        }
        out.append(&mut sink.out);
    }
    out
}

/// The rules of one file; all rules come in the order of the files.
fn rules_of(checked: &Checked, file: FileId) -> &[Rule] {
    let from = checked.rules.partition_point(|r| r.file < file);
    let to = checked.rules.partition_point(|r| r.file <= file);
    checked.rules.get(from..to).unwrap_or(&[])
}

fn body_lints(sink: &mut Sink<'_>, body: Body<'_>) {
    variables::look(sink, body);
    frozen::look(sink, body);
    personal::look(sink, body);
    writes::look(sink, body);
}

/// Where a rule's trigger is written.
pub(super) fn trigger_of(script: &Script<'_>, rule: &Rule) -> Span {
    let at = script.tree.items.partition_point(|item| item.span.start < rule.span.start);
    match script.tree.items.get(at).map(|item| &item.kind) {
        Some(ItemKind::Rule(rule)) => rule.trigger.span,
        _ => rule.span,
    }
}

/// For each function whether it may sleep.
pub(super) fn waiting(functions: &[Option<Function>]) -> Vec<bool> {
    let mut waits = vec![false; functions.len()];
    // A function that calls one that waits does so too; each round finds at least one more, or it is the last.
    loop {
        let mut changed = false;
        for (at, function) in functions.iter().enumerate() {
            let Some(function) = function else { continue };
            let now = may_wait(&function.body, &waits);
            if let Some(before) = waits.get_mut(at).filter(|before| !**before && now) {
                *before = true;
                changed = true;
            }
        }
        if !changed {
            return waits;
        }
    }
}

/// Whether a statement itself can take time; `waits` says it of functions.
pub(super) fn takes_time(stmt: &Stmt, waits: &[bool]) -> bool {
    match &stmt.kind {
        StmtKind::Wait(_) => true,
        StmtKind::Do { function: FnId(id), .. } => waits.get(usize::from(*id)).copied().unwrap_or(true),
        StmtKind::Assign(..)
        | StmtKind::Act(..)
        | StmtKind::If(..)
        | StmtKind::Match { .. }
        | StmtKind::For(..)
        | StmtKind::While(..)
        | StmtKind::Branches { .. }
        | StmtKind::Try(_)
        | StmtKind::Undo { .. }
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Return(_)
        | StmtKind::Start(_)
        | StmtKind::Assert(..)
        | StmtKind::Stop => false,
    }
}

/// Whether statements, or those inside them, can take time.
fn may_wait(stmts: &[Stmt], waits: &[bool]) -> bool {
    let mut found = false;
    visit::each_stmt(stmts, &mut |stmt| found |= takes_time(stmt, waits));
    found
}
