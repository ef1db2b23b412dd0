//! One activation: the queue of what has to be served, and who is concerned by it.

use super::change::Change;
use super::event::{Event, EventKind};
use super::flow::Child;
use super::happening::{Happening, Named, What, link};
use super::request::REQUEST;
use super::sleep::Wake;
use super::store::{Due, Record, RuleNo, RunId, Store, Stored, TimerKey};
use super::trace::{Trace, TraceKind};
use super::watch::Role;
use super::{Engine, Raised, Taken, day_of, rules};
use crate::ir::{Origin, Trigger};
use crate::schema::Schema;
use crate::value::{Moment, Name, Ref};
use crate::vm::Watch;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Something that is still to be served.
pub(super) enum Queued {
    /// It may set rules off and wake runs.
    Happening(Happening),
    /// A flow starts.
    Start(Child),
    /// A flow's run is over; so deep is the run that started it.
    Over(RunId, u32),
    /// A run is cancelled with the one that started it.
    Cancel(RunId),
    /// A rule has given a record a date that comes up at this very moment; so deep is what follows.
    Came(RuleNo, Ref, TimerKey, u32),
}

/// The work on one event or timer.
pub(super) struct Activation<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) schema: Arc<Schema>,
    pub(super) store: &'a mut dyn Store,
    pub(super) trace: &'a mut dyn FnMut(Trace),
    /// The activation's moment.
    pub(super) now: Moment,
    /// What is still to be served, in order.
    pub(super) queue: VecDeque<Queued>,
    /// Runs started so far.
    pub(super) starts: u32,
    /// Changes made by effects so far.
    pub(super) follow_ups: u32,
    /// The removed record, while rules that its removal sets off are started.
    pub(super) ghost: Option<(Ref, Arc<Record>)>,
}

impl<'a> Activation<'a> {
    /// Moves the clock to `at`, never back.
    pub(super) fn begin(
        engine: &'a mut Engine,
        store: &'a mut dyn Store,
        trace: &'a mut dyn FnMut(Trace),
        at: Moment,
    ) -> Self {
        let meta = store.meta_mut();
        meta.now = meta.now.max(at);
        let now = meta.now;
        let schema = engine.schema.clone();
        Self { engine, schema, store, trace, now, queue: VecDeque::new(), starts: 0, follow_ups: 0, ghost: None }
    }

    /// Serves an event from outside.
    pub(super) fn event(mut self, event: &Event) -> Stored<()> {
        self.plan_schedules()?;
        if let Some(id) = &event.id
            && !self.store.note_event(id, day_of(self.now))?
        {
            self.ignored(event, "this event was taken before");
            return Ok(());
        }
        self.store.meta_mut().counters.events += 1;
        if let EventKind::Reply(reply) = &event.what {
            match self.reply(event, reply)? {
                Ok(change) => self.queue_all([What::Changed(change)], event.origin, event.by.as_ref(), 0),
                Err(why) => self.ignored(event, why),
            }
            return self.drain();
        }
        let taken = self.engine.crm.take(self.store, &self.schema, self.now, event)?;
        match (taken, &event.what) {
            (Taken::Nothing(why), _) => {
                self.ignored(event, why);
                return Ok(());
            }
            (Taken::Changed(came), _) => {
                let all = came.changes.into_iter().map(What::Changed).chain(came.raised.into_iter().map(What::raised));
                self.queue_all(all, event.origin, event.by.as_ref(), 0);
            }
            (Taken::Noted(kept), EventKind::Named(name)) => {
                let (name, about, fields) = (name.clone(), event.about.clone(), event.fields.clone());
                let what = What::Named(Named { name, about, fields, kept });
                self.queue_all([what], event.origin, event.by.as_ref(), 0);
            }
            // A change is told by what it changed.
            (Taken::Noted(_), EventKind::Create | EventKind::Update | EventKind::Delete | EventKind::Reply(_)) => {}
        }
        self.drain()
    }

    /// Serves a timer, which is already removed from the store.
    pub(super) fn timer(mut self, key: TimerKey, due: Due) -> Stored<()> {
        match due {
            Due::Run(id) => self.limit_came(id, key)?,
            Due::Date { rule, record } => self.date_came(rule, &record, key, 0)?,
            Due::Schedule(rule) => self.schedule_came(rule, key)?,
            Due::Unreplied(mail) => self.silence_came(*mail, key)?,
        }
        self.drain()
    }

    /// Queues what an effect made.
    pub(super) fn follow_up(&mut self, changes: Vec<Change>, raised: Vec<Raised>, by: Option<&Name>, depth: u32) {
        let all = changes.len().saturating_add(raised.len());
        self.follow_ups = self.follow_ups.saturating_add(u32::try_from(all).unwrap_or(u32::MAX));
        let all = changes.into_iter().map(What::Changed).chain(raised.into_iter().map(What::raised));
        self.queue_all(all, Origin::Rule, by, depth);
    }

    fn queue_all(&mut self, all: impl IntoIterator<Item = What>, origin: Origin, by: Option<&Name>, depth: u32) {
        let all = all.into_iter().map(|what| Happening { what, origin, by: by.cloned(), depth });
        self.queue.extend(all.map(Queued::Happening));
    }

    /// Queues a change that a person made.
    pub(super) fn by_hand(&mut self, changes: Vec<Change>, raised: Vec<Raised>, by: Option<&Name>) {
        let all = changes.into_iter().map(What::Changed).chain(raised.into_iter().map(What::raised));
        self.queue_all(all, Origin::User, by, 0);
    }

