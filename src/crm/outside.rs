//! What happens outside, as the CRM's records tell it.

use crate::engine::change::UPDATED_AT;
use crate::engine::{Attempt, Change, Errand, Store, Stored};
use crate::value::{Moment, Value};
use std::sync::Arc;

/// What a record that went outside says of it.
const STATUS: &str = "status";
/// It is there.
const SENT: &str = "sent";
/// It will not get there by itself.
const FAILED: &str = "failed";

/// Notes in the errand's record what became of it. An attempt that is made again changes nothing.
pub(super) fn settle(store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
    let Some(of) = &errand.about else { return Ok(None) };
    let Some(before) = store.record(of)? else { return Ok(None) };
    let mut after = (*before).clone();
    match attempt {
        Attempt::Done { value: _, fields } => {
            after.set(&STATUS.into(), Value::text(SENT));
            for (name, value) in fields {
                after.set(name, value.clone());
            }
        }
        Attempt::Passing { why, .. } | Attempt::Permanent { why } => {
            after.set(&STATUS.into(), Value::text(FAILED));
            after.set(&"error".into(), Value::Text(why.clone()));
        }
    }
    if *before == after {
        return Ok(None);
    }
    after.set(&UPDATED_AT.into(), Value::DateTime(now));
    let after = Arc::new(after);
    store.put_record(of, after.clone())?;
    Ok(Change::between(of.clone(), Some(before), Some(after)))
}
