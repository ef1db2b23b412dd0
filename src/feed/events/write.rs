//! An event → one line, which [`super::parse_line`] reads back to the same event.

use crate::engine::{Event, EventKind, ReplyKind};
use crate::ir::Origin;
use crate::schema::{Calendar, value_to_json};
use crate::value::Moment;
use chrono::SecondsFormat;
use serde_json::{Map, Value as Json};

/// The event as a line without its end; the moment with the offset that the workspace's clock shows then.
pub fn to_line(event: &Event, calendar: &Calendar) -> String {
    let Event { at, what, about, fields, by, origin, id } = event;
    let mut line = Map::new();
    let mut put = |key: &str, value: Json| line.insert(key.to_owned(), value);
    put("at", local(*at, calendar).into());
    let verb = match what {
        EventKind::Create => "create",
        EventKind::Update => "update",
        EventKind::Delete => "delete",
        EventKind::Named(_) => "event",
        EventKind::Reply(reply) => reply.what.name(),
    };
    put("do", verb.into());
    if let EventKind::Named(name) = what {
        put("event", (&**name).into());
    }
    if let Some(about) = about {
        put("entity", (&*about.kind).into());
        put("id", (&*about.id).into());
    }
    if let EventKind::Reply(reply) = what {
        put("request", (&*reply.request).into());
        if let ReplyKind::Delegate(to) = &reply.what {
            put("to", (&**to).into());
        }
        for (name, value) in fields {
            put(name, value_to_json(value));
        }
    } else if !fields.is_empty() {
        let fields = fields.iter().map(|(name, value)| (name.to_string(), value_to_json(value)));
        put("fields", Json::Object(fields.collect()));
    }
    if let Some(by) = by {
        put("by", (&**by).into());
    }
    match origin {
        Origin::User => None,
        Origin::Api => put("origin", "api".into()),
        Origin::Import => put("origin", "import".into()),
        Origin::Rule => put("origin", "rule".into()),
    };
    if let Some(id) = id {
        put("key", (&**id).into());
    }
    Json::Object(line).to_string()
}

fn local(at: Moment, calendar: &Calendar) -> String {
    at.utc().with_timezone(&calendar.zone).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
