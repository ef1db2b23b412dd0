//! A workspace, rules made by hand, a clock, and the timeline as text.

use crate::machine::asm::Asm;
use dealflow::crm::Embedded;
use dealflow::engine::{Engine, Event, EventKind, Store, StoreError, Trace, TraceKind};
use dealflow::host::{MemoryStore, SqliteStore, sqlite::Durability};
use dealflow::ir::{Op, Origin, Program, Trigger};
use dealflow::schema::{self, Schema, value_from_json, value_to_json};
use dealflow::source::FileId;
use dealflow::value::{Moment, Name, Ref, Value};
use dealflow::vm::Watch;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// The workspace of `tests/data/engine/crm.toml`.
pub(super) fn workspace() -> Arc<Schema> {
    let text = std::fs::read_to_string("tests/data/engine/crm.toml").unwrap();
    let (schema, found) = schema::load(FileId(0), &text);
    assert!(found.is_empty(), "{found:?}");
    Arc::new(schema)
}

pub(super) fn entered(stage: &str) -> Trigger {
    Trigger::Entered { entity: "deal".into(), stages: vec![stage.into()], pipeline: None }
}

pub(super) fn changed(field: &str) -> Trigger {
    Trigger::Changed { entity: "deal".into(), fields: vec![field.into()], from: None, to: None }
}

pub(super) fn happens(event: &str) -> Trigger {
    Trigger::Event { name: event.into(), entity: None }
}

/// A rule with this body, whose first free register is 2.
pub(super) fn rule(name: &str, trigger: Trigger, body: impl FnOnce(&mut Asm)) -> Program {
    clauses(name, trigger, body, |_| ())
}

/// The same, with more functions after the body.
pub(super) fn clauses(
    name: &str,
    trigger: Trigger,
    body: impl FnOnce(&mut Asm),
    more: impl FnOnce(&mut Asm),
) -> Program {
    let mut asm = Asm::new();
    asm.program.trigger = trigger;
    asm.program.debug.rule = name.into();
    body(&mut asm);
    asm.op(Op::ReturnNone).done(2, 10, &[]);
    more(&mut asm);
    asm.program
}

/// Ends a function that gives register 2 and says its number.
pub(super) fn gives(asm: &mut Asm) -> u16 {
    asm.op(Op::Return { a: 2 }).done(2, 10, &[]);
    u16::try_from(asm.program.functions.len() - 1).unwrap()
}

/// `record.field == value`, into register 2.
pub(super) fn is(asm: &mut Asm, field: &str, value: Value) {
    asm.read(2, 0, field).set(3, value);
    asm.op(Op::Bin { op: dealflow::ir::BinOp::Eq, dst: 2, a: 2, b: 3 });
}

/// `log "text"`.
pub(super) fn log(asm: &mut Asm, text: &str) {
    asm.set(2, Value::text(text)).act(2, 2, "log", &["text"]);
}

/// `set record.field = value`.
pub(super) fn set(asm: &mut Asm, field: &str, value: Value) {
    asm.op(Op::Copy { dst: 2, src: 0 }).set(3, value).act(2, 2, "set", &["record", field]);
}

/// `wait until record.field == value or limit`; the outcome is in register 2.
pub(super) fn wait_until(asm: &mut Asm, field: &str, value: Value, limit: Option<&str>) {
    match limit {
        Some(limit) => asm.set(2, Value::Period(limit.parse().unwrap())).op(Op::Arm { limit: 2 }),
        None => asm.op(Op::ArmNone),
    };
    asm.label("look").op(Op::Watch);
    is(asm, field, value);
    asm.to("reached", Op::JumpIf { a: 2, to: 0 });
    asm.to("look", Op::Suspend { dst: 2, retry: 0, live: 2 }).to("over", Op::Jump { to: 0 });
    asm.label("reached").set(2, Value::text("reached"));
    asm.label("over").op(Op::Disarm);
}

