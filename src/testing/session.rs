//! One test being run: an engine over a store of its own, variables, and what has happened.

use super::any::Fields;
use super::effects::Effect;
use super::runs::{Runs, rule_words};
use super::{Function, Stop, World};
use crate::catalog::ActionOp;
use crate::check::testing::{Deed, RunState, Step, StepKind};
use crate::check::typed::LocalId;
use crate::crm::{Embedded, sample};
use crate::engine::cover::Seen;
use crate::engine::{EffectError, Engine, Event, EventKind, Store, StoreError, Trace, TraceKind, look};
use crate::feed::timeline::Timeline;
use crate::host::memory::MemoryStore;
use crate::ir::{Origin, TestPlan};
use crate::source::Span;
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Request;
use std::sync::Arc;

/// When a test begins that does not say it: a Monday morning.
const BEGIN: &str = "2026-03-02T09:00";

/// How many timers may fire while time passes once; a test that needs more says nothing.
const MOST_TIMERS: usize = 100_000;

/// How many lines of what happened are shown.
const MOST_LINES: usize = 40;

pub(super) struct Session<'a> {
    pub(super) world: &'a World,
    plan: &'a TestPlan,
    engine: Engine,
    pub(super) store: MemoryStore,
    /// The record of `for any`, the event (there is none), then the variables.
    values: Vec<Value>,
    /// The fields of the record of `for any`.
    any: Option<Fields>,
    pub(super) effects: Vec<Effect>,
    pub(super) runs: Runs,
    /// Behind which effect the last expected one lies.
    pub(super) after: usize,
    records: u32,
    timeline: Option<(Timeline<'a>, String)>,
}

impl<'a> Session<'a> {
    pub(super) fn new(world: &'a World, plan: &'a TestPlan, any: Option<Fields>, tell: bool) -> Self {
        let mut engine = Engine::new(world.schema.clone(), world.programs.clone(), Arc::new(Embedded));
        if world.observe && !tell {
            engine.observe();
        }
        let mut store = MemoryStore::new();
        store.meta_mut().now = crate::schema::moment(&world.schema, BEGIN).unwrap_or_default();
        Self {
            world,
            plan,
            engine,
            store,
            values: vec![Value::Missing; plan.test.locals.len() + 2],
            any,
            effects: Vec::new(),
            runs: Runs::default(),
            after: 0,
            records: 0,
            timeline: tell.then(|| (Timeline::new(&world.schema), String::new())),
        }
    }

    /// Runs the test to its end, or to the first statement that is not met.
    pub(super) fn steps(&mut self) -> Result<(), Stop> {
        let plan = self.plan;
        for step in &plan.test.steps {
            self.step(step)?;
        }
        self.no_surprise()
    }

    /// Runs the steps before `for any`, for the values of its fields that are fixed.
    pub(super) fn fixed(&mut self, fields: &[(Name, Function)]) -> Result<Fields, Stop> {
        let plan = self.plan;
        for step in &plan.test.steps {
            if matches!(step.kind, StepKind::ForAny { .. }) {
                break;
            }
            self.step(step)?;
        }
        self.named(fields)
    }

    /// What the rules executed.
    pub(super) fn seen(&mut self) -> Seen {
        self.engine.take_seen().unwrap_or_default()
    }

    /// The end of the timeline.
    pub(super) fn told(&mut self) -> String {
        let Some((_, text)) = &self.timeline else { return String::new() };
        let lines: Vec<&str> = text.lines().collect();
        let Some(left) = lines.len().checked_sub(MOST_LINES).filter(|left| *left > 0) else { return text.clone() };
        let shown = lines.get(left..).unwrap_or(&[]).join("\n");
        format!("… {left} lines before\n{shown}\n")
    }

    pub(super) fn now(&self) -> Moment {
        self.store.meta().now
    }

