//! The workspace's clock on the wall: time zone, working hours, holidays.

use crate::value::{Moment, Period};
use chrono::{Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Time zone, working hours and holidays; the only code that knows what a day is.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The workspace's time zone.
    pub zone: Tz,
    /// Working hours per weekday, Monday first; `None` on days off.
    pub hours: [Option<(NaiveTime, NaiveTime)>; 7],
    /// Days on which nobody works.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// The moment of this wall time: the first one after a gap, the earlier of two equal ones.
    fn wall(&self, mut time: NaiveDateTime) -> Moment {
        for _ in 0..192 {
            match self.zone.from_local_datetime(&time) {
                LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => return t.into(),
                LocalResult::None => time += TimeDelta::minutes(15),
            }
        }
        time.and_utc().into()
    }

    fn local(&self, moment: Moment) -> NaiveDateTime {
        moment.utc().with_timezone(&self.zone).naive_local()
    }

    /// The first moment of this day.
    pub fn midnight(&self, date: NaiveDate) -> Moment {
        self.wall(date.and_time(NaiveTime::MIN))
    }

    /// This time on this day.
    pub fn at(&self, date: NaiveDate, time: NaiveTime) -> Moment {
        self.wall(date.and_time(time))
    }

    /// The day of this moment.
    pub fn date_of(&self, moment: Moment) -> NaiveDate {
        self.local(moment).date()
    }

    /// Whether people work on this day.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.hours_of(date).is_some()
    }

    /// Whether people work at this moment.
    pub fn is_working_time(&self, moment: Moment) -> bool {
        let local = self.local(moment);
        self.hours_of(local.date()).is_some_and(|(from, to)| (from..to).contains(&local.time()))
    }

    fn hours_of(&self, date: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        let hours = self.hours.get(date.weekday().num_days_from_monday() as usize).copied().flatten();
        hours.filter(|_| !self.holidays.contains(&date))
    }

    /// This much later: months and days keep the wall time, then working days, working time and clock time follow.
    pub fn add(&self, moment: Moment, period: Period) -> Moment {
        let mut local = self.local(moment);
        let months = Months::new(period.months.unsigned_abs());
        let moved = if period.months < 0 { local.checked_sub_months(months) } else { local.checked_add_months(months) };
        local = moved.unwrap_or(local);
        let days = Days::new(u64::from(period.days.unsigned_abs()));
        let moved = if period.days < 0 { local.checked_sub_days(days) } else { local.checked_add_days(days) };
        local = moved.unwrap_or(local);
        let mut left = period.work_days.unsigned_abs().min(20_000);
        while left > 0 {
            let next = if period.work_days < 0 { local.date().pred_opt() } else { local.date().succ_opt() };
            let Some(date) = next else { break };
            local = date.and_time(local.time());
            left -= u32::from(self.is_working_day(date));
        }
        let same = period.months == 0 && period.days == 0 && period.work_days == 0;
        let start = if same { moment } else { self.wall(local) };
        let clock = Moment(start.0.saturating_add(i64::from(period.minutes) * 60_000));
        self.add_working(clock, i64::from(period.work_minutes) * 60_000)
    }

    /// Working time forward; nothing for none or less.
    fn add_working(&self, from: Moment, mut left: i64) -> Moment {
        let mut at = from;
        let mut date = self.date_of(from);
        for _ in 0..20_000 {
            if left <= 0 {
                break;
            }
            if let Some((open, close)) = self.hours_of(date) {
                let start = self.at(date, open).max(at);
                let end = self.at(date, close);
                let worked = (end.0 - start.0).clamp(0, left);
                if worked > 0 {
                    at = Moment(start.0 + worked);
                    left -= worked;
                }
            }
            let Some(next) = date.succ_opt() else { break };
            date = next;
        }
        at
    }
}
