//! Actions on records: make, change, hand over, move on, write in their history.

use super::super::spec::{
    Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, Touch, With,
};

const BY: Prep = Prep::new(
    "by",
    Param::optional("by", ParamType::Person, "who is shown as the one who did it; the record's owner without"),
);

/// `create deal …`.
pub(super) const CREATE: Action = Action {
    id: "create",
    verb: "create",
    summary: "Makes a new record of any entity.",
    rows: &["F17", "F18", "F19", "F20"],
    head: &[Slot::Arg(Param::required("entity", ParamType::Entity, "what is made: `deal`, `contact` …"))],
    preps: &[
        Prep::new(
            "in",
            Param::optional("pipeline", ParamType::Pipeline, "the pipeline it starts in; the entity's first without"),
        ),
        BY,
    ],
    with: With::Fields,
    result: ActionResult::NewRecord,
    effect: EffectClass::Embedded,
    touches: &[Touch::MakesNamed("entity")],
    op: ActionOp::Create,
    examples: &[
        Example::new(
            "A deal in a pipeline",
            r#"create deal in pipeline "Sales" with title: "Follow-up of {deal.title}", amount: 500 PLN;"#,
        ),
        Example::new(
            "Use the new record",
            r#"let $c = create contact with name: "New customer"; set deal.contact = $c;"#,
        ),
    ],
};

/// `set deal.field = value`.
pub(super) const SET: Action = Action {
    id: "set",
    verb: "set",
    summary: "Gives fields of a record new values; several assignments to one record are one change.",
    rows: &["F27", "F79"],
    head: &[Slot::Arg(Param::required("record", ParamType::Record, "the record, from the path before the field"))],
    preps: &[],
    with: With::Fields,
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[Touch::SetsGiven],
    op: ActionOp::Set,
    examples: &[
        Example::new("One field", r#"set deal.title = "{deal.title} (checked)";"#),
        Example::new("Several at once", r"set deal.amount = 12_000 PLN, deal.close_date = today + 30d;"),
    ],
};

/// `assign deal to $user`.
pub(super) const ASSIGN: Action = Action {
    id: "assign",
    verb: "assign",
    summary: "Makes somebody else responsible for a record.",
    rows: &["F26"],
    head: &[Slot::Arg(Param::required("record", ParamType::Record, "the record that is handed over"))],
    preps: &[
        Prep::new(
            "to",
            Param::required(
                "to",
                ParamType::Assignee,
                "the new owner; or `next` (in turn) or `least busy` (with the fewest open records of this kind) `of` some",
            ),
        ),
        Prep::new("of", Param::optional("of", ParamType::People, "of whom `next` or `least busy` is taken")),
        BY,
    ],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[Touch::Sets(&["owner"])],
    op: ActionOp::Assign,
    examples: &[
        Example::new("To the owner's manager", r"assign deal to deal.owner.manager;"),
        Example::new("In turn", r#"assign deal to next of department "Sales";"#),
        Example::new("To who has least to do", r#"assign deal to least busy of [user "anna", user "piotr"];"#),
    ],
};

/// `move deal to "Won"`.
pub(super) const MOVE: Action = Action {
    id: "move",
    verb: "move",
    summary: "Puts a record into another stage or status, and ends the run at once.",
    rows: &["F13", "F46", "F47"],
    head: &[Slot::Arg(Param::required("record", ParamType::Record, "the record that moves"))],
    preps: &[Prep::new("to", Param::required("stage", ParamType::Stage, "the stage or status it gets")), BY],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[Touch::Moves],
    op: ActionOp::Move,
    examples: &[
        Example::new("Close a deal", r#"move deal to "Won";"#),
        Example::new("In somebody's name", r#"move deal to "Lost" by deal.owner.manager;"#),
    ],
};

/// `comment deal "text"`.
pub(super) const COMMENT: Action = Action {
    id: "comment",
    verb: "comment",
    summary: "Writes a comment on a record's timeline.",
    rows: &["F13", "F35"],
    head: &[
        Slot::Arg(Param::required("record", ParamType::Record, "the record")),
        Slot::Arg(Param::required("text", ParamType::Text, "what is written")),
    ],
    preps: &[BY],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Comment,
    examples: &[
        Example::new("A note with values", r#"comment deal "Amount is now {deal.amount}";"#),
        Example::new("In the manager's name", r#"comment deal "Seen" by deal.owner.manager;"#),
    ],
};

/// `log "text"`.
pub(super) const LOG: Action = Action {
    id: "log",
    verb: "log",
    summary: "Writes a line in the run's own journal.",
    rows: &[],
    head: &[Slot::Arg(Param::required("text", ParamType::Text, "what is written"))],
    preps: &[],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Log,
    examples: &[
        Example::new("A fixed text", r#"log "second reminder";"#),
        Example::new("A value", r#"log "stage is {deal.stage}";"#),
    ],
};

pub(super) const ALL: &[Action] = &[CREATE, SET, ASSIGN, MOVE, COMMENT, LOG];
