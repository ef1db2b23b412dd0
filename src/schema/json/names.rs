//! Names of the workspace: people, stages, options, links to records.

use super::shown;
use crate::schema::lookup::unknown;
use crate::schema::{EntityId, FieldId, Schema, Type};
use crate::value::{Name, Ref, Value};
use serde_json::Value as Json;

/// A user, department, role or chat by its name, or as `{"entity": "user", "id": "anna"}`.
pub(super) fn workspace(schema: &Schema, ty: &Type, json: &Json) -> Result<Value, String> {
    let kind = schema.type_name(ty);
    let (id, is_ref) = match json {
        Json::Object(_) => (reference(&kind, json)?, true),
        other => (other.as_str().map(Name::from).ok_or_else(|| format!("{} is not a {kind}", shown(json)))?, false),
    };
    let known = match ty {
        Type::Department => schema.departments.get_key_value(&id).map(|(id, _)| id.clone()),
        Type::Role => schema.roles.get_key_value(&id).map(|(id, _)| id.clone()),
        Type::Chat => schema.chats.get_key_value(&id).map(|(id, _)| id.clone()),
        _ => Some(schema.find_user(&id)?),
    };
    match known {
        Some(id) => Ok(Value::Ref(Ref { kind: kind.into(), id })),
        // Rules make chats that the schema does not know.
        None if is_ref && *ty == Type::Chat => Ok(Value::Ref(Ref { kind: kind.into(), id })),
        None => {
            let names: Vec<&str> = match ty {
                Type::Department => schema.departments.keys().map(|name| &**name).collect(),
                Type::Role => schema.roles.keys().map(|name| &**name).collect(),
                _ => schema.chats.keys().map(|name| &**name).collect(),
            };
            Err(unknown(&kind, &id, names))
        }
    }
}

pub(super) fn pipeline(schema: &Schema, id: EntityId, json: &Json) -> Result<Value, String> {
    let names = schema.get(id).into_iter().flat_map(|entity| &entity.pipelines).map(|p| (&p.name, &*p.name));
    one_of(json, "pipeline", names)
}

/// A stage by its name in any pipeline; whether it is in the record's own the engine knows.
pub(super) fn stage(schema: &Schema, id: EntityId, json: &Json) -> Result<Value, String> {
    let entity = schema.get(id);
    let what = entity.and_then(|entity| entity.stage_name()).map_or("stage", |name| &**name);
    let stages = entity.into_iter().flat_map(|entity| &entity.pipelines).flat_map(|pipeline| &pipeline.stages);
    one_of(json, what, stages.map(|stage| (&stage.name, &*stage.name)))
}

pub(super) fn choice(schema: &Schema, id: EntityId, field: FieldId, json: &Json) -> Result<Value, String> {
    let field = schema.get(id).and_then(|entity| entity.get(field));
    let options = field.into_iter().flat_map(|field| &field.options);
    let what = field.map_or_else(|| "option".to_owned(), |field| format!("option of `{}`", field.name));
    one_of(json, &what, options.map(|option| (&option.name, option.label.as_str())))
}

/// The name that fits: exactly, by label, or but for capitals if only one does.
fn one_of<'n>(json: &Json, what: &str, known: impl Iterator<Item = (&'n Name, &'n str)>) -> Result<Value, String> {
    let text = json.as_str().ok_or_else(|| format!("{} is not the name of a {what}", shown(json)))?;
    let known: Vec<(&Name, &str)> = known.collect();
    let exact = known.iter().find(|(name, _)| ***name == *text);
    if let Some((name, _)) = exact.or_else(|| known.iter().find(|(_, label)| *label == text)) {
        return Ok(Value::Text((*name).clone()));
    }
    let folded = text.to_lowercase();
    let fits = |name: &&Name, label: &str| name.to_lowercase() == folded || label.to_lowercase() == folded;
    let mut near: Vec<&Name> = known.iter().filter(|(name, label)| fits(name, label)).map(|(name, _)| *name).collect();
    near.dedup();
    match near.as_slice() {
        [one] => Ok(Value::Text((*one).clone())),
        [] | [..] => Err(unknown(what, text, known.iter().map(|(name, _)| &***name))),
    }
}

/// A record by its number (`"57"`, `57`) or as `{"entity": "deal", "id": "57"}`.
pub(super) fn link(schema: &Schema, id: EntityId, json: &Json) -> Result<Value, String> {
    let kind = schema.type_name(&Type::Entity(id));
    let number = match json {
        Json::String(text) if !text.trim().is_empty() => text.as_str().into(),
        Json::Number(number) if number.is_u64() => number.to_string().into(),
        Json::Object(_) => reference(&kind, json)?,
        Json::String(_) | Json::Number(_) | Json::Null | Json::Bool(_) | Json::Array(_) => {
            return Err(format!("{} is not the number of a {kind}", shown(json)));
        }
    };
    Ok(Value::Ref(Ref { kind: kind.into(), id: number }))
}

fn reference(kind: &str, json: &Json) -> Result<Name, String> {
    let wrong = || format!("{} is not a {kind}: write {{\"entity\": \"{kind}\", \"id\": \"57\"}}", shown(json));
    if json.get("entity").and_then(Json::as_str) != Some(kind) || json.as_object().is_none_or(|o| o.len() != 2) {
        return Err(wrong());
    }
    match json.get("id") {
        Some(Json::String(id)) if !id.is_empty() => Ok(id.as_str().into()),
        Some(Json::Number(id)) => Ok(id.to_string().into()),
        Some(_) | None => Err(wrong()),
    }
}
