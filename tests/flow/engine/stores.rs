//! Both stores keep what the trait promises.

use super::world::open;
use dealflow::engine::history::{Cause, Place};
use dealflow::engine::{
    Cancelled, Cursor, Deed, Due, EffectRow, Ending, HistoryRow, Mark, Record, Role, RuleNo, RunId, RunRow, Store,
    StoreError, TimerKey,
};
use dealflow::host::{MemoryStore, SqliteStore, sqlite::Durability};
use dealflow::ir::Digest;
use dealflow::value::{Moment, Name, Ref, Value};
use dealflow::vm::Watch;
use std::sync::Arc;

fn of(kind: &str, id: &str) -> Ref {
    Ref::new(kind, id)
}

fn record(text: &str) -> Arc<Record> {
    let mut record = Record::default();
    record.set(&"title".into(), Value::text(text));
    Arc::new(record)
}

fn row(rule: u32, machine: &[u8]) -> RunRow {
    RunRow {
        rule: RuleNo(rule),
        record: Some(of("deal", "1")),
        started: Moment(-5),
        timer: Some(TimerKey { at: Moment(7), seq: 1 }),
        lifetime: vec![],
        event: Value::Missing,
        held: None,
        machine: machine.to_vec(),
    }
}

/// Writes a little of everything; what is read back must be the same for every store, before and after it is closed.
fn write(store: &mut dyn Store) {
    for (kind, id) in [("deal", "2"), ("deal", "10"), ("deal", "1"), ("chat message", "x"), ("lead", "ż")] {
        store.put_record(&of(kind, id), record(id)).unwrap();
    }
    store.put_record(&of("deal", "2"), record("again")).unwrap();
    store.remove_record(&of("deal", "10")).unwrap();
    store.remove_record(&of("deal", "none")).unwrap();
    for id in [3, 1, 2] {
        store.put_run(RunId(id), &row(1, b"abc")).unwrap();
    }
    store.put_run(RunId(2), &row(2, b"xyz")).unwrap();
    store.remove_run(RunId(3)).unwrap();
    let field = Watch::Field { of: of("deal", "1"), field: "stage".into() };
    let event = Watch::Event { name: "activity".into(), about: None };
    for (run, role) in [(2, Role::Wait), (1, Role::Wait), (1, Role::Lifetime), (1, Role::Wait)] {
        store.add_watch(&field, RunId(run), role).unwrap();
        store.add_watch(&event, RunId(run), role).unwrap();
    }
    store.remove_watch(&event, RunId(1), Role::Wait).unwrap();
    store.remove_watch(&event, RunId(9), Role::Wait).unwrap();
    for (at, seq) in [(5, 3), (-5, 2), (-5, 1), (0, 4)] {
        store.put_timer(TimerKey { at: Moment(at), seq }, &Due::Run(RunId(seq))).unwrap();
    }
    assert_eq!(store.first_timer().unwrap().unwrap().0.seq, 1);
    store.remove_timer(TimerKey { at: Moment(-5), seq: 1 }).unwrap();
    let key = TimerKey { at: Moment(3), seq: 9 };
    for rule in [0, 1] {
        store.set_date_timer(RuleNo(rule), &of("deal", "1"), Some(key)).unwrap();
        store.put_mark(RuleNo(rule), &of("deal", "1"), (rule == 1).then_some(Moment(8))).unwrap();
        store.set_active(RuleNo(rule), &of("deal", "1"), Some(RunId(4))).unwrap();
    }
    store.set_date_timer(RuleNo(0), &of("deal", "1"), None).unwrap();
    store.set_active(RuleNo(0), &of("deal", "1"), None).unwrap();
    for (seq, result) in [(2, Err("no".into())), (1, Ok(Value::Int(3)))] {
        let args = vec![("text".into(), Value::text("t"))];
        let effect =
            Deed::Effect(EffectRow { seq, place: Place { file: None, line: 3 }, action: "log".into(), args, result });
        let end = Ending::Slept { place: Place { file: Some("lib.flow".into()), line: 4 }, until: None };
        let row = HistoryRow { at: Moment(1), cause: Cause::Looked, deeds: vec![effect], more: 0, end };
        store.append_history(RunId(1), &row).unwrap();
    }
    store.put_program(Digest([7; 16]), b"program").unwrap();
    store.put_program(Digest([7; 16]), b"other").unwrap();
    assert_eq!(store.put_rule("b", Digest([1; 16]), Digest([9; 16])).unwrap(), RuleNo(0));
    assert_eq!(store.put_rule("a", Digest([2; 16]), Digest([9; 16])).unwrap(), RuleNo(1));
    assert_eq!(store.put_rule("b", Digest([3; 16]), Digest([9; 16])).unwrap(), RuleNo(0));
    store.set_cursor("events.jsonl", Cursor { lines: 5, prefix: [9; 32] }).unwrap();
    for run in [4, 5, 7] {
        let end = if run == 5 { Ending::Cancelled(Cancelled::Order) } else { Ending::Ended };
        let row = HistoryRow { at: Moment(2), cause: Cause::Unknown, deeds: vec![], more: 0, end };
        store.append_history(RunId(run), &row).unwrap();
        store.add_run_of(&of("deal", "1"), RunId(run)).unwrap();
    }
    assert!(store.note_event("e", 3).unwrap());
    assert!(!store.note_event("e", 9).unwrap());
    store.meta_mut().next_run = 17;
    store.meta_mut().counters.effects.insert("log".into(), 2);
}

