//! When something may go to a customer: quiet hours for SMS, and caps on how much one gets.

use super::Desk;
use super::reading::linking;
use crate::engine::{EffectError, Record};
use crate::schema::{Cap, CapTime, Capped, Schema};
use crate::value::{Moment, Ref, Value};
use chrono::{Datelike, Days, NaiveTime, Timelike};

/// Whether something may go out.
pub(super) enum Verdict {
    /// At once.
    Now,
    /// From this moment on.
    At(Moment),
    /// Not at all, because of this cap.
    Never(Cap),
}

/// How many of an entity a customer may have had at most is asked of so many records, the newest last.
const ENOUGH: u32 = 100_000;

impl Desk<'_> {
    /// Whether an SMS or an e-mail may go to somebody. Caps are for customers.
    pub(super) fn may_send(&self, of: Capped, who: Option<&Ref>) -> Result<Verdict, EffectError> {
        let schema = self.call.schema;
        if let Some(client) = who.filter(|who| &*who.kind != "user") {
            for cap in schema.caps.iter().filter(|cap| cap.of == of) {
                if self.had(*cap, client)? >= cap.most {
                    return Ok(Verdict::Never(*cap));
                }
            }
        }
        let quiet = schema.quiet_hours.filter(|_| of == Capped::Sms);
        Ok(match quiet.and_then(|quiet| end_of_quiet(schema, quiet, self.call.now)) {
            Some(at) => Verdict::At(at),
            None => Verdict::Now,
        })
    }

    /// How many a customer got in the time of a cap.
    fn had(&self, cap: Cap, client: &Ref) -> Result<u32, EffectError> {
        let since = begin(self.call.schema, cap.per, self.call.now);
        let mut had = 0;
        let counts = |record: &Record| {
            let when = matches!(record.get("created_at"), Value::DateTime(at) if *at >= since);
            when && *record.get("direction") == Value::text("Outgoing")
                && *record.get("delivery") != Value::text("Held back")
        };
        linking(self.store, cap.of.entity(), &client.kind, client, &mut |_, record| {
            had += u32::from(counts(record));
            had < cap.most.min(ENOUGH)
        })?;
        Ok(had)
    }
}

/// When the quiet hours end in which a moment lies.
fn end_of_quiet(schema: &Schema, (from, to): (NaiveTime, NaiveTime), now: Moment) -> Option<Moment> {
    let local = schema.calendar.local(now);
    let (day, time) = (local.date(), local.time());
    if from < to {
        return (from <= time && time < to).then(|| schema.calendar.at(day, to));
    }
    if time < to {
        return Some(schema.calendar.at(day, to));
    }
    let next = day.checked_add_days(Days::new(1))?;
    (time >= from).then(|| schema.calendar.at(next, to))
}

/// When the hour, day, week or month began.
fn begin(schema: &Schema, time: CapTime, now: Moment) -> Moment {
    let local = schema.calendar.local(now);
    let day = local.date();
    match time {
        CapTime::Hour => NaiveTime::from_hms_opt(local.hour(), 0, 0).map_or(now, |hour| schema.calendar.at(day, hour)),
        CapTime::Day => schema.calendar.midnight(day),
        CapTime::Week => {
            let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())));
            schema.calendar.midnight(monday.unwrap_or(day))
        }
        CapTime::Month => schema.calendar.midnight(day.with_day(1).unwrap_or(day)),
    }
}
