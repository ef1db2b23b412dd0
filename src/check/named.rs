//! Named events, and those that have a name of their own behind a word: buttons and webhooks.

use super::context::{Checker, Root};
use super::index::Symbol;
use super::trigger::Found;
use super::trigger_parts::Parts;
use super::typed::Trigger;
use crate::catalog::{self, EventSpec};
use crate::schema::{EntityId, Type};
use crate::source::Span;
use crate::value::Name;

impl Checker<'_> {
    /// The type of `event` under a named event.
    pub(super) fn payload(&self, spec: &catalog::EventSpec) -> Type {
        // Tasks, mails and the like are named only by events about them: `task completed`.
        let own = spec.name.split(' ').next().unwrap_or_default();
        let attached = self.schema.entities.iter().zip(0u16..).filter(|(e, _)| !e.secondary || &*e.name == own);
        let attached = attached.map(|(e, i)| (e.name.clone(), EntityId(i)));
        let members = spec
            .payload
            .iter()
            .map(|(name, ty)| (Name::from(*name), ty.ty().optional()))
            .chain(attached.map(|(name, id)| (name, Type::Entity(id).optional())))
            .chain(std::iter::once(("by".into(), Type::User.optional())));
        Type::Record(std::sync::Arc::new(members.collect()))
    }

    /// Whether there may be such an event: anybody can name a button, but a webhook is declared.
    pub(super) fn is_source(&mut self, source: &'static EventSpec, name: &str, place: Span) -> bool {
        if source.name != "webhook" {
            return true;
        }
        if self.schema.webhooks.contains_key(name) {
            self.note(place, &Type::Text, || Symbol::Thing(source.name.into(), name.into()));
            return true;
        }
        let names: Vec<Name> = self.schema.webhooks.keys().cloned().collect();
        self.unknown_thing(source.name, place, name, &names, &[]);
        false
    }

    /// The type of `event` for such an event: of a webhook what `crm.toml` says that it brings.
    pub(super) fn source_payload(&self, source: &'static EventSpec, name: &str) -> Type {
        let mut event = self.payload(source);
        let webhook = self.schema.webhooks.get(name).filter(|_| source.name == "webhook");
        if let (Type::Record(members), Some(webhook)) = (&mut event, webhook) {
            let members = std::sync::Arc::make_mut(members);
            for (name, ty) in &webhook.payload {
                members.retain(|(known, _)| known != name);
                members.push((name.clone(), ty.clone().optional()));
            }
        }
        event
    }

    /// `manual "Call me"`, `webhook "erp"`: the text says which one.
    pub(super) fn named_trigger(
        &mut self,
        parts: &mut Parts<'_>,
        source: &'static EventSpec,
        span: Span,
    ) -> Option<Found> {
        let Some((text, place)) = parts.text(self) else {
            let word = source.name;
            self.unknown_trigger(span, &format!("which {word} is not said: write `on {word} \"name\"`"));
            return None;
        };
        parts.done(self)?;
        if !self.is_source(source, &text, place) {
            return None;
        }
        let name = catalog::named_event(source, &text);
        let mut event = self.source_payload(source, &text);
        // Who presses a button is always known.
        if let Type::Record(members) = &mut event
            && source.name == "manual"
        {
            let by = std::sync::Arc::make_mut(members).iter_mut().find(|(name, _)| &**name == "by");
            if let Some((_, ty)) = by {
                *ty = Type::User;
            }
        }
        Some(Found { trigger: Trigger::Event { name: name.into() }, root: Root::Event, event, selector: None })
    }
}
