//! Starlark: a function of a frozen module that is called from Rust with a struct.

use super::beside::{self, Fact, facts};
use super::programs::Condition;
use super::runner::{Outcome, Show};
use dealflow::value::Fields;
use starlark::environment::{FrozenModule, Globals, Module};
use starlark::eval::Evaluator;
use starlark::syntax::{AstModule, Dialect};
use starlark::values::structs::AllocStruct;
use starlark::values::{FrozenHeapName, Heap, Value as Theirs};

const NAME: &str = "starlark";

fn record<'v>(heap: Heap<'v>, deal: &Fields) -> Theirs<'v> {
    let field = |(name, fact)| match fact {
        Fact::Text(text) => (name, heap.alloc(text)),
        Fact::Number(number) => (name, heap.alloc(number)),
    };
    heap.alloc(AllocStruct(facts(deal).map(field).collect::<Vec<(&str, Theirs<'v>)>>()))
}

/// A module with the function `f`.
fn module(code: &str) -> Outcome<FrozenModule> {
    let ast = AstModule::parse(NAME, code.to_owned(), &Dialect::Standard).map_err(starlark::Error::into_anyhow)?;
    Module::with_temp_heap(|module| {
        Evaluator::new(&module).eval_module(ast, &Globals::standard()).map_err(starlark::Error::into_anyhow)?;
        let frozen = module.freeze_named(FrozenHeapName::User(Box::new(NAME.to_owned())));
        Ok(frozen.map_err(|error| starlark::Error::from(error).into_anyhow())?)
    })
}

pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let holds = module(
        "def f(deal):
    return deal.stage == \"Invoice\" and deal.amount > 10000 and deal.score >= 50",
    )?;
    let holds = holds.get("f")?;
    let ours = Condition::new()?;
    Module::with_temp_heap(|module| {
        let mut evaluator = Evaluator::new(&module);
        let function = module.heap().access_owned_frozen_value(&holds);
        let deal = record(module.heap(), &ours.deal);
        let ready = || evaluator.eval_function(function, &[deal], &[]).ok().and_then(Theirs::unpack_bool) == Some(true);
        let anew = || {
            Module::with_temp_heap(|module| {
                let function = module.heap().access_owned_frozen_value(&holds);
                let deal = record(module.heap(), &ours.deal);
                let held =
                    Evaluator::new(&module).eval_function(function, &[deal], &[]).ok().and_then(Theirs::unpack_bool);
                held == Some(true)
            })
        };
        beside::condition(show, NAME, &ours, ready, anew)
    })
}

/// Gives a function that calls `f` to what measures it.
fn calling(code: &str, argument: Option<i32>, measure: impl FnOnce(&mut dyn FnMut() -> i64) -> Outcome) -> Outcome {
    let frozen = module(code)?;
    let function = frozen.get("f")?;
    Module::with_temp_heap(|module| {
        let mut evaluator = Evaluator::new(&module);
        let function = module.heap().access_owned_frozen_value(&function);
        let arguments = argument.map(|number| module.heap().alloc(number)).into_iter().collect::<Vec<_>>();
        measure(&mut || {
            let result = evaluator.eval_function(function, &arguments, &[]).ok();
            result.and_then(Theirs::unpack_i32).map_or(-1, i64::from)
        })
    })
}

pub(crate) fn counting(show: Show<'_>) -> Outcome {
    // There is no `while`.
    let code = "def f():
    i = 0
    for _ in range(10000):
        i = i + 1
    return i";
    calling(code, None, |theirs| beside::counting(show, "starlark, `for` over a range", theirs))
}

pub(crate) fn calls(show: Show<'_>) -> Outcome {
    let code = "def f(n):
    if n < 2:
        return n
    return f(n - 1) + f(n - 2)";
    calling(code, Some(20), |theirs| beside::calls(show, NAME, theirs))
}
