//! Values as people read them: interpolation, `print`, and the formats after a colon.

use super::{Env, FnType, arithmetic::number};
use crate::value::{Money, Period, Ref, Value};
use rust_decimal::{Decimal, RoundingStrategy};

/// A format: what may stand after the colon in `{deal.close_date:long}`.
#[derive(Clone, Copy, Debug)]
pub struct FormatSpec {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: FnType,
    /// One sentence.
    pub doc: &'static str,
    /// A value as a script writes it, and its text. The test reads it in a workspace in Warsaw.
    pub example: (&'static str, &'static str),
    kind: Kind,
}

/// What a format does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Long,
    Short,
    Date,
    Time,
    Upper,
    Lower,
    Places(u32),
}

const fn format(
    name: &'static str,
    takes: FnType,
    kind: Kind,
    doc: &'static str,
    example: (&'static str, &'static str),
) -> FormatSpec {
    FormatSpec { name, takes, doc, example, kind }
}

/// All formats.
pub const FORMATS: &[FormatSpec] = &[
    format("long", FnType::Moment, Kind::Long, "The month as a word.", ("2026-03-02", "2 March 2026")),
    format("short", FnType::Moment, Kind::Short, "Day, month and year as numbers.", ("2026-03-02", "02.03.2026")),
    format("date", FnType::Moment, Kind::Date, "Only the day.", ("2026-03-02T09:00", "2026-03-02")),
    format("time", FnType::Moment, Kind::Time, "Only the time of day.", ("2026-03-02T09:00", "09:00")),
    format("upper", FnType::Any, Kind::Upper, "In capital letters.", ("\"acme\"", "ACME")),
    format("lower", FnType::Any, Kind::Lower, "In small letters.", ("\"ACME\"", "acme")),
    format("round", FnType::Amount, Kind::Places(0), "Without decimal places.", ("12.50 PLN", "13 PLN")),
    format("0.0", FnType::Amount, Kind::Places(1), "With one decimal place.", ("12.25", "12.3")),
    format("0.00", FnType::Amount, Kind::Places(2), "With two decimal places.", ("12 PLN", "12.00 PLN")),
];

/// A value as people read it: names, labels, dates in the workspace's time zone; a dash when there is none.
pub fn human(value: &Value, env: &Env<'_>) -> String {
    match value {
        Value::Missing => "—".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(n) => n.normalize().to_string(),
        Value::Money(money) => human_money(money),
        Value::Text(text) => text.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => env.schema.calendar.local(*moment).format("%Y-%m-%d %H:%M").to_string(),
        Value::Time(time) => time.format("%H:%M").to_string(),
        Value::Period(period) => human_period(*period),
        Value::Ref(of) => human_ref(of, env),
        Value::List(items) => items.iter().map(|item| human(item, env)).collect::<Vec<_>>().join(", "),
        Value::Record(fields) => {
            let parts: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", human(value, env))).collect();
            parts.join(", ")
        }
    }
}

/// A value in one of [`FORMATS`]; a missing one is a dash in every format.
///
/// # Errors
/// The message for an unknown format, or for a value that it does not take.
pub fn formatted(value: &Value, name: &str, env: &Env<'_>) -> Result<String, String> {
    let Some(spec) = FORMATS.iter().find(|f| f.name == name) else {
        return Err(format!("there is no format `{name}`"));
    };
    if *value == Value::Missing {
        return Ok(human(value, env));
    }
    let text = match spec.kind {
        Kind::Long => day_and_time(value, env, "%-d %B %Y", "%-d %B %Y, %H:%M"),
        Kind::Short => day_and_time(value, env, "%d.%m.%Y", "%d.%m.%Y %H:%M"),
        Kind::Date => day_and_time(value, env, "%Y-%m-%d", "%Y-%m-%d"),
        Kind::Time => day_and_time(value, env, "%H:%M", "%H:%M"),
        Kind::Upper => Some(human(value, env).to_uppercase()),
        Kind::Lower => Some(human(value, env).to_lowercase()),
        Kind::Places(places) => with_places(value, places),
    };
    text.ok_or_else(|| format!("`{}` cannot be shown as `{name}`", value.brief()))
}

fn day_and_time(value: &Value, env: &Env<'_>, date_form: &str, moment_form: &str) -> Option<String> {
    match value {
        Value::Date(date) => Some(date.and_time(chrono::NaiveTime::MIN).format(date_form).to_string()),
        Value::DateTime(moment) => Some(env.schema.calendar.local(*moment).format(moment_form).to_string()),
        Value::Missing
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => None,
    }
}

fn with_places(value: &Value, places: u32) -> Option<String> {
    let round = |n: Decimal| fixed(n, places);
    if let Value::Money(money) = value {
        return Some(format!("{} {}", round(money.amount), money.currency));
    }
    number(value).map(round)
}

/// With exactly this many decimal places, halves away from zero as people expect of money.
fn fixed(number: Decimal, places: u32) -> String {
    let rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.0$}", places as usize)
}

/// A whole amount without decimal places, any other with all that its currency has, or more if it has more.
fn human_money(money: &Money) -> String {
    let amount = money.amount.normalize();
    let places = if amount.scale() == 0 { 0 } else { amount.scale().max(money.currency.places()) };
    format!("{} {}", fixed(amount, places), money.currency)
}

fn human_period(period: Period) -> String {
    let parts = [
        (period.months / 12, "year"),
        (period.months % 12, "month"),
        (period.days.saturating_add(period.minutes / 1_440), "day"),
        (period.minutes % 1_440 / 60, "hour"),
        (period.minutes % 60, "minute"),
        (period.work_days, "working day"),
        (period.work_minutes / 60, "working hour"),
        (period.work_minutes % 60, "working minute"),
    ];
    let shown = |&(number, unit): &(i32, &str)| {
        let plural = if number == 1 { "" } else { "s" };
        (number != 0).then(|| format!("{number} {unit}{plural}"))
    };
    let words: Vec<String> = parts.iter().filter_map(shown).collect();
    if words.is_empty() { "0 minutes".to_owned() } else { words.join(" ") }
}

fn human_ref(of: &Ref, env: &Env<'_>) -> String {
    match (&*of.kind, env.schema.users.get(&of.id)) {
        ("user", Some(user)) => user.name.clone(),
        _ => of.id.to_string(),
    }
}
