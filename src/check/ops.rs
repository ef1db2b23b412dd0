//! Operators: which values they work on, and what comes out.

use super::context::{Checker, error_expr};
use super::expr::fits;
use super::typed::{Expr, ExprKind, Op};
use crate::diagnostics::Code;
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
            let mut diagnostic = self
                .error(Code::E0302, span, format!("{found} and {other} cannot be compared"))
                .because(self.file, left.span, format!("this is {found}"))
                .because(self.file, right.span, format!("this is {other}"));
            diagnostic.labels.remove(0);
            diagnostic = self.currency_help(diagnostic, &left, &right);
            self.report(diagnostic);
            return error_expr(span);
        }
        if !equality && !is_ordered(&l) {
            self.no_operator(span, symbol(op), &l, Some(&r));
            return error_expr(span);
        }
        Expr { span, ty: Type::Bool, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
    }

    fn currency_help(
        &self,
        diagnostic: crate::diagnostics::Diagnostic,
        left: &Expr,
        right: &Expr,
    ) -> crate::diagnostics::Diagnostic {
        let number = match (left.ty.present(), right.ty.present()) {
            (Type::Money, Type::Int | Type::Decimal) => right,
            (Type::Int | Type::Decimal, Type::Money) => left,
            _ => return diagnostic.help("compare values of the same kind"),
        };
        let with = format!("{} {}", self.text_of(number.span), self.schema.base_currency);
        diagnostic.help("an amount of money needs its currency").fix(format!("write `{with}`"), number.span, with)
    }

    /// `in`, `contains`, `starts with`, `ends with`
    pub(super) fn membership(&mut self, span: Span, op: Op, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let left = self.leniently(|c| c.expr(a, None));
        let want = match (op, left.ty.present()) {
            (Op::In, element) => Some(element.clone().list()),
            (Op::Contains, Type::List(element)) => Some((**element).clone()),
            _ => None,
        };
        let right = self.leniently(|c| c.expr(b, want.as_ref()));
        let (l, r) = (left.ty.present(), right.ty.present());
        let right_is = match (op, l, r) {
            (_, Type::Error, _) | (_, _, Type::Error) => return error_expr(span),
            (Op::In, element, Type::List(other)) => fits(other, element) || fits(element, other),
            (Op::Contains, Type::List(element), other) => fits(other, element),
            (Op::Contains | Op::StartsWith | Op::EndsWith, text, part) => is_text(text) && is_text(part),
            _ => false,
        };
        if !right_is {
            self.no_operator(span, symbol(op), &left.ty, Some(&right.ty));
            return error_expr(span);
        }
        Expr { span, ty: Type::Bool, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
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
            self.no_operator(span, symbol(op), l, Some(r));
            return error_expr(span);
        };
        if let (ExprKind::Const(Value::Money(x)), ExprKind::Const(Value::Money(y))) = (&left.kind, &right.kind)
            && x.currency != y.currency
            && matches!(op, Op::Add | Op::Sub)
        {
            let diagnostic = self
                .error(Code::E0304, right.span, format!("{} and {} cannot be added", x.currency, y.currency))
                .label(format!("this is {}", y.currency))
                .because(self.file, left.span, format!("this is {}", x.currency))
                .help(format!("turn one into the other with `exchange({}, {})`", self.text_of(right.span), x.currency));
            self.report(diagnostic);
            return error_expr(span);
        }
        let optional = left.ty.is_optional() || right.ty.is_optional();
        let ty = if optional { result.optional() } else { result };
        Expr { span, ty, kind: ExprKind::Binary(op, Box::new(left), Box::new(right)) }
    }

    /// Reports an operator between values that it does not know.
    pub(super) fn no_operator(&mut self, span: Span, op: &str, left: &Type, right: Option<&Type>) {
        let (message, both_text) = match right {
            Some(right) => (
                format!("`{op}` does not work on {} and {}", self.type_name(left), self.type_name(right)),
                is_text(left.present()) || is_text(right.present()),
            ),
            None => (format!("`{op}` does not work on {}", self.type_name(left)), false),
        };
        let diagnostic = self.error(Code::E0303, span, message).label("this cannot be worked out");
        let help = match op {
            "+" if both_text => "texts are joined by placeholders: \"{a} {b}\"",
            "in" => "on the right of `in` stands a list of values of the same kind, such as `[Won, Lost]`",
            "contains" => "`contains` looks for a text in a text, or for an element in a list",
            _ => "check the types of both sides",
        };
        self.report(diagnostic.help(help));
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
    matches!(ty, Type::Int | Type::Decimal | Type::Money | Type::Date | Type::DateTime | Type::Time | Type::Text)
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
