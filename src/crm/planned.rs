//! What is planned goes to calendars, and to those who take part: when it is made, when its time or place changes, and
//! when it is called off.

use super::customers::texts;
use super::{Desk, kind, link_of, owner};
use crate::catalog::ActionOp;
use crate::engine::change::{is_closed, stage_kind};
use crate::engine::{Change, Done, EffectError, Errand, Record, RunId};
use crate::schema::StageKind;
use crate::value::{Name, Ref, Value};
use std::sync::Arc;

/// The channels of what is planned.
pub(super) const CALENDAR: &str = "calendar";
const INVITATION: &str = "invitation";

/// What is planned, and what of it others are told when it changes.
const PLANNED: &[&str] = &["call", "appointment", "booking"];
const TOLD: &[&str] = &["subject", "start", "end", "location", "resource"];

/// A stage of failure that calls nothing off: it took place, without one of them.
const MISSED: &str = "Missed";

/// Where it is kept which run told others last.
const TOLD_BY: &str = "told_by";

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// Why others are told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Planned,
    Moved,
    CalledOff,
}

impl Desk<'_> {
    /// Tells calendars and those who take part. No run waits for it.
    pub(super) fn plan_outside(&mut self, op: ActionOp, done: &mut Done) -> Result<(), EffectError> {
        let planned = matches!(op, ActionOp::ScheduleCall | ActionOp::ScheduleMeeting | ActionOp::Book);
        if let Value::Ref(of) = &done.value
            && planned
            && let Some(record) = self.store.record(of)?
        {
            let uid = format!("{}-{}-0-{:x}", self.call.run, self.call.request.seq, self.call.now.0);
            let guests = self.guests(&record)?;
            let of = of.clone();
            self.tell(&of, &record, News::Planned, Known { uid: Value::text(&uid), sequence: 0, guests }, done)?;
        }
        let is_planned = |change: &&Change| change.before.is_some() && PLANNED.contains(&&*change.of.kind);
        let changes: Vec<Change> = done.changes.iter().filter(is_planned).cloned().collect();
        for change in &changes {
            let Some((record, news)) = self.news(change) else { continue };
            let Some(known) = self.store.record(&known_as(&change.of))? else { continue };
            let Value::Int(sequence) = *known.get("sequence") else { continue };
            let guests = if let Value::List(guests) = known.get("guests") { guests.to_vec() } else { Vec::new() };
            let known = Known { uid: known.get("uid").clone(), sequence: sequence.saturating_add(1), guests };
            self.tell(&change.of, &record, news, known, done)?;
        }
        Ok(())
    }

    /// What others have to know of a change, with the record as they are told of it.
    fn news(&self, change: &Change) -> Option<(Arc<Record>, News)> {
        let off = |record: Option<&Arc<Record>>| {
            record.is_none_or(|record| {
                let entity = self.call.schema.entity(&change.of.kind);
                let stage = entity.and_then(|e| e.stage_name()).map(|field| record.get(field));
                entity.and_then(|e| stage_kind(e, record)) == Some(StageKind::Failure)
                    && stage != Some(&Value::text(MISSED))
            })
        };
        let (was_off, is_off) = (off(change.before.as_ref()), off(change.after.as_ref()));
        let record = change.after.as_ref().or(change.before.as_ref())?;
        // What is over is nobody's news.
        if matches!(record.get("end"), Value::DateTime(end) if *end <= self.call.now) {
            return None;
        }
        let open = !is_closed(self.call.schema, &change.of.kind, change.after.as_deref());
        let moved = TOLD.iter().any(|field| change.touches(field));
        match (was_off, is_off) {
            (false, true) => Some((record.clone(), News::CalledOff)),
            (true, false) if open => Some((record.clone(), News::Moved)),
            (false, false) if open && moved => Some((record.clone(), News::Moved)),
            (true | false, true | false) => None,
        }
    }

    /// Hands it out, and notes what others know.
    fn tell(
        &mut self,
        of: &Ref,
        record: &Record,
        news: News,
        known: Known,
        done: &mut Done,
    ) -> Result<(), EffectError> {
        let Some(mut args) = self.entry(record, &known) else { return Ok(()) };
        let calendar = match news {
            News::Planned => args.clone(),
            News::Moved => args.iter().cloned().chain([("replace".into(), Value::Bool(true))]).collect(),
            News::CalledOff => vec![("remove".into(), known.uid.clone())],
        };
        let mut about = (&*of.kind == "booking" && news == News::Planned).then(|| of.clone());
        if let Some(before) = self.store.record(&known_as(of))? {
            about = about.or(self.withdraw(&before)?);
        }
        done.errands.push(Errand { channel: CALENDAR.into(), args: calendar, about, ..Errand::default() });
        if !known.guests.is_empty() {
            let title = args.iter().find(|(name, _)| &**name == "title").map_or(Value::Missing, |(_, v)| v.clone());
            let (method, subject) = match news {
                News::Planned => ("REQUEST", title),
                News::Moved => ("REQUEST", prefixed("Changed", &title)),
                News::CalledOff => ("CANCEL", prefixed("Cancelled", &title)),
            };
            args.extend([
                (Name::from("to"), Value::list(known.guests.clone())),
                ("from".into(), self.organizer(record)),
                ("subject".into(), subject),
                ("text".into(), record.get("description").clone()),
                ("method".into(), Value::text(method)),
            ]);
            done.errands.push(Errand { channel: INVITATION.into(), args, ..Errand::default() });
        }
        let mut told = Record::default();
        told.set(&"uid".into(), known.uid);
        told.set(&"sequence".into(), Value::Int(known.sequence));
        told.set(&"guests".into(), Value::list(known.guests));
        told.set(&TOLD_BY.into(), Value::Int(self.call.run.0.cast_signed()));
        self.store.put_record(&known_as(of), Arc::new(told))?;
        Ok(())
    }

    /// Withdraws what the calendar has not heard yet of an entry: the next news says all of it, and heard later the old news
    /// would undo the new. Gives the record that was to be told what became of it.
    fn withdraw(&mut self, before: &Record) -> Result<Option<Ref>, EffectError> {
        let Value::Int(run) = *before.get(TOLD_BY) else { return Ok(None) };
        let uid = before.get("uid");
        let mut about = None;
        for (key, row) in self.store.errands_of(RunId(run.cast_unsigned()))? {
            let is_calendar = row.errand.channel.split('/').next() == Some(CALENDAR);
            if is_calendar && [row.errand.arg("uid"), row.errand.arg("remove")].contains(&Some(uid)) {
                self.store.remove_errand(key)?;
                about = about.or(row.errand.about);
            }
        }
        Ok(about)
    }

    /// The entry of a calendar; nothing for what has no beginning.
    fn entry(&self, record: &Record, known: &Known) -> Option<Vec<(Name, Value)>> {
        let Value::DateTime(start) = *record.get("start") else { return None };
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
        Some(vec![
            (Name::from("uid"), known.uid.clone()),
            ("sequence".into(), Value::Int(known.sequence)),
            ("title".into(), title),
            ("start".into(), record.get("start").clone()),
            ("end".into(), record.get("end").clone()),
            ("location".into(), place),
            ("description".into(), record.get("description").clone()),
            ("remind".into(), remind),
            ("organizer".into(), self.organizer(record)),
            ("attendees".into(), Value::list(known.guests.clone())),
        ])
    }

    fn organizer(&self, record: &Record) -> Value {
        owner(record).and_then(|who| self.address_of(&who)).unwrap_or_default()
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
}

/// What calendars and guests know something planned by.
struct Known {
    /// Its name, the same for ever.
    uid: Value,
    /// How often it has changed since: the news with the larger number counts, whichever comes first.
    sequence: i64,
    /// The addresses of those who were invited.
    guests: Vec<Value>,
}

/// Where it is kept what others know of a record.
fn known_as(of: &Ref) -> Ref {
    Ref::new(kind::INVITED, &of.to_string())
}

fn prefixed(what: &str, title: &Value) -> Value {
    match title {
        Value::Text(title) => Value::text(&format!("{what}: {title}")),
        _ => Value::text(what),
    }
}
