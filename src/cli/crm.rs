//! `dealflow crm list|show|set`: looking at the records of a store, and changing one by hand.

mod audience;

use super::events::{parse_line, to_line};
use super::exit::Exit;
use super::orders::{self, knows, told};
use super::out::Out;
use super::run::send::as_store;
use super::runs::open;
use super::timeline::Timeline;
use super::workspace;
use crate::crm::kind;
use crate::diagnostics::{did_you_mean, one_of};
use crate::engine::{Engine, Event, EventKind, Record, Store, Stored};
use crate::ir::Origin;
use crate::schema::{Entity, Field, Schema, Type, field_from_json};
use crate::value::{Moment, Name, Ref, Value};
use clap::Subcommand;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(super) enum CrmCommand {
    /// List the records of an entity; without one, how many there are of each.
    #[command(after_help = "Example: dealflow crm list deal --store sales.db")]
    List {
        /// The entity, such as `deal`.
        entity: Option<String>,
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// The workspace that the store runs with.
        #[arg(long, default_value = ".")]
        workspace: PathBuf,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a record, and what belongs to it: comments, history, tasks, mails.
    #[command(after_help = "Example: dealflow crm show deal 57 --store sales.db")]
    Show(RecordArgs),
    /// Write who is in an audience as the file that its network takes: addresses and phones, hashed.
    #[command(after_help = "Example: dealflow crm audience VIP --network google --store sales.db > vip.csv")]
    Audience(AudienceArgs),
    /// Change a record by hand. The change is an event: rules are set off and runs wake.
    #[command(
        after_help = "Example: dealflow crm set deal 57 stage=Won amount=\"12000 PLN\" --by anna --store sales.db"
    )]
    Set {
        /// The record.
        #[command(flatten)]
        record: RecordArgs,
        /// What is set: `field=value`; lists and `null` as JSON.
        #[arg(required = true)]
        fields: Vec<String>,
        /// The employee who does it.
        #[arg(long)]
        by: Option<String>,
        /// When; now without.
        #[arg(long)]
        at: Option<String>,
    },
}

/// `dealflow crm audience`
#[derive(Debug, clap::Args)]
pub(super) struct AudienceArgs {
    /// The audience.
    pub(super) name: String,
    /// Whose file it is.
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(crate::schema::NETWORKS))]
    pub(super) network: String,
    /// The store.
    #[arg(long)]
    pub(super) store: PathBuf,
    /// The workspace that the store runs with.
    #[arg(long, default_value = ".")]
    pub(super) workspace: PathBuf,
}

/// A record of a store.
#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    /// The entity, such as `deal`.
    pub(super) entity: String,
    /// The record's number.
    pub(super) id: String,
    /// The store.
    #[arg(long)]
    pub(super) store: PathBuf,
    /// The workspace that the store runs with.
    #[arg(long, default_value = ".")]
    pub(super) workspace: PathBuf,
}

/// How many records are read at once.
const PAGE: usize = 500;

pub(super) fn crm(command: &CrmCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        CrmCommand::List { entity: None, store, .. } => counts(&open(store)?, out),
        CrmCommand::List { entity: Some(entity), store, workspace, limit } => {
            let schema = schema_of(workspace)?;
            list(&Look { schema: &schema, store: &open(store)? }, find(&schema, entity)?, *limit, out)
        }
        CrmCommand::Show(args) => {
            let schema = schema_of(&args.workspace)?;
            let entity = find(&schema, &args.entity)?;
            show(&Look { schema: &schema, store: &open(&args.store)? }, entity, &args.id, out)
        }
        CrmCommand::Audience(args) => audience::write(args, out),
        CrmCommand::Set { record, fields, by, at } => set(record, fields, by.as_deref(), at.as_deref(), out),
    }
}

fn schema_of(dir: &Path) -> Result<Arc<Schema>, String> {
    Ok(workspace::read_dir(dir)?.parse().compile().schema)
}

fn find<'s>(schema: &'s Schema, name: &str) -> Result<&'s Entity, String> {
    schema.entity(name).ok_or_else(|| {
        let names = || schema.entities.iter().map(|e| &*e.name);
        let near = did_you_mean(name, names()).map(|near| format!(": did you mean `{near}`?"));
        let help = near.unwrap_or_else(|| format!("; there are {}", one_of(names(), 20)));
        format!("there is no entity `{name}`{help}")
    })
}

/// Goes through the records of a kind until `look` has seen enough.
fn each(store: &dyn Store, kind: &str, look: &mut dyn FnMut(&Name, &Record) -> bool) -> Stored<()> {
    let mut after: Option<Name> = None;
    loop {
        let page = store.records(kind, after.as_deref(), PAGE)?;
        if !page.iter().all(|(id, record)| look(id, record)) || page.len() < PAGE {
            return Ok(());
        }
        after = page.last().map(|(id, _)| id.clone());
    }
}

