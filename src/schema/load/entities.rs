//! `[entities]`: names first, so that fields can link to entities that are declared further down.

use super::Loader;
use crate::schema::document::{Entry, Node};
use crate::schema::names::{KEPT, type_names};
use crate::schema::{Entity, EntityId, FieldId, builtin};

pub(super) const KEYS: &[&str] =
    &["label", "title", "fields", "pipelines", "stages", "statuses", "success", "failure", "rules_only"];
/// How many entities a number can hold is far more than any workspace has; this bound is for broken files.
const MOST_ENTITIES: usize = 1000;

impl Loader {
    pub(super) fn entities(&mut self, section: &Node) {
        let tables = self.named_tables(section, "entities");
        for (entry, keys) in &tables {
            self.new_entity(entry, keys);
        }
        for (entry, keys) in tables {
            let Some(id) = self.schema.entity_id(&entry.key) else { continue };
            self.entity_keys(id, keys);
            // Stages come before fields: they make the fields that hold them.
            self.stages(id, entry, keys);
            if let Some(fields) = keys.iter().find(|key| key.key == "fields") {
                self.fields(id, &fields.value);
            }
        }
    }

    /// Adds an entity that is not built in, with its title and the system's fields.
    fn new_entity(&mut self, entry: &Entry, keys: &[Entry]) {
        if self.schema.entity_id(&entry.key).is_some() {
            return;
        }
        let Some(name) = self.identifier(entry.name(), "an entity") else { return };
        if KEPT.contains(&&*name) {
            let message = format!("under `{name}` the CRM keeps something of its own");
            self.reader.bad(entry.span, message, format!("give the entity another name, such as `our_{name}`"));
            return;
        }
        if type_names().chain(["everybody", "client", "event", "now", "today"]).any(|taken| *taken == *name) {
            let message = format!("`{name}` has another meaning in scripts");
            self.reader.bad(entry.span, message, "give the entity another name");
            return;
        }
        let number = self.schema.entities.len();
        let Some(number) = u16::try_from(number).ok().filter(|_| number < MOST_ENTITIES) else {
            self.reader.bad(entry.span, "there are too many entities", format!("{MOST_ENTITIES} are the limit"));
            return;
        };
        let title = keys.iter().find(|key| key.key == "title");
        let title = title.and_then(|key| self.reader.text(&key.value, "`title`"));
        let title = title.and_then(|name| self.identifier(name, "a field")).unwrap_or_else(|| "title".into());
        self.schema.entities.push(Entity {
            label: builtin::label_of(&name),
            name,
            fields: builtin::new_entity(EntityId(number), &title),
            title: FieldId(0),
            stage: None,
            pipelines: Vec::new(),
            secondary: false,
            place: self.place(entry.span),
        });
    }

    fn entity_keys(&mut self, id: EntityId, keys: &[Entry]) {
        let built_in = self.schema.get(id).is_some_and(|entity| entity.place.is_none());
        for key in keys {
            match key.key.as_str() {
                "label" => {
                    let label = self.labels(&key.value);
                    if let (Some((label, _)), Some(entity)) = (label, self.schema.entities.get_mut(id.0 as usize)) {
                        entity.label = label;
                    }
                }
                "title" if built_in => {
                    let message = "the title field of a built-in entity is fixed";
                    self.reader.bad(key.span, message, "remove the line; a field can get another `label`");
                }
                known if KEYS.contains(&known) => {}
                _ => self.reader.unknown_key(key, "an entity", KEYS),
            }
        }
    }
}
