//! Calls of pure functions: arguments by the catalogue's declaration, and the type of the result.

use super::context::{Checker, error_expr};
use super::expr::fits;
use super::index::Symbol;
use super::ops::is_text;
use super::typed::{Expr, ExprKind};
use crate::catalog::{self, FnParam, FnType, FunctionSpec, OnMissing};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Arg};
use crate::value::{Currency, Value};

/// Functions over the elements of a list, which need a variable of their own.
pub(super) const OVER_LISTS: [&str; 6] = ["count", "any", "all", "filter", "sort", "map"];

impl Checker<'_> {
    /// `f(a, b)`
    pub(super) fn call(&mut self, span: Span, name: Span, args: &[Arg]) -> Expr {
        let word = self.text_of(name);
        if OVER_LISTS.contains(&word) {
            return self.over_list(span, word, args);
        }
        if let Some(&id) = self.functions.get(word) {
            self.note_call(name, id);
            return self.invoke(span, id, args);
        }
        let Some(spec) = catalog::function(word) else {
            return self.unknown_function(span, name);
        };
        self.note(name, &Type::Error, || Symbol::Builtin(spec.name));
        let mut plain: Vec<&ast::Expr> = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                Arg::Plain(e) => plain.push(e),
                Arg::Where(e, _) | Arg::Each(e, _) => {
                    let diagnostic = self
                        .error(Code::E0305, e.span, format!("`{word}` takes values, not the elements of a list"))
                        .label("not understood here")
                        .help(format!("write `{}`", usage(spec)));
                    self.report(diagnostic);
                    return error_expr(span);
                }
            }
        }
        if !self.arity_fits(span, spec, plain.len()) {
            return error_expr(span);
        }
        self.typed_call(span, spec, &plain)
    }

    fn typed_call(&mut self, span: Span, spec: &'static FunctionSpec, plain: &[&ast::Expr]) -> Expr {
        let mut typed: Vec<Expr> = Vec::with_capacity(plain.len());
        let mut spread: Option<Type> = None;
        for (i, e) in plain.iter().enumerate() {
            let Some(param) = spec.params.get(i).or(spec.params.last()) else { continue };
            let expr = self.leniently(|c| c.fn_argument(e, param, spec, spread.as_ref()));
            if matches!(param.ty, FnType::Spread(_)) && expr.ty != Type::Error {
                spread = Some(match (spread, expr.ty.present()) {
                    (Some(known), Type::Null) => known,
                    // The wider one: decimal for numbers, a moment where one of them is, text beside a stage.
                    (Some(known), ty) if fits(ty, &known) => known,
                    (_, ty) => ty.clone(),
                });
            }
            typed.push(expr);
        }
        if typed.iter().any(|e| e.ty == Type::Error) {
            return error_expr(span);
        }
        if spec.func == catalog::Func::Format
            && let [value, Expr { kind: ExprKind::Const(Value::Text(name)), span: place, .. }] = typed.as_slice()
            && let Some(format) = catalog::FORMATS.iter().find(|f| *f.name == **name)
            && !self.format_fits(value, format, *place)
        {
            return error_expr(span);
        }
        if self.sum_of_two(spec.func, &typed) || (spec.func == catalog::Func::Exchange && self.cannot_exchange(&typed))
        {
            return error_expr(span);
        }
        if spread == Some(Type::DateTime) {
            let days = |e: Expr| if *e.ty.present() == Type::Date { self.midnight(e) } else { e };
            typed = typed.into_iter().map(days).collect();
        }
        let result = result_type(spec.result, typed.first().map(|e| e.ty.present()), spread.as_ref());
        let missing = match (spec.missing, spec.result) {
            (OnMissing::Missing, _) => typed.iter().any(|e| e.ty.is_optional()),
            // Missing values do not count: one that is there is enough.
            (OnMissing::Handled, FnType::Spreaded | FnType::Mean) => typed.iter().all(|e| e.ty.is_optional()),
            (OnMissing::Handled, _) => false,
        };
        let ty = if missing { result.optional() } else { result };
        Expr { span, ty, kind: ExprKind::Call(spec.func, typed) }
    }

    fn fn_argument(&mut self, e: &ast::Expr, param: &FnParam, spec: &FunctionSpec, spread: Option<&Type>) -> Expr {
        match param.ty {
            FnType::Currency => return self.currency(e),
            FnType::Choice(words) => return self.word(e, words),
            FnType::Format => {
                let names: Vec<&'static str> = catalog::FORMATS.iter().map(|f| f.name).collect();
                return self.word(e, &names);
            }
            _ => {}
        }
        let expr = self.expr(e, None);
        let ty = expr.ty.present();
        let element_fits = |wanted: &FnType, ty: &Type| {
            accepts(wanted, ty) && spread.is_none_or(|first| fits(ty, first) || fits(first, ty))
        };
        let fine = match (&param.ty, ty) {
            // Nothing at all is a value that is missing, whatever is wanted.
            (_, Type::Error | Type::Null) => true,
            (FnType::Spread(wanted), Type::List(element)) if spread.is_none() => accepts(wanted, element.present()),
            (FnType::Spread(wanted), ty) => element_fits(wanted, ty),
            (wanted, ty) => accepts(wanted, ty),
        };
        if fine {
            return expr;
        }
        let found = self.type_name(&expr.ty);
        let diagnostic = self
            .error(Code::E0301, e.span, format!("expected {}, found {found}", describe(&param.ty)))
            .label(format!("this is {found}"))
            .help(format!("`{}` is used like `{}`", spec.name, usage(spec)));
        self.report(diagnostic);
        error_expr(e.span)
    }

    fn arity_fits(&mut self, span: Span, spec: &FunctionSpec, n: usize) -> bool {
        let (least, most) = spec.arity();
        if n >= least && most.is_none_or(|most| n <= most) {
            return true;
        }
        let wanted = match most {
            Some(most) if most == least => format!("{least}"),
            Some(most) => format!("{least} to {most}"),
            None => format!("at least {least}"),
        };
        let diagnostic = self
            .error(Code::E0305, span, format!("`{}` takes {wanted} values, not {n}", spec.name))
            .label(if n < least { "too few" } else { "too many" })
            .help(format!("for example `{}`", usage(spec)));
        self.report(diagnostic);
        false
    }

    fn currency(&mut self, e: &ast::Expr) -> Expr {
        let text = self.text_of(e.span).trim_matches('"');
        if text.parse::<Currency>().is_ok_and(|c| self.schema.has_rate(c)) {
            return Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::text(text)) };
        }
        let mut names: Vec<String> = self.schema.rates.keys().map(ToString::to_string).collect();
        names.push(self.schema.base_currency.to_string());
        let diagnostic = self
            .error(Code::E0201, e.span, format!("crm.toml has no rate for a currency `{text}`"))
            .label("unknown currency")
            .help(format!("it can be {}", one_of(names.iter().map(String::as_str), 8)));
        self.report(diagnostic);
        error_expr(e.span)
    }

    fn word(&mut self, e: &ast::Expr, words: &[&str]) -> Expr {
        let text = self.text_of(e.span).trim_matches('"');
        if words.contains(&text) {
            return Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::text(text)) };
        }
        let diagnostic = self.error(Code::E0301, e.span, format!("`{text}` is not possible here"));
        let diagnostic = match did_you_mean(text, words.iter().copied()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), e.span, near)
            }
            None => diagnostic.label("unknown word"),
        };
        self.report(diagnostic.help(format!("it can be {}", one_of(words.iter().copied(), 10))));
        error_expr(e.span)
    }

    pub(super) fn unknown_function(&mut self, span: Span, name: Span) -> Expr {
        let word = self.text_of(name);
        let names = || self.functions.keys().copied().chain(catalog::functions().iter().map(|f| f.name));
        let diagnostic = self.error(Code::E0207, name, format!("there is no function `{word}`"));
        let diagnostic = match did_you_mean(word, names()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name, near)
            }
            None => diagnostic.label("unknown function"),
        };
        self.report(diagnostic.help(format!("functions are {}", one_of(names(), 40))));
        error_expr(span)
    }
}

