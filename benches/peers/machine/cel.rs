//! CEL: an expression over a map; it has nothing else.

use super::beside::{self, Fact, facts};
use super::programs::Condition;
use super::runner::{Outcome, Show};
use cel::{Context, Program, Value as Theirs};
use dealflow::value::Fields;
use std::collections::HashMap;

fn record(deal: &Fields) -> HashMap<&str, Theirs> {
    let field = |(name, fact)| match fact {
        Fact::Text(text) => (name, Theirs::from(text)),
        Fact::Number(number) => (name, Theirs::from(number)),
    };
    facts(deal).map(field).collect()
}

pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let program = Program::compile(r#"deal.stage == "Invoice" && deal.amount > 10000 && deal.score >= 50"#)?;
    let holds = |context: &Context<'_, '_>| matches!(program.execute(context), Ok(Theirs::Bool(true)));
    let ours = Condition::new()?;
    let mut ready = Context::default();
    ready.add_variable_from_value("deal", record(&ours.deal));
    // What a context has beside the record stays from one to the next.
    let common = Context::default();
    let anew = || {
        let mut context = common.new_inner_scope();
        context.add_variable_from_value("deal", record(&ours.deal));
        holds(&context)
    };
    beside::condition(show, "cel", &ours, || holds(&ready), anew)
}
