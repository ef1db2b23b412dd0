//! Which registers an instruction looks at.

use super::{Op, Program, Reg};
use crate::value::Value;

impl Op {
    /// Whether it looks at this register; writing to one is not looking. `program` knows how many arguments actions take.
    pub fn reads(self, reg: Reg, program: &Program) -> bool {
        let within = |base: Reg, n: usize| reg.checked_sub(base).is_some_and(|distance| usize::from(distance) < n);
        match self {
            Self::Const { .. }
            | Self::Now { .. }
            | Self::Today { .. }
            | Self::Jump { .. }
            | Self::ArmNone
            | Self::Watch
            | Self::Suspend { .. }
            | Self::Disarm
            | Self::ReturnNone
            | Self::Stop
            | Self::Fork { .. }
            | Self::Join
            | Self::Mark { .. }
            | Self::Settle => false,
            Self::Copy { dst: _, src: a }
            | Self::Read { dst: _, obj: a, field: _ }
            | Self::Not { dst: _, a }
            | Self::Neg { dst: _, a }
            | Self::IsEmpty { dst: _, a }
            | Self::Format { dst: _, a, format: _ }
            | Self::BinConst { op: _, dst: _, a, k: _ }
            | Self::JumpIf { a, to: _ }
            | Self::JumpUnless { a, to: _ }
            | Self::JumpSome { a, to: _ }
            | Self::Arm { limit: a }
            | Self::WatchEvent { event: _, about: a }
            | Self::Return { a }
            | Self::Give { reg: a }
            | Self::Unwind { mark: a }
            | Self::Raise { a } => a == reg,
            Self::Bin { op: _, dst: _, a, b }
            | Self::Next { dst: _, list: a, at: b, to: _ }
            | Self::Push { list: a, item: b }
            | Self::Sort { list: a, keys: b } => a == reg || b == reg,
            Self::Rank { list, keys, most, down: _ } => [list, keys, most].contains(&reg),
            Self::Find { dst: _, of: names, base } | Self::Record { dst: _, names, base } => {
                match program.consts.get(usize::from(names)) {
                    Some(Value::List(names)) => within(base, names.len()),
                    _ => false,
                }
            }
            Self::Call { func: _, dst: _, base, n } => within(base, usize::from(n)),
            Self::List { dst: _, base, n } | Self::Text { dst: _, base, n } => within(base, usize::from(n)),
            Self::Invoke { function, dst: _, base } | Self::Undo { function, base } => {
                within(base, program.functions.get(usize::from(function)).map_or(0, |f| usize::from(f.params)))
            }
            Self::Act { call, dst: _, base } => {
                within(base, program.calls.get(usize::from(call)).map_or(0, |shape| shape.params.len()))
            }
        }
    }
}
