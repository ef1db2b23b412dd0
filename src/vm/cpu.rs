//! The loop that executes instructions.

use super::look::Look;
use super::ops::{Answer, binary};
use super::quick::put_bool;
use super::step::{Request, Step, WaitState};
use super::task::{Frame, set};
use crate::catalog::{Env, Func, call, formatted, human, neg};
use crate::ir::{Function, Ix, Op, Pc, Program, Reg};
use crate::value::{Hint, MAX_WEIGHT, Name, Value};

/// Where execution goes after an instruction.
#[derive(Debug)]
pub(super) enum Flow {
    /// To the next one.
    Next,
    /// To this one.
    To(Pc),
    /// Out of the machine; the instruction stays the current one.
    Leave(Step),
    /// Into another function, or back to the one that called this.
    Moved,
    /// Back to the caller, with the value of this register, or without one.
    Return(Option<Reg>),
    /// Into this many branches; registers from there on are no variables of theirs.
    Fork(u16, Reg),
    /// A register goes to the task that the branch belongs to.
    Give(Reg),
    /// The branch ends.
    Join,
    /// This function, whose arguments are in the registers from the second on, undoes the effect before.
    Register(Ix, Reg),
    /// What was done after that effect is undone, and what is due.
    Unwind(Option<u32>),
}

/// How a function is left. Small, and apart from [`Flow`]: to move one of those takes longer than a call.
#[derive(Debug)]
pub(super) enum Exit {
    /// It ends with the value of this register.
    Return(Reg),
    /// Some other way.
    Other,
}

/// Why a run cannot go on.
#[derive(Debug)]
pub(super) enum Fault {
    /// The program or the stored run does not fit.
    Damaged(&'static str),
    /// A mistake at run time, which `try` can catch.
    Run(String),
    /// A mistake of the host.
    Wrong(String),
}

impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::Run(message)
    }
}

/// What instructions work on, borrowed apart from the machine for the time of one step.
pub(super) struct Cpu<'a> {
    /// The function being executed, and those that wait for it.
    pub(super) frame: &'a mut Frame,
    pub(super) callers: &'a mut Vec<Frame>,
    /// Registers of functions that have ended.
    pub(super) spare: &'a mut Vec<Vec<Value>>,
    pub(super) wait: &'a mut Option<WaitState>,
    pub(super) watching: &'a mut bool,
    pub(super) effects: &'a mut u32,
    pub(super) draws: &'a mut u32,
    pub(super) program: &'a Program,
    pub(super) function: &'a Function,
    pub(super) env: &'a Env<'a>,
    pub(super) reader: &'a mut dyn Look,
    pub(super) fuel: u64,
}

