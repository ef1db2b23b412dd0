//! Effects that happen outside: handed over in the run's transaction, tried with their key, and settled in another.
//!
//! Here `log "out …"` is such an effect (the run waits for it), and `log "mirror …"` one that no run waits for.

use super::script::script;
use super::world::{World, open, show};
use dealflow::crm::Embedded;
use dealflow::engine::{
    Attempt, Call, Change, Crm, Done, EffectError, Engine, Errand, ErrandKey, Event, Live, Order, Pauses, RunId, Store,
    Stored, Taken,
};
use dealflow::host::MemoryStore;
use dealflow::ir::Program;
use dealflow::schema::Schema;
use dealflow::value::{Moment, Value};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The embedded CRM, but some logs go outside.
struct Outsider;

impl Crm for Outsider {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        Embedded.take(store, schema, now, event)
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        let (record, request) = (call.record.cloned(), call.request.clone());
        let mut done = Embedded.perform(store, call)?;
        if let Some(Value::Text(text)) = request.arg("text") {
            let awaited = text.starts_with("out");
            if awaited || text.starts_with("mirror") {
                let (channel, about) = (if awaited { "post" } else { "mirror" }.into(), record.filter(|_| awaited));
                done.value = Value::text("sent");
                done.errands.push(Errand { channel, args: request.args, about, awaited, not_before: None });
            }
        }
        Ok(done)
    }

    fn settle(&self, store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
        let titled = |text: &str| (dealflow::value::Name::from("title"), Value::text(text));
        let _ = now;
        // The record is told in a way that rules can see.
        let attempt = match attempt {
            Attempt::Done { value, .. } => Attempt::Done { value: value.clone(), fields: vec![titled("told")] },
            other => other.clone(),
        };
        Embedded.settle(store, now, errand, &attempt)
    }
}

fn engine(world: &World, rules: &[Program], reload: bool) -> Engine {
    let rules = rules.iter().cloned().map(Arc::new).collect();
    let mut engine = Engine::new(world.schema.clone(), rules, Arc::new(Outsider));
    let pauses = Pauses { first: 60_000, longest: 600_000, attempts: 3 };
    engine.go_live(Live { mirrors: BTreeSet::from(["mirror".into()]), pauses });
    if reload {
        engine.reload_at_every_step();
    }
    engine
}

/// Tells a story in memory, in memory with every run read again at every step, and in a file.
fn tell(text: &str, story: impl Fn(&mut World, &[Program])) -> String {
    let rules = script(text);
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    for (store, reload) in [
        (Box::new(MemoryStore::new()) as Box<dyn Store>, false),
        (Box::new(MemoryStore::new()), true),
        (Box::new(open(&folder.path().join("s.db"))), true),
    ] {
        let mut world = World::new(store, &rules);
        world.engine = engine(&world, &rules, reload);
        story(&mut world, &rules);
        world.store.commit().unwrap();
        let left = world.store.errands(None, 100).unwrap();
        let left = left.iter().map(|(key, row)| {
            let next = row.next.map(|at| at.to_string());
            format!("\noutbox: {key} tried {} times, next {next:?}, {:?}, {:?}", row.attempts, row.last, row.arrived)
        });
        told.push(format!("{text}\n---\n{}{}", world.story(), left.collect::<String>()));
    }
    assert_eq!(told[0], told[1], "written down and read again at every step");
    assert_eq!(told[0], told[2], "in a file");
    told.swap_remove(0)
}

/// Tries what is due at the clock's time; `answer` says what comes of it. Gives the keys.
fn send(world: &mut World, answer: impl Fn(&str) -> Attempt) -> Vec<String> {
    let mut keys = Vec::new();
    let now = world.read(dealflow::engine::EventKind::Create, "deal 0", &json!({})).at;
    for (key, _) in world.store.due_errands(now, 10).unwrap() {
        let row = world.engine.attempt(&mut *world.store, key).unwrap().unwrap();
        world.store.commit().unwrap();
        let Some(Value::Text(text)) = row.errand.arg("text") else { panic!("no text") };
        keys.push(format!("{key} {text}"));
        settle(world, key, now, &answer(text));
    }
    keys
}