fn read(store: &dyn Store) -> String {
    let d1 = of("deal", "1");
    let mut lines = vec![
        format!("{:?}", store.kinds().unwrap()),
        format!("{:?}", store.records("deal", None, 10).unwrap()),
        format!("{:?}", store.records("deal", Some("1"), 1).unwrap()),
        format!("{:?}", store.record(&of("lead", "ż")).unwrap()),
        format!("{:?}", store.record(&of("deal", "10")).unwrap()),
        format!("{:?}", store.runs(None, 10).unwrap()),
        format!("{:?}", store.runs(Some(RunId(1)), 10).unwrap().len()),
        format!("{:?}", store.run(RunId(3)).unwrap()),
        format!("{:?}", store.first_timer().unwrap()),
        format!("{:?} {:?}", store.program(Digest([7; 16])).unwrap(), store.program(Digest([8; 16])).unwrap()),
        format!("{:?} {:?}", store.has_program(Digest([7; 16])).unwrap(), store.has_program(Digest([8; 16])).unwrap()),
        format!("{:?}", store.rules().unwrap()),
        format!("{:?} {:?}", store.rule("b").unwrap(), store.rule("c").unwrap()),
        format!("{:?} {:?}", store.rule_key(RuleNo(1)).unwrap(), store.rule_key(RuleNo(2)).unwrap()),
        format!("{:?} {:?}", store.cursor("events.jsonl").unwrap(), store.cursor("other").unwrap()),
        format!("{:?}", store.history(RunId(1)).unwrap()),
        format!("{:?} {:?}", store.runs_ever(None, 2).unwrap(), store.runs_ever(Some(RunId(4)), 9).unwrap()),
        format!("{:?}", store.runs_marked(Mark::Ended, None, 9).unwrap()),
        format!("{:?}", store.runs_marked(Mark::Ended, Some(RunId(4)), 9).unwrap()),
        format!("{:?}", store.runs_marked(Mark::Refused, None, 9).unwrap()),
        format!("{:?} {:?}", store.runs_of(&d1, None, 2).unwrap(), store.runs_of(&d1, Some(RunId(5)), 2).unwrap()),
        format!("{:?}", store.meta()),
    ];
    for watch in [
        Watch::Field { of: d1.clone(), field: "stage".into() },
        Watch::Field { of: d1.clone(), field: "title".into() },
        Watch::Event { name: "activity".into(), about: None },
        Watch::Event { name: "activity".into(), about: Some(d1.clone()) },
    ] {
        lines.push(format!("{:?}", store.watchers(&watch).unwrap()));
    }
    for rule in [RuleNo(0), RuleNo(1), RuleNo(2)] {
        let (timer, mark) = (store.date_timer(rule, &d1).unwrap(), store.mark(rule, &d1).unwrap());
        lines.push(format!("{timer:?} {mark:?} {:?}", store.active(rule, &d1).unwrap()));
    }
    for id in ["", "0", "1", "10", "2"] {
        let fields = ["amount", "stage", "title"].map(Name::from);
        let mut runs = store.field_watchers(&of("deal", id), &fields).unwrap();
        runs.sort_unstable();
        lines.push(format!("{id}: {runs:?}"));
    }
    lines.join("\n")
}