/// How many records of each kind there are.
fn counts(store: &dyn Store, out: &mut Out) -> Result<Exit, String> {
    let failed = |e: crate::engine::StoreError| e.to_string();
    for kind in store.kinds().map_err(failed)?.into_iter().filter(|kind| !kind::OF_STORE.contains(&&**kind)) {
        let mut count = 0_u64;
        each(store, &kind, &mut |_, _| {
            count += 1;
            true
        })
        .map_err(failed)?;
        out.line(&format!("{count:>7}  {kind}"))?;
    }
    Ok(Exit::Fine)
}

/// A store with the workspace it belongs to.
struct Look<'a> {
    schema: &'a Schema,
    store: &'a dyn Store,
}

impl Look<'_> {
    fn human(&self, value: &Value) -> String {
        Timeline::new(self.schema).human(value)
    }

    /// `57  "ACME"  stage Invoice, owner Anna Nowak`
    fn line(&self, entity: &Entity, id: &str, record: &Record) -> String {
        let title = entity.get(entity.title).map(|field| self.human(record.get(&field.name))).unwrap_or_default();
        let shown = entity.stage_name().into_iter().cloned().chain(["owner".into()]);
        let shown = shown.filter(|name| *record.get(name) != Value::Missing);
        let shown: Vec<String> = shown.map(|name| format!("{name} {}", self.human(record.get(&name)))).collect();
        format!("{id:>8}  \"{title}\"  {}", shown.join(", ")).trim_end().to_owned()
    }

    /// What belongs to a record: when, of which kind, what it says.
    fn around(&self, of: &Ref) -> Stored<Vec<(Moment, String)>> {
        let mut found = Vec::new();
        for (kind, field) in [(kind::COMMENT, "record"), (kind::HISTORY, "record")] {
            self.linking(kind, field, of, &mut |_, record| {
                let text = format!("{kind} by {}: {}", self.human(record.get("from")), self.human(record.get("text")));
                found.push((at(record, "at"), text));
            })?;
        }
        for entity in self.schema.entities.iter().filter(|entity| entity.secondary) {
            let wanted = self.schema.entity_id(&of.kind).map(Type::Entity);
            for field in entity.fields.iter().filter(|field| Some(&field.ty) == wanted.as_ref()) {
                self.linking(&entity.name, &field.name, of, &mut |id, record| {
                    // Mails to employees are none of the customer's business.
                    if *record.get("timeline") != Value::Bool(false) {
                        let line = self.line(entity, id, record);
                        found.push((at(record, "created_at"), format!("{} {}", entity.name, line.trim_start())));
                    }
                })?;
            }
        }
        found.sort();
        Ok(found)
    }

    fn linking(&self, kind: &str, field: &str, of: &Ref, look: &mut dyn FnMut(&Name, &Record)) -> Stored<()> {
        let mut after: Option<Name> = None;
        loop {
            let page = self.store.linking(kind, field, of, after.as_deref(), PAGE)?;
            for id in &page {
                if let Some(record) = self.store.record(&Ref { kind: kind.into(), id: id.clone() })? {
                    look(id, &record);
                }
            }
            if page.len() < PAGE {
                return Ok(());
            }
            after = page.last().cloned();
        }
    }
}

fn at(record: &Record, field: &str) -> Moment {
    match record.get(field) {
        Value::DateTime(at) => *at,
        _ => Moment::default(),
    }
}

fn list(look: &Look<'_>, entity: &Entity, limit: usize, out: &mut Out) -> Result<Exit, String> {
    let (mut lines, mut more) = (Vec::new(), false);
    each(look.store, &entity.name, &mut |id, record| {
        more = lines.len() == limit;
        if !more {
            lines.push(look.line(entity, id, record));
        }
        !more
    })
    .map_err(|e| e.to_string())?;
    for line in &lines {
        out.line(line)?;
    }
    if more {
        out.line(&format!("… and more: `--limit {}` shows them", limit.saturating_mul(10)))?;
    }
    Ok(Exit::Fine)
}

fn show(look: &Look<'_>, entity: &Entity, id: &str, out: &mut Out) -> Result<Exit, String> {
    let of = Ref::new(&entity.name, id);
    let Some(record) = look.store.record(&of).map_err(|e| e.to_string())? else {
        return Err(format!("there is no {of} in the store: `dealflow crm list {}` shows them", entity.name));
    };
    let mut text = format!("{}\n", Timeline::new(look.schema).record(&of, look.store));
    let width = record.fields.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, value) in &record.fields {
        let shown = match value {
            Value::Ref(other) if look.schema.entity(&other.kind).is_some() => {
                Timeline::new(look.schema).record(other, look.store)
            }
            value => look.human(value),
        };
        let _ = writeln!(text, "  {name:width$}  {shown}");
    }
    let around = look.around(&of).map_err(|e| e.to_string())?;
    if !around.is_empty() {
        text.push_str("\nwhat belongs to it:\n");
    }
    for (at, line) in around {
        let _ = writeln!(text, "  {}  {line}", look.schema.calendar.say(at));
    }
    out.text(&text)?;
    Ok(Exit::Fine)
}

