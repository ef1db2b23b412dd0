//! What changes something: statements, events, time, orders to runs.

use super::compile::{PROMPT, Typed};
use super::session::{Host, Place, Session};
use crate::crm::Embedded;
use crate::engine::{Engine, Event, EventKind, Order, OrderError, RunId, Store, StoreError, Trace};
use crate::ir::{Origin, Program};
use crate::schema;
use crate::schema::Type;
use crate::value::{Moment, Name, Period};
use std::sync::Arc;

/// The most that is told of the way when much time passes, in lines.
const MOST_LINES: usize = 500;

impl Session {
    /// Does statements, in a run about the current record.
    pub(super) fn perform(&mut self, typed: Typed) -> Result<String, String> {
        let event = Event {
            at: self.now(),
            what: EventKind::Named(PROMPT.into()),
            about: Some(self.about()),
            fields: Vec::new(),
            by: None,
            origin: Origin::User,
            id: None,
        };
        self.act(Some(typed.program), &typed.lets, |engine, store, trace| engine.deliver(store, &event, trace))
    }

    /// `:event`
    pub(super) fn event(&mut self, text: &str) -> Result<String, String> {
        self.may_act()?;
        let event = self.read_event(text)?;
        let told = self.act(None, &[], |engine, store, trace| engine.deliver(store, &event, trace))?;
        if self.current.is_none() && event.what == EventKind::Create {
            self.current = event.about;
        }
        Ok(told)
    }

    /// `:advance`
    pub(super) fn advance(&mut self, text: &str, host: &mut dyn Host) -> Result<String, String> {
        let period: Period = text
            .parse()
            .map_err(|_| format!("`{text}` is not a period: write something like `3d`, `2h30min`, `5wd` or `1mo`"))?;
        let target = self.schema.calendar.add(self.now(), period);
        self.pass(target, host)
    }

    /// `:at`
    pub(super) fn until(&mut self, text: &str, host: &mut dyn Host) -> Result<String, String> {
        let calendar = &self.schema.calendar;
        let today = calendar.date_of(self.now());
        let target = match chrono::NaiveTime::parse_from_str(text, "%H:%M") {
            Ok(time) => calendar.at(today, time),
            Err(_) => schema::moment(&self.schema, text)?,
        };
        if target < self.now() {
            return Err(format!("{} is over: it is {} now", self.moment(target), self.moment(self.now())));
        }
        self.pass(target, host)
    }

    /// `:next`
    pub(super) fn next(&mut self) -> Result<String, String> {
        self.plan()?;
        let Some((key, _)) = self.store().first_timer().map_err(|e| e.to_string())? else {
            return Ok("nothing is due: no run waits for a time, and no rule for a date\n".to_owned());
        };
        let mut told = self.fire()?;
        self.reach(key.at)?;
        told.push_str(&self.clock());
        Ok(told)
    }

    /// Lets time pass, one timer after the other.
    fn pass(&mut self, target: Moment, host: &mut dyn Host) -> Result<String, String> {
        self.plan()?;
        let mut told = String::new();
        let (mut lines, mut stopped) = (0, false);
        while let Some((key, _)) = self.store().first_timer().map_err(|e| e.to_string())? {
            stopped = host.interrupted();
            if key.at > target || stopped {
                break;
            }
            let more = self.fire()?;
            if lines < MOST_LINES {
                told.push_str(&more);
            }
            lines += more.lines().count();
        }
        if lines > MOST_LINES {
            told.push_str("  … and more of the same kind\n");
        }
        if stopped {
            told.push_str("stopped on the way\n");
        } else {
            self.reach(target)?;
        }
        told.push_str(&self.clock());
        Ok(told)
    }

    /// Has the rules that are at work now set their timers: schedules, and dates of records that are there.
    fn plan(&mut self) -> Result<(), String> {
        self.act(None, &[], |engine, store, _| engine.adopt(store)).map(|_| ())
    }

    fn fire(&mut self) -> Result<String, String> {
        let day = self.day;
        let told = self.act(None, &[], |engine, store, trace| engine.fire_next(store, trace).map(|_| ()))?;
        let blank = day.is_some() && self.day != day && !told.is_empty();
        Ok(if blank { format!("\n{told}") } else { told })
    }

    fn reach(&mut self, target: Moment) -> Result<(), String> {
        let store = self.store_mut();
        let meta = store.meta_mut();
        meta.now = meta.now.max(target);
        store.commit().map_err(|e| e.to_string())
    }

    fn clock(&self) -> String {
        format!("it is {} now\n", self.moment(self.now()))
    }

    /// Refuses where nothing may be changed.
    pub(super) fn may_act(&self) -> Result<(), String> {
        match self.place {
            Place::Memory(_) | Place::File(_, true) => Ok(()),
            Place::File(_, false) => {
                Err("this store is only looked at: start with `--store FILE --write` to change it".to_owned())
            }
        }
    }

    /// Carries out what somebody decided about a run.
    pub(super) fn order(&mut self, id: RunId, order: Order) -> Result<String, String> {
        let mut unfit = None;
        let told = self.act(None, &[], |engine, store, trace| match engine.order(store, id, order, trace) {
            Err(OrderError::Store(error)) => Err(error),
            Err(other) => {
                unfit = Some(other.to_string());
                Ok(())
            }
            Ok(()) => Ok(()),
        })?;
        unfit.map_or(Ok(told), Err)
    }

    /// Lets the engine work, commits, and tells what happened.
    fn act(
        &mut self,
        extra: Option<Arc<Program>>,
        lets: &[(Name, Type)],
        work: impl FnOnce(&mut Engine, &mut dyn Store, &mut dyn FnMut(Trace)) -> Result<(), StoreError>,
    ) -> Result<String, String> {
        self.may_act()?;
        let programs = self.programs.iter().cloned().chain(extra).collect();
        let mut engine = Engine::new(Arc::clone(&self.schema), programs, Arc::new(Embedded));
        let mut traces = Vec::new();
        let store = self.store_mut();
        let done = work(&mut engine, store, &mut |trace| traces.push(trace)).and_then(|()| store.commit());
        if let Err(error) = done {
            // Memory cannot take anything back; a file can.
            let kept = store.rollback().is_err();
            let what = if kept { "what was done before stays" } else { "nothing was changed" };
            return Err(format!("{error}; {what}"));
        }
        Ok(self.tell(&traces, lets))
    }
}
