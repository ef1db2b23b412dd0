//! Working days and working time.
//!
//! As in Bitrix24's `workdateadd`: a moment outside working time first moves to the nearest working time in the
//! direction of the count. A working day keeps the time of day, inside the hours of the day that is reached. Whole weeks
//! are jumped over, so that the cost does not grow with the count.

use super::{Calendar, add_days, border};
use crate::value::Moment;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use std::ops::{Bound, RangeBounds};

impl Calendar {
    /// The moment this many working days later, or earlier. Unchanged when nobody ever works.
    pub(super) fn add_work_days(&self, moment: Moment, count: i32) -> Moment {
        if self.working_days_a_week() == 0 {
            return moment;
        }
        let forward = count > 0;
        let reached = self.nearest_working(self.local(moment), forward).and_then(|start| {
            let date = self.count_days(start.date(), i64::from(count.unsigned_abs()), forward)?;
            let (from, to) = self.hours_of(date)?;
            Some(date.and_time(start.time().clamp(from, to)))
        });
        reached.map_or(border(forward), |local| self.resolve(local))
    }

    /// The moment this many minutes of working time later, or earlier. Unchanged when nobody ever works.
    pub(super) fn add_work_minutes(&self, moment: Moment, count: i32) -> Moment {
        if self.working_days_a_week() == 0 {
            return moment;
        }
        let forward = count > 0;
        let length = TimeDelta::minutes(i64::from(count.unsigned_abs()));
        let reached = self.nearest_working(self.local(moment), forward);
        let reached = reached.and_then(|start| self.count_time(start, length, forward));
        reached.map_or(border(forward), |local| self.resolve(local))
    }

    fn working_days_a_week(&self) -> i64 {
        self.working_spans().fold(0, |days, _| days + 1)
    }

    /// The hours of every working weekday.
    fn working_spans(&self) -> impl Iterator<Item = (NaiveTime, NaiveTime)> {
        self.hours.iter().flatten().copied().filter(|(from, to)| from < to)
    }

    /// The local time itself when people work then, else the next start (or the last end) of working time.
    fn nearest_working(&self, local: NaiveDateTime, forward: bool) -> Option<NaiveDateTime> {
        let (date, time) = (local.date(), local.time());
        match self.hours_of(date) {
            Some((from, _)) if forward && time < from => Some(date.and_time(from)),
            Some((_, to)) if forward && time < to => Some(local),
            Some((_, to)) if !forward && time > to => Some(date.and_time(to)),
            Some((from, _)) if !forward && time > from => Some(local),
            Some(_) | None => {
                let date = self.count_days(date, 1, forward)?;
                let (from, to) = self.hours_of(date)?;
                Some(date.and_time(if forward { from } else { to }))
            }
        }
    }

    /// The working day that is `count` working days after (or before) `date`, which need not be one.
    fn count_days(&self, date: NaiveDate, count: i64, forward: bool) -> Option<NaiveDate> {
        let a_week = self.working_days_a_week().max(1);
        let (mut date, mut left) = (date, count);
        while left / a_week > 1 {
            let weeks = left / a_week;
            let next = step(date, weeks * 7, forward)?;
            let holidays = self.holidays_between(date, next, forward).fold(0, |days, _| days + 1);
            (date, left) = (next, left - weeks * a_week + holidays);
        }
        while left > 0 {
            date = step(date, 1, forward)?;
            left -= i64::from(self.is_working_day(date));
        }
        Some(date)
    }

    /// The local time that is this much working time after (or before) `start`, which lies in working time.
    fn count_time(&self, start: NaiveDateTime, length: TimeDelta, forward: bool) -> Option<NaiveDateTime> {
        let a_week = self.working_spans().fold(TimeDelta::zero(), |sum, (from, to)| sum + (to - from));
        let weeks = |left: TimeDelta| left.num_seconds() / a_week.num_seconds().max(1);
        let (mut date, mut time, mut left) = (start.date(), start.time(), length);
        loop {
            let (from, to) = self.hours_of(date)?;
            let rest = if forward { to - time } else { time - from };
            if left <= rest {
                return Some(date.and_time(if forward { time + left } else { time - left }));
            }
            left -= rest;
            let whole = weeks(left);
            if whole > 1 {
                // The day's rest is used up, so whole weeks from its end on hold exactly `whole` times a week's hours.
                let next = step(date, whole * 7, forward)?;
                let lost = self.holidays_between(date, next, forward);
                let lost = lost.fold(TimeDelta::zero(), |sum, (from, to)| sum + (to - from));
                (date, left) = (next, left - a_week * i32::try_from(whole).ok()? + lost);
            }
            if left <= TimeDelta::zero() {
                // Exactly whole weeks: the end of the last working day, not the start of the next.
                date = if self.is_working_day(date) { date } else { self.count_days(date, 1, !forward)? };
                let (from, to) = self.hours_of(date)?;
                return Some(date.and_time(if forward { to } else { from }));
            }
            date = self.count_days(date, 1, forward)?;
            let (from, to) = self.hours_of(date)?;
            time = if forward { from } else { to };
        }
    }

    /// The hours that are lost to holidays after `date` up to `end` (before it when going back).
    fn holidays_between(
        &self,
        date: NaiveDate,
        end: NaiveDate,
        forward: bool,
    ) -> impl Iterator<Item = (NaiveTime, NaiveTime)> {
        let range = if forward {
            (Bound::Excluded(date), Bound::Included(end))
        } else {
            (Bound::Included(end), Bound::Excluded(date))
        };
        let (first, last) = if forward { (date, end) } else { (end, date) };
        let yearly = (first.year()..=last.year()).flat_map(|year| {
            self.yearly.iter().filter_map(move |(month, day)| NaiveDate::from_ymd_opt(year, *month, *day))
        });
        let yearly = yearly.filter(move |day| range.contains(day) && !self.holidays.contains(day));
        self.holidays.range(range).copied().chain(yearly).filter_map(|day| self.weekday_hours(day))
    }
}

fn step(date: NaiveDate, days: i64, forward: bool) -> Option<NaiveDate> {
    add_days(date, if forward { days } else { -days })
}
