//! Places of an action that name something of the workspace, a customer, files, fields.

use super::action::Args;
use super::context::{Checker, error_expr};
use super::index::Symbol;
use super::typed::{Expr, ExprKind};
use crate::catalog::CONVERSIONS;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{EntityId, Thing, Type};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast};
use crate::value::{Name, Value};

impl Checker<'_> {
    /// Something that `crm.toml` declares: `"Offer"`, `template "Offer"`, `$offer`.
    pub(super) fn thing(&mut self, e: &ast::Expr, thing: Thing) -> Expr {
        match &e.kind {
            Ast::Text(text) => self.named_thing(thing, text),
            Ast::Noun { noun, text } if self.text_of(*noun) == thing.noun() => self.named_thing(thing, text),
            _ => {
                let found = self.expr(e, None);
                if thing == Thing::Template && matches!(found.ty.present(), Type::Template) {
                    return self.must_fit(found, &Type::Template);
                }
                if found.ty != Type::Error {
                    self.not_a_thing(e.span, thing, &found);
                }
                error_expr(e.span)
            }
        }
    }

    fn not_a_thing(&mut self, span: Span, thing: Thing, found: &Expr) {
        let (noun, ty) = (thing.noun(), self.type_name(&found.ty));
        let first = self.schema.things(thing).first().map_or_else(|| "name".to_owned(), ToString::to_string);
        let diagnostic = self
            .error(Code::E0301, span, format!("expected the name of a {noun}, found {ty}"))
            .label(format!("this is {ty}"))
            .help(format!("write it out, as in `\"{first}\"`: only so it can be checked before anything runs"));
        self.report(diagnostic);
    }

    /// The thing of this name.
    pub(super) fn named_thing(&mut self, thing: Thing, text: &ast::Text) -> Expr {
        let ty = if thing == Thing::Template { Type::Template } else { Type::Text };
        let Some(name) = self.constant_text(text) else { return self.must_be_written_out(thing.noun(), text.span) };
        if let Some(known) = self.schema.thing(thing, &name) {
            self.note(text.span, &ty, || Symbol::Thing(thing.noun().into(), known.clone()));
            return Expr { span: text.span, ty, kind: ExprKind::Const(Value::Text(known.clone())) };
        }
        let names: Vec<Name> = self.schema.things(thing).into_iter().cloned().collect();
        self.unknown_thing(thing.noun(), text.span, &name, &names, &[]);
        error_expr(text.span)
    }

    pub(super) fn must_be_written_out(&mut self, noun: &str, span: Span) -> Expr {
        let diagnostic = self
            .error(Code::E0205, span, format!("the name of a {noun} must be written out"))
            .label("this text has a placeholder")
            .help("a name that is worked out while the script runs cannot be checked before");
        self.report(diagnostic);
        error_expr(span)
    }

    /// Reports a name that `crm.toml` does not have; `more` are other spellings that may have been meant.
    pub(super) fn unknown_thing(&mut self, noun: &str, span: Span, name: &str, names: &[Name], more: &[&str]) {
        let diagnostic = self.error(Code::E0205, span, format!("there is no {noun} `{name}` in crm.toml"));
        let known = names.iter().map(|n| &**n).chain(more.iter().copied());
        let diagnostic = match did_you_mean(name, known) {
            Some(near) => {
                let label = format!("did you mean `{near}`?");
                diagnostic.label(label).fix(format!("write \"{near}\""), span, format!("\"{near}\""))
            }
            None => diagnostic.label(format!("unknown {noun}")),
        };
        let help = if names.is_empty() {
            let key = if name.chars().all(char::is_alphanumeric) { name.to_owned() } else { format!("\"{name}\"") };
            format!("crm.toml declares no {noun} at all; add `[{noun}s.{key}]` there")
        } else {
            format!("known are {}", one_of(names.iter().map(|n| &**n), 8))
        };
        self.report(diagnostic.help(help));
    }

    /// A thing by its name, or an employee.
    pub(super) fn thing_or_user(&mut self, e: &ast::Expr, thing: Thing) -> Expr {
        let names_user = matches!(&e.kind, Ast::Noun { noun, .. } if self.text_of(*noun) == "user");
        match &e.kind {
            Ast::Text(_) | Ast::Noun { .. } if !names_user => self.thing(e, thing),
            _ => self.expect(e, &Type::User),
        }
    }

    /// A contact, company or lead: a record with addresses or phones.
    pub(super) fn customer(&mut self, e: &ast::Expr) -> Expr {
        let who = self.expr(e, None);
        if matches!(who.ty.present(), Type::Entity(id) if self.is_customer(*id)) || who.ty == Type::Error {
            return self.present(who);
        }
        self.no_customer(&who, "name the deal's `client`, `contact` or `company`, or a lead")
    }

    /// Whom mail or an SMS can go to.
    pub(super) fn recipient(&mut self, e: &ast::Expr) -> Expr {
        let who = self.expr(e, None);
        match who.ty.present() {
            Type::Entity(id) if self.is_customer(*id) => self.present(who),
            Type::User | Type::Email | Type::Phone | Type::Error => self.present(who),
            _ => self.no_customer(&who, "name the deal's `client`, `contact` or `company`, a lead, or an employee"),
        }
    }

    /// The value, which must be there.
    fn present(&mut self, who: Expr) -> Expr {
        if who.ty.is_optional() {
            self.may_be_missing(&who);
            return error_expr(who.span);
        }
        who
    }

    fn is_customer(&self, id: EntityId) -> bool {
        self.entity(id).is_some_and(|entity| entity.field("emails").is_some() || entity.field("phones").is_some())
    }

    fn no_customer(&mut self, who: &Expr, help: &str) -> Expr {
        let ty = self.type_name(&who.ty);
        let diagnostic = self
            .error(Code::E0301, who.span, format!("expected a customer, found {ty}"))
            .label("this has neither an e-mail address nor a phone")
            .help(help);
        self.report(diagnostic);
        error_expr(who.span)
    }

    /// Files: those of a field, or paths; not both.
    pub(super) fn files(&mut self, e: &ast::Expr) -> Expr {
        let items = match &e.kind {
            Ast::List(items) => items,
            _ => std::slice::from_ref(e),
        };
        let files: Vec<Expr> = items.iter().map(|item| self.leniently(|c| c.expr(item, Some(&Type::File)))).collect();
        if files.iter().any(|file| file.ty == Type::Error) {
            return error_expr(e.span);
        }
        let of_field = |file: &&Expr| match file.ty.present() {
            Type::File => true,
            Type::List(item) => matches!(item.present(), Type::File),
            _ => false,
        };
        let path = |file: &&Expr| matches!(file.ty, Type::Text);
        if let Some(wrong) = files.iter().find(|file| !of_field(file) && !path(file)) {
            let diagnostic =
                self.error(Code::E0301, wrong.span, format!("expected files, found {}", self.type_name(&wrong.ty)));
            let help = "name a file field, as in `deal.files`, or the files of a drive by their paths, as in `[\"prices.pdf\"]`";
            self.report(diagnostic.label("no file").help(help));
            return error_expr(e.span);
        }
        if let (Some(field), Some(drive)) = (files.iter().find(of_field), files.iter().find(path)) {
            let diagnostic = self
                .error(Code::E0409, drive.span, "a message has attachments of one kind only")
                .label("a file of the drive")
                .because(self.file, field.span, "files of a field")
                .help("send two messages, or put the file into the field first");
            self.report(diagnostic);
            return error_expr(e.span);
        }
        Expr { span: e.span, ty: Type::File.list(), kind: ExprKind::List(files) }
    }

    /// `deal.visit`: a field that holds bookings. Its record and its name are two arguments.
    pub(super) fn booking_field(&mut self, e: &ast::Expr, args: &mut Args) -> Expr {
        let found = self.leniently(|c| c.expr(e, None));
        if found.ty == Type::Error {
            return found;
        }
        let ExprKind::Field(base, field) = found.kind.clone() else { return self.no_booking_field(&found) };
        let holds = match found.ty.present() {
            Type::List(item) => self.is_booking(item),
            ty => self.is_booking(ty),
        };
        if !holds || !matches!(base.ty.present(), Type::Entity(_)) {
            return self.no_booking_field(&found);
        }
        if base.ty.is_optional() {
            self.may_be_missing(&base);
            return error_expr(e.span);
        }
        if args.given.iter().all(|(name, _)| &**name != "record") {
            args.given.push(("record".into(), (*base).clone()));
        }
        Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::Text(field)) }
    }

    pub(super) fn is_booking(&self, ty: &Type) -> bool {
        matches!(ty.present(), Type::Entity(id) if self.entity(*id).is_some_and(|entity| &*entity.name == "booking"))
    }

    fn no_booking_field(&mut self, found: &Expr) -> Expr {
        let ty = self.type_name(&found.ty);
        let diagnostic = self
            .error(Code::E0407, found.span, format!("`{}` is no booking field", self.text_of(found.span)))
            .label(format!("this is {ty}"))
            .help("add a field of type `booking` to the entity in crm.toml: `[entities.deal.fields]` and `visit = \"booking\"`");
        self.report(diagnostic);
        error_expr(found.span)
    }

    /// `[title, amount]`: fields of the entity.
    pub(super) fn field_names(&mut self, e: &ast::Expr, args: &Args) -> Expr {
        let Some(entity) = args.entity.and_then(|id| self.entity(id)) else { return error_expr(e.span) };
        let items = match &e.kind {
            Ast::List(items) => items,
            _ => std::slice::from_ref(e),
        };
        let mut names = Vec::with_capacity(items.len());
        for item in items {
            let Some(field) = entity.field(self.text_of(item.span)) else {
                let diagnostic = self.no_field(entity, item.span, false);
                self.report(diagnostic);
                return error_expr(e.span);
            };
            names.push(Value::Text(field.name.clone()));
        }
        Expr { span: e.span, ty: Type::Text.list(), kind: ExprKind::Const(Value::list(names)) }
    }

    /// `deal, contact, company`: what a record is converted to.
    pub(super) fn targets(&mut self, values: &[ast::Expr], args: &Args) -> Expr {
        let span =
            values.first().map_or(Span::default(), |first| first.span.to(values.last().map_or(first.span, |e| e.span)));
        let Some(source) = args.entity.and_then(|id| self.entity(id)) else { return error_expr(span) };
        let possible = CONVERSIONS.iter().find(|(from, _)| *from == &*source.name).map_or(&[][..], |(_, to)| to);
        let mut targets: Vec<Value> = Vec::new();
        for value in values {
            let name = self.text_of(value.span);
            let twice = targets.iter().any(|known| *known == Value::text(name));
            if possible.contains(&name) && !twice {
                targets.push(Value::text(name));
                continue;
            }
            let message = if twice {
                format!("`{name}` is there twice")
            } else {
                format!("a {} cannot be converted to `{name}`", source.name)
            };
            let diagnostic = self.error(Code::E0405, value.span, message).label("not possible");
            let help = if possible.is_empty() {
                let from = one_of(CONVERSIONS.iter().map(|(from, _)| *from), 5);
                format!("only {from} can be converted; make it with `create {name} with …`")
            } else {
                format!("it can be {}", one_of(possible.iter().copied(), 5))
            };
            self.report(diagnostic.help(help));
            return error_expr(span);
        }
        Expr { span, ty: Type::Text.list(), kind: ExprKind::Const(Value::list(targets)) }
    }

    /// The pipeline of the deal among the targets.
    pub(super) fn target_pipeline(&mut self, e: &ast::Expr, args: &Args) -> Expr {
        let is_deal = |value: &Value| *value == Value::text("deal");
        let to_deal = args.given.iter().any(|(name, targets)| {
            &**name == "targets"
                && matches!(&targets.kind, ExprKind::Const(Value::List(all)) if all.iter().any(is_deal))
        });
        match self.schema.entity_id("deal") {
            Some(deal) if to_deal => self.expect(e, &Type::Pipeline(deal)),
            _ => {
                let diagnostic = self
                    .error(Code::E0403, e.span, "only a new deal has a pipeline")
                    .label("no deal is made here")
                    .help("leave it out, or convert `to deal` before it");
                self.report(diagnostic);
                error_expr(e.span)
            }
        }
    }

    /// An employee; `next` or `least` stand for one that is chosen among others.
    pub(super) fn assignee(&mut self, e: &ast::Expr) -> Expr {
        let word = match (&e.kind, self.text_of(e.span)) {
            (Ast::Name, "next") => "next",
            (Ast::Name, "least") => "least busy",
            _ => {
                let who = self.expr(e, Some(&Type::User));
                if !matches!(who.ty.present(), Type::Department | Type::Role) {
                    return self.must_fit(who, &Type::User);
                }
                let (kind, text) = (self.type_name(who.ty.present()), self.text_of(e.span));
                let diagnostic = self
                    .error(Code::E0301, e.span, format!("expected user, found {kind}"))
                    .label("this is not one employee")
                    .help(format!("say whose turn it is: `next of {text}`, or `least busy of {text}`"))
                    .fix(format!("write `next of {text}`"), e.span, format!("next of {text}"));
                self.report(diagnostic);
                return error_expr(e.span);
            }
        };
        Expr { span: e.span, ty: Type::Text, kind: ExprKind::Const(Value::text(word)) }
    }
}
