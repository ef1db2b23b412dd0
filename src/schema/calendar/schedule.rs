//! Schedules: moments that come again and again by the workspace's clock.

use super::Calendar;
use super::cron::cron;
use crate::value::{Moment, Name, Period};
use chrono::{Datelike, NaiveTime};
use serde::{Deserialize, Serialize};

/// How many days are looked at for the next that fits: a year, and as much again for holidays.
const DAYS: u64 = 800;

/// When a rule comes again. The order of the variants is part of the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// `every 1h`: so long after the time before.
    Period(Period),
    /// `every monday, friday at 09:00`
    Days {
        /// The days of the week, Monday the lowest bit.
        days: u8,
        /// Only those on which people work.
        working: bool,
        /// The times of day, in order.
        at: Vec<NaiveTime>,
    },
    /// `every "0 9 * * MON-FRI"`: a line of cron.
    Cron(Name),
}

impl Schedule {
    /// The first moment after this one; `None` if none is near. In a clock change a time of day that the clock leaves out
    /// is the first moment after the gap, and one that it shows twice is the earlier. A line of cron that names no hour
    /// (`*/15 * * * *`) goes through both.
    pub fn next(&self, calendar: &Calendar, after: Moment) -> Option<Moment> {
        let next = match self {
            Self::Period(period) => Some(calendar.add(after, *period)),
            Self::Days { days, working, at } => {
                let today = calendar.date_of(after);
                let fits = |date: &chrono::NaiveDate| {
                    let weekday = date.weekday().num_days_from_monday();
                    days & (1 << weekday) != 0 && (!working || calendar.is_working_day(*date))
                };
                let dates = (0..DAYS).filter_map(|n| today.checked_add_days(chrono::Days::new(n))).filter(fits);
                let moments = dates.flat_map(|date| at.iter().map(move |time| calendar.at(date, *time)));
                moments.into_iter().find(|moment| *moment > after)
            }
            Self::Cron(line) => {
                let from = after.utc().with_timezone(&calendar.zone);
                cron(line).ok()?.find_next_occurrence(&from, false).ok().map(Moment::from)
            }
        };
        next.filter(|moment| *moment > after)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::schema::Calendar;
    use crate::value::Moment;
    use chrono::{NaiveDate, NaiveTime};

    fn times(schedule: &Schedule, after: &str, n: usize) -> Vec<String> {
        let mut calendar = Calendar { zone: chrono_tz::Europe::Warsaw, ..Calendar::default() };
        calendar.holidays.insert(NaiveDate::from_ymd_opt(2026, 5, 1).unwrap());
        let mut at: Moment = after.parse().unwrap();
        let next = |_| {
            at = schedule.next(&calendar, at).unwrap();
            at.utc().with_timezone(&calendar.zone).format("%a %m-%d %H:%M%z").to_string()
        };
        (0..n).map(next).collect()
    }

    fn days(days: u8, working: bool, at: &[&str]) -> Schedule {
        let at = at.iter().map(|t| NaiveTime::parse_from_str(t, "%H:%M").unwrap()).collect();
        Schedule::Days { days, working, at }
    }

    #[test]
    fn days_of_the_week_keep_to_the_clock_on_the_wall() {
        let found = times(&days(0b1, false, &["09:00"]), "2026-03-23T09:00:00+01:00", 2);
        assert_eq!(found, ["Mon 03-30 09:00+0200", "Mon 04-06 09:00+0200"]);
        let found = times(&days(0b100_0001, false, &["08:00", "17:30"]), "2026-03-22T10:00:00+01:00", 4);
        assert_eq!(
            found,
            ["Sun 03-22 17:30+0100", "Mon 03-23 08:00+0100", "Mon 03-23 17:30+0100", "Sun 03-29 08:00+0200"]
        );
        let found = times(&days(0b1_1111, true, &["09:00"]), "2026-04-29T12:00:00+02:00", 2);
        assert_eq!(found, ["Thu 04-30 09:00+0200", "Mon 05-04 09:00+0200"]);
    }

    #[test]
    fn a_time_in_the_gap_comes_after_it_and_one_that_comes_twice_comes_once() {
        let daily = |at| days(0b111_1111, false, &[at]);
        assert_eq!(
            times(&daily("02:30"), "2026-03-28T12:00:00+01:00", 2),
            ["Sun 03-29 03:00+0200", "Mon 03-30 02:30+0200"]
        );
        assert_eq!(
            times(&daily("02:30"), "2026-10-24T12:00:00+02:00", 2),
            ["Sun 10-25 02:30+0200", "Mon 10-26 02:30+0100"]
        );
        let line = |text: &str| Schedule::Cron(text.into());
        assert_eq!(
            times(&line("30 2 * * *"), "2026-03-28T12:00:00+01:00", 2),
            ["Sun 03-29 03:00+0200", "Mon 03-30 02:30+0200"]
        );
        assert_eq!(
            times(&line("30 2 * * *"), "2026-10-24T12:00:00+02:00", 2),
            ["Sun 10-25 02:30+0200", "Mon 10-26 02:30+0100"]
        );
        assert_eq!(
            times(&line("*/30 * * * *"), "2026-10-25T02:10:00+02:00", 5),
            [
                "Sun 10-25 02:30+0200",
                "Sun 10-25 02:00+0100",
                "Sun 10-25 02:30+0100",
                "Sun 10-25 03:00+0100",
                "Sun 10-25 03:30+0100"
            ]
        );
    }

    #[test]
    fn lines_of_cron() {
        let line = Schedule::Cron("0 9 * * MON-FRI".into());
        assert_eq!(times(&line, "2026-03-27T09:00:00+01:00", 2), ["Mon 03-30 09:00+0200", "Tue 03-31 09:00+0200"]);
        let last = Schedule::Cron("0 9 29 2 *".into());
        assert_eq!(times(&last, "2026-03-01T00:00:00+01:00", 1), ["Tue 02-29 09:00+0100"]);
    }

    #[test]
    fn periods_count_from_the_time_before() {
        let found = times(&Schedule::Period("1h".parse().unwrap()), "2026-03-29T00:30:00+01:00", 3);
        assert_eq!(found, ["Sun 03-29 01:30+0100", "Sun 03-29 03:30+0200", "Sun 03-29 04:30+0200"]);
        let found = times(&Schedule::Period("1mo".parse().unwrap()), "2026-01-31T12:00:00+01:00", 2);
        assert_eq!(found, ["Sat 02-28 12:00+0100", "Sat 03-28 12:00+0100"]);
    }
}
