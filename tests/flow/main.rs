//! The one integration binary: a module per area, most of them reading text files of `tests/data`.
//!
//! `cfg(test)` says to clippy what the whole binary is: helpers may unwrap here too.

#[cfg(test)]
mod engine;
#[cfg(test)]
mod events;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod run;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod syntax;
