//! Schedules in a store that other rules were run with before, and events that come late, twice or in the wrong order.

use super::script::script;
use super::world::{World, tell};
use dealflow::engine::EventKind;
use dealflow::host::MemoryStore;
use serde_json::json;

/// Runs one script after the other over the same store, each up to its time, and shows what came.
fn scripts(parts: &[(&str, &str)]) -> String {
    let mut world = World::new(Box::new(MemoryStore::new()), &script(parts[0].0));
    world.create("deal 1", json!({"title": "A"}));
    let mut lines = Vec::new();
    for (text, until) in parts {
        world = World::new(world.store, &script(text));
        world.at(until);
        let came = world.lines.iter().filter(|line| line.contains("log text")).cloned();
        lines.push(format!("# {text}"));
        lines.extend(came);
    }
    lines.join("\n")
}

#[test]
fn schedules_are_adopted_changed_and_removed() {
    let night = r#"rule "Night" every day at 22:00 { log "night"; }"#;
    let found = scripts(&[
        (r#"rule "Tick" every 7h { log "tick"; }"#, "2026-03-03T02:00"),
        // Another rule beside it, and other words in it: it goes on counting.
        (&format!("{night} rule \"Tick\" every 7h {{ log \"tock\"; }}"), "2026-03-03T08:00"),
        // A shorter time counts from now, a longer one does not put off what is near.
        (r#"rule "Tick" every 1h { log "hour"; }"#, "2026-03-03T10:30"),
        (r#"rule "Tick" every 9h { log "nine"; }"#, "2026-03-03T22:30"),
        // Gone, and back again.
        (r#"rule "Other" on deal created { log "never"; }"#, "2026-03-05T00:00"),
        (&format!("rule \"Tick\" every 9h {{ log \"nine\"; }} {night}"), "2026-03-05T23:00"),
        // The same name, and no schedule any more.
        (r#"rule "Tick" on deal created { log "never"; } rule "Night" every 1mo { log "month"; }"#, "2026-04-10T00:00"),
    ]);
    insta::assert_snapshot!(found);
}

#[test]
fn events_out_of_order_are_served_now_and_in_the_order_in_which_they_come() {
    let rules = script(
        r#"
        rule "First" on deal changed score { log "first {deal.score} {now}"; wait 1h; log "an hour after {now}"; }
        rule "Second" on deal changed score { log "second {deal.score}"; }
        "#,
    );
    let story = tell(&rules, |world| {
        world.create("deal 1", json!({"title": "A"}));
        world.at("12:00");
        let late = world.read(EventKind::Update, "deal 1", &json!({"score": 2}));
        world.update("deal 1", json!({"score": 1}));
        // Told at 12:00 of what happened at 10:00: the clock does not go back.
        let mut early = late.clone();
        early.at = dealflow::value::Moment(late.at.0 - 7_200_000);
        world.deliver(&early).unwrap();
        // The same once more changes nothing.
        world.deliver(&early).unwrap();
        // A jump of the clock: what was due meanwhile comes at its own time first.
        world.at("2026-03-05T09:00").update("deal 1", json!({"score": 3}));
        world.rest();
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_run_may_have_so_many_flows_and_no_more() {
    let rules = script(
        r#"
        flow sleeper($n: int) { wait 1d; log "{$n}"; }
        rule "Many" on deal created {
          let $n = 0;
          while true { set $n = $n + 1; start sleeper($n); }
        }
        "#,
    );
    let mut world = World::new(Box::new(MemoryStore::new()), &rules);
    world.create("deal 1", json!({"title": "A"}));
    let failed = world.lines.iter().find(|line| line.contains("Failed")).unwrap();
    assert!(failed.contains("at most 1000 runs of flows"), "{failed}");
    assert!(failed.contains("line: 5"), "{failed}");
    assert_eq!(world.store.meta().counters.waiting, 1000);
}
