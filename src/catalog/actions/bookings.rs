//! Actions that book rooms, machines and people's time.

use super::super::spec::{
    Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, Touch, With,
};
use crate::schema::StageKind;

/// `book "Room 2" for deal in deal.visit from … for 2h`.
const BOOK: Action = Action {
    id: "book",
    verb: "book",
    summary: "Books a resource or an employee's time. What is booked already at that time is refused.",
    rows: &["F16", "F44"],
    head: &[Slot::Arg(Param::required(
        "resource",
        ParamType::Bookable,
        "a resource of crm.toml, or an employee whose time is booked",
    ))],
    preps: &[
        Prep::new("for", Param::required("record", ParamType::Record, "the record that it is booked for")),
        Prep::new(
            "in",
            Param::optional("field", ParamType::BookingField, "the booking field; the record's only one without"),
        ),
        Prep::new("from", Param::required("from", ParamType::Moment, "when it begins")),
        Prep::new("for", Param::optional("length", ParamType::Duration, "how long; or `to` the moment of its end")),
        Prep::new("to", Param::optional("to", ParamType::Moment, "when it ends")),
    ],
    with: With::Params(&[Param::optional("employees", ParamType::People, "who else is booked for the same time")]),
    result: ActionResult::Record("booking"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("booking"), Touch::SetsNamed("field")],
    op: ActionOp::Book,
    examples: &[
        Example::new(
            "A room for two hours, released when the deal is lost",
            r#"book "Room 2" for deal in deal.visit from 2026-03-09T10:00 for 2h with employees: [deal.owner]; undo { cancel booking in deal.visit; }"#,
        ),
        Example::new(
            "An employee's morning, given back should the run fail",
            r"book deal.owner for deal from 2026-03-10T09:00 to 2026-03-10T12:00; undo { cancel booking in deal.visit; }",
        ),
    ],
};

/// `cancel booking in deal.visit`.
const CANCEL: Action = Action {
    id: "cancel booking",
    verb: "cancel",
    summary: "Releases every active booking of a booking field.",
    rows: &["F45"],
    head: &[Slot::Word("booking")],
    preps: &[Prep::new("in", Param::required("field", ParamType::BookingField, "the booking field"))],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[Touch::EndsOthers("booking", StageKind::Failure), Touch::SetsNamed("field")],
    op: ActionOp::CancelBooking,
    examples: &[
        Example::on("on deal lost", "When the deal is lost", r"cancel booking in deal.visit;"),
        Example::new(
            "Before another one",
            r#"book "Room 2" for deal from 2026-03-12T10:00 for 1h; wait 1h; cancel booking in deal.visit;"#,
        ),
    ],
};

pub(super) const ALL: &[Action] = &[BOOK, CANCEL];
