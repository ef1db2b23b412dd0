//! Variables of a session, and types by their names: a snapshot must not depend on the numbers of entities and fields.

use crate::schema::{Schema, Type};

/// The type of this name, as [`Schema::type_name`] writes it.
pub(super) fn parse_type(schema: &Schema, text: &str) -> Option<Type> {
    if let Some(inner) = text.strip_suffix('?') {
        return parse_type(schema, inner).map(Type::optional);
    }
    if let Some(inner) = text.strip_prefix("list of ") {
        return parse_type(schema, inner).map(Type::list);
    }
    if let Some((field, entity)) = text.split_once(" of ") {
        let (id, entity) = (schema.entity_id(entity)?, schema.entity(entity)?);
        return match field {
            "pipeline" => Some(Type::Pipeline(id)),
            "stage" | "status" if entity.stage.is_some() => Some(Type::Stage(id)),
            field => Some(Type::Enum(id, entity.field_id(field)?)),
        };
    }
    let plain = [
        Type::Null,
        Type::Never,
        Type::Text,
        Type::Int,
        Type::Decimal,
        Type::Money,
        Type::Bool,
        Type::Date,
        Type::DateTime,
        Type::Time,
        Type::Duration,
        Type::User,
        Type::Department,
        Type::Role,
        Type::Chat,
        Type::File,
        Type::Phone,
        Type::Email,
        Type::Url,
        Type::Template,
        Type::Outcome,
    ];
    let known = plain.into_iter().find(|ty| schema.type_name(ty) == text);
    known.or_else(|| schema.entity_id(text).map(Type::Entity))
}

#[cfg(test)]
mod tests {
    use super::parse_type;
    use crate::schema::Type;
    use crate::source::FileId;

    #[test]
    fn every_type_of_a_field_is_found_again_by_its_name() {
        let text = "[entities.deal.fields.branches]\ntype = \"list of enum\"\noptions = [\"North\"]\n";
        let (schema, _) = crate::schema::load(FileId::default(), text);
        for entity in &schema.entities {
            for field in &entity.fields {
                let name = schema.type_name(&field.ty);
                assert_eq!(parse_type(&schema, &name).as_ref(), Some(&field.ty), "{name}");
                let ty = field.read_type().optional();
                assert_eq!(parse_type(&schema, &schema.type_name(&ty)), Some(ty), "{name}?");
            }
        }
        assert_eq!(parse_type(&schema, "outcome"), Some(Type::Outcome));
        assert_eq!(parse_type(&schema, "nonsense"), None);
        assert_eq!(parse_type(&schema, "nonsense of deal"), None);
    }
}
