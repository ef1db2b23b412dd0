//! Lengths of time as people mean them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A length of time. Calendar units (months, days) keep the wall-clock time, clock units (minutes) are exact, working
/// units follow the workspace's working hours; they never turn into one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// Calendar months; a year is twelve.
    pub months: i32,
    /// Calendar days; a week is seven.
    pub days: i32,
    /// Minutes on the clock; an hour is sixty.
    pub minutes: i32,
    /// Days of the working calendar.
    pub work_days: i32,
    /// Minutes of working time.
    pub work_minutes: i32,
}

/// The units of a period literal: spelling, and what one of it is. Longer spellings come before their beginnings.
const UNITS: &[(&str, Period)] = &[
    ("min", Period { minutes: 1, ..Period::ZERO }),
    ("mo", Period { months: 1, ..Period::ZERO }),
    ("wd", Period { work_days: 1, ..Period::ZERO }),
    ("wh", Period { work_minutes: 60, ..Period::ZERO }),
    ("y", Period { months: 12, ..Period::ZERO }),
    ("w", Period { days: 7, ..Period::ZERO }),
    ("d", Period { days: 1, ..Period::ZERO }),
    ("h", Period { minutes: 60, ..Period::ZERO }),
];

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self { months: 0, days: 0, minutes: 0, work_days: 0, work_minutes: 0 };

    /// The sum, unit by unit; `None` when a unit overflows.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            minutes: self.minutes.checked_add(other.minutes)?,
            work_days: self.work_days.checked_add(other.work_days)?,
            work_minutes: self.work_minutes.checked_add(other.work_minutes)?,
        })
    }

    /// This many times the period; `None` when a unit overflows.
    pub fn checked_mul(self, times: i32) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(times)?,
            days: self.days.checked_mul(times)?,
            minutes: self.minutes.checked_mul(times)?,
            work_days: self.work_days.checked_mul(times)?,
            work_minutes: self.work_minutes.checked_mul(times)?,
        })
    }

    /// Whether it uses working units.
    pub const fn is_working(&self) -> bool {
        self.work_days != 0 || self.work_minutes != 0
    }
}

impl FromStr for Period {
    type Err = String;

    /// Reads a literal such as `2h30min`, `3d`, `6mo`, `5wd`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut total = Self::ZERO;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at(digits);
            let unit = UNITS.iter().find(|(unit, _)| tail.starts_with(unit));
            let (Ok(number), Some((unit, one))) = (number.parse::<i32>(), unit) else {
                return Err(format!(
                    "`{text}` is not a duration: write it as `45min`, `2h`, `3d`, `1w`, `6mo`, `1y`, `5wd` or `8wh`"
                ));
            };
            total = one
                .checked_mul(number)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(|| format!("`{text}` is too long a duration"))?;
            rest = tail.get(unit.len()..).unwrap_or("");
        }
        if text.is_empty() { Err("a duration cannot be empty".to_owned()) } else { Ok(total) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ZERO {
            return f.write_str("0min");
        }
        let parts = [
            (self.months / 12, "y"),
            (self.months % 12, "mo"),
            (self.days, "d"),
            (self.minutes / 60, "h"),
            (self.minutes % 60, "min"),
            (self.work_days, "wd"),
            (self.work_minutes / 60, "wh"),
            (self.work_minutes % 60, "wmin"),
        ];
        for (number, unit) in parts {
            if number != 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        Ok(())
    }
}
