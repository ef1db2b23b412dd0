//! What only looks: the schema, the actions, records, variables.

use super::session::Session;
use crate::catalog::{self, Action, Param, ParamType, Slot, With};
use crate::diagnostics::{did_you_mean, one_of};
use crate::schema::{Entity, Field, StageKind, Type};
use crate::value::{Ref, Value};
use std::fmt::Write as _;

/// How many records are listed.
const PAGE: usize = 20;

impl Session {
    /// `:schema`
    pub(super) fn show_schema(&self, name: &str) -> Result<String, String> {
        if name.is_empty() {
            let lines = self
                .schema
                .entities
                .iter()
                .map(|e| format!("  {:<10} {}, {} fields\n", e.name, e.label, e.fields.len()));
            return Ok(lines.collect());
        }
        let entity = self.entity(name)?;
        let mut out = format!("{}: {}\n", entity.name, entity.label);
        for field in &entity.fields {
            out.push_str(&self.field_line(field));
        }
        for pipeline in &entity.pipelines {
            let stages: Vec<String> = pipeline
                .stages
                .iter()
                .map(|stage| match stage.kind {
                    StageKind::Open => stage.name.to_string(),
                    StageKind::Success => format!("{} (won)", stage.name),
                    StageKind::Failure => format!("{} (lost)", stage.name),
                })
                .collect();
            let _ = writeln!(out, "  pipeline {}: {}", pipeline.name, stages.join(", "));
        }
        Ok(out)
    }

    fn field_line(&self, field: &Field) -> String {
        let mut more = Vec::new();
        if field.required {
            more.push("required".to_owned());
        }
        if field.read_only {
            more.push("read only".to_owned());
        }
        if !field.options.is_empty() {
            let names: Vec<&str> = field.options.iter().map(|o| &*o.name).collect();
            more.push(names.join(", "));
        }
        let ty = self.schema.type_name(&field.ty);
        let line = format!("  {:<14} {ty:<20} {}", field.name, more.join("; "));
        format!("{}\n", line.trim_end())
    }

    fn entity(&self, name: &str) -> Result<&Entity, String> {
        let names = || self.schema.entities.iter().map(|e| &*e.name);
        self.schema.entity(name).ok_or_else(|| match did_you_mean(name, names()) {
            Some(near) => format!("there is no entity `{name}`: did you mean `{near}`?"),
            None => format!("there is no entity `{name}`; there are {}", one_of(names(), 20)),
        })
    }

    /// `:actions`
    #[expect(clippy::unused_self, reason = "the catalogue is the same for every workspace; commands are methods")]
    pub(super) fn show_actions(&self, name: &str) -> Result<String, String> {
        if name.is_empty() {
            let width = catalog::actions().map(|a| a.id.len()).max().unwrap_or(0);
            return Ok(lines(catalog::actions().map(|a| format!("  {:<width$}  {}", a.id, a.summary))));
        }
        let found: Vec<&Action> = match catalog::action(name) {
            Some(action) => vec![action],
            None => catalog::actions_of(name).collect(),
        };
        if found.is_empty() {
            return Err(match did_you_mean(name, catalog::actions().map(|a| a.id)) {
                Some(near) => format!("there is no action `{name}`: did you mean `{near}`?"),
                None => format!("there is no action `{name}`; `:actions` lists them"),
            });
        }
        Ok(found.into_iter().map(action_text).collect::<Vec<_>>().join("\n"))
    }

    /// `:records`
    pub(super) fn show_records(&self, what: &str) -> Result<String, String> {
        let (kind, id) = what.split_once(char::is_whitespace).unwrap_or((what, ""));
        match (kind, id.trim()) {
            ("", _) => self.count_records(),
            (kind, "") => self.list_records(kind),
            (kind, id) => self.show_record(&Ref::new(kind, id)),
        }
    }

    fn count_records(&self) -> Result<String, String> {
        let mut out = String::new();
        let kinds = self.store().kinds().map_err(|e| e.to_string())?;
        // What the engine keeps for itself is no record of the CRM.
        for kind in kinds.into_iter().filter(|kind| !kind.starts_with('$')) {
            let page = self.store().records(&kind, None, 1000).map_err(|e| e.to_string())?;
            let many = if page.len() == 1000 { "1000 or more".to_owned() } else { page.len().to_string() };
            let _ = writeln!(out, "  {kind:<14} {many}");
        }
        Ok(if out.is_empty() { "there are no records\n".to_owned() } else { out })
    }

