//! Operators: which values they work on, and what comes out.

use super::context::{Checker, error_expr};
use super::expr::{fits, is_literal};
use super::typed::{Expr, ExprKind, Op};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;

impl Checker<'_> {
    /// Both sides; a side whose meaning depends on the other (a bare word, a text) is looked at second.
    fn sides(&mut self, a: &ast::Expr, b: &ast::Expr) -> (Expr, Expr) {
        self.leniently(|c| {
            if depends_on_place(a) && !depends_on_place(b) {
                let right = c.expr(b, None);
                let left = c.expr(a, Some(right.ty.present()));
                (left, right)
            } else {
                let left = c.expr(a, None);
                let right = c.expr(b, Some(left.ty.present()));
                (left, right)
            }
        })
    }

    /// `== != < <= > >=`
    pub(super) fn comparison(&mut self, span: Span, op: Op, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let (left, right) = self.sides(a, b);
        let (l, r) = (left.ty.present().clone(), right.ty.present().clone());
        if l == Type::Error || r == Type::Error {
            return error_expr(span);
        }
        let equality = matches!(op, Op::Eq | Op::Ne);
        let same = l == Type::Null
            || r == Type::Null
            || fits(&l, &r)
            || fits(&r, &l)
            || matches!((&l, &r), (Type::Decimal | Type::Int, Type::Decimal | Type::Int));
        if !same {
            let (found, other) = (self.type_name(&l), self.type_name(&r));
            let diagnostic = self
                .error(Code::E0302, right.span, format!("{found} and {other} cannot be compared"))
                .label(format!("this is {other}"))
                .because(self.file, left.span, format!("this is {found}"));
            let diagnostic = self.compare_help(diagnostic, &left, &right);
            self.report(diagnostic);
            return error_expr(span);
        }
        if !equality && !is_ordered(&l) {
            self.no_operator(span, symbol(op), &left, &right);
            return error_expr(span);
        }
        if self.no_rate(&left, &right) || self.other_measure(&left, &right) {
            return error_expr(span);
        }
        Expr { span, ty: Type::Bool, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
    }

    /// What to write instead of a comparison that makes no sense.
    fn compare_help(&self, diagnostic: Diagnostic, left: &Expr, right: &Expr) -> Diagnostic {
        let sides = [(left, right), (right, left)];
        let text = |e: &Expr| self.text_of(e.span);
        let replace = |diagnostic: Diagnostic, e: &Expr, with: String| {
            let title = format!("write `{with}`");
            diagnostic.fix(title, e.span, with)
        };
        for (a, b) in sides {
            let number = matches!(b.kind, ExprKind::Const(Value::Int(_) | Value::Decimal(_)));
            match (a.ty.present(), b.ty.present()) {
                (Type::Money, Type::Int | Type::Decimal) => {
                    let with = format!("{} {}", text(b), self.schema.base_currency);
                    let diagnostic = diagnostic.help(money_needs(number.then_some(&with)));
                    return if number { replace(diagnostic, b, with) } else { diagnostic };
                }
                (Type::User | Type::Department | Type::Role | Type::Chat, Type::Text) if is_literal(b) => {
                    let with = format!("{} {}", self.type_name(a.ty.present()), text(b));
                    return replace(diagnostic.help(format!("name it with its noun: `{with}`")), b, with);
                }
                (Type::Date | Type::DateTime, Type::Text) if is_literal(b) => {
                    let bare = text(b).trim_matches('"').to_owned();
                    let right = bare.parse::<chrono::NaiveDate>().is_ok();
                    let diagnostic = diagnostic.help("write it without quotes, as in `2026-12-24`");
                    return if right { replace(diagnostic, b, bare) } else { diagnostic };
                }
                (Type::Bool, Type::Text) => return diagnostic.help("compare it with `true` or `false`"),
                (Type::Duration, Type::Int) if number => {
                    let with = format!("{}d", text(b));
                    return replace(diagnostic.help("a length of time needs its unit"), b, with);
                }
                _ => {}
            }
        }
        diagnostic.help("compare values of the same kind")
    }

    /// `in`, `contains`, `starts with`, `ends with`
    pub(super) fn membership(&mut self, span: Span, op: Op, a: &ast::Expr, b: &ast::Expr) -> Expr {
        if depends_on_place(a) && !depends_on_place(b) && op == Op::In {
            // `North in deal.regions`: the list says what the word means.
            return self.member_of(span, a, b);
        }
        let left = self.leniently(|c| c.expr(a, None));
        let want = match (op, left.ty.present()) {
            (Op::In, element) => Some(element.clone().list()),
            (Op::Contains, Type::List(element)) => Some((**element).clone()),
            _ => None,
        };
        let right = self.leniently(|c| c.expr(b, want.as_ref()));
        self.contained(span, op, left, right)
    }

    fn contained(&mut self, span: Span, op: Op, left: Expr, right: Expr) -> Expr {
        let (l, r) = (left.ty.present(), right.ty.present());
        let right_is = match (op, l, r) {
            (_, Type::Error, _) | (_, _, Type::Error) => return error_expr(span),
            (Op::In, element, Type::List(other)) => fits(other, element) || fits(element, other),
            (Op::Contains, Type::List(element), other) => fits(other, element) || **element == Type::Never,
            (Op::Contains | Op::StartsWith | Op::EndsWith, text, part) => is_text(text) && is_text(part),
            _ => false,
        };
        if !right_is {
            self.no_operator(span, symbol(op), &left, &right);
            return error_expr(span);
        }
        if self.no_rate(&left, &right) {
            return error_expr(span);
        }
        Expr { span, ty: Type::Bool, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
    }

    /// `word in list`
    fn member_of(&mut self, span: Span, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let right = self.leniently(|c| c.expr(b, None));
        let element = match right.ty.present() {
            Type::List(element) => Some((**element).clone()),
            _ => None,
        };
        let left = self.leniently(|c| c.expr(a, element.as_ref()));
        self.contained(span, Op::In, left, right)
    }

    /// `+ - * /`; missing values give a missing result.
    pub(super) fn arithmetic(&mut self, span: Span, op: Op, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let left = self.expr(a, None);
        let right = self.expr(b, None);
        let (l, r) = (left.ty.present(), right.ty.present());
        if *l == Type::Error || *r == Type::Error {
            return error_expr(span);
        }
        let Some(result) = result_of(op, l, r) else {
            self.no_operator(span, symbol(op), &left, &right);
            return error_expr(span);
        };
        if self.cannot_go_together(op, &left, &right) {
            return error_expr(span);
        }
        let optional = left.ty.is_optional() || right.ty.is_optional();
        let ty = if optional { result.optional() } else { result };
        Expr { span, ty, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
    }

    /// Reports an operator between values that it does not know.
    fn no_operator(&mut self, span: Span, op: &str, left: &Expr, right: &Expr) {
        let (l, r) = (left.ty.present(), right.ty.present());
        let message = format!("`{op}` does not work on {} and {}", self.type_name(l), self.type_name(r));
        let diagnostic = self.error(Code::E0303, span, message).label("this cannot be worked out");
        let number = matches!(right.kind, ExprKind::Const(Value::Int(_) | Value::Decimal(_)));
        let text = self.text_of(right.span);
        let replace = |diagnostic: Diagnostic, with: String| {
            let title = format!("write `{with}`");
            diagnostic.fix(title, right.span, with)
        };
        let diagnostic = match (op, l, r) {
            ("+", ..) if is_text(l) || is_text(r) => diagnostic.help("texts are joined by placeholders: \"{a} {b}\""),
            ("+" | "-", Type::Money, Type::Int | Type::Decimal) if number => {
                let with = format!("{text} {}", self.schema.base_currency);
                replace(diagnostic.help(money_needs(Some(&with))), with)
            }
            ("+" | "-", Type::Date | Type::DateTime, Type::Int) if number => {
                replace(diagnostic.help("a length of time needs its unit"), format!("{text}d"))
            }
            ("in", Type::User, Type::Department) => {
                let with = format!("{}.department == {text}", self.text_of(left.span));
                diagnostic.help(format!("compare the departments: `{with}`")).fix(format!("write `{with}`"), span, with)
            }
            ("in", Type::User, Type::Role) => {
                replace(diagnostic.help("ask for the people who have the role"), format!("{text}.members"))
            }
            ("in", ..) => {
                diagnostic.help("on the right of `in` stands a list of values of the same kind, such as `[Won, Lost]`")
            }
            ("contains", ..) => diagnostic.help("`contains` looks for a text in a text, or for an element in a list"),
            ("starts with" | "ends with", ..) => diagnostic.help("both sides must be texts"),
            ("<" | "<=" | ">" | ">=", Type::Stage(_), _) => diagnostic
                .help("stages have no order here: list the ones you mean, as in `deal.stage in [New, Invoice]`"),
            ("<" | "<=" | ">" | ">=", ..) => {
                diagnostic.help("only numbers, amounts, dates, times and texts have an order")
            }
            _ => diagnostic.help("use numbers, amounts, dates or durations that go together"),
        };
        self.report(diagnostic);
    }

    /// Reports a minus before something that has no sign.
    pub(super) fn no_sign(&mut self, span: Span, of: &Expr) {
        let ty = self.type_name(of.ty.present());
        let diagnostic = self
            .error(Code::E0303, span, format!("`-` does not work on {ty}"))
            .label(format!("this is {ty}"))
            .help("only numbers, amounts and durations can be negative");
        self.report(diagnostic);
    }
}

/// Whether the meaning of an expression depends on what its place wants.
fn depends_on_place(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Name | ast::ExprKind::Text(_) => true,
        ast::ExprKind::Paren(inner) => depends_on_place(inner),
        _ => false,
    }
}

fn is_ordered(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Int
            | Type::Decimal
            | Type::Money
            | Type::Date
            | Type::DateTime
            | Type::Time
            | Type::Duration
            | Type::Text
    )
}

