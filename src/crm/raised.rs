//! Raises the named events that follow from changes of records, by the catalogue's table.

use super::link_of;
use crate::catalog::{ATTACHED, DEADLINES, Deadline, RAISED, Raise, Way};
use crate::engine::change::stage_kind;
use crate::engine::{Change, Overdue, Raised, Record};
use crate::schema::Schema;
use crate::value::{Name, Ref, Value};

/// Payload members and the fields they come from, where the two have different names.
const NAMES: &[(&str, &str)] = &[("employee", "owner")];

/// The event that follows from a change, if any.
pub(super) fn by(schema: &Schema, change: &Change) -> Vec<Raised> {
    let Some(after) = change.after.as_deref() else { return Vec::new() };
    let fits = |raise: &&Raise| raise.entity == &*change.of.kind && goes(schema, raise.way, change, after);
    let found = RAISED.iter().find(fits).and_then(|raise| told(raise.event, &change.of, after));
    found.into_iter().collect()
}

/// When a changed record is overdue: as long as it is open.
pub(super) fn due(schema: &Schema, change: &Change) -> Overdue {
    let Some(Deadline { field, .. }) = deadline(&change.of) else { return Overdue::AsBefore };
    let open = |record: &&Record| is_open(schema, &change.of, record);
    let was_open = change.before.as_deref().is_some_and(|record| open(&record));
    let open = change.after.as_deref().filter(open);
    // One that is late and gets from one open stage to another is not late anew.
    if !change.touches(field) && was_open == open.is_some() {
        return Overdue::AsBefore;
    }
    let calendar = &schema.calendar;
    // All of a day is in time; a day that became a moment is its midnight.
    let after = |day: chrono::NaiveDate| day.succ_opt().map_or(Overdue::Never, |n| Overdue::At(calendar.midnight(n)));
    match open.map(|record| record.get(field)) {
        Some(Value::DateTime(at)) if calendar.midnight(calendar.date_of(*at)) == *at => after(calendar.date_of(*at)),
        Some(Value::DateTime(at)) => Overdue::At(*at),
        Some(Value::Date(day)) => after(*day),
        Some(_) | None => Overdue::Never,
    }
}

/// What is told of a record that was not done in time.
pub(super) fn overdue(schema: &Schema, of: &Ref, record: &Record) -> Option<Raised> {
    let name = deadline(of)?.event;
    if is_open(schema, of, record) { told(name, of, record) } else { None }
}

fn deadline(of: &Ref) -> Option<&'static Deadline> {
    DEADLINES.iter().find(|deadline| *deadline.entity == *of.kind)
}

fn is_open(schema: &Schema, of: &Ref, record: &Record) -> bool {
    schema.entity(&of.kind).and_then(|entity| stage_kind(entity, record)).is_none_or(|kind| !kind.is_final())
}

/// An event about a record, with what the record says of it.
fn told(name: &str, of: &Ref, record: &Record) -> Option<Raised> {
    let spec = crate::catalog::event_spec(name)?;
    let payload = |member: &str| {
        let field = NAMES.iter().find(|(name, _)| *name == member).map_or(member, |(_, field)| *field);
        record.get(field).clone()
    };
    let mut fields: Vec<(Name, Value)> = spec.payload.iter().map(|(name, _)| ((*name).into(), payload(name))).collect();
    fields.extend(ATTACHED.iter().filter_map(|kind| Some(((*kind).into(), Value::Ref(link_of(record, kind)?)))));
    fields.retain(|(_, value)| *value != Value::Missing);
    Some(Raised { name: spec.name.into(), about: of.clone(), fields })
}

fn goes(schema: &Schema, way: Way, change: &Change, after: &Record) -> bool {
    let entity = schema.entity(&change.of.kind);
    let stage = entity.and_then(|entity| entity.stage_name());
    let moved = stage.is_some_and(|field| change.touches(field));
    match way {
        Way::Made => change.before.is_none() && entity.and_then(|e| stage_kind(e, after)).is_none_or(|k| !k.is_final()),
        Way::Changed(field) => change.before.is_some() && change.touches(field),
        Way::Ends(kind) => moved && entity.and_then(|e| stage_kind(e, after)) == Some(kind),
        Way::Enters(name) => moved && stage.is_some_and(|field| *after.get(field) == Value::text(name)),
    }
}
