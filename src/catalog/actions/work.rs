//! Actions that plan work and keep a record of it: activities, tasks, calls, meetings, the CRM's history.

use super::super::spec::{
    Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, Touch, With,
};

const SUBJECT: Param = Param::required("subject", ParamType::Text, "what is to be done");
const DESCRIPTION: Param = Param::optional("description", ParamType::Text, "more about it");
const IMPORTANT: Param = Param::optional("important", ParamType::Bool, "whether it is marked; `false` without");
const REMIND: Param = Param::optional("remind", ParamType::Duration, "how long before its start to remind");
const RESPONSIBLE: Param =
    Param::optional("responsible", ParamType::Person, "who has to do it; the record's owner without");
const DUE: Param = Param::optional("due", ParamType::Moment, "until when");
const FOR: Prep = Prep::new("for", RESPONSIBLE);
const ABOUT: Prep = Prep::new(
    "about",
    Param::optional("about", ParamType::Record, "the record it belongs to; the run's own record without"),
);
const FROM: Prep = Prep::new("from", Param::required("from", ParamType::Moment, "when it starts"));
const TO: Prep = Prep::new("to", Param::required("to", ParamType::Moment, "when it ends"));

/// `create activity "Subject" for $user`.
const ACTIVITY: Action = Action {
    id: "create activity",
    verb: "create",
    summary: "Puts an activity on a record's list of things to do.",
    rows: &["F30", "F31"],
    head: &[Slot::Word("activity"), Slot::Arg(SUBJECT)],
    preps: &[FOR, ABOUT],
    with: With::Params(&[
        DESCRIPTION,
        DUE,
        IMPORTANT,
        Param::optional(
            "complete_on_stage_change",
            ParamType::Bool,
            "whether it is done by itself as soon as the record's stage or status changes; `false` without",
        ),
    ]),
    result: ActionResult::Record("activity"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("activity")],
    op: ActionOp::Activity,
    examples: &[
        Example::new(
            "Done by itself when the deal moves on",
            r#"create activity "Ask for the signed paper" for deal.owner with complete_on_stage_change: true;"#,
        ),
        Example::new(
            "Wait until it is done",
            r#"let $a = create activity "Call the bakery" with due: now + 1d, important: true; wait until $a.status in [Done] or 2d;"#,
        ),
    ],
};

/// `create task "Subject" for $user`.
const TASK: Action = Action {
    id: "create task",
    verb: "create",
    summary: "Gives somebody a task.",
    rows: &["F78", "F80", "F81", "F82"],
    head: &[Slot::Word("task"), Slot::Arg(SUBJECT)],
    preps: &[FOR, ABOUT],
    with: With::Params(&[
        DUE,
        Param::optional("priority", ParamType::Choice(&["Low", "Normal", "High"]), "how urgent; `Normal` without"),
        DESCRIPTION,
        REMIND,
    ]),
    result: ActionResult::Record("task"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("task")],
    op: ActionOp::Task,
    examples: &[
        Example::new("For the owner", r#"create task "Send the papers for {deal.title}" with due: today + 3d;"#),
        Example::on(
            "on call missed",
            "A call task after a missed call",
            r#"create task "Call {event.from} back" for user "anna" with due: now + 2wh, priority: High, remind: 30min;"#,
        ),
    ],
};

/// `schedule call "Subject" from … to …`.
const CALL: Action = Action {
    id: "schedule call",
    verb: "schedule",
    summary: "Plans a call.",
    rows: &["F32", "F82"],
    head: &[Slot::Word("call"), Slot::Arg(SUBJECT)],
    preps: &[FROM, TO, ABOUT],
    with: With::Params(&[DESCRIPTION, REMIND, RESPONSIBLE, IMPORTANT]),
    result: ActionResult::Record("call"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("call")],
    op: ActionOp::ScheduleCall,
    examples: &[
        Example::new(
            "Half an hour on a day",
            r#"schedule call "Go through the invoice" from 2026-03-09T10:00 to 2026-03-09T10:30 with remind: 15min;"#,
        ),
        Example::on(
            "on lead created",
            "Every new lead gets a call",
            r#"schedule call "First call: {lead.title}" from now + 2wh to now + 2wh + 15min with responsible: user "piotr", important: true;"#,
        ),
    ],
};

/// `schedule meeting "Subject" from … to …`.
const MEETING: Action = Action {
    id: "schedule meeting",
    verb: "schedule",
    summary: "Plans a meeting with the customer.",
    rows: &["F33", "F94"],
    head: &[Slot::Word("meeting"), Slot::Arg(SUBJECT)],
    preps: &[FROM, TO, ABOUT],
    with: With::Params(&[
        Param::optional("location", ParamType::Text, "where"),
        DESCRIPTION,
        REMIND,
        RESPONSIBLE,
        IMPORTANT,
    ]),
    result: ActionResult::Record("appointment"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("appointment")],
    op: ActionOp::ScheduleMeeting,
    examples: &[
        Example::new(
            "At the customer's",
            r#"schedule meeting "Sign the contract" from 2026-03-10T13:00 to 2026-03-10T14:00 with location: "Baker Street 5", remind: 1h;"#,
        ),
        Example::new(
            "In the name of the manager",
            r#"schedule meeting "Handover" from 2026-03-11T09:00 to 2026-03-11T09:30 with responsible: deal.owner.manager, description: "with the papers";"#,
        ),
    ],
};

/// `record "text" in history of deal`.
const HISTORY: Action = Action {
    id: "record",
    verb: "record",
    summary: "Writes an entry in a record's history.",
    rows: &["F34"],
    head: &[Slot::Arg(Param::required("text", ParamType::Text, "what is written"))],
    preps: &[
        Prep::fixed("in", &["history"]),
        Prep::new("of", Param::required("record", ParamType::Record, "the record")),
        Prep::new("by", Param::optional("by", ParamType::Person, "in whose name; the record's owner without")),
    ],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::History,
    examples: &[
        Example::new("What was agreed", r#"record "agreed by phone: {deal.amount}" in history of deal;"#),
        Example::new(
            "On another record",
            r#"if deal.contact is not empty { record "got an invoice" in history of deal.contact by user "mona"; }"#,
        ),
    ],
};

pub(super) const ALL: &[Action] = &[ACTIVITY, TASK, CALL, MEETING, HISTORY];
