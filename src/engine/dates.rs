//! Date triggers: one timer per rule and record, set when the record's date is known.
//!
//! A moment that has passed when the date becomes known does not fire; one at this very moment does. A trigger that comes
//! monthly or yearly counts from the date itself, so the 31st is the last day of shorter months and the 31st again after.

use super::activation::{Activation, Queued};
use super::change::Change;
use super::crm::Overdue;
use super::history::Occasion;
use super::rules::Rule;
use super::start::By;
use super::store::{Due, Record, RuleNo, Stored, TimerKey};
use super::trace::TraceKind;
use crate::catalog;
use crate::ir::{Origin, Repeat, Trigger};
use crate::schema::Calendar;
use crate::value::{Fields, Moment, Period, Ref, Value};
use std::sync::Arc;

/// How many repetitions are looked at: four centuries of months.
const REPETITIONS: i32 = 4_800;

/// Stands for the workspace itself, whose records are overdue whatever the rules say. No rule gets this number.
const OVERDUE: RuleNo = RuleNo(u32::MAX);

impl Activation<'_> {
    /// A record changed: its dates may have.
    pub(super) fn plan_dates(&mut self, change: &Change, depth: u32) -> Stored<()> {
        for at in self.engine.index.dates(&change.of.kind).to_vec() {
            let Some(rule) = self.engine.rules.get(at).cloned() else { continue };
            let Trigger::Date { field, .. } = &rule.program.trigger else { continue };
            if change.touches(field) {
                self.plan_date(&rule, &change.of, change.after.as_deref(), Bound::From(self.now))?;
                self.comes_at_once(rule.no, &change.of, depth)?;
            }
        }
        match self.engine.crm.due(&self.schema, change) {
            Overdue::AsBefore => Ok(()),
            Overdue::At(at) if at >= self.now => {
                self.set_date(OVERDUE, &change.of, Some(at))?;
                self.comes_at_once(OVERDUE, &change.of, depth)
            }
            Overdue::At(_) | Overdue::Never => self.set_date(OVERDUE, &change.of, None),
        }
    }

    /// A date that a rule sets to this very moment is no matter of time: what follows is one link more in the chain of rules
    /// that set one another off, which has an end.
    fn comes_at_once(&mut self, no: RuleNo, of: &Ref, depth: u32) -> Stored<()> {
        if depth > 0
            && let Some(key) = self.store.date_timer(no, of)?.filter(|key| key.at == self.now)
        {
            self.queue.push_back(Queued::Came(no, of.clone(), key, depth));
        }
        Ok(())
    }

    /// Serves such a date, unless it was changed meanwhile.
    pub(super) fn came_at_once(&mut self, no: RuleNo, of: &Ref, key: TimerKey, depth: u32) -> Stored<()> {
        if self.store.date_timer(no, of)? == Some(key) {
            self.store.remove_timer(key)?;
        }
        self.date_came(no, of, key, depth)
    }

    /// Sets, moves or removes the timer of one rule for one record.
    pub(super) fn plan_date(&mut self, rule: &Rule, of: &Ref, record: Option<&Record>, bound: Bound) -> Stored<()> {
        let due = record.and_then(|r| comes_up(&self.schema.calendar, &rule.program.trigger, r, bound));
        self.set_date(rule.no, of, due)
    }

    fn set_date(&mut self, no: RuleNo, of: &Ref, due: Option<Moment>) -> Stored<()> {
        let old = self.store.date_timer(no, of)?;
        if old.map(|key| key.at) == due {
            return Ok(());
        }
        if let Some(key) = old {
            self.store.remove_timer(key)?;
        }
        let key = due.map(|at| self.next_timer_key(at));
        if let Some(key) = key {
            self.store.put_timer(key, &Due::Date { rule: no, record: of.clone() })?;
        }
        self.store.set_date_timer(no, of, key)
    }

    /// The timer of a date trigger fired.
    pub(super) fn date_came(&mut self, no: RuleNo, of: &Ref, key: TimerKey, depth: u32) -> Stored<()> {
        if self.store.date_timer(no, of)? != Some(key) {
            return Ok(());
        }
        self.store.set_date_timer(no, of, None)?;
        if no == OVERDUE {
            let raised = self.engine.crm.overdue(self.store, &self.schema, of)?;
            self.follow_up(Vec::new(), raised, None, depth);
            return Ok(());
        }
        let Some(rule) = self.engine.rules.iter().find(|rule| rule.no == no).cloned() else { return Ok(()) };
        let Some(record) = self.store.record(of)? else { return Ok(()) };
        self.plan_date(&rule, of, Some(&record), Bound::After(key.at))?;
        self.tell(Some(rule.name()), Some(of), None, TraceKind::DateCame);
        let payload = payload(&rule, &record);
        let occasion = Occasion { what: "date".into(), by: None, origin: Origin::Rule };
        self.set_off(&rule, Some(of.clone()), payload, By { occasion, depth })
    }
}

/// What `event` is when a date comes up: the date itself.
fn payload(rule: &Rule, record: &Record) -> Value {
    let Trigger::Date { field, .. } = &rule.program.trigger else { return Value::Missing };
    if !rule.uses_event {
        return Value::Missing;
    }
    Value::Record(Arc::new(Fields::from([("date".into(), record.get(field).clone())])))
}

/// From when on a date may come up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    /// Then or later.
    From(Moment),
    /// Only later.
    After(Moment),
}

impl Bound {
    fn allows(self, at: Moment) -> bool {
        match self {
            Self::From(bound) => at >= bound,
            Self::After(bound) => at > bound,
        }
    }
}

