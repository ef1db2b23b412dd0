//! `[workspace]` and `[currencies]`: name, time zone, working hours, holidays, money.

use super::Loader;
use crate::diagnostics::did_you_mean;
use crate::schema::Cap;
use crate::schema::calendar::WeekHours;
use crate::schema::currencies::{is_currency, meant};
use crate::schema::document::{Kind, Named, Node};
use crate::value::Currency;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::{TZ_VARIANTS, Tz};
use rust_decimal::Decimal;

pub(super) const KEYS: &[&str] =
    &["name", "language", "timezone", "currency", "hours", "holidays", "quiet_hours", "caps"];
/// More days of a year are no list of holidays any more.
const MOST_YEARLY: usize = 100;
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Loader {
    pub(super) fn workspace(&mut self, section: &Node) {
        for entry in self.reader.table(section, "`workspace`") {
            match entry.key.as_str() {
                "name" => {
                    if let Some(name) = self.reader.text(&entry.value, "`name`") {
                        name.text.clone_into(&mut self.schema.name);
                    }
                }
                "timezone" => self.timezone(&entry.value),
                "currency" => {
                    if let Some(name) = self.reader.text(&entry.value, "`currency`")
                        && let Some(currency) = self.currency(name)
                    {
                        self.schema.rates.remove(&self.schema.base_currency);
                        self.schema.base_currency = currency;
                    }
                }
                "language" => {} // Read before everything else, as it decides which labels are shown.
                "hours" => self.schema.calendar.hours = self.hours(&entry.value),
                "holidays" => self.holidays(&entry.value),
                "quiet_hours" => self.quiet_hours(&entry.value),
                "caps" => self.caps(&entry.value),
                _ => self.reader.unknown_key(entry, "`workspace`", KEYS),
            }
        }
    }

    fn timezone(&mut self, node: &Node) {
        let Some(name) = self.reader.text(node, "`timezone`") else { return };
        if let Ok(zone) = name.text.parse::<Tz>() {
            self.schema.calendar.zone = zone;
            return;
        }
        // People write the city alone.
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = |zone: &&str| zone.rsplit('/').next().is_some_and(|c| c.eq_ignore_ascii_case(name.text));
        let meant = names().find(city).or_else(|| did_you_mean(name.text, names()));
        let message = format!("there is no time zone `{}`", name.text);
        match meant {
            Some(meant) => self.reader.meant(name, message, meant),
            None => self.reader.bad(name.span, message, "write it as `Europe/Warsaw`, `America/New_York` or `UTC`"),
        }
    }

    /// `monday = "09:00-17:00"`, also `mon-fri`; days that are not there are days off.
    pub(super) fn hours(&mut self, node: &Node) -> WeekHours {
        let mut hours = [None; 7];
        for entry in self.reader.table(node, "`hours`") {
            let Some((first, last)) = days(&entry.key) else {
                let message = format!("`{}` is not a day of the week", entry.key);
                self.reader.bad(entry.span, message, "write `monday`, `mon` or `mon-fri`");
                continue;
            };
            let Some(text) = self.reader.text(&entry.value, "working hours") else { continue };
            let Some(span) = working_hours(text.text) else {
                let message = format!("`{}` are no working hours", text.text);
                self.reader.bad(text.span, message, "write them as \"09:00-17:00\", the start before the end");
                continue;
            };
            for (day, slot) in hours.iter_mut().enumerate() {
                if (first..=last).contains(&day) {
                    *slot = Some(span);
                }
            }
        }
        hours
    }

    /// `quiet_hours = "20:00-08:00"`, over midnight if the end is before the start.
    fn quiet_hours(&mut self, node: &Node) {
        let Some(text) = self.reader.text(node, "`quiet_hours`") else { return };
        if let Some(quiet) = two_times(text.text).filter(|(from, to)| from != to) {
            self.schema.quiet_hours = Some(quiet);
        } else {
            let message = format!("`{}` are no quiet hours", text.text);
            self.reader.bad(text.span, message, "write them as \"20:00-08:00\"");
        }
    }

    /// `caps = ["at most 1 sms per client per day"]`
    fn caps(&mut self, node: &Node) {
        for text in self.reader.texts(node, "`caps`") {
            if let Some(cap) = Cap::read(text.text) {
                self.schema.caps.push(cap);
            } else {
                let help =
                    "write \"at most 1 sms per client per day\": `sms` or `email`; `hour`, `day`, `week` or `month`";
                self.reader.bad(text.span, format!("`{}` is no cap", text.text), help);
            }
        }
    }

    fn holidays(&mut self, node: &Node) {
        for item in self.reader.list(node, "`holidays`") {
            let (Kind::Text(text) | Kind::Time(text)) = &item.kind else {
                self.reader.bad(item.span, "a holiday must be a date", "write it as 2026-12-25");
                continue;
            };
            if let Some(day) = day_of_year(text) {
                if !self.schema.calendar.yearly.insert(day) {
                    self.reader.twice(item.span, None, format!("`{text}` is there twice"), "remove one of them");
                } else if self.schema.calendar.yearly.len() > MOST_YEARLY {
                    self.reader.bad(item.span, "too many days of the year", "give days off of the week by `hours`");
                    return;
                }
                continue;
            }
            match text.parse::<NaiveDate>() {
                Ok(day) => {
                    if !self.schema.calendar.holidays.insert(day) {
                        self.reader.twice(item.span, None, format!("`{day}` is there twice"), "remove one of them");
                    }
                }
                Err(_) => self.reader.bad(
                    item.span,
                    format!("`{text}` is not a date"),
                    "write it as 2026-12-25, or as \"12-25\" for every year",
                ),
            }
        }
    }

    /// `EUR = 4.3`: how many units of the workspace's currency one euro is worth.
    pub(super) fn currencies(&mut self, section: &Node) {
        for entry in self.reader.table(section, "`currencies`") {
            let Some(currency) = self.currency(entry.name()) else { continue };
            let (Kind::Int(text) | Kind::Decimal(text)) = &entry.value.kind else {
                let message = format!("the rate of {currency} must be a number");
                let help = format!("write how many {} one {currency} is worth", self.schema.base_currency);
                self.reader.bad(entry.value.span, message, help);
                continue;
            };
            match text.parse::<Decimal>() {
                Ok(rate) if rate > Decimal::ZERO => {
                    if currency == self.schema.base_currency && rate != Decimal::ONE {
                        let message = format!("{currency} is the workspace's currency, so its rate is 1");
                        self.reader.bad(entry.value.span, message, "remove the line");
                    }
                    self.schema.rates.insert(currency, rate);
                }
                Ok(_) | Err(_) => {
                    let message = format!("`{text}` cannot be the rate of {currency}");
                    self.reader.bad(entry.value.span, message, "write a number greater than 0");
                }
            }
        }
    }

    pub(super) fn currency(&mut self, name: Named<'_>) -> Option<Currency> {
        if is_currency(name.text) {
            return name.text.parse().ok();
        }
        let message = format!("there is no currency `{}`", name.text);
        match meant(name.text) {
            Some(meant) => self.reader.meant(name, message, meant),
            None => self.reader.bad(name.span, message, "write its three letters (ISO 4217), such as `EUR`"),
        }
        None
    }
}

/// `monday`, `mon` or `mon-fri`, as numbers from Monday.
fn days(text: &str) -> Option<(usize, usize)> {
    let day = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        let fits = |day: &&str| **day == name || (name.len() == 3 && day.starts_with(&name));
        DAYS.iter().position(fits)
    };
    match text.split_once('-') {
        Some((first, last)) => Some((day(first)?, day(last)?)).filter(|(first, last)| first <= last),
        None => day(text).map(|day| (day, day)),
    }
}

/// `09:00-17:00`.
fn working_hours(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    two_times(text).filter(|(from, to)| from < to)
}

fn two_times(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    Some((time(from)?, time(to)?))
}

/// `12-25`, a day of every year.
fn day_of_year(text: &str) -> Option<(u32, u32)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    // A leap year has all days.
    NaiveDate::from_ymd_opt(2000, month, day).map(|_| (month, day))
}
