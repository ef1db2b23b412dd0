//! Rhai: a tree of the script is walked; the record is a map in the scope.

use super::beside::{self, Fact, facts};
use super::programs::Condition;
use super::runner::{Outcome, Show};
use dealflow::value::Fields;
use rhai::{AST, Engine, Map, Scope};

fn record(deal: &Fields) -> Map {
    let field = |(name, fact): (&str, Fact<'_>)| match fact {
        Fact::Text(text) => (name.into(), text.to_owned().into()),
        Fact::Number(number) => (name.into(), number.into()),
    };
    facts(deal).map(field).collect()
}

pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let engine = Engine::new();
    let holds = engine.compile(r#"deal.stage == "Invoice" && deal.amount > 10000 && deal.score >= 50"#)?;
    let evaluate = |scope: &mut Scope<'_>| engine.eval_ast_with_scope::<bool>(scope, &holds).unwrap_or(false);
    let ours = Condition::new()?;
    let mut scope = Scope::new();
    scope.push("deal", record(&ours.deal));
    let anew = || {
        let mut scope = Scope::new();
        scope.push("deal", record(&ours.deal));
        evaluate(&mut scope)
    };
    beside::condition(show, "rhai", &ours, || evaluate(&mut scope), anew)
}

fn result(engine: &Engine, script: &AST) -> i64 {
    engine.eval_ast(script).unwrap_or(-1)
}

pub(crate) fn counting(show: Show<'_>) -> Outcome {
    let engine = Engine::new();
    let script = engine.compile("let i = 0; while i < 10000 { i += 1; } i")?;
    beside::counting(show, "rhai", || result(&engine, &script))
}

pub(crate) fn calls(show: Show<'_>) -> Outcome {
    let engine = Engine::new();
    let script = engine.compile("fn fib(n) { if n < 2 { return n; } fib(n - 1) + fib(n - 2) } fib(20)")?;
    beside::calls(show, "rhai", || result(&engine, &script))
}
