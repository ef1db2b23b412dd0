//! The output for programs: one JSON object per line.

use crate::engine::{Cancelled, Counters, NotMatched, Trace, TraceKind};
use crate::schema::{AsJson, Schema};
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Watch;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

/// One thing that happened, as a line: an object with `kind`, `at`, and `rule`, `run`, `record` where there are some.
/// It is written straight from the trace, since a long run has a hundred thousand of them.
pub(super) fn trace(trace: &Trace, schema: &Schema, text: &mut String) {
    // No trace can fail to be JSON.
    text.push_str(&serde_json::to_string(&Line { trace, schema }).unwrap_or_default());
    text.push('\n');
}

/// A trace as it is written.
struct Line<'a> {
    trace: &'a Trace,
    schema: &'a Schema,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { trace, schema } = *self;
        let mut object = to.serialize_map(None)?;
        object.serialize_entry("kind", kind(&trace.what))?;
        object.serialize_entry("at", &moment(trace.at, schema))?;
        if let Some(rule) = &trace.rule {
            object.serialize_entry("rule", &**rule)?;
        }
        if let Some(run) = trace.run {
            object.serialize_entry("run", &run.0)?;
        }
        if let Some(record) = &trace.record {
            object.serialize_entry("record", &Reference::from(record))?;
        }
        details(&trace.what, schema, &mut object)?;
        object.end()
    }
}

fn kind(what: &TraceKind) -> &'static str {
    match what {
        TraceKind::EventTaken { .. } => "event",
        TraceKind::EventIgnored { .. } => "ignored",
        TraceKind::DateCame => "date",
        TraceKind::NotMatched { .. } => "not matched",
        TraceKind::RunStarted => "started",
        TraceKind::Effect { .. } => "effect",
        TraceKind::HandedOver { .. } => "handed over",
        TraceKind::TriedAgain { .. } => "tried again",
        TraceKind::Withdrawn { .. } => "withdrawn",
        TraceKind::Refused { .. } => "refused",
        TraceKind::Parked { .. } => "parked",
        TraceKind::Ordered { .. } => "ordered",
        TraceKind::Waiting { .. } => "waiting",
        TraceKind::Woken { .. } => "woken",
        TraceKind::Ended => "ended",
        TraceKind::Cancelled { .. } => "cancelled",
        TraceKind::Failed(_) => "failed",
        TraceKind::UndoFailed(_) => "undo_failed",
        TraceKind::Stuck { .. } => "stuck",
    }
}

/// What there is to say of the kind.
fn details<M: SerializeMap>(what: &TraceKind, schema: &Schema, object: &mut M) -> Result<(), M::Error> {
    match what {
        TraceKind::EventTaken { what, fields, by, origin, depth } => {
            object.serialize_entry("what", &**what)?;
            object.serialize_entry("fields", &Values(fields))?;
            object.serialize_entry("by", &by.as_deref())?;
            object.serialize_entry("origin", origin)?;
            object.serialize_entry("depth", depth)
        }
        TraceKind::EventIgnored { why } => object.serialize_entry("why", why),
        TraceKind::NotMatched { why } => {
            let why = match why {
                NotMatched::Condition => "condition",
                NotMatched::Lifetime => "while",
                NotMatched::Once => "once",
                NotMatched::Busy => "one at a time",
            };
            object.serialize_entry("why", why)
        }
        TraceKind::Effect { seq, action, args, result } => {
            doing(object, *seq, action)?;
            object.serialize_entry("args", &Values(args))?;
            object.serialize_entry("result", &AsJson(result))
        }
        TraceKind::HandedOver { seq, action, args } => {
            doing(object, *seq, action)?;
            object.serialize_entry("args", &Values(args))
        }
        TraceKind::TriedAgain { seq, action, why, next } => {
            doing(object, *seq, action)?;
            object.serialize_entry("why", &**why)?;
            object.serialize_entry("next", &moment(*next, schema))
        }
        TraceKind::Withdrawn { seq, action } => doing(object, *seq, action),
        TraceKind::Refused { seq, action, why } => {
            doing(object, *seq, action)?;
            object.serialize_entry("why", &**why)
        }
        TraceKind::Ordered { order } => object.serialize_entry("order", order.name()),
        TraceKind::Waiting { watches, deadline } => {
            object.serialize_entry("for", &watches.iter().map(watch).collect::<Vec<_>>())?;
            object.serialize_entry("until", &deadline.map(|at| moment(at, schema)))
        }
        TraceKind::Woken { outcome } => object.serialize_entry("outcome", &outcome.map(crate::vm::Outcome::name)),
        TraceKind::Cancelled { why } => {
            let why = match why {
                Cancelled::Lifetime => "while",
                Cancelled::Restart => "restart",
                Cancelled::Order => "order",
                Cancelled::Parent => "parent",
                Cancelled::Deleted => "deleted",
            };
            object.serialize_entry("why", why)
        }
        TraceKind::Failed(failure) | TraceKind::UndoFailed(failure) => {
            object.serialize_entry("message", &failure.message)?;
            object.serialize_entry("file", &*failure.file)?;
            object.serialize_entry("line", &failure.line)
        }
        TraceKind::Parked { why } | TraceKind::Stuck { why } => object.serialize_entry("why", &**why),
        TraceKind::DateCame | TraceKind::RunStarted | TraceKind::Ended => Ok(()),
    }
}

/// Which effect of a run it is.
fn doing<M: SerializeMap>(object: &mut M, seq: u32, action: &str) -> Result<(), M::Error> {
    object.serialize_entry("seq", &seq)?;
    object.serialize_entry("action", action)
}

/// What a run waits for.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Watched<'w> {
    Field { record: Reference<'w>, field: &'w str },
    Event { event: &'w str, record: Option<Reference<'w>> },
}

/// What a run waits for.
pub(super) fn watch(watch: &Watch) -> Watched<'_> {
    match watch {
        Watch::Field { of, field } => Watched::Field { record: of.into(), field },
        Watch::Event { name, about } => Watched::Event { event: name, record: about.as_ref().map(Reference::from) },
    }
}

/// Which record it is.
#[derive(Serialize)]
pub(super) struct Reference<'r> {
    entity: &'r str,
    id: &'r str,
}

impl<'r> From<&'r Ref> for Reference<'r> {
    fn from(of: &'r Ref) -> Self {
        Self { entity: &of.kind, id: &of.id }
    }
}

/// Named values as an object.
struct Values<'v>(&'v [(Name, Value)]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (&**name, AsJson(value))))
    }
}

/// RFC 3339 with the workspace's offset.
fn moment(at: Moment, schema: &Schema) -> String {
    at.utc().with_timezone(&schema.calendar.zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}

/// The last line of a run's output.
pub(super) fn summary(counters: &Counters) -> Json {
    let effects: Map<String, Json> = counters.effects.iter().map(|(k, n)| (k.to_string(), (*n).into())).collect();
    let mut runs = json!({
        "started": counters.started,
        "ended": counters.ended,
        "cancelled": counters.cancelled,
        "failed": counters.failed,
        "waiting": counters.waiting,
    });
    for (name, count) in [("stuck", counters.stuck), ("parked", counters.parked), ("paused", counters.paused)] {
        if let (true, Some(runs)) = (count > 0, runs.as_object_mut()) {
            runs.insert(name.to_owned(), count.into());
        }
    }
    json!({ "kind": "summary", "events": counters.events, "runs": runs, "effects": effects })
}
