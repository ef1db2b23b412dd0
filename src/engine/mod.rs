//! Events in, effects out: rules, waits, timers, re-entry and lifetimes over a store.
//!
//! The engine is a pure state machine in virtual time. One *activation* serves one event or one timer: it changes the
//! CRM, wakes the runs and starts the rules that this concerns, steps each until it sleeps or ends, and then serves the
//! changes that their effects made, first in first out, until nothing is left. The caller commits after any number of
//! activations; what it has not committed never happened.
//!
//! What is absent: no clock (time comes with events and timers), no threads, no scan over sleeping runs. The order at one
//! instant is fixed: events in the order they come, then timers in the order they were set; within a happening first the
//! woken runs by number, then the rules in file order.
//!
//! To let a new kind of event set rules off: `rules` (which rules, when), `happening` (what `event` is for them).

mod act;
mod activation;
pub mod change;
pub mod cover;
mod crm;
mod dates;
pub mod deploy;
mod drive;
mod errands;
mod event;
mod flow;
mod happening;
pub mod history;
pub mod inspect;
pub mod limits;
pub mod look;
mod order;
pub mod outbox;
mod person;
mod read;
pub mod request;
mod rules;
mod schedule;
mod sleep;
mod start;
mod store;
mod trace;
mod unreplied;
mod watch;
pub mod why;

pub use change::Change;
pub use crm::{Call, Came, Crm, Done, EffectError, Overdue, Raised, Taken};
pub use deploy::{Deploy, Pinned, RuleChange, RuleDeploy};
pub use event::{Event, EventKind, Reply, ReplyKind};
pub use history::{Deed, EffectRow, Ending, HistoryRow, Mark, Order, Place, let_go};
pub use order::OrderError;
pub use outbox::{Attempt, Errand, ErrandKey, ErrandRow, Live, Outbox, Pauses};
pub use rules::{Rule, keys as rule_keys};
pub use store::*;
pub use trace::{Cancelled, Failure, NotMatched, Trace, TraceKind};
pub use watch::Role;

use crate::ir::{Digest, Program};
use crate::schema::Schema;
use crate::value::Moment;
use crate::vm::Scratch;
use activation::Activation;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A workspace's rules, ready to serve events over a store.
pub struct Engine {
    schema: Arc<Schema>,
    crm: Arc<dyn Crm + Send + Sync>,
    /// In file and rule order.
    programs: Vec<Arc<Program>>,
    index: rules::Index,
    /// The same with their numbers in the store; empty until adopted.
    rules: Vec<Arc<Rule>>,
    adopted: bool,
    /// Schedules that are still to be planned.
    unplanned: Vec<Arc<Rule>>,
    /// Whether runs are written down and read again after every instruction.
    reload: bool,
    /// What was executed, where somebody wants to know.
    seen: Option<cover::Seen>,
    /// Rules of sleeping runs that are not among `rules` any more, as they were.
    old: BTreeMap<(RuleNo, Digest), Arc<Rule>>,
    /// What may leave; nothing, if `None`.
    live: Option<Live>,
    /// Where clauses are evaluated.
    scratch: Scratch,
}

impl Engine {
    /// An engine for these rules, given in file and rule order.
    pub fn new(schema: Arc<Schema>, programs: Vec<Arc<Program>>, crm: Arc<dyn Crm + Send + Sync>) -> Self {
        let index = rules::Index::new(&programs);
        let (rules, unplanned, old) = (Vec::new(), Vec::new(), BTreeMap::new());
        let (adopted, reload, seen, live, scratch) = (false, false, None, None, Scratch::default());
        Self { schema, crm, programs, index, rules, adopted, unplanned, reload, seen, old, live, scratch }
    }

    /// From now on every run is written down and read again after every single instruction. Nothing else may change by
    /// this: it is how tests prove that a run can be taken up at any point.
    pub fn reload_at_every_step(&mut self) {
        self.reload = true;
    }

    /// From now on it is noted which instructions are executed.
    pub fn observe(&mut self) {
        self.seen.get_or_insert_default();
    }

    /// What was executed since then.
    pub fn take_seen(&mut self) -> Option<cover::Seen> {
        self.seen.take()
    }

    /// The workspace.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Serves one event with all that follows from it. An event that is older than the last one is served now.
    ///
    /// After an error the store must be rolled back and [`Engine::adopt`]ed again, or both be given up.
    pub fn deliver(
        &mut self,
        store: &mut dyn Store,
        event: &Event,
        trace: &mut dyn FnMut(Trace),
    ) -> Result<(), StoreError> {
        if !self.adopted {
            self.adopt(store)?;
        }
        Activation::begin(self, store, trace, event.at).event(event)?;
        tidy(store)
    }

    /// When the first timer is due.
    pub fn next_timer(&self, store: &dyn Store) -> Result<Option<Moment>, StoreError> {
        Ok(store.first_timer()?.map(|(key, _)| key.at))
    }

    /// Serves the first timer with all that follows from it; false if there is none.
    pub fn fire_next(&mut self, store: &mut dyn Store, trace: &mut dyn FnMut(Trace)) -> Result<bool, StoreError> {
        if !self.adopted {
            self.adopt(store)?;
        }
        let Some((key, due)) = store.first_timer()? else { return Ok(false) };
        store.remove_timer(key)?;
        Activation::begin(self, store, trace, key.at).timer(key, due)?;
        tidy(store)?;
        Ok(true)
    }

    /// How often what happened in this store, since it was made.
    pub fn summary<'s>(&self, store: &'s dyn Store) -> &'s Counters {
        &store.meta().counters
    }
}

/// Once a day, forgets what does not count any more; a little at a time when there is much of it.
fn tidy(store: &mut dyn Store) -> Stored<()> {
    let meta = store.meta();
    let (now, today) = (meta.now, day_of(meta.now));
    if meta.tidied >= today {
        return Ok(());
    }
    if !store.forget(now, today.saturating_sub(limits::SEEN_DAYS), limits::FORGOTTEN_AT_ONCE)? {
        store.meta_mut().tidied = today;
    }
    Ok(())
}

/// The number of a moment's day, from 1970, in UTC.
fn day_of(at: Moment) -> i64 {
    at.0.div_euclid(86_400_000)
}
