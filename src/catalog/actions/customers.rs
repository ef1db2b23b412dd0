//! Actions about customers: conversions, repeat leads, exceptions, audiences.

use super::super::spec::{
    Action, ActionOp, ActionResult, EffectClass, Example, Param, ParamType, Prep, Slot, Touch, With,
};
use crate::schema::{NETWORKS, StageKind, Thing};

const BY: Prep = Prep::new(
    "by",
    Param::optional("by", ParamType::Person, "who is responsible for the new record; the owner of the old one without"),
);

/// What can be converted to what.
pub const CONVERSIONS: &[(&str, &[&str])] =
    &[("lead", &["deal", "contact", "company"]), ("quote", &["order", "invoice"]), ("order", &["invoice"])];

/// `convert lead to deal, contact, company`.
const CONVERT: Action = Action {
    id: "convert",
    verb: "convert",
    summary: "Makes records of other entities from a lead, a quote or an order, and closes it as won.",
    rows: &["F21", "F22", "F85", "F86", "F87"],
    head: &[Slot::Arg(Param::required("record", ParamType::Record, "the lead, quote or order"))],
    preps: &[
        Prep::new(
            "to",
            Param::required(
                "targets",
                ParamType::Targets,
                "a lead: `deal`, `contact`, `company`; a quote: `order`, `invoice`; an order: `invoice`",
            ),
        ),
        Prep::new(
            "in",
            Param::optional("pipeline", ParamType::TargetPipeline, "the pipeline of the new deal; the first without"),
        ),
        BY,
    ],
    with: With::Params(&[Param::optional(
        "keep_activities",
        ParamType::Bool,
        "whether the open activities of the source stay open; they are closed without",
    )]),
    result: ActionResult::Converted,
    effect: EffectClass::Embedded,
    touches: &[
        Touch::MakesNamed("targets"),
        Touch::SetsNamed("targets"),
        Touch::Ends(StageKind::Success),
        Touch::EndsOthers("activity", StageKind::Success),
        Touch::EndsOthers("task", StageKind::Success),
        Touch::EndsOthers("call", StageKind::Success),
        Touch::EndsOthers("appointment", StageKind::Success),
    ],
    op: ActionOp::Convert,
    examples: &[
        Example::on(
            "on lead status \"Won\" once per lead",
            "A qualified lead becomes a deal, a contact and a company",
            r#"let $new = convert lead to deal, contact, company in pipeline "Sales"; set $new.deal.amount = 500 PLN;"#,
        ),
        Example::on(
            "on lead updated once per lead",
            "Only a deal, and what is to be done stays open",
            r#"if lead.status == "Won" { convert lead to deal with keep_activities: true; }"#,
        ),
    ],
};

/// `create contact for lead`.
const CONTACT_FOR_LEAD: Action = Action {
    id: "create contact",
    verb: "create",
    summary: "Makes a contact from a lead and marks the lead as a repeat lead; the lead is not converted.",
    rows: &["F23"],
    head: &[Slot::Word("contact")],
    preps: &[Prep::new("for", Param::required("record", ParamType::Record, "the lead")), BY],
    with: With::Params(&[]),
    result: ActionResult::Record("contact"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("contact"), Touch::Sets(&["repeat", "contact"])],
    op: ActionOp::ContactForLead,
    examples: &[
        Example::on("on lead created", "For every lead", r"create contact for lead;"),
        Example::on(
            "on lead created",
            "With somebody responsible",
            r#"let $c = create contact for lead by user "mona"; comment lead "made {$c.name}";"#,
        ),
    ],
};

/// `create repeat lead from deal`.
const REPEAT_LEAD: Action = Action {
    id: "create repeat lead",
    verb: "create",
    summary: "Starts a new round with a customer: a lead with the data of a deal.",
    rows: &["F24"],
    head: &[Slot::Word("repeat"), Slot::Word("lead")],
    preps: &[Prep::new("from", Param::required("record", ParamType::Record, "the deal")), BY],
    with: With::Params(&[]),
    result: ActionResult::Record("lead"),
    effect: EffectClass::Embedded,
    touches: &[Touch::Makes("lead")],
    op: ActionOp::RepeatLead,
    examples: &[
        Example::on("on deal won", "For every deal that is won", r"create repeat lead from deal;"),
        Example::on(
            "on deal won",
            "With somebody responsible and a note",
            r#"let $again = create repeat lead from deal by deal.owner.manager; comment $again "offer 5 % less";"#,
        ),
    ],
};

/// `exclude client`.
const EXCLUDE: Action = Action {
    id: "exclude",
    verb: "exclude",
    summary: "Puts a customer on the list of exceptions: mails and calls of theirs are not recorded any more.",
    rows: &["F43"],
    head: &[Slot::Arg(Param::required("client", ParamType::Customer, "the contact, company or lead"))],
    preps: &[],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::Embedded,
    touches: &[],
    op: ActionOp::Exclude,
    examples: &[
        Example::new("The deal's customer", r"if client is not empty { exclude client; }"),
        Example::on(
            "on email received if event.subject contains \"Re:\"",
            "Who writes too much",
            r"if contact is not empty { exclude contact; }",
        ),
    ],
};

const CLIENT: Slot = Slot::Arg(Param::required("client", ParamType::Customer, "the contact, company or lead"));
const AUDIENCE: Param = Param::required("audience", ParamType::Thing(Thing::Audience), "the audience");
const NETWORK: Prep =
    Prep::new("of", Param::required("network", ParamType::Choice(NETWORKS), "the advertising network"));

/// `add client to audience "VIP" of google`.
const ADD_TO_AUDIENCE: Action = Action {
    id: "add",
    verb: "add",
    summary: "Adds a customer's e-mail addresses and phone numbers to an advertising audience.",
    rows: &["F41", "F42"],
    head: &[CLIENT],
    preps: &[Prep::words("to", &["audience"], AUDIENCE), NETWORK],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::External,
    touches: &[],
    op: ActionOp::AddToAudience,
    examples: &[
        Example::new("Google", r#"if client is not empty { add client to audience "VIP" of google; }"#),
        Example::new("Facebook", r#"if client is not empty { add client to audience "VIP" of facebook; }"#),
    ],
};

/// `remove client from audience "VIP" of google`.
const REMOVE_FROM_AUDIENCE: Action = Action {
    id: "remove",
    verb: "remove",
    summary: "Takes a customer out of an advertising audience.",
    rows: &["F41", "F42"],
    head: &[CLIENT],
    preps: &[Prep::words("from", &["audience"], AUDIENCE), NETWORK],
    with: With::Params(&[]),
    result: ActionResult::None,
    effect: EffectClass::External,
    touches: &[],
    op: ActionOp::RemoveFromAudience,
    examples: &[
        Example::new("Google", r#"if client is not empty { remove client from audience "VIP" of google; }"#),
        Example::new("Facebook", r#"if client is not empty { remove client from audience "VIP" of facebook; }"#),
    ],
};

pub(super) const ALL: &[Action] =
    &[CONVERT, CONTACT_FOR_LEAD, REPEAT_LEAD, EXCLUDE, ADD_TO_AUDIENCE, REMOVE_FROM_AUDIENCE];
