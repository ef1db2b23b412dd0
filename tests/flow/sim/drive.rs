//! The real engine in a simulated world: events, timers and orders in their order, commits, and deaths of the process.

use super::faults::{Death, Mortal};
use super::outside::{Receiver, errand, live_pauses};
use super::random::Random;
use super::rules::STAGES;
use super::schedule::{Schedule, What};
use dealflow::crm::Embedded;
use dealflow::engine::{
    Attempt, Call, Crm, Cursor, Done, EffectError, Engine, ErrandKey, Event, EventKind, Held, Order, OrderError, RunId,
    Store, StoreError, Stored, Taken, Trace, TraceKind,
};
use dealflow::ir::{Origin, Program};
use dealflow::schema::Schema;
use dealflow::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

/// 2026-03-02, nine o'clock in Warsaw: minute 0.
const START: i64 = 1_772_438_400_000;

fn minute(at: Moment) -> i64 {
    (at.0 - START) / 60_000
}

/// The embedded CRM, but for comments when they are refused, or leave for the outside.
struct Moody {
    schedule: Schedule,
    outside: bool,
}

impl Crm for Moody {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        Embedded.take(store, schema, now, event)
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        if &*call.request.action != "comment" {
            return Embedded.perform(store, call);
        }
        if self.outside {
            let errand = errand(call.request.args.clone());
            return Ok(Done { errands: vec![errand], ..Embedded.perform(store, call)? });
        }
        if self.schedule.refuses(minute(call.now)) {
            return Err(EffectError::Refused("comments are closed".to_owned()));
        }
        Embedded.perform(store, call)
    }
}

/// A workspace with its programs.
#[derive(Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) schema: &'a Arc<Schema>,
    pub(super) programs: &'a [Arc<Program>],
    pub(super) schedule: &'a Schedule,
    /// The same programs in another form, between which deploys change.
    pub(super) others: &'a [Arc<Program>],
    /// Who gets comments, if they leave.
    pub(super) receiver: Option<&'a Receiver>,
}

/// How a world is treated.
pub(super) struct Treatment<'r> {
    /// How many activations are committed at once, at most.
    pub(super) group: usize,
    /// How often the process dies.
    pub(super) deaths: u32,
    /// Whether runs go through their stored form at every instruction.
    pub(super) reload: bool,
    /// Whether a new process may come with other programs.
    pub(super) deploys: bool,
    pub(super) random: &'r mut Random,
}

/// What came of it.
pub(super) struct Outcome<S> {
    pub(super) lines: Vec<String>,
    pub(super) store: S,
    pub(super) activations: u64,
    pub(super) died: u32,
}

/// Lives through the whole schedule; `reopen` gives what is left of a store whose process died.
pub(super) fn live<S: Store>(
    world: &World<'_>,
    mut treatment: Treatment<'_>,
    store: S,
    mut reopen: impl FnMut(S) -> S,
    mut committed: impl FnMut(&S),
) -> Outcome<S> {
    let mut out = Outcome { lines: Vec::new(), store, activations: 0, died: 0 };
    loop {
        let death = death(&mut treatment);
        let programs = if treatment.deploys && treatment.random.once_in(2) { world.others } else { world.programs };
        let group = 1 + treatment.random.below(treatment.group);
        let (lines, sent) = (Vec::new(), Vec::new());
        let mut life = Life { world, programs, lines, activations: 0, group, sent };
        let mut mortal = Mortal::new(out.store, death);
        let ended = life.go_on(&mut mortal, treatment.reload, &mut |store, lines| {
            committed(store);
            out.lines.append(lines);
        });
        out.activations += life.activations;
        match ended {
            Ok(()) => {
                out.store = mortal.inner;
                return out;
            }
            Err(error) => {
                assert!(mortal.dead, "a store that is well failed: {error}");
                if mortal.death == Death::AfterCommit {
                    committed(&mortal.inner);
                    out.lines.append(&mut life.lines);
                }
                out.died += 1;
                out.store = reopen(mortal.inner);
            }
        }
    }
}

