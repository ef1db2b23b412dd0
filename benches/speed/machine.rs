//! Executing: a rule's condition, a loop.

use super::clock::nanos;
use super::table::{Figure, Goal, Row};
use super::workspace::{MONDAY, compile, pln};
use super::{Outcome, Show};
use dealflow::catalog::Env;
use dealflow::value::{Fields, Name, Ref, Value};
use dealflow::vm::{Input, Look, Machine, Scratch, Step};
use rust_decimal::Decimal;
use std::hint::black_box;

/// A deal with twenty fields.
fn deal() -> Outcome<Fields> {
    let mut fields = Fields::new();
    for number in 0..17 {
        fields.insert(format!("field_{number}").as_str().into(), Value::Int(number));
    }
    fields.insert("stage".into(), Value::text("Invoice"));
    fields.insert("amount".into(), pln(25_000)?);
    fields.insert("score".into(), Value::Int(70));
    Ok(fields)
}

/// Answers reads of the one record there is.
struct One<'a>(&'a Fields);

impl Look for One<'_> {
    fn look(&mut self, _: &Ref, field: &Name) -> Option<&Value> {
        Some(self.0.get(field).unwrap_or(&Value::Missing))
    }
}

const CONDITION: &str =
    "on deal updated if deal.stage == \"Invoice\" and deal.amount > 10000 PLN and deal.score >= 50 { stop; }";

/// The same by hand.
fn by_hand(deal: &Fields) -> bool {
    let stage = matches!(deal.get("stage"), Some(Value::Text(stage)) if **stage == *"Invoice");
    let enough = |value: &Value| matches!(value, Value::Money(m) if m.currency.code() == "PLN" && m.amount > Decimal::from(10_000));
    stage
        && deal.get("amount").is_some_and(enough)
        && matches!(deal.get("score"), Some(Value::Int(score)) if *score >= 50)
}

/// A condition of three parts over a record of twenty fields: reads answered on the spot, as the engine does, and reads
/// that leave the machine.
pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let (schema, programs) = compile(CONDITION)?;
    let program = programs.first().ok_or("no program")?;
    let function = program.condition.ok_or("no condition")?;
    let env = Env { now: MONDAY, schema: &schema, seed: 1 };
    let (deal, record) = (deal()?, Value::Ref(Ref::new("deal", "57")));
    let start = || Machine::start(function, [black_box(&record).clone(), Value::Missing], program);
    let (mut scratch, args) = (Scratch::default(), [record.clone(), Value::Missing]);
    let mut spot = || {
        scratch.evaluate(program, function, black_box(&args), &env, 1000, &mut One(&deal)) == Some(&Value::Bool(true))
    };
    let yielding = || {
        let (mut machine, mut input, mut fuel) = (start(), Input::Go, 1000);
        loop {
            input = match machine.step(program, input, &env, &mut fuel) {
                Step::Read { of: _, field } => Input::Value(deal.get(&field).cloned().unwrap_or_default()),
                end => break end == Step::Done(Value::Bool(true)),
            };
        }
    };
    if !spot() || !yielding() || !by_hand(&deal) {
        return Err("the condition does not hold".into());
    }
    let mut row = |what: &str, ours: f64, native: f64, goal| {
        let baseline = "the same by hand over the fields";
        show(Row::new(what, Figure::Nanos(ours), baseline, Figure::Nanos(native)).goal(goal))
    };
    let (ours, native) = nanos(spot, || by_hand(black_box(&deal)));
    row("condition of 3 parts over a record of 20 fields", ours, native, Goal::AtMost(Figure::Nanos(100.0)))?;
    let (ours, native) = nanos(yielding, || by_hand(black_box(&deal)));
    row("the same, leaving the machine for each read", ours, native, Goal::None)
}

/// How often the loop turns.
const TURNS: u32 = 10_000;

const LOOP: &str = "on deal updated { let $i = 0; while $i < 10000 { set $i = $i + 1; } log \"done {$i}\"; }";

/// A loop that counts.
pub(crate) fn counting(show: Show<'_>) -> Outcome {
    let (schema, programs) = compile(LOOP)?;
    let program = programs.first().ok_or("no program")?;
    let env = Env { now: MONDAY, schema: &schema, seed: 1 };
    let ours = || {
        let mut machine = Machine::start(0, [Value::Missing, Value::Missing], program);
        let mut fuel = 1_000_000;
        machine.step(program, Input::Go, &env, &mut fuel)
    };
    if !matches!(ours(), Step::Act(request) if request.args.iter().any(|(_, text)| *text == Value::text("done 10000")))
    {
        return Err("the loop did not come to its end".into());
    }
    let native = || {
        let mut i = 0_i64;
        while i < i64::from(TURNS) {
            i = black_box(i + 1);
        }
        i
    };
    let (ours, native) = nanos(ours, native);
    let turn = |nanos: f64| Figure::Nanos(nanos / f64::from(TURNS));
    let goal = Goal::AtMost(Figure::Nanos(15.0));
    show(Row::new("one turn of a counting loop", turn(ours), "the same in Rust", turn(native)).goal(goal))
}
