//! Flow, the language of Dealflow, for programs that use tree-sitter.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_flow() -> *const ();
}

/// The grammar.
// Sound: the function is the one that the generator wrote for this very purpose.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_flow) };

/// Colours.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");

/// Which parts fold.
pub const FOLDS_QUERY: &str = include_str!("../../queries/folds.scm");

/// Which lines are indented.
pub const INDENTS_QUERY: &str = include_str!("../../queries/indents.scm");
