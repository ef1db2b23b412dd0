//! The lists of the reference, each from the place that the program itself asks.

use super::expand::fence;
use super::{EVENTS, LIBRARY, Page, SCHEMA, Story, Teller, UNTIL, actions, head, sections};
use crate::catalog::{self, EVENTS as NAMED, EventSpec, FORMATS, FnType, FunctionSpec, OnMissing, PayloadType};
use crate::diagnostics::Code;
use crate::engine::limits as limit;
use crate::schema::{self, Entity, Schema, Type};
use crate::source::FileId;
use crate::syntax::filter::MOST_NESTING;
use crate::syntax::token::{VERBS, WORDS};
use crate::value::{MAX_DEPTH, MAX_WEIGHT, Value};
use std::fmt::Write as _;

/// The list of this name.
pub(super) fn list(name: &str, tell: &Teller<'_>) -> Result<String, String> {
    let mut out = String::new();
    match name {
        // Known when all other pages are.
        "contents" => out.push_str(CONTENTS),
        "action names" => action_names(&mut out),
        "actions" => actions(&mut out, tell)?,
        "function names" => function_names(&mut out),
        "functions" => functions(&mut out),
        "formats" => formats(&mut out),
        "events" => events(&mut out),
        "event payloads" => payloads(&mut out),
        "entities" => entities(&mut out),
        "words" => words(&mut out),
        "diagnostics" => diagnostics(&mut out),
        "limits" => limits(&mut out),
        "schema" => fence(&mut out, "toml", SCHEMA),
        // It has no rule of its own; every example is compiled with it.
        "library" => fence(&mut out, "flow library", LIBRARY),
        "story" => story(&mut out, tell)?,
        _ => return Err(format!("there is no list `{name}`")),
    }
    Ok(out)
}

/// Stands for the contents until they are known.
pub(super) const CONTENTS: &str = "{{contents}}\n";

/// The pages with their sections.
pub(super) fn contents(pages: &[Page]) -> String {
    let all = pages.iter().filter(|page| page.path != "README.md").map(|Page { path, text }| {
        let (title, first) = head(text);
        let links = sections(text).into_iter().map(|(title, anchor)| format!("[{title}]({path}#{anchor})"));
        let links: Vec<String> = links.collect();
        let links = if links.is_empty() { String::new() } else { format!("\n\n{}", links.join(" · ")) };
        format!("### [{title}]({path})\n\n{first}{links}\n")
    });
    all.collect::<Vec<_>>().join("\n")
}

fn action_names(out: &mut String) {
    out.push_str("| action | what it does |\n|---|---|\n");
    for action in catalog::actions() {
        let _ = writeln!(out, "| [`{0}`](#{1}) | {2} |", action.id, super::anchor(action.id), action.summary);
    }
}

fn actions(out: &mut String, tell: &Teller<'_>) -> Result<(), String> {
    for (number, action) in catalog::actions().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&actions::action_page(action, tell)?);
    }
    Ok(())
}

fn function_names(out: &mut String) {
    let all: Vec<String> =
        catalog::functions().iter().map(|f| format!("[`{0}`](#{1})", f.name, super::anchor(f.name))).collect();
    let _ = writeln!(out, "{}.", all.join(" · "));
}

fn functions(out: &mut String) {
    for (number, spec) in catalog::functions().iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        function(out, spec);
    }
}

fn function(out: &mut String, spec: &FunctionSpec) {
    let params: Vec<String> =
        spec.params.iter().map(|p| if p.required { p.name.to_owned() } else { format!("[{}]", p.name) }).collect();
    let _ = writeln!(out, "### {}\n\n{}\n", spec.name, spec.doc);
    let takes: Vec<String> = spec.params.iter().map(|p| format!("`{}` ({})", p.name, fn_type(p.ty))).collect();
    let missing = match spec.missing {
        OnMissing::Missing => "a missing one makes the result missing",
        OnMissing::Handled => "a missing one is no problem",
    };
    let _ = writeln!(
        out,
        "`{}({})` gives {}. It takes {}; {missing}.",
        spec.name,
        params.join(", "),
        fn_type(spec.result),
        takes.join(", ")
    );
    out.push_str("\n| written | gives |\n|---|---|\n");
    for example in spec.examples {
        let _ = writeln!(out, "| `{}` | `{}` |", example.source, example.gives);
    }
}