    /// Serves what is queued until nothing is left.
    pub(super) fn drain(&mut self) -> Stored<()> {
        while let Some(next) = self.queue.pop_front() {
            match next {
                Queued::Happening(happening) => self.serve(&happening)?,
                Queued::Start(child) => self.start_child(child)?,
                Queued::Over(id, depth) => self.child_over(id, depth)?,
                Queued::Cancel(id) => self.cancel_child(id)?,
                Queued::Came(rule, of, key, depth) => self.came_at_once(rule, &of, key, depth)?,
            }
        }
        Ok(())
    }

    fn serve(&mut self, happening: &Happening) -> Stored<()> {
        self.tell(None, happening.record(), None, happening.trace());
        let woken = match &happening.what {
            What::Changed(change) => {
                self.plan_dates(change, happening.depth)?;
                let mut woken = self.woken_by_change(change)?;
                if let Some(cause) = happening.reply() {
                    for wake in woken.values_mut() {
                        wake.cause = Some(cause.clone());
                    }
                }
                woken
            }
            What::Named(named) => {
                self.plan_silence(happening, named)?;
                self.woken_by_event(named)?
            }
        };
        for (id, wake) in woken {
            self.wake(id, wake, happening.depth)?;
        }
        if let What::Changed(change) = &happening.what
            && change.after.is_none()
        {
            self.end_runs_of(&change.of)?;
        }
        match &happening.what {
            What::Changed(change) => self.set_off_by_change(happening, change),
            What::Named(named) => self.set_off_by_event(happening, named),
        }
    }

    fn set_off_by_change(&mut self, happening: &Happening, change: &Change) -> Stored<()> {
        if let (Some(before), None) = (&change.before, &change.after) {
            self.ghost = Some((change.of.clone(), before.clone()));
        }
        for at in self.engine.index.for_change(&self.schema, change) {
            let Some(rule) = self.engine.rules.get(at).cloned() else { continue };
            let program = &rule.program;
            if program.origins.contains(&happening.origin) && rules::matches(&self.schema, &program.trigger, change) {
                let payload = happening.payload(&self.schema, &rule);
                self.set_off(&rule, Some(change.of.clone()), payload, happening.by())?;
            }
        }
        self.ghost = None;
        Ok(())
    }

    fn set_off_by_event(&mut self, happening: &Happening, named: &Named) -> Stored<()> {
        let rules = self.engine.index.for_event(&named.name).to_vec();
        if rules.is_empty() {
            return Ok(());
        }
        let concerned = self.concerned(named)?;
        for at in rules {
            let Some(rule) = self.engine.rules.get(at).cloned() else { continue };
            let Trigger::Event { name: _, entity } = &rule.program.trigger else { continue };
            let record = match entity {
                None => named.about.clone(),
                Some(kind) => {
                    let own = named.about.iter().chain(&concerned).find(|of| of.kind == *kind);
                    let Some(own) = own else { continue };
                    Some(own.clone())
                }
            };
            if rule.program.origins.contains(&happening.origin) {
                let payload = happening.payload(&self.schema, &rule);
                self.set_off(&rule, record, payload, happening.by())?;
            }
        }
        Ok(())
    }

    fn woken_by_change(&self, change: &Change) -> Stored<BTreeMap<RunId, Wake>> {
        let mut woken = BTreeMap::new();
        let mut fields = change.fields.clone();
        if change.before.is_none() || change.after.is_none() {
            fields.push("id".into());
        }
        for (run, role) in self.store.field_watchers(&change.of, &fields)? {
            let wake: &mut Wake = woken.entry(run).or_default();
            match role {
                Role::Lifetime => wake.lifetime = true,
                Role::Wait => wake.look_again = true,
            }
        }
        Ok(woken)
    }

    fn woken_by_event(&self, named: &Named) -> Stored<BTreeMap<RunId, Wake>> {
        let mut woken = BTreeMap::new();
        let abouts = self.concerned(named)?.into_iter().map(Some).chain([None]).collect::<Vec<_>>();
        let mut look = |name: &Name| -> Stored<()> {
            for about in &abouts {
                let watch = Watch::Event { name: name.clone(), about: about.clone() };
                for (run, _) in self.store.watchers(&watch)? {
                    let wake: &mut Wake = woken.entry(run).or_default();
                    wake.events.push(watch.clone());
                }
            }
            Ok(())
        };
        look(&named.name)?;
        if crate::catalog::is_activity(&named.name) {
            look(&"activity".into())?;
        }
        Ok(woken)
    }

    /// The records that a named event is about: those it is attached to, and if the customer did it, their customers.
    pub(super) fn concerned(&self, named: &Named) -> Stored<Vec<Ref>> {
        let mut all = named.attached();
        if crate::catalog::is_activity(&named.name) {
            for of in all.clone() {
                let record = self.store.record(&of)?;
                all.extend(
                    record.iter().flat_map(|r| ["contact", "company"].map(|field| link(r.get(field)))).flatten(),
                );
            }
        }
        all.sort();
        all.dedup();
        Ok(all)
    }

    fn ignored(&mut self, event: &Event, why: &'static str) {
        let asked = match &event.what {
            EventKind::Reply(reply) => Some(Ref { kind: REQUEST.into(), id: reply.request.clone() }),
            EventKind::Create | EventKind::Update | EventKind::Delete | EventKind::Named(_) => None,
        };
        self.tell(None, event.about.as_ref().or(asked.as_ref()), None, TraceKind::EventIgnored { why });
    }

    /// Adds a line to the timeline.
    pub(super) fn tell(&mut self, rule: Option<&Name>, record: Option<&Ref>, run: Option<RunId>, what: TraceKind) {
        (self.trace)(Trace { at: self.now, rule: rule.cloned(), record: record.cloned(), run, what });
    }
}
