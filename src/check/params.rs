//! What stands in the places of an action: people, records, things of the workspace, words.

use super::action::Args;
use super::context::{Checker, error_expr};
use super::expr::fits;
use super::typed::{Expr, ExprKind};
use crate::catalog::{Param, ParamType};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{Thing, Type};
use crate::syntax::ast::{self, ExprKind as Ast};
use crate::value::{Ref, Value};

impl Checker<'_> {
    pub(super) fn param(&mut self, param: &Param, e: &ast::Expr, args: &mut Args) -> Expr {
        match param.ty {
            ParamType::Text => self.expect(e, &Type::Text),
            ParamType::Int => self.expect(e, &Type::Int),
            ParamType::Bool => self.expect(e, &Type::Bool),
            ParamType::Moment => self.expect(e, &Type::DateTime),
            ParamType::Duration => self.expect(e, &Type::Duration),
            ParamType::Person => self.expect(e, &Type::User),
            ParamType::Chat => self.expect(e, &Type::Chat),
            ParamType::People => self.people(e),
            ParamType::Record => self.record_param(e, args),
            ParamType::Entity => self.entity_param(e, args),
            ParamType::Stage => match args.entity {
                Some(id) => self.expect(e, &Type::Stage(id)),
                None => error_expr(e.span),
            },
            ParamType::Pipeline => match args.entity {
                Some(id) => self.expect(e, &Type::Pipeline(id)),
                None => error_expr(e.span),
            },
            ParamType::Choice(words) => self.choice(e, words),
            ParamType::Flag => self.flag(e),
            ParamType::Customer => self.customer(e),
            ParamType::Recipient => self.recipient(e),
            ParamType::Thing(thing) => self.thing(e, thing),
            ParamType::Sender => self.thing_or_user(e, Thing::Sender),
            ParamType::Bookable => self.thing_or_user(e, Thing::Resource),
            ParamType::BookingField => self.booking_field(e, args),
            ParamType::Targets => self.targets(std::slice::from_ref(e), args),
            ParamType::TargetPipeline => self.target_pipeline(e, args),
            ParamType::Id => self.id(e),
            ParamType::FieldNames => self.field_names(e, args),
            ParamType::Files => self.files(e),
            ParamType::Assignee => self.assignee(e),
        }
    }

    fn record_param(&mut self, e: &ast::Expr, args: &mut Args) -> Expr {
        let record = self.expr(e, None);
        match record.ty.present() {
            Type::Error => record,
            Type::Entity(_) if record.ty.is_optional() => {
                self.may_be_missing(&record);
                error_expr(e.span)
            }
            Type::Entity(id) => {
                args.entity = Some(*id);
                record
            }
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0301, e.span, format!("expected a record, found {ty}"))
                    .label(format!("this is {ty}"))
                    .help("name a record in scope, such as `deal` or `lead`");
                self.report(diagnostic);
                error_expr(e.span)
            }
        }
    }

    fn entity_param(&mut self, e: &ast::Expr, args: &mut Args) -> Expr {
        let name = self.text_of(e.span);
        if let (Ast::Name, Some(id)) = (&e.kind, self.schema.entity_id(name)) {
            args.entity = Some(id);
            return Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::text(name)) };
        }
        let names = || self.schema.entities.iter().map(|entity| &*entity.name);
        let diagnostic = self.error(Code::E0201, e.span, format!("there is no kind of record called `{name}`"));
        let diagnostic = match did_you_mean(name, names()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), e.span, near)
            }
            None => diagnostic.label("unknown entity"),
        };
        self.report(diagnostic.help(format!("there are {}", one_of(names(), 10))));
        error_expr(e.span)
    }

    fn choice(&mut self, e: &ast::Expr, words: &'static [&'static str]) -> Expr {
        let written = match &e.kind {
            Ast::Name => Some(self.text_of(e.span).to_owned()),
            Ast::Text(text) => self.constant_text(text),
            _ => None,
        };
        let name = written.unwrap_or_else(|| self.text_of(e.span).to_owned());
        if let Some(word) = words.iter().find(|w| **w == name) {
            return Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::text(word)) };
        }
        let diagnostic = self.error(Code::E0405, e.span, format!("`{name}` is not possible here"));
        let diagnostic = match did_you_mean(&name, words.iter().copied()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), e.span, near)
            }
            None => diagnostic.label("unknown word"),
        };
        self.report(diagnostic.help(format!("it can be {}", one_of(words.iter().copied(), 10))));
        error_expr(e.span)
    }

    /// Yes or no, written out.
    fn flag(&mut self, e: &ast::Expr) -> Expr {
        let flag = self.expect(e, &Type::Bool);
        if matches!(flag.kind, ExprKind::Const(Value::Bool(_)) | ExprKind::Error) {
            return flag;
        }
        let diagnostic = self
            .error(Code::E0405, e.span, "this must be written out")
            .label("not known before the script runs")
            .help("write `true` or `false`: the kind of the result depends on it");
        self.report(diagnostic);
        error_expr(e.span)
    }

    /// The number of a record.
    fn id(&mut self, e: &ast::Expr) -> Expr {
        let id = self.expr(e, Some(&Type::Text));
        if matches!(id.ty, Type::Int | Type::Error) { id } else { self.must_fit(id, &Type::Text) }
    }

    /// One or several employees, a department, a role, or `everybody`.
    pub(super) fn people(&mut self, e: &ast::Expr) -> Expr {
        let span = e.span;
        match &e.kind {
            Ast::Paren(inner) => self.people(inner),
            Ast::Name if self.text_of(span) == "everybody" => {
                let everybody = Value::Ref(Ref::new("everybody", "everybody"));
                Expr { span, ty: Type::User.list(), kind: ExprKind::Const(everybody) }
            }
            Ast::List(items) => {
                let items: Vec<Expr> = items.iter().map(|item| self.people(item)).collect();
                let broken = items.iter().any(|item| item.ty == Type::Error);
                let ty = if broken { Type::Error } else { Type::User.list() };
                Expr { span, ty, kind: ExprKind::List(items) }
            }
            _ => {
                let who = self.expr(e, Some(&Type::User));
                match who.ty.present() {
                    Type::User | Type::Department | Type::Role if who.ty.is_optional() => {
                        self.may_be_missing(&who);
                        error_expr(span)
                    }
                    Type::User | Type::Department | Type::Role => who,
                    Type::List(element) if fits(element, &Type::User) => who,
                    _ => self.must_fit(who, &Type::User),
                }
            }
        }
    }
}
