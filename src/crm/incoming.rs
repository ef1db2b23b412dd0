//! What named events tell of: calls, mails and messages are recorded, unless their customer is on the list of exceptions.
//!
//! Such a record sets nothing off by being made: the event that it comes from does.

use super::{customers, link, new_id, records, stage_of};
use crate::engine::{Event, Record, Store, Stored, Taken};
use crate::schema::{Schema, StageKind, Type};
use crate::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

/// Events that are recorded: whether they come in, and what the record's stage means.
const RECORDED: &[(&str, bool, StageKind)] = &[
    ("call incoming", true, StageKind::Success),
    ("call outgoing", false, StageKind::Success),
    ("call missed", true, StageKind::Failure),
    ("email received", true, StageKind::Success),
    ("sms received", true, StageKind::Success),
    ("message received", true, StageKind::Success),
];

/// Payload members and fields, where the two have different names.
const NAMES: &[(&str, &str, &str)] = &[("message", "from", "sender")];

/// Takes a named event.
pub(super) fn take(store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event, name: &Name) -> Stored<Taken> {
    let Some((_, incoming, stage)) = RECORDED.iter().find(|(known, ..)| *known == &**name) else {
        return Ok(Taken::Noted(None));
    };
    let attached: Vec<&Ref> = event.about.iter().chain(event.fields.iter().filter_map(|(_, v)| as_ref(v))).collect();
    if customers::is_excluded(store, &attached, &event.fields)? {
        return Ok(Taken::Nothing("the customer is on the list of exceptions"));
    }
    let kind = name.split(' ').next().unwrap_or_default();
    let Some(entity) = schema.entity(kind) else { return Ok(Taken::Noted(None)) };
    let mut record = Record::default();
    for (member, value) in &event.fields {
        let field =
            NAMES.iter().find(|(of, from, _)| *of == kind && *from == &**member).map_or(&**member, |(.., to)| *to);
        let Some(field) = entity.field(field) else { continue };
        let many = matches!(field.ty, Type::List(_)) && !matches!(value, Value::List(_));
        record.set(&field.name, if many { Value::list(vec![value.clone()]) } else { value.clone() });
    }
    for of in attached {
        link(store, schema, entity, &mut record, of)?;
    }
    if let Some(title) = entity.get(entity.title).filter(|title| *record.get(&title.name) == Value::Missing) {
        record.set(&title.name, Value::Text(name.clone()));
    }
    let direction = if *incoming { "Incoming" } else { "Outgoing" };
    record.set(&"direction".into(), Value::text(direction));
    if let (Some(field), Some(stage)) = (entity.stage_name(), stage_of(entity, None, *stage)) {
        record.set(field, Value::Text(stage));
    }
    let of = new_id(store, schema, kind)?;
    records::fill(schema, &of, &mut record, now, event.by.as_ref());
    record.set(&"updated_at".into(), Value::DateTime(now));
    store.put_record(&of, Arc::new(record))?;
    Ok(Taken::Noted(Some(of)))
}

fn as_ref(value: &Value) -> Option<&Ref> {
    match value {
        Value::Ref(of) => Some(of),
        _ => None,
    }
}
