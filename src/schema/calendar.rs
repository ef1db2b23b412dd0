//! The workspace's clock on the wall: time zone, working hours, holidays.

use crate::value::{Moment, Period};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Time zone, working hours and holidays; the only code that knows what a day is.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The workspace's time zone.
    pub zone: Tz,
    /// Working hours per weekday, Monday first; `None` on days off.
    pub hours: [Option<(NaiveTime, NaiveTime)>; 7],
    /// Days on which nobody works.
    pub holidays: BTreeSet<NaiveDate>,
}
