//! Executing, beside the same in Rust.

use super::nanos::{many, nanos};
use super::programs::{CALLS, Computing, Condition, TURNS};
use super::runner::{Outcome, Show};
use super::table::{Figure, Row};
use super::values::MONDAY;
use dealflow::catalog::Env;
use dealflow::value::{Fields, Value};
use dealflow::vm::{Input, Machine, Scratch, Step};
use rust_decimal::Decimal;
use std::hint::black_box;

/// The condition by hand.
fn by_hand(deal: &Fields) -> bool {
    let stage = matches!(deal.get("stage"), Some(Value::Text(stage)) if **stage == *"Invoice");
    let enough = |value: &Value| matches!(value, Value::Money(m) if m.currency.code() == "PLN" && m.amount > Decimal::from(10_000));
    stage
        && deal.get("amount").is_some_and(enough)
        && matches!(deal.get("score"), Some(Value::Int(score)) if *score >= 50)
}

/// The condition with reads that leave the machine.
fn yielding(condition: &Condition) -> bool {
    let Condition { schema, program, function, args, deal } = condition;
    let env = Env { now: MONDAY, schema, seed: 1 };
    let mut machine = Machine::start(*function, black_box(args).clone(), program);
    let (mut input, mut fuel) = (Input::Go, 1000);
    loop {
        input = match machine.step(program, input, &env, &mut fuel) {
            Step::Read { of: _, field } => Input::Value(deal.get(&field).cloned().unwrap_or_default()),
            end => break end == Step::Done(Value::Bool(true)),
        };
    }
}

/// A condition of three parts over a record of twenty fields.
pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let condition = Condition::new()?;
    if !yielding(&condition) || !by_hand(&condition.deal) {
        return Err("the condition does not hold".into());
    }
    let mut scratch = Scratch::default();
    let native = || by_hand(black_box(&condition.deal));
    let [spot, leaving, native] =
        nanos([&mut many(|| condition.holds(&mut scratch)), &mut many(|| yielding(&condition)), &mut many(native)]);
    let row = |what: &str, ours: f64| {
        Row::new(what, Figure::new(ours, "ns"), "the same by hand over the fields", Figure::new(native, "ns"))
    };
    show(row("condition of 3 parts over a record of 20 fields", spot).goal("≤ 100 ns"))?;
    show(row("the same, leaving the machine for each read", leaving))
}

/// A loop that counts.
pub(crate) fn counting(show: Show<'_>) -> Outcome {
    let counting = Computing::counting()?;
    let native = || {
        let mut i = 0_i64;
        while i < i64::from(TURNS) {
            i = black_box(i + 1);
        }
        i
    };
    let [ours, native] = nanos([&mut many(|| counting.run()), &mut many(native)]);
    let turn = |nanos: f64| Figure::new(nanos / f64::from(TURNS), "ns");
    show(Row::new("one turn of a counting loop", turn(ours), "the same in Rust", turn(native)).goal("≤ 15 ns"))
}

/// A function that calls itself.
pub(crate) fn calls(show: Show<'_>) -> Outcome {
    fn fib(n: i64) -> i64 {
        if black_box(n) < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    let calling = Computing::calling()?;
    let [ours, native] = nanos([&mut many(|| calling.run()), &mut many(|| fib(black_box(20)))]);
    let call = |nanos: f64| Figure::new(nanos / f64::from(CALLS), "ns");
    show(Row::new("one call of a function that calls itself", call(ours), "the same in Rust", call(native)))
}
