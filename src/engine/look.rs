//! Reading a field as a run would, for tools that evaluate something by themselves.

use super::read;
use super::store::{Store, Stored};
use crate::schema::Schema;
use crate::value::{Ref, Value};

/// The value of a field now; missing for what does not exist.
pub fn field(schema: &Schema, store: &dyn Store, of: &Ref, field: &str) -> Stored<Value> {
    read::read(schema, store, None, of, field)
}
