//! A process that dies at any moment: what was committed is there, what was not is done again, nothing twice.

use super::world::{World, changed, entered, log_it, open, rule, set, tell, wait_until};
use dealflow::engine::{Cursor, Store};
use dealflow::ir::Program;
use dealflow::value::Value;
use serde_json::{Value as Json, json};
use std::path::Path;

fn rules() -> Vec<Program> {
    vec![
        rule("wait", entered("Invoice"), |asm| {
            wait_until(asm, "stage", Value::text("Won"), Some("3h"));
            log_it(asm);
            set(asm, "title", Value::text("done"));
        }),
        rule("copy", changed("title"), |asm| set(asm, "score", Value::Int(9))),
    ]
}

/// Time, record, whether it is made, fields.
fn events() -> Vec<(&'static str, String, bool, Json)> {
    let mut events = Vec::new();
    for id in 0..6 {
        events.push(("09:00", format!("deal {id}"), true, json!({"title": "A", "stage": "Invoice"})));
    }
    for id in 0..6 {
        let stage = if id % 2 == 0 { "Won" } else { "Lost" };
        events.push(("10:00", format!("deal {id}"), false, json!({"stage": stage})));
    }
    events.push(("13:00", "deal 9".to_owned(), true, json!({"title": "B"})));
    events
}

/// Takes the events from the cursor on, commits every so many, and dies after so many activations.
fn run(path: &Path, group: u64, mut life: u64) -> (bool, String) {
    let mut world = World::new(Box::new(open(path)), &rules());
    let done = world.store.cursor("events").unwrap().lines;
    for ((time, record, made, fields), line) in events().into_iter().zip(1_u64..).skip(usize::try_from(done).unwrap()) {
        if life == 0 {
            return (false, String::new());
        }
        life -= 1;
        world.at(time);
        if made {
            world.create(&record, fields);
        } else {
            world.update(&record, fields);
        }
        world.store.set_cursor("events", Cursor { lines: line, prefix: [0; 32] }).unwrap();
        if line % group == 0 {
            world.store.commit().unwrap();
        }
    }
    world.rest();
    if life == 0 {
        return (false, String::new());
    }
    world.store.commit().unwrap();
    world.lines.clear();
    (true, format!("{}{}", world.story(), contents(&*world.store)))
}

fn contents(store: &dyn Store) -> String {
    let mut text = String::new();
    for kind in store.kinds().unwrap() {
        for (id, record) in store.records(&kind, None, 100).unwrap() {
            text = text + "\n" + &format!("{kind} {id} {record:?}");
        }
    }
    for run in 1..20 {
        text = text + "\n" + &format!("{:?}", store.history(dealflow::engine::RunId(run)).unwrap());
    }
    text
}

#[test]
fn a_crash_at_any_moment_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_, whole) = run(&folder.path().join("whole"), 3, 1000);
    assert!(whole.contains("ended: 12"), "{whole}");
    for group in [1, 3, 50] {
        for life in 0..14 {
            let path = folder.path().join(format!("{group}-{life}"));
            let (finished, _) = run(&path, group, life);
            assert_eq!(finished, life == 14);
            assert_eq!(run(&path, group, 1000), (true, whole.clone()), "killed after {life}, commits every {group}");
        }
    }
}

#[test]
fn the_history_is_the_same_on_both_stores() {
    let story = tell(&rules(), |world| {
        for (time, record, made, fields) in events() {
            world.at(time);
            if made {
                world.create(&record, fields)
            } else {
                world.update(&record, fields)
            };
        }
        world.rest();
    });
    assert!(story.contains("ended: 12"));
}