fn death(treatment: &mut Treatment<'_>) -> Death {
    if treatment.deaths == 0 {
        return Death::Never;
    }
    treatment.deaths -= 1;
    if treatment.random.once_in(5) {
        return Death::AfterCommit;
    }
    let far = treatment.random.pick(&[5, 30, 120]);
    Death::AtWrite(u32::try_from(treatment.random.below(far)).unwrap())
}

/// From a start of the process to its death, or to the end.
struct Life<'a> {
    world: &'a World<'a>,
    programs: &'a [Arc<Program>],
    /// What happened since the last commit.
    lines: Vec<String>,
    activations: u64,
    group: usize,
    /// What was sent and is not answered yet: when the answer comes, and which.
    sent: Vec<(Moment, ErrandKey, Attempt)>,
}

/// What happens next.
enum Next {
    Item,
    Timer,
    Send(Moment, ErrandKey),
    Answer(usize),
}

impl Life<'_> {
    fn go_on<S: Store>(
        &mut self,
        store: &mut Mortal<S>,
        reload: bool,
        committed: &mut dyn FnMut(&S, &mut Vec<String>),
    ) -> Result<(), StoreError> {
        let World { schema, schedule, receiver, .. } = self.world;
        let crm = Arc::new(Moody { schedule: (*schedule).clone(), outside: receiver.is_some() });
        let mut engine = Engine::new((*schema).clone(), self.programs.to_vec(), crm);
        if receiver.is_some() {
            engine.go_live(live_pauses());
        }
        if reload {
            engine.reload_at_every_step();
        }
        engine.adopt(store)?;
        let mut open = 0;
        loop {
            let item = store.cursor("items")?.lines;
            let number = usize::try_from(item).unwrap();
            let Some(next) = self.next(&engine, store, schedule.items.get(number).map(|item| item.at))? else { break };
            let lines = &mut self.lines;
            let tell = &mut |trace: Trace| lines.extend(line(&trace));
            match next {
                Next::Item => {
                    self.item(&mut engine, store, number)?;
                    store.set_cursor("items", Cursor { lines: item + 1, prefix: [0; 32] })?;
                }
                Next::Timer => {
                    engine.fire_next(store, tell)?;
                }
                Next::Send(at, key) => {
                    let row = engine.attempt(store, key)?;
                    // That it may have been tried is on the disk before it is tried.
                    store.commit()?;
                    committed(&store.inner, &mut self.lines);
                    open = 0;
                    if let (Some(row), Some(receiver)) = (row, receiver) {
                        let (pause, answer) = receiver.take(key, &row);
                        self.sent.push((Moment(at.0 + pause), key, answer));
                    }
                }
                Next::Answer(which) => {
                    let (at, key, answer) = self.sent.remove(which);
                    engine.settle(store, key, at, &answer, tell)?;
                }
            }
            self.activations += 1;
            open += 1;
            if open >= self.group {
                store.commit()?;
                committed(&store.inner, &mut self.lines);
                open = 0;
            }
        }
        store.commit()?;
        committed(&store.inner, &mut self.lines);
        Ok(())
    }

    /// What comes first: answers before what is to be sent, that before events, and timers last.
    fn next(&self, engine: &Engine, store: &dyn Store, item: Option<i64>) -> Stored<Option<Next>> {
        let answer = self.sent.iter().enumerate().min_by_key(|(_, (at, key, _))| (*at, *key));
        let answer = answer.map(|(which, (at, ..))| (*at, 0, Next::Answer(which)));
        let is_under_way = |key: &ErrandKey| self.sent.iter().any(|(_, other, _)| other == key);
        let due = store.due_errands(Moment(i64::MAX), 1_000)?;
        let send = due.iter().find(|(key, _)| !is_under_way(key));
        let send = send.and_then(|(key, row)| {
            let at = row.next?.max(store.meta().now);
            Some((at, 1, Next::Send(at, *key)))
        });
        let item = item.map(|at| (Moment(START + at * 60_000), 2, Next::Item));
        let timer = engine.next_timer(store)?.map(|at| (at, 3, Next::Timer));
        let all = [answer, send, item, timer].into_iter().flatten();
        Ok(all.min_by_key(|(at, order, _)| (*at, *order)).map(|(_, _, next)| next))
    }

    fn item(&mut self, engine: &mut Engine, store: &mut dyn Store, number: usize) -> Result<(), StoreError> {
        let schedule = self.world.schedule;
        let origin = schedule.origin(number);
        let at = Moment(START + schedule.items[number].at * 60_000);
        let stage_field = |stage: usize| ("stage".into(), Value::text(STAGES[stage]));
        let size_field = |size: i64| ("size".into(), Value::Int(size));
        let (what, deal, fields): (_, usize, Vec<(Name, Value)>) = match &schedule.items[origin].what {
            What::Create { deal, stage, size } => {
                (EventKind::Create, *deal, vec![stage_field(*stage), size_field(*size)])
            }
            What::Update { deal, stage, size } => {
                let fields = stage.map(stage_field).into_iter().chain(size.map(size_field)).collect();
                (EventKind::Update, *deal, fields)
            }
            What::Order(order) if origin == number => return self.order(engine, store, *order),
            What::Order(_) | What::Again(_) => return Ok(()),
        };
        let about = Some(Ref::new("deal", &deal.to_string()));
        let id = Some(format!("item {origin}").as_str().into());
        let event = Event { at, what, about, fields, by: None, origin: Origin::User, id };
        let lines = &mut self.lines;
        engine.deliver(store, &event, &mut |trace| lines.extend(line(&trace)))
    }

    /// Orders this of the first run for which it makes sense.
    fn order(&mut self, engine: &mut Engine, store: &mut dyn Store, order: Order) -> Result<(), StoreError> {
        let fits = |held: Option<&Held>| match order {
            Order::Cancel => true,
            Order::Pause => held.is_none(),
            Order::Resume => held == Some(&Held::Paused),
            Order::Retry | Order::Skip => matches!(held, Some(Held::Parked(_))),
        };
        let runs = store.runs(None, 1000)?;
        let Some((id, _)) = runs.iter().find(|(_, run)| fits(run.held.as_ref())) else { return Ok(()) };
        let lines = &mut self.lines;
        match engine.order(store, *id, order, &mut |trace| lines.extend(line(&trace))) {
            Ok(()) => Ok(()),
            Err(OrderError::Store(error)) => Err(error),
            Err(other) => panic!("{other}"),
        }
    }
}

