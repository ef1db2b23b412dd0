//! Literals that look right and mean nothing: `3m`, `2026-02-30`, `25:00`, numbers beyond all bounds.

use super::token::Token;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};
use chrono::NaiveDate;

/// The most digits of one number of a duration.
const DURATION_DIGITS: usize = 7;
/// The most digits of a decimal number.
const DECIMAL_DIGITS: usize = 28;

/// Up to how many letters a whole number is surely right.
pub(super) const WHOLE_NUMBER_LETTERS: u32 = 18;

/// Other spellings of units, and the unit that is meant; nothing where several may be meant.
const UNITS: &[(&str, &[&str])] = &[
    ("m", &["min", "mo"]),
    ("M", &["mo", "min"]),
    ("mins", &["min"]),
    ("minute", &["min"]),
    ("minutes", &["min"]),
    ("hr", &["h"]),
    ("hrs", &["h"]),
    ("hour", &["h"]),
    ("hours", &["h"]),
    ("H", &["h"]),
    ("day", &["d"]),
    ("days", &["d"]),
    ("D", &["d"]),
    ("week", &["w"]),
    ("weeks", &["w"]),
    ("W", &["w"]),
    ("month", &["mo"]),
    ("months", &["mo"]),
    ("mon", &["mo"]),
    ("year", &["y"]),
    ("years", &["y"]),
    ("yr", &["y"]),
    ("Y", &["y"]),
    ("bd", &["wd"]),
    ("s", &[]),
    ("sec", &[]),
    ("secs", &[]),
    ("second", &[]),
    ("seconds", &[]),
    ("ms", &[]),
];

/// The units that there are.
const REAL_UNITS: &[&str] = &["min", "mo", "wd", "wh", "y", "w", "d", "h"];

/// What is wrong with a literal, if anything is.
pub(super) fn wrong(kind: Token, text: &str, span: Span, file: FileId) -> Option<Diagnostic> {
    match kind {
        Token::Int => {
            let sure = span.len() <= WHOLE_NUMBER_LETTERS;
            number(text, !sure && text.replace('_', "").parse::<i64>().is_err(), span, file)
        }
        Token::Decimal | Token::Percent => number(text, text.len() > DECIMAL_DIGITS, span, file),
        Token::Duration => duration(text, span, file),
        Token::Date => date(text, span, file),
        Token::DateTime => {
            let (day, time) = text.split_once('T')?;
            let whole = if is_time(time) { date(day, span, file)? } else { time_of_day(text, time, span, file) };
            Some(whole)
        }
        Token::Time => (!is_time(text)).then(|| {
            let fixed = format!("0{text}");
            if !is_time(&fixed) {
                return time_of_day(text, text, span, file);
            }
            Diagnostic::new(Code::E0112, file, span, "the hours of a time have two digits")
                .label("one digit")
                .help(format!("write `{fixed}`"))
                .fix(format!("write `{fixed}`"), span, fixed)
        }),
        Token::BadLiteral => Some(word_with_digits(text, span, file)),
        _ => None,
    }
}

fn number(text: &str, too_long: bool, span: Span, file: FileId) -> Option<Diagnostic> {
    too_long.then(|| {
        Diagnostic::new(Code::E0112, file, span, format!("`{text}` is too large a number"))
            .label("more than can be computed with")
            .help("whole numbers go up to 9223372036854775807, decimals have at most 28 digits")
    })
}

fn duration(text: &str, span: Span, file: FileId) -> Option<Diagnostic> {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > DURATION_DIGITS).then(|| {
        Diagnostic::new(Code::E0112, file, span, format!("`{text}` is too long a duration"))
            .label("more than can be computed with")
            .help("each number of a duration has at most seven digits")
    })
}

fn date(text: &str, span: Span, file: FileId) -> Option<Diagnostic> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let read = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if read.is_none() {
        let diagnostic =
            Diagnostic::new(Code::E0112, file, span, format!("there is no day `{text}`")).label("not in the calendar");
        return Some(diagnostic.help("a date is year, month and day, such as `2026-12-24`"));
    }
    (text.len() != 10).then(|| {
        let fixed = format!("{year}-{month:0>2}-{day:0>2}");
        Diagnostic::new(Code::E0112, file, span, "month and day have two digits")
            .label("one digit is missing")
            .help(format!("write `{fixed}`"))
            .fix(format!("write `{fixed}`"), day_span(text, span), fixed)
    })
}

