//! Runs that people hold and let go, and the history that remains of every run.

use super::script::script;
use super::world::{World, open, tell};
use dealflow::engine::history::Cause;
use dealflow::engine::{Held, HistoryRow, Mark, Order, OrderError, RunId, inspect};
use dealflow::host::MemoryStore;
use serde_json::json;

/// The manager of a deal's owner is asked; a deal without an owner parks the run.
const ASKS: &str = r#"rule "Asks" on deal stage "Invoice" while deal.amount is not empty {
  log "first";
  message deal.owner.manager "look at {deal.title}";
  log "second";
  wait until deal.stage == Won or 3d;
  log "third";
}"#;

fn order(world: &mut World, id: u64, order: Order) -> Result<(), OrderError> {
    let zone = world.schema.calendar.clone();
    let lines = &mut world.lines;
    world.engine.order(&mut *world.store, RunId(id), order, &mut |t| lines.push(super::world::show(&zone, &t)))
}

fn park(world: &mut World) {
    let deal = json!({"title": "A", "stage": "Invoice", "amount": "5 PLN", "owner": "mona"});
    world.create("deal 1", deal);
    assert_eq!(world.store.meta().counters.parked, 1, "{:?}", world.lines);
}

#[test]
fn a_refused_effect_parks_the_run_until_it_can_be_done() {
    let story = tell(&script(ASKS), |world| {
        park(world);
        // Mona has no manager: trying again changes nothing.
        order(world, 1, Order::Retry).unwrap();
        world.at("10:00").update("deal 1", json!({"owner": "anna", "title": "B"}));
        order(world, 1, Order::Retry).unwrap();
        world.rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_refused_effect_can_be_skipped() {
    let story = tell(&script(ASKS), |world| {
        park(world);
        order(world, 1, Order::Skip).unwrap();
        world.rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_paused_run_is_deaf_and_looks_when_it_is_resumed() {
    let script = script(
        r#"rule "Waits" on deal stage "Invoice" one at a time { wait until deal.stage == Won or 3d; log "{deal.title}"; }"#,
    );
    let story = tell(&script, |world| {
        for id in ["deal 1", "deal 2", "deal 3"] {
            world.create(id, json!({"title": id, "stage": "Invoice"}));
        }
        for id in 1..=3 {
            order(world, id, Order::Pause).unwrap();
        }
        world.update("deal 1", json!({"stage": "Won"}));
        // The run is still there, so the rule does not start another one.
        world.update("deal 2", json!({"stage": "New"})).update("deal 2", json!({"stage": "Invoice"}));
        order(world, 1, Order::Resume).unwrap();
        order(world, 2, Order::Resume).unwrap();
        // The third is resumed when its limit has long passed.
        world.at("2026-03-09T09:00").create("deal 9", json!({"title": "clock"}));
        order(world, 3, Order::Resume).unwrap();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn the_clause_of_a_run_that_is_held_still_ends_it() {
    let story = tell(&script(ASKS), |world| {
        park(world);
        world.update("deal 1", json!({"amount": null}));
    });
    assert!(story.contains("Cancelled { why: Lifetime }") && story.contains("parked: 0"), "{story}");
}

#[test]
fn orders_that_mean_nothing_are_refused() {
    let mut world = World::new(Box::new(MemoryStore::new()), &script(ASKS));
    park(&mut world);
    let mut said = Vec::new();
    let mut say = |world: &mut World, id, what| said.push(order(world, id, what).unwrap_err().to_string());
    say(&mut world, 9, Order::Cancel);
    say(&mut world, 1, Order::Pause);
    say(&mut world, 1, Order::Resume);
    order(&mut world, 1, Order::Skip).unwrap();
    for what in [Order::Resume, Order::Retry, Order::Skip] {
        say(&mut world, 1, what);
    }
    order(&mut world, 1, Order::Pause).unwrap();
    for what in [Order::Pause, Order::Retry, Order::Skip] {
        say(&mut world, 1, what);
    }
    order(&mut world, 1, Order::Cancel).unwrap();
    say(&mut world, 1, Order::Cancel);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_stuck_run_can_be_read_again_or_removed() {
    let story = tell(&script(ASKS), |world| {
        for id in ["deal 1", "deal 2"] {
            let deal = json!({"title": "A", "stage": "Invoice", "amount": "5 PLN", "owner": "anna"});
            world.create(id, deal);
        }
        let rows = world.store.runs(None, 2).unwrap();
        for (id, row) in &rows {
            let mut bad = row.clone();
            bad.machine[30] ^= 1;
            world.store.put_run(*id, &bad).unwrap();
        }
        world.update("deal 1", json!({"stage": "New"})).update("deal 2", json!({"stage": "New"}));
        assert_eq!(world.store.meta().counters.stuck, 2);
        order(world, 1, Order::Cancel).unwrap();
        assert!(matches!(order(world, 2, Order::Retry), Err(OrderError::Stuck(_))));
        let held = Some(Held::Stuck("mended".into()));
        world.store.put_run(RunId(2), &dealflow::engine::RunRow { held, ..rows[1].1.clone() }).unwrap();
        order(world, 2, Order::Retry).unwrap();
        world.rest();
    });
    assert!(story.ends_with(r#"parked: 0, paused: 0 }"#), "{story}");
    insta::assert_snapshot!(story);
}

#[test]
fn a_history_outlives_its_run_and_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(Box::new(open(&folder.path().join("s.db"))), &script(ASKS));
    park(&mut world);
    order(&mut world, 1, Order::Skip).unwrap();
    world.at("10:00").update("deal 1", json!({"stage": "Won"}));
    world.create("deal 2", json!({"title": "B", "stage": "Invoice", "amount": "5 PLN", "owner": "anna"}));
    world.update("deal 2", json!({"amount": null}));
    world.store.commit().unwrap();
    drop(world);
    let world = World::new(Box::new(open(&folder.path().join("s.db"))), &script(ASKS));
    let store = &*world.store;
    assert_eq!(store.runs_ever(None, 9).unwrap(), [RunId(1), RunId(2)]);
    assert_eq!(store.runs_marked(Mark::Ended, None, 9).unwrap(), [RunId(1)]);
    assert_eq!(store.runs_marked(Mark::Cancelled, None, 9).unwrap(), [RunId(2)]);
    assert_eq!(store.runs_marked(Mark::Refused, None, 9).unwrap(), [RunId(1)]);
    assert_eq!(store.runs_of(&dealflow::value::Ref::new("deal", "2"), None, 9).unwrap(), [RunId(2)]);
    let told = inspect::told(store, RunId(1)).unwrap().unwrap();
    let row = |(number, row): &(u32, HistoryRow)| {
        let cause = match &row.cause {
            Cause::Started(start) => format!("{:?}", start.occasion),
            other => format!("{other:?}"),
        };
        let effects: Vec<_> = row.effects().map(|e| (e.seq, e.place.line, &*e.action, &e.result)).collect();
        format!("{number}. {} {cause}: {effects:?} {:?}", row.at, row.end)
    };
    insta::assert_snapshot!(told.history.iter().map(row).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_long_history_keeps_its_beginning_and_its_end() {
    let text = r#"on deal created { while true { wait 1d; log "day"; } }"#;
    let story = tell(&script(text), |world| {
        world.create("deal 1", json!({"title": "A"})).at("2029-03-02T08:00");
        let numbers: Vec<u32> = world.store.history(RunId(1)).unwrap().iter().map(|(number, _)| *number).collect();
        let expected = (1..=100).chain(197..=1096).collect::<Vec<_>>();
        assert_eq!(numbers, expected);
        world.lines.clear();
    });
    assert!(story.contains("waiting: 1"), "{story}");
}
