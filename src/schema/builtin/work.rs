//! Work and talk: activities, tasks, calls, mails, messages, appointments, bookings.

use super::customers::PRIORITIES;
use super::{Spec, choice, field};

const DIRECTIONS: &[&str] = &["Incoming", "Outgoing"];

/// What became of something that goes out: it waits, is on its way, was held back by a cap, or its receiver told more.
const DELIVERY: &[&str] =
    &["Recorded", "Queued", "Sent", "Delivered", "Opened", "Clicked", "Bounced", "Failed", "Held back"];

pub(super) const ACTIVITY: &[Spec] = &[
    field("subject", "Subject", "text").required(),
    field("status", "Status", "stage").required(),
    field("description", "Description", "text"),
    field("due", "Due", "datetime"),
    field("important", "Important", "bool").required().default("false"),
    field("complete_on_stage_change", "Done when the stage changes", "bool").required().default("false"),
];

pub(super) const TASK: &[Spec] = &[
    field("subject", "Subject", "text").required(),
    field("status", "Status", "stage").required(),
    field("description", "Description", "text"),
    field("due", "Due", "datetime"),
    field("remind", "Remind so long before", "duration"),
    choice("priority", "Priority", PRIORITIES).required().default("Normal"),
];

pub(super) const CALL: &[Spec] = &[
    field("subject", "Subject", "text").required(),
    field("status", "Status", "stage").required(),
    choice("direction", "Direction", DIRECTIONS).required().default("Outgoing"),
    field("start", "Start", "datetime"),
    field("end", "End", "datetime"),
    field("from", "From", "phone"),
    field("to", "To", "phone"),
    field("duration", "Length", "duration"),
    field("recording", "Recording", "file"),
    field("description", "Description", "text"),
    field("remind", "Remind so long before", "duration"),
    field("important", "Important", "bool").required().default("false"),
];

pub(super) const EMAIL: &[Spec] = &[
    field("subject", "Subject", "text").required(),
    field("text", "Text", "text"),
    choice("direction", "Direction", DIRECTIONS).required().default("Outgoing"),
    choice("delivery", "Delivery", DELIVERY).required().default("Recorded"),
    field("sender", "Sender", "text"),
    field("from", "From", "email"),
    field("to", "To", "list of email"),
    choice("format", "Format", &["text", "html", "bbcode"]).required().default("text"),
    field("attachments", "Attachments", "list of file"),
    field("track_clicks", "Clicks are tracked", "bool").required().default("false"),
    field("timeline", "Shown on the record's timeline", "bool").required().default("true"),
    field("employee", "To the employee", "user"),
    field("sent_at", "Sent", "datetime"),
    field("not_before", "Not before", "datetime"),
    field("note", "What became of it", "text"),
];

pub(super) const SMS: &[Spec] = &[
    field("text", "Text", "text").required(),
    choice("direction", "Direction", DIRECTIONS).required().default("Outgoing"),
    choice("delivery", "Delivery", DELIVERY).required().default("Recorded"),
    field("provider", "Provider", "text"),
    field("from", "From", "text"),
    field("to", "To", "phone"),
    field("employee", "To the employee", "user"),
    field("sent_at", "Sent", "datetime"),
    field("not_before", "Not before", "datetime"),
    field("note", "What became of it", "text"),
];

pub(super) const MESSAGE: &[Spec] = &[
    field("text", "Text", "text").required(),
    choice("direction", "Direction", DIRECTIONS).required().default("Outgoing"),
    choice("type", "Type", &["general", "announcement", "notification", "important", "alarm"])
        .required()
        .default("general"),
    field("from", "From the employee", "user"),
    field("to", "To", "list of user"),
    field("sender", "From the customer", "text"),
    field("page", "Page", "text"),
    field("at", "When", "datetime"),
];

pub(super) const APPOINTMENT: &[Spec] = &[
    field("subject", "Subject", "text").required(),
    field("status", "Status", "stage").required(),
    field("start", "Start", "datetime").required(),
    field("end", "End", "datetime"),
    field("location", "Place", "text"),
    field("resource", "Resource", "text"),
    field("employees", "Employees", "list of user"),
    field("description", "Description", "text"),
    field("remind", "Remind so long before", "duration"),
    field("important", "Important", "bool").required().default("false"),
];

pub(super) const BOOKING: &[Spec] = &[
    field("resource", "Resource", "text").required(),
    field("status", "Status", "stage").required(),
    field("start", "Start", "datetime").required(),
    field("end", "End", "datetime").required(),
    field("employees", "Employees", "list of user"),
    field("field", "Booking field", "text"),
    field("calendar_id", "Entry in the calendar", "text"),
];
