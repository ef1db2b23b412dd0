//! Functions over dates and moments, all in the workspace's time zone and working calendar.

use super::arithmetic::{moment, move_day};
use super::spec::{Answer, FnType, FunctionSpec, OnMissing, example, param, wrong};
use super::{Env, Func};
use crate::value::{Moment, Period, Value};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The units of `start_of` and `end_of`.
const UNITS: &[&str] = &["day", "week", "month", "quarter", "year"];

pub(super) const DATE: FunctionSpec = FunctionSpec {
    name: "date",
    func: Func::Date,
    params: &[param("moment", FnType::Moment)],
    result: FnType::Date,
    missing: OnMissing::Missing,
    doc: "The day of a moment.",
    examples: &[example("date(2026-03-02T09:00)", "2026-03-02")],
    body: |args, env| match args {
        [Value::Date(date)] => Ok(Value::Date(*date)),
        [Value::DateTime(moment)] => Ok(Value::Date(env.schema.calendar.date_of(*moment))),
        _ => wrong("date", args),
    },
};

pub(super) const TIME: FunctionSpec = FunctionSpec {
    name: "time",
    func: Func::Time,
    params: &[param("moment", FnType::DateTime)],
    result: FnType::Time,
    missing: OnMissing::Missing,
    doc: "The time of day of a moment.",
    examples: &[example("time(2026-03-02T09:00)", "09:00")],
    body: |args, env| match args {
        [Value::DateTime(moment)] => Ok(Value::Time(env.schema.calendar.local(*moment).time())),
        _ => wrong("time", args),
    },
};

pub(super) const AT: FunctionSpec = FunctionSpec {
    name: "at",
    func: Func::At,
    params: &[param("day", FnType::Moment), param("time", FnType::Time)],
    result: FnType::DateTime,
    missing: OnMissing::Missing,
    doc: "This time of day on that day.",
    examples: &[
        example("at(2026-03-02, 09:00)", "2026-03-02T09:00"),
        example("at(2026-03-02T23:30, 09:00)", "2026-03-02T09:00"),
    ],
    body: |args, env| match args {
        [day, Value::Time(time)] => match day_of(day, env) {
            Some(date) => Ok(Value::DateTime(env.schema.calendar.at(date, *time))),
            None => wrong("at", args),
        },
        _ => wrong("at", args),
    },
};

pub(super) const DAYS_BETWEEN: FunctionSpec = FunctionSpec {
    name: "days_between",
    func: Func::DaysBetween,
    params: &[param("from", FnType::Moment), param("to", FnType::Moment)],
    result: FnType::Int,
    missing: OnMissing::Missing,
    doc: "How many days `to` lies after `from` on the calendar; negative when it lies before.",
    examples: &[
        example("days_between(2026-03-02, 2026-03-05)", "3"),
        example("days_between(2026-03-02T23:59, 2026-03-03T00:01)", "1"),
        example("days_between(2026-03-05, 2026-03-02)", "-3"),
    ],
    body: |args, env| match args {
        [from, to] => match (day_of(from, env), day_of(to, env)) {
            (Some(from), Some(to)) => Ok(Value::Int(to.signed_duration_since(from).num_days())),
            _ => wrong("days_between", args),
        },
        _ => wrong("days_between", args),
    },
};

pub(super) const ADD_WORKING_DAYS: FunctionSpec = FunctionSpec {
    name: "add_working_days",
    func: Func::AddWorkingDays,
    params: &[param("from", FnType::Moment), param("days", FnType::Int)],
    result: FnType::Same,
    missing: OnMissing::Missing,
    doc: "That many working days later, or earlier for a negative number; the time of day stays.",
    examples: &[
        example("add_working_days(2026-03-06, 1)", "2026-03-09"),
        example("add_working_days(2026-03-06T10:00, 2)", "2026-03-10T10:00"),
    ],
    body: add_working_days,
};

pub(super) const IS_WORKING_DAY: FunctionSpec = FunctionSpec {
    name: "is_working_day",
    func: Func::IsWorkingDay,
    params: &[param("day", FnType::Moment)],
    result: FnType::Bool,
    missing: OnMissing::Missing,
    doc: "Whether people work on that day.",
    examples: &[example("is_working_day(2026-03-06)", "true"), example("is_working_day(2026-03-07T10:00)", "false")],
    body: |args, env| match args {
        [day] => match day_of(day, env) {
            Some(date) => Ok(Value::Bool(env.schema.calendar.is_working_day(date))),
            None => wrong("is_working_day", args),
        },
        _ => wrong("is_working_day", args),
    },
};

