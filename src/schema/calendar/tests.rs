use super::Calendar;
use crate::value::{Moment, Period};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn clock(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

/// Warsaw, Monday to Thursday 9–17, Friday 9–15, Christmas off.
fn warsaw() -> Calendar {
    let full = Some((clock("09:00"), clock("17:00")));
    let friday = Some((clock("09:00"), clock("15:00")));
    Calendar {
        zone: Tz::Europe__Warsaw,
        hours: [full, full, full, full, friday, None, None],
        holidays: [day("2026-12-25"), day("2026-12-24")].into(),
        yearly: [].into(),
    }
}

fn check(table: &[(&str, &str, &str, &str)], compute: impl Fn(Moment, Period) -> Moment) {
    for (from, period, expected, why) in table {
        let found = compute(from.parse().unwrap(), period.parse().unwrap());
        assert_eq!(found, expected.parse().unwrap(), "{from} and {period}: {why}; found {found}");
    }
}

#[test]
fn calendar_units_keep_the_wall_time() {
    let table = [
        ("2026-01-31T10:00:00+01:00", "1mo", "2026-02-28T10:00:00+01:00", "the month's last day"),
        ("2024-02-29T10:00:00+01:00", "1y", "2025-02-28T10:00:00+01:00", "a leap day"),
        ("2026-03-28T10:00:00+01:00", "1d", "2026-03-29T10:00:00+02:00", "over the change to summer time: 23 hours"),
        ("2026-10-24T10:00:00+02:00", "1d", "2026-10-25T10:00:00+01:00", "over the change back: 25 hours"),
        ("2026-03-28T02:30:00+01:00", "1d", "2026-03-29T03:00:00+02:00", "02:30 does not exist: first moment after"),
        ("2026-10-24T02:30:00+02:00", "1d", "2026-10-25T02:30:00+02:00", "02:30 exists twice: the earlier"),
        ("2026-03-28T02:30:00+01:00", "24h", "2026-03-29T03:30:00+02:00", "hours are exact"),
        ("2026-01-30T10:00:00+01:00", "1mo2d", "2026-03-02T10:00:00+01:00", "months before days"),
        ("2026-10-25T02:30:00+01:00", "1h", "2026-10-25T03:30:00+01:00", "the second 02:30 stays the second"),
    ];
    check(&table, |at, period| warsaw().add(at, period));
}

#[test]
fn before_is_the_other_way_round() {
    let table = [
        ("2026-03-31T10:00:00+02:00", "1mo", "2026-02-28T10:00:00+01:00", "the month's last day"),
        ("2026-03-30T10:00:00+02:00", "1d", "2026-03-29T10:00:00+02:00", "same wall time"),
        ("2026-03-30T02:30:00+02:00", "1d", "2026-03-29T03:00:00+02:00", "a gap moves forward here too"),
        ("2026-03-09T10:00:00+01:00", "1wd", "2026-03-06T10:00:00+01:00", "Monday to Friday"),
        ("2026-03-07T10:00:00+01:00", "1wd", "2026-03-05T15:00:00+01:00", "Saturday goes back to Friday's end first"),
        ("2026-03-09T09:30:00+01:00", "1wh", "2026-03-06T14:30:00+01:00", "half an hour each side of a weekend"),
        ("2026-03-09T10:00:00+01:00", "1wh", "2026-03-09T09:00:00+01:00", "to the very start"),
    ];
    check(&table, |at, period| warsaw().sub(at, period));
}

#[test]
fn working_units_follow_hours_and_holidays() {
    let table = [
        ("2026-03-02T10:00:00+01:00", "1wd", "2026-03-03T10:00:00+01:00", "Monday to Tuesday"),
        ("2026-03-06T10:00:00+01:00", "1wd", "2026-03-09T10:00:00+01:00", "over a weekend"),
        ("2026-03-07T10:00:00+01:00", "1wd", "2026-03-10T09:00:00+01:00", "Saturday goes to Monday's start first"),
        ("2026-03-06T16:00:00+01:00", "1wd", "2026-03-10T09:00:00+01:00", "after Friday's end likewise"),
        ("2026-03-02T06:00:00+01:00", "1wd", "2026-03-03T09:00:00+01:00", "before work goes to its start first"),
        ("2026-03-05T16:00:00+01:00", "1wd", "2026-03-06T15:00:00+01:00", "inside the hours of the day reached"),
        ("2026-12-23T10:00:00+01:00", "1wd", "2026-12-28T10:00:00+01:00", "over two holidays and a weekend"),
        ("2026-12-21T10:00:00+01:00", "50wd", "2027-03-03T10:00:00+01:00", "ten weeks, two holidays more"),
        ("2026-03-02T10:00:00+01:00", "2wh", "2026-03-02T12:00:00+01:00", "inside a day"),
        ("2026-03-02T15:00:00+01:00", "2wh", "2026-03-02T17:00:00+01:00", "to the very end"),
        ("2026-03-06T14:00:00+01:00", "2wh", "2026-03-09T10:00:00+01:00", "over a weekend"),
        ("2026-03-07T14:00:00+01:00", "1wh", "2026-03-09T10:00:00+01:00", "from a day off"),
        ("2026-03-27T14:00:00+01:00", "2wh", "2026-03-30T10:00:00+02:00", "over a clock change"),
        ("2026-12-23T16:00:00+01:00", "2wh", "2026-12-28T10:00:00+01:00", "over holidays"),
        ("2026-03-02T09:00:00+01:00", "76wh", "2026-03-13T15:00:00+01:00", "two whole weeks end on their last day"),
        ("2026-03-02T09:00:00+01:00", "152wh", "2026-03-27T15:00:00+01:00", "four whole weeks likewise"),
        ("2026-03-02T09:00:00+01:00", "153wh", "2026-03-30T10:00:00+02:00", "and one hour more"),
    ];
    check(&table, |at, period| warsaw().add(at, period));
}

/// The jump over whole weeks gives what counting day by day gives.
#[test]
fn jumping_weeks_is_the_same_as_counting() {
    let calendar = warsaw();
    for start in ["2026-11-02T10:30:00+01:00", "2026-12-24T12:00:00+01:00", "2026-12-20T20:00:00+01:00"] {
        let start: Moment = start.parse().unwrap();
        for sign in [1, -1] {
            let one = |minutes| Period { work_minutes: sign * minutes, ..Period::ZERO };
            let mut by_steps = calendar.add(start, one(30));
            for halves in 2..=400 {
                by_steps = calendar.add(by_steps, one(30));
                assert_eq!(calendar.add(start, one(30 * halves)), by_steps, "{sign} * {halves} half hours");
            }
            let one = |days| Period { work_days: sign * days, ..Period::ZERO };
            let mut by_steps = calendar.add(start, one(1));
            for days in 2..=120 {
                by_steps = calendar.add(by_steps, one(1));
                assert_eq!(calendar.date_of(calendar.add(start, one(days))), calendar.date_of(by_steps), "{days}");
            }
        }
    }
}

#[test]
fn days_and_hours_are_told() {
    let calendar = warsaw();
    let at = |text: &str| text.parse::<Moment>().unwrap();
    assert_eq!(calendar.date_of(at("2026-03-01T23:30:00Z")), day("2026-03-02"));
    assert_eq!(calendar.midnight(day("2026-03-02")), at("2026-03-01T23:00:00Z"));
    assert_eq!(calendar.at(day("2026-03-29"), clock("02:15")), at("2026-03-29T01:00:00Z"), "inside the gap");
    assert_eq!(calendar.days_between(at("2026-03-01T22:59:00Z"), at("2026-03-01T23:00:00Z")), 1);
    assert!(calendar.is_working_day(day("2026-03-06")) && !calendar.is_working_day(day("2026-12-25")));
    assert!(
        calendar.is_working_time(at("2026-03-06T13:59:00Z")) && !calendar.is_working_time(at("2026-03-06T14:00:00Z"))
    );
    let samoa = Calendar { zone: Tz::Pacific__Apia, ..Calendar::default() };
    assert_eq!(samoa.midnight(day("2011-12-30")), at("2011-12-30T10:00:00Z"), "a day that never was");
}

#[test]
fn nothing_panics_at_the_borders_of_time() {
    let units = [i32::MIN, -1, 1, i32::MAX];
    for calendar in [warsaw(), Calendar { hours: [None; 7], ..warsaw() }] {
        for moment in [i64::MIN, -1, i64::MAX].map(Moment) {
            for unit in units {
                let zero = Period::ZERO;
                for period in [
                    Period { months: unit, ..zero },
                    Period { days: unit, ..zero },
                    Period { minutes: unit, ..zero },
                    Period { work_days: unit, ..zero },
                    Period { work_minutes: unit, ..zero },
                    Period { months: unit, days: unit, minutes: unit, work_days: unit, work_minutes: unit },
                ] {
                    let (later, earlier) = (calendar.add(moment, period), calendar.sub(moment, period));
                    let _ = (calendar.local(later), calendar.days_between(earlier, later));
                }
            }
            let _ = (calendar.date_of(moment), calendar.is_working_time(moment));
        }
        let _ = (calendar.midnight(NaiveDate::MIN), calendar.midnight(NaiveDate::MAX));
    }
    let far = Period { days: i32::MAX, ..Period::ZERO };
    assert!(warsaw().add(Moment(0), far) > warsaw().sub(Moment(0), far));
}