/// The day at the beginning of a moment.
fn day_span(day: &str, span: Span) -> Span {
    Span::new(span.start, span.start.saturating_add(u32::try_from(day.len()).unwrap_or(u32::MAX)))
}

fn is_time(text: &str) -> bool {
    match text.as_bytes() {
        [h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
            text.get(..2).is_some_and(|h| h < "24") && text.get(3..).is_some_and(|m| m < "60")
        }
        _ => false,
    }
}

fn time_of_day(text: &str, time: &str, span: Span, file: FileId) -> Diagnostic {
    Diagnostic::new(Code::E0112, file, span, format!("`{text}` has no time of day that exists"))
        .label(format!("`{time}` is not a time"))
        .help("a time is hours and minutes with two digits each, from `00:00` to `23:59`")
}

/// `3m`, `10k`, `10PLN`: digits and letters that are no literal.
fn word_with_digits(text: &str, span: Span, file: FileId) -> Diagnostic {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let units = "write it as `45min`, `2h`, `3d`, `1w`, `6mo`, `1y`, `5wd` or `8wh`";
    if unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase()) {
        let fixed = format!("{number} {unit}");
        return Diagnostic::new(Code::E0112, file, span, "there is a space between an amount and its currency")
            .label("the space is missing")
            .help(format!("write `{fixed}`"))
            .fix(format!("write `{fixed}`"), span, fixed);
    }
    let known = UNITS.iter().find(|(other, _)| *other == unit).map(|(_, meant)| *meant);
    let real = REAL_UNITS.contains(&unit);
    let Some(meant) = known.or(real.then_some(&[])) else {
        return Diagnostic::new(Code::E0110, file, span, format!("`{text}` is neither a number nor a duration"))
            .label("letters directly after digits")
            .help(format!("names begin with a letter; for a duration {units}"));
    };
    let whole = number.bytes().all(|b| b.is_ascii_digit());
    if !whole {
        return Diagnostic::new(
            Code::E0110,
            file,
            span,
            format!("the numbers of a duration are whole, not `{number}`"),
        )
        .label("a fraction")
        .help("put units together, as in `2h30min`");
    }
    let diagnostic = Diagnostic::new(Code::E0110, file, span, format!("`{unit}` is not a unit of time"));
    meaning(diagnostic.label("unknown unit"), number, meant, span)
}

/// `3 days`: a number and, after a space, a unit of time as people write it.
pub(super) fn spelled(number: &str, unit: &str, span: Span, file: FileId) -> Option<Diagnostic> {
    let meant = UNITS.iter().find(|(other, _)| *other == unit).map(|(_, meant)| *meant);
    let real = REAL_UNITS.iter().find(|real| **real == unit).map(std::slice::from_ref);
    let meant = meant.or(real)?;
    let (message, label) = match meant {
        [] => (format!("`{unit}` is not a unit of time"), "unknown unit"),
        _ => ("a duration is one word".to_owned(), "number and unit apart"),
    };
    Some(meaning(Diagnostic::new(Code::E0110, file, span, message).label(label), number, meant, span))
}

/// Help for a duration whose unit is meant to be one of these.
fn meaning(mut diagnostic: Diagnostic, number: &str, meant: &[&str], span: Span) -> Diagnostic {
    diagnostic = diagnostic.help(match meant {
        ["min", "mo"] | ["mo", "min"] => format!("write `{number}min` for minutes or `{number}mo` for months"),
        [unit] => format!("write `{number}{unit}`"),
        _ => "the smallest unit is the minute, such as `45min`".to_owned(),
    });
    for unit in meant {
        diagnostic = diagnostic.fix(format!("write `{number}{unit}`"), span, format!("{number}{unit}"));
    }
    diagnostic
}
