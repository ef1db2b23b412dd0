//! Actions: their one shape, resolved by the catalogue.

use super::context::{Checker, error_expr};
use super::expr::fits;
use super::typed::{Act, Expr, ExprKind};
use crate::catalog::{self, Action, ActionOp, ActionResult, Param, ParamType, Prep, Slot, With};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{EntityId, Type};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast};
use crate::value::{Name, Ref, Value};

/// The arguments found so far.
pub(super) struct Args {
    pub(super) given: Vec<(Name, Expr)>,
    /// The entity that `entity` or `record` stands for.
    pub(super) entity: Option<EntityId>,
    pub(super) broken: bool,
}

impl Checker<'_> {
    /// Checks an action; gives it with the type of its result.
    pub(super) fn action(&mut self, action: &ast::Action) -> Option<(Act, Option<Type>)> {
        let verb = self.text_of(action.verb);
        let Some(spec) = self.choose(action, verb) else {
            self.unsupported(action.verb, &format!("the action `{verb}`"));
            return None;
        };
        if let Some(kind) = action.head.first().filter(|e| self.comes_later(spec, e)) {
            self.unsupported(kind.span, &format!("`{verb} {}`", self.text_of(kind.span)));
            return None;
        }
        let mut args = Args { given: Vec::new(), entity: None, broken: false };
        let reported = self.out.len();
        self.head(action, spec, &mut args);
        for prep in &action.preps {
            self.preposition(prep, spec, &mut args);
        }
        self.with(action, spec, &mut args);
        if self.out.len() == reported {
            self.complete(action, spec, &mut args);
        }
        if spec.op == ActionOp::CreateChat && !args.broken {
            self.enough_members(&mut args);
        }
        let result = match spec.result {
            ActionResult::None => None,
            ActionResult::Chat => Some(Type::Chat),
            ActionResult::NewRecord => args.entity.map(Type::Entity),
        };
        (!args.broken).then_some((Act { action: spec, args: args.given }, result))
    }

    /// Whether the action is about a kind of record that the language has and this version has not.
    fn comes_later(&self, spec: &Action, e: &ast::Expr) -> bool {
        let name = self.text_of(e.span);
        let takes_entity = matches!(spec.head.first(), Some(Slot::Arg(p)) if p.ty == ParamType::Entity);
        takes_entity
            && e.kind == Ast::Name
            && catalog::LATER_KINDS.contains(&name)
            && self.schema.entity_id(name).is_none()
    }

    /// The action of this verb whose own words are there; else one without words.
    pub(super) fn choose(&self, action: &ast::Action, verb: &str) -> Option<&'static Action> {
        let first_word = |spec: &Action| match spec.head.first() {
            Some(Slot::Word(word)) => Some(*word),
            Some(Slot::Arg(_)) | None => None,
        };
        let written = action.head.first().and_then(|e| self.word_of(e));
        let by_word = catalog::actions_of(verb).find(|a| first_word(a).is_some() && first_word(a) == written);
        by_word.or_else(|| catalog::actions_of(verb).find(|a| first_word(a).is_none()))
    }

    /// The word that an atom is or begins with: `chat`, or the noun of `chat "Legal"`.
    pub(super) fn word_of(&self, e: &ast::Expr) -> Option<&str> {
        match &e.kind {
            Ast::Name => Some(self.text_of(e.span)),
            Ast::Noun { noun, .. } => Some(self.text_of(*noun)),
            _ => None,
        }
    }

    fn head(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        let mut atoms = action.head.iter().peekable();
        let mut wanted = spec.head.iter().filter(|slot| matches!(slot, Slot::Arg(p) if p.required)).count();
        for slot in spec.head {
            match slot {
                Slot::Word(word) => {
                    // A noun with its name is one atom: the name is left for the next slot.
                    if atoms.peek().is_some_and(|e| matches!(e.kind, Ast::Name) && self.text_of(e.span) == *word) {
                        atoms.next();
                    }
                }
                Slot::Arg(param) => {
                    let left = atoms.len();
                    let Some(atom) = atoms.next() else { continue };
                    // `notify "hello"`: with a text in the place of people, it is the people who are missing.
                    let is_text = param.ty == ParamType::Text;
                    if left < wanted && !is_text && matches!(atom.kind, Ast::Text(_)) {
                        self.missing(action, spec, param, args);
                        return;
                    }
                    wanted -= usize::from(param.required);
                    let noun_is_word =
                        spec.head.iter().any(|s| matches!(s, Slot::Word(w) if self.word_of(atom) == Some(*w)));
                    self.argument(param, atom, noun_is_word, args);
                }
            }
        }
        if let Some(extra) = atoms.next() {
            self.extra(extra.span, action, spec, args);
        }
    }

    /// Reports a value that the action has no place for; often only the preposition before it was forgotten.
    pub(super) fn extra(&mut self, span: Span, action: &ast::Action, spec: &Action, args: &mut Args) {
        args.broken = true;
        let said = |prep: &Prep| action.preps.iter().any(|p| self.text_of(p.prep) == prep.prep);
        let forgotten = spec.preps.iter().find(|prep| prep.param.required && !said(prep));
        let diagnostic = match forgotten {
            Some(Prep { prep, param, .. }) => self
                .error(Code::E0404, span, format!("`{}` needs `{prep}` before this", spec.id))
                .label(param.doc)
                .help(usage(spec))
                .fix(format!("insert `{prep}`"), Span::at(span.start), format!("{prep} ")),
            None => self
                .error(Code::E0403, span, format!("`{}` does not take this", spec.id))
                .label("one too many")
                .help(usage(spec)),
        };
        self.report(diagnostic);
    }

    /// Reports a parameter that is not there.
    fn missing(&mut self, action: &ast::Action, spec: &Action, param: &Param, args: &mut Args) {
        args.broken = true;
        let diagnostic = self
            .error(Code::E0404, Self::start_of(action), format!("`{}` needs its {}", spec.id, param.name))
            .label(format!("missing: {}", param.doc))
            .help(usage(spec));
        self.report(diagnostic);
    }

    /// The verb with what directly belongs to it, without its texts, which may be long.
    pub(super) fn start_of(action: &ast::Action) -> Span {
        let words = action.head.iter().take_while(|e| !matches!(e.kind, Ast::Text(_)));
        words.last().map_or(action.verb, |last| action.verb.to(last.span))
    }

    pub(super) fn preposition(&mut self, arg: &ast::PrepArg, spec: &'static Action, args: &mut Args) {
        let word = self.text_of(arg.prep);
        let Some(prep) = spec.preps.iter().find(|p| p.prep == word) else {
            args.broken = true;
            let known = one_of(spec.preps.iter().map(|p| p.prep), 6);
            let diagnostic = self
                .error(Code::E0403, arg.prep, format!("`{}` does not go with `{word}`", spec.id))
                .label("unknown here")
                .help(if known.is_empty() { usage(spec) } else { format!("it takes {known}: {}", usage(spec)) });
            self.report(diagnostic);
            return;
        };
        let mut atoms = arg.atoms.iter();
        let mut values = arg.values.iter();
        let mut value = values.next();
        for wanted in prep.words {
            if value.is_some_and(|e| e.kind == Ast::Name && self.text_of(e.span) == *wanted) {
                value = atoms.next();
            }
        }
        if let Some(value) = value {
            self.argument(&prep.param, value, false, args);
        }
        for param in prep.then {
            if let Some(atom) = atoms.next() {
                self.argument(param, atom, false, args);
            }
        }
        if let Some(extra) = values.next().or_else(|| atoms.next()) {
            let more = self.more_values(prep, extra);
            args.broken = true;
            self.report(more);
        }
    }

    fn more_values(&self, prep: &Prep, extra: &ast::Expr) -> crate::diagnostics::Diagnostic {
        let help = if prep.param.ty == ParamType::People {
            format!("several people are a list: `{} [a, b]`", prep.prep)
        } else {
            format!("`{}` takes one value: {}", prep.prep, prep.param.doc)
        };
        self.error(Code::E0403, extra.span, format!("this does not belong after `{}`", prep.prep))
            .label("one too many")
            .help(help)
    }

    fn with(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        match spec.with {
            With::Fields => {
                if let Some(id) = args.entity {
                    let fields = action.with.iter().map(|named| (named.name, &named.value));
                    self.fields(id, fields, args);
                    self.stage_fits(id, args);
                    if spec.op == ActionOp::Create {
                        self.required_fields(action, id, args);
                    }
                }
            }
            With::Params(params) => {
                for named in &action.with {
                    let name = self.text_of(named.name);
                    match params.iter().find(|p| p.name == name) {
                        Some(param) => self.argument(param, &named.value, false, args),
                        None => self.unknown_parameter(named.name, spec, params, args),
                    }
                }
            }
        }
    }

    fn unknown_parameter(&mut self, span: Span, spec: &Action, params: &'static [Param], args: &mut Args) {
        args.broken = true;
        let name = self.text_of(span);
        let names = || params.iter().map(|p| p.name);
        let diagnostic = self.error(Code::E0405, span, format!("`{}` has no parameter `{name}`", spec.id));
        let diagnostic = match did_you_mean(name, names()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown parameter"),
        };
        let known = one_of(names(), 10);
        let help = if known.is_empty() { usage(spec) } else { format!("after `with` it takes {known}") };
        self.report(diagnostic.help(help));
    }

    /// Reports the first parameter that is missing.
    fn complete(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        let given = |name: &str| args.given.iter().any(|(n, _)| &**n == name);
        if let Some(missing) = spec.params().find(|p| p.required && !given(p.name)) {
            self.missing(action, spec, missing, args);
        }
    }

    pub(super) fn argument(&mut self, param: &'static Param, e: &ast::Expr, noun_is_word: bool, args: &mut Args) {
        let value = match (&e.kind, param.ty) {
            // `create chat "Name"`: the noun was the action's word, so only the text is the argument.
            (Ast::Noun { text, .. }, ParamType::Text) if noun_is_word => self.text(text, None),
            _ => self.param(param, e, args),
        };
        if value.ty == Type::Error {
            args.broken = true;
        }
        if args.given.iter().any(|(name, _)| **name == *param.name) {
            args.broken = true;
            let diagnostic = self
                .error(Code::E0405, e.span, format!("the {} is given twice", param.name))
                .label("a second time")
                .help("remove one of them");
            self.report(diagnostic);
            return;
        }
        args.given.push((param.name.into(), value));
    }

    fn param(&mut self, param: &Param, e: &ast::Expr, args: &mut Args) -> Expr {
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

/// How the action is written.
fn usage(spec: &Action) -> String {
    let example = spec.examples.first().map_or("", |e| e.source);
    format!("for example: {example}")
}
