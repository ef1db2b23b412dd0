//! From rules to a real mail server and back, while everything fails: nothing is lost, and nothing is kept twice.
//!
//! Here `log` is a mail to the customer.

use super::server::{Server, channels, text};
use dealflow::channel::Channels;
use dealflow::crm::Embedded;
use dealflow::diagnostics::render;
use dealflow::engine::{
    Attempt, Call, Change, Crm, Done, EffectError, Engine, Errand, Event, EventKind, Outbox, RunId, Store, Stored,
    Taken,
};
use dealflow::host::sqlite::{Durability, SqliteStore};
use dealflow::ir::Origin;
use dealflow::pipeline::{Compiled, Texts};
use dealflow::schema::Schema;
use dealflow::value::{Moment, Ref, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

struct Mailing;

impl Crm for Mailing {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        Embedded.take(store, schema, now, event)
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        let (record, request) = (call.record.cloned(), call.request.clone());
        let mut done = Embedded.perform(store, call)?;
        let id = record.map_or_else(String::new, |of| of.id.to_string());
        let args = vec![
            ("to".into(), text(&format!("customer-{id}@example.com"))),
            ("subject".into(), text(&format!("Deal {id}"))),
            ("text".into(), request.arg("text").cloned().unwrap_or_default()),
        ];
        done.errands.push(Errand { channel: "email".into(), args, about: None, awaited: true, not_before: None });
        Ok(done)
    }

    fn settle(&self, store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
        Embedded.settle(store, now, errand, attempt)
    }
}

fn compiled() -> Compiled {
    let mut texts = Texts::default();
    let schema = std::fs::read_to_string("tests/data/engine/crm.toml").unwrap();
    texts.schema = Some(texts.sources.add("crm.toml", &schema));
    let rule = r#"rule "Offer" on deal stage "Invoice" { log "first of {deal.title}"; log "second of {deal.title}"; }"#;
    texts.scripts.push(texts.sources.add("rules.flow", rule));
    let compiled = texts.parse().compile();
    assert!(compiled.is_sound(), "{}", render::plain(&compiled.diagnostics, &compiled.sources));
    compiled
}

struct Office<'a> {
    compiled: &'a Compiled,
    path: &'a Path,
    engine: Engine,
    store: SqliteStore,
}

impl<'a> Office<'a> {
    /// Opens the store as after a start of the process.
    fn open(compiled: &'a Compiled, path: &'a Path, channels: &Channels) -> Self {
        let store = SqliteStore::open(path, Durability::Process).unwrap();
        let mut engine = Engine::new(compiled.schema.clone(), compiled.programs.clone(), Arc::new(Mailing));
        engine.go_live(channels.live());
        Self { compiled, path, engine, store }
    }

    fn deal(&mut self, id: u32) {
        let fields =
            [("title", format!("deal {id}")), ("stage", "Invoice".to_owned()), ("pipeline", "Sales".to_owned())];
        let event = Event {
            at: Moment(1_772_438_400_000),
            what: EventKind::Create,
            about: Some(Ref::new("deal", &id.to_string())),
            fields: fields.into_iter().map(|(name, value)| (name.into(), Value::text(&value))).collect(),
            by: None,
            origin: Origin::Api,
            id: None,
        };
        self.engine.deliver(&mut self.store, &event, &mut |_| ()).unwrap();
        self.store.commit().unwrap();
    }

    /// Tries the errand that is due first; dies after sending if `dies`. Gives the office after it.
    fn send_one(mut self, channels: &Channels, dies: bool) -> (Self, Option<Attempt>) {
        let Some(at) = self.store.next_errand().unwrap() else { return (self, None) };
        let (key, _) = self.store.due_errands(at, 1).unwrap().remove(0);
        let row = self.engine.attempt(&mut self.store, key).unwrap().unwrap();
        self.store.commit().unwrap();
        let attempt = channels.send(key, &row);
        if dies {
            let (compiled, path) = (self.compiled, self.path);
            drop(self);
            return (Self::open(compiled, path, channels), Some(attempt));
        }
        self.engine.settle(&mut self.store, key, at, &attempt, &mut |_| ()).unwrap();
        self.store.commit().unwrap();
        (self, Some(attempt))
    }
}

#[test]
fn a_server_that_dies_and_a_sender_that_dies_lose_nothing_and_keep_nothing_twice() {
    let Some(server) = Server::script("smtp") else { return };
    let config = format!(
        "[retry]\nfirst = \"1s\"\nlongest = \"1min\"\nattempts = 50\n[email]\nserver = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nfrom = \"sales@acme.example\"\ntimeout = \"5s\"\n",
        server.port
    );
    let channels = channels(&config, Path::new("."));
    let (compiled, folder) = (compiled(), tempfile::tempdir().unwrap());
    let path = folder.path().join("s.db");
    let mut office = Office::open(&compiled, &path, &channels);
    (0..20).for_each(|id| office.deal(id));
    let (mut server, mut down, mut failed, mut died) = (Some(server), None, 0, 0);
    for turn in 0.. {
        if turn == 9 {
            down = server.take().map(Server::kill);
        }
        if turn == 30
            && let Some((port, folder)) = down.take()
        {
            server = Server::script_at("smtp", port, folder);
        }
        let dies = turn % 5 == 3;
        let (after, attempt) = office.send_one(&channels, dies);
        office = after;
        let Some(attempt) = attempt else { break };
        died += u32::from(dies);
        failed += u32::from(matches!(attempt, Attempt::Passing { .. }));
        assert!(turn < 300 && !matches!(attempt, Attempt::Permanent { .. }), "{turn}: {attempt:?}");
    }
    assert!(failed >= 20 && died >= 8, "{failed} {died}");
    let server = server.unwrap();
    let taken = server.read("log");
    let kept = std::fs::read_dir(server.folder.path()).unwrap();
    let kept = kept.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "eml")).count();
    let subjects: BTreeSet<&str> = taken.lines().map(|line| line.split(' ').next().unwrap()).collect();
    // Two mails of each of twenty runs: each was kept once, though some were sent twice.
    assert_eq!((kept, subjects.len()), (40, 40));
    assert!(taken.lines().count() > 40, "nobody died between sending and noting");
    assert_eq!(office.store.meta().counters.ended, 20);
    assert!(office.store.run(RunId(1)).unwrap().is_none());
    assert!(office.store.errands(None, 9).unwrap().is_empty());
}
