//! Waits for people: an effect asks them, and the wait looks at what became of the request.

use super::super::{ASK, CallShape, Op, Reg};
use super::code::Code;
use crate::check::typed::Ask;
use crate::source::Span;
use crate::value::Value;

/// What a request holds when it is answered: how, with which words, and by whom.
const OUTCOME: &str = "outcome";
const TEXT: &str = "text";
const BY: &str = "by";

impl Code<'_> {
    /// Asks; gives the register of the request.
    pub(super) fn ask(&mut self, span: Span, ask: &Ask) -> Reg {
        let request = self.temp();
        let base = self.top();
        let kind = self.temp();
        self.load(kind, &Value::text(if ask.approval { "approval" } else { "answer" }));
        let question = self.temp();
        self.into(&ask.question, question);
        let people = self.temp();
        let row = self.row(&ask.people);
        let n = u16::try_from(ask.people.len()).unwrap_or(u16::MAX);
        self.emit(Op::List { dst: people, base: row, n });
        self.release(people.saturating_add(1));
        let all = self.temp();
        self.load(all, &Value::Bool(ask.all));
        let params = ["kind", "question", "people", "all"].map(Into::into).to_vec();
        let call = self.shape(&CallShape { action: ASK.into(), params });
        self.at(span);
        self.emit(Op::Act { call, dst: request, base });
        self.release(base);
        request
    }

    /// Sleeps until the request is answered.
    pub(super) fn until_answered(&mut self, span: Span, request: Reg, dst: Reg) {
        let live = self.top();
        let (retry, done) = (self.label(), self.label());
        self.place(retry);
        self.emit(Op::Watch);
        let field = self.name(&OUTCOME.into());
        self.emit(Op::Read { dst, obj: request, field });
        let to = self.to(done);
        self.emit(Op::JumpSome { a: dst, to });
        self.at(span);
        self.suspend(dst, retry, live);
        self.place(done);
    }

    /// What was said beside the outcome.
    pub(super) fn said(&mut self, ask: &Ask, request: Reg) {
        for (id, name) in [(ask.text, TEXT), (ask.by, BY)] {
            if let Some(id) = id {
                let dst = self.register(id);
                let field = self.name(&name.into());
                self.emit(Op::Read { dst, obj: request, field });
            }
        }
    }
}
