//! Expressions: every node gets its type.

use super::context::{Checker, error_expr};
use super::ops::money_needs;
use super::typed::{Expr, ExprKind, Op};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, UnaryOp};
use crate::value::Value;

impl Checker<'_> {
    /// The typed form of `e`. `want` is what its place would like, which decides what bare words and texts mean; the
    /// result may still have another type.
    pub(super) fn expr(&mut self, e: &ast::Expr, want: Option<&Type>) -> Expr {
        let span = e.span;
        match &e.kind {
            ast::ExprKind::Lit(lit) => self.literal(span, *lit),
            ast::ExprKind::Text(text) => match want.filter(|ty| self.has_members(ty)) {
                Some(want) => match self.constant_text(text) {
                    Some(name) => self.member(span, &name, want),
                    None => self.text(text, Some(want)),
                },
                None => self.text(text, want),
            },
            ast::ExprKind::Name => self.bare_name(span, want),
            ast::ExprKind::Var => self.variable(span),
            ast::ExprKind::Noun { noun, text } => self.noun(span, *noun, text, want),
            ast::ExprKind::Field { base, name, safe } => self.field(span, base, *name, *safe),
            ast::ExprKind::Call(call) => self.call(span, call.name, &call.args),
            ast::ExprKind::List(items) => self.list(span, items, want),
            ast::ExprKind::Record(members) => self.values(span, members, want),
            ast::ExprKind::Unary(op, inner) => self.unary(span, *op, inner),
            ast::ExprKind::Binary(op, sides) => {
                let [a, b] = &**sides;
                self.binary(span, *op, a, b, want)
            }
            ast::ExprKind::Between(parts) => self.between(span, parts),
            ast::ExprKind::IsEmpty { value, negated } => {
                let value = self.leniently(|c| c.expr(value, None));
                let test = Expr { span, ty: Type::Bool, kind: ExprKind::IsEmpty(Box::new(value)) };
                if *negated { not(test) } else { test }
            }
            ast::ExprKind::Paren(inner) => Expr { span, ..self.expr(inner, want) },
            ast::ExprKind::Error => error_expr(span),
        }
    }

    /// The typed form of `e`, which must fit `want`.
    pub(super) fn expect(&mut self, e: &ast::Expr, want: &Type) -> Expr {
        let expr = self.expr(e, Some(want));
        self.must_fit(expr, want)
    }

    /// Reports and gives an error expression unless `expr` fits `want`.
    pub(super) fn must_fit(&mut self, expr: Expr, want: &Type) -> Expr {
        if fits(&expr.ty, want) {
            let is_day = *expr.ty.present() == Type::Date && *want.present() == Type::DateTime;
            return if is_day { self.midnight(expr) } else { expr };
        }
        if fits(expr.ty.present(), want) {
            self.may_be_missing(&expr);
            return error_expr(expr.span);
        }
        let diagnostic = self.misfit(&expr, want.present());
        self.report(diagnostic);
        error_expr(expr.span)
    }

    /// What is said of a value of the wrong type, and what to write instead.
    fn misfit(&self, expr: &Expr, want: &Type) -> Diagnostic {
        let wanted = if want.is_empty_list() { "a list".to_owned() } else { self.type_name(want) };
        let found = self.type_name(expr.ty.present());
        let text = self.text_of(expr.span);
        let diagnostic = self.error(Code::E0301, expr.span, format!("expected {wanted}, found {found}"));
        let replace = |diagnostic: Diagnostic, with: String| {
            let title = format!("write `{with}`");
            diagnostic.fix(title, expr.span, with)
        };
        let diagnostic = diagnostic.label(format!("this is {found}"));
        match (expr.ty.present(), want) {
            (Type::Null, _) => {
                diagnostic.label("this cannot be empty").help(format!("give it a value of type `{wanted}`"))
            }
            (Type::Int | Type::Decimal, Type::Money) if matches!(expr.kind, ExprKind::Const(_)) => {
                let with = format!("{text} {}", self.schema.base_currency);
                replace(diagnostic.help(money_needs(Some(&with))), with)
            }
            (Type::Int | Type::Decimal, Type::Money) => {
                let example = format!("{text} * 1 {}", self.schema.base_currency);
                diagnostic.help(format!("an amount of money needs its currency: multiply with one, as in `{example}`"))
            }
            (Type::Text, Type::User | Type::Department | Type::Role | Type::Chat) if is_literal(expr) => {
                let name = text.trim_matches('"');
                // Where an employee is meant, it may be a department that was named.
                let noun = match want {
                    Type::User if self.schema.users.contains_key(name) => "user",
                    Type::User if self.schema.departments.contains_key(name) => "department",
                    Type::User if self.schema.roles.contains_key(name) => "role",
                    _ => &wanted,
                };
                let with = format!("{noun} {text}");
                replace(diagnostic.help(format!("name it with its noun: `{with}`")), with)
            }
            (Type::Text, Type::Date | Type::DateTime | Type::Time | Type::Duration) if is_literal(expr) => {
                let bare = text.trim_matches('"');
                let right = match want {
                    Type::Date => bare.parse::<chrono::NaiveDate>().is_ok(),
                    Type::Duration => bare.parse::<crate::value::Period>().is_ok(),
                    _ => false,
                };
                let diagnostic =
                    diagnostic.help(format!("write it without quotes, as in {}", example(want).unwrap_or("`3d`")));
                if right { replace(diagnostic, bare.to_owned()) } else { diagnostic }
            }
            (Type::DateTime, Type::Date) => replace(diagnostic.help("take its day"), format!("date({text})")),
            (Type::Text, Type::Bool) => diagnostic.help("write `true` or `false`"),
            (Type::Decimal, Type::Int) => diagnostic.help("a whole number is needed here, without decimal places"),
            (other, Type::List(element)) if fits(other, element) => {
                replace(diagnostic.help("several values are a list"), format!("[{text}]"))
            }
            (_, Type::Text) => {
                let simple = matches!(expr.kind, ExprKind::Field(..) | ExprKind::Local(_)) && !text.contains('"');
                let diagnostic = diagnostic.help("put it into a text to use it as one");
                match &expr.kind {
                    ExprKind::Const(_) if !text.contains('"') => replace(diagnostic, format!("\"{text}\"")),
                    _ if simple => replace(diagnostic, format!("\"{{{text}}}\"")),
                    _ => diagnostic,
                }
            }
            _ => diagnostic.help(match example(want) {
                Some(example) => format!("use a value of type `{wanted}` here, such as {example}"),
                None => format!("use a value of type `{wanted}` here"),
            }),
        }
    }

    /// A condition: a bool, in which missing values make comparisons false.
    pub(super) fn condition(&mut self, e: &ast::Expr) -> Expr {
        let expr = self.leniently(|c| c.expr(e, Some(&Type::Bool)));
        if matches!(expr.ty.present(), Type::Bool | Type::Error) {
            return expr;
        }
        let text = self.text_of(expr.span);
        let found = self.type_name(&expr.ty);
        let diagnostic = self
            .error(Code::E0307, expr.span, "a condition must be yes or no".to_owned())
            .label(format!("this is {found}"))
            .help(format!("compare it, as in `{text} == …`, or test it with `{text} is not empty`"));
        self.report(diagnostic);
        // Most probably this is what was meant.
        let span = expr.span;
        not(Expr { span, ty: Type::Bool, kind: ExprKind::IsEmpty(Box::new(expr)) })
    }

    fn list(&mut self, span: Span, items: &[ast::Expr], want: Option<&Type>) -> Expr {
        let mut element = match want.map(Type::present) {
            Some(Type::List(element)) => Some((**element).clone()).filter(|element| *element != Type::Never),
            _ => None,
        };
        let mut typed: Vec<Expr> = Vec::with_capacity(items.len());
        for item in items {
            // An empty list before it says nothing of its own.
            let expr = match element.as_ref().filter(|element| !element.is_empty_list()) {
                // In a condition a missing element is one that nothing equals.
                Some(want) if self.lenient => self.expect(item, &want.clone().optional()),
                Some(want) => self.expect(item, want),
                None => self.expr(item, None),
            };
            // `null` says nothing of the others.
            let open = element.as_ref().is_none_or(Type::is_empty_list);
            if open && !matches!(expr.ty, Type::Error | Type::Null) {
                element = Some(expr.ty.clone());
            }
            typed.push(expr);
        }
        let mistaken = typed.iter().any(|item| item.ty == Type::Error);
        let nulls = typed.iter().any(|item| item.ty == Type::Null);
        let element = element.unwrap_or(match (mistaken, nulls) {
            (true, _) => Type::Error,
            (false, true) => Type::Null,
            (false, false) => Type::Never,
        });
        let ty = element.list();
        Expr { span, ty, kind: ExprKind::List(typed) }
    }

    fn unary(&mut self, span: Span, op: UnaryOp, inner: &ast::Expr) -> Expr {
        match op {
            UnaryOp::Not => {
                let inner = self.condition(inner);
                not(Expr { span, ..inner })
            }
            UnaryOp::Neg => {
                let inner = self.expr(inner, None);
                match inner.ty.present() {
                    Type::Error => inner,
                    Type::Int | Type::Decimal | Type::Money | Type::Duration => {
                        Expr { span, ty: inner.ty.clone(), kind: ExprKind::Neg(Box::new(inner)) }
                    }
                    _ => {
                        self.no_sign(span, &inner);
                        error_expr(span)
                    }
                }
            }
        }
    }

    fn binary(&mut self, span: Span, op: BinaryOp, a: &ast::Expr, b: &ast::Expr, want: Option<&Type>) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logic(span, op, a, b),
            BinaryOp::Default => {
                let first = self.leniently(|c| c.expr(a, want));
                let second = self.expr(b, Some(first.ty.present()));
                // An empty list takes the type of what stands for it.
                let known = if first.ty.is_open() { second.ty.present() } else { first.ty.present() };
                let (known, first) = (known.clone(), Expr { ty: retyped(&first.ty, known), ..first });
                let fitted = self.must_fit(second, &known.optional());
                let ty = if fitted.ty.is_optional() { first.ty.clone() } else { first.ty.present().clone() };
                Expr { span, ty, kind: ExprKind::Default(Box::new(first), Box::new(fitted)) }
            }
            BinaryOp::Eq => self.comparison(span, Op::Eq, a, b),
            BinaryOp::Ne => self.comparison(span, Op::Ne, a, b),
            BinaryOp::Lt => self.comparison(span, Op::Lt, a, b),
            BinaryOp::Le => self.comparison(span, Op::Le, a, b),
            BinaryOp::Gt => self.comparison(span, Op::Gt, a, b),
            BinaryOp::Ge => self.comparison(span, Op::Ge, a, b),
            BinaryOp::In => self.membership(span, Op::In, a, b),
            BinaryOp::NotIn => not(self.membership(span, Op::In, a, b)),
            BinaryOp::Contains => self.membership(span, Op::Contains, a, b),
            BinaryOp::NotContains => not(self.membership(span, Op::Contains, a, b)),
            BinaryOp::StartsWith => self.membership(span, Op::StartsWith, a, b),
            BinaryOp::EndsWith => self.membership(span, Op::EndsWith, a, b),
            BinaryOp::Add => self.arithmetic(span, Op::Add, a, b),
            BinaryOp::Sub => self.arithmetic(span, Op::Sub, a, b),
            BinaryOp::Mul => self.arithmetic(span, Op::Mul, a, b),
            BinaryOp::Div => self.arithmetic(span, Op::Div, a, b),
        }
    }

    /// `and`, `or`; what the left side proves is known on the right.
    fn logic(&mut self, span: Span, op: BinaryOp, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let left = self.condition(a);
        let facts = super::facts::facts_of(&left, op == BinaryOp::And);
        let known = self.facts.len();
        self.facts.extend(facts);
        let right = self.condition(b);
        self.facts.truncate(known);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if op == BinaryOp::And { ExprKind::And(left, right) } else { ExprKind::Or(left, right) };
        Expr { span, ty: Type::Bool, kind }
    }

    /// `x between a and b` is `x >= a and x <= b`.
    fn between(&mut self, span: Span, parts: &[ast::Expr; 3]) -> Expr {
        let [value, low, high] = parts;
        let above = self.comparison(span, Op::Ge, value, low);
        if above.ty == Type::Error {
            return above;
        }
        let below = self.comparison(span, Op::Le, value, high);
        Expr { span, ty: Type::Bool, kind: ExprKind::And(Box::new(above), Box::new(below)) }
    }
}

