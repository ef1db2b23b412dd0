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
    /// A program of `tests/data/run`, without its ending, and what must stand in it.
    Run(&'static str, &'static [&'static str]),
    /// A workspace of `examples`, and what must stand in its rules.
    Example(&'static str, &'static [&'static str]),
    /// A script with mistakes of `tests/data/errors`, without its ending.
    Mistakes(&'static str),
    /// A test, by its name.
    Test(&'static str),
}

use Shown::{Example, Mistakes, Run, Test};

const fn row(id: &'static str, what: &'static str, shown: &'static [Shown]) -> Row {
    Row { id, what, shown }
}

/// Every feature, in the order of the numbers.
pub const ROWS: &[Row] = &[
    row(
        "F1",
        "kinds of records: leads, deals, contacts, companies, quotes, orders, calls, mails, tasks …",
        &[Run("20_customers", &["on lead created", "on quote status", "on invoice paid", "on deal stage"])],
    ),
    row(
        "F2",
        "pipelines with their own stages, some of them final",
        &[Run("02_wait_outcomes", &[r#"on deal stage "Invoice""#, "case final"]), Mistakes("E0203_pipelines")],
    ),
    row(
        "F3",
        "a rule runs when a record enters a stage",
        &[
            Example("01_big_deal_to_legal", &[r#"on deal stage "Invoice""#]),
            Run("01_users_line_reached", &[r#"on deal stage "Invoice""#]),
        ],
    ),
    row("F4", "a rule runs when a record is made", &[Run("20_customers", &["on lead created"])]),
    row(
        "F5",
        "a rule runs when a deal is won",
        &[Example("07_won_deal", &["on deal won"]), Run("19_activities", &["on deal won"])],
    ),
    row("F6", "a rule runs when an invoice is paid", &[Run("20_customers", &["on invoice paid"])]),
    row(
        "F7",
        "a rule runs when a link in an e-mail is clicked",
        &[Example("05_click_moves_stage", &["on email clicked"]), Run("22_events", &["on email clicked"])],
    ),
    row("F8", "any activity of the customer is noticed", &[Run("09_events", &["wait for activity"])]),
    row(
        "F9",
        "a condition on fields decides whether a rule acts",
        &[
            Example("01_big_deal_to_legal", &["if deal.amount > 10_000 PLN"]),
            Run("22_events", &["if deal.amount > 10000 PLN"]),
        ],
    ),
    row("F10", "values of fields stand in any text", &[Run("20_customers", &[r#""Call {lead.title}""#])]),
    row(
        "F11",
        "rules are written per kind of record, and grouped by what they do",
        &[Test("actions_are_listed_and_explained")],
    ),
    row(
        "F12",
        "an action gives results that later ones use",
        &[Run("12_chats", &["let $room = create chat", "notify chat $room"])],
    ),
    row(
        "F13",
        "who acts is a parameter, and the record's owner without",
        &[Run("20_customers", &[r#"by user "mona""#]), Run("12_chats", &[r#"from user "leo""#])],
    ),
    row("F14", "receivers are employees, several, a role, a department, the customer", &[]),
    row("F15", "attachments are of one kind", &[Mistakes("E0409_attachments")]),
    row(
        "F16",
        "own fields for chats, files and bookings",
        &[Run("12_chats", &["set deal.room = $room"]), Run("21_bookings", &["in deal.visits_booked"])],
    ),
    row("F17", "create a company", &[]),
    row("F18", "create a contact", &[]),
    row("F19", "create a deal", &[]),
    row("F20", "create a lead", &[]),
    row(
        "F21",
        "create from a source: a lead becomes a deal, a contact, a company",
        &[Run("20_customers", &["convert lead to deal, contact, company"])],
    ),
    row(
        "F22",
        "a conversion closes the open activities of its source unless told not to",
        &[Run("20_customers", &["convert lead to"])],
    ),
    row("F23", "a contact for a lead marks it as a repeat lead", &[Run("20_customers", &["create contact for lead"])]),
    row("F24", "a repeat lead from a deal", &[Run("20_customers", &["create repeat lead from deal"])]),
    row("F25", "a document from a template", &[Run("21_bookings", &["create document from template"])]),
    row("F26", "another responsible person", &[Example("16_round_robin", &["assign lead to next of department"])]),
    row("F27", "set fields of a record", &[Run("12_chats", &["set deal.room"])]),
    row("F28", "get data of any record", &[]),
    row("F29", "values in a form for people", &[]),
    row("F30", "an activity", &[Run("19_activities", &["create activity"])]),
    row(
        "F31",
        "an activity is done by itself when the stage changes",
        &[Run("19_activities", &["complete_on_stage_change: true"])],
    ),
    row("F32", "schedule a call", &[]),
    row("F33", "schedule a meeting", &[Run("19_activities", &["schedule meeting", "location:"])]),
    row("F34", "an entry in the history", &[Run("19_activities", &["in history of deal"])]),
    row("F35", "a comment on the card", &[]),
    row("F36", "an SMS to a customer or an employee", &[Run("19_activities", &["send sms to contact"])]),
    row("F37", "the SMS provider must be there", &[Mistakes("E0205_things"), Mistakes("E0404_actions")]),
    row("F38", "an e-mail to a customer", &[]),
    row("F39", "which of the customer's addresses", &[Run("19_activities", &["address: home"])]),
    row(
        "F40",
        "clicks on links in an e-mail are told",
        &[Example("03_offer_then_call", &["track_clicks: true"]), Run("22_events", &[r#"on email clicked "https://"#])],
    ),
    row("F41", "an audience of Google", &[Example("17_lost_to_audience", &["of google"])]),
    row("F42", "an audience of Facebook", &[]),
    row(
        "F43",
        "the list of exceptions: mails and calls are not recorded any more",
        &[Example("14_spammer", &["exclude contact"]), Run("19_activities", &["exclude contact"])],
    ),
    row(
        "F44",
        "book a resource or an employee's time",
        &[
            Example("10_appointment", &[r#"book "Show room""#]),
            Run("21_bookings", &[r#"book "Room 2""#, r#"book user "mona""#]),
            Mistakes("E0407_bookings"),
        ],
    ),
    row(
        "F45",
        "cancel any active booking of a field",
        &[Example("10_appointment", &["cancel booking in deal.visit"]), Run("21_bookings", &["cancel booking in"])],
    ),
    row("F46", "change the stage in somebody's name", &[Example("01_big_deal_to_legal", &[r#"move deal to "Lost""#])]),
    row("F47", "changing the stage ends the run", &[Mistakes("E0501_unreachable")]),
    row(
        "F48",
        "wait for a lead's status",
        &[
            Example("01_big_deal_to_legal", &["wait until lead.status in [Won] or 3d"]),
            Run("01_users_line_reached", &["wait until lead.status in [Won]"]),
        ],
    ),
    row("F49", "a wait ends at a final stage too", &[Run("02_wait_outcomes", &["case final"])]),
    row("F50", "wait for a deal's stage", &[Run("15_waits_on_other_records", &["wait until deal.stage =="])]),
    row(
        "F51",
        "wait for another record by its number",
        &[
            Example("06_other_deal_first", &["get deal deal.other", "wait until $other.stage in"]),
            Run("22_events", &["get deal 58", "wait until $other.stage in"]),
        ],
    ),
    row("F52", "wait for a time or for the customer", &[Run("09_events", &["wait for activity"])]),
    row("F53", "any activity of the customer ends the wait", &[Run("09_events", &["wait for activity"])]),
    row("F54", "a notification", &[]),
    row("F55", "a post in the news feed", &[]),
    row("F56", "a group chat", &[Example("02_chat_per_deal", &["create chat"]), Run("12_chats", &["create chat"])]),
    row("F57", "a chat has two people or more", &[Mistakes("E0406_members")]),
    row(
        "F58",
        "more people in a chat, with or without its history",
        &[Example("02_chat_per_deal", &[r#"add members department "Legal""#, "history: true"])],
    ),
    row("F59", "a chat that an earlier action made", &[Run("12_chats", &["notify chat $room"])]),
    row(
        "F60",
        "a chat kept in a field and used at another stage",
        &[
            Example("02_chat_per_deal", &["set deal.chat = $room", "notify chat deal.chat"]),
            Run("12_chats", &["set deal.room = $room", "notify chat deal.room"]),
        ],
    ),
    row("F61", "a message to a group chat", &[Run("12_chats", &["notify chat"])]),
    row("F62", "types of messages", &[Run("12_chats", &["as announcement"])]),
    row("F63", "a direct message", &[]),
    row("F64", "an e-mail to an employee", &[]),
    row(
        "F65",
        "an e-mail to an employee is not on the timeline",
        &[Test("records_are_listed_shown_and_changed_by_hand")],
    ),
    row("F66", "an SMS to an employee", &[]),
    row(
        "F67",
        "a rule has a kind of record, a name and a description",
        &[Run("22_events", &["/// The description of a rule", r#"rule "Answered" on email received"#])],
    ),
    row(
        "F68",
        "timings: what happens to records, dates, scores, recommendations",
        &[
            Run("08_dates", &["before deal.due"]),
            Run("22_events", &["on deal created", "before deal.recommended", "changed score"]),
        ],
    ),
    row(
        "F69",
        "timing: made, changed, removed, one field changed",
        &[Run("22_events", &["on deal created", "on deal deleted", "changed status"])],
    ),
    row(
        "F70",
        "timing: before or after a date, once, monthly, yearly, at a time of day",
        &[
            Example("09_renewal", &["on 60d before deal.contract_end at 09:00"]),
            Run("08_dates", &["on 3d before deal.due at 09:00", "on 1w after deal.due"]),
            Run("22_triggers", &["monthly", "yearly"]),
        ],
    ),
    row(
        "F71",
        "timing: the score moves",
        &[Run("22_triggers", &["score increased", "score decreased", "score updated"])],
    ),
    row("F72", "timing: the recommended date", &[Run("22_events", &["deal.recommended"])]),
    row("F73", "criteria decide for which records", &[Run("22_events", &["if deal.amount > 10000 PLN"])]),
    row(
        "F74",
        "actions go on as long as a condition holds",
        &[Example("15_escalation", &["while deal.priority =="]), Run("06_lifetime", &["while deal.stage =="])],
    ),
    row("F75", "immediate actions", &[Run("20_customers", &["on lead created { create task"])]),
    row("F76", "scheduled actions", &[Run("22_events", &["wait 2d", "wait 1w"])]),
    row("F77", "e-mail notification", &[]),
    row("F78", "assign a task", &[Example("04_missed_call", &["create task"])]),
    row("F79", "update a field", &[]),
    row(
        "F80",
        "won deal: a task, and a week later a mail about it",
        &[
            Example("07_won_deal", &["create task", "wait 1w", "send email to deal.contact"]),
            Run("22_events", &["on deal won", "create task", "wait 1w", "send email to $task.owner"]),
        ],
    ),
    row(
        "F81",
        "a reply by e-mail causes a task to call",
        &[
            Example("03_offer_then_call", &["wait for email received", "create task"]),
            Run("22_events", &["on email received { create task"]),
        ],
    ),
    row("F82", "each new lead gets a task", &[Run("20_customers", &["on lead created { create task"])]),
    row(
        "F83",
        "two days after the call a mail goes to the lead",
        &[Run("22_events", &["on call completed", "wait 2d", "send email to lead"])],
    ),
    row(
        "F84",
        "a lead that shows interest gets that status",
        &[Run("22_events", &[r#"set lead.status = "Interested""#])],
    ),
    row("F85", "conversion as an action", &[Run("20_customers", &["convert quote to order, invoice"])]),
    row(
        "F86",
        "a qualified lead becomes a company, a contact and a deal",
        &[
            Example("08_qualified_lead", &["convert lead to deal, contact, company"]),
            Run("20_customers", &[r#"on lead status "Qualified""#, "convert lead to deal, contact, company"]),
        ],
    ),
    row("F87", "a conversion only under its conditions", &[Mistakes("E0408_conversions")]),
    row("F88", "an incoming call", &[Run("22_events", &["on call incoming"])]),
    row("F89", "an outgoing call", &[Run("22_events", &["on call outgoing"])]),
    row(
        "F90",
        "a missed call",
        &[Example("04_missed_call", &["on call missed"]), Run("22_events", &["on call missed"])],
    ),
    row("F91", "a scheduled call", &[Run("22_events", &["on call scheduled"])]),
    row(
        "F92",
        "e-mails: received, opened, clicked, bounced",
        &[
            Example("11_bounced_mail", &["on email bounced"]),
            Run("22_events", &["on email received", "on email clicked"]),
            Run("22_triggers", &["on email unreplied", "on email opened and unreplied"]),
        ],
    ),
    row(
        "F93",
        "posts and comments of social networks, by page and keyword",
        &[
            Example("18_social_comment", &["on facebook comment", "event.text contains"]),
            Run("22_events", &["on facebook comment", "event.page ==", "event.text contains"]),
        ],
    ),
    row(
        "F94",
        "appointments",
        &[
            Example("10_appointment", &["on appointment booked"]),
            Run("22_events", &["on appointment booked", "on appointment rescheduled"]),
        ],
    ),
    row("F95", "what a workspace does not have is told before anything runs", &[Mistakes("E0205_things")]),
    row(
        "F96",
        "what rules did is counted, and what failed is run again",
        &[
            Test("the_past_is_told_rule_by_rule"),
            Test("what_runs_did_is_counted_rule_by_rule"),
            Test("a_refused_effect_parks_the_run_until_it_can_be_done"),
        ],
    ),
    row(
        "F97",
        "before it runs it is known what a rule can do, and how often it would have",
        &[Test("the_past_is_told_rule_by_rule"), Test("what_rules_can_do_is_counted")],
    ),
    row(
        "F98",
        "everything is done at its time",
        &[Run("08_dates", &["at 09:00"]), Run("14_clock_change", &["wait 1d"])],
    ),
];
