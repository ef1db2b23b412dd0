//! Waiting: limits, what is watched, and going to sleep.

use super::MAX_WATCHES;
use super::cpu::{Cpu, Fault, Flow};
use super::step::{Outcome, Step, WaitState, Watch};
use super::task::set;
use crate::ir::{Ix, Reg};
use crate::value::{Name, Ref, Value};

impl Cpu<'_> {
    /// Starts a wait with a limit. The limit becomes a moment now: a change of the workspace's calendar does not move it.
    pub(super) fn arm(&mut self, limit: Reg) -> Result<Flow, Fault> {
        let calendar = &self.env.schema.calendar;
        let deadline = match self.get(limit)? {
            Value::Period(period) => calendar.add(self.env.now, *period),
            Value::Date(date) => calendar.midnight(*date),
            Value::DateTime(moment) => *moment,
            Value::Missing => return Err(Fault::Run("the moment to wait for is missing".to_owned())),
            other => return Err(Fault::Run(format!("`{}` is nothing to wait for", other.brief()))),
        };
        *self.wait = Some(WaitState { since: self.env.now, deadline: Some(deadline), watches: Vec::new() });
        *self.watching = false;
        Ok(Flow::Next)
    }

    /// Starts a wait without a limit.
    pub(super) fn arm_none(&mut self) -> Flow {
        *self.wait = Some(WaitState { since: self.env.now, deadline: None, watches: Vec::new() });
        *self.watching = false;
        Flow::Next
    }

    /// Forgets what was watched and watches the fields that are read from here on.
    pub(super) fn watch(&mut self) -> Result<Flow, Fault> {
        self.armed()?.watches.clear();
        *self.watching = true;
        Ok(Flow::Next)
    }

    /// Watches an event.
    pub(super) fn watch_event(&mut self, event: Ix, about: Reg) -> Result<Flow, Fault> {
        let about = match self.get(about)? {
            Value::Ref(of) => Some(of.clone()),
            Value::Missing => None,
            other => return Err(Fault::Run(format!("there are no events about `{}`", other.brief()))),
        };
        let name = self.name(event)?.clone();
        self.add_watch(Watch::Event { name, about })?;
        Ok(Flow::Next)
    }

    /// Watches a field that is read; the host's own fields, which start with `$`, follow from others.
    pub(super) fn watch_field(&mut self, of: Ref, field: Name) -> Result<(), Fault> {
        if field.starts_with('$') {
            return Ok(());
        }
        self.add_watch(Watch::Field { of, field })
    }

    /// Suspends, or ends the wait at once when its moment has passed. A run that looks again at the very moment of its
    /// limit sleeps on: another event of this moment may still bring what it waits for, and then the limit's timer comes.
    pub(super) fn suspend(&mut self, dst: Reg, live: Reg) -> Result<Flow, Fault> {
        let now = self.env.now;
        let wait = self.armed()?;
        let starts = wait.since == now;
        if wait.deadline.is_some_and(|deadline| deadline < now || (starts && deadline == now)) {
            set(&mut self.frame.regs, dst, Value::text(Outcome::Timeout.name()))?;
            return Ok(Flow::Next);
        }
        self.forget(live);
        Ok(Flow::Leave(Step::Wait))
    }

    /// Drops what the run does not need when it goes on: a sleeping run should be small.
    fn forget(&mut self, live: Reg) {
        self.frame.regs.truncate(usize::from(live));
        for (value, reg) in self.frame.regs.iter_mut().zip(0..self.function.params) {
            if !self.function.code.iter().any(|op| op.reads(reg, self.program)) {
                *value = Value::Missing;
            }
        }
    }

    /// Ends the wait.
    pub(super) fn disarm(&mut self) -> Flow {
        *self.wait = None;
        *self.watching = false;
        Flow::Next
    }

    fn armed(&mut self) -> Result<&mut WaitState, Fault> {
        self.wait.as_mut().ok_or(Fault::Damaged("a wait that was not started"))
    }

    /// Adds to the sorted set.
    fn add_watch(&mut self, watch: Watch) -> Result<(), Fault> {
        let watches = &mut self.armed()?.watches;
        if let Err(place) = watches.binary_search(&watch) {
            if watches.len() >= MAX_WATCHES {
                return Err(Fault::Run(format!("the wait looks at more than {MAX_WATCHES} fields")));
            }
            watches.insert(place, watch);
        }
        Ok(())
    }
}
