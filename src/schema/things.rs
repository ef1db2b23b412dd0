//! What a workspace has beside people and records: senders, providers, templates, resources, audiences, webhooks, caps.

use super::{Place, Schema, Type};
use crate::value::Name;

/// An address that e-mails go out from.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The name that its receivers see.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where it is declared.
    pub place: Place,
}

/// A way to send SMS.
#[derive(Clone, Debug, Default)]
pub struct Provider {
    /// What people call it.
    pub label: String,
    /// Who the SMS seems to come from, where the provider lets us say.
    pub from: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// A template of documents.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// What people call it.
    pub label: String,
    /// The file that holds it, from the workspace's folder.
    pub file: Option<String>,
    /// The fields of the record that it shows: `title`, `contact.name`.
    pub placeholders: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// Something that can be booked: a room, a machine.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    /// What people call it.
    pub label: String,
    /// Where it is declared.
    pub place: Place,
}

/// An audience of an advertising network.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// The networks that have it.
    pub networks: Vec<Name>,
    /// Where it is declared.
    pub place: Place,
}

/// The networks that audiences can be of.
pub const NETWORKS: &[&str] = &["google", "facebook"];

/// An outside system that is called, or that calls.
#[derive(Clone, Debug, Default)]
pub struct Webhook {
    /// What is sent to it, and what comes from it: name and type, in the order of the file.
    pub payload: Vec<(Name, Type)>,
    /// What it answers.
    pub answer: Vec<(Name, Type)>,
    /// Where it is declared.
    pub place: Place,
}

/// How much of something a customer may get in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Of what.
    pub of: Capped,
    /// How many.
    pub most: u32,
    /// In which time.
    pub per: CapTime,
}

/// What can be capped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capped {
    /// SMS.
    Sms,
    /// E-mails.
    Email,
}

impl Capped {
    /// The entity of which it is.
    pub const fn entity(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// The time in which a cap counts: a clock hour, a day, a week from Monday, a month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum CapTime {
    Hour,
    Day,
    Week,
    Month,
}

impl CapTime {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

impl std::fmt::Display for Cap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at most {} {} per client per {}", self.most, self.of.entity(), self.per.word())
    }
}

impl Cap {
    /// Reads `at most 1 sms per client per day`.
    pub fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let ["at", "most", most, of, "per", "client", "per", per] = words.as_slice() else { return None };
        let of = match *of {
            "sms" => Capped::Sms,
            "email" | "emails" => Capped::Email,
            _ => return None,
        };
        let per =
            [CapTime::Hour, CapTime::Day, CapTime::Week, CapTime::Month].into_iter().find(|t| t.word() == *per)?;
        Some(Self { of, most: most.parse().ok()?, per })
    }
}

/// A kind of thing that scripts name by a noun, a text or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a section of crm.toml")]
pub enum Thing {
    Sender,
    Provider,
    Template,
    Resource,
    Audience,
    Webhook,
}

impl Thing {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Sender, Self::Provider, Self::Template, Self::Resource, Self::Audience, Self::Webhook];

    /// Its noun.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Provider => "provider",
            Self::Template => "template",
            Self::Resource => "resource",
            Self::Audience => "audience",
            Self::Webhook => "webhook",
        }
    }
}

impl Schema {
    /// The names of all things of a kind.
    pub fn things(&self, kind: Thing) -> Vec<&Name> {
        match kind {
            Thing::Sender => self.senders.keys().collect(),
            Thing::Provider => self.providers.keys().collect(),
            Thing::Template => self.templates.keys().collect(),
            Thing::Resource => self.resources.keys().collect(),
            Thing::Audience => self.audiences.keys().collect(),
            Thing::Webhook => self.webhooks.keys().collect(),
        }
    }

    /// The name of a thing, if there is such a one.
    pub fn thing(&self, kind: Thing, name: &str) -> Option<&Name> {
        self.things(kind).into_iter().find(|known| ***known == *name)
    }
}
