//! Lints: what can be run but is probably not meant. Each has a code `W…` and a name, by which comments and the command
//! line speak of it (`diagnostics::Code::lint_name`).
//!
//! Only rules without mistakes are looked at, so a lint never follows from an error.

pub(super) mod allow;
mod conditions;
pub(super) mod domain;
pub(super) mod flow;
mod frozen;
pub(super) mod known;
pub(super) mod personal;
mod variables;

use super::typed::Rule;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Schema;
use crate::source::{FileId, Span};

/// Takes what the lints of one file find.
pub(super) struct Sink<'a> {
    pub(super) schema: &'a Schema,
    pub(super) file: FileId,
    pub(super) text: &'a str,
    out: Vec<Diagnostic>,
}

impl<'a> Sink<'a> {
    fn text_of(&self, span: Span) -> &'a str {
        span.of(self.text)
    }

    fn lint(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.file, span, message)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }
}

/// A checked file, as the passes over whole files want it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit<'a> {
    /// Its number.
    pub(super) file: FileId,
    /// Its text.
    pub(super) text: &'a str,
    /// The rules of it without mistakes.
    pub(super) rules: &'a [Rule],
    /// Where the trigger of each of them is written.
    pub(super) triggers: &'a [Span],
}

/// Everything the lints find in a file, in no order.
pub(super) fn lint(unit: Unit<'_>, schema: &Schema) -> Vec<Diagnostic> {
    let mut sink = Sink { schema, file: unit.file, text: unit.text, out: Vec::new() };
    for (rule, trigger) in unit.rules.iter().zip(unit.triggers) {
        variables::look(&mut sink, rule);
        frozen::look(&mut sink, rule);
        personal::look(&mut sink, rule);
        flow::walk(schema, rule, *trigger, &mut conditions::Conditions { sink: &mut sink, rule });
    }
    sink.out
}
