//! `crm.toml` → [`Schema`].
//!
//! Reading goes on after a mistake: what could be read is in the result, everything wrong is in the list. The order of
//! the passes follows what needs what: workspace, people, names of entities, fields and stages, default values.

mod entities;
mod fields;
mod people;
mod pipelines;
mod things;
mod workspace;

use super::document::{Codes, Entry, Kind, Named, Node, Reader};
use super::{Binding, EntityId, FieldId, Place, Schema, builtin, json};
use crate::diagnostics::{Code, Diagnostic, one_of, sort};
use crate::source::{FileId, Span};
use crate::value::{Currency, Name, Ref};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const CODES: Codes = Codes { syntax: Code::E0701, unknown: Code::E0702, value: Code::E0703, twice: Code::E0706 };

const SECTIONS: &[&str] = &[
    "workspace",
    "currencies",
    "users",
    "departments",
    "roles",
    "chats",
    "senders",
    "providers",
    "templates",
    "resources",
    "audiences",
    "webhooks",
    "entities",
];

/// The keys of each table, by the place of the table in the JSON Schema.
#[cfg(test)]
pub(super) const KEYS: &[(&str, &[&str])] = &[
    ("", SECTIONS),
    ("/properties/workspace", workspace::KEYS),
    ("/properties/users/additionalProperties", people::USER),
    ("/properties/entities/additionalProperties", entities::KEYS),
    ("/definitions/field/anyOf/1", fields::KEYS),
    ("/definitions/pipeline", pipelines::KEYS),
    ("/properties/senders/additionalProperties", things::SENDER),
    ("/properties/providers/additionalProperties", things::PROVIDER),
    ("/properties/templates/additionalProperties", things::TEMPLATE),
    ("/properties/resources/additionalProperties", things::RESOURCE),
    ("/properties/audiences/additionalProperties", things::AUDIENCE),
    ("/properties/webhooks/additionalProperties", things::WEBHOOK),
];

/// Reads `crm.toml` over the built-in entities. Never fails: with mistakes it gives what could be read.
pub fn load(file: FileId, text: &str) -> (Schema, Vec<Diagnostic>) {
    let mut loader =
        Loader { reader: Reader::new(file, CODES), schema: Schema::bare(), defaults: Vec::new(), language: None };
    let root = loader.reader.parse(text);
    let whole = loader.reader.found.is_empty();
    for entry in loader.reader.table(&root, "the file") {
        // What stands under a heading that could not be read has lost its section.
        let lost = !whole && !matches!(entry.value.kind, Kind::Table(_));
        if !lost && !SECTIONS.contains(&entry.key.as_str()) {
            loader.reader.unknown_key(entry, "`crm.toml`", SECTIONS);
        }
    }
    let sections: [(&str, Section); 15] = [
        ("workspace", Loader::language),
        ("workspace", Loader::workspace),
        ("currencies", Loader::currencies),
        ("users", Loader::user_names),
        ("departments", Loader::departments),
        ("users", Loader::users),
        ("roles", Loader::roles),
        ("chats", Loader::chats),
        ("senders", Loader::senders),
        ("providers", Loader::providers),
        ("templates", Loader::templates),
        ("resources", Loader::resources),
        ("audiences", Loader::audiences),
        ("entities", Loader::entities),
        ("webhooks", Loader::webhooks),
    ];
    for (name, read) in sections {
        if let Some(section) = root.get(name) {
            read(&mut loader, section);
        }
    }
    loader.finish()
}

/// Reads one section.
type Section = fn(&mut Loader, &Node);

/// The schema so far, and what is wrong.
struct Loader {
    reader: Reader,
    schema: Schema,
    /// Default values, read when everything that they may name is known.
    defaults: Vec<(EntityId, FieldId, Node)>,
    /// The language whose labels are shown.
    language: Option<String>,
}

impl Loader {
    /// Default pipelines where none are declared, default values, and the end.
    fn finish(mut self) -> (Schema, Vec<Diagnostic>) {
        self.schema.add_default_pipelines();
        for (entity, field, node) in std::mem::take(&mut self.defaults) {
            let Some(found) = self.schema.get(entity).and_then(|e| e.get(field)) else { continue };
            let ty = found.ty.clone();
            match json::field_from_json(&self.schema, found, &node.to_json()) {
                Ok(value) => {
                    if let Some(field) = self.schema.field_mut(entity, field) {
                        field.default = Some(value);
                    }
                }
                Err(reason) => {
                    let help = if found.options.is_empty() {
                        format!("the field is of type {}", self.schema.type_name(&ty))
                    } else {
                        format!("its options are {}", one_of(found.options.iter().map(|o| &*o.name), 12))
                    };
                    self.reader.bad(node.span, reason, help);
                }
            }
        }
        self.schema.rates.insert(self.schema.base_currency, Decimal::ONE);
        let mut found = self.reader.found;
        sort(&mut found);
        (self.schema, found)
    }

    /// Where something is declared.
    #[expect(clippy::unnecessary_wraps, reason = "a place is missing only for what is built in")]
    fn place(&self, span: Span) -> Place {
        Some((self.reader.file, span))
    }

    /// `language = "pl"`: which of several labels people see.
    fn language(&mut self, section: &Node) {
        if let Some(node) = section.get("language") {
            self.language = self.reader.text(node, "`language`").map(|language| language.text.to_owned());
        }
    }

