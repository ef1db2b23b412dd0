//! The nodes that the grammar builds: its actions call these, so that the grammar stays readable.
//!
//! What is large goes in a box as soon as it is made: the parser's stack moves every node once for each rule that it goes
//! through, and its entries are as large as the largest of them.

#![expect(clippy::unnecessary_box_returns, clippy::boxed_local, reason = "what the parser moves is in boxes")]

use super::ast::{
    Action, Arg, BinaryOp, Block, Call, Carried, Case, Expect, ExpectHow, Expr, ExprKind, Find, Item, ItemKind, Let,
    Lit, Migrate, Named, PrepArg, Rhs, Rule, Stmt, StmtKind, Text, Trigger, TriggerPart, Try, TypeName, UnaryOp, Wait,
    WaitKind,
};
use super::parser::{Cx, Recovery};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// What was read: a file, or an expression and the format after it.
#[derive(Debug)]
pub(crate) enum Top {
    File(super::ast::File),
    Expr(Expr, Option<Span>),
}

/// A part of a trigger before commas and values are put together.
#[derive(Debug)]
pub(crate) enum Part {
    Atom(Expr),
    Comma,
    And,
    Or(Expr),
    Prep(Span, Expr),
}

pub(crate) fn expr(l: u32, r: u32, kind: ExprKind) -> Expr {
    Expr { span: Span::new(l, r), kind }
}

pub(crate) fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr { span: a.span.to(b.span), kind: ExprKind::Binary(op, Box::new([a, b])) }
}

pub(crate) fn unary(op: UnaryOp, l: u32, e: Expr) -> Expr {
    Expr { span: Span::new(l, e.span.end), kind: ExprKind::Unary(op, Box::new(e)) }
}

pub(crate) fn between(a: Expr, b: Expr, c: Expr) -> Expr {
    Expr { span: a.span.to(c.span), kind: ExprKind::Between(Box::new([a, b, c])) }
}

pub(crate) fn is_empty(value: Expr, negated: bool, r: u32) -> Expr {
    Expr { span: Span::new(value.span.start, r), kind: ExprKind::IsEmpty { value: Box::new(value), negated } }
}

pub(crate) fn field(base: Expr, name: Span, safe: bool) -> Expr {
    Expr { span: base.span.to(name), kind: ExprKind::Field { base: Box::new(base), name, safe } }
}

/// An item, with what does not belong into its blocks refused while they are fresh in memory.
pub(crate) fn item(cx: &mut Cx<'_>, span: Span, kind: ItemKind) -> Item {
    super::place::check(cx, &kind);
    Item { span, kind }
}

/// A list with its first element and room for some more.
pub(crate) fn list<T>(first: T) -> Vec<T> {
    let mut all = Vec::with_capacity(4);
    all.push(first);
    all
}

pub(crate) fn call(span: Span, name: Span, args: Vec<Arg>) -> Expr {
    Expr { span, kind: ExprKind::Call(Box::new(Call { name, args })) }
}

pub(crate) fn text(cx: &mut Cx<'_>, span: Span) -> Text {
    super::text::parse(cx, span)
}

pub(crate) fn text_expr(cx: &mut Cx<'_>, span: Span) -> Expr {
    Expr { span, kind: ExprKind::Text(super::text::boxed(cx, span)) }
}

pub(crate) fn noun(noun: Span, text: Text) -> Expr {
    Expr { span: noun.to(text.span), kind: ExprKind::Noun { noun, text: Box::new(text) } }
}

/// A comparison; one of a comparison is refused, once for a whole chain, and has no value.
pub(crate) fn compare(cx: &mut Cx<'_>, op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let span = a.span.to(b.span);
    if left_of_comparison(&a).is_some() {
        let diagnostic = Diagnostic::new(Code::E0105, cx.file, span, "comparisons cannot be chained")
            .label("a comparison of a comparison")
            .help("put `and` between two comparisons, or parentheses around one");
        cx.report(diagnostic);
    } else if a.kind != ExprKind::Error {
        return binary(op, a, b);
    }
    Expr { span, kind: ExprKind::Error }
}

/// What a comparison compares, if the expression is one.
fn left_of_comparison(value: &Expr) -> Option<&Expr> {
    match &value.kind {
        ExprKind::Binary(op, sides) if op.compares() => sides.first(),
        ExprKind::Between(parts) => parts.first(),
        ExprKind::IsEmpty { value, negated: _ } => Some(value),
        _ => None,
    }
}

