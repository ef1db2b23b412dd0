//! What a script computes with: values, moments and periods.
//!
//! Values are plain data: they are compared, ordered and written down the same on every machine. Nothing here knows the
//! schema; types live in `schema`.
//!
//! The order of the variants of every `enum` in this folder is part of the stored form (see `vm::stored`).

mod fields;
mod limits;
mod literal;
mod moment;
mod money;
mod period;
mod read;
mod write;

pub(crate) use fields::same;
pub use fields::{Fields, Hint};
pub use limits::{MAX_DEPTH, MAX_WEIGHT};
pub use moment::Moment;
pub use money::{Currency, Money};
pub use period::Period;
pub(crate) use write::append;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A short shared text: names of fields, identifiers of records.
pub type Name = Arc<str>;

/// A reference to something that has an identity: a record, a person, a chat …
///
/// `kind` is the entity's name (`deal`) or one of the workspace's own kinds (`user`, `department`, `role`, `chat`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ref {
    /// What kind of thing it is.
    #[serde(deserialize_with = "read::short")]
    pub kind: Name,
    /// Which one.
    #[serde(deserialize_with = "read::short")]
    pub id: Name,
}

impl Ref {
    /// The thing `id` of kind `kind`.
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// One value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub enum Value {
    /// There is none: an empty field, a missing link.
    #[default]
    Missing,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// An amount of one currency.
    Money(Money),
    /// A text; also a member of an enumeration, by its name.
    Text(Name),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    DateTime(Moment),
    /// A time of day.
    Time(NaiveTime),
    /// A length of time in calendar, clock or working units.
    Period(Period),
    /// A record, a person, a chat …
    Ref(Ref),
    /// Several values.
    List(Arc<Vec<Value>>),
    /// Named values, such as the payload of an event.
    Record(Arc<Fields>),
}

impl Value {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list value.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    /// Whether there is nothing in it: missing, an empty text or an empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Bool(_)
            | Self::Int(_)
            | Self::Decimal(_)
            | Self::Money(_)
            | Self::Date(_)
            | Self::DateTime(_)
            | Self::Time(_)
            | Self::Period(_)
            | Self::Ref(_)
            | Self::Record(_) => false,
        }
    }
}
