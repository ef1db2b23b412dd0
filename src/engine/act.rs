//! Effects: done on the CRM, written in the journal, told, and queued as events of their own.

use super::activation::Activation;
use super::crm::{Call, EffectError};
use super::drive::Running;
use super::limits;
use super::store::{JournalRow, Stored};
use super::trace::TraceKind;
use crate::value::{Name, Value};
use crate::vm::{Input, Request};

impl Activation<'_> {
    /// Does what a run wants done, and gives it the answer.
    pub(super) fn act(&mut self, run: &Running, request: Request) -> Stored<Input> {
        if self.follow_ups >= limits::FOLLOW_UPS {
            let text = format!(
                "one event may lead to at most {} changes: rules change records in a circle",
                limits::FOLLOW_UPS
            );
            return self.refused(run, request, text);
        }
        let record = run.record.as_ref();
        let call = Call { schema: &self.schema, now: self.now, run: run.id, record, request: &request };
        let done = match self.engine.crm.perform(self.store, call) {
            Ok(done) => done,
            Err(EffectError::Refused(text)) => return self.refused(run, request, text),
            Err(EffectError::Store(error)) => return Err(error),
        };
        if let Some(change) = done.change {
            self.follow_up(change, done.by, run.depth + 1);
        }
        let Request { seq, action, args } = request;
        self.store.append_journal(&self.line(run, seq, &action, &args, Ok(done.value.clone())))?;
        *self.store.meta_mut().counters.effects.entry(action.clone()).or_default() += 1;
        let what = TraceKind::Effect { seq, action, args, result: done.value.clone() };
        self.tell(Some(run.rule.name()), record, Some(run.id), what);
        Ok(Input::Value(done.value))
    }

    fn refused(&mut self, run: &Running, request: Request, text: String) -> Stored<Input> {
        let Request { seq, action, args } = request;
        self.store.append_journal(&self.line(run, seq, &action, &args, Err(text.as_str().into())))?;
        Ok(Input::Failed(text))
    }

    fn line(
        &self,
        run: &Running,
        seq: u32,
        action: &Name,
        args: &[(Name, Value)],
        result: Result<Value, Name>,
    ) -> JournalRow {
        let (action, args) = (action.clone(), args.to_vec());
        JournalRow { run: run.id, seq, at: self.now, rule: run.rule.no, action, args, result }
    }
}
