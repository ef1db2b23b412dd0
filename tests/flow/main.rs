//! The one integration binary: a module per area, most of them reading text files of `tests/data`.

#[cfg(test)]
mod engine;
mod events;
mod import;
mod machine;
mod run;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod syntax;
