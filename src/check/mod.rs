//! Names and types: nothing that a script names can be wrong after this.
//!
//! [`check`] turns the parsed files of a workspace into typed rules and functions plus diagnostics. After a mistake it goes
//! on with an error type, so that one mistake gives one report; a rule with a mistake is left out of the result. What can
//! be run but is probably not meant is found by [`lint`], rules that set one another off by [`graph`].

mod action;
mod ask;
mod blocks;
mod call;
mod cases;
mod context;
mod each;
mod effects;
mod expr;
mod facts;
mod fields;
mod find;
mod flow;
mod function;
pub mod graph;
pub mod index;
mod kept;
mod learned;
mod library;
mod lint;
mod literal;
pub mod manifest;
mod members;
mod migrate;
mod named;
mod names;
mod ops;
mod params;
mod record;
mod rule;
mod schedule;
mod special;
mod stmt;
mod stuck;
pub mod testing;
mod things;
mod trigger;
mod trigger_parts;
pub mod typed;
mod unique;
mod units;
mod visit;
mod wait;

use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::schema::{Schema, Type};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::Trivia;
use crate::syntax::ast::{self, ItemKind, Rhs};
use crate::value::{Name, Value};
use context::{Checker, Root};
pub(crate) use fields::fixed_members;
pub use kept::Kept;
use library::Library;
use std::collections::BTreeMap;
use typed::{Expr, ExprKind};

/// A script to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// Its number.
    pub file: FileId,
    /// Its path within the workspace, as `use` names it.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its tree.
    pub tree: &'a ast::File,
}

