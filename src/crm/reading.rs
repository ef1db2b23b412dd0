//! Reading records: one by its number, those that link to another.

use super::{Desk, refuse};
use crate::catalog::{self, Env};
use crate::engine::{Done, EffectError, Record, Store, Stored, limits};
use crate::value::{Fields, Ref, Value};
use std::sync::Arc;

/// Shows the records of a kind that link to another by a field, in the order of their ids, until `look` has seen enough.
pub(super) fn linking(
    store: &dyn Store,
    kind: &str,
    field: &str,
    target: &Ref,
    look: &mut dyn FnMut(&Ref, &Record) -> bool,
) -> Stored<()> {
    let mut after = None;
    loop {
        let page = store.linking(kind, field, target, after.as_deref(), limits::PAGE)?;
        for id in &page {
            let of = Ref { kind: kind.into(), id: id.clone() };
            if let Some(record) = store.record(&of)?
                && !look(&of, &record)
            {
                return Ok(());
            }
        }
        match page.last() {
            Some(last) if page.len() == limits::PAGE => after = Some(last.clone()),
            Some(_) | None => return Ok(()),
        }
    }
}

impl Desk<'_> {
    /// A record by its number, or the values of its fields.
    pub(super) fn get(&mut self) -> Result<Done, EffectError> {
        let kind = self.need_text("entity")?;
        let id = match self.need("id")? {
            Value::Int(id) => id.to_string(),
            Value::Text(id) => id.to_string(),
            other => return refuse(format!("`{other:?}` is not the number of a {kind}")),
        };
        let of = Ref::new(&kind, &id);
        let Some(record) = self.store.record(&of)? else { return refuse(format!("{of} does not exist")) };
        let print = self.flag("print");
        let named = match self.arg("fields") {
            Some(Value::List(names)) => Some(names.clone()),
            _ => None,
        };
        if named.is_none() && !print {
            return Ok(Done { value: Value::Ref(of), ..Done::default() });
        }
        let env = Env { now: self.call.now, schema: self.call.schema, seed: 0 };
        let mut values = Fields::new();
        for field in &self.entity(&kind)?.fields {
            if named.as_ref().is_some_and(|names| !names.contains(&Value::Text(field.name.clone()))) {
                continue;
            }
            let value = if &*field.name == "id" { Value::Text(of.id.clone()) } else { record.get(&field.name).clone() };
            let value = if print { Value::text(&catalog::human(&value, &env)) } else { value };
            values.insert(field.name.clone(), value);
        }
        Ok(Done { value: Value::Record(Arc::new(values)), ..Done::default() })
    }
}
