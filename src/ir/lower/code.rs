//! Code under construction: instructions, labels, registers, and the program's tables.

use super::super::{CallShape, Catch, Function, Ix, Local, Migration, Op, Part, Pc, Prepared, Reg};
use crate::check::typed::{self, FnId, LocalId};
use crate::schema::Schema;
use crate::source::{SourceFile, Sources, Span};
use crate::value::{Name, Value};

/// The tables that all functions of a program share.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) consts: Vec<Value>,
    pub(super) names: Vec<Name>,
    pub(super) calls: Vec<CallShape>,
    /// The functions; one that is called but not compiled yet has its place.
    pub(super) functions: Vec<Option<Function>>,
    /// The script's functions that have a place, in the order in which they got it.
    pub(super) called: Vec<(FnId, Ix)>,
    /// How runs of older versions come to waits of the body.
    pub(super) migrations: Vec<Migration>,
    /// All texts, one behind the other.
    pub(super) text: String,
    /// Where those of functions begin.
    pub(super) parts: Vec<Part>,
}

impl Tables {
    /// A place for a function.
    pub(super) fn reserve(&mut self) -> Ix {
        self.functions.push(None);
        u16::try_from(self.functions.len() - 1).unwrap_or(u16::MAX)
    }

    /// Puts a function into its place.
    pub(super) fn put(&mut self, at: Ix, function: Function) {
        if let Some(slot) = self.functions.get_mut(usize::from(at)) {
            *slot = Some(function);
        }
    }

    /// The place of a script's function, which gets one when it is called for the first time.
    pub(super) fn function(&mut self, id: FnId) -> Ix {
        if let Some((_, at)) = self.called.iter().find(|(other, _)| *other == id) {
            return *at;
        }
        let at = self.reserve();
        self.called.push((id, at));
        at
    }

    /// Adds the text of an item; says where it begins.
    pub(super) fn add_text(&mut self, span: Span, file: &SourceFile) -> u32 {
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(span.of(&file.text));
        start
    }
}

/// What a piece of code belongs to: a rule or a function of a script.
#[derive(Clone, Copy)]
pub(super) struct Unit<'a> {
    /// Its variables.
    pub(super) locals: &'a [typed::Local],
    /// Its name, if it is a function of a script.
    pub(super) name: &'a str,
    /// All texts.
    pub(super) sources: &'a Sources,
    /// How many of its first registers are no variables: the record and the event of a rule.
    pub(super) own: u16,
    /// Where it begins in its file.
    pub(super) from: u32,
    /// Where its text begins in the program's.
    pub(super) to: u32,
}

impl Unit<'_> {
    /// A place of the file as a place of the program's text.
    fn moved(self, span: Span) -> Span {
        let moved = |offset: u32| offset.saturating_sub(self.from).saturating_add(self.to);
        Span::new(moved(span.start), moved(span.end))
    }
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
    pub(super) unit: Unit<'a>,
    params: u16,
    code: Vec<Op>,
    spans: Vec<Span>,
    place: Span,
    locals: Vec<Local>,
    registers: Vec<Option<Reg>>,
    top: Reg,
    most: Reg,
    labels: Vec<Pc>,
    pub(super) catches: Vec<Catch>,
    pub(super) loops: Vec<Loop>,
}

/// The target of a jump whose label is not placed yet. Labels travel through the code as targets above this number.
const UNPLACED: Pc = 1 << 31;

impl<'a> Code<'a> {
    /// A function whose first registers are its parameters.
    pub(super) fn new(tables: &'a mut Tables, schema: &'a Schema, unit: Unit<'a>, params: u16) -> Self {
        Self {
            tables,
            schema,
            unit,
            params,
            code: Vec::new(),
            spans: Vec::new(),
            place: Span::default(),
            locals: Vec::new(),
            registers: vec![None; unit.locals.len()],
            top: params,
            most: params,
            labels: Vec::new(),
            catches: Vec::new(),
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
                | Op::BinConst { .. }
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
                | Op::Stop
                | Op::Invoke { .. }
                | Op::Fork { .. }
                | Op::Give { .. }
                | Op::Join
                | Op::Undo { .. }
                | Op::Mark { .. }
                | Op::Unwind { .. }
                | Op::Settle
                | Op::Raise { .. }
                | Op::Record { .. }
                | Op::Push { .. }
                | Op::Sort { .. }
                | Op::Find { .. }
                | Op::Rank { .. } => {}
            }
        }
        let mut catches = self.catches;
        for Catch { from, to, handler, error: _ } in &mut catches {
            [from, to, handler].into_iter().for_each(resolve);
        }
        let (name, params, registers, spans) = (self.unit.name.into(), self.params, self.most, self.spans);
        let end = u32::try_from(code.len()).unwrap_or(u32::MAX);
        let mut locals = self.locals;
        for local in &mut locals {
            local.to = local.to.min(end);
        }
        Function { name, params, registers, code, spans, catches, locals, quick: Prepared::default() }
    }

    /// Instructions from here on belong to this place of the script.
    pub(super) fn at(&mut self, span: Span) {
        self.place = self.unit.moved(span);
    }

    pub(super) fn emit(&mut self, op: Op) {
        self.code.push(op);
        self.spans.push(self.place);
    }

    /// The last `Suspend` so far.
    pub(super) fn last_suspend(&self) -> Option<Pc> {
        let at = self.code.iter().rposition(|op| matches!(op, Op::Suspend { .. }))?;
        u32::try_from(at).ok()
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
        let here = self.here();
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
        let here = self.here();
        for local in self.locals.iter_mut().filter(|local| local.reg >= top) {
            local.to = local.to.min(here);
        }
    }

    /// The number of the next instruction.
    pub(super) fn here(&self) -> Pc {
        u32::try_from(self.code.len()).unwrap_or(UNPLACED - 1)
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
        self.give(id, reg);
        reg
    }

    /// Gives a variable its register.
    pub(super) fn give(&mut self, id: LocalId, reg: Reg) {
        let index = id.0 as usize;
        if let Some(slot) = self.registers.get_mut(index) {
            *slot = Some(reg);
        }
        if let Some(local) = self.unit.locals.get(index) {
            let ty = self.schema.type_name(&local.ty).into();
            self.locals.push(Local { name: local.name.clone(), reg, ty, from: self.here(), to: Pc::MAX });
        }
    }

    /// A register that a statement keeps for itself while its blocks are executed.
    pub(super) fn keep(&mut self, what: &str) -> Reg {
        let reg = self.temp();
        self.locals.push(Local { name: what.into(), reg, ty: "".into(), from: self.here(), to: Pc::MAX });
        reg
    }

    /// A new register for a variable that lives within one expression. The expression may be compiled more than once.
    pub(super) fn element(&mut self, id: LocalId) -> Reg {
        let reg = self.temp();
        match self.registers.get_mut(id.0 as usize) {
            Some(slot @ Some(_)) => *slot = Some(reg),
            Some(None) | None => self.give(id, reg),
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
