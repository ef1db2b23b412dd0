//! Stores with other bytes in their rows: whatever stands there, it is told, and nothing panics.

use super::script::script;
use super::world::{World, open};
use dealflow::engine::{RunId, Store, inspect};
use dealflow::host::sqlite::SqliteStore;
use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::json;
use std::path::Path;
use std::sync::OnceLock;

const SCRIPT: &str = r#"
rule "A" on deal stage "Invoice" while deal.stage == Invoice {
  let $list = [deal.title, "b"];
  log "{deal.title}";
  undo { log "undone"; }
  wait until deal.stage == Won or 3d;
  log "{first($list)}";
}
rule "B" on deal stage "Invoice" one at a time {
  parallel { branch { wait 1d; log "b"; } branch { wait until deal.amount > 5 PLN or 3d; } }
}
rule "C" on 1d before deal.close_date { log "soon"; }
"#;

/// The columns that hold what SQLite does not look into.
const BLOBS: [(&str, &str); 8] = [
    ("run", "body"),
    ("record", "body"),
    ("meta", "body"),
    ("timer", "due"),
    ("history", "body"),
    ("program", "body"),
    ("watch", "key"),
    ("rule", "digest"),
];

/// A file with sleeping runs, as bytes.
fn file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut world = World::new(Box::new(open(&path)), &script(SCRIPT));
        for id in 0..3 {
            let fields = json!({"title": "A", "stage": "Invoice", "close_date": "2026-03-20"});
            world.create(&format!("deal {id}"), fields);
        }
        world.store.commit().unwrap();
        drop(world);
        std::fs::read(&path).unwrap()
    })
}

/// What is done to the bytes of a row.
#[derive(Clone, Debug)]
enum Harm {
    Change(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Add(Vec<u8>),
    Other(Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        4 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Harm::Change(at, byte)),
        1 => any::<prop::sample::Index>().prop_map(Harm::Cut),
        1 => bytes().prop_map(Harm::Add),
        1 => bytes().prop_map(Harm::Other),
    ]
}

/// Harms one row of one column.
fn spoil(path: &Path, (table, column): (&str, &str), row: prop::sample::Index, harm: &Harm) {
    let file = Connection::open(path).unwrap();
    let mut all = file.prepare(&format!("SELECT {column} FROM {table}")).unwrap();
    let all: Vec<Vec<u8>> = all.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let old = &all[row.index(all.len())];
    let mut new = old.clone();
    match harm {
        Harm::Change(at, byte) => {
            let at = at.index(new.len());
            new[at] = *byte;
        }
        Harm::Cut(at) => new.truncate(at.index(old.len())),
        Harm::Add(bytes) => new.extend(bytes),
        Harm::Other(bytes) => new.clone_from(bytes),
    }
    let statement = format!("UPDATE OR IGNORE {table} SET {column} = ?2 WHERE {column} = ?1");
    file.execute(&statement, params![old, new]).unwrap();
}

/// Everything that people and the engine do with a store.
fn use_it(path: &Path) {
    if let Ok(store) = SqliteStore::open_to_look(path) {
        let _ = store.check(&mut |_| ());
        let _ = inspect::runs(&store, None, 100);
        for id in 0..8 {
            let _ = inspect::open(&store, RunId(id));
            let _ = inspect::told(&store, RunId(id));
        }
    }
    let Ok(store) = SqliteStore::open(path, dealflow::host::sqlite::Durability::Process) else { return };
    let mut world = World::new(Box::new(store), &script(SCRIPT));
    let fields = [json!({"amount": "9 PLN"}), json!({"stage": "Won"}), json!({"close_date": "2026-04-01"})];
    for (id, fields) in (0..3).zip(fields) {
        let event = world.read(dealflow::engine::EventKind::Update, &format!("deal {id}"), &fields);
        let done = world.deliver(&event).and_then(|()| world.store.commit());
        if done.is_err() {
            world.store.rollback().unwrap_or_default();
        }
    }
    for _ in 0..20 {
        if !matches!(world.engine.fire_next(&mut *world.store, &mut |_| ()), Ok(true)) {
            break;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_store_with_other_bytes_never_panics(
        column in prop::sample::select(BLOBS.to_vec()),
        row in any::<prop::sample::Index>(),
        harm in harm(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        std::fs::write(&path, file()).unwrap();
        spoil(&path, column, row, &harm);
        use_it(&path);
    }
}

/// A run whose bytes were changed is stuck and told of; the others go on.
#[test]
fn a_changed_run_never_goes_on_as_another() {
    for at in 0..400 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        std::fs::write(&path, file()).unwrap();
        let store = open(&path);
        let (id, mut row) = store.runs(None, 1).unwrap().remove(0);
        drop(store);
        let Some(byte) = row.machine.get_mut(at) else { break };
        *byte ^= 0x10;
        let mut store = open(&path);
        store.put_run(id, &row).unwrap();
        store.commit().unwrap();
        let mut world = World::new(Box::new(store), &script(SCRIPT));
        world.update("deal 0", json!({"stage": "Won"}));
        let counters = &world.store.meta().counters;
        assert_eq!((counters.stuck, counters.failed), (1, 0), "{at}");
    }
}
