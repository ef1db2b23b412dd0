//! E-mails without a reply: one timer per rule and customer, armed by the mail, disarmed by an answer.
//!
//! A second mail begins the time anew; opening a mail a second time does not.

use super::activation::Activation;
use super::happening::{Happening, Named, What, link};
use super::store::{Due, Mail, Stored, TimerKey};
use crate::ir::Trigger;
use crate::value::Ref;

impl Activation<'_> {
    /// A mail went out, was opened, or was answered.
    pub(super) fn plan_silence(&mut self, happening: &Happening, named: &Named) -> Stored<()> {
        let opened = match &*named.name {
            "email sent" => false,
            "email opened" => true,
            "email received" => return self.end_silence(named),
            _ => return Ok(()),
        };
        for at in self.engine.index.unreplied().to_vec() {
            let Some(rule) = self.engine.rules.get(at).cloned() else { continue };
            let Trigger::Unreplied { opened: counts, after } = rule.program.trigger else { continue };
            if counts != opened || !rule.program.origins.contains(&happening.origin) {
                continue;
            }
            let Some(about) = named.attached().into_iter().next() else { continue };
            let to = self.customer_of(&about)?;
            if let Some(old) = self.store.date_timer(rule.no, &to)? {
                if opened {
                    continue;
                }
                self.store.remove_timer(old)?;
            }
            let key = self.next_timer_key(self.schema.calendar.add(self.now, after));
            let (fields, by, origin) = (named.fields.clone(), happening.by.clone(), happening.origin);
            let mail = Mail { rule: rule.no, to: to.clone(), about, fields, by, origin };
            self.store.put_timer(key, &Due::Unreplied(Box::new(mail)))?;
            self.store.set_date_timer(rule.no, &to, Some(key))?;
        }
        Ok(())
    }

    /// The customer wrote back.
    fn end_silence(&mut self, named: &Named) -> Stored<()> {
        let rules = self.engine.index.unreplied().to_vec();
        if rules.is_empty() {
            return Ok(());
        }
        let concerned = self.concerned(named)?;
        for at in rules {
            let Some(no) = self.engine.rules.get(at).map(|rule| rule.no) else { continue };
            for of in &concerned {
                if let Some(key) = self.store.date_timer(no, of)? {
                    self.store.remove_timer(key)?;
                    self.store.set_date_timer(no, of, None)?;
                }
            }
        }
        Ok(())
    }

    /// Who is to reply to a mail about this record: its contact, its company, or the record itself.
    fn customer_of(&self, about: &Ref) -> Stored<Ref> {
        let record = self.store.record(about)?;
        let found = record.iter().flat_map(|r| ["contact", "company"].map(|field| link(r.get(field)))).flatten().next();
        // The company of a contact is not who the mail was for.
        Ok(found.filter(|_| &*about.kind != "contact").unwrap_or_else(|| about.clone()))
    }

    /// Nobody has replied in time.
    pub(super) fn silence_came(&mut self, mail: Mail, key: TimerKey) -> Stored<()> {
        let Mail { rule: no, to, about, fields, by, origin } = mail;
        if self.store.date_timer(no, &to)? != Some(key) {
            return Ok(());
        }
        self.store.set_date_timer(no, &to, None)?;
        let Some(rule) = self.engine.rules.iter().find(|rule| rule.no == no).cloned() else { return Ok(()) };
        if !matches!(rule.program.trigger, Trigger::Unreplied { .. }) {
            return Ok(());
        }
        let named = Named { name: "email unreplied".into(), about: Some(about.clone()), fields, kept: None };
        let happening = Happening { what: What::Named(named), origin, by, depth: 0 };
        self.tell(None, Some(&about), None, happening.trace());
        let payload = happening.payload(&self.schema, &rule);
        self.set_off(&rule, Some(about), payload, happening.by())
    }
}
