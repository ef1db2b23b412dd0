//! What single actions need beyond the shape of their parameters, and what they give back.

use super::action::{Args, usage};
use super::context::{Checker, Root};
use super::facts::path_key;
use super::typed::{Expr, ExprKind};
use crate::catalog::{Action, ActionOp, ActionResult};
use crate::diagnostics::{Code, one_of};
use crate::schema::{EntityId, Thing, Type};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Name, Value};
use std::sync::Arc;

/// What is known of the rule for the actions that are not allowed in every one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setting {
    /// Whether a record's removal sets the rule off.
    pub(super) deleted: bool,
    /// Whether the trigger or the `if` of the rule say which records are meant.
    pub(super) chosen: bool,
    /// Whether it is done once for each record.
    pub(super) once: bool,
    /// How many conditions stand around the statement.
    pub(super) conditions: u16,
}

impl Checker<'_> {
    pub(super) fn special(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        match spec.op {
            ActionOp::CreateChat => self.enough_members(args),
            ActionOp::Assign => self.chosen_of(action, spec, args),
            ActionOp::Convert => self.may_convert(action, args),
            ActionOp::ContactForLead => self.only_of(args, "lead", spec),
            ActionOp::RepeatLead => self.only_of(args, "deal", spec),
            ActionOp::Book => self.bookable(action, spec, args),
            ActionOp::Sms => self.provider(action, args),
            ActionOp::Document => self.placeholders(args),
            ActionOp::AddToAudience | ActionOp::RemoveFromAudience => self.network(args),
            ActionOp::NotifyChat
            | ActionOp::Notify
            | ActionOp::Message
            | ActionOp::Post
            | ActionOp::Comment
            | ActionOp::Create
            | ActionOp::Set
            | ActionOp::Move
            | ActionOp::Log
            | ActionOp::AddMembers
            | ActionOp::Get
            | ActionOp::Activity
            | ActionOp::Task
            | ActionOp::ScheduleCall
            | ActionOp::ScheduleMeeting
            | ActionOp::History
            | ActionOp::Email
            | ActionOp::Exclude
            | ActionOp::CancelBooking
            | ActionOp::Webhook => {}
        }
    }

    /// The type of what an action gives back.
    pub(super) fn result(&self, spec: &Action, args: &Args) -> Option<Type> {
        match spec.result {
            ActionResult::None => None,
            ActionResult::Chat => Some(Type::Chat),
            ActionResult::NewRecord => args.entity.map(Type::Entity),
            ActionResult::Record(name) => self.schema.entity_id(name).map(Type::Entity),
            ActionResult::Asked => args.entity.map(|id| self.asked(id, args)),
            ActionResult::Converted => {
                let member = |name: &Value| match name {
                    Value::Text(name) => self.schema.entity_id(name).map(|id| (name.clone(), Type::Entity(id))),
                    _ => None,
                };
                Some(Type::Record(Arc::new(texts(args, "targets").iter().filter_map(member).collect())))
            }
            ActionResult::Answer => {
                let answer = &self.schema.webhooks.get(&constant(args, "webhook")?)?.answer;
                let members = answer.iter().map(|(name, ty)| (name.clone(), ty.clone().optional()));
                (!answer.is_empty()).then(|| Type::Record(Arc::new(members.collect())))
            }
        }
    }

    /// A record, or with `fields` or `print` some values.
    fn asked(&self, id: EntityId, args: &Args) -> Type {
        let print = flag(args, "print");
        let named = texts(args, "fields");
        if named.is_empty() && !print {
            return Type::Entity(id);
        }
        let fields = self.entity(id).map_or(&[][..], |entity| &entity.fields);
        let wanted = |name: &Name| named.is_empty() || named.contains(&Value::Text(name.clone()));
        let fields = fields.iter().filter(|field| wanted(&field.name));
        let ty = |field: &crate::schema::Field| if print { Type::Text } else { field.read_type() };
        Type::Record(Arc::new(fields.map(|field| (field.name.clone(), ty(field))).collect()))
    }

    /// What goes to a webhook.
    pub(super) fn webhook_payload(&mut self, action: &ast::Action, spec: &Action, args: &mut Args) {
        let Some(webhook) = constant(args, "webhook").and_then(|name| self.schema.webhooks.get(&name)) else { return };
        for named in &action.with {
            let name = self.text_of(named.name);
            let Some((known, ty)) = webhook.payload.iter().find(|(known, _)| **known == *name) else {
                let names: Vec<&str> = webhook.payload.iter().map(|(known, _)| &**known).collect();
                self.unknown_parameter(named.name, spec, &names, args);
                continue;
            };
            let value = self.expect(&named.value, &ty.clone().optional());
            args.broken |= value.ty == Type::Error;
            if args.given.iter().any(|(given, _)| given == known) {
                args.broken = true;
                let diagnostic = self
                    .error(Code::E0405, named.name, format!("`{known}` is given twice"))
                    .label("a second time")
                    .help("remove one of them");
                self.report(diagnostic);
            }
            args.given.push((known.clone(), value));
        }
    }

    /// `next` and `least busy` need `of`, an employee does not.
    fn chosen_of(&mut self, action: &ast::Action, spec: &Action, args: &mut Args) {
        let Some(to) = given(args, "to").map(|to| (to.span, to.ty == Type::Text)) else { return };
        let of = given(args, "of").map(|of| of.span);
        let diagnostic = match (to, of) {
            ((span, true), None) => self
                .error(Code::E0404, span, "of whom?")
                .label("one of several is taken")
                .help(format!("write `of department \"…\"` behind it; {}", usage(spec))),
            ((_, false), Some(of)) => self
                .error(Code::E0403, of, "`of` goes with `next` and `least busy`")
                .label("one employee is named already")
                .because(self.file, action.verb.to(of), "here")
                .help("leave it out, or write `to next of …`"),
            ((_, true), Some(_)) | ((_, false), None) => return,
        };
        args.broken = true;
        self.report(diagnostic);
    }

    /// A conversion may stand only where it is done once for records that are chosen, and that are there.
    fn may_convert(&mut self, action: &ast::Action, args: &mut Args) {
        let setting = self.setting;
        let (message, label, help) = if matches!(self.root, Root::Function | Root::Flow | Root::None) {
            (
                "a conversion stands in a rule, not in a function",
                "nobody sees here for which records",
                "move it into the rule that decides which records are converted",
            )
        } else if setting.deleted {
            (
                "what was removed cannot be converted",
                "there is nothing left",
                "use another trigger, such as `on lead status \"Won\"`",
            )
        } else if !setting.chosen && setting.conditions == 0 {
            (
                "a conversion needs a condition",
                "every record would be converted",
                "say which records are meant: by a stage or status in the trigger, by `if …` behind it, or by an `if` around it",
            )
        } else if !setting.once {
            (
                "a conversion is done once",
                "again it would make the same records twice",
                "write `once per lead` (or `quote`, `order`) in the head of the rule",
            )
        } else {
            return;
        };
        args.broken = true;
        let diagnostic = self.error(Code::E0408, Self::start_of(action), message).label(label).help(help);
        self.report(diagnostic);
    }

    /// An action that knows one entity only.
    fn only_of(&mut self, args: &mut Args, entity: &str, spec: &Action) {
        let Some((span, ty)) = given(args, "record").map(|record| (record.span, record.ty.clone())) else { return };
        if matches!(ty.present(), Type::Entity(id) if Some(*id) == self.schema.entity_id(entity)) {
            return;
        }
        args.broken = true;
        let diagnostic = self
            .error(Code::E0301, span, format!("expected a {entity}, found {}", self.type_name(&ty)))
            .label(format!("not a {entity}"))
            .help(usage(spec));
        self.report(diagnostic);
    }

    /// A booking needs its field and its end.
    fn bookable(&mut self, action: &ast::Action, spec: &Action, args: &mut Args) {
        let length = given(args, "length").map(|e| e.span);
        match (length, given(args, "to").map(|e| e.span)) {
            (None, None) => {
                args.broken = true;
                let diagnostic = self
                    .error(Code::E0404, Self::start_of(action), "until when?")
                    .label("the end is missing")
                    .help("write `for 2h` or `to` a moment");
                self.report(diagnostic);
            }
            (Some(first), Some(second)) => {
                args.broken = true;
                let diagnostic = self
                    .error(Code::E0405, second, "the end is given twice")
                    .label("a second time")
                    .because(self.file, first, "its length is here")
                    .help("remove one of them");
                self.report(diagnostic);
            }
            (Some(_), None) | (None, Some(_)) => self.field_of_booking(action, spec, args),
        }
    }

    /// The field that is named must be the record's; without one the record must have just one.
    fn field_of_booking(&mut self, action: &ast::Action, spec: &Action, args: &mut Args) {
        let Some(record) = given(args, "record") else { return };
        let (record_key, record_span, record_ty) = (path_key(record), record.span, record.ty.clone());
        if let Some(field) = given(args, "field") {
            let span = field.span;
            let said = self.text_of(span);
            let base = said.rsplit_once('.').map_or("", |(base, _)| base);
            if record_key.is_some() && base != self.text_of(record_span) {
                args.broken = true;
                let diagnostic = self
                    .error(Code::E0407, span, "the field of another record")
                    .label(format!("a field of `{base}`"))
                    .because(self.file, record_span, "the record that it is booked for")
                    .help("name a field of the same record");
                self.report(diagnostic);
            }
            return;
        }
        let Type::Entity(id) = record_ty.present() else { return };
        let Some(entity) = self.entity(*id) else { return };
        let holds = |ty: &Type| match ty {
            Type::List(item) => self.is_booking(item),
            ty => self.is_booking(ty),
        };
        let fields: Vec<&Name> = entity.fields.iter().filter(|f| holds(&f.ty)).map(|f| &f.name).collect();
        if let [only] = fields.as_slice() {
            let kind = ExprKind::Const(Value::Text((*only).clone()));
            args.given.push(("field".into(), Expr { span: action.verb, ty: Type::Text, kind }));
            return;
        }
        args.broken = true;
        let at = Self::start_of(action);
        let diagnostic = match fields.first() {
            None => self
                .error(Code::E0407, at, format!("a {} has no booking field", entity.name))
                .label("nowhere to keep the booking")
                .help(format!("add one in crm.toml: `[entities.{}.fields]` and `visit = \"booking\"`", entity.name)),
            Some(first) => self
                .error(Code::E0407, at, format!("a {} has several booking fields", entity.name))
                .label("which one?")
                .help(format!("write `in {}.{first}`; {}", self.text_of(record_span), usage(spec))),
        };
        self.report(diagnostic);
    }

    /// An SMS goes by a provider of the workspace; the only one need not be named.
    fn provider(&mut self, action: &ast::Action, args: &mut Args) {
        if given(args, "provider").is_some() {
            return;
        }
        let known = self.schema.things(Thing::Provider);
        if let [only] = known.as_slice() {
            let kind = ExprKind::Const(Value::Text((*only).clone()));
            args.given.push(("provider".into(), Expr { span: action.verb, ty: Type::Text, kind }));
            return;
        }
        args.broken = true;
        let (label, help) = match known.as_slice() {
            [] => ("crm.toml declares none", "add `[providers.smsapi]` to crm.toml, with the name of yours".to_owned()),
            several => {
                ("which one?", format!("write `via \"…\"`; there are {}", one_of(several.iter().map(|n| &***n), 8)))
            }
        };
        let diagnostic =
            self.error(Code::E0404, Self::start_of(action), "an SMS needs its provider").label(label).help(help);
        self.report(diagnostic);
    }

    /// What a template shows must be there in the record.
    fn placeholders(&mut self, args: &mut Args) {
        let Some((span, Some(name))) = given(args, "template").map(|e| (e.span, constant(args, "template"))) else {
            return;
        };
        let Some(template) = self.schema.templates.get(&name) else { return };
        let Some((at, ty)) = given(args, "record").map(|record| (record.span, record.ty.clone())) else { return };
        for path in &template.placeholders {
            let reached = path.split('.').try_fold(ty.clone(), |ty, field| self.member_type(ty.present(), field));
            if reached.is_none() {
                args.broken = true;
                self.no_placeholder(span, at, &name, path, &ty);
            }
        }
    }

    fn no_placeholder(&mut self, span: Span, record: Span, template: &str, path: &str, ty: &Type) {
        let ty = self.type_name(ty);
        let mut diagnostic = self
            .error(Code::E0202, span, format!("template `{template}` shows `{path}`, which a {ty} does not have"))
            .label("not for this record")
            .because(self.file, record, format!("this is {ty}"));
        if let Some((file, place)) = self.schema.templates.get(template).and_then(|template| template.place) {
            diagnostic = diagnostic.because(file, place, "the template is declared here");
        }
        self.report(
            diagnostic
                .help("use another template or record, or correct the `placeholders` of the template in crm.toml"),
        );
    }

    /// An audience must be one of the network.
    fn network(&mut self, args: &mut Args) {
        let (Some(audience), Some(network)) = (constant(args, "audience"), constant(args, "network")) else { return };
        let Some(found) = self.schema.audiences.get(&audience) else { return };
        if found.networks.contains(&network) {
            return;
        }
        args.broken = true;
        let span = given(args, "network").map_or(Span::default(), |e| e.span);
        let known = one_of(found.networks.iter().map(|n| &**n), 4);
        let diagnostic = self
            .error(Code::E0205, span, format!("`{audience}` is no audience of {network}"))
            .label("another network")
            .help(format!("crm.toml has it for {known}"));
        self.report(diagnostic);
    }
}

fn given<'a>(args: &'a Args, name: &str) -> Option<&'a Expr> {
    args.given.iter().find(|(known, _)| &**known == name).map(|(_, e)| e)
}

/// An argument that is a text written out.
fn constant(args: &Args, name: &str) -> Option<Name> {
    match &given(args, name)?.kind {
        ExprKind::Const(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// The elements of an argument that is a list written out.
fn texts(args: &Args, name: &str) -> Vec<Value> {
    match given(args, name).map(|e| &e.kind) {
        Some(ExprKind::Const(Value::List(items))) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn flag(args: &Args, name: &str) -> bool {
    matches!(given(args, name).map(|e| &e.kind), Some(ExprKind::Const(Value::Bool(true))))
}
