//! Rules at work over a store.

use super::random::Random;
use super::runner::Outcome;
use super::values::MONDAY;
use super::workspace::compile;
use dealflow::crm::Embedded;
use dealflow::engine::{Counters, Engine, Event, EventKind, Store};
use dealflow::host::sqlite::Durability;
use dealflow::host::{MemoryStore, SqliteStore};
use dealflow::ir::Origin;
use dealflow::value::{Moment, Ref, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An engine with its store and a clock that goes on by a millisecond an event.
pub(crate) struct Session {
    engine: Engine,
    pub(crate) store: Box<dyn Store>,
    now: Moment,
    /// How many activations share a commit.
    group: u32,
    open: u32,
}

impl Session {
    /// Over a store in memory.
    pub(crate) fn in_memory(script: &str) -> Outcome<Self> {
        Self::new(script, Box::new(MemoryStore::new()), u32::MAX)
    }

    /// Over a store in a file, with a commit after every `group` activations.
    pub(crate) fn in_file(script: &str, path: &Path, durability: Durability, group: u32) -> Outcome<Self> {
        Self::new(script, Box::new(SqliteStore::open(path, durability)?), group)
    }

    fn new(script: &str, mut store: Box<dyn Store>, group: u32) -> Outcome<Self> {
        let (schema, programs) = compile(script)?;
        let mut engine = Engine::new(schema, programs, Arc::new(Embedded));
        engine.adopt(&mut *store)?;
        store.commit()?;
        let now = store.meta().now.max(MONDAY);
        Ok(Self { engine, store, now, group, open: 0 })
    }

    /// Takes an event at the next moment.
    pub(crate) fn take(&mut self, what: EventKind, kind: &str, id: u32, fields: &[(&str, Value)]) -> Outcome {
        self.now.0 += 1;
        self.deliver(&event(self.now, what, kind, id, fields))
    }

    /// Takes an event.
    pub(crate) fn deliver(&mut self, event: &Event) -> Outcome {
        self.engine.deliver(&mut *self.store, event, &mut |trace| drop(trace))?;
        self.activation()
    }

    /// Fires the timers that lie before a moment.
    pub(crate) fn fire_before(&mut self, at: Moment) -> Outcome {
        while self.engine.next_timer(&*self.store)?.is_some_and(|first| first < at) {
            self.engine.fire_next(&mut *self.store, &mut |trace| drop(trace))?;
            self.activation()?;
        }
        Ok(())
    }

    fn activation(&mut self) -> Outcome {
        self.open += 1;
        if self.open >= self.group { self.commit() } else { Ok(()) }
    }

    /// Makes everything last.
    pub(crate) fn commit(&mut self) -> Outcome {
        self.open = 0;
        Ok(self.store.commit()?)
    }

    /// Makes leads and, linked to them, deals with numbers below `count`.
    pub(crate) fn populate(&mut self, count: u32) -> Outcome {
        for id in 0..count {
            let title = Value::text(&format!("Customer {id} wants a machine"));
            self.take(EventKind::Create, "lead", id, &[("title", title.clone())])?;
            let lead = Value::Ref(Ref::new("lead", &id.to_string()));
            self.take(EventKind::Create, "deal", id, &[("title", title), ("lead", lead)])?;
        }
        self.commit()
    }

    /// Moves the deals of these numbers to a stage.
    pub(crate) fn stage(&mut self, ids: &[u32], stage: &str) -> Outcome {
        self.update(ids, "deal", "stage", stage)
    }

    /// Gives the leads of these numbers a status.
    pub(crate) fn status(&mut self, ids: &[u32], status: &str) -> Outcome {
        self.update(ids, "lead", "status", status)
    }

    /// Gives a text field of records a value.
    pub(crate) fn update(&mut self, ids: &[u32], kind: &str, field: &str, value: &str) -> Outcome {
        for &id in ids {
            self.take(EventKind::Update, kind, id, &[(field, Value::text(value))])?;
        }
        self.commit()
    }

    /// How often what happened.
    pub(crate) fn counters(&self) -> &Counters {
        &self.store.meta().counters
    }
}

/// An event by a person about the record `kind id`.
pub(crate) fn event(at: Moment, what: EventKind, kind: &str, id: u32, fields: &[(&str, Value)]) -> Event {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let about = Some(Ref::new(kind, &id.to_string()));
    Event { at, what, about, fields, by: Some("anna".into()), origin: Origin::User, id: None }
}

/// The numbers below `count` in another order, the same every time.
pub(crate) fn shuffled(count: u32, seed: u64) -> Vec<u32> {
    let mut random = Random(seed);
    let mut all = (0..count).collect::<Vec<_>>();
    for at in (1..count).rev() {
        all.swap(at as usize, random.below(at + 1) as usize);
    }
    all
}

/// A folder for files on a disk, gone at the end; a folder in memory would make fsync cost nothing.
pub(crate) fn folder() -> Outcome<tempfile::TempDir> {
    let below = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(below)?;
    Ok(tempfile::tempdir_in(below)?)
}

/// A fresh copy of a closed database file.
pub(crate) fn copy(file: &Path) -> Outcome<PathBuf> {
    let path = file.with_extension("copy");
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        if Path::new(&name).exists() {
            std::fs::remove_file(&name)?;
        }
    }
    std::fs::copy(file, &path)?;
    // What the copy still has to bring to the disk is not ours.
    std::fs::File::open(&path)?.sync_all()?;
    Ok(path)
}
