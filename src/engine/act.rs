//! Effects: done on the CRM, noted in the run's history, told, and queued as events of their own.

use super::activation::Activation;
use super::crm::{Call, EffectError};
use super::drive::Running;
use super::limits;
use super::store::Stored;
use super::trace::TraceKind;
use crate::ir;
use crate::value::{Name, Value};
use crate::vm::{Input, Request};

/// What came of an effect.
pub(super) enum Acted {
    /// The machine goes on with this.
    Answered(Input),
    /// It was refused, for a reason that a person may be able to remove.
    Refused(Name),
    /// It is handed over to be done outside.
    HandedOver,
}

impl Activation<'_> {
    /// Does what a run wants done, and gives it the answer.
    pub(super) fn act(&mut self, run: &mut Running, request: Request) -> Stored<Acted> {
        if self.follow_ups >= limits::FOLLOW_UPS {
            let text = format!(
                "one event may lead to at most {} changes: rules change records in a circle",
                limits::FOLLOW_UPS
            );
            // Trying again would go round the same circle: this is a mistake of the rules.
            run.did(request, Err(text.as_str().into()));
            return Ok(Acted::Answered(Input::Failed(text)));
        }
        match &*request.action {
            ir::START => return self.start_flow(run, request),
            ir::ASK => return self.ask(run, request),
            _ => {}
        }
        let call =
            Call { schema: &self.schema, now: self.now, run: run.id, record: run.record.as_ref(), request: &request };
        let mut done = match self.engine.crm.perform(self.store, call) {
            Ok(done) => done,
            Err(EffectError::Refused(text)) => {
                return Ok(self.refused(run, request, text.into()));
            }
            Err(EffectError::Store(error)) => return Err(error),
        };
        let (changes, raised) = (std::mem::take(&mut done.changes), std::mem::take(&mut done.raised));
        self.follow_up(changes, raised, done.by.as_ref(), run.depth + 1);
        if !done.errands.is_empty() && self.hand_over(run, &request, &mut done)? {
            return Ok(Acted::HandedOver);
        }
        Ok(self.done(run, request, done.value))
    }

    /// Notes that an effect was done.
    pub(super) fn done(&mut self, run: &mut Running, request: Request, value: Value) -> Acted {
        *self.store.meta_mut().counters.effects.entry(request.action.clone()).or_default() += 1;
        let Request { seq, action, args } = request.clone();
        let what = TraceKind::Effect { seq, action, args, result: value.clone() };
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
        run.did(request, Ok(value.clone()));
        Acted::Answered(Input::Value(value))
    }

    /// Notes that an effect was refused.
    pub(super) fn refused(&mut self, run: &mut Running, request: Request, why: Name) -> Acted {
        let (seq, action) = (request.seq, request.action.clone());
        run.did(request, Err(why.clone()));
        let what = TraceKind::Refused { seq, action, why: why.clone() };
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
        Acted::Refused(why)
    }
}
