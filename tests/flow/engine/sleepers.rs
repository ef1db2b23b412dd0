//! Many sleeping runs in one file: what an event costs, and what a run takes there.

use super::script::script;
use super::world::{World, open};
use dealflow::engine::{RunId, inspect};
use serde_json::json;
use std::path::Path;

/// The user's own line.
const LINE: &str = r#"on deal stage "Invoice" < notify chat $legal "..."; wait until lead.status in [Won] or 3d; >"#;

/// A store in which so many runs of the user's line sleep.
fn asleep(path: &Path, count: u32) -> World {
    let mut world = World::new(Box::new(open(path)), &script(LINE));
    for id in 0..count {
        world.create(&format!("lead {id}"), json!({"title": "ACME"}));
        let fields = json!({"title": "ACME", "lead": id.to_string(), "stage": "Invoice"});
        world.create(&format!("deal {id}"), fields);
    }
    world.store.commit().unwrap();
    assert_eq!(world.store.meta().counters.waiting, u64::from(count));
    world
}

#[test]
fn an_event_wakes_exactly_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(asleep(&path, 1_000));
    // A process that knows nothing but the file.
    let mut world = World::new(Box::new(open(&path)), &script(LINE));
    world.update("lead 500", json!({"title": "other"})).update("lead 501", json!({"status": "New"}));
    assert_eq!(world.store.meta().counters.ended, 0);
    world.update("lead 500", json!({"status": "Won"}));
    let counters = &world.store.meta().counters;
    assert_eq!((counters.ended, counters.waiting), (1, 999));
    let told = inspect::told(&*world.store, RunId(501)).unwrap().unwrap();
    assert_eq!(told.start.unwrap().record.unwrap().to_string(), "deal 500");
    assert_eq!(world.lines.iter().filter(|line| line.contains('#')).count(), 2, "{:?}", world.lines);
}

/// What every statement of the store does is bounded by what it is asked for: it goes through an index.
#[test]
fn no_statement_goes_through_a_whole_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(asleep(&path, 1));
    let file = rusqlite::Connection::open(&path).unwrap();
    let source = std::fs::read_to_string("src/host/sqlite/store.rs").unwrap();
    // The only ones: lists of all rules, the next rule's number, and the end of a run that cannot say what it watches.
    let whole = ["FROM rule ORDER BY key", "SELECT count(*) FROM rule", "DELETE FROM watch WHERE run = ?1"];
    let mut looked = 0;
    for statement in source.split('"').skip(1).step_by(2) {
        let is_one =
            ["SELECT ", "UPDATE ", "DELETE ", "INSERT ", "WITH "].iter().any(|word| statement.starts_with(word));
        if !is_one || whole.iter().any(|known| statement.contains(known)) {
            continue;
        }
        looked += 1;
        let mut explained = file.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        let mut rows = explained.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get::<_, String>(3).unwrap());
        }
        // A table that is read in the order of its own key ends with the limit.
        let ends = statement.contains("LIMIT") || statement.contains("WITH RECURSIVE");
        let wrong = |line: &&String| (line.starts_with("SCAN") && !ends) || line.contains("TEMP B-TREE");
        assert!(!plan.iter().any(|line| wrong(&line)), "{statement}: {plan:?}");
    }
    assert!(looked > 30, "{looked}");
}

/// What a sleeping run takes in the file, with all its rows and indexes, is bounded.
#[test]
fn a_sleeping_run_is_small_in_the_file() {
    const RUNS: u32 = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut world = asleep(&path, RUNS);
    let (_, row) = world.store.runs(None, 1).unwrap().remove(0);
    assert!(row.machine.len() <= 120, "{} bytes of continuation", row.machine.len());
    world.store.commit().unwrap();
    drop(world);
    let file = rusqlite::Connection::open(&path).unwrap();
    let query = "SELECT sum(pgsize) FROM dbstat WHERE name IN
        (SELECT name FROM sqlite_master WHERE tbl_name IN ('run', 'watch', 'timer', 'active', 'history', 'run_of'))";
    let bytes = file.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
    assert!(bytes / RUNS <= 600, "{} bytes for each run with its history", bytes / RUNS);
}
