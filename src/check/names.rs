//! Bare words, variables, nouns and fields: what they stand for.

use super::context::{Checker, Root, error_expr};
use super::facts::{ANYTHING, path_key};
use super::index::Symbol;
use super::typed::{Expr, ExprKind};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{Entity, EntityId, Thing, Type};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Name, Ref, Value};

impl Checker<'_> {
    /// A bare word: a member of the enumeration that is wanted, or a root.
    pub(super) fn bare_name(&mut self, span: Span, want: Option<&Type>) -> Expr {
        let name = self.text_of(span);
        if let Some(want) = want.filter(|ty| self.has_members(ty))
            && (self.find_member(want, name).is_some() || self.root_expr(name, span).is_none())
        {
            return self.member(span, name, want);
        }
        if let Some(expr) = self.root_expr(name, span) {
            self.note_root(span, &expr.ty);
            return expr;
        }
        if want == Some(&Type::Error) {
            // A mistake beside it took away what it may be a member of.
            return error_expr(span);
        }
        let roots = self.root_names();
        let diagnostic = self.error(Code::E0201, span, format!("there is no `{name}` here"));
        if let Root::Record(id) = self.root
            && let Some(entity) = self.entity(id).filter(|entity| entity.field(name).is_some())
        {
            let path = format!("{}.{name}", entity.name);
            let diagnostic = diagnostic.label(format!("did you mean `{path}`?"));
            let diagnostic = diagnostic.help("a field stands behind its record and a dot");
            self.report(diagnostic.fix(format!("write `{path}`"), span, path));
            return error_expr(span);
        }
        if let Some(thing) = self.thing_called(name) {
            let diagnostic =
                diagnostic.label("unknown name").help(format!("names of crm.toml stand in quotes: `{thing}`"));
            self.report(diagnostic.fix(format!("write `{thing}`"), span, thing));
            return error_expr(span);
        }
        let diagnostic = match did_you_mean(name, roots.iter().map(|n| &**n)) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None if name.chars().next().is_some_and(char::is_uppercase) => {
                diagnostic.label("nothing here tells which list this value belongs to")
            }
            None => diagnostic.label("unknown name"),
        };
        let names = one_of(roots.iter().map(|n| &**n), 9);
        let help = match self.root {
            Root::None => "only constants can be named here".to_owned(),
            Root::Flow => "a flow sees only what it is given: add a parameter such as `$deal: deal`".to_owned(),
            Root::Function => "a function sees only what it is given: add a parameter such as `$deal: deal`".to_owned(),
            Root::Test => "a test names records by variables: `given $d = deal with title: \"ACME\";`".to_owned(),
            Root::Record(_) | Root::Event => {
                format!("in scope are {names}; texts need quotes, variables begin with `$`")
            }
        };
        self.report(diagnostic.help(help));
        error_expr(span)
    }

    /// How something of the workspace is named that has this name, or whose name is written like this but for its quotes.
    fn thing_called(&self, name: &str) -> Option<String> {
        let schema = self.schema;
        let named = [
            ("user", schema.users.contains_key(name)),
            ("department", schema.departments.contains_key(name)),
            ("role", schema.roles.contains_key(name)),
            ("chat", schema.chats.contains_key(name)),
            ("template", schema.templates.contains_key(name)),
        ];
        if let Some((noun, _)) = named.iter().find(|(_, known)| *known) {
            return Some(format!("{noun} \"{name}\""));
        }
        let bare = schema.senders.contains_key(name)
            || schema.providers.contains_key(name)
            || schema.resources.contains_key(name)
            || schema.audiences.contains_key(name)
            || schema.webhooks.contains_key(name);
        bare.then(|| format!("\"{name}\""))
    }

    /// The names that can begin a path here.
    fn root_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = match self.root {
            Root::None | Root::Function | Root::Flow | Root::Test => return Vec::new(),
            Root::Record(id) => self.entity(id).map_or_else(Vec::new, |entity| {
                let linked = self.schema.entities.iter().filter(|other| self.link(entity, &other.name).is_some());
                std::iter::once(entity).chain(linked).map(|e| e.name.clone()).collect()
            }),
            Root::Event => self.attachable().map(|e| e.name.clone()).collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        if ["contact", "company"].iter().any(|client| names.iter().any(|name| **name == **client)) {
            names.push("client".into());
        }
        names.extend(["event", "now", "today"].map(Name::from));
        names
    }

    /// Whether a path can begin with this name here.
    pub(super) fn names_root(&self, name: &str) -> bool {
        self.root_expr(name, Span::default()).is_some()
    }

    /// What a root stands for, if it is in scope.
    fn root_expr(&self, name: &str, span: Span) -> Option<Expr> {
        let expr = |ty: Type, kind: ExprKind| Some(self.narrowed(Expr { span, ty, kind }));
        match (name, self.root) {
            ("now", _) => expr(Type::DateTime, ExprKind::Now),
            ("today", _) => expr(Type::Date, ExprKind::Today),
            (_, Root::None | Root::Function | Root::Flow | Root::Test) => None,
            ("event", _) => expr(self.event.clone(), ExprKind::Event),
            ("client", _) => match (self.root_expr("contact", span), self.root_expr("company", span)) {
                (Some(a), Some(_)) if !a.ty.is_optional() => Some(a),
                (Some(a), Some(b)) => expr(a.ty.clone(), ExprKind::Default(Box::new(a), Box::new(b))),
                (a, b) => a.or(b),
            },
            (_, Root::Record(id)) => {
                let entity = self.entity(id)?;
                let record = Expr { span, ty: Type::Entity(id), kind: ExprKind::Record };
                if &*entity.name == name { Some(record) } else { self.follow(record, entity, name) }
            }
            (_, Root::Event) => self.event_root(name, span),
        }
    }

    /// Under an event, a record it is attached to, or the one that such a record links to.
    fn event_root(&self, name: &str, span: Span) -> Option<Expr> {
        let wanted = self.schema.entity_id(name)?;
        let attached = |entity: &str, id: EntityId| Expr {
            span,
            ty: Type::Entity(id).optional(),
            kind: ExprKind::Field(
                Box::new(Expr { span, ty: self.event.clone(), kind: ExprKind::Event }),
                entity.into(),
            ),
        };
        let ty = Type::Entity(wanted).optional();
        let own = self.attachable().find(|e| &*e.name == name).map(|_| attached(name, wanted));
        let linked = self
            .attachable()
            .filter(|other| &*other.name != name)
            .filter_map(|other| self.follow(attached(&other.name, self.schema.entity_id(&other.name)?), other, name));
        let chain = own.into_iter().chain(linked).reduce(|first, second| Expr {
            span,
            ty: ty.clone(),
            kind: ExprKind::Default(Box::new(first), Box::new(second)),
        });
        chain.map(|chain| self.narrowed(chain))
    }

    /// The entities of the records that the event can be attached to.
    fn attachable(&self) -> impl Iterator<Item = &Entity> {
        let members: &[(Name, Type)] = match &self.event {
            Type::Record(members) => members,
            _ => &[],
        };
        let entity = |ty: &Type| match ty.present() {
            Type::Entity(id) => self.entity(*id),
            _ => None,
        };
        members.iter().filter_map(move |(_, ty)| entity(ty))
    }

    /// The field of `entity` that links to records of the entity called `name`.
    fn link(&self, entity: &Entity, name: &str) -> Option<Name> {
        let wanted = Type::Entity(self.schema.entity_id(name)?);
        let links = || entity.fields.iter().filter(|f| f.ty == wanted);
        links().find(|f| &*f.name == name).or_else(|| links().next()).map(|f| f.name.clone())
    }

    fn follow(&self, base: Expr, entity: &Entity, name: &str) -> Option<Expr> {
        let field = self.link(entity, name)?;
        let ty = entity.field(&field)?.ty.clone().optional();
        Some(self.narrowed(Expr { span: base.span, ty, kind: ExprKind::Field(Box::new(base), field) }))
    }

    /// The expression without `?` if it is known to be there.
    pub(super) fn narrowed(&self, mut expr: Expr) -> Expr {
        let anything = self.facts.iter().any(|fact| fact == ANYTHING);
        let known = |expr: &Expr| anything || path_key(expr).is_some_and(|key| self.facts.contains(&key));
        let either = matches!(&expr.kind, ExprKind::Default(a, b) if known(a) || known(b));
        if expr.ty.is_optional() && (self.in_test || either || known(&expr)) {
            expr.ty = expr.ty.present().clone();
        }
        expr
    }

    /// `$name`: a variable, a constant, or a binding of the workspace.
    pub(super) fn variable(&mut self, span: Span) -> Expr {
        let name = self.text_of(span);
        if let Some(id) = self.find_local(name) {
            self.note_use(id);
            let (ty, at) = self.local(id).map_or((Type::Error, span), |l| (l.ty.clone(), l.span));
            let file = self.file;
            self.note(span, &ty, || Symbol::Variable(file, at));
            return self.narrowed(Expr { span, ty, kind: ExprKind::Local(id) });
        }
        if let Some(constant) = self.consts.get(name).cloned() {
            self.note(span, &constant.ty, || Symbol::Constant(name.into()));
            return Expr { span, ..constant };
        }
        let bare = name.trim_start_matches('$');
        if let Some(binding) = self.schema.binding(name) {
            let ty = self.kind_type(&binding.target.kind);
            self.note(span, &ty, || Symbol::Binding(name.into()));
            // A template is known by its name alone, as a field of that type keeps it.
            let value = match &ty {
                Type::Template => Value::Text(binding.target.id.clone()),
                _ => Value::Ref(binding.target.clone()),
            };
            return Expr { span, ty, kind: ExprKind::Const(value) };
        }
        let locals = self.scopes.iter().flatten().filter_map(|&id| self.local(id)).map(|l| l.name.to_string());
        let known: Vec<String> = locals
            .chain(self.consts.keys().map(|k| (*k).to_owned()))
            .chain(self.schema.bindings.keys().map(ToString::to_string))
            .collect();
        let diagnostic = self.error(Code::E0206, span, format!("there is no variable `{name}`"));
        let diagnostic = match did_you_mean(name, known.iter().map(String::as_str)) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("not defined here"),
        };
        let help =
            format!("define it before with `let {name} = …;`, or give something in crm.toml the binding \"{bare}\"");
        self.report(diagnostic.help(help));
        error_expr(span)
    }

    fn kind_type(&self, kind: &str) -> Type {
        match kind {
            "user" => Type::User,
            "department" => Type::Department,
            "role" => Type::Role,
            "chat" => Type::Chat,
            "template" => Type::Template,
            _ => self.schema.entity_id(kind).map_or(Type::Error, Type::Entity),
        }
    }

    /// `user "anna"`, `department "Sales"`, `chat "Legal"`, …
    pub(super) fn noun(&mut self, span: Span, noun: Span, text: &ast::Text, want: Option<&Type>) -> Expr {
        let word = self.text_of(noun);
        if let Some(thing) = Thing::ALL.into_iter().find(|thing| thing.noun() == word) {
            return self.named_thing(thing, text);
        }
        let Some(name) = self.constant_text(text) else { return self.must_be_written_out(word, text.span) };
        if matches!(word, "stage" | "pipeline") {
            return match want.filter(|ty| self.has_members(ty)) {
                Some(want) => self.member(text.span, &name, want),
                None => self.text(text, want),
            };
        }
        let (ty, names): (Type, Vec<Name>) = match word {
            "user" => (Type::User, self.schema.users.keys().cloned().collect()),
            "department" => (Type::Department, self.schema.departments.keys().cloned().collect()),
            "role" => (Type::Role, self.schema.roles.keys().cloned().collect()),
            // The lexer knows no other nouns than these and those above.
            _ => (Type::Chat, self.schema.chats.keys().cloned().collect()),
        };
        let user = if word == "user" { self.schema.find_user(&name).ok() } else { None };
        if let Some(id) = user.or_else(|| names.iter().find(|n| ***n == *name).cloned()) {
            self.note(text.span, &ty, || Symbol::Thing(word.into(), id.clone()));
            let target = Ref { kind: word.into(), id };
            return Expr { span, ty, kind: ExprKind::Const(Value::Ref(target)) };
        }
        let full: Vec<&str> =
            self.schema.users.values().map(|user| user.name.as_str()).filter(|_| word == "user").collect();
        self.unknown_thing(word, text.span, &name, &names, &full);
        error_expr(span)
    }

    /// Reports that a value may be missing where it must not be.
    pub(super) fn may_be_missing(&mut self, expr: &Expr) {
        let whole = self.text_of(expr.span);
        // Of a sum it is one part that may be missing, and that is what can be tested.
        let text = self.text_of(missing_part(expr).span);
        let diagnostic = self
            .error(Code::E0308, expr.span, format!("`{whole}` may be missing"))
            .label("there may be no value here")
            .help(format!(
                "test it first with `if {text} is not empty {{ … }}`, go on without it by `?.`, or give a value with `{whole} default …`"
            ));
        let before = path_key(expr).and_then(|key| self.forgotten.iter().rev().find(|(fact, _)| *fact == key));
        let diagnostic = match before.map(|(_, at)| *at) {
            Some(at) if self.text_of(at).starts_with(['{', '<']) => {
                diagnostic.because(self.file, at, "it was there before, but time passes in this block")
            }
            Some(at) => diagnostic.because(self.file, at, "it was there before, but may be gone after this"),
            None => diagnostic,
        };
        self.report(diagnostic);
    }
}

/// The part of an expression for which all of it may be missing: the first such side of a sum.
fn missing_part(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Binary(_, left, right) if left.ty.is_optional() || right.ty.is_optional() => {
            missing_part(if left.ty.is_optional() { left } else { right })
        }
        ExprKind::Neg(inner) if inner.ty.is_optional() => missing_part(inner),
        _ => expr,
    }
}