fn usage(spec: &FunctionSpec) -> String {
    spec.examples.first().map_or_else(|| format!("{}(…)", spec.name), |e| e.source.to_owned())
}

/// Whether a parameter takes a value of this type.
pub(super) fn accepts(wanted: &FnType, ty: &Type) -> bool {
    use Type::{Date, DateTime, Decimal, Duration, Int, Money, Time};
    // The elements of an empty list, and of a list of nothing, are of any kind.
    if matches!(ty, Type::Error | Type::Null | Type::Never) {
        return true;
    }
    match wanted {
        FnType::Any => true,
        FnType::Text => is_text(ty),
        FnType::Int => *ty == Int,
        FnType::Number => matches!(ty, Int | Decimal),
        FnType::Money => *ty == Money,
        FnType::Amount => matches!(ty, Int | Decimal | Money),
        FnType::Bool => *ty == Type::Bool,
        FnType::Date => *ty == Date,
        FnType::DateTime => *ty == DateTime,
        FnType::Moment => matches!(ty, Date | DateTime),
        FnType::Time => *ty == Time,
        FnType::Duration => *ty == Duration,
        FnType::Ordered => matches!(ty, Int | Decimal | Money | Date | DateTime | Time | Duration) || is_text(ty),
        FnType::Summable => matches!(ty, Int | Decimal | Money | Duration),
        FnType::TextOrList => matches!(ty, Type::List(_)) || is_text(ty),
        FnType::ListOf(inner) => matches!(ty, Type::List(element) if accepts(inner, element.present())),
        FnType::Spread(inner) => accepts(inner, ty),
        FnType::Currency
        | FnType::Choice(_)
        | FnType::Format
        | FnType::Same
        | FnType::Elem
        | FnType::Spreaded
        | FnType::Mean => false,
    }
}

