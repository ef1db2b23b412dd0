//! `when approved by user "mona" with text: "fine";`: what people say to a run that asked them.

use super::{Reply, Said, StepKind};
use crate::check::context::Checker;
use crate::check::typed::Expr;
use crate::diagnostics::{Code, did_you_mean};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast, PrepArg, TriggerPart};

/// The first word, and how all of it is written.
const FORMS: [(&str, &str); 4] = [
    ("approved", "when approved by user \"mona\""),
    ("rejected", "when rejected by user \"mona\" with text: \"too much\""),
    ("answered", "when answered \"12%\" by user \"mona\""),
    ("delegated", "when delegated to user \"leo\" by user \"mona\""),
];

/// The name that `with` may give.
const TEXT: &str = "text";

/// Whether this is the first word of a reply.
pub(super) fn is_reply(word: &str) -> bool {
    FORMS.iter().any(|(name, _)| *name == word)
}

/// The parts of a reply that were found.
#[derive(Default)]
struct Parts {
    by: Option<Expr>,
    to: Option<Expr>,
    about: Option<Expr>,
    text: Option<Expr>,
}

impl Checker<'_> {
    /// What somebody says; `word` is the first one.
    pub(super) fn reply(&mut self, what: &ast::Trigger, word: &str, with: &[ast::Named]) -> Option<StepKind> {
        let form = FORMS.iter().find(|(name, _)| *name == word).map_or("", |(_, form)| form);
        let mut parts = Parts::default();
        let mut rest = what.parts.get(1..).unwrap_or(&[]);
        if let ("answered", [TriggerPart::Atom(e), tail @ ..]) = (word, rest) {
            parts.text = Some(self.expect(e, &Type::Text));
            rest = tail;
        }
        for part in rest {
            let TriggerPart::Prep(arg) = part else {
                return self.no_such_reply(what.span, form, "this is not understood here");
            };
            self.reply_part(arg, word, form, &mut parts)?;
        }
        for named in with {
            if self.text_of(named.name) != TEXT || word == "delegated" || parts.text.is_some() {
                self.no_such_value(named.name, word);
                return None;
            }
            parts.text = Some(self.expect(&named.value, &Type::Text));
        }
        let said = match word {
            "approved" => Said::Approved,
            "rejected" => Said::Rejected,
            "answered" if parts.text.is_none() => {
                return self.no_such_reply(what.span, form, "it is not said what the answer is");
            }
            "answered" => Said::Answered,
            _ => match parts.to {
                Some(to) => Said::Delegated(to),
                None => return self.no_such_reply(what.span, form, "it is not said who is to say it instead"),
            },
        };
        let Some(by) = parts.by else {
            return self.no_such_reply(what.span, form, "it is not said who says this");
        };
        Some(StepKind::Reply(Reply { said, by, about: parts.about, text: parts.text }))
    }

    /// `by user "mona"`, `about $d`, `to user "leo"`
    fn reply_part(&mut self, arg: &PrepArg, word: &str, form: &str, parts: &mut Parts) -> Option<()> {
        let ([value], []) = (arg.values.as_slice(), arg.atoms.as_slice()) else {
            return self.no_such_reply(arg.prep, form, "this is not understood here");
        };
        match self.text_of(arg.prep) {
            "about" if parts.about.is_none() => parts.about = Some(self.some_record(value)),
            "by" if parts.by.is_none() => parts.by = Some(self.expect(value, &Type::User)),
            "to" if word == "delegated" && parts.to.is_none() => parts.to = Some(self.expect(value, &Type::User)),
            _ => return self.no_such_reply(arg.prep, form, "this is not understood here"),
        }
        Some(())
    }

    fn no_such_reply<T>(&mut self, span: Span, form: &str, label: &str) -> Option<T> {
        let diagnostic = self
            .error(Code::E0403, span, "this does not say who says what")
            .label(label)
            .help(format!("write `{form}`; `about $deal` says which run is meant where several ask"));
        self.report(diagnostic);
        None
    }

    fn no_such_value(&mut self, span: Span, word: &str) {
        let name = self.text_of(span);
        let diagnostic = self.error(Code::E0405, span, format!("`{word}` brings no `{name}`"));
        let diagnostic =
            match did_you_mean(name, [TEXT].into_iter().filter(|_| matches!(word, "approved" | "rejected"))) {
                Some(near) => {
                    diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
                }
                None => diagnostic.label("unknown here"),
            };
        let help = match word {
            "answered" => "the answer stands after the word: `when answered \"12%\" by user \"mona\"`",
            "delegated" => "it brings nothing: leave `with` out",
            _ => "it brings `text`, the words of the person",
        };
        self.report(diagnostic.help(help));
    }
}

/// The first word of what happens, if it is one.
pub(super) fn first_word<'t>(what: &ast::Trigger, text: &'t str) -> &'t str {
    match what.parts.first() {
        Some(TriggerPart::Atom(e)) if e.kind == Ast::Name => e.span.of(text),
        _ => "",
    }
}
