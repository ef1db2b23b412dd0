//! Lines of cron: `0 9 * * MON-FRI`. The crate reads them; what is wrong with one is said in our own words, with its place.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use std::ops::Range;

/// What is wrong with a line of cron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronMistake {
    /// The bytes of the line that it is about.
    pub at: Range<usize>,
    /// One sentence.
    pub message: String,
    /// What can be written instead.
    pub help: &'static str,
}

/// A place of a line: what a value of it is called, and what may stand there.
struct Place {
    name: &'static str,
    help: &'static str,
}

const PLACES: [Place; 5] = [
    Place { name: "a minute", help: "the first place is the minute: 0 to 59, `*`, `*/15`, `0,30` or `10-20`" },
    Place { name: "an hour", help: "the second place is the hour: 0 to 23, `*`, `*/2`, `9,17` or `9-17`" },
    Place {
        name: "a day of the month",
        help: "the third place is the day of the month: 1 to 31, `*`, `1,15`, or `L` for the last",
    },
    Place { name: "a month", help: "the fourth place is the month: 1 to 12, `JAN` to `DEC`, `*` or `6-8`" },
    Place {
        name: "a day of the week",
        help: "the fifth place is the day of the week: `MON` to `SUN`, 0 to 7 with Sunday as 0 and 7, `*` or `MON-FRI`",
    },
];
const FIVE: &str = "a line of cron has five places: minute, hour, day, month, day of the week, as in `0 9 * * MON-FRI`";

/// Reads a line of cron: minute, hour, day, month, day of the week; or a word such as `@daily`.
///
/// # Errors
/// What is wrong with it, and where.
pub fn cron(line: &str) -> Result<Cron, CronMistake> {
    let read = parse(line).ok_or_else(|| mistake(line))?;
    let never = |_| CronMistake {
        at: 0..line.len(),
        message: "this time never comes".to_owned(),
        help: "no year has that day: change the day of the month or the month",
    };
    read.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, false).map_err(never)?;
    Ok(read)
}

fn parse(line: &str) -> Option<Cron> {
    CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build().parse(line).ok()
}

/// Finds the place that is wrong: the one that cannot be read among `*` alone.
fn mistake(line: &str) -> CronMistake {
    let parts: Vec<(usize, &str)> = line.split_whitespace().map(|part| (place_of(line, part), part)).collect();
    let whole = |message: String, help| CronMistake { at: 0..line.len(), message, help };
    match parts.as_slice() {
        [] => return whole("this line of cron is empty".to_owned(), FIVE),
        [(at, word)] if word.starts_with('@') => {
            let help = "the words are `@yearly`, `@monthly`, `@weekly`, `@daily` and `@hourly`";
            return CronMistake { at: *at..at + word.len(), message: format!("there is no `{word}`"), help };
        }
        parts if parts.len() > 5 => {
            let from = parts.get(5).map_or(0, |(at, _)| *at);
            let message = format!("a line of cron has five places, and this has {}", parts.len());
            return CronMistake { at: from..line.trim_end().len(), message, help: FIVE };
        }
        parts if parts.len() < 5 => {
            return whole(format!("a line of cron has five places, and this has {}", parts.len()), FIVE);
        }
        _ => {}
    }
    for (n, ((at, part), place)) in parts.iter().zip(&PLACES).enumerate() {
        let alone: Vec<&str> = (0..PLACES.len()).map(|other| if other == n { part } else { "*" }).collect();
        if parse(&alone.join(" ")).is_none() {
            let message = format!("`{part}` cannot be {}", place.name);
            return CronMistake { at: *at..at + part.len(), message, help: place.help };
        }
    }
    whole("these places do not go together".to_owned(), FIVE)
}

/// Where a part of the line begins.
fn place_of(line: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize)
}

#[cfg(test)]
mod tests {
    use super::cron;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (line, at, message) in [
            ("", 0..0, "this line of cron is empty"),
            ("9", 0..1, "a line of cron has five places, and this has 1"),
            ("0 9 * *", 0..7, "a line of cron has five places, and this has 4"),
            ("0 0 9 * * MON", 10..13, "a line of cron has five places, and this has 6"),
            ("61 * * * *", 0..2, "`61` cannot be a minute"),
            ("0 24 * * *", 2..4, "`24` cannot be an hour"),
            ("0  9 32 * *", 5..7, "`32` cannot be a day of the month"),
            ("0 9 * 13 *", 6..8, "`13` cannot be a month"),
            ("0 9 * * XYZ", 8..11, "`XYZ` cannot be a day of the week"),
            ("0 9 * * MON-", 8..12, "`MON-` cannot be a day of the week"),
            ("*/0 9 * * *", 0..3, "`*/0` cannot be a minute"),
            ("5-1 9 * * *", 0..3, "`5-1` cannot be a minute"),
            ("@sometimes", 0..10, "there is no `@sometimes`"),
            ("0 9 31 2 *", 0..10, "this time never comes"),
        ] {
            let found = cron(line).unwrap_err();
            assert_eq!((found.at, found.message.as_str()), (at, message), "{line}");
        }
        for right in ["0 9 * * MON-FRI", "*/15 * * * *", "@daily", "0 0 L * *", "0 9 29 2 *", "0 9 1,15 JAN-MAR 7"] {
            assert!(cron(right).is_ok(), "{right}: {:?}", cron(right));
        }
    }
}
