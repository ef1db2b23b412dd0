//! `expect …`: actions of which only some parts are given, states of runs, and conditions.

use super::{Deed, Expected, How, RunState};
use crate::catalog::{Action, Param, ParamType, Slot, With};
use crate::check::action::Args;
use crate::check::context::Checker;
use crate::check::typed::ExprKind;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, Expect, ExpectHow, ExprKind as Ast};
use crate::value::Name;

/// What has no more parts than its word.
const NOTHING: &str = "nothing";

impl Checker<'_> {
    pub(super) fn expected(&mut self, expect: &Expect) -> Option<Expected> {
        match expect {
            Expect::Action { how, action, contains } => {
                let how = match how {
                    ExpectHow::Some => How::Some,
                    ExpectHow::None => How::None,
                    ExpectHow::Then => How::Then,
                    ExpectHow::Times(n) => How::Times(self.text_of(*n).replace('_', "").parse().unwrap_or(u32::MAX)),
                };
                self.pattern(how, action, contains.as_ref())
            }
            Expect::State { what, until } => self.state(what, until.as_ref()),
        }
    }

    /// `finished`, `waiting in "Rule" until 2026-03-05`, `nothing`, or a condition.
    fn state(&mut self, what: &ast::Expr, until: Option<&ast::Expr>) -> Option<Expected> {
        let (word, rule) = match &what.kind {
            Ast::Binary(BinaryOp::In, sides) if sides.first().is_some_and(|e| e.kind == Ast::Name) => {
                let [word, rule] = &**sides;
                (word, Some(rule))
            }
            _ => (what, None),
        };
        let text = if word.kind == Ast::Name { self.text_of(word.span) } else { "" };
        let state = RunState::ALL.iter().copied().find(|state| state.word() == text);
        if let Some(state) = state {
            let rule = match rule {
                Some(rule) => Some(self.rule_name(rule)?),
                None => None,
            };
            let until = until.map(|at| {
                if state != RunState::Waiting {
                    self.no_until(at.span, text);
                }
                self.expect(at, &Type::DateTime)
            });
            return Some(Expected::Runs { state, rule, until });
        }
        if let Some(at) = until {
            self.no_until(at.span, self.text_of(what.span));
        }
        if text == NOTHING && rule.is_none() {
            return Some(Expected::Nothing);
        }
        if word.kind == Ast::Name && (rule.is_none() || self.schema.entity_id(text).is_none()) && !self.is_root(text) {
            self.unknown_state(word.span, text);
            return None;
        }
        let condition = self.condition(what);
        let sides = match &condition.kind {
            ExprKind::Binary(_, left, right) => Some(((**left).clone(), (**right).clone())),
            _ => None,
        };
        Some(Expected::Holds { condition, sides })
    }

    fn is_root(&self, name: &str) -> bool {
        matches!(name, "now" | "today") || self.names_root(name)
    }

    fn unknown_state(&mut self, span: Span, text: &str) {
        let words = || RunState::ALL.iter().map(|state| state.word()).chain([NOTHING]);
        let diagnostic = self.error(Code::E0801, span, format!("nobody can expect `{text}`"));
        let diagnostic = match did_you_mean(text, words()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("neither an action, nor a state of a run, nor a condition"),
        };
        self.report(diagnostic.help(format!(
            "expect an action such as `notify $d.owner`, a condition such as `$d.stage == \"Won\"`, or one of {}",
            one_of(words(), 8)
        )));
    }

    fn no_until(&mut self, span: Span, text: &str) {
        let diagnostic = self
            .error(Code::E0801, span, "only a run that waits does so until a moment")
            .label(format!("means nothing after `{text}`"))
            .help("write `expect waiting until 2026-03-05T09:00`");
        self.report(diagnostic);
    }

    fn rule_name(&mut self, rule: &ast::Expr) -> Option<Name> {
        let written = match &rule.kind {
            Ast::Text(text) => self.constant_text(text),
            _ => None,
        };
        let Some(name) = written else {
            let diagnostic = self
                .error(Code::E0801, rule.span, "a rule is named by a text")
                .label("not a text that is written out")
                .help("write the rule's name in quotes, as in `expect finished in \"Large invoice to legal\"`");
            self.report(diagnostic);
            return None;
        };
        if !self.rules.iter().any(|known| **known == *name) {
            let diagnostic = self.error(Code::E0801, rule.span, format!("there is no rule named `{name}`"));
            let diagnostic = match did_you_mean(&name, self.rules.iter().map(|n| &**n)) {
                Some(near) => {
                    let with = format!("\"{near}\"");
                    diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{with}`"), rule.span, with)
                }
                None => diagnostic.label("unknown rule"),
            };
            let known = one_of(self.rules.iter().map(|n| &**n), 6);
            let help =
                if known.is_empty() { "no rule here has a name".to_owned() } else { format!("there are {known}") };
            self.report(diagnostic.help(help));
            return None;
        }
        Some(name.as_str().into())
    }

    /// An action of which only some parts are given.
    fn pattern(&mut self, how: How, action: &ast::Action, contains: Option<&ast::Expr>) -> Option<Expected> {
        let spec = self.choose(action)?;
        let mut args = Args { given: Vec::new(), entity: None, broken: false };
        self.pattern_head(action, spec, &mut args);
        for prep in &action.preps {
            self.preposition(prep, spec, &mut args);
        }
        match spec.with {
            With::Fields => match args.entity {
                Some(id) => self.fields(id, action.with.iter().map(|n| (n.name, &n.value)), &mut args),
                None => self.pattern_with(action, spec, &mut args),
            },
            With::Payload => self.webhook_payload(action, spec, &mut args),
            With::Params(_) => self.pattern_with(action, spec, &mut args),
        }
        let contains = match contains {
            Some(part) => {
                let open =
                    |p: &&Param| p.ty == ParamType::Text && !args.given.iter().any(|(name, _)| **name == *p.name);
                // The text itself rather than a headline or a tag.
                let text = spec.params().filter(open).find(|p| p.name == "text");
                let Some(param) = text.or_else(|| spec.params().find(open)) else {
                    self.no_text(part.span, spec);
                    return None;
                };
                Some((param.name.into(), self.expect(part, &Type::Text)))
            }
            None => None,
        };
        (!args.broken).then_some(Expected::Action { how, deed: Deed { action: spec, args: args.given }, contains })
    }

    fn no_text(&mut self, span: Span, spec: &Action) {
        let diagnostic = self
            .error(Code::E0801, span, format!("`{}` has no text left to look into", spec.id))
            .label("contained in what?")
            .help("leave the text itself out where `contains` says a part of it");
        self.report(diagnostic);
    }

    /// What follows the verb: values take the first place that can hold them, so that others can be left out.
    fn pattern_head(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        let mut slots = spec.head.iter().peekable();
        for atom in &action.head {
            let is_text = matches!(atom.kind, Ast::Text(_));
            let (mut placed, mut noun) = (false, false);
            while let Some(slot) = slots.next() {
                match slot {
                    Slot::Word(word) if atom.kind == Ast::Name && self.text_of(atom.span) == *word => {
                        placed = true;
                        break;
                    }
                    // `create chat "Name"`: the noun was the action's word.
                    Slot::Word(word) => noun = self.word_of(atom) == Some(*word),
                    Slot::Arg(param) => {
                        let later = slots.clone().any(|s| matches!(s, Slot::Arg(p) if p.ty == ParamType::Text));
                        if is_text && param.ty != ParamType::Text && later {
                            continue;
                        }
                        self.argument(param, atom, noun, args);
                        placed = true;
                        break;
                    }
                }
            }
            if !placed {
                self.extra(atom.span, action, spec, args);
                return;
            }
        }
    }

    /// Every parameter can be named.
    fn pattern_with(&mut self, action: &ast::Action, spec: &'static Action, args: &mut Args) {
        for named in &action.with {
            let name = self.text_of(named.name);
            if let Some(param) = spec.params().find(|param| param.name == name) {
                self.argument(param, &named.value, false, args);
                continue;
            }
            args.broken = true;
            let names = || spec.params().map(|param| param.name);
            let diagnostic = self.error(Code::E0405, named.name, format!("`{}` has no parameter `{name}`", spec.id));
            let diagnostic = match did_you_mean(name, names()) {
                Some(near) => {
                    let label = format!("did you mean `{near}`?");
                    diagnostic.label(label).fix(format!("write `{near}`"), named.name, near)
                }
                None => diagnostic.label("unknown parameter"),
            };
            self.report(diagnostic.help(format!("it has {}", one_of(names(), 10))));
        }
    }
}
