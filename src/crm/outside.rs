//! What happens outside, as the CRM's records tell it.

use crate::engine::change::UPDATED_AT;
use crate::engine::{Attempt, Change, Errand, Store, Stored};
use crate::value::{Moment, Value};
use std::sync::Arc;

/// Notes in the errand's record what became of it: `delivery`, `sent_at`, `note`. An attempt that is made again changes
/// nothing.
pub(super) fn settle(store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
    let Some(of) = &errand.about else { return Ok(None) };
    let Some(before) = store.record(of)? else { return Ok(None) };
    let mut after = (*before).clone();
    match attempt {
        Attempt::Done { value: _, fields } => {
            after.set(&"delivery".into(), Value::text("Sent"));
            after.set(&"sent_at".into(), Value::DateTime(now));
            after.set(&"note".into(), Value::Missing);
            for (name, value) in fields {
                after.set(name, value.clone());
            }
        }
        Attempt::Passing { why, .. } | Attempt::Permanent { why } => {
            after.set(&"delivery".into(), Value::text("Failed"));
            after.set(&"note".into(), Value::Text(why.clone()));
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
