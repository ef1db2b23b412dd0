//! What happens outside, as the CRM's records tell it.

use super::customers::texts;
use super::{Desk, kind, link_of, owner};
use crate::catalog::ActionOp;
use crate::engine::change::UPDATED_AT;
use crate::engine::{Attempt, Change, Done, EffectError, Errand, Record, Store, Stored};
use crate::value::{Fields, Moment, Name, Ref, Value};
use std::sync::Arc;

/// What a record says of its way outside.
const DELIVERY: &str = "delivery";

/// The channels of what is planned.
const CALENDAR: &str = "calendar";
const INVITATION: &str = "invitation";

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

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

    /// What is planned goes to calendars, and to those who take part. No run waits for it.
    pub(super) fn plan_outside(&self, op: ActionOp, done: &mut Done) -> Result<(), EffectError> {
        if op == ActionOp::CancelBooking {
            done.errands.extend(done.changes.iter().filter_map(taken_off));
            return Ok(());
        }
        if !matches!(op, ActionOp::ScheduleCall | ActionOp::ScheduleMeeting | ActionOp::Book) {
            return Ok(());
        }
        let Value::Ref(of) = &done.value else { return Ok(()) };
        let Some(record) = self.store.record(of)? else { return Ok(()) };
        let Value::DateTime(start) = *record.get("start") else { return Ok(()) };
        let title = match (record.get("subject"), record.get("resource")) {
            (Value::Missing, resource) => resource.clone(),
            (subject, _) => subject.clone(),
        };
        let place = match record.get("location") {
            Value::Missing => record.get("resource").clone(),
            place => place.clone(),
        };
        let remind = match record.get("remind") {
            Value::Period(before) => Value::Int((start.0 - self.call.schema.calendar.sub(start, *before).0) / MINUTE),
            _ => Value::Missing,
        };
        let guests = self.guests(&record)?;
        let organizer = owner(&record).and_then(|who| self.address_of(&who));
        let mut args = vec![
            (Name::from("title"), title.clone()),
            ("start".into(), record.get("start").clone()),
            ("end".into(), record.get("end").clone()),
            ("location".into(), place),
            ("description".into(), record.get("description").clone()),
            ("remind".into(), remind),
            ("organizer".into(), organizer.clone().unwrap_or_default()),
            ("attendees".into(), Value::list(guests.clone())),
        ];
        let about = (&*of.kind == "booking").then(|| of.clone());
        done.errands.push(Errand { channel: CALENDAR.into(), args: args.clone(), about, ..Errand::default() });
        if !guests.is_empty() {
            args.extend([
                (Name::from("to"), Value::list(guests)),
                ("from".into(), organizer.unwrap_or_default()),
                ("subject".into(), title),
                ("text".into(), record.get("description").clone()),
            ]);
            done.errands.push(Errand { channel: INVITATION.into(), args, ..Errand::default() });
        }
        Ok(())
    }

    /// The addresses of those who take part: the customer, and employees.
    fn guests(&self, record: &Record) -> Result<Vec<Value>, EffectError> {
        let mut found = Vec::new();
        for kind in ["contact", "lead", "company"] {
            let Some(of) = link_of(record, kind) else { continue };
            let customer = self.store.record(&of)?;
            if let Some(address) = customer.and_then(|customer| texts(&customer, "emails").into_iter().next()) {
                found.push(Value::Text(address));
                break;
            }
        }
        if let Value::List(employees) = record.get("employees") {
            let people = employees.iter().filter_map(|who| match who {
                Value::Ref(who) => self.address_of(who),
                _ => None,
            });
            found.extend(people);
        }
        Ok(found)
    }

    fn address_of(&self, who: &Ref) -> Option<Value> {
        self.call.schema.users.get(&who.id)?.email.as_deref().map(Value::text)
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

/// Takes a booking that was cancelled off the calendar, if it is there.
fn taken_off(change: &Change) -> Option<Errand> {
    let id = change.after.as_ref().filter(|_| &*change.of.kind == "booking")?.get("calendar_id");
    let args = vec![(Name::from("remove"), id.clone())];
    (*id != Value::Missing).then(|| Errand { channel: CALENDAR.into(), args, ..Errand::default() })
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
