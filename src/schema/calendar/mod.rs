//! The workspace's clock on the wall: time zone, working hours, holidays.
//!
//! The only code that knows what a day is. A local time that does not exist (the clock went forward) means the first
//! moment after the gap; one that exists twice (the clock went back) means the earlier moment. Nothing here panics or
//! wraps: results beyond the years that can be expressed stick to the border.

mod cron;
mod schedule;
mod working;

pub use cron::{CronMistake, cron};
pub use schedule::Schedule;

use crate::value::{Moment, Period};
use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc,
};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Working hours per weekday, Monday first; `None` on days off.
pub type WeekHours = [Option<(NaiveTime, NaiveTime)>; 7];

/// Time zone, working hours and holidays; the only code that knows what a day is.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The workspace's time zone.
    pub zone: Tz,
    /// Working hours per weekday, Monday first; `None` on days off.
    pub hours: WeekHours,
    /// Days on which nobody works.
    pub holidays: BTreeSet<NaiveDate>,
    /// Months and days on which nobody works in any year.
    pub yearly: BTreeSet<(u32, u32)>,
}

/// The last hour of a clock change's search: no gap of the time zone database is longer than a day.
const LONGEST_GAP_MS: i64 = 25 * 60 * 60 * 1000;
/// How far from chrono's borders we stay, so that a zone's offset always fits.
const BORDER_MS: i64 = 3 * 24 * 60 * 60 * 1000;

impl Default for Calendar {
    /// UTC, Monday to Friday from 9 to 18, no holidays.
    fn default() -> Self {
        let hours = hour(9).zip(hour(18));
        Self {
            zone: Tz::UTC,
            hours: [hours, hours, hours, hours, hours, None, None],
            holidays: BTreeSet::new(),
            yearly: BTreeSet::new(),
        }
    }
}

fn hour(hour: u32) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(hour, 0, 0)
}

impl Calendar {
    /// The moment a period after another: first the months (a day that the month does not have is its last), then the
    /// days, both at the same wall time; then the minutes exactly; then working days, then working time.
    pub fn add(&self, moment: Moment, period: Period) -> Moment {
        let Period { months, days, minutes, work_days, work_minutes } = period;
        let mut at = clamp(moment);
        if months != 0 || days != 0 {
            let local = self.local(at);
            let date = add_months(local.date(), months).and_then(|date| add_days(date, i64::from(days)));
            at = match date {
                Some(date) => self.resolve(date.and_time(local.time())),
                None => border(i64::from(months) * 31 + i64::from(days) > 0),
            };
        }
        at = clamp(Moment(at.0.saturating_add(i64::from(minutes).saturating_mul(60_000))));
        if work_days != 0 {
            at = self.add_work_days(at, work_days);
        }
        if work_minutes != 0 {
            at = self.add_work_minutes(at, work_minutes);
        }
        at
    }

    /// The moment a period before another: `add` with every unit turned round.
    pub fn sub(&self, moment: Moment, period: Period) -> Moment {
        let Period { months, days, minutes, work_days, work_minutes } = period;
        let back = Period {
            months: months.saturating_neg(),
            days: days.saturating_neg(),
            minutes: minutes.saturating_neg(),
            work_days: work_days.saturating_neg(),
            work_minutes: work_minutes.saturating_neg(),
        };
        self.add(moment, back)
    }

    /// What the clock on the wall shows.
    pub fn local(&self, moment: Moment) -> NaiveDateTime {
        clamp(moment).utc().with_timezone(&self.zone).naive_local()
    }

    /// `Mon 2026-03-02 09:00`, by the clock on the wall: how all that people read tells a moment.
    pub fn say(&self, moment: Moment) -> String {
        self.local(moment).format("%a %Y-%m-%d %H:%M").to_string()
    }

    /// The day on which it is.
    pub fn date_of(&self, moment: Moment) -> NaiveDate {
        self.local(moment).date()
    }

    /// The first moment of a day.
    pub fn midnight(&self, date: NaiveDate) -> Moment {
        self.at(date, NaiveTime::MIN)
    }

    /// The moment when the clock on the wall shows this time on this day.
    pub fn at(&self, date: NaiveDate, time: NaiveTime) -> Moment {
        self.resolve(date.and_time(time))
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.hours_of(date).is_some()
    }

    /// Whether people work at that moment; the end of the working hours is not part of them.
    pub fn is_working_time(&self, moment: Moment) -> bool {
        let local = self.local(moment);
        self.hours_of(local.date()).is_some_and(|(from, to)| from <= local.time() && local.time() < to)
    }

    /// How many midnights lie between two moments; negative when the second is earlier.
    pub fn days_between(&self, from: Moment, to: Moment) -> i64 {
        self.date_of(to).signed_duration_since(self.date_of(from)).num_days()
    }

    /// The working hours of a day.
    fn hours_of(&self, date: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        self.weekday_hours(date).filter(|_| !self.is_holiday(date))
    }

    /// Whether nobody works on that day, whatever its weekday is.
    fn is_holiday(&self, date: NaiveDate) -> bool {
        self.holidays.contains(&date) || self.yearly.contains(&(date.month(), date.day()))
    }

    /// The hours of its weekday, holiday or not.
    fn weekday_hours(&self, date: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        let weekday = date.weekday().num_days_from_monday() as usize;
        self.hours.get(weekday).copied().flatten().filter(|(from, to)| from < to)
    }

    /// The moment of a local time.
    fn resolve(&self, local: NaiveDateTime) -> Moment {
        let utc = clamp(Moment::from(local.and_utc()));
        let local = utc.utc().naive_utc();
        match self.zone.from_local_datetime(&local) {
            LocalResult::Single(time) => time.into(),
            LocalResult::Ambiguous(one, other) => Moment::from(one).min(other.into()),
            LocalResult::None => self.after_gap(utc),
        }
    }

    /// The first moment after the gap in which a local time (given as if it were UTC) lies: where the offset changes.
    fn after_gap(&self, local: Moment) -> Moment {
        let offset = |at: i64| {
            let at = clamp(Moment(at)).utc().naive_utc();
            i64::from(self.zone.offset_from_utc_datetime(&at).fix().local_minus_utc()) * 1000
        };
        let before = offset(local.0 - LONGEST_GAP_MS);
        let (mut low, mut high) = (local.0 - LONGEST_GAP_MS, local.0 - before);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if offset(middle) == before {
                low = middle;
            } else {
                high = middle;
            }
        }
        Moment(high)
    }
}

/// The last (or first) moment that we compute with.
fn border(forward: bool) -> Moment {
    clamp(Moment(if forward { i64::MAX } else { i64::MIN }))
}

/// The moment, kept so far from chrono's borders that every zone can show it.
fn clamp(moment: Moment) -> Moment {
    let first = DateTime::<Utc>::MIN_UTC.timestamp_millis() + BORDER_MS;
    let last = DateTime::<Utc>::MAX_UTC.timestamp_millis() - BORDER_MS;
    Moment(moment.0.clamp(first, last))
}

fn add_months(date: NaiveDate, months: i32) -> Option<NaiveDate> {
    let count = Months::new(months.unsigned_abs());
    if months < 0 { date.checked_sub_months(count) } else { date.checked_add_months(count) }
}

fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) }
}

#[cfg(test)]
mod tests;
