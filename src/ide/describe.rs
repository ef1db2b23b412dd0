//! The things that scripts can name, in Markdown: from the schema and the catalogue.

use crate::catalog::{self, Action, FnParam, Param, ParamType, Slot};
use crate::schema::{Schema, StageKind};
use std::fmt::Write as _;

/// A kind of record.
pub(super) fn entity(schema: &Schema, name: &str) -> String {
    let Some(entity) = schema.entity(name) else { return format!("**{name}**") };
    let mut out = format!("**{}** (`{name}`)", entity.label);
    if let Some(stage) = entity.stage_name() {
        for pipeline in &entity.pipelines {
            let stages = pipeline.stages.iter().map(|s| s.name.to_string()).collect::<Vec<_>>().join(" → ");
            let _ = write!(out, "\n\n{stage} in {}: {stages}", pipeline.name);
        }
    }
    let fields: Vec<String> = entity.fields.iter().map(|f| format!("`{}`", f.name)).collect();
    let _ = write!(out, "\n\nfields: {}", fields.join(", "));
    out
}

/// A field: what people call it, its type, its options.
pub(super) fn field(schema: &Schema, entity: &str, name: &str) -> String {
    let Some(field) = schema.entity(entity).and_then(|e| e.field(name)) else { return format!("**{name}**") };
    let mut out = format!("**{}** (`{entity}.{name}`): `{}`", field.label, schema.type_name(&field.read_type()));
    if !field.options.is_empty() {
        let options = field.options.iter().map(|o| o.name.to_string()).collect::<Vec<_>>().join(", ");
        let _ = write!(out, "\n\none of {options}");
    }
    if let Some(default) = &field.default {
        let _ = write!(out, "\n\nwithout a value: {}", default.brief());
    }
    for (holds, text) in [(field.required, "every record has it"), (field.read_only, "kept by the CRM itself")] {
        if holds {
            let _ = write!(out, "\n\n{text}");
        }
    }
    out
}

/// A stage: where it is, and what it means.
pub(super) fn stage(schema: &Schema, entity: &str, name: &str) -> String {
    let Some(found) = schema.entity(entity) else { return format!("**{name}**") };
    let mut out = format!("**{name}**");
    for pipeline in &found.pipelines {
        for stage in pipeline.stages.iter().filter(|stage| &*stage.name == name) {
            let meaning = match stage.kind {
                StageKind::Open => "open: work goes on",
                StageKind::Success => "final: success",
                StageKind::Failure => "final: failure",
            };
            let stages = pipeline.stages.iter().map(|s| s.name.to_string()).collect::<Vec<_>>().join(" → ");
            let _ = write!(out, "\n\n{meaning}\n\nin `{}`: {stages}", pipeline.name);
        }
    }
    out
}

/// A pipeline with its stages.
pub(super) fn pipeline(schema: &Schema, entity: &str, name: &str) -> String {
    let found = schema.entity(entity).and_then(|e| e.pipeline(name));
    let stages = found.into_iter().flat_map(|p| &p.stages).map(|s| s.name.to_string());
    format!("**{name}**: a pipeline of `{entity}`\n\n{}", stages.collect::<Vec<_>>().join(" → "))
}

/// A person, department, role or chat.
pub(super) fn thing(schema: &Schema, kind: &str, id: &str) -> String {
    let members = |names: &[crate::value::Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match kind {
        "user" => schema.users.get(id).map(|user| {
            let parts = [
                (Some(user.name.clone()), "name"),
                (user.email.clone(), "e-mail"),
                (user.phone.clone(), "phone"),
                (user.manager.as_ref().map(ToString::to_string), "manager"),
                (user.department.as_ref().map(ToString::to_string), "department"),
            ];
            let known = parts.into_iter().filter_map(|(value, what)| Some(format!("- {what}: {}", value?)));
            known.collect::<Vec<_>>().join("\n")
        }),
        "department" => schema.departments.get(id).map(|one| match &one.head {
            Some(head) => format!("led by {head}"),
            None => "a department".to_owned(),
        }),
        "role" => schema.roles.get(id).map(|one| format!("held by {}", members(&one.members))),
        "chat" => schema.chats.get(id).map(|one| format!("members: {}", members(&one.members))),
        _ => None,
    }
    .unwrap_or_else(|| format!("a {kind} of the workspace"))
}

/// How a wait ends.
pub(super) fn outcome(name: &str) -> &'static str {
    match name {
        "reached" => "what the wait was for has come",
        "final" => "the awaited record is closed and cannot satisfy the condition any more",
        "activity" => "the customer did something",
        "timeout" => "the limit is over",
        "approved" => "the approval was given",
        "rejected" => "the approval was refused",
        _ => "how a wait ended",
    }
}