    /// `label = "Kwota"`, or `label = { pl = "Kwota", en = "Amount" }`: what people see, and what others do.
    fn labels(&mut self, node: &Node) -> Option<(String, Vec<String>)> {
        if !matches!(node.kind, Kind::Table(_)) {
            return self.reader.text(node, "`label`").map(|label| (label.text.to_owned(), Vec::new()));
        }
        let mut shown: Option<String> = None;
        let mut others = Vec::new();
        for entry in self.reader.table(node, "`label`") {
            let Some(text) = self.reader.text(&entry.value, "a label") else { continue };
            let own = self.language.as_deref() == Some(entry.key.as_str());
            match &mut shown {
                Some(first) if own => others.push(std::mem::replace(first, text.text.to_owned())),
                Some(_) => others.push(text.text.to_owned()),
                None => shown = Some(text.text.to_owned()),
            }
        }
        if shown.is_none() {
            self.reader.bad(node.span, "there is no label", "write `label = { en = \"Amount\" }`");
        }
        shown.map(|shown| (shown, others))
    }

    /// A name that may be written after `.` or `$`: letters, digits and `_`, not starting with a digit.
    fn identifier(&mut self, name: Named<'_>, what: &str) -> Option<Name> {
        let mut letters = name.text.chars();
        let starts = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        if starts && letters.all(|c| c.is_alphanumeric() || c == '_') {
            return Some(name.text.into());
        }
        let message = format!("`{}` cannot be the name of {what}", name.text);
        self.reader.bad(name.span, message, "use letters, digits and `_`, and begin with a letter");
        None
    }

    /// `binding = "legal"`: `$legal` stands for the thing. The `$` may be written.
    fn binding(&mut self, node: &Node, kind: &str, id: &str) {
        let Some(named) = self.reader.text(node, "`binding`") else { return };
        let bare = Named { text: named.text.strip_prefix('$').unwrap_or(named.text), ..named };
        let Some(name) = self.identifier(bare, "a binding") else { return };
        let key: Name = format!("${name}").into();
        if let Some(first) = self.schema.bindings.get(&key) {
            let message = format!("`{key}` already stands for {} `{}`", first.target.kind, first.target.id);
            let first = first.place.map(|(_, span)| span);
            self.reader.twice(named.span, first, message, "give one of them another name");
            return;
        }
        let binding = Binding { target: Ref::new(kind, id), place: self.place(named.span) };
        self.schema.bindings.insert(key, binding);
    }

    /// The short name of an employee, if there is such a one.
    fn user_ref(&mut self, name: Named<'_>) -> Option<Name> {
        if let Some((key, _)) = self.schema.users.get_key_value(name.text) {
            return Some(key.clone());
        }
        let message = format!("there is no user `{}`", name.text);
        self.unknown_in(name, message, |schema| schema.users.keys().map(|k| &**k).collect());
        None
    }

    /// Employees by their short names.
    fn members(&mut self, node: &Node) -> Vec<Name> {
        let mut members: Vec<Name> = Vec::new();
        for name in self.reader.texts(node, "`members`") {
            let Some(user) = self.user_ref(name) else { continue };
            if members.contains(&user) {
                let message = format!("`{user}` is a member twice");
                self.reader.twice(name.span, None, message, "remove one of them");
            } else {
                members.push(user);
            }
        }
        members
    }

    fn unknown_in(&mut self, name: Named<'_>, message: String, known: impl Fn(&Schema) -> Vec<&str>) {
        self.reader.unknown(name, message, known(&self.schema));
    }

    /// A table whose keys are names: each with its entries, empty names reported.
    fn named_tables<'n>(&mut self, section: &'n Node, what: &str) -> Vec<(&'n Entry, &'n [Entry])> {
        let entries = self.reader.table(section, &format!("`{what}`"));
        let mut tables = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.key.trim().is_empty() {
                self.reader.bad(entry.span, "a name cannot be empty", format!("write `[{what}.name]`"));
                continue;
            }
            let inner = self.reader.table(&entry.value, &format!("`{what}.{}`", entry.key));
            tables.push((entry, inner));
        }
        tables
    }
}

impl Schema {
    /// The built-in entities, not yet with their default pipelines.
    fn bare() -> Self {
        Self {
            name: String::new(),
            entities: builtin::entities(),
            users: BTreeMap::new(),
            departments: BTreeMap::new(),
            roles: BTreeMap::new(),
            chats: BTreeMap::new(),
            bindings: BTreeMap::new(),
            rates: BTreeMap::from([(Currency::EUR, Decimal::ONE)]),
            base_currency: Currency::EUR,
            calendar: super::Calendar::default(),
            senders: BTreeMap::new(),
            providers: BTreeMap::new(),
            templates: BTreeMap::new(),
            resources: BTreeMap::new(),
            audiences: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            caps: Vec::new(),
            quiet_hours: None,
        }
    }

    fn add_default_pipelines(&mut self) {
        for entity in &mut self.entities {
            if entity.pipelines.is_empty() {
                entity.pipelines = builtin::pipelines(&entity.name);
            }
        }
    }

    fn field_mut(&mut self, entity: EntityId, field: FieldId) -> Option<&mut super::Field> {
        self.entities.get_mut(entity.0 as usize)?.fields.get_mut(field.0 as usize)
    }
}

impl Default for Schema {
    /// The workspace of an empty `crm.toml`.
    fn default() -> Self {
        let mut schema = Self::bare();
        schema.add_default_pipelines();
        schema
    }
}
