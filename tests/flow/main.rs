//! The one integration binary: a module per area, each reading text files of `tests/data`.

mod events;
mod schema;
