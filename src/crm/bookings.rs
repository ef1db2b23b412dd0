//! Bookings of resources and of people's time: no two at the same time, and released by their field.

use super::{Desk, kind, link_of, people, refuse, stage_of};
use crate::engine::change::is_closed;
use crate::engine::{Done, EffectError, Record};
use crate::schema::{StageKind, Type};
use crate::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

impl Desk<'_> {
    pub(super) fn book(&mut self) -> Result<Done, EffectError> {
        let (of, before) = self.need_record("record")?;
        let field = self.need_text("field")?;
        let from = self.need_moment("from")?;
        let to = match self.arg("length") {
            Some(Value::Period(length)) => self.call.schema.calendar.add(from, *length),
            _ => self.need_moment("to")?,
        };
        if to <= from {
            return refuse("the booking ends before it begins".to_owned());
        }
        let many = self.holds_many(&of.kind, &field)?;
        let mut bookings = refs_of(before.get(&field));
        if !many && self.open(&bookings)?.next().is_some() {
            return refuse(format!("`{field}` of {of} has an active booking: cancel it first with `cancel booking`"));
        }
        let (resource, employees) = self.what()?;
        let plans: Vec<Ref> =
            resource.iter().map(|name| plan("resource", name)).chain(employees.iter().map(plan_of)).collect();
        for plan in &plans {
            self.must_be_free(plan, from, to)?;
        }
        let mut booking = Record::default();
        let names = resource.iter().cloned().chain(employees.iter().map(|who| self.name_of(who)));
        booking.set(&"resource".into(), Value::text(&names.collect::<Vec<_>>().join(", ")));
        booking.set(&"start".into(), Value::DateTime(from));
        booking.set(&"end".into(), Value::DateTime(to));
        if !employees.is_empty() {
            booking.set(&"employees".into(), super::messages::refs(employees));
        }
        booking.set(&"field".into(), Value::Text(field.clone()));
        let by = self.actor("by")?;
        let mut done = self.make("booking", booking, Some(&of), by.as_ref())?;
        let Value::Ref(booking) = &done.value else { return refuse("no booking was made".to_owned()) };
        let booking = booking.clone();
        for plan in &plans {
            self.plan_in(plan, &booking)?;
        }
        bookings.push(booking.clone());
        let mut after = (*before).clone();
        let list = || Value::list(bookings.into_iter().map(Value::Ref).collect());
        after.set(&field, if many { list() } else { Value::Ref(booking) });
        self.write(&of, Some(before), after, &mut done)?;
        Ok(done)
    }

    pub(super) fn cancel_booking(&mut self) -> Result<Done, EffectError> {
        let (of, before) = self.need_record("record")?;
        let field = self.need_text("field")?;
        let mut done = Done { by: self.actor("by")?.map(|by| by.id), ..Done::default() };
        let open: Vec<(Ref, Arc<Record>)> = self.open(&refs_of(before.get(&field)))?.collect();
        let entity = self.entity("booking")?;
        let (stage, cancelled) = (entity.stage_name().cloned(), stage_of(entity, None, StageKind::Failure));
        let (Some(stage), Some(cancelled)) = (stage, cancelled) else {
            return refuse("bookings have no stage for those that are cancelled".to_owned());
        };
        for (booking, record) in open {
            let mut after = (*record).clone();
            after.set(&stage, Value::Text(cancelled.clone()));
            self.write(&booking, Some(record), after, &mut done)?;
        }
        let mut after = (*before).clone();
        after.set(&field, Value::Missing);
        self.write(&of, Some(before), after, &mut done)?;
        Ok(done)
    }

    /// Whether the booking field of an entity holds several.
    fn holds_many(&self, kind: &str, field: &str) -> Result<bool, EffectError> {
        match self.entity(kind)?.field(field) {
            Some(field) => Ok(matches!(field.ty, Type::List(_))),
            None => refuse(format!("{kind} has no field `{field}` any more")),
        }
    }

    /// The resource and the employees that are booked.
    fn what(&self) -> Result<(Option<Name>, Vec<Ref>), EffectError> {
        let mut employees = match self.arg("employees") {
            Some(who) => people::all(self.call.schema, who)?,
            None => Vec::new(),
        };
        match self.need("resource")? {
            Value::Text(name) if self.call.schema.resources.contains_key(name) => Ok((Some(name.clone()), employees)),
            Value::Text(name) => refuse(format!("there is no resource `{name}` in crm.toml any more")),
            who => {
                let who = people::one(self.call.schema, who)?;
                employees.retain(|other| *other != who);
                employees.insert(0, who);
                Ok((None, employees))
            }
        }
    }

    fn name_of(&self, who: &Ref) -> Name {
        self.call.schema.users.get(&who.id).map_or_else(|| who.id.clone(), |user| user.name.as_str().into())
    }

    /// The bookings that are there and have not ended their way.
    fn open(&self, bookings: &[Ref]) -> Result<impl Iterator<Item = (Ref, Arc<Record>)> + use<>, EffectError> {
        let mut open = Vec::new();
        for of in bookings {
            if let Some(record) = self.store.record(of)?
                && !is_closed(self.call.schema, "booking", Some(&record))
            {
                open.push((of.clone(), record));
            }
        }
        Ok(open.into_iter())
    }

    /// Refuses when something of the plan lies in that time.
    fn must_be_free(&self, plan: &Ref, from: Moment, to: Moment) -> Result<(), EffectError> {
        let planned = self.store.record(plan)?.map(|record| refs_of(record.get("bookings"))).unwrap_or_default();
        for (_, booking) in self.open(&planned)? {
            let (Value::DateTime(start), Value::DateTime(end)) = (booking.get("start"), booking.get("end")) else {
                continue;
            };
            if *start < to && from < *end {
                let whose = link_of(&booking, "deal").or_else(|| link_of(&booking, "lead"));
                let whose = whose.map_or_else(String::new, |of| format!(" for {of}"));
                let calendar = &self.call.schema.calendar;
                let (start, end) = (calendar.say(*start), calendar.say(*end));
                return refuse(format!("{} is booked from {start} to {end}{whose}", plan.id));
            }
        }
        Ok(())
    }

    /// Notes a booking in a plan, and forgets those that are over.
    fn plan_in(&mut self, plan: &Ref, booking: &Ref) -> Result<(), EffectError> {
        let planned = self.store.record(plan)?.map(|record| refs_of(record.get("bookings"))).unwrap_or_default();
        let now = self.call.now;
        let still = self
            .open(&planned)?
            .filter(|(_, record)| !matches!(record.get("end"), Value::DateTime(end) if *end <= now));
        let mut still: Vec<Value> = still.map(|(of, _)| Value::Ref(of)).collect();
        still.push(Value::Ref(booking.clone()));
        let mut record = Record::default();
        record.set(&"bookings".into(), Value::list(still));
        self.store.put_record(plan, Arc::new(record))?;
        Ok(())
    }
}

/// The plan of a resource.
fn plan(what: &str, name: &str) -> Ref {
    Ref::new(kind::PLAN, &format!("{what} {name}"))
}

/// The plan of an employee.
fn plan_of(who: &Ref) -> Ref {
    plan("user", &who.id)
}

fn refs_of(value: &Value) -> Vec<Ref> {
    match value {
        Value::Ref(of) => vec![of.clone()],
        Value::List(items) => items.iter().flat_map(refs_of).collect(),
        _ => Vec::new(),
    }
}
