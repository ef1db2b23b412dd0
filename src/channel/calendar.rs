//! Calls, meetings and bookings as iCalendar (RFC 5545), and their way into a CalDAV collection (RFC 4791).
//!
//! An entry is put with `If-None-Match: *` under a name of its own: when it is there already, it was put before, and nothing
//! has to be done. One that changes is put again as it is.

use super::config::Calendar;
use super::http::{Answer, Request};
use super::{Job, Prepared, Refusal};
use crate::engine::Attempt;
use crate::value::{Moment, Name, Value};

/// Builds the request.
pub(super) fn prepare(config: &Calendar, job: &Job<'_>) -> Result<Prepared, Refusal> {
    let Some(collection) = &config.url else { return Err(Refusal::new("`[calendar]` has no `url`")) };
    let removed = job.text("remove");
    let name = removed.clone().unwrap_or_else(|| job.uid());
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Refusal::new(format!("`{name}` is no entry of ours")));
    }
    let url = format!("{}/{name}.ics", collection.trim_end_matches('/'));
    let method = if removed.is_some() { "DELETE" } else { "PUT" };
    let mut request = Request::new(method, &url, config.timeout).login(config.login.as_ref());
    if removed.is_none() {
        if !job.flag("replace") {
            request = request.header("If-None-Match", "*");
        }
        request = request.body("text/calendar; charset=utf-8", entry(job, None)?);
    }
    Ok(Prepared::Http(Box::new(request)))
}

/// What the answer means.
pub(super) fn outcome(host: &str, answer: &Answer, job: &Job<'_>) -> Attempt {
    if job.value("remove").is_some() {
        let gone = (200..300).contains(&answer.status) || [404, 410].contains(&answer.status);
        return if gone { Attempt::Done { value: None, fields: Vec::new() } } else { answer.failure(host) };
    }
    if (200..300).contains(&answer.status) || answer.status == 412 {
        return Attempt::Done { value: None, fields: vec![(Name::from("calendar_id"), Value::text(&job.uid()))] };
    }
    answer.failure(host)
}

/// A mail with an entry: what it asks of the calendar (RFC 5546), and who asks.
pub(super) struct Asked<'a> {
    /// `REQUEST` or `CANCEL`.
    pub(super) method: &'a str,
    /// The address of the sender, who organises it where nobody else is said to.
    pub(super) sender: String,
}

/// The entry, alone or for a mail: `uid`, `sequence`, `start`, `end`, `title`, `description`, `location`, `organizer`,
/// `attendees`, `remind` (minutes).
pub(super) fn entry(job: &Job<'_>, mail: Option<&Asked<'_>>) -> Result<String, Refusal> {
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
    let called_off = mail.is_some_and(|mail| mail.method == "CANCEL");
    if let Some(mail) = mail {
        add(format!("METHOD:{}", mail.method));
    }
    add("BEGIN:VEVENT".to_owned());
    add(format!("UID:{}@dealflow", job.uid()));
    add(format!("DTSTAMP:{}", utc(job.row.asked)));
    if let Some(Value::Int(number)) = job.value("sequence") {
        add(format!("SEQUENCE:{number}"));
    }
    if called_off {
        add("STATUS:CANCELLED".to_owned());
    }
    add(format!("DTSTART:{}", utc(start)));
    add(format!("DTEND:{}", utc(end)));
    for (name, field) in [("SUMMARY", "title"), ("DESCRIPTION", "description"), ("LOCATION", "location")] {
        if let Some(text) = job.text(field) {
            add(format!("{name}:{}", escape(&text)));
        }
    }
    let sender = mail.map(|mail| vec![mail.sender.clone()]).unwrap_or_default();
    let organizer = Some(job.texts("organizer")).filter(|given| !given.is_empty()).unwrap_or(sender);
    let guest = if called_off { "ATTENDEE" } else { "ATTENDEE;RSVP=TRUE" };
    for (name, addresses) in [("ORGANIZER", organizer), (guest, job.texts("attendees"))] {
        for address in addresses {
            let mailbox: lettre::Address =
                address.parse().map_err(|_| Refusal::new(format!("`{address}` is no e-mail address")))?;
            add(format!("{name}:mailto:{mailbox}"));
        }
    }
    if let Some(Value::Int(minutes)) = job.value("remind").filter(|_| !called_off) {
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
