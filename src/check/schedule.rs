//! Schedules: `every monday at 09:00`, `every 1h`, `every "0 9 * * MON-FRI"`.

use super::context::{Checker, Root};
use super::trigger::Found;
use super::trigger_parts::Parts;
use super::typed::Trigger;
use crate::diagnostics::{Code, did_you_mean};
use crate::schema::{CronMistake, Schedule, Type, cron};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Period, Value};
use chrono::NaiveTime;

/// The words for days, with the days of the week that they mean, Monday the lowest bit.
const DAYS: [(&str, u8); 9] = [
    ("monday", 1),
    ("tuesday", 1 << 1),
    ("wednesday", 1 << 2),
    ("thursday", 1 << 3),
    ("friday", 1 << 4),
    ("saturday", 1 << 5),
    ("sunday", 1 << 6),
    ("day", 0b111_1111),
    ("workday", 0b111_1111),
];
/// The one that also asks for the workspace's working days.
const WORKDAY: &str = "workday";

impl Checker<'_> {
    /// What stands after `every`.
    pub(super) fn schedule(&mut self, trigger: &ast::Trigger) -> Option<Found> {
        self.begin(Root::None, Type::Error);
        let mut parts = Parts::new(self, trigger);
        let schedule = if let Some((period, span)) = parts.duration(self) {
            self.every_period(period, span)?
        } else if let Some((line, span)) = parts.text(self) {
            if let Err(why) = cron(&line) {
                self.no_cron(&line, span, &why);
                return None;
            }
            Schedule::Cron(line.as_str().into())
        } else {
            self.every_day(&mut parts)?
        };
        if parts.is_origins(self) {
            self.no_schedule(parts.span(), "a schedule comes by itself, from nobody");
            return None;
        }
        parts.done(self)?;
        Some(Found { trigger: Trigger::Every(schedule), root: Root::None, event: Type::Error, selector: None })
    }

    /// Reports a line of cron at the place that is wrong, where the script has it as it is.
    fn no_cron(&mut self, line: &str, span: Span, why: &CronMistake) {
        let as_it_is = self.text_of(span).get(1..).is_some_and(|text| text.strip_suffix('"') == Some(line));
        let at = |n: usize| span.start.saturating_add(1).saturating_add(u32::try_from(n).unwrap_or(0));
        let place = Span::new(at(why.at.start), at(why.at.end));
        let place = if as_it_is && !why.at.is_empty() { place } else { span };
        let diagnostic =
            self.error(Code::E0401, place, why.message.clone()).label("in this line of cron").help(why.help);
        self.report(diagnostic);
    }

    fn every_period(&mut self, period: Period, span: Span) -> Option<Schedule> {
        let parts = [period.months, period.days, period.minutes, period.work_days, period.work_minutes];
        if parts.iter().any(|n| *n > 0) && parts.iter().all(|n| *n >= 0) {
            return Some(Schedule::Period(period));
        }
        let diagnostic = self
            .error(Code::E0401, span, "this takes no time")
            .label("the rule would never rest")
            .help("write how long it is from one time to the next, as in `every 1h`");
        self.report(diagnostic);
        None
    }

    /// `monday, friday at 09:00, 17:00`
    fn every_day(&mut self, parts: &mut Parts<'_>) -> Option<Schedule> {
        let (mut days, mut working) = (0, false);
        loop {
            let Some((word, span)) = parts.word(self) else {
                if !parts.is_broken() {
                    self.no_schedule(parts.span(), "this is no time to come again");
                }
                return None;
            };
            let Some((_, bits)) = DAYS.iter().find(|(name, _)| *name == word) else {
                let message = format!("`{word}` is no day");
                match did_you_mean(&word.to_lowercase(), DAYS.iter().map(|(name, _)| *name)) {
                    Some(near) => {
                        let diagnostic = self
                            .error(Code::E0401, span, message)
                            .label(format!("did you mean `{near}`?"))
                            .help("days are written small: `monday`, `day`, `workday`")
                            .fix(format!("write `{near}`"), span, near);
                        self.report(diagnostic);
                    }
                    None => self.no_schedule(span, &message),
                }
                return None;
            };
            days |= bits;
            working |= word == WORKDAY;
            if !parts.comma() {
                break;
            }
        }
        let mut at: Vec<NaiveTime> = Vec::new();
        for e in parts.preps(self, "at") {
            let Some(Value::Time(time)) = self.constant(e, &Type::Time) else { return None };
            at.push(time);
        }
        at.sort_unstable();
        at.dedup();
        if at.is_empty() {
            at.push(NaiveTime::MIN);
        }
        Some(Schedule::Days { days, working, at })
    }

    fn no_schedule(&mut self, span: Span, message: &str) {
        let diagnostic = self.error(Code::E0401, span, message).label("not understood here").help(
            "write a day and a time, as in `every monday at 09:00` or `every workday at 08:00`, a period, as in \
             `every 1h`, or a line of cron, as in `every \"0 9 * * MON-FRI\"` or, on the first of each month, `every \"0 8 1 * *\"`",
        );
        self.report(diagnostic);
    }
}