pub(super) const IS_WORKING_TIME: FunctionSpec = FunctionSpec {
    name: "is_working_time",
    func: Func::IsWorkingTime,
    params: &[param("moment", FnType::DateTime)],
    result: FnType::Bool,
    missing: OnMissing::Missing,
    doc: "Whether that moment lies within working hours.",
    examples: &[
        example("is_working_time(2026-03-06T16:59)", "true"),
        example("is_working_time(2026-03-06T17:00)", "false"),
        example("is_working_time(2026-03-07T10:00)", "false"),
    ],
    body: |args, env| match args {
        [Value::DateTime(moment)] => Ok(Value::Bool(env.schema.calendar.is_working_time(*moment))),
        _ => wrong("is_working_time", args),
    },
};

pub(super) const START_OF: FunctionSpec = FunctionSpec {
    name: "start_of",
    func: Func::StartOf,
    params: &[param("moment", FnType::Moment), param("unit", FnType::Choice(UNITS))],
    result: FnType::Same,
    missing: OnMissing::Missing,
    doc: "The first day, or for a moment the first moment, of its day, week (Monday), month, quarter or year.",
    examples: &[
        example(r#"start_of(2026-03-05, "week")"#, "2026-03-02"),
        example(r#"start_of(2026-05-20, "quarter")"#, "2026-04-01"),
        example(r#"start_of(2026-05-20T13:10, "day")"#, "2026-05-20T00:00"),
    ],
    body: |args, env| border(args, env, "start_of"),
};

pub(super) const END_OF: FunctionSpec = FunctionSpec {
    name: "end_of",
    func: Func::EndOf,
    params: &[param("moment", FnType::Moment), param("unit", FnType::Choice(UNITS))],
    result: FnType::Same,
    missing: OnMissing::Missing,
    doc: "The last day, or for a moment the last minute, of its day, week (Sunday), month, quarter or year.",
    examples: &[
        example(r#"end_of(2026-02-05, "month")"#, "2026-02-28"),
        example(r#"end_of(2026-03-05, "year")"#, "2026-12-31"),
        example(r#"end_of(2026-05-20T13:10, "day")"#, "2026-05-20T23:59"),
    ],
    body: |args, env| border(args, env, "end_of"),
};

fn day_of(value: &Value, env: &Env<'_>) -> Option<NaiveDate> {
    match value {
        Value::Date(date) => Some(*date),
        other => moment(other, &env.schema.calendar).map(|m| env.schema.calendar.date_of(m)),
    }
}

fn add_working_days(args: &[Value], env: &Env<'_>) -> Answer {
    let [from, Value::Int(days)] = args else { return wrong("add_working_days", args) };
    let Ok(work_days) = i32::try_from(*days) else {
        return Err(format!("`add_working_days` cannot count {days} days"));
    };
    let calendar = &env.schema.calendar;
    let period = Period { work_days, ..Period::ZERO };
    match from {
        Value::Date(date) => Ok(Value::Date(move_day(*date, period, calendar))),
        Value::DateTime(moment) => Ok(Value::DateTime(calendar.add(*moment, period))),
        _ => wrong("add_working_days", args),
    }
}

/// The start or the end of a unit: a date for a date, a moment for a moment.
fn border(args: &[Value], env: &Env<'_>, name: &str) -> Answer {
    let [value, Value::Text(unit)] = args else { return wrong(name, args) };
    let Some(day) = day_of(value, env) else { return wrong(name, args) };
    let Some((first, next)) = unit_of(day, unit) else { return wrong(name, args) };
    let calendar = &env.schema.calendar;
    let is_date = matches!(value, Value::Date(_));
    Ok(match (name, is_date) {
        ("start_of", true) => Value::Date(first),
        ("start_of", false) => Value::DateTime(calendar.midnight(first)),
        (_, true) => Value::Date(next.pred_opt().unwrap_or(next)),
        (_, false) => Value::DateTime(Moment(calendar.midnight(next).0 - 60_000)),
    })
}

/// The first day of the unit that holds this day, and the first day after it; `None` at the end of chrono's years.
fn unit_of(day: NaiveDate, unit: &str) -> Option<(NaiveDate, NaiveDate)> {
    let month = day.with_day(1)?;
    match unit {
        "day" => Some((day, day.succ_opt()?)),
        "week" => {
            let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))?;
            Some((monday, monday.checked_add_days(Days::new(7))?))
        }
        "month" => Some((month, month.checked_add_months(Months::new(1))?)),
        "quarter" => {
            let first = month.checked_sub_months(Months::new(month.month0() % 3))?;
            Some((first, first.checked_add_months(Months::new(3))?))
        }
        "year" => {
            let first = month.with_month(1)?;
            Some((first, first.checked_add_months(Months::new(12))?))
        }
        _ => None,
    }
}
