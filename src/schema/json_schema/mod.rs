//! A JSON Schema of `crm.toml`, so that editors complete it and mark what is wrong.
//!
//! It knows the shape, not the references: that a manager is one of the users, or a default one of the options, is
//! checked by [`super::load`] alone. A test compares its keys with those that the loader knows.

mod things;

use super::currencies::CURRENCIES;
use super::names::type_names;
use serde_json::{Map, Value as Json, json};

/// The schema, in the words of JSON Schema draft 7, which most editors know.
pub fn json_schema() -> Json {
    let sections: Map<String, Json> = SECTIONS.iter().map(|(name, section)| ((*name).to_owned(), section())).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "crm.toml of Dealflow",
        "description": "What the scripts of a workspace may name: people, chats, entities with their fields and stages.",
        "type": "object",
        "properties": sections,
        "additionalProperties": false,
        "definitions": {
            "text": { "type": "string", "pattern": "\\S" },
            "name": { "type": "string", "pattern": "^[^\\s\\d$][^\\s$]*$" },
            "binding": {
                "type": "string",
                "pattern": "^\\$?[^\\s\\d$][^\\s$]*$",
                "description": "The name by which scripts know it, with a `$` before it."
            },
            "texts": {
                "anyOf": [text(), { "type": "array", "items": text() }]
            },
            "label": {
                "anyOf": [text(), { "type": "object", "minProperties": 1, "additionalProperties": text() }],
                "description": "A text, or one for each language: `{ en = \"Amount\", pl = \"Kwota\" }`."
            },
            "hours": hours(),
            "currency": { "type": "string", "enum": CURRENCIES },
            "type": {
                "type": "string",
                "description": "A type, an entity's name for a link, or `list of` one of them.",
                "examples": type_names().collect::<Vec<_>>()
            },
            "stage": {
                "anyOf": [text(), object("A stage and what it means.", json!({
                    "name": text(),
                    "kind": { "enum": ["open", "success", "failure"], "description": "`success` and `failure` are final." },
                    "rules_only": { "type": "boolean", "description": RULES_ONLY }
                }), &["name"])]
            },
            "stages": { "type": "array", "items": refer("stage") },
            "option": {
                "anyOf": [text(), object("A value and what people see.", json!({ "name": text(), "label": refer("label") }), &["name"])]
            },
            "field": {
                "anyOf": [refer("type"), object("A field.", field(), &[])]
            },
            "pipeline": object("A pipeline with its stages.", json!({
                "name": text(),
                "stages": refer("stages"),
                "success": refer("texts"),
                "failure": refer("texts"),
                "rules_only": described("texts", RULES_ONLY)
            }), &["name", "stages"])
        }
    })
}

/// What is said of stages that people cannot choose.
const RULES_ONLY: &str = "Only rules put records into it: people and other systems cannot.";

