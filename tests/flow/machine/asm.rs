//! A small assembler for programs, and a host that drives a machine and writes down what happens.

use super::workspace::{env, monday};
use dealflow::catalog::Env;
use dealflow::ir::{CallShape, Debug, Digest, Function, Ix, Local, Op, Origin, Pc, Program, Reentry, Reg, Trigger};
use dealflow::schema::Schema;
use dealflow::source::Span;
use dealflow::value::{Moment, Ref, Value};
use dealflow::vm::{Input, Machine, Step, stored};
use std::collections::BTreeMap;

/// A program being made.
pub(crate) struct Asm {
    pub(crate) program: Program,
    code: Vec<Op>,
    /// Jumps whose target is not known yet: where they are, and to which label.
    open: Vec<(usize, &'static str)>,
    labels: BTreeMap<&'static str, Pc>,
}

impl Asm {
    pub(crate) fn new() -> Self {
        let program = Program {
            trigger: Trigger::Updated("deal".into()),
            condition: None,
            lifetime: None,
            reentry: Reentry::EachTime,
            origins: vec![Origin::User, Origin::Api, Origin::Rule],
            functions: Vec::new(),
            consts: Vec::new(),
            names: Vec::new(),
            calls: Vec::new(),
            migrations: Vec::new(),
            debug: Debug {
                rule: "test".into(),
                file: "test.flow".into(),
                line: 1,
                text: "0123456789".into(),
                parts: Vec::new(),
            },
        };
        Self { program, code: Vec::new(), open: Vec::new(), labels: BTreeMap::new() }
    }

    /// The index of a name, added when it is new.
    pub(crate) fn name(&mut self, name: &str) -> Ix {
        let names = &mut self.program.names;
        let at = names.iter().position(|n| &**n == name).unwrap_or_else(|| {
            names.push(name.into());
            names.len() - 1
        });
        Ix::try_from(at).unwrap()
    }

    /// An instruction.
    pub(crate) fn op(&mut self, op: Op) -> &mut Self {
        self.code.push(op);
        self
    }

    /// A constant into a register.
    pub(crate) fn set(&mut self, dst: Reg, value: Value) -> &mut Self {
        let k = Ix::try_from(self.program.consts.len()).unwrap();
        self.program.consts.push(value);
        self.op(Op::Const { dst, k })
    }

    /// A field into a register.
    pub(crate) fn read(&mut self, dst: Reg, obj: Reg, field: &str) -> &mut Self {
        let field = self.name(field);
        self.op(Op::Read { dst, obj, field })
    }

    /// An action with arguments from `base` on.
    pub(crate) fn act(&mut self, dst: Reg, base: Reg, action: &str, params: &[&str]) -> &mut Self {
        let call = Ix::try_from(self.program.calls.len()).unwrap();
        let params = params.iter().map(|p| (*p).into()).collect();
        self.program.calls.push(CallShape { action: action.into(), params });
        self.op(Op::Act { call, dst, base })
    }

    /// A place to jump to.
    pub(crate) fn label(&mut self, label: &'static str) -> &mut Self {
        self.labels.insert(label, Pc::try_from(self.code.len()).unwrap());
        self
    }

    /// An instruction that refers to a label.
    pub(crate) fn to(&mut self, label: &'static str, op: Op) -> &mut Self {
        self.open.push((self.code.len(), label));
        self.op(op)
    }

    /// The finished program, of one function with these parameters and registers.
    pub(crate) fn done(&mut self, params: u16, registers: u16, locals: &[(&str, Reg)]) -> Program {
        for (at, label) in self.open.drain(..) {
            let target = self.labels[label];
            match &mut self.code[at] {
                Op::Jump { to } | Op::JumpIf { to, .. } | Op::JumpUnless { to, .. } | Op::JumpSome { to, .. } => {
                    *to = target;
                }
                Op::Next { to, .. } => *to = target,
                Op::Suspend { retry, .. } => *retry = target,
                other => panic!("{other:?} has no target"),
            }
        }
        let spans = (0..).map(|pc| Span::new(pc, pc + 1)).take(self.code.len()).collect();
        let locals = locals
            .iter()
            .map(|&(name, reg)| Local { name: name.into(), reg, ty: "text".into(), from: 0, to: Pc::MAX })
            .collect();
        self.program.functions.push(Function {
            name: "".into(),
            params,
            registers,
            code: std::mem::take(&mut self.code),
            spans,
            catches: Vec::new(),
            locals,
            ..Function::default()
        });
        self.program.clone()
    }
}

/// The user's own line, as the compiler makes it.
pub(crate) fn user_line() -> Program {
    let mut asm = Asm::new();
    asm.set(2, Value::Ref(Ref::new("chat", "legal"))).set(3, Value::text("..."));
    asm.act(2, 2, "notify chat", &["chat", "text"]);
    asm.set(2, Value::Period("3d".parse().unwrap())).op(Op::Arm { limit: 2 });
    asm.label("L").op(Op::Watch).read(2, 0, "lead").read(3, 2, "status");
    asm.set(4, Value::list(vec![Value::text("Won")]));
    asm.op(Op::Bin { op: dealflow::ir::BinOp::In, dst: 3, a: 3, b: 4 }).to("R", Op::JumpIf { a: 3, to: 0 });
    asm.read(3, 2, "$closed").op(Op::Not { dst: 3, a: 3 }).to("F", Op::JumpUnless { a: 3, to: 0 });
    asm.to("L", Op::Suspend { dst: 2, retry: 0, live: 2 }).to("D", Op::Jump { to: 0 });
    asm.label("R").set(2, Value::text("reached")).to("D", Op::Jump { to: 0 });
    asm.label("F").set(2, Value::text("final"));
    asm.label("D").op(Op::Disarm).op(Op::ReturnNone);
    asm.done(2, 5, &[])
}

/// How a drive treats the machine between two steps.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Between {
    /// Leaves it alone.
    Nothing,
    /// Saves and loads it.
    SaveAndLoad,
    /// Gives it one instruction at a time, and saves and loads it after each.
    EveryInstruction,
}

