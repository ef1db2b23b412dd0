//! What actions change in records that are there.

use crate::catalog::ActionOp;
use crate::check::typed::{Act, Expr};
use crate::schema::{Schema, Type};
use crate::value::Name;

/// What an action changes in a record.
#[derive(Clone, Debug)]
pub(in crate::check) struct Changes<'e> {
    pub(in crate::check) entity: Name,
    pub(in crate::check) record: &'e Expr,
    pub(in crate::check) fields: Vec<(Name, &'e Expr)>,
}

/// What an action changes in a record that exists, if it does.
pub(in crate::check) fn changes<'e>(schema: &Schema, act: &'e Act) -> Option<Changes<'e>> {
    let record = act.arg("record")?;
    let entity = schema.entity_of(&record.ty)?;
    let fields = match act.action.op {
        ActionOp::Set => {
            let fields = act.args.iter().filter(|(name, _)| &**name != "record");
            fields.map(|(name, e)| (name.clone(), e)).collect()
        }
        // Who of several it will be is not known.
        ActionOp::Assign if act.arg("to")?.ty == Type::Text => vec![],
        ActionOp::Assign => vec![("owner".into(), act.arg("to")?)],
        ActionOp::Move => vec![(entity.stage_name()?.clone(), act.arg("stage")?)],
        ActionOp::NotifyChat
        | ActionOp::Notify
        | ActionOp::Message
        | ActionOp::Post
        | ActionOp::Comment
        | ActionOp::Create
        | ActionOp::Log
        | ActionOp::CreateChat
        | ActionOp::AddMembers
        | ActionOp::Get
        | ActionOp::Convert
        | ActionOp::ContactForLead
        | ActionOp::RepeatLead
        | ActionOp::Activity
        | ActionOp::Task
        | ActionOp::ScheduleCall
        | ActionOp::ScheduleMeeting
        | ActionOp::History
        | ActionOp::Sms
        | ActionOp::Email
        | ActionOp::AddToAudience
        | ActionOp::RemoveFromAudience
        | ActionOp::Exclude
        | ActionOp::Book
        | ActionOp::CancelBooking
        | ActionOp::Document
        | ActionOp::Webhook => return None,
    };
    Some(Changes { entity: entity.name.clone(), record, fields })
}
