//! Programs that are executed: a rule's condition, a loop, calls.

use super::runner::Outcome;
use super::values::{MONDAY, pln};
use super::workspace::compile;
use dealflow::catalog::Env;
use dealflow::ir::Program;
use dealflow::schema::Schema;
use dealflow::value::{Fields, Hint, Name, Ref, Value};
use dealflow::vm::{Input, Look, Machine, Scratch, Step};
use std::hint::black_box;
use std::sync::Arc;

const CONDITION: &str =
    "on deal updated if deal.stage == \"Invoice\" and deal.amount > 10000 PLN and deal.score >= 50 { stop; }";

/// A condition of three parts over a record of twenty fields.
pub(crate) struct Condition {
    pub(crate) schema: Arc<Schema>,
    pub(crate) program: Arc<Program>,
    pub(crate) function: u16,
    pub(crate) args: [Value; 2],
    /// The record's fields.
    pub(crate) deal: Fields,
}

impl Condition {
    pub(crate) fn new() -> Outcome<Self> {
        let (schema, programs) = compile(CONDITION)?;
        let program = programs.into_iter().next().ok_or("no program")?;
        let function = program.condition.ok_or("no condition")?;
        let mut deal = Fields::new();
        for number in 0..17 {
            deal.insert(format!("field_{number}").as_str().into(), Value::Int(number));
        }
        deal.insert("stage".into(), Value::text("Invoice"));
        deal.insert("amount".into(), pln(25_000)?);
        deal.insert("score".into(), Value::Int(70));
        let args = [Value::Ref(Ref::new("deal", "57")), Value::Missing];
        let condition = Self { schema, program, function, args, deal };
        if condition.holds(&mut Scratch::default()) { Ok(condition) } else { Err("the condition does not hold".into()) }
    }

    /// Whether it holds, as the engine evaluates it: reads are answered on the spot.
    pub(crate) fn holds(&self, scratch: &mut Scratch) -> bool {
        let env = Env { now: MONDAY, schema: &self.schema, seed: 1 };
        let (args, deal) = (black_box(&self.args), &mut One(&self.deal));
        matches!(scratch.evaluate(&self.program, self.function, args, &env, 1000, deal), Some(Value::Bool(true)))
    }
}

/// Answers reads of the one record there is.
struct One<'a>(&'a Fields);

impl Look for One<'_> {
    fn look(&mut self, _: &Ref, field: &Name, hint: &Hint) -> Option<&Value> {
        Some(self.0.get_near(field, hint).unwrap_or(&Value::Missing))
    }
}

/// How often the loop turns.
pub(crate) const TURNS: u32 = 10_000;

/// How many calls it takes to find the twentieth number of Fibonacci by calling oneself.
pub(crate) const CALLS: u32 = 21_891;

/// A rule that computes something and writes it down.
pub(crate) struct Computing {
    schema: Arc<Schema>,
    program: Arc<Program>,
}

impl Computing {
    /// Counts to [`TURNS`].
    pub(crate) fn counting() -> Outcome<Self> {
        let script = "on deal updated { let $i = 0; while $i < 10000 { set $i = $i + 1; } log \"result {$i}\"; }";
        Self::new(script, "result 10000")
    }

    /// Calls itself [`CALLS`] times.
    pub(crate) fn calling() -> Outcome<Self> {
        let script = "on deal updated { let $x = fib(20); log \"result {$x}\"; }
            fn fib($n: int) -> int { if $n < 2 { return $n; } return fib($n - 1) + fib($n - 2); }";
        Self::new(script, "result 6765")
    }

    fn new(script: &str, result: &str) -> Outcome<Self> {
        let (schema, programs) = compile(script)?;
        let program = programs.into_iter().next().ok_or("no program")?;
        let computing = Self { schema, program };
        match computing.run() {
            Step::Act(request) if request.args.iter().any(|(_, text)| *text == Value::text(result)) => Ok(computing),
            other => Err(format!("not `{result}`: {other:?}").into()),
        }
    }

    /// Runs it up to where it writes the result down.
    pub(crate) fn run(&self) -> Step {
        let env = Env { now: MONDAY, schema: &self.schema, seed: 1 };
        let mut machine = Machine::start(0, [Value::Missing, Value::Missing], &self.program);
        machine.step(&self.program, Input::Go, &env, &mut 10_000_000)
    }
}