/// What a parameter takes, or what a function gives.
fn fn_type(ty: FnType) -> String {
    match ty {
        FnType::Any => "any value".to_owned(),
        FnType::Text => "a text".to_owned(),
        FnType::Int => "a whole number".to_owned(),
        FnType::Number => "a number".to_owned(),
        FnType::Money => "an amount of money".to_owned(),
        FnType::Amount => "a number or an amount of money".to_owned(),
        FnType::Bool => "yes or no".to_owned(),
        FnType::Date => "a date".to_owned(),
        FnType::DateTime => "a moment".to_owned(),
        FnType::Moment => "a date or a moment".to_owned(),
        FnType::Time => "a time of day".to_owned(),
        FnType::Duration => "a length of time".to_owned(),
        FnType::Ordered => "a value that has an order: a number, money, a text, a date or time".to_owned(),
        FnType::Summable => "a number, an amount of money or a length of time".to_owned(),
        FnType::TextOrList => "a text or a list".to_owned(),
        FnType::Currency => "a currency".to_owned(),
        FnType::Choice(words) => words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" or "),
        FnType::Format => "the name of a [format](values.md#texts)".to_owned(),
        FnType::ListOf(inner) => format!("a list, each part {}", fn_type(*inner)),
        FnType::Spread(inner) => format!("several values or one list, each part {}", fn_type(*inner)),
        FnType::Same => "what the first value is".to_owned(),
        FnType::Elem => "a part of the list; missing when the list is empty".to_owned(),
        FnType::Spreaded => "one of the values, or what they make; missing for an empty list".to_owned(),
        FnType::Mean => "the mean of the values; missing for an empty list".to_owned(),
    }
}

fn formats(out: &mut String) {
    out.push_str("| format | takes | what it does | example |\n|---|---|---|---|\n");
    for format in FORMATS {
        let (value, text) = format.example;
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | `{value}` becomes `{text}` |",
            format.name,
            fn_type(format.takes),
            format.doc
        );
    }
}

fn events(out: &mut String) {
    out.push_str("| event | when | counts as an activity of the customer |\n|---|---|---|\n");
    for event in NAMED {
        let _ = writeln!(out, "| `{}` | {} | {} |", event.name, event.summary, if event.activity { "yes" } else { "" });
    }
}

/// What `event.…` gives, events with the same members together.
fn payloads(out: &mut String) {
    type Key = Vec<(&'static str, &'static str)>;
    let mut groups: Vec<(Key, Vec<&EventSpec>)> = Vec::new();
    for event in NAMED {
        let key: Key = event.payload.iter().map(|(name, ty)| (*name, payload_type(*ty))).collect();
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, events)) => events.push(event),
            None => groups.push((key, vec![event])),
        }
    }
    out.push_str("| events | `event` has |\n|---|---|\n");
    for (members, events) in groups {
        let names: Vec<String> = events.iter().map(|e| format!("`{}`", e.name)).collect();
        let members: Vec<String> = members.iter().map(|(name, ty)| format!("`{name}` ({ty})")).collect();
        let _ = writeln!(out, "| {} | {} |", names.join(", "), members.join(", "));
    }
    out.push_str("\nA text after the two words chooses among the events:\n\n");
    out.push_str("| written | only when |\n|---|---|\n");
    for event in NAMED {
        if let Some(member) = event.selector {
            let _ = writeln!(out, "| `on {} \"…\"` | `event.{member}` is that text |", event.name);
        }
    }
}

fn payload_type(ty: PayloadType) -> &'static str {
    match ty {
        PayloadType::Text => "text",
        PayloadType::Phone => "phone",
        PayloadType::Email => "email",
        PayloadType::Url => "url",
        PayloadType::Duration => "duration",
        PayloadType::DateTime => "datetime",
        PayloadType::Money => "money",
        PayloadType::User => "user",
        PayloadType::File => "file",
        PayloadType::Files => "list of file",
    }
}

