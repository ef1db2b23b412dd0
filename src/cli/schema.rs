//! `dealflow schema`: what scripts may name, as a table; and the JSON Schema of `crm.toml`.

use super::args::SchemaCommand;
use super::exit::Exit;
use super::out::Out;
use super::workspace::{SCHEMA, read};
use super::{args, check};
use crate::diagnostics::{did_you_mean, one_of};
use crate::schema::{self, Entity, Field, Pipeline, Schema, StageKind};
use crate::source::Sources;
use crate::value::Name;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Performs the command.
pub(super) fn schema(command: &SchemaCommand, out: &mut Out) -> Result<Exit, String> {
    match command {
        SchemaCommand::Json => {
            out.line(&format!("{:#}", schema::json_schema()))?;
            Ok(Exit::Fine)
        }
        SchemaCommand::Show { entity, dir } => show(entity.as_deref(), dir.as_deref(), out),
    }
}

fn show(entity: Option<&str>, dir: Option<&Path>, out: &mut Out) -> Result<Exit, String> {
    // One argument alone may be the workspace.
    let (entity, dir) = match (entity, dir) {
        (Some(only), None) if Path::new(only).join(SCHEMA).is_file() => (None, PathBuf::from(only)),
        (entity, dir) => (entity, dir.map_or_else(|| PathBuf::from("."), Path::to_owned)),
    };
    let path = dir.join(SCHEMA);
    let mut sources = Sources::default();
    let file = sources.add(&path.to_string_lossy(), &read(&path)?);
    let (schema, found) = schema::load(file, sources.text(file));
    check::show(&found, &sources, args::CheckFormat::Human, out)?;
    match entity {
        None => {
            for entity in &schema.entities {
                out.text(&table(&schema, entity))?;
            }
            out.text(&people(&schema))?;
        }
        Some(name) => {
            if let Some(entity) = schema.entity(name) {
                out.text(&table(&schema, entity))?;
            } else {
                let names = || schema.entities.iter().map(|e| &*e.name);
                let near = did_you_mean(name, names()).map(|near| format!(": did you mean `{near}`?"));
                let help = near.unwrap_or_else(|| format!("; there are {}", one_of(names(), 20)));
                return Err(format!("there is no entity `{name}` in `{}`{help}", path.display()));
            }
        }
    }
    Ok(if found.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// An entity with its fields and stages.
fn table(schema: &Schema, entity: &Entity) -> String {
    let mut rows = vec![["field", "type", "", "label"].map(str::to_owned)];
    for field in &entity.fields {
        rows.push([field.name.to_string(), type_of(schema, field), how(entity, field).to_owned(), field.label.clone()]);
    }
    let mut out = format!("{} ({})\n", entity.name, entity.label);
    out.push_str(&columns(&rows));
    for pipeline in &entity.pipelines {
        let _ = writeln!(out, "  {}: {}", pipeline.name, stages(pipeline));
    }
    out.push('\n');
    out
}

/// The type, with the options of a list.
fn type_of(schema: &Schema, field: &Field) -> String {
    if field.options.is_empty() {
        let ty = schema.type_name(&field.ty);
        return field.currency.map_or_else(|| ty.clone(), |currency| format!("{ty} in {currency}"));
    }
    let options = one_of(field.options.iter().map(|o| &*o.name), 4);
    let options = options.replace('`', "");
    match field.ty {
        schema::Type::List(_) => format!("list of {options}"),
        _ => options,
    }
}

fn how(entity: &Entity, field: &Field) -> &'static str {
    match (field.read_only, entity.must_be_given(field), field.required) {
        (true, ..) => "kept by the CRM",
        (false, true, _) => "needed",
        (false, false, true) => "always there",
        (false, false, false) => "",
    }
}

fn stages(pipeline: &Pipeline) -> String {
    let stage = |s: &schema::Stage| {
        let kind = match s.kind {
            StageKind::Open => None,
            StageKind::Success => Some("success"),
            StageKind::Failure => Some("failure"),
        };
        let notes: Vec<&str> = kind.into_iter().chain(s.rules_only.then_some("by rules only")).collect();
        if notes.is_empty() { s.name.to_string() } else { format!("{} ({})", s.name, notes.join(", ")) }
    };
    pipeline.stages.iter().map(stage).collect::<Vec<_>>().join(", ")
}

/// Employees, departments, roles and chats, with their `$names`.
fn people(schema: &Schema) -> String {
    let binding = |kind: &str, id: &Name| {
        let mine = schema.bindings.iter().find(|(_, b)| &*b.target.kind == kind && b.target.id == *id);
        mine.map_or_else(String::new, |(name, _)| name.to_string())
    };
    let list = |members: &[Name]| members.join(", ");
    let mut out = String::new();
    let mut section = |title: &str, rows: Vec<[String; 4]>| {
        if !rows.is_empty() {
            let _ = writeln!(out, "{title}\n{}", columns(&rows));
        }
    };
    let user = |(id, user): (&Name, &schema::User)| {
        let place = [user.department.as_deref(), user.manager.as_deref()].map(Option::unwrap_or_default);
        let place = match place {
            ["", ""] => String::new(),
            [department, ""] => department.to_owned(),
            ["", manager] => format!("reports to {manager}"),
            [department, manager] => format!("{department}, reports to {manager}"),
        };
        [id.to_string(), user.name.clone(), binding("user", id), place]
    };
    section("users", schema.users.iter().map(user).collect());
    let department = |(id, department): (&Name, &schema::Department)| {
        let head = department.head.as_deref().map(|head| format!("led by {head}")).unwrap_or_default();
        [id.to_string(), String::new(), binding("department", id), head]
    };
    section("departments", schema.departments.iter().map(department).collect());
    let role =
        |(id, role): (&Name, &schema::Role)| [id.to_string(), String::new(), binding("role", id), list(&role.members)];
    section("roles", schema.roles.iter().map(role).collect());
    let chat =
        |(id, chat): (&Name, &schema::Chat)| [id.to_string(), String::new(), binding("chat", id), list(&chat.members)];
    section("chats", schema.chats.iter().map(chat).collect());
    out
}

/// Rows in columns; a column of nothing but empty texts takes no room.
fn columns(rows: &[[String; 4]]) -> String {
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|t| t.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (at, text) in row.iter().enumerate() {
            let width = width(at);
            if width > 0 {
                let _ = write!(line, " {text:width$} ");
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