fn settle(world: &mut World, key: ErrandKey, at: Moment, attempt: &Attempt) {
    let zone = world.schema.calendar.clone();
    let lines = &mut world.lines;
    let trace = &mut |t| lines.push(show(&zone, &t));
    world.engine.settle(&mut *world.store, key, at, attempt, trace).unwrap();
    world.store.commit().unwrap();
}

fn order(world: &mut World, id: u64, order: Order) {
    let zone = world.schema.calendar.clone();
    let lines = &mut world.lines;
    let trace = &mut |t| lines.push(show(&zone, &t));
    world.engine.order(&mut *world.store, RunId(id), order, trace).unwrap();
}

fn done(_: &str) -> Attempt {
    Attempt::Done { value: None, fields: vec![] }
}

fn passing(_: &str) -> Attempt {
    Attempt::Passing { why: "451 later".into(), after: None }
}

fn permanent(_: &str) -> Attempt {
    Attempt::Permanent { why: "550 nobody here".into() }
}

fn deal(world: &mut World) {
    world.create("deal 1", json!({"title": "A", "stage": "Invoice", "amount": "5 PLN", "owner": "anna"}));
}

const ONE: &str =
    r#"rule "One" on deal stage "Invoice" { log "before"; log "out {deal.title}"; log "after {deal.title}"; }"#;

#[test]
fn the_run_waits_for_what_happens_outside() {
    insta::assert_snapshot!(tell(ONE, |world, _| {
        deal(world);
        world.at("10:00").update("deal 1", json!({"amount": "6 PLN"}));
        assert_eq!(send(world, done), ["1/2 out A"]);
        assert!(send(world, done).is_empty());
    }));
}

#[test]
fn what_fails_and_may_pass_is_tried_again_with_the_same_key() {
    insta::assert_snapshot!(tell(ONE, |world, _| {
        deal(world);
        assert_eq!(send(world, passing), ["1/2 out A"]);
        assert!(send(world.at("09:00"), done).is_empty());
        assert_eq!(send(world.at("09:02"), passing), ["1/2 out A"]);
        // The receiver may ask for more time than we would give it.
        assert_eq!(send(world.at("09:10"), |_| Attempt::Passing { why: "429".into(), after: Some(1) }), ["1/2 out A"]);
        order(world, 1, Order::Retry);
        assert_eq!(send(world.at("09:10"), done), ["1/2 out A"]);
    }));
}

#[test]
fn what_cannot_be_done_parks_the_run_and_can_be_retried_or_skipped() {
    insta::assert_snapshot!(tell(ONE, |world, _| {
        deal(world);
        assert_eq!(send(world, permanent), ["1/2 out A"]);
        assert!(send(world.at("10:00"), done).is_empty());
        world.update("deal 1", json!({"title": "B"}));
        order(world, 1, Order::Retry);
        assert_eq!(send(world, permanent), ["1/2 out B"]);
        order(world, 1, Order::Skip);
    }));
}

#[test]
fn try_catches_what_fails_outside() {
    let text = r#"rule "Tries" on deal stage "Invoice" {
  try { log "out {deal.title}"; log "not reached"; } retry 2 times pausing 10min else $error { log "gave up: {$error}"; }
}"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        assert_eq!(send(world, permanent), ["1/1 out A"]);
        assert_eq!(send(world.at("09:11"), permanent), ["1/2 out A"]);
        assert_eq!(send(world.at("09:22"), permanent), ["1/3 out A"]);
    }));
}

#[test]
fn other_branches_go_on_meanwhile() {
    let text = r#"rule "Both" on deal stage "Invoice" {
  parallel {
    branch { log "out first"; log "first is out"; }
    branch { wait until deal.stage == Won or 1h; log "second goes on"; log "out second"; }
  }
  log "both";
}"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        world.update("deal 1", json!({"stage": "Won"}));
        // The second comes back before the first, and the first has to be asked for anew.
        let second = ErrandKey { run: RunId(1), seq: 3, part: 0 };
        let now = world.store.meta().now;
        settle(world, second, now, &done(""));
        assert_eq!(send(world, permanent), ["1/1 out first"]);
        order(world, 1, Order::Retry);
        assert_eq!(send(world, done), ["1/4 out first"]);
    }));
}

