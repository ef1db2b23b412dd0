//! What happens outside, as the CRM's records tell it.

use super::planned::CALENDAR;
use super::{Desk, kind};
use crate::catalog::ActionOp;
use crate::engine::change::UPDATED_AT;
use crate::engine::{Attempt, Change, Done, EffectError, Errand, Record, Store, Stored};
use crate::value::{Fields, Moment, Name, Value};
use std::sync::Arc;

/// What a record says of its way outside.
const DELIVERY: &str = "delivery";

/// The channel of messages that chat services show as well.
const CHAT: &str = "chat";

impl Desk<'_> {
    /// What people are told inside is shown in chat services too, where there are some. No run waits for it.
    pub(super) fn mirror(&self, op: ActionOp, done: &mut Done) -> Result<(), EffectError> {
        if !matches!(op, ActionOp::NotifyChat | ActionOp::Notify | ActionOp::Message | ActionOp::Post) {
            return Ok(());
        }
        let given = |name: &str| self.call.request.arg(name).cloned().unwrap_or_default();
        let sender = self.actor("sender")?;
        let sender = sender.and_then(|who| self.call.schema.users.get(&who.id)).map(|user| Value::text(&user.name));
        let args = vec![
            (Name::from("chat"), self.chat_name()?),
            ("subject".into(), given("subject")),
            ("from".into(), sender.unwrap_or_default()),
            ("text".into(), given("text")),
            ("type".into(), given("type")),
        ];
        let errand = Errand { channel: CHAT.into(), args, about: None, awaited: false, not_before: None };
        done.errands.push(errand);
        Ok(())
    }

    /// What leaves the machine: mails and messages that are queued, and calls of webhooks. The run waits for them.
    pub(super) fn hand_out(&self, op: ActionOp, done: &mut Done) -> Result<(), EffectError> {
        if op == ActionOp::Webhook {
            done.errands.push(self.webhook_errand());
        }
        let channel = if op == ActionOp::Email { "email" } else { "sms" };
        if !matches!(op, ActionOp::Email | ActionOp::Sms) {
            return Ok(());
        }
        let Value::Ref(of) = &done.value else { return Ok(()) };
        let Some(record) = self.store.record(of)? else { return Ok(()) };
        if *record.get(DELIVERY) != Value::text("Queued") {
            return Ok(());
        }
        let not_before = match record.get("not_before") {
            Value::DateTime(at) => Some(*at),
            _ => None,
        };
        let args = record.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        done.errands.push(Errand { channel: channel.into(), args, about: Some(of.clone()), awaited: true, not_before });
        Ok(())
    }

    fn webhook_errand(&self) -> Errand {
        let args = &self.call.request.args;
        let payload = args.iter().filter(|(name, _)| &**name != "webhook").cloned().collect::<Fields>();
        let name = (Name::from("name"), self.call.request.arg("webhook").cloned().unwrap_or_default());
        let args = vec![name, ("payload".into(), Value::Record(Arc::new(payload)))];
        Errand { channel: "webhook".into(), args, awaited: true, ..Errand::default() }
    }

    /// The name of the chat that is written to, if one is.
    fn chat_name(&self) -> Result<Value, EffectError> {
        Ok(match self.call.request.arg("chat") {
            Some(Value::Ref(of)) if &*of.kind == kind::CHAT && !self.call.schema.chats.contains_key(&of.id) => {
                self.store.record(of)?.map_or(Value::Missing, |chat| chat.get("name").clone())
            }
            Some(Value::Ref(of)) => Value::Text(of.id.clone()),
            other => other.cloned().unwrap_or_default(),
        })
    }
}

/// Notes in the errand's record what became of it: `delivery`, `sent_at`, `note`, and what the receiver gave. An attempt that is made again changes nothing.
pub(super) fn settle(store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
    let Some(of) = &errand.about else { return Ok(None) };
    let Some(before) = store.record(of)? else { return Ok(None) };
    let mut after = (*before).clone();
    // An entry of a calendar is not delivered to anybody.
    let delivers = !errand.channel.starts_with(CALENDAR);
    let note = |after: &mut Record, delivery: &str, why: Value| {
        if delivers {
            after.set(&DELIVERY.into(), Value::text(delivery));
            after.set(&"note".into(), why);
        }
    };
    match attempt {
        Attempt::Done { value: _, fields } => {
            note(&mut after, "Sent", Value::Missing);
            if delivers {
                after.set(&"sent_at".into(), Value::DateTime(now));
            }
            for (name, value) in fields {
                after.set(name, value.clone());
            }
        }
        Attempt::Passing { why, .. } | Attempt::Permanent { why } => {
            note(&mut after, "Failed", Value::Text(why.clone()));
        }
    }
    if *before == after {
        return Ok(None);
    }
    after.set(&UPDATED_AT.into(), Value::DateTime(now));
    let after = Arc::new(after);
    store.put_record(of, after.clone())?;
    Ok(Change::between(of.clone(), Some(before), Some(after)))
}