pub(super) fn is_text(ty: &Type) -> bool {
    fits(ty, &Type::Text)
}

fn result_of(op: Op, l: &Type, r: &Type) -> Option<Type> {
    use Type::{Date, DateTime, Decimal, Duration, Int, Money};
    Some(match (op, l, r) {
        (Op::Add | Op::Sub | Op::Mul, Int, Int) => Int,
        (Op::Add | Op::Sub | Op::Mul | Op::Div, Int | Decimal, Int | Decimal) => Decimal,
        (Op::Add | Op::Sub, Money, Money) => Money,
        (Op::Mul, Money, Int | Decimal) | (Op::Mul, Int | Decimal, Money) | (Op::Div, Money, Int | Decimal) => Money,
        (Op::Div, Money, Money) => Decimal,
        (Op::Add | Op::Sub, Date, Duration) => Date,
        (Op::Add | Op::Sub, DateTime, Duration) => DateTime,
        (Op::Add, Duration, Date) => Date,
        (Op::Add, Duration, DateTime) => DateTime,
        (Op::Add | Op::Sub, Duration, Duration) | (Op::Mul, Duration, Int) | (Op::Mul, Int, Duration) => Duration,
        (Op::Sub, Date | DateTime, Date | DateTime) => Duration,
        _ => return None,
    })
}

/// How the operator is written.
fn symbol(op: Op) -> &'static str {
    match op {
        Op::Eq => "==",
        Op::Ne => "!=",
        Op::Lt => "<",
        Op::Le => "<=",
        Op::Gt => ">",
        Op::Ge => ">=",
        Op::In => "in",
        Op::Contains => "contains",
        Op::StartsWith => "starts with",
        Op::EndsWith => "ends with",
        Op::Add => "+",
        Op::Sub => "-",
        Op::Mul => "*",
        Op::Div => "/",
    }
}

/// What is said of a number that stands where money is needed, with what to write where that is known.
pub(super) fn money_needs(with: Option<&String>) -> String {
    let example = with.map_or_else(String::new, |with| format!(": `{with}`"));
    format!("an amount of money needs its currency{example}")
}
