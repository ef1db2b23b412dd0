//! The workspace `tests/data/errors/crm.toml`, and compiling scripts in it.

use dealflow::pipeline::{Compiled, Texts};
use dealflow::source::Sources;

const SCHEMA: &str = include_str!("../data/errors/crm.toml");

/// Compiles one script in the shared workspace.
pub(crate) fn compile(name: &str, text: &str) -> Compiled {
    let mut sources = Sources::default();
    let schema = sources.add("crm.toml", SCHEMA);
    let script = sources.add(name, text);
    Texts { sources, schema: Some(schema), scripts: vec![script] }.parse().compile()
}
