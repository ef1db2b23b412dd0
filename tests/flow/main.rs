//! All integration tests in one binary, a module per area.

mod syntax;
