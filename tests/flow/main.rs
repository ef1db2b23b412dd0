//! All integration tests in one binary, a module per area.

mod format;
mod syntax;
mod syntax_props;
