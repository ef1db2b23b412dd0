//! The workspace that programs are compiled in.

use super::runner::Outcome;
use dealflow::diagnostics::render;
use dealflow::ir::Program;
use dealflow::pipeline::Texts;
use dealflow::schema::Schema;
use std::sync::Arc;

/// `crm.toml` of the benchmarks.
pub(crate) const SCHEMA: &str = include_str!("crm.toml");

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
