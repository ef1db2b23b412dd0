//! Fields by name: what has which, and what is said of those that do not exist.

use super::context::{Checker, error_expr};
use super::index::Symbol;
use super::typed::{Expr, ExprKind};
use crate::diagnostics::{Code, Diagnostic, did_you_mean, one_of};
use crate::schema::{Entity, Field, Type};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Name;

impl<'a> Checker<'a> {
    /// `base.name`
    pub(super) fn field(&mut self, span: Span, base: &ast::Expr, name: Span, safe: bool) -> Expr {
        let field = self.text_of(name);
        if let Some(said) = self.said(span, base, field) {
            return said;
        }
        let base = self.expr(base, None);
        // An element of an empty list is never there to have a field.
        if matches!(base.ty.present(), Type::Error | Type::Never) {
            return error_expr(span);
        }
        if base.ty.is_optional() && !safe && !self.lenient {
            self.may_be_missing(&base);
            return error_expr(span);
        }
        let Some(found) = self.member_type(base.ty.present(), field) else {
            self.unknown_field(&base, name);
            return error_expr(span);
        };
        match base.ty.present() {
            Type::Entity(id) => self.note_field(name, *id, &found),
            _ => self.note(name, &found, || Symbol::Member(field.into())),
        }
        if let Some(lacking) = self.lacking(&base, field) {
            self.not_in_both(&base, name, lacking);
            return error_expr(span);
        }
        let ty = if base.ty.is_optional() { found.optional() } else { found };
        self.narrowed(Expr { span, ty, kind: ExprKind::Field(Box::new(base), field.into()) })
    }

    /// The type of a member of something with members.
    pub(super) fn member_type(&self, ty: &Type, field: &str) -> Option<Type> {
        match ty {
            Type::Entity(id) => self.entity(*id)?.field(field).map(Field::read_type),
            Type::Record(members) => members.iter().find(|(n, _)| &**n == field).map(|(_, ty)| ty.clone()),
            ty => fixed_members(ty).into_iter().find(|(n, _)| *n == field).map(|(_, ty)| ty),
        }
    }

    /// `client` is of one of two entities: the one that lacks the field.
    fn lacking(&self, base: &Expr, field: &str) -> Option<&'a Entity> {
        let ExprKind::Default(_, second) = &base.kind else { return None };
        let Type::Entity(id) = second.ty.present() else { return None };
        self.entity(*id).filter(|entity| entity.field(field).is_none())
    }

    fn not_in_both(&mut self, base: &Expr, name: Span, lacking: &Entity) {
        let (field, root) = (self.text_of(name), self.text_of(base.span));
        let first = self.type_name(base.ty.present());
        let diagnostic = self
            .error(Code::E0202, name, format!("not every `{root}` has a field `{field}`"))
            .label(format!("a {} has none", lacking.name))
            .help(format!("read it from one of them, as in `{first}.{field}`"));
        self.report(diagnostic);
    }

    fn unknown_field(&mut self, base: &Expr, name: Span) {
        let diagnostic = match base.ty.present() {
            Type::Entity(id) => match self.entity(*id) {
                Some(entity) => self.no_field(entity, name, false),
                None => return,
            },
            ty => self.no_member(base, ty, name),
        };
        self.report(diagnostic);
    }

    /// A field of something that is no record.
    fn no_member(&self, base: &Expr, ty: &Type, name: Span) -> Diagnostic {
        let field = self.text_of(name);
        let names: Vec<Name> = match ty {
            Type::Record(members) => members.iter().map(|(n, _)| n.clone()).collect(),
            ty => fixed_members(ty).into_iter().map(|(n, _)| n.into()).collect(),
        };
        let what = match ty {
            Type::Record(_) => format!("`{}`", self.text_of(base.span)),
            ty => format!("a value of type `{}`", self.type_name(ty)),
        };
        let diagnostic = self.error(Code::E0202, name, format!("{what} has no field `{field}`"));
        let known = one_of(names.iter().map(|n| &**n), 12);
        let help = match (names.is_empty(), ty) {
            (true, Type::Record(_)) => "nothing is known of this event but that it happened".to_owned(),
            (true, _) => "only records, people and chats have fields; leave it out".to_owned(),
            (false, _) => format!("its fields are {known}"),
        };
        meant(diagnostic, name, did_you_mean(field, names.iter().map(|n| &**n)), "unknown field").help(help)
    }

    /// What is said of a field that the entity does not have; `set` when it is to get a value.
    pub(super) fn no_field(&self, entity: &Entity, name: Span, set: bool) -> Diagnostic {
        let word = self.text_of(name);
        let fields = || entity.fields.iter().filter(|f| !(set && f.read_only));
        let near = did_you_mean(word, fields().map(|f| &*f.name));
        // People know a field by its label, so a script often has that.
        let exact = fields().find(|f| f.all_labels().any(|label| fold(label) == fold(word))).map(|f| &*f.name);
        let by_label = || {
            let near = did_you_mean(word, fields().flat_map(Field::all_labels));
            fields().find(|f| f.all_labels().any(|label| Some(label) == near)).map(|f| &*f.name)
        };
        let diagnostic = self.error(Code::E0202, name, format!("a {} has no field `{word}`", entity.name));
        let diagnostic = match exact {
            Some(found) if fold(found) != fold(word) => diagnostic
                .label(format!("this is what people see; scripts call it `{found}`"))
                .fix(format!("write `{found}`"), name, found),
            _ => meant(diagnostic, name, near.or_else(by_label), "unknown field"),
        };
        diagnostic.help(format!("its fields are {}", one_of(fields().map(|f| &*f.name), 12)))
    }
}

/// Puts "did you mean" and its fix on a diagnostic, or the other label if nothing is near.
pub(super) fn meant(diagnostic: Diagnostic, span: Span, near: Option<&str>, otherwise: &str) -> Diagnostic {
    match near {
        Some(near) => diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => diagnostic.label(otherwise),
    }
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The members of people and chats.
pub(crate) fn fixed_members(ty: &Type) -> Vec<(&'static str, Type)> {
    match ty {
        Type::User => vec![
            ("name", Type::Text),
            ("manager", Type::User),
            ("department", Type::Department),
            ("email", Type::Email.optional()),
            ("phone", Type::Phone.optional()),
        ],
        Type::Department => vec![("name", Type::Text), ("head", Type::User), ("members", Type::User.list())],
        Type::Role | Type::Chat => vec![("name", Type::Text), ("members", Type::User.list())],
        Type::Run => vec![("state", Type::Text)],
        _ => Vec::new(),
    }
}
