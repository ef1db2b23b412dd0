//! What is typed at the prompt, compiled: an expression or statements become the body of a rule about the current record,
//! in a file behind what the session defined, so that its constants and functions are known.
//!
//! The last thing such a body does is to hand its variables out, in an effect that does nothing ([`captured`]). So they
//! come out of every run in the same way, also out of one that slept in between.

use super::rules::SESSION;
use crate::catalog;
use crate::check::typed::{Act, Expr, ExprKind, LocalId, Rule, Stmt, StmtKind};
use crate::check::{self, Given, Known};
use crate::diagnostics::{self, Diagnostic, Severity};
use crate::ir::{self, Around, Program, Trigger};
use crate::schema::{Schema, Type};
use crate::source::{FileId, Sources, Span};
use crate::syntax;
use crate::syntax::ast::{self, ItemKind, Rhs};
use crate::value::{Name, Value};
use std::sync::Arc;

/// The name of the file and the rule that statements at the prompt belong to; also of the event that sets them off.
pub(super) const PROMPT: &str = "prompt";
/// The action that hands variables out.
const CAPTURE: &str = "log";
/// The variable that holds the value of an expression.
const VALUE: &str = "$_";

/// What the compiler is told of the session.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) schema: &'a Schema,
    /// The items of the session, one text.
    pub(super) items: &'a str,
    /// The entity of the current record.
    pub(super) entity: &'a str,
    pub(super) variables: &'a [Known],
}

/// Something typed that can run.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) program: Arc<Program>,
    /// The variables that it hands out, with their types.
    pub(super) lets: Vec<(Name, Type)>,
    /// Whether it only computes.
    pub(super) pure: bool,
}

/// What is wrong, with the texts to show it in.
#[derive(Debug)]
pub(super) struct Mistakes {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: Sources,
}

/// Compiles an expression; its value is handed out as the only variable.
pub(super) fn expression(scope: Scope<'_>, text: &str) -> Result<Typed, Mistakes> {
    let text = text.trim_end().trim_end_matches(';');
    let (_, diagnostics) = syntax::parse_expr(text, FileId::default());
    if diagnostics::has_errors(&diagnostics) {
        let mut sources = Sources::default();
        sources.add(PROMPT, text);
        return Err(Mistakes { diagnostics, sources });
    }
    let head = format!("on {} updated {{\nlet {VALUE} =\n", scope.entity);
    let given = Given { variables: scope.variables.to_vec(), lenient: true };
    body(scope, &given, &head, text, "\n;\n}\n")
}

/// Compiles statements; the variables of the outermost block are handed out.
pub(super) fn statements(scope: Scope<'_>, text: &str) -> Result<Typed, Mistakes> {
    let head = format!("on {} updated {{\n", scope.entity);
    let given = Given { variables: scope.variables.to_vec(), lenient: false };
    body(scope, &given, &head, text, "\n}\n")
}