/// A section's name, and what makes its schema.
type Section = (&'static str, fn() -> Json);

/// The sections of the file.
const SECTIONS: &[Section] = &[
    ("workspace", workspace),
    ("currencies", currencies),
    ("departments", departments),
    ("users", users),
    ("roles", roles),
    ("chats", chats),
    ("senders", things::senders),
    ("providers", things::providers),
    ("templates", things::templates),
    ("resources", things::resources),
    ("audiences", things::audiences),
    ("webhooks", things::webhooks),
    ("entities", entities),
];

fn refer(name: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn text() -> Json {
    refer("text")
}

fn described(name: &str, description: &str) -> Json {
    // Beside `$ref` draft 7 ignores everything, so it is wrapped.
    json!({ "allOf": [refer(name)], "description": description })
}

/// A table with these keys and no others.
fn object(description: &str, properties: Json, required: &[&str]) -> Json {
    let required = (!required.is_empty()).then(|| ("required", json!(required)));
    let more = [("properties", properties), ("additionalProperties", Json::Bool(false))];
    table(description, more.into_iter().chain(required))
}

/// A table whose keys are names that the user chooses.
fn named(description: &str, each: Json) -> Json {
    table(description, [("additionalProperties", each)])
}

fn table(description: &str, more: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let what = [("type", json!("object")), ("description", json!(description))];
    Json::Object(what.into_iter().chain(more).map(|(key, value)| (key.to_owned(), value)).collect())
}

fn workspace() -> Json {
    object(
        "The workspace itself.",
        json!({
            "name": described("text", "The workspace's name, for people."),
            "timezone": described("text", "Such as `Europe/Warsaw`; UTC without it."),
            "currency": described("currency", "Of amounts without a currency; EUR without it."),
            "language": described("text", "Which of several labels people see, such as `en`."),
            "hours": refer("hours"),
            "holidays": {
                "type": "array",
                "description": "Days on which nobody works; `12-25` is a day of every year.",
                "items": { "type": "string", "pattern": "^(\\d{4}-)?\\d{2}-\\d{2}$" }
            },
            "quiet_hours": { "type": "string", "pattern": TIMES, "description": "When no SMS goes out: `20:00-08:00`." },
            "caps": {
                "type": "array",
                "description": "How much a customer may get.",
                "items": {
                    "type": "string",
                    "pattern": "^\\s*at most \\d+ (sms|emails?) per client per (hour|day|week|month)\\s*$"
                }
            }
        }),
        &[],
    )
}

/// Two times of day.
const TIMES: &str = "^\\s*\\d{1,2}:\\d{2}\\s*-\\s*\\d{1,2}:\\d{2}\\s*$";

fn hours() -> Json {
    let day = "mon(day)?|tue(sday)?|wed(nesday)?|thu(rsday)?|fri(day)?|sat(urday)?|sun(day)?";
    json!({
        "type": "object",
        "description": "Working hours by day, such as `mon-fri = \"09:00-17:00\"`; days left out are days off.",
        "patternProperties": { (format!("^({day})(-({day}))?$")): { "type": "string", "pattern": TIMES } },
        "additionalProperties": false
    })
}

fn currencies() -> Json {
    json!({
        "type": "object",
        "description": "What one unit of a currency is worth in the workspace's own.",
        "propertyNames": refer("currency"),
        "additionalProperties": { "type": "number", "exclusiveMinimum": 0 }
    })
}

fn departments() -> Json {
    let keys = json!({ "head": described("text", "The short name of who leads it."), "binding": refer("binding") });
    named("The departments.", object("A department.", keys, &[]))
}

fn users() -> Json {
    let keys = json!({
        "name": described("text", "The name people see."),
        "email": { "type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$", "description": "Where mail goes to." },
        "phone": { "type": "string", "pattern": "\\d", "description": "Where messages go to." },
        "manager": described("text", "The short name of the manager."),
        "department": described("text", "The name of the department."),
        "hours": described("hours", "The employee's own working hours."),
        "days_off": {
            "type": "array",
            "description": "Days on which the employee does not work; `2026-08-03..2026-08-14` is all of them.",
            "items": { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}(\\s*\\.\\.\\s*\\d{4}-\\d{2}-\\d{2})?$" }
        },
        "binding": refer("binding")
    });
    named("The employees, by their short names.", object("An employee.", keys, &[]))
}

fn roles() -> Json {
    let keys =
        json!({ "members": described("texts", "Short names of those who have it."), "binding": refer("binding") });
    named("The roles.", object("A role and who has it.", keys, &[]))
}

fn chats() -> Json {
    let keys = json!({ "members": described("texts", "Short names of its members."), "binding": refer("binding") });
    named("The chats that exist before any script runs.", object("A chat.", keys, &[]))
}

fn field() -> Json {
    json!({
        "type": refer("type"),
        "label": refer("label"),
        "required": { "type": "boolean", "description": "Whether every record must have it." },
        "read_only": { "type": "boolean", "description": "Whether scripts may not set it." },
        "multiple": { "type": "boolean", "description": "Whether it holds several values." },
        "options": { "type": "array", "minItems": 1, "items": refer("option"), "description": "The values of an `enum`." },
        "currency": described("currency", "The only currency of its amounts; any without it."),
        "default": { "description": "What a new record gets when nothing is given." }
    })
}

fn entities() -> Json {
    let keys = json!({
        "label": refer("label"),
        "title": described("name", "The field that shows a record to people; not for built-in entities."),
        "fields": named("New fields, and other labels, options and defaults for those that are there.", refer("field")),
        "pipelines": { "type": "array", "items": refer("pipeline"), "description": "Several pipelines, each with stages." },
        "stages": described("stages", "The stages of the only pipeline."),
        "statuses": described("stages", "The same for entities like leads, which have a status."),
        "success": described("texts", "The final stages that are good."),
        "failure": described("texts", "The final stages that are not."),
        "rules_only": described("texts", RULES_ONLY)
    });
    let mut entity = object("An entity: a kind of record.", keys, &[]);
    if let Some(entity) = entity.as_object_mut() {
        let lists = ["pipelines", "stages", "statuses"].map(|list| json!({ "required": [list] }));
        entity.insert(
            "not".to_owned(),
            json!({ "anyOf": [
                { "required": ["pipelines", "stages"] },
                { "required": ["pipelines", "statuses"] },
                { "required": ["stages", "statuses"] },
            ]}),
        );
        let ends = json!({ "anyOf": lists });
        entity.insert("dependencies".to_owned(), json!({ "success": ends, "failure": ends, "rules_only": ends }));
    }
    named("The built-in entities, such as `lead` and `deal`, and new ones.", entity)
}

#[cfg(test)]
mod tests {
    use super::super::load::KEYS;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_has_the_keys_that_the_loader_knows() {
        let schema = json_schema();
        for (pointer, keys) in KEYS {
            let properties = schema.pointer(&format!("{pointer}/properties")).and_then(Json::as_object);
            let properties = properties.unwrap_or_else(|| panic!("{pointer} has no properties"));
            let here: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
            assert_eq!(here, keys.iter().copied().collect::<BTreeSet<_>>(), "{pointer}");
        }
    }
}
