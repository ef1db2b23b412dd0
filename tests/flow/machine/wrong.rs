//! Programs that do not fit and hosts that answer what nobody asked: a failed run, never a panic.

use super::asm::{Asm, Between, Host};
use super::workspace::{env, schema};
use dealflow::catalog::Func;
use dealflow::ir::{BinOp, Op};
use dealflow::value::{Ref, Value};
use dealflow::vm::{Input, Machine, Outcome, Step};

#[test]
fn damaged_programs() {
    let far = 999;
    let cases = [
        (Op::Const { dst: 0, k: far }, "no such constant"),
        (Op::Copy { dst: far, src: 0 }, "no such register"),
        (Op::Copy { dst: 0, src: far }, "no such register"),
        (Op::Read { dst: 0, obj: 0, field: far }, "no such name"),
        (Op::Bin { op: BinOp::Add, dst: 0, a: 0, b: far }, "no such register"),
        (Op::Call { func: Func::Upper, dst: 0, base: far, n: 1 }, "no such registers"),
        (Op::List { dst: 0, base: u16::MAX, n: u16::MAX }, "no such registers"),
        (Op::Text { dst: 0, base: 0, n: far }, "no such registers"),
        (Op::Format { dst: 0, a: 0, format: far }, "no such name"),
        (Op::Jump { to: u32::MAX }, "no such instruction"),
        (Op::Next { dst: 0, list: 1, at: 0, to: 0 }, "a loop without its counter"),
        (Op::Act { call: far, dst: 0, base: 0 }, "no such action"),
        (Op::Watch, "a wait that was not started"),
        (Op::WatchEvent { event: far, about: 1 }, "no such name"),
        (Op::Suspend { dst: 0, retry: 0, live: 0 }, "a wait that was not started"),
        (Op::Copy { dst: 0, src: 0 }, "no such instruction"),
    ];
    let schema = schema();
    for (op, what) in cases {
        let program = Asm::new().op(op).done(0, 2, &[]);
        let step = Machine::start(0, Vec::new(), &program).step(&program, Input::Go, &env(&schema), &mut 100);
        let Step::Failed(error) = step else { panic!("{op:?} gave {step:?}") };
        assert_eq!(error.message, format!("the program is damaged: {what}"), "{op:?}");
    }
}

#[test]
fn wrong_values() {
    let int = Value::Int(5);
    let cases = [
        (Op::JumpIf { a: 0, to: 0 }, "`5` is not yes or no"),
        (Op::Not { dst: 0, a: 0 }, "`5` is not yes or no"),
        (Op::Read { dst: 0, obj: 0, field: 0 }, "`5` has no field `f`"),
        (Op::Arm { limit: 0 }, "`5` is nothing to wait for"),
        (Op::Arm { limit: 1 }, "the moment to wait for is missing"),
        (Op::WatchEvent { event: 0, about: 0 }, "there are no events about `5`"),
        (Op::Next { dst: 1, list: 0, at: 0, to: 0 }, "`5` is not a list"),
        (Op::Neg { dst: 0, a: 2 }, "`\"a\"` cannot have a minus before it"),
    ];
    let schema = schema();
    for (op, message) in cases {
        let mut asm = Asm::new();
        asm.name("f");
        let program = asm.op(op).done(3, 3, &[]);
        let args = vec![int.clone(), Value::Missing, Value::text("a")];
        let step = Machine::start(0, args, &program).step(&program, Input::Go, &env(&schema), &mut 100);
        let Step::Failed(error) = step else { panic!("{op:?} gave {step:?}") };
        assert_eq!(error.message, message, "{op:?}");
    }
}

#[test]
fn answers_that_nobody_asked_for() {
    let mut asm = Asm::new();
    let program = asm.read(1, 0, "f").op(Op::Return { a: 1 }).done(1, 2, &[]);
    let schema = schema();
    let env = env(&schema);
    let start = || Machine::start(0, vec![Value::Ref(Ref::new("deal", "1"))], &program);
    let unasked = [Input::Value(Value::Missing), Input::Failed("x".into()), Input::Wake, Input::End(Outcome::Final)];
    for input in unasked {
        let mut machine = start();
        assert!(matches!(machine.step(&program, input, &env, &mut 100), Step::Failed(_)));
    }
    for input in [Input::Failed("x".into()), Input::Wake, Input::End(Outcome::Final)] {
        let mut machine = start();
        assert!(matches!(machine.step(&program, Input::Go, &env, &mut 100), Step::Read { .. }));
        assert!(matches!(machine.step(&program, input, &env, &mut 100), Step::Failed(_)));
    }
    let mut machine = start();
    machine.step(&program, Input::Go, &env, &mut 100);
    assert_eq!(machine.step(&program, Input::Value(Value::Int(3)), &env, &mut 100), Step::Done(Value::Int(3)));
    let Step::Failed(error) = machine.step(&program, Input::Go, &env, &mut 100) else { panic!() };
    assert_eq!(error.message, "the run is over");
}

#[test]
fn a_run_on_the_wrong_program() {
    let schema = schema();
    let env = env(&schema);
    let (mut big, mut small) = (Asm::new(), Asm::new());
    let big = big.read(1, 0, "f").op(Op::Return { a: 1 }).done(1, 9, &[]);
    let small = small.op(Op::Stop).done(1, 1, &[]);
    let mut machine = Machine::start(0, vec![Value::Ref(Ref::new("deal", "1"))], &big);
    machine.step(&big, Input::Go, &env, &mut 100);
    let Step::Failed(error) = machine.step(&small, Input::Value(Value::Missing), &env, &mut 100) else { panic!() };
    assert_eq!(error.message, "the program is damaged: more registers than the function has");
    let mut machine = Machine::start(5, Vec::new(), &small);
    let Step::Failed(error) = machine.step(&small, Input::Go, &env, &mut 100) else { panic!() };
    assert_eq!(error.message, "the program is damaged: no such function");
}

#[test]
fn fuel_bounds_every_run() {
    let schema = schema();
    let program = Asm::new().op(Op::Jump { to: 0 }).done(0, 0, &[]);
    let mut machine = Machine::start(0, Vec::new(), &program);
    let mut budget = 1000;
    assert_eq!(machine.step(&program, Input::Go, &env(&schema), &mut budget), Step::OutOfFuel);
    assert_eq!(budget, 0);
    assert_eq!(machine.step(&program, Input::Go, &env(&schema), &mut 5), Step::OutOfFuel);
}

#[test]
fn values_cannot_grow_without_end() {
    let schema = schema();
    let mut asm = Asm::new();
    asm.set(0, Value::text("x")).op(Op::Bin { op: BinOp::Add, dst: 0, a: 0, b: 0 }).op(Op::Jump { to: 1 });
    let doubled = asm.done(0, 1, &[]);
    let mut host = Host { fuel: 100_000, ..Host::new(&[]) };
    let trace = host.drive(&doubled, Vec::new(), &schema, Between::Nothing);
    assert_eq!(trace, ["1: failed at Span { start: 1, end: 2 }: a value became too large"]);
    let nested = Asm::new().op(Op::List { dst: 0, base: 0, n: 2 }).op(Op::Jump { to: 0 }).done(0, 2, &[]);
    let trace = host.drive(&nested, Vec::new(), &schema, Between::SaveAndLoad);
    assert_eq!(trace, ["0: failed at Span { start: 0, end: 1 }: a value became too large"]);
}
