//! VRL: a program over an object whose types it knows; it has no loops and no functions.

use super::beside::{self, Fact, facts};
use super::programs::Condition;
use super::runner::{Outcome, Show};
use dealflow::value::Fields;
use vrl::compiler::runtime::Runtime;
use vrl::compiler::state::ExternalEnv;
use vrl::compiler::{CompileConfig, TargetValue, TimeZone, compile_with_external};
use vrl::value::{Kind, ObjectMap, Secrets, Value as Theirs};

fn record(deal: &Fields) -> Theirs {
    let field = |(name, fact): (&str, Fact<'_>)| match fact {
        Fact::Text(text) => (name.into(), Theirs::from(text)),
        Fact::Number(number) => (name.into(), Theirs::from(number)),
    };
    Theirs::Object(facts(deal).map(field).collect::<ObjectMap>())
}

pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let ours = Condition::new()?;
    let code = r#".stage == "Invoice" && .amount > 10000 && .score >= 50"#;
    let known = ExternalEnv::new_with_kind(Kind::from(record(&ours.deal)), Kind::any());
    let program = compile_with_external(code, &[], &known, CompileConfig::default())
        .map_err(|mistakes| format!("vrl: {mistakes:?}"))?
        .program;
    let target =
        || TargetValue { value: record(&ours.deal), metadata: ObjectMap::new().into(), secrets: Secrets::new() };
    let zone = TimeZone::default();
    let holds = |runtime: &mut Runtime, target: &mut TargetValue| {
        runtime.resolve(target, &program, &zone) == Ok(Theirs::Boolean(true))
    };
    let (mut first, mut second, mut known) = (Runtime::default(), Runtime::default(), target());
    beside::condition(show, "vrl", &ours, || holds(&mut first, &mut known), || holds(&mut second, &mut target()))
}
