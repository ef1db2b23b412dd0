//! Stores that are old, full, damaged, or copied while they are in use.

use super::script::script;
use super::world::{World, open};
use dealflow::engine::{
    Cursor, Errand, ErrandKey, ErrandRow, EventKind, Mark, Outbox, Place, RuleNo, RunId, Store, StoreError, inspect,
};
use dealflow::host::sqlite::SqliteStore;
use dealflow::ir::Program;
use dealflow::value::{Moment, Ref, Value};
use serde_json::json;
use std::path::{Path, PathBuf};

const SCRIPT: &str =
    r#"on deal stage "Invoice" { log "{deal.title}"; wait until deal.stage == Won or 3d; log "over"; }"#;

fn rules() -> Vec<Program> {
    script(SCRIPT)
}

/// A store with sleeping runs of some deals.
fn sleeping(path: &Path, deals: u32) -> World {
    let mut world = World::new(Box::new(open(path)), &rules());
    for id in 0..deals {
        world.create(&format!("deal {id}"), json!({"title": "A", "stage": "Invoice"}));
    }
    world.store.commit().unwrap();
    world
}

fn sound(path: &Path) {
    assert_eq!(SqliteStore::open_to_look(path).unwrap().check(&mut |_| ()).unwrap(), Vec::<String>::new());
}

/// The stores that released layouts wrote are opened for ever.
#[test]
fn a_store_of_the_first_layout_is_upgraded_and_its_runs_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    std::fs::copy("tests/data/stored/layout1/store.sqlite", &path).unwrap();
    let looking = SqliteStore::open_to_look(&path).unwrap_err();
    assert_eq!(looking, StoreError::Older { found: 1, known: 3 });
    let before = std::fs::read(&path).unwrap();
    let store = open(&path);
    // The copy is a store of layout 1, and nothing was taken from it.
    let copy = rusqlite::Connection::open(folder.path().join("s.db-layout1")).unwrap();
    let version = copy.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap();
    let journal = copy.query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!((version, journal, before.len()), (1, 3, 13_824));
    assert_eq!(store.meta().counters.waiting, 3);
    for run in 1..=3 {
        let told = inspect::told(&store, RunId(run)).unwrap().unwrap();
        assert_eq!(told.history.iter().flat_map(|(_, row)| row.effects()).count(), 1);
        assert_eq!(store.runs_of(&Ref::new("deal", "57"), None, 9).unwrap().len(), 3);
    }
    drop(store);
    sound(&path);
    let args = ["run", "tests/data/stored/layout1", "--store", path.to_str().unwrap(), "--format", "json"];
    let summary = crate::cli::summary(&crate::cli::dealflow(&args));
    assert_eq!(summary["runs"], json!({"started": 3, "ended": 3, "cancelled": 0, "failed": 0, "waiting": 0}));
    assert_eq!(summary["effects"], json!({"comment": 4, "notify chat": 1}));
}

/// A store of the present layout with every kind of sleeping run. It is never written again once the layout is released.
#[test]
fn the_golden_store_of_layout_3_goes_on() {
    let golden = Path::new("tests/data/stored/layout3/store.sqlite");
    let run = |store: &Path, until: &str| {
        let args = ["run", "tests/data/stored/layout3", "--store", store.to_str().unwrap(), "--format", "json"];
        crate::cli::dealflow(&[&args[..], &["--until", until]].concat())
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    if !golden.exists() {
        run(&path, "2026-03-02T12:00");
        std::fs::copy(&path, golden).unwrap();
        panic!("the golden store was missing and has been made anew: run the test again");
    }
    std::fs::copy(golden, &path).unwrap();
    sound(&path);
    assert_eq!(SqliteStore::open_to_look(&path).unwrap().meta().counters.waiting, 5);
    let summary = crate::cli::summary(&run(&path, "2026-05-01"));
    assert_eq!(summary["runs"], json!({"started": 5, "ended": 4, "cancelled": 1, "failed": 0, "waiting": 0}));
    assert_eq!(summary["effects"], json!({"comment": 7, "notify chat": 1}));
}

#[test]
fn a_backup_is_whole_while_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("s.db"), folder.path().join("copy.db"));
    let mut world = sleeping(&path, 300);
    world.create("deal open", json!({"title": "not committed", "stage": "Invoice"}));
    let looking = SqliteStore::open_to_look(&path).unwrap();
    let writer = std::thread::scope(|scope| {
        let backup = scope.spawn(move || looking.backup(&copy));
        for id in 300..400 {
            world.create(&format!("deal {id}"), json!({"title": "B", "stage": "Invoice"}));
            world.store.commit().unwrap();
        }
        backup.join().unwrap().unwrap();
        world
    });
    let copy = folder.path().join("copy.db");
    sound(&copy);
    let copied = SqliteStore::open_to_look(&copy).unwrap().meta().counters.waiting;
    assert!((300..=401).contains(&copied), "{copied}");
    drop(writer);
    let store = SqliteStore::open_to_look(&path).unwrap();
    let refused = store.backup(&copy).unwrap_err().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    // The copy is a store to work with.
    World::new(Box::new(open(&copy)), &rules()).rest();
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut world = sleeping(&path, 20);
    drop(std::mem::replace(&mut world.store, Box::new(dealflow::host::MemoryStore::new())));
    let store = open(&path);
    store.limit_pages(Some(60)).unwrap();
    let mut world = World::new(Box::new(store), &rules());
    let mut committed = 20;
    let error = loop {
        let fields = json!({"title": "x".repeat(500), "stage": "Invoice"});
        let event = world.read(EventKind::Create, &format!("deal {committed}"), &fields);
        let cursor = Cursor { lines: committed, prefix: [0; 32] };
        let done = world.deliver(&event).and_then(|()| world.store.set_cursor("e", cursor));
        match done.and_then(|()| world.store.commit()) {
            Ok(()) => committed += 1,
            Err(error) => break error,
        }
        assert!(committed < 10_000);
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    world.store.rollback().unwrap();
    drop(world);
    sound(&path);
    // With room again it goes on where the last commit was.
    let mut world = World::new(Box::new(open(&path)), &rules());
    assert_eq!(world.store.meta().counters.started, committed);
    assert_eq!(world.store.cursor("e").unwrap().lines, committed - 1);
    world.rest();
    assert_eq!(world.store.meta().counters.ended, committed);
}

