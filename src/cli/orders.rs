//! `dealflow runs cancel|pause|resume|retry|skip`: a person decides what becomes of a run; and
//! `approve|reject|answer|delegate`: a person says what a run has asked.

use super::args::{OrderArgs, ReplyArgs};
use super::exit::Exit;
use super::out::Out;
use super::run::send::as_store;
use super::timeline::Timeline;
use super::workspace;
use crate::crm::Embedded;
use crate::engine::{Engine, Event, EventKind, Order, Reply, ReplyKind, RunId, Store, Trace, TraceKind};
use crate::host::sqlite::{Durability, SqliteStore};
use crate::ir::Origin;
use crate::schema::{self, Schema};
use crate::source::FileId;
use crate::value::{Name, Value};
use std::path::Path;
use std::sync::Arc;

pub(super) fn order(args: &OrderArgs, order: Order, out: &mut Out) -> Result<Exit, String> {
    let (mut engine, schema) = engine(&args.workspace, order == Order::Cancel)?;
    let mut store = open(&args.store)?;
    let said = |e: crate::engine::StoreError| format!("{e} (store `{}`)", args.store.display());
    knows(&engine, &store, &args.workspace, &args.store)?;
    // To cancel, no channel is needed.
    if order != Order::Cancel {
        as_store(&mut engine, &store, &args.workspace)?;
    }
    let mut traces = Vec::new();
    let before = store.meta().counters.clone();
    engine.order(&mut store, RunId(args.id), order, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
    let text = told(&traces, &schema, &store);
    store.commit().map_err(said)?;
    out.text(&text)?;
    let after = &store.meta().counters;
    let failed = after.failed > before.failed || (order == Order::Retry && after.parked >= before.parked);
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

/// Answers a request in the name of an employee, at the store's own time.
pub(super) fn reply(args: &ReplyArgs, what: ReplyKind, out: &mut Out) -> Result<Exit, String> {
    let (mut engine, schema) = engine(&args.workspace, false)?;
    let mut store = open(&args.store)?;
    let said = |e: crate::engine::StoreError| format!("{e} (store `{}`)", args.store.display());
    knows(&engine, &store, &args.workspace, &args.store)?;
    as_store(&mut engine, &store, &args.workspace)?;
    let what = match what {
        ReplyKind::Delegate(to) => ReplyKind::Delegate(schema.find_user(&to).map_err(|why| format!("--to: {why}"))?),
        ReplyKind::Answer if args.text.is_none() => return Err("what is the answer? add --text".to_owned()),
        other @ (ReplyKind::Approve | ReplyKind::Reject | ReplyKind::Answer) => other,
    };
    let by = schema.find_user(&args.by).map_err(|why| format!("--by: {why}"))?;
    let text = args.text.as_deref().map(|text| (Name::from("text"), Value::text(text)));
    let event = Event {
        at: store.meta().now,
        what: EventKind::Reply(Reply { request: args.request.as_str().into(), what }),
        about: None,
        fields: text.into_iter().collect(),
        by: Some(by),
        origin: Origin::User,
        id: None,
    };
    let mut traces = Vec::new();
    let before = store.meta().counters.failed;
    engine.deliver(&mut store, &event, &mut |trace| traces.push(trace)).map_err(said)?;
    let ignored = traces.iter().find_map(|trace| match trace.what {
        TraceKind::EventIgnored { why } => Some(why),
        _ => None,
    });
    if let Some(why) = ignored {
        return Err(format!("request {}: {why}", args.request));
    }
    let text = told(&traces, &schema, &store);
    store.commit().map_err(said)?;
    out.text(&text)?;
    Ok(if store.meta().counters.failed > before { Exit::Findings } else { Exit::Fine })
}

/// What happened, for people.
pub(super) fn told(traces: &[Trace], schema: &Schema, store: &dyn Store) -> String {
    let mut timeline = Timeline::new(schema);
    let mut text = String::new();
    for trace in traces {
        timeline.lines(trace, store, &mut text);
    }
    text
}

/// Refuses to go on with rules that the store does not run with.
pub(super) fn knows(engine: &Engine, store: &SqliteStore, dir: &Path, file: &Path) -> Result<(), String> {
    if engine.knows(store).map_err(|e| format!("{e} (store `{}`)", file.display()))? {
        return Ok(());
    }
    Err(format!(
        "the rules of `{}` are not those that the store last ran with: `dealflow deploy` them first, or name the right \
         folder with --workspace",
        dir.display()
    ))
}

/// Opens a store to work with it; it must be there.
pub(super) fn open(path: &Path) -> Result<SqliteStore, String> {
    if !path.is_file() {
        return Err(format!("there is no store `{}`: `dealflow run DIR --store FILE` makes one", path.display()));
    }
    SqliteStore::open(path, Durability::Full).map_err(|e| format!("`{}`: {e}", path.display()))
}

/// The workspace's engine. To cancel, none is needed: nothing acts then.
fn engine(dir: &Path, cancel: bool) -> Result<(Engine, Arc<Schema>), String> {
    if cancel && !dir.join(workspace::SCHEMA).is_file() {
        let schema = Arc::new(schema::load(FileId::default(), "").0);
        return Ok((Engine::new(schema.clone(), Vec::new(), Arc::new(Embedded)), schema));
    }
    workspace_engine(dir)
}

/// The engine of a workspace without mistakes.
pub(super) fn workspace_engine(dir: &Path) -> Result<(Engine, Arc<Schema>), String> {
    let compiled = workspace::read_dir(dir)?.parse().compile();
    if !compiled.is_sound() {
        let dir = dir.display();
        return Err(format!("the workspace `{dir}` has mistakes: `dealflow check {dir}` shows them"));
    }
    let schema = compiled.schema.clone();
    Ok((Engine::new(schema.clone(), compiled.programs, Arc::new(Embedded)), schema))
}