/// `=` where `==` is meant.
pub(crate) fn single_equals(cx: &mut Cx<'_>, span: Span) -> BinaryOp {
    let diagnostic = Diagnostic::new(Code::E0107, cx.file, span, "`=` does not compare")
        .label("this sets a value")
        .help("write `==`")
        .fix("write `==`", span, "==");
    cx.report(diagnostic);
    BinaryOp::Eq
}

/// `==` or `:` where `set` wants `=`.
pub(crate) fn becomes(cx: &mut Cx<'_>, span: Span) {
    let written = span.of(cx.source);
    let diagnostic = Diagnostic::new(Code::E0117, cx.file, span, format!("`set` wants `=`, not `{written}`"))
        .label("`=` expected here")
        .help("write `=`")
        .fix("write `=`", span, "=");
    cx.report(diagnostic);
}

/// `name = value` where `name: value` is meant.
pub(crate) fn named_by_equals(cx: &mut Cx<'_>, name: Span, mark: Span, value: Expr) -> Named {
    let diagnostic = Diagnostic::new(Code::E0117, cx.file, mark, "a named value is written with `:`, not `=`")
        .label("`:` expected here")
        .help(format!("write `{}: …`", name.of(cx.source)))
        .fix("write `:`", Span::new(name.end, mark.end), ":");
    cx.report(diagnostic);
    Named { name, value }
}

pub(crate) fn carried_by_equals(cx: &mut Cx<'_>, name: Span, mark: Span, value: Expr) -> Carried {
    let Named { name, value } = named_by_equals(cx, name, mark, value);
    Carried { name, value }
}

pub(crate) fn var_without_sign(cx: &mut Cx<'_>, name: Span) -> Span {
    let text = name.of(cx.source);
    let diagnostic = Diagnostic::new(Code::E0105, cx.file, name, format!("the variable `{text}` lacks its `$`"))
        .label("variables begin with `$`")
        .help(format!("write `${text}`"))
        .fix(format!("write `${text}`"), Span::at(name.start), "$");
    cx.report(diagnostic);
    name
}

pub(crate) fn type_name(cx: &mut Cx<'_>, span: Span, lists: &[Span], name: Span, optional: bool) -> TypeName {
    for word in lists {
        let text = word.of(cx.source);
        if text != "list" {
            let diagnostic = Diagnostic::new(Code::E0105, cx.file, *word, format!("`{text} of` is no type"))
                .label("only `list` stands before `of`")
                .help("write `list of` and the type of its elements");
            cx.report(diagnostic);
        }
    }
    TypeName { span, name, lists: u32::try_from(lists.len()).unwrap_or(u32::MAX), optional }
}

/// Commas and values after a preposition belong to it.
pub(crate) fn trigger(span: Span, parts: Vec<Part>) -> Trigger {
    let mut out: Vec<TriggerPart> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Atom(value) => match out.as_mut_slice() {
                [.., TriggerPart::Prep(arg), last @ TriggerPart::Comma] if arg.atoms.is_empty() => {
                    arg.values.push(value);
                    *last = TriggerPart::Comma;
                    out.pop();
                }
                [.., TriggerPart::Prep(arg)] => arg.atoms.push(value),
                _ => out.push(TriggerPart::Atom(value)),
            },
            Part::Comma => out.push(TriggerPart::Comma),
            Part::And => out.push(TriggerPart::And),
            Part::Or(value) => out.extend([TriggerPart::Or, TriggerPart::Atom(value)]),
            Part::Prep(prep, value) => {
                out.push(TriggerPart::Prep(PrepArg { prep, values: vec![value], atoms: Vec::new() }));
            }
        }
    }
    Trigger { span, parts: out }
}

/// `wait 3d`. A condition or a fixed moment shows that `until` was forgotten.
pub(crate) fn wait_period(cx: &mut Cx<'_>, span: Span, value: Expr) -> Box<Wait> {
    let until = match &value.kind {
        ExprKind::Binary(op, ..) => op.compares() || matches!(op, BinaryOp::Or | BinaryOp::And),
        ExprKind::Between(_) | ExprKind::IsEmpty { .. } | ExprKind::Unary(UnaryOp::Not, _) => true,
        ExprKind::Lit(lit) => matches!(lit, Lit::Date | Lit::DateTime),
        _ => false,
    };
    if let ExprKind::Name = value.kind {
        let diagnostic = Diagnostic::new(Code::E0114, cx.file, value.span, "`wait` alone takes a period, such as `3d`")
            .label("something that happens, not a period")
            .help("write `wait for` and an event, or `wait until` and a condition")
            .fix("add `for`", Span::at(value.span.start), "for ");
        cx.report(diagnostic);
        return wait_for(span, vec![Part::Atom(value)]);
    }
    if !until {
        return Box::new(Wait { span, kind: WaitKind::Period(value), cases: None });
    }
    let diagnostic = Diagnostic::new(Code::E0114, cx.file, value.span, "`wait` alone takes a period, such as `3d`")
        .label("this is a condition or a moment")
        .help("write `wait until …`")
        .fix("add `until`", Span::at(value.span.start), "until ");
    cx.report(diagnostic);
    wait_until(span, value)
}

