//! The types of the language.

use crate::value::Name;
use std::sync::Arc;

/// Number of an entity within one `Schema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u16);

/// Number of a field within its entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

/// The type of a value, as the checker knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Something already reported; fits everywhere, so that one mistake gives one report.
    Error,
    /// Only `null`.
    Null,
    /// No value at all: what an empty list holds. It fits everywhere, as there is none to be wrong.
    Never,
    /// `text`
    Text,
    /// `int`
    Int,
    /// `decimal`
    Decimal,
    /// `money`
    Money,
    /// `bool`
    Bool,
    /// `date`
    Date,
    /// `datetime`
    DateTime,
    /// `time`
    Time,
    /// `duration`
    Duration,
    /// `user`: an employee.
    User,
    /// `department`
    Department,
    /// `role`
    Role,
    /// `chat`
    Chat,
    /// `file`
    File,
    /// `phone`
    Phone,
    /// `email`: an address.
    Email,
    /// `url`
    Url,
    /// `template`: of a document or message.
    Template,
    /// `pipeline` of an entity.
    Pipeline(EntityId),
    /// `stage` (or status) of an entity.
    Stage(EntityId),
    /// A member of a select field's list.
    Enum(EntityId, FieldId),
    /// How a wait ended.
    Outcome,
    /// A record of an entity.
    Entity(EntityId),
    /// Named values, such as the payload of a trigger.
    Record(Arc<Vec<(Name, Type)>>),
    /// `list of T`
    List(Arc<Type>),
    /// `T?`: may be missing.
    Optional(Arc<Type>),
    /// `run`: of a flow that was started.
    Run,
}

impl Type {
    /// `list of` this.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Arc::new(self))
    }

    /// This, but it may be missing; never nested.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Error | Self::Null => self,
            other => Self::Optional(Arc::new(other)),
        }
    }

    /// The type without `?`.
    pub fn present(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether it is the type of an empty list of which nothing else is known.
    pub fn is_empty_list(&self) -> bool {
        matches!(self.present(), Self::List(element) if **element == Self::Never)
    }

    /// Whether an empty list is in it, of which something may be learned later.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Never => true,
            Self::List(inner) | Self::Optional(inner) => inner.is_open(),
            Self::Record(members) => members.iter().any(|(_, ty)| ty.is_open()),
            Self::Error
            | Self::Null
            | Self::Text
            | Self::Int
            | Self::Decimal
            | Self::Money
            | Self::Bool
            | Self::Date
            | Self::DateTime
            | Self::Time
            | Self::Duration
            | Self::User
            | Self::Department
            | Self::Role
            | Self::Chat
            | Self::File
            | Self::Phone
            | Self::Email
            | Self::Url
            | Self::Template
            | Self::Pipeline(_)
            | Self::Stage(_)
            | Self::Enum(..)
            | Self::Outcome
            | Self::Entity(_)
            | Self::Run => false,
        }
    }

    /// Whether a value may be missing.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_) | Self::Null)
    }
}
