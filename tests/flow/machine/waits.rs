//! Waits: the user's line, limits, outcomes, what is watched, effects and their numbers.

use super::asm::{Asm, Between, Host, user_line};
use super::workspace::{env, monday, schema, value};
use dealflow::catalog::Env;
use dealflow::ir::{Op, dump};
use dealflow::value::{Moment, Period, Ref, Value};
use dealflow::vm::{Answers, Input, Machine, Outcome, Step, Watch};

const DAY: i64 = 86_400_000;

fn after(days: i64) -> Moment {
    Moment(monday().0 + days * DAY)
}

fn deal() -> Vec<Value> {
    vec![Value::Ref(Ref::new("deal", "57"))]
}

fn host(status: &str) -> Host {
    let lead = Value::Ref(Ref::new("lead", "12"));
    Host::new(&[
        ("deal", "57", "lead", lead),
        ("lead", "12", "status", Value::text(status)),
        ("lead", "12", "$closed", Value::Bool(status == "Lost")),
    ])
}

/// The trace must not depend on what happens between the steps.
fn drive(make: impl Fn() -> Host, program: &dealflow::ir::Program) -> Vec<String> {
    let schema = schema();
    let plain = make().drive(program, deal(), &schema, Between::Nothing);
    for between in [Between::SaveAndLoad, Between::EveryInstruction] {
        assert_eq!(make().drive(program, deal(), &schema, between), plain);
    }
    plain
}

#[test]
fn the_users_line() {
    let program = user_line();
    insta::assert_snapshot!(dump(&program));
    let asleep = || {
        let mut host = host("New");
        host.wakes = vec![(after(1), Input::Wake), (after(3), Input::End(Outcome::Timeout))];
        host
    };
    insta::assert_snapshot!(drive(asleep, &program).join("\n"));
}

#[test]
fn a_wait_ends_at_once() {
    let last = |status: &str| drive(|| host(status), &user_line()).into_iter().skip(3).collect::<Vec<_>>();
    assert_eq!(last("Won"), ["20: done null"], "the condition holds: `$closed` is not even asked for");
    assert_eq!(last("Lost"), ["11: read lead 12.$closed", "20: done null"], "a final stage");
}

#[test]
fn a_passed_moment_is_a_timeout_without_sleeping() {
    let schema = schema();
    let limits = ["0d", "2026-03-02", "2026-03-02T09:00", "-3d", "2025-12-24T09:00"];
    for limit in limits {
        let mut asm = Asm::new();
        asm.set(1, value(limit, &schema)).op(Op::Arm { limit: 1 }).op(Op::Watch);
        asm.op(Op::Suspend { dst: 2, retry: 0, live: 1 }).op(Op::Disarm).op(Op::Return { a: 2 });
        let program = asm.done(1, 3, &[]);
        assert_eq!(drive(|| Host::new(&[]), &program), ["5: done \"timeout\""], "{limit}");
    }
}

#[test]
fn woken_after_its_moment_it_times_out() {
    let late = || {
        let mut host = host("New");
        host.wakes = vec![(after(4), Input::Wake)];
        host
    };
    let trace = drive(late, &user_line());
    assert_eq!(trace.last().map(String::as_str), Some("20: done null"));
    assert_eq!(trace.iter().filter(|line| line.contains("wait until")).count(), 1);
}

#[test]
fn only_fields_read_in_the_condition_are_watched() {
    let mut asm = Asm::new();
    let (event, other) = (asm.name("activity"), asm.name("call missed"));
    asm.read(1, 0, "before").op(Op::ArmNone).op(Op::Watch).read(2, 0, "b").read(2, 0, "a").read(2, 0, "b");
    asm.read(2, 0, "$closed").op(Op::WatchEvent { event, about: 0 }).op(Op::WatchEvent { event: other, about: 4 });
    asm.op(Op::Suspend { dst: 3, retry: 2, live: 1 }).op(Op::Disarm).read(2, 0, "after").op(Op::Return { a: 3 });
    let program = asm.done(1, 5, &[]);
    let (schema, mut machine) = (schema(), Machine::start(0, deal(), &program));
    let env = env(&schema);
    let mut step = machine.step(&program, Input::Go, &env, &mut 100);
    while let Step::Read { .. } = step {
        assert_eq!(machine.waiting(), None);
        step = machine.step(&program, Input::Value(Value::Int(1)), &env, &mut 100);
    }
    assert_eq!(step, Step::Wait);
    let deal = Ref::new("deal", "57");
    let field = |field: &str| Watch::Field { of: deal.clone(), field: field.into() };
    let about = |name: &str, about| Watch::Event { name: name.into(), about };
    let wait = machine.waiting().unwrap();
    let expected = [field("a"), field("b"), about("activity", Some(deal.clone())), about("call missed", None)];
    assert_eq!((wait.since, wait.deadline, wait.watches.as_slice()), (monday(), None, &expected[..]));

    assert_eq!(machine.step(&program, Input::Go, &env, &mut 100), Step::Wait, "asked again, it still waits");
    let step = machine.step(&program, Input::End(Outcome::Activity), &env, &mut 100);
    assert!(matches!(step, Step::Read { .. }));
    assert_eq!(machine.waiting(), None);
    let step = machine.step(&program, Input::Value(Value::Missing), &env, &mut 100);
    assert_eq!(step, Step::Done(Value::text("activity")));
}