/// Changes a record as a person would: an event, which sets rules off.
fn set(
    args: &RecordArgs,
    fields: &[String],
    by: Option<&str>,
    at: Option<&str>,
    out: &mut Out,
) -> Result<Exit, String> {
    let (mut engine, schema) = orders::workspace_engine(&args.workspace)?;
    let entity = find(&schema, &args.entity)?;
    let mut store = orders::open(&args.store)?;
    knows(&engine, &store, &args.workspace, &args.store)?;
    let of = Ref::new(&entity.name, &args.id);
    if store.record(&of).map_err(|e| e.to_string())?.is_none() {
        return Err(format!("there is no {of} in the store: `dealflow crm list {}` shows them", entity.name));
    }
    as_store(&mut engine, &store, &args.workspace)?;
    let event = event(&schema, entity, &of, fields, by, at)?;
    links_lead_somewhere(&event, &schema, &store)?;
    deliver(&mut engine, &mut store, &schema, &event, out)
}

/// Refuses a link to a record that is not there.
fn links_lead_somewhere(event: &Event, schema: &Schema, store: &dyn Store) -> Result<(), String> {
    for (field, to) in event.links() {
        if schema.entity(&to.kind).is_some() && store.record(to).map_err(|e| e.to_string())?.is_none() {
            let kind = &to.kind;
            return Err(format!("{field}: there is no {to} in the store: `dealflow crm list {kind}` shows them"));
        }
    }
    Ok(())
}

pub(super) fn deliver(
    engine: &mut Engine,
    store: &mut dyn Store,
    schema: &Schema,
    event: &Event,
    out: &mut Out,
) -> Result<Exit, String> {
    let mut traces = Vec::new();
    let failed = store.meta().counters.failed;
    // What was due before comes first, as when events are read from a file.
    while engine.next_timer(store).map_err(|e| e.to_string())?.is_some_and(|due| due < event.at) {
        engine.fire_next(store, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
    }
    engine.deliver(store, event, &mut |trace| traces.push(trace)).map_err(|e| e.to_string())?;
    let text = told(&traces, schema, store);
    let failed = store.meta().counters.failed > failed;
    store.commit().map_err(|e| e.to_string())?;
    out.text(&text)?;
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

/// The event that the arguments stand for; it is read as a line of an event file is.
fn event(
    schema: &Schema,
    entity: &Entity,
    of: &Ref,
    fields: &[String],
    by: Option<&str>,
    at: Option<&str>,
) -> Result<Event, String> {
    let at = match at {
        Some(at) => crate::schema::moment(schema, at)?,
        None => super::repl::now()?,
    };
    let mut values = Vec::with_capacity(fields.len());
    for field in fields {
        let Some((name, text)) = field.split_once('=') else {
            return Err(format!("`{field}` sets nothing: write `field=value`"));
        };
        let Some(known) = entity.field(name) else {
            let names = || entity.fields.iter().map(|f| &*f.name);
            let near = did_you_mean(name, names()).map(|near| format!(": did you mean `{near}`?"));
            return Err(format!("a {} has no field `{name}`{}", entity.name, near.unwrap_or_default()));
        };
        if known.read_only {
            return Err(format!("`{name}` is kept by the CRM itself"));
        }
        if values.iter().any(|(given, _)| *given == known.name) {
            return Err(format!("`{name}` is set twice: which value is meant?"));
        }
        let value = value(schema, known, text).map_err(|reason| format!("{name}: {reason}"))?;
        values.push((known.name.clone(), value));
    }
    let by = by.map(|by| schema.find_user(by)).transpose()?;
    let event = Event {
        at,
        what: EventKind::Update,
        about: Some(of.clone()),
        fields: values,
        by,
        origin: Origin::User,
        id: None,
    };
    // What a line of an event file may not say may not be said here either.
    parse_line(&to_line(&event, &schema.calendar), schema).map_err(|e| e.message)
}

/// A value as people write it: JSON for lists and `null`, plain text for all else.
fn value(schema: &Schema, field: &Field, text: &str) -> Result<Value, String> {
    let json: Option<Json> = serde_json::from_str(text).ok();
    let plain = Json::from(text);
    let first = match &json {
        Some(json @ (Json::Array(_) | Json::Object(_) | Json::Null)) => json,
        Some(_) | None => &plain,
    };
    field_from_json(schema, field, first).or_else(|reason| {
        json.as_ref().map_or(Err(reason.clone()), |json| field_from_json(schema, field, json).map_err(|_| reason))
    })
}