/// Takes the time limit off a condition: the last operand of `or`, if it is a literal of time.
pub(crate) fn wait_until(span: Span, value: Expr) -> Box<Wait> {
    let kind = match value.kind {
        ExprKind::Binary(BinaryOp::Or, sides) if sides.last().is_some_and(is_time) => {
            let [cond, limit] = *sides;
            WaitKind::Until { cond, limit: Some(limit) }
        }
        kind => WaitKind::Until { cond: Expr { span: value.span, kind }, limit: None },
    };
    Box::new(Wait { span, kind, cases: None })
}

fn is_time(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Lit(Lit::Duration | Lit::Date | Lit::DateTime))
}

/// Takes limit and comment off: after the last `or`, if that is no bare word.
pub(crate) fn wait_for(span: Span, mut parts: Vec<Part>) -> Box<Wait> {
    let mut comment = None;
    let mut limit = None;
    if let [.., Part::Or(value), Part::Atom(Expr { kind: ExprKind::Text(_), .. })] = parts.as_slice()
        && !matches!(value.kind, ExprKind::Name)
        && let Some(Part::Atom(Expr { kind: ExprKind::Text(text), .. })) = parts.pop()
    {
        comment = Some(*text);
    }
    if let [_, .., Part::Or(value)] = parts.as_slice()
        && !matches!(value.kind, ExprKind::Name)
        && let Some(Part::Or(value)) = parts.pop()
    {
        limit = Some(value);
    }
    let what = parts_span(&parts).unwrap_or(span);
    Box::new(Wait { span, kind: WaitKind::For { what: trigger(what, parts), limit, comment }, cases: None })
}

fn parts_span(parts: &[Part]) -> Option<Span> {
    let spans = parts.iter().filter_map(|part| match part {
        Part::Atom(value) | Part::Or(value) => Some(value.span),
        Part::Prep(prep, value) => Some(prep.to(value.span)),
        Part::Comma | Part::And => None,
    });
    spans.reduce(Span::to)
}

pub(crate) fn let_wait(name: Span, wait: Box<Wait>, cases: Block) -> StmtKind {
    StmtKind::Let(Box::new(Let { name, value: Rhs::Wait(with_cases(wait, cases)) }))
}

pub(crate) fn with_cases(mut wait: Box<Wait>, cases: Block) -> Box<Wait> {
    wait.cases = Some(cases);
    wait
}

pub(crate) fn case(values: Vec<Expr>, otherwise: bool, body: Block) -> StmtKind {
    StmtKind::Case(Box::new(Case { values, otherwise, body }))
}

pub(crate) fn named(name: Option<Text>, mut rule: Box<Rule>) -> Box<Rule> {
    rule.name = name;
    rule
}

/// `retry 5 times pausing 10min`
pub(crate) struct Retry {
    pub(crate) times: Expr,
    pub(crate) pausing: Option<Expr>,
}

pub(crate) fn try_(body: Block, retry: Option<Box<Retry>>, otherwise: Option<(Option<Span>, Block)>) -> StmtKind {
    let (times, pausing) = retry.map(|retry| (retry.times, retry.pausing)).unzip();
    StmtKind::Try(Box::new(Try { body, times, pausing: pausing.flatten(), otherwise }))
}

pub(crate) fn migrate(from: Option<Box<Wait>>, values: Vec<Carried>) -> StmtKind {
    StmtKind::Migrate(Box::new(Migrate { from: from.map(|wait| *wait), values }))
}

/// What follows the verb of an action, which is not known to it yet.
pub(crate) fn rest(head: Vec<Expr>, preps: Vec<PrepArg>, with: Option<Vec<Named>>) -> Box<Action> {
    let nowhere = Span::at(0);
    Box::new(Action { span: nowhere, verb: nowhere, head, preps, with: with.unwrap_or_default() })
}