/// `wait period`.
pub(super) fn sleep(asm: &mut Asm, period: &str) {
    asm.set(2, Value::Period(period.parse().unwrap())).op(Op::Arm { limit: 2 });
    asm.label("sleep").to("sleep", Op::Suspend { dst: 2, retry: 0, live: 2 }).op(Op::Disarm);
}

/// `wait for event about what is in register 0`; the outcome is in register 2.
pub(super) fn wait_for(asm: &mut Asm, event: &str) {
    let event = asm.name(event);
    asm.op(Op::ArmNone).label("again").op(Op::WatchEvent { event, about: 0 });
    asm.to("again", Op::Suspend { dst: 2, retry: 0, live: 2 }).op(Op::Disarm);
}

/// `log` of what is in register 2.
pub(super) fn log_it(asm: &mut Asm) {
    asm.act(2, 2, "log", &["text"]);
}

/// Rules at work over a store.
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) store: Box<dyn Store>,
    pub(super) schema: Arc<Schema>,
    pub(super) lines: Vec<String>,
    now: Moment,
}

impl World {
    pub(super) fn new(store: Box<dyn Store>, rules: &[Program]) -> Self {
        let schema = workspace();
        let rules = rules.iter().cloned().map(Arc::new).collect();
        let engine = Engine::new(schema.clone(), rules, Arc::new(Embedded));
        let now = "2026-03-02T09:00:00+01:00".parse().unwrap();
        Self { engine, store, schema, lines: Vec::new(), now }
    }

    /// Sets the clock; timers before it fire.
    pub(super) fn at(&mut self, time: &str) -> &mut Self {
        let text = if time.len() == 5 { format!("2026-03-02T{time}:00+01:00") } else { format!("{time}:00+01:00") };
        self.now = text.parse().unwrap();
        let now = self.now;
        self.fire(|at| at < now);
        self
    }

    /// Fires all timers that are left.
    pub(super) fn rest(&mut self) -> &mut Self {
        self.fire(|_| true);
        self
    }

    fn fire(&mut self, due: impl Fn(Moment) -> bool) {
        self.engine.adopt(&mut *self.store).unwrap();
        while self.engine.next_timer(&*self.store).unwrap().is_some_and(&due) {
            let lines = &mut self.lines;
            let zone = self.schema.calendar.clone();
            self.engine.fire_next(&mut *self.store, &mut |trace| lines.push(show(&zone, &trace))).unwrap();
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes a value, and stories read better without `&`")]
    pub(super) fn create(&mut self, what: &str, fields: serde_json::Value) -> &mut Self {
        self.change(EventKind::Create, what, &fields)
    }

    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes a value, and stories read better without `&`")]
    pub(super) fn update(&mut self, what: &str, fields: serde_json::Value) -> &mut Self {
        self.change(EventKind::Update, what, &fields)
    }

    pub(super) fn delete(&mut self, what: &str) -> &mut Self {
        self.change(EventKind::Delete, what, &json!({}))
    }

    /// A named event about a record.
    pub(super) fn event(&mut self, name: &str, what: &str) -> &mut Self {
        self.change(EventKind::Named(name.into()), what, &json!({}))
    }

    fn change(&mut self, kind: EventKind, what: &str, fields: &serde_json::Value) -> &mut Self {
        let event = self.read(kind, what, fields);
        self.deliver(&event).unwrap();
        self
    }

    /// An event of `anna` at the clock's time.
    pub(super) fn read(&self, what: EventKind, about: &str, fields: &serde_json::Value) -> Event {
        let (kind, id) = about.split_once(' ').unwrap();
        let entity = self.schema.entity(kind).unwrap();
        let value = |(name, json): (&String, &serde_json::Value)| {
            let field = entity.field(name).unwrap_or_else(|| panic!("no field {name}"));
            (Name::from(name.as_str()), value_from_json(&self.schema, &field.ty, json).unwrap())
        };
        let fields = fields.as_object().unwrap().iter().map(value).collect();
        let about = Some(Ref::new(kind, id));
        Event { at: self.now, what, about, fields, by: Some("anna".into()), origin: Origin::User, id: None }
    }

    pub(super) fn deliver(&mut self, event: &Event) -> Result<(), StoreError> {
        let lines = &mut self.lines;
        let zone = self.schema.calendar.clone();
        self.engine.deliver(&mut *self.store, event, &mut |trace| lines.push(show(&zone, &trace)))
    }

    /// The timeline so far, the summary, and what sleeps.
    pub(super) fn story(&self) -> String {
        let counters = self.store.meta().counters.clone();
        let waiting = dealflow::engine::inspect::runs(&*self.store, None, 100).unwrap();
        let waiting = waiting.iter().map(|run| format!("sleeps: run {} of {} {:?}", run.id, run.rule, run.held));
        let lines = self.lines.iter().cloned().chain(waiting).collect::<Vec<_>>();
        format!("{}\n{counters:?}", lines.join("\n"))
    }
}

/// Tells a story on both stores, checks that it is the same, and gives it.
pub(super) fn tell(rules: &[Program], story: impl Fn(&mut World)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn Store>; 2] = [Box::new(MemoryStore::new()), Box::new(open(&folder.path().join("s.db")))];
    let [memory, sqlite] = stores.map(|store| {
        let mut world = World::new(store, rules);
        story(&mut world);
        world.store.commit().unwrap();
        world.story()
    });
    assert_eq!(memory, sqlite);
    memory
}

pub(super) fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Durability::Process).unwrap()
}