/// When the record's date comes up next.
fn comes_up(calendar: &Calendar, trigger: &Trigger, record: &Record, bound: Bound) -> Option<Moment> {
    let Trigger::Date { entity: _, field, offset, before, at, repeat } = trigger else { return None };
    let base = match record.get(field) {
        Value::Date(date) => calendar.midnight(*date),
        Value::DateTime(moment) => *moment,
        _ => return None,
    };
    let step = match repeat {
        Repeat::Once => 0,
        Repeat::Monthly => 1,
        Repeat::Yearly => 12,
    };
    let nth = |n: i32| {
        let shifted = calendar.add(base, Period { months: n.saturating_mul(step), ..Period::ZERO });
        let moved = match record.get(field) {
            // `3wd before` a day is the day that `deal.due - 3wd` gives.
            Value::Date(_) if *before => day_before(calendar, shifted, *offset),
            _ if *before => calendar.sub(shifted, *offset),
            _ => calendar.add(shifted, *offset),
        };
        at.map_or(moved, |time| calendar.at(calendar.date_of(moved), time))
    };
    if step == 0 {
        return Some(nth(0)).filter(|at| bound.allows(*at));
    }
    // The repetitions only move forward, so the first that is allowed is found by halving.
    let (mut low, mut high) = (0, REPETITIONS);
    while low < high {
        let middle = low + (high - low) / 2;
        if bound.allows(nth(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(nth(low)).filter(|at| bound.allows(*at))
}

/// The day that lies a period before the day that begins then; a moment, where the period has hours.
fn day_before(calendar: &Calendar, day: Moment, offset: Period) -> Moment {
    let moved = catalog::sub(&Value::Date(calendar.date_of(day)), &Value::Period(offset), calendar);
    match moved {
        Ok(Value::Date(date)) => calendar.midnight(date),
        Ok(_) | Err(_) => calendar.sub(day, offset),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, comes_up};
    use crate::engine::Record;
    use crate::ir::{Repeat, Trigger};
    use crate::schema::Calendar;
    use crate::value::{Moment, Period, Value};
    use chrono::NaiveTime;

    fn next(offset: &str, before: bool, at: Option<&str>, repeat: Repeat, date: &str, after: &str) -> Option<String> {
        let trigger = Trigger::Date {
            entity: "deal".into(),
            field: "due".into(),
            offset: if offset.is_empty() { Period::ZERO } else { offset.parse().unwrap() },
            before,
            at: at.map(|t| NaiveTime::parse_from_str(t, "%H:%M").unwrap()),
            repeat,
        };
        let mut record = Record::default();
        record.set(&"due".into(), Value::Date(date.parse().unwrap()));
        let after: Moment = after.parse().unwrap();
        let calendar = Calendar { zone: chrono_tz::Europe::Warsaw, ..Calendar::default() };
        comes_up(&calendar, &trigger, &record, Bound::After(after)).map(|m| m.to_string())
    }

    #[test]
    fn dates_come_up_at_the_wall_time_of_the_workspace() {
        let once = |offset, before, at, after| next(offset, before, at, Repeat::Once, "2026-06-30", after);
        assert_eq!(once("60d", true, Some("09:00"), "2026-01-01T00:00:00Z").as_deref(), Some("2026-05-01T07:00:00Z"));
        assert_eq!(once("60d", true, Some("09:00"), "2026-05-01T07:00:00Z"), None);
        assert_eq!(once("", false, None, "2026-01-01T00:00:00Z").as_deref(), Some("2026-06-29T22:00:00Z"));
        assert_eq!(once("1w", false, None, "2026-01-01T00:00:00Z").as_deref(), Some("2026-07-06T22:00:00Z"));
    }

    #[test]
    fn working_days_before_a_day_are_those_that_lie_between() {
        let once = |offset, before, at, date| next(offset, before, at, Repeat::Once, date, "2026-01-01T00:00:00Z");
        // A Monday: Friday, Thursday and Wednesday are the three days before.
        assert_eq!(once("3wd", true, Some("09:00"), "2026-03-30").as_deref(), Some("2026-03-25T08:00:00Z"));
        assert_eq!(once("3wd", true, None, "2026-03-30").as_deref(), Some("2026-03-24T23:00:00Z"));
        assert_eq!(once("1wd", true, Some("09:00"), "2026-03-30").as_deref(), Some("2026-03-27T08:00:00Z"));
        assert_eq!(once("3wd", false, Some("09:00"), "2026-03-30").as_deref(), Some("2026-04-02T07:00:00Z"));
        assert_eq!(once("2h", true, None, "2026-03-30").as_deref(), Some("2026-03-29T20:00:00Z"));
    }

    #[test]
    fn repetitions_count_from_the_date_itself() {
        let monthly = |after| next("", false, Some("09:00"), Repeat::Monthly, "2025-12-31", after);
        assert_eq!(monthly("2026-02-01T00:00:00Z").as_deref(), Some("2026-02-28T08:00:00Z"));
        assert_eq!(monthly("2026-02-28T08:00:00Z").as_deref(), Some("2026-03-31T07:00:00Z"));
        let yearly = |after| next("", false, None, Repeat::Yearly, "1992-02-29", after);
        assert_eq!(yearly("2026-01-01T00:00:00Z").as_deref(), Some("2026-02-27T23:00:00Z"));
        assert_eq!(yearly("1900-01-01T00:00:00Z").as_deref(), Some("1992-02-28T23:00:00Z"));
    }
}
