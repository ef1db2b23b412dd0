//! Actions that tell people something. Each leaves a record that says who got what from whom, and when.

use super::{Desk, kind, people, refuse};
use crate::engine::{Done, EffectError, Record};
use crate::value::{Name, Ref, Value};
use std::sync::Arc;

impl Desk<'_> {
    pub(super) fn notify_chat(&mut self) -> Result<Done, EffectError> {
        let chat = self.chat()?;
        let text = self.need_text("text")?;
        let mut message = self.sheet("sender")?;
        message.set(&"chat".into(), Value::Ref(chat));
        message.set(&"text".into(), Value::Text(text));
        self.give_type(&mut message);
        self.keep(kind::CHAT_MESSAGE, message)
    }

    pub(super) fn notify(&mut self) -> Result<Done, EffectError> {
        let mut notification = self.addressed()?;
        self.give_type(&mut notification);
        self.keep(kind::NOTIFICATION, notification)
    }

    pub(super) fn message(&mut self) -> Result<Done, EffectError> {
        let mut message = self.addressed()?;
        self.give_type(&mut message);
        let about = self.call.record.cloned();
        self.keep_entity("message", message, about.as_ref(), None)?;
        Ok(Done::default())
    }

    pub(super) fn post(&mut self) -> Result<Done, EffectError> {
        let subject = self.need_text("subject")?;
        let mut post = self.addressed()?;
        post.set(&"subject".into(), Value::Text(subject));
        post.set(&"tag".into(), self.given("tag"));
        post.set(&"attachments".into(), self.files("attach"));
        self.keep(kind::POST, post)
    }

    /// A comment or an entry of the history.
    pub(super) fn note(&mut self, kind: &str) -> Result<Done, EffectError> {
        let (of, _) = self.need_record("record")?;
        let text = self.need_text("text")?;
        let mut comment = self.sheet("by")?;
        comment.set(&"record".into(), Value::Ref(of));
        comment.set(&"text".into(), Value::Text(text));
        self.keep(kind, comment)
    }

    pub(super) fn create_chat(&mut self) -> Result<Done, EffectError> {
        let name = self.need_text("name")?;
        let members = people::all(self.call.schema, self.need("members")?)?;
        if members.len() < 2 {
            return refuse(format!("the chat `{name}` needs at least two people, {} is meant", members.len()));
        }
        let mut chat = self.sheet("sender")?;
        chat.set(&"name".into(), Value::Text(name));
        chat.set(&"members".into(), refs(members));
        let of = self.new_id(kind::CHAT)?;
        self.store.put_record(&of, Arc::new(chat))?;
        Ok(Done { value: Value::Ref(of), ..Done::default() })
    }

    pub(super) fn add_members(&mut self) -> Result<Done, EffectError> {
        let chat = self.chat()?;
        let new = people::all(self.call.schema, self.need("members")?)?;
        if new.is_empty() {
            return refuse("nobody is meant: `members` has no people".to_owned());
        }
        if let Some(record) = self.store.record(&chat)? {
            let mut members = people::all(self.call.schema, record.get("members"))?;
            members.extend(new.iter().filter(|who| !members.contains(who)).cloned().collect::<Vec<_>>());
            let mut record = (*record).clone();
            record.set(&"members".into(), refs(members));
            self.store.put_record(&chat, Arc::new(record))?;
        }
        let mut sheet = self.sheet("sender")?;
        sheet.set(&"chat".into(), Value::Ref(chat));
        sheet.set(&"members".into(), refs(new));
        sheet.set(&"history".into(), Value::Bool(self.flag("history")));
        self.keep(kind::CHAT_MEMBERS, sheet)
    }

    /// The chat that is meant, which must exist.
    fn chat(&self) -> Result<Ref, EffectError> {
        let schema = self.call.schema;
        match self.need("chat")? {
            Value::Ref(of) if &*of.kind == kind::CHAT => {
                let known = schema.chats.contains_key(&of.id) || self.store.record(of)?.is_some();
                if known { Ok(of.clone()) } else { refuse(format!("there is no chat `{}` any more", of.id)) }
            }
            Value::Text(name) if schema.chats.contains_key(name) => Ok(Ref::new(kind::CHAT, name)),
            Value::Text(name) => refuse(format!("there is no chat `{name}` in the workspace")),
            _ => refuse("what is given as the chat is not one".to_owned()),
        }
    }

    /// A text to people: `to`, `text`, `from`, `at`, `about`.
    fn addressed(&self) -> Result<Record, EffectError> {
        let to = people::all(self.call.schema, self.need("to")?)?;
        if to.is_empty() {
            return refuse(format!("`{}` reaches nobody: `to` has no members", self.call.request.action));
        }
        let text = self.need_text("text")?;
        let mut sheet = self.sheet("sender")?;
        sheet.set(&"to".into(), refs(to));
        sheet.set(&"text".into(), Value::Text(text));
        Ok(sheet)
    }

    /// What all of them have: from whom, when, about what.
    pub(super) fn sheet(&self, sender: &str) -> Result<Record, EffectError> {
        let mut sheet = Record::default();
        sheet.set(&"from".into(), self.actor(sender)?.map_or(Value::Missing, Value::Ref));
        sheet.set(&"at".into(), Value::DateTime(self.call.now));
        sheet.set(&"about".into(), self.call.record.cloned().map_or(Value::Missing, Value::Ref));
        Ok(sheet)
    }

    fn give_type(&self, record: &mut Record) {
        let given = self.arg("type").cloned();
        record.set(&Name::from("type"), given.unwrap_or_else(|| Value::text("general")));
    }

    /// The files of an argument, in one list.
    pub(super) fn files(&self, name: &str) -> Value {
        fn collect(value: &Value, into: &mut Vec<Value>) {
            match value {
                Value::List(items) => items.iter().for_each(|item| collect(item, into)),
                Value::Missing => {}
                file => into.push(file.clone()),
            }
        }
        let mut files = Vec::new();
        collect(&self.given(name), &mut files);
        if files.is_empty() { Value::Missing } else { Value::list(files) }
    }

    /// Keeps a record of an entity that is told by an event of its own, so that nothing is set off by its being there.
    pub(super) fn keep_entity(
        &mut self,
        kind: &str,
        mut record: Record,
        about: Option<&Ref>,
        by: Option<&Ref>,
    ) -> Result<Done, EffectError> {
        let entity = self.entity(kind)?;
        if let Some(about) = about {
            super::link(self.store, self.call.schema, entity, &mut record, about)?;
        }
        let by = match by {
            Some(by) => Some(by.clone()),
            None => self.actor("by")?,
        };
        let of = self.new_id(kind)?;
        super::records::fill(self.call.schema, &of, &mut record, self.call.now, by.as_ref().map(|by| &by.id));
        record.set(&"updated_at".into(), Value::DateTime(self.call.now));
        self.store.put_record(&of, Arc::new(record))?;
        Ok(Done { value: Value::Ref(of), ..Done::default() })
    }

    /// Keeps a record of what was done. It is found by the record that it belongs to.
    pub(super) fn keep(&mut self, kind: &str, record: Record) -> Result<Done, EffectError> {
        let of = self.new_id(kind)?;
        self.store.add_record(&of, Arc::new(record), &["record"])?;
        Ok(Done::default())
    }
}

pub(super) fn refs(people: Vec<Ref>) -> Value {
    Value::list(people.into_iter().map(Value::Ref).collect())
}