/// One line of the timeline.
pub(super) fn show(calendar: &schema::Calendar, trace: &Trace) -> String {
    let mut line = calendar.local(trace.at).format("%m-%d %H:%M").to_string();
    for part in [trace.rule.as_ref().map(|r| format!(" [{r}")), trace.run.map(|id| format!("#{id}"))] {
        line += &part.unwrap_or_default();
    }
    line += if trace.rule.is_some() { "] " } else { " " };
    let record = trace.record.as_ref().map_or("-".to_owned(), ToString::to_string);
    line + &record + ": " + &what(calendar, &trace.what)
}

fn what(calendar: &schema::Calendar, what: &TraceKind) -> String {
    match what {
        TraceKind::EventTaken { what, fields, by, origin, depth } => {
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            let hidden = ["created_at", "created_by", "updated_at", "owner", "priority", "score", "repeat"];
            let fields = fields.iter().filter(|(name, _)| *what != "create".into() || !hidden.contains(&&**name));
            let fields = fields.filter(|(name, _)| &**name != "updated_at").cloned().collect::<Vec<_>>();
            format!("{what} {}{by} ({origin:?}, {depth})", args(&fields))
        }
        TraceKind::Effect { seq, action, args: given, result } => {
            let result =
                if *result == Value::Missing { String::new() } else { format!(" -> {}", value_to_json(result)) };
            format!("{seq}. {action} {}{result}", args(given))
        }
        TraceKind::Waiting { watches, deadline } => {
            let watch = |watch: &Watch| match watch {
                Watch::Field { of, field } => format!("{of} {field}"),
                Watch::Event { name, about } => {
                    format!("`{name}` about {}", about.as_ref().map_or("-".into(), Ref::to_string))
                }
            };
            let watches = watches.iter().map(watch).collect::<Vec<_>>().join(", ");
            let until = deadline.map(|at| calendar.local(at).format(" until %m-%d %H:%M").to_string());
            format!("waits for [{watches}]{}", until.unwrap_or_default())
        }
        other => format!("{other:?}"),
    }
}

fn args(args: &[(Name, Value)]) -> String {
    args.iter().map(|(name, value)| format!("{name}={}", value_to_json(value))).collect::<Vec<_>>().join(" ")
}