#[test]
fn what_may_not_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(sleeping(&path, 1));
    let mut looking = SqliteStore::open_to_look(&path).unwrap();
    let error = looking.remove_run(RunId(1)).unwrap_err();
    assert_eq!(error, StoreError::ReadOnly { what: "begin a transaction" });
    assert!(error.to_string().contains("look at its permissions"), "{error}");
}

#[test]
fn what_does_not_fit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(sleeping(&path, 4));
    sound(&path);
    let broken = rusqlite::Connection::open(&path).unwrap();
    broken.execute_batch("DELETE FROM run WHERE id = 2; DELETE FROM timer WHERE seq = 3; DELETE FROM program").unwrap();
    broken.close().unwrap();
    let found = SqliteStore::open_to_look(&path).unwrap().check(&mut |_| ()).unwrap();
    insta::assert_snapshot!(found.join("\n"));
    let cut: PathBuf = folder.path().join("cut.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 4096 * 3]).unwrap();
    let found = SqliteStore::open_to_look(&cut).and_then(|store| store.check(&mut |_| ()));
    assert!(found.as_ref().is_err() || !found.as_ref().unwrap().is_empty(), "{found:?}");
}

/// What waits to leave is looked at too.
#[test]
fn what_nobody_waits_for_is_found_in_the_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(sleeping(&path, 2));
    let mut store = open(&path);
    let row = |run: RunId| {
        let errand = Errand { channel: "sms".into(), awaited: true, ..Errand::default() };
        let (rule, place, action) = (RuleNo(1), Place { file: None, line: 1 }, "send sms".into());
        let at = Moment(5);
        let row = ErrandRow {
            errand,
            rule,
            record: None,
            place,
            action,
            given: Vec::new(),
            answer: Value::Missing,
            asked: at,
            attempts: 0,
            next: Some(at),
            last: None,
            arrived: None,
        };
        (ErrandKey { run, seq: 1, part: 0 }, row)
    };
    for run in [RunId(1), RunId(2), RunId(77)] {
        let (key, row) = row(run);
        store.put_errand(key, &row).unwrap();
    }
    store.commit().unwrap();
    drop(store);
    let broken = rusqlite::Connection::open(&path).unwrap();
    broken.execute_batch("UPDATE outbox SET next = 9 WHERE run = 2;").unwrap();
    broken.close().unwrap();
    let found = SqliteStore::open_to_look(&path).unwrap().check(&mut |_| ()).unwrap();
    insta::assert_snapshot!(found.join("\n"));
    let broken = rusqlite::Connection::open(&path).unwrap();
    broken.execute_batch("UPDATE outbox SET body = x'07' WHERE run = 1").unwrap();
    broken.close().unwrap();
    let found = SqliteStore::open_to_look(&path).unwrap().check(&mut |_| ()).unwrap();
    assert!(found.iter().any(|line| line.contains("errand 1/1")), "{found:?}");
}

#[test]
fn what_does_not_count_any_more_is_forgotten() {
    let rules = script(r#"rule "Once" on deal changed amount once per deal in 7d { log "once"; }"#);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut world = World::new(Box::new(open(&path)), &rules);
    let count = |world: &mut World, table: &str| {
        world.store.commit().unwrap();
        let query = format!("SELECT count(*) FROM {table}");
        rusqlite::Connection::open(&path).unwrap().query_row(&query, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    for id in 0..5 {
        let deal = format!("deal {id}");
        world.create(&deal, json!({"title": "A"}));
        let mut event = world.read(EventKind::Update, &deal, &json!({"amount": "5 PLN"}));
        event.id = Some(format!("e{id}").as_str().into());
        world.deliver(&event).unwrap();
        world.deliver(&event).unwrap();
    }
    assert_eq!((count(&mut world, "mark"), count(&mut world, "seen")), (5, 5));
    world.at("2026-03-08T09:00").create("deal 8", json!({"title": "A"}));
    assert_eq!((count(&mut world, "mark"), count(&mut world, "seen")), (5, 5));
    world.at("2026-03-10T09:00").create("deal 9", json!({"title": "A"}));
    assert_eq!((count(&mut world, "mark"), count(&mut world, "seen")), (0, 5));
    world.at("2026-06-10T09:00").create("deal 10", json!({"title": "A"}));
    assert_eq!((count(&mut world, "mark"), count(&mut world, "seen")), (0, 0));
    assert_eq!(world.store.runs_marked(Mark::Ended, None, 9).unwrap().len(), 5);
    assert!(world.store.meta().now > Moment(0));
}