/// How a value of the type is written.
fn example(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Int => "`5`",
        Type::Decimal => "`12.5` or `15%`",
        Type::Money => "`10000 PLN`",
        Type::Bool => "`true` or `false`",
        Type::Date => "`2026-12-24` or `today + 3d`",
        Type::DateTime => "`2026-12-24T09:00` or `now + 2h`",
        Type::Time => "`09:00`",
        Type::Duration => "`3d` or `45min`",
        Type::User => "`deal.owner` or `user \"anna\"`",
        Type::Department => "`department \"Sales\"`",
        Type::Chat => "`chat \"Legal\"`",
        Type::List(_) => "`[a, b]`",
        _ => return None,
    })
}

/// A type that may be missing as before, but is another one when it is there.
fn retyped(before: &Type, present: &Type) -> Type {
    if before.is_optional() { present.clone().optional() } else { present.clone() }
}

/// `not expr`
fn not(expr: Expr) -> Expr {
    if expr.ty == Type::Error {
        return expr;
    }
    Expr { span: expr.span, ty: Type::Bool, kind: ExprKind::Not(Box::new(expr)) }
}

/// Whether it is a text that the script writes out.
pub(super) fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(Value::Text(_)))
}

/// Whether a value of type `from` may stand where `to` is wanted.
pub(super) fn fits(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Error | Type::Never, _) | (_, Type::Error) | (Type::Null, Type::Optional(_)) => true,
        (from, to) if from == to => true,
        (Type::Optional(a), Type::Optional(b)) => fits(a, b),
        (from, Type::Optional(b)) => fits(from, b),
        (Type::List(a), Type::List(b)) => fits(a, b),
        (Type::Record(a), Type::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((x, a), (y, b))| x == y && fits(a, b))
        }
        (Type::Int, Type::Decimal)
        | (Type::Date, Type::DateTime)
        | (Type::Text, Type::Phone | Type::Email | Type::Url | Type::File)
        | (
            Type::Phone | Type::Email | Type::Url | Type::Stage(_) | Type::Pipeline(_) | Type::Enum(..) | Type::Outcome,
            Type::Text,
        ) => true,
        _ => false,
    }
}