/// What the model tells too, in its words.
fn line(trace: &Trace) -> Option<String> {
    let run = trace.run.unwrap_or(RunId(0));
    let of = || trace.record.as_ref().map_or(String::new(), |of| of.id.to_string());
    let rule = trace.rule.as_deref().unwrap_or_default();
    let what = match &trace.what {
        TraceKind::EventTaken { .. } | TraceKind::Woken { .. } => return None,
        TraceKind::EventIgnored { .. } => "ignored".to_owned(),
        TraceKind::NotMatched { why } => format!("{rule} of {}: {why:?}", of()),
        TraceKind::RunStarted => format!("run {run}: {rule} of {}", of()),
        TraceKind::Effect { seq, action, args, .. } => {
            let given = match args.last() {
                Some((_, Value::Text(text))) => text.to_string(),
                other => other.map_or(String::new(), |(_, value)| value.to_string()),
            };
            format!("run {run}: #{seq} {action} {given}")
        }
        TraceKind::Refused { seq, .. } => format!("run {run}: #{seq} refused"),
        TraceKind::Parked { .. } => format!("run {run}: parked"),
        TraceKind::Ordered { order } => format!("run {run}: {}", order.name()),
        TraceKind::Waiting { deadline, .. } => format!("run {run}: sleeps until {:?}", deadline.map(minute)),
        TraceKind::Ended => format!("run {run}: ended"),
        TraceKind::Cancelled { why } => format!("run {run}: cancelled, {why:?}"),
        TraceKind::HandedOver { seq, .. } => format!("run {run}: #{seq} handed over"),
        TraceKind::TriedAgain { seq, .. } => format!("run {run}: #{seq} tried again"),
        TraceKind::Withdrawn { seq, .. } => format!("run {run}: #{seq} withdrawn"),
        TraceKind::DateCame | TraceKind::Failed(_) | TraceKind::UndoFailed(_) | TraceKind::Stuck { .. } => {
            format!("run {run}: {:?}", trace.what)
        }
    };
    Some(format!("{} {what}", minute(trace.at)))
}
