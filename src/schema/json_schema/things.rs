//! The sections of what a workspace has beside people and entities.

use super::super::things::NETWORKS;
use super::{described, named, object, refer};
use serde_json::{Value as Json, json};

pub(super) fn senders() -> Json {
    let keys = json!({
        "name": described("text", "The name that receivers see."),
        "email": { "type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$", "description": "The address." }
    });
    named("Addresses that e-mails go out from.", object("A sender.", keys, &["email"]))
}

pub(super) fn providers() -> Json {
    let keys = json!({
        "label": described("text", "What people call it."),
        "from": described("text", "Who the SMS seems to come from.")
    });
    named("Ways to send SMS.", object("An SMS provider.", keys, &[]))
}

pub(super) fn templates() -> Json {
    let keys = json!({
        "label": described("text", "What people call it."),
        "file": described("text", "The file that holds it, from the workspace's folder."),
        "placeholders": described("texts", "The fields of the record that it shows, such as `contact.name`."),
        "binding": refer("binding")
    });
    named("Templates of documents.", object("A template.", keys, &[]))
}

pub(super) fn resources() -> Json {
    let keys = json!({ "label": described("text", "What people call it.") });
    named("What can be booked.", object("A resource.", keys, &[]))
}

pub(super) fn audiences() -> Json {
    let networks = json!({ "enum": NETWORKS });
    let keys = json!({
        "networks": {
            "anyOf": [networks, { "type": "array", "items": networks }],
            "description": "The networks that have it."
        }
    });
    named("Audiences of advertising networks.", object("An audience.", keys, &["networks"]))
}

pub(super) fn webhooks() -> Json {
    let members = json!({ "type": "object", "propertyNames": refer("name"), "additionalProperties": refer("type") });
    let keys = json!({
        "payload": { "allOf": [members], "description": "What is sent to it, and what comes from it: names and types." },
        "answer": { "allOf": [members], "description": "What it answers: names and types." }
    });
    named("Outside systems that are called, or that call.", object("A webhook.", keys, &[]))
}
