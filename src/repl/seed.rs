//! The records that a session in memory begins with: one of each entity, with values that its schema allows.

use crate::crm::{Embedded, sample};
use crate::engine::{Crm, Event, EventKind, Store, Stored};
use crate::ir::Origin;
use crate::schema::Schema;
use crate::value::{Moment, Ref};

/// The number of every such record.
const ID: &str = "1";

/// Makes them, without setting any rule off.
pub(super) fn fill(store: &mut dyn Store, schema: &Schema, now: Moment) -> Stored<()> {
    for entity in &schema.entities {
        let fields = entity
            .fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), sample(schema, entity, field, now, ID)?)));
        let event = Event {
            at: now,
            what: EventKind::Create,
            about: Some(Ref { kind: entity.name.clone(), id: ID.into() }),
            fields: fields.collect(),
            by: schema.users.keys().next().cloned(),
            origin: Origin::User,
            id: None,
        };
        Embedded.take(store, schema, now, &event)?;
    }
    Ok(())
}