pub(crate) fn action(span: Span, verb: Span, mut rest: Box<Action>) -> Box<Action> {
    (rest.span, rest.verb) = (span, verb);
    rest
}

pub(crate) fn find(
    span: Span,
    entity: Span,
    name: Span,
    cond: Option<Expr>,
    order: Option<(Expr, bool)>,
    limit: Option<Expr>,
) -> Box<Find> {
    Box::new(Find { span, entity, name, cond, order, limit })
}

/// An expected action, and what its text contains; that is said before or after the prepositions.
pub(crate) struct Pattern {
    action: Action,
    contains: Option<Expr>,
}

pub(crate) fn pattern(
    verb: Span,
    head: Vec<Expr>,
    contains: Option<Expr>,
    preps: Vec<PrepArg>,
    with: Option<Vec<Named>>,
) -> Box<Pattern> {
    let action = Action { span: verb, verb, head, preps, with: with.unwrap_or_default() };
    Box::new(Pattern { action, contains })
}

pub(crate) fn spanned(span: Span, mut pattern: Box<Pattern>) -> Box<Pattern> {
    pattern.action.span = span;
    pattern
}

/// `expect notify …`, with the text that it contains.
pub(crate) fn expect_action(how: ExpectHow, pattern: Box<Pattern>) -> Box<Expect> {
    let Pattern { action, contains } = *pattern;
    Box::new(Expect::Action { how, action, contains })
}

/// `expect no send sms`, `expect then notify chat`.
pub(crate) fn expect_word(cx: &mut Cx<'_>, word: Span, pattern: Box<Pattern>) -> Box<Expect> {
    let how = match word.of(cx.source) {
        "no" => ExpectHow::None,
        "then" => ExpectHow::Then,
        text => {
            let diagnostic = Diagnostic::new(Code::E0105, cx.file, word, format!("`{text}` is not expected here"))
                .label("neither an action nor `no`")
                .help(
                    "after `expect` stands an action, `no`, `then` or a number of times and an action, or a condition",
                );
            cx.report(diagnostic);
            ExpectHow::Some
        }
    };
    expect_action(how, pattern)
}

/// `expect 2 times notify …`
pub(crate) fn expect_times(cx: &mut Cx<'_>, n: Span, word: Span, pattern: Box<Pattern>) -> Box<Expect> {
    let text = word.of(cx.source);
    if text != "times" && text != "time" {
        let diagnostic = Diagnostic::new(Code::E0105, cx.file, word, format!("`{text}` is not expected here"))
            .label("after the number stands `times`")
            .help("write how often as in `expect 2 times notify deal.owner`");
        cx.report(diagnostic);
    }
    expect_action(ExpectHow::Times(n), pattern)
}

/// `for any deal { … }`
pub(crate) fn for_any(cx: &mut Cx<'_>, any: Span, entity: Span, with: Vec<Named>, body: Block) -> StmtKind {
    let text = any.of(cx.source);
    if text != "any" {
        let diagnostic = Diagnostic::new(Code::E0105, cx.file, any, format!("`{text}` is not expected here"))
            .label("neither a variable nor `any`")
            .help("write `for $x in list { … }`, or in a test `for any deal { … }`");
        cx.report(diagnostic);
    }
    StmtKind::ForAny { entity, with, body: Box::new(body) }
}

/// A statement between the items.
pub(crate) fn statement_outside(cx: &mut Cx<'_>, stmt: &Stmt) -> ItemKind {
    if stmt.kind != StmtKind::Error {
        let help = match stmt.kind {
            StmtKind::Let(_) => "write `const` for a value that all rules share, or put it into a rule",
            _ => "put it into a rule, such as `on deal created { … }`",
        };
        let diagnostic = Diagnostic::new(Code::E0115, cx.file, stmt.span, "this statement stands outside of any rule")
            .label("nothing runs it here")
            .help(help);
        cx.report(diagnostic);
    }
    ItemKind::Error
}

pub(crate) fn skipped(cx: &mut Cx<'_>, l: u32, r: u32, error: &Recovery) -> Stmt {
    cx.recovered(error);
    Stmt { span: Span::new(l, r), kind: StmtKind::Error }
}

pub(crate) fn skipped_item(cx: &mut Cx<'_>, l: u32, r: u32, error: &Recovery) -> Item {
    cx.recovered(error);
    Item { span: Span::new(l, r), kind: ItemKind::Error }
}
