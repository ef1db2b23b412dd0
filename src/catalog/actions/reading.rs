//! Actions that only read.

use super::super::spec::{Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Slot, With};

/// `get lead 57`.
const GET: Action = Action {
    id: "get",
    verb: "get",
    summary: "Gives another record by its number; or the values of its fields as they are now.",
    rows: &["F12", "F28", "F29", "F51"],
    head: &[
        Slot::Arg(Param::required("entity", ParamType::Entity, "what it is: `deal`, `contact` …")),
        Slot::Arg(Param::required("id", ParamType::Id, "its number")),
    ],
    preps: &[],
    with: With::Params(&[
        Param::optional("fields", ParamType::FieldNames, "only these fields, frozen: `[title, amount]`"),
        Param::optional(
            "print",
            ParamType::Flag,
            "whether the values are texts for people (labels, names), frozen; `false` without",
        ),
    ]),
    result: ActionResult::Asked,
    effect: EffectClass::Pure,
    touches: &[],
    op: ActionOp::Get,
    examples: &[
        Example::new(
            "Wait for another deal",
            r#"let $other = get deal 58; wait until $other.stage in ["Won"] or 1d; comment deal "the other one is in {$other.stage}";"#,
        ),
        Example::new(
            "Printable values",
            r#"let $c = get company 1 with fields: [name, owner], print: true; log "{$c.name}, {$c.owner}";"#,
        ),
    ],
};

pub(super) const ALL: &[Action] = &[GET];
