//! Literals and texts.

use super::call::{accepts, describe};
use super::context::{Checker, error_expr};
use super::typed::{Expr, ExprKind};
use crate::catalog;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Lit};
use crate::syntax::text::{Piece, cook};
use crate::value::{Currency, Money, Period, Value};
use chrono::{NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

impl Checker<'_> {
    pub(super) fn literal(&mut self, span: Span, lit: Lit) -> Expr {
        let text = self.text_of(span);
        let digits: String = text.chars().filter(|c| *c != '_').collect();
        let read = match lit {
            Lit::Null => Ok((Type::Null, Value::Missing)),
            Lit::True => Ok((Type::Bool, Value::Bool(true))),
            Lit::False => Ok((Type::Bool, Value::Bool(false))),
            Lit::Int => read(&digits, "a whole number has at most 18 digits", Value::Int).map(|v| (Type::Int, v)),
            Lit::Decimal => read(&digits, "a number has at most 28 digits", Value::Decimal).map(|v| (Type::Decimal, v)),
            Lit::Percent => {
                let number = digits.trim_end_matches('%').trim_end();
                read(number, "a number has at most 28 digits", |n: Decimal| {
                    Value::Decimal((n / Decimal::ONE_HUNDRED).normalize())
                })
                .map(|v| (Type::Decimal, v))
            }
            Lit::Money => self.money(&digits).map(|v| (Type::Money, v)),
            Lit::Duration => text.parse::<Period>().map(|p| (Type::Duration, Value::Period(p))),
            Lit::Date => read(text, "there is no such day", Value::Date).map(|v| (Type::Date, v)),
            Lit::DateTime => self.date_time(text).map(|v| (Type::DateTime, v)),
            Lit::Time => read_time(text).map(|v| (Type::Time, Value::Time(v))),
        };
        match read {
            Ok((ty, value)) => Expr { span, ty, kind: ExprKind::Const(value) },
            Err(help) => {
                let diagnostic = self.error(Code::E0112, span, format!("`{text}` is not possible")).help(help);
                self.report(diagnostic.label("this value does not exist"));
                error_expr(span)
            }
        }
    }

    fn money(&self, text: &str) -> Result<Value, String> {
        let (number, currency) = text.split_at(text.len().saturating_sub(3));
        let currency: Currency = currency.parse()?;
        let known = self.schema.currencies();
        if !known.contains(&currency) {
            let known: Vec<String> = known.iter().map(ToString::to_string).collect();
            return Err(format!(
                "crm.toml knows no currency {currency}; it knows {}",
                one_of(known.iter().map(String::as_str), 8)
            ));
        }
        read(number.trim(), "an amount has at most 28 digits", |amount| Value::Money(Money { amount, currency }))
    }

    fn date_time(&self, text: &str) -> Result<Value, String> {
        let no_such = |_| "write a moment as `2026-12-24T09:00`".to_owned();
        if text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|at| at > 10) {
            let with_seconds = if text.matches(':').count() >= 2 + usize::from(!text.ends_with('Z')) {
                text.to_owned()
            } else {
                let at = text.find('T').map_or(text.len(), |t| t + 6);
                let (head, tail) = text.split_at(at.min(text.len()));
                format!("{head}:00{tail}")
            };
            return with_seconds.parse().map(Value::DateTime);
        }
        let format = if text.matches(':').count() > 1 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M" };
        let local = NaiveDateTime::parse_from_str(text, format).map_err(no_such)?;
        Ok(Value::DateTime(self.schema.calendar.at(local.date(), local.time())))
    }

    /// A text with its placeholders.
    pub(super) fn text(&mut self, text: &ast::Text, _want: Option<&Type>) -> Expr {
        let pieces = cook(text, self.text);
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(raw) => parts.push(constant(text.span, &raw)),
                Piece::Value { expr, format } => {
                    let value = self.leniently(|c| c.expr(expr, None));
                    let value = self.shown(value);
                    parts.push(match format {
                        Some(format) => self.formatted(value, format),
                        None => value,
                    });
                }
            }
        }
        match parts.as_slice() {
            [] => constant(text.span, ""),
            [only] if matches!(only.kind, ExprKind::Const(Value::Text(_))) => Expr { span: text.span, ..only.clone() },
            _ => Expr { span: text.span, ty: Type::Text, kind: ExprKind::Text(parts) },
        }
    }

    /// What people see of a value: records and people by their name.
    fn shown(&self, value: Expr) -> Expr {
        let field = match value.ty.present() {
            Type::Entity(id) => self.entity(*id).and_then(|e| e.get(e.title)).map(|f| f.name.clone()),
            Type::User => Some("name".into()),
            _ => None,
        };
        match field {
            Some(field) => Expr { span: value.span, ty: Type::Text, kind: ExprKind::Field(Box::new(value), field) },
            None => value,
        }
    }

    fn formatted(&mut self, value: Expr, format: Span) -> Expr {
        let name = self.text_of(format);
        if let Some(found) = catalog::FORMATS.iter().find(|f| f.name == name) {
            if !self.format_fits(&value, found, format) {
                return error_expr(value.span);
            }
            let kind = ExprKind::Format(Box::new(value.clone()), found.name.into());
            return Expr { span: value.span, ty: Type::Text, kind };
        }
        let names = || catalog::FORMATS.iter().map(|f| f.name);
        let diagnostic = self.error(Code::E0201, format, format!("there is no format `{name}`"));
        let diagnostic = match did_you_mean(name, names()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), format, near)
            }
            None => diagnostic.label("unknown format"),
        };
        self.report(diagnostic.help(format!("formats are {}", one_of(names(), 12))));
        value
    }

    /// Whether a format can show a value, or a report.
    pub(super) fn format_fits(&mut self, value: &Expr, format: &catalog::FormatSpec, place: Span) -> bool {
        let ty = value.ty.present();
        if matches!(ty, Type::Error | Type::Null) || accepts(&format.takes, ty) {
            return true;
        }
        let (name, found) = (format.name, self.type_name(ty));
        let diagnostic = self
            .error(Code::E0301, place, format!("`{name}` shows {}, found {found}", describe(&format.takes)))
            .label("this format is for other values")
            .because(self.file, value.span, format!("this is {found}"))
            .help("leave the format out, or take one that fits");
        self.report(diagnostic);
        false
    }

    /// The text, if it has no placeholder.
    pub(super) fn constant_text(&self, text: &ast::Text) -> Option<String> {
        let mut whole = String::new();
        for piece in cook(text, self.text) {
            match piece {
                Piece::Text(raw) => whole.push_str(&raw),
                Piece::Value { .. } => return None,
            }
        }
        Some(whole)
    }
}

fn constant(span: Span, text: &str) -> Expr {
    Expr { span, ty: Type::Text, kind: ExprKind::Const(Value::text(text)) }
}

fn read<T: std::str::FromStr>(text: &str, help: &str, make: impl FnOnce(T) -> Value) -> Result<Value, String> {
    text.parse().map(make).map_err(|_| help.to_owned())
}

/// `09:00`
pub(super) fn read_time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "a time of day lies between 00:00 and 23:59".to_owned())
}
