//! The one integration binary: a module per area, each reading text files of `tests/data`.

mod events;
mod import;
mod schema;
