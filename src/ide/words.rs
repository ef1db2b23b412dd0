//! Times in words.

use crate::value::Period;
use chrono::{NaiveDate, NaiveDateTime};

/// A period as people say it: `2 hours 30 minutes`.
pub(super) fn duration(period: Period) -> String {
    let parts = [
        (period.months / 12, "year"),
        (period.months % 12, "month"),
        (period.days / 7, "week"),
        (period.days % 7, "day"),
        (period.minutes / 60, "hour"),
        (period.minutes % 60, "minute"),
        (period.work_days, "working day"),
        (period.work_minutes / 60, "working hour"),
        (period.work_minutes % 60, "working minute"),
    ];
    let said = parts
        .iter()
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| if *number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") });
    let said = said.collect::<Vec<_>>().join(" ");
    if said.is_empty() { "no time".to_owned() } else { said }
}

/// A date or moment with its day of the week: `Thursday, 24 December 2026`.
pub(super) fn date(text: &str) -> Option<String> {
    let whole = |time: NaiveDateTime| time.format("%A, %-d %B %Y, %H:%M").to_string();
    let moment = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.format("%A, %-d %B %Y").to_string());
    day.or_else(|| moment.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(whole))
}

#[cfg(test)]
mod tests {
    use super::{date, duration};

    #[test]
    fn times_are_said_as_people_do() {
        for (written, said) in [
            ("3d", "3 days"),
            ("1w", "1 week"),
            ("10d", "1 week 3 days"),
            ("2h30min", "2 hours 30 minutes"),
            ("1y6mo", "1 year 6 months"),
            ("5wd", "5 working days"),
            ("0d", "no time"),
        ] {
            assert_eq!(duration(written.parse().unwrap()), said);
        }
        assert_eq!(date("2026-12-24").as_deref(), Some("Thursday, 24 December 2026"));
        assert_eq!(date("2026-12-24T09:00").as_deref(), Some("Thursday, 24 December 2026, 09:00"));
        assert_eq!(date("2026-13-24"), None);
    }
}
