//! What people order: a run is cancelled, paused, resumed, and an effect that was refused is tried again or skipped.
//!
//! A paused or parked run is deaf: it notices no event and no timer, only its `while` clause still ends it. When it goes
//! on it looks at once at what it waits for; an event that came meanwhile is lost, a limit that passed is a timeout.

use super::activation::{Activation, Queued};
use super::history::{Cause, Ending, HistoryRow, Order};
use super::sleep::single;
use super::store::{Held, RunId, RunRow, Store, StoreError, Stored};
use super::trace::{Cancelled, Trace, TraceKind};
use super::{Engine, drive::Running};
use crate::value::{Moment, Value};
use crate::vm::Input;
use std::fmt;

/// Why an order cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// No such run is there now.
    NoRun(RunId),
    /// The run is in a state in which the order means nothing.
    Unfit {
        /// The run.
        run: RunId,
        /// Its state, in words.
        state: &'static str,
        /// What can be ordered instead.
        instead: &'static str,
    },
    /// The run still cannot be read, for this reason.
    Stuck(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for OrderError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRun(run) => write!(f, "run {run} is not there: it is over, or never was"),
            Self::Unfit { run, state, instead } => write!(f, "run {run} {state}: {instead}"),
            Self::Stuck(why) => write!(f, "the run still cannot be read: {why}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OrderError {}

impl Engine {
    /// Carries out an order at the store's own time, with all that follows from it.
    ///
    /// The engine must know the workspace's rules where the run may act; to pause or cancel, one without rules will do.
    ///
    /// # Errors
    /// See [`OrderError`]; nothing was changed then, but for [`OrderError::Store`], after which the store must be rolled
    /// back.
    pub fn order(
        &mut self,
        store: &mut dyn Store,
        id: RunId,
        order: Order,
        trace: &mut dyn FnMut(Trace),
    ) -> Result<(), OrderError> {
        let row = store.run(id)?.ok_or(OrderError::NoRun(id))?;
        if let Some((state, instead)) = unfit(order, row.held.as_ref()) {
            return Err(OrderError::Unfit { run: id, state, instead });
        }
        if !self.adopted && !self.programs.is_empty() {
            self.adopt(store)?;
        }
        let mut activation = Activation::begin(self, store, trace, Moment(i64::MIN));
        activation.carry_out(id, row, order)?;
        Ok(activation.drain()?)
    }
}

/// Why an order means nothing to a run in this state, and what can be ordered instead.
fn unfit(order: Order, held: Option<&Held>) -> Option<(&'static str, &'static str)> {
    match (order, held) {
        (Order::Cancel, _)
        | (Order::Pause, None)
        | (Order::Resume, Some(Held::Paused))
        | (Order::Retry, Some(Held::Parked(_) | Held::Stuck(_)))
        | (Order::Skip, Some(Held::Parked(_))) => None,
        (Order::Pause | Order::Retry | Order::Skip, Some(Held::Paused)) => {
            Some(("is paused", "it can be resumed or cancelled"))
        }
        (Order::Pause | Order::Resume, Some(Held::Parked(_))) => {
            Some(("is parked, because an effect was refused", "retry it, skip the effect, or cancel the run"))
        }
        (Order::Pause | Order::Resume | Order::Skip, Some(Held::Stuck(_))) => {
            Some(("is stuck, because it cannot be read", "retry it with a version that can, or cancel it"))
        }
        (Order::Resume | Order::Retry | Order::Skip, None) => {
            Some(("sleeps, and nothing holds it", "it can be paused or cancelled"))
        }
    }
}

impl Activation<'_> {
    fn carry_out(&mut self, id: RunId, row: RunRow, order: Order) -> Result<(), OrderError> {
        let why = match &row.held {
            Some(Held::Stuck(why)) => Some(why.to_string()),
            None | Some(Held::Paused | Held::Parked(_)) => None,
        };
        let Some(mut run) = self.take_up(id, row, 0, Cause::Ordered(order))? else {
            if order == Order::Cancel {
                return Ok(self.remove_stuck(id)?);
            }
            return Err(OrderError::Stuck(why.unwrap_or_else(|| "see `dealflow runs show`".to_owned())));
        };
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(id), TraceKind::Ordered { order });
        match order {
            Order::Cancel => self.cancelled(&mut run, Cancelled::Order),
            Order::Pause => self.sleep(run, Some(Held::Paused)),
            Order::Resume => self.go_on(run, Input::Wake),
            Order::Retry if why.is_some() => self.go_on(run, Input::Wake),
            Order::Retry => {
                // What was missing may be there now.
                run.machine.ask_anew(&run.rule.program);
                self.go_on(run, Input::Go)
            }
            Order::Skip => self.go_on(run, Input::Value(Value::Missing)),
        }?;
        Ok(())
    }

    /// Lets a run go on that was held, if its `while` clause still holds.
    fn go_on(&mut self, mut run: Running, input: Input) -> Stored<()> {
        if self.ends_by_lifetime(&mut run)? {
            return Ok(());
        }
        let id = run.id;
        self.drive(run, input)?;
        self.catch_up(id)
    }

    /// Removes a run that cannot be read.
    fn remove_stuck(&mut self, id: RunId) -> Stored<()> {
        let Some(row) = self.store.run(id)? else { return Ok(()) };
        self.store.remove_watches(id)?;
        if let Some(timer) = row.timer {
            self.store.remove_timer(timer)?;
        }
        let of = single(row.record.as_ref());
        if self.store.active(row.rule, &of)? == Some(id) {
            self.store.set_active(row.rule, &of, None)?;
        }
        self.store.remove_run(id)?;
        self.cancel_children_of(id)?;
        self.queue.push_back(Queued::Over(id, 0));
        let counters = &mut self.store.meta_mut().counters;
        let count = counters.of(row.held.as_ref());
        *count = count.saturating_sub(1);
        counters.cancelled += 1;
        let (cause, end) = (Cause::Ordered(Order::Cancel), Ending::Cancelled(Cancelled::Order));
        self.store.append_history(id, &HistoryRow { at: self.now, cause, deeds: Vec::new(), more: 0, end })?;
        self.tell(None, row.record.as_ref(), Some(id), TraceKind::Cancelled { why: Cancelled::Order });
        Ok(())
    }
}
