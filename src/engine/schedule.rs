//! Schedules: one timer per rule, which is set anew each time it fires.
//!
//! A schedule counts from the moment at which the store meets it. While its rule only does something else than before,
//! its next time stays; a rule that is gone has none. Times that passed while a host stood
//! still come one after the other, each at its own moment, as everything else that was due then: the same happens as if it
//! had not stood still.

use super::activation::Activation;
use super::history::Occasion;
use super::rules::Rule;
use super::start::By;
use super::store::{Due, RuleNo, Store, Stored, TimerKey};
use super::trace::TraceKind;
use crate::ir::{Origin, Trigger};
use crate::value::{Ref, Value};
use std::sync::Arc;

impl Activation<'_> {
    /// Plans the schedules that are new in this store, or changed.
    pub(super) fn plan_schedules(&mut self) -> Stored<()> {
        for rule in std::mem::take(&mut self.engine.unplanned) {
            self.plan_schedule(&rule, false)?;
        }
        Ok(())
    }

    /// Sets the timer of a schedule. One that stands already stays if its time has come, or the schedule still comes then
    /// and not sooner; `fired` says that it is over.
    fn plan_schedule(&mut self, rule: &Arc<Rule>, fired: bool) -> Stored<()> {
        let Trigger::Every(schedule) = &rule.program.trigger else { return Ok(()) };
        let due = schedule.next(&self.schema.calendar, self.now);
        let of = next_of();
        let old = self.store.date_timer(rule.no, &of)?.filter(|_| !fired);
        if let (Some(key), Some(due)) = (old, due) {
            let counts_on = matches!(schedule, crate::schema::Schedule::Period(_));
            if key.at <= self.now || key.at == due || (counts_on && key.at < due) {
                return Ok(());
            }
        }
        if let Some(key) = old {
            self.store.remove_timer(key)?;
        }
        let key = due.map(|at| self.next_timer_key(at));
        if let Some(key) = key {
            self.store.put_timer(key, &Due::Schedule(rule.no))?;
        }
        self.store.set_date_timer(rule.no, &of, key)
    }

    /// The time of a schedule has come.
    pub(super) fn schedule_came(&mut self, no: RuleNo, key: TimerKey) -> Stored<()> {
        if self.store.date_timer(no, &next_of())? != Some(key) {
            return Ok(());
        }
        self.store.set_date_timer(no, &next_of(), None)?;
        let is_it = |rule: &&Arc<Rule>| rule.no == no && matches!(rule.program.trigger, Trigger::Every(_));
        let Some(rule) = self.engine.rules.iter().find(is_it).cloned() else { return Ok(()) };
        self.plan_schedule(&rule, true)?;
        self.tell(Some(rule.name()), None, None, TraceKind::DateCame);
        let occasion = Occasion { what: "schedule".into(), by: None, origin: Origin::Rule };
        self.set_off(&rule, None, Value::Missing, By { occasion, depth: 0 })
    }
}

/// Whether it is known when a schedule comes next.
pub(super) fn has_next(store: &dyn Store, no: RuleNo) -> Stored<bool> {
    Ok(store.date_timer(no, &next_of())?.is_some())
}

/// What stands where a date trigger has its record.
fn next_of() -> Ref {
    Ref::new("$schedule", "next")
}
