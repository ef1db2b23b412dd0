//! What an instruction reads, writes, and where it goes on: for whoever follows code without running it.

use super::{Function, Op, Pc, Program, Reg};
use crate::value::Value;

/// One instruction, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The registers that it looks at, in the order of its operands.
    pub reads: Vec<Reg>,
    /// The register that it writes.
    pub writes: Option<Reg>,
    /// The instructions that may come next in the same frame.
    pub next: Vec<Pc>,
}

impl Op {
    /// Takes the instruction at `pc` apart. Branches are followed like jumps, and what comes after them as well.
    pub fn parts(self, pc: Pc, program: &Program) -> Parts {
        let after = pc.saturating_add(1);
        let plain = |reads: &[Reg], writes| Parts { reads: reads.to_vec(), writes, next: vec![after] };
        let jump = |a: &[Reg], next: &[Pc]| Parts { reads: a.to_vec(), writes: None, next: next.to_vec() };
        let many = |base: Reg, n: usize, writes| {
            let n = Reg::try_from(n).unwrap_or(Reg::MAX);
            Parts { reads: (base..base.saturating_add(n)).collect(), writes, next: vec![after] }
        };
        let params = |function: u16| program.functions.get(usize::from(function)).map_or(0, |f| usize::from(f.params));
        match self {
            Self::Const { dst, .. } | Self::Now { dst } | Self::Today { dst } | Self::Mark { dst } => {
                plain(&[], Some(dst))
            }
            Self::Copy { dst, src: a }
            | Self::Read { dst, obj: a, field: _ }
            | Self::Not { dst, a }
            | Self::Neg { dst, a }
            | Self::IsEmpty { dst, a }
            | Self::Format { dst, a, format: _ }
            | Self::BinConst { op: _, dst, a, k: _ } => plain(&[a], Some(dst)),
            Self::Bin { op: _, dst, a, b } => plain(&[a, b], Some(dst)),
            Self::Call { func: _, dst, base, n } => many(base, usize::from(n), Some(dst)),
            Self::List { dst, base, n } | Self::Text { dst, base, n } => many(base, usize::from(n), Some(dst)),
            Self::Act { call, dst, base } => {
                let n = program.calls.get(usize::from(call)).map_or(0, |shape| shape.params.len());
                many(base, n, Some(dst))
            }
            Self::Invoke { function, dst, base } => many(base, params(function), Some(dst)),
            Self::Undo { function, base } => many(base, params(function), None),
            Self::Jump { to } => jump(&[], &[to]),
            Self::JumpIf { a, to } | Self::JumpUnless { a, to } | Self::JumpSome { a, to } => jump(&[a], &[after, to]),
            Self::Next { dst, list, at, to } => {
                Parts { reads: vec![list, at], writes: Some(dst), next: vec![after, to] }
            }
            Self::Suspend { dst, retry, live: _ } => {
                Parts { reads: Vec::new(), writes: Some(dst), next: vec![after, retry] }
            }
            Self::Fork { race: _, n, live: _ } => {
                let next = (0..=u32::from(n)).map(|i| after.saturating_add(i)).collect();
                Parts { reads: Vec::new(), writes: None, next }
            }
            // What is read and changed in place stays what it was taken for.
            Self::Push { list, item } => plain(&[list, item], None),
            Self::Sort { list, keys } => plain(&[list, keys], None),
            Self::Rank { list, keys, most, down: _ } => plain(&[list, keys, most], None),
            // The kind takes the place of what came before, the field that of what is referred to.
            Self::Find { dst, of: names, base } | Self::Record { dst, names, base } => {
                match program.consts.get(usize::from(names)) {
                    Some(Value::List(names)) => many(base, names.len(), Some(dst)),
                    _ => plain(&[], Some(dst)),
                }
            }
            Self::Arm { limit: a } | Self::WatchEvent { event: _, about: a } | Self::Give { reg: a } => {
                plain(&[a], None)
            }
            Self::Unwind { mark: a } => plain(&[a], None),
            Self::ArmNone | Self::Watch | Self::Disarm | Self::Settle => plain(&[], None),
            Self::Return { a } | Self::Raise { a } => jump(&[a], &[]),
            Self::ReturnNone | Self::Stop | Self::Join => jump(&[], &[]),
        }
    }
}

impl Function {
    /// The places at which mistakes of an instruction are caught, the innermost first: where it goes on, and the register
    /// that gets the mistake's text.
    pub fn caught(&self, pc: Pc) -> Vec<(Pc, Reg)> {
        let mut around: Vec<_> = self.catches.iter().filter(|catch| (catch.from..catch.to).contains(&pc)).collect();
        around.sort_by_key(|catch| catch.to - catch.from);
        around.into_iter().map(|catch| (catch.handler, catch.error)).collect()
    }
    /// The first instruction of the statement whose action is asked for at `pc`.
    ///
    /// Arguments are worked out right before the action, by instructions whose places lie within the statement; they
    /// write only registers above those of variables.
    pub fn statement(&self, pc: Pc) -> Pc {
        let span = |pc: Pc| self.spans.get(pc as usize).copied().unwrap_or_default();
        let whole = span(pc);
        let mut first = pc;
        while let Some(before) = first.checked_sub(1) {
            let part = span(before);
            if part.start == part.end || part.start < whole.start || part.end > whole.end {
                break;
            }
            first = before;
        }
        first
    }

    /// The instructions of branch `i` of the `Fork` at `pc`.
    pub fn branch(&self, pc: Pc, i: u32) -> std::ops::Range<Pc> {
        let end = Pc::try_from(self.code.len()).unwrap_or(Pc::MAX);
        let start = |i: u32| match self.code.get(pc.saturating_add(1).saturating_add(i) as usize) {
            Some(Op::Jump { to }) => *to,
            _ => end,
        };
        start(i)..start(i.saturating_add(1))
    }
}
