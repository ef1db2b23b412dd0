//! The nodes that the grammar builds: its actions call these, so that the grammar stays readable.

use super::ast::{
    Action, BinaryOp, Block, Expect, ExpectHow, Expr, ExprKind, Find, Item, ItemKind, Let, Lit, Named, PrepArg, Rhs,
    Stmt, StmtKind, Text, Trigger, TriggerPart, Try, TypeName, UnaryOp, Wait, WaitKind,
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
    Expr { span: a.span.to(b.span), kind: ExprKind::Binary(op, Box::new(a), Box::new(b)) }
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

pub(crate) fn text(cx: &mut Cx<'_>, span: Span) -> Text {
    super::text::parse(cx, span)
}

pub(crate) fn text_expr(text: Text) -> Expr {
    Expr { span: text.span, kind: ExprKind::Text(Box::new(text)) }
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
        ExprKind::Binary(op, left, _) if op.compares() => Some(left),
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

/// `name: value`; `name = value` is understood and refused.
pub(crate) fn with(cx: &mut Cx<'_>, name: Span, mark: Span, value: Expr) -> Named {
    if mark.of(cx.source) == "=" {
        let diagnostic = Diagnostic::new(Code::E0117, cx.file, mark, "a named value is written with `:`, not `=`")
            .label("`:` expected here")
            .help(format!("write `{}: …`", name.of(cx.source)))
            .fix("write `:`", Span::new(name.end, mark.end), ":");
        cx.report(diagnostic);
    }
    Named { name, value }
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
pub(crate) fn wait_period(cx: &mut Cx<'_>, span: Span, value: Expr) -> Wait {
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
        return Wait { span, kind: WaitKind::Period(value), cases: None };
    }
    let diagnostic = Diagnostic::new(Code::E0114, cx.file, value.span, "`wait` alone takes a period, such as `3d`")
        .label("this is a condition or a moment")
        .help("write `wait until …`")
        .fix("add `until`", Span::at(value.span.start), "until ");
    cx.report(diagnostic);
    wait_until(span, value)
}

/// Takes the time limit off a condition: the last operand of `or`, if it is a literal of time.
pub(crate) fn wait_until(span: Span, value: Expr) -> Wait {
    let kind = match value.kind {
        ExprKind::Binary(BinaryOp::Or, cond, limit) if is_time(&limit) => {
            WaitKind::Until { cond: *cond, limit: Some(*limit) }
        }
        kind => WaitKind::Until { cond: Expr { span: value.span, kind }, limit: None },
    };
    Wait { span, kind, cases: None }
}

fn is_time(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Lit(Lit::Duration | Lit::Date | Lit::DateTime))
}

/// Takes limit and comment off: after the last `or`, if that is no bare word.
pub(crate) fn wait_for(span: Span, mut parts: Vec<Part>) -> Wait {
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
    Wait { span, kind: WaitKind::For { what: trigger(what, parts), limit, comment }, cases: None }
}

fn parts_span(parts: &[Part]) -> Option<Span> {
    let spans = parts.iter().filter_map(|part| match part {
        Part::Atom(value) | Part::Or(value) => Some(value.span),
        Part::Prep(prep, value) => Some(prep.to(value.span)),
        Part::Comma | Part::And => None,
    });
    spans.reduce(Span::to)
}

pub(crate) fn let_wait(name: Span, wait: Wait, cases: Block) -> StmtKind {
    StmtKind::Let(Let { name, value: Rhs::Wait(Wait { cases: Some(cases), ..wait }) })
}

pub(crate) fn try_(
    body: Block,
    retry: Option<(Option<Expr>, Option<Expr>)>,
    otherwise: Option<(Option<Span>, Block)>,
) -> StmtKind {
    let (times, pausing) = retry.unwrap_or_default();
    StmtKind::Try(Try { body, times, pausing, otherwise })
}

pub(crate) fn action(span: Span, verb: Span, rest: (Vec<Expr>, Vec<PrepArg>, Vec<Named>)) -> Action {
    let (head, preps, with) = rest;
    Action { span, verb, head, preps, with }
}

pub(crate) fn find(
    span: Span,
    entity: Span,
    name: Span,
    cond: Option<Expr>,
    order: Option<(Expr, bool)>,
    limit: Option<Expr>,
) -> Find {
    Find { span, entity, name, cond, order, limit }
}

/// The parts of an expected action, in the order written.
pub(crate) struct Parts {
    pub(crate) verb: Span,
    pub(crate) head: Vec<Expr>,
    /// What its text contains; before or after the prepositions.
    pub(crate) contains: Option<Expr>,
    pub(crate) preps: Vec<PrepArg>,
    pub(crate) with: Option<Vec<Named>>,
}

/// An expected action with the part of its text that is said.
pub(crate) fn pattern(span: Span, parts: Parts) -> (Action, Option<Expr>) {
    let Parts { verb, head, contains, preps, with } = parts;
    (action(span, verb, (head, preps, with.unwrap_or_default())), contains)
}

/// `expect notify …`, with the text that it contains.
pub(crate) fn expect_action(how: ExpectHow, (action, contains): (Action, Option<Expr>)) -> Expect {
    Expect::Action { how, action, contains }
}

/// `expect no send sms`, `expect then notify chat`.
pub(crate) fn expect_word(cx: &mut Cx<'_>, word: Span, pattern: (Action, Option<Expr>)) -> Expect {
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
pub(crate) fn expect_times(cx: &mut Cx<'_>, n: Span, word: Span, pattern: (Action, Option<Expr>)) -> Expect {
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
    StmtKind::ForAny { entity, with, body }
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
