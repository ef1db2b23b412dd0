//! Rules from their text, in the workspace of `tests/data/engine/crm.toml`.

use dealflow::diagnostics::render;
use dealflow::ir::Program;
use dealflow::pipeline::{Compiled, Texts};

/// The compiled workspace with one script.
pub(super) fn workspace(text: &str) -> Compiled {
    let schema = std::fs::read_to_string("tests/data/engine/crm.toml").unwrap();
    let mut texts = Texts::default();
    texts.schema = Some(texts.sources.add("crm.toml", &schema));
    texts.scripts.push(texts.sources.add("rules.flow", text));
    let compiled = texts.parse().compile();
    assert!(compiled.is_sound(), "{}", render::plain(&compiled.diagnostics, &compiled.sources));
    compiled
}

/// The rules of a script.
pub(super) fn script(text: &str) -> Vec<Program> {
    workspace(text).programs.iter().map(|program| (**program).clone()).collect()
}
