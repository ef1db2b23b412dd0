//! The output for programs: one JSON object per line.

use crate::engine::{Cancelled, Counters, NotMatched, Trace, TraceKind};
use crate::schema::{Schema, value_to_json};
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Watch;
use serde_json::{Map, Value as Json, json};

/// One thing that happened, as an object with `kind`, `at`, and `rule`, `run`, `record` where there are some.
pub(super) fn trace(trace: &Trace, schema: &Schema) -> Json {
    let mut object = Map::new();
    let (kind, details) = details(&trace.what, schema);
    object.insert("kind".to_owned(), kind.into());
    object.insert("at".to_owned(), moment(trace.at, schema));
    if let Some(rule) = &trace.rule {
        object.insert("rule".to_owned(), (**rule).into());
    }
    if let Some(run) = trace.run {
        object.insert("run".to_owned(), run.0.into());
    }
    if let Some(record) = &trace.record {
        object.insert("record".to_owned(), reference(record));
    }
    if let Json::Object(details) = details {
        object.extend(details);
    }
    Json::Object(object)
}

fn details(what: &TraceKind, schema: &Schema) -> (&'static str, Json) {
    match what {
        TraceKind::EventTaken { what, fields, by, origin, depth } => (
            "event",
            json!({ "what": &**what, "fields": values(fields), "by": by.as_deref(), "origin": origin, "depth": depth }),
        ),
        TraceKind::EventIgnored { why } => ("ignored", json!({ "why": why })),
        TraceKind::DateCame => ("date", Json::Null),
        TraceKind::NotMatched { why } => {
            let why = match why {
                NotMatched::Condition => "condition",
                NotMatched::Lifetime => "while",
                NotMatched::Once => "once",
                NotMatched::Busy => "one at a time",
            };
            ("not matched", json!({ "why": why }))
        }
        TraceKind::RunStarted => ("started", Json::Null),
        TraceKind::Effect { seq, action, args, result } => (
            "effect",
            json!({ "seq": seq, "action": &**action, "args": values(args), "result": value_to_json(result) }),
        ),
        TraceKind::HandedOver { seq, action, args } => {
            ("handed over", json!({ "seq": seq, "action": &**action, "args": values(args) }))
        }
        TraceKind::TriedAgain { seq, action, why, next } => {
            let next = moment(*next, schema);
            ("tried again", json!({ "seq": seq, "action": &**action, "why": &**why, "next": next }))
        }
        TraceKind::Withdrawn { seq, action } => ("withdrawn", json!({ "seq": seq, "action": &**action })),
        TraceKind::Refused { seq, action, why } => {
            ("refused", json!({ "seq": seq, "action": &**action, "why": &**why }))
        }
        TraceKind::Parked { why } => ("parked", json!({ "why": &**why })),
        TraceKind::Ordered { order } => ("ordered", json!({ "order": order.name() })),
        TraceKind::Waiting { watches, deadline } => {
            let watches: Vec<Json> = watches.iter().map(watch).collect();
            ("waiting", json!({ "for": watches, "until": deadline.map(|at| moment(at, schema)) }))
        }
        TraceKind::Woken { outcome } => ("woken", json!({ "outcome": outcome.map(crate::vm::Outcome::name) })),
        TraceKind::Ended => ("ended", Json::Null),
        TraceKind::Cancelled { why } => {
            let why = match why {
                Cancelled::Lifetime => "while",
                Cancelled::Restart => "restart",
                Cancelled::Order => "order",
                Cancelled::Parent => "parent",
                Cancelled::Deleted => "deleted",
            };
            ("cancelled", json!({ "why": why }))
        }
        TraceKind::Failed(failure) => {
            ("failed", json!({ "message": failure.message, "file": &*failure.file, "line": failure.line }))
        }
        TraceKind::UndoFailed(f) => ("undo_failed", json!({ "message": f.message, "file": &*f.file, "line": f.line })),
        TraceKind::Stuck { why } => ("stuck", json!({ "why": &**why })),
    }
}

/// What a run waits for.
pub(super) fn watch(watch: &Watch) -> Json {
    match watch {
        Watch::Field { of, field } => json!({ "record": reference(of), "field": &**field }),
        Watch::Event { name, about } => json!({ "event": &**name, "record": about.as_ref().map(reference) }),
    }
}

fn reference(of: &Ref) -> Json {
    json!({ "entity": &*of.kind, "id": &*of.id })
}

fn values(named: &[(Name, Value)]) -> Json {
    Json::Object(named.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect())
}

/// RFC 3339 with the workspace's offset.
pub(super) fn moment(at: Moment, schema: &Schema) -> Json {
    at.utc().with_timezone(&schema.calendar.zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false).into()
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
