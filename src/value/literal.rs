//! A value as a script would write it: for dumps and for messages about mistakes.

use super::Value;
use std::fmt::{self, Write};

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Decimal(n) => write!(f, "{n}"),
            Self::Money(amount) => write!(f, "{amount}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::DateTime(moment) => write!(f, "{moment}"),
            Self::Time(time) => write!(f, "{}", time.format("%H:%M")),
            Self::Period(period) => write!(f, "{period}"),
            Self::Ref(of) => write!(f, "{} {:?}", of.kind, &*of.id),
            Self::List(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Self::Record(fields) => {
                f.write_char('{')?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if i == 0 { " " } else { ", " })?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl Value {
    /// What it is, in words that fit after "cannot use": `a text`, `nothing`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "nothing",
            Self::Bool(_) => "yes or no",
            Self::Int(_) => "a whole number",
            Self::Decimal(_) => "a number",
            Self::Money(_) => "an amount of money",
            Self::Text(_) => "a text",
            Self::Date(_) => "a date",
            Self::DateTime(_) => "a moment",
            Self::Time(_) => "a time of day",
            Self::Period(_) => "a duration",
            Self::Ref(_) => "a record or person",
            Self::List(_) => "a list",
            Self::Record(_) => "a group of values",
        }
    }

    /// As a script would write it, cut to a length that fits a message.
    pub fn brief(&self) -> String {
        const LONGEST: usize = 60;
        let full = self.to_string();
        match full.char_indices().nth(LONGEST) {
            None => full,
            Some((end, _)) => format!("{}…", full.get(..end).unwrap_or("")),
        }
    }
}