#[test]
fn the_loser_of_a_race_and_a_cancelled_run_withdraw_what_has_not_left() {
    let text = r#"rule "Race" on deal stage "Invoice" while deal.amount is not empty {
  race { branch { log "out late"; } branch { wait until deal.priority == High; } }
  log "raced";
  log "out never";
}"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        world.update("deal 1", json!({"priority": "High"}));
        let left = |world: &World| world.store.errands(None, 9).unwrap().len();
        assert_eq!(left(world), 1);
        world.update("deal 1", json!({"amount": null}));
        assert_eq!(left(world), 0);
        assert!(send(world, done).is_empty());
    }));
}

#[test]
fn what_an_ended_run_asked_for_still_leaves() {
    let text = r#"rule "Ends" on deal stage "Invoice" {
  parallel { branch { log "out anyway"; } branch { stop; } }
}"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        assert_eq!(send(world, done), ["1/1 out anyway"]);
    }));
}

#[test]
fn a_held_run_gets_what_came_meanwhile() {
    insta::assert_snapshot!(tell(ONE, |world, _| {
        deal(world);
        order(world, 1, Order::Pause);
        assert_eq!(send(world, done), ["1/2 out A"]);
        world.at("12:00");
        order(world, 1, Order::Resume);
    }));
}

#[test]
fn mirrors_are_not_awaited_and_stay_when_they_fail() {
    let text = r#"rule "Mirrors" on deal stage "Invoice" { log "mirror one"; log "mirror two"; }"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        let only_two = |text: &str| if text.ends_with("two") { done(text) } else { permanent(text) };
        assert_eq!(send(world, only_two), ["1/1 mirror one", "1/2 mirror two"]);
        let key = ErrandKey { run: RunId(1), seq: 1, part: 0 };
        let now = world.store.meta().now;
        assert!(!world.engine.try_again(&mut *world.store, ErrandKey { seq: 2, ..key }, now).unwrap());
        assert!(world.engine.try_again(&mut *world.store, key, now).unwrap());
        assert_eq!(send(world, permanent), ["1/1 mirror one"]);
    }));
}

#[test]
fn undoing_does_not_wait() {
    let text = r#"rule "Undoes" on deal stage "Invoice" while deal.amount is not empty {
  log "done"; undo { log "out undone"; log "really"; }
  wait 3d;
}"#;
    insta::assert_snapshot!(tell(text, |world, _| {
        deal(world);
        world.update("deal 1", json!({"amount": null}));
        assert!(world.store.run(RunId(1)).unwrap().is_none());
    }));
}

/// Between an attempt and its outcome the process dies: what is tried again has the same key and counts on.
#[test]
fn a_crash_between_sending_and_noting_sends_again_with_the_same_key() {
    let rules = script(ONE);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut sent = Vec::new();
    let mut world = World::new(Box::new(open(&path)), &rules);
    world.engine = engine(&world, &rules, false);
    deal(&mut world);
    world.store.commit().unwrap();
    for expected in 1..=3 {
        let now = world.store.meta().now;
        let (key, _) = world.store.due_errands(now, 1).unwrap().remove(0);
        let row = world.engine.attempt(&mut *world.store, key).unwrap().unwrap();
        world.store.commit().unwrap();
        assert_eq!(row.attempts, expected);
        sent.push(key.to_string());
        drop(world);
        world = World::new(Box::new(open(&path)), &rules);
        world.engine = engine(&world, &rules, false);
    }
    assert_eq!(sent, ["1/2"; 3]);
    let key = "1/2".parse().unwrap();
    let now = world.store.meta().now;
    settle(&mut world, key, now, &done(""));
    assert_eq!(world.store.meta().counters.ended, 1);
    assert!(world.store.errands(None, 9).unwrap().is_empty());
}

/// Without `go_live` nothing is handed over: the effect counts as done.
#[test]
fn nothing_leaves_unless_it_is_said() {
    let rules = script(ONE);
    let mut world = World::new(Box::new(MemoryStore::new()), &rules);
    let all = rules.iter().cloned().map(Arc::new).collect();
    world.engine = Engine::new(world.schema.clone(), all, Arc::new(Outsider));
    deal(&mut world);
    assert_eq!(world.store.meta().counters.ended, 1);
    assert!(world.store.errands(None, 9).unwrap().is_empty());
    insta::assert_snapshot!(world.story());
}
