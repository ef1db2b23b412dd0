//! Names and types: nothing that a script names can be wrong after this.
//!
//! [`check`] turns a parsed file into typed rules plus diagnostics. After a mistake it goes on with an error type, so that
//! one mistake gives one report; a rule with a mistake is left out of the result.

mod action;
mod call;
mod cases;
mod context;
mod expr;
mod facts;
mod fields;
mod literal;
mod members;
mod names;
mod ops;
mod record;
mod rule;
mod stmt;
mod stuck;
mod trigger;
mod trigger_parts;
pub mod typed;
mod wait;

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::schema::{Schema, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, ItemKind, Rhs};
use crate::value::{Name, Value};
use context::{Checker, Root};
pub(crate) use fields::fixed_members;
use std::collections::BTreeMap;
use typed::{Expr, ExprKind};

/// What a file means.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The rules without mistakes, in the order written.
    pub rules: Vec<typed::Rule>,
}

/// What is known at a prompt beside the text itself.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Variables that have a value already.
    pub variables: Vec<Known>,
    /// Whether a value that may be missing can stand everywhere, as in a condition.
    pub lenient: bool,
}

/// A variable that has a value already.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// With its `$`.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Value,
}

/// Checks a parsed file against the schema. Mistakes of the parser are not repeated.
pub fn check(file: FileId, text: &str, tree: &ast::File, schema: &Schema) -> (Checked, Vec<Diagnostic>) {
    check_given(file, text, tree, schema, &Given::default())
}

/// The same for a text that is typed at a prompt.
pub fn check_given(
    file: FileId,
    text: &str,
    tree: &ast::File,
    schema: &Schema,
    given: &Given,
) -> (Checked, Vec<Diagnostic>) {
    let mut checker = Checker::new(schema, file, text);
    checker.give(given);
    let mut result = Checked::default();
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    for item in &tree.items {
        if let ItemKind::Const(binding) = &item.kind {
            constant(&mut checker, binding);
        }
    }
    for item in &tree.items {
        let before = checker.out.len();
        let rule = match &item.kind {
            ItemKind::Rule(rule) => checker.rule(item.span, rule),
            ItemKind::Every(_) => unsupported(&mut checker, item.span, "`every`"),
            ItemKind::Flow(_) => unsupported(&mut checker, item.span, "`flow`"),
            ItemKind::Fn(_) => unsupported(&mut checker, item.span, "`fn`"),
            ItemKind::Use(_) => unsupported(&mut checker, item.span, "`use`"),
            ItemKind::Test { .. } => unsupported(&mut checker, item.span, "`test`"),
            ItemKind::Const(_) | ItemKind::Error => None,
        };
        let Some(rule) = rule else { continue };
        if let Some(name) = &rule.name {
            let place = item_name(item).unwrap_or(item.span);
            if let Some(first) = names.insert(name.clone(), place) {
                let diagnostic = checker
                    .error(Code::E0209, place, format!("there are two rules named `{name}`"))
                    .label("a second time")
                    .because(file, first, "first here")
                    .help("give one of them another name: names are how runs and reports tell them apart");
                checker.report(diagnostic);
            }
        }
        if checker.out.iter().skip(before).all(|d| d.severity() != Severity::Error) {
            result.rules.push(rule);
        }
    }
    (result, checker.out)
}

fn item_name(item: &ast::Item) -> Option<Span> {
    match &item.kind {
        ItemKind::Rule(rule) | ItemKind::Every(rule) => rule.name.as_ref().map(|text| text.span),
        ItemKind::Flow(_)
        | ItemKind::Fn(_)
        | ItemKind::Const(_)
        | ItemKind::Use(_)
        | ItemKind::Test { .. }
        | ItemKind::Error => None,
    }
}

fn unsupported(checker: &mut Checker<'_>, span: Span, what: &str) -> Option<typed::Rule> {
    // The first word is enough: the block below it may be long.
    let word = checker.text_of(span).split_whitespace().next().map_or(0, str::len);
    let end = span.start.saturating_add(u32::try_from(word).unwrap_or(0));
    checker.unsupported(Span::new(span.start, end), what);
    None
}

/// `const $x = value;`
fn constant(checker: &mut Checker<'_>, binding: &ast::Let) {
    checker.begin(Root::None, Type::Error);
    let name = checker.text_of(binding.name);
    let value: Expr = match &binding.value {
        Rhs::Expr(e) => checker.expr(e, None),
        Rhs::Action(_) | Rhs::Find(_) | Rhs::Wait(_) | Rhs::Start(_) => {
            let diagnostic = checker
                .error(Code::E0402, binding.name, "a constant is a value, not something that is done")
                .label("known before anything runs")
                .help("use `let` inside a rule");
            checker.report(diagnostic);
            context::error_expr(binding.name)
        }
    };
    if !matches!(value.kind, ExprKind::Const(_) | ExprKind::Error | ExprKind::List(_)) {
        let diagnostic = checker
            .error(Code::E0402, value.span, "a constant must be written out")
            .label("this is worked out while a rule runs")
            .help("write a literal, a list of literals, or use `let` inside a rule");
        checker.report(diagnostic);
    }
    if checker.consts.contains_key(name) {
        let diagnostic = checker
            .error(Code::E0209, binding.name, format!("`{name}` is already defined"))
            .label("a second time")
            .help("take another name");
        checker.report(diagnostic);
    }
    checker.consts.insert(name, value);
}
