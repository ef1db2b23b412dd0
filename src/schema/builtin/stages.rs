//! The pipelines of built-in entities, for workspaces that declare none.

use super::super::{Pipeline, Stage, StageKind};
use StageKind::{Failure, Open, Success};

type Stages = &'static [(&'static str, StageKind)];

/// Entity, pipeline, stages.
const PIPELINES: &[(&str, &str, Stages)] = &[
    (
        "lead",
        "Leads",
        &[
            ("New", Open),
            ("In progress", Open),
            ("Interested", Open),
            ("Qualified", Open),
            ("Won", Success),
            ("Lost", Failure),
            ("Junk", Failure),
        ],
    ),
    (
        "deal",
        "Sales",
        &[
            ("New", Open),
            ("Proposal", Open),
            ("Invoice", Open),
            ("Delivery", Open),
            ("Won", Success),
            ("Lost", Failure),
        ],
    ),
    ("quote", "Quotes", &[("Draft", Open), ("Sent", Open), ("Accepted", Success), ("Declined", Failure)]),
    (
        "order",
        "Orders",
        &[("New", Open), ("Confirmed", Open), ("Shipped", Open), ("Completed", Success), ("Cancelled", Failure)],
    ),
    (
        "invoice",
        "Invoices",
        &[("Draft", Open), ("Sent", Open), ("Overdue", Open), ("Paid", Success), ("Cancelled", Failure)],
    ),
    ("activity", "Activities", &[("Planned", Open), ("Done", Success), ("Cancelled", Failure)]),
    ("task", "Tasks", &[("New", Open), ("In progress", Open), ("Done", Success), ("Cancelled", Failure)]),
    ("call", "Calls", &[("Planned", Open), ("Done", Success), ("Missed", Failure), ("Cancelled", Failure)]),
    (
        "appointment",
        "Appointments",
        &[("Booked", Open), ("Confirmed", Open), ("Completed", Success), ("Missed", Failure), ("Cancelled", Failure)],
    ),
    ("booking", "Bookings", &[("Active", Open), ("Done", Success), ("Cancelled", Failure)]),
];

/// The pipelines of a built-in entity for which `crm.toml` declares none.
pub(in super::super) fn pipelines(entity: &str) -> Vec<Pipeline> {
    let found = PIPELINES.iter().filter(|(of, ..)| *of == entity);
    let stage = |&(name, kind): &(&str, StageKind)| Stage { name: name.into(), kind, rules_only: false, place: None };
    found
        .map(|(_, name, stages)| Pipeline {
            name: (*name).into(),
            stages: stages.iter().map(stage).collect(),
            place: None,
        })
        .collect()
}
