//! The named events that follow from changes of records: what happens to a task is told as `task completed`, whether a
//! person, another system or a rule did it.

use super::link_of;
use crate::engine::change::stage_kind;
use crate::engine::{Change, Raised, Record};
use crate::schema::{Schema, StageKind};
use crate::value::{Name, Value};

/// What a record must go through.
#[derive(Clone, Copy)]
enum Way {
    /// It is made.
    Made,
    /// This field changes later.
    Changed(&'static str),
    /// It gets to a stage of this meaning.
    Ends(StageKind),
    /// It gets to the stage of this name.
    Enters(&'static str),
}

/// Entity, way, event. Of several that fit the first counts.
const EVENTS: &[(&str, Way, &str)] = &[
    ("task", Way::Ends(StageKind::Success), "task completed"),
    ("activity", Way::Ends(StageKind::Success), "activity completed"),
    ("call", Way::Made, "call scheduled"),
    ("call", Way::Ends(StageKind::Success), "call completed"),
    ("appointment", Way::Made, "appointment booked"),
    ("appointment", Way::Ends(StageKind::Success), "appointment completed"),
    ("appointment", Way::Enters("Missed"), "appointment missed"),
    ("appointment", Way::Ends(StageKind::Failure), "appointment cancelled"),
    ("appointment", Way::Changed("start"), "appointment rescheduled"),
    ("booking", Way::Made, "resource booked"),
    ("invoice", Way::Ends(StageKind::Success), "invoice paid"),
    ("document", Way::Made, "document created"),
];

/// Payload members and the fields they come from, where the two have different names.
const NAMES: &[(&str, &str)] = &[("employee", "owner")];

/// The records that a record may link to, which are attached to its event.
const LINKS: &[&str] = &["lead", "deal", "contact", "company"];

/// The event that follows from a change, if any.
pub(super) fn by(schema: &Schema, change: &Change) -> Vec<Raised> {
    let Some(after) = change.after.as_deref() else { return Vec::new() };
    let fits = |(entity, way, _): &&(&str, Way, &str)| *entity == &*change.of.kind && goes(schema, *way, change, after);
    let found = EVENTS.iter().find(fits).and_then(|(_, _, name)| crate::catalog::event_spec(name));
    let payload = |member: &str| {
        let field = NAMES.iter().find(|(name, _)| *name == member).map_or(member, |(_, field)| *field);
        after.get(field).clone()
    };
    let raised = found.map(|spec| {
        let mut fields: Vec<(Name, Value)> =
            spec.payload.iter().map(|(name, _)| ((*name).into(), payload(name))).collect();
        let links = LINKS.iter().filter_map(|kind| Some(((*kind).into(), Value::Ref(link_of(after, kind)?))));
        fields.extend(links);
        fields.retain(|(_, value)| *value != Value::Missing);
        Raised { name: spec.name.into(), about: change.of.clone(), fields }
    });
    raised.into_iter().collect()
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
