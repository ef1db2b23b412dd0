//! The workspace `tests/data/errors/crm.toml`, and compiling scripts in it.

use dealflow::diagnostics::Severity;
use dealflow::pipeline::{Compiled, Texts};
use dealflow::source::Sources;

const SCHEMA: &str = include_str!("../data/errors/crm.toml");

/// Compiles one script in the shared workspace. Lints are left out: they have tests of their own.
pub(crate) fn compile(name: &str, text: &str) -> Compiled {
    let mut compiled = compile_all(workspace(name, text));
    compiled.diagnostics.retain(|d| d.severity() == Severity::Error);
    compiled
}

/// The shared workspace with one script.
pub(crate) fn workspace(name: &str, text: &str) -> Texts {
    let mut sources = Sources::default();
    let schema = sources.add("crm.toml", SCHEMA);
    let script = sources.add(name, text);
    Texts { sources, schema: Some(schema), scripts: vec![script], root: String::new() }
}

/// Compiles a workspace, with everything that is found.
pub(crate) fn compile_all(texts: Texts) -> Compiled {
    texts.parse().compile()
}
