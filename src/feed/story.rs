//! A run's history as people read it.

use crate::engine::history::{Cause, Place, Start};
use crate::engine::inspect::Told;
use crate::engine::request::{Pending, REQUEST};
use crate::engine::{Cancelled, Deed, EffectRow, Ending, HistoryRow, RunId};
use crate::schema::Calendar;
use crate::value::Value;
use crate::vm::Watch;
use std::fmt::Write as _;

/// The whole history, one line for each thing that happened.
pub(crate) fn story(told: &Told, calendar: &Calendar) -> String {
    let mut out = String::new();
    let mut before = 0;
    for (number, row) in &told.history {
        if *number != before + 1 {
            let _ = writeln!(out, "    … {} entries are not kept any more", number - before - 1);
        }
        before = *number;
        entry(told, row, calendar, &mut out);
    }
    out
}

fn entry(told: &Told, row: &HistoryRow, calendar: &Calendar, out: &mut String) {
    let _ = writeln!(out, "    {}  {}", calendar.say(row.at), cause(&row.cause));
    for deed in &row.deeds {
        let _ = writeln!(out, "        {}", self::deed(told, deed, calendar));
    }
    if row.more > 0 {
        let _ = writeln!(out, "        … and {} more", row.more);
    }
    if let Some(end) = ending(told, &row.end, calendar) {
        let _ = writeln!(out, "        {end}");
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Started(start) => format!("starts: {}", occasion(start)),
        Cause::Looked => "goes on: what it waits for changed".to_owned(),
        Cause::Woken(outcome) => format!("goes on: {}", super::timeline::outcome_words(*outcome)),
        Cause::Lifetime => "its `while` is looked at".to_owned(),
        Cause::Restart => "its rule fires again".to_owned(),
        Cause::Ordered(order) => format!("order: {}", order.name()),
        Cause::Moved { to } => format!("goes on with the program {}: its rule was changed", to.short()),
        Cause::Answered(seq) => format!("what came of effect {seq}"),
        Cause::Unknown => "under an earlier version".to_owned(),
        Cause::Replied { how, by, text } => {
            let by = by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
            let text = text.as_ref().map_or_else(String::new, |text| format!(": \"{text}\""));
            format!("{how}{by}{text}")
        }
        Cause::Parent => "the run that started it is cancelled".to_owned(),
        Cause::Deleted => "its record is removed".to_owned(),
    }
}

/// `deal 57 changed by leo`
fn occasion(start: &Start) -> String {
    if start.occasion.what.starts_with("run ") {
        return format!("by {}", start.occasion.what);
    }
    if &*start.occasion.what == "schedule" {
        return "it is time".to_owned();
    }
    let record = start.record.as_ref().map_or_else(|| "the workspace".to_owned(), ToString::to_string);
    let verb = match &*start.occasion.what {
        "create" => "created",
        "update" => "changed",
        "delete" => "deleted",
        "date" => "its date has come",
        other => other,
    };
    let by = start.occasion.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    format!("{record} {verb}{by}")
}

fn deed(told: &Told, deed: &Deed, calendar: &Calendar) -> String {
    match deed {
        Deed::Effect(effect) => effect_line(told.file(), told.id, effect, calendar),
        Deed::HandedOver { seq, place: at, action } => {
            format!("{}  {}.{seq}  {action} is handed over, to be done outside", place(told.file(), at), told.id)
        }
    }
}

/// `rules.flow:3  1.2  comment (record "deal 57", text "…")`
pub(crate) fn effect_line(file: &str, run: RunId, effect: &EffectRow, calendar: &Calendar) -> String {
    let given = effect.args.iter().filter(|(_, value)| *value != Value::Missing);
    let args: Vec<String> = given.map(|(name, value)| format!("{name} {}", value_text(value, calendar))).collect();
    let result = match &effect.result {
        Ok(Value::Missing) => String::new(),
        Ok(value) => format!(" gave {}", value_text(value, calendar)),
        Err(why) => format!(" was refused: {why}"),
    };
    let (place, seq) = (place(file, &effect.place), effect.seq);
    format!("{place}  {run}.{seq}  {} ({}){result}", effect.action, args.join(", "))
}

fn ending(told: &Told, end: &Ending, calendar: &Calendar) -> Option<String> {
    let file = told.file();
    Some(match end {
        Ending::Slept { place: at, until: None } => format!("{}  sleeps", place(file, at)),
        Ending::Slept { place: at, until: Some(until) } => {
            format!("{}  sleeps until {} at most", place(file, at), calendar.say(*until))
        }
        Ending::Ended => "ends".to_owned(),
        Ending::Cancelled(Cancelled::Lifetime) => "cancelled: its `while` does not hold any more".to_owned(),
        Ending::Cancelled(Cancelled::Restart) => "cancelled: the rule fired again".to_owned(),
        Ending::Cancelled(Cancelled::Order) => "cancelled by order".to_owned(),
        Ending::Cancelled(Cancelled::Parent) => "cancelled with the run that started it".to_owned(),
        Ending::Cancelled(Cancelled::Deleted) => "cancelled: its record is gone".to_owned(),
        Ending::Failed(failure) => format!("{}:{}  failed: {}", failure.file, failure.line, failure.message),
        Ending::Parked { place: at, why } => format!("{}  parked until a person decides: {why}", place(file, at)),
        Ending::Paused => "paused".to_owned(),
        Ending::Stuck(why) => format!("stuck: {why}"),
        Ending::Still => return None,
    })
}

/// How a run that is over ended, in a few words.
pub(crate) fn state(end: &Ending) -> &'static str {
    match end {
        Ending::Slept { .. } | Ending::Still => "sleeps",
        Ending::Ended => "ended",
        Ending::Cancelled(_) => "cancelled",
        Ending::Failed(_) => "failed",
        Ending::Parked { .. } => "parked",
        Ending::Paused => "paused",
        Ending::Stuck(_) => "stuck",
    }
}

/// `rules.flow:12`; only the file when a version did not note the line.
fn place(file: &str, place: &Place) -> String {
    let file = place.file.as_deref().unwrap_or(file);
    if place.line == 0 { file.to_owned() } else { format!("{file}:{}", place.line) }
}

/// `asks user mona to approve "deal.discount: 15%": request 17.3`
pub(crate) fn asked(pending: &Pending) -> String {
    let people: Vec<String> = pending.people.iter().map(ToString::to_string).collect();
    let people = people.join(if pending.all { " and " } else { " or " });
    let verb = if pending.approval { " to approve" } else { "" };
    format!("asks {people}{verb} \"{}\": request {}", pending.question, pending.id)
}

/// What a run waits for, after "waits for".
pub(crate) fn watched(watch: &Watch) -> String {
    match watch {
        Watch::Field { of, .. } if &*of.kind == REQUEST => format!("the answer to request {}", of.id),
        Watch::Field { of, field } => format!("a change of `{field}` of {of}"),
        Watch::Event { name, about: Some(about) } => format!("{name} about {about}"),
        Watch::Event { name, about: None } => name.to_string(),
    }
}

/// A value as scripts and reports would write it: records by kind and id, moments by the clock on the wall, texts in
/// quotes.
pub(crate) fn value_text(value: &Value, calendar: &Calendar) -> String {
    match value {
        Value::Ref(of) => of.to_string(),
        Value::Money(money) => format!("{} {}", money.amount, money.currency),
        Value::DateTime(at) => calendar.say(*at),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| value_text(item, calendar)).collect::<Vec<_>>().join(", "))
        }
        Value::Period(period) => period.to_string(),
        Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", value_text(value, calendar)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => crate::schema::value_to_json(other).to_string(),
    }
}
