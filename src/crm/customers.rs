//! Customers: their addresses, the list of exceptions, audiences.

use super::{Desk, kind, link_of, refuse};
use crate::engine::{Done, EffectError, Record, Store, Stored};
use crate::value::{Name, Ref, Value};
use std::sync::Arc;

/// The texts of a field with several values.
pub(super) fn texts(record: &Record, field: &str) -> Vec<Name> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    match record.get(field) {
        Value::List(items) => items.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// How an address or a phone stands on the list of exceptions, however it is written.
fn plain(text: &str) -> String {
    if text.contains('@') { text.trim().to_lowercase() } else { text.chars().filter(char::is_ascii_digit).collect() }
}

fn exception(what: &str) -> Ref {
    Ref::new(kind::EXCEPTION, what)
}

/// Whether an event comes from somebody on the list: a record that it is attached to, the customer of that, or the address
/// that it comes from.
pub(super) fn is_excluded(store: &dyn Store, attached: &[&Ref], fields: &[(Name, Value)]) -> Stored<bool> {
    let is_there = |what: &str| store.record(&exception(what)).map(|found| found.is_some());
    for of in attached {
        if is_there(&of.to_string())? {
            return Ok(true);
        }
        let Some(record) = store.record(of)? else { continue };
        for customer in ["contact", "company", "lead"].iter().filter_map(|field| link_of(&record, field)) {
            if is_there(&customer.to_string())? {
                return Ok(true);
            }
        }
    }
    for (_, value) in fields.iter().filter(|(name, _)| matches!(&**name, "from" | "to")) {
        if let Value::Text(address) = value
            && !plain(address).is_empty()
            && is_there(&plain(address))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Desk<'_> {
    /// Puts a customer, and all addresses and phones of theirs, on the list of exceptions.
    pub(super) fn exclude(&mut self) -> Result<Done, EffectError> {
        let (client, record) = self.need_record("client")?;
        let mut entry = self.sheet("by")?;
        entry.set(&"client".into(), Value::Ref(client.clone()));
        let addresses = ["emails", "phones"].iter().flat_map(|field| texts(&record, field)).map(|text| plain(&text));
        for what in std::iter::once(client.to_string()).chain(addresses).filter(|what| !what.is_empty()) {
            self.store.put_record(&exception(&what), Arc::new(entry.clone()))?;
        }
        Ok(Done::default())
    }

    /// Puts a customer into an audience, or takes them out. The record says what the network has to get.
    pub(super) fn audience(&mut self, add: bool) -> Result<Done, EffectError> {
        let (client, record) = self.need_record("client")?;
        let (audience, network) = (self.need_text("audience")?, self.need_text("network")?);
        let [emails, phones] = ["emails", "phones"].map(|field| texts(&record, field));
        if add && emails.is_empty() && phones.is_empty() {
            return refuse(format!("{client} has neither an e-mail address nor a phone: the audience cannot know it"));
        }
        let of = Ref::new(kind::AUDIENCE_MEMBER, &format!("{network} {audience} {client}"));
        if !add {
            self.store.remove_record(&of)?;
            return Ok(Done::default());
        }
        let list = |texts: Vec<Name>| Value::list(texts.into_iter().map(Value::Text).collect());
        let mut member = self.sheet("by")?;
        member.set(&"audience".into(), Value::Text(audience));
        member.set(&"network".into(), Value::Text(network));
        member.set(&"client".into(), Value::Ref(client));
        member.set(&"emails".into(), list(emails));
        member.set(&"phones".into(), list(phones));
        self.store.put_record(&of, Arc::new(member))?;
        Ok(Done::default())
    }
}
