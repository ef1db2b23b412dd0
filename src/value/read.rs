//! Reading a value from its written form with a limit on nesting: a forged run must not overflow the stack.
//!
//! The form is the one that `#[derive(Serialize)]` writes; only the depth is counted here.

use super::limits::MAX_DEPTH;
use super::{Fields, Money, Name, Ref, Value};
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::sync::Arc;

/// The variants of [`Value`], in its order.
#[derive(Deserialize)]
#[serde(variant_identifier)]
enum Tag {
    Missing,
    Bool,
    Int,
    Decimal,
    Money,
    Text,
    Date,
    DateTime,
    Time,
    Period,
    Ref,
    List,
    Record,
}

const TAGS: &[&str] = &[
    "Missing", "Bool", "Int", "Decimal", "Money", "Text", "Date", "DateTime", "Time", "Period", "Ref", "List", "Record",
];

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        One { depth: MAX_DEPTH }.deserialize(from)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Named(One { depth: MAX_DEPTH }).deserialize(from)
    }
}

/// A short text. It is copied once; as an `Arc<str>` by itself it would be copied into a box first, and records are made
/// of short texts.
pub(super) fn short<'de, D: Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
    Short.deserialize(from)
}

/// Reads a short text.
struct Short;

impl<'de> DeserializeSeed<'de> for Short {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Name, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Short {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
        Ok(text.into())
    }
}

/// Reads one value in which `depth` more levels may lie.
#[derive(Clone, Copy)]
struct One {
    depth: usize,
}

/// Reads the elements of a list.
struct Items(One);

/// Reads the fields of a record.
struct Named(One);

impl One {
    fn inner<E: Error>(self) -> Result<Self, E> {
        self.depth.checked_sub(1).map(|depth| Self { depth }).ok_or_else(|| E::custom("nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for One {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_enum("Value", TAGS, self)
    }
}

impl<'de> Visitor<'de> for One {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, rest) = data.variant()?;
        Ok(match tag {
            Tag::Missing => {
                rest.unit_variant()?;
                Value::Missing
            }
            Tag::Bool => Value::Bool(rest.newtype_variant()?),
            Tag::Int => Value::Int(rest.newtype_variant()?),
            Tag::Decimal => Value::Decimal(rest.newtype_variant()?),
            Tag::Money => Value::Money(rest.newtype_variant::<Money>()?),
            Tag::Text => Value::Text(rest.newtype_variant_seed(Short)?),
            Tag::Date => Value::Date(rest.newtype_variant()?),
            Tag::DateTime => Value::DateTime(rest.newtype_variant()?),
            Tag::Time => Value::Time(rest.newtype_variant()?),
            Tag::Period => Value::Period(rest.newtype_variant()?),
            Tag::Ref => Value::Ref(rest.newtype_variant::<Ref>()?),
            Tag::List => Value::List(Arc::new(rest.newtype_variant_seed(Items(self.inner()?))?)),
            Tag::Record => Value::Record(Arc::new(rest.newtype_variant_seed(Named(self.inner()?))?)),
        })
    }
}

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Vec<Value>, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Value>, A::Error> {
        // The length that is written is not trusted: room is made as elements come.
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(64));
        while let Some(item) = seq.next_element_seed(self.0)? {
            items.push(item);
        }
        Ok(items)
    }
}

impl<'de> DeserializeSeed<'de> for Named {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Fields, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Named {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("named values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::new();
        while let Some(name) = map.next_key_seed(Short)? {
            fields.insert(name, map.next_value_seed(self.0)?);
        }
        Ok(fields)
    }
}