    fn list_records(&self, kind: &str) -> Result<String, String> {
        let kinds = self.store().kinds().map_err(|e| e.to_string())?;
        if !kinds.iter().any(|known| &**known == kind) {
            self.entity(kind)?;
            return Ok(format!("there is no {kind}\n"));
        }
        let page = self.store().records(kind, None, PAGE + 1).map_err(|e| e.to_string())?;
        let mut out = String::new();
        for (id, record) in page.iter().take(PAGE) {
            let of = Ref::new(kind, id);
            let _ = write!(out, "  {}", self.record_text(&of));
            let entity = self.schema.entity(kind);
            let shown = entity.into_iter().flat_map(|e| &e.fields).filter(|f| {
                matches!(f.ty, Type::Stage(_) | Type::Money | Type::User) && *record.get(&f.name) != Value::Missing
            });
            for field in shown.filter(|f| !f.read_only) {
                let _ = write!(out, ", {} {}", field.name, self.value_text(record.get(&field.name), &field.ty));
            }
            out.push('\n');
        }
        if page.len() > PAGE {
            out.push_str("  … and more\n");
        }
        Ok(out)
    }

    fn show_record(&self, of: &Ref) -> Result<String, String> {
        let record = self.store().record(of).map_err(|e| e.to_string())?;
        let record = record.ok_or_else(|| format!("there is no {of}; `:records {}` lists those there are", of.kind))?;
        let mut out = format!("{}\n", self.record_text(of));
        for (name, value) in &record.fields {
            let ty = self.schema.entity(&of.kind).and_then(|e| e.field(name)).map_or(Type::Error, |f| f.ty.clone());
            let _ = writeln!(out, "  {name:<14} {}", self.value_text(value, &ty));
        }
        Ok(out)
    }

    /// `:use`
    pub(super) fn use_record(&mut self, text: &str) -> Result<String, String> {
        if let Some((kind, id)) = text.split_once(char::is_whitespace) {
            self.entity(kind)?;
            let of = Ref::new(kind, id.trim().trim_matches('"'));
            if self.store().record(&of).map_err(|e| e.to_string())?.is_none() {
                return Err(format!("there is no {of}; `:records {kind}` lists those there are"));
            }
            self.current = Some(of);
        } else if !text.is_empty() {
            self.entity(text)?;
            return Err(format!("which {text}? write `:use {text} 1`"));
        }
        Ok(match &self.current {
            Some(of) => format!("statements are about {}\n", self.record_text(of)),
            None => "statements are about no record yet\n".to_owned(),
        })
    }

    /// `:vars`
    pub(super) fn show_variables(&self) -> String {
        let own = self.variables.values().map(|known| {
            format!(
                "  {} = {} : {}\n",
                known.name,
                self.value_text(&known.value, &known.ty),
                self.schema.type_name(&known.ty)
            )
        });
        let bindings =
            self.schema.bindings.iter().map(|(name, binding)| {
                format!("  {name} = {} (of the workspace)\n", self.record_text(&binding.target))
            });
        let text: String = own.chain(bindings).collect();
        if text.is_empty() { "no variables: `let $x = …;` makes one\n".to_owned() } else { text }
    }
}

/// Each with its end.
pub(super) fn lines(texts: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for text in texts {
        out.push_str(&text);
        out.push('\n');
    }
    out
}

fn action_text(action: &'static Action) -> String {
    let mut usage = vec![action.verb.to_owned()];
    usage.extend(action.head.iter().map(|slot| match slot {
        Slot::Word(word) => (*word).to_owned(),
        Slot::Arg(param) => shape(param),
    }));
    for prep in action.preps {
        let words = prep.words.iter().map(|word| (*word).to_owned());
        let params = prep.params().map(shape);
        let parts: Vec<String> = std::iter::once(prep.prep.to_owned()).chain(words).chain(params).collect();
        usage.push(format!("[{}]", parts.join(" ")));
    }
    match action.with {
        With::Params([]) => {}
        With::Params(_) => usage.push("[with …]".to_owned()),
        With::Fields | With::Payload => usage.push("[with FIELD: …]".to_owned()),
    }
    let mut out = format!("{}\n  {};\n", action.summary, usage.join(" "));
    for param in action.params() {
        let need = if param.required { "" } else { "may be left out; " };
        let _ = writeln!(out, "    {:<10} {need}{}{}", param.name, param.doc, choices(param));
    }
    for example in action.examples {
        let _ = writeln!(out, "  // {}\n  {}", example.title, example.source);
    }
    out
}

fn shape(param: &Param) -> String {
    param.name.to_uppercase()
}

fn choices(param: &Param) -> String {
    match param.ty {
        ParamType::Choice(words) => format!(" ({})", words.join(", ")),
        _ => String::new(),
    }
}