impl Cpu<'_> {
    /// Executes instructions from the current one on, until the outermost function ends or more is needed. What takes more
    /// to tell than [`Exit`] can is put into `left`.
    pub(super) fn run(&mut self, left: &mut Result<Flow, Fault>) -> Exit {
        let (mut code, mut quick) = (&*self.function.code, self.function.quickened(self.program));
        let mut pc = self.frame.pc;
        let exit = loop {
            pc = self.dash(quick, pc);
            let Some(op) = code.get(pc as usize) else {
                *left = Err(Fault::Damaged("no such instruction"));
                break Exit::Other;
            };
            if self.fuel == 0 {
                *left = Ok(Flow::Leave(Step::OutOfFuel));
                break Exit::Other;
            }
            self.fuel -= 1;
            // The short way out of a clause.
            if let Op::Return { a } = *op
                && self.callers.is_empty()
            {
                break Exit::Return(a);
            }
            self.frame.pc = pc;
            match self.execute(*op) {
                Ok(Flow::Next) => pc += 1,
                Ok(Flow::To(to)) => pc = to,
                Ok(Flow::Moved) => {
                    (code, quick) = (&*self.function.code, self.function.quickened(self.program));
                    pc = self.frame.pc;
                }
                Ok(Flow::Return(Some(reg))) => break Exit::Return(reg),
                done => {
                    *left = done;
                    break Exit::Other;
                }
            }
        };
        self.frame.pc = pc;
        exit
    }

    #[inline]
    fn execute(&mut self, op: Op) -> Result<Flow, Fault> {
        match op {
            Op::Const { dst, k } => {
                let value = self.constant(k)?.clone();
                self.set(dst, value)
            }
            Op::Copy { dst, src } => self.set(dst, self.get(src)?.clone()),
            Op::Now { dst } => self.set(dst, Value::DateTime(self.env.now)),
            Op::Today { dst } => self.set(dst, Value::Date(self.env.schema.calendar.date_of(self.env.now))),
            Op::Read { dst, obj, field } => self.read(dst, obj, field),
            Op::Not { dst, a } => self.set_bool(dst, !self.truth(a)?),
            Op::Neg { dst, a } => self.set(dst, neg(self.get(a)?)?),
            Op::Bin { op, dst, a, b } => {
                let answer = binary(op, self.get(a)?, self.get(b)?, self.env.schema)?;
                self.answer(dst, answer)
            }
            Op::BinConst { op, dst, a, k } => {
                let answer = binary(op, self.get(a)?, self.constant(k)?, self.env.schema)?;
                self.answer(dst, answer)
            }
            Op::IsEmpty { dst, a } => self.set_bool(dst, self.get(a)?.is_empty()),
            Op::Call { func, dst, base, n } => self.call(func, dst, base, n),
            Op::List { dst, base, n } => self.put(dst, Value::list(self.range(base, n)?.to_vec())),
            Op::Text { dst, base, n } => self.text(dst, base, n),
            Op::Format { dst, a, format } => {
                let text = formatted(self.get(a)?, self.name(format)?, self.env)?;
                self.put(dst, Value::text(&text))
            }
            Op::Jump { to } => Ok(Flow::To(to)),
            Op::JumpIf { a, to } => Ok(if self.truth(a)? { Flow::To(to) } else { Flow::Next }),
            Op::JumpUnless { a, to } => Ok(if self.truth(a)? { Flow::Next } else { Flow::To(to) }),
            Op::JumpSome { a, to } => Ok(if *self.get(a)? == Value::Missing { Flow::Next } else { Flow::To(to) }),
            Op::Next { dst, list, at, to } => self.next(dst, list, at, to),
            Op::Act { call, dst: _, base } => self.act(call, base),
            Op::Arm { limit } => self.arm(limit),
            Op::ArmNone => Ok(self.arm_none()),
            Op::Watch => self.watch(),
            Op::WatchEvent { event, about } => self.watch_event(event, about),
            Op::Suspend { dst, retry: _, live } => self.suspend(dst, live),
            Op::Disarm => Ok(self.disarm()),
            Op::Return { a } => Ok(if self.leave(a)? { Flow::Moved } else { Flow::Return(Some(a)) }),
            Op::ReturnNone => Ok(Flow::Return(None)),
            Op::Stop => Ok(Flow::Leave(Step::Stopped)),
            Op::Invoke { function, dst: _, base } => self.enter(function, base).map(|()| Flow::Moved),
            Op::Fork { race: _, n, live } => Ok(Flow::Fork(n, live)),
            Op::Give { reg } => Ok(Flow::Give(reg)),
            Op::Join => Ok(Flow::Join),
            Op::Undo { function, base } => Ok(Flow::Register(function, base)),
            Op::Mark { dst } => self.set(dst, Value::Int(i64::from(*self.effects))),
            Op::Unwind { mark } => match *self.get(mark)? {
                Value::Int(mark) => Ok(Flow::Unwind(u32::try_from(mark).ok())),
                _ => Err(Fault::Damaged("an attempt without its mark")),
            },
            Op::Settle => Ok(Flow::Unwind(None)),
            Op::Raise { a } => Err(Fault::Run(human(self.get(a)?, self.env))),
            Op::Record { dst, names, base } => self.record(dst, names, base),
            Op::Push { list, item } => self.push(list, item),
            Op::Sort { list, keys } => self.sort(list, keys, false),
            Op::Find { dst: _, of, base } => self.find(of, base),
            Op::Rank { list, keys, most, down } => self.rank(list, keys, most, down),
        }
    }

    #[inline]
    pub(super) fn get(&self, reg: Reg) -> Result<&Value, Fault> {
        self.frame.regs.get(usize::from(reg)).ok_or(Fault::Damaged("no such register"))
    }

    pub(super) fn name(&self, ix: Ix) -> Result<&Name, Fault> {
        self.program.names.get(usize::from(ix)).ok_or(Fault::Damaged("no such name"))
    }

    fn constant(&self, k: Ix) -> Result<&Value, Fault> {
        self.program.consts.get(usize::from(k)).ok_or(Fault::Damaged("no such constant"))
    }

    /// Whether a register is true; a missing value is not.
    #[inline]
    fn truth(&self, reg: Reg) -> Result<bool, Fault> {
        match self.get(reg)? {
            Value::Bool(yes) => Ok(*yes),
            Value::Missing => Ok(false),
            other => Err(not_bool(other)),
        }
    }

    pub(super) fn range(&self, base: Reg, n: u16) -> Result<&[Value], Fault> {
        let base = usize::from(base);
        self.frame.regs.get(base..base + usize::from(n)).ok_or(Fault::Damaged("no such registers"))
    }

    #[inline]
    pub(super) fn set(&mut self, dst: Reg, value: Value) -> Result<Flow, Fault> {
        set(&mut self.frame.regs, dst, value)?;
        Ok(Flow::Next)
    }

    /// Puts what an operator gives into a register.
    #[inline]
    fn answer(&mut self, dst: Reg, answer: Answer) -> Result<Flow, Fault> {
        match answer {
            Answer::Bool(yes) => self.set_bool(dst, yes),
            Answer::Value(value) => self.put(dst, value),
        }
    }

    #[inline]
    fn set_bool(&mut self, dst: Reg, yes: bool) -> Result<Flow, Fault> {
        match put_bool(&mut self.frame.regs, dst, yes) {
            Some(()) => Ok(Flow::Next),
            None => self.set(dst, Value::Bool(yes)),
        }
    }

    /// Puts a computed value into a register after a look at its size, which also costs fuel.
    #[inline]
    pub(super) fn put(&mut self, dst: Reg, value: Value) -> Result<Flow, Fault> {
        if value.is_large() {
            let weight = value.weight().ok_or_else(|| Fault::Run("a value became too large".to_owned()))?;
            self.fuel = self.fuel.saturating_sub(weight as u64 / 64);
        }
        self.set(dst, value)
    }

    /// A field into a register.
    fn read(&mut self, dst: Reg, obj: Reg, field: Ix) -> Result<Flow, Fault> {
        if *self.watching {
            self.watch_read(obj, field)?;
        }
        // Fields are borrowed one by one, as the reader is one of them.
        let name = self.program.names.get(usize::from(field)).ok_or(Fault::Damaged("no such name"))?;
        let value = match self.frame.regs.get(usize::from(obj)).ok_or(Fault::Damaged("no such register"))? {
            Value::Ref(of) => {
                let Some(value) = self.reader.look(of, name, &Hint::default()) else { return self.ask(obj, field) };
                fits(value)?;
                value.clone()
            }
            Value::Record(fields) => fields.get(name).cloned().unwrap_or_default(),
            Value::Missing => Value::Missing,
            other => return Err(Fault::Run(format!("`{}` has no field `{name}`", other.brief()))),
        };
        self.set(dst, value)
    }

    fn watch_read(&mut self, obj: Reg, field: Ix) -> Result<(), Fault> {
        match self.get(obj)? {
            Value::Ref(of) => self.watch_field(of.clone(), self.name(field)?.clone()),
            _ => Ok(()),
        }
    }

    /// Leaves the read to the host.
    fn ask(&self, obj: Reg, field: Ix) -> Result<Flow, Fault> {
        let Value::Ref(of) = self.get(obj)? else { return Err(Fault::Damaged("a read of nothing")) };
        Ok(Flow::Leave(Step::Read { of: of.clone(), field: self.name(field)?.clone() }))
    }

    fn call(&mut self, func: Func, dst: Reg, base: Reg, n: u8) -> Result<Flow, Fault> {
        let mut env = *self.env;
        if func == Func::Random {
            // Each draw starts somewhere else; `random` mixes the bits.
            env.seed = env.seed.wrapping_add(u64::from(*self.draws).wrapping_mul(0xD134_2543_DE82_EF95));
            *self.draws = self.draws.wrapping_add(1);
        }
        let value = call(func, self.range(base, u16::from(n))?, &env)?;
        self.put(dst, value)
    }

    fn text(&mut self, dst: Reg, base: Reg, n: u16) -> Result<Flow, Fault> {
        let mut text = String::new();
        for value in self.range(base, n)? {
            match value {
                Value::Text(part) => text.push_str(part),
                other => text.push_str(&human(other, self.env)),
            }
            if text.len() > MAX_WEIGHT {
                return Err(Fault::Run("a text became too large".to_owned()));
            }
        }
        self.put(dst, Value::text(&text))
    }

    fn next(&mut self, dst: Reg, list: Reg, at: Reg, to: Pc) -> Result<Flow, Fault> {
        let Value::Int(index) = *self.get(at)? else { return Err(Fault::Damaged("a loop without its counter")) };
        let item = match self.get(list)? {
            Value::List(items) => usize::try_from(index).ok().and_then(|index| items.get(index)).cloned(),
            Value::Missing => None,
            other => return Err(Fault::Run(format!("`{}` is not a list", other.brief()))),
        };
        let Some(item) = item else { return Ok(Flow::To(to)) };
        self.set(at, Value::Int(index.saturating_add(1)))?;
        self.set(dst, item)
    }

    fn act(&mut self, call: Ix, base: Reg) -> Result<Flow, Fault> {
        let shape = self.program.calls.get(usize::from(call)).ok_or(Fault::Damaged("no such action"))?;
        let n = u16::try_from(shape.params.len()).map_err(|_| Fault::Damaged("too many arguments"))?;
        let given = shape.params.iter().cloned().zip(self.range(base, n)?.iter().cloned());
        let args = given.collect();
        *self.effects = self.effects.checked_add(1).ok_or_else(|| Fault::Run("too many effects".to_owned()))?;
        let request = Request { seq: *self.effects, action: shape.action.clone(), args };
        Ok(Flow::Leave(Step::Act(request)))
    }
}

#[cold]
fn not_bool(value: &Value) -> Fault {
    Fault::Run(format!("`{}` is not yes or no", value.brief()))
}

/// Refuses a value from the host that is too large.
#[inline]
pub(super) fn fits(value: &Value) -> Result<(), Fault> {
    if value.is_large() && value.weight().is_none() {
        return Err(Fault::Run("the value that was read is too large".to_owned()));
    }
    Ok(())
}