/// Finds what can be run but is probably not meant, in scripts that were checked. In no order.
pub fn lint(scripts: &[Script<'_>], checked: &Checked, schema: &Schema) -> Vec<Diagnostic> {
    lint::lint(scripts, checked, schema)
}

/// Goes through statements and all inside them, in the order written.
pub(crate) fn visit_statements<'s>(body: &'s [typed::Stmt], look: &mut impl FnMut(&'s typed::Stmt)) {
    visit::each_stmt(body, look);
}

/// Takes out what comments of a file silence, and adds what is wrong with these comments.
pub fn allow(file: FileId, source: &SourceFile, trivia: &Trivia, diagnostics: &mut Vec<Diagnostic>) {
    lint::allow::apply(file, source, trivia, diagnostics);
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

/// What the scripts of a workspace mean.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The rules without mistakes, in file and rule order.
    pub rules: Vec<typed::Rule>,
    /// The functions of all scripts; `None` for one with a mistake. A [`typed::FnId`] is an index into it.
    pub functions: Vec<Option<typed::Function>>,
    /// The tests without mistakes, in file order.
    pub tests: Vec<testing::Test>,
}

/// Checks the scripts of a workspace against its schema. Mistakes of the parser are not repeated.
pub fn check(scripts: &[Script<'_>], schema: &Schema) -> (Checked, Vec<Diagnostic>) {
    check_given(scripts, schema, &Given::default())
}

/// The same for a text that is typed at a prompt.
pub fn check_given(scripts: &[Script<'_>], schema: &Schema, given: &Given) -> (Checked, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let library = Library::of(scripts, schema, given, &mut out);
    let mut result = Checked::default();
    for at in 0..scripts.len() {
        let mut checker = library.checker(at, given);
        file(&mut checker, &library, at, &mut result);
        out.append(&mut checker.out);
    }
    unique::rule_names(scripts, &mut out);
    (result, out)
}

/// The names of all rules that have one.
fn rule_names(scripts: &[Script<'_>]) -> Vec<String> {
    let name = |script: &Script<'_>, item: &ast::Item| match &item.kind {
        ItemKind::Rule(rule) | ItemKind::Every(rule) => {
            let name = rule.name.as_ref()?;
            Some(name.span.of(script.text).trim_matches('"').to_owned())
        }
        ItemKind::Flow(_)
        | ItemKind::Fn(_)
        | ItemKind::Const(_)
        | ItemKind::Use(_)
        | ItemKind::Test { .. }
        | ItemKind::Error => None,
    };
    scripts.iter().flat_map(|script| script.tree.items.iter().filter_map(|item| name(script, item))).collect()
}

/// The constants of a script.
fn constants<'a>(
    script: &Script<'a>,
    schema: &'a Schema,
    given: &'a Given,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<&'a str, Expr> {
    let mut checker = Checker::new(schema, script.file, script.text, &[]);
    checker.give(given);
    for item in &script.tree.items {
        if let ItemKind::Const(binding) = &item.kind {
            constant(&mut checker, binding);
        }
    }
    out.append(&mut checker.out);
    checker.consts
}

/// Checks the items of one script.
fn file(checker: &mut Checker<'_>, library: &Library<'_>, at: usize, result: &mut Checked) {
    let Some(tree) = library.tree(at) else { return };
    let mut signatures = library.own(at);
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    let mut tests: BTreeMap<String, Span> = BTreeMap::new();
    for item in &tree.items {
        let before = checker.out.len();
        let rule = match &item.kind {
            ItemKind::Rule(rule) => checker.item(|c| c.rule(item.span, rule, false)),
            ItemKind::Fn(function) => {
                let signature = signatures.next().and_then(|id| library.signatures.get(id));
                let typed = signature.map(|s| checker.item(|c| c.function(item.span, function, s)));
                let fine = sound(checker, before);
                result.functions.push(typed.filter(|_| fine));
                None
            }
            ItemKind::Every(rule) => checker.item(|c| c.rule(item.span, rule, true)),
            ItemKind::Flow(flow) => checker.item(|c| c.flow(item.span, flow)),
            ItemKind::Test { name, body } => {
                let test = checker.item(|c| c.test(item.span, name, body));
                if let Some(first) = tests.insert(test.name.to_string(), name.span).filter(|_| !test.name.is_empty()) {
                    two_tests(checker, name.span, first, &test.name);
                }
                if sound(checker, before) {
                    result.tests.push(test);
                }
                None
            }
            ItemKind::Const(_) | ItemKind::Use(_) | ItemKind::Error => None,
        };
        let Some(rule) = rule else { continue };
        if let Some(name) = &rule.name {
            let place = item_name(item).unwrap_or(item.span);
            if let Some(first) = names.insert(name.clone(), place) {
                two_rules(checker, place, first, name);
            }
        }
        if sound(checker, before) {
            result.rules.push(rule);
        }
    }
}

/// Whether nothing was reported since then but lints.
fn sound(checker: &Checker<'_>, before: usize) -> bool {
    checker.out.iter().skip(before).all(|d| d.severity() != Severity::Error)
}

fn two_rules(checker: &mut Checker<'_>, place: Span, first: Span, name: &str) {
    let diagnostic = checker
        .error(Code::E0209, place, format!("there are two rules named `{name}`"))
        .label("a second time")
        .because(checker.file, first, "first here")
        .help("give one of them another name: names are how runs and reports tell them apart");
    checker.report(diagnostic);
}

fn two_tests(checker: &mut Checker<'_>, place: Span, first: Span, name: &str) {
    let diagnostic = checker
        .error(Code::E0209, place, format!("there are two tests named `{name}`"))
        .label("a second time")
        .because(checker.file, first, "first here")
        .help("give one of them another name: names are how reports and `--filter` tell them apart");
    checker.report(diagnostic);
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

/// Whether the value is known before anything runs.
fn is_written_out(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Const(_) | ExprKind::Error => true,
        ExprKind::Neg(inner) => is_written_out(inner),
        ExprKind::List(items) => items.iter().all(is_written_out),
        ExprKind::Named(members) => members.iter().all(|(_, e)| is_written_out(e)),
        ExprKind::Local(_)
        | ExprKind::Record
        | ExprKind::Event
        | ExprKind::Now
        | ExprKind::Today
        | ExprKind::Field(..)
        | ExprKind::Not(_)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::Default(..)
        | ExprKind::IsEmpty(_)
        | ExprKind::Binary(..)
        | ExprKind::Call(..)
        | ExprKind::Invoke(..)
        | ExprKind::Text(_)
        | ExprKind::Format(..)
        | ExprKind::Each(_)
        | ExprKind::Find(_) => false,
    }
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
    if !is_written_out(&value) {
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