fn body(scope: Scope<'_>, given: &Given, head_text: &str, text: &str, tail: &str) -> Result<Typed, Mistakes> {
    let before = format!("{}\n{head_text}", scope.items);
    let part = Part { items: offset(scope.items.len()), start: offset(before.len()), len: offset(text.len()) };
    let whole = format!("{before}{text}{tail}");
    let mut sources = Sources::default();
    let file = sources.add(PROMPT, &whole);
    let mut parse = syntax::parse(&whole, file);
    let mut found = std::mem::take(&mut parse.diagnostics);
    let script = check::Script { file, name: PROMPT, text: &whole, tree: &parse.file };
    let (mut checked, mut more) = check::check_given(&[script], scope.schema, given);
    found.append(&mut more);
    found.retain(|d| d.severity() == Severity::Error);
    let rule_at = offset(scope.items.len() + 1);
    let rule = checked.rules.pop().filter(|rule| found.is_empty() && rule.span.start >= rule_at);
    let item = parse.file.items.last();
    let (Some(mut rule), Some(ItemKind::Rule(tree))) = (rule, item.map(|item| &item.kind)) else {
        // A block that was not closed takes the close of the rule around it: without that one it is blamed itself.
        let head = |d: &Diagnostic| (part.items..part.start).contains(&d.span().start);
        if !tail.is_empty() && found.iter().any(head) {
            return body(scope, given, head_text, text, "");
        }
        diagnostics::sort(&mut found);
        return Err(part.mistakes(found, &whole, text));
    };
    let lets = outermost(&tree.body, &rule);
    let pure = tree
        .body
        .stmts
        .iter()
        .all(|stmt| matches!(&stmt.kind, ast::StmtKind::Let(binding) if matches!(binding.value, Rhs::Expr(_))))
        // A function of the session may wait and act.
        && rule.body.iter().all(|stmt| matches!(stmt.kind, StmtKind::Assign(..)));
    hand_out(&mut rule, &lets);
    let types = lets.iter().filter_map(|id| rule.locals.get(usize::from(id.0))).map(|l| (l.name.clone(), l.ty.clone()));
    let lets = types.collect();
    let around = Around { functions: &checked.functions, sources: &sources, schema: scope.schema };
    let Some(mut program) = ir::lower_rule(&rule, around) else { return Err(part.mistakes(found, &whole, text)) };
    program.trigger = Trigger::Event { name: PROMPT.into(), entity: Some(scope.entity.into()) };
    program.debug.rule = PROMPT.into();
    // The flows of the session are at work under the session's name.
    for constant in &mut program.consts {
        if let Value::Text(text) = constant
            && let Some(flow) = text.strip_prefix(&ir::flow_key(PROMPT, ""))
        {
            *constant = Value::text(&ir::flow_key(SESSION, flow));
        }
    }
    // Lines are counted from the first that was typed.
    program.debug.line = 0;
    Ok(Typed { program: Arc::new(program), lets, pure })
}

/// The variables that the outermost block declares.
fn outermost(block: &ast::Block, rule: &Rule) -> Vec<LocalId> {
    let names = block.stmts.iter().filter_map(|stmt| match &stmt.kind {
        ast::StmtKind::Let(binding) => Some(binding.name),
        _ => None,
    });
    let ids = names.filter_map(|name| rule.locals.iter().zip(0u16..).find(|(local, _)| local.span == name));
    ids.map(|(_, id)| LocalId(id)).collect()
}

/// Adds the effect that hands variables out.
fn hand_out(rule: &mut Rule, lets: &[LocalId]) {
    let Some(action) = catalog::action(CAPTURE).filter(|_| !lets.is_empty()) else { return };
    let span = Span::at(rule.span.end);
    let args = lets.iter().filter_map(|id| {
        let local = rule.locals.get(usize::from(id.0))?;
        Some((local.name.clone(), Expr { span, ty: local.ty.clone(), kind: ExprKind::Local(*id) }))
    });
    let act = Act { action, args: args.collect() };
    rule.body.push(Stmt { span, kind: StmtKind::Act(act, None) });
}

/// The variables that an effect hands out, if it is there for that.
pub(super) fn captured<'a>(action: &str, args: &'a [(Name, Value)]) -> Option<&'a [(Name, Value)]> {
    let all = !args.is_empty() && args.iter().all(|(name, _)| name.starts_with('$'));
    (action == CAPTURE && all).then_some(args)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where in a larger text the typed one lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Where the session's own items end; up to `start` is what was put around the typed text.
    pub(super) items: u32,
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Part {
    /// Mistakes as places in the typed text; what lies before it keeps its place in the session's own text.
    pub(super) fn mistakes(self, mut found: Vec<Diagnostic>, whole: &str, typed: &str) -> Mistakes {
        let mut sources = Sources::default();
        let prompt = sources.add(PROMPT, typed);
        let session = sources.add("session", whole);
        for diagnostic in &mut found {
            for label in &mut diagnostic.labels {
                (label.file, label.span) = self.place(label.span, prompt, session);
            }
            for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                (edit.file, edit.span) = self.place(edit.span, prompt, session);
            }
        }
        Mistakes { diagnostics: found, sources }
    }

    fn place(self, span: Span, prompt: FileId, session: FileId) -> (FileId, Span) {
        let inside = |at: u32| at.saturating_sub(self.start).min(self.len);
        if span.start < self.items {
            return (session, span);
        }
        (prompt, Span::new(inside(span.start), inside(span.end)))
    }
}
