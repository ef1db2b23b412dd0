//! Calls, meetings and bookings as iCalendar (RFC 5545), and their way into a CalDAV collection (RFC 4791).
//!
//! An entry is put with `If-None-Match: *` under a name made from the errand's key: when it is there already, it was put
//! before, and nothing has to be done.

use super::config::Calendar;
use super::http::{Answer, Request};
use super::{Job, Prepared, Refusal};
use crate::engine::Attempt;
use crate::value::{Moment, Name, Value};

/// Builds the request.
pub(super) fn prepare(config: &Calendar, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let Some(collection) = &config.url else { return Err(Refusal::new("`[calendar]` has no `url`")) };
    let entry_of = |key: &str| format!("{}/{key}.ics", collection.trim_end_matches('/'));
    if let Some(key) = job.text("remove") {
        if !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(Refusal::new(format!("`{key}` is no entry of ours")));
        }
        let request = Request::new("DELETE", &entry_of(&key), config.timeout).login(config.login.as_ref());
        return Ok(Prepared::Http(Box::new(request)));
    }
    let url = entry_of(&job.key());
    let request = Request::new("PUT", &url, config.timeout)
        .login(config.login.as_ref())
        .header("If-None-Match", "*")
        .body("text/calendar; charset=utf-8", entry(job, None)?);
    Ok(Prepared::Http(Box::new(request)))
}

/// What the answer means.
pub(super) fn outcome(host: &str, answer: &Answer, job: &Job<'_>) -> Attempt {
    if job.value("remove").is_some() {
        let gone = (200..300).contains(&answer.status) || [404, 410].contains(&answer.status);
        return if gone { Attempt::Done { value: None, fields: Vec::new() } } else { answer.failure(host) };
    }
    if (200..300).contains(&answer.status) || answer.status == 412 {
        return Attempt::Done { value: None, fields: vec![(Name::from("calendar_id"), Value::text(&job.key()))] };
    }
    answer.failure(host)
}

/// The entry, for a mail with the method of what is asked: `start`, `end`, `title`, `description`, `location`, `organizer`, `attendees`, `remind` (minutes).
pub(super) fn entry(job: &Job<'_>, method: Option<&str>) -> Result<String, Refusal> {
    let moment = |name: &str| match job.value(name) {
        Some(Value::DateTime(at)) => Ok(*at),
        _ => Err(Refusal::new(format!("an entry of a calendar needs `{name}`"))),
    };
    let (start, end) = (moment("start")?, moment("end")?);
    if end < start {
        return Err(Refusal::new("an entry of a calendar ends before it starts"));
    }
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), "PRODID:-//dealflow//EN".to_owned()];
    let mut add = |text: String| lines.push(text);
    if let Some(method) = method {
        add(format!("METHOD:{method}"));
    }
    add("BEGIN:VEVENT".to_owned());
    add(format!("UID:{}@dealflow", job.uid()));
    add(format!("DTSTAMP:{}", utc(job.row.asked)));
    add(format!("DTSTART:{}", utc(start)));
    add(format!("DTEND:{}", utc(end)));
    for (name, field) in [("SUMMARY", "title"), ("DESCRIPTION", "description"), ("LOCATION", "location")] {
        if let Some(text) = job.text(field) {
            add(format!("{name}:{}", escape(&text)));
        }
    }
    for (name, field) in [("ORGANIZER", "organizer"), ("ATTENDEE;RSVP=TRUE", "attendees")] {
        for address in job.texts(field) {
            let mailbox: lettre::Address =
                address.parse().map_err(|_| Refusal::new(format!("`{address}` is no e-mail address")))?;
            add(format!("{name}:mailto:{mailbox}"));
        }
    }
    if let Some(Value::Int(minutes)) = job.value("remind") {
        add("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder".to_owned());
        add(format!("TRIGGER:-PT{}M\r\nEND:VALARM", minutes.unsigned_abs()));
    }
    add("END:VEVENT".to_owned());
    add("END:VCALENDAR".to_owned());
    Ok(lines.iter().map(|line| fold(line)).collect())
}

/// `20260302T080000Z`
fn utc(at: Moment) -> String {
    at.utc().format("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value: what has a meaning of its own is escaped, control characters are left out.
fn escape(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Breaks a line after 75 bytes at most, as the standard asks, and ends it.
fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut width = 0;
    for c in line.chars() {
        if width + c.len_utf8() > 74 && c != '\r' && c != '\n' {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width = if c == '\n' { 0 } else { width + c.len_utf8() };
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, fold};

    #[test]
    fn texts_are_escaped_and_long_lines_folded() {
        assert_eq!(escape("a;b,c\\d\r\ne\u{7}"), "a\\;b\\,c\\\\d\\ne");
        let folded = fold(&format!("SUMMARY:{}", "ż".repeat(100)));
        assert!(folded.lines().all(|line| line.len() <= 75), "{folded}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "ż".repeat(100)));
    }
}
