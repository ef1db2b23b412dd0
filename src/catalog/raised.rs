//! The named events that follow from changes of records: what happens to a task is told as `task completed`, whether a
//! person, another system or a rule did it. The CRM raises them by this table, and the checker follows rules by it.

use crate::schema::StageKind;

/// What a record must go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is made, and its way has not ended yet.
    Made,
    /// This field changes later.
    Changed(&'static str),
    /// It gets to a stage of this meaning.
    Ends(StageKind),
    /// It gets to the stage of this name.
    Enters(&'static str),
}

/// An event that follows from a change.
#[derive(Clone, Copy, Debug)]
pub struct Raise {
    /// The kind of record.
    pub entity: &'static str,
    /// What it goes through.
    pub way: Way,
    /// The event's name.
    pub event: &'static str,
}

const fn raise(entity: &'static str, way: Way, event: &'static str) -> Raise {
    Raise { entity, way, event }
}

/// Every event that follows from a change. Of several of one entity that fit the first counts.
pub const RAISED: &[Raise] = &[
    raise("task", Way::Ends(StageKind::Success), "task completed"),
    raise("activity", Way::Ends(StageKind::Success), "activity completed"),
    raise("call", Way::Made, "call scheduled"),
    raise("call", Way::Ends(StageKind::Success), "call completed"),
    raise("appointment", Way::Made, "appointment booked"),
    raise("appointment", Way::Ends(StageKind::Success), "appointment completed"),
    raise("appointment", Way::Enters("Missed"), "appointment missed"),
    raise("appointment", Way::Ends(StageKind::Failure), "appointment cancelled"),
    raise("appointment", Way::Changed("start"), "appointment rescheduled"),
    raise("booking", Way::Made, "resource booked"),
    raise("invoice", Way::Ends(StageKind::Success), "invoice paid"),
    raise("document", Way::Made, "document created"),
];

/// A record that is to be done by a moment; when that has come and it is still open, an event tells.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The kind of record.
    pub entity: &'static str,
    /// The field that says until when.
    pub field: &'static str,
    /// The event's name.
    pub event: &'static str,
}

/// Every event that follows from a moment that has come.
pub const DEADLINES: &[Deadline] = &[Deadline { entity: "task", field: "due", event: "task overdue" }];

/// The records that a record may link to, which are attached to its events.
pub const ATTACHED: &[&str] = &["lead", "deal", "contact", "company"];

/// Records that are done by themselves when the stage of the record that they belong to changes: the entity, and the
/// field that says whether.
pub const DONE_WITH_STAGE: (&str, &str) = ("activity", "complete_on_stage_change");

#[cfg(test)]
mod tests {
    use super::{DEADLINES, RAISED};
    use crate::catalog::event_spec;

    #[test]
    fn every_event_that_follows_is_declared() {
        assert!(RAISED.iter().all(|raise| event_spec(raise.event).is_some()));
        assert!(DEADLINES.iter().all(|deadline| event_spec(deadline.event).is_some()));
    }
}
