//! In which time zone the moments of a store are told: that of the workspace it was last run with, so that a store tells them
//! as the run did, wherever it is looked at.

use crate::crm::kind;
use crate::engine::{Record, Store, Stored};
use crate::schema::{Calendar, Schema};
use crate::value::{Ref, Value};
use std::sync::Arc;

fn place() -> Ref {
    Ref::new(kind::ZONE, kind::STORE_ID)
}

/// Notes the workspace's zone in a store that runs with it.
pub(super) fn note(store: &mut dyn Store, schema: &Schema) -> Stored<()> {
    let zone = Value::text(schema.calendar.zone.name());
    if store.record(&place())?.is_some_and(|record| *record.get("name") == zone) {
        return Ok(());
    }
    let mut record = Record::default();
    record.set(&"name".into(), zone);
    store.put_record(&place(), Arc::new(record))
}

/// A clock on the wall in the store's zone; UTC if none was noted. It knows nothing of working time.
pub(super) fn calendar(store: &dyn Store) -> Result<Calendar, String> {
    let noted = store.record(&place()).map_err(|e| e.to_string())?;
    let zone = noted.and_then(|record| match record.get("name") {
        Value::Text(name) => name.parse().ok(),
        _ => None,
    });
    let mut calendar = Calendar::default();
    if let Some(zone) = zone {
        calendar.zone = zone;
    }
    Ok(calendar)
}
