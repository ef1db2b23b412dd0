//! What goes out: SMS, e-mails, documents, calls of webhooks. Each is a record that says what is to be sent; those who
//! carry it out find everything in it.

use super::caps::Verdict;
use super::customers::texts;
use super::{Desk, kind, refuse};
use crate::catalog::{self, Env};
use crate::engine::{Done, EffectError, Errand, Record, look};
use crate::schema::Capped;
use crate::value::{Fields, Name, Ref, Value};
use std::sync::Arc;

/// Who gets something.
struct Receiver {
    /// The address or phone.
    address: Name,
    /// The customer or employee.
    who: Option<Ref>,
}

impl Receiver {
    fn is_employee(&self) -> bool {
        self.who.as_ref().is_some_and(|who| &*who.kind == "user")
    }
}

impl Desk<'_> {
    pub(super) fn sms(&mut self) -> Result<Done, EffectError> {
        let text = self.need_text("text")?;
        let receiver = self.receiver("phones", "a phone")?;
        let provider = self.need_text("provider")?;
        let from = self.call.schema.providers.get(&provider).and_then(|provider| provider.from.clone());
        let mut sms = Record::default();
        sms.set(&"text".into(), Value::Text(text));
        sms.set(&"to".into(), Value::Text(receiver.address.clone()));
        sms.set(&"from".into(), from.map_or(Value::Missing, |from| Value::text(&from)));
        sms.set(&"provider".into(), Value::Text(provider));
        self.send("sms", sms, &receiver, Capped::Sms)
    }

    pub(super) fn email(&mut self) -> Result<Done, EffectError> {
        let (subject, text) = (self.need_text("subject")?, self.need_text("text")?);
        let receiver = self.receiver("emails", "an e-mail address")?;
        let mut email = Record::default();
        let (sender, from) = self.sender()?;
        email.set(&"subject".into(), Value::Text(subject));
        email.set(&"text".into(), Value::Text(text));
        email.set(&"to".into(), Value::list(vec![Value::Text(receiver.address.clone())]));
        email.set(&"sender".into(), sender);
        email.set(&"from".into(), from);
        email.set(&"format".into(), self.given("format"));
        email.set(&"attachments".into(), self.files("attach"));
        email.set(&"track_clicks".into(), Value::Bool(self.flag("track_clicks")));
        email.set(&"timeline".into(), Value::Bool(!receiver.is_employee()));
        self.send("email", email, &receiver, Capped::Email)
    }

    /// Keeps what is sent, with when it may go out, or why it does not.
    fn send(&mut self, kind: &str, mut record: Record, receiver: &Receiver, of: Capped) -> Result<Done, EffectError> {
        let verdict = self.may_send(of, receiver.who.as_ref())?;
        let (delivery, note) = match verdict {
            Verdict::Now => ("Queued", None),
            Verdict::At(at) => {
                record.set(&"not_before".into(), Value::DateTime(at));
                ("Queued", Some(format!("waits until {}: quiet hours", self.call.schema.calendar.say(at))))
            }
            Verdict::Never(cap) => ("Held back", Some(format!("not sent: {cap}"))),
        };
        record.set(&"delivery".into(), Value::text(delivery));
        record.set(&"note".into(), note.map_or(Value::Missing, |note| Value::text(&note)));
        record.set(&"direction".into(), Value::text("Outgoing"));
        let about = match &receiver.who {
            Some(who) if receiver.is_employee() => {
                record.set(&"employee".into(), Value::Ref(who.clone()));
                self.call.record.cloned()
            }
            Some(who) => {
                if self.call.schema.entity(kind).is_some_and(|entity| entity.field(&who.kind).is_some()) {
                    record.set(&who.kind, Value::Ref(who.clone()));
                }
                self.call.record.cloned()
            }
            None => self.call.record.cloned(),
        };
        self.keep_entity(kind, record, about.as_ref(), None)
    }

    /// The address that is meant: of a customer the one of the kind that is asked for, else the first.
    fn receiver(&self, field: &str, what: &str) -> Result<Receiver, EffectError> {
        match self.need("to")? {
            Value::Text(address) => Ok(Receiver { address: address.clone(), who: None }),
            Value::Ref(of) if &*of.kind == "user" => {
                let Some(user) = self.call.schema.users.get(&of.id) else {
                    return refuse(format!("there is no user `{}` in the workspace", of.id));
                };
                let address = if field == "phones" { &user.phone } else { &user.email };
                match address {
                    Some(address) => Ok(Receiver { address: address.as_str().into(), who: Some(of.clone()) }),
                    None => refuse(format!(
                        "{} has no {}",
                        user.name,
                        what.trim_start_matches("a ").trim_start_matches("an ")
                    )),
                }
            }
            Value::Ref(_) => {
                let (of, record) = self.need_record("to")?;
                let all = texts(&record, field);
                let kinds = texts(&record, &format!("{field}{}", crate::schema::KINDS_SUFFIX));
                let wanted = self.arg("address");
                let kind_of = |at: usize| kinds.get(at).map_or("work", |kind| &**kind);
                let chosen = match wanted {
                    Some(Value::Text(wanted)) => {
                        all.iter().enumerate().find(|(at, _)| kind_of(*at) == &**wanted).map(|(_, a)| a)
                    }
                    _ => all.first(),
                };
                match (chosen, wanted) {
                    (Some(address), _) => Ok(Receiver { address: address.clone(), who: Some(of) }),
                    (None, Some(Value::Text(wanted))) if !all.is_empty() => {
                        refuse(format!("{of} has no address of the kind `{wanted}`"))
                    }
                    (None, _) => refuse(format!("{of} does not have {what}")),
                }
            }
            other => refuse(format!("{other:?} has no address")),
        }
    }

    /// The sender's name and address: of crm.toml, or an employee's.
    fn sender(&self) -> Result<(Value, Value), EffectError> {
        if let Some(Value::Text(name)) = self.arg("sender") {
            return match self.call.schema.senders.get(name) {
                Some(sender) => Ok((Value::Text(name.clone()), Value::text(&sender.email))),
                None => refuse(format!("there is no sender `{name}` in crm.toml any more")),
            };
        }
        let Some(who) = self.actor("sender")? else { return Ok((Value::Missing, Value::Missing)) };
        let user = self.call.schema.users.get(&who.id);
        let name = user.map_or_else(|| Value::Text(who.id.clone()), |user| Value::text(&user.name));
        Ok((name, user.and_then(|user| user.email.as_deref()).map_or(Value::Missing, Value::text)))
    }

    /// A document of a template, with the template's next number.
    pub(super) fn document(&mut self) -> Result<Done, EffectError> {
        let template = self.need_text("template")?;
        let (of, record) = self.need_record("record")?;
        let sequence = Ref::new(kind::SEQUENCE, &template);
        let last = match self.store.record(&sequence)?.as_deref().map(|record| record.get("last").clone()) {
            Some(Value::Int(last)) => last,
            _ => 0,
        };
        let number = last.saturating_add(1);
        let mut next = Record::default();
        next.set(&"last".into(), Value::Int(number));
        self.store.put_record(&sequence, Arc::new(next))?;
        let format = self.given("format");
        let extension = match &format {
            Value::Text(format) => format.clone(),
            _ => "pdf".into(),
        };
        let title =
            self.entity(&of.kind)?.get(self.entity(&of.kind)?.title).map(|field| record.get(&field.name).clone());
        let title = match title {
            Some(Value::Text(title)) => format!("{template} {number}: {title}"),
            _ => format!("{template} {number}"),
        };
        let mut document = Record::default();
        document.set(&"title".into(), Value::text(&title));
        document.set(&"number".into(), Value::text(&number.to_string()));
        document.set(&"template".into(), Value::Text(template.clone()));
        document.set(&"format".into(), format);
        let file = format!("documents/{}-{number}.{extension}", file_name(&template));
        document.set(&"file".into(), Value::text(&file));
        let errand = self.document_errand(&template, &document, &of)?;
        let by = self.actor("by")?;
        let mut done = self.make("document", document, Some(&of), by.as_ref())?;
        done.errands.extend(errand);
        Ok(done)
    }

    /// What whoever fills the template has to know; nothing where crm.toml names no file for it.
    fn document_errand(&self, template: &str, document: &Record, of: &Ref) -> Result<Option<Errand>, EffectError> {
        let declared = self.call.schema.templates.get(template);
        let Some((file, declared)) = declared.and_then(|known| Some((known.file.as_deref()?, known))) else {
            return Ok(None);
        };
        let schema = self.call.schema;
        let env = Env { now: self.call.now, schema, seed: 0 };
        let mut values = Fields::new();
        for path in &declared.placeholders {
            let mut at = Value::Ref(of.clone());
            for field in path.split('.') {
                at = match &at {
                    Value::Ref(of) => look::field(schema, self.store, of, field)?,
                    _ => Value::Missing,
                };
            }
            if at != Value::Missing {
                values.insert(Name::from(path.as_str()), Value::text(&catalog::human(&at, &env)));
            }
        }
        for field in ["title", "number"] {
            values.insert(format!("document.{field}").into(), document.get(field).clone());
        }
        let today = Value::Date(schema.calendar.date_of(self.call.now));
        values.insert("document.date".into(), Value::text(&catalog::human(&today, &env)));
        let args = vec![
            (Name::from("template"), Value::text(file)),
            ("file".into(), document.get("file").clone()),
            ("format".into(), document.get("format").clone()),
            ("values".into(), Value::Record(Arc::new(values))),
        ];
        Ok(Some(Errand { channel: "document".into(), args, awaited: true, ..Errand::default() }))
    }

    /// A call of a webhook. Until it is made there is no answer.
    pub(super) fn webhook(&mut self) -> Result<Done, EffectError> {
        let webhook = self.need_text("webhook")?;
        let payload = self.call.request.args.iter().filter(|(name, _)| &**name != "webhook");
        let payload: Fields = payload.cloned().collect();
        let mut sheet = self.sheet("by")?;
        sheet.set(&"webhook".into(), Value::Text(webhook));
        sheet.set(&"payload".into(), Value::Record(Arc::new(payload)));
        self.keep(kind::WEBHOOK_CALL, sheet)?;
        Ok(Done { value: Value::Record(Arc::default()), ..Done::default() })
    }
}

/// A name that every file system takes.
fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
