//! The machine: operators, functions, waits, its stored form.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: a test that cannot go on must fail"
)]

pub(crate) mod asm;
mod functions;
mod operators;
mod property;
mod stored;
mod waits;
mod workspace;
mod wrong;