/// The built-in entities, and the fields that every entity has.
fn entities(out: &mut String) {
    // A new entity without anything of its own has what every entity has, and a title.
    let (schema, _) = schema::load(FileId::default(), "[entities.thing]\n");
    let Some(every) = schema.entity("thing") else { return };
    let title = every.get(every.title).map(|f| f.name.clone());
    let common = |name: &str| every.field(name).is_some() && title.as_deref() != Some(name);
    for entity in schema.entities.iter().filter(|e| e.name != every.name) {
        let _ = writeln!(out, "### {}\n\n{}\n", entity.name, stages(entity));
        field_table(out, &schema, entity, |name| !common(name));
        out.push('\n');
    }
    out.push_str(
        "### Every record\n\nThese fields are there in every kind of record, also in those of `crm.toml`.\n\n",
    );
    field_table(out, &schema, every, common);
}

fn stages(entity: &Entity) -> String {
    let Some(field) = entity.stage_name() else { return "It has no stages.".to_owned() };
    let pipelines = entity.pipelines.iter().map(|pipeline| {
        let stages: Vec<String> = pipeline.stages.iter().map(|s| format!("`{}`", s.name)).collect();
        format!("pipeline `{}` with {}", pipeline.name, stages.join(", "))
    });
    let pipelines: Vec<String> = pipelines.collect();
    format!("Its `{field}` comes from {}, unless `crm.toml` says otherwise.", pipelines.join("; "))
}

fn field_table(out: &mut String, schema: &Schema, entity: &Entity, wanted: impl Fn(&str) -> bool) {
    out.push_str("| field | people call it | type | |\n|---|---|---|---|\n");
    for field in entity.fields.iter().filter(|f| wanted(&f.name)) {
        let mut notes = Vec::new();
        if field.read_only {
            notes.push("kept by the system".to_owned());
        } else if entity.must_be_given(field) {
            notes.push("must be given to a new record".to_owned());
        }
        if !field.options.is_empty() {
            let options: Vec<String> = field.options.iter().map(|o| format!("`{}`", o.name)).collect();
            notes.push(options.join(", "));
        }
        if let Some(default) = field.default.as_ref().filter(|d| **d != Value::Missing) {
            let default = match default {
                Value::Text(text) => text.to_string(),
                other => other.to_string(),
            };
            notes.push(format!("`{default}` when nothing is given"));
        }
        let ty = match field.ty {
            Type::Enum(..) => "enum".to_owned(),
            Type::Stage(_) => "stage".to_owned(),
            Type::Pipeline(_) => "pipeline".to_owned(),
            ref other => schema.type_name(other),
        };
        let optional = if field.required { "" } else { "?" };
        let _ = writeln!(out, "| `{}` | {} | {ty}{optional} | {} |", field.name, field.label, notes.join("; "));
    }
}

fn words(out: &mut String) {
    let mut all: Vec<&str> = VERBS.iter().copied().chain(WORDS.iter().map(|(word, _)| *word)).collect();
    all.sort_unstable();
    let all: Vec<String> = all.iter().map(|w| format!("`{w}`")).collect();
    let _ = writeln!(out, "{}.", all.join(" "));
}

fn diagnostics(out: &mut String) {
    out.push_str("| code | what it is about |\n|---|---|\n");
    for code in Code::ALL {
        let _ = writeln!(out, "| {code} | {} |", code.title());
    }
}

/// The bounds that a script can meet.
fn limits(out: &mut String) {
    let all: [(&str, String); 8] = [
        ("steps of a run between two waits", limit::INSTRUCTIONS.to_string()),
        ("how deep rules may set off rules", limit::DEPTH.to_string()),
        ("runs that one event may start", limit::RUNS_PER_EVENT.to_string()),
        ("changes that follow from one event", limit::FOLLOW_UPS.to_string()),
        ("people whom one action may address", limit::RECIPIENTS.to_string()),
        ("bytes of one value", MAX_WEIGHT.to_string()),
        ("how deep lists may lie in lists", MAX_DEPTH.to_string()),
        ("how deep blocks and brackets may lie in one another", MOST_NESTING.to_string()),
    ];
    out.push_str("Nothing grows without bounds. What meets one of these is stopped, and it is said why.\n\n| what | at most |\n|---|---|\n");
    for (what, most) in all {
        let _ = writeln!(out, "| {what} | {most} |");
    }
}

/// The manual's own events, as the timeline tells them without any rule.
fn story(out: &mut String, tell: &Teller<'_>) -> Result<(), String> {
    let told = tell(&Story { script: "", events: EVENTS, until: UNTIL, everything: true })?;
    fence(out, "text", &told.timeline);
    Ok(())
}
