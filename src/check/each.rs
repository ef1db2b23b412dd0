//! Functions over the elements of a list, records of values, and what an assertion says.

use super::context::{Checker, error_expr};
use super::facts::path_key;
use super::typed::{Each, Expr, ExprKind, How, Local, LocalId, Op};
use super::visit;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Arg, BinaryOp, Named};
use crate::value::{Name, Value};

/// What can be done about elements without an order.
const SORT: &str = "say by what they are sorted: `sort($d in list: $d.amount)`";

/// How many values a failed assertion shows.
const SHOWN: usize = 6;

/// The parts of a call such as `filter($d in list where cond)`.
struct Parts<'e> {
    element: Option<Span>,
    list: &'e ast::Expr,
    cond: Option<&'e ast::Expr>,
    value: Option<&'e ast::Expr>,
}

impl Checker<'_> {
    /// `count($d in list where cond)`, `map($d in list: value)`, `sort(list)` …
    pub(super) fn over_list(&mut self, span: Span, word: &str, args: &[Arg]) -> Expr {
        let Some((parts, how)) = parts(args).and_then(|parts| Some((how(word, &parts)?, parts))).map(|(h, p)| (p, h))
        else {
            return self.wrong_form(span, word);
        };
        let list = self.leniently(|c| c.expr(parts.list, None));
        let element_type = match list.ty.present() {
            Type::List(element) => (**element).clone(),
            Type::Error => Type::Error,
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0301, list.span, format!("expected a list, found {ty}"))
                    .label(format!("this is {ty}"))
                    .help(format!("`{word}` looks at the elements of a list: write `{}`", usage(word)));
                self.report(diagnostic);
                Type::Error
            }
        };
        let sorts_itself = how == How::Sort && element_type != Type::Error;
        if sorts_itself && !is_ordered(&element_type) {
            self.no_order(list.span, &element_type, "its elements", SORT);
            return error_expr(span);
        }
        let (element, part) = self.scoped(Vec::new(), |c| {
            let element = match parts.element {
                Some(name) => c.declare(name, element_type.clone()),
                None => c.nameless(element_type.clone(), list.span),
            };
            let currency = c.currency_of(&list);
            c.note_currency(element, currency);
            let part = match (parts.cond, parts.value) {
                (Some(cond), _) => Some(c.condition(cond)),
                (None, Some(value)) if how == How::SortBy => Some(c.key(value, SORT)),
                (None, Some(value)) => Some(c.expr(value, None)),
                (None, None) => None,
            };
            (element, part)
        });
        if list.ty == Type::Error || part.as_ref().is_some_and(|part| part.ty == Type::Error) {
            return error_expr(span);
        }
        let ty = match how {
            How::Count => Type::Int,
            How::Any | How::All => Type::Bool,
            How::Filter | How::Sort | How::SortBy => element_type.list(),
            How::Map => part.as_ref().map_or(Type::Error, |part| part.ty.clone()).list(),
        };
        Expr { span, ty, kind: ExprKind::Each(Box::new(Each { how, element, list, part })) }
    }

    /// A variable that the script does not name.
    fn nameless(&mut self, ty: Type, span: Span) -> LocalId {
        let id = LocalId(u16::try_from(self.locals.len()).unwrap_or(u16::MAX));
        self.locals.push(Local { name: "$_".into(), ty, span, currency: None });
        id
    }

    /// What elements are sorted by.
    pub(super) fn key(&mut self, value: &ast::Expr, help: &str) -> Expr {
        let key = self.leniently(|c| c.expr(value, None));
        if key.ty == Type::Error || is_ordered(key.ty.present()) {
            return key;
        }
        self.no_order(key.span, key.ty.present(), "such values", help);
        error_expr(key.span)
    }

    fn no_order(&mut self, span: Span, ty: &Type, what: &str, help: &str) {
        let ty = self.type_name(ty);
        let diagnostic =
            self.error(Code::E0301, span, format!("{what} have no order")).label(format!("of type `{ty}`")).help(help);
        self.report(diagnostic);
    }

    fn wrong_form(&mut self, span: Span, word: &str) -> Expr {
        let diagnostic = self
            .error(Code::E0305, span, format!("`{word}` looks at the elements of a list"))
            .label("not in this form")
            .help(format!("write `{}`", usage(word)));
        self.report(diagnostic);
        error_expr(span)
    }

    /// `{ name: value, … }`
    pub(super) fn values(&mut self, span: Span, members: &[Named], want: Option<&Type>) -> Expr {
        let wanted: &[(Name, Type)] = match want.map(Type::present) {
            Some(Type::Record(members)) => members,
            _ => &[],
        };
        let mut typed: Vec<(Name, Expr)> = Vec::with_capacity(members.len());
        for member in members {
            let name = self.text_of(member.name);
            let want = wanted.iter().find(|(n, ty)| **n == *name && !ty.is_open()).map(|(_, ty)| ty);
            let value = match want {
                Some(ty) => self.expect(&member.value, ty),
                None => self.leniently(|c| c.expr(&member.value, None)),
            };
            if typed.iter().any(|(other, _)| **other == *name) {
                let diagnostic = self
                    .error(Code::E0209, member.name, format!("`{name}` is there twice"))
                    .label("a second time")
                    .help("keep one of them");
                self.report(diagnostic);
                continue;
            }
            typed.push((name.into(), value));
        }
        let types = typed.iter().map(|(name, e)| {
            let wanted = wanted.iter().find(|(n, ty)| n == name && !ty.is_open()).map(|(_, ty)| ty.clone());
            (name.clone(), wanted.unwrap_or_else(|| e.ty.clone()))
        });
        let ty = Type::Record(std::sync::Arc::new(types.collect()));
        if typed.iter().any(|(_, e)| e.ty == Type::Error) {
            return error_expr(span);
        }
        Expr { span, ty, kind: ExprKind::Named(typed) }
    }

    /// What is said when an assertion does not hold: the condition, and the values that it reads.
    pub(super) fn assertion(&self, cond: &Expr) -> Expr {
        let mut read: Vec<&Expr> = Vec::new();
        shown(cond, &mut read);
        let text = |text: String| Expr { span: cond.span, ty: Type::Text, kind: ExprKind::Const(Value::text(&text)) };
        let plain = self.text_of(cond.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut parts = vec![text(format!("`{plain}` does not hold"))];
        for (i, e) in read.into_iter().take(SHOWN).enumerate() {
            let name = self.text_of(e.span);
            parts.push(text(format!("{} `{name}` is ", if i == 0 { ":" } else { "," })));
            let nothing = text("missing".to_owned());
            let kind = ExprKind::Default(Box::new(e.clone()), Box::new(nothing));
            parts.push(Expr { span: cond.span, ty: e.ty.clone(), kind });
        }
        Expr { span: cond.span, ty: Type::Text, kind: ExprKind::Text(parts) }
    }
}

