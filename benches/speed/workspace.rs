//! The workspace that programs are compiled in, and events of it.

use super::Outcome;
use dealflow::diagnostics::render;
use dealflow::engine::{Event, EventKind};
use dealflow::ir::{Origin, Program};
use dealflow::pipeline::Texts;
use dealflow::schema::Schema;
use dealflow::value::{Moment, Money, Ref, Value};
use std::sync::Arc;

/// `crm.toml` of the benchmarks.
pub(crate) const SCHEMA: &str = include_str!("crm.toml");

/// Monday 2026-03-02, 09:00 in Warsaw.
pub(crate) const MONDAY: Moment = Moment(1_772_438_400_000);

/// The schema and the rules of a script, which must be without mistakes.
pub(crate) fn compile(script: &str) -> Outcome<(Arc<Schema>, Vec<Arc<Program>>)> {
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", SCHEMA));
    texts.scripts.push(texts.sources.add("bench.flow", script));
    let compiled = texts.parse().compile();
    if !compiled.is_sound() {
        let mistakes = render::short(&compiled.diagnostics, &compiled.sources);
        return Err(
            format!("a script of the benchmarks has mistakes:\n{}", mistakes.get(..2000).unwrap_or(&mistakes)).into()
        );
    }
    Ok((compiled.schema, compiled.programs))
}

/// An event by a person about the record `kind id`.
pub(crate) fn event(at: Moment, what: EventKind, kind: &str, id: u32, fields: &[(&str, Value)]) -> Event {
    let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let about = Some(Ref::new(kind, &id.to_string()));
    Event { at, what, about, fields, by: Some("anna".into()), origin: Origin::User, id: None }
}

/// So many złoty.
pub(crate) fn pln(amount: u32) -> Outcome<Value> {
    Ok(Value::Money(Money { amount: amount.into(), currency: "PLN".parse()? }))
}
