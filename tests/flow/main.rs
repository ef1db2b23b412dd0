//! The one integration binary: a module per area, most of them reading text files of `tests/data`.

//mod engine;
mod errors;
mod machine;
mod schema;
mod syntax;
mod workspace;