/// A host: fields of records, and what comes at each suspension.
pub(crate) struct Host {
    pub(crate) fields: BTreeMap<(Ref, String), Value>,
    pub(crate) wakes: Vec<(Moment, Input)>,
    pub(crate) fuel: u64,
}

impl Host {
    pub(crate) fn new(fields: &[(&str, &str, &str, Value)]) -> Self {
        let fields = fields.iter().map(|(kind, id, field, v)| ((Ref::new(kind, id), (*field).to_owned()), v.clone()));
        Self { fields: fields.collect(), wakes: Vec::new(), fuel: 3000 }
    }

    /// Runs the program from its start to its end and writes down every step.
    pub(crate) fn drive(
        &mut self,
        program: &Program,
        args: Vec<Value>,
        schema: &Schema,
        between: Between,
    ) -> Vec<String> {
        let mut machine = Machine::start(0, args, program);
        let (mut input, mut env, mut trace, mut total) = (Input::Go, env(schema), Vec::new(), self.fuel);
        let mut wakes = std::mem::take(&mut self.wakes).into_iter();
        loop {
            if between != Between::Nothing {
                machine = reload(&machine, program.digest());
            }
            let mut budget = if between == Between::EveryInstruction { 1 } else { total };
            let before = budget;
            let step = machine.step(program, input, &env, &mut budget);
            total = total.saturating_sub(before - budget);
            if total == 0 && step == Step::OutOfFuel {
                trace.push("out of fuel".to_owned());
                return trace;
            }
            input = match &step {
                Step::OutOfFuel => Input::Go,
                Step::Read { of, field } => {
                    let found = self.fields.get(&(of.clone(), field.to_string()));
                    Input::Value(found.cloned().unwrap_or_default())
                }
                Step::Find { .. } => Input::Value(Value::list(Vec::new())),
                Step::Act(request) => Input::Value(Value::Int(i64::from(request.seq))),
                Step::Wait => match wakes.next() {
                    Some((now, input)) => {
                        env = Env { now, ..env };
                        input
                    }
                    None => Input::End(dealflow::vm::Outcome::Timeout),
                },
                Step::Done(_) | Step::Stopped | Step::Failed(_) | Step::Cancelled | Step::Note(_) => Input::Go,
            };
            if step != Step::OutOfFuel {
                trace.push(show(&step, &machine, program));
            }
            if matches!(step, Step::Done(_) | Step::Stopped | Step::Failed(_) | Step::Cancelled) || trace.len() > 500 {
                return trace;
            }
        }
    }
}

/// Through the stored form and back; nothing of it may change.
pub(crate) fn reload(machine: &Machine, digest: Digest) -> Machine {
    let bytes = stored::save(machine, digest);
    let (found, loaded) = stored::load(&bytes).unwrap();
    assert_eq!(found, digest);
    assert_eq!(stored::save(&loaded, digest), bytes);
    loaded
}

fn show(step: &Step, machine: &Machine, program: &Program) -> String {
    let place = machine.place(program).map_or(-1, |span| i64::from(span.start));
    match step {
        Step::Read { of, field } => format!("{place}: read {of}.{field}"),
        Step::Find { kind, link, after } => format!("{place}: find {kind} {link:?} {after:?}"),
        Step::Act(request) => {
            let args: Vec<String> = request.args.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("{place}: act {} {} {}", request.seq, request.action, args.join(", "))
        }
        Step::Wait => {
            let wait = machine.waiting().unwrap();
            let deadline = wait.deadline.map_or("never".to_owned(), |d| format!("{}ms", d.0 - monday().0));
            let watches: Vec<String> = wait.watches.iter().map(|w| format!("{w:?}")).collect();
            format!("{place}: wait until {deadline}, watching {}", watches.join(" "))
        }
        Step::Done(value) => format!("{place}: done {value}"),
        Step::Stopped => format!("{place}: stopped"),
        Step::OutOfFuel => format!("{place}: out of fuel"),
        Step::Cancelled => format!("{place}: cancelled"),
        Step::Note(error) => format!("{place}: noted {error}"),
        Step::Failed(error) => format!("{place}: failed at {:?}: {error}", error.span),
    }
}