/// How an action is written: its words, with what it takes in angle brackets; what may be left out in square ones.
pub(super) fn usage(action: &Action) -> (String, Vec<(String, &'static Param)>) {
    let mut out = action.verb.to_owned();
    let mut params = Vec::new();
    let mut take = |out: &mut String, before: &str, param: &'static Param| {
        let shown = if before.is_empty() { format!("<{}>", param.name) } else { format!("{before} <{}>", param.name) };
        let shown = if param.required { shown } else { format!("[{shown}]") };
        out.push(' ');
        out.push_str(&shown);
        params.push((shown, param));
    };
    for slot in action.head {
        match slot {
            Slot::Word(word) => {
                out.push(' ');
                out.push_str(word);
            }
            Slot::Arg(param) => take(&mut out, "", param),
        }
    }
    for prep in action.preps {
        let before = std::iter::once(prep.prep).chain(prep.words.iter().copied()).collect::<Vec<_>>().join(" ");
        if let Some(param) = &prep.param {
            take(&mut out, &before, param);
        } else {
            out.push(' ');
            out.push_str(&before);
        }
        for param in prep.then {
            take(&mut out, "", param);
        }
    }
    match action.with {
        catalog::With::Params(with) => {
            for param in with {
                take(&mut out, &format!("with {}:", param.name), param);
            }
        }
        catalog::With::Payload => out.push_str(" [with name: value, …]"),
        catalog::With::Fields => out.push_str(" [with field: value, …]"),
    }
    (out, params)
}

/// The page of an action.
pub(super) fn action(id: &str) -> String {
    let Some(action) = catalog::action(id) else { return format!("**{id}**") };
    let (usage, params) = usage(action);
    let mut out = format!("```text\n{usage}\n```\n{}", action.summary);
    for (_, param) in params {
        let _ = write!(out, "\n- **{}**: {}", param.name, param.doc);
    }
    if let Some(example) = action.examples.first() {
        let _ = write!(out, "\n\n{}:\n\n```flow\n{}\n```", example.title, example.source);
    }
    out
}

/// A parameter of an action.
pub(super) fn parameter(id: &str, name: &str) -> String {
    let param = catalog::action(id).and_then(|action| action.params().find(|param| param.name == name));
    let doc = param.map_or("", |param| param.doc);
    let words = match param.map(|param| param.ty) {
        Some(ParamType::Choice(words)) => format!("\n\none of {}", words.join(", ")),
        _ => String::new(),
    };
    format!("**{name}** of `{id}`\n\n{doc}{words}")
}

/// How a function of the language is called, with its parameters as they are shown.
pub(super) fn call(spec: &catalog::FunctionSpec) -> (String, Vec<String>) {
    let shown = |param: &FnParam| {
        let many = matches!(param.ty, catalog::FnType::Spread(_));
        let name = if many { format!("{}, …", param.name) } else { param.name.to_owned() };
        if param.required { name } else { format!("[{name}]") }
    };
    let params: Vec<String> = spec.params.iter().map(shown).collect();
    (format!("{}({})", spec.name, params.join(", ")), params)
}

/// A function of the language.
pub(super) fn builtin(name: &str) -> String {
    let Some(spec) = catalog::function(name) else { return format!("**{name}**") };
    let mut out = format!("```flow\n{}\n```\n{}", call(spec).0, spec.doc);
    for example in spec.examples.iter().take(2) {
        let _ = write!(out, "\n\n`{}` is `{}`", example.source, example.gives);
    }
    out
}

/// A named event.
pub(super) fn event(name: &str) -> String {
    let Some(spec) = catalog::event_spec(name) else { return format!("**{name}**") };
    let members: Vec<String> = spec.payload.iter().map(|(name, _)| format!("`event.{name}`")).collect();
    let known = if members.is_empty() { String::new() } else { format!("\n\nbrings {}", members.join(", ")) };
    format!("**{name}**\n\n{}{known}", spec.summary)
}
