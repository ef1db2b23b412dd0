//! What people do by hand: records that are there already, and actions done without a run.

use super::Engine;
use super::activation::Activation;
use super::crm::{Call, EffectError, Taken};
use super::event::Event;
use super::store::{RunId, Store, Stored};
use super::trace::Trace;
use crate::value::{Moment, Name, Value};
use crate::vm::Request;

impl Engine {
    /// Applies an event that no rule notices, as if it had been before all rules. Dates of the record come up all the same.
    ///
    /// # Errors
    /// The store failed.
    pub fn put(&mut self, store: &mut dyn Store, event: &Event) -> Stored<()> {
        if !self.adopted {
            self.adopt(store)?;
        }
        let mut silent = |_| ();
        let mut activation = Activation::begin(self, store, &mut silent, event.at);
        let (crm, schema, now) = (activation.engine.crm.clone(), activation.schema.clone(), activation.now);
        if let Taken::Changed(came) = crm.take(activation.store, &schema, now, event)? {
            came.changes.iter().try_for_each(|change| activation.plan_dates(change, 0))?;
        }
        Ok(())
    }

    /// Does an action as a person, with all that follows from it; gives its result.
    ///
    /// # Errors
    /// The action is impossible (nothing was done then), or the store failed.
    pub fn perform(
        &mut self,
        store: &mut dyn Store,
        request: &Request,
        by: Option<&Name>,
        trace: &mut dyn FnMut(Trace),
    ) -> Result<Value, EffectError> {
        if !self.adopted {
            self.adopt(store)?;
        }
        let mut activation = Activation::begin(self, store, trace, Moment(i64::MIN));
        let (crm, schema, now) = (activation.engine.crm.clone(), activation.schema.clone(), activation.now);
        let call = Call { schema: &schema, now, run: RunId(0), record: None, request };
        let done = crm.perform(activation.store, call)?;
        activation.by_hand(done.changes, done.raised, done.by.as_ref().or(by));
        activation.drain()?;
        Ok(done.value)
    }
}