#[test]
fn both_stores_keep_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut memory = MemoryStore::new();
    let mut sqlite = open(&path);
    write(&mut memory);
    write(&mut sqlite);
    assert_eq!(read(&memory), read(&sqlite));
    memory.commit().unwrap();
    sqlite.commit().unwrap();
    assert_eq!(read(&memory), read(&sqlite));
    drop(sqlite);
    assert_eq!(read(&memory), read(&open(&path)));
    insta::assert_snapshot!(read(&memory));
}

#[test]
fn a_record_that_many_runs_watch_is_asked_for_its_fields() {
    let folder = tempfile::tempdir().unwrap();
    let mut stores: [Box<dyn Store>; 2] = [Box::new(MemoryStore::new()), Box::new(open(&folder.path().join("s.db")))];
    for store in &mut stores {
        let watch = |id: &str, field: &str| Watch::Field { of: of("deal", id), field: field.into() };
        for run in 0..100 {
            store.add_watch(&watch("1", "stage"), RunId(run), Role::Wait).unwrap();
            store.add_watch(&watch("1", "title"), RunId(run % 10), Role::Lifetime).unwrap();
            store.add_watch(&watch("10", "amount"), RunId(run), Role::Wait).unwrap();
        }
        let count = |fields: &[&str]| {
            let fields = fields.iter().map(|f| Name::from(*f)).collect::<Vec<_>>();
            store.field_watchers(&of("deal", "1"), &fields).unwrap().len()
        };
        assert_eq!([count(&["stage"]), count(&["title"]), count(&["stage", "title"])], [100, 10, 110]);
        assert_eq!([count(&[]), count(&["amount"]), count(&["stag", "stages"])], [0, 0, 0]);
    }
}

#[test]
fn what_is_not_committed_never_happened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let empty = read(&open(&path));
    let mut store = open(&path);
    write(&mut store);
    store.rollback().unwrap();
    assert_eq!(read(&store), empty);
    write(&mut store);
    drop(store);
    assert_eq!(read(&open(&path)), empty);
}

#[test]
fn one_process_writes_others_may_look() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = open(&path);
    write(&mut store);
    store.commit().unwrap();
    let refused = SqliteStore::open(&path, Durability::Full).unwrap_err();
    assert_eq!(refused, StoreError::Busy { store: path.display().to_string() });
    let looking = SqliteStore::open_to_look(&path).unwrap();
    assert_eq!(read(&looking), read(&store));
    store.put_record(&of("deal", "new"), record("new")).unwrap();
    store.commit().unwrap();
    assert!(looking.record(&of("deal", "new")).unwrap().is_some());
    let mut looking = looking;
    assert!(looking.put_record(&of("deal", "new"), record("changed")).is_err());
    drop(store);
    assert!(SqliteStore::open(&path, Durability::Full).is_ok());
}

#[test]
fn what_is_not_our_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let say = |name: &str| {
        let error = SqliteStore::open(&folder.path().join(name), Durability::Full).unwrap_err();
        error.to_string().replace(&folder.path().display().to_string(), "")
    };
    std::fs::write(folder.path().join("text"), "this is not a database, however long it may be".repeat(30)).unwrap();
    assert_eq!(say("text"), "this is no store: the file is no database");
    let other = rusqlite::Connection::open(folder.path().join("other")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(say("other"), "this is no store: the file is a database, but not one of Dealflow");
    drop(open(&folder.path().join("newer")));
    let newer = rusqlite::Connection::open(folder.path().join("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let text = "the store has layout 99, this version knows up to 3: use the version that wrote it, or a newer one";
    assert_eq!(say("newer"), text);
    assert!(SqliteStore::open_to_look(&folder.path().join("none")).is_err());
}
