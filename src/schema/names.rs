//! Types in the user's words, read and written.

use super::{EntityId, Schema, Type};

/// The names of types that are not entities, with what they stand for. `enum` is apart, as it needs its field.
const TYPES: &[(&str, Type)] = &[
    ("text", Type::Text),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("money", Type::Money),
    ("bool", Type::Bool),
    ("date", Type::Date),
    ("datetime", Type::DateTime),
    ("time", Type::Time),
    ("duration", Type::Duration),
    ("user", Type::User),
    ("department", Type::Department),
    ("role", Type::Role),
    ("chat", Type::Chat),
    ("file", Type::File),
    ("phone", Type::Phone),
    ("email", Type::Email),
    ("url", Type::Url),
    ("template", Type::Template),
    // A text, under the name that other systems have for it.
    ("address", Type::Text),
];

/// The kinds of records that the CRM and the engine keep for themselves: no entity has their names.
pub const KEPT: &[&str] = &[
    "notification",
    "post",
    "comment",
    "history",
    "exception",
    "turn",
    "sequence",
    "plan",
    "invited",
    "live",
    "request",
    "run",
];

/// The names of all types but the entities.
pub(crate) fn type_names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name).chain(["enum"])
}

/// Reads `money`, `list of deal`, `enum` …; `choice` is what `enum` stands for here. The error is the part of the text
/// that is no type.
pub(super) fn parse_type<'t>(
    text: &'t str,
    choice: Type,
    entity: &dyn Fn(&str) -> Option<EntityId>,
) -> Result<Type, &'t str> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("list of ") {
        return parse_type(inner, choice, entity).map(Type::list);
    }
    if text == "enum" {
        return Ok(choice);
    }
    let known = TYPES.iter().find(|(name, _)| *name == text).map(|(_, ty)| ty.clone());
    known.or_else(|| entity(text).map(Type::Entity)).ok_or(text)
}

impl Schema {
    /// The type in the user's words: `money`, `stage of deal`, `list of user`, `text?`.
    pub fn type_name(&self, ty: &Type) -> String {
        let entity = |id: EntityId| self.get(id).map_or("record", |e| &*e.name).to_owned();
        match ty {
            Type::Error => "anything".to_owned(),
            Type::Null => "null".to_owned(),
            Type::Never => "nothing".to_owned(),
            Type::Pipeline(id) => format!("pipeline of {}", entity(*id)),
            Type::Stage(id) => {
                let field = self.get(*id).and_then(super::Entity::stage_name).map_or("stage", |name| &**name);
                format!("{field} of {}", entity(*id))
            }
            Type::Enum(id, field) => {
                let field = self.get(*id).and_then(|e| e.get(*field)).map_or("option", |f| &*f.name);
                format!("{field} of {}", entity(*id))
            }
            Type::Outcome => "outcome".to_owned(),
            Type::Run => "run".to_owned(),
            Type::Entity(id) => entity(*id),
            Type::Record(members) => {
                let members = members.iter().map(|(name, ty)| format!("{name}: {}", self.type_name(ty)));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
            Type::List(item) => format!("list of {}", self.type_name(item)),
            Type::Optional(inner) => format!("{}?", self.type_name(inner)),
            Type::Text
            | Type::Int
            | Type::Decimal
            | Type::Money
            | Type::Bool
            | Type::Date
            | Type::DateTime
            | Type::Time
            | Type::Duration
            | Type::User
            | Type::Department
            | Type::Role
            | Type::Chat
            | Type::File
            | Type::Phone
            | Type::Email
            | Type::Url
            | Type::Template => {
                TYPES.iter().find(|(_, known)| known == ty).map_or("value", |(name, _)| *name).to_owned()
            }
        }
    }
}