#[test]
fn variables_survive_a_wait_and_temporaries_do_not() {
    let mut asm = Asm::new();
    asm.set(1, Value::Int(7)).set(2, Value::text("temporary")).op(Op::ArmNone).op(Op::Watch);
    asm.op(Op::Suspend { dst: 3, retry: 3, live: 2 }).op(Op::Disarm).op(Op::List { dst: 1, base: 1, n: 3 });
    let program = asm.op(Op::Return { a: 1 }).done(1, 4, &[("$a", 1), ("$b", 2)]);
    let schema = schema();
    let env = env(&schema);
    let mut machine = Machine::start(0, deal(), &program);
    assert_eq!(machine.step(&program, Input::Go, &env, &mut 100), Step::Wait);
    assert_eq!(machine.locals(&program), [("$a".into(), Value::Int(7))]);
    let step = machine.step(&program, Input::End(Outcome::Approved), &env, &mut 100);
    assert_eq!(step, Step::Done(value("[7, null, \"approved\"]", &schema)));
}

#[test]
fn reads_answered_on_the_spot_are_the_same_reads() {
    let (program, schema, host) = (user_line(), schema(), host("New"));
    let env = env(&schema);
    let answer = |of: &Ref, field: &str| host.fields.get(&(of.clone(), field.to_owned())).cloned().unwrap_or_default();
    let asleep = |on_the_spot: &dyn Fn(&str) -> bool| {
        let mut machine = Machine::start(0, deal(), &program);
        let (mut input, mut asked) = (Input::Go, 0);
        loop {
            let mut reader =
                Answers::new(|of: &Ref, field: &dealflow::value::Name| on_the_spot(field).then(|| answer(of, field)));
            input = match machine.step_reading(&program, input, &env, &mut 100, &mut reader) {
                Step::Act(_) => Input::Value(Value::Missing),
                Step::Read { of, field } => {
                    asked += 1;
                    Input::Value(answer(&of, &field))
                }
                Step::Wait => return (machine, asked),
                other => panic!("{other:?}"),
            };
        }
    };
    let (one_by_one, three) = asleep(&|_| false);
    let (some, two) = asleep(&|field| field == "status");
    let (all, none) = asleep(&|_| true);
    assert_eq!((three, two, none), (3, 2, 0));
    assert_eq!(one_by_one.waiting().unwrap().watches.len(), 2);
    assert!(one_by_one == some && one_by_one == all);
}

#[test]
fn effects_are_numbered_and_asked_again_with_the_same_number() {
    let mut asm = Asm::new();
    asm.set(1, Value::text("hello")).act(2, 1, "log", &["text"]).act(3, 1, "log", &["text", "by"]);
    let program = asm.op(Op::Return { a: 3 }).done(1, 4, &[]);
    let schema = schema();
    let env = env(&schema);
    let mut machine = Machine::start(0, deal(), &program);
    let Step::Act(first) = machine.step(&program, Input::Go, &env, &mut 100) else { panic!() };
    assert_eq!((first.seq, &*first.action, first.arg("text")), (1, "log", Some(&Value::text("hello"))));
    assert_eq!(machine.step(&program, Input::Go, &env, &mut 100), Step::Act(first));
    assert_eq!(machine.effects(), 1);
    let Step::Act(second) = machine.step(&program, Input::Value(Value::Int(1)), &env, &mut 100) else { panic!() };
    assert_eq!((second.seq, second.arg("by"), machine.effects()), (2, Some(&Value::Int(1)), 2));
    let Step::Failed(error) = machine.step(&program, Input::Failed("the server said no".into()), &env, &mut 100) else {
        panic!()
    };
    assert_eq!((error.to_string().as_str(), error.span.start), ("the server said no", 2));
}

#[test]
fn each_random_number_is_another_one() {
    let random = dealflow::catalog::function("random").unwrap().func;
    let mut asm = Asm::new();
    asm.set(1, Value::Int(0)).set(2, Value::Int(i64::MAX));
    for dst in 3..6 {
        asm.op(Op::Call { func: random, dst, base: 1, n: 2 });
    }
    let program = asm.op(Op::List { dst: 1, base: 3, n: 3 }).op(Op::Return { a: 1 }).done(1, 6, &[]);
    let once = drive(|| Host::new(&[]), &program);
    let schema = schema();
    let other = Env { seed: 43, ..env(&schema) };
    let step = Machine::start(0, deal(), &program).step(&program, Input::Go, &other, &mut 100);
    let Step::Done(Value::List(drawn)) = step else { panic!() };
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2]);
    assert_ne!(once, [format!("6: done {}", Value::List(drawn))], "another seed, other numbers");
}

#[test]
fn a_run_that_holds_too_much_cannot_sleep() {
    let mut asm = Asm::new();
    for reg in 1..6 {
        asm.set(reg, Value::text(&"x".repeat(1_000_000)));
    }
    asm.op(Op::ArmNone).op(Op::Watch).op(Op::Suspend { dst: 6, retry: 0, live: 6 });
    let program = asm.done(1, 7, &[]);
    let trace = drive(|| Host::new(&[]), &program);
    assert_eq!(trace, ["7: failed at Span { start: 7, end: 8 }: the run holds too much to be kept while it waits"]);
}

#[test]
fn the_limit_is_a_calendar_period() {
    let mut asm = Asm::new();
    asm.set(1, Value::Period(Period { days: 30, ..Period::ZERO })).op(Op::Arm { limit: 1 }).op(Op::Watch);
    let program = asm.op(Op::Suspend { dst: 2, retry: 2, live: 1 }).op(Op::Return { a: 2 }).done(1, 3, &[]);
    // Thirty days later the clocks have been put forward: the same wall time is one hour less away.
    let trace = drive(|| Host::new(&[]), &program);
    assert_eq!(trace[0], format!("3: wait until {}ms, watching ", 30 * DAY - 3_600_000));
}