pub(super) fn describe(wanted: &FnType) -> &'static str {
    match wanted {
        FnType::Text => "a text",
        FnType::Int => "a whole number",
        FnType::Number => "a number",
        FnType::Money => "money",
        FnType::Amount => "a number or money",
        FnType::Bool => "yes or no",
        FnType::Date => "a date",
        FnType::DateTime => "a moment",
        FnType::Moment => "a date or a moment",
        FnType::Time => "a time of day",
        FnType::Duration => "a duration",
        FnType::Ordered => "values that have an order",
        FnType::Summable => "numbers, money or durations",
        FnType::TextOrList => "a text or a list",
        FnType::ListOf(_) => "a list",
        FnType::Spread(inner) => describe(inner),
        FnType::Any
        | FnType::Currency
        | FnType::Choice(_)
        | FnType::Format
        | FnType::Same
        | FnType::Elem
        | FnType::Spreaded
        | FnType::Mean => "a value",
    }
}

/// The type that a call gives, from its first argument and what its last parameter spread over.
fn result_type(result: FnType, first: Option<&Type>, spread: Option<&Type>) -> Type {
    let spreaded = || match spread {
        Some(Type::List(element)) => (**element).clone().optional(),
        Some(other) => other.clone(),
        None => Type::Error,
    };
    match result {
        FnType::Text | FnType::Currency | FnType::Choice(_) | FnType::Format | FnType::TextOrList => Type::Text,
        FnType::Int => Type::Int,
        FnType::Number => Type::Decimal,
        FnType::Money => Type::Money,
        FnType::Bool => Type::Bool,
        FnType::Date => Type::Date,
        FnType::DateTime | FnType::Moment => Type::DateTime,
        FnType::Time => Type::Time,
        FnType::Duration => Type::Duration,
        FnType::ListOf(inner) => result_type(*inner, first, spread).list(),
        FnType::Same => first.cloned().unwrap_or(Type::Error),
        FnType::Elem => match first {
            Some(Type::List(element)) => (**element).clone().optional(),
            _ => Type::Error,
        },
        FnType::Spreaded => spreaded(),
        FnType::Mean => match spreaded() {
            Type::Int => Type::Decimal,
            Type::Optional(inner) if *inner == Type::Int => Type::Decimal.optional(),
            other => other,
        },
        FnType::Any | FnType::Amount | FnType::Ordered | FnType::Summable | FnType::Spread(_) => Type::Error,
    }
}