/// The fields and variables that a condition reads, each once, in order.
fn shown<'e>(e: &'e Expr, found: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Field(..) | ExprKind::Local(_) | ExprKind::Now | ExprKind::Today => {
            let key = path_key(e);
            if key.is_none() || !found.iter().any(|other| path_key(other) == key) {
                found.push(e);
            }
        }
        // An element has no value outside, and no condition asks the CRM.
        ExprKind::Find(_) => {}
        ExprKind::Each(each) => shown(&each.list, found),
        ExprKind::Binary(Op::In, a, _) => shown(a, found),
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Record
        | ExprKind::Event
        | ExprKind::Not(_)
        | ExprKind::Neg(_)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::Default(..)
        | ExprKind::IsEmpty(_)
        | ExprKind::Binary(..)
        | ExprKind::Call(..)
        | ExprKind::Invoke(..)
        | ExprKind::List(_)
        | ExprKind::Text(_)
        | ExprKind::Format(..)
        | ExprKind::Named(_) => visit::children(e).into_iter().for_each(|child| shown(child, found)),
    }
}

/// Takes the call apart.
fn parts(args: &[Arg]) -> Option<Parts<'_>> {
    let [arg] = args else { return None };
    let (of, cond, value): (&ast::Expr, Option<&ast::Expr>, Option<&ast::Expr>) = match arg {
        Arg::Plain(of) => (of, None, None),
        Arg::Where(of, cond) => (of, Some(cond), None),
        Arg::Each(of, value) => (of, None, Some(value)),
    };
    match &of.kind {
        ast::ExprKind::Binary(BinaryOp::In, sides) if sides.first().is_some_and(|e| e.kind == ast::ExprKind::Var) => {
            let [element, list] = &**sides;
            Some(Parts { element: Some(element.span), list, cond, value })
        }
        _ if cond.is_none() && value.is_none() => Some(Parts { element: None, list: of, cond, value }),
        _ => None,
    }
}

/// Which function it is, if the parts fit.
fn how(word: &str, parts: &Parts<'_>) -> Option<How> {
    let plain = parts.value.is_none();
    Some(match word {
        "count" if plain => How::Count,
        "any" if parts.cond.is_some() => How::Any,
        "all" if parts.cond.is_some() => How::All,
        "filter" if parts.cond.is_some() => How::Filter,
        "sort" if plain => How::Sort,
        "sort" => How::SortBy,
        "map" if parts.value.is_some() => How::Map,
        _ => return None,
    })
}

fn usage(word: &str) -> &'static str {
    match word {
        "count" => "count($d in list where $d > 5)",
        "any" => "any($d in list where $d > 5)",
        "all" => "all($d in list where $d > 5)",
        "filter" => "filter($d in list where $d > 5)",
        "sort" => "sort($d in list: $d.amount)",
        _ => "map($d in list: $d.title)",
    }
}

fn is_ordered(ty: &Type) -> bool {
    matches!(
        ty.present(),
        Type::Int | Type::Decimal | Type::Money | Type::Date | Type::DateTime | Type::Time | Type::Duration
    ) || super::ops::is_text(ty.present())
}
