//! All integration tests in one binary, a module per area.

mod syntax;
mod syntax_props;
