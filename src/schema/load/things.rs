//! `[senders]`, `[providers]`, `[templates]`, `[resources]`, `[audiences]` and `[webhooks]`.

use super::Loader;
use crate::schema::document::{Entry, Node};
use crate::schema::json::contact;
use crate::schema::names::{parse_type, type_names};
use crate::schema::{Audience, NETWORKS, Provider, Resource, Sender, Template, Type, Webhook};
use crate::value::Name;

pub(super) const SENDER: &[&str] = &["name", "email"];
pub(super) const PROVIDER: &[&str] = &["label", "from"];
pub(super) const TEMPLATE: &[&str] = &["label", "file", "placeholders", "binding"];
pub(super) const RESOURCE: &[&str] = &["label"];
pub(super) const AUDIENCE: &[&str] = &["networks"];
pub(super) const WEBHOOK: &[&str] = &["payload", "answer"];

impl Loader {
    pub(super) fn senders(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "senders") {
            let mut sender = Sender { name: entry.key.clone(), email: String::new(), place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "name" => self.plain(&key.value, "`name`", &mut sender.name),
                    "email" => sender.email = self.contact(&key.value, "`email`", contact::email).unwrap_or_default(),
                    _ => self.reader.unknown_key(key, "a sender", SENDER),
                }
            }
            if !keys.iter().any(|key| key.key == "email") {
                let message = format!("sender `{}` has no address", entry.key);
                self.reader.bad(entry.span, message, "add `email = \"office@example.com\"`");
            }
            self.schema.senders.insert(entry.key.as_str().into(), sender);
        }
    }

    pub(super) fn providers(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "providers") {
            let mut provider = Provider { label: entry.key.clone(), from: None, place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "label" => self.plain(&key.value, "`label`", &mut provider.label),
                    "from" => provider.from = self.reader.text(&key.value, "`from`").map(|from| from.text.to_owned()),
                    _ => self.reader.unknown_key(key, "a provider", PROVIDER),
                }
            }
            self.schema.providers.insert(entry.key.as_str().into(), provider);
        }
    }

    pub(super) fn templates(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "templates") {
            let mut template =
                Template { label: entry.key.clone(), place: self.place(entry.span), ..Template::default() };
            for key in keys {
                match key.key.as_str() {
                    "label" => self.plain(&key.value, "`label`", &mut template.label),
                    "file" => template.file = self.reader.text(&key.value, "`file`").map(|file| file.text.to_owned()),
                    "placeholders" => {
                        let names = self.reader.texts(&key.value, "`placeholders`");
                        template.placeholders = names.iter().map(|name| name.text.to_owned()).collect();
                    }
                    "binding" => self.binding(&key.value, "template", &entry.key),
                    _ => self.reader.unknown_key(key, "a template", TEMPLATE),
                }
            }
            self.schema.templates.insert(entry.key.as_str().into(), template);
        }
    }

    pub(super) fn resources(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "resources") {
            let mut resource = Resource { label: entry.key.clone(), place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "label" => self.plain(&key.value, "`label`", &mut resource.label),
                    _ => self.reader.unknown_key(key, "a resource", RESOURCE),
                }
            }
            self.schema.resources.insert(entry.key.as_str().into(), resource);
        }
    }

    pub(super) fn audiences(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "audiences") {
            let mut audience = Audience { networks: Vec::new(), place: self.place(entry.span) };
            for key in keys {
                match key.key.as_str() {
                    "networks" => {
                        for name in self.reader.texts(&key.value, "`networks`") {
                            if NETWORKS.contains(&name.text) {
                                audience.networks.push(name.text.into());
                            } else {
                                let message = format!("there is no advertising network `{}`", name.text);
                                self.reader.unknown(name, message, NETWORKS.iter().copied());
                            }
                        }
                    }
                    _ => self.reader.unknown_key(key, "an audience", AUDIENCE),
                }
            }
            if !keys.iter().any(|key| key.key == "networks") {
                let message = format!("audience `{}` is of no network", entry.key);
                self.reader.bad(entry.span, message, "add `networks = [\"google\"]`");
            }
            self.schema.audiences.insert(entry.key.as_str().into(), audience);
        }
    }

    /// Types of payloads may name entities of the file, so this comes after them.
    pub(super) fn webhooks(&mut self, section: &Node) {
        for (entry, keys) in self.named_tables(section, "webhooks") {
            let mut webhook = Webhook { place: self.place(entry.span), ..Webhook::default() };
            for key in keys {
                match key.key.as_str() {
                    "payload" => webhook.payload = self.members_of(key),
                    "answer" => webhook.answer = self.members_of(key),
                    _ => self.reader.unknown_key(key, "a webhook", WEBHOOK),
                }
            }
            self.schema.webhooks.insert(entry.key.as_str().into(), webhook);
        }
    }

    /// `{ number = "int", total = "money" }`
    fn members_of(&mut self, key: &Entry) -> Vec<(Name, Type)> {
        let mut members = Vec::new();
        for member in self.reader.table(&key.value, &format!("`{}`", key.key)) {
            let Some(name) = self.identifier(member.name(), "a value") else { continue };
            let Some(ty) = self.reader.text(&member.value, "a type") else { continue };
            match parse_type(ty.text, Type::Error, &|name| self.schema.entity_id(name)) {
                Ok(found) if found != Type::Error && found != Type::Error.list() => members.push((name, found)),
                Ok(_) => {
                    let help = "write `text`: what the other side says is not one of our lists";
                    self.reader.bad(ty.span, "a webhook has no `enum`", help);
                }
                Err(part) => {
                    let message = format!("there is no type `{part}`");
                    let entities = self.schema.entities.iter().map(|e| e.name.to_string());
                    let known: Vec<String> = type_names().map(str::to_owned).chain(entities).collect();
                    self.reader.unknown(ty, message, known.iter().map(String::as_str).filter(|n| *n != "enum"));
                }
            }
        }
        members
    }

    /// A text that takes the place of another.
    fn plain(&mut self, node: &Node, what: &str, into: &mut String) {
        if let Some(text) = self.reader.text(node, what) {
            text.text.clone_into(into);
        }
    }
}
