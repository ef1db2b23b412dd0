//! The features of the two products that this language is measured by, each with what shows that it works.
//!
//! A row is shown by the examples of the actions that name it (`Action::rows`), by a program of `tests/data/run`, or, where
//! it is a property of the whole, by a test of that name. A test walks all rows and fails for one that nothing shows.

/// One feature.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its number: `F61`.
    pub id: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What shows it beside the examples of actions.
    pub shown: &'static [Shown],
}

/// What shows a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A program of `tests/data/run`, without its ending.
    Run(&'static str),
    /// A script with mistakes of `tests/data/errors`, without its ending.
    Mistakes(&'static str),
    /// A test, by its name.
    Test(&'static str),
}

use Shown::{Mistakes, Run, Test};

const fn row(id: &'static str, what: &'static str, shown: &'static [Shown]) -> Row {
    Row { id, what, shown }
}

/// Every feature, in the order of the numbers.
pub const ROWS: &[Row] = &[
    row(
        "F1",
        "kinds of records: leads, deals, contacts, companies, quotes, orders, calls, mails, tasks …",
        &[Run("20_customers")],
    ),
    row(
        "F2",
        "pipelines with their own stages, some of them final",
        &[Run("02_wait_outcomes"), Mistakes("E0203_pipelines")],
    ),
    row("F3", "a rule runs when a record enters a stage", &[Run("01_users_line_reached")]),
    row("F4", "a rule runs when a record is made", &[Run("20_customers")]),
    row("F5", "a rule runs when a deal is won", &[Run("19_activities")]),
    row("F6", "a rule runs when an invoice is paid", &[Run("20_customers")]),
    row("F7", "a rule runs when a link in an e-mail is clicked", &[Run("22_events")]),
    row("F8", "any activity of the customer is noticed", &[Run("02_wait_outcomes"), Run("22_events")]),
    row("F9", "a condition on fields decides whether a rule acts", &[Run("22_events")]),
    row("F10", "values of fields stand in any text", &[Run("19_activities")]),
    row(
        "F11",
        "rules are written per kind of record, and grouped by what they do",
        &[Test("actions_are_listed_and_explained")],
    ),
    row("F12", "an action gives results that later ones use", &[Run("12_chats")]),
    row("F13", "who acts is a parameter, and the record's owner without", &[Run("20_customers"), Run("12_chats")]),
    row("F14", "receivers are employees, several, a role, a department, the customer", &[]),
    row("F15", "attachments are of one kind", &[Mistakes("E0409_attachments")]),
    row("F16", "own fields for chats, files and bookings", &[Run("12_chats"), Run("21_bookings")]),
    row("F17", "create a company", &[]),
    row("F18", "create a contact", &[]),
    row("F19", "create a deal", &[]),
    row("F20", "create a lead", &[]),
    row("F21", "create from a source: a lead becomes a deal, a contact, a company", &[Run("20_customers")]),
    row("F22", "a conversion closes the open activities of its source unless told not to", &[Run("20_customers")]),
    row("F23", "a contact for a lead marks it as a repeat lead", &[Run("20_customers")]),
    row("F24", "a repeat lead from a deal", &[Run("20_customers")]),
    row("F25", "a document from a template", &[Run("21_bookings")]),
    row("F26", "another responsible person", &[]),
    row("F27", "set fields of a record", &[Run("12_chats")]),
    row("F28", "get data of any record", &[]),
    row("F29", "values in a form for people", &[]),
    row("F30", "an activity", &[Run("19_activities")]),
    row("F31", "an activity is done by itself when the stage changes", &[Run("19_activities")]),
    row("F32", "schedule a call", &[]),
    row("F33", "schedule a meeting", &[Run("19_activities")]),
    row("F34", "an entry in the history", &[Run("19_activities")]),
    row("F35", "a comment on the card", &[]),
    row("F36", "an SMS to a customer or an employee", &[Run("19_activities")]),
    row("F37", "the SMS provider must be there", &[Mistakes("E0205_things"), Mistakes("E0404_actions")]),
    row("F38", "an e-mail to a customer", &[]),
    row("F39", "which of the customer's addresses", &[Run("19_activities")]),
    row("F40", "clicks on links in an e-mail are told", &[Run("22_events")]),
    row("F41", "an audience of Google", &[]),
    row("F42", "an audience of Facebook", &[]),
    row("F43", "the list of exceptions: mails and calls are not recorded any more", &[Run("19_activities")]),
    row("F44", "book a resource or an employee's time", &[Run("21_bookings"), Mistakes("E0407_bookings")]),
    row("F45", "cancel any active booking of a field", &[Run("21_bookings")]),
    row("F46", "change the stage in somebody's name", &[]),
    row("F47", "changing the stage ends the run", &[Mistakes("E0501_unreachable")]),
    row("F48", "wait for a lead's status", &[Run("01_users_line_reached")]),
    row("F49", "a wait ends at a final stage too", &[Run("02_wait_outcomes")]),
    row("F50", "wait for a deal's stage", &[Run("15_waits_on_other_records")]),
    row("F51", "wait for another record by its number", &[Run("22_events")]),
    row("F52", "wait for a time or for the customer", &[Run("02_wait_outcomes")]),
    row("F53", "any activity of the customer ends the wait", &[Run("02_wait_outcomes")]),
    row("F54", "a notification", &[]),
    row("F55", "a post in the news feed", &[]),
    row("F56", "a group chat", &[Run("12_chats")]),
    row("F57", "a chat has two people or more", &[Mistakes("E0406_members")]),
    row("F58", "more people in a chat, with or without its history", &[]),
    row("F59", "a chat that an earlier action made", &[Run("12_chats")]),
    row("F60", "a chat kept in a field and used at another stage", &[Run("12_chats")]),
    row("F61", "a message to a group chat", &[Run("12_chats")]),
    row("F62", "types of messages", &[Run("12_chats")]),
    row("F63", "a direct message", &[]),
    row("F64", "an e-mail to an employee", &[]),
    row(
        "F65",
        "an e-mail to an employee is not on the timeline",
        &[Test("records_are_listed_shown_and_changed_by_hand")],
    ),
    row("F66", "an SMS to an employee", &[]),
    row("F67", "a rule has a kind of record, a name and a description", &[Run("22_events")]),
    row(
        "F68",
        "timings: what happens to records, dates, scores, recommendations",
        &[Run("08_dates"), Run("22_events")],
    ),
    row("F69", "timing: made, changed, removed, one field changed", &[Run("22_events")]),
    row("F70", "timing: before or after a date, once, monthly, yearly, at a time of day", &[Run("08_dates")]),
    row("F71", "timing: the score moves", &[Run("22_events")]),
    row("F72", "timing: the recommended date", &[Run("22_events")]),
    row("F73", "criteria decide for which records", &[Run("22_events")]),
    row("F74", "actions go on as long as a condition holds", &[Run("06_lifetime")]),
    row("F75", "immediate actions", &[Run("20_customers")]),
    row("F76", "scheduled actions", &[Run("22_events")]),
    row("F77", "e-mail notification", &[]),
    row("F78", "assign a task", &[]),
    row("F79", "update a field", &[]),
    row("F80", "won deal: a task, and a week later a mail about it", &[Run("22_events")]),
    row("F81", "a reply by e-mail causes a task to call", &[Run("22_events")]),
    row("F82", "each new lead gets a task", &[Run("20_customers")]),
    row("F83", "two days after the call a mail goes to the lead", &[Run("22_events")]),
    row("F84", "a lead that shows interest gets that status", &[Run("22_events")]),
    row("F85", "conversion as an action", &[Run("20_customers")]),
    row("F86", "a qualified lead becomes a company, a contact and a deal", &[Run("20_customers")]),
    row("F87", "a conversion only under its conditions", &[Mistakes("E0408_conversions")]),
    row("F88", "an incoming call", &[Run("22_events")]),
    row("F89", "an outgoing call", &[Run("22_events")]),
    row("F90", "a missed call", &[Run("22_events")]),
    row("F91", "a scheduled call", &[Run("22_events")]),
    row("F92", "e-mails: received, opened, clicked, bounced", &[Run("22_events")]),
    row("F93", "posts and comments of social networks, by page and keyword", &[Run("22_events")]),
    row("F94", "appointments", &[Run("22_events")]),
    row("F95", "what a workspace does not have is told before anything runs", &[Mistakes("E0205_things")]),
    row(
        "F96",
        "what rules did is counted, and what failed is run again",
        &[Test("a_refused_effect_parks_the_run_until_it_can_be_done")],
    ),
    row("F97", "before it runs it is known what a rule can do", &[Test("what_rules_can_do_is_counted")]),
    row("F98", "everything is done at its time", &[Run("08_dates"), Run("14_clock_change")]),
];
