//! Code under construction: instructions, labels, registers, and the program's tables.

use super::super::{CallShape, Function, Ix, Local, Op, Pc, Reg};
use super::{PARAMS, relative};
use crate::check::typed::{self, LocalId};
use crate::schema::Schema;
use crate::source::Span;
use crate::value::{Name, Value};

/// The tables that all functions of a program share.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) consts: Vec<Value>,
    pub(super) names: Vec<Name>,
    pub(super) calls: Vec<CallShape>,
}

/// A place in the code that jumps refer to before it is known.
#[derive(Clone, Copy)]
pub(super) struct Label(usize);

/// Where `break` and `continue` go.
#[derive(Clone, Copy)]
pub(super) struct Loop {
    pub(super) next: Label,
    pub(super) end: Label,
}

/// One function under construction.
pub(super) struct Code<'a> {
    pub(super) tables: &'a mut Tables,
    pub(super) schema: &'a Schema,
    pub(super) rule: &'a typed::Rule,
    code: Vec<Op>,
    spans: Vec<Span>,
    place: Span,
    locals: Vec<Local>,
    registers: Vec<Option<Reg>>,
    top: Reg,
    most: Reg,
    labels: Vec<Pc>,
    pub(super) loops: Vec<Loop>,
}

/// The target of a jump whose label is not placed yet. Labels travel through the code as targets above this number.
const UNPLACED: Pc = 1 << 31;

impl<'a> Code<'a> {
    pub(super) fn new(tables: &'a mut Tables, schema: &'a Schema, rule: &'a typed::Rule) -> Self {
        Self {
            tables,
            schema,
            rule,
            code: Vec::new(),
            spans: Vec::new(),
            place: Span::default(),
            locals: Vec::new(),
            registers: vec![None; rule.locals.len()],
            top: PARAMS,
            most: PARAMS,
            labels: Vec::new(),
            loops: Vec::new(),
        }
    }

    /// The finished function, with all jumps resolved.
    pub(super) fn finish(self) -> Function {
        let labels = self.labels;
        let resolve = |to: &mut Pc| {
            if *to >= UNPLACED {
                *to = labels.get((*to - UNPLACED) as usize).copied().unwrap_or(0);
            }
        };
        let mut code = self.code;
        for op in &mut code {
            match op {
                Op::Jump { to }
                | Op::JumpIf { to, .. }
                | Op::JumpUnless { to, .. }
                | Op::JumpSome { to, .. }
                | Op::Next { to, .. }
                | Op::Suspend { retry: to, .. } => resolve(to),
                Op::Const { .. }
                | Op::Copy { .. }
                | Op::Now { .. }
                | Op::Today { .. }
                | Op::Read { .. }
                | Op::Not { .. }
                | Op::Neg { .. }
                | Op::Bin { .. }
                | Op::IsEmpty { .. }
                | Op::Call { .. }
                | Op::List { .. }
                | Op::Text { .. }
                | Op::Format { .. }
                | Op::Act { .. }
                | Op::Arm { .. }
                | Op::ArmNone
                | Op::Watch
                | Op::WatchEvent { .. }
                | Op::Disarm
                | Op::Return { .. }
                | Op::ReturnNone
                | Op::Stop => {}
            }
        }
        Function { params: PARAMS, registers: self.most, code, spans: self.spans, locals: self.locals }
    }

    /// Instructions from here on belong to this place of the script.
    pub(super) fn at(&mut self, span: Span) {
        self.place = relative(self.rule, span);
    }

    pub(super) fn emit(&mut self, op: Op) {
        self.code.push(op);
        self.spans.push(self.place);
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels.push(0);
        Label(self.labels.len() - 1)
    }

    /// What a jump to the label carries until the end.
    #[expect(clippy::unused_self, reason = "a label means something only in its own function")]
    pub(super) fn to(&self, label: Label) -> Pc {
        UNPLACED.saturating_add(u32::try_from(label.0).unwrap_or(0))
    }

    /// Puts the label here.
    pub(super) fn place(&mut self, label: Label) {
        let here = u32::try_from(self.code.len()).unwrap_or(UNPLACED - 1);
        if let Some(slot) = self.labels.get_mut(label.0) {
            *slot = here;
        }
    }

    /// The first register that holds nothing.
    pub(super) fn top(&self) -> Reg {
        self.top
    }

    /// Gives back all registers from `top` on.
    pub(super) fn release(&mut self, top: Reg) {
        self.top = top;
    }

    pub(super) fn temp(&mut self) -> Reg {
        let reg = self.top;
        self.top = self.top.saturating_add(1);
        self.most = self.most.max(self.top);
        reg
    }

    /// The variable's register, given to it at its first use.
    pub(super) fn register(&mut self, id: LocalId) -> Reg {
        let index = id.0 as usize;
        if let Some(reg) = self.registers.get(index).copied().flatten() {
            return reg;
        }
        let reg = self.temp();
        if let Some(slot) = self.registers.get_mut(index) {
            *slot = Some(reg);
        }
        if let Some(local) = self.rule.locals.get(index) {
            self.locals.push(Local { name: local.name.clone(), reg });
        }
        reg
    }

    /// Whether the variable has a register already.
    pub(super) fn is_placed(&self, id: LocalId) -> bool {
        self.registers.get(id.0 as usize).is_some_and(Option::is_some)
    }

    pub(super) fn constant(&mut self, value: &Value) -> Ix {
        index_of(&mut self.tables.consts, value)
    }

    pub(super) fn name(&mut self, name: &Name) -> Ix {
        index_of(&mut self.tables.names, name)
    }

    pub(super) fn shape(&mut self, shape: &CallShape) -> Ix {
        index_of(&mut self.tables.calls, shape)
    }
}

/// The place of `item` in the table, which gets it if it is new.
fn index_of<T: PartialEq + Clone>(table: &mut Vec<T>, item: &T) -> Ix {
    let at = table.iter().position(|other| other == item).unwrap_or_else(|| {
        table.push(item.clone());
        table.len() - 1
    });
    u16::try_from(at).unwrap_or(u16::MAX)
}
