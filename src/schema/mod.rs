//! What scripts may name: entities, fields, stages, people, chats, and the calendar.

pub mod calendar;
mod model;
mod types;

pub use calendar::Calendar;
pub use model::*;
pub use types::{EntityId, FieldId, Type};
