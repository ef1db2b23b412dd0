//! Actions: their one shape, resolved by the catalogue.

use super::context::Checker;
use super::index::Symbol;
use super::typed::{Act, Expr};
use crate::catalog::{self, Action, ActionOp, Param, ParamType, Prep, Slot, With};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{EntityId, Type};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast};
use crate::value::Name;

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
        let spec = self.choose(action)?;
        self.note(action.verb, &Type::Error, || Symbol::Action(spec.id));
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
        if !args.broken {
            self.special(action, spec, &mut args);
        }
        let result = self.result(spec, &args);
        (!args.broken).then_some((Act { action: spec, args: args.given }, result))
    }

    /// The action of this verb whose own words are there; else one without words.
    pub(super) fn choose(&mut self, action: &ast::Action) -> Option<&'static Action> {
        let verb = self.text_of(action.verb);
        let written: Vec<&str> = action.head.iter().map_while(|e| self.word_of(e)).collect();
        let own = catalog::actions_of(verb).filter(|spec| {
            let words: Vec<&str> = words(spec).collect();
            !words.is_empty() && written.starts_with(&words)
        });
        let own = own.max_by_key(|spec| words(spec).count());
        let general = catalog::actions_of(verb).find(|spec| words(spec).next().is_none());
        let found = match (own, general) {
            (Some(own), Some(general)) if !self.is_own(action, own, general) => Some(general),
            (own, general) => own.or(general),
        };
        if found.is_none() {
            self.no_such_action(action, verb);
        }
        found
    }

    /// Whether the words of an action are meant, and not a record of that name: more follows than the general action takes.
    fn is_own(&self, action: &ast::Action, own: &Action, general: &Action) -> bool {
        let atoms = action.head.iter().map(|e| if matches!(e.kind, Ast::Noun { .. }) { 2 } else { 1 }).sum::<usize>();
        let said = |spec: &Action, arg: &ast::PrepArg| spec.preps.iter().any(|p| p.prep == self.text_of(arg.prep));
        let entity = words(own).next().is_some_and(|word| self.schema.entity_id(word).is_some());
        !entity || atoms > words(own).count() || action.preps.iter().any(|arg| said(own, arg) && !said(general, arg))
    }

    fn no_such_action(&mut self, action: &ast::Action, verb: &str) {
        let known: Vec<&str> = catalog::actions_of(verb).map(|spec| spec.id).collect();
        if known.is_empty() {
            let diagnostic = self
                .error(Code::E0403, action.verb, format!("`{verb}` is no action"))
                .label("nothing is done by it")
                .help(catalog::instead(verb).unwrap_or("`dealflow actions` lists what can be done"));
            self.report(diagnostic);
            return;
        }
        let at = action.head.first().map_or(action.verb, |e| e.span);
        let diagnostic = self
            .error(Code::E0403, at, format!("`{verb}` alone says too little"))
            .label("the word for what it does is missing")
            .help(format!("there are {}", one_of(known, 9)));
        self.report(diagnostic);
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
        let forgotten = spec.preps.iter().find(|prep| prep.param.is_some_and(|p| p.required) && !said(prep));
        let diagnostic = match forgotten {
            Some(Prep { prep, param: Some(param), .. }) => self
                .error(Code::E0404, span, format!("`{}` needs `{prep}` before this", spec.id))
                .label(param.doc)
                .help(usage(spec))
                .fix(format!("insert `{prep}`"), Span::at(span.start), format!("{prep} ")),
            _ => self
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
        let Some(prep) = self.prep_of(arg, spec, args) else {
            args.broken = true;
            let known = one_of(spec.preps.iter().map(|p| p.prep), 6);
            let diagnostic = self
                .error(Code::E0403, arg.prep, format!("`{}` does not go with `{word}`", spec.id))
                .label("unknown here")
                .help(if known.is_empty() { usage(spec) } else { format!("it takes {known}: {}", usage(spec)) });
            self.report(diagnostic);
            return;
        };
        let mut atoms = arg.atoms.iter().peekable();
        let mut values = arg.values.iter();
        let mut value = values.next();
        for wanted in prep.words {
            if value.is_some_and(|e| e.kind == Ast::Name && self.text_of(e.span) == *wanted) {
                value = atoms.next();
            } else if prep.param.is_none() {
                let at = value.map_or(arg.prep, |e| e.span);
                self.missing_word(at, spec, prep.prep, wanted, args);
                return;
            }
        }
        match (&prep.param, value) {
            (Some(param), Some(value)) if param.ty == ParamType::Targets => {
                let targets = self.targets(&arg.values, args);
                args.broken |= targets.ty == Type::Error;
                args.given.push((param.name.into(), targets));
                values = [].iter();
                let _ = value;
            }
            (Some(param), Some(value)) => {
                self.argument(param, value, false, args);
                let busy = |e: &&ast::Expr| e.kind == Ast::Name && self.text_of(e.span) == "busy";
                if param.ty == ParamType::Assignee
                    && self.text_of(value.span) == "least"
                    && atoms.peek().is_some_and(busy)
                {
                    atoms.next();
                }
            }
            (None, Some(value)) => values = std::slice::from_ref(value).iter(),
            (_, None) => {}
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

    /// The preposition that is meant: of two with the same word the one whose values are not there yet, or the one that
    /// takes a length of time if that is what stands behind it.
    fn prep_of(&self, arg: &ast::PrepArg, spec: &'static Action, args: &Args) -> Option<&'static Prep> {
        let word = self.text_of(arg.prep);
        let same = || spec.preps.iter().filter(|p| p.prep == word);
        let lasts = |p: &&'static Prep| p.param.is_some_and(|param| param.ty == ParamType::Duration);
        let free = |p: &&'static Prep| p.params().all(|param| args.given.iter().all(|(name, _)| **name != *param.name));
        let is_length = arg.values.first().is_some_and(|e| e.kind == Ast::Lit(ast::Lit::Duration));
        let by_type = same().find(|p| is_length && lasts(p));
        by_type.or_else(|| same().find(free)).or_else(|| same().next())
    }

    fn missing_word(&mut self, at: Span, spec: &Action, prep: &str, word: &str, args: &mut Args) {
        args.broken = true;
        let diagnostic = self
            .error(Code::E0403, at, format!("after `{prep}` stands `{word}`"))
            .label("another word")
            .help(usage(spec));
        self.report(diagnostic);
    }

    fn more_values(&self, prep: &Prep, extra: &ast::Expr) -> crate::diagnostics::Diagnostic {
        let help = match prep.param {
            Some(Param { ty: ParamType::People, .. }) => format!("several people are a list: `{} [a, b]`", prep.prep),
            Some(param) => format!("`{}` takes one value: {}", prep.prep, param.doc),
            None => format!("`{}` takes no value", [&[prep.prep], prep.words].concat().join(" ")),
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
            With::Payload => self.webhook_payload(action, spec, args),
            With::Params(params) => {
                for named in &action.with {
                    let name = self.text_of(named.name);
                    if let Some(param) = params.iter().find(|p| p.name == name) {
                        self.note(named.name, &Type::Error, || Symbol::Parameter(spec.id, param.name));
                        self.argument(param, &named.value, false, args);
                    } else {
                        let names: Vec<&str> = params.iter().map(|p| p.name).collect();
                        self.unknown_parameter(named.name, spec, &names, args);
                    }
                }
            }
        }
    }

    pub(super) fn unknown_parameter(&mut self, span: Span, spec: &Action, names: &[&str], args: &mut Args) {
        args.broken = true;
        let name = self.text_of(span);
        let names = || names.iter().copied();
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
}

/// The action's own words after the verb.
fn words(spec: &Action) -> impl Iterator<Item = &'static str> {
    spec.head.iter().map_while(|slot| match slot {
        Slot::Word(word) => Some(*word),
        Slot::Arg(_) => None,
    })
}

/// How the action is written.
pub(super) fn usage(spec: &Action) -> String {
    let example = spec.examples.first().map_or("", |e| e.source);
    format!("for example: {example}")
}