    pub(super) fn timeline(&self) -> Timeline<'a> {
        Timeline::new(&self.world.schema)
    }

    fn step(&mut self, step: &Step<Function>) -> Result<(), Stop> {
        let span = step.span;
        match &step.kind {
            StepKind::Given { keep, entity, fields } => {
                let fields = self.named(fields)?;
                let of = self.given(span, entity, fields)?;
                self.keep(*keep, Value::Ref(of));
            }
            StepKind::At(at) => {
                if let Value::DateTime(at) = self.moment(*at)? {
                    self.store.meta_mut().now = at;
                }
            }
            StepKind::Let(id, value) => {
                let value = self.value(*value)?;
                self.keep(*id, value);
            }
            StepKind::Act(deed, keep) => {
                let value = self.act(span, deed)?;
                if let Some(id) = keep {
                    self.keep(*id, value);
                }
            }
            StepKind::When { event, about, by, payload } => self.when(span, event, *about, *by, payload)?,
            StepKind::Reply(reply) => self.reply(span, reply)?,
            StepKind::Advance(by) => self.advance(span, *by)?,
            StepKind::Expect(what) => self.expect(span, what)?,
            StepKind::ForAny { entity, fields: _, body } => {
                let fields = self.any.clone().unwrap_or_default();
                let of = self.given(span, entity, fields)?;
                if let Some(record) = self.values.first_mut() {
                    *record = Value::Ref(of);
                }
                for step in body {
                    self.step(step)?;
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, id: LocalId, value: Value) {
        if let Some(slot) = self.values.get_mut(usize::from(id.0) + 2) {
            *slot = value;
        }
    }

    /// What an expression of the test is now.
    pub(super) fn value(&self, function: Function) -> Result<Value, Stop> {
        let program = &self.plan.program;
        let found = look::value(&self.world.schema, &self.store, self.now(), program, function, &self.values);
        found.map_err(|error| stopped(self.plan.test.name_span, &error))?.map_err(|error| {
            let start = error.span.start.saturating_add(self.plan.test.span.start);
            let end = error.span.end.saturating_add(self.plan.test.span.start);
            Stop::broken(Span::new(start, end), error.message, "this has no value here")
        })
    }

    /// The same, of named values.
    pub(super) fn named(&self, all: &[(Name, Function)]) -> Result<Vec<(Name, Value)>, Stop> {
        all.iter().map(|(name, function)| Ok((name.clone(), self.value(*function)?))).collect()
    }

    /// A moment, also from a date.
    pub(super) fn moment(&self, function: Function) -> Result<Value, Stop> {
        Ok(match self.value(function)? {
            Value::Date(date) => Value::DateTime(self.world.schema.calendar.midnight(date)),
            other => other,
        })
    }

    /// A record that is there, with what its entity requires.
    fn given(&mut self, span: Span, entity: &Name, mut fields: Vec<(Name, Value)>) -> Result<Ref, Stop> {
        let of = self.new_ref(entity);
        let schema = &self.world.schema;
        if let Some(entity) = schema.entity(entity) {
            for field in entity.fields.iter().filter(|field| entity.must_be_given(field)) {
                let known = fields.iter().any(|(name, _)| *name == field.name);
                if let Some(value) = sample(schema, entity, field, self.now(), &of.id).filter(|_| !known) {
                    fields.push((field.name.clone(), value));
                }
            }
        }
        let event = self.event(EventKind::Create, Some(of.clone()), fields);
        self.engine.put(&mut self.store, &event).map_err(|error| stopped(span, &error))?;
        Ok(of)
    }

    fn new_ref(&mut self, entity: &Name) -> Ref {
        self.records += 1;
        Ref { kind: entity.clone(), id: self.records.to_string().into() }
    }

    /// Something that the first employee of the workspace does now.
    pub(super) fn event(&self, what: EventKind, about: Option<Ref>, fields: Vec<(Name, Value)>) -> Event {
        let by = self.world.schema.users.keys().next().cloned();
        Event { at: self.now(), what, about, fields, by, origin: Origin::User, id: None }
    }

    /// What a person does.
    fn act(&mut self, span: Span, deed: &Deed<Function>) -> Result<Value, Stop> {
        let mut args = self.named(&deed.args)?;
        let by = self.world.schema.users.keys().next().cloned();
        if let Some(by) = by.as_ref().filter(|_| args.iter().all(|(name, _)| &**name != "by")) {
            args.push(("by".into(), Value::Ref(Ref::new("user", by))));
        }
        if let Some(stage) = self.closed_to_people(deed.action.op, &args) {
            let why = format!("only rules put a record into `{stage}`");
            return Err(Stop::broken(span, why, "nobody can do this").help("crm.toml says so (`rules_only`)"));
        }
        let request = Request { seq: 0, action: deed.action.id.into(), args };
        let mut traces = Vec::new();
        let done = self.engine.perform(&mut self.store, &request, by.as_ref(), &mut |trace| traces.push(trace));
        // That nothing came of it explains why no rule did anything.
        let changes = matches!(deed.action.op, ActionOp::Set | ActionOp::Assign | ActionOp::Move);
        if let (true, Ok(_), [], Some(Value::Ref(of))) = (changes, &done, traces.as_slice(), request.arg("record")) {
            let what = TraceKind::EventIgnored { why: "nothing differs" };
            traces.push(Trace { at: self.now(), rule: None, record: Some(of.clone()), run: None, what });
        }
        self.note(&traces);
        done.map_err(|error| match error {
            EffectError::Refused(why) => {
                Stop::broken(span, format!("`{}` was refused: {why}", deed.action.id), "nobody can do this here")
            }
            EffectError::Store(error) => stopped(span, &error),
        })
    }

    /// The stage that these arguments would put a record into, if only rules may.
    fn closed_to_people(&self, op: ActionOp, args: &[(Name, Value)]) -> Option<Name> {
        let (_, Value::Ref(of)) = args.iter().find(|(name, _)| &**name == "record")? else { return None };
        let entity = self.world.schema.entity(&of.kind)?;
        let stage = entity.stage_name()?;
        // `move` calls the field `stage` whatever its name is.
        let named = |(name, value): &(Name, Value)| {
            let name = if op == ActionOp::Move && &**name == "stage" { stage } else { name };
            (name.clone(), value.clone())
        };
        let fields: Vec<(Name, Value)> = args.iter().map(named).collect();
        entity.closed_to_people(&fields).map(|stage| stage.name.clone())
    }

    /// The record that something is about.
    pub(super) fn about(&self, span: Span, about: Option<Function>) -> Result<Option<Ref>, Stop> {
        match about.map(|about| self.value(about)).transpose()? {
            Some(Value::Ref(of)) => Ok(Some(of)),
            Some(_) => Err(Stop::broken(span, "there is no such record", "about nothing")),
            None => Ok(None),
        }
    }

    fn when(
        &mut self,
        span: Span,
        event: &Name,
        about: Option<Function>,
        by: Option<Function>,
        payload: &[(Name, Function)],
    ) -> Result<(), Stop> {
        let about = self.about(span, about)?;
        let fields = self.named(payload)?;
        let by = match by.map(|by| self.value(by)).transpose()? {
            Some(Value::Ref(of)) => Some(of.id),
            _ => None,
        };
        let event = Event { by, ..self.event(EventKind::Named(event.clone()), about, fields) };
        self.deliver(span, &event)
    }

    pub(super) fn deliver(&mut self, span: Span, event: &Event) -> Result<(), Stop> {
        let mut traces = Vec::new();
        let done = self.engine.deliver(&mut self.store, event, &mut |trace| traces.push(trace));
        self.note(&traces);
        done.map_err(|error| stopped(span, &error))
    }

    /// Lets time pass, one timer after the other.
    fn advance(&mut self, span: Span, by: Function) -> Result<(), Stop> {
        let target = match self.moment(by)? {
            Value::Period(period) => self.world.schema.calendar.add(self.now(), period),
            Value::DateTime(moment) => moment,
            _ => return Err(Stop::broken(span, "there is no such moment", "until when?")),
        };
        if target < self.now() {
            let now = self.timeline().moment(self.now());
            let stop = Stop::broken(span, "time does not go back", format!("it is {now} already"));
            return Err(stop.help("say how long it takes, as in `advance 3d`, or a later moment"));
        }
        // Schedules count from here if nothing has happened yet.
        self.engine.adopt(&mut self.store).map_err(|error| stopped(span, &error))?;
        for _ in 0..MOST_TIMERS {
            let next = self.engine.next_timer(&self.store).map_err(|error| stopped(span, &error))?;
            if next.is_none_or(|at| at > target) {
                let meta = self.store.meta_mut();
                meta.now = meta.now.max(target);
                return Ok(());
            }
            let mut traces = Vec::new();
            let done = self.engine.fire_next(&mut self.store, &mut |trace| traces.push(trace));
            self.note(&traces);
            done.map_err(|error| stopped(span, &error))?;
        }
        let stop = Stop::broken(span, format!("more than {MOST_TIMERS} things are due until then"), "too long");
        Err(stop.help("let less time pass"))
    }

    /// Takes in what happened.
    fn note(&mut self, traces: &[Trace]) {
        for trace in traces {
            self.runs.note(trace);
            self.effects.extend(Effect::of(trace));
            if let Some((timeline, text)) = &mut self.timeline {
                timeline.lines(trace, &self.store, text);
            }
        }
    }

    /// A run that failed or was parked must have been expected.
    fn no_surprise(&self) -> Result<(), Stop> {
        let bad = |state: Option<RunState>| matches!(state, Some(RunState::Failed | RunState::Parked));
        let Some((_, run)) = self.runs.all.iter().find(|(_, run)| bad(run.state) && !run.expected) else {
            return Ok(());
        };
        let what = if run.state == Some(RunState::Parked) { "had an action refused" } else { "failed" };
        let word = run.state.map_or("failed", RunState::word);
        let message = format!("a run of {} {what}: {}", rule_words(&run.rule), run.why);
        let stop = Stop::broken(self.plan.test.name_span, message, "this test does not expect it");
        Err(stop.help(format!("mend the rule, or add `expect {word};`")))
    }

    /// A record of `for any`, as one would give it.
    pub(super) fn record_text(&self, fields: &Fields) -> String {
        let timeline = self.timeline();
        let fields = fields.iter().filter(|(_, value)| *value != Value::Missing);
        let fields: Vec<String> = fields
            .map(|(name, value)| match value {
                Value::Text(text) => format!("{name}: {text:?}"),
                other => format!("{name}: {}", timeline.human(other)),
            })
            .collect();
        fields.join(", ")
    }
}

pub(super) fn stopped(span: Span, error: &StoreError) -> Stop {
    Stop::broken(span, error.to_string(), "it stopped here")
}
