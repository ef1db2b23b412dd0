//! A change of one record, with the values before and after: what triggers and watches are decided on.

use super::store::Record;
use crate::schema::{Entity, Schema, StageKind};
use crate::value::{Name, Ref, Value};
use std::sync::Arc;

/// The made-up field that tells whether a record's way has ended: its stage is final, or it does not exist.
pub const CLOSED: &str = "$closed";

/// A record as it was and as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The record.
    pub of: Ref,
    /// Before; `None` when it was made.
    pub before: Option<Arc<Record>>,
    /// After; `None` when it was removed.
    pub after: Option<Arc<Record>>,
    /// The fields whose values differ, in order.
    pub fields: Vec<Name>,
}

/// The field that says when a record last changed: it changes with every change, so the timeline does not tell it.
pub const UPDATED_AT: &str = "updated_at";

impl Change {
    /// Compares the two; `None` when nothing differs.
    pub fn between(of: Ref, before: Option<Arc<Record>>, after: Option<Arc<Record>>) -> Option<Self> {
        let fields = differing(before.as_deref(), after.as_deref());
        let same = before.is_some() == after.is_some() && fields.is_empty();
        (!same).then_some(Self { of, before, after, fields })
    }

    /// The field's value before; missing if there was none.
    pub fn old(&self, field: &str) -> &Value {
        self.before.as_deref().map_or(&Value::Missing, |r| r.get(field))
    }

    /// The field's value after; missing if there is none.
    pub fn new_value(&self, field: &str) -> &Value {
        self.after.as_deref().map_or(&Value::Missing, |r| r.get(field))
    }

    /// Whether the field's value differs.
    pub fn touches(&self, field: &str) -> bool {
        self.fields.binary_search_by(|f| (**f).cmp(field)).is_ok()
    }
}

/// The fields whose values differ, in order.
fn differing(before: Option<&Record>, after: Option<&Record>) -> Vec<Name> {
    let mut names = Vec::new();
    // Both are in order, so one walk over them together finds what is only in one, or not the same in both.
    let mut old = before.into_iter().flat_map(|r| &r.fields).peekable();
    for (name, new) in after.into_iter().flat_map(|r| &r.fields) {
        while let Some((gone, _)) = old.next_if(|(known, _)| *known < name) {
            names.push(gone.clone());
        }
        if old.next_if(|(known, _)| *known == name).is_none_or(|(_, value)| value != new) {
            names.push(name.clone());
        }
    }
    names.extend(old.map(|(gone, _)| gone.clone()));
    names
}

/// Whether a record's way has ended; one that does not exist has.
pub fn is_closed(schema: &Schema, kind: &str, record: Option<&Record>) -> bool {
    record.is_none_or(|r| schema.entity(kind).and_then(|e| stage_kind(e, r)).is_some_and(StageKind::is_final))
}

/// What the record's stage means; `None` without a stage or for one that the schema does not know.
pub fn stage_kind(entity: &Entity, record: &Record) -> Option<StageKind> {
    let Value::Text(stage) = record.get(entity.stage_name()?) else { return None };
    entity.find_stage(pipeline_of(entity, record).map(|p| &**p), stage).map(|s| s.kind)
}

/// The record's pipeline: what its pipeline field says, else the entity's only one.
pub fn pipeline_of<'a>(entity: &'a Entity, record: &'a Record) -> Option<&'a Name> {
    if let Some(field) = entity.pipeline_field()
        && let Value::Text(name) = record.get(&field.name)
    {
        return Some(name);
    }
    match entity.pipelines.as_slice() {
        [only] => Some(&only.name),
        _ => None,
    }
}
